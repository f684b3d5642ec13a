"""What is refused says where, what was expected and what to do.

Tables, rounds, requests, earlier databases.
"""

import hashlib
import http.client
import json
import re
import shutil
import sqlite3
import tarfile
from pathlib import Path

import pytest
import review_world
import smtp_world
from running import listgen
from test_review_rounds import build, cards, close, opened, seats, vote  # noqa: F401 - fixtures among them

from listgen.base.errors import TableError, UsageError
from listgen.config.invitation import example_texts
from listgen.review.domain.panel import read_panel
from listgen.workspace.loading import load_workspace

FROZEN = Path(__file__).with_name("frozen") / "c729755.tar.xz"

# ---- tables --------------------------------------------------------------------------------------


def test_a_wrong_panel_is_called_a_panel_with_file_line_and_column(tmp_path):
    path = tmp_path / "panel.csv"
    path.write_text("name,email,language\nA,a@b.org,ja\nB,nobody,fr\n,c@d.org,en\n", encoding="utf-8")
    with pytest.raises(TableError) as error:
        read_panel(path)
    places = [problem.place for problem in error.value.problems]
    assert places == ["panel.csv:3:2", "panel.csv:3:3", "panel.csv:4:1"]
    text = str(error.value)
    assert "panel file" in text and "configuration" not in text and "doctor" not in text
    assert error.value.expected and "run the command again" in error.value.next_step
    assert [row["column"] for row in error.value.as_dict()["problems"]] == [2, 3, 1]


def test_the_command_line_says_panel_too(workspace, tmp_path):
    path = tmp_path / "panel.csv"
    path.write_text("email,name\nnobody,B\n", encoding="utf-8")
    answer = listgen(workspace.root, "review", "invite", "--panel", str(path), "--json")
    found = json.loads(answer.stdout)
    assert (answer.returncode, found["error"], found["problems"][0]["line"]) == (2, "TableError", 2)


def test_a_wrong_sheet_is_called_a_decision_sheet(opened, tmp_path):  # noqa: F811 - the fixture
    from listgen.review.domain import decisionsheet, rounds
    from listgen.review.models import Staff

    close()
    path = tmp_path / "sheet.csv"
    key = cards()[0].technology_id
    text = decisionsheet.sheet(rounds.newest_review()).decode("utf-8-sig")
    path.write_text(
        re.sub(rf"(?m)^({key},.*),,,(\r?)$", r"\1,acept,,why\2", text), encoding="utf-8", newline=""
    )
    with pytest.raises(TableError) as error:
        decisionsheet.take_in(rounds.newest_review(), path, Staff.objects.get(name="aoki"))
    (problem,) = error.value.problems
    assert problem.column == 10 and problem.line > 1 and problem.file == "sheet.csv"
    text = str(error.value)
    assert "decision sheet" in text and "configuration" not in text and "doctor" not in text


def test_an_outdated_draft_is_renewed_by_an_unchanged_sheet_and_an_approved_decision_stays(
    opened,  # noqa: F811 - the fixture
    tmp_path,
):
    from listgen.review.domain import decisions, decisionsheet, rounds, verify
    from listgen.review.domain.eventlog import now
    from listgen.review.models import Decision, Staff

    review, (aoki, baba) = rounds.newest_review(), (Staff.objects.get(name=name) for name in ("aoki", "baba"))
    one, two = (card.technology_id for card in cards()[:2])
    close()
    for key in (one, two):
        decisions.draft(review, key, "defer", "as round 1 says", aoki)
    decisions.approve(review, two, Decision.objects.get(technology_id=two).draft_digest, baba)
    path = tmp_path / "sheet.csv"
    path.write_bytes(decisionsheet.sheet(review))
    rounds.open_next_round(review, [], now() + review_world.dt.timedelta(days=1))
    close()
    with pytest.raises(UsageError, match=r"sheet.csv:2: .*results of round 1.*review sheet FILE"):
        decisionsheet.take_in(review, path, aoki)
    path.write_bytes(decisionsheet.sheet(review))
    assert decisionsheet.take_in(review, path, aoki) == [one]
    assert decisionsheet.take_in(review, path, aoki) == [], "it is renewed once"
    renewed = Decision.objects.get(technology_id=one)
    assert decisions.approve(review, one, renewed.draft_digest, baba).approver == "baba"
    assert Decision.objects.get(technology_id=two).approver == "baba", "an approval is not taken back"
    assert verify.findings() == []


