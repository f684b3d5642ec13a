"""Reads what was checked and what was set aside as one document: `checks.json`.

Reads: prov.check, prov.quarantine, prov.row_account, core.source
Writes: nothing; `run` and `write_checks` of the package write the file
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from listgen.base.setaside import set_aside_words
from listgen.base.versions import CHECKS_VERSION
from listgen.outputs.checks import Check, Checks, RowAccount, SetAside, SetAsideCount, Severity, Summary
from listgen.report.document import Row, is_sample, records
from listgen.store.warehouse import Warehouse

MAX_QUARANTINED_SHOWN = 1000

_CHECKS = 'SELECT * FROM prov."check" ORDER BY gate, table_name, rule_id, rule_type, severity'
_COUNTS = (
    "SELECT source_id, file_name, field, reason, count(*) AS n, min(raw_line) AS first_line FROM"
    " prov.quarantine GROUP BY source_id, file_name, field, reason ORDER BY ALL"
)
_ROWS = (
    "SELECT source_id, file_name, raw_digest, raw_line, field, reason, excerpt FROM prov.quarantine ORDER BY"
    " ALL LIMIT $limit"
)
_ACCOUNTS = (
    "SELECT source_id, form_id, file_name, n_rows, n_used, n_merged, n_set_aside, n_excluded FROM"
    " prov.row_account ORDER BY ALL LIMIT $limit"
)


def build_checks(warehouse: Warehouse, run_id: str | None = None) -> Checks:
    """Return the content of `checks.json`; also works on a build that stopped at a gate.

    Args:
        warehouse: The build.
        run_id: Its identity; a build that stopped has none to give.
    """
    checks = [_check(row) for row in _read(warehouse, "prov.check", _CHECKS)]
    counts = [
        SetAsideCount(**row, text=set_aside_words(row["reason"]))
        for row in _read(warehouse, "prov.quarantine", _COUNTS)
    ]
    return Checks(
        schema_version=CHECKS_VERSION,
        run_id=run_id,
        is_sample=is_sample(warehouse) if warehouse.has_table("core.source") else None,
        summary=summarise(checks, sum(row.n for row in counts)),
        checks=checks,
        quarantine_by_reason=counts,
        quarantine=[
            SetAside(**row)
            for row in _read(warehouse, "prov.quarantine", _ROWS, {"limit": MAX_QUARANTINED_SHOWN})
        ],
        row_accounts=[
            RowAccount(**row)
            for row in _read(warehouse, "prov.row_account", _ACCOUNTS, {"limit": MAX_QUARANTINED_SHOWN})
        ],
    )


def summarise(checks: Sequence[Check], n_quarantined: int) -> Summary:
    """Return how many rules ran, and how many of each severity failed.

    A rule that could not run is never a pass.
    """
    statuses = [check.status for check in checks]
    failed = [check.severity for check in checks if check.status == "failed"]
    return Summary(
        n_rules=len(checks),
        n_passed=statuses.count("passed"),
        n_could_not_check=statuses.count("could_not_check"),
        n_quarantined=n_quarantined,
        **{f"n_{severity}": failed.count(severity) for severity in get_args(Severity)},
    )


def _read(warehouse: Warehouse, table: str, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
    return records(warehouse, sql, params) if warehouse.has_table(table) else []


def _check(row: Row) -> Check:
    """Return one check with its JSON columns opened."""
    return Check(**row | {name: json.loads(row[name]) for name in ("failed_keys", "finding", "why")})
