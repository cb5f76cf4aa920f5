"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from crm_contracts.duplicate.v1 import DuplicateGroupStatus, PairOfDuplicates
from crm_platform.http.fields import NUMERIC
from customer_svc.customer_merges.service import MergeRequest, Merging


class GroupMerge(MergeRequest):
    """Which of the group survives, and which of the others to merge into it."""

    survivor_id: UUID
    survivor_version: Annotated[int, Field(ge=1, le=2_000_000_000), NUMERIC]


class DuplicateGroupRead(BaseModel):
    """Customers that may be the same."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    customer_ids: list[UUID]
    score: int = Field(description="The highest of its pairs, in whole percent.")
    pairs: list[PairOfDuplicates]
    status: DuplicateGroupStatus
    merge_id: UUID | None


class GroupMerging(BaseModel):
    """A merge of customers of a group by which more goes over than one transaction takes."""

    group_id: UUID
    merging: Merging
