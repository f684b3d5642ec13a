"""Errors of configuration and command line use the chosen language, whatever library found them."""

import re

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel, ValidationError

from listgen.acquire.connector import connectors
from listgen.base import text
from listgen.cli import cli
from listgen.cli import help as clickhelp
from listgen.config import models, scoring
from listgen.config.problems import explain_validation

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
BLOCKS = {name: connector.access_model for name, connector in connectors().items()}
DECLARED = [*vars(models).values(), *vars(scoring).values(), *BLOCKS.values(), models.source_model(BLOCKS)]
SHAPES = sorted(
    {
        shape
        for shape in DECLARED
        if isinstance(shape, type) and issubclass(shape, BaseModel) and shape.model_fields
    },
    key=lambda shape: shape.__name__,
)
WRONG = (None, True, 3, -1, 10**9, 2.5, float("inf"), "", "x y", [], [None], ["x"], {}, {"x": 1})


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_defect_a_shape_can_have_is_told_in_japanese(shape):
    """Give every key of every kind of configuration file every wrong value.

    No message is left as the library worded it.
    """
    text.set_language("ja")
    names = {name: field.alias or name for name, field in shape.model_fields.items()}
    told = set()
    for name in names.values():
        for value in WRONG:
            try:
                shape.model_validate({name: value})
            except ValidationError as error:
                told |= {message for _, message in explain_validation(error, shape)}
    english = {message for message in told if not JAPANESE.search(message)}
    assert told and english == set()


def test_a_number_out_of_range_says_the_range():
    with pytest.raises(ValidationError) as caught:
        models.Window.model_validate({"years": 40, "lag_months": "x"})
    assert [message for _, message in explain_validation(caught.value, models.Window)] == [
        "years: must be at most 20 (found 40)",
        "lag_months: must be a whole number (found 'x')",
    ]


@pytest.mark.parametrize(
    ("arguments", "english", "japanese"),
    [
        (
            "refesh",
            'there is no command "refesh". Did you mean "refresh"?',
            "「refesh」というコマンドはない。 「refresh」の誤りではないか。",
        ),
        ("refresh --no-prefct", "there is no option --no-prefct.", "--no-prefct というオプションはない。"),
        ("trace", "REFERENCE is missing.", "REFERENCE の指定がない。"),
        (
            "schedule --port 99999",
            "--port: 99999 is not between 1 and 65535.",
            "--port: 99999は1から65535の範囲にない。",
        ),
        ("schedule --port ab", '--port: "ab" is no whole number.', "--port: 「ab」は整数ではない。"),
        ("doctor one two", "too many arguments: one two", "引数が多すぎる：one two"),
        ("explain x --build", "--build needs a value.", "--build には値が必要。"),
        ("--lang xx doctor", '--lang: "xx" is not one of en, ja.', None),
    ],
)
def test_a_usage_error_is_told_in_both_languages(arguments, english, japanese):
    for language, expected in (("en", english), ("ja", japanese)):
        words = arguments.split() if "--lang" in arguments else ["--lang", language, *arguments.split()]
        with pytest.raises(click.ClickException) as caught:
            cli.main(words, standalone_mode=False)
        if expected:
            assert clickhelp.error_sentence(caught.value).startswith(expected)
            assert caught.value.exit_code == 2


def test_a_missing_file_is_told_by_its_name(tmp_path):
    @click.command()
    @click.argument("file", type=click.Path(exists=True))
    def command(file):
        """Take a file."""

    found = CliRunner().invoke(command, [str(tmp_path / "名簿.csv")], standalone_mode=False)
    assert clickhelp.error_sentence(found.exception).endswith('名簿.csv" does not exist.')
