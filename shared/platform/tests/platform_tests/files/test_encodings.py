"""Encodings are found by proof or by evidence, and where neither is there, somebody is asked."""

import random

import pytest

from crm_platform.files.encoding import SAMPLE_BYTES, Encoding, detected, garbled
from crm_platform.files.formats import Options
from crm_platform.files.problems import UnreadableFile
from platform_tests.files.support import problems_of, real_file, rows_of, values_of

TRADITIONAL = (
    "客戶名稱,聯絡電話,備註\n臺灣積體電路製造股份有限公司,03-5636688,半導體龍頭企業\n"
    "鴻海精密工業,02-22683466,電子製造服務\n"
)


@pytest.fixture(scope="module")
def titles() -> list[str]:
    return real_file("thucnews_titles/dev.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8-sig", "utf-8"),
        ("utf-8", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("gbk", "gb18030"),
    ],
)
def test_simplified_chinese(encoding: str, name: str) -> None:
    text = "客户名称,电话\n上海观心贸易有限公司,021-66668888\n"
    assert detected(text.encode(encoding), whole=True).name == name
    assert values_of(text.encode(encoding)) == [{"客户名称": "上海观心贸易有限公司", "电话": "021-66668888"}]


def test_traditional_chinese() -> None:
    assert detected(TRADITIONAL.encode("big5"), whole=True).name == "cp950"
    assert values_of(TRADITIONAL.encode("big5"))[0]["客戶名稱"] == "臺灣積體電路製造股份有限公司"


@pytest.mark.parametrize(
    "text", ["Müller;Straße 5;Köln", "Café;Crêpe", "Señor;José", "François;Besançon", "Preis;10 €"]
)
def test_western_european(text: str) -> None:
    assert detected(text.encode("cp1252"), whole=True) == Encoding("cp1252")


def test_real_titles_are_never_taken_for_another_encoding(titles: list[str]) -> None:
    chosen = random.Random(7)  # noqa: S311 - the same titles each time
    wrong, asked = [], 0
    for count in (1, 2, 5, 50):
        for _ in range(150):
            text = "\n".join(chosen.sample(titles, count))
            for encoding, name in (("gb18030", "gb18030"), ("cp950", "cp950")):
                raw = text.encode(encoding, "ignore")
                if raw.isascii() or raw.decode(encoding) != text:
                    continue
                try:
                    found = detected(raw, whole=True).name
                except UnreadableFile as refused:
                    asked += refused.problem.code == "unclear_encoding"
                else:
                    if found != name:
                        wrong.append((name, found, text))
    assert wrong == []
    assert asked <= 10


@pytest.mark.parametrize(
    "raw",
    [
        "안녕하세요 고객 전화번호".encode("euc_kr"),
        "お客様の電話番号をご入力ください".encode("shift_jis"),
        "Привет, как дела".encode("cp1251"),
        bytes(range(128, 256)) * 3,
    ],
)
def test_other_encodings_are_asked_for_and_not_misread(raw: bytes) -> None:
    with pytest.raises(UnreadableFile) as refused:
        rows_of(b"a,b\n1," + raw)
    assert refused.value.problem.code in {"unclear_encoding", "unknown_encoding"}


def test_an_encoding_can_be_named() -> None:
    raw = "名前,電話\n山田太郎,03-1234\n".encode("shift_jis")
    assert values_of(raw, Options(encoding="shift_jis")) == [{"名前": "山田太郎", "電話": "03-1234"}]
    with pytest.raises(UnreadableFile, match="There is no character encoding `klingon`"):
        rows_of(raw, Options(encoding="klingon"))


LONG = "客户" * 100 + ",1\n"


def test_bytes_that_are_no_text_are_told_with_their_cell() -> None:
    raw = "名称,电话\n".encode() + LONG.encode() * 500 + b"\xff\xfe,1\n"
    assert len(raw) > SAMPLE_BYTES
    assert problems_of(raw) == [("undecodable", "Row 502, column 名称: The bytes of this cell are no utf-8 text.")]
    assert rows_of(raw)[-1].values == {"名称": None, "电话": "1"}


def test_a_wrong_guess_shows_where_it_fails() -> None:
    """A file that begins in one encoding and goes on in another, as two files joined by hand do."""
    raw = "名称,电话\n".encode() + LONG.encode() * 500 + "乙公司,2\n".encode("gb18030")
    assert [code for code, _ in problems_of(raw)] == ["undecodable"]


@pytest.mark.parametrize(
    "text", ["上海观心", "Ångström", "café–bar", "Äpfel & Übermut", "naïve 10 €", "你好，世界！", "São Paulo"]
)
def test_right_texts_are_not_called_garbled(text: str) -> None:
    assert garbled(text) is None
    for encoding, wrong in (("utf-8", "cp1252"), ("utf-8", "latin-1")):
        if not text.isascii():
            assert garbled(text.encode(encoding).decode(wrong, "replace")) is not None


def test_garbled_cells_are_told_and_kept() -> None:
    raw = "名称\n客户锟斤拷\n好\n".encode()
    assert problems_of(raw) == [
        (
            "garbled",
            "Row 2, column 名称: The text is garbled (`锟斤拷`): it was once read in the wrong character encoding.",
        )
    ]
    assert [row.values["名称"] for row in rows_of(raw)] == ["客户锟斤拷", "好"]


def test_few_real_titles_are_called_garbled(titles: list[str]) -> None:
    """Those that are: their file has U+FFFD for characters that an older encoding did not know."""
    found = [title for title in titles if garbled(title)]
    assert found == [title for title in titles if "\N{REPLACEMENT CHARACTER}" in title]
    assert len(found) == 33
