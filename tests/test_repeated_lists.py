"""Lists that many modules need are typed once.

What SQL has to repeat in a constraint is compared with them.
"""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from listgen.base.text import LANGUAGES
from listgen.config.models import LIVE, NOT_READ, RELATIONS, LicenceClass, Technology
from listgen.config.scoring import AXES, BASES, BRANCHES, RECORD_BASES, SUPPLY_BASES
from listgen.outputs.candidates import STATUSES, RiskClass

ROOT = Path(__file__).resolve().parents[1]
LISTS = {
    "languages": LANGUAGES,
    "axes": AXES,
    "bases": BASES,
    "bases of records": RECORD_BASES,
    "bases of supply": SUPPLY_BASES,
    "branches": BRANCHES,
    "statuses of the list": STATUSES,
    "classes of risk": get_args(RiskClass),
    "classes of licences": get_args(LicenceClass),
    "relations": RELATIONS,
    "live technologies": LIVE,
    "forms nothing reads": NOT_READ,
}
# A list in another order is another list: the places of a key.
OTHERS = {"src/listgen/fronts/cluster.py": "the order of sorting, the most telling axis first"}
# Columns of core and ind tables whose values are such a list, and which lists these may be.
COLUMNS = {"basis": [set(BASES), set(RECORD_BASES)]}
CHECK = re.compile(r"CHECK \((\w+) IN \(([^)]*)\)\)")


def typed(text: str) -> list[tuple[int, frozenset[str]]]:
    """Return line and values of every tuple, list, set or Literal of texts in a module."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Tuple | ast.List | ast.Set) and len(node.elts) > 1:
            values = [one.value if isinstance(one, ast.Constant) else None for one in node.elts]
            if all(isinstance(value, str) for value in values):
                found.append((node.lineno, frozenset(values)))
    return found


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_typed_once(name):
    places = []
    for path in sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "flows").rglob("*.py")]):
        file = path.relative_to(ROOT).as_posix()
        if file not in OTHERS and "migrations" not in file:
            places += [
                f"{file}:{line}"
                for line, values in typed(path.read_text("utf-8"))
                if values == frozenset(LISTS[name])
            ]
    assert len(places) <= 1, places


def test_constraints_of_tables_repeat_the_lists_as_they_are():
    found = 0
    states = set(get_args(Technology.model_fields["status"].annotation))
    for path in (ROOT / "src").rglob("*.sql"):
        for column, values in CHECK.findall(path.read_text("utf-8")):
            told = set(re.findall(r"'([^']*)'", values))
            if column in COLUMNS:
                assert told in COLUMNS[column], path
                found += 1
            elif path.name == "technology.sql" and column == "status" and path.parent.name == "core":
                assert told == states
                found += 1
    assert found >= 6


def test_a_list_typed_again_is_seen():
    assert typed("for x in ('en', 'ja'): pass\nL = Literal['a', 'b']\nd = {'a': 1}") == [
        (1, frozenset({"en", "ja"})),
        (2, frozenset("ab")),
    ]
