"""Raw forms by their first bytes: a file of works, patents or trade is no table to be drafted.

Reads: the beginning of one file.
Writes: nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from listgen.stage.tables.grid import open_bytes
from listgen.store.sqlfile import SqlFile

_HEAD = 1 << 20
# Fields that only records of one form have, by form.
_JSON_FIELDS = {
    "openalex_work": {"authorships", "referenced_works"},
    "google_patent": {"publication_number", "family_id"},
    "lens_patent_json": {"lens_id"},
    "comtrade_page": {"data", "elapsedTime"},
    "openalex_page": {"meta", "results"},
}
OTHER_JSON = "JSON"
OTHER_XML = "XML"
OTHER_PARQUET = "Parquet"


def recognise_form(path: Path, readers: Mapping[str, SqlFile]) -> str | None:
    """Return the form of a file of records, or the name of its format where the form is not known.

    None for a table.

    Args:
        path: The file, as it is or packed with gzip.
        readers: Reader SQL by form; delimited forms are known by their columns.
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with open_bytes(path, "gzip" if packed else "none") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"PAR1"):
        return OTHER_PARQUET
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return None
    text = head.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("<?xml"):
        return OTHER_XML
    if text.startswith(("{", "[{")):
        return _json_form(text)
    return _delimited_form(text.split("\n", 1)[0].rstrip("\r"), readers)


def _json_form(text: str) -> str:
    line = text.split("\n", 1)[0]
    try:
        first = json.loads(line)
    except ValueError:
        present = {
            field for fields in _JSON_FIELDS.values() for field in fields if f'"{field}"' in text[:20_000]
        }
    else:
        present = set(first[0] if isinstance(first, list) and first else first)
    return next((form for form, fields in _JSON_FIELDS.items() if fields <= present), OTHER_JSON)


def _delimited_form(header: str, readers: Mapping[str, SqlFile]) -> str | None:
    for form, reader in readers.items():
        if reader.header["layout"] != "delimited":
            continue
        names = [name.strip().strip('"') for name in header.split(str(reader.header.get("delimiter", "\t")))]
        wanted = set(reader.header["columns"])
        if len(wanted) > 2 and wanted <= set(names):
            return form
    return None
