"""The workspace and its configuration, read whole.

Every defect is reported at once with file, line and column.

A workspace is a folder with `config/` and `expectations/`. `settings.yaml` may say `extends: PATH`: what a
workspace does not declare it inherits, file by file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from listgen.base.errors import ConfigError, Problem, UsageError
from listgen.base.provenance import canonical_json, sha256_file, sha256_text
from listgen.base.text import t
from listgen.config.checks import CPC_FILE, TOPICS_FILE, Present, Scope, check_configuration
from listgen.config.models import (
    Caveats,
    Commodities,
    Countries,
    Domains,
    HsCodes,
    LicenceRule,
    ReferenceList,
    SampleWorld,
    Settings,
    Technology,
    source_model,
)
from listgen.config.problems import explain_validation
from listgen.config.review import ReviewRules
from listgen.config.salvage import salvage
from listgen.config.scoring import Scoring
from listgen.config.workspace import Config, Provider, Workspace
from listgen.config.yamlfile import find_places, load_yaml, place_of, plain

__all__ = ["Config", "Workspace", "find_root", "read_workspace"]

SomeModel = TypeVar("SomeModel", bound=BaseModel)

_SINGLE_FILES = ("scoring.yaml", "countries.yaml", "domains.yaml", "caveats.yaml")
_FOLDERS = ("sources", "technologies", "reference_lists")


# What the checks across files see in the place of a file that could not be read.
_NO_SETTINGS = Settings.model_construct(focal_country="", sources=[], like_minded=[], licences=LicenceRule())
_NO_SCORING = Scoring.model_construct(axes={})


def _resolved(root: Path, parent: str) -> Path:
    """Return the workspace that another one extends; the same one where there is no workspace."""
    try:
        found = (root / parent).resolve()
        return found if (found / "config" / "settings.yaml").is_file() else root
    except (OSError, ValueError, RuntimeError):  # no folder can have this name
        return root


def find_root(path: Path | None = None) -> Path:
    """Return the workspace folder.

    The argument, LISTGEN_WORKSPACE, or the nearest folder upward that has `config/settings.yaml`.

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


def read_workspace(path: Path | None, providers: Mapping[str, Provider]) -> Workspace:
    """Return the workspace with its configuration read and checked.

    Args:
        path: The workspace, see `find_root`.
        providers: Those a source may be fetched from, by the key of their block.

    Raises:
        UsageError: There is no workspace.
        ConfigError: The configuration has defects; all of them are in it.
    """
    root = find_root(path)
    return Workspace(root, _Loader(root, providers).load(), providers)


