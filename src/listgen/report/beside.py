"""What a card says beside its scores.

What is held, series, shares by year, who builds on whom, supply, trade, and who nominated the technology.

Reads: nothing itself
Writes: nothing
"""

from __future__ import annotations

from collections.abc import Mapping

from listgen.base.text import LANGUAGES
from listgen.config.loader import Config
from listgen.config.models import Text
from listgen.config.scoring import BASES
from listgen.outputs.candidates import Amount, Entry, FamilyAmount
from listgen.outputs.candidates import Evidence as Held
from listgen.report import charts, figures
from listgen.report.brief import span
from listgen.report.document import Row
from listgen.report.overview import country_name
from listgen.report.texts import Pair, pair
from listgen.report.traded import Goods, Leader

_QUALITY = "st_quality"


def joined(parts: list[Pair], joint: str) -> Pair:
    """Return texts one after the other, joined in each language as it is done there."""
    between = pair(joint)
    return {language: between[language].join(part[language] for part in parts) for language in LANGUAGES}


def held(entry: Entry, values: list[Row], series: list[Row]) -> Pair:
    """Return one line: a technology's records, the reach of its references, and if a score uses it."""
    block, scored = entry.evidence, _scored_bases(entry, values)
    bases = [basis for basis in BASES if block.amount(basis).n]
    if not bases:
        return pair("held.nothing")
    # When no score rests on anything, it is said once for all.
    is_any_scored = bool(scored & set(bases))
    # Figures of a wider field must not look like figures on the technology.
    broader = (
        {"statistics"} if series and all(row["mark"] in ("broader", "overlaps") for row in series) else set()
    )
    parts = [
        _amount(block, basis, is_marked=is_any_scored and basis not in scored, is_broader=basis in broader)
        for basis in bases
    ]
    line = joined(parts, "held.and")
    return pair(
        "held.line", held=line if is_any_scored else joined([line, pair("held.unscored")], "held.details")
    )


def is_held(entry: Entry) -> bool:
    """Tell whether anything is held on a technology."""
    return any(entry.evidence.amount(basis).n for basis in BASES)


def _scored_bases(entry: Entry, values: list[Row]) -> set[str]:
    grades = {axis_id: axis.grade for axis_id, axis in entry.axes.items() if axis.value is not None}
    return {
        row["basis"]
        for row in values
        if row["status"] == "ok" and row["branch"] and row["branch"] == grades.get(row["axis_id"])
    }


def _amount(block: Held, basis: str, *, is_marked: bool, is_broader: bool) -> Pair:
    amount = block.amount(basis)
    parts = [_counted(amount, basis)]
    if is_broader:
        parts.append(pair("held.broader"))
    if amount.n_comparable == 0:
        parts.append(pair("held.not_comparable"))
    elif amount.n_comparable < amount.n:
        parts.append(pair("held.partly_comparable", n=figures.show_count(amount.n_comparable)))
    coverage = {"works": block.reference_coverage.works, "families": block.reference_coverage.families}.get(
        basis
    )
    if coverage is not None:
        parts.append(pair("held.references", share=figures.show_value(coverage, "share")))
    if is_marked:
        parts.append(pair("held.unscored"))
    return joined(parts, "held.details")


def _counted(amount: Amount, basis: str) -> Pair:
    n, one = figures.show_count(amount.n), "_one" if amount.n == 1 else ""
    if isinstance(amount, FamilyAmount) and amount.kind == "single_document" and len(amount.offices) == 1:
        words = "held.grants_of_one_office" if amount.is_grants else "held.documents_of_one_office"
        return pair(f"{words}{one}", n=n, office=amount.offices[0])
    return pair(f"held.{basis}{one}", n=n)


