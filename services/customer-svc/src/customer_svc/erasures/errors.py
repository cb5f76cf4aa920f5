"""What can go wrong with erasures."""

from crm_platform.errors import Conflict


class NobodyToErase(Conflict):
    """Erased are people: customers that are persons, and contacts."""

    code = "nobody_to_erase"
    title, title_zh = "Nobody to erase", "没有可删除的个人"
    en = "There is no {kind} {id} that is a person, or you may not see it."
    zh = "没有属于个人的{kind} {id}，或您无权查看。"


class ErasedAlready(Conflict):
    """A person is erased once."""

    code = "erased_already"
    title, title_zh = "Erased already", "已删除"
    en = "The personal data of {id} was erased before, or is being erased: see its erasure."
    zh = "{id} 的个人数据已删除或正在删除，请查看其删除记录。"


class NotComplete(Conflict):
    """Only what is done is certified."""

    code = "erasure_not_complete"
    title, title_zh = "Not complete", "尚未完成"
    en = "The erasure is not complete: {missing} have not answered yet."
    zh = "删除尚未完成：{missing} 尚未答复。"
