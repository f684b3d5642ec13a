"""What the command line and the flow ask of a review, without either of them knowing Django.

Reads: the review database, a promoted build
Writes: the review database; invitations, reminders and exports in data/review
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from listgen.base.errors import ConfigError, Problem, ProviderError, UsageError
from listgen.base.files import write_atomically
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.config.invitation import example_texts
from listgen.config.loader import Workspace
from listgen.config.review import ReviewRules
from listgen.review.domain import (
    cards,
    configchange,
    decisions,
    decisionsheet,
    erasure,
    eventlog,
    progress,
    proposals,
    reminders,
    rounds,
)
from listgen.review.domain.anchors import DECISIONS_FILE, anchors
from listgen.review.domain.panel import read_panel
from listgen.review.domain.reminders import table
from listgen.review.domain.rounds import results_of
from listgen.review.domain.verify import findings
from listgen.review.models import Card, Decision, Reason, Staff
from listgen.review.ops import server
from listgen.review.web import access, site

Row = dict[str, Any]


@dataclass(frozen=True)
class Opened:
    """A round just opened or added to, and where its links were written."""

    round_name: str
    closes_at: dt.datetime
    n_seats: int
    n_technologies: int
    invitations: Path
    n_mailed: int = 0
    refused: tuple[str, ...] = ()
    # Technologies the round was meant for and does not ask about: the panel agrees on them already.
    agreed: tuple[str, ...] = ()
    # Texts of the invitation that are still the packaged examples, each with file and line.
    examples: tuple[str, ...] = ()


def folder_of(workspace: Workspace) -> Path:
    """Return where a workspace keeps its review."""
    return workspace.data / "review"


def rules_of(workspace: Workspace) -> ReviewRules:
    """Return the rules a review of this workspace is opened with.

    Raises:
        ConfigError: The workspace has none.
    """
    if workspace.config.review is None:
        raise ConfigError([Problem("config/review.yaml", 0, 0, t("is missing"))])
    return workspace.config.review


def open_round(
    workspace: Workspace,
    build_folder: Path,
    *,
    panel: Path | None,
    days: int | None,
    only: Collection[str] = (),
    is_new: bool = False,
    is_mailed: bool = False,
    is_unsettled_only: bool = False,
) -> Opened:
    """Open the next round of the review under way, or the first of a new one on a build.

    Args:
        workspace: Whose review.
        build_folder: The build to judge; its configuration is the workspace's.
        panel: The CSV of the people invited; needed for a first round.
        days: How long the round is open; the rules' own number without.
        only: The technologies the round asks about; without any, all of the review (a first round: all that
            the rules could judge).
        is_new: Begin a new review although one is under way.
        is_mailed: Send everybody their link.
        is_unsettled_only: Leave out the technologies on which the panel agrees; not in a first round.

    Raises:
        UsageError: A round is open, a first round has no panel, or there is no mail server to send links
            with.
    """
    people = read_panel(panel) if panel else []
    site.start(folder_of(workspace))

    if is_mailed and not reminders.has_mail():
        raise UsageError(
            t("No mail server is set."), t("Expected one in LISTGEN_REVIEW_SMTP."), t("See docs/review.md.")
        )

    review = None if is_new else rounds.newest_review()
    rules = rounds.rules_of(review) if review else rules_of(workspace)
    closes_at = eventlog.now() + dt.timedelta(days=days or rules.round_days)
    _refuse_examples(workspace, rules, is_first=review is None)
    if review is not None:
        round_, made = rounds.open_next_round(
            review, people, closes_at, only, is_unsettled_only=is_unsettled_only
        )
    elif is_unsettled_only:
        raise UsageError(
            t("A first round has no earlier results."), t("Expected --unsettled with a later round.")
        )
    elif people:
        round_, made = rounds.open_review(
            cards.freeze(build_folder, workspace.config, only), rules, people, closes_at
        )
    else:
        raise UsageError(
            t("A first round needs a panel."), "", t("Run: listgen review open --panel panel.csv")
        )
    opened = _hand_out(workspace, round_, made, is_mailed)
    agreed = rounds.left_out(round_, only) if is_unsettled_only else []
    return replace(opened, agreed=tuple(agreed), examples=tuple(map(str, example_texts(workspace, rules))))


def _refuse_examples(workspace: Workspace, rules: ReviewRules, *, is_first: bool) -> None:
    """Refuse to open a round with the packaged example texts where a mail server could send them to people.

    Raises:
        UsageError: The invitation still has example texts, and LISTGEN_REVIEW_SMTP is set.
    """
    from listgen.review.domain import reminders

    found = example_texts(workspace, rules)
    if not found or not reminders.has_mail():
        return
    raise UsageError(
        t("The invitation still has example texts: {places}.", places="; ".join(map(str, found))),
        t("Expected your own organiser, contact and consent before mail goes to real people."),
        t("Replace these texts in config/review.yaml, run listgen build, then open the round again.")
        if is_first
        else t(
            "The rules of this review are fixed. Replace the texts in config/review.yaml, run listgen build,"
            " then: listgen review open --new --panel panel.csv"
        ),
    )


def _hand_out(workspace: Workspace, round_: Any, made: list[Any], is_mailed: bool) -> Opened:  # noqa: ANN401 - models of Django's
    """Write the links, mail them if wanted, and return what was done."""
    path = _write_invitations(workspace, round_.name, made)
    sent = (
        reminders.send_links(round_, made, site.chosen_origin(), str(path)) if is_mailed else reminders.Sent()
    )
    return Opened(
        round_.name, round_.closes_at, len(made), len(rounds.asked_ids(round_)), path, sent.n, sent.refused
    )


def open_next_if_due(workspace: Workspace) -> Opened | None:
    """Open the next planned round once the last is closed, unless the panel is stable or decisions began."""
    round_ = _newest_round(workspace)

    rules = rounds.rules_of(round_.review)
    stability = rounds.results_of(round_).get("stability")
    is_settled = isinstance(stability, dict) and stability["is_stable"]
    is_decided = Decision.objects.filter(review=round_.review).exists()
    if round_.closed_at is None or round_.number >= rules.rounds or is_settled or is_decided:
        return None
    _refuse_examples(workspace, rules, is_first=False)
    following, made = rounds.open_next_round(
        round_.review, [], eventlog.now() + dt.timedelta(days=rules.round_days)
    )
    return _hand_out(workspace, following, made, reminders.has_mail())


def is_under_way(workspace: Workspace) -> bool:
    """Tell whether a review was ever opened here, without making a database for the answer."""
    if "LISTGEN_REVIEW_DATABASE" not in os.environ and not (folder_of(workspace) / site.DATABASE).is_file():
        return False
    site.start(folder_of(workspace))

    return rounds.newest_round() is not None


def invite(workspace: Workspace, panel: Path | None, again: Iterable[str]) -> Opened:
    """Seat more people in the open round, or give some a new link, and return where the links were written.

    Raises:
        UsageError: No round is open, or nobody was named.
    """
    people = read_panel(panel) if panel else []
    round_ = _newest_round(workspace)

    renewed = rounds.people_of(round_.review, again)
    if not people and not renewed:
        raise UsageError(
            t("Nobody was named."), "", t("Run: listgen review invite --panel panel.csv, or --again EMAIL")
        )
    # A panel that names somebody a second time must not take the link away that they have.
    made = [*rounds.invite(round_, people, is_replacing=False), *rounds.invite(round_, renewed)]
    return _hand_out(workspace, round_, made, is_mailed=False)


def _newest_round(
    workspace: Workspace,
) -> Any:  # noqa: ANN401 - a model of Django's, which callers need not know
    site.start(folder_of(workspace))

    round_ = rounds.newest_round()
    if round_ is None:
        raise UsageError(
            t("No round has been opened yet."), "", t("Run: listgen review open --panel panel.csv")
        )
    return round_


def _write_invitations(workspace: Workspace, round_name: str, made: Iterable[Any]) -> Path:
    """Write the links as a mail-merge list only the owner may read; they stand nowhere else."""
    origin = site.chosen_origin()
    rows = [
        [one.email, one.name, one.affiliation, one.language, f"{origin}/i/{one.link_token}"] for one in made
    ]
    folder = folder_of(workspace) / "invitations"
    stem = round_name.replace("/", "-")
    numbers = (n for n in range(1, 10_000) if not (folder / f"{stem}-{n}.csv").exists())
    path = folder / f"{stem}-{next(numbers)}.csv"
    _write_private(path, table([["email", "name", "affiliation", "language", "link"], *rows]))
    return path


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read."""
    before = os.umask(0o077)
    try:
        write_atomically(path, content)
    finally:
        os.umask(before)


