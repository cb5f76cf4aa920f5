"""What can go wrong with bulk actions."""

from crm_platform.errors import Conflict


class UnexpectedCount(Conflict):
    """A filter fits more or fewer customers than whoever asked has seen."""

    code = "unexpected_count"
    title, title_zh = "Another number of records", "记录数不符"
    en = "The filter fits {found} customers, not {expected}; look again before you change them."
    zh = "筛选条件匹配 {found} 个客户，而非 {expected} 个，请重新确认。"


class TooManyForBulk(Conflict):
    """A bulk action has a limit."""

    code = "too_many_for_bulk"
    title, title_zh = "Too many records", "记录过多"
    en = "At most {limit} customers at once; narrow the filter."
    zh = "一次最多处理 {limit} 个客户，请缩小筛选范围。"
