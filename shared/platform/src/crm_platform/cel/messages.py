"""The messages of every error code, in English and Chinese."""

from collections.abc import Mapping
from types import MappingProxyType

MESSAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "unexpected_token": ("Unexpected `{token}`{hint}.", "此处不应出现“{token}”{hint_zh}。"),
        "unexpected_end": ("The expression ends too early.", "表达式不完整。"),
        "unterminated_string": ("The string is not closed on its line.", "字符串没有在同一行内闭合。"),
        "bad_escape": ("`{token}` is not an escape sequence.", "“{token}”不是有效的转义序列。"),
        "invalid_text": (
            "The character U+{character} cannot be part of a text.",
            "文本中不能包含字符 U+{character}。",
        ),
        "unsupported": ("{what} is not supported.", "不支持 {what}。"),
        "too_long": (
            "The expression has {size} characters; {limit} are allowed.",
            "表达式有 {size} 个字符，最多允许 {limit} 个。",
        ),
        "too_many_tokens": (
            "The expression has more than {limit} parts.",
            "表达式的组成部分超过 {limit} 个。",
        ),
        "too_deep": (
            "The expression is nested more than {limit} levels deep.",
            "表达式嵌套超过 {limit} 层。",
        ),
        "list_too_long": (
            "The list has {size} items; {limit} are allowed.",
            "列表有 {size} 项，最多允许 {limit} 项。",
        ),
        "too_much_arithmetic": (
            "The expression has more than {limit} arithmetic operators.",
            "表达式中的算术运算超过 {limit} 个。",
        ),
        "too_many_quantifiers": (
            "More than {limit} quantifiers (`exists`, `all`) are nested.",
            "量词（`exists`、`all`）嵌套超过 {limit} 层。",
        ),
        "number_out_of_range": ("The number `{token}` is out of range.", "数字“{token}”超出范围。"),
        "unknown_field": ("There is no field `{name}`{hint}.", "没有字段“{name}”{hint_zh}。"),
        "unknown_function": (
            "There is no function `{name}`{hint}.",
            "没有函数“{name}”{hint_zh}。",
        ),
        "operator_types": (
            "`{operator}` cannot take {left} and {right}{hint}.",
            "运算符“{operator}”不能用于 {left} 和 {right}{hint_zh}。",
        ),
        "operand_type": (
            "`{operator}` needs {expected}, not {actual}.",
            "“{operator}”需要 {expected}，而不是 {actual}。",
        ),
        "argument_count": (
            "`{name}` takes {expected} argument(s), not {actual}.",
            "“{name}”需要 {expected} 个参数，而不是 {actual} 个。",
        ),
        "not_boolean": (
            "The expression must be true or false; it is of type {actual}.",
            "表达式的结果必须为真或假，而它的类型是 {actual}。",
        ),
        "bad_literal": ("`{token}` is not a valid {expected}.", "“{token}”不是有效的 {expected}。"),
        "unknown_value": (
            "`{token}` is not a value of `{field}` ({known}){hint}.",
            "“{token}”不是“{field}”的取值（{known}）{hint_zh}。",
        ),
        "sealed_field": (
            "`{name}` is encrypted and can only be asked for whole: {usage}.",
            "“{name}”已加密，只能按完整的值查询：{usage}。",
        ),
        "sealed_value": ("`{token}` cannot be a value of `{name}`.", "“{token}”不可能是“{name}”的值。"),
        "constant_needed": (
            "`{token}` must be a constant here; fields are not allowed.",
            "此处的“{token}”必须是常量，不能使用字段。",
        ),
        "bad_value": (
            "The value of `{name}` is not a valid {expected}.",
            "“{name}”的值不是有效的 {expected}。",
        ),
    }
)

CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "a field": "字段",
        "a field of a computed value": "对计算结果取字段",
        "a list": "列表",
        "a list here": "此处的列表",
        "a number": "数值",
        "a single value on its left": "左侧为单个值",
        "a string": "字符串",
        "a string or a list": "字符串或列表",
        "a variable name": "变量名",
        "an expression": "表达式",
        "indexing": "下标访问",
        "now() inside exists or all": "exists 或 all 中的 now()",
    }
)
"""Words that messages are filled with; names of types are the same in all languages."""
