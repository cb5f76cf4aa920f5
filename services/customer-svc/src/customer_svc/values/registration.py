"""Numbers under which registers know companies, and people their states; checked by their own check digits."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

from stdnum import lei
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from crm_contracts.customer.v1 import IdentityDocumentKind, Registration, RegistrationKind
from crm_platform.words import Words
from customer_svc.values.refused import Refused

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and letters without I, O, S, V, Z (GB 32100-2015, table 1)."""

_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_RESIDENT_CHECK = "10X98765432"
_USCC = re.compile(rf"[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}")
_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9X]")
_DUNS = re.compile(r"[0-9]{9}")
_PASSPORT = re.compile(r"[0-9A-Z]{5,20}")


def _refused(en: str, zh: str, code: str = "invalid_registration") -> Refused:
    return Refused(code, Words(en, zh))


def compact(text: str) -> str:
    """A number in half-width capitals, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def uscc_check_digit(head: str) -> str:
    """The last character of a unified social credit code, from its first 17 (GB 32100-2015, ISO 7064 style, mod 31)."""
    total = sum(USCC_ALPHABET.index(sign) * weight for sign, weight in zip(head, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def resident_check_digit(head: str) -> str:
    """The last character of a resident identity number, from its first 17 (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(int(sign) * weight for sign, weight in zip(head, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECK[total % 11]


def parse_uscc(text: str) -> str:
    """A unified social credit code.

    Not by python-stdnum, which refuses the registration authorities that begin with a letter (N for agriculture, Y).

    Raises:
        Refused: Not 18 characters of its alphabet, or the check digit is another.
    """
    number = compact(text).replace("-", "")
    if not _USCC.fullmatch(number):
        raise _refused(
            "a unified social credit code has 18 characters: digits and capitals without I, O, S, V, Z",
            "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）",
        )
    if number[-1] != uscc_check_digit(number[:-1]):
        raise _refused(
            "the check digit of the unified social credit code is wrong; a character was mistyped",
            "统一社会信用代码校验位不正确，请核对",
        )
    return number


def _by_stdnum(validate: Callable[[str], str], name: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            return validate(compact(text))
        except ValidationError as error:
            raise _refused(f"not a valid {name}: {error}", f"不是有效的 {name}") from error

    return parse


def _parse_duns(text: str) -> str:
    number = compact(text).replace("-", "")
    if not _DUNS.fullmatch(number):  # it has had no check digit since 2006
        raise _refused("a D-U-N-S number has 9 digits", "邓白氏编码应为 9 位数字")
    return number


def _parse_plain(text: str) -> str:
    number = " ".join(unicodedata.normalize("NFKC", text).split())
    if not number:
        raise _refused("a number of a register is not empty", "登记号不能为空")
    return number


_REGISTRATIONS: Mapping[RegistrationKind, Callable[[str], str]] = {
    RegistrationKind.USCC: parse_uscc,
    RegistrationKind.VAT: _by_stdnum(vat.validate, "VAT number"),
    RegistrationKind.DUNS: _parse_duns,
    RegistrationKind.LEI: _by_stdnum(lei.validate, "LEI"),
    RegistrationKind.OTHER: _parse_plain,
}


def parse_registration(kind: RegistrationKind, text: str) -> str:
    """The number in its normal form.

    Raises:
        Refused: It is no number of that kind.
    """
    return _REGISTRATIONS[kind](text)


def recognised_registration(text: str) -> Registration:
    """The registration behind a number whose kind is not said: what looks like a code of China has to be one.

    Raises:
        Refused: It has the shape of a unified social credit code, and the wrong check digit.
    """
    if _USCC.fullmatch(compact(text)):
        return Registration(kind=RegistrationKind.USCC, number=parse_uscc(text), country="CN")
    return Registration(kind=RegistrationKind.OTHER, number=_parse_plain(text))


def foreign_registration(text: str) -> Registration:
    """Like :func:`recognised_registration`; a wrong code is kept, since nobody is there to correct it."""
    try:
        return recognised_registration(text)
    except Refused:
        return Registration(kind=RegistrationKind.OTHER, number=_parse_plain(text))


def registration_key(registration: Registration) -> tuple[str, str]:
    """What registrations are compared by."""
    return registration.kind.value, compact(registration.number)


def _parse_resident_id(text: str) -> str:
    number = compact(text)
    if not _RESIDENT.fullmatch(number) or number[-1] != resident_check_digit(number[:-1]):
        raise _refused(
            "not a resident identity number: 18 digits, the last a check digit, or X",
            "居民身份证号码无效：应为 18 位，且校验位正确",
            "invalid_identity_document",
        )
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise _refused(
            "the date of birth in the resident identity number is no day of the calendar",
            "居民身份证号码中的出生日期无效",
            "invalid_identity_document",
        ) from error
    return number


def parse_document(kind: IdentityDocumentKind, text: str) -> str:
    """The number of an identity document in its normal form.

    Raises:
        Refused: It is no number of that kind.
    """
    if kind is IdentityDocumentKind.RESIDENT_ID:
        return _parse_resident_id(text)
    number = compact(text)
    if not _PASSPORT.fullmatch(number):
        raise _refused(
            "the number of an identity document has 5 to 20 letters and digits",
            "证件号码应为 5 至 20 位字母或数字",
            "invalid_identity_document",
        )
    return number
