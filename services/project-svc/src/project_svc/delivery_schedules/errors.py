"""What can go wrong with schedules of deliveries."""

from crm_platform.errors import Conflict


class EndlessSchedule(Conflict):
    """A schedule ends some time, by number or by day; only one of both is given."""

    code = "schedule_needs_one_end"
    title, title_zh = "One end needed", "须有一种结束条件"
    en = "Give `count` or `until`, and only one of them."
    zh = "请填写 `count` 或 `until`，且只能填写其中之一。"


class ScheduleEndsBeforeItBegins(Conflict):
    """The first delivery is due no later than the last day."""

    code = "schedule_ends_before_it_begins"
    title, title_zh = "Ends before it begins", "结束早于开始"
    en = "`until` is {until}, before the first delivery is due on {first_due_on}."
    zh = "`until` 为 {until}，早于首次交付日期 {first_due_on}。"
