"""Values as people type them."""

# ruff: noqa: RUF001, DTZ001 - other widths and local times are what this is about

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_platform.cleaning.choices import cleaned_boolean, cleaned_choice
from crm_platform.cleaning.dates import Order, cleaned_date, cleaned_datetime, cleaned_year
from crm_platform.cleaning.numbers import Amount, cleaned_integer, cleaned_money, cleaned_number
from crm_platform.cleaning.outcome import CHANGES, REASONS, Change, NotUnderstood
from crm_platform.cleaning.text import cleaned_or_nothing, cleaned_text
from crm_platform.words import Words

SHANGHAI = timezone(timedelta(hours=8))
DAY = date(2024, 3, 5)
INDUSTRIES = {
    "retail": Words("Retail", "零售"),
    "it": Words("Information technology", "信息技术"),
    "its": Words("IT", "信息"),
}


def refusal(read: Callable[..., object], value: object, **options: object) -> str:
    with pytest.raises(NotUnderstood) as refused:
        read(value, **options)
    assert refused.value.words.en
    assert not refused.value.words.zh.isascii()
    return refused.value.code


@pytest.mark.parametrize(
    ("typed", "meant", "changes"),
    [
        ("上海观心", "上海观心", ()),
        ("\u3000张\u3000 三 ", "张 三", (Change.WIDTH_FOLDED, Change.TRIMMED, Change.BLANKS_JOINED)),
        ("ＡＢＣ（中国）有限公司", "ABC（中国）有限公司", (Change.WIDTH_FOLDED,)),
        ("上海（ABC）公司", "上海（ABC）公司", ()),
        ("（０２１）", "(021)", (Change.WIDTH_FOLDED,)),
        ("你好，世界！", "你好，世界！", ()),
        ("Ａ，Ｂ", "A,B", (Change.WIDTH_FOLDED,)),
        ("ｶﾞｷﾞ", "ガギ", (Change.WIDTH_FOLDED,)),
        ("\ufeffa\u200bb\x00", "ab", (Change.INVISIBLE_REMOVED,)),
        ("e\u0301", "é", (Change.COMPOSED,)),
        ("①㈱²", "①㈱²", ()),
        ("می\u200cخواهم", "می\u200cخواهم", ()),
        ("👩\u200d💻", "👩\u200d💻", ()),
        ("￥１００", "¥100", (Change.WIDTH_FOLDED,)),
    ],
)
def test_texts(typed: str, meant: str, changes: tuple[Change, ...]) -> None:
    found = cleaned_text(typed)
    assert (found.value, found.changes) == (meant, changes)


@given(st.text())
def test_a_clean_text_stays_as_it_is(text: str) -> None:
    once = cleaned_text(text)
    assert cleaned_text(once.value) == type(once)(once.value)


def test_lines_are_kept_where_they_count() -> None:
    assert cleaned_text("a \r\n  b   c \r", lines=True).value == "a\nb c"
    assert cleaned_text("a \r\n  b   c \r").value == "a b c"


@pytest.mark.parametrize("typed", ["", "  ", "-", "N/A", "无", " null ", "－"])
def test_words_for_nothing(typed: str) -> None:
    assert cleaned_or_nothing(typed).value is None


def test_other_words_are_something() -> None:
    assert cleaned_or_nothing("无锡").value == "无锡"


@pytest.mark.parametrize(
    "typed",
    [
        *("2024-03-05", "2024/3/5", "2024.3.5", "20240305", "2024年3月5日", "2024 年 03 月 05 号", "２０２４－３－５"),
        *("二〇二四年三月五日", "民國113年3月5日", "5 Mar 2024", "5-mar-2024", "Mar 5, 2024", "March 5th, 2024"),
        *("5th of March 2024", "2024-Mar-05", "45356", 45356, 45356.75, "2024-03-05 12:30", "2024年3月5日下午3点30分"),
        *(DAY, datetime(2024, 3, 5, 23, 59), Decimal(45356)),
    ],
)
def test_days(typed: object) -> None:
    assert cleaned_date(typed).value == DAY


