"""The trade of the sample world, as UN Comtrade answers.

Every flow told by importer and exporter, the newest year half reported.

Reads: the world.
Writes: comtrade/<view>-<year>.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from listgen.sample.draw import open_stream
from listgen.sample.profiles import CODES, FOCAL, INVENTION, Shares
from listgen.sample.world import World

# The provider's numbers of the sample's countries, in the order of CODES.
_NUMBERS = dict(
    zip(CODES, (392, 842, 156, 410, 276, 826, 251, 528, 490, 699, 380, 124, 36, 757, 752), strict=True)
)
_WORLD, _ELSEWHERE = 0, 899  # all partners; areas that are no country
_TOTAL, _TOTAL_USD = "TOTAL", 900_000_000_000
_YEARS = 3
# They report late, so that the newest year cannot be used yet.
_LATE = ("CN", "DE")
# Goods of the sampled technologies: dollars a year, and what each exporter holds of them (per mille).
_GOODS: Mapping[str, tuple[int, Shares]] = {
    "280410": (900_000_000, {"DE": 260, "US": 180, "CN": 150}),
    "281410": (8_200_000_000, {"DE": 240, "CA": 160, "US": 150}),
    "280461": (5_100_000_000, {"JP": 420, "DE": 210, "US": 160, "KR": 90}),
    "370790": (6_300_000_000, {"JP": 520, "US": 170, "KR": 90, "NL": 60}),
    "381800": (14_800_000_000, {"JP": 480, "TW": 140, "DE": 120, "KR": 90, "US": 70}),
    "681511": (3_900_000_000, {"JP": 400, "US": 190, "CN": 120}),
    "681512": (1_700_000_000, {"JP": 260, "US": 230, "CN": 160}),
    "840110": (600_000_000, {"FR": 320, "US": 300, "KR": 180}),
    "840140": (900_000_000, {"US": 330, "FR": 240, "JP": 120}),
    "847150": (88_000_000_000, {"CN": 420, "TW": 240, "US": 140}),
    "847950": (8_600_000_000, {"JP": 380, "DE": 190, "CN": 130}),
    "848510": (1_400_000_000, {"DE": 380, "US": 200, "CN": 130, "JP": 60}),
    "848520": (2_100_000_000, {"CN": 420, "US": 180, "DE": 120}),
    "850511": (6_900_000_000, {"CN": 620, "JP": 170, "DE": 80}),
    "850519": (1_200_000_000, {"CN": 540, "JP": 120}),
    "850760": (92_000_000_000, {"CN": 560, "KR": 160, "JP": 60}),
    "851761": (18_000_000_000, {"CN": 300, "SE": 180, "US": 130}),
    "851762": (120_000_000_000, {"CN": 400, "TW": 130, "US": 120}),
    "854121": (6_200_000_000, {"CN": 230, "JP": 180, "TW": 120}),
    "854129": (19_000_000_000, {"JP": 230, "DE": 210, "CN": 180}),
    "854231": (290_000_000_000, {"TW": 330, "US": 170, "KR": 120}),
    "854239": (240_000_000_000, {"TW": 380, "KR": 140, "US": 100}),
    "854470": (9_800_000_000, {"CN": 340, "US": 140, "JP": 90}),
    "880260": (3_300_000_000, {"US": 390, "FR": 260, "IT": 100}),
    "890690": (4_400_000_000, {"CN": 300, "KR": 180, "NL": 110}),
    "900110": (4_900_000_000, {"JP": 300, "US": 260, "CN": 160}),
}
# The focal country buys these almost wholly from one other (per mille of its imports).
PLANTED_IMPORTS: Mapping[str, tuple[str, int]] = {"280410": ("DE", 940), "281410": ("DE", 940)}
_GROWTH = 30  # per mille of the first year, each year
_VIEWS = ("imports", "exports_to", "exports", "imports_from", "world_imports")


def write_trade(world: World, folder: Path) -> list[Path]:
    """Write one answer for each side of trade and year, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    last = world.size.as_of.year - 1
    sent = {code: _sent(world, code) for code in (_TOTAL, *_GOODS)}
    told = {flow: _told_factors(world, flow) for flow in "MX"}
    paths = []
    for view in _VIEWS:
        for offset in range(_YEARS):
            year = last - _YEARS + 1 + offset
            silent = _LATE if year == last else ()
            rows = [row for code in sent for row in _rows(view, year, code, sent[code], told, offset, silent)]
            document = {"elapsedTime": "0.1 secs", "count": len(rows), "data": rows, "error": ""}
            path = folder / f"{view}-{year}.json"
            path.write_text(
                json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8", newline="\n"
            )
            paths.append(path)
    return paths


