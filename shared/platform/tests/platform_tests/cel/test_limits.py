"""Hostile texts are refused at once, whatever their form."""

import pytest

from crm_platform.cel import CelError, CelLimitError, CelLimits, CelSyntaxError, check
from platform_tests.cel.samples import FIELDS

# The limit of length must not be what saves us.
LONG = CelLimits(max_length=1_000_000)
DEEP = 10_000

pytestmark = pytest.mark.timeout(5)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(" * DEEP + "active" + ")" * DEEP, "too_deep"),
        ("!" * DEEP + "active", "too_deep"),
        ("-" * DEEP + "1 == 1", "too_deep"),
        ("- " * DEEP + "1 == 1", "too_deep"),
        ("score in " + "[" * DEEP, "too_deep"),
        ("size(" * DEEP, "too_deep"),
        ("tags.exists(t, " * DEEP, "too_deep"),
        ("active ? (" * DEEP, "too_deep"),
        ("tags[" * DEEP, "too_deep"),
        ("active ? true : " * 100 + "true", "too_deep"),
        ("score" + ".size()" * 100, "too_deep"),
        ("1 <" * 100 + " 1", "too_deep"),
        ("active || " * DEEP + "active", "too_many_tokens"),
        ("name" + ".name" * DEEP, "too_many_tokens"),
        ("1" + " + 1" * DEEP, "too_many_tokens"),
        ("active ? true : " * DEEP + "true", "too_many_tokens"),
        ("score in [" + "1, " * DEEP + "1]", "too_many_tokens"),
        ("1" + " + 1" * 17 + " == 1", "too_much_arithmetic"),
        ("score in [" + "1, " * 200 + "1]", "list_too_long"),
        ("tags.all(t, " * 3 + "true)))", "too_many_quantifiers"),
        ("points == " + "9" * 100_000, "number_out_of_range"),
        ("points == 0x" + "f" * 100_000, "number_out_of_range"),
        ("rate == " + "9" * 100_000 + ".5", "number_out_of_range"),
        ("rate == 0." + "9" * 100_000, "number_out_of_range"),
        ("rate == 1e" + "9" * 100_000, "number_out_of_range"),
        ("seen == now + duration('" + "9000h" * 20_000 + "')", "bad_literal"),
        ("seen == now + duration('" + "1m" * 100_000 + "x')", "bad_literal"),
        ("seen == now + duration('" + "9" * 100_000 + "h')", "bad_literal"),
        ("x" * 100_000, "unknown_field"),
        ("'" + "x" * 100_000 + "'", "not_boolean"),
        ("'" + "\\" * 100_001, "unterminated_string"),
        ("'" + "\\'" * 100_000, "unterminated_string"),
        ("'" + r"\x41" * 100_000, "unterminated_string"),
        ("'" * 100_001, "unexpected_token"),
        ("/" * 100_000, "unexpected_end"),
        ("//" + "\n//" * 100_000, "unexpected_end"),
        (" " * 100_000, "unexpected_end"),
        ("." * 100_000, "unexpected_token"),
        ("（" * 100_000, "unexpected_token"),
        ("0" * 100_000 + "x", "unexpected_token"),
        ("\ud800" * 100_000, "invalid_text"),
        ("\x00" * 100_000, "invalid_text"),
        ("name == '" + "\U0010ffff" * 100_000 + "\ufffe' && scor", "unknown_field"),
    ],
    ids=lambda value: value[:20].encode("unicode_escape").decode(),
)
def test_hostile_text_is_refused_at_once(text: str, code: str) -> None:
    with pytest.raises(CelError) as caught:
        check(text, FIELDS, LONG)
    assert caught.value.code == code


def test_long_text_is_not_even_parsed() -> None:
    with pytest.raises(CelLimitError) as caught:
        check("active" + " " * 8187, FIELDS)
    assert caught.value.code == "too_long"
    assert caught.value.params == {"size": "8193", "limit": "8192"}


@pytest.mark.parametrize(
    "text",
    [
        "(" * 30 + "active" + ")" * 30,
        "!" * 30 + "active",
        "active || " * 400 + "active",
        "score in [" + "1, " * 199 + "1]",
        "1" + " + 1" * 16 + " == 17",
        "points == 00000000000000000000000000000000000009",
        "rate == 0.00000000000000000000000000000000000001",
        "rate == 9999999999999999999999999999999999999.0 || rate == 1e38",
        "name == '" + "上" * 8000 + "'",
        "active ? true : " * 20 + "true",
    ],
    ids=lambda text: text[:20],
)
def test_what_is_within_the_limits_passes(text: str) -> None:
    check(text, FIELDS)


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (CelLimits(max_length=6), "!active"),
        (CelLimits(max_tokens=2), "!!active"),
        (CelLimits(max_depth=1), "!active"),
        (CelLimits(max_list=1), "score in [1, 2]"),
        (CelLimits(max_arithmetic=0), "-score == 1"),
        (CelLimits(max_quantifiers=0), "tags.all(t, true)"),
    ],
)
def test_limits_can_be_set(limits: CelLimits, text: str) -> None:
    check(text, FIELDS)
    with pytest.raises(CelLimitError):
        check(text, FIELDS, limits)


def test_brackets_in_strings_do_not_count() -> None:
    check("name == '" + "(" * 100 + "' || name == ')'", FIELDS)
    with pytest.raises(CelSyntaxError):
        check("name == '('))", FIELDS)
