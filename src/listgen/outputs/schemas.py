"""The published JSON Schemas, generated from the models. `make schemas` writes them next to this file.

Reads: nothing.
Writes: candidates.schema.json, checks.schema.json, manifest.schema.json in the package.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from listgen.outputs.candidates import Candidates
from listgen.outputs.checks import Checks
from listgen.outputs.manifest import Manifest
from listgen.outputs.parts import Document

DOCUMENTS: dict[str, type[Document]] = {"candidates": Candidates, "checks": Checks, "manifest": Manifest}
FOLDER = Path(__file__).parent
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Writes what a reader of the files needs.

    No titles made from Python names, and a key that may be absent is never null.
    """

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401 - the type is pydantic's own
        return False

    def default_schema(self, schema: Any) -> JsonSchemaValue:  # noqa: ANN401 - the type is pydantic's own
        found = super().default_schema(schema)
        if found.get("default", ...) is not None:
            return found
        options = [option for option in found.pop("anyOf", []) if option != {"type": "null"}]
        found.pop("default")
        return found | (options[0] if len(options) == 1 else {"anyOf": options} if options else {})


def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a document, by the beginning of its file's name."""
    model = DOCUMENTS[name]
    found = model.model_json_schema(by_alias=True, schema_generator=_Generator)
    stated = found["properties"]["schema_version"]
    version = stated.get("const") or max(stated["enum"])
    head = {"$schema": _DIALECT, "$id": f"urn:listgen:{name}:{version}", "title": f"{name}.json"}
    _tidy(found)
    return head | {key: value for key, value in found.items() if key != "title"}


def _tidy(node: object) -> None:
    """Remove the titles that repeat a class name, and the line breaks of docstrings."""
    if isinstance(node, dict):
        if node.get("type") == "object" and isinstance(node.get("title"), str):
            del node["title"]
        if isinstance(node.get("description"), str):
            node["description"] = " ".join(node["description"].split())
        for value in node.values():
            _tidy(value)
    elif isinstance(node, list):
        for value in node:
            _tidy(value)


def schema_text(name: str) -> str:
    """Return the text of a document's schema file."""
    return json.dumps(schema_of(name), ensure_ascii=False, indent=2) + "\n"


def schema_path(name: str) -> Path:
    """Return where the schema of a document is published in the package."""
    return FOLDER / f"{name}.schema.json"


def write_schemas() -> None:
    """Write every schema file."""
    for name in DOCUMENTS:
        schema_path(name).write_text(schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    write_schemas()
