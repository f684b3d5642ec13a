"""Classifies technology monopoly risk by ASPI's rule and says how sure the class is.

Reads: core.technology, core.technology_evidence, and what `worlds` reads of works
Writes: score.monopoly_risk
"""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from listgen import worlds
from listgen.config.loader import Config
from listgen.config.scoring import Monopoly, MonopolyClass
from listgen.outputs.candidates import RiskClass
from listgen.store.warehouse import Statement, Warehouse
from listgen.worlds import TIE_UNITS

CLASSES: tuple[RiskClass, ...] = get_args(RiskClass)
_METHOD = (
    "-- computed in numpy from the statements world/works... and the arguments beside this text:"
    " composite/monopoly.py, worlds/"
)
_TECHNOLOGIES = """
SELECT t.technology_id, coalesce(e.n_items, 0) AS n_items, coalesce(e.n_comparable, 0) AS n_comparable,
  EXISTS (
    FROM core.technology_work AS w
    JOIN core.period AS p ON p.period_id = 'works' AND w.publication_year BETWEEN p.first_year AND p.last_year
    WHERE w.technology_id = t.technology_id AND w.is_comparable AND w.top10_weight IN (0, 1)
  ) AS is_divided
FROM core.technology AS t
LEFT JOIN core.technology_evidence AS e ON e.technology_id = t.technology_id AND e.basis = 'works'
ORDER BY t.technology_id
"""
_SCHEMA = {
    "technology_id": pl.String,
    "leader_country_code": pl.String,
    "second_country_code": pl.String,
    "k": pl.Int64,
    "ratio": pl.Float64,
    "ratio_lo": pl.Float64,
    "ratio_hi": pl.Float64,
    "risk_class": pl.String,
    "p_high": pl.Float64,
    "p_medium": pl.Float64,
    "p_low": pl.Float64,
    "n": pl.Int64,
    "status": pl.String,
}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def aspi_rule() -> Monopoly:
    """Return ASPI's published rule (March 2023 report, unchanged in 2024): the default of scoring.yaml."""
    why = {"en": "As published.", "ja": "公表された規則のとおり。"}
    high, medium = (
        MonopolyClass(min_institutions=8, min_ratio=3.0),
        MonopolyClass(min_institutions=5, min_ratio=2.0),
    )
    return Monopoly.model_validate({"top_institutions": 10, "high": high, "medium": medium, "why": why})


def classify_monopoly(
    institutions: pl.DataFrame, shares: pl.DataFrame, rule: Monopoly | None = None
) -> pl.DataFrame:
    """Return one row per technology: leader_country_code, second_country_code, k, ratio and risk_class.

    k is the number of the world's top institutions located in the lead country; ratio is the leader's share
    over the second's, NULL when nobody else has a share. Both bars of a class must be reached, on the
    unrounded ratio: 2.96 prints as 3.0 and is below 3. Equal credit is ordered by institution_id, equal
    shares by country_code.

    Args:
        institutions: technology_id, institution_id, country_code, credit.
        shares: technology_id, country_code, share, in any unit.
        rule: The bars; ASPI's by default.
    """
    rule = rule or aspi_rule()
    best = institutions.sort("technology_id", "credit", "institution_id", descending=[False, True, False])
    best = best.group_by("technology_id", maintain_order=True).head(rule.top_institutions)
    front = (
        shares.filter(pl.col("share") > 0)
        .sort("technology_id", "share", "country_code", descending=[False, True, False])
        .group_by("technology_id", maintain_order=True)
        .agg(
            pl.col("country_code").first().alias("leader_country_code"),
            pl.col("country_code").get(1, null_on_oob=True).alias("second_country_code"),
            (pl.col("share").first() / pl.col("share").get(1, null_on_oob=True)).alias("ratio"),
        )
    )
    at_home = best.join(front, on="technology_id").filter(
        pl.col("country_code") == pl.col("leader_country_code")
    )
    k = at_home.group_by("technology_id").agg(pl.len().cast(pl.Int64).alias("k"))
    placed = front.join(k, on="technology_id", how="left", validate="1:1").with_columns(
        pl.col("k").fill_null(0)
    )
    return placed.with_columns(risk_class(rule).alias("risk_class")).sort("technology_id")


