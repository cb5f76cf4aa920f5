"""What keeps a customer's decision from counting."""

from crm_platform.errors import Conflict


class UnknownCriterion(Conflict):
    """A finding is about one of the delivery's criteria."""

    code = "unknown_criterion"
    title, title_zh = "Unknown criterion", "验收标准不存在"
    en = "The delivery has no acceptance criterion with id {criterion_id}."
    zh = "该交付物没有编号为 {criterion_id} 的验收标准。"


class CriteriaNotMet(Conflict):
    """What does not fulfil its criteria is accepted with open points, or not at all."""

    code = "criteria_not_met"
    title, title_zh = "Criteria not met", "验收标准未满足"
    en = "Criteria {criteria} are not met: accept with `open_points`, or reject."
    zh = "验收标准 {criteria} 未满足：请填写 `open_points` 有条件验收，或拒绝验收。"


class UnknownCountry(Conflict):
    """Working days are those of a country whose public holidays are known."""

    code = "unknown_country"
    title, title_zh = "Unknown country", "未知国家或地区"
    en = "The public holidays of `{country}` are not known."
    zh = "没有“{country}”的公众假期数据。"
