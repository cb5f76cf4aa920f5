"""Events as other services would send them."""

from typing import Any

from crm_contracts.base import DomainEvent, Snapshot
from tests.world.bodies import smallest


def event_of(kind: type[DomainEvent[Any]], **fields: Any) -> Any:
    """An event with the smallest state that fits, and ``fields`` in it."""
    snapshot: type[Snapshot] = kind.model_fields["state"].annotation  # type: ignore[assignment]
    schema = snapshot.model_json_schema()
    state = smallest(schema, schema.get("$defs", {})) | {"version": 1} | fields
    return kind.model_validate_json(kind(state=snapshot.model_validate(state)).model_dump_json())
