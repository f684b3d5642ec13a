"""Inventions that the portal and the EPO's services both tell of, each its own part.

US grants with persons and references, and families.

One world with the works of the OpenAlex double: the same countries, technologies and years, and references
that are no patents cite those works by DOI. Who cites whom is planted, so that a build can be held against
it.
"""

import datetime as dt
import functools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from doubles.corpus import Corpus
from doubles.odp import Patents
from doubles.ops import Document, Families

_PLACES = ("US", "JP", "DE", "KR", "CN", "FR")
_FILED = (dt.date(2017, 1, 2), dt.date(2023, 12, 20))
_GRANT_DAYS = (600, 800)
_ABROAD = ("EP", "JP", "CN", "WO")


@dataclass(frozen=True)
class Field:
    """A technology of the world, or the rest of it.

    Attributes:
        cpc: The symbol its inventions carry.
        inventors: Weights of the countries where they are made; every other country of the world weighs 1.
        sources: The country whose inventions are cited, and how often, by the citing country; "*" stands for
            all others.
        n: How many inventions.
    """

    cpc: str
    inventors: Mapping[str, int]
    sources: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    n: int = 100


@dataclass(frozen=True)
class Invention:
    """One US application that was granted, with its members abroad."""

    place: int
    field: Field
    filed: dt.date
    granted: dt.date
    countries: tuple[str, ...]
    assignee: str | None
    priorities: frozenset[str]
    offices: tuple[str, ...]
    cited: tuple[int, ...]
    cited_abroad: tuple[int, ...]
    cited_works: tuple[int, ...]

    @property
    def number(self) -> str:
        return str(11_000_000 + self.place)

    @property
    def application(self) -> str:
        return f"16{self.place:06d}"

    @property
    def pending(self) -> str:
        return f"{self.filed.year + 1}0{100_000 + self.place}"

    def member(self, office: str) -> tuple[str, str]:
        """Return number and kind of the member published by an office."""
        return {
            "EP": (f"{3_800_000 + self.place}", "A1"),
            "JP": (f"{self.filed.year + 1}{100_000 + self.place}", "A"),
            "CN": (f"{113_000_000 + self.place}", "A"),
            "WO": (f"{self.filed.year + 1}{100_000 + self.place}", "A1"),
        }[office]


