"""A disk that is full says so, whatever was being written: the file that was being read is not to blame."""

import errno
import gzip
import re
import time
import zipfile

import pytest
from running import listgen

from listgen.acquire import Incoming, register
from listgen.base.errors import machine_trouble
from listgen.base.zipped import ZipError, check_zip
from listgen.store import lease
from listgen.store.raw import newest_snapshot

LIMITED = ("bash", "-c", 'ulimit -f 1500; exec "$0" "$@"')  # files of 1.5 MB at most


def pack_statistics(workspace, n_lines: int) -> None:
    """Let the published table be packed, and long enough that its text does not fit below the limit."""
    snapshot = newest_snapshot(workspace.raw, "mini_statistics")
    (held,) = snapshot.files
    lines = held.path.read_bytes().splitlines(keepends=True)
    packed = workspace.root / "families.csv.gz"
    packed.write_bytes(gzip.compress(b"".join(lines) + lines[-1] * n_lines))
    source = workspace.config.sources["mini_statistics"]
    register(
        workspace,
        source,
        [Incoming(packed, held.file_name, held.form_id)],
        as_of=snapshot.as_of_date,
        recipe="packed by a test",
    )


def test_a_full_disk_while_unpacking_is_not_called_a_torn_file(small):
    pack_statistics(small, 200_000)
    done = listgen(small.root, "build", prefix=LIMITED)
    assert done.returncode == 7, done.stderr
    assert "File too large" in done.stderr and re.search("memory or disk|The disk could not be", done.stderr)
    assert (
        "torn" not in done.stderr and "listgen acquire" not in done.stderr and "Traceback" not in done.stderr
    )
    assert not small.current.exists() and list(small.builds.glob("*.partial")) == []


def test_a_full_disk_at_any_moment_of_a_build_gives_one_sentence(small):
    for limit in (1, 20, 300, 700):
        done = listgen(small.root, "build", prefix=("bash", "-c", f'ulimit -f {limit}; exec "$0" "$@"'))
        assert done.returncode == 7, f"{limit} kB: {done.stderr}"
        assert "File too large" in done.stderr, f"{limit} kB: {done.stderr}"
        assert "Traceback" not in done.stderr and "internal error" not in done.stderr, (
            f"{limit} kB: {done.stderr}"
        )
        assert not small.current.exists()


def test_a_broken_disk_is_not_called_a_broken_archive(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.tsv", "x")

    def broken(*_, **__):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(zipfile, "ZipFile", broken)
    with pytest.raises(OSError, match="Input/output error") as caught:
        check_zip(path)
    assert "The disk could not be read" in machine_trouble(caught.value).what
    monkeypatch.undo()
    path.write_bytes(b"no archive")
    with pytest.raises(ZipError):
        check_zip(path)


def test_a_lease_that_cannot_beat_on_a_full_disk_ends_no_thread(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.01)
    beats = []

    def full(path, mine):
        beats.append(path)
        if len(beats) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lease, "_beat", full)
    with lease.hold_lease(tmp_path, "build"):
        deadline = time.monotonic() + 5
        while len(beats) < 5:
            assert time.monotonic() < deadline, "the thread has ended"
            time.sleep(0.01)
    assert "Traceback" not in capfd.readouterr().err
