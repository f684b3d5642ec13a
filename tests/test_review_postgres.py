"""The review's promises on a real PostgreSQL.

The same tests, and two processes that write one log at the same time.
"""

import itertools
import json
import os
import subprocess
import sys
import threading

import postgres_world
import pytest
import review_world
from miniature import open_miniature
from review_world import Visitor
from running import listgen
from test_review_hostile import errors_of_ours
from test_review_rounds import (  # noqa: F401 - the same promises, run again here
    build,
    opened,
    test_a_decision_needs_two_people_and_a_new_draft_takes_the_approval_back,
    test_a_vote_is_kept_once_however_often_it_is_sent,
    test_an_overtaken_page_overwrites_nothing_and_a_late_vote_is_noted_but_not_counted,
    test_no_identity_stands_in_the_log_and_deleting_one_breaks_nothing,
    test_results_by_hand_with_and_without_conflicted_votes,
    test_undo_goes_back_and_the_history_keeps_everything,
)
from test_review_tampering import (  # noqa: F401 - as above
    test_every_change_of_a_row_is_found,
    test_the_database_itself_refuses_to_change_an_event,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(postgres_world.why_not()), reason=postgres_world.why_not() or "can run"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server, with a database that has tables and staff to copy from."""
    with postgres_world.running() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LISTGEN_REVIEW_DATABASE", postgres_world.make_database(address, "staffed"))
        review_world.add_staff(tmp_path_factory.mktemp("staffed"))
        numbers = itertools.count()

        def make():
            from django.db import connection

            connection.close()
            patch.setenv(
                "LISTGEN_REVIEW_DATABASE",
                postgres_world.make_database(address, f"review{next(numbers)}", like="staffed"),
            )

        yield make
        from django.db import connection

        connection.close()


@pytest.fixture(autouse=True)
def database(server):
    """A database of its own for every test."""
    server()


def test_what_its_columns_cannot_hold_is_refused_before_it_gets_there(opened):  # noqa: F811 - the fixture
    assert errors_of_ours(opened[1][0].link_token, ("\0", "9" * 2000)) == []


FORGET = """
import sys
from pathlib import Path
from listgen.review.web import site
site.start(Path(sys.argv[1]), "http://127.0.0.1:8765")
from listgen.review.domain import rounds
for email in sys.argv[2:]:
    rounds.forget(rounds.newest_review(), email)
"""


def test_many_voters_at_once_over_http_and_a_second_process_beside_them(build, tmp_path):  # noqa: F811 - the fixture
    """Nothing lost or doubled, one chain, while command line and server both write to the log."""
    from django.db import connection

    from listgen.review.domain import verify
    from listgen.review.domain.eventlog import log_lines

    _, made = review_world.open_review(tmp_path / "db", build, n=20)
    assert connection.vendor == "postgresql"
    paths = [f"/judge/{card.technology_id}" for card in build.cards[:5]]
    acknowledged = []

    def judge_all(visitor):
        for number, path in enumerate(paths):
            answer = visitor.client.post(
                path, data=fields[visitor] | {"key": f"k{number}", "answer": "7", "revision": "0"}
            )
            acknowledged.append(answer.json()["receipt"])

    with review_world.serving() as address:
        visitors = [Visitor(address).open_link(one.link_token) for one in made[:10]]
        fields = {visitor: visitor.fields("/propose") for visitor in visitors}
        for visitor in visitors:
            visitor.client.headers["Accept"] = "application/json"
        threads = [threading.Thread(target=judge_all, args=(visitor,)) for visitor in visitors]
        for thread in threads:
            thread.start()
        command = [
            sys.executable,
            "-c",
            FORGET,
            str(tmp_path / "db"),
            *(f"e{number:02}@example.org" for number in range(10, 20)),
        ]
        subprocess.run(command, check=True, timeout=60)
        for thread in threads:
            thread.join(60)
    bodies = [json.loads(json.loads(line)["body"]) for line in log_lines()]
    assert len(set(acknowledged)) == 50 == sum(body["kind"] == "vote" for body in bodies)
    assert sum(body["kind"] == "identity_deleted" for body in bodies) == 10
    assert verify.findings(tuple(acknowledged)) == []


EARLIER = """
import sys
from pathlib import Path
from listgen.review.web import site
site.missing_migrations(Path(sys.argv[1]), "http://127.0.0.1:8765")
from django.core.management import call_command
call_command("migrate", "review", "0003", verbosity=0)
"""


def test_upgrade_changes_no_database_on_a_server_before_it_was_dumped(tmp_path, monkeypatch):
    """A database of an earlier version lacks a migration; the command asks for a dump, and then runs it."""
    import psycopg

    address = os.environ["LISTGEN_REVIEW_DATABASE"].rsplit("/", 1)[0]
    earlier = postgres_world.make_database(address, "earlier")
    monkeypatch.setenv("LISTGEN_REVIEW_DATABASE", earlier)
    subprocess.run([sys.executable, "-c", EARLIER, str(tmp_path / "old")], check=True)
    root = open_miniature(tmp_path / "workspace").root

    def migrations() -> set[str]:
        with psycopg.connect(earlier) as con:
            rows = con.execute("SELECT name FROM django_migrations WHERE app = 'review'").fetchall()
        return {name for (name,) in rows}

    before = migrations()
    assert listgen(root, "upgrade", "--check").returncode == 1
    refused = listgen(root, "upgrade")
    assert refused.returncode == 2 and "pg_dump" in refused.stderr and "--dumped" in refused.stderr
    assert migrations() == before, "nothing was changed"
    assert listgen(root, "upgrade", "--dumped").returncode == 0
    assert migrations() > before and listgen(root, "upgrade", "--check").returncode == 0
