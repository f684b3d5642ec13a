"""UN Comtrade as a real server on loopback.

Rows cut off without a word, quotas, parts that add up to a row already there.
"""

import hashlib
import itertools
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from doubles.clock import RealClock
from doubles.faults import FaultPlan
from doubles.wire import Answer, Handler

GET, PREVIEW = "/data/v1/get/C/A/HS", "/public/v1/preview/C/A/HS"
KNOWN = {
    "reporterCode", "period", "cmdCode", "flowCode", "partnerCode", "partner2Code", "customsCode", "motCode",
    "maxRecords", "format",
    "aggregateBy", "breakdownMode", "countOnly", "includeDesc", "subscription-key",
}  # fmt: skip
# The provider's own numbers: 842 is the United States, 251 France, 699 India, 490 "Other Asia, nes".
COUNTRIES = (392, 842, 156, 276, 410, 251, 699, 380, 757, 579, 490, 826, 528, 702, 704, 124, 36, 76, 484, 458)
NO_COUNTRY = (899,)  # areas, nes: a partner, never a reporter
UNION = 97  # reports as a group what its members report too
PARTS = (
    {"partner2Code": 842},
    {"partner2Code": 156},
    {"motCode": 2100},
    {"motCode": 1000},
    {"customsCode": "C01"},
)


@dataclass
class Trade:
    """A seeded world of goods: what is really sent, and what each side says of it.

    `silent`: (reporter, year) that reported nothing. `revisions`: the revision a reporter uses where it is
    not H6. `planted`: exporters' shares of one importer's purchases of a code, by (importer, code).
    """

    codes: tuple[str, ...]
    years: tuple[int, ...] = (2023, 2024, 2025)
    seed: int = 1
    silent: frozenset[tuple[int, int]] = frozenset()
    revisions: dict[int, str] = field(default_factory=dict)
    planted: dict[tuple[int, str], dict[int, float]] = field(default_factory=dict)

    def draw(self, *parts: object) -> float:
        """Return a number in [0, 1) that belongs to these words."""
        return (
            int.from_bytes(hashlib.blake2b(repr((self.seed, *parts)).encode(), digest_size=6).digest(), "big")
            / 2**48
        )

    def sent(self, exporter: int, importer: int, code: str, year: int) -> float:
        """Return the dollars of a flow; half of all pairs trade nothing."""
        if exporter == importer:
            return 0.0
        if (importer, code) in self.planted:
            return 1e9 * self.planted[importer, code].get(exporter, 0.0)
        if code == "TOTAL":
            return 1e10 * (0.2 + self.draw("total", exporter)) * (0.2 + self.draw("total to", importer))
        if self.draw("none", exporter, importer, code) < 0.5:
            return 0.0
        return (
            1e7
            * (0.1 + self.draw("make", exporter, code))
            * (0.1 + self.draw("buy", importer, code))
            * (1 + 0.05 * (year - 2020))
        )

    def told(self, flow: str, reporter: int, partner: int, code: str, year: int) -> float:
        """Return what a reporter says: importers add freight and insurance, exporters miss some."""
        exporter, importer = (partner, reporter) if flow == "M" else (reporter, partner)
        factor = (
            1.02 + 0.08 * self.draw("cif", exporter, importer)
            if flow == "M"
            else 0.96 + 0.04 * self.draw("fob", exporter, importer)
        )
        return round(self.sent(exporter, importer, code, year) * factor, 3)

    def rows(self, flow: str, code: str, year: int) -> Iterator[tuple[int, int, float]]:
        """Give reporter, partner, dollars; partner 0 is the world, with what goes to no country known."""
        for reporter in (*COUNTRIES, UNION):
            if (reporter, year) in self.silent:
                continue
            values = {partner: self.told(flow, reporter, partner, code, year) for partner in COUNTRIES}
            named = sum(values.values())
            values[NO_COUNTRY[0]] = round(0.01 * named, 3)
            if named:
                yield reporter, 0, round(1.01 * named, 3)
            for partner, value in values.items():
                if value:
                    yield reporter, partner, value


@dataclass
class Seen:
    """One request as the double saw it."""

    at: float
    target: str
    headers: dict[str, str]
    status: int = 0
    fault: str = ""


