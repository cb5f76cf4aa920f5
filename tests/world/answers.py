"""Looking into answers."""

from typing import Any


def ids_in(value: Any) -> set[str]:
    """Every id anywhere in an answer."""
    if isinstance(value, dict):
        found = {value["id"]} if isinstance(value.get("id"), str) else set()
        return found.union(*map(ids_in, value.values()))
    return set().union(*map(ids_in, value)) if isinstance(value, list) else set()
