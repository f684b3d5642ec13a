"""What stands in a line that is no record, cut to what a reader of the quarantine needs.

Reads: a raw file.
Writes: nothing.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

EXCERPT = 80


def read_excerpts(path: Path, compression: str, wanted: Mapping[int, str]) -> list[tuple[int, str]]:
    """Return what stands in the records with these numbers, from the field that is wrong on.

    Blank lines are no records.
    """
    left, number, found = dict(wanted), 0, []
    with gzip.open(path) if compression == "gzip" else path.open("rb") as stream:
        for line in stream:
            if not line.strip():
                continue
            number += 1
            if number in left:
                field = left.pop(number)
                start = max(0, line.find(f'"{field}"'.encode())) if field else 0
                found.append(
                    (number, line[start : start + 4 * EXCERPT].decode("utf-8", "replace").strip()[:EXCERPT])
                )
                if not left:
                    break
    return found
