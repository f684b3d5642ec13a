"""Turns validation errors into sentences a think-tank analyst can act on."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from listgen.base.errors import nearest
from listgen.base.text import t
from listgen.config.shapes import Text

Location = tuple[int | str, ...]

_MAX_SHOWN = 120  # characters of a wrong value
_MAX_DEFECTS = 100  # of one file; beyond, looking for the nearest names would take minutes
_NO_KEYS = ("dict_type", "model_type", "model_attributes_type")


def not_in(value: str, valid: Sequence[str], where: str) -> str:
    """Return the message that a name is none of the valid ones, with the nearest of them."""
    return t('"{value}" is not in {where}.', value=value, where=where) + nearest(value, valid)


def explain_validation(
    error: ValidationError, model: type[BaseModel], only: str = ""
) -> Iterator[tuple[Location, str]]:
    """Yield place and message of every defect in a validation error, or of one kind only."""
    details = [one for one in error.errors(include_url=False) if not only or one["type"] == only]
    for number, detail in enumerate(details):
        if number == _MAX_DEFECTS:
            yield (), t("and {n} more defects of this file; mend these first", n=len(details) - number)
            return
        location = tuple(part for part in detail["loc"] if isinstance(part, int | str))
        yield (
            location,
            f"{_path(location)}: {_sentence(detail, location, model)}"
            if location
            else _sentence(detail, location, model),
        )


def _path(location: Location) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _sentence(detail: ErrorDetails, location: Location, model: type[BaseModel]) -> str:
    kind, given = detail["type"], detail.get("input")
    if kind == "missing":
        return t("is missing")
    if kind == "extra_forbidden":
        return t('"{key}" is not a known key.', key=location[-1]) + nearest(
            location[-1], keys_at(model, location[:-1])
        )
    if kind == "literal_error":
        options = allowed_options(detail)
        return t(
            '"{value}" is not one of {options}.', value=str(given)[:_MAX_SHOWN], options=", ".join(options)
        ) + nearest(given, options)
    if kind == "value_error":
        reason = str(detail.get("ctx", {}).get("error", detail["msg"]))
        return (
            t('"{value}" {reason}', value=str(given)[:_MAX_SHOWN], reason=reason)
            if isinstance(given, str | int | float)
            else reason
        )
    if kind in _NO_KEYS and _model_in(_kind_at(model, location)) is Text:
        return t("must be a text in both languages: {shape}", shape="{en: ..., ja: ...}") + t(
            " (found {value})", value=_shown(given)
        )
    return _of_shape(kind, detail.get("ctx", {})) + (
        "" if isinstance(given, dict | list) else t(" (found {value})", value=_shown(given))
    )


def allowed_options(detail: ErrorDetails) -> list[str]:
    """Return the choices of a key that was given another one."""
    expected = str(detail.get("ctx", {}).get("expected", ""))
    return [part.strip(" '") for part in expected.replace(" or ", ", ").split(",")]


def _of_shape(kind: str, limits: dict[str, Any]) -> str:
    """Return what a value should have been, by the kind of error.

    A kind nobody foresaw is named, so that it can be looked up.
    """
    expected = {
        "string_type": "must be a text",
        "bool_type": "must be true or false",
        "bool_parsing": "must be true or false",
        "int_type": "must be a whole number",
        "int_parsing": "must be a whole number",
        "int_from_float": "must be a whole number",
        "float_type": "must be a number",
        "float_parsing": "must be a number",
        "finite_number": "must be a number",
        "list_type": "must be a list",
        "dict_type": "must be keys with values",
        "model_type": "must be keys with values",
        "model_attributes_type": "must be keys with values",
        "greater_than": "must be greater than {gt}",
        "greater_than_equal": "must be at least {ge}",
        "less_than": "must be less than {lt}",
        "less_than_equal": "must be at most {le}",
        "too_short": "must have at least {min_length} item(s)",
        "too_long": "must have at most {max_length} item(s)",
        "string_pattern_mismatch": "must have the form {pattern}",
    }
    if kind not in expected:
        return t("is not what this key takes ({kind})", kind=kind)
    return t(expected[kind], **{name: value for name, value in limits.items() if name != "error"})


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"


def keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys allowed at a place, walking the model along it."""
    fields = getattr(_model_in(_kind_at(model, location)), "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _kind_at(model: type[BaseModel], location: Location) -> Any:  # noqa: ANN401 - a typing form
    kind: Any = model
    for part in location:
        kind = None if kind is None else _step(kind, part)
    return kind


def _step(kind: Any, part: int | str) -> Any:  # noqa: ANN401 - a typing form
    kind = _strip(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if part in (name, field.alias):
                return field.annotation
        return None
    arguments = get_args(kind)
    return arguments[-1] if get_origin(kind) in (list, dict, tuple) and arguments else None


def _model_in(kind: Any) -> type[BaseModel] | None:  # noqa: ANN401 - a typing form
    kind = _strip(kind)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _strip(kind: Any) -> Any:  # noqa: ANN401 - a typing form
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, types.UnionType):
            kind = next((a for a in get_args(kind) if a is not type(None)), None)
        else:
            return kind
