"""What can go wrong with the second factor."""

from crm_platform.errors import Conflict


class SecondFactorInUse(Conflict):
    """There is one already."""

    code = "second_factor_in_use"
    title, title_zh = "Second factor in use", "已启用双重验证"
    en = "A second factor is in use already; remove it first."
    zh = "已启用双重验证，请先停用。"


class NoSecondFactor(Conflict):
    """There is none."""

    code = "no_second_factor"
    title, title_zh = "No second factor", "未启用双重验证"
    en = "No second factor has been set up."
    zh = "尚未设置双重验证。"


class WrongCode(Conflict):
    """The code shows that phone and server do not agree."""

    code = "wrong_code"
    title, title_zh = "Wrong code", "验证码错误"
    en = "The code is wrong, used before or too old; check the clock of the phone."
    zh = "验证码错误、已使用或已过期，请检查手机时间。"
