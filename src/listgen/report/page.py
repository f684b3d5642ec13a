"""The report as static pages.

They open from disk, ask no other host for anything, and can be read without script.

Reads: nothing itself; it is given the document, the evidence and the checks
Writes: nothing; `run` of the package writes the file
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from listgen.base.errors import CouldNotCheckError
from listgen.base.text import t
from listgen.config.loader import Config
from listgen.config.scoring import AXES
from listgen.outputs.candidates import STATUSES, Candidates, Entry
from listgen.outputs.checks import Checks
from listgen.report import cards, charts, figures, overview, texts
from listgen.report.document import Row
from listgen.report.evidence import Evidence

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Subject:
    """What the page is about: the same three documents the files hold."""

    document: Candidates
    evidence: Evidence
    checks: Checks
    config: Config
    changes: Row | None = None


def render_pages(subject: Subject) -> dict[str, bytes]:
    """Return every page by its path in the build's folder.

    The overview, one page per technology, and all cards on one page for print.

    Raises:
        CouldNotCheckError: An entry has a status the pages have no sign for.
    """
    entries = _in_reading_order(subject.document.entries)
    unknown = sorted({str(entry.status) for entry in entries} - set(STATUSES))
    if unknown:
        raise CouldNotCheckError(
            t("list.candidate: unknown status {names}.", names=", ".join(unknown)),
            t("Expected one of: {known}.", known=", ".join(STATUSES)),
        )
    drawn = [cards.card(entry, subject.evidence, subject.config) for entry in entries]
    context = overview.context(subject.document, entries, subject.evidence, subject.checks, subject.config)
    blank = [card for card in drawn if card["entry"].status == "insufficient_evidence"]
    against = {
        card["entry"].technology_id: [line["text"] for line in card["lately"] if not line["is_for"]]
        for card in drawn
    }
    context |= {
        "statuses": STATUSES,
        "axes": AXES,
        "changes": subject.changes,
        "blank": blank,
        "against": against,
    }
    environment = _environment()

    def page(template: str, assets: tuple[str, ...], **more: object) -> bytes:
        frame = _frame(assets, subject.document)
        return _lean(environment.get_template(template).render(context | frame | more)).encode("utf-8")

    pages = {
        "report/index.html": page("index.html.j2", ("overview.css", "find.js")),
        "report/cards.html": page("cards.html.j2", ("card.css",), cards=drawn),
    }
    for place, card in enumerate(drawn):
        near = {
            "before": entries[place - 1] if place else None,
            "after": entries[place + 1] if place + 1 < len(entries) else None,
        }
        name = f"report/technologies/{card['entry'].technology_id}.html"
        pages[name] = page("technology.html.j2", ("card.css",), card=card, **near)
    return pages


def _frame(assets: tuple[str, ...], document: Candidates) -> Row:
    """Return style, script and policy of a page: what all pages share and what only its kind needs."""
    style = (
        _asset("page.css")
        + "".join(_asset(name) for name in assets if name.endswith(".css"))
        + _page_margins(document)
    )
    own = "".join(_asset(name) for name in assets if name.endswith(".js"))
    script = f'(function () {{\n"use strict";\n{_asset("page.js")}{own}start();\n}})();\n'
    return {"style": Markup(style), "script": Markup(script), "policy": _policy(style, script)}


def _in_reading_order(entries: list[Entry]) -> list[Entry]:
    """Return the entries as the list shows them.

    By status, the rule nearest to holding, the score of superiority (none last), the name.
    """

    def key(entry: Entry) -> tuple[int, float, float, str]:
        best = max((reason.p for reason in entry.reasons if reason.p is not None), default=0.0)
        place = STATUSES.index(entry.status)
        score = entry.axes.superiority.value
        return (place, -best, 1.0 if score is None else -score, entry.name["en"])

    return sorted(entries, key=key)


def _asset(name: str) -> str:
    return (HERE / "assets" / name).read_text(encoding="utf-8").strip() + "\n"


def _page_margins(document: Candidates) -> str:
    """Return what stands in the margins of every printed page.

    The build, the page number and, for a sample, that it is one.
    """
    run_id = re.sub(r"[^0-9A-Za-z._-]", "", document.run_id)
    sample = texts.pair("sample.banner")
    warning = f'@top-center{{content:"{sample["en"]} / {sample["ja"]}"}}' if document.is_sample else ""
    return (
        f'@media print{{@page{{{warning}@bottom-left{{content:"listgen'
        f' {run_id}"}}@bottom-right{{content:counter(page) " / " counter(pages)}}}}}}\n'
    )


def _policy(style: str, script: str) -> str:
    """Return a content policy that allows only this page's own style and script, and no requests."""

    def digest(text: str) -> str:
        return (
            "'sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") + "'"
        )

    parts = {
        "default-src": "'none'",
        "style-src": digest(style),
        "script-src": digest(script),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "tx": texts.tx,
        "both": texts.both,
        "charts": charts,
        "fig": figures,
        "pair_or": texts.pair_or,
    }
    return environment


def _lean(html: str) -> str:
    """Return the page without the indentation and blank lines of its templates.

    The style and script stay as they are.
    """
    parts: list[Any] = re.split(r"(<(style|script|pre)>.*?</\2>)", html, flags=re.DOTALL)
    kept = []
    for index, part in enumerate(parts):
        if index % 3 == 0:
            kept.append(re.sub(r"\s*\n\s*", "\n", part))
        elif index % 3 == 1:
            kept.append(part)
    return "".join(kept).strip() + "\n"
