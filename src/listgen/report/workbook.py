"""The list as an Excel workbook for analysts.

List, evidence, checks, crosswalk and a page that says how to read them.

Every text is written as text, never as a formula or a link; figures are those of `candidates.json`.

Reads: nothing itself; it is given the document, the evidence and the checks
Writes: nothing; `run` of the package writes the file
"""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from listgen.base.text import LANGUAGES
from listgen.config.loader import Config
from listgen.config.models import Text
from listgen.outputs.candidates import STATUSES, Candidates, Source
from listgen.outputs.checks import Checks
from listgen.report.brief import span
from listgen.report.document import Row
from listgen.report.drawn_rows import COLUMNS, drawn_rows
from listgen.report.evidence import Evidence
from listgen.report.exports import PRINTED, SCHEMA, flat_rows
from listgen.report.lately import lately
from listgen.report.overview import country_name, domain_name
from listgen.report.texts import Pair as Texts
from listgen.report.texts import all_texts, pair, pair_or

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
MAX_CELL = 32_000
MIN_WIDTH, MAX_WIDTH, MAX_HEADING = 8, 48, 16
_FIRST_ROW = 2
_UNDATED = dt.datetime(2000, 1, 1)

_SCORE, _PERCENT, _PROBABILITY, _RATIO, _PLAIN, _COUNT = "0.0", "0.0%", "0%", "0.00", "0.000", "#,##0"
_LIST_FORMATS = {
    "value": _SCORE,
    "lo": _SCORE,
    "hi": _SCORE,
    "coverage": _PROBABILITY,
    "p05": "0",
    "p50": "0",
    "p95": "0",
    "ratio": _RATIO,
}
_UNIT_FORMATS = {"share": _PERCENT}


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, columns as keys of `column.*` texts and rows as lists.

    `frozen` columns stay in view; the first `printed` are printed (all when None), for a page can carry no
    more.
    """

    key: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    formats: Sequence[str | None]
    frozen: int = 1
    printed: int | None = None
    cell_formats: dict[tuple[int, int], str] | None = None


def workbook_bytes(document: Candidates, evidence: Evidence, checks: Checks, config: Config) -> bytes:
    """Return the workbook's bytes; the same figures give the same bytes."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, OPTIONS)
    dates = sorted(source.as_of for source in evidence.sources if source.as_of)
    # The date inside the file is that of the data: a clock would make every copy differ.
    created = dt.datetime.fromisoformat(dates[-1]) if dates else _UNDATED
    title = all_texts()["page.title"]
    book.set_properties(
        {"title": f"{title['en']} / {title['ja']}", "created": created, "comments": document.run_id}
    )
    writer = _Writer(book, _banner(document))
    for sheet in (
        _list(document, evidence, config),
        _evidence(evidence, document),
        _drawn(evidence, document, config),
        _checks(checks),
        _crosswalk(document, config),
        _readme(document, evidence, config),
    ):
        writer.write(sheet)
    book.close()
    return stream.getvalue()


def sheet_name(key: str) -> str:
    """Return a sheet's name in both languages."""
    name = all_texts()[f"book.sheet.{key}"]
    return f"{name['en']} {name['ja']}"


def heading(column: str) -> str:
    """Return a column's heading: English over Japanese."""
    name = all_texts()[f"column.{column}"]
    return f"{name['en']}\n{name['ja']}"


def shown_width(text: str) -> int:
    """Return how many columns of a fixed-width font a text needs; full-width characters take two."""
    if text.isascii():
        return max((len(line) for line in text.split("\n")), default=0)
    return max(
        (sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in text.split("\n")),
        default=0,
    )


def _banner(document: Candidates) -> str:
    title, sample = all_texts()["page.title"], all_texts()["sample.banner"]
    words = f"{title['en']} / {title['ja']}"
    return f"{sample['en']} / {sample['ja']}  |  {words}" if document.is_sample else words


