"""Reads the candidate list as one document from the tables of a build.

Every assessed technology once, with its figures and references.

Reads: core.technology, core.source, core.raw_file, core.period, core.statistic_series,
core.technology_series, what held.py reads, ind.value,
    score.technology, score.normalised, score.rank_range, score.monopoly_risk, cluster.member, cluster.label,
    list.candidate, list.reason, list.decided, core.review_decision
Writes: nothing; `run` of the package writes the file
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, TypeVar

from listgen.base.errors import ConfigError, CouldNotCheckError, Problem
from listgen.base.text import LANGUAGES, bilingual, t
from listgen.base.versions import CANDIDATES_VERSION
from listgen.config.loader import Config
from listgen.config.scoring import AXES, AxisId
from listgen.outputs import candidates as shape
from listgen.report.figures import figure
from listgen.report.held import nothing_held, read_amounts
from listgen.store.warehouse import Warehouse

Row = dict[str, Any]
_Key = TypeVar("_Key", str, tuple[str, str])


def trace_reference(indicator_id: str, technology_id: str, country_code: str) -> str:
    """Return the reference that `listgen trace` resolves to the bytes behind one value."""
    return f"{indicator_id}/{technology_id}/{country_code}"


def build_document(warehouse: Warehouse, config: Config, run_id: str) -> shape.Candidates:
    """Return the content of `candidates.json`.

    Args:
        warehouse: A build whose candidates are decided.
        config: The configuration of that build.
        run_id: The build's identity.

    Raises:
        CouldNotCheckError: A technology is missing from the list or is in it twice.
        ConfigError: A number carries a caveat without a text.
    """
    entries = _Entries(warehouse, config).all()
    return shape.Candidates(
        schema_version=CANDIDATES_VERSION,
        run_id=run_id,
        focal_country=config.settings.focal_country,
        window=windows(warehouse),
        is_sample=is_sample(warehouse),
        entries=entries,
        caveat_texts=caveat_texts(config, {key for entry in entries for key in entry.caveats}),
        sources=source_rows(warehouse),
    )


def records(warehouse: Warehouse, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
    """Return the rows of a query as dictionaries."""
    return warehouse.frame(sql, params).to_dicts()


def is_sample(warehouse: Warehouse) -> bool:
    """Return True if any source of the build is synthetic."""
    return bool(warehouse.scalar("SELECT coalesce(bool_or(is_sample), false) FROM core.source"))


def windows(warehouse: Warehouse) -> shape.Window:
    """Return the measuring window of each kind of evidence, None for a kind that the build does not have.

    Statistics have a window per series; the one shown spans the series linked to technologies.
    """
    rows = records(warehouse, "SELECT period_id, first_year, last_year FROM core.period")
    found = {
        row["period_id"]: shape.Years(first_year=row["first_year"], last_year=row["last_year"])
        for row in rows
    }
    span = records(
        warehouse,
        "SELECT min(s.period_first_year) AS first_year, max(s.period_last_year) AS last_year "
        "FROM core.statistic_series AS s JOIN core.technology_series AS l USING (series_id)",
    )[0]
    statistics = shape.Years(**span) if span["first_year"] is not None else found.get("statistics")
    return shape.Window(works=found.get("works"), families=found.get("families"), statistics=statistics)


def source_rows(warehouse: Warehouse) -> list[shape.Source]:
    """Return the sources of the build with licence, citation and date."""
    return [
        shape.Source(
            source_id=row["source_id"],
            title={"en": row["title_en"], "ja": row["title_ja"]},
            producer=row["producer"],
            grade=row["grade"],
            frame={"en": row["sampling_frame_en"], "ja": row["sampling_frame_ja"]},
            is_comparable=row["is_comparable"],
            is_universe=row["is_universe"],
            is_one_office=row["is_one_office"],
            is_sample=row["is_sample"],
            licence=shape.Licence(
                id=row["licence_id"],
                licence_class=row["licence_class"],
                text={"en": row["licence_text_en"], "ja": row["licence_text_ja"]},
            ),
            citation=row["citation"],
            url=row["url"] or None,
            as_of=row["as_of_date"].isoformat() if row["as_of_date"] else None,
        )
        for row in records(warehouse, "SELECT * FROM core.source ORDER BY source_id")
    ]


def caveat_texts(config: Config, keys: set[str]) -> dict[str, dict[str, str]]:
    """Return the texts of the caveats in use.

    Raises:
        ConfigError: A key has no text.
    """
    unknown = sorted(keys - config.caveats.keys())
    if unknown:
        raise ConfigError(
            [
                Problem("config/caveats.yaml", 0, 0, t('has no text for the caveat "{key}"', key=key))
                for key in unknown
            ]
        )
    return {key: config.caveats[key].model_dump() for key in sorted(keys)}


def why_no_interval(row: Row) -> shape.NoInterval | None:
    """Return why a value has no interval, of a row with basis, value, value_lo and value_hi.

    None where it has one.
    """
    if row["value"] is None or row["value_lo"] is not None or row["value_hi"] is not None:
        return None
    return "no_second_report" if row["basis"] == "trade" else "published_figure"


def reason_text(config: Config, key: str | None) -> dict[str, str] | None:
    """Return why something has no value, in both languages; an unknown key is shown as it is."""
    if not key:
        return None
    known = config.scoring.reasons.get(key)
    return {"en": known.en, "ja": known.ja} if known else bilingual(key)


# What is said of an axis without a row in score.technology.
_NO_SCORE: Row = {
    "status": "insufficient_evidence",
    "reason": "no_evidence",
    "value": None,
    "lo": None,
    "hi": None,
    "coverage": None,
    "grade": None,
}
_TECHNOLOGIES = """
SELECT t.technology_id, t.name_en, t.name_ja, t.domain_id, t.status AS life, c.status, c.pareto_front,
  c.rules_judged, c.rules_of, c.caveats
