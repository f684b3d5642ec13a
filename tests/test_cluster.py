"""Clusters: planted groups are found, ids and labels are stable, and unstable groups are not named."""

import numpy as np
import polars as pl
import pytest
from score_world import make_config, read_scoring, uncommented

from listgen import fronts
from listgen.base.errors import CouldNotCheckError
from listgen.fronts.cluster import (
    cluster_stability,
    cluster_tables,
    feature_table,
    label_texts,
    plateau,
    together,
)
from listgen.store.warehouse import Warehouse

AXES = ("autonomy", "superiority", "indispensability")
# Three groups far apart: (autonomy, superiority, indispensability)
CENTRES = {"strong": (50, 80, 75), "middle": (80, 50, 50), "weak": (20, 25, 20)}


def quick():
    """Return the scoring with fewer runs and numbers to try, which these groups do not need."""
    scoring = read_scoring()
    return scoring.model_copy(
        update={"cluster": scoring.cluster.model_copy(update={"runs": 10, "max_clusters": 4})}
    )


def planted(spread=2.0, size=5, seed=1):
    """Return {technology: point} around the centres."""
    rng = np.random.default_rng(seed)
    return {
        f"{name}_{i}": [float(x) for x in np.clip(np.array(centre) + rng.normal(0, spread, 3), 0, 100)]
        for name, centre in CENTRES.items()
        for i in range(size)
    }


def long_rows(points, noise=1.0, runs=20, seed=3):
    """Return (scores, draws) in the shape of score.technology and score.draw."""
    rng = np.random.default_rng(seed)
    scores = [
        (t, axis, value) for t, point in points.items() for axis, value in zip(AXES, point, strict=True)
    ]
    drawn = [
        (t, axis, d, value + float(rng.normal(0, noise))) for t, axis, value in scores for d in range(runs)
    ]
    schema = {"technology_id": pl.String, "axis_id": pl.String, "value": pl.Float64}
    draw_schema = {"technology_id": pl.String, "axis_id": pl.String, "draw": pl.Int32, "value": pl.Float64}
    return pl.DataFrame(scores, schema=schema, orient="row"), pl.DataFrame(
        drawn, schema=draw_schema, orient="row"
    )


def clustered(points, technology_ids=None, scoring=None, **keys):
    scoring = scoring or quick()
    scores, draws = long_rows(points, **keys)
    table = feature_table(scores, scoring.cluster, ["technology_id"])
    return cluster_tables(technology_ids or sorted(points), table, draws, scoring, 7)


def groups_of(members):
    found = (
        members.filter(pl.col("status") == "clustered").group_by("cluster_id").agg(pl.col("technology_id"))
    )
    return {frozenset(ids) for ids in found["technology_id"]}


def test_planted_groups_are_found_and_stable():
    members, labels, agreement = clustered(planted())
    assert groups_of(members) == {frozenset(f"{name}_{i}" for i in range(5)) for name in CENTRES}
    assert agreement[3] == 1.0
    assert labels["stability"].to_list() == [1.0, 1.0, 1.0]
    assert set(members["stability"]) == {1.0}


def test_ids_follow_the_centres_and_labels_their_levels():
    _, labels, _ = clustered(planted())
    assert labels["cluster_id"].to_list() == [1, 2, 3]
    assert labels["centre_superiority"].is_sorted(descending=True)
    assert labels["label_en"].to_list()[0] == "Autonomy middle, Superiority high, Indispensability high"
    assert labels["label_ja"].to_list()[2] == "自律性：低・優位性：低・不可欠性：低"
    assert labels["n_members"].to_list() == [5, 5, 5]


def test_result_does_not_depend_on_the_order_of_rows():
    points, scoring = planted(), quick()
    scores, draws = long_rows(points)
    table = feature_table(scores.sample(fraction=1, shuffle=True, seed=5), scoring.cluster, ["technology_id"])
    shuffled = cluster_tables(
        sorted(points), table, draws.sample(fraction=1, shuffle=True, seed=6), scoring, 7
    )
    assert shuffled[0].equals(clustered(points)[0])
    assert shuffled[1].equals(clustered(points)[1])


def test_same_seed_same_result():
    first, again = clustered(planted()), clustered(planted())
    assert first[0].equals(again[0])
    assert first[1].equals(again[1])


def test_technology_without_every_feature_is_unclustered_with_the_reason():
    points = planted()
    scores, draws = long_rows(points)
    scores = scores.filter((pl.col("technology_id") != "weak_0") | (pl.col("axis_id") != "autonomy"))
    table = feature_table(scores, read_scoring().cluster, ["technology_id"])
    members, labels, _ = cluster_tables([*points, "untouched"], table, draws, quick(), 7)
    left_out = members.filter(pl.col("status") == "unclustered")
    assert left_out.select("technology_id", "cluster_id", "stability", "reason").rows() == [
        ("untouched", None, None, "missing_feature"),
        ("weak_0", None, None, "missing_feature"),
    ]
    assert labels["n_members"].sum() == members.height - 2
    assert "missing_feature" in read_scoring().reasons


