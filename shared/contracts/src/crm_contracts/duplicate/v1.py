"""Events about duplicates of customers, major version 1; customer-svc publishes them."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, Snapshot
from crm_contracts.customer.v1 import CustomerKind


class RefuseFrom(StrEnum):
    """From which verdict on a duplicate is not entered unless the request says so."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    NEVER = "never"


class DuplicateRuleSnapshot(Snapshot):
    """State of a rule about duplicates."""

    kind: CustomerKind | None = Field(description="Whom it is for; null for whoever has no rule of its own.")
    likely: int = Field(description="The score (percent) from which on two customers are most likely the same.")
    possible: int = Field(description="The score (percent) from which on a person should look at the two.")
    refuse_from: RefuseFrom


class DuplicateRuleEvent(DomainEvent[DuplicateRuleSnapshot]):
    """Base of the events about the rules about duplicates."""

    topic = "crm.duplicate.v1"
    aggregate_type = "duplicate_rule"


class DuplicateRuleCreated(DuplicateRuleEvent):
    """A rule about duplicates was made."""

    type = "duplicate_rule.created"


class DuplicateRuleUpdated(DuplicateRuleEvent):
    """A rule about duplicates was changed."""

    type = "duplicate_rule.updated"


class DuplicateRuleDeleted(DuplicateRuleEvent):
    """A rule about duplicates was removed."""

    type = "duplicate_rule.deleted"


class DuplicateGroupStatus(StrEnum):
    """What has become of customers that may be the same."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    MERGED = "merged"


class PairOfDuplicates(Contract):
    """Two customers of a group, and how they were judged."""

    left_id: UUID
    right_id: UUID
    score: float = Field(description="The probability that the two are the same, in percent.")
    fields: tuple[str, ...] = Field(description="What speaks for and against it, as `field:level`; most telling first.")


class DuplicateGroupSnapshot(Snapshot):
    """State of a group of customers that may be the same."""

    customer_ids: tuple[UUID, ...]
    score: int = Field(description="The highest of its pairs, in whole percent.")
    pairs: tuple[PairOfDuplicates, ...]
    status: DuplicateGroupStatus
    merge_id: UUID | None = Field(description="The merge that settled it.")


class DuplicateGroupEvent(DomainEvent[DuplicateGroupSnapshot]):
    """Base of the events about groups of customers that may be the same."""

    topic = "crm.duplicate.v1"
    aggregate_type = "duplicate_group"


class DuplicateGroupFound(DuplicateGroupEvent):
    """A scan found customers that may be the same."""

    type = "duplicate_group.found"


class DuplicateGroupConfirmed(DuplicateGroupEvent):
    """A person says that they are the same; they are still to be merged."""

    type = "duplicate_group.confirmed"


class DuplicateGroupDismissed(DuplicateGroupEvent):
    """A person says that they are different; they are not found together again."""

    type = "duplicate_group.dismissed"


class DuplicateGroupMerged(DuplicateGroupEvent):
    """They were merged into one."""

    type = "duplicate_group.merged"


class MergeStatus(StrEnum):
    """Whether a merge holds."""

    MERGED = "merged"
    UNMERGED = "unmerged"


class FieldChoice(Contract):
    """From whom a field of the survivor was taken."""

    field: str
    take: str = Field(description="`survivor`, `newest`, `filled`, `union`, or the id of one of the customers.")


class MovedRecords(Contract):
    """How many records of one kind went over to the survivor within customer-svc."""

    kind: str
    count: int


class MergeConflict(Contract):
    """What an undone merge left as it was, because it has changed since."""

    kind: str = Field(description="`customer`, or the kind of a record that had moved.")
    record_id: UUID
    field: str | None = Field(default=None, description="The field of the customer; null for a record.")


class CustomerMergeSnapshot(Snapshot):
    """State of a merge of customers."""

    survivor_id: UUID
    absorbed_ids: tuple[UUID, ...] = Field(description="Customers that are gone; the survivor stands for them.")
    choices: tuple[FieldChoice, ...]
    status: MergeStatus
    moved: tuple[MovedRecords, ...]
    conflicts: tuple[MergeConflict, ...] = Field(description="What did not go back when it was undone.")


class CustomerMergeEvent(DomainEvent[CustomerMergeSnapshot]):
    """Base of the events about merges of customers."""

    topic = "crm.duplicate.v1"
    aggregate_type = "customer_merge"


class CustomerMerged(CustomerMergeEvent):
    """Customers were merged into one; whoever refers to them refers to the survivor from now on."""

    type = "customer.merged"


class CustomerUnmerged(CustomerMergeEvent):
    """A merge was undone; whatever it had moved goes back."""

    type = "customer.unmerged"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    DuplicateRuleCreated,
    DuplicateRuleUpdated,
    DuplicateRuleDeleted,
    DuplicateGroupFound,
    DuplicateGroupConfirmed,
    DuplicateGroupDismissed,
    DuplicateGroupMerged,
    CustomerMerged,
    CustomerUnmerged,
)
