"""What can go wrong when somebody signs in."""

from crm_platform.errors import Conflict, Unauthenticated

CHALLENGE = {"www-authenticate": 'Bearer realm="crm"'}
"""Header that every 401 must have (RFC 9110)."""


class SignInFailed(Unauthenticated):
    """Wrong tenant, e-mail address or password, or an inactive account: which of these is never told."""

    code = "sign_in_failed"
    title, title_zh = "Sign-in failed", "登录失败"
    en = "Organisation, e-mail address or password is wrong."
    zh = "组织、邮箱或密码错误。"


class SecondFactorRequired(Unauthenticated):
    """The password is right, and the account wants a second factor."""

    code = "second_factor_required"
    title, title_zh = "Second factor required", "需要双重验证"
    en = "Send the one-time code of your phone too, or a recovery code."
    zh = "请同时提供手机验证码或恢复码。"


class SecondFactorFailed(Unauthenticated):
    """The one-time code or recovery code is wrong or used up."""

    code = "second_factor_failed"
    title, title_zh = "Wrong code", "验证码错误"
    en = "The code is wrong, used before or too old."
    zh = "验证码错误、已使用或已过期。"


class RefreshRefused(Unauthenticated):
    """The refresh token opens nothing any more."""

    code = "refresh_refused"
    title, title_zh = "Session ended", "会话已结束"
    en = "The session has ended; sign in again."
    zh = "会话已结束，请重新登录。"


class WrongPassword(Conflict):
    """The present password is not the one that was given."""

    code = "wrong_password"
    title, title_zh = "Wrong password", "密码错误"
    en = "The present password is wrong."
    zh = "当前密码错误。"


class NotAPerson(Conflict):
    """Machines have no password, no phone and no profile."""

    code = "not_a_person"
    title, title_zh = "Only for people", "仅限用户本人"
    en = "This is only for people who have signed in."
    zh = "此操作仅适用于已登录的用户本人。"
