"""What can go wrong with rules about duplicates."""

from crm_platform.errors import Conflict


class DuplicateRuleExists(Conflict):
    """There is one rule per kind of customers, and one for all others."""

    code = "duplicate_rule_exists"
    title, title_zh = "Rule exists", "规则已存在"
    en = "There already is a rule about duplicates for this kind of customers (or for all); change that one."
    zh = "该类客户（或全部客户）已有查重规则，请修改现有规则。"
