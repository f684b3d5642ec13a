"""Mutants of trade: BACI's yearly file, and a page of UN Comtrade."""

from __future__ import annotations

import json
import random

from mutants import Change, Truth

NUMBERS = {"JP": 392, "US": 842, "CN": 156, "DE": 276}
CODE = "850760"
NAME = "BACI_HS22_Y2024_V202601.csv"
HEADER = "t,i,j,k,v,q"
Rows = list[list[str]]


def make_baci(chance: random.Random) -> tuple[Rows, Truth]:
    """Return BACI's rows and its true flows in dollars."""
    rows, truth = [], {}
    for exporter, sender in NUMBERS.items():
        for importer, taker in NUMBERS.items():
            if exporter != importer:
                value = chance.randint(1000, 90_000)
                truth[exporter, importer] = float(value)
                rows.append(["2024", str(sender), str(taker), CODE, f"{value / 1000:.3f}", "1.500"])
                rows.append(
                    ["2024", str(sender), str(taker), "010121", f"{chance.randint(1, 90) / 10:.3f}", "0.100"]
                )
    return rows, truth


def _baci(rows: Rows, *, visible: bool = True, header: str = HEADER, end: str = "\n") -> Change:
    text = "\n".join([header, *(",".join(row) for row in rows)]) + end
    return Change({NAME: text.encode()}, visible)


def _wanted(rows: Rows, chance: random.Random) -> int:
    return chance.choice([place for place, row in enumerate(rows) if row[3] == CODE])


def doubled_row(rows: Rows, chance: random.Random) -> Change:
    """Print one flow twice with the same figures."""
    return _baci([*rows, list(rows[_wanted(rows, chance)])])


def two_amounts(rows: Rows, chance: random.Random) -> Change:
    """Print one flow twice with other figures."""
    row = list(rows[_wanted(rows, chance)])
    row[4] = f"{chance.randint(100, 900)}.125"
    return _baci([*rows, row])


def two_releases(rows: Rows, chance: random.Random) -> Change:
    """Lay an older release of the same year next to the file: one flow was revised."""
    older = [list(row) for row in rows]
    older[_wanted(rows, chance)][4] = f"{chance.randint(100, 900)}.125"
    files = dict(_baci(rows).files) | {NAME.replace("V202601", "V202501"): _baci(older).files[NAME]}
    return Change(files, True)


def lost_quote(rows: Rows, chance: random.Random) -> Change:
    """Put a lone quote mark before a cell."""
    rows[_wanted(rows, chance)][chance.randrange(6)] = '"' + "5"
    return _baci(rows)


def cut_in_number(rows: Rows, chance: random.Random) -> Change:
    """End the file inside an amount."""
    kept = rows[: _wanted(rows, chance) + 1]
    kept[-1] = kept[-1][:5]
    kept[-1][4] = kept[-1][4][: -chance.randint(1, 4)]
    return _baci(kept, end="")


def cut_in_weight(rows: Rows, chance: random.Random) -> Change:
    """End the file inside the last weight: the flows after it are lost."""
    kept = rows[: _wanted(rows, chance) + 1]
    kept[-1][5] = kept[-1][5][:-1]
    return _baci(kept, end="")


def short_row(rows: Rows, chance: random.Random) -> Change:
    """Cut the end of one row off."""
    place = _wanted(rows, chance)
    rows[place] = rows[place][: chance.randrange(1, 6)]
    return _baci(rows)


def swapped_headings(rows: Rows, chance: random.Random) -> Change:
    """Exchange two headings and not their columns; exporter and importer look alike."""
    names = HEADER.split(",")
    left, right = chance.choice([(0, 1), (0, 4), (1, 3), (3, 4), (2, 3), (0, 2)])
    names[left], names[right] = names[right], names[left]
    return _baci(rows, header=",".join(names))


def swapped_columns(rows: Rows, chance: random.Random) -> Change:
    """Exchange two columns with their headings: the figures stay true."""
    names = HEADER.split(",")
    left, right = chance.sample(range(6), 2)
    for row in [names, *rows]:
        row[left], row[right] = row[right], row[left]
    return _baci(rows, header=",".join(names))


def other_year(rows: Rows, chance: random.Random) -> Change:
    """Print other years than the file's name says, in one row or in all."""
    chosen = [_wanted(rows, chance)] if chance.random() < 0.5 else range(len(rows))
    year = chance.choice(["2023", "24", "2024-25", "-2024", "2031"])
    for place in chosen:
        rows[place][0] = year
    return _baci(rows)


