"""The build's outputs for people and machines.

The list as JSON, CSV, Excel and Parquet, the checks, and the report page.

Reads: core.*, ind.*, score.*, cluster.*, list.*, prov.check, prov.quarantine Writes: candidates.json,
candidates.csv, candidates.xlsx, candidates.parquet, checks.json and the pages of report/ in the build's
folder
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from listgen.base.files import write_atomically
from listgen.config.loader import Config
from listgen.outputs.candidates import Candidates
from listgen.report.checks import build_checks
from listgen.report.document import Row, build_document
from listgen.report.evidence import read_evidence
from listgen.report.exports import csv_bytes, parquet_bytes
from listgen.report.page import Subject, render_pages
from listgen.report.workbook import workbook_bytes
from listgen.store.warehouse import Warehouse


def run(
    warehouse: Warehouse,
    config: Config,
    out_dir: Path,
    *,
    run_id: str,
    compare: Callable[[Candidates], Row] | None = None,
) -> None:
    """Write every output of a build; the same tables give the same bytes.

    Args:
        warehouse: A build whose candidates are decided and checked.
        config: The configuration of that build.
        out_dir: The build's folder.
        run_id: The build's identity.
        compare: What compares the list with that of the build before; None for a first build.
    """
    document = build_document(warehouse, config, run_id)
    subject = Subject(
        document,
        read_evidence(warehouse, config),
        build_checks(warehouse, run_id),
        config,
        compare(document) if compare else None,
    )
    outputs = {
        "candidates.json": document.as_bytes(),
        "candidates.csv": csv_bytes(document),
        "candidates.parquet": parquet_bytes(document),
        "candidates.xlsx": workbook_bytes(subject.document, subject.evidence, subject.checks, config),
        "checks.json": subject.checks.as_bytes(),
    } | render_pages(subject)
    for name, content in outputs.items():
        write_atomically(out_dir / name, content)


def write_checks(warehouse: Warehouse, out_dir: Path, *, run_id: str | None = None) -> None:
    """Write `checks.json` alone, for a build that stopped at a gate."""
    write_atomically(out_dir / "checks.json", build_checks(warehouse, run_id).as_bytes())
