"""Recomputes a review from its export alone, with Python's standard library and nothing of listgen's.

Usage: python recompute.py EXPORT_FOLDER [candidates.json of the build after the decisions] Checks the chain
of the log, everything the log has a digest of, and every figure of every round; then the list after the
decisions. Votes are sealed in the log. With votes.jsonl (listgen review export --votes) figures are counted
from them, otherwise from the published distributions, which the log covers. What compares the same people in
two rounds (change, drop-out) nobody outside can count again.
"""

import json
import statistics
import sys
from collections import Counter, defaultdict
from hashlib import sha256
from pathlib import Path


def digest_of(value):
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    )
    return sha256(text.encode()).hexdigest()


def read_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_log(folder):
    previous, events = "0" * 64, []
    votes = folder / "votes.jsonl"
    contents = {row["sequence"]: row["content"] for row in read_lines(votes)} if votes.exists() else None
    for number, row in enumerate(read_lines(folder / "log.jsonl"), 1):
        body, digest = json.loads(row["body"]), digest_of(previous + row["body"])
        assert (row["previous"], row["digest"], body["sequence"]) == (
            previous,
            digest,
            number,
        ), f"log: broken at line {number}"
        if contents is not None and "sealed" in body:
            assert digest_of(contents.get(number, "")) == body["sealed"], (
                f"votes: not what event {number} sealed"
            )
            body = json.loads(contents[number]) | body
        events.append(body | {"digest": (previous := digest)})
    return events, contents is not None or not any("sealed" in e for e in events)


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
        return (
            sum(totals[p] for p in points if min(a, b) <= p <= max(a, b)) - (totals[a] + totals[b]) / 2
        ) ** 2

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
    return theirs is None or (mine is not None and abs(mine - theirs) < 2e-6)


WITHHELD = dict.fromkeys(
    ("histogram", "median", "q1", "q3", "iqr", "is_disagreement", "is_bimodal")
)  # a few people left or joined


def check_votes(name, result, events, rules):
    """Count a round from its votes; return the ratings of each technology."""
    votes, conflicted = defaultdict(dict), defaultdict(dict)
    for e in (e for e in events if e["kind"] == "vote" and e["round"] == name):
        key, who = e["technology_id"], e["pseudonym"]
        if e["answer"] == "conflict" and votes[key].get(who, e)["answer"] == "rating":
            conflicted[key][who] = votes[key][who]["rating"]
        elif e["answer"] != "conflict":
            conflicted[key].pop(who, None)
        votes[key][who] = e
    for key, row in result["technologies"].items():
        ratings = [e["rating"] for e in votes[key].values() if e["answer"] == "rating"]
        assert row["n"] == len(ratings) and row["outcome"] == outcome(ratings, rules), (
            name,
            key,
            row,
            ratings,
        )
        together, is_few = (
            ratings + list(conflicted[key].values()),
            len(conflicted[key]) < rules["fewest_votes"] and "linked" in result,
        )
        said = (
            row["outcome"] if row["figures"] == WITHHELD else outcome(ratings if is_few else together, rules)
        )
        assert row["with_conflicted"]["n"] == len(together) and row["with_conflicted"]["outcome"] == said, (
            name,
            key,
        )
        assert all(
            row["n_" + a] == sum(e["answer"] == a for e in votes[key].values())
            for a in ("dont_know", "conflict", "skip")
        ), key
        assert [r["digest"] for r in row["reasons"]] == sorted(
            e["reason_digest"] for e in votes[key].values() if e["reason_digest"]
        ), key
    per = {k: {w: e["rating"] for w, e in v.items() if e["answer"] == "rating"} for k, v in votes.items()}
    judged = [k for k, row in result["technologies"].items() if per.get(k) and row["figures"] != WITHHELD]
    whole = [
        [per[k][w] for k in judged]
        for w in sorted({w for k in judged for w in per[k]})
        if all(w in per[k] for k in judged)
    ]
    assert same(kendall(whole), result["agreement"]["kendall_w"]), (name, "Kendall's W")
    return {key: sorted(per.get(key, {}).values()) for key in result["technologies"]}


def check_round(name, result, events, rules, is_opened):
    shown = {k: (row["figures"] or WITHHELD)["histogram"] or [] for k, row in result["technologies"].items()}
    told = {k: [point for point, n in enumerate(h, 1) for _ in range(n)] for k, h in shown.items()}
    ratings = check_votes(name, result, events, rules) if is_opened else told
    for key, row in result["technologies"].items():
        assert (
            (row["figures"] is None) == (row["n"] < rules["fewest_votes"]) == (row["outcome"] == "too_few")
        ), (name, key)
        if row["figures"] and row["figures"] != WITHHELD:
            assert (told[key], row["n"], row["outcome"]) == (
                ratings[key],
                len(ratings[key]),
                outcome(ratings[key], rules),
            ), (name, key)
            assert [row["figures"][p] for p in ("q1", "median", "q3")] == quartiles(ratings[key]), (name, key)
            assert row["figures"]["iqr"] == row["figures"]["q3"] - row["figures"]["q1"], (name, key)
    is_whole = is_opened or all(
        told[k] or not row["n"] or row["figures"] == WITHHELD for k, row in result["technologies"].items()
    )
    units = [r for k, r in ratings.items() if r and result["technologies"][k]["figures"] != WITHHELD]
    assert not is_whole or same(alpha(units), result["agreement"]["alpha"]), (name, "alpha")
    return sum(row["figures"] not in (None, WITHHELD) for row in result["technologies"].values())


