"""The shapes of the configuration files, one class per kind of file.

Judgements (weights, goalposts, thresholds, links) live in these files; formulas do not. Every text a reader
may see is bilingual.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, create_model, field_validator, model_validator

from listgen.base.text import t
from listgen.config.access import Access
from listgen.config.shapes import CronLine, Filled, Slug, Zone
from listgen.config.shapes import Model as Model
from listgen.config.shapes import Text as Text
from listgen.config.table import Table as Table
from listgen.config.table import TableSeries as TableSeries

Grade = Literal["records", "records_sampled", "statistics", "supply", "decisions"]
HsRevision = Literal["H0", "H1", "H2", "H3", "H4", "H5", "H6"]
LicenceClass = Literal["A", "B", "C"]
Relation = Literal["exact", "narrower", "broader", "overlaps"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)

_ITEM = re.compile(r"[A-Z0-9_]+/\d+")
_HS = re.compile(r"\d{4}(\d{2})?")


def _check_hs(value: str) -> str:
    if not _HS.fullmatch(value):
        raise ValueError(
            t(
                "must be a heading (4 digits) or subheading (6 digits) of the Harmonized System, in quotes,"
                ' such as "850760"'
            )
        )
    return value


def _as_iso_date(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def _check_date(value: str) -> str:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError(t("must be a date such as 2026-02-07")) from None
    return value


HsCode = Annotated[str, AfterValidator(_check_hs)]
IsoDate = Annotated[str, BeforeValidator(_as_iso_date), AfterValidator(_check_date)]


class Window(Model):
    """How a measuring window is laid.

    The last `years` complete years that ended `lag_months` before the newest data.
    """

    years: int = Field(ge=1, le=20)
    lag_months: int = Field(ge=0, le=120)


class Windows(Model):
    """One window per kind of evidence."""

    works: Window
    families: Window
    statistics: Window


class Schedule(Model):
    """When a refresh runs by itself, and how often the expert review is looked after."""

    cron: CronLine
    review_cron: CronLine = "15 * * * *"
    timezone: Zone = "Asia/Tokyo"


class LicenceRule(Model):
    """Which licences a workspace builds from.

    Their classes, and whether terms that exclude commercial use are accepted.
    """

    classes: list[LicenceClass] = ["A", "B"]
    non_commercial: bool = False


class Settings(Model):
    """`config/settings.yaml`: whose list this is, from which sources, and how it is computed."""

    schema_version: Literal[1]
    extends: str | None = None
    focal_country: Filled
    seed: int = Field(ge=0)
    draws: int = Field(ge=100, le=100_000, default=1000)
    windows: Windows
    sources: list[Slug]
    licences: LicenceRule = LicenceRule()
    like_minded: list[Filled] = []
    schedule: Schedule


class Country(Model):
    """A country.

    Its name, its numbers in trade statistics, and the spellings under which published tables print it.
    """

    name: Text
    m49: list[int] = []
    aliases: list[Filled] = []
    historic: bool = False


class Countries(Model):
    """`config/countries.yaml`, by ISO 3166-1 alpha-2 code."""

    countries: dict[str, Country]


class HsMeaning(Text):
    """What a code of the Harmonized System means, and the revision since which it means that."""

    since: HsRevision


class HsCodes(Model):
    """`config/hs_codes.yaml`, by code."""

    hs_codes: dict[HsCode, HsMeaning]


class Commodities(Model):
    """`config/commodities.yaml`: materials and the stages at which tables count them, by id."""

    commodities: dict[Slug, Text]
    stages: dict[Slug, Text]


class Domain(Model):
    """One of the domains technologies and list items are sorted into."""

    id: Slug
    name: Text


class Domains(Model):
    """`config/domains.yaml`."""

    domains: list[Domain]


class Caveats(Model):
    """`config/caveats.yaml`: what a key carried by a number says to its reader."""

    schema_version: Literal[1] = 1
    caveats: dict[str, Text]


class Licence(Model):
    """Terms under which a source is used: class A open, B with a condition, C unclear."""

    id: Filled
    licence_class: LicenceClass = Field(alias="class")
    text: Text
    redistribution: Literal["allowed", "conditional", "not_allowed"]
    commercial_use: Literal["allowed", "not_allowed"] = "allowed"

    @property
    def is_non_commercial(self) -> bool:
        """Tell whether commercial use is excluded, said so or by the licence's own name (CC-BY-NC-4.0)."""
        return self.commercial_use == "not_allowed" or "NC" in re.split(r"[-_ ]", self.id.upper())


