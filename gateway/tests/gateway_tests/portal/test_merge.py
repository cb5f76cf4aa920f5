from importlib import import_module
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from crm_platform.http.openapi import tidied
from gateway.portal.naming import operations, prefix_of
from gateway.portal.openapi import GATEWAY, UNAVAILABLE, DuplicatePath, merge
from gateway.proxy.routes import ROUTES

Document = dict[str, Any]


def ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def operation(name: str, schema: Document, **more: Any) -> Document:
    answer = {"description": "OK", "content": {"application/json": {"schema": schema}}}
    return {"operationId": name, "responses": {"200": answer}, **more}


def document(paths: Document, title: str = "Guanxi things", **schemas: Any) -> Document:
    info = {"title": title, "version": "1.0.0", "description": f"About {title}."}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def schema_of(merged: Document, path: str, method: str = "get") -> Document:
    schema: Document = merged["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    return schema


def test_paths_of_services_become_public_and_those_of_the_gateway_are() -> None:
    merged = merge(
        {
            "sales-svc": document({"/v1/orders": {"get": operation("list_orders", {})}}),
            GATEWAY: document({"/api/v1/home": {"get": operation("get_home", {})}}),
        }
    )

    assert list(merged["paths"]) == ["/api/v1/orders", "/api/v1/home"]
    assert merged["openapi"] == "3.1.0"
    assert merged["servers"] == [{"url": "/", "description": "This gateway"}]


def test_components_that_mean_the_same_are_kept_once() -> None:
    same = {"type": "object", "properties": {"detail": {"type": "string"}}}
    merged = merge(
        {
            "sales-svc": document({"/v1/a": {"get": operation("a", ref("Problem"))}}, Problem=same),
            "project-svc": document({"/v1/b": {"get": operation("b", ref("Problem"))}}, Problem=same),
        }
    )

    assert merged["components"]["schemas"] == {"Problem": same}
    assert schema_of(merged, "/api/v1/b") == ref("Problem")


def test_names_that_mean_different_things_get_the_service_in_front() -> None:
    merged = merge(
        {
            "sales-svc": document({"/v1/a": {"get": operation("a", ref("Reason"))}}, Reason={"type": "string"}),
            "service-desk-svc": document({"/v1/b": {"get": operation("b", ref("Reason"))}}, Reason={"type": "object"}),
        }
    )

    assert merged["components"]["schemas"] == {
        "SalesReason": {"type": "string"},
        "ServiceDeskReason": {"type": "object"},
    }
    assert schema_of(merged, "/api/v1/a") == ref("SalesReason")
    assert schema_of(merged, "/api/v1/b") == ref("ServiceDeskReason")


def test_also_what_refers_to_them_all_the_way_up() -> None:
    def one(item: Document) -> dict[str, Any]:
        return {"Page": {"properties": {"items": {"items": ref("Row")}}}, "Row": {"allOf": [ref("Cell")]}, "Cell": item}

    paths = {"get": operation("x", ref("Page"))}
    merged = merge(
        {
            "sales-svc": document({"/v1/a": paths}, **one({"type": "string"})),
            "project-svc": document({"/v1/b": paths}, **one({"type": "number"})),
        }
    )

    schemas = merged["components"]["schemas"]
    assert sorted(schemas) == ["ProjectCell", "ProjectPage", "ProjectRow", "SalesCell", "SalesPage", "SalesRow"]
    assert schemas["ProjectRow"] == {"allOf": [ref("ProjectCell")]}
    assert schema_of(merged, "/api/v1/a") == ref("SalesPage")


def test_a_new_name_that_is_taken_gets_out_of_the_way() -> None:
    merged = merge(
        {
            "sales-svc": document({}, Report={"type": "string"}),
            "analytics-svc": document({}, Report={"type": "number"}, SalesReport={"type": "object"}),
        }
    )

    assert merged["components"]["schemas"] == {
        "Sales_Report": {"type": "string"},
        "AnalyticsReport": {"type": "number"},
        "SalesReport": {"type": "object"},
    }


def test_schemas_that_refer_to_themselves() -> None:
    tree = {"properties": {"children": {"items": ref("Tree")}}}
    merged = merge({"sales-svc": document({}, Tree=tree), "project-svc": document({}, Tree=tree)})

    assert merged["components"]["schemas"] == {"Tree": tree}


def test_a_discriminators_mapping_follows() -> None:
    kind = {"oneOf": [ref("Cat")], "discriminator": {"mapping": {"cat": "#/components/schemas/Cat"}}}
    merged = merge(
        {
            "sales-svc": document({}, Pet=kind, Cat={"type": "object"}),
            "project-svc": document({}, Cat={"type": "string"}),
        }
    )

    assert merged["components"]["schemas"]["Pet"] == {
        "oneOf": [ref("SalesCat")],
        "discriminator": {"mapping": {"cat": "#/components/schemas/SalesCat"}},
    }


def test_operation_ids_stay_unique() -> None:
    merged = merge(
        {
            "service-desk-svc": document({"/v1/a": {"get": operation("get_state", {}), "post": operation("own", {})}}),
            "sales-svc": document({"/v1/b": {"get": operation("get_state", {})}}),
        }
    )

    assert [found["operationId"] for found in operations(merged)] == [
        "service_desk_get_state",
        "own",
        "sales_get_state",
    ]


def test_a_path_with_two_owners_is_an_error() -> None:
    paths = {"/v1/a": {"get": operation("a", {})}}

    with pytest.raises(DuplicatePath, match="/api/v1/a"):
        merge({"sales-svc": document(paths), "project-svc": document(paths)})


def test_security() -> None:
    paths = {
        "/v1/a": {"get": operation("a", {}, description="Shows it.", **{"x-required-scope": "things:read"})},
        "/v1/b": {"post": operation("b", {}, description="Opens it.", **{"x-required-scope": "public"})},
        "/v1/c": {"get": operation("c", {}, description="Mine.", **{"x-required-scope": "signed-in"})},
    }
    merged = merge({"sales-svc": document(paths)})

    assert merged["security"] == [{"bearer": []}, {"api_key": []}]
    assert set(merged["components"]["securitySchemes"]) == {"bearer", "api_key"}
    closed, opened, own = operations(merged)
    assert "security" not in closed
    assert closed["description"] == "Shows it.\n\nNeeds the scope `things:read`."
    assert (opened["security"], opened["description"]) == ([], "Opens it.")
    assert ("security" in own, own["description"]) == (False, "Mine.")


def test_tags_are_listed_by_service() -> None:
    merged = merge(
        {
            "sales-svc": document({"/v1/a": {"get": operation("a", {}, tags=["Orders"])}}, title="Guanxi sales"),
            GATEWAY: document({"/api/v1/b": {"get": operation("b", {}, tags=["Views", "Orders"])}}, title="Guanxi"),
        }
    )

    assert [tag["name"] for tag in merged["tags"]] == ["Orders", "Views"]
    assert all(tag["description"] for tag in merged["tags"])
    assert merged["x-tagGroups"] == [{"name": "Sales", "tags": ["Orders"]}, {"name": "Gateway", "tags": ["Views"]}]


def test_views_get_the_schemas_of_the_services_answers() -> None:
    part = {"anyOf": [{"type": "object", "x-answer-of": "sales-svc /v1/orders/{x}"}, {"type": "null"}]}
    own = document({"/api/v1/view": {"get": operation("view", ref("View"))}}, View={"properties": {"order": part}})
    sales = document({"/v1/orders/{order_id}": {"get": operation("order", ref("OrderRead"))}}, OrderRead={})

    both = merge({"sales-svc": sales, GATEWAY: own})
    alone = merge({GATEWAY: own}, unavailable=["sales-svc"])

    whole = both["components"]["schemas"]["View"]["properties"]["order"]
    assert whole == {"anyOf": [ref("OrderRead"), {"type": "null"}]}
    partial = alone["components"]["schemas"]["View"]["properties"]["order"]
    assert partial == {"anyOf": [{"type": "object"}, {"type": "null"}]}
    assert alone[UNAVAILABLE] == ["sales-svc"]
    assert UNAVAILABLE not in both


def test_the_documents_given_are_not_changed() -> None:
    given = document(
        {"/v1/a": {"get": operation("a", ref("X"), **{"x-required-scope": "a:read"})}}, X={"type": "string"}
    )
    before = repr(given)

    merge({"sales-svc": given, "project-svc": document({}, X={})})

    assert repr(given) == before


def test_prefixes() -> None:
    assert [prefix_of(name) for name in ("customer-svc", "service-desk-svc", "gateway")] == [
        "Customer",
        "ServiceDesk",
        "Gateway",
    ]


@pytest.fixture(scope="module")
def real() -> dict[str, Document]:
    """The documents of the real services and of the gateway."""
    documents = {}
    for name in (*ROUTES, GATEWAY):
        service = import_module(f"{name.replace('-', '_')}.slices").SERVICE
        app = FastAPI(title=service.title, generate_unique_id_function=lambda route: route.name)
        for router in service.routers:
            app.include_router(router)
        documents[name] = tidied(app.openapi())
    return documents


def test_the_real_documents_merge_into_one_that_holds_together(real: dict[str, Document]) -> None:
    merged = merge(real)

    assert len(merged["paths"]) == sum(len(one["paths"]) for one in real.values())
    ids = [found["operationId"] for found in operations(merged)]
    assert len(ids) == len(set(ids))
    schemas = merged["components"]["schemas"]
    components = {f"#/components/{kind}/{name}" for kind, members in merged["components"].items() for name in members}
    assert _targets(merged) <= components
    linked = {link["operationId"] for answer in _answers(merged) for link in answer.get("links", {}).values()}
    assert len(linked) > 50
    assert linked <= set(ids)
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    assert "x-answer-of" not in repr(merged)
    assert "HTTPValidationError" not in repr(merged)


def test_the_view_of_a_customer_has_the_services_types(real: dict[str, Document]) -> None:
    view = merge(real)["components"]["schemas"]["Customer360"]["properties"]

    assert view["customer"]["anyOf"] == [ref("CustomerRead"), {"type": "null"}]
    assert view["analytics"]["anyOf"] == [ref("CustomerReport"), {"type": "null"}]


def _answers(merged: Document) -> list[Document]:
    return [answer for found in operations(merged) for answer in found["responses"].values()]


def _targets(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own.union(*(_targets(value) for value in node.values()))
    return set().union(*(_targets(item) for item in node)) if isinstance(node, list) else set()
