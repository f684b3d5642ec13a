"""Documents of the Lens, tables of PatentsView and answers of the EPO with true values, and mutations.

A document's figures are its dates, the shares of its inventors' countries, and its family where the EPO is
asked.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from mutants import Change, Truth, records

COUNTRIES = records.COUNTRIES
N_DOCUMENTS = 5
Records = list[dict]
Tables = dict[str, list[list[str]]]
Answers = dict[str, list[tuple[str, str, str]]]


def _number_of(day: str) -> int:
    return int(day.replace("-", ""))


def _shares(codes: list[str], number: str) -> Truth:
    return {(code, number): codes.count(code) / len(codes) for code in codes}


# ---- the Lens ------------------------------------------------------------------------------------


def make_lens(chance: random.Random) -> tuple[Records, Truth]:
    """Return documents of the Lens, each a family of its own, and their true figures."""
    first, found = chance.randrange(1, 10**7) * 10, []
    truth: Truth = {}
    for number in range(first, first + N_DOCUMENTS):
        year = chance.randint(2016, 2019)
        one = _document(number, year, [chance.choice(COUNTRIES) for _ in range(chance.randint(1, 4))])
        found.append(one)
        name, biblio = f"US-{number}-B2", one["biblio"]
        truth["published", name] = _number_of(one["date_published"])
        truth["filed", name] = _number_of(biblio["application_reference"]["date"])
        truth["priority", name] = _number_of(biblio["priority_claims"]["earliest_claim"]["date"])
        truth |= _shares([person["residence"] for person in biblio["parties"]["inventors"]], name)
    return found, truth


def _document(number: int, year: int, codes: list[str]) -> dict:
    me = {"jurisdiction": "US", "doc_number": str(number), "kind": "B2"}
    return {
        "lens_id": str(number), **me, "date_published": f"{year + 2}-07-15",
        "publication_type": "GRANTED_PATENT",
        "biblio": {
            "application_reference": {"date": f"{year + 1}-01-11"},
            "priority_claims": {"claims": [{"jurisdiction": "US", "date": f"{year}-01-10"}],
                                "earliest_claim": {"date": f"{year}-01-10"}},
            "parties": {"inventors": [{"residence": code} for code in codes],
                "applicants": [{"residence": "JP"}]},
            "classifications_cpc": {"classifications": [{"symbol": "G02B6/12"}]},
            "references_cited": {"npl_count": 0, "citations": []},
        },
        "families": {"simple_family": {"size": 1, "members": [{"document_id": me}]}},
    }  # fmt: skip


def lens_number_of_other_kind(documents: Records, chance: random.Random) -> Change:
    """Give one document a number that is none."""
    chance.choice(documents).update(chance.choice([{"doc_number": ""}, {"doc_number": None},
        {"jurisdiction": "USA1"},
                                                   {"doc_number": "?"}, {"jurisdiction": None}]))  # fmt: skip
    return _lines(documents)


def lens_date_of_other_kind(documents: Records, chance: random.Random) -> Change:
    """Make a date of one document something else."""
    one = chance.choice(documents)
    day = chance.choice(
        ["2020-13-01", "soon", "15/07/2020 10:00", "3001-01-01", "20", "July 2020", "0000-00-00"]
    )
    if chance.random() < 0.5:
        one["date_published"] = day
    else:
        one["biblio"]["application_reference"]["date"] = day
    return _lines(documents)


def lens_country_of_other_kind(documents: Records, chance: random.Random) -> Change:
    """Give an inventor a residence that is no country's code, or a padded one."""
    person = chance.choice(chance.choice(documents)["biblio"]["parties"]["inventors"])
    person["residence"] = chance.choice(["XX", "JPN", "Japan", " JP", "JP ", 7])
    return _lines(documents)


def lens_of_two_dates(documents: Records, chance: random.Random) -> Change:
    """Print one document again with another date."""
    return _lines([*documents, chance.choice(documents) | {"date_published": "2015-05-05"}])


