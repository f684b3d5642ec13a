"""The pages over real HTTP.

Who may see what, what is refused, and what survives clumsy or hostile visitors.
"""

import base64
import datetime as dt
import itertools
import json
import re
import socket
import time
from html import escape

import pytest
import review_world
from review_world import PASSWORDS, ROLES, Visitor

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "<svg/onload=alert(1)>",
    "{{7*7}}",
    "</textarea><script>alert(1)</script>",
    "' onfocus='alert(1)' autofocus='",
    "<b onmouseover=alert(1)>名前</b>",
    "[x](javascript:alert(1))",
    "\u202e</script><script>alert(1)</script>",
]


@pytest.fixture(scope="module")
def site_of(tmp_path_factory):
    """A served review: address, and a link for each of twelve experts."""
    build = review_world.freeze()
    _, made = review_world.open_review(tmp_path_factory.mktemp("review") / "db", build)
    with review_world.serving() as address:
        yield address, [one.link_token for one in made]


@pytest.fixture(scope="module")
def visitors(site_of):
    address, links = site_of
    found = {"anyone": Visitor(address), "expert": Visitor(address).open_link(links[0])}
    return found | {role: Visitor(address).log_in(name) for name, role in ROLES.items()}


def technology(visitor):
    return visitor.get("/begin").headers["location"].split("?")[0]


# ---- who may do what -----------------------------------------------------------------------------


def routes():
    from listgen.review.web.urls import urlpatterns

    return urlpatterns


def address_of(pattern, real=()):
    values = {
        "token": "x" * 32,
        "name": "review.css",
        "review_id": "r1",
        "technology_id": "alpha",
        "number": "1",
    } | dict(real)
    path = str(pattern.pattern)
    for name in pattern.pattern.converters:
        path = path.replace(
            next(part for part in (f"<{kind}:{name}>" for kind in ("str", "slug", "int")) if part in path),
            values[name],
        )
    return "/" + path


def test_route_by_role_matrix(visitors):
    """Generated from the application.

    Every route with every role and every method is let in exactly where its line says so.
    """
    from listgen.review.web.access import ROLES as ALL_ROLES

    wrong = []
    tokens = {
        role: visitors[role].fields("/propose" if role == "expert" else "/staff/login")["csrfmiddlewaretoken"]
        for role in ALL_ROLES
    }
    for pattern, role, method in itertools.product(routes(), ALL_ROLES, ("GET", "POST", "DELETE")):
        if pattern.name in ("leave", "leave_everywhere"):
            continue  # they end the session the next line needs; tested below
        if method == "DELETE" and role != "facilitator":
            continue  # what is no method of a route is refused before anybody is looked at
        view, visitor, path = pattern.callback, visitors[role], address_of(pattern)
        response = visitor.client.request(
            method, path, data={"csrfmiddlewaretoken": tokens[role]} if method == "POST" else None
        )
        is_let_in = (
            response.status_code not in (403, 405) and response.headers.get("location") != "/staff/login"
        )
        may = method in view.methods and ("anyone" in view.roles or role in view.roles)
        if pattern.name in ("staff_login", "close", "password") and method == "POST":
            is_let_in = may  # they answer 403 to an empty password
        if is_let_in != may:
            wrong.append((pattern.name, role, method, response.status_code))
    assert wrong == []


def test_one_expert_never_reads_anothers_answer(site_of):
    address, links = site_of
    first, second = Visitor(address).open_link(links[1]), Visitor(address).open_link(links[2])
    path = technology(first)
    first.post(path, {"answer": "keep", "reason": "only mine 4711"})
    for page in (path, path + "/history", "/judge", "/propose", "/background"):
        assert "4711" not in second.get(page).text
    assert "4711" in first.get(path).text


# ---- an expert's round ---------------------------------------------------------------------------


