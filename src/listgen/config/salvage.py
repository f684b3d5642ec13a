"""A defective file as it was probably meant, to check what it says about other files in the same run.

What comes out is never built from: it only lets all problems be told at once.
"""

from __future__ import annotations

import copy
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from listgen.config.problems import Location, allowed_options, explain_validation, keys_at

SomeModel = TypeVar("SomeModel", bound=BaseModel)
_ROUNDS = 5
_MAX_DEFECTS = 200


def salvage(model: type[SomeModel], data: object) -> tuple[SomeModel | None, list[tuple[Location, str]]]:
    """Return a defective document with its slips taken back, and the rules it breaks apart from them.

    A misspelt key or choice becomes the nearest known one; another wrong value is left out, with the whole
    list it is an item of, so that the numbers of other items stay right. A rule over several keys is judged
    once the slips in these keys are taken back; where a value was left out it cannot be judged, and nothing
    is said.

    Args:
        model: The shape of the file.
        data: Its document.

    Returns:
        The document as it was probably meant, None when too much of it is wrong; and place and message of
        every broken rule.
    """
    document, lost, broken = copy.deepcopy(data), list[Location](), list[tuple[Location, str]]()
    for number in range(_ROUNDS):
        try:
            return model.model_validate(document), broken
        except ValidationError as error:
            if number:
                rules = (one for one in explain_validation(error, model, only="value_error"))
                broken += [(place, why) for place, why in rules if not _is_below(place, lost)]
            defects = error.errors(include_url=False)
            if len(defects) > _MAX_DEFECTS:
                return None, broken
            # A misspelt key first: then the key it stands for is no longer missing.
            for defect in sorted(defects, key=lambda one: one["type"] != "extra_forbidden"):
                if not _take_back(model, document, defect, lost):
                    return None, broken
    return None, broken


def _is_below(place: Location, lost: list[Location]) -> bool:
    """Tell whether a value that was left out belongs to this place."""
    return any(one[: len(place)] == place for one in lost)


def _take_back(
    model: type[BaseModel],
    document: Any,  # noqa: ANN401 - any YAML document
    defect: Any,  # noqa: ANN401 - pydantic's ErrorDetails, and its context
    lost: list[Location],
) -> bool:
    """Change the document at the place of one defect; False where nothing can be changed.

    The place of a value that is left out is added to `lost`.
    """
    location = [part for part in defect["loc"] if isinstance(part, int | str)]
    if not location:
        return False
    parent, key = _node(document, location[:-1]), location[-1]
    if defect["type"] == "missing":
        if _is_there(parent, key):
            return True
        lost.append(tuple(location))
        return len(location) > 1 and _leave_out(document, location[:-1])
    if not isinstance(parent, dict) or key not in parent:
        lost.append(tuple(location))
        return _leave_out(document, location)
    value = parent.pop(key)
    if defect["type"] == "extra_forbidden":
        near = get_close_matches(
            str(key), [k for k in keys_at(model, tuple(location[:-1])) if k not in parent], n=1
        )
        parent |= {near[0]: value} if near else {}
        return True
    if defect["type"] == "literal_error":
        near = get_close_matches(str(value), allowed_options(defect), n=1, cutoff=0.3)
        parent |= {key: near[0]} if near else {}
        return True
    lost.append(tuple(location))
    return True


def _is_there(parent: object, key: int | str) -> bool:
    """Tell whether a missing key was found meanwhile under a misspelt name."""
    return isinstance(parent, dict) and key in parent


def _node(document: Any, location: list[int | str]) -> Any:  # noqa: ANN401 - any YAML document
    for part in location:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _leave_out(document: Any, location: list[int | str]) -> bool:  # noqa: ANN401 - any YAML document
    """Remove what lies at a place, with the outermost list it is in."""
    number = next((place for place, part in enumerate(location) if isinstance(part, int)), len(location))
    place = location[:number]
    parent = _node(document, place[:-1]) if place else None
    if isinstance(parent, dict) and place[-1] in parent:
        del parent[place[-1]]
    return bool(place)
