"""What a workspace declares, read and checked: the one argument every step takes beside its warehouse."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from listgen.base.models import Country, Domain, ReferenceList, SampleWorld, Settings, Source, TableSeries, Technology, Text
from listgen.base.reviewrules import ReviewRules
from listgen.base.scoring import Scoring


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
    review: ReviewRules | None = None

    @property
    def used_sources(self) -> dict[str, Source]:
        """Return the sources this workspace builds from, the sample unfolded into the sources it stands in for."""
        ids: list[str] = []
        for source_id in self.settings.sources:
            ids += self.sample.produces if self.sample and source_id == self.sample.id else [source_id]
        return {source_id: self.sources[source_id] for source_id in ids}

    @property
    def is_sample(self) -> bool:
        """Tell whether any source in use is synthetic: then everything made from it says so."""
        return any(source.is_sample for source in self.used_sources.values())

    @property
    def series(self) -> dict[str, TableSeries]:
        """Return every declared series by id."""
        return {series.id: series for source in self.sources.values() if source.table for series in source.table.series}


@dataclass(frozen=True)
class Workspace:
    """A folder with `config/` and `expectations/` in which `data/` grows."""

    root: Path
    config: Config

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
