"""What was checked and what was set aside, as one document: `checks.json`.

Reads: prov.check, prov.quarantine, core.source
Writes: nothing; `run` and `write_checks` of the package write the file
"""

from __future__ import annotations

import json
from typing import Any

from listgen.base.setaside import set_aside_words
from listgen.report.document import Row, is_sample, records
from listgen.store.warehouse import Warehouse

SCHEMA_VERSION = 1
MAX_QUARANTINED_SHOWN = 1000
SEVERITIES = ("critical", "warning", "info")
FAILED, COULD_NOT_CHECK = "failed", "could_not_check"

_CHECKS = 'SELECT * FROM prov."check" ORDER BY gate, table_name, rule_id, rule_type, severity'
_COUNTS = (
    "SELECT source_id, file_name, field, reason, count(*) AS n, min(raw_line) AS first_line FROM prov.quarantine "
    "GROUP BY source_id, file_name, field, reason ORDER BY ALL"
)
_ROWS = "SELECT source_id, file_name, raw_digest, raw_line, field, reason, excerpt FROM prov.quarantine ORDER BY ALL LIMIT $limit"


def build_checks(warehouse: Warehouse, run_id: str | None = None) -> Row:
    """Return the content of `checks.json`; also works on a build that stopped at a gate.

    Args:
        warehouse: The build.
        run_id: Its identity; a build that stopped has none to give.
    """
    checks = [_check(row) for row in _read(warehouse, "prov.check", _CHECKS)]
    counts = [row | {"text": set_aside_words(row["reason"])} for row in _read(warehouse, "prov.quarantine", _COUNTS)]
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "is_sample": is_sample(warehouse) if warehouse.has_table("core.source") else None,
        "summary": summarise(checks) | {"n_quarantined": sum(row["n"] for row in counts)},
        "checks": checks,
        "quarantine_by_reason": counts,
        "quarantine": _read(warehouse, "prov.quarantine", _ROWS, {"limit": MAX_QUARANTINED_SHOWN}),
    }


def summarise(checks: list[Row]) -> dict[str, int]:
    """Return how many rules ran, and how many of each severity failed; a rule that could not run is never a pass."""
    found = {
        "n_rules": len(checks),
        "n_passed": sum(check["status"] not in (FAILED, COULD_NOT_CHECK) for check in checks),
        "n_could_not_check": sum(check["status"] == COULD_NOT_CHECK for check in checks),
    }
    for severity in SEVERITIES:
        found[f"n_{severity}"] = sum(check["severity"] == severity and check["status"] == FAILED for check in checks)
    return found


def _read(warehouse: Warehouse, table: str, sql: str, params: Row | None = None) -> list[Row]:
    return records(warehouse, sql, params) if warehouse.has_table(table) else []


def _check(row: Row) -> Row:
    """Return one check with its JSON columns opened."""
    return {name: _opened(value) if name in ("failed_keys", "finding", "why") else value for name, value in row.items()}


def _opened(value: Any) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(value) if isinstance(value, str) else value
