"""What changes scores besides changes of customers: those of rules."""

from crm_contracts.quality.v1 import QualityRuleEvent, QualityRuleUpdated
from crm_platform.events.wire import Record
from crm_platform.operations.begin import begin
from crm_platform.operations.kinds import NoInput
from crm_platform.uow import UnitOfWork
from customer_svc.quality_rules import service as quality_rules
from customer_svc.quality_scores.operations import EVALUATION


async def on_rule(unit: UnitOfWork, event: QualityRuleEvent, _: Record) -> None:
    """Look at all customers, once for all rules that one request has changed."""
    if not isinstance(event, QualityRuleUpdated) or quality_rules.judges_otherwise(event.changed):
        await begin(unit, EVALUATION, NoInput(), key=str(unit.cause.correlation_id))
