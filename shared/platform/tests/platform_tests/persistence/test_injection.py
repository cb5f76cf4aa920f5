"""What a client writes into the parameters of a list is data, never SQL, and never reaches foreign rows."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import httpx
import orjson
import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService

ATTACKS = (
    "'",
    '"',
    "''",
    "\\'",
    "';",
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE customers; --",
    "'); DELETE FROM customers; --",
    "' UNION SELECT email, phone FROM customers --",
    "$1",
    "$1::text; SELECT 1",
    "%' OR name LIKE '%",
    "1; SET crm.tenant_id = ''",
    "name FROM customers; --",
    "name) OR (TRUE",
    "(SELECT pg_sleep(5))",
    "tenant_id",
    "pg_sleep(5)",
    "name::text",
    "customers.name",
    "/* */ name",
    "name, name, name, name, name",
    "\u02bc OR 1=1 --",
    "\uff07 OR 1=1 --",
    "{0}",
    "%s",
    ":name",
    "\u0000",
    "a\u0000b",
    "\u202ename",
    "x" * 5000,
)

PARAMETERS = ("filter", "sort", "fields", "cursor", "limit", "count")


@pytest.fixture
async def names(client: httpx.AsyncClient, service: RunningService) -> list[str]:
    """Our customers, beside one of another company."""
    async with service.as_(caller()) as stranger:
        assert (await stranger.post("/v1/customers", json={"name": "Foreign", "source": "4711"})).status_code == 201
    entered = ["Acme", "O'Brien & Söhne", "100 % \\ _"]
    for name in entered:
        assert (await client.post("/v1/customers", json={"name": name})).status_code == 201
    return entered


async def nothing_happened(client: httpx.AsyncClient, service: RunningService, names: list[str]) -> None:
    listed = (await client.get("/v1/customers", params={"sort": "created_at"})).json()["items"]
    assert [item["name"] for item in listed] == names
    assert len(await service.sql("SELECT 1 FROM customers")) == len(names) + 1


def is_harmless(answer: httpx.Response, names: list[str]) -> bool:
    """A refusal that names what is wrong, or a page with records of ours only."""
    if answer.status_code == 400:
        return bool(answer.json()["code"] in {"invalid_parameter", "unknown_parameter", "bad_request"})
    shown = [item.get("name", names[0]) for item in answer.json().get("items", [{"name": "?"}])]
    return answer.status_code == 200 and set(shown) <= set(names) and "4711" not in answer.text


@pytest.mark.parametrize("parameter", PARAMETERS)
async def test_no_parameter_of_a_list_is_taken_for_sql(
    client: httpx.AsyncClient, service: RunningService, names: list[str], parameter: str
) -> None:
    harmful = {}
    for attack in ATTACKS:
        answer = await client.get("/v1/customers", params={parameter: attack})
        if not is_harmless(answer, names):
            harmful[attack] = (answer.status_code, answer.text[:200])

    assert harmful == {}
    await nothing_happened(client, service, names)


async def test_no_name_of_a_parameter_is_taken_for_sql(
    client: httpx.AsyncClient, service: RunningService, names: list[str]
) -> None:
    for parameter in ("", *PARAMETERS):
        answers = [await client.get("/v1/customers", params={f"{parameter}{attack}": "1"}) for attack in ATTACKS]

        assert {answer.status_code for answer in answers} == {400}
        assert {answer.json()["code"] for answer in answers} == {"unknown_parameter"}
    await nothing_happened(client, service, names)


@pytest.mark.parametrize(
    "form",
    ["name == {0}", "name != {0}", "name.contains({0})", "name.startsWith({0})", "name.endsWith({0})", "{0} in tags"],
)
async def test_texts_in_a_filter_are_texts(
    client: httpx.AsyncClient, service: RunningService, names: list[str], form: str
) -> None:
    harmful = {}
    for attack in ATTACKS:
        answer = await client.get("/v1/customers", params={"filter": form.format(orjson.dumps(attack).decode())})
        found = [item["name"] for item in answer.json().get("items", [])]
        expected = _expected(form, attack, names)
        if not is_harmless(answer, names) or (answer.status_code == 200 and sorted(found) != sorted(expected)):
            harmful[attack] = (answer.status_code, answer.text[:200])

    assert harmful == {}
    await nothing_happened(client, service, names)


def _expected(form: str, text: str, names: list[str]) -> list[str]:
    """What the filter has to find, said in Python."""
    if "contains" in form:
        return [name for name in names if text in name]
    if "startsWith" in form:
        return [name for name in names if name.startswith(text)]
    if "endsWith" in form:
        return [name for name in names if name.endswith(text)]
    return names if "!=" in form else []


def forged(cursor: str, *values: Any) -> str:
    """The cursor with other values behind its fingerprint."""
    content = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return urlsafe_b64encode(orjson.dumps([content[0], *values])).decode().rstrip("=")


@pytest.mark.parametrize("sort", ["name", "-name", "created_at", "-updated_at", "status", "id", "name,-created_at"])
async def test_values_forged_into_a_cursor_are_values(
    client: httpx.AsyncClient, service: RunningService, names: list[str], sort: str
) -> None:
    page = (await client.get("/v1/customers", params={"sort": sort, "limit": "1"})).json()
    keys = len(orjson.loads(urlsafe_b64decode(page["next_cursor"] + "===")))
    harmful = {}
    strange: tuple[Any, ...] = (
        None,
        0,
        -1,
        2**63,
        1e308,
        True,
        [],
        {},
        "",
        "infinity",
        "0001-01-01",
        "9999-12-31T23:59:59.999999-14:00",
    )
    for value in (*ATTACKS, *strange):
        for wrong in range(1, keys):
            values = orjson.loads(urlsafe_b64decode(page["next_cursor"] + "==="))[1:]
            values[wrong - 1] = value
            answer = await client.get(
                "/v1/customers", params={"sort": sort, "cursor": forged(page["next_cursor"], *values)}
            )
            if not is_harmless(answer, names):
                harmful[repr((wrong, value))] = (answer.status_code, answer.text[:200])

    assert harmful == {}
    await nothing_happened(client, service, names)


async def test_a_cursor_of_another_company_shows_only_our_records(
    client: httpx.AsyncClient, service: RunningService, names: list[str]
) -> None:
    stranger: Caller = caller()
    async with service.as_(stranger) as theirs:
        for name in ("1", "2"):
            await theirs.post("/v1/customers", json={"name": name})
        cursor = (await theirs.get("/v1/customers", params={"limit": "1", "sort": "name"})).json()["next_cursor"]
    answer = await client.get("/v1/customers", params={"cursor": cursor, "sort": "name"})

    assert is_harmless(answer, names)


async def test_texts_in_a_body_are_kept_as_they_are_or_refused(
    client: httpx.AsyncClient, service: RunningService, names: list[str]
) -> None:
    wrong, entered = {}, list(names)
    for attack in ATTACKS:
        body = {"name": f"x{attack}x"[:300], "industry": f"x{attack}x"[:200], "tags": [f"x{attack}x"[:50]]}
        answer = await client.post("/v1/customers", json=body)
        if "\u0000" in attack:
            pointers = {one["pointer"] for one in answer.json()["errors"]}
            kept = answer.status_code == 422 and pointers == {"/name", "/industry", "/tags/0"}
        else:
            kept = answer.status_code == 201 and {name: answer.json()[name] for name in body} == body
            entered.append(str(body["name"]))
        if not kept:
            wrong[attack] = (answer.status_code, answer.text[:200])

    assert wrong == {}
    await nothing_happened(client, service, entered)


async def test_a_path_that_is_no_id_is_refused(client: httpx.AsyncClient) -> None:
    for attack in ("'", "'%20OR%201=1%20--", "1", "%00", "%2e%2e%2f", "x" * 3000, "urn:uuid:", "%F0%9F%98%80"):
        answer = await client.get(f"/v1/customers/{attack}")

        assert answer.status_code in {400, 404}, attack
        assert answer.json()["code"] in {"invalid_parameter", "no_such_path"}, attack
