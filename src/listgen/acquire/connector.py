"""What every provider offers the rest of the program, and how the providers are found.

A provider is a folder of this package. Its `__init__.py` exports one `CONNECTOR`; nothing else names the
provider. What a connector does is imported when it is done, so reading a configuration loads no HTTP client.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from listgen.acquire.key import read_key
from listgen.base.errors import UsageError
from listgen.base.text import t
from listgen.config.access import Access
from listgen.config.models import Source
from listgen.config.workspace import Config, Workspace
from listgen.store.raw import Snapshot
from listgen.store.sqlfile import SqlFile

if TYPE_CHECKING:
    from listgen.acquire.order import Order

SomeAccess = TypeVar("SomeAccess", bound=Access)
Complaint = tuple[tuple[int | str, ...], str]


class Measure(Protocol):
    """What a plan needs to know of an indicator: its id, the evidence it rests on, and its SQL."""

    @property
    def id(self) -> str:
        """Return its id."""
        ...

    @property
    def basis(self) -> str:
        """Return the kind of evidence."""
        ...

    @property
    def file(self) -> SqlFile:
        """Return its SQL."""
        ...


@dataclass(frozen=True)
class Condition:
    """Whether a provider can be asked from here: what was found, and what to do when it cannot."""

    is_bad: bool
    found: str
    mend: str = ""


class Connector(ABC):
    """One provider.

    `access_model` is the shape of its block in `config/sources/<id>.yaml`, under the name of its folder.
    """

    access_model: type[Access]

    def crosscheck(self, source: Source, config: Config) -> Iterator[Complaint]:
        """Yield place inside the block and message of what does not fit the rest of the configuration."""
        yield from ()

    @abstractmethod
    def condition(self, workspace: Workspace, source: Source) -> Condition:
        """Return whether a source can be asked from here: host, key, cost; nothing is asked."""

    @abstractmethod
    def plan(self, workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]:
        """Return what acquiring a source now would cost.

        Args:
            workspace: Where.
            source: The source.
            measures: The indicators, to say which of them the answers can carry.

        Returns:
            What `plan_lines` shows. Of the keys `files`, `calls`, `credits`, `usd`, `bytes` and `seconds`,
            those left out are 0.
        """

    @abstractmethod
    def plan_lines(self, row: dict[str, Any]) -> list[str]:
        """Return what a person reads of a plan.

        Args:
            row: What `plan` returned, with `source_id`, `grade` and `held`.
        """

    @abstractmethod
    def fresh_snapshot(self, workspace: Workspace, source: Source) -> Snapshot | None:
        """Return the newest snapshot if it still answers what is declared.

        None when the provider has to be asked.
        """

    @abstractmethod
    def acquire(self, workspace: Workspace, source: Source, order: Order) -> Snapshot:
        """Fetch what a source asks for and return its newest snapshot."""


class _PlanModule(Protocol):
    """`plan.py` in the folder of a provider."""

    def plan(self, workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]: ...

    def lines(self, row: dict[str, Any]) -> list[str]: ...


class _AcquisitionModule(Protocol):
    """`acquisition.py` in the folder of a provider."""

    def fresh_snapshot(self, workspace: Workspace, source: Source) -> Snapshot | None: ...

    def acquire(self, workspace: Workspace, source: Source, order: Order) -> Snapshot: ...


class FolderConnector(Connector):
    """One provider with its steps in modules of its folder.

    `plan.py` has `plan` and `lines`, `acquisition.py` has `fresh_snapshot` and `acquire`.
    tests/test_connectors.py compares their signatures with those of `Connector`.
    """

    def plan(self, workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]:
        """Return what `plan.plan` says."""
        return self._plan.plan(workspace, source, measures)

    def plan_lines(self, row: dict[str, Any]) -> list[str]:
        """Return what `plan.lines` says."""
        return self._plan.lines(row)

    def fresh_snapshot(self, workspace: Workspace, source: Source) -> Snapshot | None:
        """Return what `acquisition.fresh_snapshot` finds."""
        return self._acquisition.fresh_snapshot(workspace, source)

    def acquire(self, workspace: Workspace, source: Source, order: Order) -> Snapshot:
        """Return what `acquisition.acquire` fetches."""
        return self._acquisition.acquire(workspace, source, order)

    @property
    def _plan(self) -> _PlanModule:
        return cast("_PlanModule", import_module(f"{type(self).__module__}.plan"))

    @property
    def _acquisition(self) -> _AcquisitionModule:
        return cast("_AcquisitionModule", import_module(f"{type(self).__module__}.acquisition"))


@cache
def connectors() -> Mapping[str, Connector]:
    """Return every provider's connector by the name of its folder, which is also the key of its block."""
    here = str(Path(__file__).parent)
    names = [module.name for module in iter_modules([here]) if module.ispkg]
    return {name: import_module(f"listgen.acquire.{name}").CONNECTOR for name in names}


def block_of(source: Source, model: type[SomeAccess]) -> SomeAccess:
    """Return how a source is asked, as its provider's own block.

    Raises:
        UsageError: The source has no such block.
    """
    if not isinstance(source.asked, model):
        block = model.__module__.split(".")[-2]
        raise UsageError(
            t("config/sources/{source}.yaml has no `{block}:` block.", source=source.id, block=block)
        )
    return source.asked


def condition_of(
    url: str, variables: Sequence[str], cost: str, *, document: str, without: str = ""
) -> Condition:
    """Return whether a host can be asked with the keys of the environment; it is not asked.

    Args:
        url: The host.
        variables: The variables the key is made of.
        cost: What asking costs, for people.
        document: The page of docs/sources that says where to get a key.
        without: What is possible without a key; empty where a provider answers nobody without one.
    """
    host = urlsplit(url).netloc
    try:
        missing = [variable for variable in variables if not read_key(variable)]
    except UsageError as error:
        return Condition(True, error.what, error.next_step)
    names = ", ".join(missing or variables)
    state = t("{variables} set", variables=names) if variables else t("no key needed")
    if missing:
        state = t("{variables} not set", variables=names)
        state += f" ({without})" if without else ""
    found = t("host {host}; {state}; {cost}", host=host, state=state, cost=cost)
    mend = t(
        "See docs/sources/{document}.md, then: export {variable}=...",
        document=document,
        variable=names.split(", ")[0],
    )
    return Condition(bool(missing) and not without, found, mend)
