"""The workspace and its configuration, read whole: every defect is reported at once with file, line and column.

A workspace is a folder with `config/` and `expectations/`. `settings.yaml` may say `extends: PATH`: what a workspace
does not declare it inherits, file by file.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from listgen.base.errors import ConfigError, Problem, UsageError, nearest
from listgen.base.models import (
    Caveats,
    Countries,
    Country,
    Domain,
    Domains,
    ReferenceList,
    SampleWorld,
    Settings,
    Source,
    TableSeries,
    Technology,
    Text,
)
from listgen.base.problems import explain_validation
from listgen.base.provenance import canonical_json, sha256_file, sha256_text
from listgen.base.scoring import Scoring
from listgen.base.text import t
from listgen.base.yamlfile import load_places, load_yaml, place_of, plain

SomeModel = TypeVar("SomeModel", bound=BaseModel)

_SINGLE_FILES = ("scoring.yaml", "countries.yaml", "domains.yaml", "caveats.yaml")
_FOLDERS = ("sources", "technologies", "reference_lists")
TOPICS_FILE = "openalex_topics.csv"


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


def find_root(path: Path | None = None) -> Path:
    """Return the workspace folder: the argument, LISTGEN_WORKSPACE, or the nearest folder upward that has `config/settings.yaml`.

    Raises:
        UsageError: There is no workspace there.
    """
    chosen = path or (Path(os.environ["LISTGEN_WORKSPACE"]) if os.environ.get("LISTGEN_WORKSPACE") else None)
    if chosen is not None:
        if (chosen / "config" / "settings.yaml").is_file():
            return chosen.resolve()
        raise UsageError(
            t('"{path}" is not a workspace.', path=chosen),
            t("Expected a folder with config/settings.yaml."),
            t("Make one with: listgen init DIR"),
        )
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "config" / "settings.yaml").is_file():
            return folder
    raise UsageError(
        t("No workspace here or above."),
        t("Expected a folder with config/settings.yaml."),
        t("Make one with: listgen init DIR, or name one with --workspace DIR"),
    )


def load_workspace(path: Path | None = None) -> Workspace:
    """Return the workspace with its configuration read and checked.

    Raises:
        UsageError: There is no workspace.
        ConfigError: The configuration has defects; all of them are in it.
    """
    root = find_root(path)
    return Workspace(root, _Loader(root).load())


class _Loader:
    """Reads the files of one workspace and gathers every problem before it gives up."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.documents: dict[str, Any] = {}
        self.paths: dict[str, Path] = {}
        self.places: dict[str, Any] = {}

    def load(self) -> Config:
        """Return the checked configuration or raise all problems together."""
        roots = self._lineage()
        settings = self._settings(roots)
        files = {name: self._nearest_file(roots, name) for name in _SINGLE_FILES}
        scoring = self._single(files["scoring.yaml"], "scoring.yaml", Scoring)
        countries = self._single(files["countries.yaml"], "countries.yaml", Countries)
        domains = self._single(files["domains.yaml"], "domains.yaml", Domains)
        caveats = self._single(files["caveats.yaml"], "caveats.yaml", Caveats)
        folders = {folder: self._folder(roots, folder) for folder in _FOLDERS}
        sample_path = folders["sources"].pop("sample", None)
        sample = self._single(sample_path, "sources/sample.yaml", SampleWorld) if sample_path else None
        sources = self._many(folders["sources"], "sources", Source)
        technologies = self._many(folders["technologies"], "technologies", Technology)
        lists = self._many(folders["reference_lists"], "reference_lists", ReferenceList)
        topics = self._nearest_file(roots, TOPICS_FILE)
        if not (settings and scoring and countries and domains and caveats and topics):
            raise ConfigError(self.problems)
        expectations = self._expectations(roots)
        config = Config(
            settings=settings,
            scoring=scoring,
            countries=countries.countries,
            domains={domain.id: domain for domain in domains.domains},
            caveats=caveats.caveats,
            sources=sources,
            sample=sample,
            technologies=technologies,
            reference_lists=lists,
            topics_path=topics,
            expectation_files=expectations,
            digest=self._digest(topics, expectations),
        )
        # Names of files that exist but are broken count as known, so that one defect is not told twice.
        _CrossChecks(self, config, {folder: frozenset(paths) for folder, paths in folders.items()}).run()
        if self.problems:
            raise ConfigError(self.problems)
        return config

    def document(self, path: Path, name: str) -> Any:  # noqa: ANN401 - any YAML document
        """Return a file's document, remembered under its name; problems are gathered and None is returned."""
        shown = self._shown(path)
        self.paths[name] = path
        try:
            self.documents[name] = load_yaml(path, shown)
        except ConfigError as error:
            self.problems += error.problems
            self.documents[name] = None
        return self.documents[name]

    def report(self, name: str, location: tuple[int | str, ...], message: str) -> None:
        """Keep one problem at a place inside a file already read."""
        if name in self.paths and name not in self.places:
            self.places[name] = load_places(self.paths[name], self._shown(self.paths[name]))
        line, column = place_of(self.places.get(name), location)
        shown = self._shown(self.paths[name]) if name in self.paths else name
        self.problems.append(Problem(shown, line, column, message))

    def _shown(self, path: Path) -> str:
        return os.path.relpath(path, self.root) if path.is_absolute() else str(path)

    def _lineage(self) -> list[Path]:
        roots, root = [self.root], self.root
        while True:
            path = root / "config" / "settings.yaml"
            document = load_yaml(path, self._shown(path))
            parent = document.get("extends") if isinstance(document, dict) else None
            if not parent:
                return roots
            root = (root / str(parent)).resolve()
            if root in roots or not (root / "config" / "settings.yaml").is_file():
                line, column = place_of(load_places(path, self._shown(path)), ("extends",))
                reason = t('extends "{parent}" is no other workspace (no config/settings.yaml there)', parent=parent)
                raise ConfigError([Problem(self._shown(path), line, column, reason)])
            roots.append(root)

    def _settings(self, roots: list[Path]) -> Settings | None:
        merged: dict[str, Any] = {}
        for root in reversed(roots):
            document = self.document(root / "config" / "settings.yaml", "settings.yaml")
            if isinstance(document, dict):
                merged |= plain(document)
        return self._validated("settings.yaml", merged, Settings)

    def _nearest_file(self, roots: list[Path], name: str) -> Path | None:
        for root in roots:
            if (root / "config" / name).is_file():
                return root / "config" / name
        self.problems.append(Problem(f"config/{name}", 0, 0, t("is missing")))
        return None

    def _folder(self, roots: list[Path], folder: str) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for root in reversed(roots):
            for path in sorted((root / "config" / folder).glob("*")):
                if path.suffix == ".yaml":
                    found[path.stem] = path
                elif not path.name.startswith("."):
                    self.problems.append(Problem(self._shown(path), 0, 0, t("is not read: the name must end in .yaml")))
        return dict(sorted(found.items()))

    def _expectations(self, roots: list[Path]) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for root in reversed(roots):
            base = root / "expectations"
            for path in sorted([*base.glob("*.json"), *base.glob("checks/*.sql")]):
                found[path.relative_to(base).as_posix()] = path
        return dict(sorted(found.items()))

    def _single(self, path: Path | None, name: str, model: type[SomeModel]) -> SomeModel | None:
        if path is None:
            return None
        document = self.document(path, name)
        return None if document is None else self._validated(name, plain(document), model)

    def _many(self, paths: dict[str, Path], folder: str, model: type[SomeModel]) -> dict[str, SomeModel]:
        found: dict[str, SomeModel] = {}
        for stem, path in paths.items():
            name = f"{folder}/{stem}.yaml"
            item = self._single(path, name, model)
            if item is None:
                continue
            if getattr(item, "id", stem) != stem:
                self.report(name, ("id",), t('id must be the file\'s name, "{stem}"', stem=stem))
            found[stem] = item
        return found

    def _validated(self, name: str, data: object, model: type[SomeModel]) -> SomeModel | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for location, message in explain_validation(error, model):
                self.report(name, location, message)
            return None

    def _digest(self, topics: Path, expectations: dict[str, Path]) -> str:
        contents: dict[str, Any] = {name: plain(document) for name, document in self.documents.items()}
        contents[TOPICS_FILE] = sha256_file(topics)
        contents["expectations"] = {name: sha256_file(path) for name, path in expectations.items()}
        return sha256_text(canonical_json(contents))


