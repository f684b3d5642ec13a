"""Scores every technology on autonomy, superiority and indispensability, with intervals and rank ranges.

Reads: ind.value, ind.definition, core.technology, core.technology_series, core.statistic_series
Writes: score.normalised, score.technology, score.rank_range, score.draw, score.monopoly_risk
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from listgen.base.config import Config
from listgen.base.errors import CouldNotCheckError
from listgen.base.sqlfile import load_sql_dir
from listgen.base.text import t
from listgen.base.warehouse import Warehouse
from listgen.score import aggregate, monopoly
from listgen.score.draws import draw_scores
from listgen.score.normalise import check_known, indicator_settings, normalise

_VALUES = """
SELECT v.technology_id, v.indicator_id, v.country_code, v.value, v.value_lo, v.value_hi, v.status, d.basis, d.interval_method
FROM ind.value AS v JOIN ind.definition AS d ON d.indicator_id = v.indicator_id
WHERE v.country_code = $country_code
ORDER BY v.technology_id, v.indicator_id
"""
_TECHNOLOGIES = "SELECT technology_id FROM core.technology WHERE status = 'active' ORDER BY technology_id"
# Technologies whose own series all come from one office; broader series are shown but never scored, so they do not count.
_ONE_OFFICE = """
SELECT link.technology_id
FROM core.technology_series AS link JOIN core.statistic_series AS series ON series.series_id = link.series_id
WHERE link.relation IN ('exact', 'narrower')
GROUP BY link.technology_id
HAVING bool_and(series.is_one_office)
ORDER BY link.technology_id
"""
_METHOD = "-- computed in polars from the arguments beside this text: score/normalise.py, score/draws.py, score/aggregate.py"


def run(warehouse: Warehouse, config: Config) -> None:
    """Fill the score tables of a build."""
    for file in load_sql_dir(Path(__file__).parent).values():
        warehouse.run_sql("score", file)
    country_code, settings = config.settings.focal_country, indicator_settings(config.scoring)
    check_known(settings, [row[0] for row in warehouse.rows("SELECT indicator_id FROM ind.definition ORDER BY 1")])
    values = warehouse.frame(_VALUES, {"country_code": country_code})
    technology_ids = [row[0] for row in warehouse.rows(_TECHNOLOGIES)]
    one_office = [row[0] for row in warehouse.rows(_ONE_OFFICE)]
    tables = score_tables(normalise(values, settings, technology_ids), config, one_office)
    for table, frame in tables.items():
        if "country_code" in frame.columns:
            frame = frame.with_columns(pl.lit(country_code).alias("country_code"))
        warehouse.write(table, frame)
    arguments = {"seed": config.settings.seed, "draws": config.settings.draws, "one_office": one_office, "focal_country": country_code}
    arguments["scoring"] = config.scoring.model_dump(mode="json", include={"coverage_gate", "gates", "axes"})
    warehouse.record("score", "arguments", _METHOD, arguments, ("ind.value", "ind.definition"))
    monopoly.run(warehouse, config)


def score_tables(normalised: pl.DataFrame, config: Config, one_office: list[str]) -> dict[str, pl.DataFrame]:
    """Return the rows of each score table; pure, so that a what-if is one changed argument.

    Args:
        normalised: The rows of `normalise`.
        config: Gate, aggregates, seed and number of draws.
        one_office: Technologies whose statistics come from a single patent office.
    """
    gate, n_draws = config.scoring.coverage_gate, config.settings.draws
    how: dict[str, str] = {axis_id: axis.aggregate for axis_id, axis in config.scoring.axes.items()}
    coverage = aggregate.branch_coverage(normalised)
    chosen = aggregate.choose_branches(coverage, gate, one_office)
    weighted = aggregate.rescaled_weights(normalised, chosen)
    weights = weighted.select("technology_id", "axis_id", "indicator_id", "weight")
    drawn = draw_scores(weighted, config.settings.seed, n_draws)
    drawn = drawn.join(weights, on=["technology_id", "axis_id", "indicator_id"], validate="m:1")
    draws = aggregate.axis_values(drawn, how, ["technology_id", "draw"])
    if draws.height != chosen.height * n_draws:
        raise CouldNotCheckError(t("score.draw: draws were lost or doubled while aggregating."))
    points = aggregate.intervals(aggregate.axis_values(weighted, how, ["technology_id"]), draws)
    gaps = aggregate.explain_gaps(normalised, coverage, chosen, one_office)
    return {
        "score.normalised": normalised.select(
            "technology_id", "axis_id", "group_id", "branch", "indicator_id", "country_code", "value", "value_lo", "value_hi",
            "score", "score_lo", "score_hi", "importance", "is_clipped", "status",
        ),
        "score.technology": aggregate.technology_scores(normalised, points, chosen, gaps),
        "score.rank_range": aggregate.rank_ranges(draws),
        "score.draw": draws,
    }  # fmt: skip
