"""What can go wrong with rules of holds."""

from crm_platform.errors import Conflict


class HoldRuleExists(Conflict):
    """There is one rule per kind of records."""

    code = "hold_rule_exists"
    title, title_zh = "Rule exists", "规则已存在"
    en = "There already is a hold rule for records of kind `{record}`; change that one."
    zh = "“{record}”类记录已有保留规则，请修改现有规则。"
