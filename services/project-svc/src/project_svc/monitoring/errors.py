"""What can go wrong with earned value."""

from crm_platform.errors import Conflict


class NoBaseline(Conflict):
    """Without a baseline there is nothing to compare with."""

    code = "no_baseline"
    title, title_zh = "No baseline", "没有基准计划"
    en = "The project has no baseline with tasks yet, so nothing was planned that could be earned."
    zh = "项目还没有包含任务的基准计划，无法计算挣值。"