def lens_fields_swapped(documents: Records, chance: random.Random) -> Change:
    """Exchange office and number of one document."""
    one = chance.choice(documents)
    one["jurisdiction"], one["doc_number"] = one["doc_number"], one["jurisdiction"]
    return _lines(documents)


def lens_field_twice(documents: Records, chance: random.Random) -> Change:
    """Give a field of one document twice, in whatever object."""
    lines = [json.dumps(one) for one in documents]
    row = chance.randrange(len(lines))
    name, value = chance.choice([("date_published", '"2014-01-01"'), ("residence", '"FR"'),
        ("date", '"2014-01-01"'),
                                 ("biblio", "{}"), ("doc_number", '"5"')])  # fmt: skip
    lines[row] = lines[row].replace(f'"{name}": ', f'"{name}": {value}, "{name}": ', 1)
    return records.changed("\n".join(lines) + "\n")


def lens_other_date(documents: Records, chance: random.Random) -> Change:
    """Change a date: nothing in the file shows it."""
    chance.choice(documents)["biblio"]["priority_claims"]["earliest_claim"]["date"] = "2013-03-03"
    return _lines(documents, visible=False)


def _lines(documents: Records, *, visible: bool = True) -> Change:
    return records.changed("".join(json.dumps(one) + "\n" for one in documents), visible=visible)


LENS_CHANGES = {
    change.__name__: change
    for change in (
        records.record_doubled, records.record_lost, records.record_cut, records.record_torn,
        records.quote_lost,
        records.bytes_broken, records.page_between, lens_number_of_other_kind, lens_date_of_other_kind,
        lens_country_of_other_kind, lens_of_two_dates, lens_fields_swapped, lens_field_twice, lens_other_date,
    )
}  # fmt: skip


# ---- PatentsView ---------------------------------------------------------------------------------

HEADS = {
    "g_patent": ["patent_id", "patent_date", "wipo_kind"],
    "g_application": ["application_id", "patent_id", "filing_date"],
    "g_inventor_disambiguated": ["patent_id", "inventor_sequence", "location_id"],
    "g_location_disambiguated": ["location_id", "disambig_country"],
}


def make_tables(chance: random.Random) -> tuple[Tables, Truth]:
    """Return tables of PatentsView of a few grants, and their true figures."""
    first = chance.randrange(10**6, 10**7) * 10
    tables: Tables = {name: [list(head)] for name, head in HEADS.items()}
    truth: Truth = {}
    for patent in range(first, first + N_DOCUMENTS):
        year, name = chance.randint(2016, 2019), f"US-{patent}-B2"
        tables["g_patent"].append([str(patent), f"{year + 2}-07-14", "B2"])
        tables["g_application"].append([str(patent + 50), str(patent), f"{year}-02-11"])
        truth["published", name], truth["filed", name] = (year + 2) * 10000 + 714, year * 10000 + 211
        codes = [chance.choice(COUNTRIES) for _ in range(chance.randint(1, 4))]
        for place, code in enumerate(codes):
            tables["g_inventor_disambiguated"].append([str(patent), str(place), f"{first}{code}"])
        truth |= _shares(codes, name)
    tables["g_location_disambiguated"] += [[f"{first}{code}", code] for code in COUNTRIES]
    return tables, truth


def _texts(tables: Tables) -> dict[str, str]:
    return {
        name: "".join("\t".join(f'"{cell}"' for cell in row) + "\n" for row in rows)
        for name, rows in tables.items()
    }


def _tables(tables: Tables, *, visible: bool = True) -> Change:
    return Change({f"{name}.tsv": text.encode() for name, text in _texts(tables).items()}, visible)


def _one_table(tables: Tables, name: str, change: Callable[[str], str], *, visible: bool = True) -> Change:
    texts = _texts(tables)
    texts[name] = change(texts[name])
    return Change({f"{one}.tsv": text.encode() for one, text in texts.items()}, visible)


