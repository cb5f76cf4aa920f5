"""An SVG as a PNG, by resvg; with the font of a package, so that it looks the same on every machine."""

from functools import cache

import noto_cjk_sans_otc
import resvg_py

_FAMILY = "Noto Sans CJK SC"


def png_of(svg: str, *, zoom: float = 2) -> bytes:
    """The picture of an SVG.

    Fonts of the system are not looked for. It is for documents that are made here: those of others may name files.

    Args:
        svg: A whole document.
        zoom: Pixels of the picture for one of the document.
    """
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=zoom,
            skip_system_fonts=True,
            font_files=[_font()],
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
        )
    )


@cache
def _font() -> str:
    return str(noto_cjk_sans_otc.FONT_PATH)
