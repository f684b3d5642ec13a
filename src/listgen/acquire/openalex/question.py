"""What OpenAlex is asked: the declared technologies turned into small, independent units of requests.

A unit is one query read page by page; a run that is cut off repeats at most one request. The same
declarations, window and access give the same units and the same digest.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from listgen.acquire.openalex.access import OpenAlexAccess, access_of
from listgen.base.errors import UsageError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.config.models import Source, Window
from listgen.config.workspace import Config

MAX_VALUES = 100  # in one OR list
_MAX_TERMS = 6  # the provider limits queries of more than five operators to a few a second
# What stage reads, and what tells a reader which work it is. Authors' names are not among them.
FIELDS = (
    "id", "doi", "title", "publication_year", "publication_date", "language", "type", "authorships",
    "cited_by_count",
    "citation_normalized_percentile", "is_retracted", "is_xpac", "primary_topic", "topics", "keywords",
    "referenced_works", "updated_date",
)  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """One query.

    Its name, where it is sent, its parameters without paging, and what its answers are about.
    """

    name: str
    params: Mapping[str, str]
    about: Mapping[str, str | int] = field(default_factory=dict)
    path: str = "/works"
    credits: int = 1

    @property
    def is_group(self) -> bool:
        """Tell whether the provider is asked to count."""
        return "group_by" in self.params


@dataclass(frozen=True)
class Question:
    """Everything that is asked of one source, and its identity."""

    source: Source
    access: OpenAlexAccess
    years: tuple[int, int]
    units: tuple[Unit, ...]

    @property
    def n_cited(self) -> int:
        """Return how many cited works one call asks for: as many as an OR list and a page hold."""
        return min(MAX_VALUES, self.access.page_size)

    @property
    def digest(self) -> str:
        """Return the identity of the question; how fast or with which key it is asked is no part of it."""
        access = self.access.model_dump(
            include={"route", "url", "corpus", "page_size", "cited_works_credits"}
        )
        units = [[unit.name, unit.path, dict(unit.params), dict(unit.about)] for unit in self.units]
        return sha256_text(canonical_json([self.source.id, access, self.years, units]))


def make_question(config: Config, source: Source, today: dt.date) -> Question:
    """Return what is asked of a source today.

    Args:
        config: Technologies and the window of works.
        source: The source.
        today: The date the answers will speak for; the window is laid back from it.

    Raises:
        UsageError: No technology declares anything to ask for.
    """
    access, windows = access_of(source), config.settings.windows
    if access.route == "counts":
        years = _years(windows.statistics, today, n_windows=2)  # growth compares two windows
        units = tuple(_counts(config, source, years))
    else:
        years = _years(windows.works, today)
        units = tuple(_records(config, access, years))
    if not units:
        raise UsageError(
            t(
                "{source}: no technology declares works by {match}.",
                source=source.id,
                match=", ".join(access.match),
            ),
            t("Expected works.topics or works.keywords in config/technologies."),
        )
    return Question(source, access, years, units)


def _years(window: Window, today: dt.date, n_windows: int = 1) -> tuple[int, int]:
    """Return first and last year to request, counted back from today as the build counts its windows."""
    last = (today.year * 12 + today.month - 1 - window.lag_months) // 12 - 1
    return last - n_windows * window.years + 1, last


def chunks(values: Sequence[str], size: int = MAX_VALUES) -> list[Sequence[str]]:
    """Return a list in pieces a query can hold."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def select_fields(access: OpenAlexAccess) -> str:
    """Return the fields asked for."""
    return ",".join(access.fields or FIELDS)


# ---- records -------------------------------------------------------------------------------------


def _records(config: Config, access: OpenAlexAccess, years: tuple[int, int]) -> Iterator[Unit]:
    """Give the works of all technologies, each asked for once: topics of different technologies overlap."""
    for kind, filters, price in _filters(config, access):
        for number, wanted in enumerate(filters, start=1):
            for year in range(years[0], years[1] + 1):
                params = {"filter": f"{wanted},publication_year:{year}", "select": select_fields(access)}
                yield Unit(
                    f"works/{kind}-{number:03d}/{year}", params, {"publication_year": year}, credits=price
                )


def _filters(config: Config, access: OpenAlexAccess) -> Iterator[tuple[str, list[str], int]]:
    live = config.live_technologies
    if "topics" in access.match:
        topics = sorted({topic for technology in live for topic in technology.works.topics})
        yield "topics", ["topics.id:" + "|".join(chunk) for chunk in chunks(topics)], 1
    if "keywords" in access.match:
        slugs = sorted(
            {slug for technology in live for slug in map(slug_of, technology.works.keywords) if slug}
        )
        yield "keywords", ["keywords.id:" + "|".join(chunk) for chunk in chunks(slugs)], 1
    if "text" in access.match:
        terms = sorted({_term(word) for technology in live for word in technology.works.keywords} - {""})
        yield (
            "text",
            [
                "title_and_abstract.search:" + " OR ".join(f'"{word}"' for word in chunk)
                for chunk in chunks(terms, _MAX_TERMS)
            ],
            10,
        )


def slug_of(keyword: str) -> str:
    """Return the id the provider gives a keyword."""
    return re.sub(r"[^a-z0-9]+", "-", keyword.lower()).strip("-")


def _term(keyword: str) -> str:
    """Return a phrase that cannot be taken for the syntax of a filter."""
    return re.sub(r'[,|:"!]+', " ", keyword).strip()


# ---- counts --------------------------------------------------------------------------------------


def _counts(config: Config, source: Source, years: tuple[int, int]) -> Iterator[Unit]:
    """Give one count by country for every technology and year, and for all works together."""
    for series_id, technology in config.counted(source).items():
        topics = technology.works.topics if technology else []
        if len(topics) > MAX_VALUES:
            raise UsageError(
                t(
                    "{technology}: {n} topics are too many for one count.",
                    technology=series_id,
                    n=len(topics),
                ),
                t(
                    "Expected at most {limit}; counts of parts cannot be added up, because works have several"
                    " topics.",
                    limit=MAX_VALUES,
                ),
            )
        scope = f"topics.id:{'|'.join(topics)}," if topics else ""
        for year in range(years[0], years[1] + 1):
            params = {
                "filter": f"{scope}publication_year:{year}",
                "group_by": "authorships.countries:include_unknown",
            }
            name = series_id.split(":", 1)[1]
            yield Unit(f"counts/{name}/{year}", params, {"series_id": series_id, "publication_year": year})
