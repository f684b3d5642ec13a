"""How often the 95 % intervals contain the truth, on worlds drawn from a known superpopulation.

Every world is one technology of a build in memory; the stage's own statements, the indicators' own SQL and
the project's own scoring make its values and intervals. Nothing is computed here that is published. Usage:
`make method` (resumable: a finished cell is kept in method/cells), or `python method/coverage.py --short`
(two designs, for CI; exit code 1 on a missed interval that worlds.json does not accept). Needs
PYTHONPATH=tests for the empty core tables.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import polars as pl
from indicator_world import core_tables, read_scoring, statement_of
from scipy.stats import beta

from listgen import worlds
from listgen.composite import score_tables
from listgen.composite.draws import places_of
from listgen.composite.monopoly import CLASSES, assess, classify_monopoly
from listgen.composite.normalise import indicator_settings, normalise
from listgen.config.scoring import Scoring
from listgen.indicators import bars_of, load_indicators, measure
from listgen.indicators.resampled import resample
from listgen.indicators.status import judge
from listgen.sample.profiles import CODES
from listgen.sample.superpopulation import INSTITUTION_COUNTRY, Design, Technology
from listgen.store.warehouse import Warehouse

HERE = Path(__file__).parent
WORLDS = json.loads((HERE / "worlds.json").read_text(encoding="utf-8"))
FOCAL = ("CN", "JP", "NL")
NAMES = (
    *("s1_top10_share", "s2_quality_ratio", "s3_log_lead", "s4_elite_institutions"),
    *("a1_foreign_dependence", "a3_source_concentration"),
    *("i1_inbound_reliance", "i2_breadth", "i3_removal_impact"),
)
CLASS = "monopoly_class"
AXES = ("superiority", "autonomy", "indispensability")
PERIOD = (2019, 2023)
WORKS_AT_ONCE = 500_000
GATE, CONFIDENCE, NOMINAL = 0.93, 0.99, 0.95
STAGED = ("technology_work", "country_output", "citation_flow", "citation_spread", "reference_coverage")


def breadth_and_removal(flow: np.ndarray, output: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the true I2 and I3 of every country from the expected citation matrix."""
    abroad = flow - np.diag(np.diag(flow))
    share = abroad / abroad.sum(axis=1, keepdims=True)
    third = np.sort(share, axis=1)[:, -3]
    weight = np.tile(output, (len(flow), 1)).T * (1 - np.eye(len(flow)))
    weight = weight / weight.sum(axis=0)
    gap = np.maximum(0.0, share - 0.5 * (1 - share))
    return (weight * (share >= third[:, None])).sum(axis=0), (weight * gap).sum(axis=0)


def truth_of(technology: Technology) -> dict[str, np.ndarray]:
    """Return the true value of every indicator by country."""
    top, flow = technology.top_share, technology.flow
    best_other = np.array([np.delete(top, place).max() for place in range(len(top))])
    elite = INSTITUTION_COUNTRY[np.argsort(-technology.institution_credit)[:50]]
    abroad = flow - np.diag(np.diag(flow))
    share = abroad / abroad.sum(axis=1, keepdims=True)
    m = len(flow) - 1
    breadth, removal = breadth_and_removal(flow, technology.output)
    return {
        "s1_top10_share": top,
        "s2_quality_ratio": technology.field_quality,
        "s3_log_lead": np.log(top / best_other),
        "s4_elite_institutions": np.bincount(elite, minlength=len(top)) / 50,
        "a1_foreign_dependence": abroad.sum(axis=1) / flow.sum(axis=1),
        "a3_source_concentration": ((share**2).sum(axis=1) * m - 1) / (m - 1),
        "i1_inbound_reliance": abroad.sum(axis=0) / (abroad.sum() - abroad.sum(axis=1)),
        "i2_breadth": breadth,
        "i3_removal_impact": removal,
    }


