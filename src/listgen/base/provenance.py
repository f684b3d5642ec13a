"""Content hashes: the identity of everything listgen reads, runs and writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_CHUNK = 1 << 20
PACKAGE = Path(__file__).resolve().parents[1]


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sha256_text(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes as hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def canonical_json(value: object) -> str:
    """Return JSON with sorted keys, no spaces and no NaN: equal values give equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_tree(files: Iterable[tuple[str, Path]]) -> str:
    """Return one digest over named files; the names count, their order does not."""
    return sha256_text(canonical_json({name: sha256_file(path) for name, path in files}))


@cache
def package_files() -> dict[str, str]:
    """Return the digest of every file of listgen's code and SQL, by its place in the package."""
    wanted = {".py", ".sql", ".json", ".yaml", ".j2", ".css", ".js"}
    files = [path for path in sorted(PACKAGE.rglob("*")) if path.suffix in wanted and path.is_file()]
    return {path.relative_to(PACKAGE).as_posix(): sha256_file(path) for path in files}


@cache
def package_digest() -> str:
    """Return one digest over listgen's own code and SQL."""
    return sha256_text(canonical_json(package_files()))


@cache
def libraries() -> dict[str, str]:
    """Return the versions of the libraries that compute numbers.

    The lock file is not part of an installed package, so the installed versions stand for it: they are what
    computed.
    """
    from importlib.metadata import PackageNotFoundError, version

    names = (
        "duckdb",
        "polars",
        "numpy",
        "scipy",
        "scikit-learn",
        "great-expectations",
        "xlsxwriter",
        "jinja2",
    )
    found: dict[str, str] = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


@cache
def dependency_digest() -> str:
    """Return one digest over the versions of those libraries."""
    return sha256_text(canonical_json(libraries()))
