"""Errors in three parts: what is wrong, what was expected, what to do next.

Every error a user can cause or meet is a `ListgenError`; its `exit_code` is the contract of the command line.
"""

from __future__ import annotations

import difflib
import errno
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from listgen.base.text import t

# So many of the nearest names are looked at when several are equally near.
_TIES = 50
_SINGLE_LINES, _FIRST_PLACES, _MAX_LINES = 3, 3, 40  # of the problems of a configuration
_INDEX = re.compile(r"\[\d+\]")


class ListgenError(Exception):
    """Base of all expected errors.

    Args:
        what: What is wrong, with the value, file and place.
        expected: What was expected instead, with the nearest valid name where there is one.
        next_step: What to do next, as a command where possible.
    """

    exit_code = 7

    def __init__(self, what: str, expected: str = "", next_step: str = "") -> None:
        self.what = what
        self.expected = expected
        self.next_step = next_step
        super().__init__(str(self))

    def __str__(self) -> str:
        """Return the three parts as sentences on one line."""
        return " ".join(part for part in (self.what, self.expected, self.next_step) if part)

    def as_dict(self) -> dict[str, object]:
        """Return the parts for `--json`."""
        return {
            "error": type(self).__name__,
            "what": self.what,
            "expected": self.expected,
            "next": self.next_step,
            "exit_code": self.exit_code,
        }


class UsageError(ListgenError):
    """The command line asked for something that does not exist."""

    exit_code = 2


class UpgradeNeededError(UsageError):
    """A file of the workspace has an earlier schema version; `listgen upgrade` carries it forward."""


@dataclass(frozen=True, order=True)
class Problem:
    """One defect of a configuration file; line and column are 1-based, 0 when unknown."""

    file: str
    line: int
    column: int
    message: str

    @property
    def place(self) -> str:
        """Return `file:line:column`."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        """Return `file:line:column: message`."""
        return f"{self.place}: {self.message}"


class ConfigError(ListgenError):
    """All defects of the configuration found in one reading."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        lines = "\n".join(f"  {line}" for line in _grouped(self.problems))
        count = len(self.problems)
        super().__init__(
            t("{count} problem(s) in the configuration:\n{lines}\n", count=count, lines=lines),
            "",
            t("Nothing was run. Mend the lines above, then run: listgen doctor"),
        )

    def as_dict(self) -> dict[str, object]:
        """Return the parts for `--json`, one entry per problem."""
        return super().as_dict() | {"problems": _rows(self.problems)}


class TableError(ListgenError):
    """All defects of a table that a person filled in, such as a panel or a decision sheet.

    Args:
        what: Which table it is and how many problems it has, one sentence.
        problems: The defects, each with file, line and column.
        expected: What was expected instead.
        next_step: What to do next.
    """

    exit_code = 2

    def __init__(self, what: str, problems: Sequence[Problem], expected: str, next_step: str) -> None:
        self.problems = sorted(set(problems))
        lines = "\n".join(f"  {line}" for line in _grouped(self.problems))
        super().__init__(f"{what}\n{lines}\n", expected, next_step)

    def as_dict(self) -> dict[str, object]:
        """Return the parts for `--json`, one entry per problem."""
        return super().as_dict() | {"problems": _rows(self.problems)}


def _rows(problems: Sequence[Problem]) -> list[dict[str, object]]:
    return [{"file": p.file, "line": p.line, "column": p.column, "message": p.message} for p in problems]


def _grouped(problems: Sequence[Problem]) -> list[str]:
    """Return a line per cause: where many places have the same cause, their number and the first of them."""
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(_INDEX.sub("[]", problem.message), []).append(problem)
    lines = []
    for same in groups.values():
        if len(same) <= _SINGLE_LINES:
            lines += [str(problem) for problem in same]
            continue
        places = ", ".join(problem.place for problem in same[:_FIRST_PLACES])
        lines.append(
            t(
                "{message} ({n} places, the first: {places})",
                message=same[0].message,
                n=len(same),
                places=places,
            )
        )
    if len(lines) > _MAX_LINES:
        lines[_MAX_LINES:] = [t("and {n} more lines; mend these first", n=len(lines) - _MAX_LINES)]
    return lines


class ProviderError(ListgenError):
    """The network or a provider failed."""

    exit_code = 3


class RefusedError(ProviderError):
    """A provider refuses what is asked; asking again does not help."""


class DataError(ListgenError):
    """Input bytes cannot carry what their source declares."""

    exit_code = 4


class CheckFailedError(ListgenError):
    """A critical expectation failed; nothing was promoted."""

    exit_code = 4


class BudgetError(ListgenError):
    """A budget is spent; the work can be resumed."""

    exit_code = 5


class LockedError(ListgenError):
    """Another refresh holds the lease."""

    exit_code = 6


class CouldNotCheckError(ListgenError):
    """Something that had to be checked could not be; never a pass."""

    exit_code = 7


_NOT_REACHED = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG)
_DISK_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
_DISK_WORDS = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
)  # DuckDB and others say it in errors of their own


def _not_reached(error: OSError) -> ListgenError:
    is_long = error.errno == errno.ENAMETOOLONG
    name = str(error.filename)
    shown = f"{name[:60]} ... {name[-60:]}" if is_long else name
    return ListgenError(
        t("{file}: cannot be read or written ({reason}).", file=shown, reason=error.strerror),
        t("Nothing was promoted; what was finished before is kept."),
        (
            t("Move the workspace to a shorter path, then run the same command again.")
            if is_long
            else t("Give yourself the right to it, then run the same command again.")
        ),
    )


def machine_trouble(error: BaseException | None) -> ListgenError | None:
    """Return the message for a full, broken or forbidden disk or too little memory, else None."""
    while error is not None:
        is_told = isinstance(error, OSError) and error.errno in _DISK_TROUBLE
        if isinstance(error, OSError) and error.errno in _NOT_REACHED:
            return _not_reached(error)
        words = [word for word in _DISK_WORDS if word in str(error)]
        if is_told or words:
            reason = (error.strerror if isinstance(error, OSError) else "") or words[0]
            return ListgenError(
                t("The disk could not be read or written ({reason}).", reason=reason),
                t("Nothing was promoted; what was finished before is kept."),
                t("Make room or mend the disk, then run the same command again."),
            )
        if str(error).startswith("Out of Memory Error"):
            return ListgenError(
                t("The memory given to DuckDB did not suffice ({reason}).", reason=str(error).split("\n")[0]),
                t("Nothing was promoted; what was finished before is kept."),
                t("Give it more by LISTGEN_MEMORY (MB), then run the same command again."),
            )
        error = error.__cause__ or error.__context__
    return None


def nearest(name: object, valid: Iterable[object]) -> str:
    """Return ` Did you mean "x"?` for the closest valid name, or an empty string."""
    wrong = str(name)
    matches = difflib.get_close_matches(wrong, [str(item) for item in valid], n=_TIES, cutoff=0.5)
    return (
        " " + t('Did you mean "{name}"?', name=max(matches, key=partial(_nearness, wrong))) if matches else ""
    )


def _nearness(wrong: str, right: str) -> tuple[float, bool, int]:
    """Return how near two names are.

    Of equally near ones first that of the same letters (two were swapped), then that of the same beginning.
    """
    ratio = difflib.SequenceMatcher(None, right, wrong).ratio()
    return ratio, sorted(right) == sorted(wrong), len(os.path.commonprefix([wrong, right]))
