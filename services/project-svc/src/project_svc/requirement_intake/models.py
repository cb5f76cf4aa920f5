"""Table of the answers to hand-overs."""

from sqlalchemy import Column, Integer, Table, Text, Uuid

from crm_contracts.project.v1 import IntakeStatus, RefusalReason, RequirementIntakeSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.requirement_intake.domain import NOUN, RequirementIntake

requirement_intakes: Table = aggregate_table(
    "requirement_intakes",
    METADATA,
    Column("hand_over", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("refusal", Text),
    Column("project_id", Uuid),
    Column("delivery_id", Uuid),
    one_of("status", [status.value for status in IntakeStatus]),
    one_of("refusal", [reason.value for reason in RefusalReason]),
    belongs_to("delivery_id", "deliveries"),
)

REQUIREMENT_INTAKES = Aggregate(
    name="requirement_intake",
    plural="requirement-intakes",
    what=NOUN,
    table=requirement_intakes,
    state=RequirementIntake,
    snapshot=RequirementIntakeSnapshot,
)
