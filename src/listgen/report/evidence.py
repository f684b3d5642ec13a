"""What stands behind the list, read from the build's tables for the workbook and the report page.

Reads: core.*, ind.value, ind.definition, score.normalised, cluster.label, prov.check, prov.quarantine
Writes: nothing
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from listgen.config.loader import Config
from listgen.outputs.candidates import Source
from listgen.report.document import Row, records, source_rows, trace_reference
from listgen.report.drawn import read_flows, read_supply, read_trends
from listgen.report.figures import figure
from listgen.report.held import read_series
from listgen.report.traded import Goods, read_trade
from listgen.store.warehouse import Warehouse

TOP_COUNTRIES = 5
TOP_INDICATORS = ("s1_top10_share", "st_share")
# The one indicator of published statistics that is not counted but printed as an intensity.
QUALITY, INTENSITY, COUNT = "st_quality", "top1_intensity", "count"

_VALUES = """
SELECT v.indicator_id, v.technology_id, v.country_code, v.basis, v.grade, v.period_first_year,
  v.period_last_year,
  v.value, v.value_lo, v.value_hi, v.n, v.n_national, v.status,
  d.name_en, d.name_ja, d.unit, n.axis_id, n.branch, n.group_id, n.score, n.score_lo, n.score_hi, n.is_clipped
FROM ind.value AS v
LEFT JOIN ind.definition AS d USING (indicator_id)
LEFT JOIN score.normalised AS n
  ON n.indicator_id = v.indicator_id AND n.technology_id = v.technology_id AND n.country_code = v.country_code
WHERE v.country_code = $focal
ORDER BY v.technology_id, n.axis_id NULLS LAST, v.basis, v.indicator_id
"""

_TOP = """
SELECT technology_id, indicator_id, country_code, basis, value, value_lo, value_hi, n, n_national,
  period_first_year, period_last_year
FROM ind.value
WHERE status = 'ok' AND indicator_id IN ('s1_top10_share', 'st_share')
ORDER BY technology_id, indicator_id, value DESC, country_code
"""

_SOURCES = """
SELECT DISTINCT l.technology_id, 'works' AS basis, w.source_id
FROM core.technology_work AS l JOIN core.work AS w USING (work_id)
UNION
SELECT DISTINCT l.technology_id, 'families', f.source_id
FROM core.technology_family AS l JOIN core.patent_family AS f USING (family_id)
UNION
SELECT DISTINCT l.technology_id, 'families', f.source_id
FROM core.technology_family AS l JOIN core.patent_publication AS p USING (family_id) JOIN core.raw_file AS f
  ON f.raw_digest = p.family_raw_digest
UNION
SELECT DISTINCT l.technology_id, 'statistics', s.source_id
FROM core.technology_series AS l JOIN core.statistic_series AS s USING (series_id)
UNION
SELECT DISTINCT l.technology_id, 'supply', s.source_id
FROM core.technology_commodity AS l JOIN core.supply AS s ON s.commodity_id = l.commodity_id
  AND s.stage_id = l.stage_id
UNION
SELECT DISTINCT l.technology_id, 'trade', f.source_id
FROM core.technology_hs AS l JOIN core.trade_flow AS f USING (hs_code)
ORDER BY ALL
"""

_VISIBLE = """
WITH held AS (SELECT DISTINCT work_id FROM core.technology_work),
credit AS (
  SELECT CAST(sum(a.weight) AS DOUBLE) AS total,
    CAST(sum(a.weight) FILTER (a.country_code IS NULL) AS DOUBLE) AS unknown
  FROM core.authorship AS a JOIN held USING (work_id)),
families AS (SELECT DISTINCT family_id FROM core.technology_family),
located AS (SELECT DISTINCT c.family_id FROM core.patent_family_country AS c JOIN families USING (family_id)
  WHERE c.role = 'inventor')
SELECT
  (SELECT count(*) FROM core.work) AS n_works,
  (SELECT count(*) FROM held) AS n_works_used,
  (SELECT count(*) FROM core.work WHERE NOT is_comparable) AS n_works_not_comparable,
  (SELECT count(*) FROM core.work WHERE is_author_list_capped) AS n_works_capped,
  (SELECT CASE WHEN total > 0 THEN coalesce(unknown, 0) / total END FROM credit) AS unknown_country_share,
  (SELECT count(*) FROM core.patent_family) AS n_families,
  (SELECT count(*) FROM families) AS n_families_used,
  (SELECT CASE WHEN (SELECT count(*) FROM families) > 0
    THEN 1 - CAST((SELECT count(*) FROM located) AS DOUBLE) / (SELECT count(*) FROM families) END)
      AS unlocated_family_share,
  (SELECT count(*) FROM prov.quarantine) AS n_quarantined
"""

_REFERENCES = """
SELECT basis, sum(n_references) AS n_references, sum(n_resolved) AS n_resolved,
  CASE WHEN sum(n_references) > 0 THEN CAST(sum(n_resolved) AS DOUBLE) / sum(n_references) END AS coverage,
  CASE basis WHEN 'works' THEN (SELECT count(*) FROM core.work_reference)
    ELSE (SELECT count(*) FROM core.patent_citation) END AS n_held,
  count(*) FILTER (n_references > 0) AS n_technologies, count(*) FILTER (n_references > 0
    AND coalesce(coverage, 0) < $gate) AS n_below
