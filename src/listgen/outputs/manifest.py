"""The shape of `manifest.json`: what a build was made from, and the digest of everything that it left.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from listgen.base.versions import ManifestVersion
from listgen.outputs.parts import Digest, Document, Id, Part, Text


class RawInput(NamedTuple):
    """One raw file of a build, as the run id covers it."""

    source_id: str
    form_id: str
    file_name: str
    raw_digest: str
    as_of_date: str | None


class Inputs(Part):
    """What the run id is the hash of."""

    raw: list[RawInput] = Field(
        description="Raw files: source, form, file name, SHA-256, date of the data (null when undated)."
    )
    config: Digest = Field(description="SHA-256 of the configuration.")
    package: Digest = Field(description="SHA-256 of the source of listgen.")
    libraries: Digest = Field(description="SHA-256 of the names and versions of the libraries.")
    seed: int = Field(description="Seed of the draws.")
    listgen_version: str = Field(description="Version of listgen.")


class Parts(Part):
    """What the digests in `inputs` stand for, so that two builds can be told apart."""

    config: dict[str, str] = Field(description="SHA-256 of each configuration file.")
    package: dict[str, str] = Field(description="SHA-256 of each file of listgen.")
    libraries: dict[str, str] = Field(description="Version of each library.")


class Baseline(Part):
    """The build that the report compares this one with."""

    run_id: Id = Field(description="The build.")
    candidates_sha256: Digest = Field(description="SHA-256 of its candidates.json.")


class Counts(Part):
    """What the next build is compared with before it is promoted."""

    entries: int = Field(description="Technologies.")
    listed: int = Field(description="Technologies on the list.")
    judged: int = Field(description="Technologies with enough evidence to be judged.")
    rows: dict[str, int] = Field(description="Rows of each source over all tables.")


class AcceptedShift(Part):
    """Who accepted that the list or a source shrank, when and why."""

    reason: str = Field(description="Why it is right.")
    by: str = Field(description="Name of the user of the machine.")
    date: str = Field(description="Date.")
    shifts: list[Text] = Field(description="What shrank.")


class Code(Part):
    """The state of the checkout that the build was made with."""

    commit: str = Field(description="Commit.")
    is_modified: bool = Field(description="True when files differ from that commit.")


class Manifest(Document):
    """What one build was made from, and the digest of everything that it left."""

    schema_version: ManifestVersion = Field(description="Version of this schema.")
    run_id: Id = Field(description="Hash of `inputs`: the same inputs give the same id and the same outputs.")
    is_sample: bool = Field(description="True when the configuration uses synthetic sources.")
    inputs: Inputs = Field(description="What the build was made from.")
    parts: Parts = Field(description="What the digests in `inputs` stand for.")
    baseline: Baseline | None = Field(
        description="The build that the report compares this one with; null for a first build."
    )
    counts: Counts = Field(description="What the next build is compared with.")
    accepted_shift: AcceptedShift | None = Field(
        description="Who accepted that something shrank by half; null when nothing did."
    )
    tables: dict[str, str] = Field(
        description="Digest of the rows of each table, independent of their order on disk."
    )
    outputs: dict[str, Digest] = Field(
        description="SHA-256 of each file of the build but the manifest and the database."
    )
    database: Digest = Field(
        description=(
            "SHA-256 of listgen.duckdb: tells damage; another run may lay out the same rows otherwise."
        )
    )
    manifest_sha256: Digest = Field(
        description="SHA-256 of all other keys as canonical JSON; the log of promotions repeats it."
    )
    code: Code | None = Field(
        description="State of the checkout; null when listgen was installed as a package."
    )
