"""What differs between two builds, and what can have caused it.

The providers' data, the configuration, the method, the libraries.

Reads: candidates.json, manifest.json and config.json of finished builds.
Writes: nothing.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from listgen.base.errors import DataError
from listgen.base.imports import imported_files
from listgen.base.provenance import PACKAGE
from listgen.base.text import CATALOGUE, bilingual, t
from listgen.config.scoring import AXES
from listgen.outputs.candidates import Axis, Candidates, Entry
from listgen.outputs.manifest import Manifest
from listgen.store.builds import CONFIG, DOCUMENT, MANIFEST

Row = dict[str, Any]

CAUSES = ("data", "decisions", "config", "method", "libraries")
_DECISIONS = "review_decisions"
_WHOLE = ("core.country_output", "_rta", "symmetric")
# Every figure is made by what the pipeline imports and, by name, by a connector of `acquire`. The report, the
# trace and the documents only show it.
_MAKES = ("pipeline", "acquire")
_SHOWS = ("report", "trace", "outputs")
_WORDS = frozenset({"text.py", CATALOGUE})  # every module imports them, and no figure comes from a text
_OWN = "technologies/"
# Configuration that only names and explains: whole files, and keys anywhere. What it changes is read, not
# computed.
_TOLD_FILES = ("reference_lists/", "caveats.yaml", "commodities.yaml", "domains.yaml")
_TOLD_KEYS = re.compile(
    r"(^|\.)(en|ja|name|title|definition|scope|nomination|history|crosswalk|note|why|text|meaning|description|citation|producer|url)(\.|\[|$)"
)
# Which bytes a source takes is seen in the bytes: its date and paths are no judgement of ours.
_PLACE_KEYS = re.compile(r"as_of|files\[\d+\](\.path)?")
_MAX_KEYS = 40
_ABSENT = "–"


@dataclass(frozen=True)
class State:
    """One build as far as a comparison needs it."""

    run_id: str
    document: Candidates
    raw: list[list[str | None]]
    parts: dict[str, dict[str, str]]
    seed: int | None
    contents: dict[str, Any] | None
    accepted_shift: Row | None = None


def read_state(folder: Path) -> State:
    """Return a finished build as a state.

    Raises:
        UpgradeNeededError: Its documents have an earlier schema version.
        DataError: Its list or manifest cannot be read.
    """
    try:
        manifest, document = Manifest.load(folder / MANIFEST), Candidates.load(folder / DOCUMENT)
        kept = folder / CONFIG
        contents = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else None
    except (DataError, OSError, ValueError) as error:
        raise DataError(
            t(
                "{folder}: this build cannot be compared ({reason}).",
                folder=folder,
                reason=f"{type(error).__name__}: {error}",
            ),
            t(
                "Expected candidates.json, and a manifest.json that keeps the digests of configuration and"
                " code."
            ),
            t("Build it again with this version: listgen build"),
        ) from error
    inputs = manifest.inputs
    raw: list[list[str | None]] = [list(file) for file in inputs.raw]
    accepted = manifest.accepted_shift.model_dump() if manifest.accepted_shift else None
    return State(manifest.run_id, document, raw, manifest.parts.model_dump(), inputs.seed, contents, accepted)


def compare(before: State, after: State) -> Row:
    """Return the differences between two builds with their possible causes.

    Both sides of every difference are kept.
    """
    old, new = (_by_id(state.document) for state in (before, after))
    causes = find_causes(before, after)
    shared = [i for i in new if i in old]
    countries = {"before": before.document.focal_country, "after": after.document.focal_country}
    is_same_country = countries["before"] == countries["after"]
    # A list for another country judges other things: its statuses, scores and ranks are no gain and no loss.
    moved = _moved(old, new, shared if is_same_country else [], causes)
    n_scores = sum(old[i].axes[a].value != new[i].axes[a].value for i in shared for a in AXES)
    n_values = sum(_n_values_changed(old[i], new[i]) for i in shared)
    is_equal = (
        before.document.entries == after.document.entries and before.document.window == after.document.window
    )
    is_still = is_equal or not (any(moved.values()) or n_scores or n_values or old.keys() ^ new.keys())
    return {
        "before": before.run_id,
        "after": after.run_id,
        "is_equal": is_equal,
        "focal_country": countries,
        "accepted_shift": after.accepted_shift,
        "came": [_named(new[i]) | {"status": new[i].status} for i in new if i not in old],
        "went": [_named(old[i]) | {"status": old[i].status} for i in old if i not in new],
        **moved,
        "n_scores_changed": n_scores,
        "n_values_changed": n_values,
        "window": {
            "before": before.document.window.model_dump(),
            "after": after.document.window.model_dump(),
        },
        "causes": causes,
        "verdict": (
            _whole_verdict(before, after, causes, is_equal=is_equal, is_still=is_still)
            if is_same_country
            else _other_country(countries)
        ),
    }


def _moved(
    old: Mapping[str, Entry], new: Mapping[str, Entry], compared: Sequence[str], causes: Row
) -> dict[str, list[Row]]:
    """Return the statuses, scores and ranks that moved, each with the causes it may come from."""
    status = [
        _named(new[i]) | {"before": old[i].status, "after": new[i].status}
        for i in compared
        if old[i].status != new[i].status
    ]
    axes = [row for i in compared for row in _axes(old[i], new[i])]
    ranks = [row for i in compared for row in _ranks(old[i], new[i])]
    for row in [*status, *axes]:
        own = row["technology_id"]
        row["may_come_from"] = _may_come_from(
            own, causes, is_relative=_has_relative_change(old[own], new[own], row.get("axis"))
        )
    for row in ranks:  # a rank is a place among all technologies
        row["may_come_from"] = _may_come_from(row["technology_id"], causes, is_relative=True)
    return {"status": status, "axes": axes, "ranks": ranks}


def _whole_verdict(
    before: State, after: State, causes: Row, *, is_equal: bool, is_still: bool
) -> dict[str, str]:
    """Return in a sentence what changed between two lists for one country.

    Where several things changed and no figure moved there is nothing to tell apart; one cause alone is named
    in any case.
    """
    if is_equal or (is_still and sum(bool(causes[kind]) for kind in CAUSES) > 1):
        return _nothing_moved(causes)
    return verdict(causes, before.run_id, after.run_id)


def _by_id(document: Candidates) -> dict[str, Entry]:
    return {entry.technology_id: entry for entry in document.entries}


def _named(entry: Entry) -> Row:
    return {"technology_id": entry.technology_id, "name": entry.name}


def _axes(old: Entry, new: Entry) -> Iterator[Row]:
    """Yield the axes whose score came, went, or left the interval it had."""
    for axis_id in AXES:
        was, now = old.axes[axis_id], new.axes[axis_id]
        if was.value is None and now.value is None:
            continue
        if was.value is None or now.value is None:
            kind = "gained" if was.value is None else "lost"
        elif _is_inside(now.value, was) or was.value == now.value:
            continue
        else:
            kind = "moved"
        sides = {
            name: side.model_dump(include={"value", "lo", "hi", "grade"})
            for name, side in (("before", was), ("after", now))
        }
        yield _named(new) | {"axis": axis_id, "kind": kind} | sides


def _is_inside(value: float, axis: Axis) -> bool:
    """Return True if a score is within the interval of an axis."""
    return axis.lo is not None and axis.hi is not None and axis.lo <= value <= axis.hi


def _ranks(old: Entry, new: Entry) -> Iterator[Row]:
    """Yield the ranks whose middle left the range it had."""
    for axis_id in AXES:
        was, now = old.axes[axis_id].rank, new.axes[axis_id].rank
        if was and now and not was.p05 <= now.p50 <= was.p95:
            yield _named(new) | {"axis": axis_id, "before": was.model_dump(), "after": now.model_dump()}


def _n_values_changed(old: Entry, new: Entry) -> int:
    def values(entry: Entry) -> dict[str, tuple[float | None, int | None, str]]:
        return {
            one.trace: (one.value, one.n, one.status)
            for axis in entry.axes.values()
            for one in axis.indicators
        }

    was, now = values(old), values(new)
    return sum(was.get(key) != now.get(key) for key in was | now)


def _has_relative_change(old: Entry, new: Entry, axis_id: str | None) -> bool:
    """Return True if an indicator that compares technologies' records changed, on one axis or any."""
    for name in AXES:
        if axis_id not in (None, name):
            continue
        was = {one.indicator_id: one.value for one in old.axes[name].indicators}
        now = {one.indicator_id: one.value for one in new.axes[name].indicators}
        if any(was.get(one) != now.get(one) for one in (was.keys() | now.keys()) & _relative_indicators()):
            return True
    return False


