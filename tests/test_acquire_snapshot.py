"""The provider's own files, from a mirror and from an object store.

Whole releases only, and only what changed is read again.
"""

import json
import shutil

import pytest
from doubles.clock import TurnedClock
from doubles.corpus import FIRST_ID, Corpus
from doubles.faults import Fault, FaultPlan
from doubles.openalex import OpenAlexDouble
from doubles.release import write_release
from openalex_world import TOPICS, World
from test_acquire_stage import WORKS, build

from listgen.acquire.openalex.estimate import estimate
from listgen.acquire.order import Order
from listgen.base.errors import DataError, ProviderError, UsageError


@pytest.fixture(scope="module")
def works() -> Corpus:
    return Corpus(TOPICS, n_works=600, years=(2021, 2026))


@pytest.fixture(scope="module")
def released(works, tmp_path_factory):
    """A mirror with all three forms of one release."""
    folder = tmp_path_factory.mktemp("mirror")
    write_release(works, folder)
    write_release(works, folder, form="parquet")
    write_release(works, folder / "older", older=True)
    return folder


def mirrored(tmp_path, folder, **access) -> World:
    with OpenAlexDouble(Corpus(TOPICS, n_works=10), clock=TurnedClock()) as double:
        pass
    return World(tmp_path, double, TurnedClock(), **{"route": "snapshot", "mirror": str(folder), **access})


def rows(w: World, snapshot, sql: str = WORKS) -> list:
    with build(w.workspace, list(snapshot.files)) as warehouse:
        return warehouse.rows(sql)


def test_three_forms_of_one_release_give_the_same_rows(tmp_path, released, works):
    found = {}
    for name, folder, access in (
        ("jsonl", released, {}),
        ("parquet", released, {"format": "parquet"}),
        ("older", released / "older", {}),
    ):
        w = mirrored(tmp_path / name, folder, **access)
        with build(w.workspace, list(w.acquire().files)) as warehouse:
            tables = (WORKS, "FROM core.authorship ORDER BY ALL", "FROM core.work_reference ORDER BY ALL")
            found[name] = [warehouse.rows(sql) for sql in tables]
    assert len(found["jsonl"][0]) == works.n
    assert found["jsonl"] == found["parquet"] == found["older"]


def test_a_mirror_can_be_registered_in_place(tmp_path, released):
    copied, linked = mirrored(tmp_path / "a", released), mirrored(tmp_path / "b", released, keep="link")
    first, second = copied.acquire(), linked.acquire()
    assert first.identity == second.identity
    parts = [file for file in second.files if file.form_id == "openalex_work"]
    assert all(file.path.is_symlink() and file.path.resolve().is_relative_to(released) for file in parts)
    assert not any(file.path.is_symlink() for file in first.files)


def test_an_unchanged_release_is_not_read_and_a_changed_one_only_where_it_changed(
    tmp_path, works, monkeypatch
):
    from listgen import acquire

    write_release(works, tmp_path / "m")
    w = mirrored(tmp_path / "w", tmp_path / "m")
    first, read = w.acquire(), []
    whole = acquire._copy_into_store
    monkeypatch.setattr(
        acquire, "_copy_into_store", lambda raw, path: (read.append(path.parent.name), whole(raw, path))[1]
    )
    assert w.acquire().number == first.number
    assert read == []
    # A work moves from its day to a new one: its old part shrinks, the new one appears, ten others stay as
    # they were.
    old_day = works.updated_date(5)
    write_release(works, tmp_path / "m", date="2026-11-15", days={5: "2026-11-14"})
    second = w.acquire()
    assert sorted(name for name in read if name.startswith("updated")) == sorted(
        [f"updated_date={old_day}", "updated_date=2026-11-14"]
    )
    ids = [row[0] for row in rows(w, second)]
    assert len(ids) == len(set(ids)) == works.n


def test_deleted_works_are_left_out(tmp_path, works):
    write_release(works, tmp_path / "m")
    listed = "work_id,deleted_date\n" + "".join(f"W{FIRST_ID + place},2026-10-01\n" for place in (3, 4))
    (tmp_path / "m/data/jsonl/works/deleted_ids.csv").write_text(listed, encoding="utf-8")
    w = mirrored(tmp_path / "w", tmp_path / "m")
    ids = {row[0] for row in rows(w, w.acquire())}
    assert len(ids) == works.n - 2
    assert not ids & {FIRST_ID + 3, FIRST_ID + 4}


def test_p28_a_release_older_than_the_one_held_is_refused(tmp_path, works, released):
    w = mirrored(tmp_path / "w", released)
    first = w.acquire()
    write_release(works, tmp_path / "stale", date="2026-08-01")
    stale = mirrored(tmp_path / "w2", tmp_path / "stale")
    shutil.copytree(w.workspace.raw, stale.workspace.raw, symlinks=True)
    with pytest.raises(DataError, match="older than the one held"):
        stale.acquire()
    assert first.as_of_date == "2026-11-01"


