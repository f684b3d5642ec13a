"""The OpenAlex API as it is.

Three kinds of 429, counts that are partial without saying so, pages that repeat, merged ids.

Reads: the network. Writes: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from listgen.acquire.answer import end_of_wait, lenient, parse_object, seconds
from listgen.acquire.http import AskAgainError, Client, Response
from listgen.acquire.openalex.matching import is_other_record
from listgen.base.errors import BudgetError, RefusedError
from listgen.base.text import t

# The provider's search engine answers with what it has after five seconds; an answer that took nearly as long
# may be a part.
_SUSPECT_MS = 4500
_MAX_RATE_PAUSE = 120.0
USD_PER_CREDIT = 0.0001
_TOO_LARGE_TRIES = 3
_LOST_CURSOR = re.compile(r"cursor(?: value)? is (?:invalid|null)|invalid cursor", re.IGNORECASE)


class TooLargeError(Exception):
    """The provider cannot send so many records at once."""


class CursorLostError(Exception):
    """The provider does not know a cursor any more; its query has to be read from the start."""


@dataclass(frozen=True)
class Answer:
    """A page or a record that was read, and whether the provider may have left something out."""

    response: Response
    document: dict[str, Any]
    is_suspect: bool = False

    @property
    def meta(self) -> dict[str, Any]:
        """Return what the provider says about the page."""
        found: dict[str, Any] = self.document.get("meta") or {}
        return found

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the records or groups of the page."""
        found: list[dict[str, Any]] = self.document["group_by"] or self.document["results"]
        return found