# ---- rounds --------------------------------------------------------------------------------------


def test_only_with_unsettled_names_what_the_panel_agrees_on_already(opened):  # noqa: F811 - the fixture
    from listgen.review.domain import rounds
    from listgen.review.domain.eventlog import now

    one = cards()[0]
    for seat in seats():
        vote(seat, one, 8)
    close()
    with pytest.raises(UsageError, match=f"that --only names: {one.technology_id}") as error:
        rounds.open_next_round(
            rounds.newest_review(),
            [],
            now() + review_world.dt.timedelta(days=1),
            [one.technology_id],
            is_unsettled_only=True,
        )
    assert "every technology; no round" not in str(error.value) and error.value.next_step


def test_undoing_restoring_or_keeping_nothing_adds_no_event(opened):  # noqa: F811 - the fixture
    from listgen.review.domain import ballots
    from listgen.review.models import Ballot, Event

    seat, card = seats()[0], cards()[0]
    before = Event.objects.count()
    outcomes = [
        ballots.undo(seat, card, revision=0, key="u"),
        ballots.restore(seat, card, 1, key="r"),
        ballots.cast(seat, card, ballots.Content(), revision=0, key="c"),
    ]
    assert {outcome.status for outcome in outcomes} == {"unchanged"}
    assert (Event.objects.count(), Ballot.objects.count()) == (before, 0)
    close()
    before = Event.objects.count()
    assert ballots.undo(seat, card, revision=0, key="late").status == "closed"
    assert Event.objects.count() == before


# ---- example texts -------------------------------------------------------------------------------


def test_example_texts_are_named_with_their_line(workspace):
    found = example_texts(workspace, workspace.config.review)
    lines = (workspace.root / "config/review.yaml").read_text(encoding="utf-8").splitlines()
    assert {problem.message.split(" ")[0] for problem in found} == {
        f"invitation.{name}.{language}"
        for name in ("organiser", "consent", "contact")
        for language in ("en", "ja")
    }
    for problem in found:
        assert lines[problem.line - 1].strip().startswith(problem.message.split(" ")[0].split(".")[2])
    replace_examples(workspace.root)
    own = load_workspace(workspace.root)
    assert example_texts(own, own.config.review) == []


def replace_examples(root):
    path = root / "config/review.yaml"
    text = path.read_text(encoding="utf-8").replace("review@example.org", "office@ministry.go.jp")
    text = text.replace("(an example; name your organisation here)", "of the ministry")
    text = text.replace("（例。実施機関名に置き換えてください）", "（本省）")
    text = text.replace("Taking part is voluntary.", "You may refuse.").replace(
        "参加は任意です。", "辞退できます。"
    )
    path.write_text(text, encoding="utf-8")


def test_a_round_with_example_texts_is_refused_where_mail_would_go_out(small_built, tmp_path, monkeypatch):
    shutil.copy(
        Path(__file__).resolve().parents[1] / "config/review.yaml", small_built.root / "config/review.yaml"
    )
    panel = tmp_path / "panel.csv"
    panel.write_text("email,name\na@b.org,A\n", encoding="utf-8")
    assert listgen(small_built.root, "build").returncode == 0
    command = ("review", "open", "--panel", str(panel), "--json")
    with smtp_world.taking_mail() as server:
        env = {"LISTGEN_REVIEW_SMTP": server.address}
        answer = listgen(small_built.root, *command, env=env)
        found = json.loads(answer.stdout)
        assert answer.returncode == 2 and re.search(
            r"config/review.yaml:\d+:\d+: invitation.organiser", found["what"]
        )
        finding = next(
            row
            for row in json.loads(listgen(small_built.root, "doctor", "--json", env=env).stdout)["findings"]
            if row["subject"] == "invitation to the review"
        )
        assert not finding["ok"] and "config/review.yaml:" in finding["found"]
    marked = listgen(small_built.root, *command)
    assert marked.returncode == 0 and len(json.loads(marked.stdout)["example_texts"]) == 6


