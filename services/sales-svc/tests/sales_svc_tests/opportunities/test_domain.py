from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from crm_contracts.base import Money
from crm_contracts.sales.v1 import OpportunityStage
from crm_platform.errors import Conflict, InvalidTransition
from sales_svc.opportunities.domain import STAGES, History, Opportunity, catching_up, entering
from sales_svc.opportunities.errors import (
    ClosedBeforeEngaged,
    CustomerRequired,
    NeededInStage,
    OpportunityClosed,
    UnknownInStage,
    ValueRequired,
)

PROSPECTING, ENGAGING = OpportunityStage.PROSPECTING, OpportunityStage.ENGAGING
WON, LOST = OpportunityStage.WON, OpportunityStage.LOST
JANUARY, MARCH = date(2026, 1, 5), date(2026, 3, 9)


def cny(amount: int | str) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


VALUE = cny(100)

IDEA = Opportunity(id=uuid4(), name="升级", customer_id=uuid4(), value=VALUE)
TALKS = IDEA.engaged(JANUARY)
BY_STAGE = {PROSPECTING: IDEA, ENGAGING: TALKS, WON: TALKS.won(MARCH), LOST: TALKS.lost(MARCH, "太贵")}

ACTIONS = {
    "engage": lambda opportunity: opportunity.engaged(JANUARY),
    "win": lambda opportunity: opportunity.won(MARCH),
    "lose": lambda opportunity: opportunity.lost(MARCH),
}
LEGAL = {(PROSPECTING, "engage"): ENGAGING, (ENGAGING, "win"): WON, (ENGAGING, "lose"): LOST}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("stage", OpportunityStage)
def test_every_action_in_every_stage(stage: OpportunityStage, action: str) -> None:
    following = LEGAL.get((stage, action))
    if following is None:
        with pytest.raises(InvalidTransition) as refusal:
            ACTIONS[action](BY_STAGE[stage])
        assert str(refusal.value.values["allowed"]) == (", ".join(STAGES.actions(stage)) or "none")
    else:
        assert ACTIONS[action](BY_STAGE[stage]).stage is following


def test_winning_needs_a_buyer_a_value_and_a_day_after_talks_began() -> None:
    assert TALKS.won(JANUARY).closed_on == JANUARY
    assert TALKS.won(MARCH, cny(90)).value == cny(90)
    assert TALKS.with_(value=None).won(MARCH, cny(0)).stage is WON
    with pytest.raises(CustomerRequired):
        TALKS.with_(customer_id=None).won(MARCH)
    with pytest.raises(ValueRequired):
        TALKS.with_(value=None).won(MARCH)
    with pytest.raises(ClosedBeforeEngaged):
        TALKS.won(date(2026, 1, 4))
    with pytest.raises(ClosedBeforeEngaged):
        TALKS.lost(date(2026, 1, 4))


@pytest.mark.parametrize("stage", [WON, LOST])
def test_what_is_closed_stays_as_it_is(stage: OpportunityStage) -> None:
    closed = BY_STAGE[stage]

    assert closed.edited(name=closed.name, value=cny("100.00")) == closed
    with pytest.raises(OpportunityClosed) as refusal:
        closed.edited(name="Other", value=None, customer_id=closed.customer_id)
    assert refusal.value.values == {"stage": stage.value, "fields": "name, value"}


def test_the_day_of_engagement_can_be_corrected_once_there_is_one() -> None:
    assert TALKS.edited(engaged_on=MARCH).engaged_on == MARCH
    with pytest.raises(UnknownInStage):
        IDEA.edited(engaged_on=MARCH)


@pytest.mark.parametrize(
    ("history", "events", "after"),
    [
        (History(), ["created"], IDEA),
        (History(PROSPECTING), ["created"], IDEA),
        (History(ENGAGING, JANUARY), ["created"], TALKS),
        (History(WON, JANUARY, MARCH), ["created", "won"], BY_STAGE[WON]),
        (History(LOST, JANUARY, MARCH, "太贵"), ["created", "lost"], BY_STAGE[LOST]),
    ],
)
def test_a_deal_from_elsewhere_is_entered_open_and_moved(
    history: History, events: list[str], after: Opportunity
) -> None:
    steps = entering(IDEA, history)

    assert [step.event.type for step in steps] == [f"opportunity.{event}" for event in events]
    assert steps[0].after.is_open
    assert steps[-1].after == after