def test_first_rating_in_three_requests_and_the_evidence_only_after_it(site_of):
    address, links = site_of
    visitor = Visitor(address)
    started = time.monotonic()
    visitor.open_link(links[3])
    path = technology(visitor)
    before = visitor.get(path).text
    response = visitor.post(path, {"answer": "7"})
    assert response.status_code == 302 and response.headers["location"] == path + "#evidence"
    after = visitor.get(path).text
    assert 'class="evidence"' not in before and 'class="evidence"' in after
    assert time.monotonic() - started < 60
    assert len(after.encode()) < 200_000


def test_double_click_retry_and_two_tabs(site_of):
    from listgen.review.models import Event

    address, links = site_of
    visitor = Visitor(address).open_link(links[4])
    path = technology(visitor)
    tab, other = visitor.fields(path), visitor.fields(path)
    answers = [
        visitor.client.post(path, data=tab | {"answer": "6"}, headers={"Accept": "application/json"}).json()
        for _ in range(3)
    ]
    assert len({answer["receipt"] for answer in answers}) == 1
    late = visitor.client.post(path, data=other | {"answer": "2", "reason": "what I wrote in the other tab"})
    assert late.status_code == 409 and "what I wrote in the other tab" in late.text
    assert visitor.client.post(
        path, data=other | {"answer": "2"}, headers={"Accept": "application/json"}
    ).json() == {"status": "stale"}
    votes = Event.objects.filter(
        subject__endswith=path.rsplit("/", 1)[1], body__contains=json.dumps(tab["key"])[1:-1]
    )
    assert votes.count() <= 1
    assert visitor.client.post(path, data=visitor.fields(path) | {"answer": "2"}).status_code == 302


def test_an_answer_asks_the_database_no_more_than_it_must(site_of):
    """A hundred answers a second on two cores: what an answer costs is counted, not timed."""
    from django.db.backends.utils import CursorWrapper

    address, links = site_of
    visitor = Visitor(address).open_link(links[9])
    path = technology(visitor)
    fields, statements = visitor.fields(path), []
    with pytest.MonkeyPatch.context() as patch:
        execute = CursorWrapper.execute
        patch.setattr(
            CursorWrapper,
            "execute",
            lambda self, sql, params=None: statements.append(sql) or execute(self, sql, params),
        )
        assert (
            visitor.client.post(
                path, data=fields | {"answer": "6"}, headers={"Accept": "application/json"}
            ).status_code
            == 200
        )
    assert len(statements) <= 12, statements
    assert not [sql for sql in statements if "markup" in sql or "background" in sql], (
        "an answer reads no long text"
    )


@pytest.mark.parametrize(
    "form",
    [
        {"answer": "10"},
        {"answer": ""},
        {"answer": "7", "reason": "x" * 4001},
        {"answer": "²"},
        {"answer": "conflict"},
    ],
)
def test_answers_no_button_sends_are_refused_with_a_sentence(visitors, form):
    response = visitors["expert"].post(technology(visitors["expert"]), form)
    assert response.status_code == 400 and "Traceback" not in response.text


def test_a_conflict_is_declared_and_may_comment(site_of):
    address, links = site_of
    visitor = Visitor(address).open_link(links[5])
    path = technology(visitor)
    assert (
        visitor.post(
            path, {"answer": "conflict", "ties": ["patents", "equity"], "reason": "as a holder"}
        ).status_code
        == 302
    )
    page = visitor.get(path).text
    assert "as a holder" in page and 'value="patents" form="vote" checked' in page


def test_the_hour_of_closing_is_told_in_japans_time_and_goes_into_a_calendar_in_utc(visitors):
    from listgen.review.domain import rounds
    from listgen.review.wording import show_time

    ends = rounds.newest_round().closes_at
    assert show_time("en", ends) in visitors["expert"].get("/judge").text
    entry = visitors["expert"].get("/deadline.ics")
    assert (
        entry.headers["content-type"].startswith("text/calendar")
        and f"\r\nDTSTART:{ends:%Y%m%dT%H%M%SZ}\r\n" in entry.text
    )
    assert "/i/" not in entry.text and max(len(line.encode()) for line in entry.text.split("\r\n")) <= 75
    assert (
        show_time("ja", dt.datetime(2026, 12, 31, 15, 30, tzinfo=dt.UTC)) == "2027年1月1日 00:30（日本時間）"
    )


