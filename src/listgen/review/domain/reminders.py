"""Links for everybody, reminders for those who have not finished and nobody else.

A mail-merge list, and mails where a mail server is set.

Reads: seat, person, ballot, round
Writes: link, round.reminded_on, the log; sends mail
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPRecipientsRefused

from listgen.base.errors import ProviderError, UsageError
from listgen.base.text import t
from listgen.review.domain import ballots, eventlog, links, rounds
from listgen.review.domain.rounds import Invitation
from listgen.review.domain.writer import write
from listgen.review.models import Person, Round, Seat
from listgen.review.wording import in_language, say, show_time

_FORMULA = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")


def unfinished(round_: Round) -> list[tuple[Person, int]]:
    """Return who has not answered everything, with how much is left.

    Nobody who was forgotten or whose link is revoked.
    """
    n_all = len(rounds.asked_ids(round_))
    seats = Seat.objects.filter(round=round_, person__isnull=False, link_hash__isnull=False).select_related(
        "person"
    )
    left = [(seat.person, n_all - len(ballots.answered(seat))) for seat in seats]
    return sorted((row for row in left if row[1] > 0), key=lambda row: str(row[0].email))


def table(rows: list[list[str]]) -> bytes:
    """Return a table for spreadsheets and mail merge.

    UTF-8 with a byte order mark, no cell that could be a formula.
    """
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(
        [["'" + cell if _FORMULA.match(cell) else cell for cell in row] for row in rows]
    )
    return ("\ufeff" + stream.getvalue()).encode("utf-8")


def plain_cell(cell: str) -> str:
    """Return a cell of such a table as it was before it was made harmless."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


@dataclass(frozen=True)
class Reminder:
    """Somebody to remind, how much they have left, and a link made for this reminder.

    It is stored nowhere else.
    """

    person: Person
    n_left: int
    link_token: str


def prepare(round_: Round, by: str) -> list[Reminder]:
    """Make a fresh link for everybody who has not finished.

    Of the one they have only a hash is stored, and it goes on working.

    Args:
        round_: The open round.
        by: Who asked for them, for the log: whoever has a link can answer in its owner's place.

    Raises:
        UsageError: The round takes no votes.
    """

    def job() -> list[Reminder]:
        if not rounds.is_open(Round.objects.get(pk=round_.pk)):
            raise UsageError(
                t("Round {round} is closed.", round=round_.name), t("Reminders go out while a round is open.")
            )
        seats = {seat.person_id: seat for seat in Seat.objects.filter(round=round_)}
        made = [
            Reminder(person, n_left, links.add_link(seats[person.pk]))
            for person, n_left in unfinished(round_)
        ]
        eventlog.append("reminder_links", {"round": round_.name, "by": by, "n": len(made)})
        return made

    return write(job)


def reminder_csv(round_: Round, made: Iterable[Reminder], origin: str) -> bytes:
    """Return the mail-merge list, each line with a link that works."""
    header = ["email", "name", "affiliation", "language", "closes_at", "link"]
    rows = [
        [
            *(getattr(one.person, name) for name in header[:4]),
            show_time(one.person.language, round_.closes_at),
            _link(origin, one.link_token),
        ]
        for one in made
    ]
    return table([header, *rows])


def _link(origin: str, token: str) -> str:
    return f"{origin}/i/{token}"


@dataclass(frozen=True)
class Sent:
    """What became of the reminders; `refused` are the addresses the mail server would not take."""

    n: int = 0
    refused: tuple[str, ...] = ()


def has_mail() -> bool:
    """Tell whether a mail server is set."""
    from django.conf import settings

    return bool(settings.EMAIL_HOST)


def remind(round_: Round, made: Iterable[Reminder], origin: str) -> Sent:
    """Send the reminders; to nobody where no mail server is set.

    Raises:
        ProviderError: The mail server cannot be reached or does not let us in; nobody was reminded, and the
            links made for this attempt are taken back, so that attempts do not pile up valid links.
    """
    made = list(made)
    letters = [
        (
            str(one.person.email),
            str(one.person.language),
            "mail",
            {
                "name": one.person.name,
                "n": one.n_left,
                "time": show_time(one.person.language, round_.closes_at),
                "link": _link(origin, one.link_token),
                "contact": _contact(round_, one.person.language),
            },
        )
        for one in made
    ]
    if not has_mail():
        return Sent()
    try:
        return _send(letters, t("Until then make the reminder list on the page of the round: /staff"))
    except ProviderError:
        _take_back(round_, made)
        raise


def _take_back(round_: Round, made: Iterable[Reminder]) -> None:
    """Make the links of an attempt that reached nobody worthless, and note it in the log."""

    def job() -> None:
        n = links.take_back(one.link_token for one in made)
        eventlog.append("reminder_links_taken_back", {"round": round_.name, "n": n})

    write(job)


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
            {
                "name": one.name,
                "time": show_time(one.language, round_.closes_at),
                "link": _link(origin, one.link_token),
                "facts": _facts(round_, one.language),
            },
        )
        for one in made
    ]
    return (
        _send(letters, t("The round is open; its links stand in {path}", path=kept_in))
        if has_mail()
        else Sent()
    )


def _facts(round_: Round, language: str) -> str:
    """Return a mail's paragraphs: who asks, what for, how long, what one agrees to, and the contact."""
    invitation = rounds.rules_of(round_.review).invitation
    if invitation is None:
        return ""
    n_all = len(rounds.asked_ids(round_))
    values = {
        name: in_language(language, text).replace("{n}", str(n_all))
        for name, text in invitation.model_dump().items()
    }
    return say(language, "invitation.facts", **values) + "\n"


def _contact(round_: Round, language: str) -> str:
    invitation = rounds.rules_of(round_.review).invitation
    return say(language, "mail.contact", contact=invitation.contact.model_dump()) if invitation else ""


def _send(letters: Sequence[tuple[str, str, str, Mapping[str, object]]], otherwise: str) -> Sent:
    """Send letters (address, language, kind, words), one refused address holding up nobody else."""
    from django.conf import settings
    from django.core.mail import get_connection
    from django.core.mail.message import EmailMessage

    sent: list[str] = []
    try:
        with get_connection() as connection:
            for email, language, kind, words in letters:
                subject, body = say(language, f"{kind}.subject"), say(language, f"{kind}.body", **words)
                with suppress(SMTPRecipientsRefused, SMTPDataError):
                    connection.send_messages([EmailMessage(subject, body, settings.LISTGEN_SENDER, [email])])
                    sent.append(email)
    except OSError as error:  # smtplib's own errors are among them
        if sent:
            # Some have their letter: sending all of them again would be worse than naming those who have
            # none.
            return Sent(len(sent), tuple(email for email, *_ in letters if email not in sent))
        raise ProviderError(
            t(
                "The mail server {host} does not take our mail ({reason}).",
                host=settings.EMAIL_HOST,
                reason=type(error).__name__,
            ),
            t("Expected one that answers at LISTGEN_REVIEW_SMTP."),
            otherwise,
        ) from error
    return Sent(len(sent), tuple(email for email, *_ in letters if email not in sent))


def note_reminded(round_: Round, sent: Sent) -> None:
    """Note that reminders went out today."""

    def job() -> None:
        event = eventlog.append(
            "reminded", {"round": round_.name, "n_sent": sent.n, "n_refused": len(sent.refused)}
        )
        round_.reminded_on = eventlog.moment_of(event).date()
        round_.save(update_fields=["reminded_on"])

    write(job)
