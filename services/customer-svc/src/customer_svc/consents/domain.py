"""Rules of consent: how it is given and ends, and whether a person may be turned to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from crm_contracts.privacy.v1 import (
    ConsentSource,
    ConsentStatus,
    ContactMeans,
    Evidence,
    LawfulBasis,
    SubjectKind,
)
from crm_platform.aggregate import AggregateState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("consent", "同意记录")

_WITHOUT = (ConsentStatus.PENDING, ConsentStatus.WITHDRAWN, ConsentStatus.EXPIRED)

LIFE_CYCLE: StateMachine[ConsentStatus] = StateMachine(
    what=NOUN,
    initial=ConsentStatus.PENDING,
    transitions={
        **{(status, "request"): ConsentStatus.PENDING for status in _WITHOUT},
        **{(status, "give"): ConsentStatus.GIVEN for status in ConsentStatus},
        (ConsentStatus.GIVEN, "request"): ConsentStatus.GIVEN,
        (ConsentStatus.PENDING, "confirm"): ConsentStatus.GIVEN,
        **{(status, "withdraw"): ConsentStatus.WITHDRAWN for status in ConsentStatus},
        (ConsentStatus.PENDING, "expire"): ConsentStatus.EXPIRED,
        (ConsentStatus.GIVEN, "expire"): ConsentStatus.EXPIRED,
    },
)

CONFIRM_WITHIN = timedelta(days=14)
"""How long a person has to confirm; then it is as if nothing had been said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a person has said, when and how."""

    source: ConsentSource
    at: datetime
    text_version: int | None = None
    expires_at: datetime | None = None
    evidence: Evidence | None = None


class Consent(AggregateState):
    """What one person has said about one purpose and channel; its audit trail is the history."""

    subject_kind: SubjectKind
    subject_id: UUID
    purpose: str
    channel: ContactMeans
    status: ConsentStatus = LIFE_CYCLE.initial
    source: ConsentSource
    text_version: int | None = None
    said_at: datetime
    expires_at: datetime | None = None
    evidence: Evidence | None = None

    def after(self, action: str, said: Statement) -> "Consent":
        """The consent once the person has said something: ``request``, ``give``, ``confirm`` or ``withdraw``.

        Who has given consent that is asked for again keeps it.

        Raises:
            InvalidTransition: There is nothing to confirm.
        """
        return self.with_(
            status=LIFE_CYCLE.after(self.status, action),
            source=said.source,
            said_at=said.at,
            text_version=said.text_version or self.text_version,
            expires_at=said.expires_at,
            evidence=said.evidence,
        )

    def expired(self) -> "Consent":
        """The consent once its time is over."""
        return self.with_(status=LIFE_CYCLE.after(self.status, "expire"))


class Verdict(StrEnum):
    """Why a person may be turned to, or may not."""

    CONSENT = "consent"
    LAWFUL_BASIS = "lawful_basis"
    NO_CONSENT = "no_consent"
    NOT_CONFIRMED = "not_confirmed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNKNOWN_PURPOSE = "unknown_purpose"
    PURPOSE_RETIRED = "purpose_retired"
    OTHER_CHANNEL = "other_channel"
    UNKNOWN_SUBJECT = "unknown_subject"
    ERASED = "erased"


ALLOWED = frozenset({Verdict.CONSENT, Verdict.LAWFUL_BASIS})

REASONS: Mapping[Verdict, Words] = {
    Verdict.CONSENT: Words("The person has agreed.", "本人已同意。"),
    Verdict.LAWFUL_BASIS: Words("The purpose has a lawful basis other than consent.", "该用途具有同意以外的合法依据。"),
    Verdict.NO_CONSENT: Words("The person has never agreed.", "本人从未同意。"),
    Verdict.NOT_CONFIRMED: Words("The person has not confirmed yet (double opt-in).", "本人尚未确认（双重确认）。"),
    Verdict.WITHDRAWN: Words("The person has withdrawn consent or objects.", "本人已撤回同意或表示反对。"),
    Verdict.EXPIRED: Words("The consent has expired.", "同意已过期。"),
    Verdict.UNKNOWN_PURPOSE: Words("There is no such purpose.", "没有该用途。"),
    Verdict.PURPOSE_RETIRED: Words("The purpose is not pursued any more.", "该用途已停用。"),
    Verdict.OTHER_CHANNEL: Words("The purpose does not go by this channel.", "该用途不包含此渠道。"),
    Verdict.UNKNOWN_SUBJECT: Words("There is no such person.", "没有此人。"),
    Verdict.ERASED: Words("The personal data was erased.", "个人数据已删除。"),
}
"""The verdicts in words."""

_BOUND = frozenset({LawfulBasis.CONTRACT, LawfulBasis.LEGAL_OBLIGATION, LawfulBasis.VITAL_INTERESTS})
"""Bases to which a person cannot object (GDPR article 21 names the others)."""

_ENDED = {
    ConsentStatus.PENDING: Verdict.NOT_CONFIRMED,
    ConsentStatus.WITHDRAWN: Verdict.WITHDRAWN,
    ConsentStatus.EXPIRED: Verdict.EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known when somebody asks whether a person may be turned to."""

    known: bool
    erased: bool
    basis: LawfulBasis | None
    """Of the purpose; None where there is no such purpose."""
    active: bool
    covers_channel: bool
    status: ConsentStatus | None
    expires_at: datetime | None

    def verdict(self, now: datetime) -> Verdict:
        """Whether the person may be turned to at this moment, and why."""
        if self.basis is None:
            return Verdict.UNKNOWN_PURPOSE
        for hindrance, verdict in (
            (self.erased, Verdict.ERASED),
            (not self.known, Verdict.UNKNOWN_SUBJECT),
            (not self.active, Verdict.PURPOSE_RETIRED),
            (not self.covers_channel, Verdict.OTHER_CHANNEL),
        ):
            if hindrance:
                return verdict
        return self._by_consent(now) if self.basis is LawfulBasis.CONSENT else self._by_law(self.basis)

    def _by_law(self, basis: LawfulBasis) -> Verdict:
        objects = self.status is ConsentStatus.WITHDRAWN and basis not in _BOUND
        return Verdict.WITHDRAWN if objects else Verdict.LAWFUL_BASIS

    def _by_consent(self, now: datetime) -> Verdict:
        if self.status is None:
            return Verdict.NO_CONSENT
        if self.status is not ConsentStatus.GIVEN:
            return _ENDED[self.status]
        return Verdict.EXPIRED if self.expires_at is not None and self.expires_at <= now else Verdict.CONSENT
