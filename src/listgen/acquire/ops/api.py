"""Open Patent Services as it is.

Tokens of twenty minutes, traffic lights, pauses in milliseconds, a quota in bytes.

The lights are obeyed before they turn red: the number beside a colour is how many requests a minute the
service takes now, and the client keeps that distance, a longer one when the light is yellow or red or the
servers are busy. Black is suspended.

Reads: the network.
Writes: data/raw/allowance (bytes had within a week).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from listgen.acquire.allowance import Allowance
from listgen.acquire.answer import parse_json, seconds
from listgen.acquire.http import AskAgainError, Client, Response
from listgen.acquire.ops.access import OpsAccess
from listgen.base.errors import BudgetError, DataError, RefusedError
from listgen.base.text import t
from listgen.base.xmltext import Element, EntityError, XmlError, local_name, parse_xml

BYTES = "bytes"
_RENEW_SECONDS = 30.0
_LIGHT = re.compile(r"(\w+)=(green|yellow|red|black):(\d+)")
_SLOWER = {"green": 1.0, "yellow": 2.0, "red": 4.0, "black": 4.0}
_BUSY = {"idle": 1.0, "busy": 1.5, "overloaded": 3.0}
_SERVICES = {"family": "inpadoc", "biblio": "retrieval"}
_SUSPENDED_SECONDS = 60.0  # of a black light that names no pause
_PATIENCE = 900.0  # a longer pause is told, not waited for
_TOKEN_WORDS = re.compile(rb"invalid_access_token|access.token|invalid_token", re.IGNORECASE)
_NO_ANSWER = re.compile(r"(?:SERVER\.EntityNotFound|CLIENT\.\w+)")
_US_APPLICATION = re.compile(r"((?:19|20)\d\d)0(\d{6})")


@dataclass(frozen=True)
class Found:
    """What was answered about one publication: a document, or that there is none."""

    response: Response
    fault: str = ""
    is_unconfirmed: bool = False


def address_of(service: str, number: str) -> str:
    """Return the path under which a publication such as US-10123456-B2 is looked up.

    Without its kind the epodoc form finds it.
    """
    office, digits, *kind = number.split("-")
    application = _US_APPLICATION.fullmatch(digits) if office == "US" else None
    if application:  # the EPO writes the serial of a US application with six digits
        digits = application[1] + application[2]
    place = f"docdb/{office}.{digits}.{kind[0]}" if kind else f"epodoc/{office}{digits}"
    return (
        f"/rest-services/family/publication/{place}"
        if service == "family"
        else f"/rest-services/published-data/publication/{place}/biblio"
    )


class Api:
    """Asks the services and keeps account.

    Args:
        client: The HTTP client.
        access: How the source is asked.
        user: Key and secret of the registration.
        allowance: Bytes had within a week.
    """

    def __init__(
        self, client: Client, access: OpsAccess, user: tuple[str, str], allowance: Allowance
    ) -> None:
        self.client, self.access, self.user, self.allowance = client, access, user, allowance
        self._expires = -math.inf
        self._is_signing = False
        self._not_before = -math.inf
        client.before_send = self._before_send

    def look_up(self, service: str, number: str) -> Found:
        """Return what is known of a publication.

        Raises:
            BudgetError: A quota is used up, or the services are suspended for long.
            DataError: The answer defines entities of its own.
            RefusedError: The registration is not accepted.
            ProviderError: The services could not be asked.
        """
        renewed = odd = 0

        def judge(response: Response) -> Found:
            nonlocal renewed, odd
            self._heed(service, response)
            if _is_token_trouble(response):
                renewed += 1
                if renewed > 1:
                    raise self._not_accepted()
                self._expires = -math.inf
                raise AskAgainError(t("the token is not valid any more"), pause=0.0, status=response.status)
            found, oddity = self._read(service, number, response)
            if oddity and odd < 2:
                odd += 1
                raise AskAgainError(oddity, pause=1.0)
            return found

        self._make_sure_of_quota()
        return self.client.get(address_of(service, number), {}, judge)

    # ---- tokens ----------------------------------------------------------------------------------

    def _before_send(self) -> None:
        """Wait for the light, and carry a token that is valid."""
        if self._is_signing:
            return
        wait = self._not_before - self.client.clock.monotonic()
        if wait > 0:
            self.client.clock.sleep(wait)
        if self.client.clock.monotonic() < self._expires - _RENEW_SECONDS:
            return
        self._is_signing = True
        try:
            token, lasts = self.client.post(
                "/auth/accesstoken", {"grant_type": "client_credentials"}, self.user, self._read_token
            )
        finally:
            self._is_signing = False
        self.client.use_key(token)
        self._expires = self.client.clock.monotonic() + lasts

    def _read_token(self, response: Response) -> tuple[str, float]:
        if response.status in (400, 401, 403):
            raise self._not_accepted()
        if response.status != 200:
            raise AskAgainError(t("it answers {status}", status=response.status), status=response.status)
        document = parse_json(response.body)
        token = document.get("access_token") if isinstance(document, dict) else None
        lasts = seconds(document.get("expires_in")) if isinstance(document, dict) else None
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,4096}", token) or not lasts:
            raise AskAgainError(t("{field} is missing in the answer", field="access_token"))
        return token, max(lasts, _RENEW_SECONDS + 1)

    def _not_accepted(self) -> RefusedError:
        return RefusedError(
            t(
                "{host} does not accept the key in {variable}.",
                host=self.client.host,
                variable=f"{self.access.key}, {self.access.secret}",
            ),
            t("Expected a key that is valid now; everything received before is kept."),
            t(
                "Set {variable} anew, then run: {command}",
                variable=self.access.secret,
                command=self.client.resume,
            ),
        )

    # ---- lights and quotas -----------------------------------------------------------------------

    def _heed(self, service: str, response: Response) -> None:
        """Count the bytes, and set the distance to the next request by the light of the service."""
        told = response.headers.get("x-registeredquotaperweek-used", "")
        before = self.allowance.used(BYTES)
        self.allowance.add(BYTES, max(len(response.body), int(told) - before if told.isdigit() else 0))
        control = response.headers.get("x-throttling-control", "")
        lights = {name: (colour, int(limit)) for name, colour, limit in _LIGHT.findall(control)}
        colour, limit = lights.get(_SERVICES[service], ("green", 0))
        slower = _SLOWER[colour] * _BUSY.get(control.split("(")[0].strip(), 1.0)
        distance = 60.0 / limit * slower if limit else 0.0
        if colour == "black":
            distance = max(distance, _pause(response) or _SUSPENDED_SECONDS)
            if distance > _PATIENCE:
                raise self._parked(t("the service is suspended (black light)"), distance)
        self._not_before = self.client.clock.monotonic() + distance
        if response.status == 403 and colour == "black":
            raise AskAgainError(t("the service is suspended (black light)"), pause=0.0, status=403)

    def _make_sure_of_quota(self) -> None:
        if self.allowance.used(BYTES) >= self.access.weekly_bytes:
            anew = self.allowance.starts_anew(BYTES).timestamp() - self.client.clock.now()
            raise self._parked(
                t("the fair use of {bytes:,} bytes a week is used up", bytes=self.access.weekly_bytes), anew
            )

    def _parked(self, reason: str, wait: float) -> BudgetError:
        anew = dt.datetime.fromtimestamp(math.ceil((self.client.clock.now() + wait) / 60) * 60, dt.UTC)
        return BudgetError(
            t("{host}: {reason}.", host=self.client.host, reason=reason),
            t(
                "It may be asked again at {anew} UTC; all that was received is kept.",
                anew=f"{anew:%Y-%m-%d %H:%M}",
            ),
            t("To go on where it stopped, run: {command}", command=self.client.resume),
        )

    def _rejected(self, response: Response) -> Exception:
        """Return the error for a 403: a quota, which starts anew, or a registration that may not ask."""
        reason, pause = response.headers.get("x-rejection-reason", ""), _pause(response)
        if "quota" not in reason.lower():
            return self._not_accepted()
        if pause is not None and pause <= _PATIENCE:
            return AskAgainError(t("the quota {name} is used up", name=reason[:40]), pause=pause, status=403)
        now = self.client.clock.now()
        usual = 3600 - now % 3600 if "Hour" in reason else 7 * 86_400.0
        return self._parked(t("the quota {name} is used up", name=reason[:40]), pause or usual)

    # ---- reading an answer -----------------------------------------------------------------------

    def _read(self, service: str, number: str, response: Response) -> tuple[Found, str]:
        """Return what a whole answer says, and what is odd about it."""
        if response.status == 403:
            raise self._rejected(response)
        if response.status >= 500 or response.status in (408, 425, 429):
            reason, pause = t("it answers {status}", status=response.status), _pause(response)
            raise (
                self._parked(reason, pause)
                if pause and pause > _PATIENCE
                else AskAgainError(reason, pause, status=response.status)
            )
        if "xml" not in response.headers.get("content-type", ""):
            kind = response.headers.get("content-type", "").split(";")[0] or "?"
            raise AskAgainError(t("expected {wanted}, got {kind}", wanted="XML", kind=kind))
        root = self._parse(number, response)
        if response.status != 200:
            code = next((str(one.text or "") for one in root.iter() if local_name(one) == "code"), "")
            if not _NO_ANSWER.fullmatch(code):
                raise self._unknown(response, code)
            return Found(response, fault=code), ""
        if local_name(root) != "world-patent-data":
            raise AskAgainError(t("{field} is missing in the answer", field="world-patent-data"))
        oddity = _oddity(service, root) or _other_number(number, root)
        return Found(response, is_unconfirmed=bool(oddity)), oddity

    def _parse(self, number: str, response: Response) -> Element:
        try:
            return parse_xml(response.body)
        except EntityError as error:
            raise DataError(
                t(
                    "{host}: the answer about {number} {what}.",
                    host=self.client.host,
                    number=number,
                    what=error,
                ),
                t("Expected plain XML; nothing of it was kept."),
                t(
                    "Check what answers at {address}, then run: {command}",
                    address=self.client.base,
                    command=self.client.resume,
                ),
            ) from error
        except XmlError as error:
            raise AskAgainError(t("its answer {what}", what=error)) from error

    def _unknown(self, response: Response, code: str) -> RefusedError:
        return RefusedError(
            t(
                "{host} answers {status}: {message}",
                host=self.client.host,
                status=response.status,
                message=self.client.redact(code)[:300],
            ),
            t("The request was {url}.", url=response.url[:300]),
            t("Correct config/sources, then run: {command}", command=self.client.resume),
        )


def _oddity(service: str, root: Element) -> str:
    """Return what does not fit about a document: fewer members than it says, or none and no word of it.

    An answer that says it has none is whole: the provider knows the number and no family of it.
    """
    names = [local_name(one) for one in root.iter()]
    n_members = names.count("family-member" if service == "family" else "exchange-document")
    total = next(
        (one.get("total-result-count") for one in root.iter() if local_name(one) == "patent-family"), None
    )
    if not n_members and not (service == "family" and total == "0"):
        return t(
            "{field} is missing in the answer",
            field="family-member" if service == "family" else "exchange-document",
        )
    if service == "family" and total is not None and total.isdigit() and int(total) != n_members:
        return t("the list has {found} entries, expected {expected}", found=n_members, expected=int(total))
    return ""


def _other_number(number: str, root: Element) -> str:
    """Return an error text if a document is about another publication, empty if it has the number."""
    wanted = re.sub(
        r"\D",
        "",
        address_of("family", number).rsplit("/", 1)[-1].split(".")[1 if number.count("-") > 1 else 0],
    ).lstrip("0")
    texts = [str(one.text or "") for one in root.iter() if local_name(one) == "doc-number"]
    texts += [
        str(one.get("doc-number") or "") for one in root.iter() if local_name(one) == "exchange-document"
    ]
    found = {re.sub(r"\D", "", text).lstrip("0") for text in texts}
    return (
        ""
        if wanted in found or not found
        else t("it answers about another publication than {number}", number=number)
    )


def _is_token_trouble(response: Response) -> bool:
    """Tell whether a token ran out: the services say so by 400, 401 or 403."""
    if response.status == 401:
        return True
    return (
        response.status in (400, 403)
        and "x-rejection-reason" not in response.headers
        and bool(_TOKEN_WORDS.search(response.body[:4096]))
    )


def _pause(response: Response) -> float | None:
    """Return the pause the services ask for, which they tell in milliseconds where others tell seconds."""
    told = response.headers.get("retry-after", "")
    return int(told) / 1000 if told.isdigit() else None
