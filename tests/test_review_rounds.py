"""The review's own promises.

A log that shows every change, anonymity by structure, results with and without, two signatures.
"""

import ast
import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import review_world

from listgen.base.errors import TableError, UsageError
from listgen.review.domain.panel import read_panel

RECOMPUTE = Path(__file__).resolve().parents[1] / "examples/review/recompute.py"


@pytest.fixture(scope="module")
def build():
    return review_world.freeze()


@pytest.fixture
def opened(build, tmp_path):
    return review_world.open_review(tmp_path / "review", build)


def seats():
    from listgen.review.models import Seat

    return list(Seat.objects.select_related("round__review").order_by("person__email"))


def cards():
    from listgen.review.models import Card

    return list(Card.objects.order_by("position"))


def vote(seat, card, rating=None, answer="rating", reason="", ties=(), key="k"):
    from listgen.review.domain import ballots

    now = ballots.find_ballot(seat.pseudonym, card.technology_id)
    content = ballots.Content(answer, rating, reason, tuple(ties))
    return ballots.cast(seat, card, content, revision=now.revision if now else 0, key=key)


def results():
    from listgen.review.domain import rounds

    return rounds.results_of(rounds.newest_round())["technologies"]


def close():
    from listgen.review.domain import rounds

    rounds.close(rounds.newest_round(), "aoki")


# ---- votes ---------------------------------------------------------------------------------------


def test_a_vote_is_kept_once_however_often_it_is_sent(opened):
    from listgen.review.domain import ballots
    from listgen.review.models import Event

    seat, card = seats()[0], cards()[0]
    content = ballots.Content("rating", 7, "strong position")
    outcomes = [ballots.cast(seat, card, content, revision=0, key="same") for _ in range(50)]
    assert {outcome.status for outcome in outcomes} == {"saved"} and len(
        {outcome.receipt for outcome in outcomes}
    ) == 1
    assert Event.objects.filter(body__contains='"kind":"vote"').count() == 1


def test_an_overtaken_page_overwrites_nothing_and_a_late_vote_is_noted_but_not_counted(opened):
    from listgen.review.domain import ballots

    seat, card = seats()[0], cards()[0]
    vote(seat, card, 7)
    stale = ballots.cast(seat, card, ballots.Content("rating", 2), revision=0, key="other tab")
    assert stale.status == "stale" and ballots.find_ballot(seat.pseudonym, card.technology_id).rating == 7
    close()
    late = vote(seat, card, 1, key="late")
    assert late.status == "closed" and late.receipt
    assert ballots.find_ballot(seat.pseudonym, card.technology_id).rating == 7


def test_undo_goes_back_and_the_history_keeps_everything(opened):
    from listgen.review.domain import ballots

    seat, card = seats()[0], cards()[0]
    vote(seat, card, 7, reason="first")
    vote(seat, card, 3, reason="second")
    ballots.undo(seat, card, revision=2, key="a")
    ballots.undo(seat, card, revision=2, key="a")
    now = ballots.find_ballot(seat.pseudonym, card.technology_id)
    assert (now.rating, ballots.reason_text(now.reason_digest)) == (7, "first")
    assert [step.content.rating for step in ballots.history(seat.pseudonym, card.technology_id)] == [7, 3, 7]


