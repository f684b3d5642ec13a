"""Which answers go wrong, and how: a plan of named faults, or a share of all answers drawn from a seed."""

import hashlib
import json
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

# Every kind the double knows; those a client can outlive by asking again come first.
PASSING = (
    "status_500", "status_502", "status_503", "status_504", "xml_503", "rate_429", "cut_body", "reset",
    "garbage", "captive_portal",
    "empty_body", "error_in_200", "wrong_encoding", "partial_200", "stale_page", "dup_page", "slow_drip",
    "delay", "clock_skew",
)  # fmt: skip
# Answers to other requests: only the double of OpenAlex gives them.
MISTAKEN = ("other_answer", "other_record")
LASTING = ("plan_429", "key_401", "redirect", "huge", "bomb")


@dataclass
class Fault:
    """One fault: which requests, which of them (1-based, empty for all), what happens."""

    do: str
    match: str = ""
    nth: tuple[int, ...] = ()
    value: object = None

    def __post_init__(self) -> None:
        if self.do not in PASSING + LASTING + MISTAKEN:
            raise ValueError(f"unknown fault {self.do}")


@dataclass
class FaultPlan:
    """Named faults and a random share.

    The draw depends on the request and its attempt, not on the order of requests.
    """

    faults: list[Fault] = field(default_factory=list)
    rate: float = 0.0
    seed: int = 0
    kinds: tuple[str, ...] = PASSING
    seen: Counter = field(default_factory=Counter)
    done: Counter = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def from_file(cls, path: Path) -> "FaultPlan":
        document = json.loads(path.read_text(encoding="utf-8"))
        faults = [
            Fault(**{**entry, "nth": tuple(entry.get("nth", ()))}) for entry in document.get("faults", [])
        ]
        return cls(
            faults, document.get("rate", 0.0), document.get("seed", 0), tuple(document.get("kinds", PASSING))
        )

    def pick(self, target: str) -> Fault | None:
        """Return what goes wrong with this request, None when nothing does."""
        with self.lock:
            found = None
            for number, fault in enumerate(self.faults):
                if re.search(fault.match, target):
                    self.seen[number] += 1
                    if found is None and (not fault.nth or self.seen[number] in fault.nth):
                        found = fault
            if found is None and self.rate:
                self.seen[target] += 1
                digest = hashlib.sha256(f"{self.seed}|{target}|{self.seen[target]}".encode()).digest()
                if int.from_bytes(digest[:4], "big") / 2**32 < self.rate:
                    found = Fault(self.kinds[digest[4] % len(self.kinds)])
            if found:
                self.done[found.do] += 1
            return found
