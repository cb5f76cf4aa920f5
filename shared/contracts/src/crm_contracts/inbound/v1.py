"""Messages that ERP and OA systems send to us, major version 1.

They travel as CloudEvents in Kafka's binary mode like our own events: `ce_id` names the message, `ce_tenantid`
the tenant, the key is the record's id in the sending system. A message has no aggregate version of ours;
the same `ce_id` takes effect once.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, Field

from crm_contracts.base import Contract, ExternalRef, InboundMessage, Money
from crm_contracts.communication.v1 import CommunicationChannel, CommunicationDirection, CommunicationKind

ERP_TOPIC = "crm.inbound.erp.v1"
OA_TOPIC = "crm.inbound.oa.v1"


class ErpCustomerChanged(InboundMessage):
    """A customer was entered or changed in the ERP system; absent fields did not change."""

    type = "erp.customer_changed"
    topic = ERP_TOPIC

    external_id: str = Field(min_length=1, max_length=200, description="The customer's number in the ERP system.")
    customer_id: UUID | None = Field(default=None, description="Our id, where the ERP system knows it.")
    revision: int = Field(ge=1, description="Counts the changes of this record in the ERP system.")
    based_on_version: int | None = Field(default=None, description="Our version that the ERP system had seen.")
    name: str | None = None
    phone: str | None = None
    registration_id: str | None = None
    payment_terms_days: int | None = None
    credit_limit: Money | None = None
    changed: tuple[str, ...] = Field(description="Names of the fields that this message sets.")


class ErpPaymentReceived(InboundMessage):
    """Money arrived for an order."""

    type = "erp.payment_received"
    topic = ERP_TOPIC

    payment_id: str = Field(min_length=1, max_length=200, description="The payment's number in the ERP system.")
    order_id: UUID
    amount: Money
    received_on: date


class ErpCostRecorded(InboundMessage):
    """Money was spent on a project, or what was told of that is corrected."""

    type = "erp.cost_recorded"
    topic = ERP_TOPIC

    cost_id: str = Field(min_length=1, max_length=200, description="The entry's number in the ERP system.")
    revision: int = Field(default=1, ge=1, description="Counts the changes of this entry in the ERP system.")
    project_id: UUID
    task_id: UUID | None = Field(default=None, description="Absent where it belongs to the project as a whole.")
    amount: Money = Field(description="Negative for a credit.")
    incurred_on: date
    description: str | None = None


class OaMeetingHeld(InboundMessage):
    """A meeting with a customer took place."""

    type = "oa.meeting_held"
    topic = OA_TOPIC

    meeting_id: str = Field(min_length=1, max_length=200, description="The meeting's number in the OA system.")
    customer_id: UUID
    subject: str
    minutes: str | None = None
    held_at: datetime
    duration_minutes: int | None = Field(default=None, ge=0)
    participants: tuple[str, ...] = ()


class OaFollowUp(Contract):
    """What comes next after a communication, as the OA system has it."""

    due_at: AwareDatetime
    subject: str = Field(min_length=1, max_length=500)
    assignee_id: UUID | None = None


class OaCommunicationRecorded(InboundMessage):
    """A communication with a customer was put on record in the OA system, or corrected there."""

    type = "oa.communication_recorded"
    topic = OA_TOPIC

    communication_id: str = Field(min_length=1, max_length=200, description="The record's number in the OA system.")
    customer_id: UUID | None = Field(default=None, description="Our id, where the OA system knows it.")
    customer_ref: ExternalRef | None = Field(default=None, description="Or an id under which we know the customer.")
    kind: CommunicationKind
    channel: CommunicationChannel | None = None
    direction: CommunicationDirection | None = None
    subject: str = Field(min_length=1, max_length=500)
    content: str | None = None
    happened_at: AwareDatetime
    duration_minutes: int | None = Field(default=None, ge=0)
    participants: tuple[str, ...] = ()
    participant_user_ids: tuple[UUID, ...] = ()
    outcome: str | None = None
    follow_up: OaFollowUp | None = Field(default=None, description="What comes next; absent where nothing was agreed.")


class ApprovalDecision(StrEnum):
    """How an approval ended."""

    APPROVED = "approved"
    REFUSED = "refused"


class OaApprovalDecided(InboundMessage):
    """Somebody decided in the OA system about something that waits for approval here."""

    type = "oa.approval_decided"
    topic = OA_TOPIC

    approval_id: str = Field(min_length=1, max_length=200, description="The approval's number in the OA system.")
    subject_type: str = Field(description="`project`, `change_request` or `contract`.")
    subject_id: UUID
    decision: ApprovalDecision
    decided_by: str
    comment: str | None = None


class OaContractSigned(InboundMessage):
    """Both sides have signed a contract in the OA system, or its seal was put on it."""

    type = "oa.contract_signed"
    topic = OA_TOPIC

    signature_id: str = Field(min_length=1, max_length=200, description="The number of the signing in the OA system.")
    contract_id: UUID
    signed_on: date
    our_signatory_id: UUID | None = Field(default=None, description="Absent where the contract names the user.")
    customer_signatory_id: UUID | None = Field(default=None, description="Absent where it names the contact.")
    comment: str | None = None


MESSAGES: tuple[type[InboundMessage], ...] = (
    ErpCustomerChanged,
    ErpPaymentReceived,
    ErpCostRecorded,
    OaMeetingHeld,
    OaCommunicationRecorded,
    OaApprovalDecided,
    OaContractSigned,
)
