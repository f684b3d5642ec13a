"""The EPO's Open Patent Services.

The family, or the bibliographic data, of one publication after the other.
"""

from __future__ import annotations

from listgen.acquire.connector import Condition, FolderConnector, condition_of
from listgen.acquire.ops.access import OpsAccess, access_of
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Workspace

__all__ = ["CONNECTOR"]


class _OpenPatentServices(FolderConnector):
    """Look-ups within a weekly fair use of bytes."""

    access_model = OpsAccess

    def condition(self, workspace: Workspace, source: Source) -> Condition:
        """Return whether a source can be asked from here."""
        access = access_of(source)
        cost = t("{bytes:,} bytes a week, no charge", bytes=access.weekly_bytes)
        return condition_of(access.url, [access.key, access.secret], cost, document="epo_ops")


CONNECTOR = _OpenPatentServices()
