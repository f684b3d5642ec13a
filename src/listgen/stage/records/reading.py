"""Raw files to Parquet: each file is parsed once, and kept in a checked cache.

Two files are read at a time, a thread each, by one small DuckDB in memory, so memory does not grow with their
number or size. A cache file is known by the code that made it and the raw digest; it is used only while its
bytes still have the digest noted beside it, because a flipped bit in Parquet mostly goes unnoticed.

Reads: data/raw.
Writes: data/stage/<code digest>/<raw digest>.parquet and .json.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

import duckdb

from listgen.base.errors import DataError, ListgenError, UsageError, machine_trouble, nearest
from listgen.base.imports import imports_digest
from listgen.base.provenance import PACKAGE, canonical_json, sha256_file, sha256_text
from listgen.base.text import t
from listgen.config.loader import Config
from listgen.config.models import NOT_READ
from listgen.stage.records.inflating import Inflating
from listgen.stage.records.integrity import bad_file
from listgen.stage.records.parsing import first_line, parse
from listgen.stage.records.task import StagedFile, Task
from listgen.stage.records.xmlrecords import gathered
from listgen.store.jsonrecord import JSON_MACROS
from listgen.store.patentnumber import PATENT_MACROS
from listgen.store.raw import HeldFile
from listgen.store.sqlfile import SqlFile, quoted
from listgen.store.warehouse import connect, usual_threads


def wanted_of(config: Config) -> dict[str, list[str]]:
    """Return what the technologies want of files that hold more.

    Works of other topics are read as far as every work is, other goods not at all.
    """
    topics = sorted(
        {topic for technology in config.technologies.values() for topic in technology.works.topics}
    )
    return {
        "topics": topics or [""],
        "hs_codes": list(config.traded_codes) or [""],
    }  # DuckDB takes no list without a type


def stage_files(
    readers: Mapping[str, SqlFile], config: Config, holdings: Iterable[HeldFile], cache_dir: Path
) -> list[StagedFile]:
    """Return the parsed form of every held file that has a reader, in the order held.

    Args:
        readers: Reader SQL by form.
        config: The workspace's configuration.
        holdings: The raw files.
        cache_dir: Where parsed files are kept.

    Raises:
        UsageError: A form is declared that nothing reads.
        DataError: Files cannot carry what their source declares; all of them are named.
    """
    wanted = {
        (f.source_id, f.form_id, f.raw_digest): f
        for f in reversed(list(holdings))
        if f.form_id not in NOT_READ
    }
    held = sorted(wanted.values())
    for file in held:
        _require_reader(file, readers)
    cache_dir.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".reading-", dir=cache_dir) as folder,
        closing(connect(threads=1)) as con,
    ):
        con.execute(JSON_MACROS)
        con.execute(PATENT_MACROS)
        con.execute(f"SET temp_directory={quoted(folder)}")
        # One thread reads a file from beginning to end: it keeps the order without gathering batches, and
        # asks for no place out of turn.
        con.execute("SET preserve_insertion_order=false")
        inflating, cursors = Inflating(), list[duckdb.DuckDBPyConnection]()
        con.register_filesystem(inflating)
        tasks = [
            Task(
                file,
                config.sources[file.source_id],
                readers[file.form_id],
                wanted_of(config),
                Path(folder),
                inflating,
                cursors,
                layout=str(readers[file.form_id].header["layout"]),
                as_of_year=int(file.as_of_date[:4]),
            )
            for file in gathered(held, readers)
        ]
        return _staged(_read_all(con, tasks, cache_dir))


def _require_reader(file: HeldFile, readers: Mapping[str, SqlFile]) -> None:
    """Refuse a form that nothing reads."""
    if file.form_id not in readers:
        raise UsageError(
            t(
                'config/sources/{source}.yaml: nothing reads the form "{form}".',
                source=file.source_id,
                form=file.form_id,
            )
            + nearest(file.form_id, readers),
            t("Expected one of: {forms}.", forms=", ".join([*readers, *NOT_READ])),
        )


def _read_all(
    con: duckdb.DuckDBPyConnection, tasks: Sequence[Task], cache_dir: Path
) -> list[StagedFile | ListgenError]:
    """Return each parsed file, or what is wrong with it; two are read at a time."""
    # once, before there are threads: two that parse Python at a time break the parser of Python 3.11
    reading_code()
    with ThreadPoolExecutor(min(2, usual_threads())) as pool:
        futures = [pool.submit(_attempt, con, task, cache_dir) for task in tasks]
        try:
            return [future.result() for future in futures]
        except BaseException:
            _stop(futures, tasks[0].cursors if tasks else [])
            raise


def _staged(outcomes: Sequence[StagedFile | ListgenError]) -> list[StagedFile]:
    """Return the parsed files; all that is wrong with others is raised as one error."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, ListgenError)]
    if len(errors) > 1 and all(isinstance(error, DataError) for error in errors):
        steps = dict.fromkeys(error.next_step for error in errors)
        raise DataError(
            "\n".join(error.what for error in errors),
            t("Expected whole files; nothing was built."),
            " ".join(steps),
        )
    if errors:
        raise errors[0]
    return [outcome for outcome in outcomes if isinstance(outcome, StagedFile)]


