"""Rules of deliveries: their life cycle, what each step records, and what acceptance takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import model_validator

from crm_contracts.delivery.v1 import Criterion, DeemedAcceptance, DeliveryVersion, OpenPoint, Verdict
from crm_contracts.delivery.v1 import Decision as DecisionRecord
from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.acceptance.deadlines import last_day_to_decide
from project_svc.acceptance.decision import ACTIONS, UNJUDGED, Decision, judged, numbered, opened
from project_svc.acceptance.versions import Submission, decided, fingerprint
from project_svc.deliveries.errors import DeliveryNotEditable, TooManyVersions, UnknownOpenPoint

NOUN = Words("delivery", "交付物")

_S = DeliveryStatus
LIFE_CYCLE: StateMachine[DeliveryStatus] = StateMachine(
    what=NOUN,
    initial=_S.PLANNED,
    transitions={
        (_S.PLANNED, "start"): _S.IN_PROGRESS,
        (_S.IN_PROGRESS, "submit"): _S.SUBMITTED,
        (_S.REJECTED, "submit"): _S.SUBMITTED,
        (_S.SUBMITTED, "accept"): _S.ACCEPTED,
        (_S.SUBMITTED, "accept_conditionally"): _S.CONDITIONALLY_ACCEPTED,
        (_S.SUBMITTED, "reject"): _S.REJECTED,
        (_S.CONDITIONALLY_ACCEPTED, "settle"): _S.CONDITIONALLY_ACCEPTED,
        (_S.CONDITIONALLY_ACCEPTED, "settle_last"): _S.ACCEPTED,
        (_S.CONDITIONALLY_ACCEPTED, "reject"): _S.REJECTED,
        (_S.PLANNED, "cancel"): _S.CANCELLED,
        (_S.IN_PROGRESS, "cancel"): _S.CANCELLED,
        (_S.SUBMITTED, "cancel"): _S.CANCELLED,
        (_S.CONDITIONALLY_ACCEPTED, "cancel"): _S.CANCELLED,
        (_S.REJECTED, "cancel"): _S.CANCELLED,
    },
)

SETTLED = frozenset({_S.ACCEPTED, _S.CANCELLED})
"""States in which nothing is left to do."""

EDITABLE = (_S.PLANNED, _S.IN_PROGRESS, _S.REJECTED)
"""States in which what is agreed can still be changed."""

TAKES_PARTS = frozenset({_S.PLANNED, _S.IN_PROGRESS})
"""States in which a delivery can be made of parts, with the last of which it is accepted."""

MAX_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class HandOver:
    """The hand-over of a customer's requirement that a deliverable answers."""

    requirement_id: UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverable:
    """What is agreed about a delivery before it exists."""

    name: str
    acceptance_criteria: tuple[str, ...]
    due_on: date
    deemed_acceptance: DeemedAcceptance | None = None
    part_of: UUID | None = None
    schedule_id: UUID | None = None
    occurrence: int | None = None


