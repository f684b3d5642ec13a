"""A review on a small frozen build, a real server on loopback, and visitors who act only over HTTP."""

import atexit
import datetime as dt
import os
import re
import shutil
import tempfile
import threading
from contextlib import contextmanager
from functools import cache
from html import unescape
from pathlib import Path

import httpx
import report_world
from django.contrib.auth.hashers import Argon2PasswordHasher

from listgen import report
from listgen.review.domain.panel import Invited
from listgen.review.web import site
from listgen.workspace.loading import load_workspace

RUN_ID = "0123456789abcdef"
PASSWORDS = {
    "aoki": "five words make one key",
    "baba": "another five words make keys",
    "chiba": "auditors also need long words",
}
# A guess must be dear in earnest, not in a test: there are dozens of log-ins. Servers started as processes of
# their own are as dear as in earnest.
Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1024, 1
ROLES = {"aoki": "facilitator", "baba": "approver", "chiba": "auditor"}


@cache
def freeze():
    """Return a build frozen from the report's own small world, all its technologies judged.

    Made once, it cannot be changed.
    """
    from listgen.review.domain import cards

    config = report_world.make_config()
    with (
        tempfile.TemporaryDirectory(prefix="listgen-frozen-") as name,
        report_world.make_world(":memory:", config) as warehouse,
    ):
        folder = Path(name)
        report.run(warehouse, config, folder, run_id=RUN_ID)
        ids = [row[0] for row in warehouse.rows("SELECT technology_id FROM list.candidate ORDER BY 1")]
        return cards.freeze(folder, config, ids)


@cache
def rules():
    """Return the repository's own rules; reading them reads its whole configuration, so it is done once.

    The texts that each organisation writes for itself are no longer the examples.
    """
    found = load_workspace(report_world.ROOT).config.review
    own = {
        "organiser": {"en": "The office of the ministry", "ja": "本省の事務局"},
        "consent": {"en": "By beginning you agree.", "ja": "開始すると同意したものとします。"},
        "contact": {"en": "office@ministry.go.jp", "ja": "office@ministry.go.jp"},
    }
    texts = found.invitation.model_dump() | own
    return found.model_copy(update={"invitation": type(found.invitation).model_validate(texts)})


def people(n):
    return [
        Invited(
            f"e{i:02}@example.org",
            f"Expert {i}",
            "University",
            "industry" if i % 2 else "academia",
            "ja" if i % 2 else "en",
        )
        for i in range(n)
    ]


@cache
def _database_with_staff():
    """Return a database with tables and staff, made once: three slow password hashes and the migrations."""
    folder = Path(tempfile.mkdtemp(prefix="listgen-review-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    add_staff(folder)
    return folder / site.DATABASE


def add_staff(folder):
    """Make the tables of a review and let its staff in."""
    site.start(folder, "http://127.0.0.1:8765")
    from django.db import connection

    from listgen.review.web import access

    for name, role in ROLES.items():
        access.add_staff(name, role, PASSWORDS[name])
    connection.close()


def open_review(folder, build, n=12):
    """Start a database of its own, with staff and an open first round.

    Return the round and its invitations.
    """
    is_elsewhere = "LISTGEN_REVIEW_DATABASE" in os.environ
    source = None if is_elsewhere else _database_with_staff()
    folder.mkdir()
    if source is not None:
        shutil.copy(source, folder / site.DATABASE)
    site.start(folder, "http://127.0.0.1:8765")
    from listgen.review.domain import rounds
    from listgen.review.domain.eventlog import now
    from listgen.review.web import access

    access.forget_failures()
    return rounds.open_review(build, rules(), people(n), now() + dt.timedelta(days=3))


@contextmanager
def serving():
    """Serve the review from a thread; yield its address."""
    from listgen.review.domain.writer import Writer
    from listgen.review.ops.server import make_server

    server, writer = make_server("127.0.0.1", 0), Writer()
    writer.start()
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # First whoever answers, then whoever listens, in the listener's own thread: the other way round a
        # worker writes to a closed file.
        try:
            server.task_dispatcher.shutdown()
            server.trigger.pull_trigger(
                lambda: [one.close() for one in (*server.active_channels.values(), server)]
            )
            thread.join()
        finally:
            writer.stop()


class Visitor:
    """Somebody with a browser that keeps cookies and sends forms, and nothing else."""

    def __init__(self, address):
        self.client = httpx.Client(base_url=address, timeout=30, headers={"Accept": "text/html"})

    def get(self, path, **options):
        return self.client.get(path, **options)

    def fields(self, path):
        """Return the hidden fields of a page, as its first form that has them would send them."""
        page = self.get(path, follow_redirects=True).text
        names = ("csrfmiddlewaretoken", "key", "revision", "draft", "mark", "results")
        found = {name: re.findall(rf'name="{name}" value="([^"]*)"', page) for name in names}
        return {name: unescape(values[-1]) for name, values in found.items() if values}

    def post(self, path, data=None, *, page=None, **options):
        """Send a form with the hidden fields of its page, unless they are given."""
        return self.client.post(path, data=self.fields(page or path) | (data or {}), **options)

    def open_link(self, token):
        self.post(f"/i/{token}")
        return self

    def log_in(self, name, password=None):
        response = self.post("/staff/login", {"name": name, "password": password or PASSWORDS[name]})
        assert response.status_code == 302, response.status_code
        return self
