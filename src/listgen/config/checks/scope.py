"""What every cross-check needs: the configuration as read, and where to report a problem."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from listgen.base.errors import nearest
from listgen.base.text import t
from listgen.config.problems import not_in
from listgen.config.workspace import Config, Provider

TOPICS_FILE = "openalex_topics.csv"
CPC_FILE = "cpc_subclasses.csv"

Location = tuple[int | str, ...]
Report = Callable[[str, Location, str], None]

# From here on two names are more likely one with a slip than two.
SLIP = 0.8
# The states of a technology that is still assessed.
LIVE = ("active", "proposed")


class Scope:
    """The configuration as read, what exists beside it, and the place where problems are reported.

    Args:
        report: Takes a file's name, a place inside it and what is wrong there.
        config: What could be read.
        present: Names of the files of each folder, broken ones too, so that one defect is not reported twice.
        subclasses: The table of CPC subclasses.
        providers: What each provider checks in its own block.
    """

    def __init__(
        self,
        report: Report,
        config: Config,
        present: Mapping[str, frozenset[str]],
        subclasses: Path,
        providers: Mapping[str, Provider],
    ) -> None:
        self.report = report
        self.config = config
        self.present = present
        self.subclasses = subclasses
        self.providers = providers

    @cached_property
    def topic_ids(self) -> frozenset[str]:
        """Return the ids of the topic table."""
        return column_values(self.config.topics_path, "topic_id")

    @cached_property
    def cpc_starts(self) -> frozenset[str]:
        """Return the CPC subclasses and the classes they lie in."""
        found = column_values(self.subclasses, "cpc_subclass")
        return found | {symbol[:3] for symbol in found}

    def known(self, name: str, location: Location, value: str, valid: Iterable[str], where: str) -> None:
        """Report a name that is not one of the valid ones, with the nearest that is."""
        options = list(valid)
        if value not in options:
            self.report(name, location, not_in(value, options, where))

    def country(self, name: str, location: Location, code: str) -> None:
        """Report a code that is no country's; who wrote a country's name is told its code."""
        if code not in self.config.countries:
            named = {
                spelt.casefold(): iso for iso, one in self.config.countries.items() for spelt in (one.name.en, one.name.ja, *one.aliases)
            }
            found = get_close_matches(code.casefold(), named, n=1, cutoff=SLIP)
            near = nearest(named[found[0]] if found else code, self.config.countries)
            self.report(name, location, t('"{value}" is not in {where}.', value=code, where="config/countries.yaml") + near)


def column_values(path: Path, column: str) -> frozenset[str]:
    """Return the values of one column of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return frozenset(row[column] for row in csv.DictReader(stream) if row.get(column))
