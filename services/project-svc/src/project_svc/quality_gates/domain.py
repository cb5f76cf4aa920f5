"""Rules of quality gates: their life cycle, and what a review may say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from crm_contracts.control.v1 import (
    CheckItem,
    CheckState,
    GateCondition,
    GateKind,
    GateReview,
    GateStatus,
    GateVerdict,
)
from crm_platform.aggregate import OwnedState
from crm_platform.errors import FieldProblem
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.quality_gates.errors import GateSettled, NotAReviewer, TooManyReviews, VerdictDoesNotFit

NOUN = Words("quality gate", "质量门")

_ACTIONS: Mapping[GateVerdict, str] = {
    GateVerdict.PASSED: "pass",
    GateVerdict.PASSED_WITH_CONDITIONS: "pass_with_conditions",
    GateVerdict.FAILED: "fail",
}

LIFE_CYCLE: StateMachine[GateStatus] = StateMachine(
    what=NOUN,
    initial=GateStatus.PLANNED,
    transitions={
        (GateStatus.PLANNED, "pass"): GateStatus.PASSED,
        (GateStatus.PLANNED, "pass_with_conditions"): GateStatus.PASSED_WITH_CONDITIONS,
        (GateStatus.PLANNED, "fail"): GateStatus.FAILED,
        (GateStatus.PLANNED, "waive"): GateStatus.WAIVED,
        (GateStatus.FAILED, "pass"): GateStatus.PASSED,
        (GateStatus.FAILED, "pass_with_conditions"): GateStatus.PASSED_WITH_CONDITIONS,
        (GateStatus.FAILED, "fail"): GateStatus.FAILED,
        (GateStatus.FAILED, "waive"): GateStatus.WAIVED,
        (GateStatus.PASSED_WITH_CONDITIONS, "pass"): GateStatus.PASSED,
        (GateStatus.PASSED_WITH_CONDITIONS, "pass_with_conditions"): GateStatus.PASSED_WITH_CONDITIONS,
        (GateStatus.PASSED_WITH_CONDITIONS, "fail"): GateStatus.FAILED,
    },
)
"""All but ``waive`` are verdicts of reviews."""

SETTLED = frozenset({GateStatus.PASSED, GateStatus.WAIVED})
"""States in which nothing is left to review."""

HOLDING = frozenset({GateStatus.PLANNED, GateStatus.FAILED})
"""States in which a mandatory gate holds its project."""

MOST_REVIEWS = 50

_GOOD = frozenset({CheckState.PASSED, CheckState.WAIVED})

_UNKNOWN = Words("The checklist has no item with this number.", "检查表中没有该编号的条目。")
_TWICE = Words("The item is judged twice.", "同一条目重复评定。")
_UNEXPLAINED = Words("What is waived needs a remark that says why.", "豁免的条目须在备注中说明原因。")
_NOT_PASSED = Words("Mandatory item {number} is neither passed nor waived.", "必查条目 {number} 未通过且未豁免。")
_NOT_JUDGED = Words("Mandatory item {number} is not judged yet.", "必查条目 {number} 尚未评定。")
_NO_CONDITIONS = Words("This verdict has no conditions.", "该结论不带条件。")
_CONDITIONS = Words("Say at least one condition.", "请至少填写一项条件。")
_NO_COMMENT = Words("Say what was not good enough.", "请说明未通过的原因。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a review found about an item of the checklist."""

    number: int
    state: CheckState
    remark: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What somebody says after looking; without a verdict there will be more to look at."""

    findings: Sequence[Finding]
    verdict: GateVerdict | None
    conditions: Sequence[GateCondition]
    comment: str | None


class QualityGate(OwnedState):
    """A point that a project passes only if what was made is good enough."""

    project_id: UUID
    name: str
    kind: GateKind
    mandatory: bool = True
    planned_on: date
    task_id: UUID | None = None
    delivery_id: UUID | None = None
    reviewer_ids: tuple[UUID, ...] = ()
    checklist: tuple[CheckItem, ...] = ()
    status: GateStatus = LIFE_CYCLE.initial
    reviews: tuple[GateReview, ...] = ()

    def expect_unsettled(self) -> None:
        """Refuse changes of a gate that is settled.

        Raises:
            GateSettled: It has passed, or was waived.
        """
        if self.status in SETTLED:
            raise GateSettled(status=self.status.value)

    def expect_reviewer(self, user_id: UUID) -> None:
        """Refuse reviews by others than the reviewers, where there are some.

        Raises:
            NotAReviewer: The user is none of them.
        """
        if self.reviewer_ids and user_id not in self.reviewer_ids:
            raise NotAReviewer

    def reviewed(self, review: Review, *, at: datetime, by: str, language: str) -> "QualityGate":
        """The gate after a review; what it does not name stays as it was found before.

        Raises:
            GateSettled: It has passed, or was waived.
            TooManyReviews: It had so many verdicts that another one would help nobody.
            VerdictDoesNotFit: The review contradicts the checklist or itself.
        """
        self.expect_unsettled()
        found = {finding.number: finding for finding in review.findings}
        checklist = tuple(_judged(item, found.get(item.number)) for item in self.checklist)
        problems = [
            FieldProblem(pointer, code, text.into(language)) for pointer, code, text in _problems(review, checklist)
        ]
        if problems:
            raise VerdictDoesNotFit(count=len(problems), errors=problems)
        if review.verdict is None:
            return self.with_(checklist=checklist)
        if len(self.reviews) >= MOST_REVIEWS:
            raise TooManyReviews(count=len(self.reviews))
        verdict = GateReview(
            number=len(self.reviews) + 1,
            verdict=review.verdict,
            comment=review.comment,
            reviewed_at=at,
            reviewed_by=by,
            results=tuple(item.state for item in checklist),
            conditions=tuple(review.conditions),
        )
        status = LIFE_CYCLE.after(self.status, _ACTIONS[review.verdict])
        return self.with_(checklist=checklist, status=status, reviews=(*self.reviews, verdict))

    def waived(self) -> "QualityGate":
        """The gate when the project goes on without it.

        Raises:
            InvalidTransition: It has passed, or was waived before.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "waive"))


