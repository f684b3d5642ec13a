"""One writer for the review database.

Jobs wait in a queue and share a commit, so that fifty voters never fight over the file.

A job is answered only after its commit reached the disk. One that fails is rolled back alone; the others of
its batch stand. Without a running server (`listgen review open`, `close`) a job is its own batch.

Writes: whatever the jobs write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import Empty, Full, Queue
from typing import Any, TypeVar

from django.db import DatabaseError, OperationalError, connection, transaction

from listgen.base.errors import LockedError, ProviderError
from listgen.base.text import t

T = TypeVar("T")

LARGEST_BATCH = 256
# Beyond this many waiting jobs the disk is stuck: better to say so than to let everybody wait.
LONGEST_QUEUE = 2000
PATIENCE_SECONDS = 15.0
# Any number will do as long as all processes use the same: it keeps two of them from appending to one log at
# a time.
_LOG_LOCK = 7_311_965


class Writer:
    """The thread that writes; `stop` lets it finish what was accepted."""

    def __init__(self) -> None:
        self._jobs: Queue[tuple[Callable[[], Any], Future[Any]] | None] = Queue(LONGEST_QUEUE)
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)

    def start(self) -> None:
        """Begin to take jobs from `write`."""
        global _running
        self._thread.start()
        _running = self

    def stop(self) -> None:
        """Finish the jobs already accepted, then end."""
        global _running
        _running = None
        self._jobs.put(None)
        self._thread.join()

    def run(self, job: Callable[[], T]) -> T:
        """Return what a job returned, once it is on the disk.

        Raises:
            LockedError: Too many jobs are waiting.
        """
        if threading.current_thread() is self._thread:
            return job()
        outcome: Future[T] = Future()
        try:
            # In the visitor's context: an error must speak their language.
            self._jobs.put((partial(copy_context().run, job), outcome), timeout=PATIENCE_SECONDS)
        except Full as error:
            raise LockedError(
                t("The review database cannot keep up."), "", t("Nothing was saved; try again in a minute.")
            ) from error
        return outcome.result()

    def _work(self) -> None:
        stopping = False
        while not stopping:
            batch, stopping = self._next_batch()
            if batch:
                _commit(batch)
        connection.close()

    def _next_batch(self) -> tuple[list[tuple[Callable[[], Any], Future[Any]]], bool]:
        """Wait for a job and return it with all that came meanwhile.

        True when there is nothing after them.
        """
        found = self._jobs.get()
        batch = []
        while found is not None:
            batch.append(found)
            if len(batch) == LARGEST_BATCH:
                return batch, False
            try:
                found = self._jobs.get_nowait()
            except Empty:
                return batch, False
        return batch, True


_running: Writer | None = None


def write(job: Callable[[], T]) -> T:
    """Run a job that writes, by the server's writer if there is one; return its result after the commit.

    Raises:
        ProviderError: Without a server: the database cannot be written, such as on a full disk.
    """
    if _running is not None:
        return _running.run(job)
    if connection.in_atomic_block:
        return job()
    outcome: Future[T] = Future()
    _commit([(job, outcome)])
    try:
        return outcome.result()
    except OperationalError as error:
        # On the command line nobody turns it into a page.
        raise ProviderError(
            t(
                "The review database cannot be written ({reason}); nothing was saved.",
                reason=" ".join(str(error).split()),
            ),
            t("Expected a disk with free space, and a database that answers."),
            t("Make room and run the command again."),
        ) from error


def _commit(batch: list[tuple[Callable[[], Any], Future[Any]]]) -> None:
    done: list[tuple[Future[Any], Any, BaseException | None]] = []
    try:
        with transaction.atomic():
            _hold_log()
            for job, outcome in batch:
                try:
                    with transaction.atomic():
                        done.append((outcome, job(), None))
                except Exception as error:  # this job's own; the others of the batch stand
                    done.append((outcome, None, error))
    except DatabaseError as error:
        with suppress(DatabaseError):
            connection.close()
        for _, outcome in batch:
            outcome.set_exception(error)
        return
    for outcome, value, failure in done:
        if failure is None:
            outcome.set_result(value)
        else:
            outcome.set_exception(failure)


def _hold_log() -> None:
    """Keep other processes from appending until the commit.

    SQLite's immediate transaction does, PostgreSQL needs a lock.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOG_LOCK])
