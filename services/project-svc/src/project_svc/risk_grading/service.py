"""Use case of another scale."""

from crm_platform.uow import UnitOfWork
from project_svc.project_templates import service as project_templates
from project_svc.risk_grading.errors import ScaleNeededByTemplates
from project_svc.risk_scales.service import RiskScale, RiskScaleDefinition
from project_svc.risks import service as risks


async def define_scale(unit: UnitOfWork, body: RiskScaleDefinition) -> RiskScale:
    """Judge by another scale from now on; the risks that there are have to be graded by it.

    Who judges, or publishes a template, holds the scale meanwhile; so nothing that needs more steps can come between.

    Raises:
        ScaleInUse: Open risks stand at steps that it has not.
        ScaleNeededByTemplates: Risks of published templates do.
    """
    scale = await risks.define_scale(unit, body)
    needed = await project_templates.beyond_scale(
        unit.connection, probability=len(scale.probabilities), impact=len(scale.impacts)
    )
    if needed:
        raise ScaleNeededByTemplates(templates=needed)
    return scale
