"""Proposes the candidate list.

Every rule judged on the draws, every assessed technology once, with reasons and caveats.

Reads: core.*, score.technology, score.draw, score.normalised, ind.value, ind.definition, cluster.front
Writes: list.candidate, list.reason, list.decided
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from listgen.base.errors import CouldNotCheckError
from listgen.base.text import t
from listgen.config.loader import Config
from listgen.config.scoring import RECORD_BASES, Scoring
from listgen.listing.caveats import gather_caveats
from listgen.listing.reasons import reason_rows
from listgen.listing.rules import by_evidence, judge_rules, status_of
from listgen.store.sqlfile import load_sql_file
from listgen.store.warehouse import Statement, Warehouse

# An indicator is used when it stands behind a score, or when it is all that is known of an axis.
_USED = """
SELECT n.technology_id, n.axis_id, n.indicator_id, n.value, n.is_clipped, d.basis, d.unit, d.name_en,
  d.name_ja,
  list_concat(d.caveats, v.caveats) AS caveats, v.period_last_year
FROM score.normalised AS n
JOIN score.technology AS s ON s.technology_id = n.technology_id AND s.axis_id = n.axis_id
JOIN ind.definition AS d ON d.indicator_id = n.indicator_id
JOIN ind.value AS v ON v.indicator_id = n.indicator_id AND v.technology_id = n.technology_id
  AND v.country_code = n.country_code
WHERE n.status = 'ok' AND (s.status <> 'ok' OR s.grade = n.branch)
ORDER BY n.technology_id, n.axis_id, n.indicator_id
"""
_HELD = (
    "SELECT technology_id, basis, n_items FROM core.technology_evidence WHERE list_contains($bases, basis)"
    " ORDER BY ALL"
)


def run(warehouse: Warehouse, config: Config) -> None:
    """Fill the list tables of a build."""
    warehouse.run_sql("candidates", load_sql_file(Path(__file__).with_name("tables.sql")))
    scoring = config.scoring
    technology_ids = [
        row[0]
        for row in warehouse.rows(
            "SELECT technology_id FROM core.technology WHERE status = 'active' ORDER BY 1"
        )
    ]
    scores = warehouse.frame("SELECT * FROM score.technology ORDER BY technology_id, axis_id")
    draws = warehouse.frame("SELECT technology_id, axis_id, draw, value FROM score.draw")
    used = warehouse.frame(_USED)
    judged = judge_rules(technology_ids, draws, scoring.rules)
    held: dict[str, dict[str, int]] = defaultdict(dict)
    for technology_id, basis, n_items in warehouse.rows(_HELD, {"bases": list(RECORD_BASES)}):
        held[technology_id][basis] = n_items
    reasons = reason_rows(judged, scores, used, held, scoring)
    caveats = gather_caveats(warehouse, config, used, judged)
    warehouse.write("list.reason", reasons)
    warehouse.write(
        "list.candidate",
        candidate_rows(
            judged, warehouse.frame("SELECT technology_id, pareto_front FROM cluster.front"), caveats, scoring
        ),
    )
    warehouse.write("list.decided", decided_list(warehouse))
    arguments = scoring.model_dump(mode="json", include={"rules", "listing"})
    method = (
        "-- computed in polars from the arguments beside this text: listing/rules.py, reasons.py, caveats.py"
    )
    warehouse.record(
        "candidates", Statement("arguments", method, arguments, ("score.technology", "score.draw"))
    )


def decided_list(warehouse: Warehouse, without: str = "") -> pl.DataFrame:
    """Return the list after the review's decisions, or without the decision on one technology."""
    file = load_sql_file(Path(__file__).with_name("decided.sql"))
    return warehouse.frame(file.sql, {"without": without})


def candidate_rows(
    judged: pl.DataFrame, fronts: pl.DataFrame, caveats: Mapping[str, list[str]], scoring: Scoring
) -> pl.DataFrame:
    """Return one row per technology: status by its best rule, Pareto front and caveats.

    Raises:
        CouldNotCheckError: A technology was lost or doubled.
    """
    technologies = judged.select("technology_id").unique()
    counts = judged.group_by("technology_id").agg(
        rules_judged=pl.col("p").count().cast(pl.Int32), rules_of=pl.len().cast(pl.Int32)
    )
    best = (
        judged.filter(pl.col("p").is_not_null())
        .sort("technology_id", *by_evidence())
        .unique("technology_id", keep="first", maintain_order=True)
        # A rule that holds in no draw is not a best rule; its p of zero still says that rules were judged.
        .select(
            "technology_id",
            pl.when(pl.col("p") > 0).then("rule_id").alias("best_rule_id"),
            pl.col("p").alias("best_rule_p"),
        )
    )
    rows = (
        technologies.join(best, on="technology_id", how="left")
        .join(counts, on="technology_id", validate="1:1")
        .join(fronts, on="technology_id", how="left")
        .sort("technology_id")
    )
    if rows.height != technologies.height:
        raise CouldNotCheckError(t("list.candidate: a technology was lost or doubled."))
    return rows.with_columns(
        status=pl.Series(
            [
                status_of(p, n_judged, n_rules, scoring.listing)
                for p, n_judged, n_rules in rows.select("best_rule_p", "rules_judged", "rules_of").iter_rows()
            ],
            dtype=pl.String,
        ),
        caveats=pl.Series(
            [caveats.get(technology_id, []) for technology_id in rows["technology_id"]],
            dtype=pl.List(pl.String),
        ),
    )