class _Writer:
    """Lays sheets out alike.

    A line that says what this is, a frozen heading with filters, widths, print settings.
    """

    def __init__(self, book: Any, banner: str) -> None:  # noqa: ANN401 - the library has no types
        self.book, self.banner = book, banner
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1, "bg_color": "#EEF3F7"}
        )
        self.note = book.add_format({"bold": True, "font_color": "#7A4B00"})
        self.text = book.add_format({"valign": "top", "text_wrap": True})
        self.numbers: dict[str, Any] = {}

    def write(self, sheet: Sheet) -> None:
        page = self.book.add_worksheet(sheet_name(sheet.key))
        page.write_string(0, 0, self.banner, self.note)
        for column, key in enumerate(sheet.columns):
            page.write_string(1, column, heading(key), self.head)
        for index, row in enumerate(sheet.rows):
            for column, value in enumerate(row):
                form = (sheet.cell_formats or {}).get((index, column)) or sheet.formats[column]
                self._cell(page, index + _FIRST_ROW, column, value, form)
        self._layout(page, sheet)

    def _cell(self, page: Any, row: int, column: int, value: object, form: str | None) -> None:  # noqa: ANN401 - the library has no types
        if value is None or value == "":
            return
        if isinstance(value, bool):
            page.write_boolean(row, column, value)
        elif isinstance(value, int | float):
            page.write_number(row, column, value, self._number(form or _PLAIN))
        else:
            text = str(value)
            page.write_string(
                row, column, text if len(text) <= MAX_CELL else text[:MAX_CELL] + " …", self.text
            )

    def _number(self, form: str) -> Any:  # noqa: ANN401 - the library has no types
        if form not in self.numbers:
            self.numbers[form] = self.book.add_format({"num_format": form, "valign": "top"})
        return self.numbers[form]

    def _layout(self, page: Any, sheet: Sheet) -> None:  # noqa: ANN401 - the library has no types
        last_row, last_column = len(sheet.rows) + _FIRST_ROW - 1, len(sheet.columns) - 1
        for column, key in enumerate(sheet.columns):
            cells = [row[column] for row in sheet.rows if isinstance(row[column], str)]
            # A long heading wraps; only the cells below make a column wide.
            widest = max(
                [min(shown_width(heading(key)), MAX_HEADING), *(shown_width(cell) for cell in cells)],
                default=MIN_WIDTH,
            )
            page.set_column(column, column, min(MAX_WIDTH, max(MIN_WIDTH, widest + 2)))
        page.set_row(1, 64)
        page.freeze_panes(_FIRST_ROW, sheet.frozen)
        page.autofilter(1, 0, max(last_row, 1), last_column)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(1)
        page.print_area(0, 0, max(last_row, 1), min(last_column, (sheet.printed or len(sheet.columns)) - 1))
        page.set_footer("&L&A&R&P / &N")


def _list(document: Candidates, evidence: Evidence, config: Config) -> Sheet:
    """Return the flat list with domain, status and what the newest years say in words.

    The ids stay for lookups.
    """
    ids = [name for name in SCHEMA if name not in ("domain", "status")]
    columns = [*ids[:3], "domain_name", "status_name", *ids[3:], "status", "domain"]
    columns[PRINTED:PRINTED] = [f"lately_{language}" for language in LANGUAGES]
    rows = []
    for row in flat_rows(document):
        domain, status = domain_name(config, str(row["domain"])), all_texts()[f"status.{row['status']}"]
        row |= {
            "domain_name": f"{domain['en']} / {domain['ja']}",
            "status_name": f"{status['en']} / {status['ja']}",
        }
        said = lately(evidence.trends.get(str(row["technology_id"]), []), config)
        lines = [(pair("lately.for" if line["is_for"] else "lately.against"), line["text"]) for line in said]
        row |= {
            f"lately_{language}": "\n".join(word[language] + text[language] for word, text in lines)
            for language in LANGUAGES
        }
        rows.append([row[name] for name in columns])
    return Sheet("list", columns, rows, [_list_format(name) for name in columns], frozen=3, printed=PRINTED)


def _list_format(name: str) -> str | None:
    if name in ("pareto_front", "n_lists") or name.endswith(("_k", "_n")):
        return _COUNT
    if name == "best_rule_p" or name.startswith("monopoly_p_"):
        return _PROBABILITY
    if name == "cluster_stability" or name.startswith("monopoly_ratio"):
        return _RATIO
    return _LIST_FORMATS.get(name.rsplit("_", 1)[-1])


def unit_words(unit: str) -> str:
    """Return a unit in both languages."""
    words = pair_or(f"unit.{unit}", unit)
    return f"{words['en']} / {words['ja']}" if words["en"] != words["ja"] else unit


_EVIDENCE_COLUMNS = (
    *(
        "technology_id",
        "name_en",
        "name_ja",
        "axis",
        "indicator_id",
        "indicator_en",
        "indicator_ja",
        "value",
        "value_lo",
        "value_hi",
        "n",
    ),
    *(
        "unit",
        "status",
        "status_en",
        "status_ja",
        "score",
        "score_lo",
        "score_hi",
        "is_clipped",
        "first_year",
        "last_year",
        "basis",
    ),
    *("grade", "source", "as_of", "trace"),
)


