"""Measures the processor time of every test.

`make times` writes tests/slow_tests.txt, which `make quick` leaves out.

Processor time, of the test and of the processes it waited for, because it hardly depends on what else the
machine does. A line of the file is a test that takes 0.3 seconds or more, or a file of tests with a
fixture that takes two seconds or more.
"""

import os
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

SLOW = Path(__file__).parent / "slow_tests.txt"
CALL_SECONDS, FIXTURE_SECONDS = 0.3, 2.0
HEADER = (
    "# Written by `make times`: tests and files of tests that `make quick` leaves out, with the processor"
    " seconds they took.\n"
)


def processor_seconds() -> float:
    """Return the seconds that this process and its finished children have computed."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Measuring:
    """Collects the seconds of each phase of each test.

    Xdist's workers are not supported, so run it without -n.
    """

    def __init__(self) -> None:
        self.calls: dict[str, float] = defaultdict(float)
        self.fixtures: dict[str, float] = defaultdict(float)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        started = processor_seconds()
        yield
        name = item.nodeid.split("::")[0]
        self.fixtures[name] = max(self.fixtures[name], processor_seconds() - started)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        started = processor_seconds()
        yield
        name = item.nodeid.split("[")[0]
        self.calls[name] = max(self.calls[name], processor_seconds() - started)

    def pytest_sessionfinish(self) -> None:
        slow = {name: seconds for name, seconds in self.fixtures.items() if seconds >= FIXTURE_SECONDS}
        slow |= {
            name: s for name, s in self.calls.items() if s >= CALL_SECONDS and name.split("::")[0] not in slow
        }
        SLOW.write_text(
            HEADER + "".join(f"{name} {seconds:.1f}\n" for name, seconds in sorted(slow.items())), "utf-8"
        )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Measuring())


def read_slow() -> frozenset[str]:
    """Return the names of the slow tests and files of tests."""
    if not SLOW.is_file():
        return frozenset()
    return frozenset(
        line.split()[0] for line in SLOW.read_text("utf-8").splitlines() if not line.startswith("#")
    )
