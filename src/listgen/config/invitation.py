"""The texts of an invitation that are still the packaged examples, with their places.

Reads: config/review.yaml of the workspace and of the package. Writes: nothing
"""

from __future__ import annotations

import re

from listgen.base.errors import Problem
from listgen.base.text import LANGUAGES, t
from listgen.config.review import ReviewRules
from listgen.config.template import packaged
from listgen.config.workspace import Workspace
from listgen.config.yamlfile import load_places, load_yaml, place_of

FILE = "config/review.yaml"
# What differs from one organisation to the next; purpose and length fit as they are.
_OWN_TEXTS = ("organiser", "consent", "contact")
# RFC 2606 and RFC 6761: addresses there reach nobody.
_RESERVED = re.compile(r"@(?:[^@\s]+\.)?example(?:\.(?:com|net|org))?\b", re.IGNORECASE)


def example_texts(workspace: Workspace, rules: ReviewRules | None) -> list[Problem]:
    """Return the example texts in the invitation of a review's rules, with their place in the file.

    Args:
        workspace: Where the file is.
        rules: The rules of a review, which may be older than the file.
    """
    invitation = rules.invitation if rules else None
    if invitation is None:
        return []
    own = invitation.model_dump()
    examples = load_yaml(packaged("config") / "review.yaml", FILE)["invitation"]
    path = workspace.root / FILE
    document = load_places(path, FILE) if path.is_file() else None
    return [
        Problem(
            FILE,
            *place_of(document, ("invitation", name, language)),
            t("{field} is an example", field=f"invitation.{name}.{language}"),
        )
        for name in _OWN_TEXTS
        for language in LANGUAGES
        if own[name][language] == examples[name][language]
        or (name == "contact" and _RESERVED.search(own[name][language]))
    ]