FROM core.reference_coverage GROUP BY basis ORDER BY basis DESC
"""


@dataclass(frozen=True)
class Evidence:
    """Everything the workbook and the page show beside the list itself."""

    values: list[Row]
    definitions: list[Row]
    sources: list[Source]
    sources_of: dict[tuple[str, str], list[str]]
    top_countries: dict[str, list[Row]]
    clusters: list[Row]
    visible: Row
    references: list[Row]
    series: dict[str, list[Row]] = field(default_factory=dict)
    trends: dict[str, list[Row]] = field(default_factory=dict)
    flows: dict[str, list[Row]] = field(default_factory=dict)
    supply: dict[str, list[Row]] = field(default_factory=dict)
    trade: dict[str, list[Goods]] = field(default_factory=dict)
    # By technology, basis and (of statistics) measure: the sources a value was measured from, of all that are
    # held.
    measured_from: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)

    @cached_property
    def by_technology(self) -> dict[str, list[Row]]:
        """Return the focal country's values by technology."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.values:
            found[row["technology_id"]].append(row)
        return dict(found)

    @cached_property
    def source_numbers(self) -> dict[str, int]:
        """Return the number under which each source stands in the report."""
        return {source.source_id: number for number, source in enumerate(self.sources, 1)}

    @cached_property
    def usual_date(self) -> str | None:
        """Return the date most sources are of, the newest when several are equally frequent."""
        dates = Counter(source.as_of for source in self.sources if source.as_of)
        return max(dates, key=lambda date: (dates[date], date), default=None)


def read_evidence(warehouse: Warehouse, config: Config) -> Evidence:
    """Return what stands behind the list of a build."""
    focal = config.settings.focal_country
    sources_of: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in records(warehouse, _SOURCES):
        sources_of[row["technology_id"], row["basis"]].append(row["source_id"])
    sources, series, supply = (
        source_rows(warehouse),
        read_series(warehouse, focal),
        read_supply(warehouse, config),
    )
    trade = read_trade(warehouse, config)
    measured = _measured_from(sources_of, series, {"supply": supply, "trade": trade})
    return Evidence(
        values=[
            _value(row, focal, measured, sources) for row in records(warehouse, _VALUES, {"focal": focal})
        ],
        definitions=records(warehouse, "SELECT * FROM ind.definition ORDER BY indicator_id"),
        sources=sources,
        sources_of=dict(sources_of),
        top_countries=_top_countries(records(warehouse, _TOP), focal),
        clusters=records(warehouse, "SELECT * FROM cluster.label ORDER BY cluster_id"),
        visible={key: figure(value) for key, value in records(warehouse, _VISIBLE)[0].items()},
        references=records(warehouse, _REFERENCES, {"gate": config.scoring.gates.min_reference_coverage}),
        series=series,
        trends=read_trends(warehouse, config, series),
        flows=read_flows(warehouse, config),
        supply=supply,
        trade=trade,
        measured_from=measured,
    )


def _measured_from(
    sources_of: dict[tuple[str, str], list[str]],
    series: dict[str, list[Row]],
    goods: Mapping[str, Mapping[str, Sequence[Mapping[str, object]]]],
) -> dict[tuple[str, str, str], list[str]]:
    """Return the sources values rest on.

    All records held, but of published series, supply and trade only those that were chosen.
    """
    chosen: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for (technology_id, basis), source_ids in sources_of.items():
        if basis not in ("statistics", *goods):
            chosen[technology_id, basis, ""] |= set(source_ids)
    for technology_id, rows in series.items():
        for row in rows:
            if row["is_used"]:
                chosen[technology_id, "statistics", row["measure"]].add(row["source_id"])
    for basis, by_technology in goods.items():
        for technology_id, traded in by_technology.items():
            chosen[technology_id, basis, ""] |= {str(row["source_id"]) for row in traded}
    return {key: sorted(source_ids) for key, source_ids in chosen.items()}


def _value(
    row: Row, focal: str, measured: dict[tuple[str, str, str], list[str]], sources: list[Source]
) -> Row:
    """Return one value with rounded figures, its sources, their date and its reference."""
    measure = "" if row["basis"] != "statistics" else INTENSITY if row["indicator_id"] == QUALITY else COUNT
    mine = measured.get((row["technology_id"], row["basis"], measure), [])
    dates = sorted(source.as_of for source in sources if source.source_id in mine and source.as_of)
    rounded: dict[str, Any] = {
        key: figure(row[key]) for key in ("value", "value_lo", "value_hi", "score", "score_lo", "score_hi")
    }
    return (
        row
        | rounded
        | {
            "name": {
                "en": row["name_en"] or row["indicator_id"],
                "ja": row["name_ja"] or row["indicator_id"],
            },
            "unit": row["unit"] or "",
            "source_ids": mine,
            "as_of": dates[-1] if dates else None,
            "trace": trace_reference(row["indicator_id"], row["technology_id"], focal),
        }
    )


def _top_countries(rows: list[Row], focal: str) -> dict[str, list[Row]]:
    """Return the leading countries of each technology by one indicator, and the focal one if measured."""
    by_technology: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_technology[row["technology_id"]][row["indicator_id"]].append(row)
    found: dict[str, list[Row]] = {}
    for technology_id, by_indicator in by_technology.items():
        ranked = next(by_indicator[name] for name in TOP_INDICATORS if name in by_indicator)
        chosen = ranked[:TOP_COUNTRIES] + [
            row for row in ranked[TOP_COUNTRIES:] if row["country_code"] == focal
        ]
        found[technology_id] = [
            row
            | {key: figure(row[key]) for key in ("value", "value_lo", "value_hi")}
            | {
                "trace": trace_reference(row["indicator_id"], technology_id, row["country_code"]),
                "is_focal": row["country_code"] == focal,
            }
            for row in chosen
        ]
    return found
