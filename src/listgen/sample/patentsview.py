"""US grants in the form of the PatentsView bulk tables: tab separated, every field quoted, ids as text.

They are the same inventions as in the other patent provider's form: most of its US grants, and a few designs,
plants and reissues beside them, whose ids are not numbers.

Reads: the patents of `google_patents`.
Writes: patentsview/g_*.tsv.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from listgen.sample.google_patents import (
    PatentWorld,
    inventor_countries,
    inventor_names,
    priority_date,
    publication_date,
)
from listgen.sample.patents import OFFICES
from listgen.sample.profiles import COUNTRIES
from listgen.sample.world import World

Row: TypeAlias = tuple[str, ...]

HEADERS: dict[str, Row] = {
    "g_patent": (
        "patent_id",
        "patent_type",
        "patent_date",
        "patent_title",
        "wipo_kind",
        "num_claims",
        "withdrawn",
        "filename",
    ),
    "g_application": (
        "application_id",
        "patent_id",
        "patent_application_type",
        "filing_date",
        "series_code",
        "rule_47_flag",
    ),
    "g_inventor_disambiguated": (
        "patent_id",
        "inventor_sequence",
        "inventor_id",
        "disambig_inventor_name_first",
        "disambig_inventor_name_last",
        "gender_code",
        "location_id",
    ),
    "g_location_disambiguated": (
        "location_id",
        "disambig_city",
        "disambig_state",
        "disambig_country",
        "latitude",
        "longitude",
        "county",
        "state_fips",
        "county_fips",
    ),
    "g_cpc_current": (
        "patent_id",
        "cpc_sequence",
        "cpc_section",
        "cpc_class",
        "cpc_subclass",
        "cpc_group",
        "cpc_type",
    ),
    "g_us_patent_citation": (
        "patent_id",
        "citation_sequence",
        "citation_patent_id",
        "citation_date",
        "record_name",
        "wipo_kind",
        "citation_category",
    ),
}
_SHARE_HELD = 7  # of ten US grants
_US = OFFICES.index("US")
_ODD_KINDS = (("D9", "design", "S1", 40), ("RE48", "reissue", "E1", 6), ("PP32", "plant", "P2", 4))


def write_patentsview(world: World, patents: PatentWorld, folder: Path) -> dict[str, Path]:
    """Write the tables and return their paths by table name."""
    folder.mkdir(parents=True, exist_ok=True)
    grants = _choose_grants(patents)
    titles = [area.name.replace("_", " ") for area in world.areas]
    tables: dict[str, Iterable[Row]] = {
        "g_patent": [*_patent_rows(patents, grants, titles), *_odd_patents(world)],
        "g_application": [*_application_rows(patents, grants), *_odd_applications(world)],
        "g_inventor_disambiguated": [*_inventor_rows(patents, grants), *_odd_inventors(world)],
        "g_location_disambiguated": _location_rows(),
        "g_cpc_current": _code_rows(patents, grants),
        "g_us_patent_citation": _citation_rows(patents, grants),
    }
    paths = {}
    for name, rows in tables.items():
        paths[name] = folder / f"{name}.tsv"
        lines = ["\t".join(f'"{field}"' for field in row) for row in (HEADERS[name], *rows)]
        paths[name].write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return paths


def patent_id(number: str) -> str:
    """Return the provider's id of a US publication number: the number without office and kind."""
    return number.split("-")[1]


def _choose_grants(patents: PatentWorld) -> list[int]:
    """Return the US grants these tables hold."""
    publications = patents.publications
    rows = zip(
        publications.office.tolist(),
        publications.is_grant.tolist(),
        publications.serial.tolist(),
        strict=True,
    )
    return [
        index
        for index, (office, grant, serial) in enumerate(rows)
        if office == _US and grant and serial % 10 < _SHARE_HELD
    ]


def _family(patents: PatentWorld, index: int) -> int:
    return int(patents.publications.family[index])


def _patent_rows(patents: PatentWorld, grants: list[int], titles: list[str]) -> Iterator[Row]:
    for index in grants:
        family = _family(patents, index)
        dice = int(patents.families.dice[family])
        title = f"Sample device and method for {titles[int(patents.families.area[family])]} ({dice % 9973})"
        date = publication_date(patents, index).isoformat()
        file_name = f"ipg{date[2:].replace('-', '')}.xml"
        yield (
            patent_id(patents.numbers[index]),
            "utility",
            date,
            title,
            "B2",
            str(1 + dice % 25),
            "0",
            file_name,
        )


