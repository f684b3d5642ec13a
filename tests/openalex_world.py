"""A miniature workspace that asks the OpenAlex double, both on one clock that nobody has to wait for."""

import json
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from doubles.clock import TurnedClock
from doubles.corpus import Corpus
from doubles.openalex import OpenAlexDouble
from miniature import HERE, ROOT, open_miniature

from listgen.acquire.openalex.access import OpenAlexAccess
from listgen.acquire.openalex.acquisition import acquire as acquire_openalex
from listgen.acquire.order import Order
from listgen.store.raw import Snapshot, origin_path

KEY = "test-key"
ALL_TOPICS = ROOT / "config" / "openalex_topics.csv"
TOPICS = HERE / "config" / "openalex_topics.csv"


@cache
def corpus(n_works: int = 900, seed: int = 1) -> Corpus:
    """A world of works on the miniature's topics; tests that hide works make their own."""
    return Corpus(TOPICS, n_works=n_works, seed=seed, years=(2021, 2026))


class World:
    """A workspace with one OpenAlex source, the double it asks, and their clock."""

    def __init__(self, folder: Path, double: OpenAlexDouble, clock: TurnedClock, **access) -> None:
        self.workspace = open_miniature(folder)
        self.double, self.clock = double, clock
        access = {"route": "records", "url": double.url, "cited_works_credits": 1, "page_size": 50} | access
        grade = "statistics" if access["route"] == "counts" else "records"
        changes = {
            "id": "openalex",
            "access": "api",
            "grade": grade,
            "as_of": None,
            "files": [],
            "openalex": OpenAlexAccess(**access),
        }
        self.source = self.workspace.config.sources["mini_openalex"].model_copy(update=changes)
        self.workspace.config.sources["openalex"] = self.source

    def acquire(self, **order) -> Snapshot:
        return acquire_openalex(self.workspace, self.source, Order(clock=self.clock, **order))

    def index(self, snapshot: Snapshot) -> list[dict]:
        file = next(file for file in snapshot.files if file.form_id == "openalex_request")
        return [json.loads(line) for line in file.path.read_text().splitlines()]

    def origins(self, snapshot: Snapshot) -> list[dict]:
        return [
            json.loads(origin_path(self.workspace.raw, file.raw_digest, "openalex").read_text())
            for file in snapshot.files
        ]


@contextmanager
def world(
    folder: Path,
    *,
    works: Corpus | None = None,
    clock: TurnedClock | None = None,
    access: dict | None = None,
    **double,
):
    """Give a world whose double is served while the block runs."""
    clock = clock or TurnedClock()
    with OpenAlexDouble(works or corpus(), clock=clock, **double) as server:
        yield World(folder, server, clock, **(access or {}))


def contents(snapshot: Snapshot, double: OpenAlexDouble) -> dict[str, object]:
    """Return what a snapshot holds by name.

    The address of the double, which differs from run to run, is struck out.
    """
    found: dict[str, object] = {}
    for file in snapshot.files:
        body = file.path.read_bytes()
        if file.form_id == "openalex_request":
            lines = [json.loads(line) for line in body.splitlines()]
            found[file.file_name] = [
                {k: v for k, v in line.items() if k not in ("address", "request_sha256")} for line in lines
            ]
        else:
            found[file.file_name] = body
    return found


def declare(root: Path, url: str, **access) -> Path:
    """Make a miniature workspace whose only source is OpenAlex at this address, for the command line."""
    mini = open_miniature(root)
    source = mini.root / "config" / "sources" / "mini_openalex.yaml"
    text = (
        source.read_text(encoding="utf-8")
        .replace("id: mini_openalex", "id: openalex")
        .replace("access: files", "access: api")
    )
    text = text[: text.index("as_of:")]
    values = {
        "route": "records",
        "url": url,
        "cited_works_credits": 1,
        "page_size": 50,
        "requests_per_second": 100,
    } | access
    lines = "".join(f"  {name}: {json.dumps(value)}\n" for name, value in values.items())
    (source.parent / "openalex.yaml").write_text(f"{text}openalex:\n{lines}", encoding="utf-8")
    settings = mini.root / "config" / "settings.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("sources: [", "sources: [openalex, "), encoding="utf-8"
    )
    return mini.root
