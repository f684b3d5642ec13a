"""Links for everybody, reminders for those who have not finished and nobody else: a mail-merge list, and mails where a mail server is set.

Reads: seat, person, ballot, round
Writes: round.reminded_on, the log; sends mail
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPRecipientsRefused

from listgen.base.errors import ProviderError
from listgen.base.text import t
from listgen.review import ballots, eventlog
from listgen.review.models import Card, Person, Round, Seat
from listgen.review.rounds import Invitation
from listgen.review.wording import say, show_time
from listgen.review.writer import write

_FORMULA = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")


def unfinished(round_: Round) -> list[tuple[Person, int]]:
    """Return who has not answered everything, with how much is left; nobody who was forgotten or whose link is revoked."""
    n_all = Card.objects.filter(review=round_.review).count()
    seats = Seat.objects.filter(round=round_, person__isnull=False, link_hash__isnull=False).select_related("person")
    left = [(seat.person, n_all - len(ballots.answered(seat))) for seat in seats]
    return sorted((row for row in left if row[1] > 0), key=lambda row: str(row[0].email))


def table(rows: list[list[str]]) -> bytes:
    """Return a table for spreadsheets and mail merge: UTF-8 with a byte order mark, no cell that could be a formula."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows([["'" + cell if _FORMULA.match(cell) else cell for cell in row] for row in rows])
    return ("\ufeff" + stream.getvalue()).encode("utf-8")


def plain_cell(cell: str) -> str:
    """Return a cell of such a table as it was before it was made harmless."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def reminder_csv(round_: Round) -> bytes:
    """Return the mail-merge list: the link is in the invitation, which everybody has; it is stored nowhere."""
    header = ["email", "name", "affiliation", "language", "n_left", "closes_at"]
    rows = [
        [person.email, person.name, person.affiliation, person.language, str(n_left), show_time(person.language, round_.closes_at)]
        for person, n_left in unfinished(round_)
    ]
    return table([header, *rows])


@dataclass(frozen=True)
class Sent:
    """What became of the reminders; `refused` are the addresses the mail server would not take."""

    n: int = 0
    refused: tuple[str, ...] = ()


def has_mail() -> bool:
    """Tell whether a mail server is set."""
    from django.conf import settings

    return bool(settings.EMAIL_HOST)


def remind(round_: Round) -> Sent:
    """Send a reminder to everybody who has not finished; to nobody where no mail server is set.

    Raises:
        ProviderError: The mail server cannot be reached or does not let us in; nobody was reminded.
    """
    letters = [
        (
            str(person.email),
            person.language,
            "mail",
            {"name": person.name, "n": n_left, "time": show_time(person.language, round_.closes_at)},
        )
        for person, n_left in unfinished(round_)
    ]
    return _send(letters, t("Until then use the reminder list: /staff/reminders.csv")) if has_mail() else Sent()


def send_links(round_: Round, made: Iterable[Invitation], origin: str, kept_in: str) -> Sent:
    """Send everybody their link; to nobody where no mail server is set.

    Raises:
        ProviderError: The mail server cannot be reached or does not let us in; the links stand in the list.
    """
    letters = [
        (
            one.email,
            one.language,
            "invitation",
            {"name": one.name, "time": show_time(one.language, round_.closes_at), "link": f"{origin}/i/{one.link_token}"},
        )
        for one in made
    ]
    return _send(letters, t("The round is open; its links stand in {path}", path=kept_in)) if has_mail() else Sent()


def _send(letters: Sequence[tuple[str, str, str, Mapping[str, object]]], otherwise: str) -> Sent:
    """Send letters (address, language, kind, words), one refused address holding up nobody else."""
    from django.conf import settings
    from django.core.mail import get_connection
    from django.core.mail.message import EmailMessage

    refused = []
    try:
        with get_connection() as connection:
            for email, language, kind, words in letters:
                subject, body = say(language, f"{kind}.subject"), say(language, f"{kind}.body", **words)
                try:
                    connection.send_messages([EmailMessage(subject, body, settings.LISTGEN_SENDER, [email])])
                except (SMTPRecipientsRefused, SMTPDataError):
                    refused.append(email)
    except OSError as error:  # smtplib's own errors are among them
        raise ProviderError(
            t("The mail server {host} does not take our mail ({reason}).", host=settings.EMAIL_HOST, reason=type(error).__name__),
            t("Expected one that answers at LISTGEN_REVIEW_SMTP."),
            otherwise,
        ) from error
    return Sent(len(letters) - len(refused), tuple(refused))


def note_reminded(round_: Round, sent: Sent) -> None:
    """Note that reminders went out today."""

    def job() -> None:
        event = eventlog.append("reminded", {"round": round_.name, "n_sent": sent.n, "n_refused": len(sent.refused)})
        round_.reminded_on = eventlog.moment_of(event).date()
        round_.save(update_fields=["reminded_on"])

    write(job)
