"""What somebody decides about a version, and what it makes of the criteria."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from crm_contracts.delivery.v1 import Criterion, CriterionVerdict, DecisionChannel, OpenPoint, Verdict
from project_svc.acceptance.errors import CriteriaNotMet, UnknownCriterion

ACTIONS: Mapping[Verdict, str] = {
    Verdict.ACCEPTED: "accept",
    Verdict.CONDITIONALLY_ACCEPTED: "accept_conditionally",
    Verdict.REJECTED: "reject",
}
"""The step of a delivery's life cycle that a decision is."""

UNJUDGED: Mapping[str, object] = {"verdict": CriterionVerdict.PENDING, "comment": None}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one criterion."""

    criterion_id: int
    verdict: CriterionVerdict
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class PointLeft:
    """What a conditional acceptance leaves open, and until when."""

    description: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decides about the version that lies before them.

    Attributes:
        verdict: Which way.
        channel: By which way it comes.
        comment: Why; of a rejection it is the reason.
        findings: About single criteria; of the others an acceptance says that they are met.
        open_points: Of a conditional acceptance; it has at least one.
        contact_id: Whose decision it is.
        link_id: By which link it came.
        network: From where.
    """

    verdict: Verdict
    channel: DecisionChannel
    comment: str | None = None
    findings: Sequence[Finding] = ()
    open_points: Sequence[PointLeft] = ()
    contact_id: UUID | None = None
    link_id: UUID | None = None
    network: str | None = None


def numbered(descriptions: Iterable[str], known: Sequence[Criterion] = ()) -> tuple[Criterion, ...]:
    """Criteria with ids; those whose wording was there before keep theirs."""
    ids = {one.description: one.id for one in reversed(known)}
    following = max((one.id for one in known), default=0)
    criteria = []
    for description in descriptions:
        id = ids.pop(description, None)
        if id is None:
            id = following = following + 1
        criteria.append(Criterion(id=id, description=description))
    return tuple(criteria)


def judged(criteria: Sequence[Criterion], decision: Decision) -> tuple[Criterion, ...]:
    """The criteria as a decision finds them.

    Raises:
        UnknownCriterion: A finding is about none of them.
        CriteriaNotMet: Not all are met, so there is nothing to accept without conditions.
    """
    found = {finding.criterion_id: finding for finding in decision.findings}
    if unknown := found.keys() - {one.id for one in criteria}:
        raise UnknownCriterion(criterion_id=min(unknown))
    rejected = decision.verdict is Verdict.REJECTED
    usual = CriterionVerdict.PENDING if rejected else CriterionVerdict.MET
    after = tuple(_with(one, found.get(one.id), usual) for one in criteria)
    failed = [str(one.id) for one in after if one.verdict is not CriterionVerdict.MET]
    if decision.verdict is Verdict.ACCEPTED and failed:
        raise CriteriaNotMet(criteria=", ".join(failed))
    return after


def opened(points: Sequence[PointLeft]) -> tuple[OpenPoint, ...]:
    """The open points, numbered from 1."""
    return tuple(
        OpenPoint(id=number, description=point.description, due_on=point.due_on)
        for number, point in enumerate(points, 1)
    )


def _with(criterion: Criterion, finding: Finding | None, usual: CriterionVerdict) -> Criterion:
    if finding is None:
        return criterion.model_copy(update={"verdict": usual, "comment": None})
    return criterion.model_copy(update={"verdict": finding.verdict, "comment": finding.comment})
