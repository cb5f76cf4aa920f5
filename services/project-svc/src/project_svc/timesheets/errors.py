"""What can go wrong with timesheets."""

from crm_platform.errors import Conflict, DomainError


class NotYourTimesheet(DomainError):
    """Everybody writes down their own time."""

    status, code = 403, "not_your_timesheet"
    title, title_zh = "Not your timesheet", "不是本人的工时表"
    en = "Only the person whose time it is can change the timesheet."
    zh = "只有工时表所属的人才能修改它。"


class OwnTimesheet(Conflict):
    """Nobody decides about their own time."""

    code = "own_timesheet"
    title, title_zh = "Your own timesheet", "本人的工时表"
    en = "Somebody other than the person whose time it is has to decide about the timesheet."
    zh = "工时表必须由本人以外的人审批。"


class TimesheetEmpty(Conflict):
    """A timesheet without entries says nothing."""

    code = "timesheet_empty"
    title, title_zh = "Nothing to submit", "没有可提交的工时"
    en = "The timesheet has no entries."
    zh = "工时表没有任何记录。"


class RateMissing(Conflict):
    """Work cannot become a cost without a rate."""

    code = "rate_missing"
    title, title_zh = "No rate", "缺少费率"
    en = "There is no rate in {currency} on {day} for the resource of user {user_id}; {count} entries wait for one."
    zh = "用户 {user_id} 对应的资源在 {day} 没有 {currency} 费率；{count} 条记录因此无法计入成本。"
