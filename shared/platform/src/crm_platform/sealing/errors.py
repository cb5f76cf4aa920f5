"""Refusals that have to do with erased personal data."""

from crm_platform.errors import Conflict, DomainError


class PersonalDataErased(Conflict):
    """The personal data of a record was erased for good; the record cannot take any again."""

    code = "personal_data_erased"
    title, title_zh = "Personal data erased", "个人数据已删除"
    en = "The personal data of {id} was erased for good and cannot be set again; enter a new record instead."
    zh = "{id} 的个人数据已永久删除，不能再次填写；请新建记录。"


class SubjectKeyGone(DomainError):
    """The key of a subject was destroyed: what is sealed under it can no longer be read by anybody."""

    status, code = 410, "subject_key_gone"
    title, title_zh = "Key destroyed", "密钥已销毁"
    en = "The key of {id} was destroyed: the personal data that it seals is erased."
    zh = "{id} 的密钥已销毁，其封存的个人数据已删除。"
