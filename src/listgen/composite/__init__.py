"""Scores every technology on autonomy, superiority and indispensability, with intervals and rank ranges.

Reads: ind.value, ind.definition, ind.world, core.technology, core.technology_series, core.statistic_series,
core.technology_family,
    core.patent_family, core.source, core.period
Writes: score.normalised, score.technology, score.rank_range, score.draw, score.monopoly_risk
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from listgen.base.errors import CouldNotCheckError
from listgen.base.text import t
from listgen.composite import aggregate, monopoly
from listgen.composite.draws import Places, draw_scores, places_of
from listgen.composite.normalise import check_known, indicator_settings, normalise
from listgen.config.loader import Config
from listgen.store.sqlfile import load_sql_dir
from listgen.store.warehouse import Statement, Warehouse

_VALUES = """
SELECT v.technology_id, v.indicator_id, v.country_code, v.value, v.value_lo, v.value_hi, v.status, d.basis,
  d.interval_method
FROM ind.value AS v JOIN ind.definition AS d ON d.indicator_id = v.indicator_id
WHERE v.country_code = $country_code
ORDER BY v.technology_id, v.indicator_id
"""
_WORLDS = "SELECT technology_id, indicator_id, place FROM ind.world WHERE country_code = $country_code"
_TECHNOLOGIES = "SELECT technology_id FROM core.technology WHERE status = 'active' ORDER BY technology_id"
# What the evidence held on a technology can be at best. Series of a broader field are shown but never scored,
# so they are not its own.
_HELD = """
WITH series AS (
  SELECT link.technology_id, bool_or(link.relation IN ('exact', 'narrower')) AS has_own,
    bool_and(series.is_one_office) FILTER (WHERE link.relation IN ('exact', 'narrower')) AS is_one_office
  FROM core.technology_series AS link JOIN core.statistic_series AS series
    ON series.series_id = link.series_id
  WHERE series.period_last_year IS NOT NULL
  GROUP BY link.technology_id
),
family AS (
  SELECT member.technology_id, bool_and(source.is_one_office) AS is_one_office
  FROM core.technology_family AS member
  JOIN core.period AS period ON period.period_id = 'families'
    AND member.priority_year BETWEEN period.first_year AND period.last_year
  JOIN core.patent_family AS family ON family.family_id = member.family_id
  JOIN core.source AS source ON source.source_id = family.source_id
  WHERE member.is_comparable
  GROUP BY member.technology_id
)
SELECT technology.technology_id, coalesce(series.is_one_office, false) AS has_one_office_series,
  coalesce(NOT series.has_own, false) AS has_broader_series,
  coalesce(family.is_one_office, false) AS has_one_office_families
FROM core.technology AS technology
LEFT JOIN series ON series.technology_id = technology.technology_id
LEFT JOIN family ON family.technology_id = technology.technology_id
WHERE technology.status = 'active'
ORDER BY technology.technology_id
"""
_METHOD = (
    "-- computed in polars from the arguments beside this text: composite/normalise.py, composite/draws.py,"
    " composite/aggregate.py"
)


def run(warehouse: Warehouse, config: Config) -> None:
    """Fill the score tables of a build."""
    for file in load_sql_dir(Path(__file__).parent).values():
        warehouse.run_sql("score", file)
    country_code, settings = config.settings.focal_country, indicator_settings(config.scoring)
    check_known(
        settings, [row[0] for row in warehouse.rows("SELECT indicator_id FROM ind.definition ORDER BY 1")]
    )
    values = warehouse.frame(_VALUES, {"country_code": country_code})
    technology_ids = [row[0] for row in warehouse.rows(_TECHNOLOGIES)]
    held = warehouse.frame(_HELD)
    places = places_of(warehouse.frame(_WORLDS, {"country_code": country_code}))
    tables = score_tables(normalise(values, settings, technology_ids), config, held, places)
    for table, frame in tables.items():
        if "country_code" in frame.columns:
            frame = frame.with_columns(pl.lit(country_code).alias("country_code"))
        warehouse.write(table, frame)
    arguments = {"seed": config.settings.seed, "draws": config.settings.draws, "focal_country": country_code}
    arguments |= {flag: held.filter(flag)["technology_id"].to_list() for flag in aggregate.FLAGS}
    arguments["scoring"] = config.scoring.model_dump(mode="json", include={"coverage_gate", "gates", "axes"})
    warehouse.record(
        "score", Statement("arguments", _METHOD, arguments, ("ind.value", "ind.definition", "ind.world"))
    )
    monopoly.run(warehouse, config)


def score_tables(
    normalised: pl.DataFrame, config: Config, held: pl.DataFrame, places: Places
) -> dict[str, pl.DataFrame]:
    """Return the rows of each score table; pure, so that a what-if is one changed argument.

    Args:
        normalised: The rows of `normalise`.
        config: Gate, aggregates, seed and number of draws.
        held: What the evidence held on each technology can be at best: technology_id and `aggregate.FLAGS`.
        places: How the indicators rise and fall together: `draws.places_of`.
    """
    gate, n_draws = config.scoring.coverage_gate, config.settings.draws
    how: dict[str, str] = {axis_id: axis.aggregate for axis_id, axis in config.scoring.axes.items()}
    coverage = aggregate.branch_coverage(normalised)
    chosen = aggregate.choose_branches(coverage, gate, held)
    weighted = aggregate.rescaled_weights(normalised, chosen)
    weights = weighted.select("technology_id", "axis_id", "indicator_id", "weight")
    drawn = draw_scores(weighted, config.settings.seed, n_draws, places)
    drawn = drawn.join(weights, on=["technology_id", "axis_id", "indicator_id"], validate="m:1")
    draws = aggregate.axis_values(drawn, how, ["technology_id", "draw"])
    if draws.height != chosen.height * n_draws:
        raise CouldNotCheckError(t("score.draw: draws were lost or doubled while aggregating."))
    points = aggregate.intervals(aggregate.axis_values(weighted, how, ["technology_id"]), draws)
    gaps = aggregate.explain_gaps(normalised, coverage, chosen, held)
    return {
        "score.normalised": normalised.select(
            "technology_id", "axis_id", "group_id", "branch", "indicator_id", "country_code", "value",
            "value_lo", "value_hi",
            "score", "score_lo", "score_hi", "importance", "is_clipped", "status",
        ),
        "score.technology": aggregate.technology_scores(normalised, points, chosen, gaps),
        "score.rank_range": aggregate.rank_ranges(draws),
        "score.draw": draws,
    }  # fmt: skip
