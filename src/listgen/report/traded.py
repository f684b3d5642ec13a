"""What a card says of the goods that stand for a technology.

Where the focal country buys them, and what it sells of them.

Reads: core.technology_hs, core.import_origin, core.export_position, core.country
Writes: nothing
"""

from __future__ import annotations

from collections import defaultdict
from typing import TypedDict, cast

from listgen.config.loader import Config
from listgen.report.figures import figure
from listgen.store.warehouse import Warehouse

LEADERS = 3


class Origin(TypedDict):
    """One row of `_ORIGINS`: what the focal country buys of a good from one country."""

    technology_id: str
    hs_code: str
    source_id: str
    period_year: int
    country_code: str
    is_mirror: bool
    trade_value_usd: float
    import_total_usd: float
    is_like_minded: bool | None


class Export(TypedDict):
    """One row of `_EXPORTS`: the focal country's share of world exports of a good."""

    technology_id: str
    hs_code: str
    source_id: str
    period_year: int
    is_mirror: bool
    value: float | None


class Leader(TypedDict):
    """A country of origin and its share."""

    country_code: str
    value: float | None


class Goods(TypedDict):
    """One good of a technology as cards and workbook show it; shares from 0 to 1."""

    hs_code: str
    source_id: str
    year: int
    n: int
    leaders: list[Leader]
    hhi: float | None
    exposed: float | None
    asymmetry: float | None
    export_share: float | None
    export_share_mirror: float | None


_ORIGINS = """
SELECT l.technology_id, l.hs_code, o.source_id, o.period_year, o.exporter_country_code AS country_code,
  o.is_mirror, o.trade_value_usd,
  o.import_total_usd, c.is_like_minded
FROM core.technology_hs AS l
JOIN core.import_origin AS o USING (hs_code)
JOIN core.country AS c ON c.country_code = o.exporter_country_code
WHERE o.importer_country_code = $focal
ORDER BY l.technology_id, l.hs_code, o.trade_value_usd DESC, o.exporter_country_code
"""
_EXPORTS = """
SELECT l.technology_id, l.hs_code, e.source_id, e.period_year, e.is_mirror,
  e.trade_value_usd / e.world_total_usd AS value
FROM core.technology_hs AS l JOIN core.export_position AS e USING (hs_code)
WHERE e.country_code = $focal
ORDER BY l.technology_id, l.hs_code, e.is_mirror
"""


def read_trade(warehouse: Warehouse, config: Config) -> dict[str, list[Goods]]:
    """Return for each technology its HS codes.

    Origins, concentration, how far the two sides differ, and the share of world exports.
    """
    focal = {"focal": config.settings.focal_country}
    origins: dict[tuple[str, str], list[Origin]] = defaultdict(list)
    exports: dict[tuple[str, str], list[Export]] = defaultdict(list)
    for origin in cast(list[Origin], warehouse.frame(_ORIGINS, focal).to_dicts()):
        origins[origin["technology_id"], origin["hs_code"]].append(origin)
    for export in cast(list[Export], warehouse.frame(_EXPORTS, focal).to_dicts()):
        exports[export["technology_id"], export["hs_code"]].append(export)
    found: dict[str, list[Goods]] = defaultdict(list)
    for key in sorted({*origins, *exports}):
        found[key[0]].append(_goods(key[1], origins.get(key, []), exports.get(key, [])))
    return dict(found)


def _goods(hs_code: str, origins: list[Origin], exports: list[Export]) -> Goods:
    told = [row for row in origins if not row["is_mirror"]]
    shares = [row["trade_value_usd"] / row["import_total_usd"] for row in told]
    exposed = [share for row, share in zip(told, shares, strict=True) if row["is_like_minded"] is False]
    is_grouped = any(row["is_like_minded"] is not None for row in told)
    first: Origin | Export = origins[0] if origins else exports[0]
    sides = {row["is_mirror"]: figure(row["value"]) for row in exports}
    leaders = zip(told[:LEADERS], shares, strict=False)
    return {
        "hs_code": hs_code,
        "source_id": first["source_id"],
        "year": first["period_year"],
        "n": len(told),
        "leaders": [{"country_code": row["country_code"], "value": figure(share)} for row, share in leaders],
        "hhi": figure(sum(share * share for share in shares)) if told else None,
        "exposed": figure(sum(exposed)) if is_grouped else None,
        "asymmetry": _asymmetry(origins),
        "export_share": sides.get(False),
        "export_share_mirror": sides.get(True),
    }


def _asymmetry(origins: list[Origin]) -> float | None:
    """Return how far what the importer tells and what the origins tell lie apart.

    0 the same, 1 nothing in common; None for one side.
    """
    sides: dict[bool, dict[str, float]] = {False: {}, True: {}}
    for row in origins:
        sides[row["is_mirror"]][row["country_code"]] = row["trade_value_usd"]
    told, mirror = sides[False], sides[True]
    if not told or not mirror:
        return None
    apart = sum(abs(told.get(code, 0.0) - mirror.get(code, 0.0)) for code in sorted(told | mirror))
    return figure(apart / (sum(told.values()) + sum(mirror.values())))
