"""The tables of the review database.

An append-only log, what is drawn from it for fast reading, and identities apart from both.

The log is the truth. `Ballot`, `Proposal` and `Decision` are projections of it that `eventlog.verify`
compares with a replay. Identities (`Person`) meet votes only through a round's pseudonym (`Seat`); a person
can be deleted and the log stays whole.
"""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


class Event(models.Model):
    """Each row is one thing that happened.

    Its digest covers the row before it, so no row can change or go unnoticed.
    """

    sequence = models.BigIntegerField(primary_key=True)
    body = models.TextField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    # What an expert said. The body has only the salted digest of it, so that the log can be given to readers;
    # see `eventlog`.
    content = models.TextField(null=True)
    # Both stand in the body as well: what makes a repeated submission the same one, and whose vote on what it
    # is.
    client_key = models.CharField(max_length=64, unique=True, null=True)
    subject = models.CharField(max_length=100, db_index=True)


class Review(models.Model):
    """Each row is one review.

    A build's candidates, the rules fixed before the first vote, and what the cards need to be drawn.
    """

    review_id = models.CharField(max_length=64, primary_key=True)
    run_id = models.CharField(max_length=64)
    candidates_digest = models.CharField(max_length=64)
    is_sample = models.BooleanField()
    rules = models.TextField()
    style = models.TextField()
    background = models.TextField()
    opened_on = models.DateField()
    as_of_date = models.CharField(max_length=10)


class Card(models.Model):
    """Each row is the evidence card of one technology, as the build's report shows it."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE)
    position = models.IntegerField()
    technology_id = models.CharField(max_length=64)
    domain_id = models.CharField(max_length=64)
    machine_status = models.CharField(max_length=32)
    facts = models.TextField()
    markup = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        """A technology has one card in a review."""

        constraints = (models.UniqueConstraint(fields=["review", "technology_id"], name="one_card"),)


class Round(models.Model):
    """Each row is one round of votes."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE)
    number = models.IntegerField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)
    results = models.TextField(default="")
    # The technologies this round asks about, as a JSON list; empty: all of the review, as in rounds opened
    # before this column.
    asked = models.TextField(default="")

    class Meta:
        """Rounds of a review are numbered."""

        constraints = (models.UniqueConstraint(fields=["review", "number"], name="one_round"),)

    @property
    def name(self) -> str:
        """Return the round's name in the log."""
        return f"{self.review_id}/{self.number}"

    @property
    def ended_at(self) -> dt.datetime:
        """Return when answers ceased, or will cease, to count.

        The planned hour, or the close if that came earlier.
        """
        return min(self.closed_at, self.closes_at) if self.closed_at else self.closes_at


class Person(models.Model):
    """Each row is somebody invited; may be deleted at any time."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE)
    email = models.CharField(max_length=254)
    name = models.CharField(max_length=200)
    affiliation = models.CharField(max_length=200)
    group = models.CharField(max_length=64)
    language = models.CharField(max_length=2)

    class Meta:
        """A person is invited to a review once."""

        constraints = (models.UniqueConstraint(fields=["review", "email"], name="one_person"),)


class Seat(models.Model):
    """Each row is a place in one round.

    A pseudonym, a link (its hash only), and, while the person wants it, who holds it.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True)
    pseudonym = models.CharField(max_length=32, unique=True)
    group = models.CharField(max_length=64)
    link_hash = models.CharField(max_length=64, unique=True, null=True)
    expires_at = models.DateTimeField()


class Link(models.Model):
    """Each row is one more link to a seat, sent with a reminder.

    Only its hash is stored, so no link can be sent twice.
    """

    link_hash = models.CharField(max_length=64, primary_key=True)
    seat = models.ForeignKey(Seat, on_delete=models.CASCADE)


class Ballot(models.Model):
    """Each row is how one seat stands on one technology now."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE)
    pseudonym = models.CharField(max_length=32)
    technology_id = models.CharField(max_length=64)
    answer = models.CharField(max_length=16)
    rating = models.IntegerField(null=True)
    reason_digest = models.CharField(max_length=64)
    ties = models.CharField(max_length=100)
    is_informed = models.BooleanField()
    revision = models.IntegerField()
    sequence = models.BigIntegerField()

    class Meta:
        """A seat has one ballot on a technology."""

        constraints = (models.UniqueConstraint(fields=["pseudonym", "technology_id"], name="one_ballot"),)


class Reason(models.Model):
    """Each row is a written reason.

    The log holds only its salted digest, so that a text can be deleted on request.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    salt = models.CharField(max_length=64)
    text = models.TextField()


class Proposal(models.Model):
    """Each row is a panel's proposal.

    A missing technology, a merge, a split, a better definition or corrected evidence.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE)
    pseudonym = models.CharField(max_length=32)
    kind = models.CharField(max_length=16)
    technology_id = models.CharField(max_length=64)
    content = models.TextField()
    sequence = models.BigIntegerField(unique=True)
    outcome = models.CharField(max_length=16, default="open")
    decider = models.CharField(max_length=64, default="")
    approver = models.CharField(max_length=64, default="")
    change = models.TextField(default="")


class Decision(models.Model):
    """Each row is the decision on one technology, drafted by one person and approved by another."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE)
    technology_id = models.CharField(max_length=64)
    decision = models.CharField(max_length=16)
    into_technology_id = models.CharField(max_length=64)
    rationale = models.TextField()
    decider = models.CharField(max_length=64)
    draft_digest = models.CharField(max_length=64)
    approver = models.CharField(max_length=64, default="")
    approved_on = models.DateField(null=True)
    digest = models.CharField(max_length=64, default="")
    # Of the results the decider saw; empty in decisions drafted before this column.
    results_digest = models.CharField(max_length=64, default="")

    class Meta:
        """A technology has one decision in a review."""

        constraints = (models.UniqueConstraint(fields=["review", "technology_id"], name="one_decision"),)


class Staff(models.Model):
    """Each row is somebody of the think tank who runs, approves or audits rounds."""

    name = models.CharField(max_length=64, primary_key=True)
    role = models.CharField(max_length=16)
    password = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)


def find_one(model: type[M], **wanted: object) -> M | None:
    """Return the row with these values, None where there is none.

    In plain SQL, because it runs several times for every answer: putting a query together takes the ORM ten
    times as long as the database needs to answer it.

    Args:
        model: The table.
        wanted: Columns, by their names in the database, and the values to be found in them.
    """
    name = connection.ops.quote_name
    where = " AND ".join(f"{name(column)} = %s" for column in wanted)
    found = list(
        model.objects.raw(f"SELECT * FROM {name(model._meta.db_table)} WHERE {where}", list(wanted.values()))
    )
    return found[0] if found else None
