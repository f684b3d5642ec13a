"""What `listgen plan` says of a source of OpenAlex.

Reads: the network, data/raw/pending.
Writes: nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from listgen.acquire.connector import Measure
from listgen.acquire.openalex.access import OpenAlexAccess, access_of
from listgen.acquire.openalex.estimate import estimate
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Workspace


def plan(workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]:
    """Return what asking a provider would cost, and which indicators its answers could carry."""
    found, access = estimate(workspace, source), access_of(source)
    daily = access.daily_credits if os.environ.get(access.secret) else access.daily_credits // 10
    carries, cannot = _carried(access, measures)
    return {
        "route": access.route,
        "calls": found.calls,
        "credits": found.credits,
        "usd": found.usd,
        "days": -(-found.credits // daily),
        "bytes": found.n_bytes,
        "disk_bytes": found.disk_bytes,
        "seconds": found.seconds,
        "minutes": found.seconds / 60,
        "asked": found.asked,
        "n_cited": found.n_cited,
        "n_lookups": found.n_lookups,
        "n_works": found.n_works,
        "carries": carries,
        "cannot_carry": cannot,
    }


def lines(row: dict[str, Any]) -> list[str]:
    """Return what is said about calls and credits, and which indicators the answers can carry."""
    asked = t(
        "{source_id} ({grade}, route {route}): {calls:,} calls, {credits:,} credits (${usd:.2f}, {days}"
        " day(s) of budget)",
        **row,
    )
    size = t(
        "{bytes:,} bytes, {disk_bytes:,} on disk, {minutes:.0f} min; held: {held}; this plan cost {asked}"
        " credit(s)",
        **row,
    )
    cited = t(
        "about {n_cited:,} of the calls are for cited works; at most {n_lookups:,} free look-ups of merged"
        " ones come on top",
        **row,
    )
    found = [
        f"{asked}, {size}",
        *([f"  {cited}"] if row["n_cited"] else []),
        "  " + t("can carry: {names}", names=", ".join(row["carries"]) or "-"),
    ]
    return [*found, *(f"  {indicator_id}: {reason}" for indicator_id, reason in row["cannot_carry"].items())]


def _carried(access: OpenAlexAccess, measures: Sequence[Measure]) -> tuple[list[str], dict[str, str]]:
    """Return the indicators a route can carry, and for each other one on works or counts why it cannot."""
    carries, cannot = [], {}
    for measure in measures:
        reason = _why_not(access, measure)
        if reason == "":
            carries.append(measure.id)
        elif reason is not None:
            cannot[measure.id] = reason
    return carries, cannot


def _why_not(access: OpenAlexAccess, measure: Measure) -> str | None:
    """Return why a route cannot carry an indicator.

    Empty when it can, None when it rests on other evidence altogether.
    """
    if measure.basis not in ("works", "statistics"):
        return None
    if access.route == "counts":
        if measure.basis == "works":
            return t("needs records; counts by country hold no citations and no single work")
        return (
            t("needs a measure of quality, which counts do not hold")
            if "top1_intensity" in measure.file.sql
            else ""
        )
    if measure.basis == "statistics":
        return None
    if (
        access.route == "records"
        and not access.cited_works_credits
        and "core.citation_flow" in measure.file.inputs
    ):
        return t("needs the countries of cited works; set cited_works_credits")
    return ""