def test_proposals_are_kept_once(site_of):
    address, links = site_of
    visitor = Visitor(address).open_link(links[6])
    fields = visitor.fields("/propose")
    proposal = {
        "kind": "new",
        "name": "Tabletop accelerators",
        "definition": "Small ones",
        "reason": "missing",
    }
    for _ in range(2):
        assert visitor.client.post("/propose", data=fields | proposal).status_code == 302
    assert visitor.get("/propose").text.count("missing</li>") == 1
    assert visitor.post("/propose", {"kind": "new", "reason": "x"}).status_code == 400


def test_what_is_written_stays_text(visitors):
    visitor, path = visitors["expert"], technology(visitors["expert"])
    for text in XSS:
        visitor.post(path, {"answer": "keep", "reason": text})
        page = visitor.get(path).text + visitor.get(path + "/history").text
        assert text in page.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"').replace(
            "&#39;", "'"
        )
        if "<" in text:
            assert text not in page
        else:
            assert escape(text, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page


# ---- whose form it is ----------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["of another", "", None])
def test_a_form_made_for_another_person_or_round_is_refused_and_given_back(site_of, mark):
    """The session says who sends a form, the mark who wrote it: on a shared tablet they can differ."""
    from listgen.review.domain import rounds
    from listgen.review.models import Ballot, Event, Proposal, Seat

    address, links = site_of
    writer, sender = Visitor(address).open_link(links[1]), Visitor(address).open_link(links[2])
    path = technology(sender)
    written = {"": "written by another expert", "/propose": "proposed by another expert"}
    kept = lambda: (Ballot.objects.count(), Proposal.objects.count(), Event.objects.count())  # noqa: E731 - used in this test only
    forms = {
        path: {"answer": "2", "reason": written[""]},
        path + "/undo": {"sequence": "1"},
        "/propose": {"kind": "new", "name": "n", "definition": "d", "reason": written["/propose"]},
        "/leave-everywhere": {},
    }
    fields = {
        one: sender.fields("/judge" if one == "/leave-everywhere" else one.removesuffix("/undo"))
        for one in forms
    }
    own, before = fields[path]["mark"], kept()
    for one, form in forms.items():
        given = fields[one] | form | {"mark": writer.fields("/propose")["mark"] if mark else ""}
        given = {name: value for name, value in given.items() if name != "mark" or mark is not None}
        response = sender.client.post(one, data=given)
        assert response.status_code == 409 and form.get("reason", "") in response.text, one
        as_script = sender.client.post(one, data=given, headers={"Accept": "application/json"})
        assert (as_script.status_code, as_script.json()["status"]) == (409, "another_seat")
    assert kept() == before and sender.get("/judge").status_code == 200
    seat = Seat.objects.get(link_hash=rounds.link_hash(links[2]))
    assert (
        len(own) == 32
        and seat.pseudonym not in sender.get(path).text
        and links[2] not in sender.get(path).text
    )


def test_what_was_written_is_given_back_when_the_session_has_ended(site_of):
    address, links = site_of
    visitor = Visitor(address).open_link(links[2])
    path = technology(visitor)
    fields = visitor.fields(path)
    visitor.client.cookies.delete("listgen")
    response = visitor.client.post(path, data=fields | {"answer": "4", "reason": "an hour's work"})
    assert response.status_code == 403 and "an hour&#39;s work" in response.text
    assert (
        PASSWORDS["aoki"]
        not in visitor.client.post("/staff/close", data=fields | {"password": PASSWORDS["aoki"]}).text
    )


# ---- hostile visitors ----------------------------------------------------------------------------


def test_every_page_carries_the_headers(visitors):
    for path in ("/", "/judge", "/staff/login", "/nowhere", "/static/review.js"):
        headers = visitors["expert"].get(path).headers
        policy = headers["content-security-policy"]
        assert (
            "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        )
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY" and "server" not in headers
        if not path.startswith("/static"):
            assert headers["cache-control"] == "no-store"


def test_forms_of_others_are_refused(visitors):
    visitor, path = visitors["expert"], technology(visitors["expert"])
    fields = visitor.fields(path)
    bare = {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}
    assert visitor.client.post(path, data=bare | {"answer": "9"}).status_code == 403
    assert (
        visitor.client.post(
            path, data=fields | {"answer": "9"}, headers={"Sec-Fetch-Site": "cross-site"}
        ).status_code
        == 403
    )
    assert (
        visitor.client.post("/staff/login", data={"name": "aoki", "password": PASSWORDS["aoki"]}).status_code
        == 403
    ), "login CSRF"
    assert (
        visitor.client.post(
            "/language", data=fields | {"language": "ja", "back": "https://evil.example/"}
        ).headers["location"]
        == "/"
    )
    assert (
        visitor.client.post("/language", data=fields | {"language": "ja", "back": "//evil.example/"}).headers[
            "location"
        ]
        == "/"
    )


def test_unknown_hosts_and_oversized_requests_are_refused(visitors):
    visitor = visitors["expert"]
    assert visitor.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert visitor.client.post("/propose", content=b"x" * 10_000_000).status_code == 413
    many = "&".join(f"a{i}=1" for i in range(10_000))
    assert visitor.client.post(
        "/propose", content=many, headers={"Content-Type": "application/x-www-form-urlencoded"}
    ).status_code in (
        400,
        413,
    )
    for kind in (
        "application/json",
        "multipart/form-data",
        "application/x-www-form-urlencoded; charset=utf-16",
        "text/plain",
    ):
        sent = visitor.client.post("/propose", content="[" * 30_000, headers={"Content-Type": kind})
        assert sent.status_code == 415 and "default-src 'none'" in sent.headers["content-security-policy"], (
            "no page sends it"
        )
    assert visitor.get("/", headers={"X-Long": "x" * 20_000}).status_code == 431
    assert visitor.client.request("POST", "/propose", content=(b"x" for _ in range(300_000))).status_code in (
        400,
        403,
        411,
        413,
    )


def test_a_slow_client_does_not_keep_others_waiting(site_of, visitors):
    address, _ = site_of
    host, port = address.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(40)]
    for one in slow:
        one.send(b"POST /propose HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nx")
    assert visitors["expert"].get("/judge").status_code == 200, "answered although none of them has finished"
    for one in slow:
        one.close()


def test_a_session_gets_a_new_key_at_login_and_dies_with_logout_link_and_password(site_of):
    from listgen.review.domain import rounds
    from listgen.review.models import Seat
    from listgen.review.web import access

    address, links = site_of
    visitor = Visitor(address)
    visitor.get("/staff/login")
    visitor.client.cookies.set("listgen", "fixed" * 6 + "ab", domain="127.0.0.1")
    visitor.log_in("chiba")
    assert visitor.client.cookies.get("listgen", domain="127.0.0.1") != "fixed" * 6 + "ab"
    stolen = Visitor(address)
    stolen.client.cookies.update({"listgen": visitor.client.cookies.get("listgen", domain="127.0.0.1")})
    assert stolen.get("/staff/audit").status_code == 200
    visitor.post("/leave", page="/staff/audit")
    assert stolen.get("/staff/audit").headers["location"] == "/staff/login"
    expert = Visitor(address).open_link(links[7])
    assert expert.get("/judge").status_code == 200
    seat = Seat.objects.filter(link_hash=rounds.link_hash(links[7]))
    ends, _ = seat.get().expires_at, seat.update(expires_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1))
    ended = Visitor(address)
    assert ended.get(f"/i/{links[7]}").status_code == 410, "a link ends with its round, and says so"
    assert (
        ended.post(
            f"/i/{links[7]}", {"csrfmiddlewaretoken": ended.fields("/staff/login")["csrfmiddlewaretoken"]}
        ).status_code
        == 410
    )
    assert ended.get("/judge").status_code == 403 and "Expert 7" not in ended.get(f"/i/{links[7]}").text
    seat.update(expires_at=ends)
    rounds.revoke(
        rounds.newest_round(), rounds.people_of(rounds.newest_review(), ["e07@example.org"])[0].email
    )
    assert (
        expert.get("/judge").status_code == 403 and Visitor(address).get(f"/i/{links[7]}").status_code == 404
    )
    other = Visitor(address).log_in("chiba")
    access.add_staff("chiba", "auditor", PASSWORDS["chiba"])
    assert other.get("/staff/audit").headers["location"] == "/staff/login", (
        "a new password ends every session"
    )