@given(
    st.dates(date(1900, 3, 1)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%d %b %Y", "%B %d, %Y", "%Y%m%d"]),
)
def test_every_day_is_read_as_it_is_written(day: date, form: str) -> None:
    written = day.strftime(form.replace("%Y", f"{day.year:04}"))
    assert cleaned_date(written).value == day


@pytest.mark.parametrize(
    "typed", ["2024", 2024, 2024.0, "2024年", "２０２４年5月", "2024-03", "2024.3", "2024/3/5", "5 Mar 2024", DAY]
)
def test_years(typed: object) -> None:
    assert cleaned_year(typed).value == 2024


def test_what_is_no_year() -> None:
    assert [refusal(cleaned_year, typed) for typed in ("24", "很早", None, "2024-13")] == ["not_a_date"] * 4
    assert refusal(cleaned_year, "2024年2月30日") == "no_such_day"


def test_days_and_months_are_never_guessed() -> None:
    assert refusal(cleaned_date, "5/3/2024") == "ambiguous_date"
    assert cleaned_date("5/3/2024", order=Order.DAY_FIRST).value == DAY
    assert cleaned_date("3/5/2024", order=Order.MONTH_FIRST).value == DAY
    assert cleaned_date("13.3.2024").value == date(2024, 3, 13)
    assert cleaned_date("3-13-2024").value == date(2024, 3, 13)
    assert cleaned_date("5/5/2024").value == date(2024, 5, 5)
    assert refusal(cleaned_date, "13/3/2024", order=Order.MONTH_FIRST) == "no_such_day"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *(
            ("x", "not_a_date"),
            ("", "not_a_date"),
            (None, "not_a_date"),
            (True, "not_a_date"),
            ("24/3/5", "not_a_date"),
        ),
        *(("31/2/2024", "no_such_day"), ("2023-02-29", "no_such_day"), ("2024-13-01", "no_such_day")),
        *(("5-Mar-24", "short_year"), ("3/5/24", "short_year"), ("24年3月5日", "short_year"), (5, "not_a_date")),
        *((3_000_000, "not_a_date"), (float("inf"), "not_a_date"), (float("nan"), "not_a_date")),
    ],
)
def test_what_is_no_day(typed: object, code: str) -> None:
    assert refusal(cleaned_date, typed) == code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2024-03-05 12:30", datetime(2024, 3, 5, 12, 30, tzinfo=SHANGHAI)),
        ("2024年3月5日下午3点30分", datetime(2024, 3, 5, 15, 30, tzinfo=SHANGHAI)),
        ("2024-03-05T12:30:15.5Z", datetime(2024, 3, 5, 12, 30, 15, 500_000, tzinfo=UTC)),
        ("5 Mar 2024 12:05 AM", datetime(2024, 3, 5, 0, 5, tzinfo=SHANGHAI)),
        ("2024-03-05T12:30+0200", datetime(2024, 3, 5, 12, 30, tzinfo=timezone(timedelta(hours=2)))),
        (45356.5, datetime(2024, 3, 5, 12, tzinfo=SHANGHAI)),
        (DAY, datetime(2024, 3, 5, tzinfo=SHANGHAI)),
        (datetime(2024, 3, 5, 1, tzinfo=UTC), datetime(2024, 3, 5, 1, tzinfo=UTC)),
    ],
)
def test_moments(typed: object, meant: datetime) -> None:
    found = cleaned_datetime(typed, zone=SHANGHAI).value
    assert (found, found.utcoffset()) == (meant, meant.utcoffset())


def test_what_is_no_moment() -> None:
    assert refusal(cleaned_datetime, "2024-03-05 25:00", zone=UTC) == "no_such_day"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(
            ("1234", "1234"),
            ("1,234.50", "1234.5"),
            ("１，２３４．５", "1234.5"),
            ("1 234 567", "1234567"),
            ("1'234", "1234"),
        ),
        *(("(5)", "-5"), ("-5", "-5"), ("−5", "-5"), ("+5", "5"), (".5", "0.5"), ("5.", "5"), ("1e5", "100000")),
        *(
            ("12%", "0.12"),
            ("5‰", "0.005"),
            ("1.2万", "12000"),
            ("3亿", "300000000"),
            ("2百万", "2000000"),
            ("2k", "2000"),
        ),
        *(("1.5 million", "1500000"), (5, "5"), (1.1, "1.1"), (Decimal("2.50"), "2.50"), ("0.10", "0.1")),
    ],
)
def test_numbers(typed: object, meant: str) -> None:
    assert str(cleaned_number(typed).value) == meant


