"""Groups technologies with similar axis scores, and measures how stable the groups are under redraws.

Reads: core.technology, score.technology, score.draw
Writes: cluster.member, cluster.label

k-means on the axis scores as they are: they share one 0-100 scale, and scaling by their spread would make a
group depend on which technologies are listed. Every run over the draws is clustered afresh from the same
seed, not from the groups already found, or the groups would confirm themselves. Ward's method was tried
beside it and broke apart at once under the same draws.
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from listgen.base.errors import CouldNotCheckError
from listgen.base.text import t
from listgen.config.loader import Config
from listgen.config.scoring import AXES, Cluster, Scoring
from listgen.store.warehouse import Statement, Warehouse

# Restarts of k-means: many for the partition that is published, fewer for each of its repetitions.
RESTARTS, RUN_RESTARTS = 20, 3
# The number of clusters is chosen on every fourth run; the stability that is published stands on all of them.
CHOICE_STEP = 4
Labels = npt.NDArray[np.int64]
Points = npt.NDArray[np.float64]


class Grouping(NamedTuple):
    """A partition of the technologies with what the draws say about it."""

    labels: Labels
    runs: list[Labels]
    agreement: dict[int, float]


def write_clusters(warehouse: Warehouse, config: Config) -> None:
    """Fill cluster.label and cluster.member of a build."""
    settings = config.scoring.cluster
    technology_ids = [
        row[0]
        for row in warehouse.rows(
            "SELECT technology_id FROM core.technology WHERE status = 'active' ORDER BY 1"
        )
    ]
    scores = warehouse.frame("SELECT technology_id, axis_id, value FROM score.technology WHERE status = 'ok'")
    draws = warehouse.frame(
        "SELECT technology_id, axis_id, draw, value FROM score.draw WHERE draw < $runs ORDER BY ALL",
        {"runs": settings.runs},
    )
    points = feature_table(scores, settings, ["technology_id"])
    members, labels, agreement = cluster_tables(
        technology_ids, points, draws, config.scoring, config.settings.seed
    )
    warehouse.write("cluster.label", labels)
    warehouse.write("cluster.member", members)
    arguments = {
        "seed": config.settings.seed,
        "restarts": RESTARTS,
        "run_restarts": RUN_RESTARTS,
        "agreement": agreement,
    }
    arguments["cluster"] = settings.model_dump(mode="json")
    method = "-- computed with scikit-learn from the arguments beside this text: fronts/cluster.py"
    warehouse.record("cluster", Statement("arguments", method, arguments, ("score.technology", "score.draw")))


def feature_table(values: pl.DataFrame, settings: Cluster, index: list[str]) -> pl.DataFrame:
    """Return one row per index with a column per feature.

    Rows that lack a feature are left out, never filled in.
    """
    table = values.filter(pl.col("axis_id").is_in(settings.features)).pivot(
        on="axis_id", index=index, values="value"
    )
    if not set(settings.features) <= set(table.columns):
        return pl.DataFrame(
            schema={name: values.schema[name] for name in index}
            | dict.fromkeys(settings.features, pl.Float64)
        )
    return table.select(*index, *settings.features).drop_nulls().sort(index)


def cluster_tables(
    technology_ids: list[str], points: pl.DataFrame, draws: pl.DataFrame, scoring: Scoring, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame, dict[int, float]]:
    """Return the rows of cluster.member and cluster.label, and the agreement per number of clusters.

    Args:
        technology_ids: All assessed technologies.
        points: The rows of `feature_table` on the axis scores.
        draws: Rows of score.draw for the runs.
        scoring: Settings, names of the axes and words of the labels.
        seed: The workspace's seed.
    """
    settings = scoring.cluster
    if points.height < 2 * settings.min_clusters:
        return _members(technology_ids, points, None, settings), _labels(points, None, scoring), {}
    grouping = group(
        points.select(settings.features).to_numpy(), _runs(points, draws, settings), settings, seed
    )
    order = _order(points, grouping.labels)
    ordered = grouping._replace(labels=order[grouping.labels])
    return (
        _members(technology_ids, points, ordered, settings),
        _labels(points, ordered, scoring),
        grouping.agreement,
    )


def group(points: Points, runs: list[Points], settings: Cluster, seed: int) -> Grouping:
    """Return the partition with the number of clusters on the plateau where the runs agree with it.

    Agreement is the mean adjusted Rand index between the partition of the points and those of the runs. Of
    the numbers of clusters next to the best one and within the tolerance of it, the largest is taken: more
    detail at no loss of stability.

    Args:
        points: Technologies x features.
        runs: The same technologies as drawn, one array per run.
        settings: Range of numbers, tolerance.
        seed: The workspace's seed.
    """
    most = min(settings.max_clusters, len(points) // 2, len(np.unique(points, axis=0)))
    numbers = range(settings.min_clusters, max(most, settings.min_clusters) + 1)
    agreement: dict[int, float] = {}
    # One thread: some hundred points are not worth sharing out, and sums then have one order on every
    # machine.
    with threadpool_limits(limits=1):
        found = {n: partition(points, n, seed, RESTARTS) for n in numbers}
        for n in numbers:
            some = (partition(run_points, n, seed, RUN_RESTARTS) for run_points in runs[::CHOICE_STEP])
            agreement[n] = round(float(np.mean([adjusted_rand_score(found[n], other) for other in some])), 12)
        chosen = plateau(agreement, settings.plateau_tolerance)
        repeated = [partition(run_points, chosen, seed, RUN_RESTARTS) for run_points in runs]
    return Grouping(found[chosen], repeated, agreement)


def partition(points: Points, n_clusters: int, seed: int, restarts: int) -> Labels:
    """Return a cluster number per point by k-means with a fixed seed."""
    model = KMeans(n_clusters=n_clusters, random_state=seed % 2**32, n_init=restarts, algorithm="lloyd")
    with warnings.catch_warnings():
        # Draws clipped at a goalpost can coincide; fewer clusters than asked for is then the right answer.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = model.fit_predict(points)
    labels: Labels = np.unique(found, return_inverse=True)[1].astype(np.int64)
    return labels


def plateau(agreement: dict[int, float], tolerance: float) -> int:
    """Return the largest number reached from the best one upward without leaving the tolerance."""
    best = max(agreement, key=lambda n: (agreement[n], n))
    for left, right in pairwise(sorted(n for n in agreement if n >= best)):
        if agreement[right] < agreement[best] - tolerance:
            return left
    return max(agreement)


def together(runs: list[Labels]) -> Points:
    """Return for each pair of points the share of runs in which both are in one cluster."""
    stacked = np.stack(runs)
    share: Points = np.mean(stacked[:, :, None] == stacked[:, None, :], axis=0)
    return share


def cluster_stability(
    share: Points, inside: npt.NDArray[np.bool_], runs: list[Labels], settings: Cluster
) -> float:
    """Return the share of member pairs that are together in at least `together_share` of the runs.

    A cluster of one has no pair; its stability is the share of runs in which it stands alone.
    """
    members = np.flatnonzero(inside)
    if len(members) == 1:
        return float(np.mean([np.sum(labels == labels[members[0]]) == 1 for labels in runs]))
    upper = np.triu_indices(len(members), 1)
    pairs = share[np.ix_(members, members)][upper]
    return float(np.mean(pairs >= settings.together_share - 1e-9))


def label_texts(centre: dict[str, float], stability: float, scoring: Scoring) -> dict[str, str]:
    """Return the label in both languages: the level of each feature, or that the group is not to be named."""
    settings, texts = scoring.cluster, {}
    levels = settings.levels
    for language, separator in (("en", ", "), ("ja", "・")):
        parts = []
        for axis_id in settings.features:
            value = centre[axis_id]
            level = (
                levels.high
                if value >= levels.high_from
                else levels.low
                if value < levels.low_below
                else levels.middle
            )
            axis = getattr(scoring.axes[axis_id].name, language)
            parts.append(
                getattr(settings.label_part, language).format(axis=axis, level=getattr(level, language))
            )
        label = separator.join(parts)
        texts[language] = (
            getattr(settings.unstable, language).format(label=label)
            if stability < settings.min_stability
            else label
        )
    return texts


def _runs(points: pl.DataFrame, draws: pl.DataFrame, settings: Cluster) -> list[Points]:
    drawn = feature_table(draws, settings, ["draw", "technology_id"]).join(
        points.select("technology_id"), on="technology_id", how="semi"
    )
    n_runs, rest = divmod(drawn.height, points.height)
    if rest or not n_runs:
        raise CouldNotCheckError(
            t("score.draw: draws are missing for technologies that have a score on every axis.")
        )
    cube = (
        drawn.sort("draw", "technology_id")
        .select(settings.features)
        .to_numpy()
        .reshape(n_runs, points.height, -1)
    )
    return list(cube)


def _order(points: pl.DataFrame, labels: Labels) -> Labels:
    """Return the rank of each cluster number: highest centre first, on superiority before the other axes."""
    keys = [name for name in ("superiority", "indispensability", "autonomy") if name in points.columns]
    centres = (
        points.with_columns(label=labels)
        .group_by("label")
        .agg(*(pl.col(name).sort().mean() for name in keys))
    )
    ranked = centres.sort([*keys, "label"], descending=[True] * len(keys) + [False])["label"].to_numpy()
    order: Labels = np.empty(len(ranked), dtype=np.int64)
    order[ranked] = np.arange(len(ranked))
    return order


def _members(
    technology_ids: list[str], points: pl.DataFrame, grouping: Grouping | None, settings: Cluster
) -> pl.DataFrame:
    complete = points["technology_id"].to_list()
    rows: list[dict[str, Any]] = []
    if grouping is not None:
        share = together(grouping.runs)
        for index, technology_id in enumerate(complete):
            fellows = (grouping.labels == grouping.labels[index]) & (np.arange(len(complete)) != index)
            alone = cluster_stability(share, np.arange(len(complete)) == index, grouping.runs, settings)
            stability = float(share[index][fellows].mean()) if fellows.any() else alone
            cluster_id = int(grouping.labels[index]) + 1
            rows.append(
                {"technology_id": technology_id, "cluster_id": cluster_id, "stability": round(stability, 12)}
            )
    schema = {"technology_id": pl.String, "cluster_id": pl.Int32, "stability": pl.Float64}
    known = pl.DataFrame(rows, schema=schema)
    reason = (
        pl.when(pl.col("technology_id").is_in(complete))
        .then(pl.lit("too_few_technologies"))
        .otherwise(pl.lit("missing_feature"))
    )
    found = pl.col("cluster_id").is_not_null()
    return (
        pl.DataFrame({"technology_id": technology_ids}, schema={"technology_id": pl.String})
        .join(known, on="technology_id", how="left", validate="1:1")
        .with_columns(
            status=pl.when(found).then(pl.lit("clustered")).otherwise(pl.lit("unclustered")),
            reason=pl.when(~found).then(reason),
        )
        .sort("technology_id")
    )


def _labels(points: pl.DataFrame, grouping: Grouping | None, scoring: Scoring) -> pl.DataFrame:
    texts = {
        "cluster_id": pl.Int32,
        "label_en": pl.String,
        "label_ja": pl.String,
        "n_members": pl.Int32,
        "stability": pl.Float64,
    }
    rows: list[dict[str, Any]] = []
    if grouping is not None:
        share = together(grouping.runs)
        for number in range(int(grouping.labels.max()) + 1):
            inside = grouping.labels == number
            members = points.filter(pl.Series(inside))
            centre: dict[str, float] = {
                axis_id: float(np.mean(members[axis_id].to_numpy())) for axis_id in scoring.cluster.features
            }
            stability = cluster_stability(share, inside, grouping.runs, scoring.cluster)
            label = label_texts(centre, stability, scoring)
            row: dict[str, Any] = {"cluster_id": number + 1, "label_en": label["en"], "label_ja": label["ja"]}
            row |= {"n_members": members.height, "stability": round(stability, 12)}
            rows.append(row | {f"centre_{axis_id}": centre.get(axis_id) for axis_id in AXES})
    return pl.DataFrame(rows, schema=texts | {f"centre_{axis_id}": pl.Float64 for axis_id in AXES})
