"""What can go wrong with purposes."""

from crm_platform.errors import Conflict


class PurposeExists(Conflict):
    """A code stands for one purpose."""

    code = "consent_purpose_exists"
    title, title_zh = "Purpose exists", "用途已存在"
    en = "There already is a consent purpose `{purpose}`; change that one."
    zh = "同意用途“{purpose}”已存在，请修改现有用途。"
