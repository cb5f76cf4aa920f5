"""Route of trials."""

from starlette.responses import Response

from crm_platform.http.dependencies import UnitOfWorkDep
from crm_platform.http.route import service_router
from crm_platform.operations.endpoints import accepted, begins
from project_svc.portfolio_trials import operations
from project_svc.portfolio_trials.schemas import WhatIf

router = service_router("Portfolio")
OPERATIONS = "project-operations"


@router.post("/portfolio/what-if", **begins("projects:read"))
async def try_project(body: WhatIf, unit: UnitOfWorkDep) -> Response:
    """Find out what taking on another project would do, as an operation; nothing of it is kept but its result.

    The project is one that is a draft or on hold, one that would be opened from a published `template` (which takes
    `templates:read`), or only what it would need.

    For each start: which weeks overload whom; when the project ends beside all others that share people with it,
    levelled by priority; which of these end later, what each delay waits for, and what all cost month by month. And the
    first start at which it overloads nobody. Of projects that the caller may not see there are dates without names.
    """
    return accepted(await operations.begin_trial(unit, body), OPERATIONS)
