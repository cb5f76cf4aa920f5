"""What the gateway itself says when a service cannot answer."""

from crm_platform.errors import BadRequest, DeadlineExceeded, DomainError, Unavailable


class UpstreamUnavailable(Unavailable):
    """The service cannot be reached, or broke off before it answered."""

    code = "upstream_unavailable"
    title, title_zh = "Service unavailable", "服务不可用"
    en = "The service `{service}` does not answer at the moment; try again shortly."
    zh = "服务“{service}”暂时没有响应，请稍后重试。"


class UpstreamBusy(Unavailable):
    """So many requests are on their way to the service that a further one would only wait."""

    code = "upstream_busy"
    title, title_zh = "Service busy", "服务繁忙"
    en = "The service `{service}` is busy with {limit} requests; try again shortly."
    zh = "服务“{service}”正在处理 {limit} 个请求，请稍后重试。"


class UpstreamTimeout(DeadlineExceeded):
    """The service did not answer within the request's deadline."""

    en = "The service `{service}` did not answer within {seconds} s; whether it did its work is not known."
    zh = "服务“{service}”未能在 {seconds} 秒内响应；操作是否已执行尚不确定。"


class InvalidAnswer(Unavailable):
    """The service answered something that cannot be used."""

    status, code = 502, "invalid_answer"
    title, title_zh = "Unusable answer", "无效的响应"
    en = "The service `{service}` gave an answer that cannot be used: {why}."
    zh = "服务“{service}”返回了无法使用的响应：{why}。"


class BrokenOff(DomainError):
    """The service broke off in the middle of its answer; the client's connection is cut, so that it notices."""

    status, code = 502, "upstream_broke_off"
    title, title_zh = "Answer broke off", "响应中断"
    en = "The service `{service}` broke off in the middle of its answer."
    zh = "服务“{service}”在响应过程中中断。"


class AmbiguousPath(BadRequest):
    """A path that the gateway and a service could read in different ways."""

    code = "ambiguous_path"
    en = "The path has a segment `.` or `..`, or an encoded slash."
    zh = "路径包含“.”或“..”段，或经过编码的斜杠。"


class ClientGone(Exception):
    """The client closed its connection: nobody waits for an answer any more."""
