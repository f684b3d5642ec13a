"""What a review freezes of a build.

Its candidates, and the evidence cards exactly as the build's report shows them.

The cards are taken from the report's own bytes, which the build's manifest covers, so a voter and a reader
see the same card.

Reads: candidates.json and report/cards.html of a build
Writes: nothing
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen.base.errors import CouldNotCheckError, UsageError, nearest
from listgen.base.provenance import canonical_json, sha256_file, sha256_text
from listgen.base.text import t
from listgen.config.loader import Config
from listgen.outputs.candidates import Candidates, Entry

_CARD = re.compile(r'<article\b[^>]*\bid="tech-(?P<id>[a-z0-9_]+)"[^>]*>.*?</article>', re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
# Definitions of indicators and descriptions of sources: a card links to them, and they hold no score.
_BACKGROUND = re.compile(r'<section id="(?:sources|indicators)".*?</section>', re.DOTALL)
_JUDGED_BY_DEFAULT = ("listed", "near_miss", "not_listed", "partly_judged")


@dataclass(frozen=True)
class FrozenCard:
    """One technology as it is put to the panel.

    What it is (shown first) and its evidence (shown after the first vote).
    """

    technology_id: str
    domain_id: str
    machine_status: str
    facts: str
    markup: str

    @property
    def digest(self) -> str:
        """Return the digest of everything a voter can be shown of this technology."""
        return sha256_text(canonical_json([self.facts, self.markup]))


@dataclass(frozen=True)
class FrozenBuild:
    """A build as far as a review needs it."""

    run_id: str
    candidates_digest: str
    as_of_date: str
    is_sample: bool
    style: str
    background: str
    cards: tuple[FrozenCard, ...]


def frame_digest(frozen: Any, cards: Iterable[Any]) -> str:  # noqa: ANN401 - a build just frozen, or the rows it was kept in
    """Return the digest of what a review freezes beside the cards' own content.

    Their order and standing, their style, the background.
    """
    rows = [[card.technology_id, card.domain_id, card.machine_status] for card in cards]
    return sha256_text(
        canonical_json([frozen.is_sample, frozen.as_of_date, frozen.style, frozen.background, rows])
    )


def freeze(folder: Path, config: Config, only: Collection[str] = ()) -> FrozenBuild:
    """Return what a review needs of a build.

    Args:
        folder: The build's folder, intact.
        config: The configuration the build was made with.
        only: The technologies to judge; without any, those the rules could judge.

    Raises:
        UsageError: A technology named is not in the build, or nothing can be judged.
        CouldNotCheckError: A technology has no card in the report.
    """
    document = Candidates.load(folder / "candidates.json")
    report = (folder / "report" / "cards.html").read_text(encoding="utf-8")
    entries = {entry.technology_id: entry for entry in document.entries}
    chosen = _chosen(entries, only)
    markup = {match["id"]: match[0] for match in _CARD.finditer(report)}
    absent = sorted(set(chosen) - markup.keys())
    if absent:
        raise CouldNotCheckError(
            t("report/cards.html holds no card of {technologies}.", technologies=", ".join(absent)),
            t("Expected one per technology judged."),
            t("Run: listgen build"),
        )
    style = _STYLE.search(report)
    return FrozenBuild(
        run_id=document.run_id,
        candidates_digest=sha256_file(folder / "candidates.json"),
        as_of_date=max(source.as_of for source in document.sources if source.as_of),
        is_sample=document.is_sample,
        style=style[1] if style else "",
        background="\n".join(_BACKGROUND.findall(report)),
        cards=tuple(
            _card(entries[key], markup[key], config)
            for key in sorted(chosen, key=lambda key: (entries[key].domain, key))
        ),
    )


def _chosen(entries: Mapping[str, Entry], only: Collection[str]) -> list[str]:
    """Return the technologies to judge."""
    for technology_id in only:
        if technology_id not in entries:
            raise UsageError(
                t('There is no technology "{technology}" in this build.', technology=technology_id)
                + nearest(technology_id, entries),
                t("Expected an id of candidates.json."),
            )
    chosen = [
        key for key, entry in entries.items() if (key in only if only else entry.status in _JUDGED_BY_DEFAULT)
    ]
    if not chosen:
        raise UsageError(
            t("No technology of this build can be judged by its rules."),
            "",
            t("Name some: --only TECHNOLOGY"),
        )
    return chosen


def _card(entry: Entry, markup: str, config: Config) -> FrozenCard:
    technology = config.technologies[entry.technology_id]
    facts = {
        "name": entry.name,
        "domain": config.domains[entry.domain].name.model_dump(),
        "definition": technology.definition.model_dump(),
        "scope_in": [text.model_dump() for text in technology.scope.includes],
        "scope_out": [text.model_dump() for text in technology.scope.excludes],
    }
    return FrozenCard(entry.technology_id, entry.domain, entry.status, canonical_json(facts), markup)
