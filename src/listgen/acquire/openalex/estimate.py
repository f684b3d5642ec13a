"""What a run would ask of OpenAlex.

Calls, credits, money, bytes and minutes, worked out before they are spent.

The provider is asked how many works each query has, one credit a query, and for some of the pages, spread
evenly over all of them: they tell how long records are and what they cite. Of counts by country some answers
are asked for.

Reads: the network, data/raw/pending.
Writes: nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from listgen.acquire.openalex.access import OpenAlexAccess, access_of
from listgen.acquire.openalex.acquisition import fresh_snapshot, open_client, open_place
from listgen.acquire.openalex.api import USD_PER_CREDIT, Api
from listgen.acquire.openalex.cited import SINGLES_PER_CREDIT
from listgen.acquire.openalex.question import Question, Unit, chunks, make_question, select_fields
from listgen.acquire.openalex.snapshot import new_parts
from listgen.acquire.order import Order, today_of
from listgen.config.models import Source
from listgen.config.workspace import Workspace

_SECONDS_PER_CALL = 0.4  # what a page of a hundred records usually takes
_BYTES_PER_SECOND = 100e6  # reading, hashing and copying a part
_STAGED_SHARE = 0.25  # parsed records beside the raw pages
# Credits for reading some of the pages, a hundredth of what a key gives a day. Lengths of records vary by
# about their mean, so the mean of ten thousand is known to two parts in a hundred.
_MOST_ASKED = 100
_MOST_CITED_ASKED = 30
_MOST_COUNTS_ASKED = 30
_MANY_COUNTRIES = 2  # pages of a count that reaches every country: more than 200 groups
_DEEPEST = 10_000  # records from the first on that a page can be asked for by its number


@dataclass(frozen=True)
class Estimate:
    """What a run would cost.

    `asked` is what working it out has cost; `n_works` is None where no record is fetched. `n_cited` of the
    calls are for cited works. Look-ups of merged works are free and come on top.
    """

    calls: int
    credits: int
    n_bytes: int
    seconds: float
    n_works: int | None = None
    asked: int = 0
    n_cited: int = 0

    @property
    def n_lookups(self) -> int:
        """Return how many merged works may be looked up."""
        return self.n_cited * SINGLES_PER_CREDIT

    @property
    def usd(self) -> float:
        """Return the provider's list price; within the daily gift it is not paid."""
        return round(self.credits * USD_PER_CREDIT, 4)

    @property
    def disk_bytes(self) -> int:
        """Return what it takes on disk, parsed records included."""
        return round(self.n_bytes * (1 + _STAGED_SHARE))


def estimate(workspace: Workspace, source: Source, order: Order | None = None) -> Estimate:
    """Return what acquiring a source now would cost; nothing is fetched when what is held is fresh.

    Raises:
        ProviderError: The provider could not be asked.
    """
    order = order or Order()
    if access_of(source).route == "snapshot":
        return _of_snapshot(workspace, source, access_of(source), order)
    if fresh_snapshot(workspace, source, order.clock) is not None:
        return Estimate(0, 0, 0, 0.0)
    question = make_question(workspace.config, source, today_of(order.clock))
    with open_client(source, order) as client:
        api = Api(client, secret=question.access.secret, budget=order.budget)
        api.learn_corpus(question.access.corpus)
        found = _of_counts(api, question) if question.access.route == "counts" else _of_records(api, question)
        found = replace(found, asked=api.spent)
    return _without_held(workspace, question, found)


def _of_snapshot(workspace: Workspace, source: Source, access: OpenAlexAccess, order: Order) -> Estimate:
    """Return the parts of the present release that are not held; its files cost no credits."""
    with open_place(workspace, source, order) as place:
        parts = new_parts(workspace, source, access, place)
    n_bytes = sum(part.n_bytes for part in parts)
    calls = 0 if access.mirror is not None else len(parts) + 3
    return Estimate(calls, 0, n_bytes, n_bytes / _BYTES_PER_SECOND, sum(part.n_records for part in parts))


