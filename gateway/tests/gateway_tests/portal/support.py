"""A gateway with two services that describe themselves."""

from dataclasses import dataclass

from gateway_tests.serving import RunningGateway, ServiceDouble


@dataclass(slots=True)
class Portal:
    """A gateway with two services, and a clock that stands still."""

    gateway: RunningGateway
    sales: ServiceDouble
    projects: ServiceDouble
    now: list[float]


def describe(service: ServiceDouble, noun: str) -> None:
    """Let ``service`` have an OpenAPI document with one path."""
    answer = {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}}
    operation = {"operationId": f"list_{noun}", "tags": [noun], "responses": {"200": answer}}
    info = {"title": f"Guanxi {noun}", "version": "1"}
    service.answer("/openapi.json", {"openapi": "3.1.0", "info": info, "paths": {f"/v1/{noun}": {"get": operation}}})
