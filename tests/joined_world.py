"""A workspace of OpenAlex, the USPTO's portal and the EPO's services, fetched from their doubles, built."""

import shutil
from collections.abc import Callable
from pathlib import Path

from conftest import ROOT
from doubles.clock import TurnedClock
from doubles.corpus import Corpus
from doubles.inventions import Field, Inventions
from doubles.odp import OdpDouble, Store
from doubles.openalex import OpenAlexDouble
from doubles.ops import OpsDouble

from listgen import pipeline
from listgen.acquire.odp.acquisition import acquire as acquire_odp
from listgen.acquire.openalex.acquisition import acquire as acquire_openalex
from listgen.acquire.ops.acquisition import acquire as acquire_ops
from listgen.acquire.order import Order
from listgen.config.workspace import Workspace
from listgen.workspace.loading import load_workspace

# Their definitions name no other technology, so that the three can stand alone.
TOPICS = {"solid_state_batteries": "T10281", "lithium_ion_batteries": "T10018", "battery_systems": "T10663"}
SECRETS = {
    "OPENALEX_API_KEY": "test-key",
    "USPTO_API_KEY": "test-key",
    "EPO_OPS_KEY": "test-key",
    "EPO_OPS_SECRET": "test-secret",
}
# Others build on Japan in the first; Japan builds on the United States in the last; nothing is planted in the
# one between.
FIELDS = {
    "solid_state_batteries": Field(
        "H01M10/0562", {"JP": 6, "KR": 3, "US": 3}, {"JP": ("JP", 0.5), "*": ("JP", 0.6)}
    ),
    "lithium_ion_batteries": Field("H01M4/525", {"CN": 4, "US": 4, "JP": 3}),
    "battery_systems": Field("H01M10/42", {"US": 6, "CN": 3, "JP": 3}, {"JP": ("US", 0.85)}, n=130),
    "": Field("A47J31/40", {"US": 5, "DE": 3}, n=60),
}
URLS = {
    "openalex": "https://api.openalex.org",
    "patentsview": "https://api.uspto.gov",
    "epo_ops": "https://ops.epo.org/3.2",
}


def joined_world(root: Path, say: Callable[[str], None] = lambda text: None) -> Workspace:
    """Fetch everything, look up the families, build; return the workspace."""
    clock = TurnedClock()
    works = Corpus(
        ROOT / "config" / "openalex_topics.csv",
        n_works=1800,
        topic_ids=[*TOPICS.values()],
        years=(2019, 2025),
        more_of={"JP": 5, "KR": 4},
    )
    inventions = Inventions(list(FIELDS.values()), works)
    with (
        OpenAlexDouble(works, clock=clock) as openalex,
        Store(clock=clock) as store,
        OdpDouble(store, patents=inventions, clock=clock) as portal,
        OpsDouble(inventions.families(), clock=clock) as services,
    ):
        urls = {"openalex": openalex.url, "patentsview": portal.url, "epo_ops": f"{services.url}/3.2"}
        # By name: that a second refresh looks up what the first build lacks is shown elsewhere and would cost
        # another build.
        numbers = [f"US-{one.number}-B2" for one in inventions.inventions if one.field.cpc != FIELDS[""].cpc]
        workspace = declare(root, urls, numbers)
        order, sources = Order(clock=clock, say=say), workspace.config.sources
        acquire_openalex(workspace, sources["openalex"], order)
        acquire_odp(workspace, sources["patentsview"], order)
        acquire_ops(workspace, sources["epo_ops"], order)
        pipeline.build(workspace, say)
    return workspace


def declare(root: Path, urls: dict[str, str], numbers: list[str]) -> Workspace:
    """Return a workspace with the repository's configuration, cut to three technologies and three sources.

    `numbers`: publications whose family is looked up.
    """
    for part in ("config", "expectations"):
        shutil.copytree(ROOT / part, root / part)
    for path in (root / "config" / "technologies").glob("*.yaml"):
        if path.stem not in TOPICS:
            path.unlink()
    for source_id, url in urls.items():
        path = root / "config" / "sources" / f"{source_id}.yaml"
        text = path.read_text(encoding="utf-8")
        assert URLS[source_id] in text
        text = text.replace(f"url: {URLS[source_id]}\n", f"url: {url}\n").replace(
            "services: [family]", f"services: [family]\n  numbers: {numbers}"
        )
        path.write_text(text, encoding="utf-8")
    settings = root / "config" / "settings.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("sources:\n  - sample", f"sources: [{', '.join(urls)}]"), encoding="utf-8"
    )
    return load_workspace(root)
