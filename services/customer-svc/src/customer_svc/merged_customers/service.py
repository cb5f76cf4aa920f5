"""Asking who stands for a customer."""

from collections.abc import Iterable
from uuid import UUID

from crm_platform.db import Connection
from crm_platform.following import FIRST
from customer_svc.merged_customers.errors import CustomerAbsorbed
from customer_svc.merged_customers.models import MOVES, SUCCESSORS

__all__ = ["MOVES", "SUCCESSORS", "hops_of", "refuse_absorbed", "survivor_of", "with_predecessors"]


async def survivor_of(connection: Connection, id: UUID) -> UUID | None:
    """Who stands for a customer that was merged into another; None for any other id."""
    return await SUCCESSORS.look_up(connection, id)


async def hops_of(connection: Connection, id: UUID) -> list[tuple[UUID, UUID, UUID]]:
    """By which merges, from whom and to whom an id leads to who stands for it now; none for whoever is there."""
    hops: list[tuple[UUID, UUID, UUID]] = []
    last = FIRST
    while (following := await SUCCESSORS.following(connection, id, last)) is not None:
        hops.append((following[1], id, following[0]))
        id, last = following
    return hops


async def refuse_absorbed(connection: Connection, missing: Iterable[UUID]) -> None:
    """Say so, where a customer that is not there was merged into another.

    Raises:
        CustomerAbsorbed: One of them was.
    """
    for id in missing:
        survivor_id = await survivor_of(connection, id)
        if survivor_id is not None:
            raise CustomerAbsorbed(id=id, survivor_id=survivor_id)


async def with_predecessors(connection: Connection, id: UUID) -> list[UUID]:
    """A customer, and all for whom it stands."""
    return [id, *sorted(await SUCCESSORS.predecessors(connection, id))]
