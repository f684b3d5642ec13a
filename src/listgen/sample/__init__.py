"""The generated sample world.

Invented evidence in the providers' native forms, so that the main job runs on a bare machine.

It is not evidence. It exists so that every reader, indicator and rule works on bytes as the providers send
them, and so that tests can look for what was planted.

Reads: config/openalex_topics.csv, the definitions of the technologies. Writes: openalex/, google_patents/,
patentsview/, statistics/, supply/, comtrade/ and truth.json in the folder it is given.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from listgen.base.errors import UsageError
from listgen.base.provenance import canonical_json, digest_tree, sha256_file, sha256_text
from listgen.base.text import t
from listgen.config.loader import Config
from listgen.config.models import MANIFEST, SampleWorld
from listgen.sample.google_patents import build_patents, write_google_patents
from listgen.sample.patentsview import write_patentsview
from listgen.sample.tables import write_statistics, write_supply
from listgen.sample.trade import write_trade
from listgen.sample.truth import write_truth
from listgen.sample.works import build_works
from listgen.sample.works_json import write_works
from listgen.sample.world import Definition, Size, Topic, World, build_world, read_topics

__all__ = ["GeneratedFile", "Size", "generate", "generate_sample", "sample_recipe"]


@dataclass(frozen=True)
class GeneratedFile:
    """A generated file, the form it is read as and the source it belongs to."""

    path: Path
    form_id: str
    source_id: str


def generate_sample(directory: Path, seed: int, config: Config) -> list[GeneratedFile]:
    """Generate the sample a workspace declares and return its files, in the order they are registered.

    Raises:
        UsageError: The workspace declares no sample.
    """
    declared = _declared_sample(config)
    size = Size(declared.n_works, declared.n_publications, dt.date.fromisoformat(declared.as_of))
    return generate(directory, seed, config.technologies, read_topics(config.topics_path), size)


def sample_recipe(config: Config) -> str:
    """Return the identity of everything the sample's bytes depend on.

    As long as it is the same, nothing has to be made again.

    Raises:
        UsageError: The workspace declares no sample.
    """
    declared = _declared_sample(config)
    package = Path(__file__).parent
    return sha256_text(
        canonical_json(
            {
                "seed": declared.seed,
                "size": [declared.n_works, declared.n_publications, declared.as_of],
                "topics": sha256_file(config.topics_path),
                "definitions": {
                    name: [item.works.topics, item.patents.cpc] for name, item in config.technologies.items()
                },
                "code": digest_tree((path.name, path) for path in sorted(package.glob("*.py"))),
                "libraries": [np.__version__, zlib.ZLIB_RUNTIME_VERSION],
            }
        )
    )


def _declared_sample(config: Config) -> SampleWorld:
    if config.sample is None:
        raise UsageError(t("This workspace declares no sample."), t("Expected config/sources/sample.yaml."))
    return config.sample


def generate(
    out_dir: Path,
    seed: int,
    technologies: Mapping[str, Definition],
    topics: Mapping[str, Topic],
    size: Size | None = None,
) -> list[GeneratedFile]:
    """Generate a world of any size for any definitions; the same arguments give the same bytes.

    Args:
        out_dir: Folder the files are written to.
        seed: Seed of every draw.
        technologies: The definitions whose topics and CPC prefixes the records carry.
        topics: The provider's classification.
        size: Number of works and publications and the day the world is seen.
    """
    world = build_world(seed, size or Size(), technologies, topics)
    out_dir.mkdir(parents=True, exist_ok=True)
    files = _generate_works(world, out_dir / "openalex" / "data" / "jsonl" / "works")
    files += _generate_patents(world, out_dir)
    files += _generate_tables(world, out_dir)
    write_truth(world, out_dir / "truth.json")
    return files


def _generate_works(world: World, folder: Path) -> list[GeneratedFile]:
    paths, manifest = write_works(world, build_works(world), folder)
    files = [GeneratedFile(path, "openalex_work", "sample_openalex") for path in paths]
    return [*files, GeneratedFile(manifest, MANIFEST, "sample_openalex")]


def _generate_patents(world: World, out_dir: Path) -> list[GeneratedFile]:
    patents = build_patents(world)
    google = write_google_patents(world, patents, out_dir / "google_patents")
    tables = write_patentsview(world, patents, out_dir / "patentsview")
    files = [GeneratedFile(path, "google_patent", "sample_google_patents") for path in google]
    return files + [
        GeneratedFile(path, f"patentsview_{name}", "sample_patentsview") for name, path in tables.items()
    ]


def _generate_tables(world: World, out_dir: Path) -> list[GeneratedFile]:
    statistics = write_statistics(world, out_dir / "statistics" / "families_by_field.csv")
    supply = write_supply(world, out_dir / "supply" / "production.csv")
    files = [
        GeneratedFile(statistics, "statistic_table", "sample_statistics"),
        GeneratedFile(supply, "supply_table", "sample_supply"),
    ]
    return files + [
        GeneratedFile(path, "comtrade_page", "sample_trade")
        for path in write_trade(world, out_dir / "comtrade")
    ]
