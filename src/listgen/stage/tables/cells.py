"""What stands in a cell of a published table: numbers and years, without marks, in any usual spelling.

Numbers: full-width digits, thousands separators, percent signs, superscripts, tags and bracketed notes are no part of a number. A bound
("<0.1%", ">2000", "0.1未満") is no measurement: it becomes NULL and stays readable as printed. Years: four digits, or an era year (令和2年,
平成元年, S60). A span of years is no year.
"""

from __future__ import annotations

import re
from typing import Any

from listgen.config.table import Table

# The year before the first of each era, and the ways its name is written.
_ERAS = {2018: "令和|R", 1988: "平成|H", 1925: "昭和|S", 1911: "大正|T", 1867: "明治|M"}
_ERA_YEAR = r"^(?:{names})[. ]?(元|[0-9]{{1,2}})(?:[^0-9]|$)"
_YEAR = r"(?:^|[^0-9])([0-9]{4})(?:[^0-9]|$)"
_SPAN = r"[0-9]{4} ?[-–—~〜～/] ?[0-9]{4}"
# Two digits after a stroke are the end of a span ("2021-24") if they are later than the year's own, else a month ("2021-04").
_SHORT_SPAN = r"([0-9]{2}) ?[-–—~〜～/] ?([0-9]{2})(?:[^0-9/-]|$)"
_WIDE = "０１２３４５６７８９．，％－＋−＜＞　\u00a0\u2007\u2009\u202f"
_NARROW = "0123456789.,%-+-<>     "
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ†‡§"


def _era_sql() -> str:
    lines = []
    for base, names in _ERAS.items():
        pattern = _ERA_YEAR.format(names=names)
        lines.append(
            f"WHEN regexp_matches(year_plain, '{pattern}')\n"
            f"      THEN {base} + CAST(replace(regexp_extract(year_plain, '{pattern}', 1), '元', '1') AS INTEGER)"
        )
    return "\n    ".join(lines)


# Put between the cells as printed and a table reader's own statement. One decimal mark and one set of marks hold for a whole table, so
# the patterns come as parameters; see `cell_params`.
CELLS_SQL = rf"""
plain AS (
  -- Most cells are plain digits and need no cleaning; the patterns run on the others only.
  SELECT *, CASE WHEN regexp_full_match(year_text, '[0-9]{{4}}') THEN year_text
      ELSE trim(translate(year_text, '{_WIDE}', '{_NARROW}')) END AS year_plain,
    CASE WHEN regexp_full_match(value_text, '[0-9]+') THEN value_text
      ELSE trim(regexp_replace(trim(translate(translate(regexp_replace(replace(replace(value_text, '&nbsp;', ' '), '&lt;', '<'),
        '(?i)<(?:sup|sub)\b[^>]*>.*?</(?:sup|sub)\s*>|<[a-z/][^>]*>', '', 'g'), '{_RAISED}', ''), '{_WIDE}', '{_NARROW}')),
        $mark_pattern, '\1')) END AS value_plain
  FROM printed
),
valued AS (
  SELECT *, CASE
      WHEN list_contains($zero_values, value_plain) THEN 0
      WHEN regexp_full_match(value_plain, '[0-9]{{1,15}}') THEN CAST(value_plain AS DOUBLE)
      WHEN regexp_full_match(value_plain, $number_pattern) THEN CAST(replace(translate(value_plain, $grouping, ''), $decimal, '.') AS DOUBLE)
      END AS value
  FROM plain
),
declared_cell AS (
  SELECT * EXCLUDE (year_plain, value_plain), CASE
    WHEN regexp_full_match(year_plain, '[0-9]{{4}}') THEN CAST(year_plain AS INTEGER)
    WHEN regexp_matches(year_plain, '{_SPAN}') OR TRY_CAST(regexp_extract(year_plain, '{_SHORT_SPAN}', 1) AS INTEGER)
      < TRY_CAST(regexp_extract(year_plain, '{_SHORT_SPAN}', 2) AS INTEGER) THEN NULL
    WHEN regexp_matches(year_plain, '{_YEAR}') THEN CAST(regexp_extract(year_plain, '{_YEAR}', 1) AS INTEGER)
    {_era_sql()}
    END AS period_year,
    CASE WHEN value_plain IS NULL OR list_contains($null_values, trim(value_text)) THEN true
      WHEN value IS NOT NULL THEN false
      ELSE value_plain = '' OR list_contains($null_values, value_plain) OR regexp_full_match(value_plain, $bound_pattern) END AS is_blank
  FROM valued
)"""


def cell_params(table: Table) -> dict[str, Any]:
    """Return the parameters of `CELLS_SQL` for a table."""
    grouping, point = (",", r"\.") if table.decimal == "." else (r"\.", ",")
    separators = f"[{grouping} '’]"
    number = rf"[+-]?(?:[0-9]{{1,3}}(?:{separators}[0-9]{{3}})+(?:{point}[0-9]*)?|[0-9]+(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]{{1,2}})? ?%?"
    marks = [r"\[[0-9a-zA-Z]{1,2}\]", r"\([0-9a-zA-Z]{1,2}\)", r"\*+", *map(re.escape, table.value_marks)]
    return {
        "null_values": list(table.null_values),
        "zero_values": list(table.zero_values),
        "mark_pattern": rf"([0-9%])(?:\s*(?:{'|'.join(marks)}))+$",
        "number_pattern": number,
        "bound_pattern": rf"[<>≤≥] ?(?:{number})|(?:{number}) ?(?:未満|以下|以上|超)",
        "grouping": ("," if table.decimal == "." else ".") + " '’%",
        "decimal": table.decimal,
    }


EMPTY_PARAMS: dict[str, Any] = {
    **dict.fromkeys(("mark_pattern", "number_pattern", "bound_pattern", "decimal"), ","),
    "grouping": " ",
    "null_values": [""],
    "zero_values": [""],
    "series_keys": [""],
    "units": [""],
    "hs_codes": [""],
}


def year_of(text: str) -> int | None:
    """Return the year a heading names, as `CELLS_SQL` reads it from a cell."""
    plain = text.translate(str.maketrans(_WIDE, _NARROW)).strip()
    short = re.search(_SHORT_SPAN, plain)
    if re.search(_SPAN, plain) or (short and int(short[1]) < int(short[2])):
        return None
    if match := re.search(_YEAR, plain):
        return int(match[1])
    for base, names in _ERAS.items():
        if match := re.search(_ERA_YEAR.format(names=names), plain):
            return base + int(match[1].replace("元", "1"))
    return None
