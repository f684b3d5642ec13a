"""The EPO's Open Patent Services.

Tokens, traffic lights by minute, quotas by hour and week, families computed from priorities.

A simple (DOCDB) family is the publications with the same set of priorities; the extended (INPADOC) family
joins all that share any, directly or over others. The family service answers with the extended one and says
of each member which simple one it is in.
"""

import base64
import functools
import random
import re
import secrets
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from doubles.provider import Provider, serve
from doubles.wire import Answer

LIMITS = {"retrieval": 200, "search": 30, "inpadoc": 60, "images": 200, "other": 1000}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet type="text/xsl" href="/3.2/style/pub-ftxt.xsl"?>'
)
_ROOT = (
    'xmlns="http://www.epo.org/exchange" xmlns:ops="http://ops.epo.org"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)


@dataclass(frozen=True, order=True)
class Document:
    """One publication: office, number and kind as DOCDB writes them."""

    office: str
    number: str
    kind: str
    date: str
    priorities: frozenset[str]
    country: str

    @property
    def name(self) -> str:
        return f"{self.office}-{self.number}-{self.kind}"


class Families:
    """A seeded world of inventions at one to four offices; every fifth continues the one before."""

    def __init__(self, seed: int = 1, n: int = 60) -> None:
        rng = random.Random(seed)
        self.documents: list[Document] = []
        before: frozenset[str] = frozenset()
        for place in range(n):
            own = frozenset({f"JP2019{place:06d}"})
            priorities = own | before if place % 5 == 4 else own
            country = rng.choice(("JP", "US", "DE", "KR"))
            offices = rng.sample(("US", "EP", "JP", "WO", "CN"), rng.randint(1, 4))
            for office in sorted(offices):
                self.documents += self._published(office, place, priorities, country)
            before = own

    def _published(self, office: str, place: int, priorities: frozenset[str], country: str) -> list[Document]:
        date = f"2021{1 + place % 12:02d}{1 + place % 28:02d}"
        both = {
            "US": (("2021" + f"{place:06d}", "A1"), (str(11_000_000 + place), "B2")),
            "EP": ((f"{3_800_000 + place}", "A1"),),
            "JP": ((f"2021{place:06d}", "A"),),
            "WO": ((f"2020{place:06d}", "A1"),),
            "CN": ((f"{113_000_000 + place}", "A"),),
        }
        return [Document(office, number, kind, date, priorities, country) for number, kind in both[office]]

    @functools.cached_property
    def simple(self) -> dict[frozenset[str], int]:
        """Return the number of each simple family."""
        known = sorted({document.priorities for document in self.documents}, key=sorted)
        return {priorities: 70_000_000 + place for place, priorities in enumerate(known)}

    @functools.cached_property
    def extended(self) -> dict[frozenset[str], list[Document]]:
        """Return the members of the extended family, by the simple one."""
        groups: list[set[frozenset[str]]] = []
        for priorities in self.simple:
            touching = [group for group in groups if any(priorities & other for other in group)]
            groups = [group for group in groups if group not in touching] + [
                set().union({priorities}, *touching)
            ]
        members = {}
        for group in groups:
            found = sorted(document for document in self.documents if document.priorities in group)
            members |= {priorities: found for priorities in group}
        return members

    def find(self, place: str) -> Document | None:
        """Return the publication a request names: docdb with dots, epodoc without a kind."""
        for document in self.documents:
            if place in (
                f"docdb/{document.office}.{document.number}.{document.kind}",
                f"epodoc/{document.office}{document.number}",
            ):
                return document
        return None


class OpsDouble(Provider):
    """The services.

    Args:
        families: What they answer from.
        users: Key and secret pairs that are registered.
        token_seconds: How long a token lasts; it is always said to last twenty minutes.
        token_status: How an expired token is answered.
        limits: Requests a minute by service.
        hourly_bytes, weekly_bytes: Quotas.
        recorded: Bodies to serve as they are, by a piece of text in the request.
    """

    def __init__(
        self,
        families: Families,
        *,
        users: dict[str, str] | None = None,
        token_seconds: float = 1199,
        token_status: int = 400,
        limits: dict[str, int] | None = None,
        hourly_bytes: int = 450_000_000,
        weekly_bytes: int = 4_000_000_000,
        recorded: dict[str, bytes] | None = None,
        **provider,
    ) -> None:
        super().__init__(**provider)
        self.families, self.users = families, users or {"test-key": "test-secret"}
        self.token_seconds, self.token_status = token_seconds, token_status
        self.limits, self.hourly_bytes, self.weekly_bytes = (
            LIMITS | (limits or {}),
            hourly_bytes,
            weekly_bytes,
        )
        self.recorded = recorded or {}
        self.state = "idle"
        self.tokens: dict[str, float] = {}
        self.recent: dict[str, list[float]] = defaultdict(list)
        self.suspended: dict[str, float] = {}
        self.had: list[tuple[float, int]] = []

    def look_ups(self) -> int:
        return sum("rest-services" in seen.target for seen in self.log)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        path = unquote(urlsplit(target).path)
        if path == "/3.2/auth/accesstoken":
            return self._token(method, headers, body)
        service = "inpadoc" if "/family/" in path else "retrieval"
        if not path.startswith("/3.2/rest-services/"):
            return _fault(404, "SERVER.InvalidPath", "not found")
        refused = self._check_token(headers) or self._check_quota(service) or self._check_light(service)
        answer = refused or self._document(path)
        if not refused:
            self.had.append((self.clock.now(), len(answer.body)))
        answer.headers = (
            {"Content-Type": "application/xml;charset=utf-8"} | answer.headers | self._told(service)
        )
        return answer

    # ---- tokens ----------------------------------------------------------------------------------

    def _token(self, method: str, headers: dict[str, str], body: bytes) -> Answer:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        key, _, secret = base64.b64decode(given or "Og==").decode().partition(":")
        if method != "POST" or scheme != "Basic" or self.users.get(key) != secret:
            return Answer(401, b'{"ErrorCode":"invalid_client","Error":"Client credentials are invalid"}')
        if parse_qs(body.decode()).get("grant_type") != ["client_credentials"]:
            return Answer(400, b'{"ErrorCode":"invalid_request","Error":"unsupported_grant_type"}')
        token = secrets.token_hex(14)
        self.tokens[token] = self.clock.now() + self.token_seconds
        return Answer(
            200,
            f'{{"token_type":"BearerToken","access_token":"{token}","expires_in":"1199","status":"approved"}}'.encode(),
        )

    def _check_token(self, headers: dict[str, str]) -> Answer | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and self.tokens.get(token, 0) > self.clock.now():
            return None
        text = (
            f"<error><code>{self.token_status}</code><message>invalid_access_token</message><description>Access"
            " token invalid or expired</description></error>"
        )
        return Answer(self.token_status, text.encode())

    # ---- lights and quotas -----------------------------------------------------------------------

    def _used(self, seconds: float) -> int:
        return sum(size for at, size in self.had if at > self.clock.now() - seconds)

    def _check_quota(self, service: str) -> Answer | None:
        for reason, seconds, limit in (
            ("IndividualQuotaPerHour", 3600, self.hourly_bytes),
            ("RegisteredQuotaPerWeek", 7 * 86_400, self.weekly_bytes),
        ):
            if self._used(seconds) >= limit:
                answer = Answer(
                    403,
                    "<error><code>403</code><message>This request has been rejected due to"
                    f" {reason}</message></error>".encode(),
                )
                answer.headers["X-Rejection-Reason"] = reason
                return answer
        return None

    def _check_light(self, service: str) -> Answer | None:
        now = self.clock.now()
        with self.lock:
            recent = self.recent[service]
            recent[:] = [at for at in recent if at > now - 60]
            if self.suspended.get(service, 0) > now or len(recent) >= self.limits[service]:
                self.suspended.setdefault(service, now + 60)
                if self.suspended[service] <= now:
                    self.suspended[service] = now + 60
                answer = Answer(
                    403,
                    b"<error><code>403</code><message>This request has been rejected due to the violation of"
                    b" Fair Use policy</message></error>",
                )
                answer.headers["Retry-After"] = str(int((self.suspended[service] - now) * 1000) + 1)
                return answer
            self.suspended.pop(service, None)
            recent.append(now)
        return None

    def _told(self, service: str) -> dict[str, str]:
        lights = ", ".join(
            f"{name}={self._colour(name)}:{self.limits[name]}"
            for name in ("images", "inpadoc", "other", "retrieval", "search")
        )
        return {
            "X-Throttling-Control": f"{self.state} ({lights})",
            "X-IndividualQuotaPerHour-Used": str(self._used(3600)),
            "X-RegisteredQuotaPerWeek-Used": str(self._used(7 * 86_400)),
        }

    def _colour(self, service: str) -> str:
        if self.suspended.get(service, 0) > self.clock.now():
            return "black"
        share = sum(at > self.clock.now() - 60 for at in self.recent[service]) / max(1, self.limits[service])
        return "green" if share < 0.5 else "yellow" if share < 0.75 else "red"

    # ---- documents -------------------------------------------------------------------------------

    def _document(self, path: str) -> Answer:
        for piece, body in self.recorded.items():
            if piece in path:
                return Answer(200, body)
        found = re.fullmatch(
            r"/3\.2/rest-services/(family|published-data)/publication/(docdb/[A-Z]{2}\.\w+\.\w+|epodoc/[A-Z]{2}\w+)(/biblio)?",
            path,
        )
        if not found or (found[1] == "published-data") != bool(found[3]):
            return _fault(400, "CLIENT.InvalidReference", "The request was invalid")
        document = self.families.find(found[2])
        if document is None:
            return _fault(404, "SERVER.EntityNotFound", "No results found")
        return Answer(
            200, (self._family(document) if found[1] == "family" else self._biblio(document)).encode()
        )

    def _family(self, asked: Document) -> str:
        members = self.families.extended[asked.priorities]
        listed = "".join(
            "<ops:family-member"
            f' family-id="{self.families.simple[one.priorities]}"><publication-reference>{_ids(one)}'
            "</publication-reference>"
            f'<application-reference doc-id="{int(one.number) % 997}"><document-id'
            f' document-id-type="docdb"><country>{one.office}</country>'
            f"<doc-number>{one.number[::-1]}</doc-number><kind>A</kind><date>{one.date}</date></document-id></application-reference>"
            + "".join(_claim(place, text) for place, text in enumerate(sorted(one.priorities), start=1))
            + "</ops:family-member>"
            for one in members
        )
        return (
            f'{_HEAD}<ops:world-patent-data {_ROOT}><ops:meta name="elapsed-time" value="21"/>'
            '<ops:patent-family legal="false"'
            f' total-result-count="{len(members)}"><ops:publication-reference>{_docdb(asked)}'
            "</ops:publication-reference>"
            f"{listed}</ops:patent-family></ops:world-patent-data>"
        )

    def _biblio(self, one: Document) -> str:
        return (
            f"{_HEAD}<ops:world-patent-data {_ROOT}><exchange-documents><exchange-document"
            ' system="ops.epo.org" '
            f'family-id="{self.families.simple[one.priorities]}" country="{one.office}"'
            f' doc-number="{one.number}" kind="{one.kind}"><bibliographic-data>'
            f"<publication-reference>{_ids(one)}</publication-reference><invention-title"
            f' lang="en">{escape("Cell & <method> 電池")}</invention-title>'
            '<parties><applicants><applicant sequence="1" data-format="epodoc"><applicant-name><name>MAKER'
            f" [{one.country}]</name></applicant-name>"
            "</applicant></applicants></parties></bibliographic-data></exchange-document></exchange-documents></ops:world-patent-data>"
        )

    def spoil(self, kind: str, target: str, answer: Answer) -> Answer:
        """Return a family that lacks its last member, as an instance that is behind sends it."""
        if kind != "partial_200" or b"<ops:family-member" not in answer.body:
            return answer
        start = answer.body.rindex(b"<ops:family-member")
        end = answer.body.rindex(b"</ops:family-member>") + len(b"</ops:family-member>")
        return Answer(answer.status, answer.body[:start] + answer.body[end:], answer.headers)


def _docdb(one: Document) -> str:
    return (
        "<document-id"
        f' document-id-type="docdb"><country>{one.office}</country><doc-number>{one.number}</doc-number>'
        f"<kind>{one.kind}</kind><date>{one.date}</date></document-id>"
    )


def _ids(one: Document) -> str:
    return (
        f"{_docdb(one)}<document-id"
        f' document-id-type="epodoc"><doc-number>{one.office}{one.number}</doc-number><date>'
        f"{one.date}</date></document-id>"
    )


def _claim(place: int, text: str) -> str:
    return (
        f'<priority-claim sequence="{place}" kind="national"><document-id'
        f' document-id-type="docdb"><country>{text[:2]}</country>'
        f"<doc-number>{text[2:]}</doc-number><kind>A</kind></document-id></priority-claim>"
    )


def _fault(status: int, code: str, message: str) -> Answer:
    text = (
        f"{_HEAD}<fault"
        f' xmlns="http://ops.epo.org"><code>{code}</code><message>{message}</message><details/></fault>'
    )
    return Answer(status, text.encode())


if __name__ == "__main__":
    WORLD = Families()
    serve(
        OpsDouble(WORLD),
        told=(
            "append /3.2; key: test-key, secret: test-secret; knows"
            f" {', '.join(one.name for one in WORLD.documents[:6])}"
        ),
    )
