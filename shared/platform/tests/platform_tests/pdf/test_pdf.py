"""What is in a PDF, read by another program than the one that made it."""

from datetime import UTC, datetime

import pypdfium2

from crm_platform.charts.lines import Series, line_chart
from crm_platform.charts.scales import number_axis
from crm_platform.pdf import chart_pdf, pdf_of

AT = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
HOSTILE = '#panic("客户") $x$ *粗* `#read("/etc/hostname")`'


def _text(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def test_what_is_shown_is_never_a_command() -> None:
    pdf = pdf_of("= #data.title\n#data.body", {"body": HOSTILE}, title="成果报告", language="zh", at=AT)
    assert _text(pdf).split("\r\n") == ["成果报告", HOSTILE]
    assert pypdfium2.PdfDocument(pdf).get_metadata_dict()["Title"] == "成果报告"


def test_equal_input_makes_equal_documents() -> None:
    first, second = (pdf_of("#data.body", {"body": "结果"}, title="t", language="zh", at=AT) for _ in range(2))
    assert first == second
    assert b"pdfaid:part" in first


def test_a_chart_is_one_page_of_its_size_with_text_in_it() -> None:
    axis = number_axis(0, 10)
    svg = line_chart("挣值 <EV>", [Series(name="计划", points=[(0, 1), (5, 7)])], x=axis, y=axis)
    document = pypdfium2.PdfDocument(chart_pdf(svg, title="挣值", language="zh", at=AT))
    (page,) = document
    wide, high = page.get_size()
    assert (round(wide), round(high)) == (669, 354)
    assert "".join(page.get_textpage().get_text_range().split())[:6] == "挣值<EV>"
