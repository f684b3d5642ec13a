"""The UN Comtrade API as it is.

Rows cut off without a word, errors inside answers, a quota of calls that looks like a bad key.

Reads: the network.
Writes: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from listgen.acquire.answer import end_of_wait, lenient, parse_object, seconds
from listgen.acquire.comtrade.question import WORLD, Question, Unit
from listgen.acquire.http import AskAgainError, Client, Response
from listgen.base.errors import BudgetError, ListgenError, RefusedError
from listgen.base.text import t

KEY_HEADER = "Ocp-Apim-Subscription-Key"
_MAX_RATE_PAUSE = 120.0
_WAIT = re.compile(r"in (?:(\d+):(\d\d):(\d\d)|(\d+) seconds?)")
# What every row must say, so that it can be told whether it answers what was asked.
_FIELDS: Mapping[str, type] = {
    "reporterCode": int,
    "partnerCode": int,
    "flowCode": str,
    "cmdCode": str,
    "period": str,
}


@dataclass(frozen=True)
class Answer:
    """An answer that was read: a whole one, as far as it can be told."""

    response: Response
    rows: list[dict[str, Any]]


class Api:
    """Asks Comtrade and counts the calls.

    Args:
        client: The HTTP client.
        question: What is asked, and by which door.
        budget: Calls this run may make, None for as many as the provider allows.
    """

    def __init__(self, client: Client, question: Question, *, budget: int | None = None) -> None:
        self.client, self.question, self.budget = client, question, budget
        self.spent = 0
        client.before_send = self._before_send

    def ask(self, unit: Unit) -> Answer:
        """Return the answer to a unit.

        Raises:
            BudgetError: The next call would go beyond a budget.
            RefusedError: The provider refuses for good.
            ProviderError: It did not answer well however often it was asked.
        """
        params = unit.params | {"maxRecords": str(self.question.max_rows)}
        return self.client.get(self.question.path, params, lambda response: self._judge(unit, response))

    def _before_send(self) -> None:
        if self.budget is not None and self.spent >= self.budget:
            raise self._budget_error(
                t("the budget of {budget:,} calls for this run is used up", budget=self.budget), None
            )
        self.spent += 1

    def _judge(self, unit: Unit, response: Response) -> Answer:
        self._check_status(response)
        document = parse_object(response, self.client.redact)
        rows, count = document.get("data"), document.get("count")
        if not isinstance(rows, list) or not isinstance(count, int):
            raise AskAgainError(
                t("{field} is missing in the answer", field="count" if isinstance(rows, list) else "data")
            )
        if count != len(rows):
            raise AskAgainError(
                t("the page has {found} records, expected {expected}", found=len(rows), expected=count)
            )
        _check_rows(unit, rows)
        return Answer(response, rows)

    # ---- refusals --------------------------------------------------------------------------------

    def _check_status(self, response: Response) -> None:
        """Let a good answer pass; anything else is an error that may pass or one that will not."""
        if response.status < 400:
            return
        message = self.client.redact(
            str(lenient(response.body).get("message") or lenient(response.body).get("error") or "")
        )[:300]
        if response.status == 429:
            raise self._too_fast(message, response)
        if response.status >= 500 or response.status in (408, 425):
            raise AskAgainError(t("it answers {status}", status=response.status), status=response.status)
        if response.status == 403 and "quota" in message.lower():
            raise self._budget_error(t("the provider's quota of calls is used up"), _told_wait(message))
        if response.status in (401, 403):
            raise self._refused_key(message)
        raise RefusedError(
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

    def _too_fast(self, message: str, response: Response) -> Exception:
        pause = seconds(response.headers.get("retry-after")) or _told_wait(message)
        if "quota" in message.lower() or (pause or 0) > _MAX_RATE_PAUSE:
            return self._budget_error(t("the provider's quota of calls is used up"), pause)
        return AskAgainError(t("it asks to be asked more slowly"), pause=pause or 2.0)

    def _budget_error(self, reason: str, wait: float | None) -> BudgetError:
        reset = end_of_wait(self.client.clock, wait)
        return BudgetError(
            t(
                "{host}: {reason}; {spent:,} calls were made.",
                host=self.client.host,
                reason=reason,
                spent=self.spent,
            ),
            t(
                "The provider's quota starts anew at {reset} UTC; all that was received is kept.",
                reset=reset,
            ),
            t("To go on where it stopped, run: {command}", command=self.client.resume),
        )

    def _refused_key(self, message: str) -> ListgenError:
        variable = self.question.access.secret
        if self.question.route == "preview":
            return RefusedError(
                t("{host} does not answer without a key: {message}", host=self.client.host, message=message),
                t(
                    "Expected a free key in {variable}; docs/sources/comtrade.md says where to get it.",
                    variable=variable,
                ),
                t("Set {variable} anew, then run: {command}", variable=variable, command=self.client.resume),
            )
        return RefusedError(
            t("{host} does not accept the key in {variable}.", host=self.client.host, variable=variable),
            t("Expected a key that is valid now; everything received before is kept."),
            t("Set {variable} anew, then run: {command}", variable=variable, command=self.client.resume),
        )


def _told_wait(message: str) -> float | None:
    """Return the wait an error's text names: "in 05:12:33" or "in 2 seconds"."""
    found = _WAIT.search(message)
    if found is None:
        return None
    if found[4]:
        return float(found[4])
    return float(int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]))


def _check_rows(unit: Unit, rows: list[Any]) -> None:
    """Make sure that every row answers what was asked, once."""
    seen: set[tuple[Any, ...]] = set()
    for place, row in enumerate(rows):
        for name, kind in _FIELDS.items():
            if not isinstance(row, dict) or not isinstance(row.get(name), kind):
                raise AskAgainError(t("{field} is missing in the answer", field=f"data[{place}].{name}"))
        if not _is_asked_for(unit, row):
            raise AskAgainError(t("a row answers another question (data[{place}])", place=place))
        key = tuple(row.get(name) for name in (*_FIELDS, "partner2Code", "motCode", "customsCode"))
        if key in seen:
            raise AskAgainError(t("the page repeats records of an earlier one"))
        seen.add(key)


def _is_asked_for(unit: Unit, row: dict[str, Any]) -> bool:
    if (
        row["period"] != str(unit.year)
        or row["flowCode"] != unit.view.flow
        or row["cmdCode"] not in unit.codes
    ):
        return False
    if unit.view.is_asked:
        return row["reporterCode"] in unit.reporters
    return row["partnerCode"] in (unit.reporters if unit.view.is_asked_about else (WORLD,))
