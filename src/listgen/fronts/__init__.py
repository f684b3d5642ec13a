"""Fronts and clusters: which technologies no other one dominates, and which have similar axis scores.

Reads: core.technology, score.technology, score.draw
Writes: cluster.front, cluster.member, cluster.label
"""

from __future__ import annotations

from pathlib import Path

from listgen.config.loader import Config
from listgen.fronts.cluster import write_clusters
from listgen.fronts.pareto import write_fronts
from listgen.store.sqlfile import load_sql_file
from listgen.store.warehouse import Warehouse


def run(warehouse: Warehouse, config: Config) -> None:
    """Fill the tables of fronts and clusters of a build."""
    warehouse.run_sql("cluster", load_sql_file(Path(__file__).with_name("tables.sql")))
    write_fronts(warehouse)
    write_clusters(warehouse, config)
