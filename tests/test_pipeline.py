"""The journey as a whole: held builds, equal bytes, and gates that stop promotion."""

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from running import listgen, output_bytes

from listgen import pipeline
from listgen.acquire import Incoming, register
from listgen.base.errors import CheckFailedError, CouldNotCheckError, DataError, UsageError
from listgen.store.digests import NOTES
from listgen.store.raw import newest_snapshot
from listgen.workspace import overview
from listgen.workspace.loading import load_workspace


def tree(root: Path) -> dict[str, int]:
    return {
        path.as_posix(): path.stat().st_mtime_ns
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name not in ("last.json", NOTES)
    }


def cut_network() -> tuple[str, ...]:
    """Return the command prefix that runs a command without network, empty where that is not allowed."""
    prefix = ("unshare", "--net", "--map-root-user")
    if not shutil.which("unshare"):
        return ()
    return prefix if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0 else ()


def test_the_same_inputs_are_held_and_change_nothing(built):
    before = tree(built.data)
    outcome = pipeline.held_outcome(built)
    assert outcome is not None and outcome.is_held
    assert outcome.folder == built.current.resolve()
    assert tree(built.data) == before
    assert pipeline.build(built).is_held


def test_n8_f33_c46_another_zone_seed_locale_thread_and_no_cache_give_the_same_bytes(built, tmp_path):
    root = tmp_path / "elsewhere 日本語"
    shutil.copytree(
        built.root,
        root,
        ignore=shutil.ignore_patterns("builds", "stage", "current", "last.json", "sample"),
        symlinks=True,
    )
    env = {
        "TZ": "Asia/Tokyo",
        "PYTHONHASHSEED": "4711",
        "LC_ALL": "C",
        "LISTGEN_THREADS": "1",
        "LISTGEN_LANG": "ja",
    }
    result = listgen(root, "build", env=env, prefix=cut_network())
    assert result.returncode == 0, result.stderr
    one, other = built.current.resolve(), (root / "data/current").resolve()
    assert one.name == other.name
    assert output_bytes(one) == output_bytes(other)
    tables = [
        json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["tables"]
        for folder in (one, other)
    ]
    assert tables[0] == tables[1]
    assert "core.work" in tables[0] and "ind.value" in tables[0]


def test_f38_a_damaged_cache_file_is_rebuilt_not_trusted(small_built):
    small = small_built
    expected = output_bytes(small.current.resolve())
    shutil.rmtree(small.builds)
    for path in small.stage_cache.rglob("*.parquet"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.chmod(0o644)
        path.write_bytes(bytes(content))
    assert output_bytes(pipeline.build(small).folder) == expected


def test_f38_a_changed_output_is_noticed_and_built_again(small_built):
    small, folder = small_built, small_built.current.resolve()
    target = folder / "candidates.csv"
    target.write_bytes(target.read_bytes().replace(b"JP", b"XX", 1) + b" ")
    assert pipeline.verify_outputs(folder) == ["candidates.csv"]
    assert pipeline.build(small).is_held is False
    assert pipeline.verify_outputs(small.current.resolve()) == []


def break_statistics(root: Path) -> None:
    """Let one country's cell exceed the world's: a row no reader can refuse, only a rule can."""
    workspace = load_workspace(root)
    snapshot = newest_snapshot(workspace.raw, "mini_statistics")
    held = snapshot.files[0]
    lines = held.path.read_text(encoding="utf-8-sig").splitlines()
    index = next(i for i, line in enumerate(lines) if "Japan," in line or '"Japan",' in line)
    cells = lines[index].rsplit(",", 1)
    lines[index] = f"{cells[0]},99999999"
    broken = root / "broken.csv"
    broken.write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    source = workspace.config.sources["mini_statistics"]
    register(
        workspace,
        source,
        [Incoming(broken, held.file_name, held.form_id)],
        as_of=snapshot.as_of_date,
        recipe="broken by a test",
    )


def test_a_critical_rule_names_the_key_and_the_last_good_build_stays(small_built):
    small, good = small_built, small_built.current.resolve()
    before = output_bytes(good)
    break_statistics(small.root)
    result = listgen(small.root, "build")
    assert result.returncode == 4
    assert "core.statistic" in result.stderr
    assert "mini_cells" in result.stderr, "the key of the broken row is named"
    assert "Traceback" not in result.stderr + result.stdout
    assert small.current.resolve() == good
    assert output_bytes(good) == before
    found = overview.read_checks(small, None)
    assert found.document["build"].endswith(".failed")
    assert "was not promoted" in found.lines[0] and good.name in found.lines[0]
    assert any(
        check["severity"] == "critical" and check["failed_keys"]
        for check in found.document["checks"]
        if check["status"] == "failed"
    )
    assert listgen(small.root, "check").returncode == 1


def test_d62_a_deleted_suite_stops_the_build(small):
    (small.root / "expectations" / "core.work.json").unlink()
    with pytest.raises(CouldNotCheckError, match=r"core\.work"):
        pipeline.build(load_workspace(small.root))
    assert not small.current.exists()
    assert listgen(small.root, "build").returncode == 7
    # It came to no check: an older build's must not be shown in its place.
    with pytest.raises(UsageError, match=r"(?s)stopped before its checks: .*core\.work"):
        overview.read_checks(load_workspace(small.root), None)


def test_d61_a_rule_that_cannot_run_is_kept_for_reading(small):
    path = small.root / "expectations" / "checks" / "statistic_world_row.sql"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("AND statistic.value > 0", "AND error(statistic.series_id) IS NULL"), encoding="utf-8"
    )
    with pytest.raises(CouldNotCheckError, match="statistic_world_row") as stopped:
        pipeline.build(small)
    assert stopped.value.exit_code == 7
    document = overview.read_checks(small, None).document
    assert document["build"].endswith(".failed")
    assert [c["rule_id"] for c in document["checks"] if c["status"] == "could_not_check"] == [
        "statistic_world_row"
    ]
    assert not small.current.exists()


