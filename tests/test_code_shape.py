"""Functions stay short, exceptions to the rules have a reason, and rows get types (ruff checks the rest).

Lines of code count, signatures too; docstrings and blank lines do not.
"""

import ast
import io
import re
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 40
# Modules of src and flows with rows as `dict[str, Any]`, by that name or as `Row`. Lower it, never raise it.
MAX_UNTYPED = 92
# The rule by its code, then why it does not apply here.
REASONED = re.compile(r"# noqa: [A-Z]+\d+(?:, [A-Z]+\d+)* - \w")
# Django writes these.
GENERATED = "migrations"


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    first = function.body[0]
    documented = set()
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        documented = set(range(first.lineno, first.end_lineno + 1))
    every = range(function.lineno, function.end_lineno + 1)
    return sum(bool(lines[n - 1].strip()) for n in every if n not in documented)


def long_functions(text: str) -> dict[str, int]:
    lines = text.split("\n")
    functions = (
        one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    counted = {one.name: code_lines(one, lines) for one in functions}
    return {name: n for name, n in counted.items() if n > MAX_LINES}


def test_no_function_is_longer_than_the_bar():
    files = [path for folder in ("src", "flows") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 200
    found = {
        f"{path.relative_to(ROOT)}:{name}": n
        for path in files
        if GENERATED not in path.parts
        for name, n in long_functions(path.read_text(encoding="utf-8")).items()
    }
    assert found == {}, f"functions of more than {MAX_LINES} lines: break them by meaning"


def test_a_long_function_is_found_and_its_docstring_and_blank_lines_are_not_counted():
    body = "".join(f"    x = {n}\n\n" for n in range(MAX_LINES))
    short = 'def short():\n    """One."""\n    return 1\n'
    text = f'def long():\n    """One.\n\n    Two.\n    """\n{body}\n\n{short}'
    assert long_functions(text) == {"long": MAX_LINES + 1}
    assert long_functions(text.replace("    x = 0\n", "")) == {}


def unreasoned(text: str) -> list[int]:
    """Return the lines whose `noqa` names no rule, or gives no reason behind it."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    marks = [one for one in tokens if one.type == tokenize.COMMENT and "noqa" in one.string.lower()]
    return [one.start[0] for one in marks if not REASONED.search(one.string)]


def test_every_exception_to_a_rule_has_its_reason_on_the_same_line():
    folders = ("src", "flows", "tests", "benchmarks", "examples", "method", "scripts", "docs")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 400
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        for line in unreasoned(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "write `# noqa: CODE - reason`"


def test_an_exception_without_a_rule_or_a_reason_is_found():
    lines = ["a = 1  # noqa: E731 - one use", "b = 2  # noqa: E731", "c = 3  # noqa", "d = '# noqa'"]
    assert unreasoned("\n".join([*lines, "e = 5  # noqa: PTH115, PTH119 - the text counts", ""])) == [2, 3]


def is_untyped(text: str) -> bool:
    """Return True if a module uses `dict[str, Any]`, or a `Row` of another module."""
    nodes = list(ast.walk(ast.parse(text)))
    is_written = any(isinstance(n, ast.Subscript) and ast.unparse(n) == "dict[str, Any]" for n in nodes)
    names = (alias.name for n in nodes if isinstance(n, ast.ImportFrom) for alias in n.names)
    return is_written or "Row" in names


def test_no_more_modules_than_before_pass_untyped_rows():
    files = [path for folder in ("src", "flows") for path in (ROOT / folder).rglob("*.py")]
    found = sorted(
        str(path.relative_to(ROOT)) for path in files if is_untyped(path.read_text(encoding="utf-8"))
    )
    assert len(found) <= MAX_UNTYPED, "give the rows of the new module a TypedDict, dataclass or model"
    assert len(found) == MAX_UNTYPED, f"fewer modules do: set MAX_UNTYPED to {len(found)}"


def test_an_untyped_row_is_found_by_either_name():
    assert is_untyped("Row = dict[str, Any]") and is_untyped("from listgen.report.document import Row")
    assert not is_untyped('"""Row of dict[str, Any]."""\nx: dict[str, int] = {}')
