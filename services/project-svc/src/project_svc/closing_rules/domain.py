"""The rule of a company about the end of its projects."""

from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("closing rule", "结项规则")


class ClosingRule(AggregateState):
    """What has to be there before a project is closed; without a rule of its own a company wants no report."""

    report_required: bool = False
