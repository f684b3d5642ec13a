"""What every cross-check needs: the configuration as read, and where to report a problem."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from listgen.base.errors import nearest
from listgen.base.text import t
from listgen.config.workspace import Config, Provider

TOPICS_FILE = "openalex_topics.csv"
CPC_FILE = "cpc_subclasses.csv"

Location = tuple[int | str, ...]
Report = Callable[[str, Location, str], None]

# From here on two names are more likely one with a slip than two.
SLIP = 0.8
_MAX_SUGGESTED = 200


@dataclass(frozen=True)
class Present:
    """What a workspace has.

    Attributes:
        names: Names of the files of each folder, broken ones too, so that one defect is not reported twice.
        topics: The table of topics, None where it is missing.
        subclasses: The table of CPC subclasses, None where it is missing.
        broken: The files with defects of their own: what others name in them is not judged.
    """

    names: Mapping[str, frozenset[str]]
    topics: Path | None
    subclasses: Path | None
    broken: frozenset[str]


class Scope:
    """The configuration as read, what else exists, and the place where problems are reported.

    Args:
        report: Takes a file's name, a place inside it and what is wrong there.
        config: What could be read.
        present: What the workspace has.
        providers: What each provider checks in its own block.
    """

    def __init__(
        self, report: Report, config: Config, present: Present, providers: Mapping[str, Provider]
    ) -> None:
        self.report = report
        self.config = config
        self.present = present.names
        self.providers = providers
        self._tables = present
        self._n_suggested = 0

    @cached_property
    def topic_ids(self) -> frozenset[str]:
        """Return the ids of the topic table, none where it cannot be read."""
        return self._ids_of(self._tables.topics, TOPICS_FILE, "topic_id")

    @cached_property
    def cpc_starts(self) -> frozenset[str]:
        """Return the CPC subclasses and the classes they lie in, none where the table cannot be read."""
        found = self._ids_of(self._tables.subclasses, CPC_FILE, "cpc_subclass")
        return found | {symbol[:3] for symbol in found}

    def _ids_of(self, path: Path | None, name: str, column: str) -> frozenset[str]:
        """Return the ids of a table; one that cannot be read, or has none, is a problem of its own."""
        if path is None:
            return frozenset()
        try:
            found, reason = column_values(path, column), ""
        except (OSError, ValueError, csv.Error) as error:
            found, reason = frozenset(), str(error).split("\n")[0]
        if not found:
            message = (
                t("cannot be read ({reason})", reason=reason)
                if reason
                else t('has no id in a column "{column}"', column=column)
            )
            self.report(f"config/{name}", (), message)
        return found

    def is_broken(self, start: str) -> bool:
        """Tell whether a file of this beginning is broken.

        The names in it are then not judged, so that one defect is not reported twice.
        """
        return any(name.startswith(start) for name in self._tables.broken)

    def nearest(self, value: object, options: Iterable[object]) -> str:
        """Return the nearest name.

        Of hundreds of wrong ones only for the first, because each takes milliseconds.
        """
        self._n_suggested += 1
        return nearest(value, options) if self._n_suggested <= _MAX_SUGGESTED else ""

    def known(self, name: str, location: Location, value: str, valid: Iterable[str], where: str) -> None:
        """Report a name that is not one of the valid ones, with the nearest that is."""
        options = list(valid)
        if value not in options and where not in self._tables.broken:
            self.report(
                name,
                location,
                t('"{value}" is not in {where}.', value=value, where=where) + self.nearest(value, options),
            )

    def country(self, name: str, location: Location, code: str) -> None:
        """Report a code that is no country's; who wrote a country's name is told its code."""
        if code not in self.config.countries and not self.is_broken("config/countries.yaml"):
            named = {
                spelt.casefold(): iso
                for iso, one in self.config.countries.items()
                for spelt in (one.name.en, one.name.ja, *one.aliases)
            }
            found = get_close_matches(code.casefold(), named, n=1, cutoff=SLIP)
            near = self.nearest(named[found[0]] if found else code, self.config.countries)
            self.report(
                name,
                location,
                t('"{value}" is not in {where}.', value=code, where="config/countries.yaml") + near,
            )


def column_values(path: Path, column: str) -> frozenset[str]:
    """Return the values of one column of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return frozenset(row[column] for row in csv.DictReader(stream) if row.get(column))
