"""Texts as a Chinese keyboard types them."""


def wide(text: str) -> str:
    """The full-width form of an ASCII text."""
    return "".join(chr(0x3000) if sign == " " else chr(ord(sign) + 0xFEE0) for sign in text)