def test_undo_goes_back_step_by_step_and_never_forward_again(opened):
    from listgen.review.domain import ballots, verify

    seat, card = seats()[0], cards()[0]

    def undo(key):
        outcome = ballots.undo(
            seat, card, revision=ballots.find_ballot(seat.pseudonym, card.technology_id).revision, key=key
        )
        return outcome.status, outcome.ballot.rating

    for rating in (5, 6, 7, 8):
        vote(seat, card, rating)
    assert [undo(f"a{n}") for n in range(2)] == [("saved", 7), ("saved", 6)]
    vote(seat, card, 9)
    assert [undo(f"b{n}") for n in range(3)] == [("saved", 6), ("saved", 5), ("saved", None)]
    assert undo("c") == ("unchanged", None), "there is nothing before no answer"
    eight = next(
        step for step in ballots.history(seat.pseudonym, card.technology_id) if step.content.rating == 8
    )
    assert ballots.restore(seat, card, eight.sequence, key="d").ballot.rating == 8, (
        "forward again by choice, from the history"
    )
    assert undo("e") == ("saved", None)
    assert ballots.undo(seat, card, revision=1, key="f").status in ("stale", "unchanged")
    vote(seat, card, 4)
    assert ballots.undo(seat, card, revision=1, key="g").status == "stale", (
        "a page that was overtaken undoes nothing"
    )
    assert verify.findings() == []


def test_the_first_vote_is_blind_and_says_so(opened):
    from listgen.review.domain import eventlog
    from listgen.review.models import Event

    seat, card = seats()[0], cards()[0]
    vote(seat, card, 7)
    vote(seat, card, 6)
    bodies = [
        json.loads(event.body)
        for event in Event.objects.filter(subject__startswith=seat.pseudonym).order_by("sequence")
    ]
    assert [set(body) for body in bodies] == [{"kind", "round", "sealed", "sequence"}] * 2, (
        "the log shows that a vote came, and nothing of it"
    )
    opened_bodies = [body for _, body in eventlog.events("vote")]
    assert [body["shown"]["is_informed"] for body in opened_bodies] == [False, True]
    assert {body["shown"]["card_digest"] for body in opened_bodies} == {card.digest}
    assert all("at" not in body and len(body["day"]) == 10 for body in opened_bodies), (
        "the hour of a vote is kept nowhere"
    )


# ---- results -------------------------------------------------------------------------------------


def test_results_by_hand_with_and_without_conflicted_votes(opened):
    one, card = seats(), cards()[0]
    for seat, rating in zip(one, (8, 8, 8, 9, 9, 7, 2), strict=False):
        vote(seat, card, rating)
    vote(one[6], card, answer="conflict", ties=["patents"], reason="I hold the patent")
    vote(one[7], card, answer="dont_know")
    close()
    row = results()[card.technology_id]
    # Without the conflicted 2: 7 8 8 8 9 9, median 8, quartiles 8 and 8.75.
    assert (row["n"], row["n_conflict"], row["n_dont_know"], row["outcome"]) == (6, 1, 1, "for")
    assert row["figures"] == {
        "histogram": [0, 0, 0, 0, 0, 0, 1, 3, 2],
        "median": 8,
        "q1": 8,
        "q3": 8.75,
        "iqr": 0.75,
        "is_disagreement": False,
        "is_bimodal": False,
    }
    assert row["with_conflicted"] == {"n": 7, "outcome": "for", "figures": None}
    assert [reason["side"] for reason in row["reasons"]] == ["conflict"]


def test_two_camps_are_disagreement_and_their_reasons_are_kept(opened):
    card = cards()[0]
    for place, seat in enumerate(seats()):
        vote(seat, card, 9 if place < 8 else 1, reason="minority" if place >= 8 else "")
    close()
    row = results()[card.technology_id]
    assert (row["outcome"], row["figures"]["is_bimodal"]) == ("disagreement", True)
    assert [reason["side"] for reason in row["reasons"]] == ["against"] * 4


def test_few_votes_show_no_figure_and_no_subgroup_can_be_worked_out(opened):
    few, many = cards()[0], cards()[1]
    for seat in seats()[:4]:
        vote(seat, few, 9, reason="mine")
    # Six of academia, four of industry: printing academia would show the four by difference.
    for seat in [*seats()[::2], *seats()[1::2][:4]]:
        vote(seat, many, 8)
    close()
    rows = results()
    assert (rows[few.technology_id]["outcome"], rows[few.technology_id]["figures"]) == ("too_few", None)
    assert {reason["side"] for reason in rows[few.technology_id]["reasons"]} == {"unknown"}
    assert rows[many.technology_id]["figures"] is not None and rows[many.technology_id]["groups"] == {}


