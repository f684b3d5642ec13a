"""The list as flat tables for spreadsheets and data tools: one row a technology, the figures of `candidates.json` unchanged.

Reads: nothing itself; it is given the document
Writes: nothing; `run` of the package writes the files
"""

from __future__ import annotations

import csv
import io

import polars as pl

from listgen.config.scoring import AXES
from listgen.report.document import Row

# A spreadsheet takes a text that begins like this for a formula; the full-width forms are folded to it by some.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"

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


def flat_rows(document: Row) -> list[Row]:
    """Return one flat row per entry, columns as in `SCHEMA`."""
    common = {"is_sample": document["is_sample"], "run_id": document["run_id"]}
    return [_flat(entry) | common for entry in document["entries"]]


def _flat(entry: Row) -> Row:
    judged = sorted((r for r in entry["reasons"] if r["p"] is not None), key=lambda r: (-r["p"], r["rule"]))
    risk, cluster = entry["monopoly_risk"], entry["cluster"]
    row: Row = {name: entry[name] for name in ("technology_id", "domain", "status", "pareto_front")}
    row |= {"name_en": entry["name"]["en"], "name_ja": entry["name"]["ja"]}
    # A rule that holds in no draw is nobody's best: who filters by it must not find those it does not hold for.
    best = judged[0] if judged else {"rule": None, "p": None}
    row |= {"best_rule": best["rule"] if best["p"] else None, "best_rule_p": best["p"]}
    for axis_id in AXES:
        axis = entry["axes"][axis_id]
        row |= {f"{axis_id}_{part}": axis[part] for part in ("value", "lo", "hi", "coverage", "grade")}
        row |= {f"{axis_id}_rank_{part}": axis["rank"][part] if axis["rank"] else None for part in ("p05", "p50", "p95")}
        row |= {f"{axis_id}_reason_{language}": axis["reason"][language] if axis["reason"] else None for language in ("en", "ja")}
    row |= {f"monopoly_{part}": risk[part] for part in ("class", "leader", "second", "k", "ratio", "ratio_lo", "ratio_hi", "n")}
    row |= {f"monopoly_p_{name}": risk["p"][name] if risk["p"] else None for name in ("high", "medium", "low")}
    row |= {
        "cluster_id": str(cluster["id"]) if cluster else None,
        "cluster_label_en": cluster["label"]["en"] if cluster else None,
        "cluster_label_ja": cluster["label"]["ja"] if cluster else None,
        "cluster_stability": cluster["stability"] if cluster else None,
        "n_lists": len(entry["crosswalk"]),
        "crosswalk": "; ".join(item for items in entry["crosswalk"].values() for item in items),
        "caveats": "; ".join(entry["caveats"]),
    }
    return row | _flat_decided(entry.get("decided"))


def _flat_decided(decided: Row | None) -> Row:
    """Return the list after decisions, empty for a technology no review judged."""
    if decided is None:
        return dict.fromkeys(("status_decided", "decision", "decision_into", "panel_n", "panel_median", "panel_outcome"))
    panel = {f"panel_{name}": decided["panel"][name] for name in ("n", "median", "outcome")}
    return panel | {"status_decided": decided["status"], "decision": decided["decision"], "decision_into": decided["into_technology_id"]}


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; an apostrophe in front is what they themselves use."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_bytes(document: Row) -> bytes:
    """Return the list as CSV: UTF-8 with a byte order mark so that Excel reads it, text cells guarded, numbers as they are."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(SCHEMA)
    for row in flat_rows(document):
        writer.writerow([_cell(row[name]) for name in SCHEMA])
    return (BOM + stream.getvalue()).encode("utf-8")


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return safe_text(value)
    return "" if value is None else value


def parquet_bytes(document: Row) -> bytes:
    """Return the list as Parquet, columns typed, in one row group."""
    frame = pl.DataFrame(flat_rows(document), schema=SCHEMA)
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd", compression_level=3, statistics=False, row_group_size=max(1, frame.height))
    return stream.getvalue()
