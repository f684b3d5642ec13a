"""Interruptions, full disks, odd clocks and restated history around acquiring, by the command line.

Every test bears the name of the fault it is about. A machine that lets nobody mount anything of his own skips
the full disk.
"""

import asyncio
import copy
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from datetime import UTC, datetime

import pytest
from doubles.clock import RealClock, TurnedClock
from doubles.faults import Fault, FaultPlan
from doubles.openalex import OpenAlexDouble
from miniature import held_file, open_miniature
from openalex_world import KEY, contents, corpus, declare, world
from running import PYTHON, listgen

from listgen import pipeline, stage
from listgen.base.errors import BudgetError, ProviderError, RefusedError
from listgen.store.raw import newest_snapshot
from listgen.store.warehouse import Warehouse

PAGES = {"page_size": 9, "cited_works_credits": 3}  # small, so that there is a middle to be interrupted in
ENV = {"OPENALEX_API_KEY": KEY}


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENALEX_API_KEY", KEY)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[dict[str, object], int]:
    """What an undisturbed run gets, and in how many calls."""
    os.environ["OPENALEX_API_KEY"] = KEY
    with world(tmp_path_factory.mktemp("clean"), access=PAGES) as w:
        return contents(w.acquire(), w.double), w.double.calls


class Running:
    """A run of the command line that is seen to have reached its n-th request."""

    def __init__(self, root, double: OpenAlexDouble, n: int) -> None:
        reached, start = threading.Event(), double.calls
        double.on_request = lambda number: reached.set() if number - start >= n else None
        command = [PYTHON, "-m", "listgen", "--workspace", str(root), "acquire", "openalex"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ | ENV
        )
        assert reached.wait(60), self.process.stderr.read()
        double.on_request = lambda number: None

    def stop(self, number: int) -> tuple[int, str]:
        """Send a signal.

        Return exit code and what was said once it ended, which it must within five seconds.
        """
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=5)
        return self.process.returncode, said


def test_c42_c43_a_run_that_is_told_to_stop_or_slept_through_goes_on_where_it_was(tmp_path, undisturbed):
    whole, calls = undisturbed
    with OpenAlexDouble(corpus(), clock=RealClock()) as double:
        root = declare(tmp_path / "w", double.url, **PAGES)
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            returned, said = Running(root, double, 6).stop(number)
            assert returned == code, said
            assert "Traceback" not in said
            assert not (root / "data" / "lease.json").exists()
            assert newest_snapshot(root / "data" / "raw", "openalex") is None
        slept = Running(root, double, 6)
        slept.process.send_signal(signal.SIGSTOP)
        lease = root / "data" / "lease.json"
        ten_minutes_ago = json.loads(lease.read_text()) | {"beat": time.time() - 600}
        lease.write_text(json.dumps(ten_minutes_ago))  # as it would look after the lid was shut for that long
        second = listgen(root, "acquire", "openalex")
        assert second.returncode == 6, second.stderr
        assert str(slept.process.pid) in second.stderr
        slept.process.send_signal(signal.SIGCONT)
        _, said = slept.process.communicate(timeout=60)
        assert slept.process.returncode == 0, said
        assert contents(newest_snapshot(root / "data" / "raw", "openalex"), double) == whole
        assert double.calls <= calls + 2 * 2, (
            "a stop costs the request it fell into, and the one that tells whether `corpus` is known"
        )


FULL_DISK = """set -e
mount -t tmpfs -o size={small} none "$1/data"
{python} -m listgen --workspace "$1" {verb} > "$1/first" 2>&1 && echo 0 > "$1/code" || echo $? > "$1/code"
find "$1/data" > "$1/left"
mount -o remount,size=200m "$1/data"
{python} -m listgen --workspace "$1" {verb} > "$1/second" 2>&1
cp -a "$1/data" "$1/kept"
"""
APART = ["unshare", "--user", "--map-root-user", "--mount"]


