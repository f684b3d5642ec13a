"""Help pages and usage errors of the command line in the chosen language.

Click lays them out, the catalogue holds the Japanese.

The English paragraph is the key, as everywhere, so docstrings and option helps need no mark and no second
copy.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from unicodedata import east_asian_width

import click

from listgen.base.text import set_language, t

_EXAMPLE = "Example: "
_AS_WRITTEN = "\b\n"  # click's mark for a paragraph whose lines are not to be filled anew
# One unbreakable piece of Japanese: a Latin word or one character, with the marks that may not begin or end a
# line.
_PIECE = re.compile(r"[（「]*(?:[!-~]+|.)[、。：；）」ーぁぃぅぇぉっゃゅょァィゥェォッャュョ]*")


def _wrapped(text: str, width: int) -> str:
    """Return a text broken at so many columns.

    Click counts characters and breaks at blanks, Japanese has neither.
    """
    lines, line, used = [], "", 0
    for piece in _PIECE.findall(text):
        columns = sum(2 if east_asian_width(character) in "WF" else 1 for character in piece)
        if line and used + columns > width:
            lines.append(line.rstrip())
            line, used = "", 0
        line += piece if line else piece.lstrip()
        used += columns
    return "\n".join([*lines, line])


def _paragraph(text: str, width: int) -> str:
    key = " ".join(text.removeprefix(_AS_WRITTEN).split())
    is_example = key.startswith(_EXAMPLE)
    said = t("Example: {command}", command=key.removeprefix(_EXAMPLE)) if is_example else t(key)
    return text if said == key else _AS_WRITTEN + _wrapped(said, width)


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


def emit(document: Mapping[str, object], as_json: bool, lines: Sequence[str]) -> None:
    """Write the result: one JSON document, or lines for people."""
    click.echo(
        json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) if as_json else "\n".join(lines)
    )


class Formatter(click.HelpFormatter):
    """Writes every heading, paragraph and explanation in the language of `t`."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, t("Usage: ") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        super().write_heading(t(heading))

    def write_text(self, text: str) -> None:
        """Write paragraphs, each looked up by itself."""
        width = self.width - self.current_indent
        super().write_text("\n\n".join(_paragraph(part, width) for part in text.split("\n\n")))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write options or commands; what click adds in brackets (ranges, defaults) stays as it is."""
        rows = list(rows)
        first = min(max(len(name) for name, _ in rows), col_max) + col_spacing
        width = max(self.width - first - 2, 10)
        said = []
        for name, text in rows:
            help_text, bracket, extra = text.partition("  [")
            said.append((name, _paragraph(help_text, width) + bracket + extra))
        super().write_dl(said, col_max, col_spacing)


class _Context(click.Context):
    formatter_class = Formatter


class Command(click.Command):
    """A verb whose help page speaks the chosen language."""

    context_class = _Context


class Group(click.Group):
    """A group whose help page, and those of its verbs, speak the chosen language."""

    context_class = _Context
    command_class = Command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Choose the language first: `--help` is answered before `--lang` is read, wherever the two stand."""
        if (
            ctx.parent is None
        ):  # `review` is a group inside the group: its own words do not hold the option any more
            set_language(_wish(args))
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take the first two words for one verb where there is such a verb: `acquire add`."""
        if " ".join(args[:2]) in self.commands:
            args = [" ".join(args[:2]), *args[2:]]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs with their whole first paragraph.

        Click would cut it short, and a cut text has no translation.
        """
        rows = [
            (name, _first_paragraph(command))
            for name, command in sorted(self.commands.items())
            if not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _first_paragraph(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "").split("\n\n")[0]


def _wish(args: list[str]) -> str | None:
    """Return the value of `--lang`, None without one."""
    for position, argument in enumerate(args):
        if argument == "--lang":
            return "".join(args[position + 1 : position + 2])
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    return None


# ---- usage errors --------------------------------------------------------------------------------


def show_error(error: click.ClickException) -> None:
    """Write a usage error on stderr: the usage line, what is wrong, and where help stands."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        click.echo(context.get_usage(), err=True)
        click.echo(t("For help: {command}", command=f"{context.command_path} --help"), err=True)
    click.echo(t("error: {message}", message=error_sentence(error)), err=True)


def error_sentence(error: click.ClickException) -> str:
    """Return what a usage error says, in the chosen language.

    What click has no kind for stays as it says it.
    """
    name = _parameter_name(error)
    if isinstance(error, click.exceptions.NoSuchCommand):
        return t('there is no command "{name}".', name=error.command_name) + _near(error.possibilities)
    if isinstance(error, click.NoSuchOption):
        return t("there is no option {name}.", name=error.option_name) + (
            _placed(error) or _near(error.possibilities)
        )
    if isinstance(error, click.MissingParameter):
        return t("{name} is missing.", name=name)
    if isinstance(error, click.BadParameter):
        return f"{name}: {_value_sentence(error)}" if name else _value_sentence(error)
    if isinstance(error, click.BadOptionUsage):
        return (
            t("{name} needs a value.", name=error.option_name)
            if "requires" in error.message
            else error.format_message()
        )
    extra = re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", error.message)
    return t("too many arguments: {names}", names=extra[1]) if extra else error.format_message()


def _placed(error: click.NoSuchOption) -> str:
    """Return where an option stands that is known, but before the command only."""
    root = error.ctx.find_root() if error.ctx else None
    known = root is not None and any(error.option_name in parameter.opts for parameter in root.command.params)
    if root is None or error.ctx is None or not known:
        return ""
    path = error.ctx.command_path.removeprefix(root.command_path).strip()
    return " " + t(
        "It stands before the command: {command}", command=f"{root.command_path} {error.option_name} … {path}"
    )


def _parameter_name(error: click.ClickException) -> str:
    parameter = getattr(error, "param", None)
    return (
        parameter.get_error_hint(error.ctx).strip("'")
        if parameter is not None and isinstance(error, click.UsageError)
        else ""
    )


def _value_sentence(error: click.BadParameter) -> str:
    """Return why a value was refused, by the parameter's type."""
    kind = error.param.type if error.param else None
    found = re.match(r"'(.*?)' is|(\S+) is not in the range", error.message)
    value = (found[1] or found[2]) if found else ""
    if isinstance(kind, click.Choice):
        return t(
            '"{value}" is not one of {options}.',
            value=value,
            options=", ".join(str(choice) for choice in kind.choices),
        )
    if isinstance(kind, click.IntRange) and "not in the range" in error.message:
        return t("{value} is not between {low} and {high}.", value=value, low=kind.min, high=kind.max)
    if isinstance(kind, click.types.IntParamType):
        return t('"{value}" is no whole number.', value=value)
    missing = re.search(r"'(.*)' does not exist", error.message)
    return t('"{path}" does not exist.', path=missing[1]) if missing else error.message


def _near(possibilities: Iterable[str] | None) -> str:
    near = next(iter(possibilities or ()), None)
    return " " + t('Did you mean "{name}"?', name=near) if near else ""
