"""pydantic's findings in English and Chinese."""

from collections.abc import Mapping
from typing import Any

_CHINESE = {
    "missing": "缺少必填字段",
    "extra_forbidden": "不存在此字段",
    "json_invalid": "请求体不是有效的 JSON：{error}",
    "string_type": "应为字符串",
    "string_too_short": "至少需要 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不正确，应匹配 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_type": "应为布尔值",
    "bool_parsing": "应为布尔值",
    "decimal_parsing": "应为十进制数",
    "decimal_type": "应为十进制数",
    "decimal_max_digits": "最多 {max_digits} 位数字",
    "decimal_max_places": "最多 {decimal_places} 位小数",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "uuid_type": "应为 UUID",
    "uuid_parsing": "应为 UUID",
    "date_from_datetime_parsing": "应为日期（YYYY-MM-DD）",
    "date_parsing": "应为日期（YYYY-MM-DD）",
    "datetime_from_date_parsing": "应为 RFC 3339 时间",
    "datetime_parsing": "应为 RFC 3339 时间",
    "timezone_aware": "时间必须带时区",
    "enum": "应为以下值之一：{expected}",
    "literal_error": "应为以下值之一：{expected}",
    "list_type": "应为数组",
    "tuple_type": "应为数组",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_short": "至少需要 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "value_error": "{error}",
}


def describe(error: Mapping[str, Any], language: str) -> str:
    """What is wrong, for a person who reads ``language``."""
    template = _CHINESE.get(error["type"]) if language == "zh" else None
    if template is None:
        return str(error["msg"])
    try:
        return template.format_map(error.get("ctx") or {})
    except KeyError:
        return str(error["msg"])
