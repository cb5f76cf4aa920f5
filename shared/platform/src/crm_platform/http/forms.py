"""Bodies that an HTML form sends."""

from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from crm_platform.errors import BadRequest, UnsupportedMediaType
from crm_platform.words import Words

FORM: Final = "application/x-www-form-urlencoded"

_MALFORMED = Words("the body is not a form in UTF-8", "请求体不是有效的 UTF-8 表单")
_TWICE = Words("a field stands in it twice", "表单中有重复的字段")


def takes_form(options: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The options of a route whose body is a form that fits ``schema``."""
    options["openapi_extra"]["requestBody"] = {"required": True, "content": {FORM: {"schema": schema}}}
    return options


async def form_of(request: Request, *, max_fields: int) -> dict[str, str]:
    """The fields of a form with their values, also the empty ones.

    Raises:
        UnsupportedMediaType: The body is something else.
        BadRequest: It is malformed, has too many fields, or one of them twice.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise UnsupportedMediaType(expected=FORM)
    try:
        text = (await request.body()).decode()
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=max_fields)
    except ValueError:
        raise BadRequest(message=_MALFORMED) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadRequest(message=_TWICE)
    return fields
