"""What can go wrong with passwords."""

from crm_platform.errors import Conflict, DomainError, Unavailable


class WeakPassword(Conflict):
    """A password that is too easy to guess."""

    code = "weak_password"
    title, title_zh = "Weak password", "密码过弱"
    en = "The password is refused: {why}."
    zh = "密码不符合要求：{why}。"


class AccountLocked(DomainError):
    """Too many failed tries; the account may exist or not."""

    status, code = 429, "account_locked"
    title, title_zh = "Too many failed sign-ins", "登录失败次数过多"
    en = "Too many failed sign-ins with this e-mail address; try again in {retry_after} s."
    zh = "该邮箱登录失败次数过多，请在 {retry_after} 秒后重试。"
    retryable = True


class TooManySignIns(Unavailable):
    """More sign-ins at a time than this process can check."""

    code = "too_many_sign_ins"
    en = "Too many people are signing in at this moment; try again shortly."
    zh = "当前登录人数过多，请稍后重试。"
