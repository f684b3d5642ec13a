"""The review's own promises: a log that shows every change, anonymity by structure, results with and without, two signatures."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import review_world

from listgen.base.errors import ConfigError, UsageError
from listgen.review.panel import read_panel

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
    from listgen.review import ballots

    now = ballots.find_ballot(seat.pseudonym, card.technology_id)
    content = ballots.Content(answer, rating, reason, tuple(ties))
    return ballots.cast(seat, card, content, revision=now.revision if now else 0, key=key)


def results():
    from listgen.review import rounds

    return rounds.results_of(rounds.newest_round())["technologies"]


def close():
    from listgen.review import rounds

    rounds.close(rounds.newest_round(), "aoki")


# ---- votes --------------------------------------------------------------------------------------------------------------


def test_a_vote_is_kept_once_however_often_it_is_sent(opened):
    from listgen.review import ballots
    from listgen.review.models import Event

    seat, card = seats()[0], cards()[0]
    content = ballots.Content("rating", 7, "strong position")
    outcomes = [ballots.cast(seat, card, content, revision=0, key="same") for _ in range(50)]
    assert {outcome.status for outcome in outcomes} == {"saved"} and len({outcome.receipt for outcome in outcomes}) == 1
    assert Event.objects.filter(body__contains='"kind":"vote"').count() == 1


def test_an_overtaken_page_overwrites_nothing_and_a_late_vote_is_noted_but_not_counted(opened):
    from listgen.review import ballots

    seat, card = seats()[0], cards()[0]
    vote(seat, card, 7)
    stale = ballots.cast(seat, card, ballots.Content("rating", 2), revision=0, key="other tab")
    assert stale.status == "stale" and ballots.find_ballot(seat.pseudonym, card.technology_id).rating == 7
    close()
    late = vote(seat, card, 1, key="late")
    assert late.status == "closed" and late.receipt
    assert ballots.find_ballot(seat.pseudonym, card.technology_id).rating == 7


def test_undo_goes_back_and_the_history_keeps_everything(opened):
    from listgen.review import ballots

    seat, card = seats()[0], cards()[0]
    vote(seat, card, 7, reason="first")
    vote(seat, card, 3, reason="second")
    ballots.undo(seat, card, revision=2, key="a")
    ballots.undo(seat, card, revision=2, key="a")
    now = ballots.find_ballot(seat.pseudonym, card.technology_id)
    assert (now.rating, ballots.reason_text(now.reason_digest)) == (7, "first")
    assert [step.content.rating for step in ballots.history(seat.pseudonym, card.technology_id)] == [7, 3, 7]


def test_undo_goes_back_step_by_step_and_never_forward_again(opened):
    from listgen.review import ballots, verify

    seat, card = seats()[0], cards()[0]

    def undo(key):
        outcome = ballots.undo(seat, card, revision=ballots.find_ballot(seat.pseudonym, card.technology_id).revision, key=key)
        return outcome.status, outcome.ballot.rating

    for rating in (5, 6, 7, 8):
        vote(seat, card, rating)
    assert [undo(f"a{n}") for n in range(2)] == [("saved", 7), ("saved", 6)]
    vote(seat, card, 9)
    assert [undo(f"b{n}") for n in range(3)] == [("saved", 6), ("saved", 5), ("saved", None)]
    assert undo("c") == ("unchanged", None), "there is nothing before no answer"
    eight = next(step for step in ballots.history(seat.pseudonym, card.technology_id) if step.content.rating == 8)
    assert ballots.restore(seat, card, eight.sequence, key="d").ballot.rating == 8, "forward again by choice, from the history"
    assert undo("e") == ("saved", None)
    assert ballots.undo(seat, card, revision=1, key="f").status in ("stale", "unchanged")
    vote(seat, card, 4)
    assert ballots.undo(seat, card, revision=1, key="g").status == "stale", "a page that was overtaken undoes nothing"
    assert verify.findings() == []


def test_the_first_vote_is_blind_and_says_so(opened):
    from listgen.review.models import Event

    seat, card = seats()[0], cards()[0]
    vote(seat, card, 7)
    vote(seat, card, 6)
    bodies = [json.loads(event.body) for event in Event.objects.filter(subject__startswith=seat.pseudonym).order_by("sequence")]
    assert [body["shown"]["is_informed"] for body in bodies] == [False, True]
    assert {body["shown"]["card_digest"] for body in bodies} == {card.digest}
    assert all("at" not in body and len(body["day"]) == 10 for body in bodies), "the hour of a vote is kept nowhere"


# ---- results ------------------------------------------------------------------------------------------------------------


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


def test_the_second_round_says_whether_the_panel_has_settled(opened):
    import datetime as dt

    from listgen.review import rounds
    from listgen.review.eventlog import now

    for card in cards()[:4]:
        for place, seat in enumerate(seats()):
            vote(seat, card, 5 + place % 3)
    first = {seat.pseudonym for seat in seats()}
    close()
    review = rounds.newest_review()
    round_, made = rounds.open_next_round(review, [], now() + dt.timedelta(days=1))
    second = [seat for seat in seats() if seat.round_id == round_.pk]
    assert len(made) == 12 and not first & {seat.pseudonym for seat in second}, "a new pseudonym each round"
    for card in cards()[:4]:
        for place, seat in enumerate(second):
            vote(seat, card, 5 + place % 3)
    close()
    found = rounds.results_of(rounds.newest_round())
    assert found["stability"] == {"n_compared": 4, "n_stable": 4, "share": 1.0, "is_stable": True}


def test_a_script_that_shares_no_code_recomputes_every_number_of_the_export(opened, tmp_path, monkeypatch):
    """Two rounds with everything that may be answered; a log or a result that was changed afterwards is refused."""
    import datetime as dt

    from listgen.review import decisions, desk, rounds
    from listgen.review.eventlog import now
    from listgen.review.models import Staff

    for number in (1, 2):
        for place, seat in enumerate(seat for seat in seats() if seat.round.number == number):
            for other, card in enumerate(cards()[:5]):
                vote(seat, card, 1 + (place * (other + number) + other) % 9)
            vote(seat, cards()[place % 3], answer=("conflict", "dont_know", "skip")[place % 3], ties=["equity"] if place % 3 == 0 else ())
        close()
        if number == 1:
            rounds.open_next_round(rounds.newest_review(), [], now() + dt.timedelta(days=1))
    review, (aoki, baba) = rounds.newest_review(), (Staff.objects.get(name=name) for name in ("aoki", "baba"))
    one = decisions.draft(review, cards()[0].technology_id, "accept", "clear", aoki)
    decisions.approve(review, one.technology_id, one.draft_digest, baba)
    monkeypatch.setattr(desk, "folder_of", lambda _: tmp_path / "review")
    desk.export(None, tmp_path / "export")

    def recompute():
        return subprocess.run([sys.executable, "-I", RECOMPUTE, tmp_path / "export"], capture_output=True, text=True, timeout=60)

    assert "10 distributions, all equal" in recompute().stdout, recompute().stderr
    for name, old, new in (("log.jsonl", 'rating\\":5', 'rating\\":6'), ("results.jsonl", '"outcome":"', '"outcome":"x')):
        path = tmp_path / "export" / name
        held = path.read_text(encoding="utf-8")
        assert old in held
        path.write_text(held.replace(old, new, 1), encoding="utf-8")
        assert recompute().returncode != 0, name
        path.write_text(held, encoding="utf-8")
    text = RECOMPUTE.read_text(encoding="utf-8")
    imported = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names and len(text.splitlines()) <= 150


# ---- anonymity ----------------------------------------------------------------------------------------------------------


def test_reasons_and_log_give_no_better_guess_of_their_author_than_chance(opened):
    """The attack: match the order in which reasons are shown with that of the panel file and of the votes' arrival, 60,000 times."""
    from listgen.review import ballots, eventlog, results
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
                {who: results.Vote({"answer": "rating", "rating": 7, "reason_digest": ballots._keep_reason(who)}) for who in arrived}
            )
            author = {vote.body["reason_digest"]: who for who, vote in one.votes.items()}
            shown = [author[row["digest"]] for row in results._reasons(one, rules)]
            hits += sum(a == b for guess in (people, arrived) for a, b in zip(shown, guess, strict=True))
            total += 2 * len(shown)
    assert total == 60_000 and abs(hits / total - 1 / len(people)) < 0.01


