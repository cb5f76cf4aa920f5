"""Rules of opportunities: the stages, what each of them needs, and the way through them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from crm_contracts.base import ExternalRef, Money
from crm_contracts.sales.v1 import (
    OpportunityCreated,
    OpportunityEngaged,
    OpportunityEvent,
    OpportunityLost,
    OpportunityStage,
    OpportunityUpdated,
    OpportunityWon,
)
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from sales_svc.opportunities.errors import (
    ClosedBeforeEngaged,
    CustomerRequired,
    NeededInStage,
    OpportunityClosed,
    UnknownInStage,
    ValueRequired,
)

NOUN = Words("opportunity", "商机")

STAGES: StateMachine[OpportunityStage] = StateMachine(
    what=NOUN,
    initial=OpportunityStage.PROSPECTING,
    transitions={
        (OpportunityStage.PROSPECTING, "engage"): OpportunityStage.ENGAGING,
        (OpportunityStage.ENGAGING, "win"): OpportunityStage.WON,
        (OpportunityStage.ENGAGING, "lose"): OpportunityStage.LOST,
    },
)

OPEN = (OpportunityStage.PROSPECTING, OpportunityStage.ENGAGING)

_HISTORY: dict[OpportunityStage | None, tuple[frozenset[str], frozenset[str]]] = {
    None: (frozenset(), frozenset()),
    OpportunityStage.PROSPECTING: (frozenset(), frozenset()),
    OpportunityStage.ENGAGING: (frozenset({"engaged_on"}), frozenset()),
    OpportunityStage.WON: (frozenset({"engaged_on", "closed_on"}), frozenset()),
    OpportunityStage.LOST: (frozenset({"engaged_on", "closed_on"}), frozenset({"lost_reason"})),
}
"""Which parts of a history a stage needs, and which it may have besides."""


class Opportunity(OwnedState):
    """A deal that we hope for, have made or have not."""

    name: str
    customer_id: UUID | None = None
    product_id: UUID | None = None
    stage: OpportunityStage = STAGES.initial
    value: Money | None = None
    engaged_on: date | None = None
    expected_close_on: date | None = None
    closed_on: date | None = None
    lost_reason: str | None = None
    external_refs: tuple[ExternalRef, ...] = ()

    @property
    def is_open(self) -> bool:
        """Neither won nor lost."""
        return self.stage in OPEN

    def edited(self, **changes: Any) -> Self:
        """The opportunity with some fields replaced.

        Raises:
            OpportunityClosed: It is won or lost, and a field would really change.
            UnknownInStage: Talks have not begun, so there is no day on which they did.
        """
        after = self.with_(**changes)
        if not self.is_open:
            different = [name for name in changes if getattr(after, name) != getattr(self, name)]
            if different:
                raise OpportunityClosed(stage=self.stage.value, fields=", ".join(sorted(different)))
        if after.engaged_on is not None and self.stage is OpportunityStage.PROSPECTING:
            raise UnknownInStage(stage=self.stage.value, field="engaged_on")
        return after

    def engaged(self, on: date) -> Self:
        """The opportunity once talks have begun.

        Raises:
            InvalidTransition: They have begun before, or are over.
        """
        return self.with_(stage=STAGES.after(self.stage, "engage"), engaged_on=on)

    def won(self, on: date, value: Money | None = None) -> Self:
        """The opportunity once the customer has bought, for ``value`` if it is not known yet or has changed.

        Raises:
            InvalidTransition: It is not being talked about.
            ClosedBeforeEngaged: The day is before talks began.
            CustomerRequired: Nobody has bought.
            ValueRequired: Nothing was sold.
        """
        after = self._closed("win", on).with_(value=value or self.value)
        if after.customer_id is None:
            raise CustomerRequired
        if after.value is None:
            raise ValueRequired
        return after

    def lost(self, on: date, reason: str | None = None) -> Self:
        """The opportunity once it is clear that the customer does not buy.

        Raises:
            InvalidTransition: It is not being talked about.
            ClosedBeforeEngaged: The day is before talks began.
        """
        return self._closed("lose", on).with_(lost_reason=reason)

    def _closed(self, action: str, on: date) -> Self:
        after = self.with_(stage=STAGES.after(self.stage, action), closed_on=on)
        if self.engaged_on is not None and on < self.engaged_on:
            raise ClosedBeforeEngaged(closed_on=on, engaged_on=self.engaged_on)
        return after


@dataclass(frozen=True, slots=True)
class History:
    """How far a deal has come elsewhere, for taking it over; ``stage`` is None where nothing is said of it."""

    stage: OpportunityStage | None = None
    engaged_on: date | None = None
    closed_on: date | None = None
    lost_reason: str | None = None

    def check(self) -> None:
        """Refuse a history that does not fit its stage.

        Raises:
            NeededInStage: A date is missing.
            UnknownInStage: A date or reason belongs to a later stage.
        """
        needed, possible = _HISTORY[self.stage]
        stage = (self.stage or STAGES.initial).value
        for name in ("engaged_on", "closed_on", "lost_reason"):
            given = getattr(self, name) is not None
            if name in needed and not given:
                raise NeededInStage(stage=stage, field=name)
            if given and name not in needed | possible:
                raise UnknownInStage(stage=stage, field=name)

    def fields(self) -> dict[str, Any]:
        """The state's fields that it sets."""
        told = {"engaged_on": self.engaged_on, "closed_on": self.closed_on, "lost_reason": self.lost_reason}
        return {"stage": self.stage} | {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Step:
    """One change of an opportunity: the state after it, and the event that tells of it."""

    event: type[OpportunityEvent]
    after: Opportunity


def entering(opportunity: Opportunity, history: History) -> list[Step]:
    """The steps by which a new opportunity comes to where ``history`` says; it is entered while still open.

    Raises:
        Conflict: A rule of a step is broken.
    """
    history.check()
    if history.stage is None or history.engaged_on is None:
        return [Step(OpportunityCreated, opportunity)]
    talking = opportunity.engaged(history.engaged_on)
    return [Step(OpportunityCreated, talking), *_moves(talking, history, None)]


def catching_up(before: Opportunity, changes: dict[str, Any], history: History) -> list[Step]:
    """The steps by which a known opportunity comes to where another system says it is; none if it is there.

    Raises:
        Conflict: A rule of a step is broken; what is won or lost cannot differ at all.
    """
    history.check()
    if not before.is_open:
        before.edited(**changes, **(history.fields() if history.stage else {}))
        return []
    value: Money | None = None
    if history.stage is OpportunityStage.WON:
        value = changes.get("value")
        changes = {name: new for name, new in changes.items() if name != "value"}
    if before.stage is OpportunityStage.ENGAGING and history.engaged_on is not None:
        changes = changes | {"engaged_on": history.engaged_on}
    edited = before.edited(**changes)
    steps = [Step(OpportunityUpdated, edited)] if edited != before else []
    return [*steps, *_moves(edited, history, value)]


def _moves(state: Opportunity, history: History, value: Money | None) -> Iterator[Step]:
    """The steps through the stages from ``state`` to where ``history`` says."""
    stage, engaged_on, closed_on = history.stage, history.engaged_on, history.closed_on
    if stage is None or stage is state.stage:
        return
    if stage is OpportunityStage.PROSPECTING:
        STAGES.after(state.stage, "prospect")
    if engaged_on is not None and state.stage is OpportunityStage.PROSPECTING:
        state = state.engaged(engaged_on)
        yield Step(OpportunityEngaged, state)
    if closed_on is not None and stage is OpportunityStage.WON:
        yield Step(OpportunityWon, state.won(closed_on, value))
    elif closed_on is not None:
        yield Step(OpportunityLost, state.lost(closed_on, history.lost_reason))
