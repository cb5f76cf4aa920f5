"""Trying a project, as an operation."""

from datetime import date
from typing import Any
from uuid import UUID

from crm_platform.companies import today_of
from crm_platform.operations.begin import begin
from crm_platform.operations.errors import RequesterGone
from crm_platform.operations.kinds import Ahead, Done, More, Next, OperationKind, Step
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from project_svc.portfolio_trials import service
from project_svc.portfolio_trials.schemas import WhatIf

_STAGES = 2


class Trial(WhatIf):
    """What is tried, and the day on which that was asked: equal plans have equal answers on that day.

    Attributes:
        template_id: The edition of the template that was published then.
    """

    as_of: date
    template_id: UUID | None = None


async def begin_trial(unit: UnitOfWork, body: WhatIf) -> Rendered:
    """Begin to try a project; raises what :func:`project_svc.portfolio_trials.service.expect_triable` raises."""
    template_id = await service.expect_triable(unit, body)
    return await begin(unit, TRY, Trial(**dict(body), as_of=await today_of(unit), template_id=template_id))


async def _prepare(ahead: Ahead[Trial]) -> Any:
    """The trial, in a process of its own; nothing in the first step, which shows that it has begun."""
    if ahead.caller is None:
        raise RequesterGone
    if ahead.cursor is None:
        return None
    async with ahead.database.transaction(ahead.tenant_id) as connection:
        asked = ahead.input
        question = await service.question_of(
            connection, ahead.caller, asked, template_id=asked.template_id, as_of=asked.as_of
        )
    return await ahead.compute(service.tried, question)


async def _step(step: Step[Trial]) -> Next:
    step.progress.total = _STAGES
    step.progress.done += 1
    return More(step.progress.done) if step.prepared is None else Done(step.prepared)


TRY = OperationKind(
    name="portfolio.what-if",
    title=Words("What if another project were taken on", "项目组合假设分析"),
    input=Trial,
    step=_step,
    prepare=_prepare,
    unit="stages",
)
