"""Sessions kept in the review database and written through the one writer.

The cookie holds nothing but a random key.

Reads: django_session
Writes: django_session
"""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from listgen.review.domain.writer import write
from listgen.review.models import find_one


class SessionStore(DatabaseStore):
    """Django's database store that writes only through the writer, and finds a session by a fixed query."""

    def save(self, must_create: bool = False) -> None:
        """Keep the session."""
        write(lambda: DatabaseStore.save(self, must_create))

    def delete(self, session_key: str | None = None) -> None:
        """End the session."""
        write(lambda: DatabaseStore.delete(self, session_key))

    def _get_session_from_db(self) -> Session | None:
        found = find_one(Session, session_key=self.session_key)
        if found is not None and found.expire_date > timezone.now():
            return found
        self._session_key = None
        return None
