"""The published documents: their schemas are generated from the models, and both refuse the same damage."""

import json

import document_world
import jsonschema
import pytest
from pydantic import ValidationError

from listgen.outputs import schemas

NAMES = sorted(schemas.DOCUMENTS)


def objects(node, place=""):
    """Yield every object of a schema that has properties, with its place.

    Conditions repeat properties and are left out.
    """
    if isinstance(node, dict):
        if "properties" in node:
            yield place, node
        for key, value in node.items():
            if key not in ("if", "then", "else"):
                yield from objects(value, f"{place}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from objects(value, f"{place}/{index}")


@pytest.mark.parametrize("name", NAMES)
def test_the_published_schema_is_the_one_the_models_make(name):
    published = schemas.schema_path(name).read_text(encoding="utf-8")
    assert published == schemas.schema_text(name), "run: make schemas"
    jsonschema.Draft202012Validator.check_schema(json.loads(published))


@pytest.mark.parametrize("name", NAMES)
def test_every_object_is_closed_and_every_field_described(name):
    found = list(objects(schemas.schema_of(name)))
    assert len(found) >= 5
    for place, node in found:
        assert node["additionalProperties"] is False, place
        for field, content in node["properties"].items():
            assert content.get("description", "").endswith((".", "?")), f"{place}: {field}"


@pytest.mark.parametrize("name", NAMES)
def test_a_field_that_may_be_null_says_when(name):
    for place, node in objects(schemas.schema_of(name)):
        for field, content in node["properties"].items():
            if {"type": "null"} in content.get("anyOf", []):
                assert "null" in content["description"], f"{place}: {field}"


@pytest.fixture
def content():
    """Return a list of one entry as JSON."""
    axis = document_world.axis(50, 45, 55, indicators=[document_world.indicator("s1_top10_share")])
    entry = document_world.entry(
        "x", axes={"superiority": axis}, reasons=[document_world.reason("protect", 0.75)]
    )
    return json.loads(document_world.document([entry]).as_bytes())


DAMAGES = {
    "a field is missing": lambda entry: entry.pop("status"),
    "a field is unknown": lambda entry: entry.update(total_score=50),
    "a status is unknown": lambda entry: entry.update(status="maybe"),
    "a score is above 100": lambda entry: entry["axes"]["superiority"].update(value=100.5),
    "a score has a reason why there is none": lambda entry: entry["axes"]["superiority"].update(
        reason={"en": "a", "ja": "b"}
    ),
    "an axis has neither score nor reason": lambda entry: entry["axes"]["autonomy"].update(reason=None),
    "an axis has an interval without a score": lambda entry: entry["axes"]["autonomy"].update(lo=1.0),
    "a value is there although its status says not": lambda entry: entry["axes"]["superiority"]["indicators"][
        0
    ].update(status="missing"),
    "a value is missing although its status is ok": lambda entry: entry["axes"]["superiority"]["indicators"][
        0
    ].update(value=None),
    "a name lacks a language": lambda entry: entry["name"].pop("ja"),
    "a share is above 1": lambda entry: entry["reasons"][0].update(p=1.2),
    "a reference is no reference": lambda entry: entry["reasons"][0].update(evidence=["s1_top10_share"]),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_schema_and_model_refuse_the_same_damage(content, what):
    check = jsonschema.Draft202012Validator(schemas.schema_of("candidates"))
    check.validate(content)
    schemas.DOCUMENTS["candidates"].model_validate(content)
    DAMAGES[what](content["entries"][0])
    with pytest.raises(jsonschema.ValidationError):
        check.validate(content)
    with pytest.raises(ValidationError):
        schemas.DOCUMENTS["candidates"].model_validate(content)


def test_a_document_read_and_written_has_the_same_bytes(content):
    content["entries"][0]["axes"]["superiority"]["rank"] = {"p05": 1, "p50": 2.0, "p95": 3, "n_ranked": 9}
    written = schemas.DOCUMENTS["candidates"].model_validate(content).as_bytes()
    assert schemas.DOCUMENTS["candidates"].from_bytes(written).as_bytes() == written
    # A whole number stays one: another build must not differ by the way a number is written.
    assert b'"p05": 1,' in written and b'"p50": 2.0,' in written


def test_a_key_with_nothing_to_say_is_left_out_and_never_null(content):
    entry = content["entries"][0]
    assert "decided" not in entry
    assert "held" not in entry["reasons"][0]["inputs"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schemas.schema_of("candidates")).validate(
            content | {"entries": [entry | {"decided": None}]}
        )
