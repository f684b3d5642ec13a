"""What all published documents are made of.

The strict base, texts in both languages, counts, shares, scores, references.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema
from typing_extensions import TypeAliasType

from listgen.base.errors import DataError, UpgradeNeededError
from listgen.base.text import LANGUAGES, t


class Part(BaseModel):
    """Base of all parts of a published document: unknown keys are errors, instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Document(Part):
    """A published document as a whole: it writes itself to bytes and reads itself back."""

    def as_bytes(self) -> bytes:
        """Return the bytes of the file: sorted keys, one value a line, so that two builds can be compared."""
        content = self.model_dump(mode="json", by_alias=True)
        return (
            json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"
        ).encode("utf-8")

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Return the document that a file contains.

        Raises:
            ValueError: The bytes are not JSON, or not this document.
        """
        return cls.model_validate(json.loads(content))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the document in a file.

        Raises:
            UpgradeNeededError: The file has an earlier schema version.
            DataError: The file cannot be read, or does not have the shape of its version.
        """
        try:
            content = json.loads(path.read_bytes())
            found = content.get("schema_version") if isinstance(content, dict) else None
            _require_version(path, found, get_args(cls.model_fields["schema_version"].annotation))
            return cls.model_validate(content)
        except (OSError, ValueError) as error:
            raise DataError(
                t("{file}: cannot be read ({reason}).", file=path, reason=_first_problem(error)),
                t("Expected a document as its published schema describes it."),
                t("Run: listgen build"),
            ) from error


def _require_version(path: Path, found: object, known: tuple[int, ...]) -> None:
    if not isinstance(found, int) or found in known:
        return
    wanted = max(known)
    if found < wanted:
        raise UpgradeNeededError(
            t("{file}: has schema version {found}.", file=path, found=found),
            t("Expected version {wanted}.", wanted=wanted),
            t("Run: listgen upgrade"),
        )
    raise DataError(
        t("{file}: has schema version {found}.", file=path, found=found),
        t("Expected version {wanted}: a newer version wrote this file.", wanted=wanted),
        t("Install that version of listgen."),
    )


def _first_problem(error: OSError | ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return str(error)


def _check_languages(value: dict[str, str]) -> dict[str, str]:
    if set(value) != set(LANGUAGES):
        raise ValueError(f"must have the languages {', '.join(LANGUAGES)} and no other")
    return value


def _is_absent(value: object) -> bool:
    return value is None


def absent(description: str) -> Any:  # noqa: ANN401 - stands for the value of any field
    """Return the field of a key that a document leaves out where there is nothing to say.

    It is never null in the file.
    """
    return Field(default=None, exclude_if=_is_absent, description=description)


_TEXT_SCHEMA = {
    "description": "A text in English and Japanese.",
    "type": "object",
    "required": list(LANGUAGES),
    "additionalProperties": False,
    "properties": {
        "en": {"type": "string", "description": "The text in English."},
        "ja": {"type": "string", "description": "The text in Japanese."},
    },
}
Text = TypeAliasType(
    "Text", Annotated[dict[str, str], AfterValidator(_check_languages), WithJsonSchema(_TEXT_SCHEMA)]
)

# Figures have six significant digits (report/figures.py). A whole number stays one: `1` and `1.0` are other
# bytes.
Number = Annotated[int | float, WithJsonSchema({"type": "number"})]
Share = Annotated[
    int | float, Field(ge=0, le=1), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]
Score = Annotated[
    int | float, Field(ge=0, le=100), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})
]
Count = Annotated[int, Field(ge=0)]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Id = Annotated[str, Field(min_length=1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Trace = Annotated[str, Field(pattern=r"^[^/]+/[^/]+/[A-Z]{2}$")]
