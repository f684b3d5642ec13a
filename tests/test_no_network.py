"""N8: a machine without any route. What needs no network works, what needs it says so and ends."""

import os
import subprocess
import sys

import pytest
from openalex_world import KEY, declare

APART = ["unshare", "--user", "--map-root-user", "--net"]


def without_network(*arguments: str) -> subprocess.CompletedProcess:
    command = [*APART, sys.executable, "-m", "listgen", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OPENALEX_API_KEY": KEY})


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    try:
        subprocess.run([*APART, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine lets nobody make a network of his own")
    return declare(tmp_path_factory.mktemp("alone"), "https://api.openalex.org")


def test_n8_without_a_route_acquire_says_so_and_keeps_what_it_has(root):
    done = without_network("--workspace", str(root), "acquire", "openalex")
    assert done.returncode == 3, done.stderr
    assert "api.openalex.org: no connection could be made" in done.stderr
    assert "listgen acquire openalex" in done.stderr
    assert "Traceback" not in done.stderr
    assert KEY not in done.stderr


def test_n8_a_plan_names_the_source_it_could_not_ask(root):
    done = without_network("--workspace", str(root), "plan")
    assert done.returncode == 0, done.stderr
    assert "openalex: api.openalex.org: no connection could be made" in done.stdout
    assert "not counted in this, because what they would take is not known: openalex" in done.stdout
