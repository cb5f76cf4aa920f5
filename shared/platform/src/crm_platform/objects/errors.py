"""What can be wrong with a file that is kept."""

from crm_platform.errors import Conflict, DomainError


class NoSuchFile(DomainError):
    """The file is not kept any more, or never was."""

    status, code = 410, "file_gone"
    title, title_zh = "File gone", "文件已不存在"
    en = "The file `{name}` is no longer kept."
    zh = "文件“{name}”已不再保留。"


class EmptyPart(DomainError):
    """A part of an upload without a byte is a request whose body got lost."""

    status, code = 422, "empty_part"
    title, title_zh = "Empty part", "分片为空"
    en = "The part {number} has no content; nothing was kept of it."
    zh = "分片 {number} 没有内容，未予保留。"


class WrongParts(Conflict):
    """An upload in parts is not complete, or was interfered with."""

    code = "wrong_parts"
    title, title_zh = "Parts missing", "缺少分片"
    en = "The upload has {actual} of its {expected} parts; missing: {missing}."
    zh = "上传共 {expected} 个分片，已收到 {actual} 个；缺少：{missing}。"
