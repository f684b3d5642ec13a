"""Rows behind the drawings of a card, for the report's test world.

Citations between countries and items by year.
"""

from __future__ import annotations

from listgen.store.warehouse import Warehouse

# Citations from the first country to the second, in one technology; Japan's row sums to 100, Korea's to 200,
# Germany's to 20.
FLOWS = (
    ("JP", "JP", 50, 70),
    ("JP", "US", 40, 60),
    ("JP", "CN", 10, 20),
    ("KR", "JP", 60, 80),
    ("KR", "US", 140, 150),
    ("DE", "JP", 10, 12),
    ("DE", "US", 10, 12),
)


def draw_flows(warehouse: Warehouse, technology_id: str, basis: str = "works") -> None:
    """Write who cites whom in a technology."""
    for citing, cited, flow, n in FLOWS:
        row = {"t": technology_id, "b": basis, "citing": citing, "cited": cited, "flow": flow, "n": n}
        warehouse.execute("INSERT INTO core.citation_flow VALUES ($t, $b, $citing, $cited, $flow, $n)", row)


def draw_works(warehouse: Warehouse, technology_id: str) -> None:
    """Write forty works a year, a quarter Japan's in 2020 and 2021 and half of them in 2022.

    Only ten works in 2019; 2024 is not complete.
    """
    number = 1_000_000
    for year, n_works, n_own in (
        (2019, 10, 5),
        (2020, 40, 10),
        (2021, 40, 10),
        (2022, 40, 20),
        (2024, 40, 40),
    ):
        for index in range(n_works):
            number += 1
            row = {"t": technology_id, "w": number, "y": year}
            warehouse.execute("INSERT INTO core.technology_work VALUES ($t, $w, $y, true, 0)", row)
            own = {"w": number, "c": "JP" if index < n_own else "US" if index % 4 else "CN"}
            warehouse.execute("INSERT INTO core.work_country VALUES ($w, $c, 1)", own)
