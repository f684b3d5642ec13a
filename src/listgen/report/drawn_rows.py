"""What the cards draw, as rows for the workbook: shares by year, who builds on whom, supply, trade.

One figure a row.

Reads: nothing itself; it is given the evidence
Writes: nothing
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from listgen.config.loader import Config
from listgen.outputs.candidates import Candidates
from listgen.report.document import Row
from listgen.report.evidence import COUNT, Evidence
from listgen.report.texts import pair
from listgen.report.traded import Goods

COLUMNS = (
    *("technology_id", "name_en", "name_ja", "drawn_en", "drawn_ja", "basis", "country", "partner", "year"),
    *("value", "value_lo", "value_hi", "n", "source"),
)


def drawn_rows(evidence: Evidence, document: Candidates, config: Config) -> list[list[Any]]:
    """Return every figure the cards draw beside the indicators; a share nobody can say stays empty."""
    focal, rows = config.settings.focal_country, []
    for entry in document.entries:
        about = [entry.technology_id, entry.name["en"], entry.name["ja"]]
        mine = entry.technology_id
        parts = (
            *_trends(evidence.trends.get(mine, []), focal),
            *_flows(evidence.flows.get(mine, []), focal),
            *_supply(evidence.supply.get(mine, [])),
            *_trade(evidence.trade.get(mine, []), focal),
        )
        for kind, basis, country, partner, year, share, source in parts:
            words = pair(f"drawn.{kind}")
            figures = [share.get(name) for name in ("value", "lo", "hi", "n")]
            source_ids = source or "; ".join(
                evidence.measured_from.get((mine, basis, COUNT if basis == "statistics" else ""), [])
            )
            rows.append(
                [*about, words["en"], words["ja"], basis, country, partner, year, *figures, source_ids]
            )
    return rows


Part = tuple[str, str, str, str | None, int | None, Row, str | None]


def _trends(trends: list[Row], focal: str) -> Iterator[Part]:
    for trend in trends:
        for country, points in ((focal, trend["points"]), (trend["other"], trend["other_points"])):
            for point in points:
                yield "year", trend["basis"], country, None, point["year"], point, None


def _flows(flows: list[Row], focal: str) -> Iterator[Part]:
    for flow in flows:
        for one in [*([flow["own"]] if flow["own"] else []), *flow["row"]]:
            yield "cites", flow["basis"], focal, one["country_code"], None, one, None
        for one in flow["column"]:
            yield "cites", flow["basis"], one["country_code"], focal, None, one, None


def _supply(rows: list[Row]) -> Iterator[Part]:
    for row in rows:
        for leader in row["leaders"]:
            share = {"value": leader["value"], "n": row["n"]}
            yield (
                "supply",
                "supply",
                leader["country_code"],
                f"{row['commodity_id']} {row['stage_id']}",
                row["year"],
                share,
                row["source_id"],
            )
        concentration = {"value": row["hhi"], "n": row["n"]}
        yield (
            "hhi",
            "supply",
            "WORLD",
            f"{row['commodity_id']} {row['stage_id']}",
            row["year"],
            concentration,
            row["source_id"],
        )


def _trade(rows: list[Goods], focal: str) -> Iterator[Part]:
    for row in rows:
        place, rest = row["hs_code"], (row["year"], row["source_id"])
        for leader in row["leaders"]:
            yield (
                "origin",
                "trade",
                leader["country_code"],
                place,
                rest[0],
                {"value": leader["value"], "n": row["n"]},
                rest[1],
            )
        for kind, value in (("import_hhi", row["hhi"]), ("asymmetry", row["asymmetry"])):
            if value is not None:
                yield kind, "trade", focal, place, rest[0], {"value": value, "n": row["n"]}, rest[1]
        if row["export_share"] is not None:
            share, mirror = row["export_share"], row["export_share_mirror"]
            ends = {} if mirror is None else {"lo": min(share, mirror), "hi": max(share, mirror)}
            yield "exports", "trade", focal, place, rest[0], {"value": share, **ends}, rest[1]