def check_texts(folder, opened, events, results):
    """Cards and reasons are those whose digests the log has.

    A reason may be missing only if its deletion was asked for.
    """
    cards = {row["technology_id"]: row for row in read_lines(folder / "cards.jsonl")}
    assert {k: digest_of([row["facts"], row["markup"]]) for k, row in cards.items()} == opened["cards"], (
        "cards: not those frozen"
    )
    assert (
        "statuses" not in opened
        or {k: row["machine_status"] for k, row in cards.items()} == opened["statuses"]
    ), "cards: other status"
    texts = {
        row["digest"]: digest_of(row["salt"] + row["text"]) for row in read_lines(folder / "reasons.jsonl")
    }
    named = {
        r["digest"] for result in results for row in result["technologies"].values() for r in row["reasons"]
    }
    deleted = {digest for e in events if e["kind"] == "reason_deleted" for digest in e["digests"]}
    assert all(key == digest for key, digest in texts.items()), "reasons: a text is not the one written"
    assert named - deleted == texts.keys(), (
        "reasons: some are missing without a request, or were never written"
    )
    assert json.loads((folder / "rules.json").read_text(encoding="utf-8")) == opened["rules"], (
        "rules: not those fixed at the opening"
    )
    return cards


def check_decisions(folder, opened, events, results, cards):
    content = (folder / "decisions.jsonl").read_text(encoding="utf-8")
    assert any(e["kind"] == "decisions_published" and e["sha256"] == digest_of(content) for e in events), (
        "decisions: unknown to the log"
    )
    mine = [e for e in events if e.get("review") == opened["review"]]
    drafts = {e["technology_id"]: e for e in mine if e["kind"] == "decision_drafted"}  # the last of each
    approvals = [
        e
        for e in mine
        if e["kind"] == "decision_approved" and drafts[e["technology_id"]]["digest"] == e["draft"]
    ]
    approved = {e["technology_id"]: (drafts[e["technology_id"]], e) for e in approvals}
    for event in (e for pair in approved.values() for e in pair if "results" in e):
        before = [
            e
            for e in events[: event["sequence"] - 1]
            if e.get("round", "").startswith(opened["review"] + "/")
        ]
        closed = [
            [int(e["round"].rsplit("/")[1]), e["results_digest"]]
            for e in before
            if e["kind"] == "round_closed"
        ]
        assert sum(e["kind"] == "round_opened" for e in before) == len(closed), (
            f"event {event['sequence']}: decided while a round was open"
        )
        assert event["results"] == digest_of(closed), f"event {event['sequence']}: decided on other results"
    rows = {row["technology_id"]: row for row in map(json.loads, content.splitlines())}
    for key, row in rows.items():
        draft, approval = approved.get(key, ({}, {}))
        assert all(row[name] == draft.get(name) for name in ("decision", "rationale", "decider")), (
            "decisions",
            key,
        )
        assert (row["into_technology_id"] or "", row["results_digest"]) == (
            draft.get("into_technology_id", ""),
            draft.get("results"),
        ), key
        assert (row["approver"], row["event_digest"]) == (
            approval.get("approver"),
            approval.get("digest"),
        ), key
        assert (row["machine_status"], row["card_digest"]) == (
            cards[key]["machine_status"],
            cards[key]["digest"],
        ), key
        assert row["decision"] is None or row["decider"] != row["approver"], key
        assert (
            row["log_length"] is None or events[row["log_length"] - 1]["digest"] == row["log_head_digest"]
        ), "log: another one"
        panel = next(
            (r["technologies"][key] for r in results if r["round"] == f"{row['review_id']}/{row['round']}"),
            None,
        )
        assert panel is None or (panel["n"], panel["outcome"]) == (
            row["panel"]["n"],
            row["panel"]["outcome"],
        ), (key, "panel")
    assert approved.keys() <= rows.keys(), "decisions of the log are missing"
    return {key: draft["decision"] for key, (draft, _) in approved.items()}


def main(folder, candidates=None):
    events, is_opened = read_log(folder)
    opened = next(e for e in reversed(events) if e["kind"] == "review_opened")
    results, figures = read_lines(folder / "results.jsonl"), 0
    for result in results:
        closed = next(e for e in events if e["kind"] == "round_closed" and e["round"] == result["round"])
        assert digest_of(result) == closed["results_digest"], "results differ from those frozen"
        figures += check_round(result["round"], result, events, opened["rules"], is_opened)
    cards = check_texts(folder, opened, events, results)
    decided = check_decisions(folder, opened, events, results, cards)
    becomes = {"accept": "listed", "reject": "not_listed", "merge": "merged", "defer": "deferred"}
    for e in json.loads(candidates.read_text(encoding="utf-8"))["entries"] if candidates else []:
        key = e["technology_id"]
        assert e.get("decided", e)["status"] == (becomes[decided[key]] if key in decided else e["status"]), (
            "another list"
        )
    print(
        f"recomputed from the {'votes' if is_opened else 'published distributions'}: {len(events)} events,"
        f" {figures} distributions, all equal"
    )


main(*map(Path, sys.argv[1:]))
