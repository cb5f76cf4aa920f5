"""What can go wrong with rules."""

from crm_platform.errors import Conflict


class TooManyRiskRules(Conflict):
    """Every rule is held against every active project."""

    code = "too_many_risk_rules"
    title, title_zh = "Too many rules", "风险规则过多"
    en = "There can be at most {limit} rules; delete one that is not needed any more."
    zh = "最多可定义 {limit} 条风险规则，请先删除不再需要的规则。"
