"""Every part of every view is a request that its service understands."""

import re
from functools import cache
from importlib import import_module
from urllib.parse import parse_qsl

import pytest
from fastapi import FastAPI

from crm_platform.cel import check
from crm_platform.reads.page import PageParams
from crm_platform.reads.resource import Resource
from crm_platform.service import Service
from gateway.compose.view import Part, Subject
from gateway.proxy.routes import ROUTES
from gateway.views.endpoints import VIEWS

ID = "0199b7a0-0000-7000-8000-000000000001"
VALUES = {
    "customer_id": ID,
    "project_id": ID,
    "caller_id": ID,
    "subject": Subject({"customer_id": ID, "opportunity_id": ID, "contract_id": ID}),
}
PARTS = [pytest.param(part, id=f"{view.name}.{name}") for view in VIEWS for name, part in view.parts()]


def service_of(part: Part) -> Service:
    service: Service = import_module(f"{part.service.replace('-', '_')}.slices").SERVICE
    return service


@cache
def paths_of(name: str) -> set[str]:
    app = FastAPI()
    for router in import_module(f"{name.replace('-', '_')}.slices").SERVICE.routers:
        app.include_router(router)
    return {re.sub(r"\{.*?\}", "{}", path) for path, item in app.openapi()["paths"].items() if "get" in item}


def resource_of(part: Part) -> Resource:
    noun = part.path.rpartition("/")[2].replace("-", "_")
    [resource] = [
        aggregate.resource
        for aggregate in service_of(part).aggregates
        if aggregate.resource.name.replace("-", "_") == noun
    ]
    return resource


@pytest.mark.parametrize("part", PARTS)
def test_the_service_has_the_path(part: Part) -> None:
    assert re.sub(r"\{.*?\}", "{}", part.path) in paths_of(part.service)


@pytest.mark.parametrize("part", PARTS)
def test_the_service_understands_the_query(part: Part) -> None:
    target = part.target(VALUES)
    assert target is not None
    query = dict(parse_qsl(target.partition("?")[2], strict_parsing=bool(part.query)))
    if not query:
        assert part.query == {}
        return

    resource = resource_of(part)
    params = PageParams.parse(query, resource, max_limit=200)

    assert set(query) == set(part.query)
    assert params.filter is not None
    check(params.filter, resource.filters)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_the_subject_comes_before_what_waits_for_it(view: object) -> None:
    parts = list(view.parts())  # type: ignore[attr-defined]
    names = [name for name, _ in parts]
    subject = view.subject  # type: ignore[attr-defined]

    assert subject is None or names[0] == subject
    assert subject is not None or not any(part.waits for _, part in parts)


def test_views_ask_services_that_exist() -> None:
    assert {part.service for view in VIEWS for _, part in view.parts()} <= set(ROUTES)
