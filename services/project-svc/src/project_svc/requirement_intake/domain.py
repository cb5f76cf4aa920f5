"""The answer to a hand-over: planned or refused."""

from uuid import UUID

from crm_contracts.project.v1 import IntakeStatus, RefusalReason
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("requirement intake", "需求接收")


class RequirementIntake(AggregateState):
    """What became of the latest hand-over of a requirement; its id is the requirement's."""

    hand_over: int
    status: IntakeStatus
    refusal: RefusalReason | None = None
    project_id: UUID | None = None
    delivery_id: UUID | None = None
