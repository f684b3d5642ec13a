"""Checks of countries.yaml: a spelling, a code and a number of trade statistics belong to one country."""

from __future__ import annotations

from listgen.base.text import t
from listgen.config.checks.scope import Location, Scope
from listgen.config.spelling import clean_area

_FILE = "countries.yaml"


def check_countries(scope: Scope) -> None:
    """Report spellings and numbers that two countries have.

    The data of one would become the other's, or count for both.
    """
    countries = scope.config.countries
    spelt = {clean_area(code): code for code in countries}
    numbered: dict[int, str] = {}
    for code, country in countries.items():
        named: list[tuple[Location, str]] = [
            (("name", "en"), country.name.en),
            (("name", "ja"), country.name.ja),
        ]
        for location, name in [
            *named,
            *((("aliases", place), alias) for place, alias in enumerate(country.aliases)),
        ]:
            if spelt.setdefault(clean_area(name), code) != code:
                _report(scope, ("countries", code, *location), name, spelt[clean_area(name)])
        for place, number in enumerate(country.m49):
            if numbered.setdefault(number, code) != code:
                _report(scope, ("countries", code, "m49", place), str(number), numbered[number])


def _report(scope: Scope, location: Location, value: str, owner: str) -> None:
    message = t(
        '"{value}" already belongs to {owner}; each spelling, code and number belongs to one country',
        value=value,
        owner=owner,
    )
    scope.report(_FILE, location, message)
