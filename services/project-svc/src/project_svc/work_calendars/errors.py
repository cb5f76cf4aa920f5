"""What can be wrong with working calendars."""

from crm_platform.errors import Conflict


class ImpossibleCalendar(Conflict):
    """A calendar says nothing sensible."""

    code = "impossible_calendar"
    title, title_zh = "Impossible calendar", "工作日历无效"
    en = "The calendar cannot be used in {count} place(s)."
    zh = "工作日历有 {count} 处无效。"


class UnknownWorkCalendar(Conflict):
    """A calendar that is referred to does not exist."""

    code = "unknown_work_calendar"
    title, title_zh = "Unknown working calendar", "工作日历不存在"
    en = "There is no working calendar with id {calendar_id}."
    zh = "工作日历 {calendar_id} 不存在。"