def test_a_session_ends_after_half_an_hour_of_silence_and_twelve_hours_in_any_case(site_of, monkeypatch):
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from listgen.review.web import access

    address, links = site_of
    chiba, expert = Visitor(address).log_in("chiba"), Visitor(address).open_link(links[8])
    assert chiba.get("/staff/audit").status_code == 200
    monkeypatch.setattr(access.time, "time", lambda now=access.time.time: now() + 31 * 60)
    assert chiba.get("/staff/audit").headers["location"] == "/staff/login"
    key = expert.client.cookies.get("listgen", domain="127.0.0.1")
    left = Session.objects.get(session_key=key).expire_date - timezone.now()
    assert dt.timedelta(hours=11) < left <= dt.timedelta(hours=12)
    Session.objects.filter(session_key=key).update(expire_date=timezone.now())
    assert expert.get("/judge").status_code == 403


def test_staff_change_their_own_password_given_the_old_one(site_of):
    address, _ = site_of
    one, other = Visitor(address).log_in("chiba"), Visitor(address).log_in("chiba")
    new = "quite another sentence of words"
    page = "/staff/password"
    assert one.post(page, {"password": "wrong", "new": new, "again": new}).status_code == 403
    assert one.post(page, {"password": PASSWORDS["chiba"], "new": new, "again": new + "!"}).status_code == 400
    for easy in (
        "short",
        "listgen listgen listgen",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "chiba is my password",
        "x" * 1001,
    ):
        assert (
            one.post(page, {"password": PASSWORDS["chiba"], "new": easy, "again": easy}).status_code == 400
        ), easy
    assert (
        one.post(page, {"password": PASSWORDS["chiba"], "new": new, "again": new}).headers["location"]
        == "/staff"
    )
    assert one.get("/staff").status_code == 200 and other.get("/staff").headers["location"] == "/staff/login"
    assert (
        one.post(page, {"password": new, "new": PASSWORDS["chiba"], "again": PASSWORDS["chiba"]}).status_code
        == 302
    )


