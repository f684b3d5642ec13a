"""A real HTTP server on loopback that behaves as the OpenAlex API does.

Key, credits, limits, paging, its own error texts.
"""

import gzip
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from doubles.clock import RealClock
from doubles.corpus import FIRST_ID, ISO, OPENALEX, Corpus
from doubles.faults import FaultPlan
from doubles.query import (
    Query,
    RefusedError,
    bad,
    check_fields,
    group,
    select,
    slice_groups,
    slice_page,
    work_number,
)
from doubles.wire import Answer, Handler

KNOWN = {
    "filter", "search", "sort", "select", "group_by", "group-by", "page", "per_page", "per-page", "cursor",
    "sample", "seed", "corpus",
    "include_xpac", "api_key", "api-key", "mailto", "q",
}  # fmt: skip
ENTITIES = ("topics", "keywords", "institutions", "countries")


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away, or a connection we broke on purpose, is no news."""


@dataclass
class Seen:
    """One request as the double saw it."""

    at: float
    target: str
    headers: dict[str, str]
    status: int = 0
    credits: int = 0
    fault: str = ""


@dataclass
class Meter:
    """Credits spent a key and day, and the requests of the last second."""

    spent: dict[tuple[str, int], int] = field(default_factory=dict)
    recent: list[float] = field(default_factory=list)


class OpenAlexDouble:
    """The server.

    Args:
        corpus: What it answers from.
        clock: Its clock; give a TurnedClock to both sides and nobody really waits.
        keys: Keys it accepts.
        budget: Credits a day with a key; without one a tenth.
        faults: What goes wrong.
        knows_corpus: False for a server older than August 2026, which refuses `corpus`.
        recorded: Pages to serve as they are, by a piece of text in the request.
        rate_limit: Requests a second.
    """

    def __init__(
        self,
        corpus: Corpus,
        *,
        clock=None,
        keys: tuple[str, ...] = ("test-key",),
        budget: int = 10_000,
        faults: FaultPlan | None = None,
        knows_corpus: bool = True,
        recorded: dict[str, bytes] | None = None,
        rate_limit: int = 100,
        mirror: Path | None = None,
        port: int = 0,
    ) -> None:
        self.corpus, self.clock, self.keys, self.budget = corpus, clock or RealClock(), set(keys), budget
        self.faults, self.knows_corpus, self.rate_limit = faults or FaultPlan(), knows_corpus, rate_limit
        self.recorded, self.mirror = recorded or {}, mirror
        self.meter, self.lock = Meter(), threading.Lock()
        self.log: list[Seen] = []
        self.on_request: Callable[[int], None] = lambda number: None
        self._last_pages: dict[str, list[dict]] = {}
        handler = type("BoundHandler", (Handler,), {"double": self})
        self.server = _QuietServer(("127.0.0.1", port), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "OpenAlexDouble":
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *stop: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def calls(self) -> int:
        return len(self.log)

    @property
    def credits(self) -> int:
        return sum(seen.credits for seen in self.log)

    def most_in_a_second(self) -> int:
        """Return the largest number of requests within any one second."""
        times = sorted(seen.at for seen in self.log)
        start = most = 0
        for stop, at in enumerate(times):
            while at - times[start] >= 1:
                start += 1
            most = max(most, stop - start + 1)
        return most

    # ---- one request -----------------------------------------------------------------------------

    def handle(self, target: str, headers: dict[str, str]) -> tuple[Answer, Seen]:
        """Return what to answer; faults in transport are the handler's business."""
        seen = Seen(self.clock.now(), target, headers)
        with self.lock:
            self.log.append(seen)
            number = len(self.log)
        self.on_request(number)
        path = urlsplit(target).path
        pairs = parse_qsl(urlsplit(target).query, keep_blank_values=True)
        try:
            is_object = self.mirror is not None and path.startswith("/openalex/")
            answer = self._object(path) if is_object else self._answer(path, pairs, headers, seen)
        except RefusedError as refused:
            answer = Answer(
                refused.status,
                json.dumps(refused.body).encode(),
                dict(refused.headers if hasattr(refused, "headers") else {}),
            )
        seen.status = answer.status
        return answer, seen

    def _answer(self, path: str, pairs: list[tuple[str, str]], headers: dict[str, str], seen: Seen) -> Answer:
        key = self._check_key(pairs, headers)
        names = [name for name, _ in pairs]
        for name in names:
            if name not in KNOWN or (name == "corpus" and not self.knows_corpus):
                raise bad(
                    f"{name} is not a valid parameter. Valid parameters are: {', '.join(sorted(KNOWN))}."
                )
        if names.count("filter") > 1:
            raise bad("Only one filter parameter is allowed.")
        if len(seen.target) > 8190:
            raise bad("The request line is too long.")
        parameters = dict(pairs)
        if re.search(r"(?:^|,)(?:from|to)_(?:updated|created)_date:", parameters.get("filter", "")):
            raise RefusedError(
                429, "Plan upgrade required", 'The "from_updated_date" filter requires a paid plan.'
            )
        price = self._price(path, parameters)
        self._check_limits(key, price)
        document, status = self._document(path, parameters)
        return Answer(status, json.dumps(document).encode(), self._charge(key, price, seen), document)

    def _check_key(self, pairs: list[tuple[str, str]], headers: dict[str, str]) -> str:
        given = [value for name, value in pairs if name in ("api_key", "api-key")]
        given += [headers[name] for name in ("api_key", "api-key") if name in headers]
        bearer = headers.get("authorization")
        if bearer is not None:
            given.append(bearer.removeprefix("Bearer").strip())
        if not given:
            return ""
        if given[0] not in self.keys:
            raise RefusedError(401, "Invalid or missing API key", "API key not found")
        return given[0]

    def _price(self, path: str, parameters: dict[str, str]) -> int:
        if path.startswith("/autocomplete") or path == "/rate-limit" or re.fullmatch(r"/works/[^/]+", path):
            return 0
        searched = "search" in parameters or ".search:" in parameters.get("filter", "")
        return 10 if searched else 1

    def _day(self) -> int:
        return int(self.clock.now() // 86_400)

    def _check_limits(self, key: str, price: int) -> None:
        now, limit = self.clock.now(), self._limit(key)
        with self.lock:
            self.meter.recent = [at for at in self.meter.recent if now - at < 1] + [now]
            if len(self.meter.recent) > self.rate_limit:
                refused = RefusedError(
                    429, "Rate limit exceeded", "Too many requests per second. Slow down.", retryAfter=1
                )
                refused.headers = {"Retry-After": "1", "X-RateLimit-Remaining": str(self._left(key))}
                raise refused
            left = limit - self.meter.spent.get((key, self._day()), 0)
        if left < price:
            wait = int(86_400 - now % 86_400)
            refused = RefusedError(
                429,
                "Rate limit exceeded",
                f"Insufficient budget. This request costs ${price / 10_000:.4f} but you only have"
                f" ${left / 10_000:.4f} left today.",
                retryAfter=wait,
                costUsd=price / 10_000,
                dailyRemainingUsd=left / 10_000,
                prepaidRemainingUsd=0,
                creditsRequired=price,
                creditsRemaining=left,
            )
            refused.headers = {
                "Retry-After": str(wait),
                "X-RateLimit-Credits-Required": str(price),
                "X-RateLimit-Remaining": str(left),
                "X-RateLimit-Reset": str(wait),
            }
            raise refused

    def _limit(self, key: str) -> int:
        return self.budget if key else self.budget // 10

    def _left(self, key: str) -> int:
        return self._limit(key) - self.meter.spent.get((key, self._day()), 0)

    def _charge(self, key: str, price: int, seen: Seen) -> dict[str, str]:
        with self.lock:
            self.meter.spent[key, self._day()] = self.meter.spent.get((key, self._day()), 0) + price
            left = self._left(key)
        seen.credits = price
        return {
            "X-RateLimit-Limit": str(self._limit(key)),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Onetime-Remaining": "0",
            "X-RateLimit-Credits-Used": str(price),
            "X-RateLimit-Reset": str(int(86_400 - self.clock.now() % 86_400)),
            "X-RateLimit-Limit-USD": str(self._limit(key) / 10_000),
            "X-RateLimit-Remaining-USD": str(left / 10_000),
            "X-RateLimit-Cost-USD": str(price / 10_000),
        }

    def refund(self, seen: Seen) -> None:
        """Take back what a call cost that was not answered."""
        if seen.credits:
            key = seen.headers.get("authorization", "").removeprefix("Bearer").strip()
            with self.lock:
                self.meter.spent[key, self._day()] -= seen.credits
            seen.credits = 0

    # ---- documents -------------------------------------------------------------------------------

    def _document(self, path: str, parameters: dict[str, str]) -> tuple[dict, int]:
        for piece, body in self.recorded.items():
            if piece in f"{path}?{parameters}":
                return json.loads(body), 200
        if path == "/works":
            return self._works(parameters), 200
        if path.startswith("/works/"):
            return self._one_work(unquote(path.removeprefix("/works/")), parameters), 200
        if path == "/rate-limit":
            return {
                "rate_limit": {
                    "daily_budget_usd": self.budget / 10_000,
                    "resets_at": formatdate(0, usegmt=True),
                }
            }, 200
        if path.strip("/") in ENTITIES:
            return self._entities(path.strip("/"), parameters), 200
        if path.startswith("/autocomplete/"):
            return {"meta": {"count": 0}, "results": []}, 200
        raise RefusedError(404, "Not found", f"There is nothing at {path}.")

    def _scope(self, parameters: dict[str, str]) -> str:
        if "corpus" in parameters and "include_xpac" in parameters:
            raise bad("corpus and include_xpac cannot be combined.")
        scope = parameters.get("corpus") or ("all" if parameters.get("include_xpac") == "true" else "core")
        if scope not in ("core", "expansion", "all"):
            raise bad(f"{scope} is not a valid corpus.")
        return scope

    def _works(self, parameters: dict[str, str]) -> dict:
        group_key = parameters.get("group_by") or parameters.get("group-by")
        if group_key and "select" in parameters:
            raise bad("select does not work with group_by.")
        fields = check_fields(parameters.get("select", ""))
        places = Query(self.corpus, parameters, self._scope(parameters)).places()
        took = (
            20 + sum(map(ord, repr(sorted(item for item in parameters.items() if item[0] != "corpus")))) % 300
        )
        meta = {"count": len(places), "db_response_time_ms": took, "groups_count": None, "cost_usd": 0.0001}
        if group_key:
            rows, paging = slice_groups(group(self.corpus, places, group_key), parameters)
            return {"meta": meta | paging | {"groups_count": len(rows)}, "results": [], "group_by": rows}
        chosen, paging = slice_page(places, parameters)
        records = [select(record, fields) for record in self.corpus.works(chosen)]
        return {"meta": meta | paging, "results": records, "group_by": []}

    def _one_work(self, name: str, parameters: dict[str, str]) -> dict:
        number = work_number(name)
        if number is None:
            raise RefusedError(404, "Not found", f"{name} is not a work.")
        place = self.corpus.position(number)
        if place is None:
            kind, target = self.corpus.merged.get(number, ("deleted", 0))
            refused = RefusedError(
                301 if kind == "redirect" else 404,
                "Moved" if kind == "redirect" else "Not found",
                f"W{number}",
            )
            if kind == "redirect":
                refused.headers = {"Location": f"{self.url}/works/W{target}"}
            raise refused
        return select(self.corpus.work(place, author_cap=None), check_fields(parameters.get("select", "")))

    def _entities(self, name: str, parameters: dict[str, str]) -> dict:
        if name == "topics":
            rows = [
                {"id": OPENALEX + row["topic_id"], "display_name": row["topic_name"]}
                for row in self.corpus.topics
            ]
        elif name == "countries":
            rows = [{"id": f"{OPENALEX}countries/{code}", "display_name": code} for code in ISO]
        else:
            rows = []
        return {
            "meta": {"count": len(rows), "db_response_time_ms": 5, "page": 1, "per_page": 25},
            "results": rows[:25],
            "group_by": [],
        }

    # ---- the snapshot, as an object store serves it ----------------------------------------------

    def _object(self, path: str) -> Answer:
        file = (self.mirror / path.removeprefix("/openalex/")).resolve()
        if not file.is_relative_to(self.mirror.resolve()) or not file.is_file():
            return Answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {"Content-Type": "application/xml"})
        body = file.read_bytes()
        tag = f'"{len(body):x}-{hash(body) & 0xFFFFFFFF:x}"'
        return Answer(200, body, {"Content-Type": "application/octet-stream", "ETag": tag})

    # ---- faults that stand in the document -------------------------------------------------------

    def spoil(self, kind: str, target: str, answer: Answer) -> Answer:
        """Return a wrong answer that looks like a right one."""
        document = answer.document
        if kind == "other_record" and document is not None and "meta" not in document:
            return Answer(
                answer.status, json.dumps(document | {"id": f"{OPENALEX}W1"}).encode(), answer.headers
            )
        if document is None or "meta" not in document:
            return answer
        rows_key = "group_by" if document["group_by"] else "results"
        rows = document[rows_key]
        if kind == "other_answer":  # as many records, with the right count, of another query
            others = [
                found
                for series, found in self._last_pages.items()
                if series != _series(target) and found and "id" in found[0]
            ]
            rows, meta = (others or [rows])[0][: len(rows)], document["meta"]
        elif kind == "partial_200":
            rows = rows[: len(rows) // 2]
            meta = {
                **document["meta"],
                "db_response_time_ms": 5003,
                "count": max(0, document["meta"]["count"] * 2 // 3),
            }
        else:  # a page served before: the previous one of the same query, or this one's records twice
            rows = self._last_pages.get(_series(target), rows[:1] * len(rows))
            meta = document["meta"]
        changed = {**document, rows_key: rows, "meta": meta}
        return Answer(answer.status, json.dumps(changed).encode(), answer.headers)

    def remember(self, target: str, answer: Answer) -> None:
        """Keep the page, so that a later answer can be a stale copy of it."""
        if answer.document and "meta" in answer.document:
            self._last_pages[_series(target)] = answer.document["group_by"] or answer.document["results"]


def _series(target: str) -> str:
    return re.sub(r"cursor=[^&]*", "", target)


def work_id(place: int) -> str:
    return f"W{FIRST_ID + place}"


def packed(body: bytes) -> bytes:
    return gzip.compress(body, 1, mtime=0)
