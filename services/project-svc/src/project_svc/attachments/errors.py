"""What can go wrong with documents of records."""

from crm_platform.errors import Conflict


class UnknownRecord(Conflict):
    """A document belongs to a record that exists."""

    code = "unknown_record"
    title, title_zh = "Unknown record", "记录不存在"
    en = "There is no {record_kind} with id {record_id}, or you may not see it."
    zh = "{record_kind} {record_id} 不存在，或您无权查看。"