@cache
def _relative_indicators() -> frozenset[str]:
    """Return the indicators that divide by a country's total over all fields, or a mean of technologies."""
    return frozenset(
        path.stem
        for path in (PACKAGE / "indicators").glob("*.sql")
        if any(word in path.read_text(encoding="utf-8") for word in _WHOLE)
    )


def find_causes(before: State, after: State) -> Row:
    """Return everything that differs in what two builds were made from, by kind."""
    package = changed_files(before.parts["package"], after.parts["package"])
    method = [row for row in package if is_method(row["name"])]
    seed = (
        [{"name": "seed", "kind": "changed", "before": before.seed, "after": after.seed}]
        if before.seed != after.seed
        else []
    )
    config, sources = _config(before, after), _sources(before.raw, after.raw)
    return {
        "data": [row for row in sources if row["source_id"] != _DECISIONS],
        "decisions": (
            _decisions(before, after) if any(row["source_id"] == _DECISIONS for row in sources) else []
        ),
        "config": [row for row in config if not row["is_told_only"]] + seed,
        "texts": [row for row in config if row["is_told_only"]],
        "method": method,
        "presentation": [row for row in package if row not in method],
        "libraries": changed_files(before.parts["libraries"], after.parts["libraries"], keep=True),
    }


def _decisions(before: State, after: State) -> list[Row]:
    """Return what the review decided otherwise: people judged, no provider changed a figure."""
    old, new = (_by_id(state.document) for state in (before, after))
    n = sum(entry.decided != (old[i].decided if i in old else None) for i, entry in new.items())
    return [
        {
            "source_id": _DECISIONS,
            "n": n,
            "text": bilingual("decisions of the review about {n} technologies are new or changed", n=n),
        }
    ]


