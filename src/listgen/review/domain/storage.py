"""Whether the review can be written: tried by writing, because reading goes on long after a disk is full.

Reads: the disk of the database
Writes: django_session, one row that is no session
"""

from __future__ import annotations

import logging
import shutil
import threading
import time

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.utils import timezone

from listgen.base.errors import LockedError
from listgen.review.domain.writer import write

# Too short for a session's key, so that no cookie finds it.
_PROBE = "probe"
# A batch of the longest answers and a checkpoint of the journal fit into this.
LEAST_FREE_BYTES = 16 * 1024 * 1024
# Anybody may ask; the disk is not written more often than this.
_TRUSTED_SECONDS = 5.0
_lock = threading.Lock()
_last: tuple[str, float, str] = ("", 0.0, "")


def why_not_writable() -> str:
    """Return why nothing can be written, empty if it can; an answer is a few seconds old at most."""
    global _last
    with _lock:
        database, at, reason = _last
        name = str(connection.settings_dict["NAME"])
        if database != name or time.monotonic() - at > _TRUSTED_SECONDS:
            reason = _try()
            _last = (name, time.monotonic(), reason)
    return reason


def _try() -> str:
    if connection.vendor == "sqlite" and shutil.disk_usage(settings.LISTGEN_FOLDER).free < LEAST_FREE_BYTES:
        return "the disk of the database is full"
    try:
        values = {"session_data": "", "expire_date": timezone.now()}
        write(lambda: Session.objects.update_or_create(session_key=_PROBE, defaults=values))
    except (DatabaseError, LockedError) as error:
        logging.getLogger("listgen.review").error(
            "the database cannot be written: %s", " ".join(str(error).split())
        )
        return "the database cannot be written"
    return ""
