"""What `listgen doctor` says of a source of OpenAlex.

Reads: the environment, the mirror's folder.
Writes: nothing.
"""

from __future__ import annotations

from listgen.acquire.connector import Condition, condition_of
from listgen.acquire.openalex.access import access_of
from listgen.acquire.openalex.api import USD_PER_CREDIT
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Workspace


def condition(workspace: Workspace, source: Source) -> Condition:
    """Return whether a source can be asked from here."""
    access = access_of(source)
    if access.mirror is not None:
        folder = (workspace.root / access.mirror).resolve()
        found = t("mirror {folder}; no key, no charge", folder=folder)
        if folder.is_dir():
            return Condition(False, found)
        mend = t("Put the mirror there, or correct {key} in config/sources.", key="openalex.mirror")
        return Condition(True, t("mirror {folder} is missing", folder=folder), mend)
    if access.bucket_url is not None:
        return condition_of(access.bucket_url, [], t("no charge"), document="openalex")
    usd = access.daily_credits * USD_PER_CREDIT
    cost = t(
        "{credits:,} credits a day (list price ${usd:.2f}) are free", credits=access.daily_credits, usd=usd
    )
    without = t("a tenth of the daily credits")
    return condition_of(access.url, [access.secret], cost, document="openalex", without=without)
