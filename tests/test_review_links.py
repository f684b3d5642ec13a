"""Links over their whole life.

The greeting, a round closed early, old links when a later round is open, and what they must not open.
"""

import datetime as dt
import re
import subprocess
import sys

import httpx
import pytest
import review_world
import smtp_world
from review_world import Visitor
from test_review_storage import SERVER

from listgen.review.web import site


@pytest.fixture(scope="module")
def build():
    return review_world.freeze()


@pytest.fixture
def opened(build, tmp_path):
    return review_world.open_review(tmp_path / "review", build, n=3)


@pytest.fixture
def address(opened):
    with review_world.serving() as found:
        yield found


def open_next(round_):
    from listgen.review.domain import eventlog, rounds

    rounds.close(round_, "aoki")
    return rounds.open_next_round(round_.review, [], eventlog.now() + dt.timedelta(days=5))


def expire(round_):
    from listgen.review.domain import eventlog
    from listgen.review.models import Round, Seat

    past = eventlog.now() - dt.timedelta(hours=1)
    Seat.objects.filter(round=round_).update(expires_at=past)
    Round.objects.filter(pk=round_.pk).update(closes_at=past)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_first_page_says_whom_it_is_for_who_asks_what_for_how_long_and_what_one_agrees_to(
    opened, address, build, language
):
    visitor = Visitor(address)
    visitor.client.cookies.set("language", language, domain="127.0.0.1")
    page = visitor.get(f"/i/{opened[1][0].link_token}").text
    texts = review_world.rules().invitation.model_dump()
    for name in ("organiser", "purpose", "consent", "contact"):
        assert texts[name][language].replace("'", "&#39;") in page, name
    assert texts["length"][language].replace("{n}", str(len(build.cards))) in page
    assert ("For Expert 0." if language == "en" else "Expert 0 様") in page
    assert ("Agree and begin" if language == "en" else "同意して始める") in page


def test_the_invitation_mail_says_the_same(opened, tmp_path, monkeypatch):
    from listgen.review.domain import reminders

    with smtp_world.taking_mail() as server:
        monkeypatch.setenv("LISTGEN_REVIEW_SMTP", server.address)
        site.start(tmp_path / "review", "http://127.0.0.1:8765")
        reminders.send_links(opened[0], opened[1], "http://127.0.0.1:8765", "list.csv")
    texts = review_world.rules().invitation.model_dump()
    for mail, language in zip(server.mails, ("en", "ja", "en"), strict=True):
        text = mail.get_content()
        for name in ("organiser", "purpose", "consent", "contact"):
            assert texts[name][language] in text
        assert "{" not in text and "25" in text


def test_a_review_opened_before_the_texts_existed_still_greets(opened, address, build):
    from listgen.review.domain import eventlog, rounds

    rounds.close(opened[0], "aoki")
    older = review_world.rules().model_copy(update={"invitation": None})
    _, made = rounds.open_review(build, older, review_world.people(3), eventlog.now() + dt.timedelta(days=3))
    page = Visitor(address).get(f"/i/{made[0].link_token}")
    assert page.status_code == 200 and "Agree" not in page.text and "Begin" in page.text


def test_a_round_closed_early_shows_when_it_really_closed(opened, address):
    from listgen.review.domain import eventlog, rounds
    from listgen.review.wording import show_time

    visitor = Visitor(address).open_link(opened[1][0].link_token)
    path = visitor.get("/begin").headers["location"].split("?")[0]
    planned, fields = show_time("en", opened[0].closes_at), visitor.fields(path)
    rounds.close(opened[0], "aoki")
    real = show_time("en", eventlog.now())
    assert planned != real
    late = visitor.client.post(path, data=fields | {"answer": "4", "reason": "late"})
    assert late.status_code == 409 and "late" in late.text
    for page in (
        late.text,
        visitor.get(path).text,
        Visitor(address).get(f"/i/{opened[1][0].link_token}").text,
    ):
        assert real in page and planned not in page
    ends = re.search(r"DTSTART:(\S+)", visitor.get("/deadline.ics").text)[1]
    assert abs(
        dt.datetime.strptime(ends, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC) - eventlog.now()
    ) < dt.timedelta(minutes=1)


def test_the_status_of_a_round_closed_early_says_when_it_really_closed(
    opened, tmp_path, monkeypatch, workspace
):
    from listgen.review.domain import eventlog, rounds
    from listgen.review.ops import desk

    monkeypatch.setattr(desk, "folder_of", lambda _: tmp_path / "review")
    rounds.close(opened[0], "aoki")
    ended = dt.datetime.fromisoformat(desk.status(workspace)["closes_at"])
    assert abs(ended - eventlog.now()) < dt.timedelta(minutes=1)


def test_an_hour_that_passed_before_anybody_closed_the_round_is_its_end(opened):
    from listgen.review.domain import rounds

    expire(opened[0])
    rounds.close(opened[0], "aoki")
    assert rounds.newest_round().ended_at == rounds.newest_round().closes_at < rounds.newest_round().closed_at


