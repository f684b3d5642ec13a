"""Rules: whether each one holds for a technology, judged draw by draw.

Reads: nothing but its arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import polars as pl

from listgen.config.scoring import AXES, Condition, Listing, Rule

# Shares of draws are whole counts over the number of draws; this only forgives their division.
TOLERANCE = 1e-9


def judge_rules(technology_ids: list[str], draws: pl.DataFrame, rules: Mapping[str, Rule]) -> pl.DataFrame:
    """Return technology x rule with `p`, the share of draws meeting all conditions, and `parts`, each alone.

    `margin` says how clearly a rule holds: by how many points its weakest condition is passed, on average
    over the draws; below 0 it is missed.

    A rule with an axis that has no draws has p NULL: it cannot be judged. Conditions are joined draw by draw,
    so that two axes are judged in the same world.

    Args:
        technology_ids: The assessed technologies.
        draws: Rows of score.draw.
        rules: The rules, in the order that breaks ties.
    """
    grid = pl.DataFrame({"technology_id": technology_ids}, schema={"technology_id": pl.String})
    wide = draws.pivot(on="axis_id", on_columns=list(AXES), index=["technology_id", "draw"], values="value")
    frames = []
    for position, (rule_id, rule) in enumerate(rules.items()):
        parts = [_distance(condition) >= 0 for condition in rule.all]
        weakest = pl.min_horizontal(_distance(condition) for condition in rule.all)
        together = reduce(lambda left, right: left & right, parts)
        known = pl.all_horizontal(pl.col(condition.axis).is_not_null() for condition in rule.all)
        shares = wide.group_by("technology_id").agg(
            p=pl.when(known.all()).then(together.sum() / pl.len()),
            margin=pl.when(known.all()).then(weakest.mean()),
            parts=pl.concat_list(
                pl.when(part.is_not_null().all()).then(part.sum() / pl.len()) for part in parts
            ),
        )
        empty = pl.lit([None] * len(parts), dtype=pl.List(pl.Float64))
        frames.append(
            grid.join(shares, on="technology_id", how="left", validate="1:1").select(
                "technology_id",
                pl.lit(rule_id).alias("rule_id"),
                pl.lit(position).alias("position"),
                "p",
                "margin",
                pl.col("parts").fill_null(empty),
            )
        )
    return pl.concat(frames).sort("technology_id", "position")


def _distance(condition: Condition) -> pl.Expr:
    """Return by how many points an axis is on the right side of its bar."""
    axis = pl.col(condition.axis)
    if condition.min is not None:
        return axis - condition.min
    return pl.lit(condition.max) - axis


def by_evidence() -> list[pl.Expr]:
    """Return the order of rules: the most probable first, of equals the one that holds most clearly."""
    return [pl.col("p") * -1, pl.col("margin").round(9) * -1, pl.col("position")]


def status_of(p: float | None, n_judged: int, n_rules: int, listing: Listing) -> str:
    """Return the status a best probability leads to.

    Args:
        p: None where no rule could be judged.
        n_judged: How many rules could be judged; where one could not, "not listed" is not known.
        n_rules: How many rules there are.
        listing: The bars.
    """
    if p is None:
        return "insufficient_evidence"
    if p >= listing.listed - TOLERANCE:
        return "listed"
    if p >= listing.near_miss - TOLERANCE:
        return "near_miss"
    return "not_listed" if n_judged == n_rules else "partly_judged"