def next_round(only=(), **options):
    """Open the next round and return its seats by the address of their person."""
    import datetime as dt

    from listgen.review.domain import rounds
    from listgen.review.domain.eventlog import now

    round_, _ = rounds.open_next_round(
        rounds.newest_review(), [], now() + dt.timedelta(days=1), only, **options
    )
    return {seat.person.email: seat for seat in seats() if seat.round_id == round_.pk}


def test_the_second_round_says_whether_the_panel_has_settled(opened):
    from listgen.review.domain import rounds

    for card in cards()[:4]:
        for place, seat in enumerate(seats()):
            vote(seat, card, 5 + place % 3)
    first = {seat.pseudonym for seat in seats()}
    close()
    second = next_round()
    assert len(second) == 12 and not first & {seat.pseudonym for seat in second.values()}, (
        "a new pseudonym each round"
    )
    for card in cards()[:4]:
        for place, seat in enumerate(second.values()):
            vote(seat, card, 5 + place % 3)
    close()
    found = rounds.results_of(rounds.newest_round())
    assert found["stability"] == {"n_compared": 4, "n_stable": 4, "share": 1.0, "is_stable": True}
    assert found["dropout"] == "none"


def test_who_drops_out_does_not_count_as_a_change_of_opinion(opened):
    """Seven against, five for; the five leave, nobody changes their mind.

    Stable, and the drop-out is told in a band.
    """
    from listgen.review.domain import rounds, verify

    card = cards()[0]
    for place, seat in enumerate(seats()):
        vote(seat, card, 2 if place < 7 else 8)
    close()
    second = next_round()
    for seat in list(second.values())[:7]:
        vote(seat, card, 2)
    close()
    found = rounds.results_of(rounds.newest_round())
    row = found["technologies"][card.technology_id]
    assert (row["change"], found["stability"]["n_stable"], found["dropout"]) == (0, 1, "up_to_half")
    assert verify.findings() == []


def test_what_would_tell_the_vote_of_one_who_left_is_not_shown(opened):
    """One leaves: the difference of the distributions would be that one's rating.

    Only the outcome is shown.
    """
    from listgen.review.domain import rounds, verify
    from listgen.review.models import Person

    card = cards()[0]
    for place, seat in enumerate(seats()):
        vote(seat, card, 1 + place % 9)
    close()
    second = next_round()
    for place, seat in enumerate(list(second.values())[:11]):
        vote(seat, card, 1 + place % 9)
    close()
    found = rounds.results_of(rounds.newest_round())
    row = found["technologies"][card.technology_id]
    assert (row["change"], row["groups"], set(row["figures"].values())) == (None, {}, {None})
    assert found["stability"]["n_compared"] == 0 and found["dropout"] == "up_to_30_percent"
    for person in Person.objects.all():
        rounds.forget(rounds.newest_review(), person.email)
    assert verify.findings() == [], (
        "what needed the link between person and seat is known from the digest in the log"
    )


