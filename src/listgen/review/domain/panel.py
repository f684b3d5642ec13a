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

from listgen.base.errors import ConfigError, Problem, UsageError
from listgen.base.text import LANGUAGES, t

_COLUMNS = ("email", "name", "affiliation", "group", "language")
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
_LONGEST = 200


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
        ConfigError: Lines are wrong; all of them are named.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            t("{path} cannot be read ({reason}).", path=path, reason=error.strerror),
            "",
            t("Name a CSV file: --panel panel.csv"),
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            t("{path} is not UTF-8.", path=path), "", t("In Excel, save it as CSV UTF-8.")
        ) from error
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:  # a cell of more than 128 kB: a quote that is never closed
        raise UsageError(
            t("{path} cannot be read ({reason}).", path=path, reason=error),
            "",
            t("Name a CSV file: --panel panel.csv"),
        ) from error
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    unknown = [cell for cell in header if cell not in _COLUMNS]
    if "email" not in header or "name" not in header or unknown:
        raise UsageError(
            t('{path}:1: the header is "{header}".', path=path, header=",".join(header)),
            t(
                "Expected the columns email and name, and if wanted affiliation, group and language (en or"
                " ja)."
            ),
        )
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
        problems += [
            Problem(path.name, line, 1, message)
            for message in _faults(person, people, len(cells) - len(header))
        ]
        people[person.email.lower()] = person
    if not people and not problems:
        problems.append(Problem(path.name, 1, 1, t("names nobody")))
    if problems:
        raise ConfigError(problems)
    return list(people.values())


def _faults(person: Invited, known: dict[str, Invited], n_extra: int) -> list[str]:
    found = []
    if n_extra > 0:
        found.append(t("has more cells than the header"))
    if not _ADDRESS.fullmatch(person.email):
        found.append(t('email "{email}" is no address', email=person.email))
    elif person.email.lower() in known:
        found.append(t("{email} stands twice", email=person.email))
    if not person.name:
        found.append(t("name is empty"))
    if person.language not in LANGUAGES:
        found.append(t('language "{value}" is not en or ja', value=person.language))
    if max(len(person.email), len(person.name), len(person.affiliation)) > _LONGEST or len(person.group) > 64:
        found.append(t("a cell is too long"))
    return found