def _a_row(tables: Tables, name: str, chance: random.Random) -> list[str]:
    return chance.choice(tables[name][1:])


def table_row_doubled(tables: Tables, chance: random.Random) -> Change:
    """Print a row of a table twice."""
    name = chance.choice(list(tables))
    tables[name].append(list(_a_row(tables, name, chance)))
    return _tables(tables)


def table_of_two_dates(tables: Tables, chance: random.Random) -> Change:
    """Print a grant or its application twice, with another date."""
    name, place = chance.choice([("g_patent", 1), ("g_application", 2)])
    row = list(_a_row(tables, name, chance))
    row[place] = "2012-03-06"
    tables[name].append(row)
    return _tables(tables)


def table_of_two_places(tables: Tables, chance: random.Random) -> Change:
    """Print a place twice, in two countries."""
    row = _a_row(tables, "g_location_disambiguated", chance)
    tables["g_location_disambiguated"].append([row[0], "AT"])
    return _tables(tables)


def table_cell_of_other_kind(tables: Tables, chance: random.Random) -> Change:
    """Make a cell something else."""
    name, place, texts = chance.choice([
        ("g_patent", 0, ["", "US10", "12-4"]), ("g_patent", 1, ["", "soon", "2020-13-01", "3001-01-01",
            "15.07.2020"]),
        ("g_application", 2, ["soon", "2020-13-01", "1074-12-29", "202O-01-01"]),
        ("g_application", 1, ["", "x"]),
        ("g_inventor_disambiguated", 0, ["", "A 1"]), ("g_inventor_disambiguated", 1, ["", "first", "-1"]),
        ("g_location_disambiguated", 1, ["JPN", "Japan", "J", " JP", "XX"]),
    ])  # fmt: skip
    _a_row(tables, name, chance)[place] = chance.choice(texts)
    return _tables(tables)


def table_row_short(tables: Tables, chance: random.Random) -> Change:
    """Cut the end of one row off."""
    row = _a_row(tables, chance.choice(list(tables)), chance)
    del row[chance.randrange(1, len(row)) :]
    return _tables(tables)


def table_row_long(tables: Tables, chance: random.Random) -> Change:
    """Put a cell more into one row."""
    row = _a_row(tables, chance.choice(list(tables)), chance)
    row.insert(chance.randrange(len(row)), "7")
    return _tables(tables)


def table_quote_lost(tables: Tables, chance: random.Random) -> Change:
    """Take one quote mark away."""

    def change(text: str) -> str:
        place = chance.choice([i for i, sign in enumerate(text) if sign == '"'])
        return text[:place] + text[place + 1 :]

    return _one_table(tables, chance.choice(list(tables)), change)


def table_cut(tables: Tables, chance: random.Random) -> Change:
    """End a table inside its last row."""
    return _one_table(tables, chance.choice(list(tables)), lambda text: text[: -chance.randint(2, 12)])


def table_headings_swapped(tables: Tables, chance: random.Random) -> Change:
    """Exchange two headings and not their columns."""
    name = chance.choice(["g_patent", "g_application", "g_location_disambiguated"])
    head = tables[name][0]
    head[0], head[1] = head[1], head[0]
    return _tables(tables, visible=name != "g_application")


def table_columns_swapped(tables: Tables, chance: random.Random) -> Change:
    """Exchange two columns with their headings: the figures stay true."""
    for row in tables[chance.choice(list(tables))]:
        row[0], row[1] = row[1], row[0]
    return _tables(tables)


def table_heading_renamed(tables: Tables, chance: random.Random) -> Change:
    """Call a column otherwise."""
    head = tables[chance.choice(list(tables))][0]
    head[chance.randrange(len(head))] += "_new"
    return _tables(tables)


def table_names_padded(tables: Tables, chance: random.Random) -> Change:
    """Put blanks round the cells of one row."""
    row = _a_row(tables, chance.choice(["g_patent", "g_location_disambiguated"]), chance)
    row[:] = [f" {cell} " for cell in row]
    return _tables(tables)


