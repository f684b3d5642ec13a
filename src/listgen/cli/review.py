"""`listgen review ...`: the verbs of the expert loop. Nothing heavy is loaded before a verb runs."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from listgen.base.errors import UsageError
from listgen.base.text import language, t
from listgen.cli.help import Group, emit, json_option

if TYPE_CHECKING:
    from listgen.config.loader import Workspace
    from listgen.review.ops.desk import Opened

PASSWORD = "LISTGEN_REVIEW_PASSWORD"  # noqa: S105 - the variable's name


class _Context(Protocol):
    def load(self) -> Workspace: ...


@click.group(cls=Group, epilog="Example: listgen review open --panel panel.csv")
def review() -> None:
    """Have experts judge the current build: rounds, links, pages, decisions."""


@review.command("open", epilog="Example: listgen review open --panel panel.csv --days 14")
@click.option(
    "--panel",
    type=click.Path(path_type=Path),
    help="CSV with email, name and, if wanted, affiliation, group, language (first round).",
)
@click.option(
    "--days", type=click.IntRange(1, 365), help="How long the round is open (default: config/review.yaml)."
)
@click.option(
    "--only",
    multiple=True,
    metavar="TECHNOLOGY",
    help="Ask only about these (repeat the option); a later round too.",
)
@click.option(
    "--unsettled",
    "is_unsettled_only",
    is_flag=True,
    help="Later rounds: leave out the technologies on which the panel agrees.",
)
@click.option("--new", "is_new", is_flag=True, help="Begin a new review of the current build.")
@click.option("--mail", "is_mailed", is_flag=True, help="Send everybody their link (LISTGEN_REVIEW_SMTP).")
@json_option
@click.pass_obj
def open_round(
    context: _Context,
    panel: Path | None,
    days: int | None,
    only: tuple[str, ...],
    is_unsettled_only: bool,
    is_new: bool,
    is_mailed: bool,
    as_json: bool,
) -> None:
    """Freeze the current build and open a round, or open the next round of the review under way."""
    from listgen.review.ops import desk
    from listgen.store.builds import locate_build

    workspace = context.load()
    folder = locate_build(workspace)
    _refuse_unless_intact(workspace, folder)
    opened = desk.open_round(
        workspace,
        folder,
        panel=panel,
        days=days,
        only=only,
        is_new=is_new,
        is_mailed=is_mailed,
        is_unsettled_only=is_unsettled_only,
    )
    _emit_opened(opened, as_json)


def _refuse_unless_intact(workspace: Workspace, folder: Path) -> None:
    import json

    from listgen import pipeline

    wrong = pipeline.verify_outputs(folder)
    if wrong:
        raise UsageError(
            t("The current build is damaged: {files}.", files=", ".join(wrong)), "", t("Run: listgen build")
        )
    manifest = json.loads((folder / pipeline.MANIFEST).read_text(encoding="utf-8"))
    if manifest["inputs"]["config"] != workspace.config.digest:
        raise UsageError(
            t("The configuration has changed since build {run_id}.", run_id=manifest["run_id"]),
            t("A panel judges a build and its definitions together."),
            t("Run: listgen build"),
        )


def _emit_opened(opened: Opened, as_json: bool) -> None:
    document: dict[str, object] = {
        "round": opened.round_name,
        "closes_at": opened.closes_at.isoformat(),
        "seats": opened.n_seats,
        "technologies": opened.n_technologies,
        "invitations": str(opened.invitations),
        "mailed": opened.n_mailed,
        "refused": list(opened.refused),
        "agreed": list(opened.agreed),
        "example_texts": list(opened.examples),
    }
    template = "round {round}: {technologies} technologies, {seats} link(s), open until {closes_at}"
    lines = [
        t(template, **document | {"closes_at": _local(opened.closes_at)}),
        t("  links (mail merge, keep them secret): {path}", path=opened.invitations),
        *([t("  sent to {n} by mail", n=opened.n_mailed)] if opened.n_mailed else []),
        *(t("  the mail server refused {email}", email=email) for email in opened.refused),
        *(
            [
                t(
                    "  not asked, the panel agrees already: {technologies} "
                    "(to ask all the same: without --unsettled)",
                    technologies=", ".join(opened.agreed),
                )
            ]
            if opened.agreed
            else []
        ),
        *(
            t("  example text, replace it before you invite real experts: {place}", place=one)
            for one in opened.examples
        ),
        t("next: listgen review serve"),
    ]
    emit(document, as_json, lines)


def _local(moment: dt.datetime) -> str:
    """Return a moment as people on the panel read it; JSON keeps UTC."""
    from listgen.review.wording import show_time

    return show_time(language(), moment)


@review.command(epilog="Example: listgen review invite --again hanako@example.org")
@click.option("--panel", type=click.Path(path_type=Path), help="CSV of more people.")
@click.option(
    "--again", multiple=True, metavar="EMAIL", help="A new link in place of the old one (repeat the option)."
)
@click.option("--revoke", metavar="EMAIL", help="Make this person's link worthless.")
@click.option(
    "--forget", metavar="EMAIL", help="Delete this person's identity; their votes stay under a pseudonym."
)
@json_option
@click.pass_obj
def invite(
    context: _Context,
    panel: Path | None,
    again: tuple[str, ...],
    revoke: str | None,
    forget: str | None,
    as_json: bool,
) -> None:
    """Give out links for the open round, or take them back."""
    from listgen.review.ops import desk

    workspace = context.load()
    if revoke:
        desk.revoke(workspace, revoke)
        emit({"revoked": revoke}, as_json, [t("the link of {email} no longer works", email=revoke)])
    if forget:
        desk.forget(workspace, forget)
        emit(
            {"forgotten": forget},
            as_json,
            [t("the identity of {email} is deleted; the log is unchanged", email=forget)],
        )
    if panel or again or not (revoke or forget):
        _emit_opened(desk.invite(workspace, panel, again), as_json)


@review.command(epilog="Example: listgen review staff aoki --role facilitator")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["facilitator", "approver", "auditor"]),
    metavar="ROLE",
    help="What this person may do: facilitator, approver or auditor.",
)
@click.option("--remove", is_flag=True, help="Take this person's access away.")
@json_option
@click.pass_obj
def staff(context: _Context, name: str, role: str | None, remove: bool, as_json: bool) -> None:
    """Let somebody run, approve or audit rounds; asks for a password, or takes LISTGEN_REVIEW_PASSWORD."""
    from listgen.review.ops import desk

    if bool(role) == remove:
        raise UsageError(
            t("Say either --role or --remove."), "", t("Run: listgen review staff NAME --role facilitator")
        )
    password = "" if remove else os.environ.get(PASSWORD) or _ask_password()
    desk.set_staff(context.load(), name, role, password)
    emit(
        {"staff": name, "role": role}, as_json, [t("{name}: {role}", name=name, role=role or t("no access"))]
    )


def _ask_password(*, is_new: bool = True) -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            t("No password was given."),
            t("Expected it in {variable}, or typed on a terminal.", variable=PASSWORD),
        )
    return str(
        click.prompt(
            t("password (15 characters or more)") if is_new else t("password"),
            hide_input=True,
            confirmation_prompt=is_new,
        )
    )


@review.command(epilog="Example: listgen review serve --port 8765")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port (0: a free one)."
)
@click.pass_obj
def serve(context: _Context, host: str, port: int) -> None:
    """Serve the pages of experts and staff until stopped."""
    from listgen.review.ops import desk

    def ready(address: str, chosen: int) -> None:
        click.echo(
            t("serving the review on http://{host}:{port}; stop with Ctrl-C", host=address, port=chosen),
            err=True,
        )

    desk.serve(context.load(), host, port, ready)


@review.command(epilog="Example: listgen review status --json")
@json_option
@click.pass_obj
def status(context: _Context, as_json: bool) -> None:
    """Say how far the round is, without showing any vote."""
    from listgen.review.ops import desk

    found = desk.status(context.load())
    states = {"open": t("open"), "closed": t("closed"), "due": t("past its hour, not yet closed")}
    said = {
        "state": states[found["state"]],
        "closes_at": _local(dt.datetime.fromisoformat(found["closes_at"])),
    }
    lines = [
        t("review {review}, round {round}: {state}, until {closes_at}", **found | said),
        t("  {finished} of {seats} finished, {started} started, {technologies} technologies", **found),
        *(
            [t("  voted in the round before and not again: {share}", share=_dropout(found["dropout"]))]
            if found["dropout"]
            else []
        ),
        t(
            "  decisions approved: {n}; waiting for approval: {m}",
            n=sum(found["decisions"].values()),
            m=found["awaiting_approval"],
        ),
    ]
    emit(found, as_json, lines)


def _dropout(band: str) -> str:
    words = {
        "none": t("nobody"),
        "up_to_30_percent": t("up to 30 %"),
        "up_to_half": t("30 to 50 %"),
        "over_half": t("more than half"),
    }
    return words[band]


@review.command(epilog="Example: listgen review close --yes")
@click.option("--yes", is_flag=True, help="Do not ask: a closed round cannot be opened again.")
@json_option
@click.pass_obj
def close(context: _Context, yes: bool, as_json: bool) -> None:
    """Close the round and hand the approved decisions to the next build."""
    from listgen import pipeline
    from listgen.review.ops import desk

    workspace = context.load()
    if not yes and desk.status(workspace)["state"] != "closed":
        if not sys.stdin.isatty():
            raise UsageError(t("Closing a round cannot be undone."), "", t("Run: listgen review close --yes"))
        click.confirm(t("Close the round? No more votes are counted."), abort=True)
    closed = desk.close(workspace, by="command line")
    snapshot = pipeline.register_decisions(workspace, closed.decisions, closed.as_of_date)
    document = {
        "review": closed.review_id,
        "round": closed.round_name,
        "decisions": str(closed.decisions),
        "technologies": closed.n_technologies,
        "decided": closed.n_decided,
        "snapshot": snapshot.number,
        "changed": closed.changed,
    }
    lines = [
        t(
            "round {round} is closed" if closed.was_open else "round {round} was closed already",
            round=closed.round_name,
        ),
        t(
            "  {decided} of {technologies} technologies decided and approved; registered as snapshot"
            " {snapshot}",
            **document,
        ),
        *(
            t("  changed by an accepted proposal: config/technologies/{file}", file=name)
            for name in closed.changed
        ),
        t("next: listgen build"),
    ]
    emit(document, as_json, lines)


@review.command(epilog="Example: listgen review tend")
@json_option
@click.pass_obj
def tend(context: _Context, as_json: bool) -> None:
    """Do what is due, as the Prefect flow: remind, close, open the planned round, build with decisions."""
    from listgen.flows import run_review

    done = run_review(context.load())
    emit(
        done,
        as_json,
        [f"{name}: {value}" for name, value in sorted(done.items())] or [t("no review was ever opened here")],
    )


@review.command(epilog="Example: listgen review export audit-2026")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--votes",
    "is_opened",
    is_flag=True,
    help="Also the sealed votes, joined by pseudonym: only for somebody who sees neither names nor progress.",
)
@json_option
@click.pass_obj
def export(context: _Context, directory: Path, is_opened: bool, as_json: bool) -> None:
    """Write log, rules, cards and results for an auditor, without experts' names and with sealed votes."""
    from listgen.review.ops import desk

    workspace = context.load()
    paths = [str(path) for path in desk.export(workspace, directory, is_opened=is_opened)]
    old = desk.warn_of_log(workspace)
    if old:
        click.echo(
            t(
                "warning: the log of {rounds} is of version 1. It shows the group and all votes of each"
                " pseudonym. Give it to nobody who knows the panel or its progress.",
                rounds=", ".join(old),
            ),
            err=True,
        )
    emit({"files": paths, "log_version_1": old}, as_json, paths)