def test_a_result_is_that_of_the_last_round_with_enough_answers(opened):
    """Round 2 asks about two technologies and hears four voices on one of them.

    Round 3 only the settled ones are left out.
    """
    from listgen.review.domain import rounds
    from listgen.review.domain.frozen import closed_results

    one, two, three = cards()[:3]
    for seat in seats():
        vote(seat, one, 8)
        vote(seat, two, 8)
        vote(seat, three, 5)
    close()
    second = next_round([one.technology_id, two.technology_id])
    for place, seat in enumerate(second.values()):
        vote(seat, one, 2)
        if place < 4:
            vote(seat, two, 2)
    close()
    review = rounds.newest_review()
    assert set(rounds.results_of(rounds.newest_round())["technologies"]) == {
        one.technology_id,
        two.technology_id,
    }, "--only is honoured"
    panel = rounds.panel_of(review)
    known = {
        card.technology_id: (panel[card.technology_id]["round"], panel[card.technology_id]["outcome"])
        for card in (one, two, three)
    }
    assert known == {
        one.technology_id: (2, "against"),
        two.technology_id: (1, "for"),
        three.technology_id: (1, "undecided"),
    }
    assert closed_results(review.review_id, 2)[two.technology_id]["round"] == 1, "experts see the same"
    with pytest.raises(UsageError, match="Did you mean"):
        next_round([one.technology_id + "x"])
    next_round([one.technology_id, three.technology_id], is_unsettled_only=True)
    assert rounds.asked_ids(rounds.newest_round()) == [three.technology_id], "the panel agrees on the others"
    only = [one.technology_id, three.technology_id]
    assert rounds.left_out(rounds.newest_round(), only) == [one.technology_id], "and says which it left out"


@pytest.fixture
def exported(opened, tmp_path, monkeypatch):
    """Return a function that writes the export of two rounds with every kind of answer and one decision."""
    import datetime as dt

    from listgen.review.domain import decisions, rounds
    from listgen.review.domain.eventlog import now
    from listgen.review.models import Staff
    from listgen.review.ops import desk

    for number in (1, 2):
        for place, seat in enumerate(seat for seat in seats() if seat.round.number == number):
            for other, card in enumerate(cards()[:5]):
                vote(
                    seat,
                    card,
                    1 + (place * (other + number) + other) % 9,
                    reason="written reason" if place == other else "",
                )
            vote(
                seat,
                cards()[place % 3],
                answer=("conflict", "dont_know", "skip")[place % 3],
                ties=["equity"] if place % 3 == 0 else (),
            )
        close()
        if number == 1:
            rounds.open_next_round(rounds.newest_review(), [], now() + dt.timedelta(days=1))
    review, (aoki, baba) = rounds.newest_review(), (Staff.objects.get(name=name) for name in ("aoki", "baba"))
    one = decisions.draft(review, cards()[0].technology_id, "accept", "clear rationale", aoki)
    decisions.approve(review, one.technology_id, one.draft_digest, baba)
    monkeypatch.setattr(desk, "folder_of", lambda _: tmp_path / "review")

    def write(name, **options):
        desk.export(None, tmp_path / name, **options)
        return tmp_path / name

    return write


def recompute(folder):
    return subprocess.run(
        [sys.executable, "-I", RECOMPUTE, folder], capture_output=True, text=True, timeout=60
    )


# Of each file of an export: what somebody could change in it, and what the script must then say.
CHANGED_EXPORTS = (
    ("log.jsonl", "accept", "reject", "log"),
    ("results.jsonl", '"outcome":"', '"outcome":"x', "results"),
    ("reasons.jsonl", "written reason", "another reason", "reasons"),
    ("reasons.jsonl", None, "", "reasons"),
    ("cards.jsonl", "<article", "<article title='x'", "cards"),
    ("cards.jsonl", '"machine_status":"', '"machine_status":"x', "cards"),
    ("rules.json", '"iqr_max":2', '"iqr_max":3', "rules"),
    ("decisions.jsonl", "clear rationale", "other rationale", "decisions"),
)


