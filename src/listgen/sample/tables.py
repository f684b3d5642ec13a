"""The published tables of the sample world: statistics of families by field, and mineral production.

Both carry the habits of published tables: a title line, notes, footnote marks in names, missing cells, a
World row.

Reads: the world.
Writes: statistics/families_by_field.csv, supply/production.csv.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from listgen.sample.draw import open_stream
from listgen.sample.profiles import COUNTRIES, Shares
from listgen.sample.world import World

# Series of the statistics: world total of the first year and shares (per mille) of the first and the last
# year.
_FIELDS: Mapping[str, tuple[int, Shares, Shares]] = {
    "sample_semiconductor_families": (
        21800,
        {"JP": 290, "US": 135, "CN": 170, "KR": 200, "DE": 40, "TW": 75, "FR": 18, "GB": 9, "NL": 12},
        {"JP": 215, "US": 110, "CN": 340, "KR": 175, "DE": 26, "TW": 62, "FR": 12, "GB": 7, "NL": 11},
    ),
    "sample_computer_families": (
        48200,
        {"JP": 140, "US": 390, "CN": 180, "KR": 95, "DE": 45, "TW": 25, "FR": 22, "GB": 24, "IN": 18},
        {"JP": 95, "US": 300, "CN": 370, "KR": 85, "DE": 32, "TW": 17, "FR": 15, "GB": 18, "IN": 24},
    ),
    "sample_materials_families": (
        16900,
        {"JP": 280, "US": 200, "CN": 150, "KR": 80, "DE": 120, "FR": 45, "GB": 22, "CH": 20, "IT": 18},
        {"JP": 250, "US": 160, "CN": 270, "KR": 85, "DE": 95, "FR": 32, "GB": 16, "CH": 16, "IT": 14},
    ),
    "sample_energy_families": (
        14100,
        {"JP": 300, "US": 190, "CN": 140, "KR": 120, "DE": 110, "FR": 45, "GB": 20, "IT": 12, "CA": 14},
        {"JP": 245, "US": 140, "CN": 280, "KR": 150, "DE": 80, "FR": 30, "GB": 14, "IT": 9, "CA": 10},
    ),
    "sample_all_families": (
        262000,
        {
            "JP": 215,
            "US": 250,
            "CN": 150,
            "KR": 80,
            "DE": 105,
            "FR": 42,
            "GB": 32,
            "TW": 22,
            "NL": 20,
            "IT": 26,
            "CA": 16,
            "CH": 18,
        },
        {
            "JP": 170,
            "US": 215,
            "CN": 290,
            "KR": 82,
            "DE": 80,
            "FR": 30,
            "GB": 24,
            "TW": 18,
            "NL": 15,
            "IT": 19,
            "CA": 12,
            "CH": 14,
        },
    ),
}
_GROWTH = 45  # per mille of the first year, each year
_SMALL = 3  # per mille of a country not named
_INTENSITY = "sample_computer_top1"
# Share of a country's articles in the world's top 1 %, as a multiple of 1 % (in hundredths), first and last
# year.
_INTENSITIES = {
    "JP": (82, 74),
    "US": (188, 176),
    "CN": (96, 131),
    "KR": (88, 94),
    "DE": (121, 118),
    "GB": (150, 158),
    "FR": (104, 98),
}
_INTENSITIES |= {
    "NL": (146, 139),
    "TW": (70, 66),
    "IN": (52, 58),
    "IT": (108, 117),
    "CA": (142, 136),
    "AU": (128, 151),
    "CH": (196, 189),
}
_INTENSITIES |= {"SE": (118, 124)}
_EU = ("DE", "FR", "NL", "IT", "SE")
_N_YEARS = 10
_TITLE = (
    "Table S-1. Synthetic sample: international patent families and highly cited articles, by field and"
    " region, country, or economy"
)
_NOTES = (
    "na = not available.",
    (
        "Note(s): Synthetic sample, not evidence. Families by inventor country, fractional counting."
        " EU-27<sup>b</sup> sums the members shown."
    ),
    "Source(s): listgen sample world.",
)

# Production: commodity and stage, unit, world quantity of the first year, shares (per mille) by country as
# printed.
_SUPPLY: Mapping[tuple[str, str], tuple[str, float, Mapping[str, int]]] = {
    ("rare_earths", "mine"): (
        "t REO",
        132000,
        {"China": 720, "United States": 110, "Australia": 70, "Myanmar": 60, "Vietnam": 10},
    ),
    ("rare_earths", "refined"): ("t REO", 118000, {"China": 880, "Malaysia": 80, "France": 10, "Japan": 10}),
    ("gallium", "refined"): (
        "kg",
        320000,
        {"China": 760, "Japan": 130, "Korea, South": 40, "Russia": 30, "Germany": 20},
    ),
    ("germanium", "refined"): (
        "kg",
        128000,
        {"China": 700, "Japan": 80, "Canada": 70, "Belgium": 60, "Germany": 40, "United States": 30},
    ),
    ("tungsten", "mine"): (
        "t",
        82000,
        {"China": 810, "Vietnam": 60, "Russia": 30, "Korea, South": 25, "Portugal": 10},
    ),
    ("cobalt", "mine"): (
        "t",
        126000,
        {"Congo (Kinshasa)": 700, "Indonesia": 70, "Russia": 45, "Australia": 40, "Canada": 30},
    ),
    ("cobalt", "refined"): (
        "t",
        104000,
        {"China": 740, "Finland": 90, "Japan": 40, "Canada": 40, "Norway": 25},
    ),
    ("lithium", "mine"): ("t", 36000, {"Australia": 470, "Chile": 290, "China": 160, "Argentina": 50}),
    ("lithium", "refined"): ("t LCE", 190000, {"China": 640, "Chile": 220, "Argentina": 80, "Japan": 15}),
    ("graphite", "mine"): ("t", 1010000, {"China": 760, "Mozambique": 100, "Brazil": 60, "Madagascar": 40}),
    ("graphite", "refined"): ("t", 640000, {"China": 900, "Japan": 50, "Korea, South": 30}),
    ("nickel", "mine"): (
        "t",
        2450000,
        {"Indonesia": 480, "Philippines": 120, "Russia": 80, "Canada": 60, "Australia": 60},
    ),
    ("nickel", "refined"): (
        "t",
        2020000,
        {"Indonesia": 580, "China": 260, "Russia": 50, "Japan": 40, "Canada": 30},
    ),
    ("platinum", "mine"): ("kg", 186000, {"South Africa": 820, "Russia": 80, "Zimbabwe": 60, "Canada": 20}),
}


def write_statistics(world: World, path: Path) -> Path:
    """Write the table of families by field, wide by year, and return its path."""
    years = [int(world.years[0]) - 1 + number for number in range(_N_YEARS)]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        stream.write(f'"{_TITLE}: {years[0]}–{years[-1] % 100}"\r\n')
        writer = csv.writer(stream, quoting=csv.QUOTE_MINIMAL)
        writer.writerow(["Series", "Region, country, or economy", "Unit", *map(str, years)])
        for series in _FIELDS:
            writer.writerows(_field_rows(world, series))
        writer.writerows(_intensity_rows())
        for note in _NOTES:
            writer.writerow([note])
    return path


def _field_rows(world: World, series: str) -> list[list[str]]:
    """Return the rows of one series: World, regions, countries.

    A part of the small countries' first years is missing.
    """
    total, first, last = _FIELDS[series]
    rng = open_stream(world.seed, "statistics", series)
    world_row = [round(total * (1 + _GROWTH * year / 1000)) for year in range(_N_YEARS)]
    counts: dict[str, list[int]] = {}
    for country in COUNTRIES:
        begin, end = first.get(country.code, _SMALL), last.get(country.code, _SMALL)
        shares = [(begin * (_N_YEARS - 1 - year) + end * year) / (_N_YEARS - 1) for year in range(_N_YEARS)]
        noise = (0.98 + 0.03 * rng.random(_N_YEARS)).tolist()
        counts[country.code] = [
            round(world_row[year] * shares[year] * noise[year] / 1000) for year in range(_N_YEARS)
        ]
    rows = [[series, "World", "families", *map(str, world_row)]]
    union = [sum(counts[code][year] for code in _EU) for year in range(_N_YEARS)]
    rows.append([series, "EU-27<sup>b</sup>", "families", *map(str, union)])
    for country in COUNTRIES:
        is_missing = country.code not in first and series != "sample_all_families"
        cells = [
            "na" if is_missing and year < 2 else str(count) for year, count in enumerate(counts[country.code])
        ]
        rows.append([series, country.table_name, "families", *cells])
    return rows


def _intensity_rows() -> list[list[str]]:
    rows = [[_INTENSITY, "World", "index", *["1.00"] * _N_YEARS]]
    for country in COUNTRIES:
        begin, end = _INTENSITIES[country.code]
        hundredths = [
            (begin * (_N_YEARS - 1 - year) + end * year) // (_N_YEARS - 1) for year in range(_N_YEARS)
        ]
        cells = [f"{value // 100}.{value % 100:02d}" for value in hundredths]
        rows.append(
            [
                _INTENSITY,
                country.table_name,
                "index",
                *(["na"] * 2 + cells[2:] if country.code == "SE" else cells),
            ]
        )
    return rows


def write_supply(world: World, path: Path) -> Path:
    """Write the table of production, long, and return its path.

    The World row also holds countries not shown.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["commodity", "stage", "country", "year", "quantity", "unit"])
        for (commodity, stage), (unit, quantity, shares) in _SUPPLY.items():
            rng = open_stream(world.seed, "supply", commodity, stage)
            for offset, year in enumerate(world.years.tolist()):
                total = round(quantity * (1 + 0.03 * offset))
                writer.writerow([commodity, stage, "World", year, total, unit])
                for country, share in shares.items():
                    noise = 0.97 + 0.04 * float(rng.random())
                    writer.writerow(
                        [
                            commodity,
                            stage,
                            country,
                            year,
                            min(round(total * share * noise / 1000), total),
                            unit,
                        ]
                    )
    return path