@review.command(epilog="Example: listgen review sheet decision_sheet.csv")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def sheet(context: _Context, file: Path, as_json: bool) -> None:
    """Write the decision sheet alone, to be filled in with a spreadsheet."""
    from listgen.review.ops import desk

    n = desk.write_sheet(context.load(), file)
    lines = [
        t("{path}: {n} technologies", path=file, n=n),
        t("next: listgen review import {path} --by NAME", path=file),
    ]
    emit({"sheet": str(file), "technologies": n}, as_json, lines)


@review.command("erase", epilog="Example: listgen review erase RECEIPT")
@click.argument("receipt")
@json_option
@click.pass_obj
def erase(context: _Context, receipt: str, as_json: bool) -> None:
    """Delete an author's text on a technology, at their request; the log keeps its digest and the request."""
    from listgen.review.ops import desk

    n = desk.delete_reason(context.load(), receipt)
    emit({"erased": n}, as_json, [t("{n} text(s) deleted; the vote stays", n=n)])


@review.command("import", epilog="Example: listgen review import decision_sheet.csv --by aoki")
@click.argument("sheet", type=click.Path(path_type=Path))
@click.option(
    "--by",
    "name",
    required=True,
    metavar="NAME",
    help="Who decides: a facilitator or approver; asks for the password, or takes LISTGEN_REVIEW_PASSWORD.",
)
@json_option
@click.pass_obj
def take_in(context: _Context, sheet: Path, name: str, as_json: bool) -> None:
    """Take in a decision sheet filled in with a spreadsheet; each decision still needs another's approval."""
    from listgen.review.ops import desk

    drafted = desk.take_in_decisions(
        context.load(), sheet, name, os.environ.get(PASSWORD) or _ask_password(is_new=False)
    )
    lines = [
        t(
            "{n} decision(s) drafted by {name}; they wait for another person's approval",
            n=len(drafted),
            name=name,
        ),
        *(f"  {one}" for one in drafted),
    ]
    emit({"drafted": drafted, "by": name}, as_json, lines)