FROM core.technology AS t
LEFT JOIN list.candidate AS c USING (technology_id)
WHERE t.status = 'active' OR c.technology_id IS NOT NULL
ORDER BY t.technology_id
"""
# The most probable rule first, of equals the one that holds most clearly.
_REASONS = """
SELECT * FROM list.reason ORDER BY technology_id, p DESC NULLS LAST, round(margin, 9) DESC NULLS LAST, rule_id
"""
_CLUSTERS = """
SELECT m.technology_id, m.cluster_id, m.reason, l.label_en, l.label_ja, l.stability
FROM cluster.member AS m
LEFT JOIN cluster.label AS l USING (cluster_id)
"""
_INDICATORS = """
SELECT n.technology_id, n.axis_id, n.indicator_id, v.basis, v.value, v.value_lo, v.value_hi, v.n,
  coalesce(v.status, n.status, 'missing') AS status
FROM score.normalised AS n
LEFT JOIN ind.value AS v ON v.indicator_id = n.indicator_id AND v.technology_id = n.technology_id
  AND v.country_code = n.country_code
WHERE n.country_code = $focal
ORDER BY n.indicator_id
"""
_REFERENCES = """
SELECT technology_id, basis, n_references, coverage
FROM core.reference_coverage
WHERE n_references > 0
ORDER BY ALL
"""
_DECIDED = """
SELECT d.*, r.review_id, r.judged_run_id, r.n_votes, r.n_votes_with_conflicted, r.median_rating, r.iqr_rating,
  r.outcome, r.is_bimodal, CASE WHEN d.decision IS NOT NULL THEN r.rationale END AS rationale
