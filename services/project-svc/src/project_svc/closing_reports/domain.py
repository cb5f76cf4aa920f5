"""Rules of closing reports: what has to be said, who signs, and when one is final."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from crm_contracts.closing.v1 import (
    ClosingDecision,
    ClosingReportStatus,
    CriterionFinding,
    Signature,
    SuccessVerdict,
)
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.closing_reports.errors import AlreadyDecided, NotASigner, OwnSignature, VerdictsUnfit

NOUN = Words("closing report", "结项报告")

LIFE_CYCLE: StateMachine[ClosingReportStatus] = StateMachine(
    what=NOUN,
    initial=ClosingReportStatus.IN_REVIEW,
    transitions={
        (ClosingReportStatus.IN_REVIEW, "sign"): ClosingReportStatus.IN_REVIEW,
        (ClosingReportStatus.IN_REVIEW, "issue"): ClosingReportStatus.ISSUED,
        (ClosingReportStatus.IN_REVIEW, "reject"): ClosingReportStatus.REJECTED,
        (ClosingReportStatus.IN_REVIEW, "withdraw"): ClosingReportStatus.WITHDRAWN,
    },
)
"""``issue`` is the last signature. Nothing follows: another report is drawn up instead."""

Found = tuple[CriterionFinding, str | None]
"""What was found about a criterion, with a comment."""


class ClosingReport(OwnedState):
    """What is signed of a closing report; what it says is kept under its digest."""

    project_id: UUID
    number: int
    summary: str
    verdicts: tuple[SuccessVerdict, ...]
    signatures: tuple[Signature, ...]
    status: ClosingReportStatus = LIFE_CYCLE.initial
    made_at: datetime
    content_sha256: str
    issued_at: datetime | None = None

    def signed(self, signer_id: UUID, *, at: datetime, comment: str | None) -> "ClosingReport":
        """The report with one signature more; with the last one it is issued.

        Raises:
            NotASigner: They need not sign it.
            AlreadyDecided: They have signed.
            InvalidTransition: It is issued, rejected or withdrawn.
        """
        signatures = self._decided(signer_id, ClosingDecision.SIGNED, at, comment)
        is_last = all(one.decision is ClosingDecision.SIGNED for one in signatures)
        status = LIFE_CYCLE.after(self.status, "issue" if is_last else "sign")
        return self.with_(status=status, signatures=signatures, issued_at=at if is_last else None)

    def rejected(self, signer_id: UUID, *, at: datetime, comment: str) -> "ClosingReport":
        """The report that somebody does not sign; raises what :meth:`signed` raises."""
        signatures = self._decided(signer_id, ClosingDecision.REJECTED, at, comment)
        return self.with_(status=LIFE_CYCLE.after(self.status, "reject"), signatures=signatures)

    def withdrawn(self) -> "ClosingReport":
        """The report that nobody needs to sign any more.

        Raises:
            InvalidTransition: It is issued, rejected or withdrawn.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "withdraw"))

    def _decided(
        self, signer_id: UUID, decision: ClosingDecision, at: datetime, comment: str | None
    ) -> tuple[Signature, ...]:
        LIFE_CYCLE.after(self.status, "sign")
        own = next((one for one in self.signatures if one.signer_id == signer_id), None)
        if own is None:
            raise NotASigner
        if own.decision is not None:
            raise AlreadyDecided
        made = Signature(signer_id=signer_id, decision=decision, decided_at=at, comment=comment)
        return tuple(made if one is own else one for one in self.signatures)


def verdicts_on(criteria: tuple[str, ...], found: Mapping[int, Found], count: int) -> tuple[SuccessVerdict, ...]:
    """The verdicts, one for each success criterion of the charter, by its place from 1.

    Args:
        criteria: Those of the charter.
        found: What was found, by place.
        count: How many verdicts were given; more than ``found`` has where a place came twice.

    Raises:
        VerdictsUnfit: One is missing, comes twice, or is about none.
    """
    if count != len(found) or found.keys() != set(range(1, len(criteria) + 1)):
        raise VerdictsUnfit(count=len(criteria))
    return tuple(
        SuccessVerdict(criterion=criterion, finding=found[place][0], comment=found[place][1])
        for place, criterion in enumerate(criteria, 1)
    )


def unsigned(signer_ids: Iterable[UUID], author: UUID) -> tuple[Signature, ...]:
    """Who has to sign, each once.

    Raises:
        OwnSignature: Whoever draws a report up is among them.
    """
    ids = tuple(dict.fromkeys(signer_ids))
    if author in ids:
        raise OwnSignature
    return tuple(Signature(signer_id=id) for id in ids)