@pytest.mark.parametrize(
    ("history", "error"),
    [
        (History(engaged_on=JANUARY), UnknownInStage),
        (History(PROSPECTING, engaged_on=JANUARY), UnknownInStage),
        (History(PROSPECTING, closed_on=MARCH), UnknownInStage),
        (History(ENGAGING), NeededInStage),
        (History(ENGAGING, JANUARY, MARCH), UnknownInStage),
        (History(WON, JANUARY), NeededInStage),
        (History(WON, closed_on=MARCH), NeededInStage),
        (History(WON, JANUARY, MARCH, "?"), UnknownInStage),
        (History(LOST, JANUARY), NeededInStage),
        (History(WON, MARCH, JANUARY), ClosedBeforeEngaged),
        (History(LOST, MARCH, JANUARY), ClosedBeforeEngaged),
    ],
)
def test_a_history_must_fit_its_stage(history: History, error: type[Conflict]) -> None:
    with pytest.raises(error):
        entering(IDEA, history)


@pytest.mark.parametrize(
    ("stage", "changes", "history", "events"),
    [
        (PROSPECTING, {}, History(), []),
        (PROSPECTING, {"name": "升级"}, History(PROSPECTING), []),
        (PROSPECTING, {"name": "扩容"}, History(), ["updated"]),
        (PROSPECTING, {}, History(ENGAGING, JANUARY), ["engaged"]),
        (PROSPECTING, {"name": "扩容"}, History(WON, JANUARY, MARCH), ["updated", "engaged", "won"]),
        (PROSPECTING, {}, History(LOST, JANUARY, MARCH), ["engaged", "lost"]),
        (ENGAGING, {}, History(ENGAGING, JANUARY), []),
        (ENGAGING, {}, History(ENGAGING, MARCH), ["updated"]),
        (ENGAGING, {"value": cny(90)}, History(WON, JANUARY, MARCH), ["won"]),
        (ENGAGING, {"value": cny(90)}, History(LOST, JANUARY, MARCH), ["updated", "lost"]),
        (WON, {"name": "升级"}, History(), []),
        (WON, {"value": VALUE}, History(WON, JANUARY, MARCH), []),
        (LOST, {}, History(LOST, JANUARY, MARCH), []),
    ],
)
def test_a_known_deal_catches_up_step_by_step(
    stage: OpportunityStage, changes: dict[str, Any], history: History, events: list[str]
) -> None:
    steps = catching_up(BY_STAGE[stage], changes, history)

    assert [step.event.type for step in steps] == [f"opportunity.{event}" for event in events]
    if steps:
        last = steps[-1].after
        assert last.stage is (history.stage or stage)
        assert {name: getattr(last, name) for name in changes} == changes
        assert last.engaged_on == (history.engaged_on or BY_STAGE[stage].engaged_on)


@pytest.mark.parametrize(
    ("stage", "changes", "history", "error"),
    [
        (ENGAGING, {}, History(PROSPECTING), InvalidTransition),
        (WON, {}, History(LOST, JANUARY, MARCH), OpportunityClosed),
        (WON, {}, History(ENGAGING, JANUARY), OpportunityClosed),
        (WON, {}, History(WON, JANUARY, date(2026, 3, 10)), OpportunityClosed),
        (WON, {"value": cny(1)}, History(WON, JANUARY, MARCH), OpportunityClosed),
        (LOST, {}, History(LOST, JANUARY, MARCH, "没预算"), OpportunityClosed),
        (PROSPECTING, {"customer_id": None}, History(WON, JANUARY, MARCH), CustomerRequired),
        (PROSPECTING, {}, History(WON, MARCH, JANUARY), ClosedBeforeEngaged),
        (PROSPECTING, {}, History(engaged_on=JANUARY), UnknownInStage),
    ],
)
def test_a_known_deal_cannot_break_a_rule(
    stage: OpportunityStage, changes: dict[str, Any], history: History, error: type[Conflict]
) -> None:
    with pytest.raises(error):
        catching_up(BY_STAGE[stage], changes, history)
