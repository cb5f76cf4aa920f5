"""What can go wrong with consent."""

from crm_platform.errors import Conflict


class UnknownSubject(Conflict):
    """Consent is that of a person who is a customer or a contact."""

    code = "unknown_subject"
    title, title_zh = "No such person", "没有此人"
    en = "There is no {kind} {id} that is a person, or you may not see it."
    zh = "没有属于个人的{kind} {id}，或您无权查看。"


class UnknownPurpose(Conflict):
    """Consent is to a purpose that is defined, with its channels and texts."""

    code = "unknown_consent_purpose"
    title, title_zh = "No such purpose", "没有该用途"
    en = "There is no active consent purpose `{purpose}` with this channel and version of its text."
    zh = "没有包含该渠道和文本版本的启用用途“{purpose}”。"
