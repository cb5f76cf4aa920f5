"""What can be wrong with a file of a delivery."""

from crm_platform.errors import Conflict, DomainError


class UnknownDocument(Conflict):
    """Evidence is a link, or a document of the same delivery."""

    code = "unknown_document"
    title, title_zh = "Unknown document", "文件不存在"
    en = "The delivery has no document with id {document_id}."
    zh = "该交付物没有编号为 {document_id} 的文件。"


class EmptyDocument(DomainError):
    """A file without a byte is an upload whose content got lost."""

    status, code = 422, "empty_document"
    title, title_zh = "Empty document", "文件为空"
    en = "The file has no content; nothing was kept of it."
    zh = "文件没有内容，未予保留。"


class UnsafeDocument(DomainError):
    """What customers are handed can be opened without harm, and is what it says."""

    status, code = 415, "document_type_not_taken"
    title, title_zh = "Type of file not taken", "不支持的文件类型"
    en = (
        "The file is declared as `{declared}`, and by its content `{found}`; taken is what it says, and one of {taken}."
    )
    zh = "文件声明为“{declared}”，而其内容为“{found}”；仅接受与声明相符的以下类型：{taken}。"
