"""What can be wrong with a file, and where: one code per rule, with its message in English and Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from crm_platform.errors import DomainError
from crm_platform.words import Words

MESSAGES: Mapping[str, Words] = MappingProxyType(
    {
        "empty": Words("The file has no content.", "文件没有内容。"),
        "unknown_format": Words(
            "This is none of the kinds of file that can be read: {known}.", "无法识别文件类型，可读取：{known}。"
        ),
        "other_format": Words("The content is {found}, not {declared}.", "文件内容是 {found}，而不是 {declared}。"),
        "too_large": Words("The file has more than {limit} bytes.", "文件超过 {limit} 字节。"),
        "legacy_workbook": Words(
            "This is a workbook of Excel 97–2003 (.xls), or one with a password; save it as .xlsx without a password.",
            "这是 Excel 97–2003 工作簿（.xls）或带密码的工作簿；请另存为不带密码的 .xlsx。",
        ),
        "unknown_encoding": Words(
            "No known character encoding fits the text; save the file as UTF-8.",
            "无法识别文本的字符编码；请将文件另存为 UTF-8。",
        ),
        "unclear_encoding": Words(
            "The text could be encoded as {candidates}; say which, or save the file as UTF-8.",
            "文本的字符编码可能是 {candidates}；请指定编码，或将文件另存为 UTF-8。",
        ),
        "no_such_encoding": Words("There is no character encoding `{name}`.", "不存在字符编码“{name}”。"),
        "undecodable": Words(
            "The bytes of this cell are no {encoding} text.", "此单元格的字节不是有效的 {encoding} 文本。"
        ),
        "garbled": Words(
            "The text is garbled (`{sample}`): it was once read in the wrong character encoding.",
            "文本是乱码（“{sample}”）：曾以错误的字符编码读取。",
        ),
        "no_header": Words("Row {row} has no column names.", "第 {row} 行没有列名。"),
        "too_many_columns": Words("There are more than {limit} columns.", "列数超过 {limit}。"),
        "too_few_cells": Words(
            "The row has {actual} cells; the header has {expected}.",
            "该行有 {actual} 个单元格，而表头有 {expected} 个。",
        ),
        "too_many_cells": Words(
            "The row has {actual} cells; the header has {expected}.",
            "该行有 {actual} 个单元格，而表头有 {expected} 个。",
        ),
        "cell_too_long": Words("The cell has more than {limit} characters.", "单元格超过 {limit} 个字符。"),
        "record_too_large": Words(
            "The record is larger than {limit} bytes; is a quotation mark not closed?",
            "记录超过 {limit} 字节；是否有引号没有闭合？",
        ),
        "unclosed_quote": Words("The quotation mark that opens here is never closed.", "此处开始的引号没有闭合。"),
        "malformed_csv": Words("The quoting of this record is wrong.", "此记录的引号用法有误。"),
        "not_json": Words("The line is not valid JSON.", "该行不是有效的 JSON。"),
        "not_an_object": Words("The line is not a JSON object.", "该行不是 JSON 对象。"),
        "too_deep": Words("The object is nested more than {limit} levels deep.", "对象嵌套超过 {limit} 层。"),
        "error_value": Words("The cell holds the error {value}.", "单元格的值是错误 {value}。"),
        "bad_cell": Words("The cell's value `{value}` does not fit its type.", "单元格的值“{value}”与其类型不符。"),
        "digits_lost": Words(
            "The number has more than 15 digits, of which Excel keeps only the first 15; format the column as text.",
            "数字超过 15 位，Excel 只保留前 15 位；请将该列设为文本格式。",
        ),
        "damaged": Words("The file is damaged: {part} cannot be read.", "文件已损坏：无法读取 {part}。"),
        "bomb": Words("Unpacked, the file would take more than {limit} bytes.", "文件解压后将超过 {limit} 字节。"),
        "too_many_parts": Words("The file has more than {limit} parts.", "文件的组成部分超过 {limit} 个。"),
        "dtd": Words(
            "{part} has a document type definition, which is refused.", "{part} 含有文档类型定义（DTD），不予接受。"
        ),
        "no_sheet": Words("The workbook has no sheet with cells.", "工作簿没有包含单元格的工作表。"),
        "no_such_sheet": Words(
            "There is no sheet `{name}`; there are: {known}.", "没有工作表“{name}”；现有：{known}。"
        ),
        "not_a_card": Words("`BEGIN:VCARD` is missing.", "缺少 `BEGIN:VCARD`。"),
        "unended_card": Words("The card does not end with `END:VCARD`.", "名片没有以 `END:VCARD` 结束。"),
        "malformed_line": Words("`{text}` is not a line of a card.", "“{text}”不是名片中的有效行。"),
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file, as a person finds it.

    Attributes:
        row: Row of the table, counted from 1, header included; record of the file where there is no table.
        line: Line of the text, counted from 1; None where the file has no lines.
        column: Name of the column or property.
        cell: Reference such as ``C7``; None where a file's rows have no letters.
        sheet: Sheet of the workbook.
    """

    row: int | None = None
    line: int | None = None
    column: str | None = None
    cell: str | None = None
    sheet: str | None = None

    def words(self) -> Words:
        """The place as text; empty for the file as a whole."""
        parts = (
            (self.sheet, "sheet {}", "工作表 {}"),
            (self.cell, "cell {}", "单元格 {}"),
            (self.row if self.cell is None else None, "row {}", "第 {} 行"),
            (self.line if self.line != self.row else None, "line {}", "文本第 {} 行"),
            (self.column, "column {}", "列 {}"),
        )
        known = [(value, english, chinese) for value, english, chinese in parts if value is not None]
        return Words(
            ", ".join(english.format(value) for value, english, _ in known),
            "，".join(chinese.format(value) for value, _, chinese in known),
        )


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one place of a file.

    Attributes:
        code: Stable name of the rule, a key of ``MESSAGES``.
        place: Where.
        params: What the message names.
    """

    code: str
    place: Place = NOWHERE
    params: Mapping[str, object] = field(default_factory=dict)

    def words(self) -> Words:
        """What is wrong, with its place before it."""
        message, where = MESSAGES[self.code], self.place.words()
        english, chinese = (text.format_map(self.params) for text in (message.en, message.zh))
        if not where.en:
            return Words(english, chinese)
        return Words(f"{where.en[0].upper()}{where.en[1:]}: {english}", f"{where.zh}：{chinese}")


class UnreadableFile(DomainError):
    """A file that cannot be read at all; ``problem`` says why and where."""

    status, code = 422, "unreadable_file"
    title, title_zh = "Unreadable file", "文件无法读取"
    en, zh = "{message}", "{message}"

    def __init__(self, code: str, place: Place = NOWHERE, **params: object) -> None:
        self.problem = Problem(code, place, params)
        super().__init__(message=self.problem.words(), rule=code)
