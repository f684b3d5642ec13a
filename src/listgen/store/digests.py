"""Digests of stored files, remembered while the file is the same one.

Hashing gigabytes again for every command would take minutes.

A note holds what the system says of a file when it was hashed: device, inode, size, and the times of the last
change of its bytes and of its entry. A program can set the first time back but not the second, so a forged
file is hashed again, and found.

Reads: the files, and the notes beside them. Writes: .digests.json in the folder of the store; a folder that
cannot be written is no error, its files are hashed every time.
"""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from listgen.base.files import write_atomically
from listgen.base.provenance import sha256_file

NOTES = ".digests.json"
# A file that changed this shortly ago could change once more within the same tick of the file system's clock:
# it is not noted yet.
SETTLED_NS = 2_000_000_000


class Digests:
    """The remembered digests of the files under one folder.

    Args:
        folder: The folder; its notes are kept in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._notes = _read(folder / NOTES)
        self._new: dict[str, list[Any]] = {}

    def of(self, path: Path) -> str:
        """Return the SHA-256 of a file.

        The noted one while the file is the one that was hashed, else of its bytes now.

        Args:
            path: A file under the folder; a link stands for the file it leads to.

        Raises:
            OSError: It cannot be read.
        """
        name = os.path.relpath(path, self.folder)
        before = _identity(path)
        with self._lock:
            noted = self._new.get(name) or self._notes.get(name)
        if isinstance(noted, list) and len(noted) == len(before) + 1 and noted[:-1] == before:
            return str(noted[-1])
        started = time.time_ns()
        digest = sha256_file(path)
        is_settled = started - max(before[3], before[4]) > SETTLED_NS
        if is_settled and _identity(path) == before:
            with self._lock:
                self._new[name] = [*before, digest]
        return digest

    def save(self) -> None:
        """Keep what was noted, with what others noted meanwhile; notes of files that are gone are dropped."""
        with self._lock:
            if not self._new:
                return
            notes = _read(self.folder / NOTES) | self._new
            kept = {name: note for name, note in notes.items() if (self.folder / name).exists()}
            with suppress(OSError):
                write_atomically(
                    self.folder / NOTES, json.dumps(kept, sort_keys=True).encode(), durable=False
                )
            self._notes, self._new = kept, {}


def _read(path: Path) -> dict[str, Any]:
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _identity(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