def test_d59_too_few_technologies_are_not_grouped():
    points = dict(list(planted().items())[:3])
    members, labels, agreement = clustered(points)
    assert set(members["reason"]) == {"too_few_technologies"}
    assert labels.is_empty()
    assert agreement == {}
    assert clustered({})[0].is_empty()


def test_groups_lost_in_the_noise_are_not_named():
    _, labels, _ = clustered(planted(spread=15.0, size=8), noise=25.0, runs=40)
    unstable = labels.filter(pl.col("stability") < read_scoring().cluster.min_stability)
    assert unstable.height >= 1
    assert unstable["label_en"].str.starts_with("Unstable grouping, not a candidate area").all()
    assert unstable["label_ja"].str.starts_with("不安定なまとまり").all()
    named = labels.filter(pl.col("stability") >= read_scoring().cluster.min_stability)
    assert not named["label_en"].str.contains("Unstable").any()


def test_d59_identical_technologies_are_one_cluster():
    members, labels, _ = clustered({f"t{i}": [50.0, 50.0, 50.0] for i in range(6)}, noise=0.0)
    assert labels["n_members"].to_list() == [6]
    assert set(members["stability"]) == {1.0}


def test_pairs_count_as_stable_from_the_declared_share_of_runs():
    # a and b are together in 9 of 10 runs, c never with them.
    runs = [np.array([0, 0, 1])] * 9 + [np.array([0, 1, 2])]
    share = together(runs)
    assert share[0, 1] == pytest.approx(0.9)
    settings = read_scoring().cluster
    assert cluster_stability(share, np.array([True, True, False]), runs, settings) == 1.0
    assert cluster_stability(share, np.array([True, True, True]), runs, settings) == pytest.approx(1 / 3)
    assert (
        cluster_stability(share, np.array([False, False, True]), runs, settings) == 1.0
    )  # alone in every run
    runs[0] = np.array([0, 0, 0])
    assert cluster_stability(together(runs), np.array([False, False, True]), runs, settings) == pytest.approx(
        0.9
    )


def test_plateau_takes_the_most_clusters_that_cost_no_agreement():
    assert plateau({2: 0.95, 3: 0.93, 4: 0.91, 5: 0.60, 6: 0.92}, 0.05) == 4  # 6 lies beyond a gap
    assert plateau({2: 0.60, 3: 0.95, 4: 0.70}, 0.05) == 3
    assert plateau({2: 0.95, 3: 0.95, 4: 0.95}, 0.05) == 4
    assert plateau({2: 0.5}, 0.05) == 2


@pytest.mark.parametrize(
    ("value", "level"), [(60.0, "high"), (59.9, "middle"), (40.0, "middle"), (39.9, "low")]
)
def test_levels_begin_at_their_bars(value, level):
    label = label_texts(dict.fromkeys(AXES, value), 1.0, read_scoring())
    assert label["en"].startswith(f"Autonomy {level}, ")


def test_missing_draws_stop_the_build():
    scores, draws = long_rows(planted())
    table = feature_table(scores, read_scoring().cluster, ["technology_id"])
    with pytest.raises(CouldNotCheckError, match="draws are missing"):
        cluster_tables(sorted(planted()), table, draws.slice(0, draws.height - 1), read_scoring(), 7)


def test_step_fills_its_tables():
    points = planted()
    warehouse = Warehouse()
    warehouse.con.execute("""
        CREATE TABLE core.technology (technology_id VARCHAR, status VARCHAR);
        CREATE TABLE score.technology (technology_id VARCHAR, axis_id VARCHAR, value DOUBLE, status VARCHAR);
        CREATE TABLE score.draw (technology_id VARCHAR, axis_id VARCHAR, draw INTEGER, value DOUBLE)""")
    scores, draws = long_rows(points, runs=30)
    warehouse.write(
        "core.technology",
        pl.DataFrame({"technology_id": [*points, "bare"], "status": ["active"] * (len(points) + 1)}),
    )
    warehouse.write("score.technology", scores.with_columns(status=pl.lit("ok")))
    warehouse.write("score.draw", draws)
    fronts.run(warehouse, make_config(quick()))
    assert warehouse.rows("SELECT status, count(*) FROM cluster.member GROUP BY 1 ORDER BY 1") == [
        ("clustered", 15),
        ("unclustered", 1),
    ]
    assert warehouse.scalar("SELECT sum(n_members) FROM cluster.label") == 15
    comments = warehouse.rows("SELECT comment FROM duckdb_tables() WHERE schema_name = 'cluster'")
    assert all(comment.startswith("Each row is ") and " / " in comment for (comment,) in comments)
    assert uncommented(warehouse, "cluster") == []