def test_n2_f38_a_torn_raw_file_is_named_and_nothing_is_promoted(small):
    snapshot = newest_snapshot(small.raw, "mini_openalex")
    files = [Incoming(file.path, file.file_name, file.form_id) for file in snapshot.files]
    index = next(n for n, file in enumerate(snapshot.files) if file.form_id == "openalex_work")
    whole = small.root / "whole.gz"
    whole.write_bytes(gzip.compress(files[index].path.read_bytes()))
    files[index] = Incoming(whole, f"{files[index].file_name}.gz", "openalex_work")
    register(
        small,
        small.config.sources["mini_openalex"],
        files,
        as_of=snapshot.as_of_date,
        recipe="packed by a test",
    )
    victim = next(
        file for file in newest_snapshot(small.raw, "mini_openalex").files if file.file_name.endswith(".gz")
    )
    victim.path.chmod(0o644)
    victim.path.write_bytes(victim.path.read_bytes()[:-100])
    with pytest.raises(DataError, match="part_0000"):
        pipeline.build(small)
    assert not small.current.exists()
    assert list(small.builds.glob("*")) == []


def test_d49_a_malformed_line_is_quarantined_with_file_line_and_field(small):
    snapshot = newest_snapshot(small.raw, "mini_google")
    (held,) = snapshot.files
    lines = held.path.read_bytes().splitlines()
    lines += [
        lines[3].replace(b"11000002", b"110001%02d" % n).replace(b'"1002"', b'"2%03d"' % n) for n in range(20)
    ]
    lines[6] = b'{"publication_number": "US-1'
    broken = small.root / "broken.jsonl"
    broken.write_bytes(b"\n".join(lines) + b"\n")
    files = [Incoming(broken, held.file_name, held.form_id)]
    register(
        small,
        small.config.sources["mini_google"],
        files,
        as_of=snapshot.as_of_date,
        recipe="broken by a test",
    )
    outcome = pipeline.build(small)
    rows = json.loads((outcome.folder / "checks.json").read_text(encoding="utf-8"))["quarantine"]
    assert [(row["file_name"], row["raw_line"]) for row in rows] == [(held.file_name, 7)]
    assert rows[0]["excerpt"].startswith('{"publication_number"')


def test_a_source_never_acquired_names_the_command(workspace):
    with pytest.raises(UsageError, match="listgen acquire sample"):
        pipeline.build(workspace)


def test_an_unknown_source_and_build_are_named(workspace):
    with pytest.raises(UsageError, match='Did you mean "sample"'):
        pipeline.acquire(workspace, ["sampel"])
    with pytest.raises(UsageError, match="no build"):
        pipeline.find_build(workspace, "0123456789abcdef")


def test_a_failed_check_raises_the_error_with_exit_four():
    assert CheckFailedError("x").exit_code == 4
