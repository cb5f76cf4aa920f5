"""Routes of simulations."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.pictures import drawn, draws
from crm_platform.http.responses import listed, shown
from crm_platform.http.route import reads, service_router
from crm_platform.operations.begin import begin
from crm_platform.operations.endpoints import accepted, begins
from crm_platform.uow import ANY_VERSION
from project_svc.projects import service as projects
from project_svc.risk_simulations import service
from project_svc.risk_simulations.charts.simulation import chart_of
from project_svc.risk_simulations.models import RISK_SIMULATIONS
from project_svc.risk_simulations.operations import SIMULATION
from project_svc.risk_simulations.schemas import (
    Chart,
    RiskSimulationDetails,
    RiskSimulationRead,
    Simulate,
    SimulationRequest,
)

router = service_router("Risk simulations")


@router.post("/projects/{project_id}/risk-simulations", **begins("risks:write"))
async def simulate_project(project_id: UUID, body: SimulationRequest, unit: UnitOfWorkDep) -> Response:
    """Draw a project's plan and risks many times, as an operation; publishes `risk_simulation.completed`.

    Durations follow the tasks' three-point estimates; risks that are not closed strike or not, and make their tasks
    longer and the project dearer. The simulation has the id of the operation.
    """
    await projects.load(unit, project_id, if_match=ANY_VERSION)
    asked = Simulate(project_id=project_id, **dict(body))
    return accepted(await begin(unit, SIMULATION, asked), "project-operations")


@router.get(
    "/risk-simulations",
    response_model=Page[RiskSimulationRead],
    **reads("risks:read", lists=RISK_SIMULATIONS.resource),
)
async def list_risk_simulations(request: Request, reader: ReaderDep) -> Response:
    """List the simulations that the caller may see; filter by `project_id` for one project's."""
    return listed(await reader.page(RISK_SIMULATIONS.resource, page_params(request, RISK_SIMULATIONS.resource)))


@router.get("/risk-simulations/{simulation_id}", response_model=RiskSimulationRead, **reads("risks:read"))
async def get_risk_simulation(simulation_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show what a simulation came to."""
    return shown(request, await reader.get(RISK_SIMULATIONS.resource, simulation_id))


@router.get("/risk-simulations/{simulation_id}/details", response_model=RiskSimulationDetails, **reads("risks:read"))
async def get_risk_simulation_details(simulation_id: UUID, reader: ReaderDep) -> Response:
    """Show S-curves and histograms of finish and cost, criticality of the tasks, and the tornados."""
    found = await service.details(reader, simulation_id)
    return listed(found.model_dump_json().encode())


@router.get("/risk-simulations/{simulation_id}/chart.svg", **draws("risks:read"))
async def draw_risk_simulation(simulation_id: UUID, reader: ReaderDep, chart: Chart = Chart.FINISH) -> Response:
    """Draw the histogram of finish or cost, or a tornado, in the language of the request."""
    return drawn(chart_of(await service.details(reader, simulation_id), chart, reader.caller.language))
