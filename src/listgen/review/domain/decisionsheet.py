"""The decision sheets of a review as one table.

Taken out, filled in with a spreadsheet, and taken in again as drafts.

What the panel and the rules say cannot be changed on the way: a cell that was is refused by its place, and
nothing is taken in.

Reads: card, round, decision
Writes: decision and the log, through decisions.py
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from listgen.base.errors import ListgenError, Problem, TableError, UsageError, nearest
from listgen.base.text import t
from listgen.review.domain import decisions, rounds
from listgen.review.domain.reminders import plain_cell, table
from listgen.review.domain.writer import write
from listgen.review.models import Decision, Review, Staff

GIVEN = (
    "technology_id",
    "name_en",
    "name_ja",
    "machine_status",
    "panel_round",
    "panel_n",
    "panel_median",
    "panel_outcome",
    "results_digest",
)
FILLED = ("decision", "into_technology_id", "rationale")

Row = dict[str, Any]


def sheet(review: Review) -> bytes:
    """Return the table: what is given, and the decisions drafted so far."""
    return table([[*GIVEN, *FILLED], *([row[name] for name in (*GIVEN, *FILLED)] for row in rows(review))])


def rows(review: Review) -> list[dict[str, str]]:
    """Return one row per judged technology: what is given, and what is drafted so far."""
    found = []
    newest = next(reversed(rounds.digests_of_results(review)), "")
    for row in decisions.machine_and_panel(review):
        card, panel, one = row["card"], row["panel"], row["decision"]
        name, figures = json.loads(card.facts)["name"], (panel["figures"] or {}) if panel else {}
        given = (
            card.technology_id,
            name["en"],
            name["ja"],
            card.machine_status,
            panel["round"] if panel else "",
            panel["n"] if panel else "",
            figures.get("median", ""),
            panel["outcome"] if panel else "",
            newest,
        )
        filled = (one.decision, one.into_technology_id, one.rationale) if one else ("", "", "")
        found.append(
            {key: str(value) for key, value in zip((*GIVEN, *FILLED), (*given, *filled), strict=True)}
        )
    return found


def take_in(review: Review, path: Path, by: Staff) -> list[str]:
    """Draft every decision of a filled table that says something new, and return the technologies.

    A draft made on the results of an earlier round is made again on those of now, even if its cells are
    unchanged. An approved decision is drafted again only if its cells say something else.

    Raises:
        UsageError: The file is no such table, was written on earlier results, or a round is open.
        TableError: Cells are wrong; all of them are named and nothing is taken in.
    """
    header, lines = _read(path)
    newest = rounds.results_to_decide_on(review)
    _refuse_older(review, path, lines, newest)
    known = {row["technology_id"]: row for row in rows(review)}
    outdated = set(
        Decision.objects.filter(review=review, approver="")
        .exclude(results_digest=newest)
        .values_list("technology_id", flat=True)
    )
    problems = _repeated(path, lines)
    wanted: list[dict[str, str]] = []
    for number, values in lines:
        given = known.get(values["technology_id"])
        found = _faults(review, values, given, known)
        problems += [
            Problem(path.name, number, header.index(column) + 1, message) for column, message in found
        ]
        if not found and given is not None and _says_something(values, given, outdated):
            wanted.append(values)
    if problems:
        raise _refusal(path, problems)

    def job() -> None:
        for values in wanted:
            texts = (values["technology_id"], values["decision"], values["rationale"])
            decisions.draft(review, *texts, by, values["into_technology_id"], seen=values["results_digest"])

    write(job)
    return [values["technology_id"] for values in wanted]


def _says_something(values: dict[str, str], given: Row, outdated: set[str]) -> bool:
    """Tell whether a line is to be drafted: filled, and new or drafted on the results of an earlier round."""
    is_filled = any(values[name] for name in FILLED)
    is_new = any(values[name] != given[name] for name in FILLED)
    return is_filled and (is_new or values["technology_id"] in outdated)


def _repeated(path: Path, lines: list[tuple[int, dict[str, str]]]) -> list[Problem]:
    ids = [values["technology_id"] for _, values in lines]
    return [
        Problem(
            path.name, number, 1, t('technology_id "{technology}" is on more than one line', technology=name)
        )
        for number, name in ((number, values["technology_id"]) for number, values in lines)
        if ids.count(name) > 1
    ]


def _refuse_older(review: Review, path: Path, lines: list[tuple[int, dict[str, str]]], newest: str) -> None:
    """Refuse a sheet that was written before the last round was closed.

    Raises:
        UsageError: It was; whoever filled it in has not seen the results of now.
    """
    older = rounds.digests_of_results(review)
    for number, values in lines:
        digest = values["results_digest"]
        if digest in older and digest != newest:
            raise UsageError(
                t(
                    "{path}:{line}: the decision sheet was written on the results of round {number}.",
                    path=path,
                    line=number,
                    number=older[digest],
                ),
                t("Expected a sheet with the results of the round closed last."),
                t("Write a new one, copy your decisions into it and import it: listgen review sheet FILE"),
            )


def _refusal(path: Path, problems: list[Problem]) -> TableError:
    return TableError(
        t("{count} problem(s) in the decision sheet {path}:", count=len(problems), path=path),
        problems,
        t("Expected changes only in the columns {columns}.", columns=", ".join(FILLED)),
        t("Nothing was drafted. Correct these cells and import the sheet again."),
    )


def _read(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the header and the filled lines with their numbers."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            t("{path} cannot be read ({reason}).", path=path, reason=error.strerror),
            "",
            t("Run: listgen review sheet FILE"),
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            t("{path} is not UTF-8.", path=path), "", t("In Excel, save it as CSV UTF-8.")
        ) from error
    try:
        return _read_cells(path, csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:  # a quote that is never closed, or text after a closing one
        raise UsageError(
            t("{path} cannot be read ({reason}).", path=path, reason=error),
            "",
            t("Run: listgen review sheet FILE"),
        ) from error


def _read_cells(path: Path, reader: Any) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:  # noqa: ANN401 - csv's reader has no public type
    header = [cell.strip() for cell in next(reader, [])]
    if sorted(header) != sorted((*GIVEN, *FILLED)):
        raise UsageError(
            t('{path}:1: the header is "{header}".', path=path, header=",".join(header)),
            t("Expected the columns of decision_sheet.csv, all of them and no other."),
            t("Run: listgen review sheet FILE"),
        )
    found, before = [], reader.line_num
    for cells in reader:
        if any(cell.strip() for cell in cells[len(header) :]):
            message = t("the line has more cells than the header has columns")
            raise _refusal(path, [Problem(path.name, before + 1, len(header) + 1, message)])
        if any(cell.strip() for cell in cells):
            padded = [*cells, *[""] * (len(header) - len(cells))]
            found.append(
                (
                    before + 1,
                    {name: plain_cell(cell.strip()) for name, cell in zip(header, padded, strict=False)},
                )
            )
        before = reader.line_num
    return header, found


def _faults(
    review: Review, values: dict[str, str], held: Row | None, known: dict[str, Any]
) -> list[tuple[str, str]]:
    """Return what is wrong with a line, by the column of the cell."""
    technology_id = values["technology_id"]
    if held is None:
        return [
            (
                "technology_id",
                t(
                    '"{technology}" is not judged in {review}.',
                    technology=technology_id,
                    review=review.review_id,
                )
                + nearest(technology_id, known),
            )
        ]
    found = [
        (
            name,
            t(
                '{column} was changed from "{before}" to "{after}"',
                column=name,
                before=held[name],
                after=values[name],
            ),
        )
        for name in GIVEN
        if values[name] != held[name] and not _is_same_number(values[name], held[name])
    ]
    if any(values[name] for name in FILLED):
        try:
            decisions.check(
                review, technology_id, values["decision"], values["rationale"], values["into_technology_id"]
            )
        except ListgenError as error:
            found.append(("decision", str(error)))
    return found


def _is_same_number(one: str, other: str) -> bool:
    """Tell whether a spreadsheet only wrote a number differently."""
    try:
        return float(one) == float(other)
    except ValueError:
        return False