def _stop(
    futures: Sequence[Future[StagedFile | ListgenError]], cursors: Sequence[duckdb.DuckDBPyConnection]
) -> None:
    """Break off what is being read: whoever stops the work need not wait for the end of gigabytes."""
    for future in futures:
        future.cancel()
    while wait(futures, timeout=0.1).not_done:  # one between two queries is met at the second
        for cursor in cursors:
            with suppress(duckdb.ConnectionException):  # it has been closed, its file is read
                cursor.interrupt()


def _attempt(con: duckdb.DuckDBPyConnection, task: Task, cache_dir: Path) -> StagedFile | ListgenError:
    """Return a parsed file or what is wrong with it, so that every broken file is named at once."""
    parquet = cache_dir / _code_digest(task)[:16] / f"{task.held.raw_digest}.parquet"
    try:
        return _held_parquet(task.held, parquet) or parse(con, task, parquet)
    except ListgenError as error:
        return error
    except (duckdb.OutOfMemoryException, OSError) as error:
        return _no_room(task.held, error)
    except duckdb.Error as error:
        if machine_trouble(error):
            return _no_room(task.held, error)
        return bad_file(
            task.held,
            t(
                "cannot be read as {form} ({reason})",
                form=task.held.form_id,
                reason=first_line(task.held, error),
            ),
        )


def _code_digest(task: Task) -> str:
    """Return the digest of everything but the raw bytes that decides the records."""
    parts = {
        "reader": [task.reader.header, task.reader.sql],
        "code": reading_code(),
        "duckdb": duckdb.__version__,
        "as_of_year": task.as_of_year,
        "source": task.source.id,
        "partial": task.source.partial,
        "table": task.source.table.model_dump() if task.source.table else None,
    } | {name: values for name, values in task.wanted.items() if name in task.reader.parameters}
    return sha256_text(canonical_json(parts))


@cache
def reading_code(package: Path = PACKAGE) -> str:
    """Return the digest of all code that can decide a record: this step and every module it imports."""
    return imports_digest(["stage"], package)


def _no_room(held: HeldFile, error: Exception) -> ListgenError:
    return ListgenError(
        t(
            "{file}: it could not be read for want of memory or disk ({reason}).",
            file=held.file_name,
            reason=first_line(held, error),
        ),
        "",
        t("Make room under data/stage and run the same command again; nothing is lost."),
    )


def _held_parquet(held: HeldFile, parquet: Path) -> StagedFile | None:
    """Return the cached file if its bytes are the ones written; anything else is made again."""
    try:
        note = json.loads(parquet.with_suffix(".json").read_text(encoding="utf-8"))
        if sha256_file(parquet) == note["sha256"]:
            return StagedFile(
                held,
                parquet,
                int(note["n_records"]),
                int(note["n_rejected"]),
                str(note["sql"]),
                str(note["params"]),
                int(note["n_rows"]),
                note["is_cut"],
                int(note["n_excluded"]),
            )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None