class Api:
    """Asks OpenAlex and keeps account of what it costs.

    Args:
        client: The HTTP client.
        secret: Name of the variable the key comes from, for messages.
        budget: Credits this run may spend, None for as many as the provider gives.
    """

    def __init__(self, client: Client, *, secret: str, budget: int | None = None) -> None:
        self.client, self.secret, self.budget = client, secret, budget
        self.spent = 0
        self._price = 1
        self._knows_corpus = True
        client.before_send = self._before_send

    # ---- asking ----------------------------------------------------------------------------------

    def ask_page(
        self, path: str, params: Mapping[str, str], *, price: int = 1, accept: Callable[[Answer], str | None]
    ) -> Answer:
        """Return one page.

        Args:
            path: Path of the list.
            params: Its parameters.
            price: Credits a call costs.
            accept: Says what is odd about a page, None when nothing is; an odd page is asked for twice more,
                then taken as it is.

        Raises:
            BudgetError: The next call would go beyond a budget.
            RefusedError: The provider refuses for good.
            ProviderError: It did not answer well however often it was asked.
            CursorLostError: The cursor is not known any more.
            TooLargeError: The page is too large to be sent.
        """
        odd = too_large = 0

        def judge(response: Response) -> Answer:
            nonlocal odd, too_large
            if response.status == 503 and "xml" in response.headers.get("content-type", ""):
                too_large += 1
                if too_large >= _TOO_LARGE_TRIES:
                    raise TooLargeError
            document = self._read(response)
            _check_shape(document, "group_by" if "group_by" in params else "results")
            meta = document["meta"]
            suspect = bool(meta.get("timed_out")) or int(meta.get("db_response_time_ms") or 0) >= _SUSPECT_MS
            answer = Answer(response, document, suspect)
            reason = accept(answer)  # it also refuses what is no answer to the question
            reason = t("the answer took so long that it may be a part") if suspect else reason
            if reason is not None and odd < 2:
                odd += 1
                raise AskAgainError(reason, pause=1.0)
            return Answer(response, document, reason is not None)

        self._price = price
        return self.client.get(path, self._with_corpus(params), judge)

    def ask_one(self, path: str, params: Mapping[str, str]) -> Answer:
        """Return one record, which costs nothing; a missing one has status 404 and an empty document."""

        def judge(response: Response) -> Answer:
            if response.status in (404, 410):
                return Answer(response, {})
            document = self._read(response)
            if not isinstance(document.get("id"), str):
                raise AskAgainError(t("{field} is missing in the answer", field="id"))
            if is_other_record(response, document):
                raise AskAgainError(
                    t("it answers with another record ({id})", id=document["id"][:80]), pause=1.0
                )
            return Answer(response, document)

        self._price = 0
        return self.client.get(path, params, judge)

    def _with_corpus(self, params: Mapping[str, str]) -> Mapping[str, str]:
        """Return the parameters as this server understands them.

        One older than August 2026 does not know `corpus`.
        """
        if self._knows_corpus or "corpus" not in params:
            return params
        rest = {name: value for name, value in params.items() if name != "corpus"}
        return rest | ({"include_xpac": "true"} if params["corpus"] == "all" else {})

    def learn_corpus(self, corpus: str) -> None:
        """Find out whether the server knows the parameter `corpus`; the older default was the same as `core`.

        Raises:
            RefusedError: It does not, and the part of the works that is wanted cannot be asked for otherwise.
        """
        try:
            self.ask_page(
                "/works", {"corpus": corpus, "per_page": "1", "select": "id"}, accept=lambda answer: None
            )
        except RefusedError as error:
            if "corpus" not in error.what or corpus == "expansion":
                raise
            self._knows_corpus = False

    # ---- money -----------------------------------------------------------------------------------

    def _before_send(self) -> None:
        """Count the price before the call: a cut answer was paid for too."""
        if self.budget is not None and self.spent + self._price > self.budget:
            raise self._budget_error(
                t("the budget of {budget:,} credits for this run is used up", budget=self.budget), None
            )
        self.spent += self._price

    def _note_cost(self, response: Response) -> None:
        told = response.headers.get("x-ratelimit-credits-used", "")
        if 400 <= response.status < 500 or response.status == 504:
            self.spent -= self._price  # refused calls are not charged, and a slow query is refunded
        elif told.isdigit():
            self.spent += int(told) - self._price

    def _budget_error(self, reason: str, seconds: float | None) -> BudgetError:
        reset = end_of_wait(self.client.clock, seconds)
        return BudgetError(
            t(
                "{host}: {reason}; {spent:,} credits were spent.",
                host=self.client.host,
                reason=reason,
                spent=self.spent,
            ),
            t(
                "The provider's daily budget starts anew at {reset} UTC; all that was received is kept.",
                reset=reset,
            ),
            t("To go on where it stopped, run: {command}", command=self.client.resume),
        )

    # ---- reading an answer -----------------------------------------------------------------------

    def _read(self, response: Response) -> dict[str, Any]:
        """Return the JSON of a good answer; anything else is an error that may pass or one that will not."""
        self._note_cost(response)
        if response.status == 429:
            raise self._refused(response)
        if response.status >= 500 or response.status in (408, 425):
            raise AskAgainError(t("it answers {status}", status=response.status), status=response.status)
        if response.status == 401:
            raise self._bad_key()
        if response.status >= 400:
            raise self._rejected(response)
        return parse_object(response, self.client.redact)

    def _refused(self, response: Response) -> Exception:
        """Tell the three kinds of 429 apart: too fast, budget spent, not in the plan."""
        body = lenient(response.body)
        text = self.client.redact(f"{body.get('error', '')} {body.get('message', '')}").strip()
        if "plan" in str(body.get("error", "")).lower() or "requires a" in text:
            return RefusedError(
                t("{host} refuses: {message}", host=self.client.host, message=text[:300]),
                t("This needs a paid plan of the provider; asking again does not help."),
                t("Ask for less in config/sources, then run: {command}", command=self.client.resume),
            )
        pause = seconds(response.headers.get("retry-after") or body.get("retryAfter"))
        required, left = (
            response.headers.get("x-ratelimit-credits-required", ""),
            response.headers.get("x-ratelimit-remaining", ""),
        )
        is_spent = required.isdigit() and left.isdigit() and int(left) < int(required)
        if is_spent or "budget" in text.lower() or (pause or 0) > _MAX_RATE_PAUSE:
            return self._budget_error(t("the provider's budget for today is spent"), pause)
        return AskAgainError(t("it asks to be asked more slowly"), pause=pause or 1.0)

    def _bad_key(self) -> RefusedError:
        return RefusedError(
            t("{host} does not accept the key in {variable}.", host=self.client.host, variable=self.secret),
            t("Expected a key that is valid now; everything received before is kept."),
            t("Set {variable} anew, then run: {command}", variable=self.secret, command=self.client.resume),
        )

    def _rejected(self, response: Response) -> Exception:
        body = lenient(response.body)
        message = self.client.redact(str(body.get("message") or body.get("error") or ""))[:300]
        if response.status == 400 and _LOST_CURSOR.search(message):
            return CursorLostError(message)
        return RefusedError(
            t(
                "{host} answers {status}: {message}",
                host=self.client.host,
                status=response.status,
                message=message,
            ),
            t("The request was {url}.", url=response.url[:300]),
            t(
                "Correct config/sources or config/technologies, then run: {command}",
                command=self.client.resume,
            ),
        )


def _check_shape(document: dict[str, Any], rows_key: str) -> None:
    """Make sure that a page has what every page has; the path of what is missing is named."""
    meta = document.get("meta")
    if not isinstance(meta, dict) or not isinstance(meta.get("count"), int) or meta["count"] < 0:
        raise AskAgainError(t("{field} is missing in the answer", field="meta.count"))
    rows = document.get(rows_key)
    if not isinstance(rows, list):
        raise AskAgainError(t("{field} is missing in the answer", field=rows_key))
    document.setdefault("group_by", [])
    document.setdefault("results", [])
    wanted = (("key", str), ("count", int)) if rows_key == "group_by" else (("id", str),)
    for place, row in enumerate(rows):
        for name, kind in wanted:
            if not isinstance(row, dict) or not isinstance(row.get(name), kind):
                raise AskAgainError(
                    t("{field} is missing in the answer", field=f"{rows_key}[{place}].{name}")
                )