def table_row_lost(tables: Tables, chance: random.Random) -> Change:
    """Leave one row out: nothing says how many there are."""
    name = chance.choice(list(tables))
    tables[name].remove(_a_row(tables, name, chance))
    return _tables(tables, visible=False)


def table_other_date(tables: Tables, chance: random.Random) -> Change:
    """Change a date: nothing in the tables shows it."""
    _a_row(tables, "g_patent", chance)[1] = "2021-05-05"
    return _tables(tables, visible=False)


TABLE_CHANGES = {
    change.__name__: change
    for change in (
        table_row_doubled, table_of_two_dates, table_of_two_places, table_cell_of_other_kind, table_row_short,
        table_row_long, table_quote_lost, table_cut, table_headings_swapped, table_columns_swapped,
        table_heading_renamed, table_names_padded, table_row_lost, table_other_date,
    )
}  # fmt: skip


# ---- the EPO -------------------------------------------------------------------------------------


def make_answers(chance: random.Random) -> tuple[Answers, Truth]:
    """Return the EPO's members (number, kind, family) of a few grants, and the true families."""
    first = chance.randrange(10**6, 10**7) * 10
    answers: Answers = {}
    truth: Truth = {}
    for patent in range(first, first + N_DOCUMENTS):
        family = str(patent + 3)
        answers[str(patent)] = [("US", str(patent), family), ("EP", str(patent + 5), family)]
        truth["family", f"US-{patent}"] = int(family)
    return answers, truth


def _answer(patent: str, members: list[tuple[str, str, str]], *, total: int | None = None) -> str:
    def document(office: str, number: str) -> str:
        return (
            '<publication-reference><document-id document-id-type="docdb">'
            f"<country>{office}</country><doc-number>{number}</doc-number><kind>B2</kind></document-id></publication-reference>"
        )

    listed = "".join(
        f'<ops:family-member family-id="{family}">{document(office, number)}</ops:family-member>'
        for office, number, family in members
    )
    return (
        '<ops:world-patent-data xmlns:ops="http://ops.epo.org"><ops:patent-family total-result-count="'
        f'{len(members) if total is None else total}">{document("US", patent)}{listed}</ops:patent-family>'
        "</ops:world-patent-data>"
    )


def _answers(texts: dict[str, str | bytes], patents: list[str], *, visible: bool = True) -> Change:
    """Return the answers beside the grants they are about, which no other source knows a family of."""
    grants = [
        {"patent_number": patent, "patent_date": "2020-10-27", "inventors": [{"inventor_country": "JP"}],
            "assignees": [],
         "applications": [], "cited_patents": [], "cpcs": [{"cpc_subgroup_id": "G02B6/12"}]}
        for patent in patents
    ]  # fmt: skip
    files = {
        f"{patent}.xml": text.encode() if isinstance(text, str) else text for patent, text in texts.items()
    }
    return Change(files | {"grants.json": json.dumps({"patents": grants}).encode()}, visible)


def _listed(answers: Answers, *, visible: bool = True) -> Change:
    return _answers(
        {patent: _answer(patent, list(m)) for patent, m in answers.items()}, list(answers), visible=visible
    )


def _one_answer(answers: Answers, chance: random.Random, change: Callable[[str], str | bytes]) -> Change:
    texts: dict[str, str | bytes] = {patent: _answer(patent, members) for patent, members in answers.items()}
    patent = chance.choice(list(answers))
    texts[patent] = change(str(texts[patent]))
    return _answers(texts, list(answers))


def member_doubled(answers: Answers, chance: random.Random) -> Change:
    """List a member twice."""
    members = answers[chance.choice(list(answers))]
    members.append(chance.choice(members))
    return _listed(answers)


