"""What can go wrong with credentials."""

from crm_platform.errors import Conflict


class CredentialNameTaken(Conflict):
    """Two working credentials cannot be told apart by name."""

    code = "credential_name_taken"
    title, title_zh = "Credential name taken", "凭据名称已被占用"
    en = "There is already an active credential with this name."
    zh = "已存在同名的有效凭据。"


class ExpiryInPast(Conflict):
    """A credential that would never work."""

    code = "expiry_in_past"
    title, title_zh = "Expired from the start", "有效期已过"
    en = "The credential would have expired at {expires_at} already."
    zh = "该凭据的到期时间 {expires_at} 早于当前时间。"


class UnknownTeam(Conflict):
    """The team does not exist."""

    code = "unknown_team"
    title, title_zh = "Unknown team", "团队不存在"
    en = "There is no team with id {team_id}."
    zh = "团队 {team_id} 不存在。"
