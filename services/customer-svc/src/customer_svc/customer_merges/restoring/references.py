"""What of this service refers to customers."""

from functools import cache
from typing import Final

from crm_contracts.communication.v1 import CommunicationUpdated
from crm_contracts.customer.v1 import CustomerUpdated, SyncConflictMoved
from crm_contracts.requirement.v1 import RequirementUpdated
from crm_platform.following import Following, Reference
from customer_svc.communications import service as communications
from customer_svc.customers import service as customers
from customer_svc.merged_customers import service as merged_customers
from customer_svc.requirements import service as requirements
from customer_svc.sync import service as sync

_FREE: Final = (
    Reference(communications.AGGREGATE, CommunicationUpdated),
    Reference(requirements.AGGREGATE, RequirementUpdated),
)
_PARENT: Final = Reference(customers.AGGREGATE, CustomerUpdated, "parent_id")


@cache
def following() -> Following:
    """What of this service refers to customers; contacts do so in their own way."""
    return Following(
        merged_customers.SUCCESSORS,
        merged_customers.MOVES,
        (*_FREE, Reference(sync.AGGREGATE, SyncConflictMoved), _PARENT),
    )


@cache
def ahead() -> Following:
    """What goes over ahead of a large merge: all but questions that somebody may be answering."""
    return Following(
        merged_customers.SUCCESSORS,
        merged_customers.MOVES,
        (*_FREE, Reference(sync.AGGREGATE, SyncConflictMoved, only=sync.SETTLED), _PARENT),
    )