@review.command(epilog="Example: listgen review without semiconductor_materials")
@click.argument("technology")
@json_option
@click.pass_obj
def without(context: _Context, technology: str, as_json: bool) -> None:
    """Show what the list of the current build would be without the decision on one technology."""
    from listgen import pipeline
    from listgen.listing import candidates
    from listgen.trace.reading import open_finished, require_known

    with open_finished(pipeline.find_build(context.load())) as warehouse:
        rows = candidates.decided_list(warehouse).to_dicts()
        decided = [row["technology_id"] for row in rows if row["decision"]]
        if not decided:
            raise UsageError(
                t("No decision stands in this build."), "", t("Run: listgen review close, then listgen build")
            )
        require_known(technology, decided, t("a decided technology"))
        left_out = candidates.decided_list(warehouse, technology).to_dicts()
    statuses = {row["technology_id"]: row["status"] for row in left_out}
    changed = {
        row["technology_id"]: [row["status"], statuses[row["technology_id"]]]
        for row in rows
        if row["status"] != statuses[row["technology_id"]]
    }
    lines = [
        t(
            "without the decision on {technology}, {n} technology(ies) would stand otherwise",
            technology=technology,
            n=len(changed),
        )
    ]
    lines += [f"  {name}: {before} → {after}" for name, (before, after) in changed.items()]
    emit({"without": technology, "changed": changed, "list": statuses}, as_json, lines)


@review.command(epilog="Example: listgen review verify")
@click.argument("digest", nargs=-1)
@click.option(
    "--decisions",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A decisions.jsonl kept elsewhere (repeat the option); those of this workspace are compared anyway.",
)
@json_option
@click.pass_obj
def verify(context: _Context, digest: tuple[str, ...], decisions: tuple[Path, ...], as_json: bool) -> None:
    """Check the review database against its log; receipts or digests kept elsewhere must be in it."""
    from listgen.review.ops import desk

    found, head = desk.verify(context.load(), digest, decisions)
    first = (
        t("{n} finding(s)", n=len(found))
        if found
        else t("intact: the log and the database agree; newest digest {digest}", digest=head)
    )
    emit(
        {"ok": not found, "findings": found, "head": head},
        as_json,
        [first, *(f"  {finding}" for finding in found)],
    )
    if found:
        raise SystemExit(1)
