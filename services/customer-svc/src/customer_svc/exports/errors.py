"""What can go wrong with exports."""

from crm_platform.errors import BadRequest, Conflict


class UnknownColumn(BadRequest):
    """An export has no such column."""

    code = "unknown_column"
    title, title_zh = "Unknown column", "未知列"
    en = "There is no column `{name}`; known ones: {known}."
    zh = "没有列“{name}”；可用：{known}。"


class ExportTooLarge(Conflict):
    """So many rows do not fit one request."""

    code = "export_too_large"
    title, title_zh = "Too many rows for one request", "数据量过大"
    en = "{number} rows do not fit one request, which takes {limit}; begin an export with `POST /v1/exports`."
    zh = "共 {number} 行，超过单次请求的上限 {limit}；请使用 `POST /v1/exports` 发起导出。"


class ExportNotReady(Conflict):
    """The file is not written yet, or never will be."""

    code = "export_not_ready"
    title, title_zh = "Not ready", "尚未完成"
    en = "The export has no file yet; watch its operation."
    zh = "该导出尚未生成文件，请查看其操作进度。"