def _judged(item: CheckItem, finding: Finding | None) -> CheckItem:
    if finding is None:
        return item
    return item.model_copy(update={"state": finding.state, "remark": finding.remark, "evidence": finding.evidence})


def _problems(review: Review, checklist: Sequence[CheckItem]) -> Iterator[tuple[str, str, Words]]:
    yield from _of_findings(review.findings, {item.number for item in checklist})
    verdict = review.verdict
    if verdict is GateVerdict.PASSED_WITH_CONDITIONS:
        if not review.conditions:
            yield "/conditions", "conditions_missing", _CONDITIONS
        yield from _mandatory(checklist, {CheckState.OPEN}, "item_not_judged", _NOT_JUDGED)
        return
    if review.conditions:
        yield "/conditions", "conditions_too_much", _NO_CONDITIONS
    if verdict is GateVerdict.PASSED:
        yield from _mandatory(checklist, set(CheckState) - _GOOD, "item_not_passed", _NOT_PASSED)
    elif verdict is GateVerdict.FAILED and not review.comment:
        yield "/comment", "comment_missing", _NO_COMMENT


def _of_findings(findings: Sequence[Finding], known: set[int]) -> Iterator[tuple[str, str, Words]]:
    seen = set[int]()
    for place, finding in enumerate(findings):
        at = f"/findings/{place}"
        if finding.number not in known:
            yield f"{at}/number", "unknown_item", _UNKNOWN
        elif finding.number in seen:
            yield f"{at}/number", "item_judged_twice", _TWICE
        seen.add(finding.number)
        if finding.state is CheckState.WAIVED and not finding.remark:
            yield f"{at}/remark", "waiver_unexplained", _UNEXPLAINED


def _mandatory(
    checklist: Sequence[CheckItem], bad: set[CheckState], code: str, text: Words
) -> Iterator[tuple[str, str, Words]]:
    for item in checklist:
        if item.mandatory and item.state in bad:
            numbered = Words(text.en.format(number=item.number), text.zh.format(number=item.number))
            yield "/verdict", code, numbered
