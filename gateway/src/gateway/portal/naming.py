"""Names that stay unique when the documents of several services become one."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Document = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_REFERENCE = re.compile(r"^#/components/([^/]+)/(.+)$")

Component = tuple[str, str]
"""Kind and name of a component, such as ``("schemas", "Problem")``."""


def operations(document: Document) -> Iterator[Document]:
    """Every operation of a document."""
    for item in document.get("paths", {}).values():
        yield from (item[method] for method in METHODS if method in item)


def prefix_of(service: str) -> str:
    """What goes before a name of ``service``: ``ServiceDesk`` for ``service-desk-svc``."""
    return "".join(word.capitalize() for word in service.removesuffix("-svc").split("-"))


def component_names(documents: Mapping[str, Document]) -> dict[str, dict[Component, str]]:
    """New names by document and component, for those components whose name means different things."""
    clashing = _clashing(documents)
    taken = {component for document in documents.values() for component in _components(document)}
    renamed: dict[str, dict[Component, str]] = {}
    for service, document in documents.items():
        renamed[service] = {}
        for kind, name in _components(document).keys() & clashing:
            new = f"{prefix_of(service)}{name}"
            renamed[service][kind, name] = f"{prefix_of(service)}_{name}" if (kind, new) in taken else new
    return renamed


def operation_names(documents: Mapping[str, Document]) -> dict[str, dict[str, str]]:
    """New operation ids by document and old id, for those that several documents use."""
    users: dict[str, set[str]] = {}
    for service, document in documents.items():
        for operation in operations(document):
            users.setdefault(operation["operationId"], set()).add(service)
    return {
        service: {
            name: f"{service.removesuffix('-svc').replace('-', '_')}_{name}"
            for name, owners in users.items()
            if len(owners) > 1 and service in owners
        }
        for service in documents
    }


def rewritten(node: Any, names: Mapping[Component, str]) -> Any:
    """A copy of ``node`` in which every reference has the new name of its target."""
    if isinstance(node, dict):
        return {
            key: _reference(value, names) if key == "$ref" else rewritten(value, names) for key, value in node.items()
        }
    if isinstance(node, list):
        return [rewritten(item, names) for item in node]
    if isinstance(node, str) and node.startswith("#/components/"):
        return _reference(node, names)  # such as in a discriminator's mapping
    return node


def _reference(value: Any, names: Mapping[Component, str]) -> Any:
    found = _REFERENCE.match(value) if isinstance(value, str) else None
    if found is None:
        return value
    kind, name = found.groups()
    return f"#/components/{kind}/{names.get((kind, name), name)}"


def _components(document: Document) -> dict[Component, Any]:
    return {
        (kind, name): content
        for kind, members in document.get("components", {}).items()
        for name, content in members.items()
    }


def _clashing(documents: Mapping[str, Document]) -> set[Component]:
    """Components that several documents have and that differ, in themselves or in what they refer to."""
    versions: dict[Component, list[Any]] = {}
    for document in documents.values():
        for component, content in _components(document).items():
            versions.setdefault(component, []).append(content)
    shared = {component: contents for component, contents in versions.items() if len(contents) > 1}
    clashing = {component for component, contents in shared.items() if any(one != contents[0] for one in contents)}
    references = {component: set(_targets(contents)) for component, contents in shared.items()}
    while more := {c for c in shared.keys() - clashing if references[c] & clashing}:
        clashing |= more
    return clashing


def _targets(node: Any) -> Iterator[Component]:
    if isinstance(node, str):
        if found := _REFERENCE.match(node):
            yield found[1], found[2]
    elif isinstance(node, (dict, list)):
        for value in node.values() if isinstance(node, dict) else node:
            yield from _targets(value)