@pytest.mark.parametrize("is_expired", [False, True])
def test_an_old_link_explains_the_present_round_and_gives_no_way_into_it(opened, address, is_expired):
    from listgen.review.models import Seat

    first, old = opened
    second, new = open_next(first)
    if is_expired:
        expire(first)
    link = f"/i/{old[0].link_token}"
    stranger = Visitor(address)
    page = stranger.get(link)
    assert page.status_code == (410 if is_expired else 200)
    assert (
        "Round 2 is open until" in page.text
        and "invitation to round 2" in page.text
        and "Go on with round 2" not in page.text
    )
    answer = stranger.post(
        link, {"csrfmiddlewaretoken": stranger.fields("/staff/login")["csrfmiddlewaretoken"]}
    )
    if is_expired:
        assert (
            answer.status_code == 410
            and "Expert 0" not in page.text
            and stranger.get("/judge").status_code == 403
        )
    else:
        # One's own answers of the old round may be read as long as its link lives; the pages say where the
        # present round is.
        assert answer.status_code == 302 and "Round 2 is open until" in stranger.get("/judge").text
        path = stranger.get("/begin").headers["location"].split("?")[0]
        assert "Round 2 is open until" in stranger.get(path).text
        assert stranger.post(path, {"answer": "9"}).status_code == 409
    assert (
        new[0].link_token not in page.text
        and Seat.objects.get(round=second, person__email="e00@example.org").pseudonym not in page.text
    )


def test_an_old_link_leads_on_only_where_the_same_person_already_is_in_the_present_round(opened, address):
    first, old = opened
    _, new = open_next(first)
    own, other = Visitor(address).open_link(new[0].link_token), Visitor(address).open_link(new[1].link_token)
    assert "Go on with round 2" in own.get(f"/i/{old[0].link_token}").text
    assert "Go on with round 2" not in other.get(f"/i/{old[0].link_token}").text


def test_a_link_taken_back_or_replaced_explains_nothing(opened, address):
    from listgen.review.domain import rounds

    first, old = opened
    rounds.invite(first, rounds.people_of(first.review, ["e01@example.org"]))
    rounds.revoke(first, "e02@example.org")
    open_next(first)
    for one in old[1:]:
        assert Visitor(address).get(f"/i/{one.link_token}").status_code == 404


def test_reminder_links_end_when_a_link_is_replaced_or_an_identity_deleted(opened, address):
    from listgen.review.domain import reminders, rounds
    from listgen.review.models import Link

    made = reminders.prepare(opened[0], "aoki")
    rounds.invite(opened[0], rounds.people_of(opened[0].review, ["e00@example.org"]))
    rounds.forget(opened[0].review, "e01@example.org")
    codes = [Visitor(address).get(f"/i/{one.link_token}").status_code for one in made]
    assert codes == [404, 404, 200] and Link.objects.count() == 1


def test_naming_somebody_in_a_panel_again_leaves_them_the_link_they_have(
    opened, address, tmp_path, monkeypatch
):
    """A facilitator adds one person to the panel's own file and gives the whole of it."""
    from listgen.review.domain import eventlog, rounds, verify
    from listgen.review.ops import desk

    monkeypatch.setattr(desk, "folder_of", lambda _: tmp_path / "review")
    rounds.revoke(opened[0], "e02@example.org")
    panel = tmp_path / "panel.csv"
    panel.write_text(
        "email,name\ne00@example.org,Expert 0\ne02@example.org,Expert 2\nnew@example.org,New\n",
        encoding="utf-8",
    )
    lines = desk.invite(None, panel, ()).invitations.read_text(encoding="utf-8-sig").splitlines()[1:]
    tokens = [opened[1][0].link_token, *(line.rsplit("/i/", 1)[1] for line in lines)]
    assert [Visitor(address).get(f"/i/{token}").status_code for token in tokens] == [200] * 4
    assert Visitor(address).get(f"/i/{opened[1][2].link_token}").status_code == 404, (
        "a revoked link stays revoked"
    )
    noted = [body for _, body in eventlog.events("reminder_links")]
    assert [(body["by"], body["n"]) for body in noted] == [("command line", 1)] and verify.findings() == []
    desk.invite(None, None, ["e00@example.org"])
    assert [Visitor(address).get(f"/i/{token}").status_code for token in tokens[:2]] == [404, 404]


def test_the_log_of_the_server_shows_no_link(opened, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, tmp_path / "review"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        address, token = f"http://127.0.0.1:{int(process.stdout.readline())}", opened[1][0].link_token
        assert httpx.post(f"{address}/i/{token}", data={"no": "token"}).status_code == 403
        assert httpx.get(f"{address}/i/x{token}").status_code == 404
        process.terminate()
        logged = process.communicate(timeout=30)[1]
    assert logged.count("/i/...") == 2 and token not in logged