class RefusedError(Exception):
    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away, or a connection we broke on purpose, is no news."""


class ComtradeDouble:
    """The server.

    Args:
        trade: What it answers from.
        clock: Its clock.
        keys: Keys it accepts.
        quota: Calls a day with a key.
        max_rows: Rows a call gives with a key; more are left out without a word.
        preview_rows: The same without one.
        faults: What goes wrong.
        bad_key_status: How a bad key is refused; 401 is documented, 403 has been seen.
        rate_limit: Requests a second.
    """

    def __init__(
        self,
        trade: Trade,
        *,
        clock=None,
        keys: tuple[str, ...] = ("test-key",),
        quota: int = 500,
        max_rows: int = 100_000,
        preview_rows: int = 500,
        faults: FaultPlan | None = None,
        bad_key_status: int = 401,
        rate_limit: int = 1,
        port: int = 0,
    ) -> None:
        self.trade, self.clock, self.keys, self.quota = trade, clock or RealClock(), set(keys), quota
        self.max_rows, self.preview_rows, self.bad_key_status, self.rate_limit = (
            max_rows,
            preview_rows,
            bad_key_status,
            rate_limit,
        )
        self.faults, self.lock = faults or FaultPlan(), threading.Lock()
        self.log: list[Seen] = []
        self.used: dict[tuple[str, int], int] = {}
        self._recent: list[float] = []
        self._last: dict | None = None
        self.server = _QuietServer(("127.0.0.1", port), type("BoundHandler", (Handler,), {"double": self}))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "ComtradeDouble":
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

    # ---- one request -----------------------------------------------------------------------------

    def handle(self, target: str, headers: dict[str, str]) -> tuple[Answer, Seen]:
        seen = Seen(self.clock.now(), target, headers)
        with self.lock:
            self.log.append(seen)
        try:
            answer = self._answer(target, headers)
        except RefusedError as refused:
            body = {"statusCode": refused.status, "message": str(refused)}
            answer = Answer(refused.status, json.dumps(body).encode(), refused.headers)
        seen.status = answer.status
        return answer, seen

    def _answer(self, target: str, headers: dict[str, str]) -> Answer:
        parts = urlsplit(target)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        asked = dict(pairs)
        if parts.path not in (GET, PREVIEW):
            raise RefusedError(404, "Resource not found")
        self._check_rate()
        cap = self.preview_rows
        if parts.path == GET:
            self._check_key(headers.get("ocp-apim-subscription-key") or asked.get("subscription-key", ""))
            cap = self.max_rows
        for name, value in pairs:
            if name not in KNOWN or (value == "" and name != "format"):
                raise RefusedError(400, f"The value '{value}' of parameter '{name}' is not valid.")
        periods = asked.get("period", "").split(",")
        if not all(re.fullmatch(r"\d{4}", period) for period in periods) or (
            parts.path == PREVIEW and len(periods) > 1
        ):
            raise RefusedError(400, "The period of annual data is YYYY; a preview gives one period.")
        rows = list(itertools.islice(self._rows(asked, periods), min(cap, int(asked.get("maxRecords", cap)))))
        document = {"elapsedTime": "0.1 secs", "count": len(rows), "data": rows, "error": ""}
        return Answer(
            200, json.dumps(document).encode(), {"Content-Type": "application/json; charset=utf-8"}, document
        )

    def _check_rate(self) -> None:
        now = self.clock.now()
        with self.lock:
            self._recent = [at for at in self._recent if now - at < 1] + [now]
            if len(self._recent) > self.rate_limit:
                raise RefusedError(
                    429, "Rate limit is exceeded. Try again in 2 seconds.", {"Retry-After": "2"}
                )

    def _check_key(self, key: str) -> None:
        if key not in self.keys:
            words = (
                "due to invalid subscription key. Make sure to provide a valid key for an active"
                " subscription."
            )
            missing = (
                "due to missing subscription key. Make sure to include subscription key when making requests"
                " to an API."
            )
            raise RefusedError(self.bad_key_status, f"Access denied {words if key else missing}")
        now = self.clock.now()
        day = int(now // 86_400)
        with self.lock:
            self.used[key, day] = self.used.get((key, day), 0) + 1
            if self.used[key, day] > self.quota:
                left = int(86_400 - now % 86_400)
                wait = f"{left // 3600:02d}:{left // 60 % 60:02d}:{left % 60:02d}"
                raise RefusedError(403, f"Out of call volume quota. Quota will be replenished in {wait}.")

    def _rows(self, asked: dict[str, str], periods: list[str]) -> Iterator[dict]:
        reporters, partners = (_numbers(asked.get(name)) for name in ("reporterCode", "partnerCode"))
        for period, code, flow in itertools.product(
            periods, asked.get("cmdCode", "TOTAL").split(","), asked.get("flowCode", "M,X").split(",")
        ):
            if int(period) not in self.trade.years or code not in ("TOTAL", *self.trade.codes):
                continue
            for reporter, partner, value in self.trade.rows(flow, code, int(period)):
                if (reporters is None or reporter in reporters) and (partners is None or partner in partners):
                    yield from self._parts(
                        asked, self._record(flow, reporter, partner, code, int(period), value)
                    )

    def _parts(self, asked: dict[str, str], record: dict) -> Iterator[dict]:
        """Give a row and, where no total is fixed, the parts it is made of."""
        for part in ({}, *PARTS):
            names = ("partner2Code", "motCode", "customsCode")
            row = record | part | ({"primaryValue": round(record["primaryValue"] / 2, 3)} if part else {})
            if all(name not in asked or str(row[name]) == asked[name] for name in names):
                yield row

    def _record(self, flow: str, reporter: int, partner: int, code: str, year: int, value: float) -> dict:
        revision = self.trade.revisions.get(reporter, "H6")
        return {
            "typeCode": "C", "freqCode": "A", "refPeriodId": year * 10_000 + 101, "refYear": year,
            "refMonth": 52, "period": str(year),
            "reporterCode": reporter, "reporterISO": None, "reporterDesc": None, "flowCode": flow,
            "flowDesc": None,
            "partnerCode": partner, "partnerISO": None, "partnerDesc": None, "partner2Code": 0,
            "partner2ISO": None, "partner2Desc": None,
            "classificationCode": revision, "classificationSearchCode": "HS",
            "isOriginalClassification": True, "cmdCode": code,
            "cmdDesc": None, "aggrLevel": None, "isLeaf": None, "customsCode": "C00", "customsDesc": None,
            "mosCode": "0", "motCode": 0,
            "motDesc": None, "qtyUnitCode": -1, "qtyUnitAbbr": None, "qty": 0, "isQtyEstimated": False,
            "altQtyUnitCode": -1,
            "altQtyUnitAbbr": None, "altQty": 0, "isAltQtyEstimated": False, "netWgt": round(value / 40, 3),
            "isNetWgtEstimated": False,
            "grossWgt": 0, "isGrossWgtEstimated": False, "cifvalue": value if flow == "M" else None,
            "fobvalue": value if flow == "X" else None, "primaryValue": value, "legacyEstimationFlag": 0,
            "isReported": False,
            "isAggregate": True,
        }  # fmt: skip

    # ---- faults that stand in the document -------------------------------------------------------

    def spoil(self, kind: str, target: str, answer: Answer) -> Answer:
        """Return a wrong answer that looks like a right one."""
        if answer.document is None:
            return answer
        rows, count = answer.document["data"], answer.document["count"]
        if kind == "partial_200":
            rows = rows[: len(rows) // 2]
            count = max(count, 1)
        elif kind == "stale_page" and self._last is not None:
            rows = self._last["data"]
            count = len(rows)
        else:
            rows = [*rows, *rows[:1]]
            count = len(rows)
        return Answer(
            answer.status,
            json.dumps({**answer.document, "data": rows, "count": count}).encode(),
            answer.headers,
        )

    def remember(self, target: str, answer: Answer) -> None:
        if answer.document and answer.document["data"]:
            self._last = answer.document

    def refund(self, seen: Seen) -> None:
        """Every call counts, answered or not."""


def _numbers(text: str | None) -> set[int] | None:
    return None if text is None else {int(part) for part in text.split(",")}
