"""Recomputes a review from its exported log alone, with Python's standard library and nothing of listgen's.

Usage: python recompute.py EXPORT_FOLDER [candidates.json of the build after the decisions]
Checks the chain of the log, works out every figure of every round and the list after the decisions anew, and compares.
"""

import json
import statistics
import sys
from collections import Counter, defaultdict
from hashlib import sha256
from pathlib import Path


def read_log(path):
    previous, events = "0" * 64, []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        body = json.loads((row := json.loads(line))["body"])
        digest = sha256((previous + row["body"]).encode()).hexdigest()
        assert (row["previous"], row["digest"], body["sequence"]) == (previous, digest, number), f"log: broken at line {number}"
        previous = digest
        events.append(body | {"digest": digest})
    return events


def quartiles(ratings):
    return statistics.quantiles(ratings, n=4, method="inclusive") if len(ratings) > 1 else [ratings[0]] * 3


def outcome(ratings, rules):
    low, high = rules["scale"]["against_to"], rules["scale"]["for_from"]
    if len(ratings) < rules["fewest_votes"]:
        return "too_few"
    needed = round(len(ratings) / 3)  # RAND/UCLA: 8-10 need 3, 11-13 need 4, 14-16 need 5
    if min(sum(r <= low for r in ratings), sum(r >= high for r in ratings)) >= needed:
        return "disagreement"
    first, middle, third = quartiles(ratings)
    if third - first > rules["consensus"]["iqr_max"]:
        return "undecided"
    return "for" if middle >= high else "against" if middle <= low else "undecided"


def alpha(units):
    units = [u for u in units if len(u) > 1]
    points = sorted(totals := Counter(r for u in units for r in u))
    if len(points) < 2:
        return None

    def distance(a, b):
        return (sum(totals[p] for p in points if min(a, b) <= p <= max(a, b)) - (totals[a] + totals[b]) / 2) ** 2

    observed = sum(sum(distance(a, b) for a in u for b in u) / (len(u) - 1) for u in units)
    expected = sum(totals[a] * totals[b] * distance(a, b) for a in points for b in points)
    return 1 - (sum(totals.values()) - 1) * observed / expected


def kendall(rows):
    if len(rows) < 2 or len(rows[0]) < 2:
        return None
    sums, ties = [0.0] * len(rows[0]), 0
    for row in rows:
        for index, value in enumerate(row):
            sums[index] += sum(other < value for other in row) + (row.count(value) + 1) / 2
        ties += sum(n**3 - n for n in Counter(row).values())
    m, n = len(rows), len(sums)
    most = (m * m * (n**3 - n) - m * ties) / 12
    return sum((s - statistics.fmean(sums)) ** 2 for s in sums) / most if most else None


def same(mine, theirs):
    return mine == theirs or (mine is not None and theirs is not None and abs(mine - theirs) < 2e-6)


def check_round(name, result, events, rules, before):
    votes, conflicted = defaultdict(dict), defaultdict(dict)
    for e in events:
        if e["kind"] == "vote" and e["round"] == name:
            key, who = e["technology_id"], e["pseudonym"]
            old = votes[key].get(who)
            if e["answer"] == "conflict" and old and old["answer"] == "rating":
                conflicted[key][who] = old["rating"]
            elif e["answer"] != "conflict":
                conflicted[key].pop(who, None)
            votes[key][who] = e
    figures, changes = 0, []
    for key, row in result["technologies"].items():
        ratings = [e["rating"] for e in votes[key].values() if e["answer"] == "rating"]
        assert row["n"] == len(ratings) and row["outcome"] == outcome(ratings, rules), (name, key, row, ratings)
        together = ratings + list(conflicted[key].values())
        assert row["with_conflicted"]["n"] == len(together) and row["with_conflicted"]["outcome"] == outcome(together, rules), (name, key)
        for answer in ("dont_know", "conflict", "skip"):
            assert row["n_" + answer] == sum(e["answer"] == answer for e in votes[key].values()), (name, key, answer)
        shown = row["figures"]
        assert (shown is None) == (len(ratings) < rules["fewest_votes"]), (name, key)
        if shown:
            figures += 1
            first, middle, third = quartiles(ratings)
            assert [shown[p] for p in ("q1", "median", "q3", "iqr")] == [first, middle, third, third - first], (name, key)
            assert shown["histogram"] == [ratings.count(p) for p in range(1, rules["scale"]["points"] + 1)]
            old = before and before["technologies"][key]["figures"]
            if old:
                a, b = old["histogram"], shown["histogram"]
                changes.append(sum(abs(x / sum(a) - y / sum(b)) for x, y in zip(a, b, strict=True)) / 2)
                assert same(changes[-1], row["change"]), (name, key)
    per = {k: {w: e["rating"] for w, e in v.items() if e["answer"] == "rating"} for k, v in votes.items()}
    assert same(alpha([list(v.values()) for v in per.values()]), result["agreement"]["alpha"]), (name, "alpha")
    judged = [k for k in result["technologies"] if per.get(k)]
    whole = [[per[k][w] for k in judged] for w in sorted({w for v in per.values() for w in v}) if all(w in per[k] for k in judged)]
    shown = result["agreement"]["kendall_w"]
    assert shown is None or same(kendall(whole), shown), (name, "Kendall's W")
    assert not changes or result["stability"]["n_stable"] == sum(c <= rules["stopping"]["change_max"] for c in changes), (name, "stability")
    return figures


def replay(entries, approved):
    """The list after decisions is the machine's list and the log's decisions, byte for byte."""
    becomes = {"accept": "listed", "reject": "not_listed", "merge": "merged", "defer": "deferred"}
    decided = {key: becomes[draft["decision"]] for key, (draft, _) in approved.items()}
    mine = [[e["technology_id"], decided.get(e["technology_id"], e["status"])] for e in entries]
    assert json.dumps(mine) == json.dumps([[e["technology_id"], e.get("decided", e)["status"]] for e in entries]), "another list"


def main(folder, candidates=None):
    events = read_log(folder / "log.jsonl")
    opened = next(e for e in reversed(events) if e["kind"] == "review_opened")
    rules, before, figures = opened["rules"], None, 0
    for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines():
        result = json.loads(line)
        closed = next(e for e in events if e["kind"] == "round_closed" and e["round"] == result["round"])
        assert sha256(line.encode()).hexdigest() == closed["results_digest"], "results differ from those frozen"
        figures += check_round(result["round"], result, events, rules, before)
        before = result
    drafts = {e["digest"]: e for e in events if e["kind"] == "decision_drafted"}
    last = {e["technology_id"]: e["digest"] for e in drafts.values() if e["review"] == opened["review"]}
    approved = {
        e["technology_id"]: (drafts[e["draft"]], e)
        for e in events
        if e["kind"] == "decision_approved" and last.get(e["technology_id"]) == e["draft"]
    }
    told = {row["technology_id"]: row for row in map(json.loads, (folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines())}
    for key, row in told.items():
        draft, approval = approved.get(key, ({}, {}))
        assert (row["decision"], row["approver"]) == (draft.get("decision"), approval.get("approver")), key
        assert row["decision"] is None or row["decider"] != row["approver"], key
    assert approved.keys() <= told.keys(), "decisions of the log are missing"
    replay(json.loads(candidates.read_text(encoding="utf-8"))["entries"] if candidates else [], approved)
    print(f"recomputed from the log alone: {len(events)} events, {figures} distributions, all equal")


main(*map(Path, sys.argv[1:]))
