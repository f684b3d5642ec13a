"""The log's two versions: the second shows no vote, no group and no count.

The first is still read, verified and warned of.
"""

import gzip
import json
import sqlite3
from pathlib import Path

import pytest
from conftest import copy_configuration
from running import listgen
from test_review_rounds import build, cards, close, opened, seats, vote  # noqa: F401 - fixtures among them

from listgen.review.domain.groups import group_of_latecomer, merged_groups
from listgen.review.domain.panel import Invited

# Written by the version before: twelve experts in groups of 5, 4, 2 and 1, two closed rounds, a third open, a
# decision, a latecomer.
OLD = Path(__file__).with_name("review_log_version_1.sql.gz")


@pytest.fixture
def old(tmp_path):
    """The folder of a review kept by the version before, brought up to date."""
    from listgen.review.web import site

    folder = tmp_path / "data/review"
    folder.mkdir(parents=True)
    with sqlite3.connect(folder / site.DATABASE) as database:
        database.executescript(gzip.decompress(OLD.read_bytes()).decode())
    database.close()
    site.start(folder, "http://127.0.0.1:8765", is_upgrade=True)
    return folder


def test_an_old_log_still_verifies_and_its_open_round_goes_on_sealed(old):
    from django.db import DatabaseError, connection

    from listgen.review.domain import eventlog, progress, rounds, verify
    from listgen.review.models import Event

    assert verify.findings() == []
    open_round = rounds.newest_round()
    assert len(eventlog.unsealed_rounds()) == 3 and progress.steps(open_round) is None, (
        "its log shows counts per pseudonym"
    )
    seat = next(seat for seat in seats() if seat.round_id == open_round.pk)
    vote(seat, cards()[0], 4, key="new")
    assert list(json.loads(Event.objects.order_by("-sequence").first().body)) == [
        "kind",
        "round",
        "sealed",
        "sequence",
    ]
    close()
    assert verify.findings() == []
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("UPDATE review_event SET content = '{}'")


def test_exporting_an_old_log_warns_that_it_shows_groups(old):
    copy_configuration(old.parents[1])
    done = listgen(old.parents[1], "review", "export", str(old.parents[1] / "out"))
    assert done.returncode == 0 and "version 1" in done.stderr, done.stderr


def test_the_log_shows_no_group_no_pseudonym_and_no_count(opened):  # noqa: F811 - the fixture
    """Two latecomers, one with a group of their own, a revoked link.

    None of it can be read out of the log.
    """
    from listgen.review.domain import eventlog, rounds, verify

    round_ = opened[0]
    rounds.invite(round_, [Invited("late@example.org", "Late", "", "government", "en")])
    rounds.invite(round_, [Invited("later@example.org", "Later", "", "industry", "en")])
    rounds.revoke(round_, "e00@example.org")
    everybody = {seat.person.email: seat for seat in seats()}
    assert everybody["late@example.org"].group == "" and everybody["later@example.org"].group == "industry"
    for seat in everybody.values():
        vote(seat, cards()[0], 7)
    close()
    text = "".join(eventlog.log_lines())
    hidden = {seat.pseudonym for seat in everybody.values()} | {
        "industry",
        "academia",
        "government",
        '"rating\\"',
        "dont_know",
    }
    assert not {one for one in hidden if one in text} and verify.findings() == []


@pytest.mark.parametrize(
    ("sizes", "named"),
    [
        ({"a": 6, "b": 6}, {"a", "b"}),
        ({"a": 6, "b": 3, "c": 2}, {"a"}),
        ({"a": 6, "b": 5, "c": 1}, {"a"}),  # one person would be what is left: the smaller group joins them
        ({"a": 8, "b": 3, "c": 1}, set()),
        ({"a": 11, "": 1}, set()),
        ({"a": 4, "b": 4, "c": 4}, set()),
    ],
)
def test_small_groups_are_merged_and_what_is_left_is_never_small(sizes, named):
    groups = [group for group, n in sizes.items() for _ in range(n)]
    merged = merged_groups(groups, 5)
    assert set(merged) - {""} == named
    assert all(merged.count(group) >= 5 for group in set(merged))
    assert all(after in ("", before) for before, after in zip(groups, merged, strict=True))
    assert {group_of_latecomer(group, merged) for group in ("new", *sizes)} <= {"", *named}


