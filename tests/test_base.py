"""Errors, texts, YAML, SQL files, raw store and lease: what every step stands on."""

import gzip
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from listgen.acquire import Incoming, is_unchanged, register
from listgen.base import text
from listgen.base.errors import ConfigError, CouldNotCheckError, DataError, LockedError, nearest
from listgen.config.yamlfile import load_places, load_yaml, place_of
from listgen.store.lease import hold_lease
from listgen.store.raw import newest_snapshot, origin_path
from listgen.store.sqlfile import SqlFile, load_sql_file, order_by_inputs, parameter_names
from listgen.store.warehouse import Warehouse


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(content), encoding="utf-8")
    return path


class TestYaml:
    def test_d52_no_is_norway_and_times_are_text(self, tmp_path):
        document = load_yaml(write(tmp_path / "a.yaml", "country: NO\nat: 12:30\n"), "a.yaml")
        assert document == {"country": "NO", "at": "12:30"}

    def test_d52_duplicate_key_is_named_with_its_line(self, tmp_path):
        with pytest.raises(ConfigError) as error:
            load_yaml(write(tmp_path / "a.yaml", "one: 1\ntwo: 2\none: 3\n"), "a.yaml")
        problem = error.value.problems[0]
        assert (problem.line, "one" in problem.message) == (3, True)

    def test_d52_alias_bomb_is_refused_before_it_unfolds(self, tmp_path):
        bomb = "a: &a [x, x]\n" + "".join(
            f"b{i}: &b{i} [*{'a' if i == 0 else f'b{i - 1}'}, *{'a' if i == 0 else f'b{i - 1}'}]\n"
            for i in range(30)
        )
        started = time.monotonic()
        with pytest.raises(ConfigError, match="alias"):
            load_yaml(write(tmp_path / "a.yaml", bomb), "a.yaml")
        assert time.monotonic() - started < 2

    def test_d50_other_encodings_are_named(self, tmp_path):
        path = tmp_path / "a.yaml"
        path.write_bytes("id: x\nname: 量子\n".encode("cp932"))
        with pytest.raises(ConfigError, match=r"a\.yaml:2:1: is not UTF-8"):
            load_yaml(path, "a.yaml")

    def test_place_of_a_node(self, tmp_path):
        document = load_places(write(tmp_path / "a.yaml", "a:\n  - b: 1\n  - b: 2\n"), "a.yaml")
        assert place_of(document, ("a", 1, "b")) == (3, 5)
        assert place_of(document, ("a", 1, "missing")) == (3, 5)


class TestSqlFiles:
    def test_header_and_evidence_are_parted(self, tmp_path):
        path = write(
            tmp_path / "x.sql",
            "/*---\nid: x\ninputs: [core.work]\n---*/\nSELECT $a\n-- evidence\nSELECT $b\n",
        )
        file = load_sql_file(path)
        assert (file.header["id"], file.sql, file.evidence_sql, file.inputs) == (
            "x",
            "SELECT $a",
            "SELECT $b",
            ("core.work",),
        )

    def test_parameters_in_comments_do_not_count(self):
        assert parameter_names("SELECT $a -- $b\n/* $c */ , $a") == {"a"}
        assert parameter_names("SELECT $$text $b$$, 'x $c', \"$d\", $Ab_1; SELECT $e") == {"Ab_1", "e"}
        assert parameter_names("SELEC $a FRM") == frozenset(), "what is not SQL is told where it is run"

    def test_order_follows_inputs_and_a_circle_is_refused(self):
        def file(name: str, *inputs: str) -> SqlFile:
            return SqlFile(name, Path(name), {}, "", "", inputs)

        files = {"a": file("a", "core.b"), "b": file("b"), "c": file("c", "core.a")}
        produces = {name: f"core.{name}" for name in files}
        assert [f.id for f in order_by_inputs(files, produces)] == ["b", "a", "c"]
        with pytest.raises(CouldNotCheckError, match="circle"):
            order_by_inputs({"a": file("a", "core.b"), "b": file("b", "core.a")}, produces)


class TestWarehouse:
    def test_wilson_interval_agrees_with_the_textbook(self):
        # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263 gives 0.2553 to 0.3662.
        with Warehouse() as warehouse:
            low, high = warehouse.rows("SELECT wilson_lo(81 / 263, 263), wilson_hi(81 / 263, 263)")[0]
            assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
            assert warehouse.rows(
                "SELECT wilson_lo(0.5, 0), wilson_hi(0, 20) > 0.1, wilson_lo(0, 20), wilson_lo(NULL, 20)"
            ) == [(None, True, 0.0, None)]

    def test_content_digest_ignores_order_but_not_content(self):
        with Warehouse() as warehouse:
            warehouse.execute("CREATE TABLE core.a AS SELECT range AS x FROM range(100)")
            warehouse.execute("CREATE TABLE core.b AS SELECT range AS x FROM range(100) ORDER BY x DESC")
            warehouse.execute("CREATE TABLE core.c AS SELECT range + (range = 7)::INT AS x FROM range(100)")
            digests = warehouse.content_digests()
        assert digests["core.a"] == digests["core.b"] != digests["core.c"]

    def test_a_missing_parameter_is_an_error(self, tmp_path):
        file = SqlFile("x", tmp_path, {}, "SELECT $needed")
        with Warehouse() as warehouse, pytest.raises(CouldNotCheckError, match="needed"):
            warehouse.run_sql("stage", file, {})

    def test_no_file_can_be_reached_through_an_extension(self):
        with Warehouse() as warehouse:
            assert warehouse.scalar("SELECT current_setting('autoinstall_known_extensions')") is False


