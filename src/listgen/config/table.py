"""The shape of a published table's declaration: enough for it to be read without code of its own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from listgen.base.text import t
from listgen.config.shapes import Encoding, Filled, Model, Slug, Text

# What a workbook shows otherwise than it stores it.
Hides = Literal[
    "percent", "thousands", "raised", "hidden_rows", "hidden_columns", "hidden_sheet", "old_format"
]
Match = dict[str, Filled | list[Filled]]


class TableYears(Model):
    """The first and the last year the table has; a year lost or added means another edition."""

    first: int = Field(ge=1000, le=2999)
    last: int = Field(ge=1000, le=2999)

    @model_validator(mode="after")
    def _in_order(self) -> TableYears:
        if self.first > self.last:
            raise ValueError(t("first must not be later than last"))
        return self


class TableSeries(Model):
    """One series of a published table: how it is found there and what it measures.

    `key`: the text in `columns.series`, or the name of the series' own column. `area`: that column's own
    column of areas, where blocks stand side by side, each in its own order. `match`: the texts that stand in
    the series' rows, by column. `caveats`: keys of what holds for this series and not for all of its source.
    `years_covered`: how many years one printed value sums up, ending with the year it is filed under.
    """

    id: Filled
    key: str | None = None
    area: Filled | None = None
    match: Match = {}
    title: Text
    measure: Literal["count", "top1_intensity"]
    unit: Filled
    counting: Literal["full", "fractional", "none"]
    universe: str | None = None
    is_one_office: bool = False
    decimals: int = Field(ge=0, le=10, default=0)
    caveats: list[Slug] = []
    years: TableYears | None = None
    years_covered: int = Field(ge=1, le=100, default=1)

    @property
    def row_key(self) -> str | None:
        """Return what marks the rows of this series once they are read.

        None where the whole table is one series.
        """
        return self.id if self.match else self.key


class TableCommodity(Model):
    """One commodity at one stage in a supply table.

    The texts that stand in its rows, by column, and the unit printed there.
    """

    commodity: Slug
    stage: Slug
    match: Match
    unit: Filled | None = None


class TableColumns(Model):
    """Which columns of a declared table carry what.

    Names as printed in its header, merged headings joined by ` / `.

    `flag`: what the publisher says about a figure (b: break in series, p: provisional, e: estimated).
    `multiplier`: the power of ten by which the printed figure is to be multiplied (UNIT_MULT of SDMX).
    """

    area: str | None = None
    year: str | None = None
    value: str | None = None
    series: str | None = None
    unit: str | None = None
    commodity: str | None = None
    stage: str | None = None
    flag: str | None = None
    multiplier: str | None = None


class TableConstants(Model):
    """What holds for the whole table and is printed nowhere in it.

    `years_covered`: how many years a printed value of a supply table is the mean of, ending with the year it
    is filed under. `decimals`: how many digits its fractions have; 3 says that "1.234" is one.
    """

    area: Filled | None = None
    year: int | None = Field(default=None, ge=1000, le=2999)
    years_covered: int = Field(ge=1, le=100, default=1)
    unit: Filled | None = None
    commodity: Slug | None = None
    stage: Slug | None = None
    decimals: int | None = Field(default=None, ge=0, le=10)


class TableControl(Model):
    """A figure read off the published table by hand.

    A file that prints another one is another edition, or in another unit.
    """

    series: str | None = None
    commodity: str | None = None
    stage: str | None = None
    area: Filled
    year: int
    value: float


class Table(Model):
    """A published table as a source.

    README, "Adding a source", shows one in full, stage/tables/plan.py says what each part means. `accepts`:
    what a workbook shows otherwise than it stores it, and a person has looked at: the stored figure is meant.
    """

    format: Literal["csv", "tsv", "xlsx"] = "csv"
    sheet: Filled | None = None
    accepts: list[Hides] = []
    encoding: Encoding = "utf-8"
    delimiter: str | None = None
    packed_keys: bool = False
    questions: list[Filled] = []
    decimal: Literal[".", ","] = "."
    title_contains: list[Filled] = []
    header_row: int | None = Field(default=None, ge=1)
    header_rows: int = Field(ge=1, le=5, default=1)
    header_contains: list[Filled] = []
    layout: Literal["long", "wide"] = "long"
    columns: TableColumns
    fill_down: list[Literal["area", "series", "commodity", "stage", "unit", "year"]] = []
    constants: TableConstants = TableConstants()
    year_columns: str | None = None
    year_names: dict[str, int] = {}
    null_values: list[str] = ["", "na", "ne", "n.a.", "NA", "-", "–", "—", "…", "...", "..", "X", "W", "*"]
    zero_values: list[Filled] = []
    value_marks: list[Filled] = []
    whole: float | None = Field(default=None, gt=0)
    areas: dict[str, Filled] = {}
    other_areas: list[Filled] | None = None
    units: list[Filled] = []
    years: TableYears | None = None
    controls: list[TableControl] = []
    series: list[TableSeries] = []
    commodities: list[TableCommodity] = []

    @model_validator(mode="after")
    def _fits_together(self) -> Table:
        if self.format == "xlsx" and self.delimiter:
            raise ValueError(t("delimiter has no meaning in a workbook (format: xlsx)"))
        if self.sheet and self.format != "xlsx":
            raise ValueError(t("sheet has a meaning in a workbook only; set format: xlsx"))
        if self.accepts and self.format != "xlsx":
            raise ValueError(t("accepts has a meaning in a workbook only; set format: xlsx"))
        if any(series.match for series in self.series) and (
            self.columns.series or any(s.key for s in self.series)
        ):
            raise ValueError(
                t(
                    "series are found by match or by key (with columns.series, or one column each), not by"
                    " both"
                )
            )
        return self
