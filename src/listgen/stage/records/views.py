"""The parsed files as views.

`read_<form>` holds every good record of a form once, whatever file it stands in.

Of records with one id the newest state wins (`updated` in the reader's header), then the first by raw file
and line.

Reads: data/stage. Writes: temporary views and tables of the build's connection: read_<form>, rejected_record,
duplicate_record, used_record, excluded_record, staged_file, confirmed_request.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from listgen.config.models import Source
from listgen.stage.records.task import StagedFile
from listgen.stage.tables.cells import EMPTY_PARAMS
from listgen.stage.tables.plan import with_declared_cell
from listgen.store.sqlfile import SqlFile, parameter_names, quoted
from listgen.store.warehouse import RECORDS_STEP, Statement, Warehouse

# The columns of each reader's statement with their types. To find them costs as much as to read a file, so a
# process does it once.
_columns: dict[tuple[str, ...], str] = {}

# BACI_HS22_Y2024_V202601.csv: the name says revision, year and release.
_RELEASE = re.compile(r"(?P<yearly>[^/]*_Y[12]\d{3})_V(?P<release>\d{6})")
_REJECTED = (
    "source_id, raw_digest, raw_line, reject_field, reject_reason, reject_excerpt, {summary} AS is_summary"
)
_NO_REJECTED = (
    "SELECT '' AS source_id, '' AS raw_digest, 0 AS raw_line, '' AS reject_field, '' AS reject_reason, ''"
    " AS reject_excerpt, false AS is_summary WHERE false"
)
_COUNTED = "form_id VARCHAR, source_id VARCHAR, raw_digest VARCHAR"
# Kinds of evidence of which the core tables say which records they use.
_COUNTED_BY_TABLE = ("works", "trade")

# Which records are used: what could be read and its reader does not leave out, and of one id the newest
# state.
_DUPLICATE_RECORD = """
CREATE OR REPLACE TEMP TABLE duplicate_record (
  form_id VARCHAR, source_id VARCHAR, raw_digest VARCHAR, raw_line BIGINT, key_field VARCHAR,
  key_text VARCHAR, outcome VARCHAR)
""".strip()
_ACCEPTED = """
CREATE OR REPLACE TEMP VIEW accepted_{form} AS
SELECT * EXCLUDE ({judgement}) FROM record_{form} WHERE reject_reason IS NULL{used}
""".strip()
_NOT_REPLACED = """ AS record
WHERE NOT EXISTS (
  FROM duplicate_record AS other
  WHERE other.form_id = '{form}' AND other.raw_digest = record.raw_digest AND other.raw_line = record.raw_line
    AND other.source_id = record.source_id)"""

# The records that another one of the same id replaces, and how they compare with it. Content is every staged
# field: two states that differ only in fields nothing here uses are the same.
_DUPLICATES = """
INSERT INTO duplicate_record
WITH repeated AS (
  SELECT {key} FROM accepted_{form} WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1
),
state AS (
  SELECT source_id, raw_digest, raw_line, {key}, {updated} AS state_date,
    CAST(row(*COLUMNS(* EXCLUDE (source_id, raw_digest, raw_line))) AS VARCHAR) AS content
  FROM accepted_{form}
  WHERE {key} IN (SELECT {key} FROM repeated)
),
compared AS (
  SELECT *, row_number() OVER newest AS position, first_value(content) OVER newest AS kept_content,
    first_value(state_date) OVER newest AS kept_date
  FROM state
  WINDOW newest AS (PARTITION BY {key} ORDER BY state_date DESC NULLS LAST, raw_digest, raw_line, source_id)
)
SELECT '{form}' AS form_id, source_id, raw_digest, raw_line, '{key}' AS key_field,
  CAST({key} AS VARCHAR) AS key_text, CASE
    WHEN content = kept_content THEN 'identical'
    WHEN state_date IS DISTINCT FROM kept_date THEN 'superseded'
    ELSE 'conflicting' END AS outcome