class _Loader:
    """Reads the files of one workspace and gathers every problem before it gives up."""

    def __init__(self, root: Path, providers: Mapping[str, Provider]) -> None:
        self.root = root
        self.providers = providers
        self.problems: list[Problem] = []
        self.documents: dict[str, Any] = {}
        self.paths: dict[str, Path] = {}
        self.places: dict[str, Any] = {}
        self.broken: set[str] = set()

    def load(self) -> Config:
        """Return the checked configuration or raise all problems together."""
        roots = self._lineage()
        settings = self._settings(roots)
        files = {name: self._nearest_file(roots, name) for name in _SINGLE_FILES}
        folders = {folder: self._folder(roots, folder) for folder in _FOLDERS}
        config = self._config(roots, settings, files, folders)
        topics, subclasses = (self._nearest_file(roots, name) for name in (TOPICS_FILE, CPC_FILE))
        config = replace(config, topics_path=topics or self.root, expectation_files=self._expectations(roots))
        # Names of files that exist but are broken count as known, so that one defect is not told twice.
        present = {folder: frozenset(paths) for folder, paths in folders.items()}
        broken = {f"config/{name}" for name in _SINGLE_FILES if files[name] is None} | {
            f"config/{name}" for name in self.broken
        }
        if settings and topics and subclasses and not self.problems:
            contents = self._contents(settings, topics, config.expectation_files)
            config = replace(config, contents=contents, digest=sha256_text(canonical_json(contents)))
        scope = Scope(
            self.report, config, Present(present, topics, subclasses, frozenset(broken)), self.providers
        )
        check_configuration(scope, self.documents)
        if self.problems:
            raise ConfigError(self.problems)
        return config

    def _config(
        self,
        roots: list[Path],
        settings: Settings | None,
        files: Mapping[str, Path | None],
        folders: Mapping[str, dict[str, Path]],
    ) -> Config:
        """Return what could be read.

        The rest is left empty: the checks across files say nothing about the names in a broken file.
        """
        scoring = self._single(files["scoring.yaml"], "scoring.yaml", Scoring)
        countries = self._single(files["countries.yaml"], "countries.yaml", Countries)
        domains = self._single(files["domains.yaml"], "domains.yaml", Domains)
        caveats = self._single(files["caveats.yaml"], "caveats.yaml", Caveats)
        # Only the expert review needs the first, only what technologies name by HS code or under supply the
        # others.
        review = self._single(self._find_file(roots, "review.yaml"), "review.yaml", ReviewRules)
        hs_codes = self._single(self._find_file(roots, "hs_codes.yaml"), "hs_codes.yaml", HsCodes)
        materials = self._single(self._find_file(roots, "commodities.yaml"), "commodities.yaml", Commodities)
        sample_path = folders["sources"].pop("sample", None)
        sample = self._single(sample_path, "sources/sample.yaml", SampleWorld) if sample_path else None
        source_shape = source_model({name: one.access_model for name, one in self.providers.items()})
        return Config(
            settings=settings or _NO_SETTINGS,
            scoring=scoring or _NO_SCORING,
            countries=countries.countries if countries else {},
            domains={domain.id: domain for domain in domains.domains} if domains else {},
            caveats=caveats.caveats if caveats else {},
            sources=self._many(folders["sources"], "sources", source_shape),
            sample=sample,
            technologies=self._many(folders["technologies"], "technologies", Technology),
            reference_lists=self._many(folders["reference_lists"], "reference_lists", ReferenceList),
            topics_path=self.root,
            expectation_files={},
            digest="",
            contents={},
            review=review,
            hs_codes=hs_codes.hs_codes if hs_codes else {},
            commodities=materials.commodities if materials else {},
            stages=materials.stages if materials else {},
        )

    def document(self, path: Path, name: str) -> Any:  # noqa: ANN401 - any YAML document
        """Return a file's document, remembered under its name; problems are gathered and None is returned."""
        shown = self._shown(path)
        self.paths[name] = path
        try:
            self.documents[name] = load_yaml(path, shown)
        except ConfigError as error:
            self.problems += error.problems
            self.documents[name] = None
            self.broken.add(name)
        return self.documents[name]

    def report(self, name: str, location: tuple[int | str, ...], message: str) -> None:
        """Keep one problem at a place inside a file already read."""
        if name in self.paths and name not in self.places:
            self.places[name] = find_places(self.paths[name], self._shown(self.paths[name]))
        line, column = place_of(self.places.get(name), location)
        shown = self._shown(self.paths[name]) if name in self.paths else name
        self.problems.append(Problem(shown, line, column, message))

    def _shown(self, path: Path) -> str:
        return os.path.relpath(path, self.root) if path.is_absolute() else str(path)

    def _lineage(self) -> list[Path]:
        """Return the workspace and those it inherits from.

        Where the chain breaks is a problem like any other.
        """
        roots, root = [self.root], self.root
        while True:
            path = root / "config" / "settings.yaml"
            try:
                document = load_yaml(path, self._shown(path))
            except ConfigError as error:
                self.problems += error.problems
                return roots
            parent = document.get("extends") if isinstance(document, dict) else None
            if not parent:
                return roots
            root = _resolved(root, str(parent))
            if root in roots:
                line, column = place_of(find_places(path, self._shown(path)), ("extends",))
                reason = t(
                    'extends "{parent}" is no other workspace (no config/settings.yaml there)',
                    parent=str(parent)[:120],
                )
                self.problems.append(Problem(self._shown(path), line, column, reason))
                return roots
            roots.append(root)

    def _settings(self, roots: list[Path]) -> Settings | None:
        merged: dict[str, Any] = {}
        for root in reversed(roots):
            document = self.document(root / "config" / "settings.yaml", "settings.yaml")
            if isinstance(document, dict):
                merged |= plain(document)
            elif "settings.yaml" not in self.broken:
                self.report("settings.yaml", (), t("must be keys with values"))
                self.broken.add("settings.yaml")
        if "settings.yaml" in self.broken:
            return salvage(Settings, merged)[0]
        return self._validated("settings.yaml", merged, Settings)

    def _nearest_file(self, roots: list[Path], name: str) -> Path | None:
        found = self._find_file(roots, name)
        if found is None:
            self.problems.append(Problem(f"config/{name}", 0, 0, t("is missing")))
        return found

    def _find_file(self, roots: list[Path], name: str) -> Path | None:
        return next((root / "config" / name for root in roots if (root / "config" / name).is_file()), None)

    def _folder(self, roots: list[Path], folder: str) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for root in reversed(roots):
            for path in sorted((root / "config" / folder).glob("*")):
                if path.suffix == ".yaml":
                    found[path.stem] = path
                elif not path.name.startswith("."):
                    self.problems.append(
                        Problem(self._shown(path), 0, 0, t("is not read: the name must end in .yaml"))
                    )
        return dict(sorted(found.items()))

    def _expectations(self, roots: list[Path]) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for root in reversed(roots):
            base = root / "expectations"
            for path in sorted([*base.glob("*.json"), *base.glob("checks/*.sql")]):
                if path.is_file():
                    found[path.relative_to(base).as_posix()] = path
                else:
                    self.problems.append(Problem(self._shown(path), 0, 0, t("is not a regular file")))
        return dict(sorted(found.items()))

    def _single(self, path: Path | None, name: str, model: type[SomeModel]) -> SomeModel | None:
        if path is None:
            return None
        document = self.document(path, name)
        return None if name in self.broken else self._validated(name, plain(document), model)

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
            self.broken.add(name)
            for location, message in explain_validation(error, model):
                self.report(name, location, message)
            meant, broken = salvage(model, data)
            for location, message in broken:
                self.report(name, location, message)
            return meant

    def _contents(self, settings: Settings, topics: Path, expectations: dict[str, Path]) -> dict[str, Any]:
        """Return what the workspace declares, by file.

        Of the settings what holds after inheriting, of large files the digest.
        """
        contents: dict[str, Any] = {name: plain(document) for name, document in self.documents.items()}
        contents["settings.yaml"] = settings.model_dump(mode="json", exclude={"extends"})
        contents[TOPICS_FILE] = sha256_file(topics)
        return contents | {f"expectations/{name}": sha256_file(path) for name, path in expectations.items()}
