"""What can go wrong with roles."""

from crm_platform.errors import Conflict, DomainError


class RoleNameTaken(Conflict):
    """Two roles cannot have the same name, and none that of a built-in one."""

    code = "role_name_taken"
    title, title_zh = "Role name taken", "角色名称已被占用"
    en = "There is already a role `{name}`."
    zh = "角色“{name}”已存在。"


class UnknownScope(Conflict):
    """A scope that does not exist."""

    code = "unknown_scope"
    title, title_zh = "Unknown scope", "权限不存在"
    en = "There is no scope {scopes}; GET /api/v1/scopes lists them."
    zh = "不存在权限 {scopes}；可用权限见 GET /api/v1/scopes。"


class UnknownMember(Conflict):
    """A member of a resource that does not exist, or twice the same."""

    code = "unknown_member"
    title, title_zh = "Unknown member", "字段不存在"
    en = "There is no member {members}, or it stands there twice; name it as it stands in the records of the resource."
    zh = "不存在字段 {members}，或重复列出；请使用该资源记录中的字段名。"


class UnknownRole(Conflict):
    """A role that does not exist."""

    code = "unknown_role"
    title, title_zh = "Unknown role", "角色不存在"
    en = "There is no role {roles}."
    zh = "不存在角色 {roles}。"


class RoleInUse(Conflict):
    """Somebody would lose rights without anybody saying so."""

    code = "role_in_use"
    title, title_zh = "Role in use", "角色正在使用"
    en = "{count} user(s) still have this role, active or not; take it from them first."
    zh = "仍有 {count} 名用户（含已停用）拥有该角色，请先撤销。"


class BeyondOwnRights(DomainError):
    """Nobody can give others, or take over from others, more than he or she has."""

    status, code = 403, "beyond_own_rights"
    title, title_zh = "More than you have yourself", "超出自身权限"
    en = "This needs rights that you do not have yourself: {missing}."
    zh = "此操作需要您自身并不具备的权限：{missing}。"
