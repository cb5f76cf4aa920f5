"""Custom fields at work: definitions, values, and what was told of them."""

from typing import Any

import httpx

from crm_platform.testing.waiting import until

REGIONS = [("华东", "East"), ("华南", "South"), ("华北", "North")]


def choices(*values: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"value": zh, "label": {"en": en, "zh": zh}} for zh, en in values]


async def defined(api: httpx.AsyncClient, key: str, type: str, **rules: Any) -> dict[str, Any]:
    """Define a field of customers."""
    label = {"en": key.title(), "zh": f"字段{key}"}
    body = {"resource": "customers", "key": key, "type": type, "label": label, **rules}
    answer = await api.post("/v1/custom-fields", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def entered(api: httpx.AsyncClient, name: str, **custom: Any) -> dict[str, Any]:
    answer = await api.post("/v1/customers?allow_duplicates=true", json={"name": name, "custom": custom})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def acted(api: httpx.AsyncClient, field: dict[str, Any], action: str) -> dict[str, Any]:
    headers = {"if-match": f'"{field["version"]}"'}
    answer = await api.post(f"/v1/custom-fields/{field['id']}/{action}", json={}, headers=headers)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def patched(api: httpx.AsyncClient, path: str, record: dict[str, Any], **body: Any) -> httpx.Response:
    headers = {"if-match": f'"{record["version"]}"'}
    return await api.patch(f"/v1/{path}/{record['id']}", json=body, headers=headers)


async def listed(api: httpx.AsyncClient, **params: str) -> list[Any]:
    answer = await api.get("/v1/customers", params={"sort": "name", "fields": "name", **params})
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


def wrong(answer: httpx.Response) -> list[tuple[str, str]]:
    """Pointers and rules of a refusal."""
    assert answer.status_code == 422, answer.text
    return sorted((error["pointer"], error["code"]) for error in answer.json()["errors"])


async def applied(api: httpx.AsyncClient, field: dict[str, Any]) -> dict[str, Any]:
    """The definition, once all records follow it."""

    async def found() -> dict[str, Any] | None:
        now: dict[str, Any] = (await api.get(f"/v1/custom-fields/{field['id']}")).json()
        return now if now["applied"] else None

    reached = await until(found, seconds=60)
    assert reached is not None
    return reached


async def converted(api: httpx.AsyncClient, field: dict[str, Any], **body: Any) -> dict[str, Any]:
    """What a conversion, or its trial, ended in."""
    return await ended_conversion(api, await ordered_conversion(api, field, **body))


async def ordered_conversion(api: httpx.AsyncClient, field: dict[str, Any], **body: Any) -> dict[str, Any]:
    """The operation of a conversion, or of its trial."""
    answer = await api.post(f"/v1/custom-fields/{field['id']}/convert", json=body)
    assert answer.status_code == 202, answer.text
    operation: dict[str, Any] = answer.json()
    return operation


async def ended_conversion(api: httpx.AsyncClient, operation: dict[str, Any]) -> dict[str, Any]:
    """What the operation of a conversion ended in."""
    path = f"/v1/operations/{operation['id']}"

    async def ended() -> dict[str, Any] | None:
        now: dict[str, Any] = (await api.get(path)).json()
        return now if now["finished_at"] else None

    found = await until(ended, seconds=60)
    assert found is not None
    assert found["status"] == "succeeded", found
    results = (await api.get(f"{path}/results")).json()["items"]
    return {**found["result"], "samples": [item["detail"]["value"] for item in results]}
