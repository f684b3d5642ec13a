"""Whoever goes round the pages and changes the database is found out.

Every column of every table, every row, every event.
"""

import hashlib

import pytest
from test_review_rounds import build, cards, close, opened, seats, vote  # noqa: F401 - fixtures among them

# What no log can hold, because it must stay deletable or unknown; a row's `id` means nothing outside the
# database.
NOT_IN_THE_LOG = {
    "Person": "an identity: deletable at any time",
    "Seat.person": "who holds a seat",
    "Seat.link_hash": (
        "a link's hash: the log goes to auditors, who must not be able to try invitations on it"
    ),
    "Link": "as above, of a reminder",
}
TAMPERING = {
    "a vote in the sealed content": (
        "UPDATE review_event SET content = replace(content, '\"rating\":8', '\"rating\":9')"
    ),
    "a sealed content taken out": "UPDATE review_event SET content = NULL",
    "a decider in the text of an event": (
        'UPDATE review_event SET body = replace(body, \'"decider":"aoki"\', \'"decider":"abe"\')'
    ),
    "an event with another digest": (
        "UPDATE review_event SET content = replace(content, '\"rating\":8', '\"rating\":9'), digest = 'x' ||"
        " substr(digest, 2)"
    ),
    "a reason deleted without a request": (
        "DELETE FROM review_reason WHERE digest = (SELECT min(digest) FROM review_reason)"
    ),
    "a reason rewritten": "UPDATE review_reason SET text = text || '!'",
    "a reason with a new salt": "UPDATE review_reason SET salt = '00'",
    "a rationale": "UPDATE review_decision SET rationale = rationale || '!'",
    "a card's facts": "UPDATE review_card SET facts = replace(facts, 'en', 'EN')",
    "a card's evidence": "UPDATE review_card SET markup = markup || ' '",
    "a proposal's text": "UPDATE review_proposal SET content = replace(content, 'Better', 'Worse')",
    "the results a decision was made on": "UPDATE review_decision SET results_digest = digest",
    "the technologies a round asked": "UPDATE review_round SET asked = '[]'",
    "the group of a seat": "UPDATE review_seat SET \"group\" = 'x'",
    "the end of the log cut off": (
        "DELETE FROM review_event WHERE sequence = (SELECT max(sequence) FROM review_event)"
    ),
    "an event taken out": (
        "DELETE FROM review_event WHERE sequence = (SELECT max(sequence) - 1 FROM review_event)"
    ),
    "a ballot put in": (
        "INSERT INTO review_ballot SELECT 999, 'feed', technology_id, answer, rating, reason_digest, ties,"
        " is_informed, revision, sequence, round_id FROM review_ballot LIMIT 1"
    ),
    "the rules": (
        "UPDATE review_review SET rules = replace(rules, '\"fewest_votes\":5', '\"fewest_votes\":6')"
    ),
    "results": "UPDATE review_round SET results = replace(results, '\"n\":8', '\"n\":9')",
    "an index changed to hide it": "UPDATE review_event SET subject = 'x' || subject WHERE subject <> ''",
}
TRIGGERS_OFF = {
    "sqlite": ("DROP TRIGGER event_UPDATE", "DROP TRIGGER event_DELETE"),
    "postgresql": ("DROP TRIGGER event_append_only ON review_event",),
}


def changes_of_every_column():
    """Return functions that change each column or drop each table's last row, generated from the tables."""
    import datetime as dt

    from django.apps import apps
    from django.db import models

    changed = {
        models.BooleanField: lambda value: not value,
        models.DateTimeField: lambda value: (value or dt.datetime.now(dt.UTC)) + dt.timedelta(seconds=1),
        models.DateField: lambda value: (value or dt.date(2026, 1, 1)) + dt.timedelta(days=1),
        models.CharField: lambda value: (
            "0" + (value or "00")[1:] if (value or "1")[0] != "0" else "1" + value[1:]
        ),
        models.TextField: lambda value: f"{value}x",
        models.IntegerField: lambda value: (value or 0) + 10_000,
        models.ForeignKey: lambda value: value + 10_000 if isinstance(value, int) else f"{value}x",
    }
    found = {}
    for model in apps.get_app_config("review").get_models():
        name = model.__name__
        found[f"{name}: a row taken out"] = lambda model=model: model.objects.filter(
            pk=model.objects.last().pk
        )._raw_delete("default")
        for field in model._meta.concrete_fields:
            if field.name == "id":
                continue
            change = next(change for kind, change in changed.items() if isinstance(field, kind))

            def make(model=model, column=field.attname, change=change):
                row = model.objects.last()
                model.objects.filter(pk=row.pk).update(**{column: change(getattr(row, column))})

            found[f"{name}.{field.name}"] = make
    return {
        what: change
        for what, change in found.items()
        if not {what, what.split(".")[0].split(":")[0]} & NOT_IN_THE_LOG.keys()
    }


def test_every_change_of_a_row_is_found(opened, tmp_path):  # noqa: F811 - the fixture
    """Generated from the tables.

    Whatever column of whatever row somebody with the database changes, the check tells.
    """
    from django.db import connection, transaction

    from listgen.review.domain import decisions, proposals, reminders, rounds, verify
    from listgen.review.domain.anchors import anchors
    from listgen.review.models import Staff

    card = cards()[0]
    receipt = vote(seats()[0], card, 8, reason="why").receipt
    for seat in seats()[1:8]:
        vote(seat, card, 8, reason="because of it")
    made = proposals.propose(
        seats()[0], "definition", card.technology_id, {"reason": "because", "definition": "Better."}, key="p"
    )
    reminders.note_reminded(rounds.newest_round(), reminders.Sent())
    close()
    review = rounds.newest_review()
    aoki, baba = Staff.objects.get(name="aoki"), Staff.objects.get(name="baba")
    one = decisions.draft(review, card.technology_id, "accept", "clear", aoki)
    decisions.approve(review, card.technology_id, one.draft_digest, baba)
    answered = proposals.answer(made, "accept", {"parts": [{"definition_en": "Better."}]}, aoki)
    proposals.approve(answered, proposals.answer_mark(answered), baba)
    content = decisions.decision_lines(review)
    decisions.note_published(review, hashlib.sha256(content).hexdigest())
    (tmp_path / "review/decisions").mkdir()
    (tmp_path / "review/decisions/decisions.jsonl").write_bytes(content)
    assert verify.findings((receipt,), anchors()) == []
    assert verify.findings(("0" * 64,)) == [f"log: {'0' * 64} is not in it"]
    changes, unseen = changes_of_every_column(), []
    changes |= {what: lambda sql=sql: connection.cursor().execute(sql) for what, sql in TAMPERING.items()}
    for what, change in changes.items():
        with transaction.atomic():
            with connection.cursor() as cursor:
                for sql_off in TRIGGERS_OFF[connection.vendor]:
                    cursor.execute(sql_off)
            change()
            if not verify.findings((), anchors()):
                unseen.append(what)
            transaction.set_rollback(True)
    assert unseen == [] and len(changes) > 80
    assert verify.findings() == []


def test_the_database_itself_refuses_to_change_an_event(opened):  # noqa: F811 - as above
    from django.db import DatabaseError, connection

    for sql in ("UPDATE review_event SET body = ''", "DELETE FROM review_event"):
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(sql)