def risk_class(rule: Monopoly) -> pl.Expr:
    """Return the class from columns `k` and `ratio`.

    A ratio of NULL is a lead over nobody and passes every bar.
    """
    ratio = pl.col("ratio").fill_null(float("inf"))
    passes = {
        name: (pl.col("k") >= bars.min_institutions) & (ratio >= bars.min_ratio)
        for name, bars in (("high", rule.high), ("medium", rule.medium))
    }
    return (
        pl.when(passes["high"])
        .then(pl.lit("high"))
        .when(passes["medium"])
        .then(pl.lit("medium"))
        .otherwise(pl.lit("low"))
    )


def frames_of(technology_id: str, evidence: worlds.Evidence) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the observed top 10 % credit of one technology as the two tables `classify_monopoly` reads."""
    top = evidence.top_tenth.of(np.ones((len(evidence.items), 1)))
    codes = [evidence.codes[place] if place >= 0 else None for place in evidence.institution_country]
    credit = np.rint(worlds.added(evidence.institutions, top)[:, 0] * TIE_UNITS) / TIE_UNITS
    institutions = {"institution_id": range(len(codes)), "country_code": codes, "credit": credit}
    shares = {"country_code": evidence.codes, "share": worlds.added(evidence.own, top)[:, 0]}
    name = pl.lit(technology_id).alias("technology_id")
    schema = {"country_code": pl.String}
    return (
        pl.DataFrame(institutions, schema_overrides=schema).filter(pl.col("credit") > 0).with_columns(name),
        pl.DataFrame(shares, schema_overrides=schema).with_columns(name),
    )


def draw_ranking(
    evidence: worlds.Evidence, rule: Monopoly, technology_id: str, seed: int, n_draws: int
) -> tuple[Ints, Floats, Floats]:
    """Return k, the ratio of leader to second in each world, and the countries' credit, a row per world.

    The institutions are ranked by drawn true credit (`worlds/institutions.py`): by the credit of a resampled
    world luck would count twice, and k would come out too low.

    Args:
        evidence: The works of a technology.
        rule: For the number of top institutions.
        technology_id: Names its stream: another technology moves nothing here.
        seed: The workspace's seed.
        n_draws: Number of worlds.
    """
    shrunken = worlds.Shrunken(evidence, worlds.stream_of(seed, technology_id, "monopoly_risk"))
    parts = []
    for taken in worlds.chunks(evidence, seed, n_draws):
        top = evidence.top_tenth.of(taken)
        credit = worlds.added(evidence.own, top)
        leader, ratio = _front(credit)
        best, is_counted = worlds.leading(shrunken.draw(taken, top), rule.top_institutions)
        is_home = evidence.institution_country[shrunken.near][best] == leader
        parts.append(((is_home & is_counted).sum(axis=0), ratio, credit.T))
    k_all, ratio_all, credit_all = (np.concatenate(part) for part in zip(*parts, strict=True))
    return k_all, ratio_all, credit_all


def _front(credit: Floats) -> tuple[Ints, Floats]:
    """Return the leader of each world and its credit over the second's; of equals the first code leads."""
    ranked = np.rint(credit * TIE_UNITS)
    leader = ranked.argmax(axis=0)
    every = np.arange(credit.shape[1])
    rest = credit.copy()
    rest[leader, every] = 0.0
    return leader, _divide(credit[leader, every], rest.max(axis=0))


def _divide(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full_like(above, np.inf), where=below > 0)


