"""A recorded communication."""

from datetime import datetime
from uuid import UUID

from crm_contracts.base import ExternalRef
from crm_contracts.customer.v1 import CommunicationKind
from crm_platform.aggregate import OwnedState
from crm_platform.words import Words

NOUN = Words("communication", "沟通记录")


class Communication(OwnedState):
    """A call, e-mail, meeting, visit or chat with a customer."""

    customer_id: UUID
    kind: CommunicationKind
    subject: str
    content: str | None = None
    happened_at: datetime
    duration_minutes: int | None = None
    participants: tuple[str, ...] = ()
    external_refs: tuple[ExternalRef, ...] = ()