def _evidence(evidence: Evidence, document: Candidates) -> Sheet:
    """Return every value behind the list, and the published series that are shown and not scored."""
    names = {entry.technology_id: entry.name for entry in document.entries}
    units: list[str] = []
    rows: list[list[Any]] = []
    for row in evidence.values:
        if row["technology_id"] in names:
            units.append(row["unit"])
            rows.append(_evidence_row(row, names[row["technology_id"]]))
    for technology_id, series in sorted(evidence.series.items()):
        for one in series if technology_id in names else []:
            if one["mark"]:
                units.append(one["unit"])
                rows.append(_series_row(technology_id, names[technology_id], one, evidence))
    figures = [_EVIDENCE_COLUMNS.index(key) for key in ("value", "value_lo", "value_hi")]
    cell_formats = {
        (place, column): _UNIT_FORMATS.get(unit, _PLAIN)
        for place, unit in enumerate(units)
        for column in figures
    }
    fixed = {"n": _COUNT, "first_year": "0", "last_year": "0"}
    formats = [fixed.get(key, _SCORE if key.startswith("score") else None) for key in _EVIDENCE_COLUMNS]
    return Sheet(
        "evidence", _EVIDENCE_COLUMNS, rows, formats, frozen=3, printed=13, cell_formats=cell_formats
    )


def _evidence_row(row: Row, name: Texts) -> list[Any]:
    """Return one value in the order of the columns; a column without a cell is a fault of this function."""
    status = pair_or(f"no_value.{row['status']}", "")
    kept = (
        "technology_id",
        "indicator_id",
        "value",
        "value_lo",
        "value_hi",
        "n",
        "status",
        "score",
        "score_lo",
    )
    cells = {key: row[key] for key in (*kept, "score_hi", "is_clipped", "basis", "grade", "as_of", "trace")}
    cells |= {"name_en": name["en"], "name_ja": name["ja"], "axis": row["axis_id"]}
    cells |= {"indicator_en": row["name"]["en"], "indicator_ja": row["name"]["ja"]}
    cells |= {"unit": unit_words(row["unit"]), "status_en": status["en"], "status_ja": status["ja"]}
    cells |= {"first_year": row["period_first_year"], "last_year": row["period_last_year"]}
    cells |= {"source": "; ".join(row["source_ids"])}
    return [cells[column] for column in _EVIDENCE_COLUMNS]


def _series_row(technology_id: str, name: Texts, series: Row, evidence: Evidence) -> list[Any]:
    """Return a published series that is shown beside the indicators and never scored.

    The reference of a value is left empty.
    """
    mark = pair(f"series.mark.{series['mark']}")
    dates = {source.source_id: source.as_of for source in evidence.sources}
    return [
        *(
            technology_id,
            name["en"],
            name["ja"],
            None,
            series["series_id"],
            series["title_en"],
            series["title_ja"],
        ),
        *(series["value"], series["lo"], series["hi"], series["n"], unit_words(series["unit"])),
        *(series["mark"], mark["en"], mark["ja"]),
        *(None, None, None, None, series["period_first_year"], series["period_last_year"]),
        *("statistics", "statistics", series["source_id"], dates.get(series["source_id"]), None),
    ]


def _drawn(evidence: Evidence, document: Candidates, config: Config) -> Sheet:
    """Return the figures behind the drawings of the cards."""
    formats = {"value": _PERCENT, "value_lo": _PERCENT, "value_hi": _PERCENT, "n": _COUNT, "year": "0"}
    rows = drawn_rows(evidence, document, config)
    kind, value = COLUMNS.index("drawn_en"), COLUMNS.index("value")
    index = pair("drawn.hhi")["en"]
    cell_formats = {(place, value): _PLAIN for place, row in enumerate(rows) if row[kind] == index}
    return Sheet(
        "drawn", COLUMNS, rows, [formats.get(name) for name in COLUMNS], frozen=3, cell_formats=cell_formats
    )


_CHECK_COLUMNS = (
    *("kind", "gate", "table", "rule", "severity", "check_status", "n_failed"),
    *("finding_en", "finding_ja", "why_en", "why_ja"),
)


def _checks(checks: Checks) -> Sheet:
    rows: list[list[Any]] = []
    for check in checks.checks:
        finding, why = check.finding, check.why
        rows.append(
            [
                *(
                    _words("kind.rule"),
                    check.gate,
                    check.table_name,
                    check.rule_id,
                    _words(f"severity.{check.severity}"),
                    _words(f"verdict.{check.status}"),
                    check.n_failed,
                ),
                *(finding.get("en"), finding.get("ja"), why.get("en"), why.get("ja")),
            ]
        )
    for row in checks.quarantine_by_reason:
        place = pair("kind.first_record", line=row.first_line)
        rows.append(
            [
                _words("kind.set_aside"),
                "core",
                row.file_name,
                row.field,
                None,
                None,
                row.n,
                row.text["en"],
                row.text["ja"],
                place["en"],
                place["ja"],
            ]
        )
    return Sheet(
        "checks", _CHECK_COLUMNS, rows, [_COUNT if name == "n_failed" else None for name in _CHECK_COLUMNS]
    )