def assess(
    technology_id: str, evidence: worlds.Evidence, rule: Monopoly, seed: int, n_draws: int
) -> dict[str, Any]:
    """Return each class's probability for one technology, the likeliest, and the interval of the ratio.

    k and ratio are those of the data. The class is the one that most worlds are in, and none where fewer than
    `min_probability` of them agree. The interval is of the ratio between the two countries that lead in the
    data; it may reach below one, where they change places.

    Args:
        technology_id: Names the technology and, with the seed, its stream.
        evidence: Its works.
        rule: The bars of the classes.
        seed: The workspace's seed.
        n_draws: Number of worlds.
    """
    row = classify_monopoly(*frames_of(technology_id, evidence), rule).row(0, named=True)
    k, ratio, by_country = draw_ranking(evidence, rule, technology_id, seed, n_draws)
    classes = pl.DataFrame({"k": k, "ratio": ratio}).select(risk_class(rule).alias("risk_class"))[
        "risk_class"
    ]
    p = {name: float((classes == name).sum()) / n_draws for name in CLASSES}
    likely = max(CLASSES, key=lambda name: p[name])
    found: dict[str, Any] = {f"p_{name}": p[name] for name in CLASSES}
    found["risk_class"] = likely if p[likely] >= rule.min_probability else None
    if row["second_country_code"] is not None:
        pair = [evidence.codes.index(row[key]) for key in ("leader_country_code", "second_country_code")]
        lo, hi = np.quantile(
            _divide(by_country[:, pair[0]], by_country[:, pair[1]]), [0.025, 0.975], method="inverted_cdf"
        )
        found |= {
            "ratio_lo": min(float(lo), row["ratio"]),
            "ratio_hi": max(float(hi), row["ratio"]) if np.isfinite(hi) else None,
        }
    return row | found


def run(warehouse: Warehouse, config: Config) -> None:
    """Fill score.monopoly_risk: one row for every technology, with a class where the evidence carries one."""
    rule, span = config.scoring.monopoly, worlds.periods(warehouse).get("works")
    arguments = {
        "seed": config.settings.seed,
        "draws": config.settings.draws,
        "min_top10_items": config.scoring.gates.min_top10_items,
        "rule": rule.model_dump(mode="json"),
    }
    used = [one for one in worlds.statements(warehouse) if one.id.startswith("world/works")]
    inputs = tuple(sorted({table for one in used for table in one.inputs}))
    warehouse.record("score", Statement("score.monopoly_risk", _METHOD, arguments, inputs))
    rows = []
    for technology_id, n_items, n_comparable, is_divided in warehouse.rows(_TECHNOLOGIES):
        evidence = worlds.read(warehouse, technology_id, "works", span) if span else None
        if evidence is None:
            status = "not_comparable" if n_items and not n_comparable else "missing"
            rows.append({"technology_id": technology_id, "status": status})
            continue
        found = _judge(technology_id, evidence, config)
        if found["status"] in ("ok", "not_determinable") and not is_divided:
            # All works are cited equally often: the top 10 % is the whole set.
            found = {"n": found["n"], "status": "not_applicable"}
        rows.append({"technology_id": technology_id} | found)
    warehouse.write("score.monopoly_risk", pl.DataFrame(rows, schema=_SCHEMA, orient="row"))


def _judge(technology_id: str, evidence: worlds.Evidence, config: Config) -> dict[str, Any]:
    """Return the row of one technology without its name."""
    top = evidence.top_tenth.of(np.ones((len(evidence.items), 1)))[:, 0]
    # A work without any known country carries no credit.
    top = np.where(np.diff(evidence.own.indptr) > 0, top, 0.0)
    n, rule, settings = int((top > 0).sum()), config.scoring.monopoly, config.settings
    # Tied works weigh less than one each: what they add up to is the number of top 10 % works.
    if round(float(top.sum()), 6) < config.scoring.gates.min_top10_items:
        return {"n": n, "status": "too_few"}
    if (np.asarray(evidence.institutions.T @ top) > 0).sum() < rule.top_institutions:
        return {"n": n, "status": "not_applicable"}
    found = assess(technology_id, evidence, rule, settings.seed, settings.draws)
    if n < rule.min_items:
        found["risk_class"] = None
    return found | {"n": n, "status": "ok" if found["risk_class"] else "not_determinable"}
