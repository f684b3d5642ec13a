"""A database that cannot be written.

Said on a page that gives the text back, noticed by /health, and over when the disk has room again.
"""

import resource
import subprocess
import sys
import time

import pytest
import review_world
from review_world import Visitor

SERVER = """
import resource, signal, sys
from pathlib import Path
from listgen.review.web import site
site.start(Path(sys.argv[1]), "http://127.0.0.1:8765")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from listgen.review.ops import server
server.serve("127.0.0.1", 0, lambda host, port: print(port, flush=True))
"""
ROOMY = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@pytest.fixture
def served(tmp_path):
    """A server in a process of its own; `fill` takes its room to write away, `empty` gives it back."""
    _, made = review_world.open_review(tmp_path / "db", review_world.freeze(), n=3)
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, tmp_path / "db"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            address = f"http://127.0.0.1:{int(process.stdout.readline())}"

            def fill():
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

            def empty():
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, ROOMY)

            yield address, [one.link_token for one in made], fill, empty
        finally:
            process.terminate()


def test_a_full_disk_is_said_in_words_the_text_is_given_back_and_health_fails(served, monkeypatch):
    address, links, fill, empty = served
    expert, staff = Visitor(address).open_link(links[0]), Visitor(address).log_in("aoki")
    path = expert.get("/begin").headers["location"].split("?")[0]
    forms = {
        path: {"answer": "7", "reason": "an hour's work on a full disk"},
        "/propose": {"kind": "new", "name": "n", "definition": "a definition", "reason": "a reason for it"},
    }
    fields = {one: expert.fields(one) for one in forms}
    assert expert.get("/health").status_code == 200
    fill()
    for one, form in forms.items():
        refused = expert.client.post(one, data=fields[one] | form)
        assert refused.status_code == 503 and refused.headers["Retry-After"] == "60", one
        assert (
            "cannot save anything at the moment" in refused.text
            and form["reason"].replace("'", "&#39;") in refused.text
        )
        assert "disk" not in refused.text.replace("full disk", "") and "Traceback" not in refused.text
        script = expert.client.post(one, data=fields[one] | form, headers={"Accept": "application/json"})
        assert (script.status_code, script.json()["status"]) == (503, "unavailable")
    assert expert.get(path).status_code == 200, "reading goes on"
    expert.client.cookies.set("language", "ja", domain="127.0.0.1")
    assert "現在、サーバーに保存できません" in expert.client.post(path, data=fields[path] | forms[path]).text
    opened = Visitor(address).post(f"/i/{links[1]}")
    assert opened.status_code == 503 and "cannot save" in opened.text, (
        "the session of a link cannot be stored"
    )
    assert staff.get("/staff").status_code == 200
    time.sleep(5.5)  # an answer of /health is trusted for five seconds
    health = expert.get("/health")
    assert health.status_code == 503 and "cannot be written" in health.text
    empty()
    time.sleep(5.5)
    assert expert.get("/health").status_code == 200
    assert expert.client.post(path, data=fields[path] | forms[path]).status_code == 302
    assert "an hour&#39;s work on a full disk" in expert.get(path).text


def test_health_fails_before_the_last_bytes_are_gone(tmp_path, monkeypatch):
    from collections import namedtuple

    from listgen.review.domain import storage

    review_world.open_review(tmp_path / "db", review_world.freeze(), n=3)
    monkeypatch.setattr(storage, "_last", ("", 0.0, ""))
    assert storage.why_not_writable() == ""
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda folder: usage(storage.LEAST_FREE_BYTES - 1))
    monkeypatch.setattr(storage, "_last", ("", 0.0, ""))
    assert "full" in storage.why_not_writable()


COMMAND = """
import resource, signal, sys
from pathlib import Path
from listgen.base.errors import ProviderError
from listgen.review.web import site
site.start(Path(sys.argv[1]), "http://127.0.0.1:8765")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
from listgen.review.domain import rounds
try:
    rounds.revoke(rounds.newest_round(), "e00@example.org")
except ProviderError as error:
    print(error)
"""


def test_a_command_on_a_full_disk_ends_with_a_sentence(tmp_path):
    review_world.open_review(tmp_path / "db", review_world.freeze(), n=3)
    said = subprocess.run(
        [sys.executable, "-c", COMMAND, tmp_path / "db"], capture_output=True, text=True, timeout=120
    )
    assert (
        "cannot be written" in said.stdout
        and "nothing was saved" in said.stdout
        and "Traceback" not in said.stderr
    )


@pytest.mark.parametrize(
    "first", ["models", "domain.rounds", "web.access", "web.site", "ops.desk", "ops.server", "settings"]
)
def test_the_review_can_be_imported_in_any_order(first):
    """Django is set up by the package, not by whoever happens to import it first; no workspace is needed."""
    code = (
        f"import listgen.review.{first}\nfrom listgen.review.ops import desk\n"
        "from django.apps import apps\nassert apps.get_app_config('review').get_model('Card')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
