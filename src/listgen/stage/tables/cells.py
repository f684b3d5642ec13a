"""What stands in a cell of a published table: numbers and years, without marks, in any usual spelling.

Numbers: full-width digits, thousands separators, percent signs, superscripts, tags and bracketed notes are no
part of a number. A bound ("<0.1%", ">2000", "0.1未満") is no measurement: it becomes NULL and stays readable
as printed. Years: four digits, or an era year (令和2年, 平成元年, S60). A span of years is not a year, nor is
a month, a quarter or a decade; `year_names` may say which year such a text is filed under.
"""

from __future__ import annotations

import re
from typing import Any

from listgen.config.table import Table
from listgen.store.sqlfile import quoted

# The year before the first of each era, and the ways its name is written. A letter is an era only where a
# word begins ("H30", not "2020M11").
_ERAS = {
    2018: ("令和", "R"),
    1988: ("平成", "H"),
    1925: ("昭和", "S"),
    1911: ("大正", "T"),
    1867: ("明治", "M"),
}
_ERA_NAMES = "|".join(name for names in _ERAS.values() for name in names if not name.isascii())
_ERA_LETTERS = "".join(name for names in _ERAS.values() for name in names if name.isascii())
_YEAR_TOKEN = rf"(?:{_ERA_NAMES}|\b[{_ERA_LETTERS}])?[. ]?[0-9]+"
# What may follow a year and is no part of it: the time of a date kept by a workbook (1 January, midnight),
# ".0" of a number kept as a fraction, the annual period of SDMX, a mark of a footnote.
_YEAR_TAIL = (
    r"(?:([0-9]{4})(?:-01-01[ T]00:00:00|\.0+|-A1))$|\s*(?:\((?:注"
    r" ?)?[0-9a-z]{1,2}\)|\[[0-9a-z]{1,2}\]|注[0-9]{1,2}\)?|\*+)$"
)
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
# Words that make of a year a part of one, several, or a bound; a sign before the digits is no year either.
_NO_YEAR = (
    rf"[0-9]{{4}}'?s\b|^[-+]|[~～〜]|\b(?:{_MONTHS})\b|\bq\b|\bquarter|四半期|半期|上期|下期|\bhalf\b|月|\bweek|"
    r"\b(?:before|after|since|until|from|to|through|early|late|mid|decade)\b|以降|以前|まで|から|年代|累計|cumulative"
)
_WIDE = "０１２３４５６７８９．，％－＋−＜＞＊（）［］　\u00a0\u2007\u2009\u202f"
_NARROW = "0123456789.,%-+-<>*()[]     "
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾ᵃᵇᶜᵈᵉ†‡§"


def _token_sql(token: str) -> str:
    """Return the SQL for the year a token names, NULL for a number that is not a year."""
    lines = [f"WHEN regexp_full_match({token}, '[. ]?[0-9]{{4}}') THEN CAST(right({token}, 4) AS INTEGER)"]
    for base, names in _ERAS.items():
        lines.append(
            f"WHEN regexp_matches({token}, '^(?:{'|'.join(names)})[. ]?[0-9]{{1,2}}$')\n"
            f"      THEN {base} + CAST(regexp_extract({token}, '[0-9]+$') AS INTEGER)"
        )
    return "CASE " + "\n    ".join(lines) + " END"


