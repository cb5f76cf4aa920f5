"""What can go wrong with rules of communications."""

from crm_platform.errors import Conflict


class CommunicationRuleExists(Conflict):
    """There is one rule per kind of communications, and one for all others."""

    code = "communication_rule_exists"
    title, title_zh = "Rule exists", "规则已存在"
    en = "There already is a rule for these communications (`kind`); change that one."
    zh = "该沟通类型（`kind`）已有规则，请修改现有规则。"
