"""Events about merges, as services get them."""

from datetime import UTC, datetime
from uuid import UUID

from crm_contracts.duplicate.v1 import (
    CustomerMerged,
    CustomerMergeEvent,
    CustomerMergeSnapshot,
    CustomerUnmerged,
    MergeStatus,
)

_NOW = datetime(2026, 3, 1, tzinfo=UTC)


def told(merge_id: UUID, survivor: UUID, *absorbed: UUID, undone: bool = False) -> CustomerMergeEvent:
    """A merge, or that it was undone."""
    state = CustomerMergeSnapshot(
        id=merge_id,
        version=2 if undone else 1,
        created_at=_NOW,
        created_by="user:1",
        updated_at=_NOW,
        updated_by="user:1",
        survivor_id=survivor,
        absorbed_ids=absorbed,
        choices=(),
        status=MergeStatus.UNMERGED if undone else MergeStatus.MERGED,
        moved=(),
        conflicts=(),
    )
    return (CustomerUnmerged if undone else CustomerMerged)(state=state)