@pytest.mark.parametrize("times", [1, 2])
def test_p29_a_manifest_that_changes_underway_is_never_mixed(tmp_path, works, times, monkeypatch):
    from listgen.acquire.openalex.snapshot import Mirror

    folder = tmp_path / "m"
    write_release(works, folder)
    whole, changed = Mirror.fetch, []

    def fetch(self, key, n_bytes, target):
        found = whole(self, key, n_bytes, target)
        if len(changed) < times and key.endswith("2026-09-01/part_0000.gz"):
            changed.append(key)
            write_release(works, folder, date=f"2026-11-1{len(changed)}")
        return found

    monkeypatch.setattr(Mirror, "fetch", fetch)
    w = mirrored(tmp_path / "w", folder)
    if times == 2:
        with pytest.raises(ProviderError, match="changed while"):
            w.acquire()
        assert not (w.workspace.raw / "snapshots" / "openalex").exists()
    else:
        assert w.acquire().as_of_date == "2026-11-11"


def test_p30_a_part_shorter_than_listed_is_named(tmp_path, works):
    write_release(works, tmp_path / "m")
    part = tmp_path / "m/data/jsonl/works/updated_date=2026-09-06/part_0000.gz"
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"updated_date=2026-09-06/part_0000.gz has \d+ bytes, listed \d+"):
        mirrored(tmp_path / "w", tmp_path / "m").acquire()


def test_p30_a_part_with_fewer_records_than_listed_is_named(tmp_path, works):
    manifest = write_release(works, tmp_path / "m")
    document = json.loads(manifest.read_text())
    document["files"][2]["meta"]["record_count"] += 1
    manifest.write_text(json.dumps(document))
    w = mirrored(tmp_path / "w", tmp_path / "m")
    with pytest.raises(DataError, match="record_count"):
        rows(w, w.acquire())


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "data/../../x", "/etc/passwd", "data//x", "data/a b", "C:\\x"]
)
def test_d56_a_manifest_that_leads_elsewhere_is_refused(tmp_path, works, key):
    manifest = write_release(works, tmp_path / "m")
    document = json.loads(manifest.read_text())
    document["files"][0]["url"] = key
    manifest.write_text(json.dumps(document))
    with pytest.raises(DataError, match="leads elsewhere"):
        mirrored(tmp_path / "w", tmp_path / "m").acquire()


def test_a_mirror_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(UsageError, match="no folder"):
        mirrored(tmp_path / "w", tmp_path / "nowhere").acquire()


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_an_object_store_gives_what_the_mirror_gives_whatever_breaks(tmp_path, released, form):
    direct = mirrored(tmp_path / "direct", released, format=form).acquire()
    faults = FaultPlan(
        [
            Fault("cut_body", "09-01", (1,)),
            Fault("reset", "09-06", (1, 2)),
            Fault("status_503", "manifest", (1,)),
            Fault("garbage", "09-11", (1,)),
        ]
    )
    clock = TurnedClock()
    with OpenAlexDouble(Corpus(TOPICS, n_works=10), clock=clock, mirror=released, faults=faults) as double:
        w = World(
            tmp_path / "w", double, clock, route="snapshot", format=form, bucket_url=f"{double.url}/openalex"
        )
        assert w.acquire().identity == direct.identity
        assert sum(faults.done.values()) >= 4
        assert all("authorization" not in seen.headers for seen in double.log)
        calls = double.calls
        assert w.acquire().number == 1
        assert double.calls == calls + 1, "an unchanged release costs one look at its manifest"


def test_a_download_that_was_cut_off_goes_on_with_the_next_part(tmp_path, released):
    clock = TurnedClock()
    with OpenAlexDouble(
        Corpus(TOPICS, n_works=10),
        clock=clock,
        mirror=released,
        faults=FaultPlan([Fault("status_500", "10-01")]),
    ) as double:
        w = World(tmp_path / "w", double, clock, route="snapshot", bucket_url=f"{double.url}/openalex")
        with pytest.raises(ProviderError):
            w.acquire()
        before = [
            seen.target
            for seen in double.log
            if "part_" in seen.target and seen.status == 200 and not seen.fault
        ]
        double.faults.faults.clear()
        w.acquire()
        after = [seen.target for seen in double.log if "part_" in seen.target and not seen.fault]
        assert len(before) >= 5
        assert len(after) == len(set(after)) == 12


def test_the_plan_of_a_release_counts_what_is_new(tmp_path, released):
    w = mirrored(tmp_path / "w", released)
    found = estimate(w.workspace, w.source, Order(clock=w.clock))
    parts = sum(path.stat().st_size for path in (released / "data" / "jsonl").rglob("part_*"))
    assert found.n_bytes == parts
    w.acquire()
    assert estimate(w.workspace, w.source, Order(clock=w.clock)).n_bytes == 0