# ---- requests ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_leads_nowhere_or_has_a_wrong_method_is_a_page_in_both_languages(opened, language):  # noqa: F811 - the fixture
    """Nothing of the inside is shown, whatever the address or the method."""
    words = {
        "en": {403: "form has expired", 404: "There is no such page.", 405: "cannot be opened"},
        "ja": {403: "フォームは期限切れ", 404: "そのページはありません", 405: "この方法では開けません"},
    }
    nowhere = (
        "/x",
        "/staff/",
        "/judge/a/b/c",
        "/static/x.css",
        "/style/none.css",
        "/%ff",
        "/..%2f",
        "//x",
        "/x" * 900,
    )
    with review_world.serving() as address:
        host = address.removeprefix("http://")
        for method, paths in (
            ("GET", nowhere),
            ("POST", ("/judge", "/health")),
            ("PUT", ("/", "/staff")),
            ("TRACE", ("/",)),
            ("FOO", ("/judge/x",)),
            ("OPTIONS", ("/health",)),
            ("HEAD", (*nowhere, "/language")),
        ):
            for path in paths:
                status, headers, body = ask(host, method, path, language)
                # A form without its token is refused before its address is looked at.
                wanted = {403} if method in ("POST", "PUT", "FOO") else {404, 405}
                assert status in wanted, (method, path, status)
                assert "Traceback" not in body and "django" not in body.lower() and "listgen/" not in body
                assert ("Allow" in headers) == (status == 405), (method, path)
                if method == "HEAD":
                    assert body == ""
                else:
                    assert words[language][status] in body and f'lang="{language}"' in body, (method, path)


def ask(host, method, path, language):
    connection = http.client.HTTPConnection(host, timeout=20)
    headers = {"Accept": "text/html", "Cookie": f"language={language}"}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, response.headers, body


def test_a_request_that_is_refused_before_its_language_is_known_is_answered_in_both(opened):  # noqa: F811 - the fixture
    with review_world.serving() as address:
        client = review_world.Visitor(address).client
        for answer in (
            client.get("/", headers={"Host": "evil.example"}),
            client.post("/language", content=b"{}", headers={"Content-Type": "application/json"}),
            client.post("/language", data={"language": "en"}, headers={"Sec-Fetch-Site": "cross-site"}),
            client.get("/i/%00"),
        ):
            assert answer.status_code in (400, 403, 415) and re.search("[ぁ-ん]", answer.text), answer.text
            assert re.search("[a-z]{3}", answer.text) and "Traceback" not in answer.text


# ---- databases of an earlier version -------------------------------------------------------------


def test_no_command_but_upgrade_changes_an_earlier_database(tmp_path):
    root = tmp_path / "workspace"
    with tarfile.open(FROZEN) as archive:
        archive.extractall(root, filter="data")
    database = root / "data/review/review.sqlite3"
    before = tables_of(database)
    for command in (
        ("status",),
        ("verify",),
        ("export", str(tmp_path / "out")),
        ("close", "--yes"),
        ("serve", "--port", "0"),
        ("sheet", str(tmp_path / "sheet.csv")),
        ("invite", "--again", "a@b.org"),
    ):
        answer = listgen(root, "review", *command)
        assert answer.returncode == 2 and "listgen upgrade" in answer.stderr, (command, answer.stderr)
        assert "Traceback" not in answer.stderr and tables_of(database) == before, command
    assert listgen(root, "upgrade").returncode == 0
    assert list((root / "data/backup").glob("*/data/review/review.sqlite3")), "a copy is kept first"
    assert listgen(root, "review", "status").returncode == 0


def tables_of(path):
    connection = sqlite3.connect(path)
    try:
        dump = "\n".join(connection.iterdump())
    finally:
        connection.close()
    return hashlib.sha256(dump.encode()).hexdigest()


def test_doctor_goes_on_where_the_database_server_does_not_answer(workspace):
    env = {"LISTGEN_REVIEW_DATABASE": "postgresql://nobody@127.0.0.1:1/nothing"}
    answer = listgen(workspace.root, "doctor", "--json", env=env)
    findings = {row["subject"]: row for row in json.loads(answer.stdout)["findings"]}
    assert answer.returncode == 1 and not findings["files of earlier versions"]["ok"]
    assert "Traceback" not in answer.stderr and "telemetry" in " ".join(findings).lower()
