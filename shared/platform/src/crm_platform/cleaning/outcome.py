"""What cleaning gives: the value, and what was done to get it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from crm_platform.words import Words

T_co = TypeVar("T_co", covariant=True)


class Change(StrEnum):
    """What was done to a value."""

    TRIMMED = "trimmed"
    BLANKS_JOINED = "blanks_joined"
    INVISIBLE_REMOVED = "invisible_removed"
    WIDTH_FOLDED = "width_folded"
    COMPOSED = "composed"
    EMPTIED = "emptied"
    DATE_READ = "date_read"
    SERIAL_READ = "serial_read"
    NUMBER_READ = "number_read"
    UNIT_APPLIED = "unit_applied"
    CURRENCY_READ = "currency_read"
    BOOLEAN_READ = "boolean_read"
    CHOICE_READ = "choice_read"


CHANGES: Mapping[Change, Words] = MappingProxyType(
    {
        Change.TRIMMED: Words("blanks around it removed", "去除首尾空白"),
        Change.BLANKS_JOINED: Words("several blanks made one", "合并连续空白"),
        Change.INVISIBLE_REMOVED: Words("invisible characters removed", "去除不可见字符"),
        Change.WIDTH_FOLDED: Words("full-width characters made half-width", "全角转半角"),
        Change.COMPOSED: Words("characters brought into their usual form", "统一字符编码形式"),
        Change.EMPTIED: Words("a word for “nothing” taken as empty", "占位文字视为空值"),
        Change.DATE_READ: Words("read as a date", "识别为日期"),
        Change.SERIAL_READ: Words("a spreadsheet's day number read as a date", "识别为电子表格日期序号"),
        Change.NUMBER_READ: Words("read as a number", "识别为数字"),
        Change.UNIT_APPLIED: Words("multiplied by its unit", "按单位换算"),
        Change.CURRENCY_READ: Words("currency read from its sign", "识别货币符号"),
        Change.BOOLEAN_READ: Words("read as yes or no", "识别为是否"),
        Change.CHOICE_READ: Words("read as one of the choices", "识别为选项"),
    }
)

REASONS: Mapping[str, Words] = MappingProxyType(
    {
        "not_a_date": Words("`{value}` is not a date.", "“{value}”不是日期。"),
        "no_such_day": Words("There is no day `{value}`.", "不存在日期“{value}”。"),
        "ambiguous_date": Words(
            "`{value}` can be {one} or {two}; say whether the day or the month comes first.",
            "“{value}”可能是 {one} 或 {two}；请指定日在前还是月在前。",
        ),
        "short_year": Words("The year of `{value}` has two digits only.", "“{value}”的年份只有两位数字。"),
        "not_a_number": Words("`{value}` is not a number.", "“{value}”不是数字。"),
        "not_money": Words("`{value}` is not an amount of money.", "“{value}”不是金额。"),
        "ambiguous_currency": Words(
            "The sign in `{value}` stands for several currencies ({known}); say which.",
            "“{value}”中的符号可表示多种货币（{known}）；请指定。",
        ),
        "currency_unknown": Words(
            "The currency of `{value}`, {sign}, is not in use by ISO 4217.",
            "“{value}”的货币 {sign} 不是 ISO 4217 现行货币代码。",
        ),
        "other_currency": Words("`{value}` is not in {currency}.", "“{value}”的货币不是 {currency}。"),
        "not_whole": Words("`{value}` is not a whole number.", "“{value}”不是整数。"),
        "not_a_boolean": Words("`{value}` is neither yes nor no.", "“{value}”既不是“是”也不是“否”。"),
        "not_a_country": Words(
            "`{value}` is not the name or code of a country.", "“{value}”不是国家或地区的名称或代码。"
        ),
        "not_a_choice": Words("`{value}` is none of: {known}.", "“{value}”不在选项中：{known}。"),
        "ambiguous_choice": Words(
            "`{value}` is the name of several choices: {known}.", "“{value}”对应多个选项：{known}。"
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Cleaned(Generic[T_co]):
    """A value, and what was done to get it, in order; nothing where it was right as it stood."""

    value: T_co
    changes: tuple[Change, ...] = ()


class NotUnderstood(ValueError):
    """A value that does not say what it means.

    Attributes:
        code: Stable name of the reason, a key of ``REASONS``.
        words: The reason, for people.
    """

    def __init__(self, code: str, value: object, **params: object) -> None:
        self.code = code
        texts = REASONS[code]
        shown = {"value": str(value)[:60], **params}
        self.words = Words(texts.en.format_map(shown), texts.zh.format_map(shown))
        super().__init__(self.words.en)