class Inventions(Patents):
    """A seeded world of inventions as the tables of one edition; `families()` is what the EPO knows of them.

    Every twelfth is filed twice in the United States (one simple family), every fifteenth goes on from the
    one before (another simple family inside one extended family). A twentieth of what is cited is older than
    what is held.

    Args:
        fields: The technologies.
        works: The works that are cited by DOI.
        seed: The same seed gives the same world.
    """

    def __init__(self, fields: Sequence[Field], works: Corpus, seed: int = 1) -> None:
        super().__init__(seed, sum(each.n for each in fields))
        rng = random.Random(f"inventions|{seed}")
        order = [each for each in fields for _ in range(each.n)]
        rng.shuffle(order)
        self.inventions: list[Invention] = []
        self._of_field: dict[str, list[Invention]] = {each.cpc: [] for each in fields}
        span = (_FILED[1] - _FILED[0]).days
        for place, which in enumerate(order):
            made = self._made(place, which, _FILED[0] + dt.timedelta(days=span * place // self.n), works, rng)
            self.inventions.append(made)
            self._of_field[which.cpc].append(made)

    def _made(self, place: int, which: Field, filed: dt.date, works: Corpus, rng: random.Random) -> Invention:
        weights = [which.inventors.get(code, 1) for code in _PLACES]
        lead = rng.choices(_PLACES, weights)[0]
        second = rng.choice(_PLACES) if rng.random() < 0.2 else lead
        countries = () if rng.random() < 0.03 else (lead, lead, second)
        before = self._of_field[which.cpc]
        priorities = frozenset({f"{lead}{filed.year}{place:06d}"})
        if before and place % 12 == 5:
            priorities = before[-1].priorities
        elif before and place % 15 == 8:
            priorities |= before[-1].priorities
        return Invention(
            place,
            which,
            filed,
            filed + dt.timedelta(days=rng.randint(*_GRANT_DAYS)),
            countries,
            lead if rng.random() < 0.9 else None,
            priorities,
            tuple(office for office in _ABROAD if rng.random() < 0.4),
            *self._cited(which, lead, before, rng),
            tuple(rng.randrange(works.n) for _ in range(rng.choice((0, 0, 1, 2)))),
        )

    def _cited(
        self, which: Field, lead: str, before: list[Invention], rng: random.Random
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the inventions cited by their US grant, -1 for older ones, and of a member abroad."""
        source, how_often = which.sources.get(lead) or which.sources.get("*") or ("", 0.0)
        wanted = [one for one in before if one.countries and one.countries[0] == source]
        grants, abroad = [], []
        for _ in range(rng.randint(4, 9)):
            pool = wanted if wanted and rng.random() < how_often else before
            if rng.random() < 0.05 or not pool:
                grants.append(-1)
                continue
            one = rng.choice(pool)
            (abroad if one.offices and rng.random() < 0.15 else grants).append(one.place)
        return tuple(grants), tuple(dict.fromkeys(abroad))

    def families(self) -> "JoinedFamilies":
        """Return the same inventions as the EPO's services know them."""
        return JoinedFamilies(self.inventions)

    # ---- the tables ------------------------------------------------------------------------------

    def rows(self, table: str, edition: str) -> list[list[str]]:
        """Return a table with its header; columns are the provider's, rows this world's."""
        header = getattr(super(), f"_{table}")(None, edition)[0]
        values = getattr(self, f"_rows_{table}")()
        return [header, *([row.get(name, "") for name in header] for row in values)]

    def _rows_g_patent(self):
        for one in self.inventions:
            about = {"patent_type": "utility", "wipo_kind": "B2", "num_claims": "12", "withdrawn": "0"}
            yield about | {
                "patent_id": one.number,
                "patent_date": one.granted.isoformat(),
                "patent_title": f"Device {one.place}",
            }

    def _rows_g_application(self):
        for one in self.inventions:
            # A date nobody could have filed on is in the provider's tables too.
            filed = "1074-08-15" if one.place % 97 == 5 else one.filed.isoformat()
            yield {
                "application_id": one.application,
                "patent_id": one.number,
                "filing_date": filed,
                "series_code": "16",
            }

    def _people(self, one: Invention, name: str, identity: str):
        for place, code in enumerate(one.countries):
            yield {
                name: identity,
                "inventor_sequence": str(place),
                "inventor_id": f"fl:{one.place}-{place}",
                "location_id": f"loc-{code}",
            }

    def _rows_g_inventor_disambiguated(self):
        for one in self.inventions:
            yield from self._people(one, "patent_id", one.number)

    def _rows_pg_inventor_disambiguated(self):
        for one in self.inventions:
            yield from self._people(one, "pgpub_id", one.pending)

    def _owner(self, one: Invention) -> dict[str, str]:
        found = {
            "assignee_sequence": "0",
            "assignee_id": f"a{one.place % 40}",
            "assignee_type": "3" if one.assignee else "\\N",
        }
        return found | {"location_id": f"loc-{one.assignee}" if one.assignee else "\\N"}

    def _rows_g_assignee_disambiguated(self):
        yield from ({"patent_id": one.number} | self._owner(one) for one in self.inventions)

    def _rows_pg_assignee_disambiguated(self):
        yield from ({"pgpub_id": one.pending} | self._owner(one) for one in self.inventions)

    def _rows_g_location_disambiguated(self):
        yield from ({"location_id": f"loc-{code}", "disambig_country": code} for code in _PLACES)

    def _rows_pg_location_disambiguated(self):
        return self._rows_g_location_disambiguated()

    def _rows_g_cpc_current(self):
        yield from (
            {"patent_id": one.number, "cpc_sequence": "0", "cpc_group": one.field.cpc}
            for one in self.inventions
        )

    def _rows_pg_cpc_current(self):
        yield from (
            {"pgpub_id": one.pending, "cpc_sequence": "0", "cpc_group": one.field.cpc}
            for one in self.inventions
        )

    def _rows_g_us_patent_citation(self):
        for one in self.inventions:
            for place, cited in enumerate(one.cited):
                if self._is_by_application(cited):
                    continue
                number = (
                    self.inventions[cited].number if cited >= 0 else str(6_000_000 + one.place * 10 + place)
                )
                yield {
                    "patent_id": one.number,
                    "citation_sequence": str(place),
                    "citation_patent_id": number,
                    "wipo_kind": "B2",
                }

    def _is_by_application(self, cited: int) -> bool:
        """A fifth of the inventions are cited by their published application, as it came first."""
        return cited >= 0 and cited % 5 == 2

    def _rows_g_us_application_citation(self):
        for one in self.inventions:
            for place, cited in enumerate(one.cited):
                if self._is_by_application(cited):
                    about = {"patent_id": one.number, "citation_sequence": str(place), "wipo_kind": "A1"}
                    yield about | {"citation_document_number": self.inventions[cited].pending}

    def _rows_g_foreign_citation(self):
        for one in self.inventions:
            for place, cited in enumerate(one.cited_abroad):
                office = self.inventions[cited].offices[0]
                number = self.inventions[cited].member(office)[0]
                # As the office prints them: years apart from serials, but for EP and CN.
                printed = (
                    f"{number[:4]}-{number[4:]}"
                    if office == "JP"
                    else f"{number[:4]}/{number[4:]}"
                    if office == "WO"
                    else number
                )
                about = {
                    "patent_id": one.number,
                    "citation_sequence": str(place),
                    "citation_category": "cited by examiner",
                }
                yield about | {"citation_application_id": printed, "citation_country": office}

    def _rows_g_other_reference(self):
        for one in self.inventions:
            for place, work in enumerate(one.cited_works):
                text = f'Author et al., "Cells", J. Cells (2018), doi:10.99999/{work}.'
                yield {
                    "patent_id": one.number,
                    "other_reference_sequence": str(place),
                    "other_reference_text": text,
                }

    def _rows_pg_published_application(self):
        for one in self.inventions:
            published = one.filed + dt.timedelta(days=550)
            about = {
                "pgpub_id": one.pending,
                "application_id": one.application,
                "patent_type": "utility",
                "wipo_kind": "A1",
            }
            yield about | {"filing_date": one.filed.isoformat(), "published_date": published.isoformat()}

    def _rows_pg_granted_pgpubs_crosswalk(self):
        yield from (
            {"pgpub_id": one.pending, "patent_id": one.number, "application_id": one.application}
            for one in self.inventions
        )


class JoinedFamilies(Families):
    """The families of inventions, told by the publications and priorities of each."""

    def __init__(self, inventions: Sequence[Invention]) -> None:
        self.documents = [document for one in inventions for document in self._documents(one)]

    def _documents(self, one: Invention) -> list[Document]:
        published = f"{one.filed + dt.timedelta(days=550):%Y%m%d}"
        told = (one.priorities, one.countries[0] if one.countries else "US")
        pending = one.pending[:4] + one.pending[5:]  # as DOCDB has it
        own = [
            Document("US", pending, "A1", published, *told),
            Document("US", one.number, "B2", f"{one.granted:%Y%m%d}", *told),
        ]
        return own + [Document(office, *one.member(office), published, *told) for office in one.offices]

    @functools.cached_property
    def _by_name(self) -> dict[str, Document]:
        docdb = {f"docdb/{one.office}.{one.number}.{one.kind}": one for one in self.documents}
        return docdb | {f"epodoc/{one.office}{one.number}": one for one in self.documents}

    def find(self, place: str) -> Document | None:
        """Return the publication a request names."""
        return self._by_name.get(place)
