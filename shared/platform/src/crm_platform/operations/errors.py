"""Why operations fail, and why they are not begun."""

from crm_platform.errors import DomainError, TooManyRequests


class OperationFailed(DomainError):
    """A step failed for a reason that only the log tells."""

    status, code = 500, "operation_failed"
    title, title_zh = "Operation failed", "操作失败"
    en = "A step of the operation failed {tries} time(s); what was done before it stays. Quote {correlation_id}."
    zh = "操作的某一步骤失败 {tries} 次；此前已完成的部分保留。请提供编号 {correlation_id}。"


class OperationAbandoned(DomainError):
    """The processes that worked on a step ended without a word, again and again."""

    status, code = 500, "operation_abandoned"
    title, title_zh = "Operation abandoned", "操作被放弃"
    en = "{deaths} processes ended while they worked on one step of the operation; what was done before it stays."
    zh = "处理该操作同一步骤的进程已意外终止 {deaths} 次；此前已完成的部分保留。"


class RequesterGone(DomainError):
    """Whoever asked for the operation may not do anything any more, or other things than then."""

    status, code = 403, "requester_gone"
    title, title_zh = "No rights any more", "请求者已无权限"
    en = "Whoever asked for the operation has no rights any more, or other ones than then; what was done before stays."
    zh = "请求者已无权限，或其权限已变更；此前已完成的部分保留。"


class TooManyOperations(TooManyRequests):
    """The company has as many unfinished operations as it may."""

    code = "too_many_operations"
    title, title_zh = "Too many operations", "未完成的操作过多"
    en = "There may be {limit} unfinished operations; wait for some to end, or cancel them."
    zh = "未完成的操作最多 {limit} 个；请等待部分操作完成，或将其取消。"
