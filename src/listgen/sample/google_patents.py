"""Publication records in the form of Google Patents Public Data, exported as gzipped JSON lines.

Reads: the arrays of `patents`.
Writes: google_patents/publications-NNN.jsonl.gz.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from listgen.sample.names import make_words
from listgen.sample.patents import (
    OFFICES,
    Families,
    Publications,
    build_families,
    build_publications,
    choose_codes,
    draw_family_references,
    number_publications,
)
from listgen.sample.profiles import COUNTRIES
from listgen.sample.world import World

_N_FILES = 2
_FAMILY_BASE = 70_000_000
_CATEGORIES = ("SEA", "APP", "EXA", "PRS")
_LANGUAGES = {"CN": "zh", "JP": "ja", "KR": "ko", "DE": "de", "FR": "fr"}


@dataclass(frozen=True)
class PatentWorld:
    """Families and publications with everything drawn, shared by the two patent providers.

    Attributes:
        numbers: Publication number of each publication.
        codes: CPC codes of each family.
        cited: Family cited, by citing family; -1 where the document is not held.
        first_member: First publication of each family.
    """

    families: Families
    publications: Publications
    numbers: list[str]
    codes: list[tuple[str, ...]]
    cited: list[list[int]]
    first_member: list[int]


def build_patents(world: World) -> PatentWorld:
    """Return the patents of the world."""
    families = build_families(world)
    publications = build_publications(world, families)
    references = draw_family_references(world, families)
    ends = np.searchsorted(references.citing, np.arange(len(families)), side="right").tolist()
    cited, flat, begin = [], references.cited.tolist(), 0
    for end in ends:
        held = dict.fromkeys(family for family in flat[begin:end] if family >= 0)
        cited.append([*held, *(family for family in flat[begin:end] if family < 0)])
        begin = end
    return PatentWorld(
        families,
        publications,
        number_publications(world, families, publications),
        choose_codes(world, families),
        cited,
        np.searchsorted(publications.family, np.arange(len(families))).tolist(),
    )


def write_google_patents(world: World, patents: PatentWorld, folder: Path) -> list[Path]:
    """Write the publications of all families and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    titles = [area.name.replace("_", " ") for area in world.areas]
    bounds = [len(patents.publications) * part // _N_FILES for part in range(_N_FILES + 1)]
    paths = []
    for part in range(_N_FILES):
        path = folder / f"publications-{part:03d}.jsonl.gz"
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as stream:
            lines = [
                _render_publication(patents, titles, index) for index in range(bounds[part], bounds[part + 1])
            ]
            stream.write("".join(lines).encode("utf-8"))
        paths.append(path)
    return paths


def as_number(date: dt.date) -> int:
    """Return a date as the provider writes it, yyyymmdd."""
    return date.year * 10_000 + date.month * 100 + date.day


def priority_date(families: Families, family: int) -> dt.date:
    """Return the day of a family's first filing."""
    return dt.date(int(families.year[family]), 1, 1) + dt.timedelta(days=int(families.priority_day[family]))


def publication_date(patents: PatentWorld, index: int) -> dt.date:
    """Return the day a publication appeared."""
    family = int(patents.publications.family[index])
    return priority_date(patents.families, family) + dt.timedelta(
        days=int(patents.publications.lag_days[index])
    )


def inventor_countries(families: Families, family: int) -> list[str]:
    """Return the country of each inventor: three of the leading country, one of the second.

    Blank where unknown.
    """
    if not families.is_country_known[family]:
        return ["", "", ""]
    second = int(families.second_country[family])
    lead = COUNTRIES[int(families.country[family])].code
    return [lead, lead, lead] if second < 0 else [lead, lead, COUNTRIES[second].code]


def inventor_names(families: Families, family: int) -> list[str]:
    """Return the names of a family's three inventors."""
    words = _NAME_WORDS
    dice = int(families.dice[family])
    return [
        f"{words[(dice // (7 + k)) % len(words)].upper()} {words[(dice // (101 + k)) % len(words)].upper()}"
        for k in range(3)
    ]


_NAME_WORDS = make_words(300)


def _render_publication(patents: PatentWorld, titles: list[str], index: int) -> str:
    publications, families = patents.publications, patents.families
    family = int(publications.family[index])
    office, is_grant = OFFICES[int(publications.office[index])], bool(publications.is_grant[index])
    number, dice = patents.numbers[index], int(families.dice[family])
    first, published = priority_date(families, family), publication_date(patents, index)
    filed = first + dt.timedelta(
        days=dice % 360 if office != COUNTRIES[int(families.country[family])].office else 0
    )
    names = inventor_names(families, family)
    assignee = f"SAMPLE {titles[int(families.area[family])].upper()} WORKS {dice % 37:02d}"
    lead = COUNTRIES[int(families.country[family])].code
    record = {
        "publication_number": number,
        "application_number": f"{office}-{filed.year}{100000 + int(publications.serial[index])}-A",
        "country_code": office,
        "kind_code": number.rsplit("-", 1)[1],
        "family_id": str(_FAMILY_BASE + family),
        "title_localized": _localize(titles[int(families.area[family])], office, dice),
        "publication_date": as_number(published),
        "filing_date": as_number(filed),
        "grant_date": as_number(published) if is_grant else 0,
        # Now and then one member does not know its priority; the others of its family do.
        "priority_date": 0 if dice % 211 == 0 and index != patents.first_member[family] else as_number(first),
        "inventor_harmonized": [
            {"name": name, "country_code": code}
            for name, code in zip(names, inventor_countries(families, family), strict=True)
        ],
        "assignee_harmonized": [{"name": assignee, "country_code": "" if dice % 23 == 0 else lead}],
        "cpc": [
            {"code": code, "inventive": rank == 0, "first": rank == 0, "tree": []}
            for rank, code in enumerate(patents.codes[family])
        ],
        "citation": _list_citations(patents, family, index),
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _localize(subject: str, office: str, dice: int) -> list[dict[str, str]]:
    english = {"text": f"Sample device and method for {subject} ({dice % 9973})", "language": "en"}
    language = _LANGUAGES.get(office)
    return (
        [english]
        if language is None
        else [{"text": f"[{language}] {english['text']}", "language": language}, english]
    )


def _list_citations(patents: PatentWorld, family: int, index: int) -> list[dict[str, object]]:
    """Return the citations of a publication.

    All on the first member of a family, half of them again on the others.
    """
    is_first = index == patents.first_member[family]
    cited = patents.cited[family] if is_first else patents.cited[family][::2]
    dice = int(patents.families.dice[family])
    rows: list[dict[str, object]] = []
    for place, other in enumerate(cited):
        number = (
            patents.numbers[patents.first_member[other]]
            if other >= 0
            else f"US-{6_000_000 + (dice + place * 7919) % 2_900_000}-B1"
        )
        rows.append(
            {"publication_number": number, "npl_text": "", "category": _CATEGORIES[(dice + place) % 4]}
        )
    if dice % 5 < 2 and is_first:
        rows.append(
            {
                "publication_number": "",
                "npl_text": f"Sample proceedings, no. {dice % 4001}",
                "category": "SEA",
            }
        )
    return rows
