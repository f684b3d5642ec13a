"""History that a provider tells otherwise than last time.

Years long over that suddenly hold far more or far fewer records.

A provider that takes in new collections, or sorts out old ones, moves every share without anything having
happened in the world.

Reads: core.work, core.technology_topic and core.patent_family of two finished builds.
Writes: nothing.
"""

from __future__ import annotations

from listgen.base.text import bilingual, language, t
from listgen.store.warehouse import Warehouse
from listgen.trace.changes import Row
from listgen.trace.reading import records

SHIFT_SHARE = (
    0.2  # the world does not change a year that is over by a fifth; a usual quarter adds a few per cent
)
_MIN_RECORDS = 100

# Only what both builds asked for counts, and of the earlier build only years before its newest one, which was
# still filling.
_WORKS = """
WITH topic AS (
  SELECT topic_id FROM earlier.core.technology_topic INTERSECT SELECT topic_id FROM core.technology_topic
),
told AS (
  SELECT source_id, publication_year AS told_year, 1 AS n_before, 0 AS n_after FROM earlier.core.work
  WHERE primary_topic_id IN (SELECT topic_id FROM topic)
  UNION ALL
  SELECT source_id, publication_year, 0, 1 FROM core.work
    WHERE primary_topic_id IN (SELECT topic_id FROM topic)
)"""
_FAMILIES = """
WITH told AS (
  SELECT source_id, priority_year AS told_year, 1 AS n_before, 0 AS n_after FROM earlier.core.patent_family
  UNION ALL
  SELECT source_id, priority_year, 0, 1 FROM core.patent_family
)"""
_SHIFTED = """,
yearly AS (
  SELECT source_id, told_year, sum(n_before) AS n_before, sum(n_after) AS n_after FROM told
    WHERE told_year IS NOT NULL GROUP BY ALL
),
spanned AS (
  -- Years both builds hold something of: a window that moved on is no restatement.
  SELECT *, max(told_year) FILTER (WHERE n_before > 0) OVER (PARTITION BY source_id) AS newest_year
    FROM yearly
)
SELECT source_id, min(told_year) AS first_year, max(told_year) AS last_year,
  CAST(sum(n_before) AS BIGINT) AS n_before, CAST(sum(n_after) AS BIGINT) AS n_after
FROM spanned
WHERE told_year < newest_year AND n_before > 0 AND n_after > 0
GROUP BY source_id
HAVING sum(n_before) >= $min_records AND abs(sum(n_after) - sum(n_before)) > $share * sum(n_before)
ORDER BY source_id
"""
_TABLES = {
    "core.work": (_WORKS, ("core.work", "core.technology_topic")),
    "core.patent_family": (_FAMILIES, ("core.patent_family",)),
}


def find_shifts(warehouse: Warehouse) -> list[Row]:
    """Return per source the past years with over a fifth more or fewer records than in the earlier build.

    Args:
        warehouse: The later build, the earlier one attached as `earlier`.
    """
    found = []
    for table, (told, needed) in _TABLES.items():
        if all(_is_held_by_both(warehouse, name) for name in needed):
            rows = records(warehouse, told + _SHIFTED, min_records=_MIN_RECORDS, share=SHIFT_SHARE)
            found += [row | {"table": table, "text": _words(row, table)} for row in rows]
    return found


def _is_held_by_both(warehouse: Warehouse, table: str) -> bool:
    schema, name = table.split(".")
    sql = (
        "SELECT count(DISTINCT database_name) FROM duckdb_tables() WHERE schema_name = $schema AND table_name"
        " = $name"
    )
    return int(warehouse.scalar(sql, {"schema": schema, "name": name})) == 2


def _words(row: Row, table: str) -> Row:
    change = f"{row['n_after'] / row['n_before'] - 1:+.0%}"
    template = {
        "core.work": (
            "{source}: provider shift: works of {first}–{last} on the same topics went from {before} to"
            " {after} ({change})"
        ),
        "core.patent_family": (
            "{source}: provider shift: families of {first}–{last} went from {before} to {after} ({change})"
        ),
    }[table]
    figures = {"before": f"{row['n_before']:,}", "after": f"{row['n_after']:,}", "change": change}
    return bilingual(
        template, source=row["source_id"], first=row["first_year"], last=row["last_year"], **figures
    )


def shift_lines(shifts: list[Row]) -> list[str]:
    """Return the shifts as lines in the chosen language, with what they mean for the list."""
    if not shifts:
        return []
    meaning = t(
        "  the provider told its history anew; scores before and after do not compare: review the list before"
        " it is published"
    )
    return [*(row["text"][language()] for row in shifts), meaning]
