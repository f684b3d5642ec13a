"""Works and patents with known true values, and what happens to their files on the way.

A work's figures are its year, citations, number of references and the share of each country; a publication's
are its dates, its family and the shares of its inventors' countries.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from mutants import Change, Truth

N_RECORDS = 6
COUNTRIES = ("JP", "US", "CN", "DE", "FR", "KR")
Records = list[dict]
OTHER_COUNTRY = ("XX", "JPN", "Japan", 7)


def _text(records: Records) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def changed(text: str | bytes, *, visible: bool = True, truth: Truth | None = None) -> Change:
    content = text.encode() if isinstance(text, str) else text
    return Change({"records.jsonl": content}, visible, truth)


# ---- works ---------------------------------------------------------------------------------------


def make_works(chance: random.Random) -> tuple[Records, Truth]:
    """Return works of one topic, all with other ids than any other seed has, and their true figures."""
    first, works = chance.randrange(1, 10**8) * 100, []
    for work_id in range(first, first + N_RECORDS):
        authors = [chance.choice(COUNTRIES) for _ in range(chance.randint(1, 4))]
        references = [f"https://openalex.org/W{first + 50 + n}" for n in range(chance.randint(0, 5))]
        works.append(_work(work_id, chance.randint(2019, 2023), chance.randint(0, 90), authors, references))
    return works, truth_of_works(works)


def _work(work_id: int, year: int, cited: int, authors: list[str], references: list[str]) -> dict:
    return {
        "id": f"https://openalex.org/W{work_id}", "title": f"Work {work_id}", "type": "article",
        "publication_year": year,
        "cited_by_count": cited, "is_retracted": False,
        "citation_normalized_percentile": {"value": 0.5, "is_in_top_10_percent": False},
        "primary_topic": {"id": "https://openalex.org/T10001",
            "field": {"id": "https://openalex.org/fields/22"}},
        "topics": [{"id": "https://openalex.org/T10001", "score": 0.9}],
        "authorships": [
            {"institutions": [{"id": f"https://openalex.org/I{COUNTRIES.index(code) + 1}",
                "display_name": f"Institute {code}",
                               "country_code": code}], "countries": [code]} for code in authors
        ],
        "referenced_works": references, "updated_date": "2025-06-01T03:04:05.678901",
    }  # fmt: skip


def truth_of_works(works: Records) -> Truth:
    """Return the true figures of works, each as often as it should count."""
    truth: Truth = {}
    for work in works:
        work_id = int(work["id"].rsplit("W", 1)[1])
        truth["year", work_id] = work["publication_year"]
        truth["cited", work_id] = work["cited_by_count"]
        truth["references", work_id] = len(set(work["referenced_works"]))
        codes = [author["countries"][0] for author in work["authorships"]]
        truth |= {(code, work_id): codes.count(code) / len(codes) for code in codes}
    return truth


def work_of_other_kind(works: Records, chance: random.Random) -> Change:
    """Make a field of one work something else."""
    work = chance.choice(works)
    work |= chance.choice(
        [{"publication_year": "2O21"}, {"publication_year": 2020.5}, {"publication_year": -2020},
            {"publication_year": 20200},
         {"cited_by_count": -1}, {"cited_by_count": 1.5}, {"cited_by_count": None}, {"authorships": None},
         {"authorships": "none"},
         {"referenced_works": "W1"}, {"is_retracted": "no"}, {"topics": "T10001"}]
    )  # fmt: skip
    return changed(_text(works))


def work_of_other_id(works: Records, chance: random.Random) -> Change:
    """Give one work an id that is none."""
    chance.choice(works)["id"] = chance.choice(["", None, "https://openalex.org/A12", "W12x", "W0", 7])
    return changed(_text(works))


def work_of_other_country(works: Records, chance: random.Random) -> Change:
    """Give an institution a code that is no country's, and leave the author's list of countries empty."""
    author = chance.choice(chance.choice(works)["authorships"])
    author["institutions"][0]["country_code"] = chance.choice(OTHER_COUNTRY)
    author["countries"] = []
    return changed(_text(works))


def work_two_counts(works: Records, chance: random.Random) -> Change:
    """Print one work again, of the same day, with other figures."""
    return changed(_text([*works, chance.choice(works) | {"cited_by_count": 777, "publication_year": 2018}]))


def work_fields_swapped(works: Records, chance: random.Random) -> Change:
    """Exchange year and citations of one work."""
    work = chance.choice(works)
    work["publication_year"], work["cited_by_count"] = work["cited_by_count"], work["publication_year"]
    return changed(_text(works))


def work_names_padded(works: Records, chance: random.Random) -> Change:
    """Put blanks round the code of a country, or write it in small letters."""
    author = chance.choice(chance.choice(works)["authorships"])
    code = author["countries"][0]
    author["institutions"][0]["country_code"] = chance.choice(
        [f" {code}", f"{code} ", f" {code} ", code.lower()]
    )
    return changed(_text(works))


def work_other_unit(works: Records, chance: random.Random) -> Change:
    """Give the citations of one work in thousands."""
    work = chance.choice(works)
    work["cited_by_count"] = chance.choice(
        [work["cited_by_count"] / 1000 + 0.0001, f"{work['cited_by_count']}k", "0.02"]
    )
    return changed(_text(works))


def work_other_year(works: Records, chance: random.Random) -> Change:
    """Give the year of one work as a span, with two digits, of another calendar or long ahead."""
    work = chance.choice(works)
    year = work["publication_year"]
    work["publication_year"] = chance.choice(
        [f"{year}/{year % 100 + 1}", year % 100, f"令和{year - 2018}年", year + 543, f"{year}-03"]
    )
    return changed(_text(works))


def work_years_moved(works: Records, chance: random.Random) -> Change:
    """Move the year of every work by one: nothing in the file shows it."""
    for work in works:
        work["publication_year"] -= 1
    return changed(_text(works), visible=False)


def work_with_other_count(works: Records, chance: random.Random) -> Change:
    """Change a figure: nothing in the file shows it."""
    chance.choice(works)["cited_by_count"] = 555
    return changed(_text(works), visible=False)


# ---- patents -------------------------------------------------------------------------------------


def make_publications(chance: random.Random) -> tuple[Records, Truth]:
    """Return publications in the form of Google Patents, each a family of its own, and their true figures."""
    first, found = chance.randrange(1, 10**7) * 100, []
    for number in range(first, first + N_RECORDS):
        year = chance.randint(2018, 2021)
        found.append(
            {
                "publication_number": f"US-{number}-B2", "country_code": "US", "kind_code": "B2",
                "family_id": str(number),
                "priority_date": year * 10000 + 110, "filing_date": (year + 1) * 10000 + 111,
                "publication_date": (year + 2) * 10000 + 715, "grant_date": (year + 2) * 10000 + 715,
                "inventor_harmonized": [{"name": "PERSON", "country_code": chance.choice(COUNTRIES)}
                                        for _ in range(chance.randint(1, 4))],
                "assignee_harmonized": [{"name": "FIRM", "country_code": "JP"}],
                "cpc": [{"code": "G02B6/12", "inventive": True, "first": True}], "citation": [],
            }
        )  # fmt: skip
    return found, truth_of_publications(found)


def truth_of_publications(publications: Records) -> Truth:
    """Return the true figures of publications."""
    truth: Truth = {}
    for one in publications:
        number, family = one["publication_number"], one["family_id"]
        truth["priority", number] = one["priority_date"]
        truth["published", number] = one["publication_date"]
        truth["family", number] = int(family)
        codes = [person["country_code"] for person in one["inventor_harmonized"]]
        truth |= {(code, family): codes.count(code) / len(codes) for code in codes}
    return truth


def publication_of_other_kind(publications: Records, chance: random.Random) -> Change:
    """Make a field of one publication something else."""
    one = chance.choice(publications)
    one |= chance.choice(
        [{"priority_date": 20201301}, {"priority_date": "2020-01-10"}, {"filing_date": 30010101},
            {"publication_date": None},
         {"publication_date": 0}, {"grant_date": "soon"}, {"family_id": "F12"}, {"family_id": None},
         {"cpc": "G02B6/12"},
         {"citation": "US-1-A"}, {"inventor_harmonized": "PERSON"}]
    )  # fmt: skip
    return changed(_text(publications))


def publication_of_other_number(publications: Records, chance: random.Random) -> Change:
    """Give one publication a number that is none."""
    chance.choice(publications)["publication_number"] = chance.choice(["", None, "12345", "US//B2", "B2"])
    return changed(_text(publications))


def publication_of_other_country(publications: Records, chance: random.Random) -> Change:
    """Give an inventor a code that is no country's."""
    person = chance.choice(chance.choice(publications)["inventor_harmonized"])
    person["country_code"] = chance.choice(OTHER_COUNTRY)
    return changed(_text(publications))


