"""What an indicator is.

Its SQL file with the head that says what it means, and the bars its evidence must reach.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen.base.errors import ConfigError
from listgen.config.scoring import Gates
from listgen.config.yamlfile import plain
from listgen.indicators.header import header_problems
from listgen.indicators.status import Bars
from listgen.store.sqlfile import SqlFile, load_sql_dir

FOLDER = Path(__file__).parent
COVERAGE_TABLE = "core.reference_coverage"


@dataclass(frozen=True, eq=False)
class Indicator:
    """One indicator: a SQL file, or one variant of it with parameters of its own."""

    id: str
    basis: str
    file: SqlFile
    header: dict[str, Any]
    params: dict[str, Any]

    def bars(self, gates: Gates) -> Bars:
        """Return what the evidence must reach.

        Numbers of the header, or the gates of scoring.yaml it names.
        """
        stated = {key: self.header[key] for key in ("min_n", "min_national")}
        numbers = {
            key: int(getattr(gates, bar) if isinstance(bar, str) else bar) for key, bar in stated.items()
        }
        if COVERAGE_TABLE in self.file.inputs:
            return Bars(
                **numbers, min_coverage=gates.min_reference_coverage, min_references=gates.min_references
            )
        return Bars(**numbers)


def load_indicators(folder: Path = FOLDER, caveats: Collection[str] | None = None) -> list[Indicator]:
    """Return every indicator of a folder in the order of its id.

    Args:
        folder: Where the files are.
        caveats: The keys a head may name; not checked without them.

    Raises:
        ConfigError: A file's head is defective; all of them are told.
    """
    found, files = [], load_sql_dir(folder)
    if problems := [problem for file in files.values() for problem in header_problems(file, caveats)]:
        raise ConfigError(problems)
    for file in files.values():
        header = plain(file.header)
        for suffix, given in (header.get("variants") or {"": {}}).items():
            params = (header.get("params") or {}) | given
            found.append(
                Indicator(file.id + suffix, str(given.get("basis", header["basis"])), file, header, params)
            )
    return sorted(found, key=lambda indicator: indicator.id)


def describe(indicator: Indicator, bars: Bars) -> dict[str, Any]:
    """Return the row of ind.definition."""
    header, suffix = indicator.header, indicator.id.removeprefix(indicator.file.id)
    variant = (header.get("variant_names") or {}).get(suffix)
    return {
        "indicator_id": indicator.id,
        "name_en": header["name"]["en"] + (f" ({variant['en']})" if variant else ""),
        "name_ja": header["name"]["ja"] + (f"（{variant['ja']}）" if variant else ""),
        "definition_en": header["definition"]["en"],
        "definition_ja": header["definition"]["ja"],
        "unit": header["unit"],
        "basis": indicator.basis,
        "counting": header["counting"],
        "interval_method": header["interval"],
        "min_n": bars.min_n,
        "min_national": bars.min_national,
        "caveats": header["caveats"],
        "references": header["references"],
    }
