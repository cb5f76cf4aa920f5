"""Sealed members in the filters of lists: equality is answered by keys, anything else is refused."""

from typing import Any

import httpx

from platform_tests.sealing.test_records import enter

FIRST, SECOND = "+8613900000001", "+8613900000002"


async def found(client: httpx.AsyncClient, text: str) -> list[Any]:
    answer = await client.get("/v1/people", params={"filter": text, "sort": "created_at"})
    assert answer.status_code == 200, answer.text
    return [record["phone"] for record in answer.json()["items"]]


async def test_records_are_found_by_sealed_values_in_any_spelling(client: httpx.AsyncClient) -> None:
    await enter(client, 1)
    await enter(client, 2)

    for text, expected in (
        (f'phone == "{FIRST}"', [FIRST]),
        ('phone == "+86  139 0000 0002"', [SECOND]),
        (f'"{FIRST}" == phone && name != null', [FIRST]),
        (f'phone != "{FIRST}"', [SECOND]),
        (f'!(phone == "{FIRST}") || phone == "{FIRST}"', [FIRST, SECOND]),
        (f'phone in ["{FIRST}", "{SECOND}", "7"]', [FIRST, SECOND]),
        ("phone in []", []),
        ('"ZHANG2@needle.example" in emails', [SECOND]),
        ('"备用1@needle.example" in emails', [FIRST]),
        ('"zhang2@needle" in emails', []),
        (f'"{FIRST}" in emails', []),
    ):
        assert await found(client, text) == expected, text


WHOLE = '`phone` is encrypted and can only be asked for whole: `phone == "…"`.'
AMONG = '`emails` is encrypted and can only be asked for whole: `"…" in emails`.'
REFUSED = {
    'phone < "2"': WHOLE,
    "has(phone)": WHOLE,
    "phone == null": WHOLE,
    "phone == phone": WHOLE,
    "phone == name": WHOLE,
    'phone.startsWith("+86")': WHOLE,
    '(true ? phone : name) == "a"': WHOLE,
    "size(emails) > 1": AMONG,
    'emails == "a"': AMONG,
    'emails.exists(x, x == "a")': AMONG,
    'phone == " "': '`" "` cannot be a value of `phone`.',
}


async def test_what_keys_cannot_answer_is_refused(client: httpx.AsyncClient) -> None:
    answers = {text: await client.get("/v1/people", params={"filter": text}) for text in REFUSED}

    for text, answer in answers.items():
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter"), text
        assert REFUSED[text] in answer.json()["detail"], text


async def test_what_is_a_variable_is_not_the_sealed_field(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/people", params={"filter": 'phone == "1" && name.exists(phone, phone == "a")'})

    assert answer.status_code == 400
    assert "encrypted" not in answer.json()["detail"]
