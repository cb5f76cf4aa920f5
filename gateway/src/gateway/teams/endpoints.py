"""Routes of teams."""

from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.batch import BatchRequest, BatchResponse, run_batch
from crm_platform.http.dependencies import IfMatch, ReaderDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from gateway.runtime import StandingUnitDep
from gateway.teams import service
from gateway.teams.models import TEAMS
from gateway.teams.schemas import TeamCreate, TeamRead, TeamUpdate

router = service_router("Teams", prefix="/api/v1")


@router.get("/teams", response_model=Page[TeamRead], **reads("teams:read", lists=TEAMS.resource))
async def list_teams(request: Request, reader: ReaderDep) -> Response:
    """List the teams."""
    return listed(await reader.page(TEAMS.resource, page_params(request, TEAMS.resource)))


@router.post("/teams", response_model=TeamRead, **writes("teams:write", creates=True))
async def create_team(body: TeamCreate, unit: StandingUnitDep) -> Response:
    """Set up a team; publishes `team.created`."""
    return created(await service.create_team(unit, body), "/api/v1/teams")


@router.post("/teams/batch", response_model=BatchResponse, **writes("teams:write"))
async def write_teams(body: BatchRequest[TeamCreate], unit: StandingUnitDep) -> Response:
    """Set up or, by name and team above, bring up to date up to 1,000 teams; each item gets a result of its own."""
    many = partial(service.write_teams, mode=body.mode)
    one = partial(service.write_team, mode=body.mode)
    return await run_batch(unit, body.items, many=many, one=one)


@router.get("/teams/{team_id}", response_model=TeamRead, **reads("teams:read"))
async def get_team(team_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one team."""
    return shown(request, await reader.get(TEAMS.resource, team_id))


@router.patch("/teams/{team_id}", response_model=TeamRead, **writes("teams:write", versioned=True))
async def update_team(team_id: UUID, body: TeamUpdate, unit: StandingUnitDep, if_match: IfMatch) -> Response:
    """Rename a team, move it or give it another manager (merge patch); publishes `team.updated`."""
    return changed(await service.update_team(unit, team_id, body, if_match=if_match))


@router.delete("/teams/{team_id}", status_code=204, **writes("teams:write", versioned=True))
async def delete_team(team_id: UUID, unit: StandingUnitDep, if_match: IfMatch) -> Response:
    """Remove a team without people, teams below or credentials; publishes `team.deleted`."""
    await service.delete_team(unit, team_id, if_match=if_match)
    return Response(status_code=204)
