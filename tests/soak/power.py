"""C45: the power goes at the n-th flush or rename of a run, and what was not flushed is gone or torn.

Told to the disk is only what fsync was called for: every other file is cut to half or to nothing, and a
rename whose folder was not flushed may not have happened. A process that is killed leaves more than that.
"""

import hashlib
import os
import random
import stat
import threading
from contextlib import suppress
from pathlib import Path

from openalex_world import World, contents, world


class PowerCutError(BaseException):
    """Nothing after this happened: no handler and no clean-up of the program under test may catch it."""


class Disk:
    """Stands between a program and the file system while the block runs.

    Cuts the power at the n-th flush or rename.
    """

    def __init__(self, n: int) -> None:
        self.n, self.count, self.is_off = n, 0, False
        self.flushed: set[tuple[int, int]] = set()
        self.renames: list[tuple[Path, Path, bytes | None]] = []
        self.lock = threading.RLock()
        self.whole = {name: getattr(Path, name) for name in ("replace", "rename", "unlink")} | {
            "fsync": os.fsync
        }

    def __enter__(self) -> "Disk":
        """Stand in between."""
        disk = self
        os.fsync = self._fsync
        Path.replace = lambda path, target: disk._rename(path, Path(target), "replace")
        Path.rename = lambda path, target: disk._rename(path, Path(target), "rename")
        Path.unlink = lambda path, missing_ok=False: disk._unlink(path, missing_ok=missing_ok)
        return self

    def __exit__(self, *error: object) -> None:
        """Step aside."""
        os.fsync = self.whole["fsync"]
        for name in ("replace", "rename", "unlink"):
            setattr(Path, name, self.whole[name])

    def _step(self) -> None:
        self.count += 1
        if self.is_off or self.count == self.n:
            self.is_off = True
            raise PowerCutError

    def _fsync(self, handle: int) -> None:
        with self.lock:
            self._step()
            found = os.fstat(handle)
            if stat.S_ISDIR(found.st_mode):
                self.renames = [
                    one for one in self.renames if _identity(one[1].parent.stat()) != _identity(found)
                ]
            else:
                self.flushed.add(_identity(found))

    def _rename(self, path: Path, target: Path, name: str) -> Path:
        with self.lock:
            self._step()
            before = target.read_bytes() if target.is_file() else None
            self.renames.append((path, target, before))
            return self.whole[name](path, target)

    def _unlink(self, path: Path, *, missing_ok: bool) -> None:
        if self.is_off:
            raise PowerCutError
        self.whole["unlink"](path, missing_ok=missing_ok)

    def lose(self, folder: Path, chance: random.Random) -> None:
        """Take away what was never flushed."""
        for source, target, before in reversed(self.renames):
            if chance.random() < 0.5 and target.exists():
                target.rename(source)
                if before is not None:
                    target.write_bytes(before)
                    self.flushed.add(_identity(target.stat()))
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and _identity(path.stat()) not in self.flushed:
                path.chmod(0o644)
                os.truncate(path, path.stat().st_size // 2 if chance.random() < 0.5 else 0)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def one_cut(w: World, n: int) -> bool:
    """Run until the power goes at the n-th event, and lose what was not flushed.

    Return False when the run ended before.
    """
    with Disk(n) as disk:
        with suppress(PowerCutError):
            w.acquire()
        if not disk.is_off:
            return False
    disk.lose(w.workspace.data, random.Random(n))
    return True


def run_power(folder: Path, clean: dict[str, object], access: dict[str, int], step: int) -> bool:
    """Cut the power at every `step`-th event of a run, and finish the run each time."""
    cuts = wrong = torn = 0
    for n in range(1, 1_000_000, step):
        with world(folder / f"power-{n}", access=access) as w:
            if not one_cut(w, n):
                break
            cuts += 1
            snapshot = w.acquire()
            wrong += contents(snapshot, w.double) != clean
            torn += sum(
                hashlib.sha256(file.path.read_bytes()).hexdigest() != file.raw_digest
                for file in snapshot.files
            )
    print(
        f"power: cut at {cuts} moments (every {step}); {wrong} runs with other bytes, {torn} files in the"
        " store that are not what they are named"
    )
    return wrong == torn == 0 and cuts > 0
