"""The list as flat tables for spreadsheets and data tools.

One row a technology, the figures of `candidates.json` unchanged.

Reads: nothing itself; it is given the document
Writes: nothing; `run` of the package writes the files
"""

from __future__ import annotations

import csv
import io

import polars as pl

from listgen.config.scoring import AXES
from listgen.outputs.candidates import Axis, Candidates, Cluster, Decided, Entry, MonopolyRisk

# A spreadsheet takes a text that begins like this for a formula; the full-width forms are folded to it by
# some.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"

Cell = str | int | float | bool | None
# A row of the flat list: the columns of SCHEMA.
FlatRow = dict[str, Cell]

_TEXT, _NUMBER, _COUNT, _FLAG = pl.String(), pl.Float64(), pl.Int64(), pl.Boolean()

_AXIS_DETAILS = {
    "coverage": _NUMBER,
    "grade": _TEXT,
    **dict.fromkeys(("rank_p05", "rank_p50", "rank_p95"), _NUMBER),
    **dict.fromkeys(("reason_en", "reason_ja"), _TEXT),
}

# What a reader looks at first stands first: a printed sheet ends after PRINTED columns.
PRINTED = 18
SCHEMA: dict[str, pl.DataType] = {
    "technology_id": _TEXT,
    "name_en": _TEXT,
    "name_ja": _TEXT,
    "domain": _TEXT,
    "status": _TEXT,
    "rules_judged": _COUNT,
    "rules_of": _COUNT,
    "best_rule": _TEXT,
    "best_rule_p": _NUMBER,
    "pareto_front": _COUNT,
    **{f"{axis_id}_{part}": _NUMBER for axis_id in AXES for part in ("value", "lo", "hi")},
    "monopoly_class": _TEXT,
    **{f"{axis_id}_{part}": kind for axis_id in AXES for part, kind in _AXIS_DETAILS.items()},
    "monopoly_p_high": _NUMBER,
    "monopoly_p_medium": _NUMBER,
    "monopoly_p_low": _NUMBER,
    "monopoly_leader": _TEXT,
    "monopoly_second": _TEXT,
    "monopoly_k": _COUNT,
    "monopoly_ratio": _NUMBER,
    "monopoly_ratio_lo": _NUMBER,
    "monopoly_ratio_hi": _NUMBER,
    "monopoly_n": _COUNT,
    "cluster_id": _TEXT,
    "cluster_label_en": _TEXT,
    "cluster_label_ja": _TEXT,
    "cluster_stability": _NUMBER,
    "n_lists": _COUNT,
    "crosswalk": _TEXT,
    "caveats": _TEXT,
    "status_decided": _TEXT,
    "decision": _TEXT,
    "decision_into": _TEXT,
    "panel_n": _COUNT,
    "panel_median": _NUMBER,
    "panel_outcome": _TEXT,
    "is_sample": _FLAG,
    "run_id": _TEXT,
}


def flat_rows(document: Candidates) -> list[FlatRow]:
    """Return one flat row per entry, columns as in `SCHEMA`."""
    common: FlatRow = {"is_sample": document.is_sample, "run_id": document.run_id}
    return [_flat(entry) | common for entry in document.entries]


def _flat(entry: Entry) -> FlatRow:
    row: FlatRow = {
        "technology_id": entry.technology_id,
        "domain": entry.domain,
        "status": entry.status,
        "pareto_front": entry.pareto_front,
        "name_en": entry.name["en"],
        "name_ja": entry.name["ja"],
        "n_lists": len(entry.crosswalk),
        "crosswalk": "; ".join(item for items in entry.crosswalk.values() for item in items),
        "caveats": "; ".join(entry.caveats),
    }
    for axis_id in AXES:
        row |= _flat_axis(axis_id, entry.axes[axis_id])
    return (
        row
        | _flat_best(entry)
        | _flat_monopoly(entry.monopoly_risk)
        | _flat_cluster(entry.cluster)
        | _flat_decided(entry.decided)
    )