@pytest.mark.parametrize(
    "typed", ["", "abc", "1,23", "12,34,567", "1.234.567", "--5", "1 2", "NaN", "1e9999", "5%%", None, True, "9" * 50]
)
def test_what_is_no_number(typed: object) -> None:
    assert refusal(cleaned_number, typed) == "not_a_number"


def test_the_other_decimal_mark_has_to_be_said() -> None:
    assert cleaned_number("1.234.567,8", decimal_mark=",").value == Decimal("1234567.8")
    assert refusal(cleaned_number, "1,234.5", decimal_mark=",") == "not_a_number"


@given(st.decimals(-(10**12), 10**12, places=2))
def test_every_number_is_read_as_it_is_written(number: Decimal) -> None:
    assert cleaned_number(f"{number:,}").value == number


def test_whole_numbers() -> None:
    assert cleaned_integer("1.2万").value == 12_000
    assert refusal(cleaned_integer, "1.5") == "not_whole"


@pytest.mark.parametrize(
    ("typed", "currency", "meant"),
    [
        ("¥1,200.50", "CNY", Amount(Decimal("1200.5"), "CNY")),
        ("¥5", "JPY", Amount(Decimal(5), "JPY")),
        ("￥-5", "CNY", Amount(Decimal(-5), "CNY")),
        ("US$ 3k", None, Amount(Decimal(3000), "USD")),
        ("1.2万元", "CNY", Amount(Decimal(12000), "CNY")),
        ("人民币 100 元整", None, Amount(Decimal(100), "CNY")),
        ("HK$5元", None, Amount(Decimal(5), "HKD")),
        ("EUR 5", "CNY", Amount(Decimal(5), "EUR")),
        ("5 usd", None, Amount(Decimal(5), "USD")),
        ("5.-€", None, Amount(Decimal(5), "EUR")),
        ("12", "CNY", Amount(Decimal(12), "CNY")),
        (12.5, "CNY", Amount(Decimal("12.5"), "CNY")),
    ],
)
def test_money(typed: object, currency: str | None, meant: Amount) -> None:
    assert cleaned_money(typed, currency=currency).value == meant


@pytest.mark.parametrize(
    ("typed", "currency", "code"),
    [
        *(("¥5", None, "ambiguous_currency"), ("$5", "CNY", "ambiguous_currency"), ("12", None, "not_money")),
        *(
            (12, None, "not_money"),
            ("abc", "CNY", "not_money"),
            ("XYZ 5", "CNY", "currency_unknown"),
            ("€5 USD", None, "not_money"),
        ),
    ],
)
def test_what_is_no_money(typed: object, currency: str | None, code: str) -> None:
    assert refusal(cleaned_money, typed, currency=currency) == code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("是", True),
        ("否", False),
        ("√", True),
        ("×", False),
        ("YES", True),
        ("n", False),
        (1, True),
        (0, False),
        (True, True),
    ],
)
def test_yes_and_no(typed: object, meant: bool) -> None:
    assert cleaned_boolean(typed).value is meant


def test_what_is_neither_yes_nor_no() -> None:
    assert {refusal(cleaned_boolean, typed) for typed in ("maybe", 2, None, "")} == {"not_a_boolean"}


def test_choices() -> None:
    assert cleaned_choice("it", INDUSTRIES).changes == ()
    assert cleaned_choice("零售", INDUSTRIES).value == "retail"
    assert cleaned_choice(" ＲＥＴＡＩＬ ", INDUSTRIES).value == "retail"
    assert cleaned_choice("information-technology", INDUSTRIES).value == "it"
    assert cleaned_choice("商超", INDUSTRIES, {"retail": ["商超"]}).value == "retail"
    assert refusal(cleaned_choice, "IT", choices=INDUSTRIES) == "ambiguous_choice"
    assert {refusal(cleaned_choice, typed, choices=INDUSTRIES) for typed in ("农业", "", None)} == {"not_a_choice"}


def test_everything_has_words() -> None:
    assert set(CHANGES) == set(Change)
    for code, words in REASONS.items():
        assert words.en != words.zh, code
