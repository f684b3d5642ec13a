"""OpenAlex: works and the works they cite, counts by country, or the provider's own files."""

from __future__ import annotations

from listgen.acquire.connector import Condition, FolderConnector
from listgen.acquire.openalex.access import OpenAlexAccess
from listgen.config.models import Source
from listgen.config.workspace import Workspace

__all__ = ["CONNECTOR"]


class _OpenAlex(FolderConnector):
    """The index of scholarly works, by its API, its object store or a mirror."""

    access_model = OpenAlexAccess

    def condition(self, workspace: Workspace, source: Source) -> Condition:
        """Return whether a source can be asked from here."""
        from listgen.acquire.openalex.condition import condition

        return condition(workspace, source)


CONNECTOR = _OpenAlex()
