"""Publications in the XML of the EPO (OPS answers, exchange documents) as JSON lines DuckDB can read.

A family answer lists the members of the extended (INPADOC) family and says of each in which simple (DOCDB) family it is; only the
simple one is handed on as a family.

Reads: a raw file.
Writes: a scratch copy beside the cache, gone when the file is parsed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from listgen.base.provenance import canonical_json
from listgen.base.rawstore import HeldFile
from listgen.base.text import t
from listgen.base.xmltext import Element, XmlError, local_name, parse_xml
from listgen.stage.integrity import bad_file

REWRITTEN = "(write the publications that {raw} lists, with office, number, kind, date and family-id, as JSON lines in {text})"
_FIELDS = {"country": "office", "doc-number": "number", "kind": "kind", "date": "date"}


def as_lines(held: HeldFile, path: Path, folder: Path) -> Path:
    """Return a file with one JSON object a listed publication, in the order they stand.

    Raises:
        DataError: It is no XML, or XML that defines entities of its own.
    """
    try:
        root = parse_xml(path.read_bytes())
    except XmlError as error:
        raise bad_file(held, str(error)) from error
    if local_name(root) != "world-patent-data":
        raise bad_file(held, t("is no answer of the EPO: its root is {name}", name=local_name(root)[:60]))
    target = folder / f"{held.raw_digest}.{held.source_id}.jsonl"
    target.write_text("".join(canonical_json(record) + "\n" for record in _publications(root)), encoding="utf-8")
    return target


def _publications(root: Element) -> Iterator[dict[str, str]]:
    """Give each publication with its family; `asked` is the one the answer is about."""
    asked = ""
    members = [one for one in root.iter() if local_name(one) == "family-member"]
    if members:
        parent = members[0].getparent()
        asked = next((_joined(document) for document in _documents(parent)), "")
        for member in members:
            for document in _documents(member):
                yield document | {"family_id": member.get("family-id", ""), "asked": asked}
        return
    for one in root.iter():
        if local_name(one) == "exchange-document":
            document = {"office": one.get("country", ""), "number": one.get("doc-number", ""), "kind": one.get("kind", "")}
            yield document | {"family_id": one.get("family-id", ""), "asked": _joined(document)}


def _documents(parent: Element) -> Iterator[dict[str, str]]:
    """Give the publications right below an element, in the form of DOCDB."""
    for reference in parent:
        if local_name(reference) != "publication-reference":
            continue
        for document in reference:
            if document.get("document-id-type", "docdb") == "docdb":
                texts = {local_name(part): (part.text or "").strip() for part in document}
                yield {name: texts.get(tag, "") for tag, name in _FIELDS.items()}


def _joined(document: dict[str, str]) -> str:
    return f"{document['office']}-{document['number']}"