FROM compared
WHERE position > 1
"""


_READING = """
CREATE TABLE prov.reading (
  form_id VARCHAR NOT NULL, raw_digest VARCHAR NOT NULL, source_id VARCHAR NOT NULL, sql VARCHAR NOT NULL,
  params VARCHAR NOT NULL,
  PRIMARY KEY (form_id, raw_digest, source_id));
COMMENT ON TABLE prov.reading IS
  'Each row is how one raw file was read; an empty digest: no file of the form is held '
  '/ 各行は生ファイル1件の読み取り方';
"""


def open_records(
    warehouse: Warehouse,
    readers: Mapping[str, SqlFile],
    counted: Sequence[StagedFile],
    sources: Mapping[str, Source],
) -> None:
    """Make the views of all forms; a form of which nothing is held is empty.

    Args:
        warehouse: The build.
        readers: Reader SQL by form.
        counted: All parsed files; rows of those that are not used are counted as excluded by rule.
        sources: The declared sources by id: they say which releases are used.
    """
    staged = without_older_releases(counted, sources)
    kept = _Kept(warehouse)
    kept.run("duplicate_record", _DUPLICATE_RECORD)
    _open_files(warehouse, counted or staged)
    rejected = []
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty"
        empty.touch()
        for form, reader in readers.items():
            files = [file for file in staged if file.held.form_id == form]
            if not files:
                _open_empty(kept, form, readers[reader.header.get("empty_as", form)], empty)
                continue
            for file in files:
                kept.reading(form, file.held.raw_digest, file.held.source_id, file.sql, file.params_text)
            warehouse.execute(f"CREATE OR REPLACE TEMP VIEW record_{form} AS FROM {_parquet(files)}")
            _open_distinct(kept, form, reader)
            broken = [file for file in files if file.n_rejected]
            if broken:
                rejected.append(
                    f"SELECT {_REJECTED.format(summary=_summary(reader))} FROM {_parquet(broken)}"
                    f" WHERE reject_reason IS NOT NULL{_unless_excluded(reader)}"
                )
    kept.write()
    warehouse.execute(
        "CREATE OR REPLACE TEMP VIEW rejected_record AS " + " UNION ALL ".join(rejected or [_NO_REJECTED])
    )
    _count_used(warehouse, readers, staged)
    _count_excluded(warehouse, readers, counted or staged, staged)
    _open_requests(warehouse, readers)


def _open_requests(warehouse: Warehouse, readers: Mapping[str, SqlFile]) -> None:
    """Make confirmed_request: the rows of every index of answers that names possible parts (`confirms`)."""
    rows = [
        f"SELECT source_id, unit, n_world, is_unconfirmed FROM read_{form}"
        for form, reader in readers.items()
        if reader.header.get("confirms")
    ]
    warehouse.execute("CREATE OR REPLACE TEMP VIEW confirmed_request AS " + " UNION ALL ".join(rows))


def _open_files(warehouse: Warehouse, staged: Sequence[StagedFile]) -> None:
    """Make staged_file: what was counted of each raw file while it was read."""
    warehouse.execute(
        "CREATE OR REPLACE TEMP TABLE staged_file (form_id VARCHAR, source_id VARCHAR, raw_digest VARCHAR,"
        " file_name VARCHAR, n_rows BIGINT, n_records BIGINT, n_rejected BIGINT, n_excluded BIGINT, is_cut"
        " BOOLEAN)"
    )
    for file in staged:
        held = file.held
        warehouse.execute(
            "INSERT INTO staged_file VALUES ($form, $source, $digest, $name, $rows, $records, $rejected, "
            "$excluded, $cut)",
            {"form": held.form_id, "source": held.source_id, "digest": held.raw_digest,
                "name": held.file_name, "rows": file.n_rows,
             "records": file.n_records, "rejected": file.n_rejected, "excluded": file.n_excluded,
             "cut": file.is_cut},
        )  # fmt: skip


def _count_used(warehouse: Warehouse, readers: Mapping[str, SqlFile], staged: Sequence[StagedFile]) -> None:
    """Make used_record: how many records of each raw file are used, of forms whose records are rows."""
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE used_record ({_COUNTED}, n BIGINT)")
    for form in {file.held.form_id for file in staged}:
        if readers[form].header["kind"] in _COUNTED_BY_TABLE or readers[form].header["layout"] == "declared":
            continue
        digest = "raw_digest"
        if readers[form].header["layout"] == "xml":  # answers are read together, and known by one digest
            known = [(f.held.source_id, f.held.raw_digest) for f in staged if f.held.form_id == form]
            digest = (
                "CASE source_id " + " ".join(f"WHEN {quoted(s)} THEN {quoted(d)}" for s, d in known) + " END"
            )
        warehouse.execute(
            f"INSERT INTO used_record SELECT {quoted(form)}, source_id, {digest}, count(*) FROM read_{form}"
            " GROUP BY ALL"
        )


def _count_excluded(
    warehouse: Warehouse,
    readers: Mapping[str, SqlFile],
    counted: Sequence[StagedFile],
    staged: Sequence[StagedFile],
) -> None:
    """Make excluded_record: how many rows of each raw file a rule leaves out before they become records."""
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE excluded_record ({_COUNTED}, rule VARCHAR, n BIGINT)")
    used = set(staged)
    for file in counted:
        held, header = file.held, readers[file.held.form_id].header
        named = {"form": held.form_id, "source": held.source_id, "digest": held.raw_digest}
        head = "INSERT INTO excluded_record SELECT $form, $source, $digest, "
        if file.n_excluded and file in used:
            rules = f"SELECT excluded_by, n_excluded FROM {_parquet([file])} WHERE excluded_by IS NOT NULL"
            warehouse.execute(f"{head}excluded_by, sum(n_excluded) FROM ({rules}) GROUP BY ALL", named)
        elif file not in used:
            rows = f"1 - CAST({_summary(readers[held.form_id])} AS INTEGER)"
            rows = f"coalesce(n_excluded, {rows})" if header.get("excludes") else rows
            warehouse.execute(
                f"{head}'an older release of the file', sum({rows}) FROM {_parquet([file])}", named
            )


class _Kept:
    """What `trace` needs of how the records were read and chosen, written in one go."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self._statements: list[Statement] = []
        self._readings: list[dict[str, str]] = []

    def run(self, statement_id: str, sql: str) -> None:
        """Run a statement over records and keep its text."""
        self.warehouse.execute(sql)
        self._statements.append(Statement(statement_id, sql, {}, ()))

    def reading(self, form: str, digest: str, source_id: str, sql: str, params: str) -> None:
        """Keep how a file was read."""
        row = {"form_id": form, "raw_digest": digest, "source_id": source_id, "sql": sql, "params": params}
        self._readings.append(row)

    def write(self) -> None:
        """Write what was kept to prov.statement and prov.reading."""
        self.warehouse.record(RECORDS_STEP, *self._statements)
        self.warehouse.execute(_READING)
        self.warehouse.write("prov.reading", pl.DataFrame(self._readings))