def on_a_full_disk(root, verb: str, small: str) -> None:
    """Run a verb where `data` is a file system of that size, make it larger and run the verb again.

    The workspace keeps what came of it.
    """
    try:
        subprocess.run([*APART, "mount", "-t", "tmpfs", "none", str(root)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine lets nobody mount a file system of his own")
    script = FULL_DISK.format(small=small, python=PYTHON, verb=verb)
    done = subprocess.run(
        [*APART, "sh", "-c", script, "sh", str(root)], capture_output=True, text=True, env=os.environ | ENV
    )
    assert done.returncode == 0, done.stderr + (root / "second").read_text()


def test_f31_f32_a_disk_that_is_full_is_told_and_the_run_goes_on_when_it_is_not(tmp_path, undisturbed):
    whole, calls = undisturbed
    with OpenAlexDouble(corpus(), clock=RealClock()) as double:
        root = declare(tmp_path / "w", double.url, **PAGES)
        (root / "data").mkdir(exist_ok=True)
        on_a_full_disk(root, "acquire openalex", "400k")
        said = (root / "first").read_text()
        assert (root / "code").read_text().strip() == "7", said
        assert "data/raw could not be written (No space left on device)" in said
        assert "listgen acquire openalex" in said
        assert "Traceback" not in said
        assert "/snapshots/openalex/" not in (root / "left").read_text(), "a snapshot of half of it"
        assert double.calls <= calls + 2
        shutil.move(root / "kept" / "raw", root / "data" / "raw")
        assert contents(newest_snapshot(root / "data" / "raw", "openalex"), double) == whole


@pytest.mark.parametrize("start", ["2026-12-31T14:59:30", "2028-02-29T23:59:30", "2026-03-08T09:59:30"])
def test_c46_neither_time_zone_nor_leap_day_nor_year_end_moves_what_is_asked(tmp_path, monkeypatch, start):
    """The first moment is just before New Year in Japan, the last just before summer time in Los Angeles."""
    found = []
    for zone in ("Asia/Tokyo", "America/Los_Angeles"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        clock = TurnedClock(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp())
        with world(tmp_path / zone.replace("/", "-"), clock=clock) as w:
            snapshot = w.acquire()
            assert snapshot.as_of_date == start[:10], (
                "the date is the one in UTC, where the provider's days end"
            )
            found.append(contents(snapshot, w.double))
            clock.sleep(
                -3 * 86_400
            )  # a clock that is set back: what was fetched in the future does not stand for today
            assert w.acquire().as_of_date == datetime.fromtimestamp(clock.now(), UTC).date().isoformat()
    monkeypatch.undo()
    time.tzset()
    assert found[0] == found[1]


# ---- the flow ------------------------------------------------------------------------------------


REFUSALS = (
    ("plan_429", "topics", RefusedError, "paid plan"),
    ("key_401", "", RefusedError, "OPENALEX_API_KEY"),
    ("budget", "", BudgetError, "2026-11-24 00:00"),
)


@pytest.mark.slow
def test_p10_p11_p12_the_flow_retries_what_the_network_did_and_never_a_refusal(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    from listgen.flows.refresh import acquire_source
    from prefect.states import exception_to_failed_state

    def is_asked_again(error: BaseException) -> bool:
        state = asyncio.run(exception_to_failed_state(error))
        return acquire_source.retry_condition_fn(acquire_source, None, state)

    for kind, match, expected, words in REFUSALS:
        faults = FaultPlan([Fault(kind, match)] if kind != "budget" else [])
        with (
            world(tmp_path / kind, faults=faults, budget=3 if kind == "budget" else 10_000) as w,
            pytest.raises(expected, match=words) as found,
        ):
            w.acquire()
        assert not is_asked_again(found.value), kind
    with world(tmp_path / "gone") as w:
        pass  # the provider is no longer there
    with pytest.raises(ProviderError) as found:
        w.acquire()
    assert is_asked_again(found.value)


@pytest.mark.long
@pytest.mark.parametrize(("kind", "match", "expected", "words"), REFUSALS[:2])
def test_p11_p12_a_refresh_that_is_refused_asks_once_and_says_why(tmp_path, kind, match, expected, words):
    with OpenAlexDouble(corpus(), clock=RealClock(), faults=FaultPlan([Fault(kind, match)])) as double:
        root = declare(tmp_path / "w", double.url)
        done = listgen(root, "refresh", env=ENV)
        assert done.returncode == expected.exit_code, done.stderr
        assert words in done.stderr
        assert KEY not in done.stderr
        assert sum(match in seen.target for seen in double.log) == 1


# ---- a build -------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("megabytes", [400, 500, 600, 800, 1200])
def test_c44_a_build_without_memory_leaves_nothing_half_made(small, megabytes):
    """Too little for the interpreter, for the libraries, for the steps.

    It is told or it dies, and the next run is none the worse.
    """
    done = listgen(small.root, "build", prefix=("prlimit", f"--as={megabytes << 20}"))
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert not small.current.exists()
    assert listgen(small.root, "build").returncode == 0
    assert pipeline.verify_outputs(small.current.resolve()) == []
    assert list(small.builds.glob(".*.partial")) == []


@pytest.mark.long
def test_f31_a_build_on_a_full_disk_is_told_and_made_when_there_is_room(tmp_path):
    with OpenAlexDouble(corpus(), clock=RealClock()) as double:
        root = declare(tmp_path / "w", double.url)
        (root / "data").mkdir(exist_ok=True)
        on_a_full_disk(root, "refresh --no-prefect", "9m")
    said = (root / "first").read_text()
    assert (root / "code").read_text().strip() != "0", said
    assert "Traceback" not in said
    assert "No space left on device" in said and "internal error" not in said
    assert "/data/current" not in (root / "left").read_text()
    assert (root / "kept" / "current" / "candidates.json").is_file()


# ---- records -------------------------------------------------------------------------------------


def paths_of(value: object, place: tuple = ()) -> list[tuple]:
    """Return the path of every field of a document, of lists that of their first member."""
    if isinstance(value, dict):
        return [
            path for key, inner in value.items() for path in [(*place, key), *paths_of(inner, (*place, key))]
        ]
    return paths_of(value[0], (*place, 0)) if isinstance(value, list) and value else []


def changed(work: dict, path: tuple, number: int, change: str) -> dict:
    """Return a work of its own number with one field gone, null or of another type."""
    work = copy.deepcopy(work) | {"id": f"https://openalex.org/W{number}"}
    *above, last = path
    inner = work
    for key in above:
        inner = inner[key]
    if change == "gone":
        del inner[last]
    else:
        inner[last] = None if change == "null" else {"of": ["another", "type"]}
    return work


def test_p23_d50_d55_d58_d60_no_field_that_changes_and_no_odd_text_loses_a_record_silently(tmp_path):
    whole = next(
        work
        for work in corpus().works(range(200))
        if len(work["authorships"]) > 1 and work["referenced_works"]
    )
    whole["ids"] = {"openalex": whole["id"], "pmid": "https://pubmed.ncbi.nlm.nih.gov/12345"}
    paths = [path for path in paths_of(whole) if path != ("id",)]
    assert len(paths) >= 60
    lines, number = [], 1
    for path in paths:
        for change in ("gone", "null", "retyped"):
            number += 1
            lines.append(changed(whole, path, number, change))
    odd = [
        "'); DROP TABLE core.work; --",
        "\u202egnp.exe",
        "𠮷野家",
        "a\x00b",
        "=cmd|' /C calc'!A0",
        "\"; ATTACH '/etc/passwd'",
    ]
    titled = [
        whole | {"id": f"https://openalex.org/W{9000 + n}", "title": text} for n, text in enumerate(odd)
    ]
    capped = whole | {"id": "https://openalex.org/W9900", "authorships": (whole["authorships"] * 100)[:100]}
    twice = [whole | {"id": "https://openalex.org/W9901"}] * 2
    clashing = [whole | {"id": "https://openalex.org/W9902", "title": title} for title in ("one", "other")]
    as_float = whole | {"id": "1.2E+07"}
    records = [*lines, *titled, capped, *twice, *clashing, as_float]
    path = tmp_path / "works.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    mini = open_miniature(tmp_path / "w")
    config = dataclasses.replace(
        mini.config, settings=mini.config.settings.model_copy(update={"sources": ["mini_openalex"]})
    )
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        with warehouse.transaction():
            stage.run(
                warehouse, config, [held_file(path, "mini_openalex", "openalex_work")], mini.stage_cache
            )
        n_rows, n_aside = (
            warehouse.scalar(f"SELECT count(*) FROM {table}") for table in ("core.work", "prov.quarantine")
        )
        assert n_rows + n_aside == len(records) - 1, (
            "of two that are the same one stands; one of two that clash is set aside"
        )
        assert warehouse.rows("SELECT n_identical, n_superseded FROM prov.duplicate") == [(1, 1)]
        aside = warehouse.rows("SELECT raw_line, field, reason FROM prov.quarantine ORDER BY raw_line")
        assert all(field and reason for _, field, reason in aside)
        told = {(paths[(line - 1) // 3][0], field) for line, field, _ in aside if line <= len(lines)}
        assert told == {(field, field) for field, _ in told}, (
            "the field that is named is the one that was changed"
        )
        assert (len(records), "id") in {(line, field) for line, field, _ in aside}, (
            "an id as a spreadsheet writes it"
        )
        held = dict(
            warehouse.rows("SELECT work_id - 9000, title FROM core.work WHERE work_id BETWEEN 9000 AND 9099")
        )
        assert {n: held[n] for n in held if held[n] is not None} == dict(enumerate(odd))
        assert warehouse.rows("SELECT work_id FROM core.work WHERE is_author_list_capped") == [(9900,)]
