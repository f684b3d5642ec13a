"""Mutants of declared tables.

A statistics table (long and wide) and a supply table, each with a declaration and control figures.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from mutants import Change, Truth

NAMES = {
    "WORLD": "World", "JP": "Japan", "US": "United States", "CN": "China", "KR": "Korea, Rep.",
    "DE": "Germany",
    "FR": "France", "GB": "United Kingdom", "IN": "India",
}  # fmt: skip
JAPANESE = {"JP": "日本", "US": "米国", "CN": "中国", "DE": "ドイツ", "FR": "フランス", "IN": "インド"}
YEARS = range(2016, 2022)
ITEMS = ("alpha", "beta")
UNIT = "families"
OTHER = "Asia"


@dataclass(frozen=True)
class World:
    """A table as rows of cells: header, then item, area, year, value, unit.

    How it is written is left to `text`.
    """

    rows: list[list[str]]
    layout: str
    columns: tuple[str, ...]

    @property
    def quoted(self) -> list[list[str]]:
        """Return the rows with a quote round every cell that needs one."""
        return [[f'"{cell}"' if "," in cell else cell for cell in row] for row in self.rows]

    def text(self, rows: list[list[str]] | None = None) -> str:
        """Return the table as CSV."""
        return "".join(",".join(row) + "\n" for row in (self.quoted if rows is None else rows))


def make(chance: random.Random) -> tuple[World, Truth]:
    """Return a table and its true figures; the world is the sum of its parts."""
    layout = chance.choice(["long", "wide"])
    truth: Truth = {}
    for item in ITEMS:
        for year in YEARS:
            for code in NAMES:
                truth[item, code, year] = float(chance.randint(1100, 98000))
            truth[item, "WORLD", year] = sum(
                truth[item, code, year] or 0 for code in NAMES if code != "WORLD"
            )
    printed = {
        key: f"{int(value or 0):,}" if chance.random() < 0.2 else str(int(value or 0))
        for key, value in truth.items()
    }
    areas = [*NAMES.items(), ("", OTHER)]
    if layout == "long":
        columns = ("item", "area", "year", "value", "unit")
        rows = [
            [i, name, str(y), printed.get((i, code, y), "77"), UNIT]
            for i in ITEMS
            for code, name in areas
            for y in YEARS
        ]
    else:
        columns = ("item", "area", "unit", *map(str, YEARS))
        rows = [
            [i, name, UNIT, *(printed.get((i, code, y), "77") for y in YEARS)]
            for i in ITEMS
            for code, name in areas
        ]
    return World([list(columns), *rows], layout, columns), truth


def declaration(layout: str, controls: list[tuple[str, str, int, float]]) -> dict[str, object]:
    """Return the table's declaration, the same for every mutant."""
    columns = {"area": "area", "series": "item", "unit": "unit"} | (
        {"year": "year", "value": "value"} if layout == "long" else {}
    )
    return {
        "layout": layout,
        "columns": columns,
        "units": [UNIT],
        "years": {"first": YEARS[0], "last": YEARS[-1]},
        "other_areas": [OTHER],
        "controls": [
            {"series": f"mini_{item}", "area": area, "year": year, "value": value}
            for item, area, year, value in controls
        ],
    }


def _a_row(world: World, chance: random.Random) -> int:
    """Return the place of a row of a country, not one of a region."""
    return chance.choice([place for place, row in enumerate(world.rows) if place and row[1] != OTHER])


def _value_place(world: World, chance: random.Random) -> int:
    return 3 if world.layout == "long" else chance.randrange(3, len(world.columns))


def _file(text: str, *, visible: bool, truth: Truth | None = None) -> Change:
    return Change({"table.csv": text.encode()}, visible, truth)