class Delivery(OwnedState):
    """Something that is handed to the customer, who accepts or rejects it."""

    project_id: UUID
    customer_id: UUID
    name: str
    acceptance_criteria: tuple[str, ...] = ()
    status: DeliveryStatus = LIFE_CYCLE.initial
    due_on: date
    submissions: int = 0
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    on_time: bool | None = None
    rejection_reason: str | None = None
    cancellation_reason: str | None = None
    requirement_id: UUID | None = None
    hand_over: int | None = None
    criteria: tuple[Criterion, ...] = ()
    versions: tuple[DeliveryVersion, ...] = ()
    open_points: tuple[OpenPoint, ...] = ()
    deemed_acceptance: DeemedAcceptance | None = None
    deemed_on: date | None = None
    part_of: UUID | None = None
    schedule_id: UUID | None = None
    occurrence: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_numbers(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Number the criteria of a new delivery, and of one that was written before criteria had numbers."""
        descriptions = values.get("acceptance_criteria")
        return values if values.get("criteria") or not descriptions else values | {"criteria": numbered(descriptions)}

    def move(self, action: str, *, reason: str | None = None) -> "Delivery":
        """The delivery after ``start`` or ``cancel``.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        after = self.with_(status=LIFE_CYCLE.after(self.status, action))
        return after.with_(cancellation_reason=reason, deemed_on=None) if action == "cancel" else after

    def completed_by_parts(self, *, at: datetime, on: date, by: str) -> "Delivery":
        """The delivery as accepted with the last of its parts; it was never submitted itself."""
        return _accepted(self.with_(status=_S.ACCEPTED), at, on, by)

    def submit(self, what: Submission, *, at: datetime, on: date, by: str) -> "Delivery":
        """The delivery as it lies before the customer, in one version more.

        Args:
            what: What is handed over.
            at: The moment.
            on: The day of the company on which that is.
            by: Who does it.

        Raises:
            InvalidTransition: Not possible in the present state.
            TooManyVersions: It was submitted too often.
        """
        status = LIFE_CYCLE.after(self.status, "submit")
        if len(self.versions) >= MAX_VERSIONS:
            raise TooManyVersions(count=len(self.versions))
        number, rule = self.submissions + 1, self.deemed_acceptance
        version = DeliveryVersion(
            number=number,
            submitted_at=at,
            submitted_by=by,
            notes=what.notes,
            evidence=what.evidence,
            fingerprint=fingerprint(self.name, self.criteria, what),
        )
        return self.with_(
            status=status,
            submissions=number,
            submitted_at=at,
            rejection_reason=None,
            criteria=tuple(one.model_copy(update=UNJUDGED) for one in self.criteria),
            versions=(*self.versions, version),
            open_points=(),
            deemed_on=None if rule is None else last_day_to_decide(rule, on),
        )

    def decide(self, decision: Decision, *, at: datetime, on: date, by: str) -> "Delivery":
        """The delivery as the customer decided, with the evidence of that in its last version.

        Accepted, it is on time if ``on``, the day of the company, is no later than the one on which it is due. The
        reason of a rejection stands until the next submission.

        Raises:
            InvalidTransition: Not possible in the present state.
            UnknownCriterion: A finding is about none of its criteria.
            CriteriaNotMet: It cannot be accepted as a whole.
        """
        status = LIFE_CYCLE.after(self.status, ACTIONS[decision.verdict])
        criteria = judged(self.criteria, decision)
        record = DecisionRecord(
            verdict=decision.verdict,
            decided_at=at,
            decided_by=by,
            channel=decision.channel,
            contact_id=decision.contact_id,
            link_id=decision.link_id,
            network=decision.network,
            comment=decision.comment,
            criteria=criteria,
        )
        after = self.with_(
            status=status, criteria=criteria, versions=decided(self.versions, record), deemed_on=None, open_points=()
        )
        if decision.verdict is Verdict.ACCEPTED:
            return _accepted(after, at, on, by)
        if decision.verdict is Verdict.REJECTED:
            return after.with_(rejection_reason=decision.comment)
        return after.with_(open_points=opened(decision.open_points))

    def settle(self, point_id: int, *, at: datetime, on: date, by: str, note: str | None) -> "Delivery":
        """The delivery with an open point settled; with the last one it is accepted, by whoever did so conditionally.

        Raises:
            InvalidTransition: It is not accepted conditionally.
            UnknownOpenPoint: It has no such point that is open.
        """
        LIFE_CYCLE.after(self.status, "settle")
        if all(point.id != point_id or point.settled_at for point in self.open_points):
            raise UnknownOpenPoint(point_id=point_id)
        settled = {"settled_at": at, "settled_by": by, "note": note}
        points = tuple(
            point.model_copy(update=settled) if point.id == point_id else point for point in self.open_points
        )
        is_last = all(point.settled_at for point in points)
        after = self.with_(
            status=LIFE_CYCLE.after(self.status, "settle_last" if is_last else "settle"), open_points=points
        )
        return _accepted(after, at, on, self._decider() or by) if is_last else after

    def amended(self, changes: Mapping[str, Any]) -> "Delivery":
        """The delivery with something else agreed about it.

        Raises:
            DeliveryNotEditable: It lies before the customer, or is over.
        """
        if self.status not in EDITABLE:
            raise DeliveryNotEditable(status=self.status.value, allowed=", ".join(EDITABLE))
        changes = dict(changes)
        if "acceptance_criteria" in changes:
            changes["criteria"] = numbered(changes["acceptance_criteria"], self.criteria)
        return self.with_(**changes)

    def is_deemed(self, today: date) -> bool:
        """Whether nobody has decided in the agreed time."""
        return self.status is _S.SUBMITTED and self.deemed_on is not None and self.deemed_on < today

    def _decider(self) -> str | None:
        decision = self.versions[-1].decision if self.versions else None
        return None if decision is None else decision.decided_by


def _accepted(delivery: Delivery, at: datetime, on: date, by: str) -> Delivery:
    return delivery.with_(accepted_at=at, accepted_by=by, on_time=on <= delivery.due_on)
