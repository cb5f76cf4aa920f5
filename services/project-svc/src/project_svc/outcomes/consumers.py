"""What the service desk tells about surveys."""

from typing import Any

from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from project_svc.known_surveys import service as known_surveys
from project_svc.outcomes import service


async def on_surveys(unit: UnitOfWork, events: list[tuple[Any, Record]]) -> None:
    """Keep the answers, and measure satisfaction and loyalty of their projects anew."""
    await known_surveys.follow(unit, events)
    answered = {event.state.project_id for event, _ in events if event.state.score is not None}
    scores = await known_surveys.scores_of(unit.connection, [id for id in answered if id is not None])
    await service.follow_surveys(unit, scores)
