import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from fastapi import FastAPI

from crm_platform.sealing.endpoints import subject_keys_router
from crm_platform.service import Service
from crm_runtime.topology import TOPOLOGY
from gateway.proxy.errors import AmbiguousPath
from gateway.proxy.routes import ROUTES, RouteTable

ID = "0199b7a0-0000-7000-8000-000000000001"
TABLE = RouteTable({"customer-svc": ("customers",), "sales-svc": ("orders",)}, kept={"customers": ("360",)})


@pytest.mark.parametrize(
    ("path", "service", "label"),
    [
        ("/api/v1/customers", "customer-svc", "/api/v1/customers"),
        ("/api/v1/customers/", "customer-svc", "/api/v1/customers"),
        ("/api/v1/customers/batch", "customer-svc", "/api/v1/customers/*"),
        (f"/api/v1/customers/{ID}", "customer-svc", "/api/v1/customers/{id}"),
        (f"/api/v1/customers/{ID}/churn", "customer-svc", "/api/v1/customers/{id}/*"),
        (f"/api/v1/customers/{ID}/a/b/c", "customer-svc", "/api/v1/customers/{id}/*"),
        (f"/api/v1/orders/{ID}/360", "sales-svc", "/api/v1/orders/{id}/*"),
        ("/api/v1/orders/a.b%20c", "sales-svc", "/api/v1/orders/*"),
    ],
)
def test_found(path: str, service: str, label: str) -> None:
    route = TABLE.find(path, "a=%2F&b")

    assert route is not None
    assert (route.service, route.label) == (service, label)
    assert route.target == f"{path.removeprefix('/api')}?a=%2F&b"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/v1/",
        "/api/v1/users",
        "/api/v1/customersx",
        "/api/v2/customers",
        "/v1/customers",
        "/x/api/v1/customers",
    ],
)
def test_not_of_a_service(path: str) -> None:
    assert TABLE.find(path, "") is None


def test_composed_views_stay_here() -> None:
    assert TABLE.find(f"/api/v1/customers/{ID}/360", "") is None


@pytest.mark.parametrize(
    "rest",
    ["..", "../users", "%2e%2e/users", "x/%2E./y", ".", "x/./y", "a%2Fb", "a%2f..%2fb", "a%5Cb", "..%5cb", "x/.."],
)
def test_paths_that_could_be_read_in_two_ways_are_refused(rest: str) -> None:
    with pytest.raises(AmbiguousPath):
        TABLE.find(f"/api/v1/customers/{rest}", "")


def test_no_collection_has_two_owners() -> None:
    collections = [name for names in ROUTES.values() for name in names]

    assert len(collections) == len(set(collections))


def test_every_service_has_routes() -> None:
    assert set(ROUTES) == {service.name for service in TOPOLOGY.services}


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_the_table_has_exactly_the_collections_of_the_service(name: str) -> None:
    module = f"{name.replace('-', '_')}.slices"
    if find_spec(module.partition(".")[0]) is None:
        pytest.skip(f"{name} is not installed")
    service: Service = import_module(module).SERVICE
    app = FastAPI()
    for router in (*service.routers, *((subject_keys_router(),) if service.seals else ())):
        app.include_router(router)

    paths = app.openapi()["paths"]

    assert all(path.startswith("/v1/") for path in paths)
    assert {path.split("/")[2] for path in paths} == set(ROUTES[name])


def test_no_other_module_names_a_service() -> None:
    package = Path(import_module("gateway").__path__[0])
    views = package / "views"
    for module in [*package.rglob("proxy/*.py"), *package.rglob("compose/*.py"), *package.rglob("portal/*.py")]:
        if module.name == "routes.py" or views in module.parents:
            continue
        constants = {node.value for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Constant)}
        assert not constants & set(ROUTES), module