def _open_distinct(kept: _Kept, form: str, reader: SqlFile) -> None:
    """Make read_<form>: of the records record_<form> the accepted ones, and of each id the one that is used.

    The statements are kept in the order in which they run: `trace` runs the same ones over the raw bytes.
    """
    accepted = _ACCEPTED.format(form=form, judgement=_judgement(reader), used=_unless_excluded(reader))
    kept.run(f"accepted_record/{form}", accepted)
    sql = f"CREATE OR REPLACE TEMP VIEW read_{form} AS SELECT * FROM accepted_{form}"
    key = reader.header.get("key")
    if key:
        updated = reader.header.get("updated") or "CAST(NULL AS DATE)"
        kept.run(f"duplicate/{form}", _DUPLICATES.format(form=form, key=key, updated=updated).strip())
        if kept.warehouse.scalar(
            "SELECT count(*) FROM duplicate_record WHERE form_id = $form", {"form": form}
        ):
            sql += _NOT_REPLACED.format(form=form)
    kept.run(f"used_record/{form}", sql)


def _open_empty(kept: _Kept, form: str, reader: SqlFile, empty: Path) -> None:
    """Make read_<form> without a row but with the reader's own columns and types."""
    sql, warehouse = reader.sql, kept.warehouse
    if reader.header["layout"] == "declared":
        cells = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in reader.header["cell"])
        sql = with_declared_cell(
            sql, f"printed AS (SELECT CAST(NULL AS BIGINT) AS raw_line, {cells} WHERE false)"
        )
    params: dict[str, Any] = {
        "path": str(empty),
        "compression": "none",
        "n_text_bytes": 1 << 20,
        "n_line_bytes": 1 << 20,
        "has_defects": False,
        "as_of_year": 0,
        "topics": [""],
        "columns": dict.fromkeys(reader.header.get("columns") or (), "VARCHAR"),
    } | EMPTY_PARAMS
    chosen = f"SELECT '' AS raw_digest, '' AS source_id, * EXCLUDE ({_judgement(reader)}) FROM (\n{sql}\n)"
    known = (chosen, *params["columns"])
    if known not in _columns:
        warehouse.execute(
            f"CREATE OR REPLACE TEMP TABLE read_{form} AS {chosen} WHERE false",
            {name: value for name, value in params.items() if name in parameter_names(sql)},
        )
        columns = warehouse.rows(f"SELECT column_name, column_type FROM (DESCRIBE read_{form})")
        _columns[known] = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns)
    nothing = f"SELECT {_columns[known]} WHERE false"
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE read_{form} AS {nothing}")
    kept.reading(form, "", "", nothing, "{}")