def test_a_script_that_shares_no_code_recomputes_every_number_of_the_export(exported):
    """With the votes and without; whatever file of the export is changed afterwards is refused."""
    plain, whole = exported("plain"), exported("whole", is_opened=True)
    assert not (plain / "votes.jsonl").exists()
    assert "from the published distributions" in recompute(plain).stdout, recompute(plain).stderr
    assert (
        "from the votes" in recompute(whole).stdout
        and "10 distributions, all equal" in recompute(whole).stdout
    ), recompute(whole).stderr
    for folder, changes in (
        (plain, CHANGED_EXPORTS),
        (whole, [("votes.jsonl", 'rating\\":5', 'rating\\":6', "votes")]),
    ):
        for name, old, new, said in changes:
            path = folder / name
            kept = path.read_text(encoding="utf-8")
            lost = kept.splitlines(keepends=True)[0] if old is None else old
            assert lost in kept, (name, old)
            path.write_text(kept.replace(lost, new, 1), encoding="utf-8")
            done = recompute(folder)
            assert done.returncode != 0 and f"AssertionError: {said}" in done.stderr, (
                name,
                old,
                done.stderr[-300:],
            )
            path.write_text(kept, encoding="utf-8")
    tree = ast.parse(RECOMPUTE.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = {name.split(".")[0] for node in found for name in _names_of(node)}
    assert imported <= sys.stdlib_module_names
    # Statements, not lines: how a formatter breaks lines says nothing about what is to be read.
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and not _is_text(node)]
    assert len(statements) <= 150, "short enough to be read"


def _is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _names_of(node):
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]


def test_a_reason_deleted_on_request_is_known_and_any_other_loss_is_found(exported):
    from listgen.review.domain import eventlog, verify
    from listgen.review.domain.erasure import delete_reason
    from listgen.review.models import Event, Reason

    digest = next(reason["digest"] for row in results().values() for reason in row["reasons"])
    event, _ = next(
        (event, body) for event, body in eventlog.events("vote") if body["reason_digest"] == digest
    )
    n_texts = Reason.objects.count()
    assert delete_reason(event.digest, "aoki") == 1 and Reason.objects.count() == n_texts - 1
    assert verify.findings() == [] and "all equal" in recompute(exported("after")).stdout
    with pytest.raises(UsageError, match="No stored reason"):
        delete_reason(event.digest, "aoki")
    Reason.objects.first().delete()
    assert [finding.split(": ")[1] for finding in verify.findings()] == [
        "missing, and the log has no request to delete it"
    ]
    assert Event.objects.filter(body__contains="written reason").count() == 0


# ---- anonymity -----------------------------------------------------------------------------------


def test_reasons_and_log_give_no_better_guess_of_their_author_than_chance(opened):
    """The attack.

    Match the order in which reasons are shown with that of the panel file and of the votes' arrival, 60,000
    times.
    """
    from listgen.review.domain import ballots, eventlog, results
    from listgen.review.models import Reason

    people, card, rules = [seat.pseudonym for seat in seats()], cards()[0], review_world.rules()
    for seat in seats():
        vote(seat, card, 7, reason=f"by {seat.pseudonym}")
    arrived = [body["pseudonym"] for _, body in eventlog.events("vote")]
    hits = total = 0
    with pytest.MonkeyPatch.context() as patch:
        # As a vote keeps a reason, but without the database: only digests decide the order.
        patch.setattr(Reason.objects, "create", lambda **values: None)
        for _ in range(2500):
            one = results.Tally(
                {
                    who: results.Vote(
                        {"answer": "rating", "rating": 7, "reason_digest": ballots._keep_reason(who)}
                    )
                    for who in arrived
                }
            )
            author = {vote.body["reason_digest"]: who for who, vote in one.votes.items()}
            shown = [author[row["digest"]] for row in results._reasons(one, rules)]
            hits += sum(a == b for guess in (people, arrived) for a, b in zip(shown, guess, strict=True))
            total += 2 * len(shown)
    assert total == 60_000 and abs(hits / total - 1 / len(people)) < 0.01


