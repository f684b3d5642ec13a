"""The way back from a value.

Its SQL, the rows behind it, the raw files with digest and licence, and a script that recomputes it.

Reads: a finished build's listgen.duckdb, the places of files in data/raw.
Writes: nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from listgen.base.errors import UsageError
from listgen.base.text import language, t
from listgen.config.loader import Workspace
from listgen.store.raw import raw_path
from listgen.store.sqlfile import parameter_names
from listgen.store.warehouse import Warehouse
from listgen.trace.reading import find_technology, open_finished, plain_value, records, require_known
from listgen.trace.recompute import recompute_script
from listgen.trace.words import grade_word, value_word

_N_ROWS = 10
# A published figure has the names that indicators give it as evidence: with the area, or without it where the
# area is the value's own.
_FLAGS = """
WITH figure AS (
  SELECT raw_digest, raw_line, series_id || ' ' || CAST(period_year AS VARCHAR) AS item_id, area_code, flag
    FROM core.statistic
  UNION ALL
  SELECT raw_digest, raw_line, commodity_id || ' ' || stage_id || ' ' || CAST(period_year AS VARCHAR),
    country_code, flag FROM core.supply
)
SELECT raw_digest, raw_line, item_id || suffix AS item_id, flag
FROM figure, LATERAL (SELECT unnest(['', ' ' || area_code]) AS suffix)
WHERE flag IS NOT NULL AND list_contains($digests, raw_digest)
ORDER BY ALL
"""


def trace(workspace: Workspace, folder: Path, reference: str) -> dict[str, Any]:
    """Return everything behind one value.

    Args:
        workspace: Where the raw bytes are.
        folder: The finished build.
        reference: `<indicator_id>/<technology_id>/<country_code>`, as printed beside every figure.

    Raises:
        UsageError: The reference is malformed or names nothing in this build.
    """
    with open_finished(folder) as warehouse:
        keys = _keys(warehouse, reference)
        where = " AND ".join(f"{name} = ${name}" for name in keys)
        value = records(warehouse, f"SELECT * FROM ind.value WHERE {where}", **keys)[0]
        indicator_id = keys["indicator_id"]
        definition = records(
            warehouse, "SELECT * FROM ind.definition WHERE indicator_id = $id", id=indicator_id
        )[0]
        statement = _statement(warehouse, indicator_id)
        rows = _evidence(warehouse, indicator_id, keys, statement["params"])
        files = _raw_files(warehouse, workspace, rows["digests"])
        script = recompute_script(warehouse, keys)
    return {
        "build": folder.name,
        "reference": "/".join(keys.values()),
        "is_sample": workspace.config.is_sample,
        "value": value,
        "definition": definition,
        "statement": statement,
        "rows": rows["rows"],
        "n_rows": rows["n_rows"],
        "raw_files": files,
        "recompute_sql": script,
    }


def _keys(warehouse: Warehouse, reference: str) -> dict[str, str]:
    """Return indicator_id, technology_id and country_code of a value of this build.

    Raises:
        UsageError: The reference is malformed or names nothing in this build.
    """
    parts = reference.split("/")
    if len(parts) != 3:
        raise UsageError(
            t('"{reference}" is not a reference.', reference=reference),
            t("Expected INDICATOR/TECHNOLOGY/COUNTRY."),
            t("Example: listgen trace s1_top10_share/quantum_computing/JP"),
        )
    indicator_id, technology_id, country_code = parts
    indicators = warehouse.rows("SELECT indicator_id FROM ind.definition ORDER BY 1")
    require_known(indicator_id, [row[0] for row in indicators], t("an indicator"))
    keys = {"indicator_id": indicator_id, "technology_id": find_technology(warehouse, technology_id)}
    countries = warehouse.rows(
        "SELECT DISTINCT country_code FROM ind.value WHERE indicator_id = $indicator_id AND technology_id ="
        " $technology_id ORDER BY 1",
        keys,
    )
    require_known(country_code, [row[0] for row in countries], t("a country with a value"))
    return keys | {"country_code": country_code}


def _statement(warehouse: Warehouse, statement_id: str) -> dict[str, Any]:
    sql = "SELECT sql, params, inputs FROM prov.statement WHERE step = 'indicators' AND statement_id = $id"
    row = records(warehouse, sql, id=statement_id)[0]
    return {"sql": row["sql"], "params": json.loads(row["params"]), "inputs": row["inputs"]}


def _evidence(
    warehouse: Warehouse, indicator_id: str, keys: dict[str, str], params: dict[str, Any]
) -> dict[str, Any]:
    """Return the first rows behind the value with their file, and the digests of all files that carry any."""
    evidence = _statement(warehouse, f"{indicator_id}/evidence")
    if not evidence["sql"]:
        return {"rows": [], "n_rows": 0, "digests": []}
    names = parameter_names(evidence["sql"])
    given = {name: value for name, value in (params | evidence["params"] | keys).items() if name in names}
    frame = warehouse.frame(evidence["sql"], given)
    first = [
        {key: plain_value(value) for key, value in row.items()} for row in frame.head(_N_ROWS).to_dicts()
    ]
    names_of = dict(
        warehouse.rows("SELECT raw_digest, min(file_name) FROM core.raw_file GROUP BY raw_digest")
    )
    for row in first:
        row["file_name"] = names_of.get(row["raw_digest"])
    _add_flags(warehouse, first)
    digests = set(frame["raw_digest"].drop_nulls().to_list())
    # A family that was looked up is told by an answer, which carries no row of its own.
    told = (
        "SELECT DISTINCT told.family_raw_digest FROM ({sql}) AS row JOIN core.patent_publication AS told"
        " USING (raw_digest, raw_line)"
    )
    digests |= {row[0] for row in warehouse.rows(told.format(sql=evidence["sql"]), given) if row[0]}
    return {"rows": first, "n_rows": frame.height, "digests": sorted(digests)}


def _add_flags(warehouse: Warehouse, rows: list[dict[str, Any]]) -> None:
    """Add the publisher's flag, such as p (provisional), to the rows of published figures that carry one.

    Args:
        warehouse: The finished build; one of an earlier version may have no flags.
        rows: Rows of evidence; `flag` is set where a figure is printed with one.
    """
    known = (
        "SELECT count(*) FROM duckdb_columns() WHERE table_name IN ('statistic', 'supply') AND column_name ="
        " 'flag'"
    )
    if not rows or warehouse.scalar(known) != 2:
        return
    digests = sorted({row["raw_digest"] for row in rows if row["raw_digest"]})
    flags = {
        (digest, line, item): flag
        for digest, line, item, flag in warehouse.rows(_FLAGS, {"digests": digests})
    }
    for row in rows:
        flag = flags.get((row["raw_digest"], row["raw_line"], row["item_id"]))
        if flag:
            row["flag"] = flag


def _raw_files(warehouse: Warehouse, workspace: Workspace, digests: list[str]) -> list[dict[str, Any]]:
    sql = (
        "SELECT f.raw_digest AS sha256, f.file_name, f.n_bytes, f.form_id, s.source_id, s.title_en,"
        " s.title_ja, s.producer, s.grade, s.is_sample, s.sampling_frame_en, s.licence_id, s.licence_class,"
        " s.licence_text_en, s.licence_text_ja, s.citation, s.url, f.as_of_date FROM core.raw_file AS f JOIN"
        " core.source AS s USING (source_id) WHERE list_contains($digests, f.raw_digest) ORDER BY"
        " f.file_name, s.source_id"
    )
    rows = records(warehouse, sql, digests=digests)
    for row in rows:
        row["path"] = raw_path(workspace.raw, row["sha256"]).relative_to(workspace.root).as_posix()
    return rows


def _told(value: dict[str, Any], unit: str) -> Iterator[str]:
    """Yield what is said of a value: figure and interval or why there is none, n, years, kind of evidence.

    What is not there is left out.
    """
    if value["value"] is None:
        yield value_word(value["status"])
    else:
        interval = (
            "" if value["value_lo"] is None else f" ({value['value_lo']:.6g} - {value['value_hi']:.6g})"
        )
        yield f"{value['value']:.6g}{interval} {unit}"
    if value["n"] is not None:
        yield f"n = {value['n']}"
    if value["period_first_year"] is not None:
        yield f"{value['period_first_year']}-{value['period_last_year']}"
    yield grade_word(value["grade"])


def _evidence_line(row: dict[str, Any]) -> str:
    """Return one row of evidence as a line.

    Contribution, what it is, where it is, and the flag printed with it.
    """
    line = (
        f"  {row['contribution']:.6g}  {row['item_id']}  {row['file_name']},"
        f" {t('record {number}', number=row['raw_line'])}"
    )
    return line + (", " + t("flag {flag}", flag=row["flag"]) if row.get("flag") else "")


def trace_lines(document: dict[str, Any]) -> list[str]:
    """Return the walk back as lines."""
    value, definition, statement = document["value"], document["definition"], document["statement"]
    lines = [f"{document['reference']} = {', '.join(_told(value, definition['unit']))}"]
    if document["is_sample"]:
        lines.append(t("synthetic sample, not evidence"))
    lines += [
        f"{definition['name_en']} / {definition['name_ja']}",
        definition[f"definition_{language()}"],
        "",
    ]
    lines += [t("SQL (parameters {params})", params=json.dumps(statement["params"])), statement["sql"], ""]
    lines.append(
        t("rows behind it: {n}, the first {shown}", n=document["n_rows"], shown=len(document["rows"]))
    )
    for row in document["rows"]:
        lines.append(_evidence_line(row))
    lines += ["", t("raw files")]
    for row in document["raw_files"]:
        lines.append(f"  {row['path']}  ({row['file_name']}, {row['n_bytes']:,} bytes, {row['as_of_date']})")
        lines.append(
            f"    {row[f'title_{language()}']}; {row['producer']}; {row['licence_id']}"
            f" ({row['licence_class']}): {row[f'licence_text_{language()}']}"
        )
    lines += [
        "",
        t(
            "Recompute it from the raw bytes: listgen trace {reference} --sql > it.sql, then run it.sql with"
            " DuckDB in the workspace folder.",
            reference=document["reference"],
        ),
    ]
    return lines
