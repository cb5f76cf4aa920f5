"""The error tree: each class is one documented problem, with its message in English and Chinese."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from crm_platform.words import Words


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one place of the input."""

    pointer: str
    """RFC 6901 pointer into the body, or the name of a parameter."""
    code: str
    detail: str


class DomainError(Exception):
    """A refusal that the caller can understand; rendered as a problem document (RFC 9457).

    Subclasses set ``status``, ``code``, ``title`` and the message templates; keyword arguments fill the templates.
    Those that are themselves texts for people are ``what``, ``why`` and ``message``, in both languages; all others are
    names and figures that are the same in every language.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    title_zh: ClassVar[str] = "内部错误"
    en: ClassVar[str] = "The server could not complete the request."
    zh: ClassVar[str] = "服务器无法完成请求。"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: dict[str, str] | None = None,
        what: Words | None = None,
        why: Words | None = None,
        message: Words | None = None,
        **values: object,
    ) -> None:
        self.errors = tuple(errors)
        self.headers = headers or {}
        texts = {"what": what, "why": why, "message": message}
        self.texts = {name: text for name, text in texts.items() if text is not None}
        self.values = values
        super().__init__(self.detail("en"))

    def detail(self, language: str) -> str:
        """The message in ``language`` (``zh`` or ``en``)."""
        template = self.zh if language == "zh" else self.en
        values = self.values | self.texts
        return template.format_map(
            {name: value.into(language) if isinstance(value, Words) else value for name, value in values.items()}
        )

    def members(self, language: str) -> Mapping[str, Any]:  # noqa: ARG002  (for those that override it)
        """Further members of the problem document, as JSON; texts are in ``language``."""
        return {}


class BadRequest(DomainError):
    """The request itself is malformed."""

    status, code = 400, "bad_request"
    title, title_zh = "Bad request", "请求有误"
    en, zh = "{message}", "{message}"


class UnknownParameter(DomainError):
    """A query parameter that the operation does not have."""

    status, code = 400, "unknown_parameter"
    title, title_zh = "Unknown parameter", "未知参数"
    en = "There is no parameter `{parameter}` here; known ones: {known}."
    zh = "此接口没有参数“{parameter}”；可用参数：{known}。"


class InvalidParameter(DomainError):
    """A query parameter has a value that cannot be used."""

    status, code = 400, "invalid_parameter"
    title, title_zh = "Invalid parameter", "参数无效"
    en = "Parameter `{parameter}`: {message}"
    zh = "参数“{parameter}”：{message}"


class Unauthenticated(DomainError):
    """No usable credentials."""

    status, code = 401, "unauthenticated"
    title, title_zh = "Sign-in required", "需要登录"
    en = "The request carries no valid access token: {why}."
    zh = "请求没有有效的访问令牌：{why}。"


class Forbidden(DomainError):
    """The caller may not do this."""

    status, code = 403, "forbidden"
    title, title_zh = "Not allowed", "无权操作"
    en = "This operation needs the scope `{scope}`."
    zh = "此操作需要权限“{scope}”。"


class MemberNotSeen(DomainError):
    """A list cannot be asked for by what the caller may not see."""

    status, code = 403, "member_not_seen"
    title, title_zh = "Not shown to you", "字段不可见"
    en = "`{member}` is not shown to you, or only in part, so it cannot be asked, filtered, sorted or searched by."
    zh = "字段“{member}”对您不可见或仅部分可见，不能据此查询、过滤、排序或搜索。"


class MemberNotEditable(DomainError):
    """The caller's roles do not let the caller change a member."""

    status, code = 403, "member_not_editable"
    title, title_zh = "Field not editable", "字段不可编辑"
    en = "Your roles do not let you change `{member}`; leave it out."
    zh = "您的角色无权修改字段“{member}”，请勿提交该字段。"


class NotFound(DomainError):
    """No such record, or not for this caller: the two are never told apart."""

    status, code = 404, "not_found"
    title, title_zh = "Not found", "未找到"
    en = "There is no {what} with id {id}."
    zh = "未找到{what}（{id}）。"


