"""The shape of `checks.json`.

Every rule of the expectations with what it found, and the records that were set aside.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from listgen.base.versions import ChecksVersion
from listgen.outputs.parts import Count, Document, Part, Text

Severity = Literal["critical", "warning", "info"]
CheckStatus = Literal["passed", "failed", "could_not_check"]


class Summary(Part):
    """How many rules ran and how they came out."""

    n_rules: Count = Field(description="Rules that ran or should have run.")
    n_passed: Count = Field(description="Rules that passed.")
    n_could_not_check: Count = Field(description="Rules that could not run; never counted as passed.")
    n_critical: Count = Field(description="Critical rules that failed: they stop a build.")
    n_warning: Count = Field(description="Warnings: rules that failed and become a caveat.")
    n_info: Count = Field(description="Rules for information that failed.")
    n_quarantined: Count = Field(description="Records that were set aside and count nowhere.")


class Check(Part):
    """One rule and what it found."""

    gate: Literal["core", "ind", "score", "list"] = Field(description="The gate at which it ran.")
    table_name: str = Field(description="The table that it is about.")
    rule_id: str = Field(description="The rule, unique within its table.")
    rule_type: str = Field(description="A Great Expectations type, or check_sql.")
    severity: Severity = Field(
        description="critical stops a build, warning becomes a caveat, info is recorded."
    )
    status: CheckStatus = Field(description="How it came out.")
    n_failed: Count = Field(description="Rows that break it.")
    failed_keys: list[dict[str, Any]] = Field(
        description="Up to 20 of these rows: the key columns and what is wrong."
    )
    finding: dict[str, str] = Field(
        description="The first of these rows in a sentence, `en` and `ja`; empty when the rule passed."
    )
    why: Text = Field(description="Why the rule exists.")


class SetAsideCount(Part):
    """How many records of one file were set aside for one reason."""

    source_id: str = Field(description="The source.")
    file_name: str = Field(description="Name under which the file was received.")
    field: str = Field(description="Field that is wrong; empty for the whole record.")
    reason: str = Field(description="What is wrong, as a key.")
    n: Count = Field(description="Records.")
    first_line: int = Field(description="Number of the first such record in the file, from 1.")
    text: Text = Field(description="What is wrong, in words.")


class SetAside(Part):
    """One record that was set aside and counts nowhere."""

    source_id: str = Field(description="The source.")
    file_name: str = Field(description="Name under which the file was received.")
    raw_digest: str = Field(description="SHA-256 of the raw file.")
    raw_line: int = Field(description="Number of the record in the file, from 1.")
    field: str = Field(description="Field that is wrong; empty for the whole record.")
    reason: str = Field(description="What is wrong, as a key.")
    excerpt: str | None = Field(
        description=(
            "What the field contains, at most 80 characters, control characters escaped; null when empty."
        )
    )


class RowAccount(Part):
    """Where the rows of one raw file went: n_rows = n_used + n_merged + n_set_aside + n_excluded."""

    source_id: str = Field(description="The source.")
    form_id: str = Field(description="The form of the file.")
    file_name: str = Field(description="Name under which the file was received.")
    n_rows: Count | None = Field(
        description=(
            "Rows below the header, lines or listed records; null in old builds that did not count them."
        )
    )
    n_used: Count = Field(description="Rows with at least one figure or record in use.")
    n_merged: Count = Field(description="Rows that say what another row says, or an older state of it.")
    n_set_aside: Count = Field(description="Rows that were set aside.")
    n_excluded: Count | None = Field(
        description="Rows left out by rule; null in old builds that did not count them."
    )


class Checks(Document):
    """What the expectations found in one build, and which records were set aside.

    A build that stopped at a gate has one too.
    """

    schema_version: ChecksVersion = Field(description="Version of this schema.")
    run_id: str | None = Field(description="The build; null when it stopped at a gate.")
    is_sample: bool | None = Field(
        description=(
            "True when any source is synthetic; null when the build stopped before its sources were read."
        )
    )
    summary: Summary = Field(description="The counts.")
    checks: list[Check] = Field(description="Every rule, by gate, table and id.")
    quarantine_by_reason: list[SetAsideCount] = Field(
        description="Records set aside, counted by file and reason."
    )
    quarantine: list[SetAside] = Field(description="The first 1,000 records that were set aside.")
    row_accounts: list[RowAccount] = Field(
        default_factory=list, description="Where the rows of every raw file went; the first 1,000 files."
    )