def test_one_leaves_everywhere_at_once(site_of):
    address, links = site_of
    one, other, stranger = (Visitor(address).open_link(links[place]) for place in (10, 10, 11))
    response = one.post("/leave-everywhere", page="/judge")
    assert response.headers["clear-site-data"] == '"cache"'
    assert [visitor.get("/judge").status_code for visitor in (one, other, stranger)] == [403, 403, 200]


def test_every_security_event_is_logged_without_a_secret(site_of, caplog):
    from listgen.review.domain import eventlog
    from listgen.review.web import access

    address, links = site_of
    visitor, token = Visitor(address), "\r\nforged line"
    visitor.post("/staff/login", {"name": f"baba{token}", "password": "hunter2 hunter2 hunter2"})
    visitor.get("/staff/sheet/nothing")
    visitor.log_in("baba").get("/staff/audit")
    access.forget_failures()
    text = "".join(eventlog.log_lines())
    for kind in ("staff_login", "staff_login_failed", "link_opened"):
        assert f'\\"kind\\":\\"{kind}\\"' in text
    assert "Forbidden: /staff/audit" in caplog.text
    for secret in ("hunter2", "forged", PASSWORDS["baba"], *links):
        assert secret not in text and secret not in caplog.text


def test_an_error_of_ours_says_nothing_about_the_inside(site_of, monkeypatch, caplog):
    address, links = site_of
    visitor = Visitor(address).open_link(links[11])
    monkeypatch.setattr("listgen.review.domain.rounds.asked_ids", lambda round_: 1 / 0)
    response = visitor.get("/judge")
    assert (
        response.status_code == 500
        and "サーバー側で問題が起きました" in response.text
        and "Zero" not in response.text
    )
    assert "ZeroDivisionError" in caplog.text, "the journal has the whole of it"


