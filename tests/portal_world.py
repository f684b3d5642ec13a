"""A miniature workspace that uses the doubles of the patent offices, all on one clock without waiting."""

import dataclasses
import json
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from doubles.clock import TurnedClock
from doubles.faults import FaultPlan
from doubles.odp import OdpDouble, Patents, Store
from doubles.ops import Families, OpsDouble
from miniature import open_miniature

from listgen.acquire.odp.access import OdpAccess
from listgen.acquire.odp.acquisition import acquire as acquire_odp
from listgen.acquire.ops.access import OpsAccess
from listgen.acquire.ops.acquisition import acquire as acquire_ops
from listgen.acquire.order import Order
from listgen.config.loader import Workspace
from listgen.config.models import Source
from listgen.store.raw import Snapshot, origin_path

KEY = "test-key"
PRODUCTS = {
    "PVGPATDIS": ["g_patent", "g_application", "g_cpc_current"],
    "PVPGPUBDIS": ["pg_published_application"],
}
PATENTS = Patents()


@cache
def _miniature() -> Workspace:
    """Read the miniature's configuration once.

    A connector's test needs a folder of its own and nothing else.
    """
    with tempfile.TemporaryDirectory() as folder:
        return open_miniature(Path(folder) / "w")


def empty_workspace(folder: Path) -> Workspace:
    """Return a workspace with the miniature's declarations and nothing in it."""
    config = dataclasses.replace(_miniature().config, sources=dict(_miniature().config.sources))
    folder.mkdir(parents=True)
    return dataclasses.replace(_miniature(), root=folder, config=config)


def fetched_source(workspace: Workspace, source_id: str, **block) -> Source:
    """Declare a source of patents that is fetched, in place of the miniature's own."""
    changes = {"id": source_id, "access": "bulk", "grade": "records", "as_of": None, "files": []}
    source = workspace.config.sources["mini_openalex"].model_copy(update=changes | block)
    workspace.config.sources[source_id] = source
    return source


class Portal:
    """A workspace with the portal's tables as a source, the portal, its store, and their clock."""

    def __init__(self, folder: Path, double: OdpDouble, **access) -> None:
        self.workspace = empty_workspace(folder)
        self.double, self.store, self.clock = double, double.store, double.clock
        self.declare(**access)

    def declare(self, **access) -> None:
        self.source = fetched_source(
            self.workspace,
            "patentsview",
            odp=OdpAccess(**{"url": self.double.url, "products": PRODUCTS} | access),
        )

    def acquire(self, **order) -> Snapshot:
        return acquire_odp(self.workspace, self.source, Order(clock=self.clock, **order))

    def origins(self, snapshot: Snapshot) -> dict[str, dict]:
        return {
            f.file_name: json.loads(origin_path(self.workspace.raw, f.raw_digest, "patentsview").read_text())
            for f in snapshot.files
        }

    def ledger(self) -> int:
        """Return how many downloads our own account holds."""
        found = list((self.workspace.raw / "allowance").glob("*.json"))
        return sum(amount for path in found for _, _, amount in json.loads(path.read_text()))


@contextmanager
def portal(
    folder: Path,
    *,
    faults: FaultPlan | None = None,
    store_faults: FaultPlan | None = None,
    access: dict | None = None,
    **double,
):
    """Give a world whose portal and store are served while the block runs."""
    clock = TurnedClock()
    ways = {name: double.pop(name) for name in ("permit_seconds", "ranges") if name in double}
    double = {"patents": PATENTS} | double
    with (
        Store(clock=clock, faults=store_faults, **ways) as store,
        OdpDouble(store, clock=clock, faults=faults, **double) as server,
    ):
        yield Portal(folder, server, **(access or {}))


def table_bytes(snapshot: Snapshot) -> dict[str, bytes]:
    """Return the tables a snapshot holds by name.

    What the portal said of them names the double's address and is left out.
    """
    return {file.file_name: file.path.read_bytes() for file in snapshot.files if file.form_id != "kept_only"}


def declare(root: Path, source_id: str, block: dict, *, access: str = "bulk") -> Path:
    """Make a miniature workspace that uses a fetched source beside its own, for the command line."""
    mini = open_miniature(root)
    source = mini.root / "config" / "sources" / "mini_openalex.yaml"
    text = (
        source.read_text(encoding="utf-8")
        .replace("id: mini_openalex", f"id: {source_id}")
        .replace("access: files", f"access: {access}")
    )
    text = text[: text.index("as_of:")]
    lines = "".join(f"{name}: {json.dumps(value)}\n" for name, value in block.items())
    (source.parent / f"{source_id}.yaml").write_text(f"{text}{lines}", encoding="utf-8")
    settings = mini.root / "config" / "settings.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("sources: [", f"sources: [{source_id}, "),
        encoding="utf-8",
    )
    return mini.root


class Services:
    """A workspace with look-ups as a source, the services that answer, and their clock."""

    def __init__(self, folder: Path, double: OpsDouble, **access) -> None:
        self.workspace = empty_workspace(folder)
        self.double, self.clock = double, double.clock
        self.declare(**access)

    def declare(self, **access) -> None:
        block = OpsAccess(**{"url": f"{self.double.url}/3.2", "numbers": NUMBERS} | access)
        self.source = fetched_source(self.workspace, "epo_ops", access="api", ops=block)

    def acquire(self, **order) -> Snapshot:
        return acquire_ops(self.workspace, self.source, Order(clock=self.clock, **order))

    def index(self, snapshot: Snapshot) -> list[dict]:
        path = next(file.path for file in snapshot.files if file.file_name == "requests.jsonl")
        return [json.loads(line) for line in path.read_text().splitlines()]


FAMILIES = Families()
NUMBERS = [document.name for document in FAMILIES.documents[:12]]


@contextmanager
def services(folder: Path, *, access: dict | None = None, **double):
    """Give a world whose services are served while the block runs."""
    with OpsDouble(FAMILIES, clock=double.pop("clock", None) or TurnedClock(), **double) as server:
        yield Services(folder, server, **(access or {}))


def answers(snapshot: Snapshot) -> dict[str, object]:
    """Return what a snapshot of look-ups holds by name.

    The address of the double, which differs from run to run, is struck out.
    """
    found: dict[str, object] = {}
    for file in snapshot.files:
        if file.file_name == "requests.jsonl":
            lines = map(json.loads, file.path.read_text().splitlines())
            found[file.file_name] = [
                {k: v for k, v in line.items() if k not in ("address", "request_sha256", "asked_on")}
                for line in lines
            ]
        else:
            found[file.file_name] = file.path.read_bytes()
    return found
