"""Codes in the names of tests are explained in docs/faults.md, with the files that have such tests."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| ([a-z]\d+) \| [^|]+ \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
CODED = re.compile(r"^\s*def test_([a-z]\d+)_", re.MULTILINE)


def test_every_code_in_a_test_name_is_in_the_table_with_the_files_that_have_it():
    files: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for code in CODED.findall(path.read_text("utf-8")):
            files.setdefault(code, set()).add(path.name)
    rows = ROW.findall((ROOT / "docs" / "faults.md").read_text("utf-8"))
    table = {code: set(re.findall(r"`(test_\w+\.py)`", tests)) for code, tests in rows}
    assert len(table) == len(rows), "a code has two rows"
    assert len(files) > 50
    wrong = {code: (table.get(code), found) for code, found in files.items() if table.get(code) != found}
    wrong |= {code: (named, "no test") for code, named in table.items() if named and code not in files}
    assert not wrong, f"docs/faults.md is not true (code: table, tests): {wrong}"