class Frame(Text):
    """The sampling frame: what the records are a sample of, and what they may therefore carry.

    `comparable`: countries may be compared. `universe`: the records also cover everything outside our
    technologies, so relative indices have a whole to divide by. `one_office`: a single patent office.
    """

    comparable: bool
    universe: bool = False
    one_office: bool = False


# Forms of files that a snapshot has and no reader reads: a provider's list of its own files, and what is kept
# as evidence only.
MANIFEST, KEPT_ONLY = "manifest", "kept_only"
# The index of a provider's answers, as a connector writes it: which of them may be a part.
ANSWER_INDEX = "answer_index"
NOT_READ = (MANIFEST, KEPT_ONLY)


class SourceFile(Model):
    """A file or glob of a source, relative to the workspace, and the form it is read as."""

    path: Filled
    form: Slug


class Source(Model):
    """`config/sources/<id>.yaml`: one source, its grade, frame, licence and files.

    A workspace is read with a subclass that has one more key for each provider, see `source_model`.
    """

    providers: ClassVar[tuple[str, ...]] = ()

    id: Slug
    title: Text
    producer: Filled
    description: Text
    url: str = ""
    licence: Licence
    citation: Filled
    access: Literal["sample", "files", "manual", "api", "bulk", "review"]
    grade: Grade
    frame: Frame
    as_of: IsoDate | None = None
    is_sample: bool = False
    partial: Literal["refused", "allowed"] = "refused"
    caveats: list[Slug] = []
    files: list[SourceFile] = []
    table: Table | None = None
    hs_revision: HsRevision | None = None
    releases: Literal["newest"] | None = None

    @property
    def _providers(self) -> list[str]:
        return [name for name in self.providers if getattr(self, name) is not None]

    @property
    def provider(self) -> str | None:
        """Return the block of its network requests, named as its `acquire` package; None for files."""
        return next(iter(self._providers), None)

    @property
    def asked(self) -> Access | None:
        """Return how its provider is asked; None for files."""
        return None if self.provider is None else getattr(self, self.provider)

    @property
    def is_fetched(self) -> bool:
        """Tell whether a provider is asked for it over the network."""
        return self.provider is not None

    @model_validator(mode="after")
    def _access_fits_route(self) -> Source:
        if (self.access in ("api", "bulk")) != self.is_fetched or len(self._providers) > 1:
            template = (
                "access api or bulk and one block that says how the provider is asked ({providers}) go"
                " together"
            )
            raise ValueError(t(template, providers=", ".join(self.providers)))
        if (self.hs_revision is not None) != any(file.form == "baci" for file in self.files):
            raise ValueError(
                t(
                    "hs_revision and files of form baci go together: the revision is in the name of the files"
                    " only"
                )
            )
        if self.releases is not None and not any(file.form == "baci" for file in self.files):
            raise ValueError(
                t("releases goes with files of form baci: only their names say which release they are")
            )
        misfit = self.asked.misfit(self.grade) if self.asked else ""
        if misfit:
            raise ValueError(misfit)
        return self

    @model_validator(mode="after")
    def _grade_fits_frame(self) -> Source:
        if self.grade == "records_sampled" and self.frame.comparable:
            raise ValueError(
                t(
                    "frame.comparable must be false for grade records_sampled: a sample by author or"
                    " institution cannot compare countries"
                )
            )
        return self


def source_model(access: Mapping[str, type[Access]]) -> type[Source]:
    """Return the shape of a source in a program that knows these providers, by the key of their block.

    The same providers give the same class: a source that is read twice is equal to itself.
    """
    return _source_model(tuple(access.items()))


@cache
def _source_model(access: tuple[tuple[str, type[Access]], ...]) -> type[Source]:
    blocks = {name: (model | None, None) for name, model in access}
    made: type[Source] = create_model("Source", __base__=Source, __doc__=Source.__doc__, **blocks)  # type: ignore[call-overload]
    made.providers = tuple(name for name, _ in access)
    return made