def used_series(series: list[Row], values: list[Row]) -> list[Pair]:
    """Return the series that values of the technology were measured from, with their years."""
    spans = {
        (
            "top1_intensity" if row["indicator_id"] == _QUALITY else "count",
            row["period_first_year"],
            row["period_last_year"],
        )
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
    """Return the published series of a broader or overlapping field or of one office.

    Shown with the country's share, never scored.
    """
    country = country_name(config, config.settings.focal_country)
    return [
        pair(
            "series.other",
            title=_title(row),
            country=country,
            value=_of_world(row),
            first=row["period_first_year"],
            last=row["period_last_year"],
            mark=pair(f"series.mark.{row['mark']}"),
        )
        for row in series
        if row["mark"]
    ]


def _of_world(row: Row) -> Pair:
    """Return the focal country's share of a series with interval and n.

    An intensity is printed without either.
    """
    value = figures.show_value(row["value"], row["unit"])
    if row["lo"] is None:
        return dict.fromkeys(LANGUAGES, value)
    return pair(
        "series.share",
        value=value,
        interval=figures.show_interval(row["lo"], row["hi"], row["unit"]),
        n=figures.show_count(row["n"]),
    )


def _title(row: Row) -> Pair:
    return {"en": row["title_en"], "ja": row["title_ja"]}


def nomination(entry: Entry, config: Config) -> Pair | None:
    """Return which list item (with its name), proposal or finding brought the technology in."""
    technology = config.technologies.get(entry.technology_id)
    if technology is None:
        return None
    by = technology.nomination.by
    if not isinstance(by, str):
        return by.model_dump()
    reference_list = config.reference_lists.get(by.split("/")[0])
    item = next((item for item in reference_list.items if item.id == by), None) if reference_list else None
    return {language: f"{by} {getattr(item.name, language)}" if item else by for language in LANGUAGES}


def trends(rows: list[Row], technology_id: str, config: Config) -> list[Row]:
    """Return the drawings of shares by year, each with what it shows in words and its data."""
    focal = country_name(config, config.settings.focal_country)
    found = []
    for row in rows:
        own, other = row["points"], row["other_points"]
        known = [point for point in own if point["value"] is not None]
        label = f"yr-{technology_id}-{row['basis']}"
        drawing = charts.years(
            [_drawn(point) for point in own], [_drawn(point) for point in other], label=label
        )
        ends = {
            name: figures.show_value(point["value"], "share")
            for name, point in (("start", known[0]), ("end", known[-1]))
        }
        found.append(
            {
                "label": label,
                "title": pair(f"trend.{row['basis']}"),
                "finding": pair(
                    "trend.finding", country=focal, first=known[0]["year"], last=known[-1]["year"], **ends
                ),
                "drawing": drawing,
                "country": focal,
                "other": country_name(config, row["other"]) if other else None,
                "rows": [
                    _trend_row(point, other[index] if other else None) for index, point in enumerate(own)
                ],
            }
        )
    return found


def _drawn(point: Row) -> charts.Share:
    return point["year"], point["value"], point["lo"], point["hi"]


def _trend_row(point: Row, other: Row | None) -> Row:
    return {
        "year": point["year"],
        "n": figures.show_count(point["n"]),
        "own": _share(point),
        "other": _share(other) if other else None,
    }


def _share(row: Row) -> Row:
    return {
        "value": figures.show_value(row["value"], "share"),
        "interval": figures.show_interval(row["lo"], row["hi"], "share"),
    }


def flows(rows: list[Row], config: Config) -> list[Row]:
    """Return who the focal country builds on and who builds on it, per kind of evidence.

    Why not, where that cannot be said.
    """
    gate = f"{config.scoring.gates.min_reference_coverage * 100:.0f}%"
    found = []
    for row in rows:
        basis = pair(f"basis.{row['basis']}")
        share = figures.show_value(row["coverage"], "share")
        sides = {name: [_partner(one, config) for one in row[name]] for name in ("row", "column")}
        reason = None if row["is_known"] else pair("flow.unknown", share=share, gate=gate)
        if reason is None and not any(sides.values()):
            reason = pair("flow.few")
        own = _partner(row["own"], config) if row["own"] else None
        found.append(
            {"basis": basis, "reason": reason, "own": own, "coverage": pair("flow.coverage", share=share)}
            | sides
        )
    return found


def _partner(row: Row, config: Config) -> Row:
    return (
        row
        | {"name": country_name(config, row["country_code"]), "count": figures.show_count(row["n"])}
        | {"shown": _share(row)}
    )


def supply(rows: list[Row], numbers: dict[str, int], config: Config) -> list[Row]:
    """Return the commodities a technology stands on.

    Leaders, concentration, the focal country's place, source and year.
    """
    found, importance = [], sum(row["importance"] for row in rows)
    for row in rows:
        leaders = [_leader(one, config) for one in row["leaders"]]
        own = row["own"]
        found.append(
            {
                "name": _named(config.commodities, row["commodity_id"]),
                "stage": _named(config.stages, row["stage_id"]),
                # Importances of a technology need not add up to one; the indicators average by their shares,
                # which do.
                "weight": f"{row['importance'] / importance * 100:.0f}%",
                "leaders": joined(leaders, "mark.comma"),
                "top": row["leaders"][0]["value"],
                "hhi": figures.show_value(row["hhi"], "index"),
                "own": (
                    pair("supply.own", value=figures.show_value(own["value"], "share"), place=own["place"])
                    if own
                    else pair("supply.unnamed")
                ),
                "n": row["n"],
                "years": (
                    pair("supply.mean", span=span(row["first_year"], row["year"]))
                    if row["first_year"] < row["year"]
                    else span(row["year"], row["year"])
                ),
                "source": numbers.get(row["source_id"]),
            }
        )
    return found


def _named(names: Mapping[str, Text], key: str) -> Pair:
    """Return the name of a material or stage; one that only a table names goes by its id."""
    return names[key].model_dump() if key in names else dict.fromkeys(LANGUAGES, key.replace("_", " "))


def trade(rows: list[Goods], numbers: dict[str, int], config: Config) -> list[Row]:
    """Return the goods that stand for a technology.

    Origins of imports, how far both sides differ, share of world exports, source and year.
    """
    found = []
    for row in rows:
        meaning = config.hs_codes.get(row["hs_code"])
        mirror = figures.show_value(row["export_share_mirror"], "share")
        found.append(
            {
                "code": row["hs_code"],
                "name": (
                    meaning.model_dump(include=set(LANGUAGES))
                    if meaning
                    else dict.fromkeys(LANGUAGES, row["hs_code"])
                ),
                "leaders": (
                    joined([_leader(one, config) for one in row["leaders"]], "mark.comma")
                    if row["leaders"]
                    else pair("trade.unknown")
                ),
                "top": row["leaders"][0]["value"] if row["leaders"] else None,
                "hhi": figures.show_value(row["hhi"], "index"),
                "exposed": figures.show_value(row["exposed"], "share"),
                "asymmetry": figures.show_value(row["asymmetry"], "share"),
                "exports": figures.show_value(row["export_share"], "share"),
                "mirror": None if row["export_share_mirror"] is None else pair("trade.mirror", value=mirror),
                "n": row["n"],
                "year": row["year"],
                "source": numbers.get(row["source_id"]),
            }
        )
    return found


def _leader(row: Leader, config: Config) -> Pair:
    return pair(
        "supply.leader",
        country=country_name(config, row["country_code"]),
        value=figures.show_value(row["value"], "share"),
    )
