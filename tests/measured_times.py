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


def read_seconds() -> dict[str, float]:
    """Return the processor seconds of the slow tests and files of tests."""
    if not SLOW.is_file():
        return {}
    lines = [line.split() for line in SLOW.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {name: float(seconds) for name, seconds in lines}


def longest_first(items: list[pytest.Item], waited_for: str) -> list[pytest.Item]:
    """Return the tests file by file, those that take longest first.

    Else one process ends long after the other.

    Args:
        items: All tests.
        waited_for: A fixture that one process makes while the others wait for it. One file that uses it is
            the first of all, and the other process begins with two files that do not.
    """
    seconds, lengths = read_seconds(), defaultdict(float)
    for item in items:
        name = item.nodeid.split("[")[0]
        lengths[name.split("::")[0]] += seconds.get(name, 0)
    files = sorted(lengths, key=lambda file: (-lengths[file] - seconds.get(file, 0), file))
    waiting = {
        item.nodeid.split("::")[0] for item in items if waited_for in getattr(item, "fixturenames", ())
    }
    first = [file for file in files if file in waiting][:1] + [file for file in files if file not in waiting][
        :2
    ]
    place = {file: number for number, file in enumerate(dict.fromkeys([*first, *files]))}
    return sorted(items, key=lambda item: place[item.nodeid.split("::")[0]])
