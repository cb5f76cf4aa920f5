"""What can go wrong with monitors."""

from crm_platform.errors import Conflict


class MetricIsDerived(Conflict):
    """What is derived here is not told by others."""

    code = "metric_is_derived"
    title, title_zh = "Derived metric", "派生指标"
    en = "`{metric}` is derived from the project itself; it cannot be measured by others."
    zh = "指标 `{metric}` 由项目数据计算得出，不能由外部写入。"
