"""The texts of the report: all in one file, all in both languages, all used."""

import re
from pathlib import Path
from typing import get_args

import pytest

from listgen import report
from listgen.config.scoring import BASES
from listgen.indicators import load_indicators
from listgen.outputs.candidates import NoInterval
from listgen.report import drawn_rows, exports, texts, workbook

PACKAGE = Path(report.__file__).parent
SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted([*PACKAGE.glob("*.py"), *PACKAGE.glob("templates/*.j2")])
)
# Keys put together at run time: prefix -> the names that follow it.
BUILT = {
    "column.": {
        *exports.SCHEMA,
        *workbook._EVIDENCE_COLUMNS,
        *drawn_rows.COLUMNS,
        *workbook._CHECK_COLUMNS,
        *workbook._CROSSWALK_COLUMNS,
        "domain_name",
        "status_name",
        "lately_en",
        "lately_ja",
        "topic",
        "english",
        "japanese",
    },
    "topic.": {"sample", "what", "build", "window", "status", "axis", "rule", "reading", "caveat", "source"},
    "readme.": {"empty", "interval", "trace", "filter"},
    "window.": set(BASES),
    "basis.": {"works", "families"},
    "status.": {
        "listed",
        "near_miss",
        "not_listed",
        "partly_judged",
        "insufficient_evidence",
        "merged",
        "deferred",
    },
    "decision.": {"accept", "reject", "merge", "defer"},
    "outcome.": {"for", "against", "undecided", "disagreement"},
    "status_note.": {"listed", "near_miss", "not_listed", "partly_judged", "insufficient_evidence"},
    "axis.grade.": {"records", "records_sampled", "decisions", "statistics", "supply"},
    "no_value.": {"too_few", "low_coverage", "not_comparable", "not_applicable", "missing"},
    "relation.": {"exact", "narrower", "broader", "overlaps"},
    "risk.": {"high", "medium", "low", "none"},
    "severity.": {"critical", "warning", "info"},
    "verdict.": {"passed", "failed", "could_not_check"},
    "counting.": {"full", "fractional", "none"},
    "no_interval.": set(get_args(NoInterval)),
    "interval.": {
        "wilson",
        "log_ratio",
        "delta",
        "half_unit",
        "mirror",
        "resampled",
        "resampled_centred",
        "none",
    },
    "drawn.": {"year", "cites", "supply", "hhi", "origin", "import_hhi", "asymmetry", "exports"},
    "book.sheet.": {"list", "evidence", "drawn", "checks", "crosswalk", "readme"},
    "nav.": {
        "brief",
        "list",
        "map",
        "decided",
        "changes",
        "crosswalk",
        "clusters",
        "blank",
        "coverage",
        "method",
        "sources",
        "checks",
        "indicators",
    },
    "changes.": {"came", "went"},
    "cause.": {"data", "config", "method", "libraries"},
    "lately.": {"rising", "falling", "ahead", "behind"},
    "trend.": {"works", "families", "statistics"},
    "mark.": {"comma"},
    "glossary.": {
        name + end
        for name in ("interval", "draw", "coverage", "rank", "top10", "family", "fractional")
        for end in ("", "_text")
    },
    "card.": {"met", "not_met"},
    "held.": {
        *(
            f"{name}{one}"
            for name in (*BASES, "grants_of_one_office", "documents_of_one_office")
            for one in ("", "_one")
        ),
        *("and", "details"),
    },
    "series.": {
        "exact",
        "narrower",
        "mark.broader",
        "mark.overlaps",
        "mark.several_years",
        "mark.one_office",
    },
    "unit.": {str(indicator.header["unit"]) for indicator in load_indicators()},
}


@pytest.mark.parametrize(("prefix", "key"), [("counting.", "counting"), ("interval.", "interval")])
def test_every_word_of_an_indicators_header_has_a_text(prefix, key):
    assert {str(indicator.header[key]) for indicator in load_indicators()} <= BUILT[prefix]


def test_every_text_is_used_and_every_text_used_exists():
    known = set(texts.all_texts())
    built = {prefix + name for prefix, names in BUILT.items() for name in names}
    literal = set(
        re.findall(r'(?:tx|pair|pair_or|_words)\(\s*"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"', SOURCES)
    ) | set(re.findall(r'all_texts\(\)\["([a-z0-9_.]+)"\]', SOURCES))
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
        bare = re.sub(
            r"{[{%#].*?[}%#]}|<[^>]*>|&\w+;", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        # Names of files and commands, and the sign for a count, are the same in both languages.
        allowed = {
            "English",
            "ID",
            "schema",
            "candidates",
            "json",
            "csv",
            "xlsx",
            "parquet",
            "checks",
            "config",
            "listgen",
            "diff",
            "n",
        }
        assert set(re.findall(r"[A-Za-z]+", bare)) <= allowed, path.name
