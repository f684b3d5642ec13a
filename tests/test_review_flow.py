"""The review's flow as Prefect runs it.

Weeks pass, the process is another one each time, and what is due is done once.
"""

import json
import re
import shutil
import subprocess
import sys

import pytest
import review_world
import smtp_world
from miniature import ROOT
from running import listgen

# The hour is put forward, as weeks do it; everything else is as `listgen review tend` runs it.
TEND = """
import datetime as dt, json, sys
from pathlib import Path
from listgen.workspace.loading import load_workspace
from listgen.flows import run_review
from listgen.review.ops import desk
from listgen.review.web import site
workspace = load_workspace(Path(sys.argv[1]))
site.start(desk.folder_of(workspace))
from listgen.review.domain import eventlog
now = eventlog.now
for days in sys.argv[2:]:
    eventlog.now = lambda: now() + dt.timedelta(days=int(days))
    print(json.dumps(run_review(workspace)))
"""


def tend(root, *days):
    """Run the flow at so many days from now, in one process, and return what it did each time."""
    done = subprocess.run(
        [sys.executable, "-c", TEND, str(root), *days], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def decided(root):
    entries = json.loads((root / "data/current/candidates.json").read_text(encoding="utf-8"))["entries"]
    return {
        entry["technology_id"]: entry["decided"]["status"]
        for entry in entries
        if "decided" in entry and entry["decided"]["decision"]
    }


@pytest.mark.long
def test_a_review_of_two_rounds_goes_through_by_itself(small_built, tmp_path, monkeypatch):
    """Opened by hand, judged over HTTP.

    Reminded, closed, opened again and built by the flow alone, in four processes.
    """
    root = small_built.root
    for name in ("review.yaml", "sources/review_decisions.yaml"):  # the miniature has no panel of its own
        shutil.copy(ROOT / "config" / name, root / "config" / name)
    assert listgen(root, "build").returncode == 0
    assert json.loads(listgen(root, "review", "tend", "--json").stdout) == {}, (
        "nothing to do where no review was opened"
    )
    for name, role in review_world.ROLES.items():
        env = {"LISTGEN_REVIEW_PASSWORD": review_world.PASSWORDS[name]}
        assert listgen(root, "review", "staff", name, "--role", role, env=env).returncode == 0
    (root / "panel.csv").write_text(
        "email,name\n" + "".join(f"e{i}@example.org,E {i}\n" for i in range(3)), encoding="utf-8"
    )
    opened = json.loads(
        listgen(root, "review", "open", "--panel", str(root / "panel.csv"), "--days", "14", "--json").stdout
    )
    first = small_built.current.resolve().name
    with smtp_world.taking_mail() as server:
        monkeypatch.setenv("LISTGEN_REVIEW_SMTP", server.address)
        assert [one["reminded"] for one in tend(root, "0", "12", "12")] == [0, 3, 0]
        (closed,) = tend(root, "15")
    # The next round's links went out by mail; the build took the (still empty) decisions in.
    assert closed["opened"] == opened["round"].replace("/1", "/2") and closed["mailed"] == 3
    links = [re.search(r"/i/\S+", mail.get_content()) for mail in server.mails]
    assert [link is not None for link in links] == [False] * 3 + [True] * 3
    assert closed["run_id"] == small_built.current.resolve().name != first and decided(root) == {}
    command = [
        sys.executable,
        "-m",
        "listgen",
        "--workspace",
        str(root),
        "--lang",
        "en",
        "review",
        "serve",
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = re.search(r"http://[\d.:]+", process.stderr.readline())[0]
            aoki, baba = (review_world.Visitor(address).log_in(name) for name in ("aoki", "baba"))
            sheet = re.search(r'href="(/staff/sheet/[a-z0-9_]+)"', aoki.get("/staff/results").text)[1]
            assert (
                aoki.post(sheet, {"decision": "reject", "rationale": "as the panel says"}).status_code == 302
            )
            assert baba.post(sheet + "/approve", page=sheet).status_code == 302
        finally:
            process.terminate()
    last, again = tend(root, "30", "60")
    assert "opened" not in last and last["run_id"] == small_built.current.resolve().name != closed["run_id"]
    assert decided(root) == {sheet.rsplit("/", 1)[1]: "not_listed"}
    assert "run_id" not in again, "nothing new, no build"
    assert listgen(root, "review", "verify").returncode == 0
