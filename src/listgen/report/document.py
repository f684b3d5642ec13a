"""The candidate list as one document, `candidates.json`: every assessed technology once, with its figures and their references.

Reads: core.technology, core.source, core.raw_file, core.period, core.statistic_series, core.technology_series, what held.py reads, ind.value,
    score.technology, score.normalised, score.rank_range, score.monopoly_risk, cluster.member, cluster.label, list.candidate, list.reason, list.decided,
    core.review_decision
Writes: nothing; `run` of the package writes the file
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from listgen.base.errors import ConfigError, CouldNotCheckError, Problem
from listgen.base.text import LANGUAGES, bilingual, t
from listgen.config.loader import Config
from listgen.config.scoring import AXES
from listgen.report.figures import figure
from listgen.report.held import nothing_held, read_amounts
from listgen.store.warehouse import Warehouse

SCHEMA_VERSION = 1

Row = dict[str, Any]


def trace_reference(indicator_id: str, technology_id: str, country_code: str) -> str:
    """Return the reference that `listgen trace` resolves to the bytes behind one value."""
    return f"{indicator_id}/{technology_id}/{country_code}"


def document_bytes(document: Row) -> bytes:
    """Return a document as the bytes of its file: sorted keys, one value a line, so that two builds can be compared."""
    return (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode("utf-8")


def build_document(warehouse: Warehouse, config: Config, run_id: str) -> Row:
    """Return the content of `candidates.json`.

    Args:
        warehouse: A build whose candidates are decided.
        config: The configuration of that build.
        run_id: The build's identity.

    Raises:
        CouldNotCheckError: A technology is missing from the list or stands in it twice.
        ConfigError: A number carries a caveat nobody wrote a text for.
    """
    entries = _Entries(warehouse, config).all()
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "focal_country": config.settings.focal_country,
        "window": windows(warehouse),
        "is_sample": is_sample(warehouse),
        "entries": entries,
        "caveat_texts": caveat_texts(config, {key for entry in entries for key in entry["caveats"]}),
        "sources": source_rows(warehouse),
    }


def records(warehouse: Warehouse, sql: str, params: Row | None = None) -> list[Row]:
    """Return the rows of a query as dictionaries."""
    return warehouse.frame(sql, params).to_dicts()


def is_sample(warehouse: Warehouse) -> bool:
    """Tell whether any source of the build is synthetic."""
    return bool(warehouse.scalar("SELECT coalesce(bool_or(is_sample), false) FROM core.source"))


def windows(warehouse: Warehouse) -> Row:
    """Return the measuring window of each kind of evidence, None for a kind that is not held.

    Statistics have a window per series; the one shown spans the series linked to technologies.
    """
    found: Row = {"works": None, "families": None, "statistics": None}
    for row in records(warehouse, "SELECT period_id, first_year, last_year FROM core.period"):
        if row["period_id"] in found:
            found[row["period_id"]] = {"first_year": row["first_year"], "last_year": row["last_year"]}
    span = records(
        warehouse,
        "SELECT min(s.period_first_year) AS first_year, max(s.period_last_year) AS last_year "
        "FROM core.statistic_series AS s JOIN core.technology_series AS l USING (series_id)",
    )[0]
    if span["first_year"] is not None:
        found["statistics"] = span
    return found


def source_rows(warehouse: Warehouse) -> list[Row]:
    """Return the sources of the build with licence, citation and date."""
    return [
        {
            "source_id": row["source_id"],
            "title": {"en": row["title_en"], "ja": row["title_ja"]},
            "producer": row["producer"],
            "grade": row["grade"],
            "frame": {"en": row["sampling_frame_en"], "ja": row["sampling_frame_ja"]},
            "is_comparable": row["is_comparable"],
            "is_universe": row["is_universe"],
            "is_one_office": row["is_one_office"],
            "is_sample": row["is_sample"],
            "licence": {
                "id": row["licence_id"],
                "class": row["licence_class"],
                "text": {"en": row["licence_text_en"], "ja": row["licence_text_ja"]},
            },
            "citation": row["citation"],
            "url": row["url"] or None,
            "as_of": row["as_of_date"].isoformat() if row["as_of_date"] else None,
        }
        for row in records(warehouse, "SELECT * FROM core.source ORDER BY source_id")
    ]


def caveat_texts(config: Config, keys: set[str]) -> Row:
    """Return the texts of the caveats in use.

    Raises:
        ConfigError: A key has no text.
    """
    unknown = sorted(keys - config.caveats.keys())
    if unknown:
        raise ConfigError([Problem("config/caveats.yaml", 0, 0, t('has no text for the caveat "{key}"', key=key)) for key in unknown])
    return {key: config.caveats[key].model_dump() for key in sorted(keys)}


def reason_text(config: Config, key: str | None) -> Row | None:
    """Return why something has no value, in both languages; an unknown key is shown as it is."""
    if not key:
        return None
    known = config.scoring.reasons.get(key)
    return {"en": known.en, "ja": known.ja} if known else bilingual(key)


class _Entries:
    """Reads the tables once and puts the entry of each technology together."""

    def __init__(self, warehouse: Warehouse, config: Config) -> None:
        self.config = config
        self.focal = config.settings.focal_country
        self.technologies = records(
            warehouse,
            "SELECT t.technology_id, t.name_en, t.name_ja, t.domain_id, t.status AS life, c.status, c.pareto_front, c.best_rule_id, c.best_rule_p, "
            "c.caveats FROM core.technology AS t LEFT JOIN list.candidate AS c USING (technology_id) "
            "WHERE t.status = 'active' OR c.technology_id IS NOT NULL ORDER BY t.technology_id",
        )
        self.axes = self._keyed(warehouse, "SELECT * FROM score.technology", "technology_id", "axis_id")
        self.ranks = self._keyed(warehouse, "SELECT * FROM score.rank_range", "technology_id", "axis_id")
        self.monopoly = self._keyed(warehouse, "SELECT * FROM score.monopoly_risk", "technology_id")
        self.clusters = self._keyed(
            warehouse,
            "SELECT m.technology_id, m.cluster_id, m.reason, l.label_en, l.label_ja, l.stability FROM cluster.member AS m "
            "LEFT JOIN cluster.label AS l USING (cluster_id)",
            "technology_id",
        )
        self.indicators = self._grouped(
            warehouse,
            "SELECT n.technology_id, n.axis_id, n.indicator_id, v.value, v.value_lo, v.value_hi, v.n, coalesce(v.status, n.status, 'missing') AS status "
            "FROM score.normalised AS n LEFT JOIN ind.value AS v ON v.indicator_id = n.indicator_id AND v.technology_id = n.technology_id "
            "AND v.country_code = n.country_code WHERE n.country_code = $focal ORDER BY n.indicator_id",
            {"focal": self.focal},
        )
        self.reasons = self._grouped(warehouse, "SELECT * FROM list.reason ORDER BY rule_id", {})
        self.held = read_amounts(warehouse)
        self.references = self._grouped(
            warehouse,
            "SELECT technology_id, basis, n_references, coverage FROM core.reference_coverage WHERE n_references > 0 ORDER BY ALL",
            {},
        )
        self.decided = self._keyed(
            warehouse,
            "SELECT d.*, r.review_id, r.judged_run_id, r.n_votes, r.n_votes_with_conflicted, r.median_rating, r.iqr_rating, r.outcome, r.is_bimodal, "
            "CASE WHEN d.decision IS NOT NULL THEN r.rationale END AS rationale "
            "FROM list.decided AS d JOIN core.review_decision AS r USING (technology_id)",
            "technology_id",
        )

    @staticmethod
    def _keyed(warehouse: Warehouse, sql: str, *keys: str) -> dict[Any, Row]:
        found: dict[Any, Row] = {}
        for row in records(warehouse, sql):
            key = tuple(row[name] for name in keys) if len(keys) > 1 else row[keys[0]]
            if key in found:
                table = sql.split(" FROM ")[1].split(" ")[0]
                raise CouldNotCheckError(t("{table}: {key} stands twice.", table=table, key=key), t("Expected one row each."))
            found[key] = row
        return found

    @staticmethod
    def _grouped(warehouse: Warehouse, sql: str, params: Row) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in records(warehouse, sql, params):
            found[row["technology_id"]].append(row)
        return found

    def all(self) -> list[Row]:
        ids = [row["technology_id"] for row in self.technologies]
        absent = [row["technology_id"] for row in self.technologies if row["status"] is None]
        if absent or len(ids) != len(set(ids)):
            twice = sorted({technology_id for technology_id in ids if ids.count(technology_id) > 1})
            raise CouldNotCheckError(
                t("list.candidate: {technologies}.", technologies=", ".join(absent or twice)),
                t("Every active technology stands in the list exactly once."),
            )
        return [self._entry(row) for row in self.technologies]

    def _entry(self, row: Row) -> Row:
        technology_id = row["technology_id"]
        axes: Row = {axis_id: self._axis(technology_id, axis_id) for axis_id in AXES}
        cluster = self.clusters.get(technology_id)
        is_clustered = cluster is not None and cluster["cluster_id"] is not None
        decided = self.decided.get(technology_id)
        return {
            "technology_id": technology_id,
            "name": {"en": row["name_en"], "ja": row["name_ja"]},
            "domain": row["domain_id"],
            "status": row["status"],
            **({"decided": _decided(decided)} if decided else {}),
            "pareto_front": row["pareto_front"],
            "axes": axes,
            "monopoly_risk": self._monopoly(self.monopoly.get(technology_id)),
            "cluster": _cluster(cluster) if cluster and is_clustered else None,
            "cluster_reason": None if is_clustered else reason_text(self.config, cluster["reason"] if cluster else "missing_feature"),
            "crosswalk": self._crosswalk(technology_id),
            "reasons": [self._reason(reason, axes) for reason in self.reasons.get(technology_id, [])],
            "evidence": self.held.get(technology_id) or nothing_held(),
            "caveats": sorted(row["caveats"] or []),
        }

    def _axis(self, technology_id: str, axis_id: str) -> Row:
        score = self.axes.get((technology_id, axis_id), {"status": "insufficient_evidence", "reason": "no_evidence"})
        rank = self.ranks.get((technology_id, axis_id))
        is_ok = score["status"] == "ok"
        return {
            "value": figure(score["value"]) if is_ok else None,
            "lo": figure(score["lo"]) if is_ok else None,
            "hi": figure(score["hi"]) if is_ok else None,
            "coverage": figure(score.get("coverage")),
            "grade": score.get("grade"),
            "reason": None if is_ok else self._why_no_score(technology_id, axis_id, score["reason"]),
            "rank": _rank(rank) if rank and is_ok else None,
            "indicators": [self._indicator(row) for row in self.indicators.get(technology_id, []) if row["axis_id"] == axis_id],
        }

    def _why_no_score(self, technology_id: str, axis_id: str, key: str | None) -> Row | None:
        if not key or key not in self.config.scoring.reasons:
            return reason_text(self.config, key)
        references = [(row["basis"], row["n_references"], row["coverage"]) for row in self.references.get(technology_id, [])]
        return {language: self.config.scoring.why_no_score(axis_id, key, references, language) for language in LANGUAGES}

    def _indicator(self, row: Row) -> Row:
        return {
            "indicator_id": row["indicator_id"],
            "value": figure(row["value"]),
            "lo": figure(row["value_lo"]),
            "hi": figure(row["value_hi"]),
            "n": row["n"],
            "status": row["status"],
            "trace": trace_reference(row["indicator_id"], row["technology_id"], self.focal),
        }

    def _monopoly(self, row: Row | None) -> Row:
        empty: Row = dict.fromkeys(("leader", "second", "k", "ratio", "ratio_lo", "ratio_hi", "class", "p"))
        if row is None or row["status"] != "ok":
            return empty | {"n": row["n"] if row else None, "status": row["status"] if row else "missing"}
        return {
            "leader": row["leader_country_code"],
            "second": row["second_country_code"],
            "k": row["k"],
            "ratio": figure(row["ratio"]),
            "ratio_lo": figure(row["ratio_lo"]),
            "ratio_hi": figure(row["ratio_hi"]),
            "class": row["risk_class"],
            "p": {name: figure(row[f"p_{name}"]) for name in ("high", "medium", "low")},
            "n": row["n"],
            "status": "ok",
        }

    def _crosswalk(self, technology_id: str) -> dict[str, list[str]]:
        technology = self.config.technologies.get(technology_id)
        found: dict[str, set[str]] = defaultdict(set)
        for link in technology.crosswalk if technology else []:
            found[link.list_id].add(link.item)
        return {list_id: sorted(items) for list_id, items in sorted(found.items())}

    def _reason(self, row: Row, axes: Row) -> Row:
        rule = self.config.scoring.rules.get(row["rule_id"])
        named = [condition.axis for condition in rule.all] if rule else []
        inputs = json.loads(row["inputs"]) if isinstance(row["inputs"], str) else row["inputs"]
        return {
            "rule": row["rule_id"],
            "p": figure(row["p"]) if row["is_evaluable"] else None,
            "is_evaluable": row["is_evaluable"],
            "is_met": row["is_met"],
            "inputs": rounded(inputs),
            "text": {"en": row["text_en"], "ja": row["text_ja"]},
            "evidence": sorted({i["trace"] for axis_id in named for i in axes[axis_id]["indicators"] if i["status"] == "ok"}),
        }


def _decided(row: Row) -> Row:
    """Return the list after decisions for one technology, beside what the rules propose."""
    panel = {
        "n": row["n_votes"],
        "n_with_conflicted": row["n_votes_with_conflicted"],
        "outcome": row["outcome"],
        "is_bimodal": row["is_bimodal"],
    }
    panel |= {"median": figure(row["median_rating"]), "iqr": figure(row["iqr_rating"])}
    names = ("status", "decision", "into_technology_id", "rationale", "is_overtaken", "event_digest", "review_id", "judged_run_id")
    return {name: row[name] for name in names} | {"panel": panel}


def _rank(row: Row) -> Row:
    return {"p05": figure(row["rank_p05"]), "p50": figure(row["rank_p50"]), "p95": figure(row["rank_p95"]), "n_ranked": row["n_ranked"]}


def _cluster(row: Row) -> Row:
    return {"id": row["cluster_id"], "label": {"en": row["label_en"], "ja": row["label_ja"]}, "stability": figure(row["stability"])}


def rounded(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON with every fraction rounded as all published figures are."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return figure(value) if isinstance(value, float) else value
