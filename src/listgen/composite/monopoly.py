"""Classifies technology monopoly risk by ASPI's rule and says how sure the class is.

Reads: core.technology, core.technology_evidence, core.technology_work, core.work_country, core.authorship,
core.institution, core.period Writes: score.monopoly_risk
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from listgen.config.loader import Config
from listgen.config.scoring import Monopoly, MonopolyClass
from listgen.outputs.candidates import RiskClass
from listgen.store.sqlfile import load_sql_dir
from listgen.store.warehouse import Statement, Warehouse

CREDIT = Path(__file__).parent / "credit"
CLASSES: tuple[RiskClass, ...] = get_args(RiskClass)
# Draws made at once: bounds the memory of a technology with many works.
_CHUNK = 100
# Credit is ranked in millionths, so that equal credit is a tie whatever order it was added up in.
_TIE_UNITS = 1_000_000
_METHOD = (
    "-- computed in numpy from the credit statements and the arguments beside this text:"
    " composite/monopoly.py"
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


@dataclass(frozen=True)
class Credit:
    """Fractional top 10 % credit of one technology as sparse work x institution and work x country tables.

    Institutions and countries stand in the order of their ids, so that the first of two equals is the same
    everywhere.
    """

    by_institution: Any  # scipy has no types
    by_country: Any
    institution_ids: list[int]
    institution_country: Ints  # place in country_codes, -1 unknown
    country_codes: list[str]

    @classmethod
    def of(cls, institutions: pl.DataFrame, countries: pl.DataFrame) -> Credit:
        """Return the tables of the rows of credit/institution.sql and credit/country.sql."""
        works = (
            pl.concat([institutions.select("work_id"), countries.select("work_id")])
            .unique()
            .sort("work_id")["work_id"]
        )
        located = institutions.select("institution_id", "country_code").unique().sort("institution_id")
        codes = countries["country_code"].unique().sort()
        place = {code: index for index, code in enumerate(codes)}
        return cls(
            _table(institutions, works, "institution_id", located["institution_id"]),
            _table(countries, works, "country_code", codes),
            located["institution_id"].to_list(),
            np.array([place.get(code, -1) for code in located["country_code"]], dtype=np.int64),
            codes.to_list(),
        )

    def frames(self, technology_id: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the observed credit as the two tables `classify_monopoly` reads."""
        once = np.ones((1, self.by_country.shape[0]))
        by_institution, by_country = _weigh(self.by_institution, once)[0], _weigh(self.by_country, once)[0]
        codes = [self.country_codes[index] if index >= 0 else None for index in self.institution_country]
        institutions = {
            "institution_id": self.institution_ids,
            "country_code": codes,
            "credit": _ranked(by_institution) / _TIE_UNITS,
        }
        shares = {"country_code": self.country_codes, "share": by_country}
        name = pl.lit(technology_id).alias("technology_id")
        return pl.DataFrame(institutions).with_columns(name), pl.DataFrame(shares).with_columns(name)


def _table(rows: pl.DataFrame, works: pl.Series, key: str, keys: pl.Series) -> Any:  # noqa: ANN401 - scipy has no types
    row = works.search_sorted(rows["work_id"]).to_numpy()
    column = keys.search_sorted(rows[key]).to_numpy()
    return csr_matrix((rows["credit"].to_numpy(), (row, column)), shape=(len(works), len(keys)))


def _weigh(table: Any, weights: Floats) -> Floats:  # noqa: ANN401 - scipy has no types
    return np.asarray((table.T @ weights.T).T)


def _ranked(credit: Floats) -> Ints:
    return np.rint(credit * _TIE_UNITS).astype(np.int64)


def draw_ranking(
    credit: Credit, rule: Monopoly, rng: np.random.Generator, n_draws: int
) -> tuple[Ints, Floats, Floats]:
    """Return k, the ratio of each draw's own leader and second, and the countries' credit, one row per draw.

    A draw is as many works as there are, taken with replacement, each with all its institutions and
    countries: they are not independent of one another. The weights of the top 10 % stay as they are.

    Args:
        credit: The tables of a technology.
        rule: For the number of top institutions.
        rng: The technology's own stream.
        n_draws: Number of draws.
    """
    n_works = credit.by_country.shape[0]
    parts = []
    for first in range(0, n_draws, _CHUNK):
        size = min(_CHUNK, n_draws - first)
        taken = rng.integers(0, n_works, size=(size, n_works)) + n_works * np.arange(size)[:, None]
        times = np.bincount(taken.ravel(), minlength=size * n_works).reshape(size, n_works).astype(np.float64)
        by_country = _weigh(credit.by_country, times)
        k, ratio = _rank_draws(
            _ranked(_weigh(credit.by_institution, times)),
            by_country,
            credit.institution_country,
            rule.top_institutions,
        )
        parts.append((k, ratio, by_country))
    k_all, ratio_all, credit_all = (np.concatenate(part) for part in zip(*parts, strict=True))
    return k_all, ratio_all, credit_all