class TestText:
    def test_language_comes_from_the_environment(self, monkeypatch):
        monkeypatch.setenv("LISTGEN_LANG", "ja_JP.UTF-8")
        assert text.set_language(None) == "ja"
        monkeypatch.setenv("LISTGEN_LANG", "fr")
        assert text.set_language(None) == "en"

    def test_nearest_name(self):
        assert nearest("US_CET_2042", ["US_CET_2024", "JP_SCT_2022"]) == ' Did you mean "US_CET_2024"?'
        assert nearest("zzz", ["US_CET_2024"]) == ""
        # Equally near: a digit too many leaves the beginning, two swapped leave the letters.
        assert nearest("T106829", ["T10682", "T10829"]) == ' Did you mean "T10682"?'
        assert nearest("AU/70", ["AU/07", "AU/37"]) == ' Did you mean "AU/07"?'


@pytest.fixture
def store(workspace):
    source = next(iter(workspace.config.sources.values()))
    return workspace, source


class TestRawStore:
    def test_same_bytes_again_write_nothing(self, store, tmp_path):
        workspace, source = store
        path = tmp_path / "a.csv"
        path.write_bytes(b"x\n1\n")
        first = register(workspace, source, [Incoming(path, "a.csv", "statistic_table")])
        before = sorted((p.as_posix(), p.stat().st_mtime_ns) for p in workspace.raw.rglob("*"))
        second = register(workspace, source, [Incoming(path, "a.csv", "statistic_table")])
        after = sorted(
            (p.as_posix(), p.stat().st_mtime_ns) for p in workspace.raw.rglob("*") if p.name != "incoming"
        )
        assert second == first
        assert [x for x in after if x not in before] == []
        origin = json.loads(origin_path(workspace.raw, first.files[0].raw_digest, source.id).read_text())
        assert origin["licence"]["class"] == source.licence.licence_class

    def test_new_bytes_make_a_new_snapshot_and_keep_the_old(self, store, tmp_path):
        workspace, source = store
        path = tmp_path / "a.csv"
        path.write_bytes(b"x\n1\n")
        first = register(workspace, source, [Incoming(path, "a.csv", "statistic_table")])
        path.write_bytes(b"x\n2\n")
        second = register(workspace, source, [Incoming(path, "a.csv", "statistic_table")])
        assert (first.number, second.number) == (1, 2)
        assert first.files[0].path.read_bytes() == b"x\n1\n"
        assert newest_snapshot(workspace.raw, source.id) == second
        assert is_unchanged(workspace, source.id, "another recipe") is False

    def test_n2_n3_torn_gzip_is_refused_whole(self, store, tmp_path):
        workspace, source = store
        path = tmp_path / "a.jsonl.gz"
        path.write_bytes(gzip.compress(b'{"id": 1}\n' * 5000)[:-40])
        with pytest.raises(DataError, match=r"a\.jsonl\.gz is torn"):
            register(workspace, source, [Incoming(path, "a.jsonl.gz", "openalex_work")])
        assert newest_snapshot(workspace.raw, source.id) is None

    def test_lost_bytes_are_named(self, store, tmp_path):
        workspace, source = store
        path = tmp_path / "a.csv"
        path.write_bytes(b"x\n1\n")
        register(workspace, source, [Incoming(path, "a.csv", "statistic_table")]).files[0].path.unlink()
        with pytest.raises(DataError, match=r"bytes of a\.csv"):
            newest_snapshot(workspace.raw, source.id)


class TestLease:
    HOLDER = (
        "import sys, time\nfrom pathlib import Path\nfrom listgen.store.lease import hold_lease\n"
        "with hold_lease(Path(sys.argv[1]), 'refresh'):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )

    def start(self, folder: Path) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", self.HOLDER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "held\n"
        return process

    def test_f34_a_living_holder_is_named_and_a_killed_one_is_replaced(self, tmp_path):
        process = self.start(tmp_path)
        try:
            with (
                pytest.raises(LockedError, match=f"process {process.pid}") as error,
                hold_lease(tmp_path, "build"),
            ):
                pass
            assert error.value.exit_code == 6
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        with hold_lease(tmp_path, "build"):
            assert json.loads((tmp_path / "lease.json").read_text())["pid"] == os.getpid()
        assert not (tmp_path / "lease.json").exists()

    def test_f34_a_recycled_pid_or_an_earlier_boot_does_not_block(self, tmp_path):
        for change in ({"process_start": "1"}, {"boot_id": "another boot"}):
            with hold_lease(tmp_path, "build"):
                lease = json.loads((tmp_path / "lease.json").read_text())
            (tmp_path / "lease.json").write_text(json.dumps(lease | change))
            with hold_lease(tmp_path, "build"):
                pass

    def test_f34_another_host_blocks_while_its_heart_beats(self, tmp_path):
        lease = {
            "host": "elsewhere",
            "pid": 1,
            "boot_id": "",
            "process_start": "",
            "beat": time.time(),
            "verb": "refresh",
            "since": "now",
        }
        (tmp_path / "lease.json").write_text(json.dumps(lease))
        with pytest.raises(LockedError, match="elsewhere"), hold_lease(tmp_path, "build"):
            pass
        (tmp_path / "lease.json").write_text(json.dumps(lease | {"beat": time.time() - 61}))
        with hold_lease(tmp_path, "build"):
            pass
