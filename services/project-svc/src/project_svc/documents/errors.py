"""What can be wrong with a file of a record."""

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


class OtherRecord(Conflict):
    """Versions of a document belong to one record."""

    code = "document_of_another_record"
    title, title_zh = "Document of another record", "文件属于其他记录"
    en = "Document {document_id} belongs to another record, so this one has no file to replace it by."
    zh = "文件 {document_id} 属于其他记录，不能作为其新版本上传。"


class AlreadySuperseded(Conflict):
    """The next version follows the last one."""

    code = "document_superseded"
    title, title_zh = "Document superseded", "文件已有新版本"
    en = "Document {document_id} has a next version already, {next_id}; replace the last one."
    zh = "文件 {document_id} 已有新版本 {next_id}，请替换最新版本。"


class DocumentIsEvidence(Conflict):
    """What the customer has decided about stays."""

    code = "document_is_evidence"
    title, title_zh = "Document is evidence", "文件为验收证据"
    en = "The document is evidence of a version that was submitted to the customer, so it stays."
    zh = "该文件是已提交客户的版本的证据，不能删除。"
