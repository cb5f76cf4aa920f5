"""What the OpenAPI documents promise holds together: they are what clients and the other proofs are made of."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tools.layout import ROOT, deployables

DOCUMENTS = {one.name: json.loads((ROOT / one.folder / "openapi.json").read_bytes()) for one in deployables()}
OPERATIONS = [
    pytest.param(document, path, method, id=f"{name} {method.upper()} {path}")
    for name, document in DOCUMENTS.items()
    for path, item in document["paths"].items()
    for method in item
]


def _schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Everything that has a default."""
    if isinstance(node, dict):
        if "default" in node and not isinstance(node["default"], dict):
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _schemas(one)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_default_fits_its_own_schema(name: str) -> None:
    components = DOCUMENTS[name]["components"]
    wrong = [
        schema
        for schema in _schemas(DOCUMENTS[name])
        if not Draft202012Validator({"components": components, **schema}).is_valid(schema["default"])
    ]

    assert wrong == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_changes_of_a_record_have_no_defaults_but_null(name: str) -> None:
    schemas = DOCUMENTS[name]["components"]["schemas"]
    defaults = {
        f"{schema}.{field}": about["default"]
        for schema, content in schemas.items()
        if schema.endswith("Update")
        for field, about in content["properties"].items()
        if about.get("default") is not None
    }

    assert defaults == {}


@pytest.mark.parametrize(("document", "path", "method"), OPERATIONS)
def test_an_operation_declares_what_it_answers(document: dict[str, Any], path: str, method: str) -> None:
    operation = document["paths"][path][method]
    responses = operation["responses"]
    expected = {"400", "429", "503", "504"}
    if operation["x-required-scope"] != "public":
        expected.add("401")
    if operation["x-required-scope"] not in {"public", "signed-in"}:
        expected.add("403")
    if "{" in path:
        expected.add("404")
    if "requestBody" in operation:
        expected |= {"413", "415", "422"} if "oauth" not in path else set()

    assert expected <= responses.keys()
    assert sum(status < "4" for status in responses) >= 1


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_new_record_says_where_it_is_and_what_can_be_done_with_it(name: str) -> None:
    paths = DOCUMENTS[name]["paths"]
    ids = {operation["operationId"] for item in paths.values() for operation in item.values()}
    bare = []
    for path, item in paths.items():
        shown = next((other for other in paths if other.startswith(f"{path}/{{") and other.endswith("}")), None)
        answer = item.get("post", {}).get("responses", {}).get("201")
        if answer is None or shown is None:
            continue
        if not {"Location", "ETag"} <= answer.get("headers", {}).keys() or paths[shown]["get"]["operationId"] not in (
            answer.get("links", {})
        ):
            bare.append(path)
        assert {link["operationId"] for link in answer["links"].values()} <= ids

    assert bare == []
