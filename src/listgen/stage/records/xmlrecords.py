"""Publications in the EPO's XML (OPS answers, exchange documents) as JSON lines, a file per source.

A family answer lists the members of the extended (INPADOC) family and says of each in which simple (DOCDB)
family it is; only the simple one is handed on as a family. Answers are small and there are thousands of them:
read one by one, the statements would cost a hundred times what the reading costs.

Reads: raw files.
Writes: a scratch copy beside the cache, gone when the files are parsed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from listgen.base.errors import DataError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.base.xmltext import Element, XmlError, local_name, parse_xml
from listgen.config.models import Source
from listgen.stage.records.integrity import bad_file, check_bytes
from listgen.store.raw import HeldFile, snapshots
from listgen.store.sqlfile import SqlFile

# For whoever recomputes a figure with DuckDB alone, which reads no XML: run in the workspace folder.
REWRITTEN = "python -m listgen.stage.records.xmlrecords {source} {digest} > {{text}}"


def _element(name: str) -> re.Pattern[bytes]:
    """Return what finds a whole element in the bytes of a document, whatever its prefix."""
    tag = rf"(?:[\w.-]+:)?{name}"
    return re.compile(rf"<{tag}\b(?:[^>]*/>|.*?</{tag}\s*>)".encode(), re.DOTALL)


_MEMBER, _REFERENCE = _element("family-member"), _element("publication-reference")
_NUMBER = re.compile(rb"<(?:[\w.-]+:)?document-id\b[^>]*>")
_KIND = re.compile(rb"document-id-type\s*=\s*[\"']([^\"']*)")
_DOCUMENT = re.compile(rb"<(?:[\w.-]+:)?exchange-document[\s>]")
_FIELDS = {"country": "office", "doc-number": "number", "kind": "kind", "date": "date"}
_NO_NUMBER = dict.fromkeys(_FIELDS.values(), "")
# What is written for an answer that lists no publication: the provider knows the number and no family of it.
_NO_MEMBER = {"family_id": "", "asked": "", "is_empty": "true"} | _NO_NUMBER


@dataclass(frozen=True, order=True)
class Answers(HeldFile):
    """All answers of a source in one form, read as if they were one file.

    Its digest is that of their digests.
    """

    parts: tuple[HeldFile, ...] = ()


def gathered(held: Sequence[HeldFile], readers: Mapping[str, SqlFile]) -> list[HeldFile]:
    """Return the files with the XML answers of each source and form put together."""
    answers: dict[tuple[str, str], list[HeldFile]] = {}
    found: list[HeldFile] = []
    for file in held:
        if readers[file.form_id].header["layout"] == "xml":
            answers.setdefault((file.source_id, file.form_id), []).append(file)
        else:
            found.append(file)
    return found + [_together(parts) for parts in answers.values()]


def _together(parts: Sequence[HeldFile]) -> Answers:
    last = max(parts, key=lambda part: part.as_of_date)
    name = parts[0].file_name if len(parts) == 1 else t("{n} answers", n=len(parts))
    n_bytes = sum(part.n_bytes for part in parts)
    return Answers(
        last.source_id,
        last.form_id,
        name,
        digest_of(parts),
        n_bytes,
        last.as_of_date,
        last.path,
        tuple(parts),
    )


def digest_of(parts: Sequence[HeldFile]) -> str:
    """Return the identity of a set of files: the digest of their digests, in order."""
    return sha256_text("".join(f"{digest}\n" for digest in sorted(part.raw_digest for part in parts)))


def as_lines(answers: Answers, source: Source, folder: Path) -> tuple[Path, str, int]:
    """Return a file with one JSON object a listed publication, the command that writes it, and the count.

    The objects are in the order of the answers. Publications are counted by the bytes of the answers, apart
    from what is read of them.

    Raises:
        DataError: An answer is not as it was acquired, no XML, or XML that defines entities of its own; all
            such answers are named.
    """
    target = folder / f"{answers.raw_digest}.{source.id}.jsonl"
    broken: list[DataError] = []
    n_records = 0
    with target.open("w", encoding="utf-8") as stream:
        for part in answers.parts:
            try:
                readable = check_bytes(part, source, folder)
                body = readable.path.read_bytes()
                stream.writelines(_lines(part, body))
                n_records += n_listed(body)
            except DataError as error:
                broken.append(error)
    if broken:
        raise DataError("\n".join(error.what for error in broken), broken[0].expected, broken[0].next_step)
    return target, REWRITTEN.format(source=source.id, digest=answers.raw_digest), n_records


def n_listed(body: bytes) -> int:
    """Return how many publications an answer lists, by its tags; an answer without any is one row."""
    members = _MEMBER.findall(body)
    if not members:
        return max(1, len(_DOCUMENT.findall(body)))
    return sum(max(1, sum(map(_n_numbers, _REFERENCE.findall(member)))) for member in members)


def _n_numbers(reference: bytes) -> int:
    kinds = [_KIND.search(tag) for tag in _NUMBER.findall(reference)]
    return sum(kind is None or kind[1] == b"docdb" for kind in kinds)


def _lines(held: HeldFile, body: bytes) -> Iterator[str]:
    try:
        root = parse_xml(body)
    except XmlError as error:
        raise bad_file(held, str(error)) from error
    if local_name(root) != "world-patent-data":
        raise bad_file(held, t("is no answer of the EPO: its root is {name}", name=local_name(root)[:60]))
    records = list(_publications(root)) or [_NO_MEMBER]
    for number, record in enumerate(records, start=1):
        yield canonical_json(record | {"file": held.raw_digest, "line": number}) + "\n"


def _publications(root: Element) -> Iterator[dict[str, str]]:
    """Give each publication with its family; `asked` is the one the answer is about."""
    asked = ""
    members = [one for one in root.iter() if local_name(one) == "family-member"]
    if members:
        parent = members[0].getparent()
        asked = next((_joined(document) for document in _documents(parent)), "")
        for member in members:
            for document in list(_documents(member)) or [_NO_NUMBER]:
                yield document | {"family_id": member.get("family-id", ""), "asked": asked}
        return
    for one in root.iter():
        if local_name(one) == "exchange-document":
            document = {
                "office": one.get("country", ""),
                "number": one.get("doc-number", ""),
                "kind": one.get("kind", ""),
            }
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


def main(source_id: str, digest: str) -> None:
    """Print the JSON lines of the answers with this joint digest, from the current folder's raw store."""
    for snapshot in snapshots(Path("data/raw"), source_id):
        parts = [file for file in snapshot.files if file.form_id == "epo_ops"]
        if digest_of(parts) == digest:
            for part in parts:
                sys.stdout.writelines(_lines(part, part.path.read_bytes()))
            return
    sys.exit(
        t(
            "data/raw/snapshots/{source}: no snapshot holds the answers {digest}.",
            source=source_id,
            digest=digest,
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
