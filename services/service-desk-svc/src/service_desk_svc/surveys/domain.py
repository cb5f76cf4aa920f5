"""Rules of satisfaction surveys."""

from datetime import datetime
from uuid import UUID

from crm_contracts.service_desk.v1 import SurveyStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("survey", "满意度调查")

LIFE_CYCLE: StateMachine[SurveyStatus] = StateMachine(
    what=NOUN,
    initial=SurveyStatus.SENT,
    transitions={(SurveyStatus.SENT, "answer"): SurveyStatus.ANSWERED},
)


class Survey(OwnedState):
    """A question to a customer: how satisfied are you with what we delivered?"""

    customer_id: UUID
    project_id: UUID | None = None
    delivery_id: UUID | None = None
    status: SurveyStatus = LIFE_CYCLE.initial
    sent_at: datetime
    answered_at: datetime | None = None
    score: int | None = None
    comment: str | None = None

    def answer(self, score: int, comment: str | None, now: datetime) -> "Survey":
        """The survey with the customer's answer; ``score`` from 1 (very dissatisfied) to 5 (very satisfied).

        Raises:
            InvalidTransition: It is answered already.
        """
        status = LIFE_CYCLE.after(self.status, "answer")
        return self.with_(status=status, score=score, comment=comment, answered_at=now)
