"""Routes of surveys."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, listed, shown
from crm_platform.http.route import reads, service_router, writes
from service_desk_svc.surveys import service
from service_desk_svc.surveys.models import SURVEYS
from service_desk_svc.surveys.schemas import SurveyAnswer, SurveyRead

router = service_router("Surveys")


@router.get("/surveys", response_model=Page[SurveyRead], **reads("surveys:read", lists=SURVEYS.resource))
async def list_surveys(request: Request, reader: ReaderDep) -> Response:
    """List the surveys that the caller may see."""
    return listed(await reader.page(SURVEYS.resource, page_params(request, SURVEYS.resource)))


@router.get("/surveys/{survey_id}", response_model=SurveyRead, **reads("surveys:read"))
async def get_survey(survey_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one survey."""
    return shown(request, await reader.get(SURVEYS.resource, survey_id))


@router.post("/surveys/{survey_id}/answer", response_model=SurveyRead, **writes("surveys:write", versioned=True))
async def answer_survey(survey_id: UUID, body: SurveyAnswer, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Put the customer's answer on record; publishes `survey.answered`."""
    return changed(await service.answer_survey(unit, survey_id, body, if_match=if_match))