def revoke(workspace: Workspace, email: str) -> None:
    """Make a person's link worthless."""
    round_ = _newest_round(workspace)

    rounds.revoke(round_, email)


def forget(workspace: Workspace, email: str) -> None:
    """Delete a person's identity."""
    round_ = _newest_round(workspace)

    rounds.forget(round_.review, email)


def set_staff(workspace: Workspace, name: str, role: str | None, password: str) -> None:
    """Add somebody of the staff, or without a role take their access away."""
    site.start(folder_of(workspace))

    if role is None:
        access.remove_staff(name)
    else:
        access.add_staff(name, role, password)


def serve(workspace: Workspace, host: str, port: int, on_ready: Callable[[str, int], None]) -> None:
    """Serve the pages until stopped."""
    site.start(folder_of(workspace), site.chosen_origin(port or site.DEFAULT_PORT))

    server.serve(host, port, on_ready)


def status(workspace: Workspace) -> Row:
    """Return where the review stands; no vote can be told from it."""
    round_ = _newest_round(workspace)

    found = rounds.results_of(round_)
    decided = Decision.objects.filter(review=round_.review)
    return {
        "review": round_.review_id,
        "run_id": round_.review.run_id,
        "round": round_.number,
        "state": "open" if rounds.is_open(round_) else "closed" if round_.closed_at else "due",
        "closes_at": round_.ended_at.isoformat(),
        "technologies": len(rounds.asked_ids(round_)),
        **progress.totals(round_),
        "stability": found.get("stability"),
        "dropout": found.get("dropout"),
        "decisions": {
            name: decided.filter(decision=name).exclude(approver="").count() for name in decisions.DECISIONS
        },
        "awaiting_approval": decided.filter(approver="").count(),
        "proposals": len(proposals.of_review(round_.review)),
        "staff": {one.name: one.role for one in Staff.objects.filter(is_active=True)},
    }


