"""pydantic's findings in English and Chinese."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from crm_platform.words import Words

_CHINESE = {
    "missing": "缺少必填字段",
    "extra_forbidden": "不存在此字段",
    "none_required": "应为 null",
    "string_type": "应为字符串",
    "string_unicode": "应为有效的 Unicode 字符串",
    "string_too_short": "至少需要 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不正确，应匹配 {pattern}",
    "string_not_ascii": "只能包含 ASCII 字符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "整数过大",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "bool_type": "应为布尔值",
    "bool_parsing": "应为布尔值",
    "decimal_parsing": "应为十进制数",
    "decimal_type": "应为十进制数",
    "decimal_max_digits": "最多 {max_digits} 位数字",
    "decimal_max_places": "最多 {decimal_places} 位小数",
    "decimal_whole_digits": "整数部分最多 {whole_digits} 位",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "multiple_of": "应为 {multiple_of} 的倍数",
    "uuid_type": "应为 UUID",
    "uuid_parsing": "应为 UUID",
    "uuid_version": "应为版本 {expected_version} 的 UUID",
    "date_type": "应为日期（YYYY-MM-DD）",
    "date_parsing": "应为日期（YYYY-MM-DD）",
    "date_from_datetime_parsing": "应为日期（YYYY-MM-DD）",
    "date_from_datetime_inexact": "应为日期（YYYY-MM-DD）",
    "date_past": "日期应在过去",
    "date_future": "日期应在将来",
    "time_type": "应为时间（HH:MM）",
    "time_parsing": "应为时间（HH:MM）",
    "datetime_type": "应为 RFC 3339 时间",
    "datetime_parsing": "应为 RFC 3339 时间",
    "datetime_from_date_parsing": "应为 RFC 3339 时间",
    "datetime_past": "时间应在过去",
    "datetime_future": "时间应在将来",
    "datetime_object_invalid": "应在公元 1 年至 9999 年之间（UTC）",
    "timezone_aware": "时间必须带时区",
    "timezone_naive": "时间不能带时区",
    "time_delta_type": "应为时长",
    "time_delta_parsing": "应为时长",
    "enum": "应为以下值之一：{expected}",
    "literal_error": "应为以下值之一：{expected}",
    "list_type": "应为数组",
    "tuple_type": "应为数组",
    "set_type": "应为数组",
    "frozen_set_type": "应为数组",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "invalid_key": "键应为字符串",
    "too_short": "至少需要 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "union_tag_invalid": "{discriminator} 的值 {tag} 不存在；可用：{expected_tags}",
    "union_tag_not_found": "缺少 {discriminator}",
    "recursion_depth_exceeded": "嵌套过深",
    "url_type": "应为网址",
    "url_parsing": "应为网址",
    "url_syntax_violation": "应为网址",
    "url_too_long": "网址最多 {max_length} 个字符",
    "url_scheme": "网址应以 {expected_schemes} 开头",
    "bytes_type": "应为字节串",
    "bytes_too_short": "至少需要 {min_length} 字节",
    "bytes_too_long": "最多 {max_length} 字节",
}
_OTHERWISE = "值无效"
_LISTS = ("expected", "expected_tags", "expected_schemes")
"""Members of the context that pydantic spells as an English enumeration."""


def refusal(code: str, words: Words) -> PydanticCustomError:
    """What a validator of a schema raises where no limit of pydantic's own says it."""
    # As parts of the context, so that braces in the words are no placeholders.
    return PydanticCustomError(code, "{en}", {"en": words.en, "zh": words.zh})


def described(error: Mapping[str, Any]) -> Words:
    """What is wrong, for people."""
    if error["type"] == "json_invalid":
        return _no_json(error)
    return Words(str(error["msg"]), _chinese(error))


def _no_json(error: Mapping[str, Any]) -> Words:
    place = error["loc"][-1] if error.get("loc") else None
    if not isinstance(place, int):
        return Words("the body is not valid JSON", "请求体不是有效的 JSON")
    return Words(
        f"the body is not valid JSON (at character {place + 1})", f"请求体不是有效的 JSON（第 {place + 1} 个字符处）"
    )


def _chinese(error: Mapping[str, Any]) -> str:
    context: Mapping[str, Any] = error.get("ctx") or {}
    if "zh" in context:
        return str(context["zh"])
    template = _CHINESE.get(error["type"], _OTHERWISE)
    values = {name: str(context[name]).replace(" or ", " 或 ") for name in _LISTS if name in context}
    return template.format_map({**context, **values})
