"""What can go wrong with rules of data quality."""

from crm_platform.errors import Conflict


class TooManyQualityRules(Conflict):
    """Every change of a customer is held against every rule."""

    code = "too_many_quality_rules"
    title, title_zh = "Too many rules", "数据质量规则过多"
    en = "There can be at most {limit} rules; delete one that is not needed any more."
    zh = "最多可定义 {limit} 条数据质量规则，请先删除不再需要的规则。"