@dataclass(frozen=True)
class Closed:
    """What closing came to: the file a build takes in, and what is still to be decided."""

    review_id: str
    round_name: str
    was_open: bool
    decisions: Path
    as_of_date: str
    n_technologies: int
    n_decided: int
    changed: list[str]


def close(workspace: Workspace, by: str) -> Closed:
    """Close the open round, if there is one, and write the decisions approved so far as `decisions.jsonl`."""
    round_ = _newest_round(workspace)

    was_open = round_.closed_at is None
    if was_open:
        rounds.close(round_, by)
    review = round_.review
    accepted = proposals.accepted(review)
    changed = configchange.apply(workspace, accepted)
    proposals.note_applied(accepted)
    content = decisions.decision_lines(review)
    path = folder_of(workspace) / "decisions" / DECISIONS_FILE
    # Noted first: a file the log does not know would be a finding.
    decisions.note_published(review, sha256_text(content.decode("utf-8")))
    write_atomically(path, content)
    n_decided = Decision.objects.filter(review=review).exclude(approver="").count()
    n_cards = Card.objects.filter(review=review).count()
    return Closed(
        review.review_id, round_.name, was_open, path, review.as_of_date, n_cards, n_decided, changed
    )


def remind_if_due(workspace: Workspace) -> Row:
    """Remind unfinished experts once, within `reminder_days` of closing, and return what was done."""
    round_ = _newest_round(workspace)

    days = rounds.rules_of(round_.review).reminder_days
    is_due = (
        rounds.is_open(round_)
        and round_.reminded_on is None
        and round_.closes_at - eventlog.now() <= dt.timedelta(days=days)
    )
    if not is_due:
        return {"reminded": 0, "refused": [], "list": None}
    path = folder_of(workspace) / "reminders" / f"{round_.name.replace('/', '-')}.csv"
    origin, made = site.chosen_origin(), reminders.prepare(round_, by="schedule")
    _write_private(path, reminders.reminder_csv(round_, made, origin))
    try:
        sent = reminders.remind(round_, made, origin)
    except ProviderError:
        path.unlink()  # its links were taken back: nobody may send them by hand
        raise
    reminders.note_reminded(round_, sent)
    return {"reminded": sent.n, "refused": list(sent.refused), "list": str(path)}


def close_if_due(workspace: Workspace) -> Closed | None:
    """Close the round whose hour has come, or take up decisions approved since.

    None while a round is open.
    """
    round_ = _newest_round(workspace)

    if round_.closed_at is None and eventlog.now() < round_.closes_at:
        return None
    return close(workspace, by="hour of closing")


