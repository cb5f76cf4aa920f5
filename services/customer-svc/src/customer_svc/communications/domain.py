"""Rules of communications: which channel fits, and what comes next."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from crm_contracts.base import ExternalRef
from crm_contracts.communication.v1 import (
    CommunicationChannel,
    CommunicationDirection,
    CommunicationKind,
    FollowUp,
    FollowUpStatus,
)
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from customer_svc.communications.errors import ChannelDoesNotFit, FollowUpTooEarly, NoFollowUp

NOUN = Words("communication", "沟通记录")
FOLLOW_UP_NOUN = Words("follow-up", "跟进事项")

FOLLOW_UP: StateMachine[FollowUpStatus] = StateMachine(
    what=FOLLOW_UP_NOUN,
    initial=FollowUpStatus.OPEN,
    transitions={
        (FollowUpStatus.OPEN, "complete"): FollowUpStatus.DONE,
        (FollowUpStatus.OPEN, "drop"): FollowUpStatus.DROPPED,
    },
)
"""Life cycle of a follow-up; planning another one begins anew."""

_CHAT = frozenset(
    {
        CommunicationChannel.WECHAT,
        CommunicationChannel.WECOM,
        CommunicationChannel.DINGTALK,
        CommunicationChannel.FEISHU,
        CommunicationChannel.QQ,
        CommunicationChannel.SMS,
        CommunicationChannel.WHATSAPP,
        CommunicationChannel.WEB_CHAT,
        CommunicationChannel.OTHER,
    }
)
_SPOKEN = frozenset({CommunicationChannel.PHONE, CommunicationChannel.VIDEO})
_NO_TEXTS = frozenset({CommunicationChannel.SMS})

CHANNELS: Mapping[CommunicationKind, frozenset[CommunicationChannel]] = {
    CommunicationKind.CALL: _SPOKEN | _CHAT - _NO_TEXTS,
    CommunicationKind.EMAIL: frozenset({CommunicationChannel.EMAIL}),
    CommunicationKind.MEETING: _SPOKEN | _CHAT - _NO_TEXTS | {CommunicationChannel.IN_PERSON},
    CommunicationKind.VISIT: frozenset({CommunicationChannel.IN_PERSON}),
    CommunicationKind.CHAT: _CHAT,
}
"""By which means each kind can take place; people call and meet over messengers too."""


class Communication(OwnedState):
    """A call, e-mail, meeting, visit or chat with a customer."""

    customer_id: UUID
    kind: CommunicationKind
    channel: CommunicationChannel | None = None
    direction: CommunicationDirection | None = None
    subject: str
    content: str | None = None
    happened_at: datetime
    duration_minutes: int | None = None
    participants: tuple[str, ...] = ()
    participant_user_ids: tuple[UUID, ...] = ()
    participant_contact_ids: tuple[UUID, ...] = ()
    outcome: str | None = None
    follow_up: FollowUp | None = None
    external_refs: tuple[ExternalRef, ...] = ()
    contents_sealed: bool = False

    def checked(self) -> "Communication":
        """This very state, if it keeps the rules.

        Raises:
            ChannelDoesNotFit: Its kind does not go by its channel.
            FollowUpTooEarly: What comes next would come before.
        """
        if self.channel is not None and self.channel not in CHANNELS[self.kind]:
            possible = ", ".join(sorted(CHANNELS[self.kind]))
            raise ChannelDoesNotFit(kind=self.kind.value, channel=self.channel.value, possible=possible)
        if self.follow_up is not None and self.follow_up.due_at < self.happened_at:
            raise FollowUpTooEarly(due_at=self.follow_up.due_at.isoformat(), happened_at=self.happened_at.isoformat())
        return self

    def planned(self, due_at: datetime, subject: str, assignee_id: UUID | None, notice: timedelta) -> "Communication":
        """With a follow-up, in place of an earlier one; whoever has to do it is reminded ``notice`` before.

        Raises:
            FollowUpTooEarly: It would be due before the communication took place.
        """
        due_at = due_at.astimezone(UTC)
        follow_up = FollowUp(
            due_at=due_at,
            assignee_id=assignee_id or self.owner_id,
            subject=subject,
            status=FOLLOW_UP.initial,
            remind_at=due_at - notice,
        )
        return self.with_(follow_up=follow_up).checked()

    def settled(self, action: str, now: datetime, actor: str) -> "Communication":
        """With its follow-up done (``complete``) or not needed any more (``drop``).

        Raises:
            NoFollowUp: None is planned.
            InvalidTransition: It is settled already.
        """
        if self.follow_up is None:
            raise NoFollowUp
        status = FOLLOW_UP.after(self.follow_up.status, action)
        changes = {"status": status, "settled_at": now, "settled_by": actor}
        return self.with_(follow_up=self.follow_up.model_copy(update=changes))

    def reminded(self, now: datetime) -> "Communication | None":
        """With a note that whoever has to follow up was reminded; None where there is no reason to."""
        follow_up = self.follow_up
        if follow_up is None or follow_up.status is not FollowUpStatus.OPEN:
            return None
        if follow_up.reminded_at is not None or follow_up.remind_at > now:
            return None
        return self.with_(follow_up=follow_up.model_copy(update={"reminded_at": now}))

    @property
    def remind_at(self) -> datetime | None:
        """When somebody has to be reminded; None where nobody has."""
        follow_up = self.follow_up
        waiting = follow_up is not None and follow_up.status is FollowUpStatus.OPEN and follow_up.reminded_at is None
        return follow_up.remind_at if follow_up is not None and waiting else None
