"""What can go wrong with projects."""

from crm_platform.errors import Conflict


class UnknownProject(Conflict):
    """The project that a record is to belong to does not exist, or not for this caller."""

    code = "unknown_project"
    title, title_zh = "Unknown project", "项目不存在"
    en = "There is no project with id {project_id}."
    zh = "项目 {project_id} 不存在。"


class ProjectEnded(Conflict):
    """Nothing is added to a project that is over."""

    code = "project_ended"
    title, title_zh = "Project has ended", "项目已结束"
    en = "The project is `{status}`; its plan, deliverables and risks can no longer be changed."
    zh = "项目处于“{status}”状态，其计划、交付物和风险不能再更改。"


class ProjectNotActive(Conflict):
    """Deliverables move only while the project is being carried out."""

    code = "project_not_active"
    title, title_zh = "Project is not active", "项目未在进行中"
    en = "The project is `{status}`; its deliverables can only move while it is `active`."
    zh = "项目处于“{status}”状态，仅在“active”状态下才能推进交付物。"


class DueBeforeStart(Conflict):
    """A project cannot end before it starts."""

    code = "due_before_start"
    title, title_zh = "Due before start", "完成日期早于开始日期"
    en = "The project would be due on {due_on}, before its start on {starts_on}."
    zh = "项目的完成日期 {due_on} 早于开始日期 {starts_on}。"
