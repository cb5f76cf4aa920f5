"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from crm_contracts.duplicate.v1 import FieldChoice, MergeConflict, MergeStatus, MovedRecords
from crm_platform.http.fields import NUMERIC, Reason, ShortText
from customer_svc.customers.service import Read as CustomerRead


class Absorbed(BaseModel):
    """A customer that is to go."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    version: Annotated[int, Field(ge=1, le=2_000_000_000), NUMERIC] = Field(description="As it was when it was chosen.")


class MergeRequest(Reason):
    """Which customers to merge into this one, and which values to keep."""

    absorbed: Annotated[tuple[Absorbed, ...], Field(min_length=1, max_length=20)]
    choices: Annotated[dict[ShortText, ShortText], Field(max_length=100)] = Field(
        default_factory=dict,
        description="By field: `survivor`, `newest`, `filled` (the survivor's, or else the newest), for lists `union`, "
        "or the id of one of the customers. Fields that are not named: `filled`, and `union` for lists. Custom fields "
        "are named `custom.` and their key; unique ones stay as they are.",
    )
    dry_run: StrictBool = Field(default=False, description="Only say what would come of it.")


class CustomerMergeRead(BaseModel):
    """A merge of customers."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    survivor_id: UUID
    absorbed_ids: list[UUID]
    choices: list[FieldChoice]
    status: MergeStatus
    moved: list[MovedRecords]
    conflicts: list[MergeConflict]


class FieldOutcome(BaseModel):
    """What a merge makes of one field."""

    field: str
    take: str
    from_ids: list[UUID] = Field(description="Whose value it is; of a list, whose values.")
    changed: bool = Field(description="Whether the survivor had another value before.")


class MergeOutcome(BaseModel):
    """What comes of a merge, or with `dry_run` would."""

    dry_run: bool
    merge: CustomerMergeRead | None = Field(description="Null in a dry run.")
    customer: CustomerRead = Field(description="The survivor.")
    fields: list[FieldOutcome]
    moves: list[MovedRecords] = Field(description="What goes over to the survivor here; other services follow.")


class Merging(BaseModel):
    """A merge by which more goes over than one transaction takes."""

    survivor_id: UUID
    version: int
    request: MergeRequest


class Unmerging(BaseModel):
    """A merge to be taken back by which more went over than one transaction takes."""

    merge_id: UUID
    version: int
    reason: str | None


class Moved(BaseModel):
    """Records that went over ahead of a merge which did not come."""

    move_id: UUID
    absorbed_ids: tuple[UUID, ...]
