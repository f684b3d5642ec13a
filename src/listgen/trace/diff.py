"""Two finished builds beside each other.

The list's differences, their causes, and the figures that providers restated.

Reads: two finished builds' candidates.json, manifest.json, config.json and listgen.duckdb.
Writes: nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from listgen.base.text import language, t
from listgen.store.builds import DATABASE
from listgen.store.sqlfile import quoted
from listgen.store.warehouse import Warehouse
from listgen.trace.changes import Row, compare, read_state
from listgen.trace.reading import open_finished, records
from listgen.trace.shifts import find_shifts, shift_lines
from listgen.trace.words import axis_word, status_word

_CHANGES = {"added": "added", "removed": "removed", "changed": "changed"}
_SHOWN = 12
_EXAMPLES = 5

# What makes a record the same record in two builds, and the columns whose change is a restatement.
_COMPARED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "core.statistic": (("series_id", "area_code", "period_year"), ("value",)),
    "core.supply": (
        ("source_id", "commodity_id", "stage_id", "country_code", "period_year"),
        ("quantity", "unit"),
    ),
    "core.trade_flow": (
        ("source_id", "hs_code", "period_year", "exporter_country_code", "importer_country_code", "told_by"),
        ("trade_value_usd", "hs_revision"),
    ),
    "core.work": (
        ("work_id",),
        (
            "publication_year",
            "primary_topic_id",
            "cited_by_count",
            "field_percentile",
            "is_retracted",
            "n_countries",
        ),
    ),
    "core.patent_family": (
        ("family_id",),
        ("priority_year", "n_publications", "n_offices", "n_npl_citations"),
    ),
}


def diff(before: Path, after: Path) -> Row:
    """Return what differs between two finished builds and what can have caused it.

    Args:
        before: Folder of the earlier build.
        after: Folder of the later build.

    Raises:
        DataError: One of them cannot be read.
    """
    document = compare(read_state(before), read_state(after))
    document |= (
        evidence_changes(before, after) if document["causes"]["data"] else {"evidence": [], "shifts": []}
    )
    document["differs"] = not document["is_equal"] or bool(document["evidence"])
    return document


def evidence_changes(before: Path, after: Path) -> Row:
    """Return per table how many records are new, gone, the same or restated, and the shifts of history."""
    with open_finished(after) as warehouse:
        warehouse.execute(f"ATTACH {quoted(before / DATABASE)} AS earlier (READ_ONLY)")
        rows = [row for table in _COMPARED if (row := _table_changes(warehouse, table)) is not None]
        return {"evidence": rows, "shifts": find_shifts(warehouse)}


def _table_changes(warehouse: Warehouse, table: str) -> Row | None:
    """Return the comparison of one table, None where a build has no such table or nothing differs."""
    keys, values = _COMPARED[table]
    present = [_columns(warehouse, catalogue, table) for catalogue in ("earlier", "current_database()")]
    if not all(set(keys) <= columns for columns in present):
        return None
    values = tuple(name for name in values if all(name in columns for columns in present))
    same_key = " AND ".join(f"a.{key} IS NOT DISTINCT FROM b.{key}" for key in keys)
    differs = " OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in values) or "false"
    gone, new = f"b.{keys[0]} IS NULL", f"a.{keys[0]} IS NULL"
    counts = records(
        warehouse,
        f"SELECT count(*) FILTER ({new}) AS n_new, count(*) FILTER ({gone}) AS n_gone, "
        f"count(*) FILTER (NOT ({new}) AND NOT ({gone}) AND ({differs})) AS n_restated, "
        f"count(*) FILTER (NOT ({new}) AND NOT ({gone}) AND NOT ({differs})) AS n_same "
        f"FROM earlier.{table} AS a FULL JOIN {table} AS b ON {same_key}",
    )[0]
    if not counts["n_new"] and not counts["n_gone"] and not counts["n_restated"]:
        return None
    return (
        {"table": table}
        | counts
        | {
            "examples": (
                _examples(warehouse, table, keys, values, same_key, differs) if counts["n_restated"] else []
            )
        }
    )


def _columns(warehouse: Warehouse, catalogue: str, table: str) -> set[str]:
    schema, name = table.split(".")
    database = catalogue if catalogue.endswith("()") else quoted(catalogue)
    sql = (
        f"SELECT column_name FROM duckdb_columns() WHERE database_name = {database} AND schema_name = $schema"
        " AND table_name = $name"
    )
    return {row[0] for row in warehouse.rows(sql, {"schema": schema, "name": name})}


def _examples(
    warehouse: Warehouse,
    table: str,
    keys: tuple[str, ...],
    values: tuple[str, ...],
    same_key: str,
    differs: str,
) -> list[dict[str, Any]]:
    """Return some restated records with both values of differing columns, largest relative change first."""
    shown = ", ".join(
        [
            *(f"b.{key}" for key in keys),
            *(f"a.{name} AS {name}_before, b.{name} AS {name}_after" for name in values),
        ]
    )
    first = values[0]
    order = (
        f"abs(TRY_CAST(b.{first} AS DOUBLE) - TRY_CAST(a.{first} AS DOUBLE)) /"
        f" greatest(abs(TRY_CAST(a.{first} AS DOUBLE)), 1e-9)"
    )
    rows = records(
        warehouse,
        f"SELECT {shown} FROM earlier.{table} AS a JOIN {table} AS b ON {same_key} WHERE {differs} "
        f"ORDER BY {order} DESC NULLS LAST, {', '.join(f'b.{key}' for key in keys)} LIMIT {_EXAMPLES}",
    )
    return [
        {
            "key": {key: row[key] for key in keys},
            "changed": {
                n: [row[f"{n}_before"], row[f"{n}_after"]]
                for n in values
                if row[f"{n}_before"] != row[f"{n}_after"]
            },
        }
        for row in rows
    ]


# ---- lines for people ----------------------------------------------------------------------------


def diff_lines(document: Row) -> list[str]:
    """Return the comparison as lines in the chosen language."""
    lines = [f"{document['before']} -> {document['after']}"]
    countries = document["focal_country"]
    if countries["before"] != countries["after"]:
        lines.append(document["verdict"][language()])
    accepted = document["accepted_shift"]
    if accepted:
        lines.append(
            t(
                "accepted by {by} on {date}: {reason}",
                **{key: accepted[key] for key in ("by", "date", "reason")},
            )
        )
        lines += [f"  {text[language()]}" for text in accepted["shifts"]]
    if document["is_equal"]:
        lines.append(t("the lists are the same: no status, score, rank or value differs"))
    lines += _list_lines(document)
    lines += _cause_lines(document["causes"])
    for row in document["evidence"]:
        template = "  {table}: {n_restated} record(s) restated, {n_new} new, {n_gone} gone, {n_same} the same"
        lines.append(
            t(template, **{key: row[key] for key in ("table", "n_restated", "n_new", "n_gone", "n_same")})
        )
        for example in row["examples"]:
            key = " ".join(str(part) for part in example["key"].values())
            sides = ", ".join(f"{name} {was} -> {now}" for name, (was, now) in example["changed"].items())
            lines.append(f"    {key}: {sides}")
    verdict = [] if document["verdict"][language()] in lines else [document["verdict"][language()]]
    return [*lines, *shift_lines(document["shifts"]), *verdict]


def _list_lines(document: Row) -> list[str]:
    lines = []
    for row in document["came"]:
        lines.append(
            t("came: {name} ({status})", name=row["name"][language()], status=status_word(row["status"]))
        )
    for row in document["went"]:
        lines.append(
            t("went: {name} (was {status})", name=row["name"][language()], status=status_word(row["status"]))
        )
    for row in document["status"]:
        template = "status: {name}: {before} -> {after}   [{causes}]"
        lines.append(
            t(
                template,
                name=row["name"][language()],
                before=status_word(row["before"]),
                after=status_word(row["after"]),
                causes=_kinds(row),
            )
        )
    for row in document["axes"][:_SHOWN]:
        sides = [_side(row[name]) for name in ("before", "after")]
        name = row["name"][language()]
        lines.append(f"{axis_word(row['axis'])}: {name}: {sides[0]} -> {sides[1]}   [{_kinds(row)}]")
    if len(document["axes"]) > _SHOWN:
        lines.append(t("  and {n} more axes; --json holds all", n=len(document["axes"]) - _SHOWN))
    countries = document["focal_country"]
    # The figures of two countries are not compared, so the number that differ says nothing.
    if not document["is_equal"] and countries["before"] == countries["after"]:
        template = (
            "{n_scores} scores and {n_values} indicator values differ; {n_axes} axes left their interval,"
            " {n_ranks} ranks their range"
        )
        counts = {"n_scores": document["n_scores_changed"], "n_values": document["n_values_changed"]}
        lines.append(t(template, **counts, n_axes=len(document["axes"]), n_ranks=len(document["ranks"])))
    return lines


def _side(side: Row) -> str:
    return "–" if side["value"] is None else f"{side['value']:.1f} ({side['lo']:.1f}–{side['hi']:.1f})"


def _kinds(row: Row) -> str:
    words = {
        "data": t("data"),
        "decisions": t("decisions"),
        "config": t("configuration"),
        "method": t("method"),
        "libraries": t("libraries"),
    }
    return t(" or ").join(words[kind] for kind in row["may_come_from"]) or "–"


def _cause_lines(causes: Row) -> list[str]:
    lines = [t("data: {what}", what=row["text"][language()]) for row in causes["data"]]
    lines += [t("review: {what}", what=row["text"][language()]) for row in causes["decisions"]]
    for row in causes["config"]:
        lines.append(t("configuration: {name} ({kind})", name=row["name"], kind=t(_CHANGES[row["kind"]])))
        for key in row.get("keys", [])[:_SHOWN]:
            lines.append(f"    {key['key']}: {_short(key['before'])} -> {_short(key['after'])}")
    if causes["texts"]:
        lines.append(
            t("texts, lists, dates and places, which move no score: {names}", names=_listed(causes["texts"]))
        )
    if causes["method"]:
        lines.append(t("method: {names}", names=_listed(causes["method"])))
    if causes["presentation"]:
        lines.append(t("presentation only: {names}", names=_listed(causes["presentation"])))
    for row in causes["libraries"]:
        lines.append(
            t(
                "library: {name} {before} -> {after}",
                name=row["name"],
                before=row["before"],
                after=row["after"],
            )
        )
    return lines


def _listed(rows: list[Row]) -> str:
    names = (
        row["name"] if row["kind"] == "changed" else f"{row['name']} ({t(_CHANGES[row['kind']])})"
        for row in rows[:_SHOWN]
    )
    return ", ".join(names) + (" …" if len(rows) > _SHOWN else "")


def _short(value: object, limit: int = 80) -> str:
    text = str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