def test_the_decision_sheet_comes_alone(opened, tmp_path, monkeypatch):  # noqa: F811 - as above
    from listgen.base.errors import UsageError
    from listgen.review.ops import desk

    monkeypatch.setattr(desk, "folder_of", lambda _: tmp_path / "review")
    with pytest.raises(UsageError, match="still open"):
        desk.write_sheet(None, tmp_path / "sheet.csv")
    close()
    for _ in range(2):
        assert desk.write_sheet(None, tmp_path / "sheet.csv") == len(cards())
    filled = (tmp_path / "sheet.csv").read_bytes().replace(b",,,\r\n", b",accept,,clear\r\n", 1)
    (tmp_path / "sheet.csv").write_bytes(filled)
    with pytest.raises(UsageError, match="would be lost"):
        desk.write_sheet(None, tmp_path / "sheet.csv")
    assert (tmp_path / "sheet.csv").read_bytes() == filled
    with pytest.raises(UsageError, match="is a file"):
        desk.export(None, tmp_path / "sheet.csv")
    assert "decision_sheet.csv" not in {path.name for path in desk.export(None, tmp_path / "export")}


def test_a_cut_log_is_found_by_the_decisions_kept_elsewhere(opened, tmp_path, monkeypatch):  # noqa: F811 - as above
    """The last events are taken out, trigger and all.

    The chain is whole, but an exported file knows of more.
    """
    from django.db import connection, transaction

    from listgen.base.errors import UsageError
    from listgen.review.domain import decisions, rounds, verify
    from listgen.review.domain.anchors import anchors
    from listgen.review.models import Staff
    from listgen.review.ops import desk

    monkeypatch.setattr(desk, "folder_of", lambda _: tmp_path / "review")
    close()
    one = decisions.draft(
        rounds.newest_review(), cards()[0].technology_id, "accept", "clear", Staff.objects.get(name="aoki")
    )
    decisions.approve(
        rounds.newest_review(), one.technology_id, one.draft_digest, Staff.objects.get(name="baba")
    )
    exported = desk.export(None, tmp_path / "export")
    kept = next(path for path in exported if path.name == "decisions.jsonl")
    assert desk.verify(None, (), [kept])[0] == []
    for n_cut, words in ((1, "does not know these bytes"), (2, "its end was cut or rewritten")):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER event_DELETE")
                cursor.execute(
                    "DELETE FROM review_event WHERE sequence > (SELECT max(sequence) FROM review_event) - %s",
                    [n_cut],
                )
                cursor.execute(
                    "UPDATE review_decision SET approver = '', approved_on = NULL, digest = ''"
                    if n_cut == 2
                    else "SELECT 1"
                )
            assert [words in finding for finding in verify.findings((), anchors([kept]))] == [True], n_cut
            assert verify.findings() == [], "without the file nobody could know"
            transaction.set_rollback(True)
    other = tmp_path / "other.jsonl"
    other.write_text(
        kept.read_text(encoding="utf-8").replace(rounds.newest_review().review_id, "r20200101-000000"),
        encoding="utf-8",
    )
    assert [
        "which this log does not have" in finding for finding in verify.findings((), anchors([other]))
    ] == [True]
    (tmp_path / "other.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(UsageError, match="not a file of decisions"):
        desk.verify(None, (), [tmp_path / "other.txt"])


def test_an_empty_database_is_not_called_intact(tmp_path, monkeypatch):
    from listgen.base.errors import UsageError
    from listgen.review.ops import desk

    monkeypatch.setattr(desk, "folder_of", lambda _: tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="no log here"):
        desk.verify(None, ())
