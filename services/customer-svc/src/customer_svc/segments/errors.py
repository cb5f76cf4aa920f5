"""What can go wrong with segments."""

from crm_platform.errors import Conflict


class TooManySegments(Conflict):
    """Every change of a customer is held against every segment."""

    code = "too_many_segments"
    title, title_zh = "Too many segments", "客户分群过多"
    en = "There can be at most {limit} segments; delete one that is not needed any more."
    zh = "最多可定义 {limit} 个客户分群，请先删除不再需要的分群。"
