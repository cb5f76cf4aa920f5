"""What customers have around them and is no aggregate that can be entered at random."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from crm_contracts.privacy.v1 import ErasureCompleted, ErasurePart
from crm_contracts.sales.v1 import OpportunityCreated, OpportunitySnapshot
from crm_contracts.saved_view.v1 import SavedViewUpdated, Sharing
from crm_platform.context import Cause
from crm_platform.db import Connection, Query
from crm_platform.ids import new_id
from crm_platform.runtime import Runtime
from crm_platform.saved_views.tables import SAVED_VIEWS
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.uow import UnitOfWork
from customer_svc.communications.schemas import FollowUpPlan
from customer_svc.communications.service import plan_follow_up
from customer_svc.erasures.models import ERASURES
from customer_svc.slices import SERVICE as CUSTOMER
from platform_tests.persistence.states import a_moment, a_text, any_of


async def relate(running: RunningService, tenant: UUID, ids: dict[str, list[UUID]]) -> None:
    """Enter links, what comes next, members of snapshots, figures of quality and timelines; settle the rest."""
    runtime: Runtime = running.app.state.runtime
    async with runtime.database.transaction(tenant) as connection:
        unit = UnitOfWork(connection, caller(tenant_id=tenant), Cause(actor="user:1"))
        for number, customer in enumerate(ids["customer"]):
            await _surround(connection, customer, {name: known[number % len(known)] for name, known in ids.items()})
        plan = FollowUpPlan(due_at=datetime(2199, 1, 1, tzinfo=UTC), subject=a_text())
        await plan_follow_up(unit, ids["communication"][0], plan, if_match=1)
        await _settle(unit, ids)
    ids["subject"] = ids["customer"]
    for customer in ids["customer"]:
        state = any_of(OpportunitySnapshot, customer_id=customer, version=1)
        await deliver(running, OpportunityCreated(state=state), tenant_id=tenant)
    async with runtime.database.transaction(tenant) as connection:
        # Only now: what is heard of a customer has it scored anew, and rules that are random give no score.
        for customer in ids["customer"]:
            row = {"id": customer, "score": 40, "failed": ids["quality_rule"], "keys": [], "changed_at": a_moment()}
            await _enter(connection, "quality_scores", **row)
        # By chance nobody is a member of anything; what was heard of customers may also have made them leave.
        await connection.execute("UPDATE segment_members SET member = true")


async def _settle(unit: UnitOfWork, ids: dict[str, list[UUID]]) -> None:
    """Complete the erasures and share the views: others show nothing."""
    for erasure in (await unit.find_many(ERASURES, ids["erasure"])).values():
        done = ErasurePart(service="sales-svc", done_at=a_moment())
        await unit.update(ERASURES, erasure, erasure.with_(parts=(done,)), ErasureCompleted)
    for view in (await unit.find_many(SAVED_VIEWS, ids["saved_view"])).values():
        shared = view.with_(name=a_text(), sharing=Sharing.ALL)
        await unit.update(SAVED_VIEWS, view, shared, SavedViewUpdated)


async def _surround(connection: Connection, customer: UUID, near: dict[str, UUID]) -> None:
    await _enter(connection, "contact_links", contact_id=near["contact"], customer_id=customer, is_primary=False)
    await _enter(connection, "segment_snapshot_members", snapshot_id=near["segment_snapshot"], customer_id=customer)
    figures = {"records": 3, "failing": 1, "score_sum": 200}
    day = date(2026, 3, 1)
    await _enter(connection, "quality_days", id=new_id(), day=day, dimension="source", key=a_text(), **figures)


async def _enter(connection: Connection, table: str, **values: Any) -> None:
    query = Query(insert(CUSTOMER.metadata.tables[table]).values(**values))
    await connection.execute(query.text, *query.args())
