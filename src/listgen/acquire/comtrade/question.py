"""What UN Comtrade is asked.

The HS codes of the declared technologies turned into small, independent units of requests.

Each flow is asked for from both sides, so that what importers say can be held against what exporters say. One
total over second partners, means of transport and customs procedures is asked for: their parts would be
counted twice. TOTAL stands among the codes: it says who reported at all, without which a missing row would
look like no trade.

Reads: config/.
Writes: nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from listgen.acquire.comtrade.access import ComtradeAccess, access_of
from listgen.base.errors import UsageError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Config

TOTAL = "TOTAL"
WORLD = 0
PATHS = {"key": "/data/v1/get/C/A/HS", "preview": "/public/v1/preview/C/A/HS"}
# Parts of a flow that add up to the rows asked for.
ONE_TOTAL = {"partner2Code": "0", "motCode": "0", "customsCode": "C00"}
_REPORTERS = 200  # how many countries may report a code, for the size of a preview


@dataclass(frozen=True)
class View:
    """One side of trade: which flow, and whether the reporters of the source are asked, or asked about (None.

    Everybody).
    """

    flow: str
    is_asked: bool = False
    is_asked_about: bool = False


# Imports of the reporters by origin; the same told by the origins; what everybody exports to the world; what
# everybody imports from the reporters; what everybody imports from the world.
VIEWS: Mapping[str, View] = {
    "imports": View("M", is_asked=True),
    "exports_to": View("X", is_asked_about=True),
    "exports": View("X"),
    "imports_from": View("M", is_asked_about=True),
    "world_imports": View("M"),
}


@dataclass(frozen=True)
class Unit:
    """One call.

    A view of one year, for some codes and, where the view names them, some reporters (their numbers).
    """

    name: str
    view_id: str
    year: int
    codes: tuple[str, ...]
    reporters: tuple[int, ...]

    @property
    def view(self) -> View:
        """Return its side of trade."""
        return VIEWS[self.view_id]

    @property
    def params(self) -> dict[str, str]:
        """Return the parameters of the call; everybody is asked by leaving the parameter out."""
        numbers = ",".join(map(str, self.reporters))
        asked = {"reporterCode": numbers} if self.view.is_asked else {}
        partner = (
            {} if self.view.is_asked else {"partnerCode": numbers if self.view.is_asked_about else str(WORLD)}
        )
        named = {"period": str(self.year), "flowCode": self.view.flow, "cmdCode": ",".join(self.codes)}
        return named | asked | partner | ONE_TOTAL | {"includeDesc": "false"}

    def halves(self) -> tuple[Unit, ...]:
        """Return two units that ask for the same together, none when it cannot be cut."""
        for key in ("codes", "reporters"):
            values = getattr(self, key)
            if len(values) > 1 and (key == "codes" or self.view.is_asked or self.view.is_asked_about):
                middle = len(values) // 2
                parts = values[:middle], values[middle:]
                return tuple(
                    replace(self, name=f"{self.name}-{number}", **{key: part})
                    for number, part in enumerate(parts, start=1)
                )
        return ()


@dataclass(frozen=True)
class Question:
    """Everything that is asked of one source, and its identity."""

    source: Source
    access: ComtradeAccess
    route: str
    years: tuple[int, int]
    units: tuple[Unit, ...]

    @property
    def path(self) -> str:
        """Return where the calls go."""
        return PATHS[self.route]

    @property
    def max_rows(self) -> int:
        """Return how many rows a call gives at most."""
        return self.access.max_rows if self.route == "key" else self.access.preview_rows

    @property
    def digest(self) -> str:
        """Return the identity of the question; how fast it is asked is no part of it."""
        units = [[unit.name, unit.params] for unit in self.units]
        return sha256_text(canonical_json([self.source.id, self.access.url, self.path, self.max_rows, units]))


def make_question(config: Config, source: Source, today: dt.date, *, has_key: bool) -> Question:
    """Return what is asked of a source today: the last complete years.

    Raises:
        UsageError: No technology names an HS code, or the country asked about has no number in trade
            statistics.
    """
    access, codes = access_of(source), config.traded_codes
    if not codes:
        raise UsageError(
            t("{source}: no technology names an HS code.", source=source.id),
            t("Expected hs_codes in config/technologies."),
        )
    reporters = tuple(_number(config, code) for code in access.reporters or [config.settings.focal_country])
    route = "key" if has_key else "preview"
    size = (
        access.codes_per_call
        if has_key
        else max(1, min(access.codes_per_call, access.preview_rows // _REPORTERS))
    )
    years = today.year - access.years, today.year - 1
    return Question(source, access, route, years, tuple(_units([TOTAL, *codes], size, years, reporters)))


def _units(
    codes: Sequence[str], size: int, years: tuple[int, int], reporters: tuple[int, ...]
) -> Iterator[Unit]:
    chunks = [tuple(codes[start : start + size]) for start in range(0, len(codes), size)]
    for view_id, year in product(VIEWS, range(years[0], years[1] + 1)):
        for number, chunk in enumerate(chunks, start=1):
            yield Unit(f"{view_id}/{year}/{number:03d}", view_id, year, chunk, reporters)


def _number(config: Config, code: str) -> int:
    country = config.countries.get(code)
    if country is None or not country.m49:
        raise UsageError(
            t("{country} has no number in trade statistics.", country=code),
            t("Expected `m49` in config/countries.yaml, such as [392] for Japan."),
        )
    return country.m49[0]
