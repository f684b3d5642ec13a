"""Whole, valid documents with few words.

The tests name what they are about, the rest says that nothing was measured.
"""

from listgen.outputs import candidates as shape

AXES = ("autonomy", "superiority", "indispensability")
NOTHING = {"n": 0, "n_comparable": 0}


def axis(value=None, lo=None, hi=None, rank=None, indicators=()):
    """Return an axis with a score and its interval (the score itself where none is named), or without."""
    is_blank = value is None
    return {
        "value": value,
        "lo": lo if lo is not None or is_blank else value,
        "hi": hi if hi is not None or is_blank else value,
        "coverage": 0.0 if is_blank else 1.0,
        "grade": None if is_blank else "records",
        "reason": {"en": "nothing", "ja": "なし"} if is_blank else None,
        "rank": rank,
        "indicators": list(indicators),
    }


def indicator(indicator_id, status="ok", value=0.5, technology_id="x"):
    """Return an indicator; without the status ok it has no value."""
    is_ok = status == "ok"
    trace = f"{indicator_id}/{technology_id}/JP"
    figures = {"value": value if is_ok else None, "lo": None, "hi": None, "n": 100 if is_ok else None}
    return {"indicator_id": indicator_id, "status": status, "trace": trace} | figures


def reason(rule, p):
    """Return how a rule came out."""
    return {
        "rule": rule,
        "p": p,
        "is_evaluable": p is not None,
        "is_met": p >= 0.5 if p is not None else None,
        "inputs": {"conditions": [], "needed": 0.5},
        "text": {"en": rule, "ja": rule},
        "evidence": [],
    }


def entry(technology_id, status="listed", *, axes=None, **more):
    """Return an entry of the list."""
    content = {
        "technology_id": technology_id,
        "name": {"en": technology_id, "ja": technology_id},
        "domain": "quantum",
        "status": status,
        "pareto_front": None,
        "axes": {name: (axes or {}).get(name, axis()) for name in AXES},
        "monopoly_risk": dict.fromkeys(
            ("leader", "second", "k", "ratio", "ratio_lo", "ratio_hi", "class", "p", "n")
        )
        | {"status": "missing"},
        "cluster": None,
        "cluster_reason": None,
        "crosswalk": {},
        "reasons": [],
        "evidence": dict.fromkeys(("works", "statistics", "supply", "trade"), NOTHING)
        | {"families": NOTHING | {"offices": [], "kind": None, "is_grants": None}}
        | {"reference_coverage": {"works": None, "families": None}},
        "caveats": [],
    }
    return shape.Entry.model_validate(content | more)


def document(entries, run_id="0123456789abcdef"):
    """Return a list with these entries."""
    return shape.Candidates(
        schema_version=1,
        run_id=run_id,
        focal_country="JP",
        window={"works": None, "families": None, "statistics": None},
        is_sample=True,
        entries=entries,
        caveat_texts={},
        sources=[],
    )
