"""What a card says beside its scores: what is held, which series were used, which are only shown, and who nominated the technology.

Reads: nothing itself
Writes: nothing
"""

from __future__ import annotations

from listgen.base.config import Config
from listgen.report import figures
from listgen.report.document import Row
from listgen.report.held import BASES
from listgen.report.overview import country_name
from listgen.report.texts import Pair, pair

_LANGUAGES = ("en", "ja")
_QUALITY = "st_quality"


def joined(parts: list[Pair], joint: str) -> Pair:
    """Return texts one after the other, joined in each language as it is done there."""
    between = pair(joint)
    return {language: between[language].join(part[language] for part in parts) for language in _LANGUAGES}


def held(entry: Row, values: list[Row]) -> Pair:
    """Return in one line what is held on a technology, how far its references lead, and whether a score rests on it."""
    block, scored = entry["evidence"], _scored_bases(entry, values)
    bases = [basis for basis in BASES if block[basis]["n"]]
    if not bases:
        return pair("held.nothing")
    # When no score rests on anything, it is said once for all.
    is_any_scored = bool(scored & set(bases))
    line = joined([_amount(block, basis, is_marked=is_any_scored and basis not in scored) for basis in bases], "held.and")
    return pair("held.line", held=line if is_any_scored else joined([line, pair("held.unscored")], "held.details"))


def is_held(entry: Row) -> bool:
    """Tell whether anything is held on a technology."""
    return any(entry["evidence"][basis]["n"] for basis in BASES)


def _scored_bases(entry: Row, values: list[Row]) -> set[str]:
    grades = {axis_id: axis["grade"] for axis_id, axis in entry["axes"].items() if axis["value"] is not None}
    return {row["basis"] for row in values if row["status"] == "ok" and row["branch"] and row["branch"] == grades.get(row["axis_id"])}


def _amount(block: Row, basis: str, *, is_marked: bool) -> Pair:
    amount = block[basis]
    parts = [_counted(amount, basis)]
    if amount["n_comparable"] == 0:
        parts.append(pair("held.not_comparable"))
    elif amount["n_comparable"] < amount["n"]:
        parts.append(pair("held.partly_comparable", n=figures.show_count(amount["n_comparable"])))
    coverage = block["reference_coverage"].get(basis)
    if coverage is not None:
        parts.append(pair("held.references", share=figures.show_value(coverage, "share")))
    if is_marked:
        parts.append(pair("held.unscored"))
    return joined(parts, "held.details")


def _counted(amount: Row, basis: str) -> Pair:
    n = figures.show_count(amount["n"])
    if basis == "families" and amount["kind"] == "single_document" and len(amount["offices"]) == 1:
        words = "held.grants_of_one_office" if amount["is_grants"] else "held.documents_of_one_office"
        return pair(words, n=n, office=amount["offices"][0])
    return pair(f"held.{basis}", n=n)


def used_series(series: list[Row], values: list[Row]) -> list[Pair]:
    """Return the published series that values of the technology were measured from, with the years of those values."""
    spans = {
        ("top1_intensity" if row["indicator_id"] == _QUALITY else "count", row["period_first_year"], row["period_last_year"])
        for row in values
        if row["basis"] == "statistics" and row["status"] == "ok"
    }
    return [
        pair(
            "series.used",
            title=_title(row),
            relation=pair(f"series.{row['relation']}"),
            first=row["period_first_year"],
            last=row["period_last_year"],
        )
        for row in series
        if row["is_used"] and (row["measure"], row["period_first_year"], row["period_last_year"]) in spans
    ]


def other_series(series: list[Row], config: Config) -> list[Pair]:
    """Return the published series of a broader or overlapping field or of one office: shown with the country's share, never scored."""
    country = country_name(config, config.settings.focal_country)
    return [
        pair(
            "series.other",
            title=_title(row),
            country=country,
            value=figures.show_value(row["value"], row["unit"]),
            first=row["period_first_year"],
            last=row["period_last_year"],
            mark=pair(f"series.mark.{row['mark']}"),
        )
        for row in series
        if row["mark"]
    ]


def _title(row: Row) -> Pair:
    return {"en": row["title_en"], "ja": row["title_ja"]}


def nomination(entry: Row, config: Config) -> str | None:
    """Return which list item (by its id, the lists stand on the page), proposal or finding brought the technology in."""
    technology = config.technologies.get(entry["technology_id"])
    return technology.nomination.by if technology else None
