"""What can go wrong when plans come in and go out as files."""

from crm_platform.errors import Conflict, DomainError


class FileUnreadable(DomainError):
    """A file that is not what it should be; ``errors`` says where and why."""

    status, code = 422, "file_unreadable"
    title, title_zh = "File cannot be read", "文件无法读取"
    en = "The file cannot be taken over, for {count} reason(s)."
    zh = "文件无法导入，共 {count} 处问题。"


class FileTooLarge(DomainError):
    """A compressed body that unfolds beyond all measure."""

    status, code = 413, "file_too_large"
    title, title_zh = "File too large", "文件过大"
    en = "Unpacked, the file has more than {limit} bytes."
    zh = "解压后文件超过 {limit} 字节。"


class FileNotGzip(DomainError):
    """A body that is said to be compressed and is not."""

    status, code = 422, "file_not_gzip"
    title, title_zh = "Not gzip", "压缩格式不符"
    en = "The body is not what `Content-Encoding: gzip` says."
    zh = "请求体并未按“Content-Encoding”声明的方式压缩。"


class NothingToDraw(Conflict):
    """A chart of a plan without tasks."""

    code = "nothing_to_draw"
    title, title_zh = "Nothing to draw", "没有可绘制的内容"
    en = "The plan has no tasks in the rows that are asked for."
    zh = "所请求的范围内没有任务。"
