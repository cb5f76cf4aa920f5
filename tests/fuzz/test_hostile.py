"""Bodies that no schema describes: broken bytes, endless nesting, characters and numbers that cannot be stored."""

import json
from typing import Any

import pytest

from tests.world.operations import OPERATIONS, Operation, document_of
from tests.world.worlds import World

JSON = "application/json"

RAW = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "cut off": b'{"name": "x',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "nested lists": b"[" * 20_000 + b"]" * 20_000,
    "nested objects": b'{"name":' * 20_000 + b"1" + b"}" * 20_000,
    "a number without end": b'{"name": ' + b"9" * 5_000 + b"}",
    "an endless exponent": b'{"name": 1e999999}',
    "not a number": b'{"name": NaN}',
    "a surrogate for a name": b'{"\\ud800": 1}',
}

LENIENT = {
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
}
"""What Python's parser forgives."""

TEXTS = {
    "U+0000": "a\x00b",
    "a lone surrogate": "\ud800",
    "a million letters": "x" * 1_000_000,
    "right to left": "\u202e\u0645",
    "beyond the basic plane": "\U0001f600" * 20,
    "control characters": "\x01\x1f\x7f",
    "year 0": "0000-01-01",
    "the last day": "9999-12-31",
    "year 10000": "+010000-01-01T00:00:00Z",
    "a day that is not": "2026-02-30",
    "far west": "9999-12-31T23:59:59-23:59",
    "1 over the largest integer": "9223372036854775808",
    "no number": "NaN",
}

BODIES = [one for one in OPERATIONS if one.body is not None and one.body[0] == JSON]


def texts_of(operation: Operation) -> list[str]:
    """Members of the body that take a text of some kind."""
    assert operation.body is not None
    name = operation.body[1].get("$ref", "").rpartition("/")[2]
    members = document_of(operation.service)["components"]["schemas"][name].get("properties", {})
    return [member for member, about in members.items() if '"string"' in json.dumps(about)]


@pytest.mark.parametrize("operation", BODIES, ids=str)
async def test_a_hostile_body_is_refused_or_kept_but_never_a_fault(world_of: Any, operation: Operation) -> None:
    world: World = await world_of(operation.service)
    record = await world.prepared(operation)
    sound = await world.body(operation, record)
    bodies = RAW | LENIENT
    for member in texts_of(operation):
        bodies |= {f"{member}: {what}": json.dumps({**sound, member: text}).encode() for what, text in TEXTS.items()}
    path = operation.path if record is None else operation.at(record["id"])
    version = {"if-match": f'"{record.get("version", 1)}"'} if record is not None else {}
    headers = {**world.token(world.people.owner), **version, "content-type": JSON}
    wrong = {}

    for what, body in bodies.items():
        answer = await world.client.request(operation.method, path, content=body, headers=headers)
        refused = 400 <= answer.status_code < 500 and answer.json()["status"] == answer.status_code
        if not (refused or answer.is_success) or (what in RAW and answer.is_success):
            wrong[what] = (answer.status_code, answer.text[:300])

    assert wrong == {}
