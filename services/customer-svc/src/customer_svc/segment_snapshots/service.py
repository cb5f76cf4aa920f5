"""Use cases of segment snapshots."""

from uuid import UUID

from crm_contracts.segment.v1 import SegmentSnapshotDeleted, SegmentSnapshotTaken, SegmentStatus
from crm_platform.ids import new_id
from crm_platform.reads import Reader, Rendered
from crm_platform.uow import UnitOfWork
from customer_svc.segment_snapshots import repository
from customer_svc.segment_snapshots.domain import FrozenSegment
from customer_svc.segment_snapshots.errors import SegmentNotCurrent, UnknownSegment
from customer_svc.segment_snapshots.models import SEGMENT_SNAPSHOTS
from customer_svc.segment_snapshots.schemas import SnapshotCreate
from customer_svc.segments import service as segments


async def take_snapshot(unit: UnitOfWork, body: SnapshotCreate) -> Rendered:
    """Write down who is in a segment.

    Raises:
        UnknownSegment: There is no such segment.
        SegmentNotCurrent: Its members are not settled yet.
    """
    segment = await segments.find_segment(unit, body.segment_id)
    if segment is None:
        raise UnknownSegment(segment_id=body.segment_id)
    if segment.status is not SegmentStatus.CURRENT:
        raise SegmentNotCurrent
    id = new_id()
    snapshot = FrozenSegment(
        id=id,
        segment_id=segment.id,
        name=body.name or segment.name,
        expression=segment.expression,
        taken_at=unit.now,
        members=await repository.write_down(unit.connection, id, segment.id),
    )
    return await unit.insert(SEGMENT_SNAPSHOTS, snapshot, SegmentSnapshotTaken)


async def delete_snapshot(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a snapshot.

    Raises:
        NotFound: No such snapshot.
        PreconditionRequired: No version was given.
    """
    before = await unit.load(SEGMENT_SNAPSHOTS, id, if_match=if_match)
    await repository.forget(unit.connection, id)
    await unit.delete(SEGMENT_SNAPSHOTS, before, SegmentSnapshotDeleted)


async def check_exists(reader: Reader, id: UUID) -> None:
    """Refuse to show the members of a snapshot that there is not.

    Raises:
        NotFound: There is no such snapshot.
    """
    await reader.get(SEGMENT_SNAPSHOTS.resource, id, fields=("id",))
