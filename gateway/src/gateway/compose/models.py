"""The shape of a view for the OpenAPI document; the parts' own schemas are put in by the portal."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, WithJsonSchema, create_model

from gateway.compose.view import Part, View

ANSWER_OF = "x-answer-of"
"""Marks a schema that is the answer of a service's GET operation: ``<service> <path>``."""


class MissingPart(BaseModel):
    """A part of a view that could not be had."""

    part: str = Field(description="Its name, such as `sales.orders`; the member is null.")
    service: str = Field(description="The service that owns it.")
    code: str = Field(description="As in a problem document, such as `upstream_unavailable` or `forbidden`.")
    detail: str = Field(description="What happened, in the caller's language.")


def model_of(view: View, description: str) -> type[BaseModel]:
    """The response model of ``view``."""
    fields: dict[str, Any] = {}
    for name, member in view.members.items():
        fields[name] = _part(member) if isinstance(member, Part) else _group(f"{view.name}{_camel(name)}", member)
    fields["missing"] = (list[MissingPart], Field(description="Parts that could not be had; empty if all are there."))
    return create_model(view.name, __doc__=description, **fields)


def _group(name: str, parts: Any) -> Any:
    return (create_model(name, **{inner: _part(part) for inner, part in parts.items()}), ...)


def _part(part: Part) -> Any:
    answer = {"type": "object", "additionalProperties": True, ANSWER_OF: f"{part.service} {part.path}"}
    schema = {"anyOf": [answer, {"type": "null"}]}
    return (Annotated[dict[str, Any] | None, WithJsonSchema(schema)], ...)


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
