"""What changes memberships besides changes of customers: those of segments."""

from crm_contracts.segment.v1 import SegmentEvent
from crm_platform.events.wire import Record
from crm_platform.operations.begin import begin
from crm_platform.uow import UnitOfWork
from customer_svc.segment_members.operations import EVALUATION, Evaluation


async def on_segment(unit: UnitOfWork, event: SegmentEvent, _: Record) -> None:
    """Look at all customers for a segment that has another expression than before."""
    segment = event.state
    if "expression" in event.changed or segment.version == 1:
        order = Evaluation(segment_id=segment.id, definition=segment.definition)
        await begin(unit, EVALUATION, order, key=f"{segment.id}.{segment.definition}")