def family_of_other_kind(answers: Answers, chance: random.Random) -> Change:
    """Make the family of the document that was asked about something else."""
    members = answers[chance.choice(list(answers))]
    office, number, _ = members[0]
    members[0] = (office, number, chance.choice(["", "F1", "-3", "1.5", "12 34"]))
    return _listed(answers)


def number_of_other_kind(answers: Answers, chance: random.Random) -> Change:
    """Make the number or the office of the document that was asked about something else."""
    members = answers[chance.choice(list(answers))]
    _, number, family = members[0]
    members[0] = chance.choice(
        [("US", "", family), ("", number, family), ("USA", "", family), ("US", "12/3?", family)]
    )
    return _listed(answers)


def number_lost(answers: Answers, chance: random.Random) -> Change:
    """Take the reference of the document that was asked about out of its member."""
    patent = chance.choice(list(answers))
    texts: dict[str, str | bytes] = {one: _answer(one, members) for one, members in answers.items()}
    head, tag, tail = str(texts[patent]).partition("<ops:family-member")
    start, end = tail.index("<publication-reference>"), tail.index("</publication-reference>")
    texts[patent] = head + tag + tail[:start] + tail[end + len("</publication-reference>") :]
    return _answers(texts, list(answers))


def no_members(answers: Answers, chance: random.Random) -> Change:
    """Answer without any member."""
    answers[chance.choice(list(answers))].clear()
    return _listed(answers)


def attribute_renamed(answers: Answers, chance: random.Random) -> Change:
    """Call the attribute of the family otherwise."""
    return _one_answer(answers, chance, lambda text: text.replace("family-id=", "family-number="))


def answer_cut(answers: Answers, chance: random.Random) -> Change:
    """End an answer before its end."""
    return _one_answer(answers, chance, lambda text: text[: -chance.randint(1, 200)])


def tag_lost(answers: Answers, chance: random.Random) -> Change:
    """Take one angle bracket away."""

    def change(text: str) -> str:
        place = chance.choice([i for i, sign in enumerate(text) if sign in "<>"])
        return text[:place] + text[place + 1 :]

    return _one_answer(answers, chance, change)


def answer_of_bytes(answers: Answers, chance: random.Random) -> Change:
    """Put a byte into an answer that is not UTF-8."""
    return _one_answer(answers, chance, lambda text: text.encode().replace(b"<country>", b"<country>\xff", 1))


def busy_page(answers: Answers, chance: random.Random) -> Change:
    """Store the page of a busy server as an answer."""
    return _one_answer(answers, chance, lambda _: "<html><body>503 Service Unavailable</body></html>")


def number_padded(answers: Answers, chance: random.Random) -> Change:
    """Put blanks round the number of the document that was asked about."""
    patent = chance.choice(list(answers))
    office, number, family = answers[patent][0]
    answers[patent][0] = (f" {office} ", f"\n{number} ", family)
    return _listed(answers)


def members_swapped(answers: Answers, chance: random.Random) -> Change:
    """List the members in the other order: the families stay true."""
    answers[chance.choice(list(answers))].reverse()
    return _listed(answers)


def answer_lost(answers: Answers, chance: random.Random) -> Change:
    """Leave an answer out: nothing in the others shows it."""
    patents = list(answers)
    answers.pop(chance.choice(patents))
    texts: dict[str, str | bytes] = {patent: _answer(patent, members) for patent, members in answers.items()}
    return _answers(texts, patents, visible=False)


def other_family(answers: Answers, chance: random.Random) -> Change:
    """Change the family of the whole answer: nothing in it shows it."""
    patent = chance.choice(list(answers))
    answers[patent] = [(office, number, "5") for office, number, _ in answers[patent]]
    return _listed(answers, visible=False)


ANSWER_CHANGES = {
    change.__name__: change
    for change in (
        member_doubled, family_of_other_kind, number_of_other_kind, number_lost, no_members,
        attribute_renamed,
        answer_cut, tag_lost, answer_of_bytes, busy_page, number_padded, members_swapped, answer_lost,
        other_family,
    )
}  # fmt: skip
