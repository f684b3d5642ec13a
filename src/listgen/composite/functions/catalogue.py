"""Functions of one kind by name, and the check of a choice made in a configuration file."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar, get_type_hints

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from listgen.base.errors import ConfigError, Problem, nearest
from listgen.base.text import t
from listgen.config.yamlfile import place_of

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Function = TypeVar("Function", bound=Callable[..., object])


class Catalogue(dict[str, Callable[..., object]]):
    """The functions of one kind. The data come as positional arguments, parameters as keyword-only ones."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def add(self, function: Function) -> Function:
        """Register a function under its own name; used as a decorator."""
        self[function.__name__] = function
        return function

    def problems(self, name: str, parameters: Mapping[str, object]) -> list[tuple[str, str]]:
        """Return what is wrong with a choice: the key at fault and the message."""
        if name not in self:
            known = t('"{name}" is not a function of {kind}.', name=name, kind=self.kind)
            return [("function", known + nearest(name, self))]
        keywords = [one for one in inspect.signature(self[name]).parameters.values() if _is_keyword(one)]
        names = [one.name for one in keywords]
        found = [
            (key, t('{function} has no parameter "{name}".', function=name, name=key) + nearest(key, names))
            for key in parameters
            if key not in names
        ]
        missing = [one.name for one in keywords if one.default is one.empty and one.name not in parameters]
        found += [
            (key, t('{function}: the parameter "{name}" has an unsuitable value.', function=name, name=key))
            for key, hint in get_type_hints(self[name]).items()
            if key in names and key in parameters and not _fits(hint, parameters[key])
        ]
        return found + [
            ("function", t('{function} needs the parameter "{name}".', function=name, name=one))
            for one in missing
        ]

    def choose(
        self,
        name: str,
        parameters: Mapping[str, object],
        file: str,
        places: object = None,
        location: Sequence[int | str] = (),
    ) -> Callable[..., object]:
        """Return the named function with its parameters filled in.

        Args:
            name: The name of the function.
            parameters: Its keyword-only arguments.
            file: The configuration file, as error messages show it.
            places: The file's document of `find_places`.
            location: Keys that lead to the choice, which has the keys `function` and `parameters`.

        Raises:
            ConfigError: The name or a parameter is unknown, or a parameter is missing.
        """
        problems = []
        for key, message in self.problems(name, parameters):
            where = (*location, key) if key == "function" else (*location, "parameters", key)
            problems.append(Problem(file, *place_of(places, where), message))
        if problems:
            raise ConfigError(problems)
        return partial(self[name], **parameters)


def _fits(hint: type, value: object) -> bool:
    try:
        TypeAdapter(hint).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def _is_keyword(one: inspect.Parameter) -> bool:
    return one.kind is inspect.Parameter.KEYWORD_ONLY