def lost_quote(world: World, chance: random.Random) -> Change:
    """Put a lone quote mark before a cell, as where the closing one was lost."""
    rows = world.quoted
    row = rows[_a_row(world, chance)]
    place = chance.randrange(len(row))
    row[place] = '"' + row[place].strip('"')
    return _file(world.text(rows), visible=True)


def cut_in_number(world: World, chance: random.Random) -> Change:
    """End the file inside the last number of a row of a country; the last row is part of what is lost."""
    rows = world.quoted[: _a_row(world, chance) + 1]
    if world.layout == "long":
        rows[-1][3:] = [rows[-1][3].strip('"')]
    text = world.text(rows).rstrip("\n")
    return _file(text[: -chance.randint(1, 2)].rstrip('"'), visible=True)


def lost_rows(world: World, chance: random.Random) -> Change:
    """Leave out everything of one item after a year, or one item altogether.

    The declared years and series say so.
    """
    item = chance.choice(ITEMS)
    if world.layout == "long":
        year = chance.choice(YEARS)
        rows = [row for row in world.rows if (row[0], row[2]) != (item, str(year))]
    else:
        rows = [row for row in world.rows if row[0] != item]
    return _file(World(rows, world.layout, world.columns).text(), visible=True)


def short_row(world: World, chance: random.Random) -> Change:
    """Cut the end of one row off."""
    rows = world.quoted
    place = _a_row(world, chance)
    n = 4 if world.layout == "long" else chance.randrange(3, len(world.columns))
    rows[place] = rows[place][:n]
    return _file(world.text(rows), visible=True)


def swapped_headings(world: World, chance: random.Random) -> Change:
    """Exchange two headings that are read, and not their columns."""
    rows = [list(row) for row in world.rows]
    left, right = chance.choice([(2, 3), (0, 1), (1, 2), (3, 4), (0, 3)])
    rows[0][left], rows[0][right] = rows[0][right], rows[0][left]
    both_years = world.layout == "wide" and left >= 3
    return _file(World(rows, world.layout, world.columns).text(), visible=not both_years)


def swapped_columns(world: World, chance: random.Random) -> Change:
    """Exchange two columns with their headings: the figures stay true."""
    left, right = chance.sample(range(len(world.columns)), 2)
    rows = [list(row) for row in world.quoted]
    for row in rows:
        row[left], row[right] = row[right], row[left]
    return _file(world.text(rows), visible=True)


def other_unit(world: World, chance: random.Random) -> Change:
    """Print all figures in thousands, with or without the unit's name: the controls say so."""
    rows = [list(row) for row in world.rows]
    say = chance.random() < 0.5
    for row in rows[1:]:
        for place in [3] if world.layout == "long" else range(3, len(row)):
            row[place] = f"{int(row[place].replace(',', '')) / 1000:g}"
        if say:
            row[4 if world.layout == "long" else 2] = "thousand families"
    return _file(World(rows, world.layout, world.columns).text(), visible=True)


def one_other_unit(world: World, chance: random.Random) -> Change:
    """Name another unit in one row."""
    rows = [list(row) for row in world.rows]
    rows[_a_row(world, chance)][4 if world.layout == "long" else 2] = "thousand families"
    return _file(World(rows, world.layout, world.columns).text(), visible=True)


def other_years(world: World, chance: random.Random) -> Change:
    """Move all years, or make one of them a span, a month or a quarter."""
    rows = [list(row) for row in world.rows]
    if chance.random() < 0.3:
        shift = chance.choice([-1, 1, 10])
        change = lambda text: str(int(text) + shift)  # noqa: E731 - one of two ways
    else:
        wanted = str(chance.choice(YEARS))
        form = chance.choice(
            [
                "{0}年～{1}年",
                "{0}-{2:02d}",
                "{0} to {1}",
                "{0}/{1}",
                "{0}-03",
                "{0}Q1",
                "{0} 3月",
                "-{0}",
                "{0}‐{1}",
                "{0}M11",
            ]
        )
        new = form.format(wanted, int(wanted) + 2, (int(wanted) + 2) % 100)
        change = lambda text: new if text == wanted else text  # noqa: E731 - one of two ways
    if world.layout == "long":
        for row in rows[1:]:
            row[2] = change(row[2])
    else:
        rows[0] = [change(name) if name.isdigit() else name for name in rows[0]]
    return _file(World(rows, world.layout, world.columns).text(), visible=True)


