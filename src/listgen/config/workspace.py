"""What a workspace declares, read and checked: the one argument every step takes beside its warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from listgen.config.access import Access
from listgen.config.models import (
    Country,
    Domain,
    HsMeaning,
    ReferenceList,
    SampleWorld,
    Settings,
    Source,
    TableSeries,
    Technology,
    Text,
)
from listgen.config.review import ReviewRules
from listgen.config.scoring import Scoring

ALL_WORKS = "all_works"


def _counted_series(
    source: Source, counter: str, series_id: str, technology: Technology | None
) -> TableSeries:
    name = technology.name if technology else Text(en="all works", ja="全論文")
    return TableSeries(
        id=series_id,
        key=series_id,
        title=Text(en=f"{name.en}: works counted by {counter}", ja=f"{name.ja}：{counter}が数えた論文数"),
        measure="count",
        unit="works",
        counting="full",
        universe=None if technology is None else f"{source.id}:{ALL_WORKS}",
    )


@dataclass(frozen=True)
class Config:
    """Everything a workspace declares, checked."""

    settings: Settings
    scoring: Scoring
    countries: dict[str, Country]
    domains: dict[str, Domain]
    caveats: dict[str, Text]
    sources: dict[str, Source]
    sample: SampleWorld | None
    technologies: dict[str, Technology]
    reference_lists: dict[str, ReferenceList]
    topics_path: Path
    expectation_files: dict[str, Path] = field(default_factory=dict)
    digest: str = ""
    # What was declared, file by file, as it was read: a build keeps it, so that two builds can be told apart
    # by key.
    contents: dict[str, Any] = field(default_factory=dict)
    review: ReviewRules | None = None
    hs_codes: dict[str, HsMeaning] = field(default_factory=dict)
    commodities: dict[str, Text] = field(default_factory=dict)
    stages: dict[str, Text] = field(default_factory=dict)

    @property
    def used_sources(self) -> dict[str, Source]:
        """Return the sources of this workspace, with the sample replaced by the sources it stands in for."""
        ids: list[str] = []
        for source_id in self.settings.sources:
            ids += self.sample.produces if self.sample and source_id == self.sample.id else [source_id]
        return {source_id: self.sources[source_id] for source_id in ids}

    @property
    def live_technologies(self) -> list[Technology]:
        """Return the technologies that are still assessed."""
        return [technology for technology in self.technologies.values() if technology.is_live]

    @property
    def is_sample(self) -> bool:
        """Tell whether any source in use is synthetic: then everything made from it says so."""
        return any(source.is_sample for source in self.used_sources.values())

    @property
    def series(self) -> dict[str, TableSeries]:
        """Return every declared series by id."""
        return {series.id: series for source in self.sources.values() for series in self.series_of(source)}

    def series_of(self, source: Source) -> list[TableSeries]:
        """Return the series of a source.

        Those its table declares, or one a technology when the provider counts for us.
        """
        declared = source.table.series if source.table else []
        counter = source.asked.counter if source.asked else ""
        return [
            *declared,
            *(
                _counted_series(source, counter, series_id, tech)
                for series_id, tech in self.counted(source).items()
            ),
        ]

    def counted(self, source: Source) -> dict[str, Technology | None]:
        """Return what a provider counts for a source by series id.

        Each live technology that names topics, and all works (None).
        """
        if source.asked is None or not source.asked.counter:
            return {}
        live = [tech for tech in self.live_technologies if tech.works.topics]
        return {f"{source.id}:{ALL_WORKS}": None} | {f"{source.id}:{tech.id}": tech for tech in live}

    @property
    def traded_codes(self) -> list[str]:
        """Return the codes of the Harmonized System that live technologies name, each once."""
        return sorted({code for tech in self.live_technologies for code in tech.hs_codes})


class Provider(Protocol):
    """What the configuration needs to know of a provider.

    The shape of its block, and what the block says about other files.
    """

    @property
    def access_model(self) -> type[Access]:
        """Return the shape of its block in a source."""
        ...

    def crosscheck(self, source: Source, config: Config) -> Iterator[tuple[tuple[int | str, ...], str]]:
        """Yield place inside the block and message of what does not fit the rest of the configuration."""
        ...


@dataclass(frozen=True)
class Workspace:
    """A folder with `config/` and `expectations/` in which `data/` grows.

    `providers` are those it was read with.
    """

    root: Path
    config: Config
    providers: Mapping[str, Provider] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """Return the folder of everything generated."""
        return self.root / "data"

    @property
    def raw(self) -> Path:
        """Return the raw store."""
        return self.data / "raw"

    @property
    def stage_cache(self) -> Path:
        """Return the cache of parsed raw files."""
        return self.data / "stage"

    @property
    def builds(self) -> Path:
        """Return the folder of builds."""
        return self.data / "builds"

    @property
    def current(self) -> Path:
        """Return the link to the last build whose critical checks passed."""
        return self.data / "current"

    @property
    def previous(self) -> Path:
        """Return the link to the build that was current before the current one."""
        return self.data / "previous"
