"""docs/security.md answers each ASVS 5.0.0 requirement of levels 1 and 2 once, by existing tests."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in TEXT.splitlines() if re.match(r"\| \d", line)]
FILES = {"staff": "browser_staff"}
# How many requirements of levels 1 and 2 each section has; they are numbered from 1 without a gap.
SECTIONS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4
5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2
8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4
11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7
16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""


def test_every_requirement_stands_in_the_table_once():
    wanted = {
        f"{section}.{n}"
        for section, count in (pair.split(":") for pair in SECTIONS.split())
        for n in range(1, int(count) + 1)
    }
    assert len(wanted) == 253
    assert Counter(number for row in ROWS for number in re.findall(r"\d+\.\d+\.\d+", row[0])) == Counter(
        wanted
    )


def test_every_test_named_exists_and_whatever_is_not_met_is_said_at_the_top():
    for row in ROWS:
        assert row[1].strip() and row[2].strip(), row
    for name, test in re.findall(r"`(\w+)::(test_\w+)`", TEXT):
        path = ROOT / "tests" / f"test_review_{FILES.get(name, name)}.py"
        assert re.search(rf"\b{test}\b", path.read_text(encoding="utf-8")), f"{name}::{test}"
    unmet = {
        number
        for row in ROWS
        if row[1].strip().startswith("**")
        for number in re.findall(r"\d+\.\d+\.\d+", row[0])
    }
    assert unmet == set(re.findall(r"\d+\.\d+\.\d+", TEXT.split("**Not met**")[1].split("## V1")[0]))
