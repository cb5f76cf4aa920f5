"""Routes of scores."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import listed
from crm_platform.http.route import reads, service_router
from crm_platform.operations.begin import begin
from crm_platform.operations.endpoints import accepted, begins
from customer_svc.quality_rules import service as quality_rules
from customer_svc.quality_scores import service
from customer_svc.quality_scores.models import QUALITY_SCORES
from customer_svc.quality_scores.operations import TRIAL
from customer_svc.quality_scores.schemas import CustomerQualityRead, QualityScoreRead, Trial

router = service_router("Data quality")


@router.get(
    "/quality-scores",
    response_model=Page[QualityScoreRead],
    **reads("data_quality:read", lists=QUALITY_SCORES),
)
async def list_quality_scores(request: Request, reader: ReaderDep) -> Response:
    """List the scores of the customers that the caller may see, the worst first.

    `score < 60` filters by score, `'<rule id>' in failed` by a rule that is broken.
    """
    return listed(await reader.page(QUALITY_SCORES, page_params(request, QUALITY_SCORES)))


@router.get("/customers/{customer_id}/quality", response_model=CustomerQualityRead, **reads("data_quality:read"))
async def show_customer_quality(customer_id: UUID, reader: ReaderDep) -> Response:
    """Show how good the data of a customer is, and what to do about it."""
    return listed(await service.quality_of(reader, customer_id))


@router.post("/quality-rules/dry-run", **begins("data_quality:write"))
async def try_quality_rule(body: Trial, unit: UnitOfWorkDep) -> Response:
    """Try a rule before it counts, as an operation: its result says how many customers break it, with examples.

    Only customers that the caller may see are looked at.
    """
    await quality_rules.check_expressions(unit, expression=body.expression, applies_to=body.applies_to)
    return accepted(await begin(unit, TRIAL, body))
