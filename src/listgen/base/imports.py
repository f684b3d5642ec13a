"""Which modules of this package others need: read from their import statements, without running them.

A digest over code must cover every module that the code uses. Imports say which these are; a list typed by
hand falls behind.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath

from listgen.base.provenance import PACKAGE, digest_tree

_START = "__init__.py"


def imported_files(
    roots: Iterable[str], package: Path = PACKAGE, *, without: Collection[str] = ()
) -> frozenset[str]:
    """Return the Python files of the package that the roots import, directly or not, and the roots.

    Imports inside functions count like those at the top of a module. Importing `a.b.c` also runs `a` and
    `a.b`.

    Args:
        roots: Files, or folders with all their modules, by their place in the package ("stage",
            "composite/draws.py").
        package: Folder of the package, or of a copy of it.
        without: Files and folders that are not followed.
    """
    found: set[str] = set()
    waiting = [file for root in roots for file in _files_of(package, root)]
    while waiting:
        file = waiting.pop()
        if file not in found and not _is_within(file, without):
            found.add(file)
            waiting += _imports_of(package, file)
    return frozenset(found)


def imports_digest(roots: Iterable[str], package: Path = PACKAGE) -> str:
    """Return one digest over the roots and everything they import from the package."""
    return digest_tree((file, package / file) for file in imported_files(roots, package))


def _files_of(package: Path, root: str) -> list[str]:
    if (package / root).is_dir():
        return sorted(path.relative_to(package).as_posix() for path in (package / root).rglob("*.py"))
    return [root]


def _is_within(file: str, places: Collection[str]) -> bool:
    return file in places or any(parent.as_posix() in places for parent in PurePosixPath(file).parents)


def _imports_of(package: Path, file: str) -> tuple[str, ...]:
    """Return the files that run with one module.

    What it imports, and the packages that all of them are in.
    """
    tree = ast.parse((package / file).read_text(encoding="utf-8"))
    names = {name for node in ast.walk(tree) for name in _names_in(node, package.name, file)}
    names.add(".".join((package.name, *PurePosixPath(file).parent.parts)))
    return tuple(sorted({start for name in names for start in _starts(package, name)}))


def _names_in(node: ast.AST, package: str, file: str) -> Iterator[str]:
    """Yield the dotted names an import statement may load.

    `from a import b` may mean the module `a.b`, or a name in `a`.
    """
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = [node.module] if node.module else []
        if node.level:
            own = (package, *PurePosixPath(file).parent.parts)
            base = [*own[: len(own) - node.level + 1], *base]
        yield from (".".join([*base, alias.name]) for alias in node.names)


def _starts(package: Path, name: str) -> Iterator[str]:
    """Yield the files that run when a dotted name of the package is imported.

    None where it is another package's.
    """
    top, *parts = name.split(".")
    if top != package.name:
        return
    for n_parts in range(len(parts) + 1):
        place = PurePosixPath(*parts[:n_parts])
        for file in (place / _START, place.with_suffix(".py") if n_parts else place / _START):
            if (package / file).is_file():
                yield file.as_posix()
