"""Patents of every provider in one form.

Five interface tables, each the union of what the providers' files select.

`<kind>.sql` here declares the columns of an interface table, as a SELECT without rows.
`<provider>/<kind>.sql` selects what a provider has of them, from the views `read_<form>`; columns it leaves
out are NULL, and a kind it has nothing of needs no file. A new provider is one folder here and its readers in
`stage/read/`. The core tables read the interface tables only.

Reads: read_<form> of the patent forms; core.patent_publication and citing_publication where a provider's file
names them. Writes: the temporary views provider_publication, provider_person, provider_cpc,
provider_citation, provider_member.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from listgen.base.errors import CouldNotCheckError, nearest
from listgen.base.text import t
from listgen.store.sqlfile import SqlFile, load_sql_dir

__all__ = ["load_interfaces"]

_HERE = Path(__file__).parent


def load_interfaces(folder: Path = _HERE) -> dict[str, SqlFile]:
    """Return the statement that makes each interface table, by the table's name.

    Args:
        folder: Folder of the declarations and of the providers' folders.

    Raises:
        CouldNotCheckError: A provider has a file of an unknown kind; it ships with the package, so this is a
            defect of ours.
    """
    kinds = load_sql_dir(folder)
    providers = {
        path.name: load_sql_dir(path)
        for path in sorted(folder.iterdir())
        if path.is_dir() and any(path.glob("*.sql"))
    }
    for provider, files in providers.items():
        for unknown in sorted(files.keys() - kinds.keys()):
            raise CouldNotCheckError(
                t(
                    "stage/patents/{provider}/{kind}.sql: no interface table has this name.",
                    provider=provider,
                    kind=unknown,
                )
                + nearest(unknown, kinds),
                t("Expected one of: {names}.", names=", ".join(kinds)),
            )
    return {
        str(declared.header["table"]): _union(
            declared, {name: files[kind] for name, files in providers.items() if kind in files}
        )
        for kind, declared in kinds.items()
    }


def _union(declared: SqlFile, selects: Mapping[str, SqlFile]) -> SqlFile:
    """Return the view of an interface table: its declared columns, and the rows of every provider."""
    table = str(declared.header["table"])
    parts = [declared.sql, *(f"-- {name}\nSELECT * FROM (\n{file.sql}\n)" for name, file in selects.items())]
    inputs = tuple(dict.fromkeys(name for file in selects.values() for name in file.inputs))
    sql = f"CREATE TEMP VIEW {table} AS\n" + "\nUNION ALL BY NAME\n".join(parts) + ";"
    return SqlFile(table, declared.path, declared.header, sql, inputs=inputs)
