"""Documents as PDF, set by Typst; with the font of a package, so that they look the same on every machine.

A template is Typst markup of ours. What it shows comes as data, never as part of the markup, so that nothing in it can
be taken for a command; it has no network, and no files but those that it is given. Needs the extra ``pdf`` of
crm-platform.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import noto_cjk_sans_otc
import orjson
import typst

STANDARD: Final = "a-2b"
"""PDF/A-2b (ISO 19005-2): what is put into an archive, with everything that it needs inside."""

_FONTS = Path(noto_cjk_sans_otc.FONT_PATH).parent
_HEAD = """\
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title, date: auto)
#set text(font: "Noto Sans CJK SC", lang: data.language)
"""
_CHART = """\
#set page(width: auto, height: auto, margin: 12pt)
#image("chart.svg", alt: data.title)
"""


def pdf_of(
    template: str,
    data: Mapping[str, Any],
    *,
    title: str,
    language: str,
    at: datetime,
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """A document; equal for equal input.

    Args:
        template: Typst markup that finds its data in `data`.
        data: What it shows, as JSON has it.
        title: In the properties of the document.
        language: ``en`` or ``zh``; decides about hyphens and line ends.
        at: The time that it says it was made.
        files: Pictures, by the names that the template uses.

    Raises:
        typst.TypstError: The template is wrong, or a file is not what it should be.
    """
    whole = orjson.dumps({**data, "title": title, "language": language}).decode()
    sources: Any = {"main.typ": (_HEAD + template).encode(), **(files or {})}
    return bytes(
        typst.compile(
            sources,
            format="pdf",
            font_paths=[str(_FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"data": whole},
            pdf_standards=STANDARD,
            timestamp=at.replace(microsecond=0),
        )
    )


def chart_pdf(svg: str, *, title: str, language: str, at: datetime) -> bytes:
    """An SVG of :mod:`crm_platform.charts` on a page of its size; its text stays text."""
    return pdf_of(_CHART, {}, title=title, language=language, at=at, files={"chart.svg": svg.encode()})