@pytest.fixture
def clean_throttles():
    from listgen.review.web import access

    access.forget_failures()
    yield
    access.forget_failures()


@pytest.fixture
def behind_proxy(monkeypatch):
    """Have the server trust the address that the proxy reports, without requiring TLS of this test."""
    from listgen.review.web import access

    monkeypatch.setattr(
        access, "address_of", lambda request: request.META.get("HTTP_X_FORWARDED_FOR", "127.0.0.1")
    )


def try_password(address, name, password, place="127.0.0.1", visitor=None):
    visitor = visitor or Visitor(address)
    visitor.client.headers["X-Forwarded-For"] = place
    return visitor.post("/staff/login", {"name": name, "password": password})


def test_guessing_is_throttled_and_names_are_not_told(site_of, monkeypatch, clean_throttles):
    from listgen.review.web import access

    address, _ = site_of
    guesser, compared, check = Visitor(address), [], access.check_password
    monkeypatch.setattr(
        access,
        "check_password",
        lambda given, held: compared.append("$argon2id$" in held) or check(given, held),
    )
    known = [guesser.post("/staff/login", {"name": "baba", "password": f"wrong {i}"}) for i in range(3)]
    unknown = [guesser.post("/staff/login", {"name": "nobody", "password": f"wrong {i}"}) for i in range(3)]
    assert {r.status_code for r in known + unknown} == {403}
    strip = lambda page: [line for line in page.text.splitlines() if "csrf" not in line]  # noqa: E731 - used in this test only
    assert strip(known[0]) == strip(unknown[0])
    assert compared == [True] * 6, "an unknown name costs the same slow comparison as a wrong password"
    codes = [
        guesser.post("/staff/login", {"name": "baba", "password": "wrong"}).status_code for _ in range(8)
    ]
    assert codes == [403, 403] + [429] * 6 and len(compared) == 8, "a refused attempt compares no password"
    assert guesser.post("/staff/login", {"name": "baba", "password": PASSWORDS["baba"]}).status_code == 429


def test_who_must_wait_is_told_until_when_and_longer_each_time(site_of, monkeypatch, clean_throttles):
    from listgen.review.domain import eventlog
    from listgen.review.web import access
    from listgen.review.wording import show_time

    address, _ = site_of
    guesser, waits = Visitor(address), []
    monkeypatch.setattr(access.LOGINS, "clock", lambda: time.monotonic() + sum(waits))
    for _ in range(5):
        assert guesser.post("/staff/login", {"name": "baba", "password": "wrong"}).status_code == 403
    for _ in range(6):
        refused = guesser.post("/staff/login", {"name": "baba", "password": "wrong"})
        assert refused.status_code == 429
        waits.append(int(refused.headers["Retry-After"]))
        assert guesser.post("/staff/login", {"name": "baba", "password": "wrong"}).status_code == 403, (
            "free again at the time told"
        )
    assert [round(wait / 60) for wait in waits] == [1, 2, 4, 8, 15, 15]
    text = guesser.post("/staff/login", {"name": "baba", "password": "wrong"}).text
    shown = {
        show_time("en", eventlog.now() + dt.timedelta(minutes=15, seconds=seconds))
        for seconds in range(-60, 61)
    }
    assert "15 min" in text and any(one in text for one in shown)
    waits.append(900)
    assert guesser.post("/staff/login", {"name": "baba", "password": PASSWORDS["baba"]}).status_code == 302
    guesser.post("/leave", page="/staff")
    assert guesser.post("/staff/login", {"name": "baba", "password": "wrong"}).status_code == 403, (
        "a success clears the count"
    )


