"""A PostgreSQL server of our own on loopback, for as long as a block lasts.

Nothing of the machine's own server is touched.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path


def why_not():
    """Return why no server can be run here, empty when one can."""
    try:
        import psycopg  # noqa: F401 - only whether it is installed
    except ImportError:
        return "psycopg is not installed (listgen[postgres])"
    if _programs() is None:
        return "no PostgreSQL server is installed"
    return "" if _user() != 0 else "PostgreSQL does not run as root, and there is no user postgres or nobody"


def _programs():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def _user():
    """Return whom the server runs as: us, unless we are root, which it refuses."""
    if os.geteuid() != 0:
        return os.geteuid()
    known = {one.pw_name: one.pw_uid for one in pwd.getpwall()}
    return known.get("postgres", known.get("nobody", 0))


@contextmanager
def running():
    """Run a server with an empty cluster and yield its address without a database."""
    folder, programs, user = Path(tempfile.mkdtemp(prefix="listgen-pg-")), _programs(), _user()
    os.chown(folder, user, -1)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def call(program, *arguments):
        command = [programs / program, "-D", folder / "data", *arguments]
        # A log of its own: the server keeps whatever output it inherits open.
        with (folder / f"{program}.log").open("ab") as log:
            subprocess.run(
                command, check=True, user=user, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/"
            )

    try:
        call("initdb", "--username=listgen", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        call("pg_ctl", "start", "--wait", "-o", f"-p {port} -k {folder} -c listen_addresses=127.0.0.1")
        try:
            yield f"postgresql://listgen@127.0.0.1:{port}"
        finally:
            call("pg_ctl", "stop", "--mode=immediate", "--wait")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_database(address, name, like="template0"):
    """Make a database, as a copy of another, and return its address."""
    import psycopg

    with psycopg.connect(f"{address}/postgres", autocommit=True) as con:
        con.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    return f"{address}/{name}"