def _words(key: str) -> str:
    text = all_texts()[key]
    return f"{text['en']} {text['ja']}"


_CROSSWALK_COLUMNS = (
    *("technology_id", "name_en", "name_ja", "list_id", "jurisdiction_en", "jurisdiction_ja"),
    *("item_id", "item_en", "item_ja", "relation_en", "relation_ja", "note", "item_note"),
)


def _crosswalk(document: Candidates, config: Config) -> Sheet:
    """Return every link, and every list item without one, so that what is missing can be filtered."""
    names = {entry.technology_id: entry.name for entry in document.entries}
    links: dict[str, list[tuple[str, str, Text | None]]] = {}
    for technology_id, technology in config.technologies.items():
        for link in technology.crosswalk if technology_id in names else []:
            links.setdefault(link.item, []).append((technology_id, link.relation, link.note))
    rows: list[list[Any]] = []
    for list_id, one in config.reference_lists.items():
        gaps = {gap.item: gap.why for gap in one.out_of_scope}
        for item in one.items:
            item_note = _both(item.note)
            about = [list_id, one.issuer.en, one.issuer.ja, item.id, item.name.en, item.name.ja]
            for technology_id, relation, note in sorted(links.get(item.id, []), key=lambda link: link[0]):
                words = all_texts()[f"relation.{relation}"]
                name = names[technology_id]
                rows.append(
                    [
                        technology_id,
                        name["en"],
                        name["ja"],
                        *about,
                        words["en"],
                        words["ja"],
                        _both(note),
                        item_note,
                    ]
                )
            if item.id not in links:
                words, gap = all_texts()["relation.unlinked"], gaps.get(item.id)
                rows.append([None, None, None, *about, words["en"], words["ja"], _both(gap), item_note])
    return Sheet("crosswalk", _CROSSWALK_COLUMNS, rows, [None] * len(_CROSSWALK_COLUMNS), frozen=3)


def _both(text: Text | None) -> str | None:
    return f"{text.en} / {text.ja}" if text else None


def _readme(document: Candidates, evidence: Evidence, config: Config) -> Sheet:
    """Return what a reader must know who has nothing but this file."""
    notes: list[tuple[str, Texts]] = [("sample", all_texts()["sample.banner"])] if document.is_sample else []
    notes.append(("what", pair("page.subtitle", country=country_name(config, document.focal_country))))
    notes.append(("build", {"en": document.run_id, "ja": document.run_id}))
    windows = {name: window for name, window in document.window.items() if window}
    notes += [
        ("window", pair(f"window.{name}", span=span(years.first_year, years.last_year)))
        for name, years in windows.items()
    ]
    notes += _judgements(config)
    notes += [("reading", all_texts()[f"readme.{key}"]) for key in ("empty", "interval", "trace", "filter")]
    notes += [
        ("caveat", {language: f"{key}: {text[language]}" for language in text})
        for key, text in document.caveat_texts.items()
    ]
    notes += [("source", _source_note(source)) for source in evidence.sources]
    rows = [[_words(f"topic.{topic}"), text["en"], text["ja"]] for topic, text in notes]
    return Sheet("readme", ("topic", "english", "japanese"), rows, [None] * 3)


def _judgements(config: Config) -> list[tuple[str, Texts]]:
    """Return what the statuses, axes and rules of the list mean."""
    scoring = config.scoring
    found: list[tuple[str, Texts]] = []
    bars = {"bar": f"{scoring.listing.listed * 100:.0f}", "near": f"{scoring.listing.near_miss * 100:.0f}"}
    for status in STATUSES:
        meaning, word = pair(f"status_note.{status}", **bars), all_texts()[f"status.{status}"]
        found.append(
            (
                "status",
                {language: f"{status} = {word[language]}: {meaning[language]}" for language in meaning},
            )
        )
    for axis_id, axis in scoring.axes.items():
        found.append(
            (
                "axis",
                {
                    "en": f"{axis_id} = {axis.name.en}: {axis.definition.en}",
                    "ja": f"{axis_id} = {axis.name.ja}：{axis.definition.ja}",
                },
            )
        )
    for rule_id, rule in scoring.rules.items():
        found.append(
            (
                "rule",
                {
                    "en": f"{rule_id} = {rule.name.en}: {rule.why.en}",
                    "ja": f"{rule_id} = {rule.name.ja}：{rule.why.ja}",
                },
            )
        )
    return found


def _source_note(source: Source) -> Texts:
    licence = source.licence
    head = f"{source.as_of or '–'}; {licence.id} ({licence.licence_class})"
    return {
        language: (
            f"{source.source_id} = {source.title[language]}; {source.producer}; {head};"
            f" {licence.text[language]}; {source.citation}"
        )
        for language in LANGUAGES
    }
