"""Which records of this service have documents, and which right that takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from crm_contracts.document.v1 import RecordKind
from crm_platform.store import Aggregate
from project_svc.change_requests.models import CHANGE_REQUESTS
from project_svc.corrective_actions.models import CORRECTIVE_ACTIONS
from project_svc.deliveries.models import DELIVERIES
from project_svc.issues.models import ISSUES
from project_svc.outcomes.models import OUTCOMES
from project_svc.plan.models import TASKS
from project_svc.projects.models import PROJECTS
from project_svc.quality_gates.models import QUALITY_GATES
from project_svc.risks.models import RISKS


@dataclass(frozen=True, slots=True)
class Kept:
    """Records of one kind: where they are, and of what scopes speak that open them."""

    aggregate: Aggregate[Any]
    scope: str = "projects"


RECORDS: Final[Mapping[RecordKind, Kept]] = {
    RecordKind.PROJECT: Kept(PROJECTS),
    RecordKind.TASK: Kept(TASKS),
    RecordKind.ISSUE: Kept(ISSUES),
    RecordKind.CHANGE_REQUEST: Kept(CHANGE_REQUESTS),
    RecordKind.RISK: Kept(RISKS, "risks"),
    RecordKind.QUALITY_GATE: Kept(QUALITY_GATES),
    RecordKind.CORRECTIVE_ACTION: Kept(CORRECTIVE_ACTIONS),
    RecordKind.DELIVERY: Kept(DELIVERIES, "deliveries"),
    RecordKind.OUTCOME: Kept(OUTCOMES, "outcomes"),
}
