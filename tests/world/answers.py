"""Looking into answers."""

import re
from typing import Any

import httpx

_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def content(answer: httpx.Response) -> Any:
    """What an answer says: JSON, or the text of a file."""
    return answer.json() if answer.headers["content-type"] == "application/json" else answer.text


def ids_in(value: Any) -> set[str]:
    """Every id of a record anywhere in an answer, or of anything anywhere in a file."""
    return set(_UUID.findall(value)) if isinstance(value, str) else _ids_of_records(value)


def _ids_of_records(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["id"]} if isinstance(value.get("id"), str) else set()
        return found.union(*map(_ids_of_records, value.values()))
    return set().union(*map(_ids_of_records, value)) if isinstance(value, list) else set()
