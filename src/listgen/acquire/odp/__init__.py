"""The USPTO Open Data Portal: bulk tables, one edition at a time, within a yearly allowance of downloads."""

from __future__ import annotations

from listgen.acquire.connector import Condition, FolderConnector, condition_of
from listgen.acquire.odp.access import OdpAccess, access_of
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Workspace

__all__ = ["CONNECTOR"]


class _OpenDataPortal(FolderConnector):
    """Large files, each of which one key may have some twenty times a year."""

    access_model = OdpAccess

    def condition(self, workspace: Workspace, source: Source) -> Condition:
        """Return whether a source can be asked from here."""
        access = access_of(source)
        cost = t("{limit} downloads of each file a year, no charge", limit=access.yearly_downloads)
        return condition_of(access.url, [access.secret], cost, document="patentsview")


CONNECTOR = _OpenDataPortal()
