"""The words in which the command line tells statuses, axes and grades; tables and JSON keep the ids."""

from __future__ import annotations

from listgen.base.text import t


def status_word(status: str) -> str:
    """Return a technology's status in words."""
    words = {
        "listed": t("listed"),
        "near_miss": t("borderline"),
        "not_listed": t("not listed"),
        "partly_judged": t("not listed as far as judged"),
        "insufficient_evidence": t("insufficient evidence"),
    }
    return words.get(status, status)


def axis_word(axis_id: str) -> str:
    """Return the name of an axis."""
    return {
        "autonomy": t("autonomy"),
        "superiority": t("superiority"),
        "indispensability": t("indispensability"),
    }.get(axis_id, axis_id)


def grade_word(grade: str) -> str:
    """Return a kind of evidence in words."""
    words = {
        "records": t("records"),
        "records_sampled": t("sampled records"),
        "statistics": t("published statistics"),
        "supply": t("supply figures"),
    }
    return words.get(grade, grade)


def value_word(status: str) -> str:
    """Return why an indicator has no value."""
    words = {
        "too_few": t("insufficient evidence: too few items"),
        "low_coverage": t("insufficient evidence: too few references resolved"),
        "not_comparable": t("insufficient evidence: the sample cannot compare countries"),
        "not_applicable": t("does not apply to this technology"),
        "missing": t("insufficient evidence: no data"),
    }
    return words.get(status, status)