# Put between the cells as printed and a table reader's own statement. One decimal mark and one set of marks
# hold for a whole table, so the patterns come as parameters; see `cell_params`.
CELLS_SQL = rf"""
plain AS (
  -- Most cells are plain digits and need no cleaning; the patterns run on the others only.
  SELECT *, CASE WHEN regexp_full_match(year_text, '[0-9]{{4}}') THEN year_text
      ELSE trim(translate(year_text, '{_WIDE}', '{_NARROW}')) END AS year_plain,
    CASE WHEN regexp_full_match(value_text, '[0-9]+') THEN value_text
      ELSE trim(regexp_replace(trim(translate(translate(regexp_replace(replace(
        replace(value_text, '&nbsp;', ' '), '&lt;', '<'),
        '(?i)<(?:sup|sub)\b[^>]*>.*?</(?:sup|sub)\s*>|<[a-z/][^>]*>', '', 'g'),
        '{_RAISED}', ''), '{_WIDE}', '{_NARROW}')),
        $mark_pattern, '\1')) END AS value_plain
  FROM printed
),
valued AS (
  SELECT *, CASE
      WHEN list_contains($zero_values, value_plain) THEN 0
      WHEN regexp_full_match(value_plain, '[0-9]{{1,15}}') THEN CAST(value_plain AS DOUBLE)
      WHEN regexp_full_match(value_plain, $number_pattern)
        THEN CAST(replace(translate(value_plain, $grouping, ''), $decimal, '.') AS DOUBLE)
      END AS value_as_printed
  FROM plain
),
scaled AS (
  -- A multiplier that is not a whole number makes the figure unreadable: better set aside than
  -- wrong by a power of ten.
  SELECT *, CASE WHEN nullif(trim(multiplier_text), '') IS NULL THEN value_as_printed
      ELSE value_as_printed * power(10, TRY_CAST(TRY_CAST(multiplier_text AS DOUBLE) AS INTEGER)) END
        AS value,
    nullif(trim(concat_ws(' ', trim(flag_text), regexp_extract(value_text, $flag_pattern, 1))), '') AS flag
  FROM valued
),
dated AS (
  SELECT *, replace(regexp_replace(year_plain, {quoted(_YEAR_TAIL)}, '\1'), '元', '1') AS year_bare
    FROM scaled
),
tokened AS (
  SELECT *, [{_token_sql("token")}
    FOR token IN regexp_extract_all(year_bare, '{_YEAR_TOKEN}')] AS years FROM dated
),
declared_cell AS (
  SELECT * EXCLUDE (year_plain, value_plain, value_as_printed, year_bare, years), CASE
    WHEN list_contains($year_texts, trim(year_text)) 
      THEN $year_values[list_position($year_texts, trim(year_text))]
    WHEN regexp_full_match(year_plain, '[0-9]{{4}}') THEN CAST(year_plain AS INTEGER)
    WHEN regexp_matches(year_bare, {quoted("(?i)" + _NO_YEAR)}) THEN NULL
    WHEN len(list_filter(years, lambda item: item IS NULL)) = 0 AND len(list_distinct(years)) = 1
      THEN years[1]
    END AS period_year,
    CASE WHEN value_plain IS NULL OR list_contains($null_values, trim(value_text)) THEN true
      WHEN value IS NOT NULL THEN false
      ELSE value_plain = '' OR list_contains($null_values, value_plain)
        OR regexp_full_match(value_plain, $bound_pattern) END AS is_blank
  FROM tokened
)"""


def cell_params(table: Table) -> dict[str, Any]:
    """Return the parameters of `CELLS_SQL` for a table."""
    grouping, point = (",", r"\.") if table.decimal == "." else (r"\.", ",")
    separators = f"[{grouping} '’]"
    number = (
        rf"[+-]?(?:[0-9]{{1,3}}(?:{separators}[0-9]{{3}})+(?:{point}[0-9]*)?|"
        rf"[0-9]+(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]{{1,2}})? ?%?"
    )
    flags = "|".join(map(re.escape, table.value_marks)) or r"\z."  # without marks nothing matches
    marks = [r"\[[0-9a-zA-Z]{1,2}\]", r"\([0-9a-zA-Z]{1,2}\)", r"\*+", *map(re.escape, table.value_marks)]
    return {
        "null_values": list(table.null_values),
        "zero_values": list(table.zero_values),
        "mark_pattern": rf"([0-9%])(?:\s*(?:{'|'.join(marks)}))+$",
        "number_pattern": number,
        "flag_pattern": rf"[0-9%:]\s*((?:{flags})+)\s*$",
        "bound_pattern": rf"[<>≤≥] ?(?:{number})|(?:{number}) ?(?:未満|以下|以上|超)",
        "grouping": ("," if table.decimal == "." else ".") + " '’%",
        "decimal": table.decimal,
        "year_texts": list(table.year_names) or [""],
        "year_values": list(table.year_names.values()) or [0],
    }


EMPTY_PARAMS: dict[str, Any] = {
    **dict.fromkeys(("mark_pattern", "number_pattern", "bound_pattern", "flag_pattern", "decimal"), ","),
    "grouping": " ",
    "year_texts": [""],
    "year_values": [0],
    "null_values": [""],
    "zero_values": [""],
    "series_keys": [""],
    "units": [""],
    "hs_codes": [""],
}


def year_of(text: str) -> int | None:
    """Return the year a heading names, as `CELLS_SQL` reads it from a cell.

    None for a span of years or a part of one.
    """
    plain = text.translate(str.maketrans(_WIDE, _NARROW)).strip()
    bare = re.sub(_YEAR_TAIL, lambda match: match[1] or "", plain, count=1, flags=re.ASCII).replace("元", "1")
    if re.search(_NO_YEAR, bare, re.IGNORECASE | re.ASCII):
        return None
    years = {_year_of_token(token) for token in re.findall(_YEAR_TOKEN, bare, re.ASCII)}
    return years.pop() if len(years) == 1 else None


def _year_of_token(token: str) -> int | None:
    if re.fullmatch(r"[. ]?[0-9]{4}", token):
        return int(token[-4:])
    for base, names in _ERAS.items():
        if match := re.fullmatch(rf"(?:{'|'.join(names)})[. ]?([0-9]{{1,2}})", token):
            return base + int(match[1])
    return None
