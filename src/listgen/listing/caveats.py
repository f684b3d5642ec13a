"""Caveats.

The keys of all warnings a technology carries, from its values, their sources and how they were used.

Reads: core.*, and what the caller passes.
"""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from listgen.config.loader import Config
from listgen.store.warehouse import Warehouse

# Broader series and those of a single office are shown but never measured from, so they lend no caveat.
_SOURCES = """
SELECT DISTINCT link.technology_id, 'works' AS basis, w.source_id
FROM core.technology_work AS link JOIN core.work AS w ON w.work_id = link.work_id
UNION ALL
SELECT DISTINCT link.technology_id, 'families', f.source_id
FROM core.technology_family AS link JOIN core.patent_family AS f ON f.family_id = link.family_id
UNION ALL
SELECT DISTINCT link.technology_id, 'statistics', s.source_id
FROM core.technology_series AS link JOIN core.statistic_series AS s ON s.series_id = link.series_id
WHERE link.relation IN ('exact', 'narrower') AND NOT s.is_one_office
UNION ALL
SELECT DISTINCT link.technology_id, 'supply', s.source_id
FROM core.technology_commodity AS link JOIN core.supply AS s ON s.commodity_id = link.commodity_id AND s.stage_id = link.stage_id
UNION ALL
SELECT DISTINCT link.technology_id, 'trade', y.source_id
FROM core.technology_hs AS link JOIN core.trade_flow AS f ON f.hs_code = link.hs_code
JOIN core.trade_year AS y ON y.source_id = f.source_id AND y.period_year = f.period_year AND y.is_used
ORDER BY ALL
"""
_SERIES = """
SELECT DISTINCT link.technology_id, link.series_id
FROM core.technology_series AS link JOIN core.statistic_series AS s ON s.series_id = link.series_id
WHERE link.relation IN ('exact', 'narrower') AND NOT s.is_one_office
ORDER BY ALL
"""
# Filings of one office in the window, measured from or not: whoever reads what is held must know whose
# filings they are.
_ONE_OFFICE = """
SELECT DISTINCT member.technology_id
FROM core.technology_family AS member
JOIN core.period AS period ON period.period_id = 'families' AND member.priority_year BETWEEN period.first_year AND period.last_year
JOIN core.patent_family AS family ON family.family_id = member.family_id
JOIN core.source AS source ON source.source_id = family.source_id
WHERE source.is_one_office
ORDER BY member.technology_id
"""
# "Now" is the newest retrieval date in the raw store, never the clock.
_FIRST_FRESH_YEAR = (
    "SELECT CAST(max(as_of_date) - INTERVAL (CAST($years AS INTEGER)) YEAR AS DATE) FROM core.raw_file"
)


def gather_caveats(
    warehouse: Warehouse, config: Config, used: pl.DataFrame, judged: pl.DataFrame
) -> dict[str, list[str]]:
    """Return the caveat keys each technology must carry.

    Of its values, of their sources, of how they were used and of what is held.
    """
    years = config.scoring.gates.dated_after_years
    fresh_from = warehouse.scalar(_FIRST_FRESH_YEAR, {"years": years})
    everywhere = {"is_sample"} if warehouse.scalar("SELECT bool_or(is_sample) FROM core.source") else set()
    found: dict[str, set[str]] = {technology_id: set(everywhere) for technology_id in judged["technology_id"]}
    bases: dict[str, set[str]] = defaultdict(set)
    for row in used.to_dicts():
        keys = found[row["technology_id"]]
        keys.update(row["caveats"] or [])
        keys.update({"clipped"} if row["is_clipped"] else set())
        bases[row["technology_id"]].add(row["basis"])
        # A window closes with the last day of its last year.
        if (
            fresh_from is not None
            and row["period_last_year"] is not None
            and row["period_last_year"] < fresh_from.year
        ):
            keys.add("dated")
    for technology_id, basis, source_id in warehouse.rows(_SOURCES):
        if technology_id in found and basis in bases[technology_id] and source_id in config.sources:
            found[technology_id].update(config.sources[source_id].caveats)
    declared = config.series
    for technology_id, series_id in warehouse.rows(_SERIES):
        if technology_id in found and "statistics" in bases[technology_id] and series_id in declared:
            found[technology_id].update(declared[series_id].caveats)
    for (technology_id,) in warehouse.rows(_ONE_OFFICE):
        if technology_id in found:
            found[technology_id].add("one_office")
    partly = judged.group_by("technology_id").agg(
        some=pl.col("p").is_not_null().any() & pl.col("p").is_null().any()
    )
    for technology_id in partly.filter("some")["technology_id"]:
        found[technology_id].add("partly_judged")
    return {technology_id: sorted(keys) for technology_id, keys in found.items()}
