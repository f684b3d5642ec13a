"""The declaration of a table, drafted from its layout: columns, years, series or commodities.

Reads: the layout of one table.
Writes: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from listgen.base.text import t
from listgen.config.shapes import TO_FILL, TO_FILL_ID
from listgen.stage.tables.draft.layout import KEY_NAMES, Layout, bare
from listgen.stage.tables.draft.questions import questions_on_figures

_VALUE_NAMES = re.compile(
    r"^(value|obs_?value|count|number|n|quantity|share|amount|値|件数|数量|割合|生産量)$", re.IGNORECASE
)
_UNIT_NAMES = re.compile(r"^unit|units?$|^unit_|単位", re.IGNORECASE)
_COMMODITY_NAMES = re.compile(r"commodity|mineral|material|品目|鉱種|物資", re.IGNORECASE)
_STAGE_NAMES = re.compile(r"^stage|^type$|段階|工程", re.IGNORECASE)
_FLAG_NAMES = re.compile(r"^(?:obs_?)?(?:flags?|status)$", re.IGNORECASE)
_MULTIPLIER_NAMES = re.compile(r"^(?:obs_)?unit_?mult(?:iplier)?$|^power_?code(?: code)?$", re.IGNORECASE)
_RANK_NAMES = re.compile(r"^(?:rank|x|y|no\.?|順位)$", re.IGNORECASE)
_PRINTED_UNIT = re.compile(r"単位\s*[:：]\s*([^)）\s]+)|^\(?units?\s*:\s*([^)]+)\)?$", re.IGNORECASE)


class Declaration:
    """Declares one table.

    `table` is the declaration as data. `remarks` are what a person should look at.
    """

    def __init__(self, layout: Layout, form: str | None) -> None:
        self.layout = layout
        self.form = form or ("supply_table" if layout.named(_COMMODITY_NAMES) else "statistic_table")
        self.remarks: list[str] = []
        self.open: list[str] = []
        self.title = [cell for row in layout.rows[: layout.header_row - 1] for cell in row if cell]
        self.table = self._declared()

    def _declared(self) -> dict[str, Any]:
        layout = self.layout
        table = dict(layout.kind) | {"header_row": layout.header_row, "header_rows": layout.header_rows}
        if layout.header_rows == 1:
            del table["header_rows"]
        years = self._years()
        columns = self._named_columns()
        if len(years) >= 2:
            names = [layout.names[place] for place in years]
            table |= {"layout": "wide", "year_columns": self._year_pattern(names)}
            values = years
        else:
            table["layout"] = "long"
            values = self._long(table, columns)
        table["columns"] = columns
        if self.form == "supply_table":
            self._supply(table, columns)
        else:
            table["series"] = self._series(columns, values, is_wide=len(years) >= 2)
        if self.title:
            table["title_contains"] = [self.title[0][:80]]
        if questions := [*self.open, *questions_on_figures(layout)]:
            table["questions"] = questions
            self.remarks.extend(questions)
        return table

    def _named_columns(self) -> dict[str, str]:
        """Return the columns that say by their name what they are."""
        columns = {"area": self.layout.names[self.layout.area]}
        for key, pattern in (("unit", _UNIT_NAMES), ("flag", _FLAG_NAMES), ("multiplier", _MULTIPLIER_NAMES)):
            if name := self.layout.named(pattern):
                columns[key] = name
        return columns

    def _years(self) -> list[int]:
        """Return the columns of years, with a remark on those that repeat a year."""
        years, repeated = self.layout.year_columns()
        if repeated:
            self.remarks.append(
                t(
                    "More than one column names the same year; left out: {columns}.",
                    columns=", ".join(repeated),
                )
            )
        return years

    def _year_pattern(self, names: list[str]) -> str:
        """Return a regular expression for the headings of years and nothing else."""
        if any(" / " in name for name in names):
            return "^(?P<series>.+) / (?P<year>.+)$"
        shapes = {
            re.escape(re.sub(r"\d{4}|元|\d{1,2}(?=年)", "\0", name)).replace("\0", r"(?:\d{4}|元|\d{1,2})")
            for name in names
        }
        return "^(?:" + "|".join(sorted(shapes)) + ")$"

    def _long(self, table: dict[str, Any], columns: dict[str, str]) -> list[int]:
        """Declare year and value of a long table; return the columns of figures."""
        year = next(filter(self.layout.is_year_column, range(len(self.layout.names))), None)
        if year is None:
            table["constants"] = {"year": self._constant_year()}
        else:
            columns["year"] = self.layout.names[year]
        figures = self._figures(year, columns)
        named = [place for place in figures if _VALUE_NAMES.match(self.layout.names[place])]
        if len(self.layout.blocks) < 2 and (len(figures) == 1 or named):
            columns["value"] = self.layout.names[(named or figures)[0]]
            return (named or figures)[:1]
        if self.form == "supply_table" and figures:
            columns["value"] = self.layout.names[figures[0]]
        if not figures:
            self.remarks.append(t("No column of figures was found: name it in table.columns.value."))
        return figures

    def _constant_year(self) -> int:
        """Return the year of a table without a column of years: the newest in its title or file name."""
        found = [
            year
            for text in [*self.title, self.layout.held.file_name]
            for year in map(int, re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text))
        ]
        year = max(found, default=2000)
        self.remarks.append(t("No column of years: table.constants.year is {year}; check it.", year=year))
        if not found:
            self.open.append(
                t(
                    "{mark}: no year is printed; write it under table.constants.year, then delete this line.",
                    mark=TO_FILL["en"],
                )
            )
        return year

    def _figures(self, year: int | None, columns: Mapping[str, str]) -> list[int]:
        """Return the columns of figures: numbers that are neither years, keys nor ranks."""
        return [
            place
            for place, name in enumerate(self.layout.names)
            if name
            and place not in (self.layout.area, year)
            and self.layout.is_numeric(place)
            and not KEY_NAMES.search(name)
            and not _RANK_NAMES.match(bare(name))
            and name not in columns.values()
        ]

    # ---- series and commodities ------------------------------------------------------------------

    def _series(self, columns: dict[str, str], values: list[int], *, is_wide: bool) -> list[dict[str, Any]]:
        """Return the series: one for each merged heading above the years, else one for each key."""
        merged = [self.layout.names[place].rpartition(" / ")[0] for place in values] if is_wide else []
        keys: Sequence[str | None] = list(dict.fromkeys(filter(None, merged))) or self._keys(
            columns, values, has_value="value" in columns or is_wide
        )
        return [self._one_series(key, place) for place, key in enumerate(keys, start=1)]

    def _keys(self, columns: dict[str, str], figures: list[int], *, has_value: bool) -> Sequence[str | None]:
        """Return the keys of the series.

        Texts of a column, names of columns of figures, or None for the whole table.
        """
        if not has_value:
            return [self.layout.names[place] for place in figures]
        key = self.layout.key_column(columns)
        if key is None:
            return [None]
        columns["series"] = self.layout.names[key]
        self.remarks.append(
            t(
                'Series are told apart by "{column}": those in the first rows are drafted; strike out what'
                " you do not need.",
                column=self.layout.names[key],
            )
        )
        return list(dict.fromkeys(self.layout.cells(key)))[:50]

    def _one_series(self, key: str | None, place: int) -> dict[str, Any]:
        area = self.layout.block_area(key)
        unit = next(
            (match[1] or match[2] for text in self.title if (match := _PRINTED_UNIT.search(text))), None
        )
        slug = re.sub(r"[^a-z0-9]+", "_", (key or "table").lower()).strip("_")
        return {
            "id": f"{self.layout.held.source_id}:{slug or place}",
            **({"key": key} if key else {}),
            **({"area": area} if area else {}),
            "title": {
                "en": key or self.layout.held.source_id,
                "ja": f"{TO_FILL['ja']}：題名（{key or self.layout.held.source_id}）",
            },
            "measure": "count",
            "unit": unit or f"{TO_FILL['en']}: unit",
            "counting": "none",
        }

    def _supply(self, table: dict[str, Any], columns: dict[str, str]) -> None:
        commodity, stage = self.layout.named(_COMMODITY_NAMES), self.layout.named(_STAGE_NAMES)
        constants = dict(table.get("constants") or {})
        for key, name in (("commodity", commodity), ("stage", stage)):
            if name:
                columns[key] = name
            else:
                constants[key] = TO_FILL_ID
                self.remarks.append(
                    t(
                        "No column of {key}: say it in table.constants.{key}, as the technologies name it"
                        " under supply.",
                        key=key,
                    )
                )
        if "unit" not in columns:
            constants["unit"] = f"{TO_FILL['en']}: unit"
        if constants:
            table["constants"] = constants