def _priced(
    question: Question, calls: int, credits: int, n_bytes: float, n_works: int | None = None
) -> Estimate:
    seconds = calls * max(_SECONDS_PER_CALL, 1 / question.access.requests_per_second)
    return Estimate(calls, credits, round(n_bytes), seconds, n_works)


def _of_counts(api: Api, question: Question) -> Estimate:
    """Counts: one call a technology and year; all works together reach more countries than one page holds.

    And one call to begin.
    """
    calls, n_bytes = 1, 0.0
    for is_of_all, n_pages in ((True, _MANY_COUNTRIES), (False, 1)):
        units = [unit for unit in question.units if ("topics.id" not in unit.params["filter"]) == is_of_all]
        asked = units[:: max(1, len(units) * n_pages // _MOST_COUNTS_ASKED)]
        calls += len(units) * n_pages
        n_bytes += (
            len(units) / max(1, len(asked)) * sum(_length_of(api, question, unit, n_pages) for unit in asked)
        )
    return _priced(question, calls, calls, n_bytes)


def _length_of(api: Api, question: Question, unit: Unit, n_pages: int) -> int:
    """Return the bytes of a unit's first pages."""
    n_bytes, params = 0, {**unit.params, "corpus": question.access.corpus, "cursor": "*"}
    for _ in range(n_pages):
        answer = api.ask_page(unit.path, params, price=unit.credits, accept=lambda answer: None)
        n_bytes += len(answer.response.body)
        params["cursor"] = str(answer.meta.get("next_cursor") or "")
        if not params["cursor"]:
            break
    return n_bytes


@dataclass
class _Sample:
    """Some of the pages of records: how many records and bytes they have, and what each work cites."""

    n_rows: int = 0
    n_bytes: int = 0
    cited: dict[str, list[str]] = field(default_factory=dict)


def _of_records(api: Api, question: Question) -> Estimate:
    counts = _count_by_unit(api, question)
    size = question.access.page_size
    pages = {unit.name: max(1, -(-counts.get(unit.name, 0) // size)) for unit in question.units}
    n_works = sum(counts.values())
    sample = _read_some(api, question, pages)
    n_different = round(
        n_works * len(sample.cited) / max(1, sample.n_rows)
    )  # a work that two queries find comes with both
    n_cited, cited_bytes = _of_cited(api, question, sample, n_different)
    cited_calls = -(-n_cited // question.n_cited)
    calls = 1 + sum(pages.values()) + cited_calls
    credits = 1 + sum(pages[unit.name] * unit.credits for unit in question.units) + cited_calls
    found = _priced(
        question, calls, credits, n_works * sample.n_bytes / max(1, sample.n_rows) + cited_bytes, n_works
    )
    return replace(found, n_cited=cited_calls)


def _count_by_unit(api: Api, question: Question) -> dict[str, int]:
    """Return the number of works of every unit: one question for all years of a query."""
    queries: dict[str, list[Unit]] = defaultdict(list)
    for unit in question.units:
        queries[unit.params["filter"].rsplit(",publication_year:", 1)[0]].append(unit)
    counts: dict[str, int] = {}
    for scope, units in queries.items():
        params = {
            "filter": f"{scope},publication_year:{question.years[0]}-{question.years[1]}",
            "group_by": "publication_year",
            "corpus": question.access.corpus,
        }
        answer = api.ask_page("/works", params, price=units[0].credits, accept=lambda answer: None)
        by_year = {str(row["key"]): int(row["count"]) for row in answer.rows}
        counts |= {unit.name: by_year.get(str(unit.about["publication_year"]), 0) for unit in units}
    return counts


def _read_some(api: Api, question: Question, pages: Mapping[str, int]) -> _Sample:
    """Return the content of all pages, or of as many as the credits allow, spread evenly; none twice."""
    sample, size = _Sample(), question.access.page_size
    wanted = [(unit, number) for unit in question.units for number in range(1, pages[unit.name] + 1)]
    step = max(1, -(-sum(unit.credits for unit, _ in wanted) // _MOST_ASKED))
    deepest = max(1, _DEEPEST // size)
    some = {
        (unit.name, -(-number * deepest // max(deepest, pages[unit.name]))): unit
        for unit, number in wanted[(step - 1) // 2 :: step] or wanted[:1]
    }
    for (_, number), unit in some.items():
        params = {**unit.params, "corpus": question.access.corpus, "per_page": str(size), "page": str(number)}
        answer = api.ask_page(unit.path, params, price=unit.credits, accept=lambda answer: None)
        sample.n_rows += len(answer.rows)
        sample.n_bytes += len(answer.response.body)
        sample.cited |= {str(row["id"]): _references(row) for row in answer.rows}
    return sample


def _of_cited(api: Api, question: Question, sample: _Sample, n_works: int) -> tuple[int, float]:
    """Return how many cited works will be asked for and the bytes of the answers.

    As many as declared, unless the works cite fewer others.

    `n_works` is the number of different works. How many different ones they cite is known where all were
    read, and worked out from those that were otherwise.
    """
    declared = question.access.cited_works_credits * question.n_cited
    times = Counter(
        cited
        for references in sample.cited.values()
        for cited in set(references)
        if cited not in sample.cited
    )
    if not declared or not times:
        return 0, 0.0
    n_cited = min(declared, round(_distinct_cited(sample.cited, n_works)))
    names = [name.rsplit("/", 1)[-1] for name, _ in times.most_common(n_cited)]
    groups, select = chunks(names, question.n_cited), select_fields(question.access)
    some = groups[:: -(-len(groups) // _MOST_CITED_ASKED)]
    n_bytes, found = 0, set[str]()
    for group in some:
        params = {
            "filter": "ids.openalex:" + "|".join(group),
            "select": select,
            "per_page": str(question.access.page_size),
        }
        answer = api.ask_page(
            "/works", params | {"corpus": question.access.corpus}, accept=lambda answer: None
        )
        n_bytes += len(answer.response.body)
        found |= {str(row["id"]).rsplit("/", 1)[-1] for row in answer.rows}
    # Renamed and deleted works are looked up one by one, the most cited first, which costs no credits.
    gone = [name for group in some for name in group if name not in found][: SINGLES_PER_CREDIT * len(some)]
    looked_up = gone[:: -(-len(gone) // _MOST_CITED_ASKED) or 1]
    lengths = [len(api.ask_one(f"/works/{name}", {"select": select}).response.body) for name in looked_up]
    n_bytes += len(gone) * sum(lengths) // max(1, len(lengths))
    return n_cited, n_cited * n_bytes / sum(len(group) for group in some)


def _distinct_cited(works: dict[str, list[str]], n_works: int) -> float:
    """Return how many different works outside their own number `n_works` works cite, by some or all of them.

    Beyond the works at hand the number grows as those cited once and twice say (Chao & al. 2014, Ecol.
    Monogr. 84, 45-67); works of the scope itself are among the cited as often as among the works at hand.
    """
    n_read = len(works)
    times = Counter(cited for references in works.values() for cited in set(references))
    n_left = max(0, n_works - n_read)
    if not times or not n_left:
        return len(times.keys() - works.keys())
    once, twice = (sum(count == wanted for count in times.values()) for wanted in (1, 2))
    unseen = (n_read - 1) / n_read * once * (once - 1) / (2 * (twice + 1))
    grown = unseen * (1 - (1 - once / (n_read * unseen + once)) ** n_left) if unseen else 0.0
    inside = min(1.0, len(times.keys() & works.keys()) * n_works / n_read / len(times))
    return (len(times) + grown) * (1 - inside)


def _references(row: dict[str, object]) -> list[str]:
    cited = row.get("referenced_works")
    return [str(item) for item in cited] if isinstance(cited, list) else []


def _without_held(workspace: Workspace, question: Question, found: Estimate) -> Estimate:
    """Return an estimate less the pages a run that was cut off has left."""
    folder = workspace.raw / "pending" / question.source.id / question.digest[:16]
    held = list(folder.rglob("*.body")) if folder.is_dir() else []
    if not held:
        return found
    calls = max(0, found.calls - len(held))
    n_bytes = max(0, found.n_bytes - sum(path.stat().st_size for path in held))
    left = _priced(question, calls, max(0, found.credits - len(held)), n_bytes, found.n_works)
    return replace(left, asked=found.asked, n_cited=min(found.n_cited, left.calls))
