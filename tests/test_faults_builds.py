"""What can befall a build and the folder it stands in.

Rights, long paths, other programs, damaged databases, hostile SQL.

Every test bears the name of the fault it is about.
"""

import os
import random
import re
import shutil
import subprocess
import sys

import duckdb
import pytest
from running import listgen

from listgen import pipeline, trace
from listgen.base.errors import ListgenError, LockedError
from listgen.store.builds import DATABASE, MANIFEST
from listgen.store.raw import newest_snapshot
from listgen.store.warehouse import Warehouse, connect

TECHNOLOGY = "photon_chips"


def explain(workspace) -> dict:
    return trace.explain(workspace, workspace.current.resolve(), TECHNOLOGY)


# ---- the folder ----------------------------------------------------------------------------------


def without_privilege() -> tuple[str, ...]:
    """Return the command prefix under which rights count for root too."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("root may write anywhere, and this machine cannot take that right away")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@pytest.mark.parametrize("rights", [0o555, 0o000])
def test_f33_a_folder_that_may_not_be_written_is_named(small_built, rights):
    prefix = without_privilege()
    small_built.data.chmod(rights)
    try:
        done = listgen(small_built.root, "build", prefix=prefix)
    finally:
        small_built.data.chmod(0o755)
    assert done.returncode == 7
    assert str(small_built.data) in done.stderr and "Permission denied" in done.stderr
    assert "Give yourself the right to it" in done.stderr
    assert "internal error" not in done.stderr and "Traceback" not in done.stderr


def test_f33_a_path_that_is_too_long_is_told(small_built):
    """The configuration can still be reached from there, the names of the raw store cannot."""
    deep = small_built.root
    while (room := 4_095 - 80 - len(os.fsencode(deep))) > 0:
        deep /= "長い 道" * (min(room, 200) // 10) or "x" * max(1, room - 1)
        deep.mkdir()
    for name in ("config", "expectations", "data"):
        (small_built.root / name).rename(deep / name)
    done = listgen(deep, "build")
    assert done.returncode == 7, done.stderr
    assert "File name too long" in done.stderr and "Move the workspace to a shorter path" in done.stderr
    assert "internal error" not in done.stderr and "Traceback" not in done.stderr


def test_c44_too_little_memory_names_the_setting(small_built):
    shutil.rmtree(small_built.builds)
    done = listgen(small_built.root, "build", env={"LISTGEN_MEMORY": "3"})
    assert done.returncode == 7, done.stderr
    assert "The memory given to DuckDB did not suffice" in done.stderr and "LISTGEN_MEMORY" in done.stderr
    assert "internal error" not in done.stderr
    assert not list(small_built.builds.glob("*/candidates.json"))


def test_f38_what_the_error_on_a_changed_raw_file_advises_mends_it(small):
    held = newest_snapshot(small.raw, "mini_statistics").files[0].path
    whole = held.read_bytes()
    held.chmod(0o644)
    held.write_bytes(whole[:-1] + b"x")
    done = listgen(small.root, "build")
    assert done.returncode == 4, done.stderr
    advised = re.search(
        r"Remove (data/raw/sha256/\S+), then run: listgen (acquire mini_statistics)$", done.stderr.strip()
    )
    assert advised, done.stderr
    (small.root / advised[1]).unlink()
    assert listgen(small.root, *advised[2].split()).returncode == 0
    assert held.read_bytes() == whole


# ---- the database --------------------------------------------------------------------------------


def test_f35_a_database_another_program_holds_is_told_with_its_holder(small_built):
    path = small_built.current.resolve() / DATABASE
    program = f"import duckdb\nheld = duckdb.connect({str(path)!r})\nprint('held', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(
            LockedError, match=rf"is held open by process {holder.pid} \(.*python.*Close it there"
        ) as told:
            explain(small_built)
        assert told.value.exit_code == 6
        holder.communicate("\n")
    assert explain(small_built)["axes"]


def test_f36_a_log_beside_a_database_makes_it_no_longer_what_was_promoted(small_built):
    folder = small_built.current.resolve()
    with connect(folder / DATABASE) as somebody:
        somebody.execute("SET checkpoint_threshold = '1GB'")
        somebody.execute("UPDATE core.technology SET name_en = $$other$$")
        kept = (folder / f"{DATABASE}.wal").read_bytes()
        whole = (folder / DATABASE).read_bytes()
    for log in (
        kept,
        kept[: len(kept) // 2],
        b"",
        None,
    ):  # as it is, torn, emptied, and deleted with the changes already in the file
        (folder / f"{DATABASE}.wal").unlink(missing_ok=True)
        if log is not None:
            (folder / DATABASE).write_bytes(whole)
            (folder / f"{DATABASE}.wal").write_bytes(log)
        else:
            with connect(folder / DATABASE) as somebody:
                somebody.execute("UPDATE core.technology SET name_en = $$other$$")
        assert pipeline.verify_outputs(folder) == [DATABASE], log and len(log)
        assert pipeline.find_held(small_built, folder.name) is None, "it is made again, not held"


def test_f37_a_damaged_database_is_never_read_for_a_whole_one(small_built):
    folder = small_built.current.resolve()
    path, whole = folder / DATABASE, (folder / DATABASE).read_bytes()
    assert pipeline.verify_outputs(folder) == []
    right, chance, told = explain(small_built), random.Random(37), 0
    flipped = []
    for _ in range(8):
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        flipped.append(bytes(content))
    for content in (b"", whole[:5_000], whole[: len(whole) // 2], b"no database " * 5_000, *flipped):
        path.write_bytes(content)
        assert pipeline.verify_outputs(folder) == [DATABASE]
        try:
            assert explain(small_built) == right, "what it did not read may be damaged"
        except ListgenError as error:
            told += 1
            assert "listgen.duckdb is damaged" in error.what and error.next_step == "Run: listgen build"
            assert str(folder) not in error.what
    assert told >= 4, "each that is torn or none at all"
    path.write_bytes(b"")
    done = listgen(small_built.root, "explain", TECHNOLOGY)
    assert done.returncode == 7 and "internal error" not in done.stderr, done.stderr
    assert listgen(small_built.root, "doctor").returncode == 1
    done = listgen(small_built.root, "build")
    assert done.returncode == 0, done.stderr
    assert pipeline.verify_outputs(folder) == []
    assert explain(small_built) == right
    assert (folder / MANIFEST).is_file()


# ---- SQL that others wrote -----------------------------------------------------------------------


REACHING = (
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/etc/*')",
    "COPY (SELECT 1) TO '/tmp/out.csv'",
    "ATTACH '/tmp/other.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "EXPORT DATABASE '/tmp/out'",
    "SET enable_external_access = true",
    "SET threads = 64",
    "RESET lock_configuration",
)


@pytest.mark.parametrize("sql", REACHING)
def test_d55_no_statement_of_a_check_reaches_a_file_or_a_setting(sql):
    with Warehouse() as warehouse:
        warehouse.execute("CREATE TABLE core.work AS SELECT 1 AS work_id")
        warehouse.shut_out_files()
        with pytest.raises(
            duckdb.Error, match=r"(?i)permission|cannot change|disabled|/etc/passwd does not exist"
        ):
            warehouse.execute(sql)
        assert warehouse.rows("SELECT * FROM core.work") == [(1,)]