def _sent(world: World, code: str) -> dict[tuple[str, str], float]:
    """Return the dollars of every flow of a code in the first year, by exporter and importer."""
    total, named = _GOODS.get(code, (_TOTAL_USD, INVENTION))
    exporters, importers = _weights(named), _weights(INVENTION)
    noise = open_stream(world.seed, "trade", code).random((len(CODES), len(CODES)))
    flows = {
        (exporter, importer): total
        * exporters[exporter]
        * importers[importer]
        * (0.9 + 0.2 * float(noise[i, j]))
        / 1_000_000
        for i, exporter in enumerate(CODES)
        for j, importer in enumerate(CODES)
        if exporter != importer
    }
    if code in PLANTED_IMPORTS:
        source, share = PLANTED_IMPORTS[code]
        rest = sum(
            usd for (exporter, importer), usd in flows.items() if importer == FOCAL and exporter != source
        )
        flows[source, FOCAL] = rest * share / (1000 - share)
    return flows


def _weights(named: Shares) -> dict[str, float]:
    """Return a weight for every country in per mille: those named, the rest by their base."""
    rest = max(0, 1000 - sum(named.values()))
    others = sum(INVENTION[code] for code in CODES if code not in named)
    return {code: float(named[code]) if code in named else rest * INVENTION[code] / others for code in CODES}


def _told_factors(world: World, flow: str) -> dict[tuple[str, str], float]:
    """Return what a side makes of a flow: importers add freight and insurance, exporters miss a little."""
    noise = open_stream(world.seed, "trade told", flow).random((len(CODES), len(CODES)))
    low, span = (1.02, 0.08) if flow == "M" else (0.95, 0.05)
    return {
        (CODES[i], CODES[j]): low + span * float(noise[i, j])
        for i in range(len(CODES))
        for j in range(len(CODES))
    }


def _rows(
    view: str,
    year: int,
    code: str,
    sent: Mapping[tuple[str, str], float],
    told: Mapping[str, Mapping[tuple[str, str], float]],
    offset: int,
    silent: tuple[str, ...],
) -> Iterator[dict[str, object]]:
    """Give the rows of one view.

    What a reporter says of its partners, of the focal country, or of the world.
    """
    flow = "X" if view.startswith("exports") else "M"
    for reporter in (FOCAL,) if view == "imports" else CODES:
        if reporter in silent:
            continue
        pairs = {p: (p, reporter) if flow == "M" else (reporter, p) for p in CODES if p != reporter}
        usd = {
            p: round(sent[pair] * told[flow][pair] * (1000 + _GROWTH * offset) / 1000)
            for p, pair in pairs.items()
        }
        named = sum(usd.values())
        if view in ("exports_to", "imports_from"):
            wanted = {_NUMBERS[FOCAL]: usd[FOCAL]} if reporter != FOCAL else {}
        elif view == "imports":
            wanted = {
                _WORLD: round(named * 1.01),
                **{_NUMBERS[p]: value for p, value in usd.items()},
                _ELSEWHERE: round(named * 0.01),
            }
        else:
            wanted = {_WORLD: round(named * 1.01)}
        for partner, value in wanted.items():
            if value:
                yield _row(flow, year, code, _NUMBERS[reporter], partner, value)


def _row(flow: str, year: int, code: str, reporter: int, partner: int, usd: int) -> dict[str, object]:
    return {
        **{
            "typeCode": "C",
            "freqCode": "A",
            "refPeriodId": year * 10_000 + 101,
            "refYear": year,
            "refMonth": 52,
            "period": str(year),
        },
        **{
            "reporterCode": reporter,
            "flowCode": flow,
            "partnerCode": partner,
            "partner2Code": 0,
            "classificationCode": "H6",
        },
        **{
            "classificationSearchCode": "HS",
            "isOriginalClassification": True,
            "cmdCode": code,
            "customsCode": "C00",
            "motCode": 0,
        },
        **{
            "qtyUnitCode": -1,
            "qty": 0,
            "netWgt": usd // 40,
            "isNetWgtEstimated": False,
            "cifvalue": usd if flow == "M" else None,
        },
        **{
            "fobvalue": usd if flow == "X" else None,
            "primaryValue": usd,
            "isReported": False,
            "isAggregate": True,
        },
    }
