"""What is refused, why, and where."""

import pytest

from crm_platform.cel import (
    CelError,
    CelLimitError,
    CelNameError,
    CelSyntaxError,
    CelTypeError,
    CelValueError,
    check,
    compile_filter,
    compile_program,
    evaluate,
)
from crm_platform.cel.messages import CHINESE, MESSAGES
from platform_tests.cel.samples import FIELDS

# Text, code, column, offending token.
SYNTAX = (
    ("", "unexpected_end", 1, ""),
    ("score ==", "unexpected_end", 9, ""),
    ("(score == 3", "unexpected_end", 12, ""),
    ("active ? true", "unexpected_end", 14, ""),
    ("score == 3)", "unexpected_token", 11, ")"),
    ("== 3", "unexpected_token", 1, "=="),
    ("score = 3", "unexpected_token", 7, "="),
    ("score == 3 and active", "unexpected_token", 12, "and"),
    ("active & vip", "unexpected_token", 8, "&"),
    ("active vip", "unexpected_token", 8, "vip"),
    ("active india", "unexpected_token", 8, "india"),
    ("active ? vip ? true : false : vip", "unexpected_token", 14, "?"),
    ("名称 == 1", "unexpected_token", 1, "名称"),
    ("name == “上海”", "unexpected_token", 9, "“"),
    ("score in （1）", "unexpected_token", 10, "（"),
    ("for == 1", "unexpected_token", 1, "for"),
    (".name == 'x'", "unexpected_token", 1, "."),
    ("score in [1,]", "unexpected_token", 13, "]"),
    ("1u == score", "unexpected_token", 2, "u"),
    ("{'a': 1}", "unexpected_token", 1, "{"),
    ("name == b'x'", "unexpected_token", 10, "'"),
    ("name == 'abc", "unterminated_string", 9, "'abc"),
    ("name == 'a\nb'", "unterminated_string", 9, "'a\nb'"),
    (r"name == 'abc\'", "unterminated_string", 9, r"'abc\'"),
    (r"name == '\q'", "bad_escape", 10, r"\q"),
    (r"name == '\u12'", "bad_escape", 10, r"\u"),
    (r"name == '\ud800'", "bad_escape", 10, r"\ud800"),
    (r"name == '\U00110000'", "bad_escape", 10, r"\U00110000"),
    (r"name == '\x00'", "bad_escape", 10, r"\x00"),
    ("name == '\x00'", "invalid_text", 10, ""),
    ("name == '\ud800'", "invalid_text", 10, ""),
    ("tags[0] == 'x'", "unsupported", 1, "tags[0]"),
    ("[1] == [1]", "unsupported", 1, "[1]"),
    ("name.size().x == 1", "unsupported", 1, "name.size().x"),
)
NAMES = (
    ("nam == 'x'", "unknown_field", 1, "nam"),
    ("active && revenue.amont > 3", "unknown_field", 11, "revenue.amont"),
    ("revenue == 3", "unknown_field", 1, "revenue"),
    ("has(nme)", "unknown_field", 5, "nme"),
    ("name == None", "unknown_field", 9, "None"),
    ("tags.exists(t, x == 'a')", "unknown_field", 16, "x"),
    ("tags.exists(t, true) && t == 'a'", "unknown_field", 25, "t"),
    ("length(name) > 3", "unknown_function", 1, "length"),
    ("name.startswith('x')", "unknown_function", 6, "startswith"),
    ("name.matches('x')", "unknown_function", 6, "matches"),
    ("tags.map(t, t)", "unknown_function", 6, "map"),
)
TYPES = (
    ("score", "not_boolean", 1, "score"),
    ("1 + 1", "not_boolean", 1, "1 + 1"),
    ("name == 3", "operator_types", 6, "=="),
    ("score > '3'", "operator_types", 7, ">"),
    ("score > null", "operator_types", 7, ">"),
    ("stage < 'won'", "operator_types", 7, "<"),
    ("owner < team", "operator_types", 7, "<"),
    ("active > vip", "operator_types", 8, ">"),
    ("owner == name", "operator_types", 7, "=="),
    ("due == '2024-01-01'", "operator_types", 5, "=="),
    ("seen > date('2024-01-01')", "operator_types", 6, ">"),
    ("tags == null", "operator_types", 6, "=="),
    ("1 < 2 < 3", "operator_types", 7, "<"),
    ("name + 'x' == 'y'", "operator_types", 6, "+"),
    ("score + null == 1", "operator_types", 7, "+"),
    ("score % 2.0 == 0", "operator_types", 7, "%"),
    ("seen + seen == now", "operator_types", 6, "+"),
    ("(active ? 1 : 'x') == 1", "operator_types", 2, "active ? 1 : 'x'"),
    ("(active ? null : null) == null", "operator_types", 2, "active ? null : null"),
    ("3 in tags", "operator_types", 3, "in"),
    ("null in tags", "operator_types", 6, "in"),
    ("score in [1, 'a']", "operator_types", 14, "'a'"),
    ("score in [null]", "operator_types", 11, "null"),
    ("!score", "operand_type", 2, "score"),
    ("active && (vip || 3)", "operand_type", 19, "3"),
    ("score ? true : false", "operand_type", 1, "score"),
    ("-name == 'x'", "operand_type", 2, "name"),
    ("name in title", "operand_type", 9, "title"),
    ("null in [1]", "operand_type", 1, "null"),
    ("tags in ['a']", "operand_type", 1, "tags"),
    ("now - seen in [duration('1h')]", "operand_type", 1, "now - seen"),
    ("stage.startsWith('w')", "operand_type", 1, "stage"),
    ("name.contains(3)", "operand_type", 15, "3"),
    ("size(3) == 1", "operand_type", 6, "3"),
    ("has(score + 1)", "operand_type", 5, "score + 1"),
    ("timestamp(3) == now", "operand_type", 11, "3"),
    ("name.exists(t, true)", "operand_type", 1, "name"),
    ("tags.exists('t', true)", "operand_type", 13, "'t'"),
    ("tags.all(t, t)", "operand_type", 13, "t"),
    ("size() == 1", "argument_count", 1, "size"),
    ("name.startsWith('x', 'y')", "argument_count", 6, "startsWith"),
    ("tags.exists(t)", "argument_count", 6, "exists"),
    ("seen > timestamp(name)", "constant_needed", 18, "name"),
    ("score in [points]", "constant_needed", 11, "points"),
    ("due > date('2024-02-30')", "bad_literal", 12, "'2024-02-30'"),
    ("due > date('2024-2-3')", "bad_literal", 12, "'2024-2-3'"),
    ("seen > timestamp('2024-01-01')", "bad_literal", 18, "'2024-01-01'"),
    ("seen > timestamp('2024-01-01T00:00:00')", "bad_literal", 18, "'2024-01-01T00:00:00'"),
    ("seen > timestamp('0001-01-01T00:00:00+08:00')", "bad_literal", 18, "'0001-01-01T00:00:00+08:00'"),
    ("seen > timestamp('2024-01-01T00:00:00.1234567Z')", "bad_literal", 18, "'2024-01-01T00:00:00.1234567Z'"),
    ("seen > now - duration('1d')", "bad_literal", 23, "'1d'"),
    ("seen > now - duration('999999999h')", "bad_literal", 23, "'999999999h'"),
    ("seen > now - duration('0.1us')", "bad_literal", 23, "'0.1us'"),
    ("owner == 'abc'", "bad_literal", 10, "'abc'"),
    ("owner in ['x']", "bad_literal", 11, "'x'"),
    ("'x' in members", "bad_literal", 1, "'x'"),
    ("stage == 'wonn'", "unknown_value", 10, "'wonn'"),
    ("stage in ['open', 'lots']", "unknown_value", 19, "'lots'"),
)
NUMBERS = (
    ("points == 9223372036854775808", "number_out_of_range", 11, "9223372036854775808"),
    ("points == -9223372036854775809", "number_out_of_range", 12, "9223372036854775809"),
    ("points == 0x8000000000000000", "number_out_of_range", 11, "0x8000000000000000"),
    ("rate == 1e39", "number_out_of_range", 9, "1e39"),
    ("rate == 1e-39", "number_out_of_range", 9, "1e-39"),
    ("rate == 1e99999999999", "number_out_of_range", 9, "1e99999999999"),
)
GROUPS: tuple[tuple[type[CelError], tuple[tuple[str, str, int, str], ...]], ...] = (
    (CelSyntaxError, SYNTAX),
    (CelNameError, NAMES),
    (CelTypeError, TYPES),
    (CelLimitError, NUMBERS),
)


