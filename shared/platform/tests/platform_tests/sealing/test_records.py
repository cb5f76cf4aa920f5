"""Records with sealed members are to clients as all others are."""

import httpx

from platform_tests.sealing.people import needle


async def test_what_was_entered_is_shown(client: httpx.AsyncClient) -> None:
    made = await client.post("/v1/people", json={"name": "张三", "city_code": "0575", **needle(1)})

    assert made.status_code == 201, made.text
    record = made.json()
    assert {name: record[name] for name in ("name", "city_code", "erased_at")} == {
        "name": "张三",
        "city_code": "0575",
        "erased_at": None,
    }
    assert {name: record[name] for name in needle(1)} == needle(1)
    assert (await client.get(made.headers["location"])).json() == record
    assert (await client.get("/v1/people")).json() == {"items": [record], "next_cursor": None}
