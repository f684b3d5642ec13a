"""What a card draws beside its indicators.

Shares by year, who builds on whom, and the supply of the materials behind a technology.

The figures are counted here from the same tables, windows and credit as the indicators, with the same Wilson
interval.

Reads: core.period, core.technology_work, core.work_country, core.technology_family, core.patent_family,
core.patent_family_country, core.statistic,
    core.citation_flow, core.reference_coverage, core.technology_commodity, core.supply_position
Writes: nothing
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from listgen.config.loader import Config
from listgen.config.scoring import BASES
from listgen.report.figures import figure
from listgen.store.warehouse import Warehouse

Row = dict[str, Any]

YEARS = 15
# The other country drawn is the strongest of the last years shown, not of all: who leads now.
RECENT = 5
PARTNERS = 5
# Below this a yearly share or a country's reliance would be chance; the indicators of shares use the same
# bar.
MIN_N = 30

# Credit of each country and of all by year, and the number of items with a known country. Years after the
# window are not complete yet. Where a single office's documents are all that is held there is no share of the
# world to draw: inventors file most at home.
_RECORDS = """
WITH world_wide AS (
  SELECT m.technology_id
  FROM core.technology_family AS m JOIN core.patent_family AS f USING (family_id)
    JOIN core.source AS s USING (source_id)
  GROUP BY m.technology_id HAVING NOT bool_and(s.is_one_office)
),
linked AS (
  SELECT m.technology_id, 'works' AS basis, m.publication_year AS shown_year,
    CAST(m.work_id AS VARCHAR) AS item_id, c.country_code, c.weight
  FROM core.technology_work AS m
  JOIN core.period AS p ON p.period_id = 'works' AND m.publication_year BETWEEN p.last_year - $years + 1
    AND p.last_year
  JOIN core.work_country AS c USING (work_id)
  WHERE m.is_comparable
  UNION ALL
  SELECT m.technology_id, 'families', m.priority_year, m.family_id, c.country_code, c.weight
  FROM core.technology_family AS m
  JOIN world_wide USING (technology_id)
  JOIN core.period AS p ON p.period_id = 'families' AND m.priority_year BETWEEN p.last_year - $years + 1
    AND p.last_year
  JOIN core.patent_family_country AS c ON c.family_id = m.family_id AND c.role = 'inventor'
  WHERE m.is_comparable
),
credit AS (
  SELECT technology_id, basis, shown_year, country_code, CAST(sum(weight) AS DOUBLE) AS credit FROM linked
    GROUP BY ALL
),
world AS (
  SELECT technology_id, basis, shown_year, count(DISTINCT item_id) AS n, CAST(sum(weight) AS DOUBLE) AS credit
    FROM linked GROUP BY ALL
)
SELECT c.technology_id, c.basis, c.shown_year, c.country_code, w.n, c.credit / w.credit AS value,
  wilson_lo(c.credit / w.credit, w.n) AS lo, wilson_hi(c.credit / w.credit, w.n) AS hi, c.credit
FROM credit AS c JOIN world AS w USING (technology_id, basis, shown_year)
WHERE w.credit > 0
ORDER BY ALL
"""

# Of published counts the table's World row is the whole; a year in which one of the series is not printed has
# no share.
_STATISTICS = """
WITH used AS (
  SELECT technology_id, series_id, count(*) OVER (PARTITION BY technology_id) AS n_series
  FROM (SELECT unnest($technologies) AS technology_id, unnest($series) AS series_id)
),
counted AS (
  SELECT u.technology_id, s.period_year AS shown_year, s.area_code,
    CAST(sum(CAST(s.value AS DECIMAL(38, 6))) AS DOUBLE) AS credit
  FROM used AS u JOIN core.statistic AS s USING (series_id)
  GROUP BY u.technology_id, s.period_year, s.area_code, u.n_series
  HAVING count(s.value) = u.n_series
)
SELECT c.technology_id, 'statistics' AS basis, c.shown_year, c.area_code AS country_code,
  CAST(round(w.credit) AS BIGINT) AS n,
  c.credit / w.credit AS value, wilson_lo(c.credit / w.credit, w.credit) AS lo,
  wilson_hi(c.credit / w.credit, w.credit) AS hi, c.credit