@pytest.mark.parametrize(
    ("kind", "text", "code", "column", "token"), [(kind, *case) for kind, cases in GROUPS for case in cases]
)
def test_mistakes_are_named_and_located(kind: type[CelError], text: str, code: str, column: int, token: str) -> None:
    with pytest.raises(kind) as caught:
        check(text, FIELDS)
    position = caught.value.position
    assert position is not None
    assert (caught.value.code, position.line, position.column, position.token) == (code, 1, column, token)
    assert str(caught.value) == f"{caught.value.detail} (line 1, column {column})"
    assert "{" not in caught.value.message("zh").replace(token, "")


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (
            "revenue.amont > 3",
            "There is no field `revenue.amont`; did you mean `revenue.amount`.",
            "没有字段“revenue.amont”，您是指“revenue.amount”。",
        ),
        ("zzz > 3", "There is no field `zzz`.", "没有字段“zzz”。"),
        ("name == None", "There is no field `None`; did you mean `null`.", "没有字段“None”，您是指“null”。"),
        (
            "name.startswith('x')",
            "There is no function `startswith`; did you mean `startsWith`.",
            "没有函数“startswith”，您是指“startsWith”。",
        ),
        (
            "stage == 'wonn'",
            "`'wonn'` is not a value of `stage` (open, won, lost); did you mean `won`.",
            "“'wonn'”不是“stage”的取值（open, won, lost），您是指“won”。",
        ),
        (
            "due > '2024-01-01'",
            '`>` cannot take date and string; write date("…").',
            '运算符“>”不能用于 date 和 string，请写成 date("…")。',
        ),
        ("size(3) == 1", "`size` needs a string or a list, not int.", "“size”需要 字符串或列表，而不是 int。"),
        ("score = 3", "Unexpected `=`; write `==`.", "此处不应出现“=”，请写“==”。"),
        ("score in （1）", "Unexpected `（`; write `(`.", "此处不应出现“（”，请写“(”。"),
    ],
)
def test_messages_say_what_to_do(text: str, english: str, chinese: str) -> None:
    with pytest.raises(CelError) as caught:
        check(text, FIELDS)
    assert caught.value.detail == english
    assert caught.value.message("zh") == chinese