def not_a_number(rows: Rows, chance: random.Random) -> Change:
    """Make an amount or a country something else."""
    place = _wanted(rows, chance)
    rows[place][chance.choice([1, 2, 4])] = chance.choice(["much", "", "-3", "1 234.5"])
    return _baci(rows)


def changed_figure(rows: Rows, chance: random.Random) -> Change:
    """Change one amount: nothing in the file shows it."""
    rows[_wanted(rows, chance)][4] = "77.125"
    return _baci(rows, visible=False)


BACI_CHANGES = {
    change.__name__: change
    for change in (
        doubled_row, two_amounts, two_releases, lost_quote, cut_in_number, cut_in_weight, short_row,
        swapped_headings, swapped_columns, other_year,
        not_a_number, changed_figure,
    )
}  # fmt: skip


# ---- UN Comtrade ---------------------------------------------------------------------------------


def make_page(chance: random.Random) -> tuple[list[dict], Truth]:
    """Return the records of a page, each country's imports from each other and in all, and the true flows."""
    rows, truth = [], {}
    for importer, taker in NUMBERS.items():
        for exporter, sender in NUMBERS.items():
            if exporter != importer:
                truth[exporter, importer] = float(chance.randint(1000, 90_000))
                rows.append(_flow(taker, sender, truth[exporter, importer]))
    return rows, truth


def _flow(reporter: int, partner: int, value: float) -> dict:
    return {
        "period": "2024", "flowCode": "M", "reporterCode": reporter, "partnerCode": partner, "cmdCode": CODE,
        "classificationCode": "H6",
        "partner2Code": 0, "motCode": 0, "customsCode": "C00", "primaryValue": value, "netWgt": 10.0,
    }  # fmt: skip


def _page(rows: list[dict], *, visible: bool = True, count: int | None = None) -> Change:
    document = {
        "elapsedTime": "0.1 secs",
        "count": len(rows) if count is None else count,
        "data": rows,
        "error": "",
    }
    return Change({"page.json": json.dumps(document).encode()}, visible)


def page_doubled_row(rows: list[dict], chance: random.Random) -> Change:
    """Give one flow twice with the same figures."""
    return _page([*rows, dict(chance.choice(rows))])


def page_two_amounts(rows: list[dict], chance: random.Random) -> Change:
    """Give one flow twice with other figures."""
    return _page([*rows, chance.choice(rows) | {"primaryValue": 5.5}])


def page_parts(rows: list[dict], chance: random.Random) -> Change:
    """Add parts of a row: a means of transport, a second partner, a customs procedure."""
    part = chance.choice([{"motCode": 2100}, {"partner2Code": 842}, {"customsCode": "C01"}])
    return _page([*rows, chance.choice(rows) | part | {"primaryValue": 7.0}])


def page_cut(rows: list[dict], chance: random.Random) -> Change:
    """End the page inside a record."""
    content = _page(rows).files["page.json"]
    return Change({"page.json": content[: -chance.randint(20, 900)]}, True)


def page_fewer(rows: list[dict], chance: random.Random) -> Change:
    """Leave out records the page counts."""
    return _page(rows[: -chance.randint(1, 3)], count=len(rows))


def page_twice_a_key(rows: list[dict], chance: random.Random) -> Change:
    """Say the amount of one record twice."""
    text = json.dumps({"count": len(rows), "data": rows, "error": ""})
    value = f'"primaryValue": {chance.choice(rows)["primaryValue"]}'
    return Change({"page.json": text.replace(value, f'{value}, "primaryValue": 3.5', 1).encode()}, True)


def page_other_kind(rows: list[dict], chance: random.Random) -> Change:
    """Make a field of one record something else."""
    row = chance.choice(rows)
    row |= chance.choice(
        [{"period": "202403"}, {"period": "24"}, {"primaryValue": -1}, {"cmdCode": "85076"},
            {"reporterCode": None}, {"flowCode": "RM"},
         {"classificationCode": "S4"}, {"partnerCode": 392.5}]
    )  # fmt: skip
    return _page(rows)


def page_changed_figure(rows: list[dict], chance: random.Random) -> Change:
    """Change one amount: nothing in the page shows it."""
    chance.choice(rows)["primaryValue"] = 77.5
    return _page(rows, visible=False)


PAGE_CHANGES = {
    change.__name__: change
    for change in (
        page_doubled_row,
        page_two_amounts,
        page_parts,
        page_cut,
        page_fewer,
        page_twice_a_key,
        page_other_kind,
        page_changed_figure,
    )
}
