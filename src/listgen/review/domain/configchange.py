"""Accepted proposals become changes of `config/technologies`, whose history names the decision.

Nothing is left half-changed.

Reads: proposal, config/technologies
Writes: config/technologies
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from listgen.base.errors import ConfigError, UsageError
from listgen.base.files import write_atomically
from listgen.base.text import LANGUAGES, bilingual, t
from listgen.config.loader import read_workspace
from listgen.config.workspace import Workspace
from listgen.config.yamlfile import dump_yaml, load_places
from listgen.review.domain.proposals import change_of, content_of
from listgen.review.models import Proposal

Row = dict[str, Any]
_Document = Callable[[str], Any]

# What a link to another list's item becomes for a part of the technology, and for a whole it goes into.
_OF_A_PART = {"exact": "narrower", "narrower": "narrower", "broader": "overlaps", "overlaps": "overlaps"}
_OF_A_WHOLE = {"exact": "broader", "broader": "broader", "narrower": "overlaps", "overlaps": "overlaps"}
_ID = re.compile(r"[a-z][a-z0-9_]{1,63}")


def apply(workspace: Workspace, proposals: Iterable[Proposal]) -> list[str]:
    """Make the changes of accepted proposals not made before, and return the files changed.

    Raises:
        ConfigError: A change would leave a configuration that cannot be read; everything is as it was before.
    """
    folder = workspace.root / "config" / "technologies"
    drafts: dict[Path, Any] = {}

    def document(technology_id: str) -> Any:  # noqa: ANN401 - a YAML document
        path = folder / f"{technology_id}.yaml"
        if path not in drafts:
            if not path.is_file():
                raise UsageError(
                    t(
                        'There is no technology "{technology}" in config/technologies/.',
                        technology=technology_id,
                    )
                )
            drafts[path] = load_places(path, path.name)
        return drafts[path]

    for proposal in proposals:
        change, mark = change_of(proposal), _mark(proposal)
        if any(mark in path.read_text(encoding="utf-8") for path in folder.glob("*.yaml")):
            continue
        for technology_id, made in _new_technologies(workspace, document, proposal, change, mark):
            drafts[folder / f"{technology_id}.yaml"] = made
        _CHANGES[proposal.kind](document, proposal, change, mark)
    if drafts:
        _write(workspace, drafts)
    return sorted(path.name for path in drafts)


def _write(workspace: Workspace, drafts: dict[Path, Any]) -> None:
    """Write the changed files, or none of them when the configuration could not be read any more."""
    before = {path: path.read_bytes() if path.is_file() else None for path in drafts}
    try:
        for path, made in drafts.items():
            write_atomically(path, dump_yaml(made, width=10_000).encode())
        read_workspace(workspace.root, workspace.providers)
    except ConfigError:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                write_atomically(path, content)
        raise


def _mark(proposal: Proposal) -> str:
    """Return the name a decision has in the history: the review, and the approval's digest in its log."""
    return f"{proposal.round.review_id}/{change_of(proposal)['event_digest'][:16]}"


def _entry(proposal: Proposal, mark: str, what: dict[str, str]) -> Row:
    reason = content_of(proposal)["reason"]
    why = {"en": f"Expert review {mark}: {reason}", "ja": f"専門家評価 {mark} の決定：{reason}"}
    return {
        "date": change_of(proposal)["approved_on"],
        "change": what,
        "why": why,
        "by": f"{proposal.decider}, {proposal.approver} ({mark})",
    }


