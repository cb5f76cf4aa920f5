"""Lets a service's references follow merges that another service tells of."""

from typing import Any, Protocol
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_platform.events.wire import Record
from crm_platform.following import Following
from crm_platform.service import Consumer
from crm_platform.uow import UnitOfWork


class Merge(Protocol):
    """What is read of the state of a merge."""

    @property
    def id(self) -> UUID: ...  # noqa: D102 - the members are those of the contract
    @property
    def survivor_id(self) -> UUID: ...  # noqa: D102
    @property
    def absorbed_ids(self) -> tuple[UUID, ...]: ...  # noqa: D102


def merge_consumers(
    following: Following, *, merged: type[DomainEvent[Any]], unmerged: type[DomainEvent[Any]]
) -> tuple[Consumer, Consumer]:
    """The consumers of a service's list that re-point its references.

    Args:
        following: What refers to the records that are merged.
        merged: The event that tells of a merge; its state is a :class:`Merge`.
        unmerged: The event that tells that one was undone.
    """

    async def on_merged(unit: UnitOfWork, event: DomainEvent[Any], _: Record) -> None:
        state: Merge = event.state
        reason = f"merged into {state.survivor_id}"
        await following.merged(unit, state.id, state.survivor_id, state.absorbed_ids, reason=reason)

    async def on_unmerged(unit: UnitOfWork, event: DomainEvent[Any], _: Record) -> None:
        state: Merge = event.state
        await following.unmerged(unit, state.id, reason=f"merge {state.id} is undone")

    return Consumer(merged, on_merged), Consumer(unmerged, on_unmerged)