def test_a_wrong_password_locks_out_no_colleague_and_not_its_owner_elsewhere(
    site_of, behind_proxy, clean_throttles
):
    address, _ = site_of
    for _ in range(12):
        last = try_password(address, "aoki", "wrong", "192.0.2.1")
    assert last.status_code == 429
    assert try_password(address, "baba", PASSWORDS["baba"], "192.0.2.1").status_code == 302, (
        "a colleague in the same office"
    )
    assert try_password(address, "aoki", PASSWORDS["aoki"], "192.0.2.9").status_code == 302, (
        "the owner, somewhere else"
    )


def test_an_attack_from_many_places_is_bounded_and_its_target_gets_in(
    site_of, behind_proxy, clean_throttles, monkeypatch
):
    from listgen.review.web import access

    address, _ = site_of
    owner = Visitor(address)
    assert try_password(address, "aoki", PASSWORDS["aoki"], "198.51.100.7", owner).status_code == 302
    owner.post("/leave", page="/staff")
    compared, check = [], access.check_password
    monkeypatch.setattr(
        access, "check_password", lambda given, held: compared.append(1) or check("wrong" * 4, held)
    )
    attacker = Visitor(address)
    codes = [
        try_password(address, "aoki", "guess", f"203.0.113.{n}", attacker).status_code for n in range(250)
    ]
    assert codes[:100] == [403] * 100 and set(codes[100:]) == {429} and len(compared) == 100
    monkeypatch.setattr(access, "check_password", check)
    assert try_password(address, "aoki", PASSWORDS["aoki"], "198.51.100.7").status_code == 302, (
        "another browser at the owner's address"
    )
    assert try_password(address, "aoki", PASSWORDS["aoki"], "192.0.2.200", owner).status_code == 302, (
        "the owner's browser elsewhere"
    )
    access._known_places.clear()  # a restart forgets addresses, not browsers
    owner.post("/leave", page="/staff")
    assert try_password(address, "aoki", PASSWORDS["aoki"], "192.0.2.201", owner).status_code == 302
    mark = owner.client.cookies.get("known")
    padded = mark.split(":")[0]
    assert b"aoki" not in base64.urlsafe_b64decode(padded + "=" * (-len(padded) % 4)), (
        "it does not say whose it is"
    )
    thief = Visitor(address)
    thief.client.cookies.set("known", mark, domain="127.0.0.1")
    codes = [try_password(address, "aoki", "guess", f"203.0.113.{n}", thief).status_code for n in range(9)]
    assert codes == [403] * 5 + [429] * 4, "the mark of a browser opens nothing and is counted for itself"
    assert try_password(address, "chiba", PASSWORDS["chiba"], "203.0.113.1", thief).status_code == 302


def test_a_stranger_cannot_keep_staff_from_closing_a_round(site_of, clean_throttles):
    address, _ = site_of
    aoki, stranger = Visitor(address).log_in("aoki"), Visitor(address)
    for _ in range(20):
        stranger.post("/staff/login", {"name": "aoki", "password": "wrong"})
    new = "another sentence of five words"
    assert (
        aoki.post(
            "/staff/password", {"password": PASSWORDS["aoki"], "new": new, "again": new + "!"}
        ).status_code
        == 400
    )
    codes = [aoki.post("/staff/close", {"password": "wrong"}).status_code for _ in range(6)]
    assert codes == [403] * 4 + [429] * 2
    refused = aoki.post("/staff/close", {"password": PASSWORDS["aoki"]})
    assert (
        refused.status_code == 429
        and int(refused.headers["Retry-After"]) <= 60
        and "try again in 1 min" in refused.text
    )


def test_dead_links_lock_out_nobody_whose_link_works(site_of, clean_throttles):
    address, links = site_of
    visitor = Visitor(address)
    codes = [visitor.get(f"/i/{i:032}").status_code for i in range(40)]
    assert codes == [404] * 30 + [429] * 10
    refused = visitor.get("/i/none")
    assert (
        0 < int(refused.headers["Retry-After"]) <= 60 and "A link that works is never refused" in refused.text
    )
    assert visitor.get(f"/i/{links[3]}").status_code == 200
    assert visitor.post(f"/i/{links[3]}").status_code == 302 and visitor.get("/judge").status_code == 200