def work_tables(
    technologies: list[tuple[str, Technology]], design: Design, seed: int
) -> dict[str, pl.DataFrame]:
    """Return the rows of the core tables that the worlds consist of; cited items are one work per country."""
    works, authors, cited, first = [], [], [], 1
    codes = np.array(CODES)
    for technology_id, technology in technologies:
        rng = np.random.default_rng([seed, technology.number, int(technology_id.split("-")[1])])
        drawn = technology.works(design, rng)
        ids = np.arange(first, first + len(drawn.year))
        first += len(ids)
        works.append(
            pl.DataFrame(
                {
                    "work_id": ids,
                    "publication_year": drawn.year,
                    "cited_by_count": drawn.cited_by,
                    "is_field_top10": drawn.is_field_top10 == 1,
                }
            ).with_columns(pl.lit(technology_id).alias("primary_topic_id"))
        )
        row, seq = np.nonzero(drawn.institution >= 0)
        place, count = drawn.institution[row, seq], (drawn.institution >= 0).sum(axis=1)
        authors.append(
            pl.DataFrame(
                {
                    "work_id": ids[row],
                    "author_seq": seq + 1,
                    "institution_id": place,
                    "country_code": codes[INSTITUTION_COUNTRY[place]],
                    "weight": 1.0 / count[row],
                }
            )
        )
        row, column = np.nonzero(drawn.cited)
        times = drawn.cited[row, column]
        cited.append(
            pl.DataFrame(
                {
                    "citing_work_id": np.repeat(ids[row], times),
                    "cited_work_id": np.repeat(-1 - column, times),
                }
            )
        )
    return {
        "core.work": pl.concat(works).with_columns(
            is_retracted=pl.lit(value=False), is_comparable=pl.lit(value=True)
        ),
        "core.authorship": pl.concat(authors),
        "core.work_reference": pl.concat(cited),
        "core.technology": pl.DataFrame({"technology_id": [name for name, _ in technologies]}).with_columns(
            status=pl.lit("active")
        ),
        "core.technology_topic": pl.DataFrame(
            {
                "technology_id": [name for name, _ in technologies],
                "topic_id": [name for name, _ in technologies],
            }
        ),
    }


def staged(tables: dict[str, pl.DataFrame]) -> Warehouse:
    """Return a build in memory with the worlds staged by the project's own statements."""
    warehouse = Warehouse()
    warehouse.execute(core_tables())
    warehouse.write(
        "core.institution",
        pl.DataFrame(
            {
                "institution_id": np.arange(len(INSTITUTION_COUNTRY)),
                "country_code": np.array(CODES)[INSTITUTION_COUNTRY],
            }
        ),
    )
    warehouse.write("core.country", pl.DataFrame({"country_code": CODES}))
    warehouse.write(
        "core.period", pl.DataFrame({"period_id": ["works"], "first_year": [2019], "last_year": [2023]})
    )
    for name, frame in tables.items():
        warehouse.write(name, frame)
    warehouse.execute(
        "INSERT INTO core.work_country SELECT work_id, country_code, sum(weight) FROM core.authorship"
        " GROUP BY ALL"
    )
    stock = pl.DataFrame(
        {
            "work_id": [-1 - place for place in range(len(CODES))],
            "country_code": CODES,
            "weight": [1.0] * len(CODES),
        }
    )
    warehouse.write("core.work_country", stock)
    for table in STAGED:
        warehouse.execute(statement_of(f"core.{table}", duckdb.StatementType.INSERT))
    return warehouse