FROM counted AS c
JOIN counted AS w ON w.technology_id = c.technology_id AND w.shown_year = c.shown_year
  AND w.area_code = 'WORLD'
WHERE c.area_code <> 'WORLD' AND w.credit > 0
ORDER BY ALL
"""

# A country's citations are the whole of its row; interval and bar stand on the fractional number, as with the
# indicators.
_FLOWS = """
WITH whole AS (
  SELECT technology_id, basis, citing_country_code, CAST(sum(flow) AS DOUBLE) AS total,
    CAST(sum(n_citations) AS BIGINT) AS n
  FROM core.citation_flow GROUP BY ALL
)
SELECT f.technology_id, f.basis, f.citing_country_code, f.cited_country_code, CAST(f.flow AS DOUBLE) AS flow,
  w.n, w.total,
  CAST(f.flow AS DOUBLE) / w.total AS value, wilson_lo(CAST(f.flow AS DOUBLE) / w.total, w.total) AS lo,
  wilson_hi(CAST(f.flow AS DOUBLE) / w.total, w.total) AS hi, r.coverage
FROM core.citation_flow AS f
JOIN whole AS w USING (technology_id, basis, citing_country_code)
LEFT JOIN core.reference_coverage AS r USING (technology_id, basis)
WHERE $focal IN (f.citing_country_code, f.cited_country_code) AND w.total > 0
ORDER BY f.technology_id, f.basis, f.flow DESC, f.citing_country_code, f.cited_country_code
"""

_SUPPLY = """
SELECT t.technology_id, t.commodity_id, t.stage_id, t.importance, p.source_id, p.period_year, p.years_covered,
  p.country_code, p.n_figures, p.quantity / p.world_quantity AS value,
  (p.quantity / p.world_quantity) * (p.quantity / p.world_quantity) AS squared,
  RANK() OVER (PARTITION BY t.technology_id, t.commodity_id, t.stage_id ORDER BY p.quantity DESC) AS place
FROM core.technology_commodity AS t
JOIN core.supply_position AS p USING (commodity_id, stage_id)
WHERE p.quantity > 0
ORDER BY t.technology_id, t.importance DESC, t.commodity_id, t.stage_id, p.quantity DESC, p.country_code
"""


def read_trends(warehouse: Warehouse, config: Config, series: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Return the yearly shares of the focal country and the strongest other, by technology and evidence.

    Args:
        warehouse: The build.
        config: Its configuration.
        series: The published series of each technology, as `held.read_series` gives them.
    """
    used = [
        (i, row["series_id"])
        for i, rows in sorted(series.items())
        for row in rows
        if row["is_used"] and row["measure"] == "count"
    ]
    rows = warehouse.frame(_RECORDS, {"years": YEARS}).to_dicts()
    if used:
        params = {"technologies": [pair[0] for pair in used], "series": [pair[1] for pair in used]}
        rows += warehouse.frame(_STATISTICS, params).to_dicts()
    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["technology_id"], row["basis"]].append(row)
    found: dict[str, list[Row]] = defaultdict(list)
    for (technology_id, basis), mine in grouped.items():
        trend = _trend(basis, mine, config.settings.focal_country)
        if trend is not None:
            found[technology_id].append(trend)
    return {
        technology_id: sorted(trends, key=lambda trend: BASES.index(trend["basis"]))
        for technology_id, trends in found.items()
    }


