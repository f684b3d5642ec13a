"""Whether an answer is one to the question.

Under load a provider, or a cache on the way, sends the answer to another request.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from listgen.acquire.http import Response
from listgen.base.text import t

Work = Mapping[str, Any]


def mismatch(params: Mapping[str, str], rows: list[dict[str, Any]]) -> str | None:
    """Return why a page cannot answer a query, None if every record fits the filter by its fields.

    Args:
        params: The parameters of the query.
        rows: The records (or groups) of the page.
    """
    if "group_by" in params:
        return None  # groups carry nothing of the filter
    for term in params.get("filter", "").split(","):
        name, _, wanted = term.partition(":")
        fits = _FITS.get(name)
        if fits is None:
            continue
        values = frozenset(wanted.split("|"))
        for place, row in enumerate(rows):
            if not fits(row, values):
                return t(
                    "a record answers another question (results[{place}], {filter})", place=place, filter=name
                )
    return None


def is_other_record(response: Response, document: Mapping[str, Any]) -> bool:
    """Return True if a record is not the one at the address that answered.

    A merged work is led to by a redirect of the provider.
    """
    return tail(document.get("id")) != tail(urlsplit(response.url).path)


def tail(address: object) -> str:
    """Return the last part of an id written as an address."""
    return str(address or "").rsplit("/", 1)[-1]


def _has_id(work: Work, wanted: frozenset[str]) -> bool:
    return "id" not in work or tail(work["id"]) in wanted


def _has_year(work: Work, wanted: frozenset[str]) -> bool:
    return work.get("publication_year") is None or str(work["publication_year"]) in wanted


def _has_topic(work: Work, wanted: frozenset[str]) -> bool:
    topics = [*(work.get("topics") or []), *([work["primary_topic"]] if work.get("primary_topic") else [])]
    return not topics or any(tail(topic.get("id")) in wanted for topic in topics if isinstance(topic, dict))


def _has_keyword(work: Work, wanted: frozenset[str]) -> bool:
    keywords = work.get("keywords") or []
    return not keywords or any(tail(word.get("id")) in wanted for word in keywords if isinstance(word, dict))


_FITS: dict[str, Callable[[Work, frozenset[str]], bool]] = {
    "ids.openalex": _has_id,
    "publication_year": _has_year,
    "topics.id": _has_topic,
    "keywords.id": _has_keyword,
}
