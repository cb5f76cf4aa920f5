"""Links of the OpenAPI document: from every answer that holds a record to what can be done with that record."""

from typing import Any

from crm_platform.http.parameters import IF_MATCH

_JSON = "application/json"
_ETAG = {"ETag": {"description": "The record's version, for If-Match.", "required": True, "schema": {"type": "string"}}}
_LOCATION = {
    "Location": {"description": "Path of the new record.", "required": True, "schema": {"type": "string"}},
}


def add_links(document: dict[str, Any]) -> None:
    """Describe `ETag`, `Location` and the links of answers that hold a record with a path of its own."""
    paths = document["paths"]
    records = {path: item for path, item in paths.items() if path.endswith("}") and "get" in item}
    for record, item in records.items():
        collection, _, name = record.rpartition("/{")
        about = {path: paths[path] for path in paths if path == record or path.startswith(f"{record}/")}
        answers = [operation for own in about.values() for operation in own.values()]
        creation = paths.get(collection, {}).get("post")
        for operation in (*answers, *([creation] if creation else [])):
            _describe(operation, _shape(document, item["get"]), _links(about, name.removesuffix("}")), document)


def _describe(
    operation: dict[str, Any], shape: frozenset[str], links: dict[str, Any], document: dict[str, Any]
) -> None:
    """Add headers and links to the successful answer of ``operation`` if it holds the record, or the most of it."""
    told = _shape(document, operation)
    if not {"id", "version"} <= shape & told or not (shape <= told or told <= shape):
        return
    status = next(status for status in operation["responses"] if status < "3")
    answer = operation["responses"][status]
    answer["headers"] = {**(_LOCATION if status == "201" else {}), **_ETAG}
    answer["links"] = {name: link for name, link in links.items() if name != operation["operationId"]}


def _links(about: dict[str, dict[str, Any]], parameter: str) -> dict[str, Any]:
    links = {}
    for item in about.values():
        for operation in item.values():
            arguments = {parameter: "$response.body#/id"}
            if any(known["name"] == IF_MATCH["name"] for known in operation.get("parameters", ())):
                arguments[IF_MATCH["name"]] = "$response.header.ETag"
            links[operation["operationId"]] = {"operationId": operation["operationId"], "parameters": arguments}
    return links


def _shape(document: dict[str, Any], operation: dict[str, Any]) -> frozenset[str]:
    """Members of the operation's successful answer; none where that is no object of its own."""
    answer: dict[str, Any] = next((one for status, one in operation["responses"].items() if status < "3"), {})
    reference = answer.get("content", {}).get(_JSON, {}).get("schema", {}).get("$ref", "")
    schema = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
    return frozenset(schema.get("properties", {}))