def test_a_job_that_fails_takes_no_other_with_it(opened):
    """The writer's batch: the failed job is rolled back alone, and its sender is told."""
    from listgen.review.domain import eventlog
    from listgen.review.domain.writer import Future, _commit

    def bad():
        eventlog.append("staff_login", {"staff": "never"})
        raise ValueError("mine")

    jobs = [
        lambda: eventlog.append("staff_login", {"staff": "first"}),
        bad,
        lambda: eventlog.append("staff_login", {"staff": "last"}),
    ]
    outcomes = [Future() for _ in jobs]
    _commit(list(zip(jobs, outcomes, strict=True)))
    assert [type(outcome.exception()) for outcome in outcomes] == [type(None), ValueError, type(None)]
    assert [body["staff"] for _, body in eventlog.events("staff_login")] == [
        "first",
        "last",
    ] and eventlog.broken_links() == []


def test_no_identity_stands_in_the_log_and_deleting_one_breaks_nothing(opened):
    from listgen.review.domain import eventlog, rounds, verify
    from listgen.review.models import Person, Seat

    vote(seats()[0], cards()[0], 8)
    text = "".join(eventlog.log_lines())
    assert not any(word in text for person in Person.objects.all() for word in (person.email, person.name))
    for person in Person.objects.all():
        rounds.forget(rounds.newest_review(), person.email)
    assert Person.objects.count() == 0 and Seat.objects.exclude(link_hash=None).count() == 0
    assert verify.findings() == []


# ---- decisions -----------------------------------------------------------------------------------


def test_a_decision_needs_two_people_and_a_new_draft_takes_the_approval_back(opened):
    from listgen.review.domain import decisions, rounds
    from listgen.review.models import Staff

    close()
    review, card = rounds.newest_review(), cards()[0]
    aoki, baba = Staff.objects.get(name="aoki"), Staff.objects.get(name="baba")
    for wrong in (
        ("accept", " ", ""),
        ("merge", "why", ""),
        ("accept", "why", cards()[1].technology_id),
        ("listed", "why", ""),
    ):
        with pytest.raises(UsageError):
            decisions.draft(review, card.technology_id, wrong[0], wrong[1], aoki, wrong[2])
    one = decisions.draft(review, card.technology_id, "reject", "no evidence", baba)
    with pytest.raises(UsageError, match="cannot approve"):
        decisions.approve(review, card.technology_id, one.draft_digest, baba)
    again = decisions.draft(review, card.technology_id, "accept", "evidence after all", aoki)
    with pytest.raises(UsageError, match="changed"):
        decisions.approve(review, card.technology_id, one.draft_digest, baba)
    decisions.approve(review, card.technology_id, again.draft_digest, baba)
    lines = [json.loads(line) for line in decisions.decision_lines(review).decode().splitlines()]
    mine = next(line for line in lines if line["technology_id"] == card.technology_id)
    assert (mine["decision"], mine["decider"], mine["approver"]) == ("accept", "aoki", "baba")
    assert sum(line["decision"] is not None for line in lines) == 1
    assert decisions.decision_lines(review) == decisions.decision_lines(review)


