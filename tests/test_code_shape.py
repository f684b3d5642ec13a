"""Functions stay short enough to be read at once; ruff watches how many ways lead through them (C901).

Counted are lines of code: the docstring and blank lines are not, signatures are.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 40
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
