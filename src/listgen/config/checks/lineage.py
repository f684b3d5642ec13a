"""Checks of technologies against one another.

Predecessors and successors, neighbours named in a scope, duplicates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from listgen.base.text import LANGUAGES, folded, t
from listgen.config.checks.scope import Location, Scope
from listgen.config.models import Technology

# "(rocket_propulsion)", "(radar_sensing, imaging_systems)": how a scope names the technologies next to it.
_NAMED = re.compile(r"\(([a-z][a-z0-9_]*(?:, ?[a-z][a-z0-9_]*)*)\)")


def check_lineage(scope: Scope, name: str, technology: Technology) -> None:
    """Report a history of ids that the two sides tell differently, or that a status contradicts."""
    is_live = technology.is_live
    if is_live and technology.replaced_by:
        message = t(
            'status is "{status}", but replaced_by names a successor; set merged or retired',
            status=technology.status,
        )
        scope.report(name, ("replaced_by",), message)
    if technology.status == "merged" and not technology.replaced_by:
        scope.report(name, ("status",), t('status is "merged", but replaced_by does not say into what'))
    for key, back in (("replaces", "replaced_by"), ("replaced_by", "replaces")):
        for index, other_id in enumerate(getattr(technology, key)):
            scope.known(
                name, (key, index), other_id, sorted(scope.present["technologies"]), "config/technologies/"
            )
            other = scope.config.technologies.get(other_id)
            if other is None:
                continue
            if technology.id not in getattr(other, back) or other_id == technology.id:
                values = {"key": key, "other": other_id, "back": back, "id": technology.id}
                message = t(
                    '{key} names "{other}", but technologies/{other}.yaml does not say {back}: [{id}]',
                    **values,
                )
                scope.report(name, (key, index), message)
            if key == "replaces" and other.is_live:
                values = {"other": other_id, "status": other.status}
                message = t(
                    'replaces names "{other}", whose status is "{status}"; set it to merged or retired',
                    **values,
                )
                scope.report(name, (key, index), message)


def check_neighbours(scope: Scope, name: str, technology: Technology) -> None:
    """Report a scope that sends the reader to a technology that is gone or never was."""
    for side, texts in (("in", technology.scope.includes), ("out", technology.scope.excludes)):
        for index, text in enumerate(texts):
            for language in LANGUAGES:
                for other_id in _named_technologies(getattr(text, language)):
                    _neighbour(scope, name, ("scope", side, index, language), technology, other_id)


def _neighbour(scope: Scope, name: str, location: Location, technology: Technology, other_id: str) -> None:
    other = scope.config.technologies.get(other_id)
    if other is not None:
        if not other.is_live and technology.is_live:
            successors = ", ".join(other.replaced_by) or t("no successor")
            values = {"id": other_id, "status": other.status, "successors": successors}
            scope.report(
                name, location, t('names technology "{id}", which is {status} ({successors})', **values)
            )
    elif "_" in other_id:  # One word in brackets may be any word; with an underscore it is meant as an id.
        scope.known(name, location, other_id, sorted(scope.present["technologies"]), "config/technologies/")


def check_duplicates(scope: Scope) -> None:
    """Report two living definitions under one name, or made of the same topics and symbols.

    The later file is the duplicate.
    """
    names: dict[tuple[str, str], str] = {}
    contents: dict[tuple[frozenset[str], frozenset[str]], str] = {}
    for stem, technology in scope.config.technologies.items():
        if not technology.is_live:
            continue  # a successor may keep the name of the one it replaces
        for language in LANGUAGES:
            text = getattr(technology.name, language)
            first = names.setdefault((language, folded(text)), stem)
            if first != stem:
                message = t(
                    '"{value}" is also the name of technologies/{other}.yaml', value=text, other=first
                )
                scope.report(f"technologies/{stem}.yaml", ("name", language), message)
        content = frozenset(technology.works.topics), frozenset(technology.patents.cpc)
        first = contents.setdefault(content, stem) if any(content) else stem
        if first != stem:
            message = t(
                "has exactly the topics and CPC prefixes of technologies/{other}.yaml; they would be one"
                " technology",
                other=first,
            )
            scope.report(f"technologies/{stem}.yaml", ("works",), message)


def check_left_behind(scope: Scope) -> None:
    """Report list items that only a technology no longer assessed is linked to.

    Nobody would see that they are lost.
    """
    live = {cross.item for one in scope.config.live_technologies for cross in one.crosswalk}
    gaps = {gap.item for one in scope.config.reference_lists.values() for gap in one.out_of_scope}
    for stem, technology in scope.config.technologies.items():
        for index, cross in enumerate([] if technology.is_live else technology.crosswalk):
            if cross.item not in live | gaps:
                successors = ", ".join(technology.replaced_by) or t("no successor")
                values = {"item": cross.item, "status": technology.status, "successors": successors}
                message = t(
                    'only this technology is linked to "{item}", and it is {status} ({successors}); link'
                    " another one",
                    **values,
                )
                scope.report(f"technologies/{stem}.yaml", ("crosswalk", index, "item"), message)


def _named_technologies(text: str) -> Iterator[str]:
    for group in _NAMED.findall(text.replace("（", "(").replace("）", ")").replace("、", ", ")):
        yield from re.split(r", ?", group)