def test_addresses_of_one_network_count_together():
    from listgen.review.web.access import _network

    assert _network("2001:db8:1:2:3:4:5:6") == _network("2001:db8:1:2::9") != _network("2001:db8:1:3::9")
    assert (_network("192.0.2.1"), _network("no address")) == ("192.0.2.1", "no address")


def test_head_is_answered_wherever_get_is_without_a_body(visitors, site_of):
    """Monitors, link checkers of mail programs and proxies ask HEAD first.

    It must never be taken for a form either.
    """
    wrong = []
    for pattern in routes():
        role = next((role for role in ROLES.values() if role in pattern.callback.roles), "expert")
        visitor, path = visitors[role], address_of(pattern)
        if pattern.name in ("leave", "leave_everywhere"):
            continue
        head, get = visitor.client.request("HEAD", path), visitor.get(path)
        if (head.status_code, head.content) != (get.status_code, b""):
            wrong.append((pattern.name, head.status_code, get.status_code))
        if head.status_code == 405 and "GET" in pattern.callback.methods:
            wrong.append((pattern.name, "refused"))
    assert wrong == []
    host, port = site_of[0].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"HEAD /staff/login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert (
        head.startswith(b"HTTP/1.1 200")
        and body == b""
        and int(re.search(rb"Content-Length: (\d+)", head)[1]) > 500
    )
    token = {"X-CSRFToken": visitors["anyone"].fields("/staff/login")["csrfmiddlewaretoken"]}
    assert (
        visitors["anyone"].client.request("DELETE", "/health", headers=token).headers["allow"] == "GET, HEAD"
    )


# ---- the staff's round, at the end ---------------------------------------------------------------


def test_staff_see_progress_without_votes_then_close_decide_and_audit(site_of):
    address, _ = site_of
    aoki, baba, chiba = (Visitor(address).log_in(name) for name in ROLES)
    home = aoki.get("/staff").text
    assert "Expert 3" in home and "as a holder" not in home
    assert "Expert 3" not in chiba.get("/staff").text, "who reads the log must not see names beside progress"
    from listgen.review.domain import rounds
    from listgen.review.models import Card

    assert "e06@example.org" in aoki.post("/staff/reminders.csv", page="/staff").text
    rounds.revoke(rounds.newest_round(), "e06@example.org")
    reminders = aoki.post("/staff/reminders.csv", page="/staff")
    assert reminders.content.startswith(b"\xef\xbb\xbf") and "e06@example.org" not in reminders.text
    token = reminders.text.splitlines()[-1].rsplit("/i/", 1)[1]
    assert Visitor(address).open_link(token).get("/judge").status_code == 200
    assert aoki.post("/staff/extend", {"closes_at": "2020-01-01T00:00"}, page="/staff").status_code == 400
    assert aoki.post("/staff/extend", {"closes_at": "2099-01-01T00:00"}, page="/staff").status_code == 400
    later = (dt.datetime.now() + dt.timedelta(days=300)).isoformat(timespec="minutes")
    assert aoki.post("/staff/extend", {"closes_at": later}, page="/staff").status_code == 302
    assert aoki.post("/staff/close", {"password": "wrong"}).status_code == 403
    assert aoki.post("/staff/close", {"password": PASSWORDS["aoki"]}).status_code == 302
    sheet = "/staff/sheet/" + Card.objects.earliest("position").technology_id
    draft = {"decision": "accept", "rationale": "clear case"}
    assert aoki.post(sheet, draft | {"results": ""}).status_code == 400, (
        "nothing says which results were read"
    )
    assert aoki.post(sheet, draft).status_code == 302
    assert (
        'action="' + sheet + "/approve" not in aoki.get(sheet).text
        and 'class="evidence"' in aoki.get(sheet).text
    )
    assert baba.post(sheet + "/approve", page=sheet).status_code == 302
    assert "approved by baba" in chiba.get("/staff/results").text
    log = chiba.get("/staff/log.jsonl").text.splitlines()
    assert "Intact" in chiba.post("/staff/audit", {"digest": json.loads(log[-1])["digest"]}).text