def test_a_job_that_fails_takes_no_other_with_it(opened):
    """The writer's batch: the failed job is rolled back alone, and its sender is told."""
    from listgen.review import eventlog
    from listgen.review.writer import Future, _commit

    def bad():
        eventlog.append("staff_login", {"staff": "never"})
        raise ValueError("mine")

    jobs = [lambda: eventlog.append("staff_login", {"staff": "first"}), bad, lambda: eventlog.append("staff_login", {"staff": "last"})]
    outcomes = [Future() for _ in jobs]
    _commit(list(zip(jobs, outcomes, strict=True)))
    assert [type(outcome.exception()) for outcome in outcomes] == [type(None), ValueError, type(None)]
    assert [body["staff"] for _, body in eventlog.events("staff_login")] == ["first", "last"] and eventlog.broken_links() == []


def test_no_identity_stands_in_the_log_and_deleting_one_breaks_nothing(opened):
    from listgen.review import eventlog, rounds, verify
    from listgen.review.models import Person, Seat

    vote(seats()[0], cards()[0], 8)
    text = "".join(eventlog.log_lines())
    assert "example.org" not in text and "Expert" not in text
    for person in Person.objects.all():
        rounds.forget(rounds.newest_review(), person.email)
    assert Person.objects.count() == 0 and Seat.objects.exclude(link_hash=None).count() == 0
    assert verify.findings() == []


