"""What happens without anybody at the pages: reminders by mail, only to those who have not finished."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import review_world
import smtp_world
from review_world import Visitor

from listgen.base.errors import ProviderError, UsageError
from listgen.review.web import site


@pytest.fixture(scope="module")
def build():
    return review_world.freeze()


@pytest.fixture
def opened(build, tmp_path):
    return review_world.open_review(tmp_path / "review", build, n=3)


def finish(pseudonym_of):
    from listgen.review.domain import ballots
    from listgen.review.domain.frozen import frozen
    from listgen.review.models import Seat

    seat = Seat.objects.select_related("round").get(person__email=pseudonym_of)
    for card in frozen(seat.round.review_id).judged.values():
        ballots.cast(seat, card, ballots.Content("rating", 7), revision=0, key="k")


def point_to(monkeypatch, tmp_path, address):
    monkeypatch.setenv("LISTGEN_REVIEW_SMTP", address)
    monkeypatch.setenv("LISTGEN_REVIEW_SENDER", "review@example.org")
    site.start(tmp_path / "review", "http://127.0.0.1:8765")


def test_only_who_has_not_finished_is_reminded_each_in_their_language(opened, tmp_path, monkeypatch):
    from listgen.review.domain import eventlog, reminders, rounds

    finish("e00@example.org")
    with smtp_world.taking_mail(refused=["e02@example.org"]) as server:
        point_to(monkeypatch, tmp_path, server.address)
        sent = reminders.remind(opened[0], reminders.prepare(opened[0], "aoki"), "http://127.0.0.1:8765")
    assert (sent.n, sent.refused) == (1, ("e02@example.org",)), (
        "one refused address keeps nobody else from being reminded"
    )
    (mail,) = server.mails
    assert (mail["To"], mail["From"]) == ("e01@example.org", "review@example.org")
    text = mail.get_content()
    assert "専門家評価" in mail["Subject"] and "Expert 1 様" in text and "日本時間" in text
    (token,) = re.findall(r"http://127.0.0.1:8765/i/(\S+)", text)
    assert opened[1][1].link_token not in text and "問い合わせ先：office@ministry.go.jp" in text
    with review_world.serving() as address:
        for one in (
            token,
            opened[1][1].link_token,
        ):  # the reminder's own link, and the invitation's, which goes on working
            visitor = Visitor(address).open_link(one)
            assert visitor.get("/judge").status_code == 200
            assert "Expert 1 様" in Visitor(address).get(f"/i/{one}").text
        rounds.revoke(opened[0], "e01@example.org")
        assert (
            visitor.get("/judge").status_code == 403
            and Visitor(address).get(f"/i/{token}").status_code == 404
        )
    assert token not in "".join(eventlog.log_lines())
    reminders.note_reminded(opened[0], sent)
    _, body = list(eventlog.events("reminded"))[-1]
    assert (body["n_sent"], body["n_refused"]) == (1, 1) and "example.org" not in str(body)


def test_a_mail_server_that_is_not_there_is_said_and_nobody_counts_as_reminded(opened, tmp_path, monkeypatch):
    from listgen.review.domain import reminders

    with smtp_world.taking_mail() as server:
        address = server.address
    point_to(monkeypatch, tmp_path, address)
    with pytest.raises(ProviderError, match="127.0.0.1"):
        reminders.remind(opened[0], reminders.prepare(opened[0], "aoki"), "http://127.0.0.1:8765")
    monkeypatch.setenv("LISTGEN_REVIEW_SMTP", "mail.example.org")
    with pytest.raises(UsageError, match="smtp://"):
        site.start(tmp_path / "review", "http://127.0.0.1:8765")
    point_to(monkeypatch, tmp_path, "")
    assert reminders.remind(opened[0], reminders.prepare(opened[0], "aoki"), "http://127.0.0.1:8765").n == 0


@pytest.mark.parametrize("mood", ["refusing", "hanging"])
def test_links_of_reminders_do_not_pile_up_while_a_mail_server_fails(
    opened, tmp_path, monkeypatch, workspace, mood
):
    """However often it is tried, no link of a failed attempt stays valid; the one that arrives works."""
    import datetime as dt

    from django.conf import settings

    from listgen.review.domain import eventlog, rounds
    from listgen.review.models import Link
    from listgen.review.ops import desk

    monkeypatch.setattr(desk, "folder_of", lambda _: tmp_path / "review")
    rounds.extend(opened[0], eventlog.now() + dt.timedelta(days=1), "aoki")
    finish("e00@example.org")
    with smtp_world.taking_mail(mood=mood) as server:
        point_to(monkeypatch, tmp_path, server.address)
        monkeypatch.setattr(site, "start", lambda *_: None)  # it would set the timeout again
        monkeypatch.setattr(settings, "EMAIL_TIMEOUT", 0.2)
        for _ in range(4):
            with pytest.raises(ProviderError):
                desk.remind_if_due(workspace)
            assert Link.objects.count() == 0 and not list((tmp_path / "review/reminders").glob("*.csv"))
        server.mood = "taking"
        assert desk.remind_if_due(workspace)["reminded"] == 2
        assert Link.objects.count() == 2, "one for each who has not finished"
    taken_back = [body["n"] for _, body in eventlog.events("reminder_links_taken_back")]
    assert taken_back == [2] * 4
    tokens = [re.search(r"/i/(\S+)", mail.get_content())[1] for mail in server.mails]
    with review_world.serving() as address:
        assert [Visitor(address).get(f"/i/{one}").status_code for one in tokens] == [200, 200]


def test_a_mail_server_that_breaks_off_is_said_with_who_got_no_letter(opened, tmp_path, monkeypatch):
    """Whoever has their letter is not sent it again an hour later."""
    from django.core.mail.backends.smtp import EmailBackend

    from listgen.review.domain import reminders

    made, sent = reminders.prepare(opened[0], "aoki"), []
    with smtp_world.taking_mail() as server:
        point_to(monkeypatch, tmp_path, server.address)
        send = EmailBackend.send_messages

        def break_off(self, messages):
            if sent:
                self.connection.close()
            sent.append(messages)
            return send(self, messages)

        monkeypatch.setattr(EmailBackend, "send_messages", break_off)
        outcome = reminders.remind(opened[0], made, "http://127.0.0.1:8765")
    assert (outcome.n, outcome.refused) == (1, ("e01@example.org", "e02@example.org")) and len(
        server.mails
    ) == 1


def test_what_is_due_is_done_at_its_hour_and_once(opened, tmp_path, monkeypatch, workspace):
    """Reminded three days before, closed at the hour, the next planned round opened with links by mail.

    As hours pass, and not twice.
    """
    import datetime as dt

    from listgen.review.domain import eventlog, rounds
    from listgen.review.ops import desk

    monkeypatch.setattr(desk, "folder_of", lambda _: tmp_path / "review")
    rounds.extend(opened[0], eventlog.now() + dt.timedelta(days=10), "aoki")
    now = eventlog.now

    def after(days):
        monkeypatch.setattr(eventlog, "now", lambda: now() + dt.timedelta(days=days))

    finish("e00@example.org")
    assert desk.is_under_way(workspace) and desk.remind_if_due(workspace)["list"] is None
    after(8)
    found = desk.remind_if_due(workspace)
    listed = Path(found["list"]).read_text(encoding="utf-8-sig")
    assert "e01@example.org" in listed and "e00@" not in listed and listed.count("/i/") == 2
    assert Path(found["list"]).stat().st_mode & 0o077 == 0, "links let their bearer in"
    assert desk.remind_if_due(workspace)["list"] is None, "once"
    assert desk.close_if_due(workspace) is None and desk.open_next_if_due(workspace) is None, (
        "the round is open"
    )
    after(10)
    assert (desk.close_if_due(workspace).was_open, desk.close_if_due(workspace).was_open) == (True, False)
    with smtp_world.taking_mail(refused=["e02@example.org"]) as server:
        monkeypatch.setenv("LISTGEN_REVIEW_SMTP", server.address)
        second = desk.open_next_if_due(workspace)
    assert (second.round_name.rsplit("/")[1], second.n_mailed, second.refused) == (
        "2",
        2,
        ("e02@example.org",),
    )
    links = [
        line.split(",")[4] for line in second.invitations.read_text(encoding="utf-8-sig").splitlines()[1:]
    ]
    assert sorted(links[:2]) == sorted(
        line for mail in server.mails for line in mail.get_content().splitlines() if "/i/" in line
    )
    assert all(link.rsplit("/", 1)[1] not in "".join(eventlog.log_lines()) for link in links)
    after(100)
    assert desk.close_if_due(workspace).was_open and desk.open_next_if_due(workspace) is None, (
        "as many as planned were held"
    )
    assert desk.verify(workspace, ()) == ([], eventlog.head().digest)


def test_where_no_review_was_opened_nothing_is_made(workspace):
    from listgen.review.ops import desk

    assert not desk.is_under_way(workspace) and not desk.folder_of(workspace).exists()


def test_a_port_that_is_taken_is_named(opened):
    from listgen.review.ops import server

    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(UsageError, match=f"127.0.0.1:{other.getsockname()[1]}.*in use"),
    ):
        server.serve("127.0.0.1", other.getsockname()[1], lambda host, port: None)


def test_the_database_is_readable_by_its_owner_alone(tmp_path):
    """Whatever the umask.

    A new database with the files SQLite puts next to it, and one that an earlier version left open.
    """
    folder, before = tmp_path / "db", os.umask(0o022)
    try:
        review_world.open_review(folder, review_world.freeze(), n=3)
        kept = {
            name: (folder / name).stat().st_mode & 0o777
            for name in (site.DATABASE, site.DATABASE + "-wal", site.DATABASE + "-shm")
        }
        assert set(kept.values()) == {0o600}, kept
        for name in kept:
            (folder / name).chmod(0o644)
        site.start(folder, "http://127.0.0.1:8765")
        assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}
        site.start(tmp_path / "new", "http://127.0.0.1:8765")
        assert {path.stat().st_mode & 0o077 for path in (tmp_path / "new").iterdir()} == {0}
    finally:
        os.umask(before)


def test_an_origin_without_tls_is_refused(monkeypatch):
    for origin in (
        "http://review.example.org",
        "https://review.example.org/path",
        "ftp://127.0.0.1",
        "review.example.org",
    ):
        monkeypatch.setenv("LISTGEN_REVIEW_ORIGIN", origin)
        with pytest.raises(UsageError, match="LISTGEN_REVIEW_ORIGIN"):
            site.chosen_origin()
    monkeypatch.setenv("LISTGEN_REVIEW_ORIGIN", "https://review.example.org")
    assert site.chosen_origin() == "https://review.example.org"


def test_a_password_others_know_is_refused(opened, tmp_path):
    from listgen.review.web import access

    (tmp_path / "review/refused-passwords.txt").write_text("correct horse battery staple\n", encoding="utf-8")
    for known in ("correct horse battery staple", "1qaz2wsx3edc4rfv", "dora is my own name"):
        with pytest.raises(UsageError, match="too easy"):
            access.add_staff("dora", "auditor", known)
    access.add_staff("dora", "auditor", "correct horses batter a staple")
    for name in ("", " ", "dora ", "d" * 65):  # the last could never log in: the form takes 64 characters
        with pytest.raises(UsageError, match="cannot be a name"):
            access.add_staff(name, "auditor", "correct horses batter a staple")


SERVER = """
import sys
from pathlib import Path
from listgen.review.web import site
site.start(Path(sys.argv[1]), "https://review.example.org")
from listgen.review.ops import server
server.serve("127.0.0.1", 0, lambda host, port: print(port, flush=True))
"""


def test_behind_a_proxy_cookies_are_bound_to_the_host_and_headers_speak_of_tls(opened, tmp_path):
    """A process of its own under https.

    What is asked as the proxy asks, and what somebody beside it could try.
    """
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, tmp_path / "review"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            address = f"http://127.0.0.1:{int(process.stdout.readline())}"
            proxy = {
                "Host": "review.example.org",
                "X-Forwarded-Proto": "https",
                "X-Forwarded-For": "6.6.6.6, 192.0.2.7",
            }
            response = httpx.get(address + f"/i/{opened[1][0].link_token}", headers=proxy)
            assert response.status_code == 200
            assert response.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', response.text)[1]
            cookie = response.headers["set-cookie"]
            assert cookie.startswith("__Host-form=") and all(
                word in cookie for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/")
            )
            sent = proxy | {"Cookie": cookie.split(";")[0], "Referer": "https://review.example.org/"}
            link = address + f"/i/{opened[1][0].link_token}"
            entered = httpx.post(link, headers=sent, data={"csrfmiddlewaretoken": token})
            session = next(one for one in entered.headers.get_list("set-cookie") if "__Host-listgen=" in one)
            assert entered.status_code == 302 and all(
                word in session for word in ("Secure", "HttpOnly", "SameSite=Lax")
            )
            assert (
                httpx.post(
                    link,
                    headers=sent | {"Referer": "https://evil.example/"},
                    data={"csrfmiddlewaretoken": token},
                ).status_code
                == 403
            )
            assert httpx.get(address + "/", headers={"Host": "127.0.0.1"}).status_code == 400, (
                "only the public name is answered"
            )
            # Who is throttled is the address the proxy vouches for, not what the visitor wrote before it.
            for number in range(31):
                httpx.get(
                    address + "/i/none", headers=proxy | {"X-Forwarded-For": f"10.0.0.{number}, 192.0.2.7"}
                )
            none = address + "/i/none"
            assert httpx.get(none, headers=proxy).status_code == 429
            assert httpx.get(none, headers=proxy | {"X-Forwarded-For": "192.0.2.8"}).status_code == 404
            assert httpx.get(link, headers=proxy).status_code == 200, "a link that works is never refused"
        finally:
            process.terminate()


def test_a_database_that_is_not_there_is_named_without_its_password(tmp_path, monkeypatch):
    pytest.importorskip("psycopg", reason="psycopg is not installed (listgen[postgres])")
    monkeypatch.setenv("LISTGEN_REVIEW_DATABASE", "postgresql://listgen:hunter2@127.0.0.1:1/review")
    with pytest.raises(ProviderError) as error:
        site.start(tmp_path / "review", "http://127.0.0.1:8765")
    assert "127.0.0.1" in str(error.value) and "hunter2" not in str(error.value)