def values_of(warehouse: Warehouse, config: SimpleNamespace) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the judged values of the indicators under study, all countries, and the places of the worlds.

    `measured` is the value before the gates: its spread is the ideal that a width is compared with.
    """
    indicators = [one for one in load_indicators() if one.id in NAMES]
    measured = measure(warehouse, dict.fromkeys(indicators, PERIOD))
    bars = pl.DataFrame([bars_of(one, config.scoring.gates, {"works": PERIOD}) for one in indicators])
    evidence = warehouse.frame(
        "SELECT technology_id, basis, 1 AS n_items, 1 AS n_comparable, n_references, coverage"
        " FROM core.reference_coverage"
    )
    measured, places = resample(warehouse, config.settings, indicators, measured, FOCAL)
    key = ["indicator_id", "technology_id", "country_code"]
    judged = judge(measured, bars, evidence).join(
        measured.select(*key, pl.col("value").alias("measured")), on=key, validate="1:1"
    )
    return judged.with_columns(
        pl.lit("works").alias("basis"), pl.lit("wilson").alias("interval_method")
    ), places


def research_settings(scoring: Scoring) -> pl.DataFrame:
    """Return the settings of the research groups alone, with importances that sum to 1 an axis."""
    settings = indicator_settings(scoring).filter(pl.col("indicator_id").is_in(NAMES))
    whole = pl.col("importance").sum().over("axis_id")
    return settings.with_columns(importance=pl.col("importance") / whole)


def scored(values: pl.DataFrame, places: pl.DataFrame, config: SimpleNamespace, code: str) -> pl.DataFrame:
    """Return value, lo and hi of each axis of each technology for one focal country."""
    ids = sorted(values["technology_id"].unique())
    focal = values.filter(pl.col("country_code") == code)
    held = pl.DataFrame({"technology_id": ids}).with_columns(
        pl.lit(value=False).alias(name)
        for name in ("has_one_office_series", "has_one_office_families", "has_broader_series")
    )
    normalised = normalise(focal, research_settings(config.scoring), ids)
    own = places_of(places.filter(pl.col("country_code") == code))
    return score_tables(normalised, config, held, own)["score.technology"]


def axis_points(values: dict[str, float], config: SimpleNamespace) -> dict[str, float]:
    """Return the axes that follow from one value of each indicator."""
    rows = [("t", name, value) for name, value in values.items()]
    frame = pl.DataFrame(rows, schema=["technology_id", "indicator_id", "value"], orient="row")
    frame = frame.with_columns(
        value_lo="value",
        value_hi="value",
        status=pl.lit("ok"),
        basis=pl.lit("works"),
        interval_method=pl.lit(""),
    )
    rows = normalise(frame, research_settings(config.scoring), ["t"])
    found = rows.group_by("axis_id").agg((pl.col("score") * pl.col("importance")).sum())
    return dict(found.iter_rows())


def true_class(technology: Technology, config: SimpleNamespace) -> str:
    """Return the monopoly class of the superpopulation."""
    name, rule = pl.lit("t").alias("technology_id"), config.scoring.monopoly
    institutions = pl.DataFrame(
        {
            "institution_id": np.arange(len(INSTITUTION_COUNTRY)),
            "country_code": np.array(CODES)[INSTITUTION_COUNTRY],
            "credit": technology.institution_credit,
        }
    )
    shares = pl.DataFrame({"country_code": CODES, "share": technology.top_share})
    found = classify_monopoly(institutions.with_columns(name), shares.with_columns(name), rule)
    return found["risk_class"][0]


def class_rows(
    warehouse: Warehouse, technologies: dict[str, Technology], config: SimpleNamespace
) -> list[tuple]:
    """Return a row per technology.

    How probable the most probable class is said to be, and whether it is true.
    """
    span, rows = worlds.periods(warehouse)["works"], []
    for name, technology in technologies.items():
        evidence = worlds.read(warehouse, name, "works", span)
        found = assess(name, evidence, config.scoring.monopoly, config.settings.seed, config.settings.draws)
        likely = max(CLASSES, key=lambda one: found[f"p_{one}"])
        right = float(likely == true_class(technology, config))
        rows.append((name, "", CLASS, right, found[f"p_{likely}"], None, None))
    return rows


def run_batch(
    design: Design, seed: int, pairs: list[tuple[int, int]], config: SimpleNamespace
) -> pl.DataFrame:
    """Return one row per technology, focal country and quantity: truth, value and interval.

    Below its gates an indicator has a value here and no interval, as an axis without all of its indicators.
    """
    technologies = {f"{number:03d}-{copy}": Technology.draw(seed, number) for number, copy in pairs}
    truths = {name: truth_of(technology) for name, technology in technologies.items()}
    with staged(work_tables(list(technologies.items()), design, seed)) as warehouse:
        values, places = values_of(warehouse, config)
        rows = class_rows(warehouse, technologies, config)
        for code in FOCAL:
            place, own = CODES.index(code), values.filter(pl.col("country_code") == code)
            for row in own.filter(pl.col("measured").is_not_null()).iter_rows(named=True):
                true = float(truths[row["technology_id"]][row["indicator_id"]][place])
                ends = (row["value_lo"], row["value_hi"])
                rows.append((row["technology_id"], code, row["indicator_id"], true, row["measured"], *ends))
            rows += axis_rows(own, scored(values, places, config, code), truths, code, config)
    names = ["technology_id", "country_code", "quantity", "truth", "value", "lo", "hi"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def axis_rows(
    own: pl.DataFrame, axes: pl.DataFrame, truths: dict, code: str, config: SimpleNamespace
) -> list[tuple]:
    """Return the axis rows of one country, with an interval where every indicator passed its gates."""
    shown = {(row["technology_id"], row["axis_id"]): row for row in axes.iter_rows(named=True)}
    place, rows = CODES.index(code), []
    for name, values in (
        own.filter(pl.col("measured").is_not_null()).partition_by("technology_id", as_dict=True).items()
    ):
        if values.height < len(NAMES):
            continue
        technology_id, complete = name[0], (values["status"] == "ok").all()
        points = axis_points(dict(values.select("indicator_id", "measured").iter_rows()), config)
        true = axis_points({key: float(one[place]) for key, one in truths[technology_id].items()}, config)
        for axis_id, value in points.items():
            row = shown[technology_id, axis_id] if complete else {"lo": None, "hi": None}
            rows.append((technology_id, code, axis_id, true[axis_id], value, row["lo"], row["hi"]))
    return rows


def narrowed(rows: pl.DataFrame, quantity: str) -> pl.DataFrame:
    """Return the rows with the intervals of one quantity halved: a fault the study must find."""
    is_it = pl.col("quantity") == quantity
    return rows.with_columns(
        pl.when(is_it).then((pl.col(end) + pl.col("value")) / 2).otherwise(end).alias(end)
        for end in ("lo", "hi")
    )


def summary(rows: pl.DataFrame) -> pl.DataFrame:
    """Return coverage, its upper 99 % limit and the width relative to ideal, by quantity.

    The ideal width is 3.92 standard deviations of the value over repeated draws of a technology, whether it
    passes the gates or not: those that pass are alike, and their spread would be too small.
    """
    slack = 1e-9
    inside = (pl.col("lo") <= pl.col("truth") + slack) & (pl.col("hi") >= pl.col("truth") - slack)
    number = pl.col("technology_id").str.slice(0, 3)
    cells = (
        rows.filter(pl.col("quantity") != CLASS)
        .with_columns(inside=inside, number=number, width=pl.col("hi") - pl.col("lo"))
        .group_by("quantity", "country_code", "number")
        .agg(
            pl.col("lo").count().alias("n"),
            pl.col("inside").sum(),
            pl.col("width").mean(),
            (pl.col("value").filter(pl.col("value").is_finite()).std() * 3.92).alias("ideal"),
        )
        .filter(pl.col("n") > 0)
    )
    found = cells.group_by("quantity").agg(
        pl.col("n").sum(),
        pl.col("inside").sum(),
        ((pl.col("width") * pl.col("n")).sum() / (pl.col("ideal") * pl.col("n")).sum()).alias(
            "relative_width"
        ),
    )
    n, k = found["n"].to_numpy(), found["inside"].to_numpy()
    upper = np.where(k < n, beta.ppf(CONFIDENCE, k + 1, np.maximum(n - k, 1e-9)), 1.0)
    return found.with_columns(
        pl.Series("coverage", k / n), pl.Series("upper", upper), pl.Series("missed", upper < GATE)
    ).sort("quantity")


def show_classes(rows: pl.DataFrame, config: SimpleNamespace) -> None:
    """Print how often the monopoly class is right where it is given, beside how probable it is said to be."""
    bar = config.scoring.monopoly.min_probability
    given = rows.filter((pl.col("quantity") == CLASS) & (pl.col("value") >= bar))
    n = rows.filter(pl.col("quantity") == CLASS).height
    said, right = given["value"].mean() or 0.0, given["truth"].mean() or 0.0
    print(
        f"  class with p >= {bar:.0%}         {given.height:5} of {n:5}  said {said:.2f}, right {right:.2f}"
    )


def config_of(draws: int) -> SimpleNamespace:
    """Return the part of a configuration the study needs."""
    return SimpleNamespace(
        scoring=read_scoring(), settings=SimpleNamespace(seed=7, draws=draws, focal_country="JP")
    )


def run_cell(design: Design, seed: int, n_worlds: int, config: SimpleNamespace) -> pl.DataFrame:
    """Return all rows of one cell and seed: a few technologies, each drawn several times."""
    copies = max(2, min(12, n_worlds // 2))
    pairs = [(number, copy) for number in range(max(1, n_worlds // copies)) for copy in range(copies)]
    size = max(2, WORKS_AT_ONCE // (design.n_top * 10))
    batches = [pairs[start : start + size] for start in range(0, len(pairs), size)]
    return pl.concat([run_batch(design, seed, batch, config) for batch in batches])


def show(design: Design, table: pl.DataFrame) -> None:
    """Print one cell."""
    print(f"N={design.n_top} icc={design.icc} references={design.n_references}")
    for row in table.iter_rows(named=True):
        missed = "  MISSED" if row["missed"] else ""
        width = row["relative_width"] if row["relative_width"] is not None else float("nan")
        print(f"  {row['quantity']:26} {row['coverage']:6.1%} of {row['n']:5}  width {width:5.2f}{missed}")


def main() -> int:
    """Run the study, or its short form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--worlds", type=int, default=480)
    parser.add_argument("--set", choices=("freeze", "judge"), default="judge")
    parser.add_argument("--cells", type=Path, default=HERE / "cells")
    parser.add_argument("--tops", type=int, nargs="*", default=WORLDS["n_top"])
    parser.add_argument("--icc", type=float, nargs="*", default=WORLDS["icc"])
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--narrow", help="halve the intervals of one quantity, to see that it is found")
    given = parser.parse_args()
    missed, started = False, time.monotonic()
    designs = (
        [Design(100, 0.0), Design(100, 0.2)]
        if given.short
        else [Design(n, icc) for n in given.tops for icc in given.icc]
    )
    seeds = WORLDS["freeze"][:1] if given.short else WORLDS[given.set]
    given.cells.mkdir(parents=True, exist_ok=True)
    for design in designs:
        # Each seed is a set of technologies of its own; large worlds are fewer, to bound time and memory.
        n_worlds = 48 if given.short else min(given.worlds, 480_000 // design.n_top)
        name = (
            f"v2-{given.set}-{design.n_top}-{design.icc}-{design.n_references}-{n_worlds}-"
            f"{given.draws}.parquet"
        )
        path = given.cells / name
        if not given.short and path.exists():
            rows = pl.read_parquet(path)
        else:
            config = config_of(given.draws)
            per_seed = max(2, n_worlds // len(seeds))
            parts = [run_cell(design, seed, per_seed, config) for seed in seeds]
            rows = pl.concat(
                part.with_columns(country_code=pl.col("country_code") + f"/{seed}")
                for seed, part in zip(seeds, parts, strict=True)
            )
            if not given.short:
                rows.write_parquet(path.with_suffix(".part"))
                path.with_suffix(".part").replace(path)
        if given.narrow:
            rows = narrowed(rows, given.narrow)
        table = summary(rows)
        show(design, table)
        show_classes(rows, config_of(given.draws))
        missed |= bool(table.filter(~pl.col("quantity").is_in(list(WORLDS["accepted"])))["missed"].any())
    print(f"{time.monotonic() - started:.0f} s")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
