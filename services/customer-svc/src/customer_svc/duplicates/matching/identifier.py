"""Numbers that registers give out, and which of them check themselves."""

from operator import mul

from customer_svc.duplicates.matching.text import fold

_USCC_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES = {character: value for value, character in enumerate(_USCC_DIGITS)}
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_USCC_LENGTH, _RESIDENT_LENGTH = 18, 18
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_RESIDENT_CHECK = "10X98765432"


def identifier(text: str) -> str:
    """Letters and digits of a number, upper case."""
    upper = text.upper() if text.isascii() else fold(text).upper()
    return upper if upper.isalnum() else "".join(filter(str.isalnum, upper))


def checks_itself(value: str) -> bool:
    """Whether the check character of a normalised number is right, so that it is hardly a slip of the pen.

    Known are the unified social credit code (GB 32100-2015: weights 3^i mod 31) and the resident identity number
    (GB 11643-1999: ISO 7064 MOD 11-2). Both find every single wrong character.
    """
    return _is_credit_code(value) or _is_resident_number(value)


def _is_credit_code(value: str) -> bool:
    if len(value) != _USCC_LENGTH or not _USCC_VALUES.keys() >= set(value):
        return False
    digits = [_USCC_VALUES[character] for character in value[:-1]]
    total = sum(map(mul, digits, _USCC_WEIGHTS))
    return _USCC_DIGITS[-total % 31] == value[-1]


def _is_resident_number(value: str) -> bool:
    if len(value) != _RESIDENT_LENGTH or not (value[:-1].isascii() and value[:-1].isdigit()):
        return False
    total = sum(map(mul, map(int, value[:-1]), _RESIDENT_WEIGHTS))
    return _RESIDENT_CHECK[total % 11] == value[-1]