def test_position_counts_lines() -> None:
    with pytest.raises(CelError) as caught:
        check("active &&\n  // 注释\n  scor > 3", FIELDS)
    position = caught.value.position
    assert position is not None
    assert (position.line, position.column, position.offset, position.token) == (3, 3, 20, "scor")


def test_long_tokens_are_shortened() -> None:
    with pytest.raises(CelError) as caught:
        check("x" * 1000, FIELDS)
    assert len(caught.value.message("zh")) < 200
    assert len(str(caught.value)) < 200


def test_every_function_refuses_alike() -> None:
    for refuse in (check, compile_filter, compile_program):
        with pytest.raises(CelNameError):
            refuse("nam == 'x'", FIELDS)
    with pytest.raises(CelNameError):
        evaluate("nam == 'x'", {"name": "x"}, FIELDS)


def test_every_code_has_a_test() -> None:
    tested = {case[1] for _, cases in GROUPS for case in cases}
    limits = {"too_long", "too_many_tokens", "too_deep", "list_too_long", "too_much_arithmetic", "too_many_quantifiers"}
    elsewhere = {"bad_value", "sealed_field", "sealed_value"}
    assert tested | limits | elsewhere == MESSAGES.keys()
    assert all(CHINESE.values())


def test_errors_are_values_errors_of_one_family() -> None:
    for kind in (CelSyntaxError, CelLimitError, CelNameError, CelTypeError, CelValueError):
        assert issubclass(kind, CelError)
