"""YAML read strictly: no duplicate keys, no aliases, no tags, no surprising types, and every node knows its line.

YAML 1.2 is used, so `NO` is a string and `12:30` is not a number; anchors are refused because a few lines of them can
unfold to gigabytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, ScalarEvent

from listgen.base.errors import ConfigError, Problem
from listgen.base.text import t

_MAX_BYTES = 2_000_000
_MAX_DEPTH = 64
_MAY_HOLD_ALIAS_OR_TAG = re.compile(r"(?:^|[\s,\[{:-])(?:\*[^\s*]|![^\s=])", re.MULTILINE)


def load_yaml(path: Path, shown_as: str) -> Any:  # noqa: ANN401 - a YAML document can be any shape; models give it a type
    """Return the document of a file.

    Args:
        path: The file.
        shown_as: The name error messages use, usually the path inside the workspace.

    Raises:
        ConfigError: The file is missing, too large, not UTF-8, or not acceptable YAML.
    """
    return parse_yaml_text(_read_text(path, shown_as), shown_as)


def dump_yaml(document: object, width: int = 120) -> str:
    """Return a document as YAML text, in the order of its keys; one read with `load_places` keeps its comments.

    Args:
        document: Plain values, or a document of `load_places`.
        width: Where texts are folded.
    """
    yaml = YAML(typ="rt")
    yaml.width, yaml.allow_unicode = width, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def load_places(path: Path, shown_as: str) -> Any:  # noqa: ANN401 - as load_yaml
    """Return the document of a file with every node knowing its line: slower, for telling where a defect is; see `place_of`."""
    return _parse(YAML(typ="rt"), _read_text(path, shown_as), shown_as)


def text_places(text: str, shown_as: str) -> Any:  # noqa: ANN401 - as load_yaml
    """Return the document of a text with every node knowing its line, as `load_places` does of a file."""
    return _parse(YAML(typ="rt"), text, shown_as)


def parse_yaml_text(text: str, shown_as: str) -> Any:  # noqa: ANN401 - as load_yaml
    """Return the document of a text; see `load_yaml`."""
    if _MAY_HOLD_ALIAS_OR_TAG.search(text):
        _refuse_aliases_and_tags(text, shown_as)
    try:
        document = YAML(typ="safe").load(text)
    except (YAMLError, ValueError, RecursionError):
        # The fast parser knows YAML 1.1 only and refuses some good YAML 1.2; the other one has the last word and tells the place.
        document = _parse(YAML(typ="rt"), text, shown_as)
        _refuse_deep(document, shown_as)
        return plain(document)
    _refuse_deep(document, shown_as)
    return document


def _read_text(path: Path, shown_as: str) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(shown_as, 0, 0, t("cannot be read ({reason})", reason=error.strerror or "?"))]) from error
    if len(raw) > _MAX_BYTES:
        raise ConfigError([Problem(shown_as, 0, 0, t("is larger than {limit} bytes", limit=_MAX_BYTES))])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError([Problem(shown_as, line, 1, t("is not UTF-8; save the file as UTF-8"))]) from error


def _refuse_aliases_and_tags(text: str, shown_as: str) -> None:
    try:
        for event in YAML(typ="rt").parse(text):
            tag = getattr(event, "tag", None)
            if isinstance(event, AliasEvent):
                message = t("uses a YAML alias (*{name}); write the value out", name=event.anchor)
            elif tag is not None:
                message = t("uses a YAML tag ({name}); write the plain value", name=tag)
            else:
                continue
            raise ConfigError([Problem(shown_as, event.start_mark.line + 1, event.start_mark.column + 1, message)])
    except YAMLError:
        return  # the parse that follows tells what is wrong


def _refuse_deep(document: object, shown_as: str) -> None:
    level = [document]
    for _ in range(_MAX_DEPTH):
        parts = [part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list)]
        level = [node for part in parts for node in part]
    if level:
        raise ConfigError([Problem(shown_as, 0, 0, t("is nested too deeply"))])


def _parse(yaml: YAML, text: str, shown_as: str) -> Any:  # noqa: ANN401 - as load_yaml
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        problem = (error.problem or "is not valid YAML").split("\n")[0]
        line, column = (place.line + 1, place.column + 1) if place else (0, 0)
        raise ConfigError([Problem(shown_as, line, column, t("is not valid YAML: {problem}", problem=problem))]) from error
    except (YAMLError, ValueError) as error:
        line, column = _place_of_refused(text, error)
        raise ConfigError(
            [Problem(shown_as, line, column, t("is not valid YAML: {problem}", problem=str(error).split("\n")[0]))]
        ) from error
    except RecursionError as error:
        raise ConfigError([Problem(shown_as, 0, 0, t("is nested too deeply"))]) from error


def _place_of_refused(text: str, error: Exception) -> tuple[int, int]:
    """Return where the character or date stands that a parser refuses without saying where; zeros when it cannot be found."""
    position = getattr(error, "position", None)
    if isinstance(position, int):
        return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    with suppress(YAMLError):
        for event in YAML(typ="rt").parse(text):
            if isinstance(event, ScalarEvent) and event.value[:1].isdecimal():
                try:
                    YAML(typ="safe").load(event.value)
                except ValueError:
                    return event.start_mark.line + 1, event.start_mark.column + 1
    return 0, 0


def place_of(document: object, location: tuple[int | str, ...]) -> tuple[int, int]:
    """Return the 1-based line and column of a node given by its path, or of the nearest parent that has one."""
    line, column = 1, 1
    node = document
    for key in location:
        if isinstance(node, CommentedMap) and key in node:
            row, col = node.lc.key(key)
        elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
            row, col = node.lc.item(key)
        else:
            break
        line, column = row + 1, col + 1
        node = node[key]
    return line, column


def plain(node: object) -> Any:  # noqa: ANN401 - as load_yaml
    """Return the document as plain dicts, lists and scalars; dates become ISO text."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    if isinstance(node, dt.date | dt.datetime):
        return node.isoformat()
    if isinstance(node, bool) or node is None:
        return node
    for kind in (str, int, float):
        if isinstance(node, kind):
            return kind(node)
    return node
