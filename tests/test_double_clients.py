"""Clients made by others work against the double unchanged.

Pyalex and the provider's own command-line client.

They make no allowance for the double but its address.
"""

import importlib.metadata
import json
import subprocess
import sys
from urllib.parse import urlunparse

import pyalex
import pytest
from doubles.openalex import OpenAlexDouble
from openalex_world import corpus

_LAUNCHER = """
import sys
from openalex_cli import api_client, cli
for name in ("WORKS_API_BASE", "CONTENT_API_BASE"):
    for holder in vars(api_client).values():
        if hasattr(holder, name):
            setattr(holder, name, sys.argv[1])
sys.argv = ["openalex", *sys.argv[2:]]
cli.main()
"""


@pytest.fixture
def double():
    with OpenAlexDouble(corpus()) as server:
        yield server


def test_pyalex_pages_groups_and_finds(double, monkeypatch):
    pyalex.config.openalex_url, pyalex.config.api_key = double.url, "test-key"
    if tuple(map(int, importlib.metadata.version("pyalex").split(".")[:2])) >= (0, 16):
        # From 0.16 on pyalex reads its `openalex_url` for n-grams only; the address is put in where it builds
        # one.
        host = double.url.removeprefix("http://")
        monkeypatch.setattr(
            pyalex.api, "urlunparse", lambda parts: urlunparse(("http", host, *tuple(parts)[2:]))
        )
    inside = [p for p in range(corpus().n) if corpus().year[p] == 2024 and not corpus().is_xpac[p]]
    query = pyalex.Works().filter(publication_year=2024)
    assert query.count() == len(inside)
    found = [work["id"] for page in query.paginate(per_page=100, n_max=None) for work in page]
    assert len(found) == len(set(found)) == len(inside)
    groups = pyalex.Works().filter(publication_year=2024).group_by("authorships.countries").get()
    assert groups[0]["count"] == max(group["count"] for group in groups)
    assert pyalex.Works()[found[0].rsplit("/", 1)[1]]["id"] == found[0]
    many = pyalex.Works()[[name.rsplit("/", 1)[1] for name in found[:7]]]
    assert sorted(work["id"] for work in many) == sorted(found[:7])
    assert all(seen.status == 200 for seen in double.log)


def test_the_providers_own_client_downloads_metadata(double, tmp_path):
    # Against a server that is fast, the client sends more than 100 requests in a second and loses what is
    # refused, while it reports all as downloaded; the limit is lifted for it, because the client is not what
    # is tested.
    double.rate_limit = 10_000
    arguments = [
        "download",
        "--api-key",
        "test-key",
        "--output",
        str(tmp_path),
        "--filter",
        "publication_year:2024,is_retracted:false",
        "--workers",
        "2",
    ]
    done = subprocess.run(
        [sys.executable, "-c", _LAUNCHER, double.url, *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    works = corpus()
    inside = [
        p
        for p in range(works.n)
        if works.year[p] == 2024 and not works.is_xpac[p] and not works.is_retracted[p]
    ]
    files = [path for path in tmp_path.rglob("W*.json")]
    assert len(files) == len(inside)
    assert {json.loads(path.read_text())["publication_year"] for path in files} == {2024}
