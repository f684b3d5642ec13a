"""What is held on each technology, whether a score rests on it or not.

Amounts of evidence, series used, series that only stand beside.

Reads: core.technology_evidence, core.reference_coverage, core.technology_family, core.patent_family,
core.patent_publication, core.period,
    core.technology_series, core.statistic_series, core.statistic, core.source
Writes: nothing
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from listgen.outputs import candidates as shape
from listgen.outputs.candidates import FamilyKind
from listgen.report.figures import figure
from listgen.store.warehouse import Warehouse

Row = dict[str, Any]

MIXED: Final = "mixed"

_AMOUNTS = """
SELECT held.technology_id, held.basis, held.n_items, held.n_comparable, reference.coverage
FROM core.technology_evidence AS held
LEFT JOIN core.reference_coverage AS reference USING (technology_id, basis)
ORDER BY ALL
"""

_OFFICES = """
SELECT member.technology_id, list_sort(list(DISTINCT publication.office_code)) AS offices,
  list_sort(list(DISTINCT family.family_kind)) AS kinds,
  bool_and(publication.is_grant) AS is_grants
FROM core.technology_family AS member
JOIN core.period AS period ON period.period_id = 'families' AND member.priority_year BETWEEN period.first_year
  AND period.last_year
JOIN core.patent_family AS family ON family.family_id = member.family_id
JOIN core.patent_publication AS publication ON publication.family_id = member.family_id
GROUP BY member.technology_id
ORDER BY member.technology_id
"""

# The choice is the stage's; the card only names a series whose years are those of a value. One whose figures
# each sum up several years has no window and so no place in the choice: its last figure is shown.
_SERIES = """
WITH linked AS (
  SELECT choice.technology_id, choice.relation, choice.is_used, choice.is_usable, series.*,
    series.period_first_year AS first_shown,
    series.period_last_year AS last_shown, series.period_first_year AS first_cell
  FROM core.series_choice AS choice
  JOIN core.statistic_series AS series ON series.series_id = choice.series_id
  UNION ALL
  SELECT link.technology_id, link.relation, false, false, series.*,
    series.last_year - series.years_covered + 1, series.last_year, series.last_year
  FROM core.technology_series AS link
  JOIN core.statistic_series AS series ON series.series_id = link.series_id
  WHERE series.years_covered > 1 AND series.last_year IS NOT NULL
),
summed AS (
  -- A window with a year the table does not print has no sum: a gap is not a zero.
  SELECT series.series_id, cell.area_code, CAST(sum(CAST(cell.value AS DECIMAL(38, 9))) AS DOUBLE) AS total
  FROM (SELECT DISTINCT series_id, first_cell, last_shown FROM linked) AS series
  JOIN core.statistic AS cell ON cell.series_id = series.series_id
    AND cell.period_year BETWEEN series.first_cell AND series.last_shown
  WHERE cell.area_code IN ($focal, 'WORLD')
  GROUP BY series.series_id, series.first_cell, series.last_shown, cell.area_code
  HAVING count(cell.value) = series.last_shown - series.first_cell + 1
)
SELECT series.technology_id, series.series_id, series.source_id, series.relation, series.title_en,
  series.title_ja, series.measure,
  series.is_one_office, series.years_covered, series.first_shown AS period_first_year,
  series.last_shown AS period_last_year, series.is_used,
  series.is_usable, CASE WHEN world.total > 0 THEN own.total / world.total END AS value,
  CASE WHEN series.measure = 'count' AND world.total > 0 THEN wilson_lo(own.total / world.total,
    world.total) END AS lo,
  CASE WHEN series.measure = 'count' AND world.total > 0 THEN wilson_hi(own.total / world.total,
    world.total) END AS hi,
  CASE WHEN series.measure = 'count' THEN CAST(round(world.total) AS BIGINT) END AS n
FROM linked AS series
LEFT JOIN summed AS own ON own.series_id = series.series_id AND own.area_code = $focal
LEFT JOIN summed AS world ON world.series_id = series.series_id AND world.area_code = 'WORLD'
ORDER BY series.technology_id, series.measure, series.last_shown DESC, series.series_id
"""


def read_amounts(warehouse: Warehouse) -> dict[str, shape.Evidence]:
    """Return what the build has on every technology that it has anything on."""
    amounts: dict[str, dict[str, shape.Amount]] = defaultdict(dict)
    coverage: dict[str, dict[str, float | int | None]] = defaultdict(dict)
    for row in warehouse.frame(_AMOUNTS).to_dicts():
        amounts[row["technology_id"]][row["basis"]] = shape.Amount(
            n=row["n_items"], n_comparable=row["n_comparable"]
        )
        coverage[row["technology_id"]][row["basis"]] = figure(row["coverage"])
    offices = {
        row["technology_id"]: _Offices(row["offices"], row["kinds"], row["is_grants"])
        for row in warehouse.frame(_OFFICES).to_dicts()
    }
    return {
        key: _evidence(amounts[key], coverage[key], offices.get(key, _NO_OFFICES))
        for key in amounts.keys() | offices.keys()
    }


def nothing_held() -> shape.Evidence:
    """Return the block of a technology on which the build has nothing."""
    return _evidence({}, {}, _NO_OFFICES)


class _Offices(NamedTuple):
    """Whose documents the families of a technology have.

    Office codes, kinds of family, whether all are grants.
    """

    codes: list[str]
    kinds: list[FamilyKind]
    is_grants: bool | None


_NO_OFFICES = _Offices([], [], None)


def _evidence(
    amounts: Mapping[str, shape.Amount], coverage: Mapping[str, float | int | None], offices: _Offices
) -> shape.Evidence:
    nothing = shape.Amount(n=0, n_comparable=0)
    families = amounts.get("families", nothing)
    kinds = offices.kinds
    return shape.Evidence(
        works=amounts.get("works", nothing),
        families=shape.FamilyAmount(
            n=families.n,
            n_comparable=families.n_comparable,
            offices=offices.codes,
            kind=None if not kinds else kinds[0] if len(kinds) == 1 else MIXED,
            is_grants=offices.is_grants,
        ),
        statistics=amounts.get("statistics", nothing),
        supply=amounts.get("supply", nothing),
        trade=amounts.get("trade", nothing),
        reference_coverage=shape.ReferenceCoverage(
            works=coverage.get("works"), families=coverage.get("families")
        ),
    )


def read_series(warehouse: Warehouse, focal: str) -> dict[str, list[Row]]:
    """Return the series linked to each technology, with the focal country's share of (or ratio to) the world.

    `is_used` marks those the indicators measure from, `mark` says why another is only shown: broader,
    overlaps, several_years or one_office; a usable series that gave way to a better one has neither.
    """
    found: dict[str, list[Row]] = defaultdict(list)
    for row in warehouse.frame(_SERIES, {"focal": focal}).to_dicts():
        mark = None if row["is_usable"] else _why_not_scored(row)
        is_shown = mark != "one_office" or row["is_one_office"]
        if is_shown:
            unit = "share" if row["measure"] == "count" else "ratio (world = 1)"
            rounded = {name: figure(row[name]) for name in ("value", "lo", "hi")}
            found[row["technology_id"]].append(row | rounded | {"unit": unit, "mark": mark})
    return dict(found)


def _why_not_scored(row: Row) -> str:
    if row["relation"] in ("broader", "overlaps"):
        return str(row["relation"])
    return "several_years" if row["years_covered"] > 1 else "one_office"
