"""Django's settings for one workspace's review: one database, one origin, nothing from anywhere else.

Reads: LISTGEN_REVIEW_DATABASE, LISTGEN_REVIEW_ORIGIN, LISTGEN_REVIEW_SMTP, LISTGEN_REVIEW_SENDER;
data/review/secret.key. Writes: data/review/secret.key (once), data/review/review.sqlite3.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.loader import MigrationLoader

from listgen.base.errors import ProviderError, UpgradeNeededError, UsageError
from listgen.base.text import t

DEFAULT_PORT = 8765
DATABASE = "review.sqlite3"
SECRET = "secret.key"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def chosen_origin(port: int = DEFAULT_PORT) -> str:
    """Return the address experts reach the pages at: LISTGEN_REVIEW_ORIGIN, or this machine's loopback.

    Raises:
        UsageError: The address is neither https nor loopback.
    """
    origin = (os.environ.get("LISTGEN_REVIEW_ORIGIN") or f"http://127.0.0.1:{port}").rstrip("/")
    parts = urlsplit(origin)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    if (
        not host
        or parts.path
        or (parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK))
    ):
        raise UsageError(
            t('LISTGEN_REVIEW_ORIGIN "{origin}" cannot be used.', origin=origin),
            t("Expected https://HOST without a path; plain http only on this machine."),
            t("See docs/review.md."),
        )
    return origin


def start(folder: Path, origin: str | None = None, *, is_upgrade: bool = False) -> None:
    """Open the review database of a workspace, and make its tables if it has none.

    A second call opens another database.

    Args:
        folder: `data/review` of the workspace.
        origin: The address the pages are reached at; `chosen_origin` without one.
        is_upgrade: Also bring tables of an earlier version up to date; the caller has kept a copy.

    Raises:
        UpgradeNeededError: The tables are of an earlier version; nothing was changed.
    """
    missing = missing_migrations(folder, origin)
    if missing is None or is_upgrade:
        with _saying_why():
            call_command("migrate", verbosity=0, interactive=False)
    elif missing:
        raise UpgradeNeededError(
            t("The review database is of an earlier version (without {names}).", names=", ".join(missing)),
            t("It is not changed without a copy of it."),
            t("Run: listgen upgrade"),
        )


def missing_migrations(folder: Path, origin: str | None = None) -> list[str] | None:
    """Open a review database and return the migrations that it lacks, None if it has no tables at all."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _keep_private(folder)
    _choose(_settings(folder, origin or chosen_origin()))
    with _saying_why():
        loader = MigrationLoader(connection)
        ours = {name for app, name in loader.disk_migrations if app == "review"}
        done = {name for app, name in loader.applied_migrations if app == "review"}
    return sorted(ours - done) if done else None


def _keep_private(folder: Path) -> None:
    """Make the database readable by its owner alone, whatever the umask.

    SQLite gives the files it puts next to it the same mode.
    """
    if not os.environ.get("LISTGEN_REVIEW_DATABASE"):
        os.close(os.open(folder / DATABASE, os.O_RDWR | os.O_CREAT, 0o600))
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", SECRET):
        with suppress(FileNotFoundError):
            (folder / name).chmod(0o600)


@contextmanager
def _saying_why() -> Iterator[None]:
    """Turn what Django raises for a database that cannot be opened into our errors."""
    try:
        yield
    except ImproperlyConfigured as error:
        raise UsageError(
            t("PostgreSQL needs the package psycopg."),
            t("It is no part of a plain installation."),
            t("Run: pip install 'listgen[postgres]'"),
        ) from error
    except OperationalError as error:
        raise ProviderError(
            t("The review database cannot be opened ({reason}).", reason=" ".join(str(error).split())),
            t("Expected a running server that knows user and database, or a file that can be written."),
            t("See docs/review.md."),
        ) from error


def _choose(chosen: dict[str, Any]) -> None:
    """Make these the settings, and theirs the database."""
    connections["default"].close()
    del connections["default"]
    connections.settings["default"] = connections.configure_settings(chosen["DATABASES"])["default"]
    for name, value in chosen.items():
        setattr(settings, name, value)


def _settings(folder: Path, origin: str) -> dict[str, Any]:
    """Return the settings of one workspace's review at one address; the others are in `review.settings`."""
    parts = urlsplit(origin)
    is_tls = parts.scheme == "https"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
    return {
        "SECRET_KEY": _secret(folder),
        "LISTGEN_FOLDER": folder,
        "LISTGEN_ORIGIN": origin,
        "LISTGEN_SENDER": os.environ.get("LISTGEN_REVIEW_SENDER") or f"no-reply@{parts.hostname}",
        # Behind a proxy only the public name is answered; on loopback all its names are the same machine.
        "ALLOWED_HOSTS": [host] if is_tls else list(LOOPBACK),
        "CSRF_TRUSTED_ORIGINS": [origin] if is_tls else [],
        "DATABASES": {"default": _database(folder)},
        "SESSION_COOKIE_SECURE": is_tls,
        "SESSION_COOKIE_NAME": "__Host-listgen" if is_tls else "listgen",
        "CSRF_COOKIE_SECURE": is_tls,
        "CSRF_COOKIE_NAME": "__Host-form" if is_tls else "form",
        "SECURE_HSTS_SECONDS": 31_536_000 if is_tls else 0,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if is_tls else None,
        **_mail(),
    }


def _secret(folder: Path) -> str:
    """Return the key that signs sessions and forms, made once and readable by the owner alone."""
    path = folder / SECRET
    if not path.is_file():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8")


def _database(folder: Path) -> dict[str, Any]:
    """Return the one setting that decides where the review lives.

    SQLite beside the workspace, or LISTGEN_REVIEW_DATABASE.

    Raises:
        UsageError: The address is no PostgreSQL address.
    """
    address = os.environ.get("LISTGEN_REVIEW_DATABASE", "")
    common = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": bool(address)}
    if not address:
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / DATABASE),
            "OPTIONS": options,
            **common,
        }
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise UsageError(
            t("LISTGEN_REVIEW_DATABASE is no PostgreSQL address."),
            t("Expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE."),
            t("See docs/review.md."),
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        # What else libpq knows, such as ?sslmode=verify-full&sslrootcert=... for a server elsewhere.
        "OPTIONS": dict(parse_qsl(parts.query)),
        **common,
    }


def _mail() -> dict[str, Any]:
    """Return the mail settings of LISTGEN_REVIEW_SMTP (smtp://USER:PASSWORD@HOST:PORT, smtps:// for TLS).

    Raises:
        UsageError: It is no such address.
    """
    address = os.environ.get("LISTGEN_REVIEW_SMTP", "")
    parts = urlsplit(address)
    if address and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise UsageError(
            t("LISTGEN_REVIEW_SMTP is no address of a mail server."),
            t("Expected smtp://USER:PASSWORD@HOST:PORT, or smtps:// for TLS from the start."),
            t("See docs/review.md."),
        )
    return {
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
        "EMAIL_TIMEOUT": 20,
    }
