"""Rules of change requests: their life cycle, who decides when, and what an approval is worth later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.change_request.v1 import (
    ApprovalChannel,
    ApprovalStep,
    ChangeCategory,
    ChangeImpact,
    ChangeStatus,
    StepDecision,
)
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.change_requests.errors import ChangeNotDraft, NotTheApprover, OwnChangeRequest

NOUN = Words("change request", "变更请求")
APPROVAL = Words("Approval", "审批")
"""Name of the only step where a request names none."""

LIFE_CYCLE: StateMachine[ChangeStatus] = StateMachine(
    what=NOUN,
    initial=ChangeStatus.DRAFT,
    transitions={
        (ChangeStatus.DRAFT, "submit"): ChangeStatus.SUBMITTED,
        (ChangeStatus.SUBMITTED, "decide"): ChangeStatus.UNDER_REVIEW,
        (ChangeStatus.SUBMITTED, "approve"): ChangeStatus.APPROVED,
        (ChangeStatus.SUBMITTED, "reject"): ChangeStatus.REJECTED,
        (ChangeStatus.SUBMITTED, "analyse"): ChangeStatus.SUBMITTED,
        (ChangeStatus.UNDER_REVIEW, "decide"): ChangeStatus.UNDER_REVIEW,
        (ChangeStatus.UNDER_REVIEW, "approve"): ChangeStatus.APPROVED,
        (ChangeStatus.UNDER_REVIEW, "reject"): ChangeStatus.REJECTED,
        (ChangeStatus.UNDER_REVIEW, "analyse"): ChangeStatus.UNDER_REVIEW,
        (ChangeStatus.UNDER_REVIEW, "reconsider"): ChangeStatus.SUBMITTED,
        (ChangeStatus.APPROVED, "analyse"): ChangeStatus.APPROVED,
        (ChangeStatus.APPROVED, "reconsider"): ChangeStatus.SUBMITTED,
        (ChangeStatus.APPROVED, "implement"): ChangeStatus.IMPLEMENTED,
        (ChangeStatus.DRAFT, "withdraw"): ChangeStatus.WITHDRAWN,
        (ChangeStatus.SUBMITTED, "withdraw"): ChangeStatus.WITHDRAWN,
        (ChangeStatus.UNDER_REVIEW, "withdraw"): ChangeStatus.WITHDRAWN,
        (ChangeStatus.APPROVED, "withdraw"): ChangeStatus.WITHDRAWN,
    },
)
"""``decide`` is an approval that is not the last; ``reconsider`` is an analysis worse than what was agreed."""

WAITING = frozenset({ChangeStatus.SUBMITTED, ChangeStatus.UNDER_REVIEW})
"""States in which somebody has to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What somebody decided about a step; ``reference`` is the number of an approval in the OA system."""

    decision: StepDecision
    at: datetime
    by: str
    comment: str | None = None
    reference: str | None = None


class ChangeRequest(OwnedState):
    """Edits that somebody wants in a plan, with what they would do and who has to agree."""

    project_id: UUID
    number: int
    title: str
    rationale: str
    category: ChangeCategory
    edits: dict[str, Any]
    steps: tuple[ApprovalStep, ...]
    status: ChangeStatus = LIFE_CYCLE.initial
    impact: ChangeImpact | None = None
    agreed_finish: datetime | None = None
    agreed_cost: Money | None = None
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    implemented_at: datetime | None = None
    baseline_id: UUID | None = None

    @property
    def next_step(self) -> ApprovalStep | None:
        """The first step that nobody has decided."""
        return next((step for step in self.steps if step.decision is None), None)

    def changed(self, changes: Mapping[str, Any]) -> "ChangeRequest":
        """The draft with other content.

        Raises:
            ChangeNotDraft: Somebody was asked to agree to it already.
        """
        if self.status is not ChangeStatus.DRAFT:
            raise ChangeNotDraft(status=self.status.value)
        return self.with_(**changes)

    def expect(self, action: str) -> None:
        """Refuse a step before anything is computed for it.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        LIFE_CYCLE.after(self.status, action)

    def submitted(self, impact: ChangeImpact, *, at: datetime) -> "ChangeRequest":
        """The request when those who have to agree are asked.

        Raises:
            InvalidTransition: It is no draft.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "submit"), impact=impact, submitted_at=at)

    def analysed(self, impact: ChangeImpact) -> "ChangeRequest":
        """The request with a new analysis; where it is worse than what was agreed, all have to agree anew.

        Raises:
            InvalidTransition: It is a draft, or over.
        """
        status = LIFE_CYCLE.after(self.status, "analyse")
        if not self._is_worse(impact):
            return self.with_(status=status, impact=impact)
        return self.with_(
            status=LIFE_CYCLE.after(self.status, "reconsider"),
            impact=impact,
            steps=tuple(_undecided(step) for step in self.steps),
            agreed_finish=None,
            agreed_cost=None,
            decided_at=None,
        )

    def _is_worse(self, impact: ChangeImpact) -> bool:
        """Whether a plan would end later, or cost more, than the first approver agreed to."""
        cost, finish = self.agreed_cost, self.agreed_finish
        if cost is None:
            return False
        if impact.cost_after.currency != cost.currency or impact.cost_after.amount > cost.amount:
            return True
        return impact.finishes_after is not None and (finish is None or impact.finishes_after > finish)

    def expect_approver(self, user_id: UUID, actor: str) -> None:
        """Refuse a decision by somebody whose turn it is not.

        Raises:
            OwnChangeRequest: It is the author.
            NotTheApprover: The next step is somebody else's, or is decided in the OA system.
        """
        if actor == self.created_by:
            raise OwnChangeRequest
        step = self.next_step
        if step is None:
            return
        if step.channel is ApprovalChannel.OA or step.approver_id not in {None, user_id}:
            raise NotTheApprover(number=step.number, name=step.name)

    def decided(self, verdict: Verdict) -> "ChangeRequest":
        """The request after a decision about its next step; the last approval, or any rejection, settles it.

        Raises:
            InvalidTransition: Nobody waits for a decision.
        """
        step = self.next_step
        approved = verdict.decision is StepDecision.APPROVED
        settles = not approved or step is None or step.number == len(self.steps)
        action = ("approve" if approved else "reject") if settles else "decide"
        status = LIFE_CYCLE.after(self.status, action)
        changes: dict[str, Any] = {
            "status": status,
            "steps": tuple(_decided(one, verdict) if one is step else one for one in self.steps),
        }
        if settles:
            changes["decided_at"] = verdict.at
        if approved and self.agreed_cost is None and self.impact is not None:
            changes |= {"agreed_finish": self.impact.finishes_after, "agreed_cost": self.impact.cost_after}
        return self.with_(**changes)

    def implemented(self, baseline_id: UUID, *, at: datetime) -> "ChangeRequest":
        """The request when it is in the plan.

        Raises:
            InvalidTransition: It is not approved.
        """
        status = LIFE_CYCLE.after(self.status, "implement")
        return self.with_(status=status, implemented_at=at, baseline_id=baseline_id)

    def withdrawn(self) -> "ChangeRequest":
        """The request when nobody wants it any more.

        Raises:
            InvalidTransition: It is over.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "withdraw"))


def _decided(step: ApprovalStep, verdict: Verdict) -> ApprovalStep:
    return step.model_copy(
        update={
            "decision": verdict.decision,
            "decided_at": verdict.at,
            "decided_by": verdict.by,
            "comment": verdict.comment,
            "reference": verdict.reference,
        }
    )


def _undecided(step: ApprovalStep) -> ApprovalStep:
    return ApprovalStep(number=step.number, name=step.name, channel=step.channel, approver_id=step.approver_id)
