"""Checks of texts: a Japanese text that only repeats the English one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from listgen.base.text import t
from listgen.config.checks.scope import Location, Scope

_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def check_texts(scope: Scope, documents: Mapping[str, object]) -> None:
    """Report Japanese texts that are a copy of the English ones."""
    for name, document in documents.items():
        for location in _copied_texts(document, ()):
            scope.report(
                name, location, t("the Japanese text is a copy of the English one; write it in Japanese")
            )


def _copied_texts(node: object, location: Location) -> Iterator[Location]:
    """Yield the places where a Japanese sentence is the English one.

    Names such as "Open RAN" may be the same in both.
    """
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from _copied_texts(value, (*location, index))
    elif isinstance(node, dict):
        english, japanese = node.get("en"), node.get("ja")
        if (
            isinstance(japanese, str)
            and japanese == english
            and len(japanese.split()) > 3
            and not _JAPANESE.search(japanese)
        ):
            yield (*location, "ja")
        for key, value in node.items():
            yield from _copied_texts(value, (*location, str(key)))
