"""What a service says about its records that have to do with people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from crm_contracts.base import DomainEvent
from crm_contracts.privacy.v1 import SubjectKind
from crm_platform.external_refs import ExternalRefs
from crm_platform.store import Aggregate
from crm_platform.words import Words

BLANK = "[已删除 / erased]"
"""Stands where a text was that must not be empty."""

COPY = Words("customer, as another service knows it", "客户（服务间副本）")
"""What people call a service's copy of what another one owns."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The aggregate whose records are the people themselves.

    Attributes:
        aggregate: Theirs; it has sealed members.
        refs: Under which ids other systems know them.
        event: Tells that one was erased.
    """

    aggregate: Aggregate[Any]
    refs: ExternalRefs
    event: type[DomainEvent[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Records of one table that are about a person, or refer to one.

    Attributes:
        record: What rules of holds and certificates call one, such as ``ticket``.
        table: Where they are.
        column: Which column says about whom they are.
        about: Customers or contacts.
        blank: Members (of an aggregate) or columns (of a copy), with what takes their place when the person is erased.
            None at all says that the records only refer to the person, and stay.
        aggregate: Where the records are an aggregate, so that their erasure is a change with an event, and so that
            their sealed members are told.
        held: Members of an aggregate that are set on what a rule keeps, such as that which says that it is sealed: it
            is to be read when the key is destroyed.
        event: By which its erasure is told.
        dated: The column with the date from which rules count.
        why: Why records of which nothing is blanked may stay.
        title: What people call one, where the aggregate does not say.
        withheld: Why the records are not told when a person asks what is known; None where they are.
    """

    record: str
    table: Table
    column: str = "customer_id"
    about: SubjectKind = SubjectKind.CUSTOMER
    blank: Mapping[str, Any] = field(default_factory=dict)
    held: Mapping[str, Any] = field(default_factory=dict)
    aggregate: Aggregate[Any] | None = None
    event: type[DomainEvent[Any]] | None = None
    dated: str = "created_at"
    why: str = "only refers to the person"
    title: Words | None = None
    withheld: str | None = None

    def __post_init__(self) -> None:
        if self.column not in self.table.c:
            message = f"{self.table.name} has no column {self.column}"
            raise TypeError(message)
        by_event = self.aggregate is not None and bool(self.blank)
        if by_event != (self.event is not None):
            message = f"{self.table.name}: an aggregate is erased by an event, and nothing else is"
            raise TypeError(message)
        if self.title is None and self.aggregate is None:
            message = f"{self.table.name}: people do not know what it is called"
            raise TypeError(message)

    @property
    def called(self) -> Words:
        """What people call a record."""
        if self.title is None and self.aggregate is not None:
            return self.aggregate.resource.what
        return self.title or Words(self.record, self.record)