def test_a_decision_sheet_goes_out_is_filled_in_and_comes_back_as_drafts(opened, tmp_path):
    from listgen.review.domain import decisions, decisionsheet, rounds
    from listgen.review.models import Decision, Staff

    one, two, three = cards()[:3]
    for seat in seats()[:6]:
        vote(seat, one, 8)
    close()
    review, aoki = rounds.newest_review(), Staff.objects.get(name="aoki")
    path = tmp_path / "decision_sheet.csv"
    path.write_bytes(decisionsheet.sheet(review))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    first = next(row for row in rows if row["technology_id"] == one.technology_id)
    assert (first["panel_n"], first["panel_median"], first["panel_outcome"], first["decision"]) == (
        "6",
        "8.0",
        "for",
        "",
    )

    def write(changes, **given):
        columns = list(reversed(rows[0]))  # a spreadsheet may have its columns in any order
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            writer.writerows(row | given | changes.get(row["technology_id"], {}) for row in rows)
        return columns

    filled = {
        one.technology_id: {
            "decision": "accept",
            "rationale": '\'=clear, "really"\nin two lines',
            "panel_median": "8",
        },
        two.technology_id: {
            "decision": "merge",
            "into_technology_id": one.technology_id,
            "rationale": "the same",
        },
    }
    write(filled)
    assert decisionsheet.take_in(review, path, aoki) == [one.technology_id, two.technology_id]
    held = Decision.objects.get(technology_id=one.technology_id)
    assert (held.rationale, held.decider, held.approver) == ('=clear, "really"\nin two lines', "aoki", "")
    path.write_bytes(decisionsheet.sheet(review))
    assert decisionsheet.take_in(review, path, aoki) == [], "what says nothing new takes no approval back"
    columns = write(
        filled
        | {
            three.technology_id: {"decision": "acept", "rationale": "x"},
            two.technology_id: {"panel_n": "99"},
        }
    )
    with pytest.raises(TableError) as error:
        decisionsheet.take_in(review, path, aoki)
    assert [(p.column, p.message.split(" ")[0]) for p in error.value.problems] == [
        (columns.index("panel_n") + 1, "panel_n"),
        (columns.index("decision") + 1, '"acept"'),
    ]
    assert "accept" in error.value.problems[1].message and Decision.objects.count() == 2, "all or nothing"
    write(filled)
    path.write_bytes(path.read_bytes().rstrip() + b",a reason with a comma and no quotes\r\n")
    with pytest.raises(TableError, match="more cells"):
        decisionsheet.take_in(review, path, aoki)
    for length in (10, 140_000):  # a quote that is never closed
        path.write_bytes(decisionsheet.sheet(review) + b'"' + b"x" * length)
        with pytest.raises(UsageError, match="cannot be read"):
            decisionsheet.take_in(review, path, aoki)
    path.write_text("technology,decision\n", encoding="utf-8")
    with pytest.raises(UsageError, match="all of them"):
        decisionsheet.take_in(review, path, aoki)
    assert decisions.decision_lines(review).count(b'"decision":null') == len(cards()), (
        "nothing is decided before it is approved"
    )


def test_nothing_is_decided_while_a_round_is_open_or_on_results_that_changed(opened, tmp_path):
    """Drafts, approvals, a decision sheet and answers to proposals wait for the close.

    A later round asks for a new draft.
    """
    import datetime as dt

    from listgen.review.domain import decisions, decisionsheet, proposals, rounds, verify
    from listgen.review.domain.eventlog import now
    from listgen.review.models import Staff

    review, (aoki, baba) = rounds.newest_review(), (Staff.objects.get(name=name) for name in ("aoki", "baba"))
    one, two = (card.technology_id for card in cards()[:2])
    made = proposals.propose(
        seats()[0], "definition", one, {"reason": "because", "definition": "Better."}, key="p"
    )
    assert proposals.of_review(review) == [], "what the panel proposes is seen after the close"
    table = tmp_path / "sheet.csv"

    def refused_while_open():
        table.write_bytes(decisionsheet.sheet(review))
        for attempt in (
            lambda: decisions.draft(review, one, "accept", "why", aoki),
            lambda: decisions.approve(review, one, "0" * 64, baba),
            lambda: decisionsheet.take_in(review, table, aoki),
            lambda: proposals.answer(made, "refuse", {}, aoki),
            lambda: proposals.approve(made, "", baba),
        ):
            with pytest.raises(UsageError, match=r"still open.*closed round.*listgen review close"):
                attempt()

    refused_while_open()
    for seat in seats()[:6]:
        vote(seat, cards()[0], 8)
    close()
    assert proposals.of_review(review) == [made]
    for technology_id in (one, two):
        decisions.draft(review, technology_id, "accept", "as round 1 says", aoki)
    first = decisions.approve(
        review, one, decisions.Decision.objects.get(technology_id=one).draft_digest, baba
    )
    table.write_bytes(decisionsheet.sheet(review))
    rounds.open_next_round(review, [], now() + dt.timedelta(days=1))
    refused_while_open()
    for seat in [seat for seat in seats() if seat.round.number == 2][:6]:
        vote(seat, cards()[0], 2)
    close()
    pending = decisions.Decision.objects.get(technology_id=two)
    with pytest.raises(UsageError, match="drafted on other results.*draft the decision again"):
        decisions.approve(review, two, pending.draft_digest, baba)
    with pytest.raises(UsageError, match="A round was closed after you read"):
        decisions.draft(review, two, "reject", "why", aoki, seen=first.results_digest)
    lines = {
        line["technology_id"]: line for line in map(json.loads, decisions.decision_lines(review).splitlines())
    }
    assert (lines[one]["round"], lines[one]["panel"]["median"], lines[one]["results_digest"]) == (
        1,
        8,
        first.results_digest,
    )
    assert lines[one]["decision"] == "accept", "with the result its deciders saw, not the later one"
    again = decisions.draft(review, one, "reject", "as round 2 says", aoki)
    decisions.approve(review, one, again.draft_digest, baba)
    lines = {
        line["technology_id"]: line for line in map(json.loads, decisions.decision_lines(review).splitlines())
    }
    assert (lines[one]["round"], lines[one]["panel"]["median"], lines[one]["decision"]) == (2, 2, "reject")
    assert verify.findings() == []