def _new_technologies(
    workspace: Workspace, document: _Document, proposal: Proposal, change: Row, mark: str
) -> list[tuple[str, Row]]:
    """Return the technologies a proposal brings in: one for a missing one, two for a split."""
    if proposal.kind not in ("new", "split"):
        return []
    found = []
    for part in change.get("parts", []):
        technology_id = part.get("id", "")
        if not _ID.fullmatch(technology_id) or technology_id in workspace.config.technologies:
            raise UsageError(
                t('"{technology}" is no id, or is taken; an id is never reused.', technology=technology_id)
            )
        made: Row = {
            "id": technology_id,
            "name": {"en": part.get("name_en", ""), "ja": part.get("name_ja", "")},
            "definition": {"en": part.get("definition_en", ""), "ja": part.get("definition_ja", "")},
            "scope": {"in": [], "out": []},
            "status": "active",
            "domain": part.get("domain", ""),
            **({"replaces": [proposal.technology_id]} if proposal.kind == "split" else {}),
            **_evidence(part),
            "nomination": {"by": bilingual("Expert review, decision {mark}", mark=mark)},
            **(
                {"crosswalk": _links(document(proposal.technology_id), _OF_A_PART)}
                if proposal.kind == "split"
                else {}
            ),
            "history": [_entry(proposal, mark, bilingual("Brought in by the expert review."))],
        }
        found.append((technology_id, made))
    return found


def _evidence(part: Row) -> Row:
    """Return where evidence is looked for, as far as the form says so."""
    lists = {
        name: [value.strip() for value in part.get(name, "").split(",") if value.strip()]
        for name in ("topics", "cpc")
    }
    return ({"works": {"topics": lists["topics"]}} if lists["topics"] else {}) | (
        {"patents": {"cpc": lists["cpc"]}} if lists["cpc"] else {}
    )


def _links(found: Any, becoming: dict[str, str]) -> list[Row]:  # noqa: ANN401 - a YAML document
    """Return a technology's links to other lists as they are for a part of it, or a whole it goes into."""
    return [
        {"list": str(one["list"]), "item": str(one["item"]), "relation": becoming[str(one["relation"])]}
        for one in found.get("crosswalk") or []
    ]


def _change_nothing(document: _Document, proposal: Proposal, change: Row, mark: str) -> None:
    """Leave what exists alone: a missing technology stands in a file of its own."""


def _change_definition(document: _Document, proposal: Proposal, change: Row, mark: str) -> None:
    found, part = document(proposal.technology_id), (change.get("parts") or [{}])[0]
    for language in LANGUAGES:
        if part.get(f"definition_{language}"):
            found["definition"][language] = part[f"definition_{language}"]
    found["history"].append(_entry(proposal, mark, bilingual("Definition changed.")))


def _change_evidence(document: _Document, proposal: Proposal, change: Row, mark: str) -> None:
    found = document(proposal.technology_id)
    for name, values in _evidence((change.get("parts") or [{}])[0]).items():
        found.setdefault(name, {}).update(values)
    found["history"].append(_entry(proposal, mark, bilingual("Evidence corrected.")))


def _merge(document: _Document, proposal: Proposal, change: Row, mark: str) -> None:
    into = change.get("into", "")
    old, new = document(proposal.technology_id), document(into)
    old["status"], old["replaced_by"] = "merged", [into]
    new["replaces"] = [*new.get("replaces", []), proposal.technology_id]
    held = {(one["list"], one["item"]) for one in new.get("crosswalk") or []}
    added = [one for one in _links(old, _OF_A_WHOLE) if (one["list"], one["item"]) not in held]
    if added:
        new["crosswalk"] = [*(new.get("crosswalk") or []), *added]
    for one in (old, new):
        one["history"].append(
            _entry(
                proposal, mark, bilingual("{old} merged into {new}.", old=proposal.technology_id, new=into)
            )
        )


def _split(document: _Document, proposal: Proposal, change: Row, mark: str) -> None:
    old, parts = document(proposal.technology_id), [part["id"] for part in change.get("parts", [])]
    old["status"], old["replaced_by"] = "retired", parts
    old["history"].append(_entry(proposal, mark, bilingual("Split into {parts}.", parts=", ".join(parts))))


_CHANGES: dict[str, Callable[[_Document, Proposal, Row, str], None]] = {
    "new": _change_nothing,
    "definition": _change_definition,
    "evidence": _change_evidence,
    "merge": _merge,
    "split": _split,
}
