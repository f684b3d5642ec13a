"""YAML read strictly.

No duplicate keys, no aliases, no tags, no surprising types, and every node knows its line.

YAML 1.2 is used, so `NO` is a string and `12:30` is not a number; anchors are refused because a few lines of
them can unfold to gigabytes.
"""

from __future__ import annotations

import datetime as dt
import io
import pickle
import stat
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from listgen.base.errors import ConfigError, Problem
from listgen.base.text import t

_MAX_BYTES = 1_000_000
_MAX_DEPTH = 64
# Beyond this size the slow parser is not asked for its opinion: it reads about 100 kB a second.
_MAX_SECOND_OPINION = 100_000


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
    """Return a document as YAML text, in the order of its keys.

    One read with `load_places` keeps its comments.

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
    """Return the document of a file with every node knowing its line: slower, for telling where a defect is.

    See `place_of`.
    """
    return _parse(YAML(typ="rt"), _read_text(path, shown_as), shown_as)


def find_places(path: Path, shown_as: str) -> Any:  # noqa: ANN401 - as load_yaml
    """Return what `place_of` needs to find a line in a file, by the fast parser; comments are not kept."""
    text = _read_text(path, shown_as)
    try:
        return YAML(typ="safe").compose(text)
    except (YAMLError, ValueError, RecursionError):
        return _parse(YAML(typ="rt"), text, shown_as)


def text_places(text: str, shown_as: str) -> Any:  # noqa: ANN401 - as load_yaml
    """Return the document of a text with every node knowing its line, as `load_places` does of a file."""
    return _parse(YAML(typ="rt"), text, shown_as)


def parse_yaml_text(text: str, shown_as: str) -> Any:  # noqa: ANN401 - as load_yaml
    """Return the document of a text; see `load_yaml`."""
    return pickle.loads(_pickled(text, shown_as))


@lru_cache(maxsize=512)
def _pickled(text: str, shown_as: str) -> bytes:
    """Return the document of a text, kept for the next reading: a server reads the same files many times.

    As bytes, so that whoever changes the document he got does not change the next one.
    """
    return pickle.dumps(_parse_fast(text, shown_as))


def _parse_fast(text: str, shown_as: str) -> Any:  # noqa: ANN401 - as load_yaml
    _refuse_events(text, shown_as)
    try:
        return YAML(typ="safe").load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        if len(text) > _MAX_SECOND_OPINION:
            raise _invalid(error, text, shown_as) from error
        # The fast parser knows YAML 1.1 only and refuses some good YAML 1.2; the other one has the last word
        # and gives the place.
        return plain(_parse(YAML(typ="rt"), text, shown_as))


def _read_text(path: Path, shown_as: str) -> str:
    try:
        # A pipe or a device in the place of a file would never end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigError([Problem(shown_as, 0, 0, t("is not a regular file"))])
        with path.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            [Problem(shown_as, 0, 0, t("cannot be read ({reason})", reason=error.strerror or "?"))]
        ) from error
    if len(raw) > _MAX_BYTES:
        raise ConfigError([Problem(shown_as, 0, 0, t("is larger than {limit} bytes", limit=_MAX_BYTES))])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError([Problem(shown_as, line, 1, t("is not UTF-8; save the file as UTF-8"))]) from error


def _refuse_events(text: str, shown_as: str) -> None:
    """Refuse aliases, tags and deep nesting while the text is read, before anything is built from it."""
    for kind in ("safe", "rt") if len(text) <= _MAX_SECOND_OPINION else ("safe",):
        depth = 0
        try:
            for event in YAML(typ=kind).parse(text):
                depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
                depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
                message = t("is nested too deeply") if depth > _MAX_DEPTH else _refused(event)
                if message:
                    raise ConfigError(
                        [Problem(shown_as, event.start_mark.line + 1, event.start_mark.column + 1, message)]
                    )
            return
        except (YAMLError, ValueError, RecursionError):
            continue  # the other parser may know better; if not, the reading that follows says what is wrong


def _refused(event: Event) -> str:
    """Return why an event is not accepted, empty when it is."""
    if isinstance(event, AliasEvent):
        return t("uses a YAML alias (*{name}); write the value out", name=event.anchor)
    tag = getattr(event, "tag", None)
    return "" if tag is None else t("uses a YAML tag ({name}); write the plain value", name=tag)


def _parse(yaml: YAML, text: str, shown_as: str) -> Any:  # noqa: ANN401 - as load_yaml
    try:
        return yaml.load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        raise _invalid(error, text, shown_as) from error


def _invalid(error: Exception, text: str, shown_as: str) -> ConfigError:
    """Return what a parser refuses as a problem with its place."""
    if isinstance(error, RecursionError):
        return ConfigError([Problem(shown_as, 0, 0, t("is nested too deeply"))])
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        problem = error.problem or "is not valid YAML"
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    else:
        problem = str(error)
        line, column = _place_of_refused(text, error)
    message = t("is not valid YAML: {problem}", problem=problem.split("\n")[0])
    return ConfigError([Problem(shown_as, line, column, message)])


def _place_of_refused(text: str, error: Exception) -> tuple[int, int]:
    """Return where the character or date stands that a parser refuses without saying where.

    Zeros when it cannot be found.
    """
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
    """Return the 1-based line and column of a node by its path, or of the nearest parent that has one."""
    line, column = 1, 1
    node = document
    for key in location:
        if isinstance(node, MappingNode | SequenceNode):
            place, below = _composed_child(node, key)
        elif isinstance(node, CommentedMap) and key in node:
            place, below = node.lc.key(key), node[key]
        elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
            place, below = node.lc.item(key), node[key]
        else:
            break
        if place is None:
            break
        line, column, node = place[0] + 1, place[1] + 1, below
    return line, column


def _composed_child(node: Node, key: int | str) -> tuple[tuple[int, int] | None, object]:
    """Return the place and the node of a key or item, None when there is none."""
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return (name.start_mark.line, name.start_mark.column), value
    elif isinstance(key, int) and key < len(node.value):
        mark = node.value[key].start_mark
        return (mark.line, mark.column), node.value[key]
    return None, None


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
