"""Use cases of surveys."""

from uuid import UUID

from crm_contracts.project.v1 import DeliverySnapshot
from crm_contracts.service_desk.v1 import SurveyAnswered, SurveySent
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from service_desk_svc.merged_customers import service as merged_customers
from service_desk_svc.surveys import repository
from service_desk_svc.surveys.domain import Survey
from service_desk_svc.surveys.models import SURVEYS
from service_desk_svc.surveys.schemas import SurveyAnswer


async def ask_about(unit: UnitOfWork, delivery: DeliverySnapshot) -> None:
    """Ask the customer about a delivery, once."""
    if await repository.is_asked_about(unit.connection, delivery.id):
        return
    survey = Survey(
        id=new_id(),
        customer_id=await merged_customers.current(unit.connection, delivery.customer_id),
        project_id=delivery.project_id,
        delivery_id=delivery.id,
        owner_id=delivery.owner_id,
        team_id=delivery.team_id,
        sent_at=unit.now,
    )
    await unit.insert(SURVEYS, survey, SurveySent)


async def answer_survey(unit: UnitOfWork, id: UUID, body: SurveyAnswer, *, if_match: object) -> Rendered:
    """Put the customer's answer on record.

    Raises:
        NotFound: No such survey, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The survey has changed since.
        InvalidTransition: It is answered already.
    """
    before = await unit.load(SURVEYS, id, if_match=if_match)
    after = before.answer(body.score, body.comment, unit.now)
    return await unit.update(SURVEYS, before, after, SurveyAnswered)
