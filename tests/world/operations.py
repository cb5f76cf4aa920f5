"""Every operation of the five services and the gateway, read from their OpenAPI documents."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tools.layout import ROOT, deployables

Document = dict[str, Any]

PUBLIC = "public"
SIGNED_IN = "signed-in"


QUESTIONS = {"may_contact_many", "find_duplicates", "try_plan", "preview_project_template"}
"""Operations that change nothing, and are a POST because of how much they are told."""


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    service: str
    method: str
    path: str
    spec: Document = field(repr=False)

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def name(self) -> str:
        """The operation id."""
        return str(self.spec["operationId"])

    @property
    def scope(self) -> str | None:
        """What the caller must hold; `public` or `signed-in` in its place."""
        return self.spec.get("x-required-scope")

    @property
    def collection(self) -> str:
        """The path up to the record's id."""
        return self.path.partition("/{")[0]

    @property
    def parameter(self) -> str | None:
        """Name of the id in the path."""
        _, brace, rest = self.path.partition("{")
        return rest.partition("}")[0] if brace else None

    @property
    def versioned(self) -> bool:
        """Whether it wants If-Match."""
        return any(parameter["name"] == "If-Match" for parameter in self.spec.get("parameters", ()))

    @property
    def changes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET" and self.name not in QUESTIONS

    @property
    def explains(self) -> bool:
        """Whether it tells by which rule somebody sees a record: who does not is told what is told of no record."""
        return self.path.endswith("/access/explain")

    @property
    def body(self) -> tuple[str, Document] | None:
        """Media type and schema of the body."""
        content = self.spec.get("requestBody", {}).get("content")
        return next((kind, about["schema"]) for kind, about in content.items()) if content else None

    @property
    def status(self) -> int:
        """What it answers when all is well."""
        return min(int(status) for status in self.spec["responses"])

    @property
    def answer(self) -> str:
        """Name of the schema that it answers."""
        content = self.spec["responses"][str(self.status)].get("content", {}).get("application/json", {})
        return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]

    def at(self, id: object) -> str:
        """The path for the record ``id``; whatever else it counts, for the first of it."""
        return re.sub(r"{\w+}", "1", self.path.replace(f"{{{self.parameter}}}", str(id)))


@cache
def document_of(service: str) -> Document:
    """The OpenAPI document of a deployable; CI fails when the file is not what its app says."""
    folder = next(one.folder for one in deployables() if one.name == service)
    document: Document = json.loads((ROOT / folder / "openapi.json").read_bytes())
    return document


def operations_of(service: str) -> Iterator[Operation]:
    """The operations of one deployable."""
    for path, item in document_of(service)["paths"].items():
        for method, spec in item.items():
            yield Operation(service, method.upper(), path, spec)


SERVICES = tuple(one.name for one in deployables() if one.is_service)
GATEWAY = "gateway"
OPERATIONS = tuple(operation for service in (*SERVICES, GATEWAY) for operation in operations_of(service))
