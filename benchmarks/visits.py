"""How often the work on one record goes back and forth between the modules of the stage step.

Stages one packed file with one work, and follows the calls between modules of `listgen.stage` in every
thread, as a reader of the code would: a call that was followed once from the same place is not followed
again. A visit is a change to another module; a return is a visit to a module that was visited before. Run:
python benchmarks/visits.py [--list]
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import threading
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STEP = "listgen.stage"
MAX_VISITS, MAX_RETURNS = 25, 18


class Walk:
    """The modules of the step in the order in which the calls enter them."""

    def __init__(self) -> None:
        """Begin without a call."""
        self.visits: list[tuple[str, str]] = []
        self._sites: set[tuple[CodeType | None, int, CodeType]] = set()
        self._stacks: dict[int, list[tuple[str, bool]]] = {}
        self._last: dict[int, str] = {}

    def follow(self, frame: FrameType, event: str, _: Any) -> None:  # noqa: ANN401 - what sys.setprofile gives
        """Note a call or the return from one."""
        module = _module(frame)
        if module is None or event not in ("call", "return"):
            return
        stack = self._stacks.setdefault(threading.get_ident(), [])
        if event == "call":
            is_known = bool(stack and stack[-1][1]) or not self._is_new(frame)
            stack.append((module, is_known))
            self._enter(module, frame.f_code.co_name, is_known)
        elif stack:
            stack.pop()
            if stack:
                self._enter(stack[-1][0], "(returns)", stack[-1][1])

    def _is_new(self, frame: FrameType) -> bool:
        """Return True at the first call of a function from a place in the step."""
        caller = frame.f_back
        while caller is not None and _module(caller) is None:
            caller = caller.f_back
        site = (caller.f_code if caller else None, caller.f_lineno if caller else 0, frame.f_code)
        is_new = site not in self._sites
        self._sites.add(site)
        return is_new

    def _enter(self, module: str, name: str, is_known: bool) -> None:
        thread = threading.get_ident()
        if not is_known and self._last.get(thread) != module:
            self._last[thread] = module
            self.visits.append((module, name))


def _module(frame: FrameType) -> str | None:
    """Return the module of the step that a frame runs in; code that dataclasses generate is in no file."""
    name = str(frame.f_globals.get("__name__", ""))
    return (
        name
        if (name == STEP or name.startswith(STEP + ".")) and frame.f_code.co_filename != "<string>"
        else None
    )


def walk_one_work() -> list[tuple[str, str]]:
    """Return the visits while one packed file with one work is staged."""
    sys.path.insert(0, str(ROOT / "tests"))
    from miniature import held_file, open_miniature

    from listgen import stage
    from listgen.store.warehouse import Warehouse

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        mini = open_miniature(folder / "workspace")
        part = mini.root / "raw" / "openalex" / "updated_date=2025-06-01" / "part_0000.jsonl"
        path = folder / "one.jsonl.gz"
        path.write_bytes(gzip.compress(part.read_bytes().splitlines(keepends=True)[0]))
        held = [held_file(path, "mini_openalex", "openalex_work")]
        for name in ("first", "second"):  # what is loaded once a process is loaded before the walk
            walk = Walk()
            with Warehouse() as warehouse:
                threading.setprofile(walk.follow)
                sys.setprofile(walk.follow)
                try:
                    stage.run(warehouse, mini.config, held, folder / name)
                finally:
                    sys.setprofile(None)
                    threading.setprofile(None)
    return walk.visits


def main() -> int:
    """Print the counts; 1 when they exceed the bars."""
    visits = walk_one_work()
    n_returns = len(visits) - len({module for module, _ in visits})
    if "--list" in sys.argv:
        print("\n".join(f"{module} {name}" for module, name in visits))
    print(f"visits {len(visits)} (<= {MAX_VISITS}), returns {n_returns} (<= {MAX_RETURNS})")
    return int(len(visits) > MAX_VISITS or n_returns > MAX_RETURNS)


if __name__ == "__main__":
    sys.exit(main())
