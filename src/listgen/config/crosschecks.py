"""What configuration files say about one another: names must exist, and the error gives the nearest one that does."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from listgen.base.errors import nearest
from listgen.base.text import LANGUAGES, t
from listgen.config.models import ReferenceList, Source, Table, Technology
from listgen.config.shapes import is_to_fill
from listgen.config.workspace import Config

TOPICS_FILE = "openalex_topics.csv"
CPC_FILE = "cpc_subclasses.csv"

Location = tuple[int | str, ...]
Report = Callable[[str, Location, str], None]

# "(rocket_propulsion)", "(radar_sensing, imaging_systems)": how a scope names the technologies beside it.
_NAMED = re.compile(r"\(([a-z][a-z0-9_]*(?:, ?[a-z][a-z0-9_]*)*)\)")
_CPC = re.compile(r"[A-HY]\d\d(?:[A-Z](?:\d{1,4}(?:/\d{1,6})?)?)?")
_DIGITS = str.maketrans("OIL", "011")  # letters taken for digits
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
# From here on two names are more likely one with a slip than two.
_SLIP = 0.8
_LIVE = ("active", "proposed")


class CrossChecks:
    """Gathers every problem that cannot be seen in one file alone.

    Args:
        report: Takes a file's name, a place inside it and what is wrong there.
        config: What could be read.
        present: Names of the files of each folder, broken ones too, so that one defect is not told twice.
        subclasses: The table of CPC subclasses.
    """

    def __init__(self, report: Report, config: Config, present: Mapping[str, frozenset[str]], subclasses: Path) -> None:
        self.report = report
        self.config = config
        self.present = present
        self.subclasses = subclasses

    @cached_property
    def topic_ids(self) -> frozenset[str]:
        """Return the ids of the topic table."""
        return _column(self.config.topics_path, "topic_id")

    @cached_property
    def cpc_starts(self) -> frozenset[str]:
        """Return the CPC subclasses and the classes they lie in."""
        found = _column(self.subclasses, "cpc_subclass")
        return found | {symbol[:3] for symbol in found}

    def run(self, documents: Mapping[str, object]) -> None:
        """Report all problems.

        Args:
            documents: The files as read, by name.
        """
        self._settings()
        for stem, source in self.config.sources.items():
            self._source(f"sources/{stem}.yaml", source)
        for stem, technology in self.config.technologies.items():
            name = f"technologies/{stem}.yaml"
            self._technology(name, technology)
            self._evidence(name, technology)
            self._lineage(name, technology)
            self._neighbours(name, technology)
        for source_id in self.config.settings.sources:
            name = f"sources/{source_id}.yaml"
            for location in _unfilled(documents.get(name), ()):
                key = ".".join(map(str, location))
                self.report(name, location, t("{key} is a draft's text still to be filled in; a source in use says it", key=key))
        self._duplicates()
        self._commodities()
        self._lists_twice()
        self._left_behind()
        for stem, reference_list in self.config.reference_lists.items():
            self._reference_list(f"reference_lists/{stem}.yaml", reference_list)
        for name, document in documents.items():
            for location in _copied_texts(document, ()):
                self.report(name, location, t("the Japanese text is a copy of the English one; write it in Japanese"))

    def _known(self, name: str, location: Location, value: str, valid: Iterable[str], where: str) -> None:
        options = list(valid)
        if value not in options:
            message = t('"{value}" is not in {where}.', value=value, where=where) + nearest(value, options)
            self.report(name, location, message)

    def _country(self, name: str, location: Location, code: str) -> None:
        """Report a code that is no country's; who wrote a country's name is told its code."""
        if code not in self.config.countries:
            named = {
                spelt.casefold(): iso for iso, one in self.config.countries.items() for spelt in (one.name.en, one.name.ja, *one.aliases)
            }
            found = get_close_matches(code.casefold(), named, n=1, cutoff=_SLIP)
            near = nearest(named[found[0]] if found else code, self.config.countries)
            self.report(name, location, t('"{value}" is not in {where}.', value=code, where="config/countries.yaml") + near)

    def _settings(self) -> None:
        settings, known = self.config.settings, [*sorted(self.present["sources"]), *(["sample"] if self.config.sample else [])]
        self._country("settings.yaml", ("focal_country",), settings.focal_country)
        for index, source_id in enumerate(settings.sources):
            self._known("settings.yaml", ("sources", index), source_id, known, "config/sources/")
            if source_id in self.config.sources:
                self._licence(("sources", index), self.config.sources[source_id])
        for index, code in enumerate(settings.like_minded):
            self._country("settings.yaml", ("like_minded", index), code)
        if self.config.sample:
            for index, source_id in enumerate(self.config.sample.produces):
                self._known("sources/sample.yaml", ("produces", index), source_id, sorted(self.present["sources"]), "config/sources/")

    def _licence(self, location: Location, source: Source) -> None:
        """Report a source whose terms the workspace does not accept."""
        rule, licence = self.config.settings.licences, source.licence
        if licence.licence_class not in rule.classes:
            message = t(
                'the licence of "{source}" is of class {found}; this workspace builds from {classes} only (licences.classes)',
                source=source.id,
                found=licence.licence_class,
                classes=", ".join(rule.classes),
            )
            self.report("settings.yaml", location, message)
        if licence.is_non_commercial and not rule.non_commercial:
            message = t(
                'the licence of "{source}" ({licence}) excludes commercial use, which this workspace does not accept (licences.non_commercial)',
                source=source.id,
                licence=licence.id,
            )
            self.report("settings.yaml", location, message)

    def _source(self, name: str, source: Source) -> None:
        for index, key in enumerate(source.caveats):
            self._known(name, ("caveats", index), key, self.config.caveats, "config/caveats.yaml")
        for index, code in enumerate(source.comtrade.reporters if source.comtrade else []):
            numbered = [known for known, country in self.config.countries.items() if country.m49]
            self._known(name, ("comtrade", "reporters", index), code, numbered, t("config/countries.yaml with a number (m49)"))
        if source.table is not None:
            self._table(name, source, source.table)

    def _table(self, name: str, source: Source, table: Table) -> None:
        for printed, code in table.areas.items():
            if code != "WORLD":
                self._country(name, ("table", "areas", printed), code)
        own = [series.id for series in table.series]
        elsewhere = {
            series.id for other in self.config.sources.values() if other.table and other.id != source.id for series in other.table.series
        }
        for index, series in enumerate(table.series):
            for place, key in enumerate(series.caveats):
                self._known(name, ("table", "series", index, "caveats", place), key, self.config.caveats, "config/caveats.yaml")
            if series.universe is not None:
                self._known(name, ("table", "series", index, "universe"), series.universe, own, t("this source's series"))
            if own.index(series.id) != index or series.id in elsewhere:
                self.report(name, ("table", "series", index, "id"), t('series "{id}" is declared twice', id=series.id))

        for index, control in enumerate(table.controls):
            if control.series is not None:
                self._known(name, ("table", "controls", index, "series"), control.series, own, t("this source's series"))

    # ---- technologies -------------------------------------------------------------------------------------------------

    def _technology(self, name: str, technology: Technology) -> None:
        self._known(name, ("domain",), technology.domain, self.config.domains, "config/domains.yaml")
        for index, cross in enumerate(technology.crosswalk):
            place: Location = ("crosswalk", index)
            self._item(name, (*place, "list"), cross.list_id, (*place, "item"), cross.item)
        by = technology.nomination.by
        if isinstance(by, str):
            self._item(name, ("nomination", "by"), by.split("/")[0], ("nomination", "by"), by)

    def _item(self, name: str, list_place: Location, list_id: str, item_place: Location, item: str) -> None:
        """Report a list, or an item of it, that does not exist; a list that exists but is broken is told on its own."""
        if list_id not in self.present["reference_lists"]:
            self._known(name, list_place, list_id, sorted(self.present["reference_lists"]), "config/reference_lists/")
        elif list_id in self.config.reference_lists:
            items = [one.id for one in self.config.reference_lists[list_id].items]
            self._known(name, item_place, item, items, f"config/reference_lists/{list_id}.yaml")

    def _left_behind(self) -> None:
        """Report list items that only a technology no longer assessed is linked to: nobody would see that they are lost."""
        live = {cross.item for one in self.config.technologies.values() if one.status in _LIVE for cross in one.crosswalk}
        gaps = {gap.item for one in self.config.reference_lists.values() for gap in one.out_of_scope}
        for stem, technology in self.config.technologies.items():
            for index, cross in enumerate(technology.crosswalk if technology.status not in _LIVE else []):
                if cross.item not in live | gaps:
                    successors = ", ".join(technology.replaced_by) or t("no successor")
                    values = {"item": cross.item, "status": technology.status, "successors": successors}
                    message = t('only this technology is linked to "{item}", and it is {status} ({successors}); link another one', **values)
                    self.report(f"technologies/{stem}.yaml", ("crosswalk", index, "item"), message)

    def _evidence(self, name: str, technology: Technology) -> None:
        for index, topic in enumerate(technology.works.topics):
            if topic not in self.topic_ids:
                message = t('"{value}" is not in {where}.', value=topic, where=f"config/{TOPICS_FILE}")
                self.report(name, ("works", "topics", index), message + nearest(topic.upper().translate(_DIGITS), sorted(self.topic_ids)))
        if technology.works.keywords and not technology.works.topics:
            message = t("keywords only widen what is fetched, a work counts for a technology by its topic: give works.topics as well")
            self.report(name, ("works", "keywords"), message)
        for index, prefix in enumerate(technology.patents.cpc):
            if not _CPC.fullmatch(prefix):
                message = t('"{value}" must be the beginning of a CPC symbol without blanks, such as H01L29 or G06N10/20.', value=prefix)
                self.report(name, ("patents", "cpc", index), message + self._nearest_cpc(prefix))
            elif prefix[:4] not in self.cpc_starts:
                message = t('"{value}" lies in no CPC subclass of config/cpc_subclasses.csv.', value=prefix)
                self.report(name, ("patents", "cpc", index), message + self._nearest_cpc(prefix))
        for index, code in enumerate(technology.hs_codes):
            self._known(name, ("hs_codes", index), code, self.config.hs_codes, "config/hs_codes.yaml")
        for index, link in enumerate(technology.statistics):
            if self._can_judge_series(link.series):
                self._known(name, ("statistics", index, "series"), link.series, self.config.series, "config/sources/*.yaml (table.series)")
        self._once(name, "statistics", [link.series for link in technology.statistics])
        self._once(name, "supply", [f"{link.commodity}/{link.stage}" for link in technology.supply])

    def _nearest_cpc(self, prefix: str) -> str:
        """Return the nearest symbol of a subclass that exists; groups are taken as written."""
        group = re.search(r"\d*(?:/\d+)?$", prefix[3:].replace("-", "/"))
        options = [start + group[0] for start in sorted(self.cpc_starts) if group and _CPC.fullmatch(start + group[0])]
        return nearest(prefix.upper(), options or sorted(self.cpc_starts))

    def _once(self, name: str, key: str, links: list[str]) -> None:
        for index, link in enumerate(links):
            if links.index(link) != index:
                self.report(name, (key, index), t('"{value}" is linked twice', value=link))

    def _can_judge_series(self, series_id: str) -> bool:
        """Tell whether the source of a series is declared here; `source:series` of an absent source waits until it is."""
        if self.present["sources"] - self.config.sources.keys():
            return False
        return ":" not in series_id or series_id.split(":")[0] in self.config.sources

    def _lineage(self, name: str, technology: Technology) -> None:
        """Report a history of ids that the two sides tell differently, or that a status contradicts."""
        is_live = technology.status in _LIVE
        if is_live and technology.replaced_by:
            message = t('status is "{status}", but replaced_by names a successor; set merged or retired', status=technology.status)
            self.report(name, ("replaced_by",), message)
        if technology.status == "merged" and not technology.replaced_by:
            self.report(name, ("status",), t('status is "merged", but replaced_by does not say into what'))
        for key, back in (("replaces", "replaced_by"), ("replaced_by", "replaces")):
            for index, other_id in enumerate(getattr(technology, key)):
                self._known(name, (key, index), other_id, sorted(self.present["technologies"]), "config/technologies/")
                other = self.config.technologies.get(other_id)
                if other is None:
                    continue
                if technology.id not in getattr(other, back) or other_id == technology.id:
                    values = {"key": key, "other": other_id, "back": back, "id": technology.id}
                    message = t('{key} names "{other}", but technologies/{other}.yaml does not say {back}: [{id}]', **values)
                    self.report(name, (key, index), message)
                if key == "replaces" and other.status in _LIVE:
                    values = {"other": other_id, "status": other.status}
                    message = t('replaces names "{other}", whose status is "{status}"; set it to merged or retired', **values)
                    self.report(name, (key, index), message)

    def _neighbours(self, name: str, technology: Technology) -> None:
        """Report a scope that sends the reader to a technology that is gone or never was."""
        for side, texts in (("in", technology.scope.includes), ("out", technology.scope.excludes)):
            for index, text in enumerate(texts):
                for language in LANGUAGES:
                    for other_id in _named_technologies(getattr(text, language)):
                        self._neighbour(name, ("scope", side, index, language), technology, other_id)

    def _neighbour(self, name: str, location: Location, technology: Technology, other_id: str) -> None:
        other = self.config.technologies.get(other_id)
        if other is not None:
            if other.status not in _LIVE and technology.status in _LIVE:
                successors = ", ".join(other.replaced_by) or t("no successor")
                values = {"id": other_id, "status": other.status, "successors": successors}
                self.report(name, location, t('names technology "{id}", which is {status} ({successors})', **values))
        elif "_" in other_id:  # One word in brackets may be any word; with an underscore it is meant as an id.
            self._known(name, location, other_id, sorted(self.present["technologies"]), "config/technologies/")

    def _duplicates(self) -> None:
        """Report two living definitions under one name, or made of the same topics and symbols; the later file is the duplicate."""
        names: dict[tuple[str, str], str] = {}
        contents: dict[tuple[frozenset[str], frozenset[str]], str] = {}
        for stem, technology in self.config.technologies.items():
            if technology.status not in _LIVE:
                continue  # a successor may keep the name of the one it replaces
            for language in LANGUAGES:
                text = getattr(technology.name, language)
                first = names.setdefault((language, _folded(text)), stem)
                if first != stem:
                    message = t('"{value}" is also the name of technologies/{other}.yaml', value=text, other=first)
                    self.report(f"technologies/{stem}.yaml", ("name", language), message)
            content = frozenset(technology.works.topics), frozenset(technology.patents.cpc)
            first = contents.setdefault(content, stem) if any(content) else stem
            if first != stem:
                message = t(
                    "has exactly the topics and CPC prefixes of technologies/{other}.yaml; they would be one technology", other=first
                )
                self.report(f"technologies/{stem}.yaml", ("works",), message)

    def _commodities(self) -> None:
        """Report a material or stage that nobody declares: a slip takes its figures out silently."""
        where = t("config/commodities.yaml or a table of config/sources/")
        for key, named in (("commodity", self.config.commodities), ("stage", self.config.stages)):
            declared: set[str] = set()
            for stem, source in self.config.sources.items():
                for location, one in _materials(source.table, key):
                    declared.add(one)
                    # A table may bring a material nobody has named yet; one that nearly is a known one is a slip.
                    if one not in named and (near := get_close_matches(one, named, n=1, cutoff=_SLIP)):
                        self._known(f"sources/{stem}.yaml", location, one, near, "config/commodities.yaml")
            known = sorted({*named, *declared})
            links = [getattr(link, key) for technology in self.config.technologies.values() for link in technology.supply]
            if not named and not declared.issuperset(links):
                self.report("config/commodities.yaml", (), t("is missing"))
                return
            for stem, technology in self.config.technologies.items():
                for index, link in enumerate(technology.supply):
                    self._known(f"technologies/{stem}.yaml", ("supply", index, key), getattr(link, key), known, where)

    # ---- lists --------------------------------------------------------------------------------------------------------

    def _reference_list(self, name: str, reference_list: ReferenceList) -> None:
        ids = [item.id for item in reference_list.items]
        if reference_list.country_code is not None:
            self._country(name, ("country_code",), reference_list.country_code)
        for index, item in enumerate(reference_list.items):
            self._known(name, ("items", index, "domain"), item.domain, self.config.domains, "config/domains.yaml")
            if ids.index(item.id) != index:
                self.report(name, ("items", index, "id"), t('item "{id}" stands twice', id=item.id))
            if not re.fullmatch(rf"{re.escape(reference_list.id)}/\d+", item.id):
                message = t('item "{id}" must be named after its list and counted, such as {list}/01', id=item.id, list=reference_list.id)
                self.report(name, ("items", index, "id"), message)
        if not reference_list.id.endswith(f"_{reference_list.published[:4]}"):
            message = t(
                'is "{published}", but the id says {id}: it ends in the year of publication',
                published=reference_list.published,
                id=reference_list.id,
            )
            self.report(name, ("published",), message)
        for index, gap in enumerate(reference_list.out_of_scope):
            self._known(name, ("out_of_scope", index, "item"), gap.item, ids, t("this list's items"))

    def _lists_twice(self) -> None:
        """Report a list that stands here under two ids; a later edition bears the same name and another date."""
        first: dict[tuple[str, str, str], str] = {}
        for stem, one in self.config.reference_lists.items():
            other = first.setdefault((_folded(one.jurisdiction.en), _folded(one.name.en), one.published), stem)
            if other != stem:
                message = t("has the name, issuer and date of reference_lists/{other}.yaml; a later edition has another date", other=other)
                self.report(f"reference_lists/{stem}.yaml", ("name",), message)


def _materials(table: Table | None, key: str) -> Iterator[tuple[Location, str]]:
    """Yield the materials (or stages) a declared table names itself; those in its cells are only known once it is read."""
    if table is not None:
        constant = getattr(table.constants, key)
        if constant is not None:
            yield ("table", "constants", key), constant
        for index, one in enumerate(table.commodities):
            yield ("table", "commodities", index, key), getattr(one, key)


def _column(path: Path, column: str) -> frozenset[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return frozenset(row[column] for row in csv.DictReader(stream) if row.get(column))


def _folded(text: str) -> str:
    """Return a name without what nobody reads as a difference: width, case and blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _named_technologies(text: str) -> Iterator[str]:
    for group in _NAMED.findall(text.replace("（", "(").replace("）", ")").replace("、", ", ")):
        yield from re.split(r", ?", group)


def _unfilled(node: object, location: Location) -> Iterator[Location]:
    """Yield the places a draft left to a person."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _unfilled(value, (*location, key if isinstance(key, int) else str(key)))
    elif is_to_fill(node):
        yield location


def _copied_texts(node: object, location: Location) -> Iterator[Location]:
    """Yield the places where a Japanese sentence is the English one; names such as "Open RAN" may be the same in both."""
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from _copied_texts(value, (*location, index))
    elif isinstance(node, dict):
        english, japanese = node.get("en"), node.get("ja")
        if isinstance(japanese, str) and japanese == english and len(japanese.split()) > 3 and not _JAPANESE.search(japanese):
            yield (*location, "ja")
        for key, value in node.items():
            yield from _copied_texts(value, (*location, str(key)))
