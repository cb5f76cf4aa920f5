"""What can go wrong with teams."""

from crm_platform.errors import Conflict


class TeamNameTaken(Conflict):
    """Two teams at the same place cannot be told apart by name."""

    code = "team_name_taken"
    title, title_zh = "Team name taken", "团队名称已被占用"
    en = "There is already a team with this name at this place of the hierarchy."
    zh = "同一上级下已存在同名团队。"


class UnknownParentTeam(Conflict):
    """The team above does not exist."""

    code = "unknown_parent_team"
    title, title_zh = "Unknown team above", "上级团队不存在"
    en = "There is no team with id {parent_id} to be the one above."
    zh = "作为上级的团队 {parent_id} 不存在。"


class TeamLoop(Conflict):
    """A team cannot be part of itself."""

    code = "team_loop"
    title, title_zh = "Circular hierarchy", "层级循环"
    en = "The team would become part of itself through {parent_id}."
    zh = "该团队会通过 {parent_id} 成为自己的下级。"


class HierarchyTooDeep(Conflict):
    """The tree would have too many levels."""

    code = "hierarchy_too_deep"
    title, title_zh = "Hierarchy too deep", "层级过深"
    en = "The hierarchy may have at most {limit} levels."
    zh = "团队层级最多 {limit} 层。"


class TeamInUse(Conflict):
    """What belongs to a team would be left without one."""

    code = "team_in_use"
    title, title_zh = "Team in use", "团队正在使用"
    en = "People, teams below or credentials still belong to this team; move them first."
    zh = "仍有用户、下级团队或凭据属于该团队，请先将其移出。"


class UnknownManager(Conflict):
    """The manager does not exist."""

    code = "unknown_manager"
    title, title_zh = "Unknown manager", "负责人不存在"
    en = "There is no user with id {manager_id} to be the manager."
    zh = "作为负责人的用户 {manager_id} 不存在。"
