"""The texts of the report: all in one file, all in both languages, all used."""

import re
from pathlib import Path

import pytest

from listgen import report
from listgen.indicators import load_indicators
from listgen.report import exports, held, texts, workbook

PACKAGE = Path(report.__file__).parent
SOURCES = "".join(path.read_text(encoding="utf-8") for path in sorted([*PACKAGE.glob("*.py"), *PACKAGE.glob("templates/*.j2")]))
# Keys put together at run time: prefix -> the names that follow it.
BUILT = {
    "column.": {
        *exports.SCHEMA,
        *workbook._EVIDENCE_COLUMNS,
        *workbook._CHECK_COLUMNS,
        *workbook._CROSSWALK_COLUMNS,
        "domain_name",
        "status_name",
        "topic",
        "english",
        "japanese",
    },
    "topic.": {"sample", "what", "build", "window", "status", "axis", "rule", "reading", "caveat", "source"},
    "readme.": {"empty", "interval", "trace", "filter"},
    "window.": {"works", "families", "statistics"},
    "basis.": {"works", "families"},
    "status.": {"listed", "near_miss", "not_listed", "insufficient_evidence"},
    "status_note.": {"listed", "near_miss", "not_listed", "insufficient_evidence"},
    "axis.grade.": {"records", "records_sampled", "decisions", "statistics", "supply"},
    "no_value.": {"too_few", "low_coverage", "not_comparable", "not_applicable", "missing"},
    "relation.": {"exact", "narrower", "broader", "overlaps"},
    "risk.": {"high", "medium", "low"},
    "severity.": {"critical", "warning", "info"},
    "counting.": {"full", "fractional", "none"},
    "interval.": {"wilson", "log_ratio", "delta", "half_unit", "none"},
    "book.sheet.": {"list", "evidence", "checks", "crosswalk", "readme"},
    "nav.": {"brief", "list", "map", "crosswalk", "clusters", "coverage", "method", "sources", "checks", "cards", "indicators"},
    "glossary.": {
        name + end for name in ("interval", "draw", "coverage", "rank", "top10", "family", "fractional") for end in ("", "_text")
    },
    "card.": {"met", "not_met"},
    "held.": {*held.BASES, "grants_of_one_office", "documents_of_one_office", "and", "details"},
    "series.": {"exact", "narrower", "mark.broader", "mark.overlaps", "mark.one_office"},
    "unit.": {str(indicator.header["unit"]) for indicator in load_indicators()},
}


@pytest.mark.parametrize(("prefix", "key"), [("counting.", "counting"), ("interval.", "interval")])
def test_every_word_of_an_indicators_header_has_a_text(prefix, key):
    assert {str(indicator.header[key]) for indicator in load_indicators()} <= BUILT[prefix]


def test_every_text_is_used_and_every_text_used_exists():
    known = set(texts.all_texts())
    built = {prefix + name for prefix, names in BUILT.items() for name in names}
    literal = set(re.findall(r'(?:tx|pair|pair_or|_words)\(\s*"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"', SOURCES)) | set(
        re.findall(r'all_texts\(\)\["([a-z0-9_.]+)"\]', SOURCES)
    )
    chosen = set(re.findall(r'"(axis\.[a-z_]+)"', SOURCES))
    assert (built | literal) - known == set(), "used but not in texts.yaml"
    assert known - built - literal - chosen == set(), "in texts.yaml but not used"


def test_every_text_exists_in_both_languages_with_the_same_blanks():
    for key, text in texts.all_texts().items():
        assert set(text) == {"en", "ja"} and all(value.strip() for value in text.values()), key
        blanks = [sorted(re.findall(r"{(\w+)}", value)) for value in text.values()]
        assert blanks[0] == blanks[1], key
        same = {"counting.none", "card.n"}
        assert text["en"] != text["ja"] or key in same, key


def test_no_reader_meets_a_text_outside_the_catalogue():
    for path in sorted(PACKAGE.glob("templates/*.j2")):
        bare = re.sub(r"{[{%#].*?[}%#]}|<[^>]*>|&\w+;", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        # The page's title cannot follow the reader's choice, so it stands in both languages; the rest are names.
        allowed = {
            "Critical",
            "technologies",
            "for",
            "economic",
            "security",
            "English",
            "ID",
            "schema",
            "candidates",
            "json",
            "csv",
            "xlsx",
        }
        allowed |= {"parquet", "checks", "listgen", "trace", "n"}
        assert set(re.findall(r"[A-Za-z]+", bare)) <= allowed, path.name