def changed_files(before: Mapping[str, str], after: Mapping[str, str], *, keep: bool = False) -> list[Row]:
    """Return the names whose digest (or version) differs; `keep` keeps both values."""
    found: list[Row] = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was != now:
            kind = "added" if was is None else "removed" if now is None else "changed"
            found.append({"name": name, "kind": kind} | ({"before": was, "after": now} if keep else {}))
    return found


def is_method(name: str) -> bool:
    """Return True if a file of the package can move a figure.

    A file without imports of its own (SQL, YAML), or one that another version of the package has, goes with
    the package it is in.
    """
    if PurePosixPath(name).name in _WORDS:
        return False
    if (PACKAGE / name).is_file() and name.endswith(".py"):
        return name in _method_files()
    places = (PurePosixPath(name).with_suffix(""), *PurePosixPath(name).parents)
    start = next(
        (start for place in places if (PACKAGE / (start := (place / "__init__.py").as_posix())).is_file()), ""
    )
    return start in _method_files()


@cache
def _method_files() -> frozenset[str]:
    return imported_files(_MAKES, without=_SHOWS)


def _config(before: State, after: State) -> list[Row]:
    """Return the configuration files that differ, each with its differing keys if both builds have them."""
    found = changed_files(before.parts["config"], after.parts["config"])
    for row in found:
        row["is_told_only"] = row["name"].startswith(_TOLD_FILES)
        if row["kind"] == "changed" and before.contents and after.contents:
            keys = list(changed_keys(before.contents.get(row["name"]), after.contents.get(row["name"])))
            row |= {"keys": keys[:_MAX_KEYS], "n_keys": len(keys)}
            is_source = row["name"].startswith("sources/")
            row["is_told_only"] |= all(
                _TOLD_KEYS.search(k["key"]) or (is_source and _PLACE_KEYS.fullmatch(k["key"])) for k in keys
            )
    return found