def _flat_best(entry: Entry) -> FlatRow:
    """Return the rule nearest to holding.

    A rule that holds in no draw is not named: a filter by it must not find the entry.
    """
    n_judged = sum(reason.is_evaluable for reason in entry.reasons)
    known: FlatRow = {"rules_judged": n_judged, "rules_of": len(entry.reasons)}
    if not n_judged:
        return known | {"best_rule": None, "best_rule_p": None}
    best = entry.reasons[0]
    return known | {"best_rule": best.rule if best.p else None, "best_rule_p": best.p}


def _flat_axis(axis_id: str, axis: Axis) -> FlatRow:
    rank, reason = axis.rank, axis.reason or {}
    return {
        f"{axis_id}_value": axis.value,
        f"{axis_id}_lo": axis.lo,
        f"{axis_id}_hi": axis.hi,
        f"{axis_id}_coverage": axis.coverage,
        f"{axis_id}_grade": axis.grade,
        f"{axis_id}_rank_p05": rank.p05 if rank else None,
        f"{axis_id}_rank_p50": rank.p50 if rank else None,
        f"{axis_id}_rank_p95": rank.p95 if rank else None,
        f"{axis_id}_reason_en": reason.get("en"),
        f"{axis_id}_reason_ja": reason.get("ja"),
    }


def _flat_monopoly(risk: MonopolyRisk) -> FlatRow:
    return {
        "monopoly_class": risk.risk_class or ("not_determinable" if risk.p else None),
        "monopoly_leader": risk.leader,
        "monopoly_second": risk.second,
        "monopoly_k": risk.k,
        "monopoly_ratio": risk.ratio,
        "monopoly_ratio_lo": risk.ratio_lo,
        "monopoly_ratio_hi": risk.ratio_hi,
        "monopoly_n": risk.n,
        "monopoly_p_high": risk.p.high if risk.p else None,
        "monopoly_p_medium": risk.p.medium if risk.p else None,
        "monopoly_p_low": risk.p.low if risk.p else None,
    }


def _flat_cluster(cluster: Cluster | None) -> FlatRow:
    if cluster is None:
        return dict.fromkeys(("cluster_id", "cluster_label_en", "cluster_label_ja", "cluster_stability"))
    return {
        "cluster_id": str(cluster.id),
        "cluster_label_en": cluster.label["en"],
        "cluster_label_ja": cluster.label["ja"],
        "cluster_stability": cluster.stability,
    }


def _flat_decided(decided: Decided | None) -> FlatRow:
    """Return the list after decisions, empty for a technology that no review judged."""
    if decided is None:
        return dict.fromkeys(
            ("status_decided", "decision", "decision_into", "panel_n", "panel_median", "panel_outcome")
        )
    return {
        "status_decided": decided.status,
        "decision": decided.decision,
        "decision_into": decided.into_technology_id,
        "panel_n": decided.panel.n,
        "panel_median": decided.panel.median,
        "panel_outcome": decided.panel.outcome,
    }


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    An apostrophe in front is what they themselves use.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_bytes(document: Candidates) -> bytes:
    """Return the list as CSV.

    UTF-8 with a byte order mark so that Excel reads it, text cells guarded, numbers as they are.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(SCHEMA)
    for row in flat_rows(document):
        writer.writerow([_cell(row[name]) for name in SCHEMA])
    return (BOM + stream.getvalue()).encode("utf-8")


def _cell(value: Cell) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return safe_text(value)
    return "" if value is None else value


def parquet_bytes(document: Candidates) -> bytes:
    """Return the list as Parquet, columns typed, in one row group."""
    frame = pl.DataFrame(flat_rows(document), schema=SCHEMA)
    stream = io.BytesIO()
    frame.write_parquet(
        stream, compression="zstd", compression_level=3, statistics=False, row_group_size=max(1, frame.height)
    )
    return stream.getvalue()
