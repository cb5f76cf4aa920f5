"""What can go wrong with rules of the pool."""

from crm_platform.errors import Conflict


class PoolRuleExists(Conflict):
    """There is one rule per team, and one for everybody."""

    code = "pool_rule_exists"
    title, title_zh = "Rule exists", "规则已存在"
    en = "There already is a pool rule for this team (or for everybody); change that one."
    zh = "该团队（或全员）已有公海规则，请修改现有规则。"
