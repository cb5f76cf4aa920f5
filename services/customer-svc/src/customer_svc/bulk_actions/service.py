"""Use cases of bulk actions: choosing the customers, and changing one of them."""

from typing import assert_never
from uuid import UUID

from crm_contracts.customer.v1 import CustomerUpdated
from crm_platform.cel import CelError, check, compile_filter
from crm_platform.errors import InvalidParameter
from crm_platform.reads.field_access import refuse_asking
from crm_platform.uow import ANY_VERSION, UnitOfWork
from customer_svc.bulk_actions import repository
from customer_svc.bulk_actions.errors import TooManyForBulk, UnexpectedCount
from customer_svc.bulk_actions.schemas import (
    MOST,
    Action,
    Activate,
    AddTags,
    Assign,
    BulkRequest,
    Delete,
    LetRest,
    Lose,
    Release,
    RemoveTags,
    SetGrade,
)
from customer_svc.customers import service as customers
from customer_svc.customers.domain import Customer
from customer_svc.pool import service as pool


async def chosen(unit: UnitOfWork, body: BulkRequest) -> list[UUID]:
    """The ids of the customers that a bulk action is about, as they are chosen at this moment.

    Raises:
        InvalidParameter: The filter is none.
        MemberNotSeen: It reads what the caller may not see.
        UnexpectedCount: The filter fits another number of customers.
        TooManyForBulk: There are more than a bulk action takes.
    """
    if body.ids is not None:
        return list(dict.fromkeys(body.ids))
    view, text = customers.view_for(unit.caller), body.filter or ""
    try:
        wanted = compile_filter(text, view.filters)
    except CelError as error:
        raise InvalidParameter(parameter="filter", message=error.words()) from error
    refuse_asking(view, unit.caller, check(text, view.filters))
    ids = await repository.fitting(unit.connection, unit.caller, wanted, limit=MOST + 1)
    if len(ids) > MOST:
        raise TooManyForBulk(limit=MOST)
    if len(ids) != body.expected:
        raise UnexpectedCount(found=len(ids), expected=body.expected)
    return ids


keep_targets, targets, forget_targets = repository.keep_targets, repository.targets, repository.forget_targets


async def change_one(unit: UnitOfWork, id: UUID, change: Action) -> bool:
    """Do to one customer what was asked for, with the rights of whoever asked; returns whether that changed it.

    Raises:
        NotFound: There is no such customer, or it is not visible.
        NotClaimed: It is in the pool.
        InvalidTransition: The step of the life cycle is not possible.
        AlreadyInPool: Nobody owns it.
        CustomerInUse: Other records refer to it.
    """
    before = await customers.load_customer(unit, id, if_match=ANY_VERSION)
    if isinstance(change, Release):
        await pool.release_customer(unit, id, change.reason, if_match=before.version)
        return True
    if isinstance(change, Delete):
        await customers.delete_customer(unit, id, if_match=before.version)
        return True
    if isinstance(change, Activate | LetRest | Lose):
        await customers.move_customer(unit, id, change.action, change, if_match=before.version)
        return True
    after = _edited(unit, before, change)
    written = await unit.update(customers.AGGREGATE, before, after, CustomerUpdated, reason=f"bulk {change.action}")
    return written.version != before.version


def _edited(unit: UnitOfWork, before: Customer, change: Assign | AddTags | RemoveTags | SetGrade) -> Customer:
    match change:
        case Assign():
            same = (before.owner_id, before.team_id) == (change.owner_id, change.team_id)
            return before if same else before.owned_by(change.owner_id, change.team_id, at=unit.now)
        case AddTags():
            return before.with_(tags=tuple(dict.fromkeys((*before.tags, *change.tags))))
        case RemoveTags():
            return before.with_(tags=tuple(tag for tag in before.tags if tag not in change.tags))
        case SetGrade():
            return before.with_(grade=change.grade)
    assert_never(change)