def test_a_decision_written_into_the_log_while_a_round_is_open_is_found(opened):
    """Somebody who goes round the pages and appends a draft of their own, digest and all."""
    from listgen.review.domain import eventlog, rounds, verify
    from listgen.review.models import Decision

    review = rounds.newest_review()
    values = {"decision": "accept", "into_technology_id": "", "rationale": "mine", "decider": "aoki"}
    whole = {
        "review": review.review_id,
        "technology_id": cards()[0].technology_id,
        "results": "0" * 64,
        **values,
    }
    event = eventlog.append("decision_drafted", whole)
    reset = {"draft_digest": event.digest, "results_digest": "0" * 64}
    Decision.objects.create(review=review, technology_id=cards()[0].technology_id, **values, **reset)
    assert ["while a round was open" in finding for finding in verify.findings()] == [True]
    close()
    event = eventlog.append("decision_drafted", whole)
    Decision.objects.update(draft_digest=event.digest)
    assert [finding.split(" made ")[1] for finding in verify.findings()] == [
        "while a round was open",
        "on other results than those of the closed rounds",
    ]


# ---- the panel file ------------------------------------------------------------------------------


def test_a_broken_panel_names_every_line(tmp_path):
    path = tmp_path / "panel.csv"
    path.write_text(
        "email,name,language\na@b.org,A,ja\nA@b.org,Again,ja\nnobody,B,fr\n,,\nc@d.org,,en,more\n",
        encoding="utf-8-sig",
    )
    with pytest.raises(TableError) as error:
        read_panel(path)
    assert [(p.line, p.message.split(" ")[0]) for p in error.value.problems] == [
        (3, "email"),
        (4, "email"),
        (4, "language"),
        (6, "name"),
        (6, "has"),
    ]
    path.write_bytes("email,name\na@b.org,山田".encode("cp932"))
    with pytest.raises(UsageError, match="UTF-8"):
        read_panel(path)


def test_a_panel_line_that_ends_early_or_a_quote_never_closed_is_named(tmp_path):
    path = tmp_path / "panel.csv"
    path.write_text("email,name\na@example.org\n", encoding="utf-8")
    with pytest.raises(TableError) as error:
        read_panel(path)
    assert [(p.line, p.message) for p in error.value.problems] == [(2, "name is empty")]
    for rest in ('"a@example.org,Ann', '"a@example.org,' + "x" * 140_000, '"a@example.org" b,Ann'):
        path.write_text(f"email,name\n{rest}\n", encoding="utf-8")
        with pytest.raises(UsageError, match="cannot be read"):
            read_panel(path)
