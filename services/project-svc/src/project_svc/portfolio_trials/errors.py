"""What keeps a project from being tried."""

from crm_platform.errors import Conflict


class AlreadyCommitted(Conflict):
    """What a project does to the portfolio can only be tried as long as it is not part of it."""

    code = "already_committed"
    title, title_zh = "Already part of the portfolio", "项目已纳入组合"
    en = "The project is `{status}`: its work is part of the demand already. Try one that is a `draft` or `on_hold`."
    zh = "项目处于“{status}”状态，其工作量已计入需求。请选择“draft”或“on_hold”状态的项目。"


class NothingToTry(Conflict):
    """Without work there is nothing to be seen."""

    code = "nothing_to_try"
    title, title_zh = "Nothing to try", "无可试算内容"
    en = "The plan of the project has no task."
    zh = "项目计划中没有任务。"


class TooLargeToLevel(Conflict):
    """Levelling so many tasks would not end."""

    code = "too_large_to_level"
    title, title_zh = "Too large to level", "任务过多，无法平衡"
    en = "The projects that share people have {count} tasks together; at most {most} can be levelled at once."
    zh = "共用人员的项目共有 {count} 个任务，最多可同时平衡 {most} 个。"
