"""Releases of yearly files: the older release of a year is left out where its source declares `releases: newest`.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from listgen.config.models import Source
from listgen.stage.records.parsing import StagedFile

# BACI_HS22_Y2024_V202601.csv: the name says revision, year and release.
_RELEASE = re.compile(r"(?P<yearly>[^/]*_Y[12]\d{3})_V(?P<release>\d{6})")


def without_older_releases(staged: Sequence[StagedFile], sources: Mapping[str, Source]) -> list[StagedFile]:
    """Return the files to use: of each yearly file the newest release only, where the source declares it.

    A file without a release in its name stays, and so do two files of one release: a build refuses them if they share a year.

    Args:
        staged: The parsed files.
        sources: The declared sources by id.
    """
    newest: dict[tuple[str, str, str], str] = {}
    named = [(file, _key_and_release(file, sources)) for file in staged]
    for _, found in named:
        if found:
            newest[found[0]] = max(newest.get(found[0], ""), found[1])
    return [file for file, found in named if not found or found[1] == newest[found[0]]]


def _key_and_release(file: StagedFile, sources: Mapping[str, Source]) -> tuple[tuple[str, str, str], str] | None:
    """Return which yearly file this is and its release; None where the source does not choose by release."""
    held = file.held
    if held.source_id not in sources or sources[held.source_id].releases != "newest":
        return None
    match = _RELEASE.search(held.file_name)
    return ((held.source_id, held.form_id, match["yearly"]), match["release"]) if match else None
