"""Any state of any aggregate of any deployable: for tests that hold for all of them."""

import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, get_origin
from uuid import UUID

from polyfactory.factories.pydantic_factory import ModelFactory
from polyfactory.field_meta import FieldMeta
from pydantic import BaseModel, ValidationError

from analytics_svc.slices import SERVICE as ANALYTICS
from crm_contracts.base import DomainEvent
from crm_contracts.registry import PRODUCERS
from crm_platform.aggregate import AggregateState
from crm_platform.db.database import connect_dedicated
from crm_platform.db.migrations import upgrade
from crm_platform.ids import new_id
from crm_platform.service import Service
from crm_platform.store import Aggregate
from crm_runtime.testing import FreshDatabase
from customer_svc.slices import SERVICE as CUSTOMER
from gateway.slices import SERVICE as GATEWAY
from project_svc.slices import SERVICE as PROJECT
from sales_svc.slices import SERVICE as SALES
from service_desk_svc.slices import SERVICE as SERVICE_DESK

DEPLOYABLES: tuple[Service, ...] = (GATEWAY, CUSTOMER, SALES, SERVICE_DESK, PROJECT, ANALYTICS)

AGGREGATES: tuple[tuple[Service, Aggregate[Any]], ...] = tuple(
    (service, aggregate) for service in DEPLOYABLES for aggregate in service.aggregates
)

_SEED = 4711
_WORDS = (
    "客户",
    "O'Brien",
    'say "yes"',
    "back\\slash",
    "percent % _",
    "{json: [1]}",
    "😀",
    "<b>",
    "  spaced  ",
    "null",
)
_numbers = itertools.count(1)

_RULES = """
SELECT conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname) AS rule FROM pg_constraint
WHERE connamespace = $1::regnamespace AND contype IN ('c', 'f')
"""


def migrate_of(service: Service) -> dict[str, Any]:
    """Arguments of `make_database` for the service: the same template as that of its own tests."""

    def migrate(database: FreshDatabase) -> None:
        upgrade(service.package, database.url)

    return {"migrate": migrate, "cache_key": f"migrate-{service.package}"}


async def without_rules(admin_url: str, service: Service) -> None:
    """Let random states in: rules between fields and records are not what is tested with them."""
    admin = await connect_dedicated(admin_url, name="test")
    try:
        for (rule,) in await admin.fetch(_RULES, service.package):
            await admin.execute(f"ALTER TABLE {rule}")
        unique = [index for one in service.aggregates for index in one.table.indexes if index.unique]
        for index in unique:
            await admin.execute(f"DROP INDEX {service.package}.{index.name}")
    finally:
        await admin.close()


def a_text() -> str:
    """A text with something that wants escaping, never the same twice."""
    number = next(_numbers)
    return f"{_WORDS[number % len(_WORDS)]} {number}"


def a_moment() -> datetime:
    """A point in time with microseconds, always another."""
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=next(_numbers) % 5000, microseconds=next(_numbers))


def a_number() -> Decimal:
    """One with more digits than any contract takes, so that the contract's own range and scale decide."""
    return Decimal(f"{next(_numbers)}{'1' * 60}.{'1' * 60}")


_COLLECTIONS = (tuple, list, set, frozenset, dict)


class AnyModel(ModelFactory[Any]):
    """Random values that fit the types and constraints of a model."""

    __is_base_factory__ = True
    __random__ = random.Random(_SEED)  # noqa: S311  (test data, no secret)
    __allow_none_optionals__ = True

    @classmethod
    def get_provider_map(cls) -> dict[Any, Callable[[], Any]]:
        """Texts that want escaping, times with a zone, and ids as ours; asked for at each field of each model."""
        return _providers()

    @classmethod
    def get_constrained_field_value(cls, annotation: Any, field_meta: FieldMeta, *args: Any, **kwargs: Any) -> Any:
        """A few items where there may be many: by itself it makes as many as there may be."""
        constraints: Any = field_meta.constraints
        if constraints and get_origin(annotation) in _COLLECTIONS:
            least = constraints.get("min_length") or 0
            most = constraints.get("max_length")
            few = {"min_length": least, "max_length": max(least, 3) if most is None else min(most, max(least, 3))}
            constraints |= few
        return super().get_constrained_field_value(annotation, field_meta, *args, **kwargs)


@cache
def _providers() -> dict[Any, Callable[[], Any]]:
    return {
        **super(AnyModel, AnyModel).get_provider_map(),
        str: a_text,
        datetime: a_moment,
        UUID: new_id,
        Decimal: a_number,
    }


@cache
def _factory_of(model: type[BaseModel]) -> Any:
    return AnyModel.create_factory(model=model)


def any_of(model: type[BaseModel], **fixed: Any) -> Any:
    """A random instance of ``model``."""
    return _factory_of(model).build(**fixed)


def any_state(aggregate: Aggregate[Any], **fixed: Any) -> AggregateState:
    """A random state that its events' contract accepts too; new, so without version."""
    spec = aggregate.spec
    # Of custom fields there are those only that somebody has defined.
    custom: dict[str, Any] = {"custom": {}} if aggregate.custom is not None else {}
    state: AggregateState = any_of(spec.state, **custom).with_(**{"id": new_id(), "version": 1, **fixed})
    try:
        spec.to_snapshot(state)
    except ValidationError as error:
        narrower = {str(one["loc"][0]) for one in error.errors()}
        told = any_of(spec.snapshot)
        state = state.with_(**{name: getattr(told, name) for name in narrower})
    # In plain values, since that is how a row becomes a state.
    remade: AggregateState = spec.state.model_validate(state.with_(version=0).model_dump())
    return remade


def another_state(aggregate: Aggregate[Any], before: AggregateState) -> AggregateState:
    """A random state of the same record that is not as ``before``: where there are few values, some come again."""
    while not aggregate.spec.difference(before, after := any_state(aggregate, id=before.id)):
        continue
    return after


def events_of(service: Service, aggregate: Aggregate[Any]) -> list[type[DomainEvent[Any]]]:
    """All events that tell of the aggregate."""
    return [event for event in PRODUCERS[service.name] if event.aggregate_type == aggregate.name]