class SampleWorld(Model):
    """`config/sources/sample.yaml`.

    The seed and size of the generated sample and the sources it stands in for.
    """

    id: Literal["sample"]
    access: Literal["sample"]
    title: Text
    seed: int = Field(ge=0)
    n_works: int = Field(ge=1000)
    n_publications: int = Field(ge=500)
    as_of: IsoDate
    produces: list[Slug]


class WorksQuery(Model):
    """Which works belong to a technology."""

    topics: list[Filled] = []
    keywords: list[Filled] = []


class PatentsQuery(Model):
    """Which patent families belong to a technology: any CPC code that begins with one of these."""

    cpc: list[Filled] = []


class SeriesLink(Model):
    """A published series and how its content relates to the technology's."""

    series: Filled
    relation: Relation
    note: Text | None = None


class SupplyLink(Model):
    """A commodity the technology stands on."""

    commodity: Slug
    stage: Slug
    importance: float = Field(gt=0, le=1)
    why: Text


class Crosswalk(Model):
    """A link to an item of a reference list."""

    list_id: Filled = Field(alias="list")
    item: Filled
    relation: Relation
    note: Text | None = None


class Nomination(Model):
    """Which list, proposal or data finding brought a technology in.

    The id of a list item, else words in both languages.
    """

    by: Text | str

    @field_validator("by")
    @classmethod
    def _item_or_words(cls, value: Text | str) -> Text | str:
        if isinstance(value, str) and not _ITEM.fullmatch(value):
            raise ValueError(
                t("must be a list item such as US_CET_2024/07, or words in both languages (en and ja)")
            )
        return value


class HistoryEntry(Model):
    """One change of a definition."""

    date: IsoDate
    change: Text
    why: Text
    by: Filled


class Scope(Model):
    """What a definition takes in and leaves out."""

    includes: list[Text] = Field(alias="in", default=[])
    excludes: list[Text] = Field(alias="out", default=[])


# The states of a technology that is still assessed.
LIVE = ("active", "proposed")


class Technology(Model):
    """`config/technologies/<id>.yaml`: what is assessed."""

    id: Slug
    name: Text
    definition: Text
    scope: Scope
    status: Literal["proposed", "active", "merged", "retired"]
    replaces: list[Slug] = []
    replaced_by: list[Slug] = []
    domain: Slug
    works: WorksQuery = WorksQuery()
    patents: PatentsQuery = PatentsQuery()
    statistics: list[SeriesLink] = []
    supply: list[SupplyLink] = []
    hs_codes: list[HsCode] = []
    nomination: Nomination
    crosswalk: list[Crosswalk] = []
    history: list[HistoryEntry] = Field(min_length=1)

    @property
    def is_live(self) -> bool:
        """Return True if the technology is still assessed."""
        return self.status in LIVE


class ListItem(Model):
    """One item of a reference list."""

    id: Filled
    domain: Slug
    name: Text
    note: Text | None = None


class Artefact(Model):
    """A cell of the printed comparison table that was removed or moved, and why."""

    domain: Filled
    cell: Filled
    why: Text


class OutOfScope(Model):
    """A list item no technology covers, with the reason."""

    item: Filled
    why: Text


class ReferenceList(Model):
    """`config/reference_lists/<id>.yaml`: a government's list as published.

    `office`: who issued it within the jurisdiction, where that has more than one list. `mark`: what tells the
    list from others of the jurisdiction, short enough for the heading of a narrow column; the id where it is
    not given.
    """

    id: Filled
    jurisdiction: Text
    office: Text | None = None
    mark: Filled | None = None
    country_code: str | None = None
    name: Text
    published: Filled
    source: Text
    artefacts: list[Artefact] = []
    items: list[ListItem]
    out_of_scope: list[OutOfScope] = []

    @property
    def issuer(self) -> Text:
        """Return who issued the list: the jurisdiction, with the office behind it."""
        if self.office is None:
            return self.jurisdiction
        ends = {
            "en": f"{self.jurisdiction.en} ({self.office.en})",
            "ja": f"{self.jurisdiction.ja}（{self.office.ja}）",
        }
        return Text(**ends)
