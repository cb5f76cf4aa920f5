"""Memberships: what an expression says of a customer, and what follows from that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid5

from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("segment membership", "分群成员关系")


class SegmentMember(AggregateState):
    """Whether a customer is in a segment; there is one from the first time that it enters."""

    segment_id: UUID
    customer_id: UUID
    member: bool
    since: datetime


def membership_id(segment_id: UUID, customer_id: UUID) -> UUID:
    """The id of the membership of a customer in a segment, which is the same wherever it is computed."""
    return uuid5(segment_id, customer_id.hex)


class Expression(Protocol):
    """The expression of a segment, ready to be evaluated (`crm_platform.cel.Program`)."""

    @property
    def timed(self) -> bool:
        """Whether its answer may change by time alone."""

    def evaluate(self, values: Mapping[str, Any], *, now: datetime | None = None) -> bool:
        """Whether it is true of ``values``."""

    def changes_after(self, values: Mapping[str, Any], now: datetime) -> datetime | None:
        """When its answer has to be asked for anew."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the expression of a segment says of a customer at some moment."""

    segment_id: UUID
    customer_id: UUID
    member: bool
    look_again_at: datetime | None
    """When it may say something else though nothing has changed but the time."""


def judge(
    programs: Mapping[UUID, Expression], customer_id: UUID, values: Mapping[str, Any] | None, now: datetime
) -> Iterator[Verdict]:
    """The verdict of every segment on one customer; one without ``values`` is gone, and in none."""
    for segment_id, program in programs.items():
        if values is None:
            yield Verdict(segment_id, customer_id, member=False, look_again_at=None)
            continue
        later = program.changes_after(values, now) if program.timed else None
        yield Verdict(segment_id, customer_id, program.evaluate(values, now=now), later)


@dataclass(frozen=True, slots=True)
class Moves:
    """What has to be written so that memberships agree with verdicts."""

    first: tuple[Verdict, ...]
    """Customers that enter a segment for the first time."""
    turned: Mapping[UUID, Verdict]
    """By membership: customers that enter again, and those that leave."""


def moves(verdicts: Sequence[Verdict], known: Mapping[UUID, bool]) -> Moves:
    """Compare ``verdicts`` with what is ``known``: for each membership that there is, whether it holds."""
    first, turned = [], {}
    for verdict in verdicts:
        id = membership_id(verdict.segment_id, verdict.customer_id)
        if id not in known:
            first += [verdict] if verdict.member else []
        elif known[id] is not verdict.member:
            turned[id] = verdict
    return Moves(tuple(first), turned)


def look_again(verdicts: Sequence[Verdict]) -> dict[UUID, datetime]:
    """For each customer, when the first of its verdicts may change by time alone."""
    found: dict[UUID, datetime] = {}
    for verdict in verdicts:
        at = verdict.look_again_at
        if at is not None and (verdict.customer_id not in found or at < found[verdict.customer_id]):
            found[verdict.customer_id] = at
    return found