def publication_of_two_families(publications: Records, chance: random.Random) -> Change:
    """Print one publication again, of another family and date."""
    other = {"family_id": "5", "priority_date": 20150505}
    return changed(_text([*publications, chance.choice(publications) | other]))


def publication_fields_swapped(publications: Records, chance: random.Random) -> Change:
    """Exchange the number and the family of one publication."""
    one = chance.choice(publications)
    one["publication_number"], one["family_id"] = one["family_id"], one["publication_number"]
    return changed(_text(publications))


def publication_names_padded(publications: Records, chance: random.Random) -> Change:
    """Put blanks round the number of one publication, its family, or the country of an inventor."""
    one = chance.choice(publications)
    person = chance.choice(one["inventor_harmonized"])
    chosen, name = chance.choice([(one, "publication_number"), (one, "family_id"), (person, "country_code")])
    chosen[name] = chance.choice([f" {chosen[name]}", f"{chosen[name]} "])
    return changed(_text(publications))


def publication_other_year(publications: Records, chance: random.Random) -> Change:
    """Write a date with the day first, with two digits of the year, or of another calendar."""
    one = chance.choice(publications)
    name = chance.choice(["priority_date", "filing_date", "publication_date"])
    year, month, day = one[name] // 10000, one[name] // 100 % 100, one[name] % 100
    one[name] = chance.choice([f"{day:02}{month:02}{year}", f"{year % 100}{month:02}{day:02}",
        (year + 543) * 10000 + month * 100 + day,
                               f"{year}/{month:02}/{day:02}", year])  # fmt: skip
    return changed(_text(publications))