class _CrossChecks:
    """Everything one file says about another: names must exist, and the error gives the nearest one that does."""

    def __init__(self, loader: _Loader, config: Config, present: dict[str, frozenset[str]]) -> None:
        self.loader = loader
        self.config = config
        self.present = present

    @cached_property
    def topic_ids(self) -> frozenset[str]:
        """Return the ids of the topic table."""
        with self.config.topics_path.open(encoding="utf-8", newline="") as stream:
            return frozenset(row["topic_id"] for row in csv.DictReader(stream))

    def run(self) -> None:
        """Gather all problems."""
        self._settings()
        for stem, source in self.config.sources.items():
            self._source(f"sources/{stem}.yaml", source)
        for stem, technology in self.config.technologies.items():
            self._technology(f"technologies/{stem}.yaml", technology)
        for stem, reference_list in self.config.reference_lists.items():
            self._reference_list(f"reference_lists/{stem}.yaml", reference_list)

    def _known(self, name: str, location: tuple[int | str, ...], value: str, valid: Iterable[str], where: str) -> None:
        options = list(valid)
        if value not in options:
            message = t('"{value}" is not in {where}.', value=value, where=where) + nearest(value, options)
            self.loader.report(name, location, message)

    def _settings(self) -> None:
        settings, known = self.config.settings, [*sorted(self.present["sources"]), *(["sample"] if self.config.sample else [])]
        self._known("settings.yaml", ("focal_country",), settings.focal_country, self.config.countries, "config/countries.yaml")
        for index, source_id in enumerate(settings.sources):
            self._known("settings.yaml", ("sources", index), source_id, known, "config/sources/")
        if self.config.sample:
            for index, source_id in enumerate(self.config.sample.produces):
                self._known("sources/sample.yaml", ("produces", index), source_id, sorted(self.present["sources"]), "config/sources/")

    def _source(self, name: str, source: Source) -> None:
        for index, key in enumerate(source.caveats):
            self._known(name, ("caveats", index), key, self.config.caveats, "config/caveats.yaml")
        if source.table is None:
            return
        own = [series.id for series in source.table.series]
        elsewhere = {
            series.id for other in self.config.sources.values() if other.table and other.id != source.id for series in other.table.series
        }
        for index, series in enumerate(source.table.series):
            if series.universe is not None:
                self._known(name, ("table", "series", index, "universe"), series.universe, own, t("this source's series"))
            if own.index(series.id) != index or series.id in elsewhere:
                self.loader.report(name, ("table", "series", index, "id"), t('series "{id}" is declared twice', id=series.id))

    def _technology(self, name: str, technology: Technology) -> None:
        self._known(name, ("domain",), technology.domain, self.config.domains, "config/domains.yaml")
        for index, topic in enumerate(technology.works.topics):
            self._known(name, ("works", "topics", index), topic, self.topic_ids, f"config/{TOPICS_FILE}")
        for index, link in enumerate(technology.statistics):
            if self._can_judge_series(link.series):
                self._known(name, ("statistics", index, "series"), link.series, self.config.series, "config/sources/*.yaml (table.series)")
        self._once(name, "statistics", [link.series for link in technology.statistics])
        self._once(name, "supply", [f"{link.commodity}/{link.stage}" for link in technology.supply])
        for index, cross in enumerate(technology.crosswalk):
            place: tuple[int | str, ...] = ("crosswalk", index)
            if cross.list_id not in self.present["reference_lists"]:
                self._known(name, (*place, "list"), cross.list_id, sorted(self.present["reference_lists"]), "config/reference_lists/")
            elif cross.list_id in self.config.reference_lists:
                items = [item.id for item in self.config.reference_lists[cross.list_id].items]
                self._known(name, (*place, "item"), cross.item, items, f"config/reference_lists/{cross.list_id}.yaml")
        for key in ("replaces", "replaced_by"):
            for index, other in enumerate(getattr(technology, key)):
                self._known(name, (key, index), other, sorted(self.present["technologies"]), "config/technologies/")

    def _once(self, name: str, key: str, links: list[str]) -> None:
        for index, link in enumerate(links):
            if links.index(link) != index:
                self.loader.report(name, (key, index), t('"{value}" is linked twice', value=link))

    def _can_judge_series(self, series_id: str) -> bool:
        """Tell whether the source of a series is declared here; `source:series` of an absent source waits until it is."""
        if self.present["sources"] - self.config.sources.keys():
            return False
        return ":" not in series_id or series_id.split(":")[0] in self.config.sources

    def _reference_list(self, name: str, reference_list: ReferenceList) -> None:
        ids = [item.id for item in reference_list.items]
        for index, item in enumerate(reference_list.items):
            self._known(name, ("items", index, "domain"), item.domain, self.config.domains, "config/domains.yaml")
            if ids.index(item.id) != index:
                self.loader.report(name, ("items", index, "id"), t('item "{id}" stands twice', id=item.id))
        for index, gap in enumerate(reference_list.out_of_scope):
            self._known(name, ("out_of_scope", index, "item"), gap.item, ids, t("this list's items"))
