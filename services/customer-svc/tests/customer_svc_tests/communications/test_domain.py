"""Rules of communications: every kind with every channel, every step of a follow-up."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from crm_contracts.communication.v1 import CommunicationChannel, CommunicationKind, FollowUpStatus
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from customer_svc.communications.domain import CHANNELS, FOLLOW_UP, Communication
from customer_svc.communications.errors import ChannelDoesNotFit, FollowUpTooEarly, NoFollowUp

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def communication(**values: Any) -> Communication:
    known: dict[str, Any] = {"kind": CommunicationKind.CALL, "subject": "s", "happened_at": NOON}
    return Communication(id=new_id(), customer_id=uuid4(), **(known | values))


@pytest.mark.parametrize("kind", CommunicationKind)
def test_a_kind_goes_by_its_channels_and_no_others(kind: CommunicationKind) -> None:
    for channel in CommunicationChannel:
        state = communication(kind=kind, channel=channel)
        if channel in CHANNELS[kind]:
            assert state.checked() is state
        else:
            with pytest.raises(ChannelDoesNotFit):
                state.checked()
    assert communication(kind=kind).checked().channel is None


def test_every_channel_serves_some_kind() -> None:
    assert frozenset().union(*CHANNELS.values()) == frozenset(CommunicationChannel)


def test_a_follow_up_is_whose_the_record_is_unless_somebody_is_named() -> None:
    owner, other = uuid4(), uuid4()
    state = communication(owner_id=owner)
    for named, assignee in ((None, owner), (other, other)):
        follow_up = state.planned(NOON + HOUR, "call", named, timedelta(minutes=15)).follow_up
        assert follow_up is not None
        assert (follow_up.assignee_id, follow_up.status) == (assignee, FollowUpStatus.OPEN)
        assert (follow_up.due_at, follow_up.remind_at) == (NOON + HOUR, NOON + timedelta(minutes=45))


def test_what_comes_next_does_not_come_before() -> None:
    with pytest.raises(FollowUpTooEarly):
        communication().planned(NOON - HOUR, "call", None, timedelta())
    planned = communication().planned(NOON, "call", None, timedelta())
    with pytest.raises(FollowUpTooEarly):
        planned.with_(happened_at=NOON + HOUR).checked()


@pytest.mark.parametrize("status", FollowUpStatus)
@pytest.mark.parametrize("action", ["complete", "drop"])
def test_a_follow_up_is_settled_once(status: FollowUpStatus, action: str) -> None:
    state = communication().planned(NOON, "call", None, timedelta())
    assert state.follow_up is not None
    state = state.with_(follow_up=state.follow_up.model_copy(update={"status": status}))
    if (status, action) not in FOLLOW_UP.transitions:
        with pytest.raises(InvalidTransition):
            state.settled(action, NOON, "user:x")
        return
    settled = state.settled(action, NOON + HOUR, "user:x").follow_up
    assert settled is not None
    assert (settled.status, settled.settled_at, settled.settled_by) == (
        FOLLOW_UP.transitions[status, action],
        NOON + HOUR,
        "user:x",
    )


def test_nothing_is_settled_that_was_not_planned() -> None:
    with pytest.raises(NoFollowUp):
        communication().settled("complete", NOON, "user:x")


def test_somebody_is_reminded_once_when_it_is_time_and_only_of_what_is_open() -> None:
    planned = communication().planned(NOON + HOUR, "call", None, timedelta(minutes=10))
    time = NOON + timedelta(minutes=50)
    assert planned.remind_at == time
    assert planned.reminded(time - timedelta(seconds=1)) is None
    reminded = planned.reminded(time)
    assert reminded is not None
    assert reminded.follow_up is not None
    assert reminded.follow_up.reminded_at == time
    assert (reminded.remind_at, reminded.reminded(time + HOUR)) == (None, None)
    done = planned.settled("complete", NOON, "user:x")
    assert (done.remind_at, done.reminded(time)) == (None, None)
    assert (communication().remind_at, communication().reminded(time)) == (None, None)