def _rank_draws(
    by_institution: Ints, by_country: Floats, institution_country: Ints, top: int
) -> tuple[Ints, Floats]:
    n_draws, n_institutions = by_institution.shape
    # No two keys are equal, so the same institutions come first on every machine: of equals, the lower id.
    keys = by_institution * n_institutions + np.arange(n_institutions - 1, -1, -1)
    best = np.argpartition(keys, n_institutions - top, axis=1)[:, n_institutions - top :]
    every, ranked = np.arange(n_draws), _ranked(by_country)
    leader = ranked.argmax(axis=1)
    k = (institution_country[best] == leader[:, None]).sum(axis=1)
    ranked[every, leader] = -1
    second = ranked.argmax(axis=1)
    return k, _divide(by_country[every, leader], np.where(second == leader, 0.0, by_country[every, second]))


def _divide(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full_like(above, np.inf), where=below > 0)


def assess(technology_id: str, credit: Credit, rule: Monopoly, seed: int, n_draws: int) -> dict[str, Any]:
    """Return the class of one technology, the 95 % interval of its ratio and the probability of each class.

    The interval is of the ratio between the two countries that lead in the data; it may reach below one,
    where they change places.

    Args:
        technology_id: Names the technology and, with the seed, its stream: another technology moves nothing
            here.
        credit: Its credit tables.
        rule: The bars of the classes.
        seed: The workspace's seed.
        n_draws: Number of bootstrap draws.
    """
    row = classify_monopoly(*credit.frames(technology_id), rule).row(0, named=True)
    digest = hashlib.sha256(f"{seed}\x1f{technology_id}\x1fmonopoly_risk".encode()).digest()
    rng = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
    k, ratio, by_country = draw_ranking(credit, rule, rng, n_draws)
    classes = pl.DataFrame({"k": k, "ratio": ratio}).select(risk_class(rule).alias("risk_class"))[
        "risk_class"
    ]
    found: dict[str, Any] = {f"p_{name}": float((classes == name).sum()) / n_draws for name in CLASSES}
    if row["second_country_code"] is not None:
        pair = [
            credit.country_codes.index(row[key]) for key in ("leader_country_code", "second_country_code")
        ]
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
    files, rule, settings = load_sql_dir(CREDIT), config.scoring.monopoly, config.settings
    window = warehouse.rows("SELECT first_year, last_year FROM core.period WHERE period_id = 'works'")
    span = {"first_year": window[0][0], "last_year": window[0][1]} if window else {}
    arguments = {
        "seed": settings.seed,
        "draws": settings.draws,
        "min_top10_items": config.scoring.gates.min_top10_items,
    }
    inputs = tuple(sorted({table for file in files.values() for table in file.inputs}))
    # Run once per technology, kept once: only $technology_id differs.
    used = [
        Statement(f"score.monopoly_risk/{name}", file.sql, span, file.inputs) for name, file in files.items()
    ]
    warehouse.record(
        "score",
        Statement("score.monopoly_risk", _METHOD, arguments | {"rule": rule.model_dump(mode="json")}, inputs),
        *used,
    )
    rows = []
    for technology_id, n_items, n_comparable, is_divided in warehouse.rows(_TECHNOLOGIES):
        if n_comparable == 0 or not window:
            rows.append(
                {
                    "technology_id": technology_id,
                    "status": "not_comparable" if n_items and not n_comparable else "missing",
                }
            )
            continue
        params = {"technology_id": technology_id} | span
        institutions, countries = (
            warehouse.frame(files[name].sql, params) for name in ("institution", "country")
        )
        found = _judge(technology_id, institutions, countries, config)
        if found["status"] == "ok" and not is_divided:
            # All works are cited equally often: the top 10 % is the whole set.
            found = {"n": found["n"], "status": "not_applicable"}
        rows.append({"technology_id": technology_id} | found)
    warehouse.write("score.monopoly_risk", pl.DataFrame(rows, schema=_SCHEMA, orient="row"))


def _judge(
    technology_id: str, institutions: pl.DataFrame, countries: pl.DataFrame, config: Config
) -> dict[str, Any]:
    works = countries.select("work_id", "top10_weight").unique()
    # Tied works weigh less than one each: what they add up to, exactly as DECIMAL, is the number of top 10 %
    # works.
    if works["top10_weight"].sum() < config.scoring.gates.min_top10_items:
        return {"n": works.height, "status": "too_few"}
    rule, settings = config.scoring.monopoly, config.settings
    if institutions["institution_id"].n_unique() < rule.top_institutions:
        return {"n": works.height, "status": "not_applicable"}
    found = assess(technology_id, Credit.of(institutions, countries), rule, settings.seed, settings.draws)
    return found | {"n": works.height, "status": "ok"}
