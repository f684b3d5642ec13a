"""Caveats.

The keys of all warnings a technology carries, from its values, their sources and how they were used.

Reads: core.*, and what the caller passes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from listgen.config.loader import Config
from listgen.store.warehouse import Warehouse

Keys = tuple[str, Collection[str]]  # a technology and caveat keys of it

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
FROM core.technology_commodity AS link JOIN core.supply AS s ON s.commodity_id = link.commodity_id
  AND s.stage_id = link.stage_id
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
JOIN core.period AS period ON period.period_id = 'families' AND member.priority_year BETWEEN period.first_year
  AND period.last_year
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
    everywhere = {"is_sample"} if warehouse.scalar("SELECT bool_or(is_sample) FROM core.source") else set()
    found: dict[str, set[str]] = {technology_id: set(everywhere) for technology_id in judged["technology_id"]}
    bases = dict(used.group_by("technology_id").agg("basis").iter_rows())
    for gathered in (
        _of_values(warehouse, config, used),
        _of_sources(warehouse, config, bases),
        _of_series(warehouse, config, bases),
        _of_judgement(judged),
    ):
        for technology_id, keys in gathered:
            if technology_id in found:
                found[technology_id].update(keys)
    return {technology_id: sorted(keys) for technology_id, keys in found.items()}


def _of_values(warehouse: Warehouse, config: Config, used: pl.DataFrame) -> Iterator[Keys]:
    """Yield the caveats of the values themselves: their own, cut to the goalposts, out of date."""
    years = config.scoring.gates.dated_after_years
    fresh_from = warehouse.scalar(_FIRST_FRESH_YEAR, {"years": years})
    for technology_id, own, is_clipped, last_year in used.select(
        "technology_id", "caveats", "is_clipped", "period_last_year"
    ).iter_rows():
        yield technology_id, own or ()
        if is_clipped:
            yield technology_id, ("clipped",)
        # A window closes with the last day of its last year.
        if fresh_from is not None and last_year is not None and last_year < fresh_from.year:
            yield technology_id, ("dated",)


def _of_sources(warehouse: Warehouse, config: Config, bases: Mapping[str, Sequence[str]]) -> Iterator[Keys]:
    """Yield the caveats of the sources behind the kinds of evidence that are used."""
    for technology_id, basis, source_id in warehouse.rows(_SOURCES):
        if basis in bases.get(technology_id, ()) and source_id in config.sources:
            yield technology_id, config.sources[source_id].caveats
    for (technology_id,) in warehouse.rows(_ONE_OFFICE):
        yield technology_id, ("one_office",)


def _of_series(warehouse: Warehouse, config: Config, bases: Mapping[str, Sequence[str]]) -> Iterator[Keys]:
    """Yield the caveats of the published series that are used."""
    declared = config.series
    for technology_id, series_id in warehouse.rows(_SERIES):
        if "statistics" in bases.get(technology_id, ()) and series_id in declared:
            yield technology_id, declared[series_id].caveats


def _of_judgement(judged: pl.DataFrame) -> Iterator[Keys]:
    """Yield the technologies of which some rules could be judged and some could not."""
    partly = judged.group_by("technology_id").agg(
        some=pl.col("p").is_not_null().any() & pl.col("p").is_null().any()
    )
    for technology_id in partly.filter("some")["technology_id"]:
        yield technology_id, ("partly_judged",)
