"""What can go wrong with segment snapshots."""

from crm_platform.errors import Conflict


class UnknownSegment(Conflict):
    """A snapshot is always one of a segment that exists."""

    code = "unknown_segment"
    title, title_zh = "Unknown segment", "客户分群不存在"
    en = "There is no segment with id {segment_id}."
    zh = "客户分群 {segment_id} 不存在。"


class SegmentNotCurrent(Conflict):
    """While all customers are looked at, the members are neither those of before nor those to come."""

    code = "segment_not_current"
    title, title_zh = "Segment is being evaluated", "客户分群正在计算"
    en = "The segment is being evaluated; take the snapshot when it is `current`."
    zh = "客户分群正在计算，请在状态为“current”后再生成快照。"
