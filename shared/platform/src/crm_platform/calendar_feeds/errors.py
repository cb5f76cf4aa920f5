"""What can go wrong with calendar feeds."""

from crm_platform.errors import Conflict


class CalendarOfNobody(Conflict):
    """A calendar is a person's; machines have none."""

    code = "calendar_of_nobody"
    title, title_zh = "Calendar of nobody", "日历不属于任何人"
    en = "Only people have a calendar; sign in as one."
    zh = "只有用户才有日历，请以用户身份登录。"