def _trend(basis: str, rows: list[Row], focal: str) -> Row | None:
    """Return the years of the focal country and of the country now strongest beside it.

    None when fewer than three years can be shown.
    """
    counts = {row["shown_year"]: row["n"] for row in rows}
    enough = sorted(year for year, n in counts.items() if n >= MIN_N)[-YEARS:]
    totals: dict[str, float] = defaultdict(float)
    by_place: dict[tuple[str, int], Row] = {}
    for row in rows:
        if row["shown_year"] in enough[-RECENT:]:
            totals[row["country_code"]] += row["credit"]
        if row["shown_year"] in enough:
            by_place[row["country_code"], row["shown_year"]] = row
    if len(enough) < 3 or not any(code == focal for code, _ in by_place):
        return None
    other = max(
        (code for code in totals if code != focal), key=lambda code: (totals[code], code), default=None
    )
    years = range(enough[0], enough[-1] + 1)

    def points(code: str) -> list[Row]:
        return [_point(by_place.get((code, year)), year, counts.get(year)) for year in years]

    newest = [row for (code, year), row in by_place.items() if year == enough[-1] and code != focal]
    leader = max(newest, key=lambda row: (row["value"], row["country_code"]), default=None)
    return {
        "basis": basis,
        "points": points(focal),
        "other": other,
        "other_points": points(other) if other else [],
        # Who leads in the newest year may be neither the focal country nor the strongest of the years drawn.
        "leader": leader["country_code"] if leader else None,
        "leader_point": _point(leader, enough[-1], counts[enough[-1]]),
    }


def _point(row: Row | None, year: int, n: int | None) -> Row:
    """Return a year's share; where it cannot be said, or the country is not among the year's, there is none.

    A gap is no zero.
    """
    parts = {key: figure(row[key]) if row else None for key in ("value", "lo", "hi")}
    return {"year": year, "n": n} | parts


def read_flows(warehouse: Warehouse, config: Config) -> dict[str, list[Row]]:
    """Return what the focal country cites (its row) and who cites it (its column), by technology and basis.

    Too few references that lead to a held document, or too few citations, leave both out and say so.
    """
    focal, gate = config.settings.focal_country, config.scoring.gates.min_reference_coverage
    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in warehouse.frame(_FLOWS, {"focal": focal}).to_dicts():
        grouped[row["technology_id"], row["basis"]].append(row)
    found: dict[str, list[Row]] = defaultdict(list)
    for (technology_id, basis), rows in sorted(
        grouped.items(), key=lambda item: (item[0][0], item[0][1] != "works")
    ):
        coverage = rows[0]["coverage"]
        is_known = coverage is not None and coverage >= gate
        row_side = (
            [r for r in rows if r["citing_country_code"] == focal and r["total"] >= MIN_N] if is_known else []
        )
        column = (
            [r for r in rows if r["citing_country_code"] != focal and r["total"] >= MIN_N] if is_known else []
        )
        found[technology_id].append(
            {
                "basis": basis,
                "coverage": figure(coverage),
                "is_known": is_known,
                "own": next((_flow(r, "cited") for r in row_side if r["cited_country_code"] == focal), None),
                "row": [_flow(r, "cited") for r in row_side if r["cited_country_code"] != focal][:PARTNERS],
                "column": [_flow(r, "citing") for r in column][:PARTNERS],
            }
        )
    return dict(found)


def _flow(row: Row, side: str) -> Row:
    return {"country_code": row[f"{side}_country_code"], "n": row["n"]} | {
        key: figure(row[key]) for key in ("value", "lo", "hi")
    }


def read_supply(warehouse: Warehouse, config: Config) -> dict[str, list[Row]]:
    """Return for each technology its commodities.

    Leading producers, concentration, and where the focal country stands.
    """
    focal = config.settings.focal_country
    grouped: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in warehouse.frame(_SUPPLY).to_dicts():
        grouped[row["technology_id"], row["commodity_id"], row["stage_id"]].append(row)
    found: dict[str, list[Row]] = defaultdict(list)
    for (technology_id, commodity_id, stage_id), rows in grouped.items():
        own = next((row for row in rows if row["country_code"] == focal), None)
        found[technology_id].append(
            {
                "commodity_id": commodity_id,
                "stage_id": stage_id,
                "importance": figure(rows[0]["importance"]),
                "source_id": rows[0]["source_id"],
                "first_year": rows[0]["period_year"] - rows[0]["years_covered"] + 1,
                "year": rows[0]["period_year"],
                "n": rows[0]["n_figures"],
                "hhi": figure(sum(row["squared"] for row in rows)),
                "named_share": figure(sum(row["value"] for row in rows)),
                "leaders": [
                    {"country_code": row["country_code"], "value": figure(row["value"])} for row in rows[:3]
                ],
                "own": {"value": figure(own["value"]), "place": own["place"]} if own else None,
            }
        )
    return dict(found)