FROM list.decided AS d
JOIN core.review_decision AS r USING (technology_id)
"""


class _Entries:
    """Reads the tables once and puts the entry of each technology together."""

    def __init__(self, warehouse: Warehouse, config: Config) -> None:
        self.config = config
        self.focal = config.settings.focal_country
        self.technologies = records(warehouse, _TECHNOLOGIES)
        self.axes = _by_axis(warehouse, "score.technology")
        self.ranks = _by_axis(warehouse, "score.rank_range")
        self.monopoly = _by_technology(warehouse, "score.monopoly_risk", "SELECT * FROM score.monopoly_risk")
        self.clusters = _by_technology(warehouse, "cluster.member", _CLUSTERS)
        self.indicators = _grouped(warehouse, _INDICATORS, {"focal": self.focal})
        self.reasons = _grouped(warehouse, _REASONS)
        self.held = read_amounts(warehouse)
        self.references = _grouped(warehouse, _REFERENCES)
        self.decided = _by_technology(warehouse, "list.decided", _DECIDED)

    def all(self) -> list[shape.Entry]:
        ids = [row["technology_id"] for row in self.technologies]
        absent = [row["technology_id"] for row in self.technologies if row["status"] is None]
        if absent or len(ids) != len(set(ids)):
            twice = sorted({technology_id for technology_id in ids if ids.count(technology_id) > 1})
            raise CouldNotCheckError(
                t("list.candidate: {technologies}.", technologies=", ".join(absent or twice)),
                t("Every active technology stands in the list exactly once."),
            )
        return [self._entry(row) for row in self.technologies]

    def _entry(self, row: Row) -> shape.Entry:
        technology_id = row["technology_id"]
        axes = shape.Axes(**{axis_id: self._axis(technology_id, axis_id) for axis_id in AXES})
        cluster = self.clusters.get(technology_id)
        is_clustered = cluster is not None and cluster["cluster_id"] is not None
        decided = self.decided.get(technology_id)
        return shape.Entry(
            technology_id=technology_id,
            name={"en": row["name_en"], "ja": row["name_ja"]},
            domain=row["domain_id"],
            status=row["status"],
            rules_judged=shape.RulesJudged(n=row["rules_judged"], of=row["rules_of"]),
            decided=_decided(decided) if decided else None,
            pareto_front=row["pareto_front"],
            axes=axes,
            monopoly_risk=_monopoly(self.monopoly.get(technology_id)),
            cluster=_cluster(cluster) if cluster and is_clustered else None,
            cluster_reason=(
                None
                if is_clustered
                else reason_text(self.config, cluster["reason"] if cluster else "missing_feature")
            ),
            crosswalk=self._crosswalk(technology_id),
            reasons=[self._reason(reason, axes) for reason in self.reasons.get(technology_id, [])],
            evidence=self.held.get(technology_id) or nothing_held(),
            caveats=sorted(row["caveats"] or []),
        )

    def _axis(self, technology_id: str, axis_id: AxisId) -> shape.Axis:
        score = self.axes.get((technology_id, axis_id), _NO_SCORE)
        rank = self.ranks.get((technology_id, axis_id))
        is_ok = score["status"] == "ok"
        return shape.Axis(
            value=figure(score["value"]) if is_ok else None,
            lo=figure(score["lo"]) if is_ok else None,
            hi=figure(score["hi"]) if is_ok else None,
            coverage=figure(score["coverage"]),
            grade=score["grade"],
            reason=None if is_ok else self._why_no_score(technology_id, axis_id, score["reason"]),
            rank=_rank(rank) if rank and is_ok else None,
            indicators=[
                self._indicator(row)
                for row in self.indicators.get(technology_id, [])
                if row["axis_id"] == axis_id
            ],
        )

    def _why_no_score(self, technology_id: str, axis_id: AxisId, key: str | None) -> dict[str, str] | None:
        if not key or key not in self.config.scoring.reasons:
            return reason_text(self.config, key)
        references = [
            (row["basis"], row["n_references"], row["coverage"])
            for row in self.references.get(technology_id, [])
        ]
        return {
            language: self.config.scoring.why_no_score(axis_id, key, references, language)
            for language in LANGUAGES
        }

    def _indicator(self, row: Row) -> shape.Indicator:
        return shape.Indicator(
            indicator_id=row["indicator_id"],
            value=figure(row["value"]),
            lo=figure(row["value_lo"]),
            hi=figure(row["value_hi"]),
            no_interval=why_no_interval(row),
            n=row["n"],
            status=row["status"],
            trace=trace_reference(row["indicator_id"], row["technology_id"], self.focal),
        )

    def _crosswalk(self, technology_id: str) -> dict[str, list[str]]:
        technology = self.config.technologies.get(technology_id)
        found: dict[str, set[str]] = defaultdict(set)
        for link in technology.crosswalk if technology else []:
            found[link.list_id].add(link.item)
        return {list_id: sorted(items) for list_id, items in sorted(found.items())}

    def _reason(self, row: Row, axes: shape.Axes) -> shape.Reason:
        rule = self.config.scoring.rules.get(row["rule_id"])
        named = [condition.axis for condition in rule.all] if rule else []
        return shape.Reason(
            rule=row["rule_id"],
            p=figure(row["p"]) if row["is_evaluable"] else None,
            margin=figure(row["margin"]),
            is_evaluable=row["is_evaluable"],
            is_met=row["is_met"],
            inputs=shape.RuleInputs.model_validate(rounded(json.loads(row["inputs"]))),
            text={"en": row["text_en"], "ja": row["text_ja"]},
            evidence=sorted(
                {one.trace for axis_id in named for one in axes[axis_id].indicators if one.status == "ok"}
            ),
        )


def _by_technology(warehouse: Warehouse, table: str, sql: str) -> dict[str, Row]:
    """Return the rows of a query by technology.

    Args:
        warehouse: The build.
        table: What the query reads: the table to name when a technology is in it twice.
        sql: The query.

    Raises:
        CouldNotCheckError: A technology is in the table twice.
    """
    found: dict[str, Row] = {}
    for row in records(warehouse, sql):
        _add_once(found, row["technology_id"], row, table)
    return found


def _by_axis(warehouse: Warehouse, table: str) -> dict[tuple[str, str], Row]:
    """Return the rows of a table by technology and axis.

    Raises:
        CouldNotCheckError: An axis of a technology is in the table twice.
    """
    found: dict[tuple[str, str], Row] = {}
    for row in records(warehouse, f"SELECT * FROM {table}"):
        _add_once(found, (row["technology_id"], row["axis_id"]), row, table)
    return found


def _add_once(found: dict[_Key, Row], key: _Key, row: Row, table: str) -> None:
    if key in found:
        raise CouldNotCheckError(
            t("{table}: {key} stands twice.", table=table, key=key), t("Expected one row each.")
        )
    found[key] = row


def _grouped(warehouse: Warehouse, sql: str, params: Mapping[str, Any] | None = None) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in records(warehouse, sql, params):
        found[row["technology_id"]].append(row)
    return found


def _monopoly(row: Row | None) -> shape.MonopolyRisk:
    if row is None or row["p_high"] is None:
        blank = dict.fromkeys(("leader", "second", "k", "ratio", "ratio_lo", "ratio_hi", "risk_class", "p"))
        return shape.MonopolyRisk(
            **blank, n=row["n"] if row else None, status=row["status"] if row else "missing"
        )
    return shape.MonopolyRisk(
        leader=row["leader_country_code"],
        second=row["second_country_code"],
        k=row["k"],
        ratio=figure(row["ratio"]),
        ratio_lo=figure(row["ratio_lo"]),
        ratio_hi=figure(row["ratio_hi"]),
        risk_class=row["risk_class"],
        p=shape.RiskShares(
            high=figure(row["p_high"]), medium=figure(row["p_medium"]), low=figure(row["p_low"])
        ),
        n=row["n"],
        status=row["status"],
    )


def _decided(row: Row) -> shape.Decided:
    """Return the list after decisions for one technology, next to what the rules propose."""
    return shape.Decided(
        status=row["status"],
        decision=row["decision"],
        into_technology_id=row["into_technology_id"],
        rationale=row["rationale"],
        is_overtaken=row["is_overtaken"],
        event_digest=row["event_digest"],
        review_id=row["review_id"],
        judged_run_id=row["judged_run_id"],
        panel=shape.Panel(
            n=row["n_votes"],
            n_with_conflicted=row["n_votes_with_conflicted"],
            median=figure(row["median_rating"]),
            iqr=figure(row["iqr_rating"]),
            outcome=row["outcome"],
            is_bimodal=row["is_bimodal"],
        ),
    )


def _rank(row: Row) -> shape.Rank:
    return shape.Rank(p05=row["rank_p05"], p50=row["rank_p50"], p95=row["rank_p95"], n_ranked=row["n_ranked"])


def _cluster(row: Row) -> shape.Cluster:
    return shape.Cluster(
        id=row["cluster_id"],
        label={"en": row["label_en"], "ja": row["label_ja"]},
        stability=figure(row["stability"]),
    )


def rounded(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON with every fraction rounded as all published figures are."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return figure(value) if isinstance(value, float) else value