def changed_keys(before: object, after: object, place: str = "") -> Iterator[Row]:
    """Yield every place at which two documents differ, with both values."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from changed_keys(
                before.get(key, _ABSENT), after.get(key, _ABSENT), f"{place}.{key}" if place else str(key)
            )
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            was, now = (side[index] if index < len(side) else _ABSENT for side in (before, after))
            yield from changed_keys(was, now, f"{place}[{index}]")
    elif before != after:
        yield {"key": place, "before": before, "after": after}


def _sources(before: list[list[str | None]], after: list[list[str | None]]) -> list[Row]:
    """Return the sources whose files differ, and how.

    The same file in other bytes is told apart from more or fewer files.
    """
    sides: list[dict[str, dict[tuple[str | None, str | None], tuple[str | None, str | None]]]] = []
    for raw in (before, after):
        by_source: dict[str, dict[tuple[str | None, str | None], tuple[str | None, str | None]]] = (
            defaultdict(dict)
        )
        for source_id, form_id, file_name, digest, as_of in raw:
            by_source[str(source_id)][form_id, file_name] = (digest, as_of)
        sides.append(by_source)
    old, new = sides
    found = []
    for source_id in sorted(old.keys() | new.keys()):
        was, now = old.get(source_id, {}), new.get(source_id, {})
        changed = sorted(str(key[1]) for key in was if key in now and was[key][0] != now[key][0])
        added, lost = (
            sorted(str(key[1]) for key in one if key not in other) for one, other in ((now, was), (was, now))
        )
        dates = [max((as_of or "" for _, as_of in side.values()), default="") for side in (was, now)]
        if changed or added or lost or dates[0] != dates[1]:
            row: Row = {
                "source_id": source_id,
                "changed": changed,
                "added": added,
                "lost": lost,
                "as_of": dates,
            }
            row["kind"] = _kind_of_source(row, is_new=not was, is_gone=not now)
            found.append(row | {"text": _source_words(row)})
    return found


def _source_words(row: Row) -> Row:
    """Return what happened to a source in both languages."""
    was, now = (date or "–" for date in row["as_of"])
    n = {"changed": len(row["changed"]), "added": len(row["added"]), "lost": len(row["lost"])}
    template = {
        "restated": (
            "{source}: restated by its provider (the same date {now}): {changed} file(s) in other bytes,"
            " {added} added, {lost} lost"
        ),
        "newer": (
            "{source}: newer edition ({was} -> {now}): {changed} file(s) in other bytes, {added} added,"
            " {lost} lost"
        ),
        "older": (
            "{source}: older edition ({was} -> {now}): {changed} file(s) in other bytes, {added} added,"
            " {lost} lost"
        ),
        "other_files": "{source}: other files of the same date {now}: {added} added, {lost} lost",
        "new_source": "{source}: new source of {now}, {added} file(s)",
        "lost_source": "{source}: no longer used, {lost} file(s) of {was}",
    }[row["kind"]]
    return bilingual(template, source=row["source_id"], was=was, now=now, **n)


def _kind_of_source(row: Row, *, is_new: bool, is_gone: bool) -> str:
    if is_new or is_gone:
        return "new_source" if is_new else "lost_source"
    if row["as_of"][0] != row["as_of"][1]:
        return "newer" if row["as_of"][0] < row["as_of"][1] else "older"
    return "restated" if row["changed"] else "other_files"


def _may_come_from(technology_id: str, causes: Row, *, is_relative: bool = False) -> list[str]:
    """Return the kinds of cause that can have moved a figure of a technology.

    Args:
        technology_id: The technology.
        causes: What differs between the builds.
        is_relative: The figure compares technologies, so the definition of another one can have moved it.

    Returns:
        The kinds, never none while anything differs: what is left when all else is the same must be the
            cause.
    """
    own = f"{_OWN}{technology_id}.yaml"
    config = [
        row
        for row in causes["config"]
        if is_relative or row["name"] == own or not row["name"].startswith(_OWN)
    ]
    found = causes | {"config": config}
    return [kind for kind in CAUSES if found[kind]] or [kind for kind in CAUSES if causes[kind]]


def verdict(causes: Row, before: str, after: str) -> Row:
    """Return in a sentence what may have caused the differences, and how to separate joint causes."""
    kinds = [kind for kind in CAUSES if causes[kind]]
    if not kinds:
        return bilingual(
            "Nothing that could move a figure changed: the same data, configuration, method and libraries."
        )
    if len(kinds) == 1:
        return _single(kinds[0], causes)
    listed = _named_kinds(kinds)
    template = (
        "Several things changed at once: {kinds}. From these two builds alone it cannot be told which of them"
        " moved a figure, unless a row names one only. To tell them apart, build the new data with the old"
        " configuration and version (config.json of {before} holds the configuration) in a copy of the"
        " workspace, then compare {before} with the copy and the copy with {after}."
    )
    return {
        language: bilingual(template, kinds=listed[language], before=before, after=after)[language]
        for language in listed
    }


def _named_kinds(kinds: list[str]) -> Row:
    words = {
        "data": "the data",
        "decisions": "the decisions of the review",
        "config": "the configuration",
        "method": "the method",
        "libraries": "the libraries",
    }
    named = [bilingual(words[kind]) for kind in kinds]
    return {"en": ", ".join(word["en"] for word in named), "ja": "、".join(word["ja"] for word in named)}


def _other_country(countries: Row) -> Row:
    return bilingual(
        "The focal country changed from {before} to {after}: each list judges its own country, so statuses,"
        " scores and ranks are not compared.",
        **countries,
    )


def _nothing_moved(causes: Row) -> Row:
    kinds = [kind for kind in CAUSES if causes[kind]]
    if not kinds:
        return verdict(causes, "", "")
    listed = _named_kinds(kinds)
    template = "No figure of the list moved, although this changed: {kinds}."
    return {language: bilingual(template, kinds=listed[language])[language] for language in listed}


def _single(kind: str, causes: Row) -> Row:
    if kind == "data" and all(row["kind"] == "restated" for row in causes["data"]):
        return bilingual(
            "Only the data changed, and it bears the same date as before: the provider restated it."
            " Configuration and method are the same."
        )
    return bilingual(
        {
            "data": (
                "Only the data changed: every difference comes from what the providers delivered."
                " Configuration and method are the same."
            ),
            "decisions": (
                "Only decisions of the review changed: people judged. Data, configuration and method are the"
                " same."
            ),
            "config": (
                "Only the configuration changed: the same data were judged otherwise. No provider changed a"
                " figure."
            ),
            "method": (
                "Only the method changed (code or SQL of listgen): the same data and configuration were"
                " computed otherwise."
            ),
            "libraries": "Only libraries changed: data, configuration and method are the same.",
        }[kind]
    )
