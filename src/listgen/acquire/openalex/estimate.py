"""What a run would ask of OpenAlex: calls, credits, money, bytes and minutes, worked out before they are spent.

The provider is asked how many works each query has, one credit a query; counts by country need no question at all.

Reads: the network, data/raw/pending.
Writes: nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from listgen.acquire.openalex import fresh_snapshot, open_client, open_place
from listgen.acquire.openalex.api import USD_PER_CREDIT, Api
from listgen.acquire.openalex.cited import SINGLES_PER_CREDIT
from listgen.acquire.openalex.question import Question, Unit, make_question
from listgen.acquire.openalex.snapshot import new_parts
from listgen.acquire.order import Order, today_of
from listgen.base.config import Workspace
from listgen.base.connectors import OpenAlexAccess
from listgen.base.models import Source

_SECONDS_PER_CALL = 0.4  # what a page of a hundred records usually takes
_COUNT_BYTES = 12_000
_BYTES_PER_SECOND = 100e6  # reading, hashing and copying a part
_STAGED_SHARE = 0.25  # parsed records beside the raw pages
_MOST_ASKED_FOR_CITED = 100  # credits for finding out how many works are cited: a hundredth of what a key gives a day
_MANY_COUNTRIES = 2  # pages of a count that reaches every country: more than 200 groups


@dataclass(frozen=True)
class Estimate:
    """What a run would cost.

    `asked` is what working it out has cost; `n_works` is None where no record is fetched. `n_cited` of the calls are for cited works.
    Look-ups of merged works are free and come on top.
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
    if source.openalex and source.openalex.route == "snapshot":
        return _of_snapshot(workspace, source, source.openalex, order)
    if fresh_snapshot(workspace, source, order.clock) is not None:
        return Estimate(0, 0, 0, 0.0)
    question = make_question(workspace.config, source, today_of(order.clock))
    found = _of_counts(question) if question.access.route == "counts" else _of_records(source, question, order)
    return _without_held(workspace, question, found)


def _of_snapshot(workspace: Workspace, source: Source, access: OpenAlexAccess, order: Order) -> Estimate:
    """Return the parts of the present release that are not held; its files cost no credits."""
    with open_place(workspace, source, order) as place:
        parts = new_parts(workspace, source, access, place)
    n_bytes = sum(part.n_bytes for part in parts)
    calls = 0 if access.mirror is not None else len(parts) + 3
    return Estimate(calls, 0, n_bytes, n_bytes / _BYTES_PER_SECOND, sum(part.n_records for part in parts))


def _priced(question: Question, calls: int, credits: int, n_bytes: int, n_works: int | None = None, asked: int = 0) -> Estimate:
    seconds = calls * max(_SECONDS_PER_CALL, 1 / question.access.requests_per_second)
    return Estimate(calls, credits, n_bytes, seconds, n_works, asked)


def _of_counts(question: Question) -> Estimate:
    """Counts: one call a technology and year; all works together reach more countries than one page holds. And one call to begin."""
    calls = 1 + sum(_MANY_COUNTRIES if "topics.id" not in unit.params["filter"] else 1 for unit in question.units)
    return _priced(question, calls, calls, calls * _COUNT_BYTES)


def _of_records(source: Source, question: Question, order: Order) -> Estimate:
    with open_client(source, order) as client:
        api = Api(client, secret=question.access.secret, budget=order.budget)
        api.learn_corpus(question.access.corpus)
        counts = _count_by_unit(api, question)
        largest = max(question.units, key=lambda unit: counts.get(unit.name, 0))
        sample = api.ask_page(largest.path, _paged(question, largest), price=largest.credits, accept=lambda answer: None)
        size = question.access.page_size
        pages = {unit.name: max(1, -(-counts.get(unit.name, 0) // size)) for unit in question.units}
        n_works = sum(counts.values())
        cited = _cited_calls(api, question, n_works, pages)
        spent = api.spent
    row_bytes = len(sample.response.body) / max(1, len(sample.rows))
    calls = 1 + sum(pages.values()) + cited
    credits = 1 + sum(pages[unit.name] * unit.credits for unit in question.units) + cited
    found = _priced(question, calls, credits, round((n_works + cited * question.n_cited) * row_bytes), n_works, spent)
    return replace(found, n_cited=cited)


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


def _paged(question: Question, unit: Unit) -> dict[str, str]:
    return {**unit.params, "corpus": question.access.corpus, "per_page": str(question.access.page_size), "cursor": "*"}


def _cited_calls(api: Api, question: Question, n_works: int, pages: dict[str, int]) -> int:
    """Return the calls for cited works: as many as declared, unless the works cite fewer others.

    How many different ones they cite is read where the works fill few pages, and worked out from some of the pages otherwise.
    """
    declared = question.access.cited_works_credits
    units = [unit for unit in question.units if unit.name in pages]
    if not declared or not n_works:
        return 0
    if sum(pages[unit.name] * unit.credits for unit in units) > _MOST_ASKED_FOR_CITED:
        step = -(-sum(unit.credits for unit in units) // _MOST_ASKED_FOR_CITED)
        units, pages = units[::step], dict.fromkeys(pages, 1)
    works: dict[str, list[str]] = {}
    for unit in units:
        works |= _citing(api, question, unit, pages[unit.name])
    return min(declared, -(-round(_distinct_cited(works, n_works)) // question.n_cited))


def _citing(api: Api, question: Question, unit: Unit, n_pages: int) -> dict[str, list[str]]:
    """Return what the works on the first pages of a unit cite."""
    found: dict[str, list[str]] = {}
    params: dict[str, str] = _paged(question, unit) | {"select": "id,referenced_works"}
    for _ in range(n_pages):
        answer = api.ask_page(unit.path, params, price=unit.credits, accept=lambda answer: None)
        found |= {str(row["id"]): _references(row) for row in answer.rows}
        params["cursor"] = str(answer.meta.get("next_cursor") or "")
        if not params["cursor"]:
            break
    return found


def _distinct_cited(works: dict[str, list[str]], n_works: int) -> float:
    """Return how many different works outside their own number `n_works` works cite, by some or all of them.

    Beyond the works at hand the number grows as those cited once and twice say (Chao & al. 2014, Ecol. Monogr. 84, 45-67); works of
    the scope itself are among the cited as often as among the works at hand.
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
    left = _priced(question, calls, max(0, found.credits - len(held)), n_bytes, found.n_works, found.asked)
    return replace(left, n_cited=min(found.n_cited, left.calls))
