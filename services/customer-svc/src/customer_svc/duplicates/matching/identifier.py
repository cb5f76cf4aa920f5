"""Numbers that registers give out, and which of them check themselves."""

from customer_svc.duplicates.matching.text import fold

_USCC_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_LENGTH, _RESIDENT_LENGTH = 18, 18
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_RESIDENT_CHECK = "10X98765432"


def identifier(text: str) -> str:
    """Letters and digits of a number, upper case."""
    upper = fold(text).upper()
    return upper if upper.isalnum() else "".join(filter(str.isalnum, upper))


def checks_itself(value: str) -> bool:
    """Whether the check character of a normalised number is right, so that it is hardly a slip of the pen.

    Known are the unified social credit code (GB 32100-2015: weights 3^i mod 31) and the resident identity number
    (GB 11643-1999: ISO 7064 MOD 11-2). Both find every single wrong character.
    """
    return _is_credit_code(value) or _is_resident_number(value)


def _is_credit_code(value: str) -> bool:
    if len(value) != _USCC_LENGTH or any(character not in _USCC_DIGITS for character in value):
        return False
    total = sum(_USCC_DIGITS.index(character) * pow(3, place, 31) for place, character in enumerate(value[:-1]))
    return _USCC_DIGITS[-total % 31] == value[-1]


def _is_resident_number(value: str) -> bool:
    if len(value) != _RESIDENT_LENGTH or not (value[:-1].isascii() and value[:-1].isdigit()):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value[:-1], _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECK[total % 11] == value[-1]