class Conflict(DomainError):
    """A rule of the domain forbids the change in the present state."""

    status, code = 409, "conflict"
    title, title_zh = "Conflict", "冲突"
    en, zh = "{message}", "{message}"


class InvalidTransition(Conflict):
    """A state machine has no such move."""

    code = "invalid_transition"
    title, title_zh = "Not possible in this state", "当前状态不允许"
    en = "`{action}` is not possible while the {what} is `{status}`; possible now: {allowed}."
    zh = "{what}处于“{status}”状态，不能执行“{action}”；当前可执行：{allowed}。"


class AlreadyExists(Conflict):
    """A value that must be unique is taken."""

    code = "already_exists"
    title, title_zh = "Already exists", "已存在"
    en = "Another {what} already has this {field}."
    zh = "已有其他{what}使用该 {field}。"


class VersionMismatch(DomainError):
    """The record changed since the caller read it."""

    status, code = 412, "version_mismatch"
    title, title_zh = "Changed meanwhile", "记录已被修改"
    en = "The record is at version {current}; you sent {sent}. Read it again and repeat your change."
    zh = "记录当前版本为 {current}，而您提交的是 {sent}。请重新读取后再修改。"


class PayloadTooLarge(DomainError):
    """The body is bigger than allowed."""

    status, code = 413, "payload_too_large"
    title, title_zh = "Body too large", "请求体过大"
    en = "The body may have at most {limit} bytes."
    zh = "请求体最多 {limit} 字节。"


class UnsupportedMediaType(DomainError):
    """The body's content type is not understood here."""

    status, code = 415, "unsupported_media_type"
    title, title_zh = "Unsupported media type", "不支持的内容类型"
    en = "Send the body as {expected}."
    zh = "请以 {expected} 格式发送请求体。"


class InvalidPayload(DomainError):
    """The body does not fit its schema; ``errors`` says where."""

    status, code = 422, "invalid_payload"
    title, title_zh = "Invalid body", "请求体无效"
    en = "The body does not fit its schema in {count} place(s)."
    zh = "请求体有 {count} 处不符合要求。"


class IdempotencyKeyReused(DomainError):
    """The same key was used for another request."""

    status, code = 422, "idempotency_key_reused"
    title, title_zh = "Idempotency key reused", "幂等键被重复使用"
    en = "This Idempotency-Key was used before with another body."
    zh = "该 Idempotency-Key 已用于另一请求。"


class PreconditionRequired(DomainError):
    """A change must say which version it is based on."""

    status, code = 428, "precondition_required"
    title, title_zh = "If-Match required", "缺少 If-Match"
    en = "Send the record's ETag in the If-Match header, so that no other change gets lost."
    zh = "请在 If-Match 请求头中提供记录的 ETag，以免覆盖他人的修改。"


class TooManyRequests(DomainError):
    """The caller's allowance is used up."""

    status, code = 429, "too_many_requests"
    title, title_zh = "Too many requests", "请求过多"
    en = "The allowance of {limit} requests per {window} s is used up; try again in {retry_after} s."
    zh = "每 {window} 秒 {limit} 次的额度已用完，请在 {retry_after} 秒后重试。"
    retryable = True


class Unavailable(DomainError):
    """Something this service needs does not answer."""

    status, code = 503, "unavailable"
    title, title_zh = "Temporarily unavailable", "暂时不可用"
    en = "{what} does not answer at the moment; try again shortly."
    zh = "{what}暂时没有响应，请稍后重试。"
    retryable = True


class DeadlineExceeded(DomainError):
    """The request ran longer than its deadline allows."""

    status, code = 504, "deadline_exceeded"
    title, title_zh = "Took too long", "处理超时"
    en = "The request did not finish within {seconds} s; nothing was changed unless a retry says otherwise."
    zh = "请求未能在 {seconds} 秒内完成；除非重试结果另有说明，数据未被更改。"
    retryable = True
