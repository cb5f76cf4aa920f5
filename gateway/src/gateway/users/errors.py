"""What can go wrong with users."""

from crm_platform.errors import Conflict


class EmailTaken(Conflict):
    """Two users cannot have the same e-mail address."""

    code = "email_taken"
    title, title_zh = "E-mail address taken", "邮箱已被占用"
    en = "Another user already has the e-mail address {email}."
    zh = "邮箱 {email} 已被其他用户使用。"


class UnknownTeam(Conflict):
    """The team does not exist."""

    code = "unknown_team"
    title, title_zh = "Unknown team", "团队不存在"
    en = "There is no team with id {team_id}."
    zh = "团队 {team_id} 不存在。"


class AlreadyInState(Conflict):
    """The user is what the action would make of it."""

    code = "already_in_state"
    title, title_zh = "Nothing to do", "无需操作"
    en = "The user is {what} already."
    zh = "该用户已处于{what}状态。"


class LastAdministrator(Conflict):
    """Somebody must be able to let others in."""

    code = "last_administrator"
    title, title_zh = "Last administrator", "最后一名管理员"
    en = "This is the last active administrator; make somebody else one first."
    zh = "这是最后一名启用的管理员，请先指定其他管理员。"