def _judgement(reader: SqlFile) -> str:
    """Return the columns that say whether a record is used: they are not part of it."""
    columns = ["reject_field", "reject_reason", "reject_excerpt"]
    columns += ["excluded_by", "n_excluded"] if reader.header.get("excludes") else []
    columns += ["is_summary"] if reader.header.get("sums_up") else []
    return ", ".join(columns)


def _summary(reader: SqlFile) -> str:
    """Return the SQL that says of a record that it speaks of several rows and is none of them."""
    return "coalesce(is_summary, false)" if reader.header.get("sums_up") else "false"


def _unless_excluded(reader: SqlFile) -> str:
    return " AND excluded_by IS NULL" if reader.header.get("excludes") else ""


def _parquet(files: Sequence[StagedFile]) -> str:
    paths = ", ".join(quoted(file.parquet) for file in files)
    return f"read_parquet([{paths}])"


def without_older_releases(staged: Sequence[StagedFile], sources: Mapping[str, Source]) -> list[StagedFile]:
    """Return the files to use: of each yearly file the newest release only, where the source declares it.

    A file without a release in its name stays, and so do two files of one release: a build refuses them if
    they share a year.

    Args:
        staged: The parsed files.
        sources: The declared sources by id.
    """
    newest: dict[tuple[str, str, str], str] = {}
    named = [(file, _key_and_release(file, sources)) for file in staged]
    for _, found in named:
        if found:
            newest[found[0]] = max(newest.get(found[0], ""), found[1])
    return [file for file, found in named if not found or found[1] == newest[found[0]]]


def _key_and_release(
    file: StagedFile, sources: Mapping[str, Source]
) -> tuple[tuple[str, str, str], str] | None:
    """Return which yearly file this is and its release; None where the source does not choose by release."""
    held = file.held
    if held.source_id not in sources or sources[held.source_id].releases != "newest":
        return None
    match = _RELEASE.search(held.file_name)
    return ((held.source_id, held.form_id, match["yearly"]), match["release"]) if match else None
