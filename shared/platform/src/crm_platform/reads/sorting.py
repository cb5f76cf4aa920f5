"""Sort keys."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort key; its expression is never NULL and should be backed by an index with ``tenant_id`` and ``id``."""

    column: ColumnElement[Any]
    parse: Callable[[Any], Any]
    """Turns the value in a cursor back into what the column holds; raises ValueError when it cannot."""
    tie: "Sort | None" = None
    """What stands in for the id behind this key, where its index has another column for that."""
