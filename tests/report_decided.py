"""Decisions of an expert review laid into the report's small world, one of each kind."""

REASON = "Few makers; the panel agreed in the second round. <i>4711</i>"
_DECIDED = """
INSERT INTO list.decided
SELECT technology_id, status, $status, $decision, $into, repeat('ab', 32), $is_overtaken FROM list.candidate
  WHERE technology_id = $id
"""
_PANEL = (
    "INSERT INTO core.review_decision VALUES ($id, 'r20261123-012345', '0123456789abcdef', $n, $n, $median,"
    " 1, $outcome, false, $reason)"
)
_ROWS = (
    ("machine_learning", "listed", "accept", None, True, 12, 8.0, "for", REASON),
    ("semiconductor_materials", "not_listed", "reject", None, False, 11, 2.0, "against", "No dependence."),
    (
        "small_modular_reactors",
        "merged",
        "merge",
        "machine_learning",
        False,
        9,
        5.0,
        "disagreement",
        "The same field.",
    ),
    ("adversarial_ai", "near_miss", None, None, None, 4, None, "too_few", None),
)


def decide(warehouse):
    for technology_id, status, decision, into, is_overtaken, n, median, outcome, reason in _ROWS:
        values = {
            "id": technology_id,
            "status": status,
            "decision": decision,
            "into": into,
            "is_overtaken": is_overtaken,
        }
        warehouse.execute(_DECIDED, values)
        warehouse.execute(
            _PANEL, {"id": technology_id, "n": n, "median": median, "outcome": outcome, "reason": reason}
        )
