"""What comes of a merge, field by field, as callers may see it."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson

from crm_platform.context import Caller
from crm_platform.reads.field_access import shown_to
from customer_svc.customer_merges.domain import SINGLE, Merged
from customer_svc.customer_merges.schemas import FieldOutcome, MergeOutcome
from customer_svc.customers import service as customers
from customer_svc.customers.domain import Customer


def told_to(caller: Caller, outcome: MergeOutcome) -> bytes:
    """An outcome as JSON, with the survivor as ``caller`` may see it."""
    body = outcome.model_dump_json().encode()
    if not caller.fields:
        return body
    content = orjson.loads(body)
    survivor = shown_to(caller, customers.AGGREGATE.resource, orjson.dumps(content["customer"]))
    return orjson.dumps({**content, "customer": orjson.loads(survivor)})


def shown(customer: Customer) -> customers.Read:
    """A customer to be."""
    return customers.Read.model_validate({**customer.model_dump(), "erased_at": None})


def fields_of(survivor: Customer, merged: Merged) -> list[FieldOutcome]:
    """From whom each field would be."""
    takes: Mapping[str, Any] = {choice.field: choice.take for choice in merged.choices}
    changed = customers.AGGREGATE.spec.difference(survivor, merged.customer)
    return [
        FieldOutcome(
            field=name,
            take=takes[name],
            from_ids=list(merged.origins[name]),
            changed=_differs(name, survivor, merged.customer, changed),
        )
        for name in takes
    ]


def _differs(name: str, before: Customer, after: Customer, changed: Collection[str]) -> bool:
    key = name.removeprefix("custom.")
    if key != name:
        return bool(before.custom.get(key) != after.custom.get(key))
    return bool(set(SINGLE.get(name, (name,))) & set(changed))