def publication_dates_swapped(publications: Records, chance: random.Random) -> Change:
    """Exchange priority and filing: the later one then comes first, and nothing compares them."""
    one = chance.choice(publications)
    one["priority_date"], one["filing_date"] = one["filing_date"], one["priority_date"]
    return changed(_text(publications), visible=False)


def publication_with_other_date(publications: Records, chance: random.Random) -> Change:
    """Change a date: nothing in the file shows it."""
    one = chance.choice(publications)
    one["priority_date"] += 10
    return changed(_text(publications), visible=False)


# ---- both ----------------------------------------------------------------------------------------


def record_doubled(records: Records, chance: random.Random) -> Change:
    """Print one record twice."""
    return changed(_text([*records, chance.choice(records)]))


def record_lost(records: Records, chance: random.Random) -> Change:
    """Leave one record out: without a list of what is there nothing shows it."""
    records.remove(chance.choice(records))
    return changed(_text(records), visible=False)


def record_cut(records: Records, chance: random.Random) -> Change:
    """End the file inside its last record."""
    text = _text(records)
    return changed(text[: -chance.randint(2, 200)])


def record_torn(records: Records, chance: random.Random) -> Change:
    """Break one record in two lines."""
    text = _text(records)
    place = chance.randrange(10, len(text) - 10)
    return changed(text[:place] + "\n" + text[place:])


def quote_lost(records: Records, chance: random.Random) -> Change:
    """Take one quote mark away."""
    text = _text(records)
    place = chance.choice([i for i, sign in enumerate(text) if sign == '"'])
    return changed(text[:place] + text[place + 1 :])


def bytes_broken(records: Records, chance: random.Random) -> Change:
    """Put a byte into a name that is not UTF-8."""
    content = _text(records).encode()
    place = chance.choice([i for i, sign in enumerate(content) if sign == ord(":")])
    return changed(content[:place] + b"\xff" + content[place:])


def page_between(records: Records, chance: random.Random) -> Change:
    """Put the page of a busy server between two records."""
    lines = _text(records).splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines)), "<html><body>503 Service Unavailable</body></html>\n")
    return changed("".join(lines))


def field_renamed(records: Records, chance: random.Random) -> Change:
    """Call a field otherwise in every record."""
    names = [name for name in ("publication_year", "cited_by_count", "authorships", "cpc", "family_id",
                               "inventor_harmonized", "publication_date") if name in records[0]]  # fmt: skip
    name = chance.choice(names)
    return changed(_text(records).replace(f'"{name}"', f'"{name}_new"'))


def field_twice(records: Records, chance: random.Random) -> Change:
    """Give a field of one record twice, with two values."""
    lines = _text(records).splitlines(keepends=True)
    row = chance.randrange(len(lines))
    name = chance.choice([name for name in ("publication_year", "cited_by_count", "family_id",
        "priority_date",
                                            "country_code") if f'"{name}"' in lines[row]])  # fmt: skip
    value = '"FR"' if name == "country_code" else "2017"
    lines[row] = lines[row].replace(f'"{name}": ', f'"{name}": {value}, "{name}": ', 1)
    return changed("".join(lines))


def _named(*changes: Callable) -> dict[str, Callable]:
    return {change.__name__: change for change in changes}


_BOTH = (record_doubled, record_lost, record_cut, record_torn, quote_lost, bytes_broken, page_between,
    field_renamed,
         field_twice)  # fmt: skip
WORK_CHANGES = _named(
    *_BOTH,
    work_of_other_kind,
    work_of_other_id,
    work_of_other_country,
    work_two_counts,
    work_fields_swapped,
    work_names_padded,
    work_other_unit,
    work_other_year,
    work_years_moved,
    work_with_other_count,
)
PUBLICATION_CHANGES = _named(
    *_BOTH,
    publication_of_other_kind,
    publication_of_other_number,
    publication_of_other_country,
    publication_of_two_families,
    publication_fields_swapped,
    publication_names_padded,
    publication_other_year,
    publication_dates_swapped,
    publication_with_other_date,
)