# ---- decisions ----------------------------------------------------------------------------------------------------------


def test_a_decision_needs_two_people_and_a_new_draft_takes_the_approval_back(opened):
    from listgen.review import decisions, rounds
    from listgen.review.models import Staff

    close()
    review, card = rounds.newest_review(), cards()[0]
    aoki, baba = Staff.objects.get(name="aoki"), Staff.objects.get(name="baba")
    for wrong in (("accept", " ", ""), ("merge", "why", ""), ("accept", "why", cards()[1].technology_id), ("listed", "why", "")):
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
    from listgen.review import decisions, decisionsheet, rounds
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
    assert (first["panel_n"], first["panel_median"], first["panel_outcome"], first["decision"]) == ("6", "8.0", "for", "")

    def write(changes, **given):
        columns = list(reversed(rows[0]))  # a spreadsheet may have its columns in any order
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            writer.writerows(row | given | changes.get(row["technology_id"], {}) for row in rows)
        return columns

    filled = {
        one.technology_id: {"decision": "accept", "rationale": '\'=clear, "really"\nin two lines', "panel_median": "8"},
        two.technology_id: {"decision": "merge", "into_technology_id": one.technology_id, "rationale": "the same"},
    }
    write(filled)
    assert decisionsheet.take_in(review, path, aoki) == [one.technology_id, two.technology_id]
    held = Decision.objects.get(technology_id=one.technology_id)
    assert (held.rationale, held.decider, held.approver) == ('=clear, "really"\nin two lines', "aoki", "")
    path.write_bytes(decisionsheet.sheet(review))
    assert decisionsheet.take_in(review, path, aoki) == [], "what says nothing new takes no approval back"
    columns = write(filled | {three.technology_id: {"decision": "acept", "rationale": "x"}, two.technology_id: {"panel_n": "99"}})
    with pytest.raises(ConfigError) as error:
        decisionsheet.take_in(review, path, aoki)
    assert [(p.column, p.message.split(" ")[0]) for p in error.value.problems] == [
        (columns.index("panel_n") + 1, "panel_n"),
        (columns.index("decision") + 1, '"acept"'),
    ]
    assert "accept" in error.value.problems[1].message and Decision.objects.count() == 2, "all or nothing"
    path.write_text("technology,decision\n", encoding="utf-8")
    with pytest.raises(UsageError, match="all of them"):
        decisionsheet.take_in(review, path, aoki)
    assert decisions.decision_lines(review).count(b'"decision":null') == len(cards()), "nothing is decided before it is approved"


# ---- the panel file -----------------------------------------------------------------------------------------------------


def test_a_broken_panel_names_every_line(tmp_path):
    path = tmp_path / "panel.csv"
    path.write_text("email,name,language\na@b.org,A,ja\nA@b.org,Again,ja\nnobody,B,fr\n,,\nc@d.org,,en,more\n", encoding="utf-8-sig")
    with pytest.raises(ConfigError) as error:
        read_panel(path)
    assert [(p.line, p.message.split(" ")[0]) for p in error.value.problems] == [
        (3, "A@b.org"),
        (4, "email"),
        (4, "language"),
        (6, "has"),
        (6, "name"),
    ]
    path.write_bytes("email,name\na@b.org,山田".encode("cp932"))
    with pytest.raises(UsageError, match="UTF-8"):
        read_panel(path)
