"""Written reasons deleted at their author's request.

The text goes, its digest stays in the log, and the log says that it was asked for.

Reads: event, ballot, reason
Writes: reason, the log
"""

from __future__ import annotations

from collections.abc import Iterable

from listgen.base.errors import UsageError
from listgen.base.text import t
from listgen.review.domain import eventlog
from listgen.review.domain.writer import write
from listgen.review.models import Reason


def delete_reason(receipt: str, by: str) -> int:
    """Delete every text that an author wrote on one technology in one round, and return how many there were.

    Args:
        receipt: A receipt of one of these votes, or the digest of one of these texts.
        by: Who carries the request out.

    Raises:
        UsageError: Neither a receipt nor a digest of a text that is stored.
    """

    def job() -> int:
        digests = sorted(set(_texts_of(receipt)))
        held = Reason.objects.filter(digest__in=digests)
        n = held.count()
        if not n:
            raise UsageError(
                t('No stored reason belongs to "{digest}".', digest=receipt),
                t(
                    "Expected the whole receipt of a vote with a reason, 64 digits, or the digest of a"
                    " reason."
                ),
                t("The author finds the receipt under History on the page of the technology."),
            )
        eventlog.append(
            "reason_deleted", {"digests": sorted(held.values_list("digest", flat=True)), "by": by}
        )
        held.delete()
        return n

    return write(job)


def _texts_of(receipt: str) -> Iterable[str]:
    """Yield the digests of all texts of the ballot that a receipt or a text belongs to."""
    votes = [(event, body) for event, body in eventlog.events() if body["kind"] in ("vote", "late_vote")]
    subjects = {event.subject for event, body in votes if receipt in (event.digest, body["reason_digest"])}
    for event, body in votes:
        if event.subject in subjects and body["reason_digest"]:
            yield body["reason_digest"]
