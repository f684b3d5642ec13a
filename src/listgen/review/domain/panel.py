"""The panel as a CSV file: who is invited, read whole and with every defect named by line.

Reads: a CSV with the columns email, name and, if wanted, affiliation, group, language
Writes: nothing
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from listgen.base.errors import Problem, TableError, UsageError
from listgen.base.text import LANGUAGES, t

_COLUMNS = ("email", "name", "affiliation", "group", "language")
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
_LONGEST = {"email": 200, "name": 200, "affiliation": 200, "group": 64}


@dataclass(frozen=True)
class Invited:
    """One line of the panel."""

    email: str
    name: str
    affiliation: str = ""
    group: str = ""
    language: str = "ja"


def read_panel(path: Path) -> list[Invited]:
    """Return the people of a panel file.

    Raises:
        UsageError: The file cannot be read as a table.
        TableError: Lines are wrong; all of them are named.
    """
    rows = _rows(path)
    header = _header(path, rows)
    problems: list[Problem] = []
    people: dict[str, Invited] = {}
    for line, cells in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        # A line may end before the columns that must be filled.
        values = {"email": "", "name": ""} | dict(zip(header, (cell.strip() for cell in cells), strict=False))
        person = Invited(
            **{name: value for name, value in values.items() if value or name in ("email", "name")}
        )
        if len(cells) > len(header):
            problems.append(Problem(path.name, line, len(header) + 1, t("has more cells than the header")))
        problems += [
            Problem(path.name, line, header.index(column) + 1 if column in header else 1, message)
            for column, message in _faults(person, people)
        ]
        people[person.email.lower()] = person
    if not people and not problems:
        problems.append(Problem(path.name, 2, 1, t("names nobody")))
    if problems:
        raise _refusal(path, problems)
    return list(people.values())


def _rows(path: Path) -> list[list[str]]:
    """Return the lines of a file as cells.

    Raises:
        UsageError: It cannot be read as a table.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise UsageError(
            t("{path} is not UTF-8.", path=path), "", t("In Excel, save it as CSV UTF-8.")
        ) from error
    except (OSError, csv.Error) as error:  # csv: a quote that is never closed
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            t("{path} cannot be read ({reason}).", path=path, reason=reason),
            "",
            t("Name a CSV file: --panel panel.csv"),
        ) from error


def _header(path: Path, rows: list[list[str]]) -> list[str]:
    """Return the names of the columns.

    Raises:
        UsageError: One that is needed is missing, or one is unknown.
    """
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    unknown = [cell for cell in header if cell not in _COLUMNS]
    if "email" not in header or "name" not in header or unknown:
        raise UsageError(
            t('{path}:1: the header is "{header}".', path=path, header=",".join(header)),
            t(
                "Expected the columns email and name, and if wanted affiliation, group and language (en or"
                " ja)."
            ),
            t("Correct the first line of the panel file, then run the command again."),
        )
    return header


def _refusal(path: Path, problems: list[Problem]) -> TableError:
    return TableError(
        t("{count} problem(s) in the panel file {path}:", count=len(problems), path=path),
        problems,
        t("Expected on each line an email address and a name; the language is en or ja."),
        t("Nobody was invited. Correct these cells, save the file as CSV UTF-8 and run the command again."),
    )


def _faults(person: Invited, known: dict[str, Invited]) -> list[tuple[str, str]]:
    """Return what is wrong with a line, each with its column."""
    found = []
    if not _ADDRESS.fullmatch(person.email):
        found.append(("email", t('email "{email}" is no address', email=person.email)))
    elif person.email.lower() in known:
        found.append(("email", t("email {email} is on an earlier line too", email=person.email)))
    if not person.name:
        found.append(("name", t("name is empty")))
    if person.language not in LANGUAGES:
        found.append(("language", t('language "{value}" is not en or ja', value=person.language)))
    for column, longest in _LONGEST.items():
        if len(getattr(person, column)) > longest:
            found.append((column, t("{column} is longer than {n} characters", column=column, n=longest)))
    return found