def _application_rows(patents: PatentWorld, grants: list[int]) -> Iterator[Row]:
    for serial, index in enumerate(grants):
        family = _family(patents, index)
        filed = priority_date(patents.families, family) + dt.timedelta(
            days=int(patents.families.dice[family]) % 360
        )
        yield f"17{serial:06d}", patent_id(patents.numbers[index]), "17", filed.isoformat(), "17", "0"


def _inventor_rows(patents: PatentWorld, grants: list[int]) -> Iterator[Row]:
    for index in grants:
        family = _family(patents, index)
        dice = int(patents.families.dice[family])
        people = zip(
            inventor_names(patents.families, family),
            inventor_countries(patents.families, family),
            strict=True,
        )
        for sequence, (name, code) in enumerate(people):
            first, last = name.title().split(" ", 1)
            key = f"fl:{first[:2].lower()}_ln:{last.lower()}-{dice % 9}"
            place = _location_id(code, dice % 2) if code else ""
            yield patent_id(patents.numbers[index]), str(sequence), key, first, last, "", place


def _code_rows(patents: PatentWorld, grants: list[int]) -> Iterator[Row]:
    for index in grants:
        for sequence, code in enumerate(patents.codes[_family(patents, index)]):
            kind = "inventional" if sequence == 0 else "additional"
            yield patent_id(patents.numbers[index]), str(sequence), code[0], code[:3], code[:4], code, kind


def _citation_rows(patents: PatentWorld, grants: list[int]) -> Iterator[Row]:
    """Yield the citations between the grants held here, and to older US patents that are not."""
    grant_of = {_family(patents, index): index for index in grants}
    for index in grants:
        family = _family(patents, index)
        for sequence, cited in enumerate(patents.cited[family]):
            category = "cited by examiner" if sequence % 3 else "cited by applicant"
            if cited in grant_of:
                other = grant_of[cited]
                date = publication_date(patents, other).isoformat()
                yield (
                    patent_id(patents.numbers[index]),
                    str(sequence),
                    patent_id(patents.numbers[other]),
                    date,
                    "Sample",
                    "B2",
                    category,
                )
            elif cited < 0:
                number = 6_000_000 + (int(patents.families.dice[family]) + sequence * 7919) % 2_900_000
                yield (
                    patent_id(patents.numbers[index]),
                    str(sequence),
                    str(number),
                    "",
                    "Sample",
                    "B1",
                    category,
                )


def _location_id(code: str, number: int) -> str:
    digest = hashlib.sha256(f"sample location {code} {number}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-11ed-9b5c-{digest[12:24]}"


def _location_rows() -> Iterator[Row]:
    for position, country in enumerate(COUNTRIES):
        for number in range(2):
            state = "CO" if country.code == "US" else ""
            city = country.city if number == 0 else f"New {country.city}"
            latitude, longitude = f"{10 + 3 * position}.{number}25", f"{5 + 8 * position}.{number}75"
            yield (
                _location_id(country.code, number),
                city,
                state,
                country.code,
                latitude,
                longitude,
                "",
                "",
                "",
            )


def _odd_ids(world: World) -> Iterator[tuple[str, str, str, int, dt.date]]:
    """Yield designs, reissues and plants: ids that a reader must not take for numbers."""
    for prefix, kind, wipo_kind, count in _ODD_KINDS:
        for number in range(count):
            yield (
                f"{prefix}{number:04d}",
                kind,
                wipo_kind,
                number,
                dt.date(int(world.years[number % 10]), 1 + number % 12, 3),
            )


def _odd_patents(world: World) -> Iterator[Row]:
    for odd_id, kind, wipo_kind, number, date in _odd_ids(world):
        yield (
            odd_id,
            kind,
            date.isoformat(),
            f"Sample {kind} {number}",
            wipo_kind,
            "1",
            "0",
            f"ipg{date:%y%m%d}.xml",
        )


def _odd_applications(world: World) -> Iterator[Row]:
    for odd_id, _, _, number, date in _odd_ids(world):
        yield (
            f"29{odd_id[-4:]}{number:02d}",
            odd_id,
            "29",
            (date - dt.timedelta(days=400)).isoformat(),
            "29",
            "0",
        )


def _odd_inventors(world: World) -> Iterator[Row]:
    for odd_id, _, _, number, _ in _odd_ids(world):
        yield (
            odd_id,
            "0",
            f"fl:sa_ln:odd-{number}",
            "Sam",
            "Odd",
            "",
            _location_id(COUNTRIES[number % 5].code, 0),
        )
