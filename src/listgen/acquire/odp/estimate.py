"""What acquiring from the portal would cost.

Files and bytes to fetch, and what is left of the yearly allowance.

Reads: the network (the list of files, which costs no download), data/raw.
Writes: nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from listgen.acquire.odp.access import access_of
from listgen.acquire.odp.acquisition import held_tables, open_allowance, open_client, pending_folder
from listgen.acquire.odp.listing import read_release
from listgen.acquire.order import Order
from listgen.config.models import Source
from listgen.config.workspace import Workspace

_BYTES_PER_SECOND = 5e6  # a usual line to the provider's store
_STAGED_SHARE = 0.6  # parsed columns beside the archives
_UNPACKED = 6  # times the largest archive, for the time it is read


@dataclass(frozen=True)
class File:
    """One table of the edition."""

    table: str
    n_bytes: int
    n_missing: int
    is_held: bool
    downloads_left: int
    yearly_downloads: int

    def as_dict(self) -> dict[str, object]:
        """Return it for `--json`; `bytes` are those still to come."""
        names = ("table", "is_held", "downloads_left", "yearly_downloads")
        return {name: getattr(self, name) for name in names} | {"bytes": self.n_missing, "size": self.n_bytes}


@dataclass(frozen=True)
class Estimate:
    """What a run would fetch."""

    edition: str
    files: tuple[File, ...]

    @property
    def calls(self) -> int:
        """Return the downloads."""
        return sum(not file.is_held and file.n_missing > 0 for file in self.files)

    @property
    def n_bytes(self) -> int:
        """Return the bytes still to come."""
        return sum(file.n_missing for file in self.files)

    @property
    def seconds(self) -> float:
        """Return how long they take."""
        return self.n_bytes / _BYTES_PER_SECOND

    @property
    def disk_bytes(self) -> int:
        """Return the disk space needed, with parsed columns and the largest table unpacked while read."""
        wanted = [file.n_bytes for file in self.files if not file.is_held]
        return round(sum(wanted) * (1 + _STAGED_SHARE) + _UNPACKED * max(wanted, default=0))


def estimate(workspace: Workspace, source: Source, order: Order | None = None) -> Estimate:
    """Return what acquiring a source now would fetch.

    Raises:
        ProviderError: The portal could not be asked.
        UsageError: There is no key.
    """
    access, held = access_of(source), held_tables(workspace, source)
    with open_client(source, order or Order()) as client:
        release = read_release(client, access)
        allowance = open_allowance(workspace, client)
    folder, files = pending_folder(workspace, source), []
    for file in release.files:
        what = f"{file.product}/{file.table}"
        is_held = (file.name, file.n_bytes) in held
        whole = folder / file.name
        begun = next(
            (
                path.stat().st_size
                for path in (whole, whole.with_name(f"{whole.name}.part"))
                if path.is_file()
            ),
            0,
        )
        missing = 0 if is_held else max(0, file.n_bytes - begun)
        left = max(0, access.yearly_downloads - allowance.used(what))
        files.append(File(what, file.n_bytes, missing, is_held, left, access.yearly_downloads))
    return Estimate(release.edition, tuple(files))