def export(workspace: Workspace, target: Path, *, is_opened: bool = False) -> list[Path]:
    """Write what an auditor needs to check the review without us, and return the files.

    The log with its votes sealed, frozen cards, rules, results and the reasons they name; no name of any
    expert.

    Args:
        workspace: Whose review.
        target: The folder to write to.
        is_opened: Also write what is sealed (`votes.jsonl`), for somebody who sees neither names nor
            progress.

    Raises:
        UsageError: The target is a file.
    """
    if target.exists() and not target.is_dir():
        raise UsageError(
            t("{path} is a file.", path=target),
            t("Expected a folder, or one to be made."),
            t("Run: listgen review export DIR"),
        )
    round_ = _newest_round(workspace)

    review = round_.review
    cards = Card.objects.filter(review=review).order_by("position")
    names = ("technology_id", "domain_id", "machine_status", "facts", "markup", "digest")
    closed = rounds.closed_rounds(review)
    contents = {
        "reasons.jsonl": "".join(canonical_json(row) + "\n" for row in _reasons(closed)),
        "cards.jsonl": "".join(
            canonical_json({name: getattr(card, name) for name in names}) + "\n" for card in cards
        ),
        "rules.json": review.rules + "\n",
        "results.jsonl": "".join(one.results + "\n" for one in closed),
        DECISIONS_FILE: decisions.decision_lines(review).decode("utf-8"),
    }
    if is_opened:
        contents["votes.jsonl"] = "".join(eventlog.content_lines())
    decisions.note_published(review, sha256_text(contents[DECISIONS_FILE]))
    contents["log.jsonl"] = "".join(eventlog.log_lines())
    for name, text in contents.items():
        write_atomically(target / name, text.encode("utf-8"))
    return [target / name for name in contents]


def _reasons(closed: Iterable[Any]) -> list[Row]:
    """Return the texts that the results of closed rounds name.

    Those written over while voting stay inside.
    """
    wanted = {
        row["digest"]
        for one in closed
        for found in results_of(one)["technologies"].values()
        for row in found["reasons"]
    }
    rows = Reason.objects.filter(digest__in=wanted).order_by("digest")
    return [{"digest": one.digest, "salt": one.salt, "text": one.text} for one in rows]


def warn_of_log(workspace: Workspace) -> list[str]:
    """Return the rounds whose log shows the group and the votes of each pseudonym (version 1)."""
    _newest_round(workspace)

    return eventlog.unsealed_rounds()


def write_sheet(workspace: Workspace, path: Path) -> int:
    """Write the decision sheet of the review, nothing else, and return its number of technologies.

    Raises:
        UsageError: A round is open, no review was opened, or the file exists and says something else.
    """
    round_ = _newest_round(workspace)

    rounds.results_to_decide_on(round_.review)
    content = decisionsheet.sheet(round_.review)
    if path.exists() and path.read_bytes() != content:
        raise UsageError(
            t("{path} exists and differs from the sheet of now.", path=path),
            t("Expected a new file: decisions filled in there would be lost."),
            t("Import it, or name another file: listgen review sheet FILE"),
        )
    write_atomically(path, content)
    return len(decisionsheet.rows(round_.review))


def delete_reason(workspace: Workspace, receipt: str) -> int:
    """Delete what an author wrote on one technology, and return how many texts that were."""
    _newest_round(workspace)

    return erasure.delete_reason(receipt, "command line")


def take_in_decisions(workspace: Workspace, path: Path, name: str, password: str) -> list[str]:
    """Draft the decisions of a filled decision sheet in somebody's name, and return the technologies.

    Raises:
        UsageError: Name and password belong to nobody who decides.
    """
    round_ = _newest_round(workspace)

    staff = access.check_staff(name, password)
    if staff is None or staff.role not in decisions.DECIDERS:
        raise UsageError(
            t("Name and password belong to nobody who may decide."),
            t("Expected one with the role {roles}.", roles=", ".join(sorted(decisions.DECIDERS))),
        )
    return decisionsheet.take_in(round_.review, path, staff)


def verify(
    workspace: Workspace, digests: Iterable[str], decisions: Iterable[Path] = ()
) -> tuple[list[str], str]:
    """Return what does not fit in the review database, and the digest of its newest event.

    Args:
        workspace: Whose review.
        digests: Receipts or digests kept elsewhere; each must be in the log.
        decisions: Files of decisions kept elsewhere; the log must be at least as long as when they were
            written.
    """
    site.start(folder_of(workspace))

    newest = eventlog.head()
    found = findings(tuple(digests), anchors(decisions))
    if newest is None and not found:
        # An empty database agrees with its log; "intact" would hide that the review is elsewhere or gone.
        raise UsageError(
            t("The review has no log here."), "", t("Run: listgen review open --panel panel.csv")
        )
    return found, newest.digest if newest else ""