def doubled_rows(world: World, chance: random.Random) -> Change:
    """Print a row twice, with the same figures or with others."""
    rows = [list(row) for row in world.rows]
    row = list(rows[_a_row(world, chance)])
    if chance.random() < 0.5:
        row[_value_place(world, chance)] = str(chance.randint(10**5, 10**6))
    rows.insert(chance.randrange(1, len(rows) + 1), row)
    return _file(World(rows, world.layout, world.columns).text(), visible=True)


def padded_names(world: World, chance: random.Random) -> Change:
    """Write a country as ministries do: padded to one width, with a note, in Japanese, with a mark."""
    code = chance.choice(list(JAPANESE))
    name = JAPANESE[code]
    form = chance.choice(["\u3000".join(name), " ".join(name), f" {NAMES[code]}  ", NAMES[code] + "1)",
        f"{name}（注１）", NAMES[code] + " (a)",
        f"{name}（暫定値を含む。）", NAMES[code].upper(), f"\u3000{name}\u3000"])  # fmt: skip
    rows = [[form if cell == NAMES[code] else cell for cell in row] for row in world.rows]
    return _file(World(rows, world.layout, world.columns).text(), visible=True)


def unknown_name(world: World, chance: random.Random) -> Change:
    """Misspell a country: no name may become another country's, and none may be lost without a word."""
    name = chance.choice([name for code, name in NAMES.items() if code != "WORLD"])
    form = chance.choice(
        [
            name[:-1],
            name + "land",
            "Korea",
            "Republic of China",
            name[::-1],
            name[0] + name[2] + name[1] + name[3:],
        ]
    )
    rows = [[form if cell == name else cell for cell in row] for row in world.rows]
    return _file(World(rows, world.layout, world.columns).text(), visible=True)


def glued_mark(world: World, chance: random.Random) -> Change:
    """Glue a mark to a figure that is no digit, so that it is no number any more, or one with a note."""
    rows = [list(row) for row in world.rows]
    place = chance.choice([p for p, row in enumerate(rows) if p and row[1] != OTHER])
    rows[place][_value_place(world, chance)] += chance.choice(["¹", "[1]", " e", "x", "?", " 1)", "*"])
    return _file(World(rows, world.layout, world.columns).text(), visible=True)


def changed_figure(world: World, chance: random.Random) -> Change:
    """Change one figure: only a control figure could show it."""
    rows = [list(row) for row in world.rows]
    rows[_a_row(world, chance)][_value_place(world, chance)] = str(chance.randint(10**5, 10**6))
    return _file(World(rows, world.layout, world.columns).text(), visible=False)


def dot_thousands(world: World, chance: random.Random) -> Change:
    """Group the thousands of one row, or of all rows, by points."""
    rows = [list(row) for row in world.rows]
    chosen = {_a_row(world, chance)} if chance.random() < 0.5 else set(range(1, len(rows)))
    for place in chosen:
        for column in [3] if world.layout == "long" else range(3, len(rows[0])):
            rows[place][column] = f"{int(rows[place][column].replace(',', '')):,}".replace(",", ".")
    return _file(World(rows, world.layout, world.columns).text(), visible=True)


CHANGES = {
    change.__name__: change
    for change in (
        lost_quote, cut_in_number, lost_rows, short_row, swapped_headings, swapped_columns, other_unit,
        one_other_unit, other_years,
        doubled_rows, padded_names, unknown_name, glued_mark, changed_figure, dot_thousands,
    )
}  # fmt: skip
