"""Currencies in which amounts can be, and how finely each is divided.

Source: ISO 4217 list one (current currencies and funds) as its maintenance agency, SIX, keeps it since 1 January 2026,
without the codes that have no minor unit there: precious metals, accounting units of banks, tests, and no currency.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from crm_platform.words import Words

_BY_DIGITS: Final = {
    0: ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",),
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE",
        "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD",
        "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK",
        "MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD",
        "RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH",
        "USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG",
    ),
    3: ("BHD IQD JOD KWD LYD OMR TND",),
    4: ("CLF UYW",),
}
MINOR_UNITS: Final[Mapping[str, int]] = MappingProxyType(
    {code: digits for digits, lines in _BY_DIGITS.items() for line in lines for code in line.split()}
)
"""By code, to how many decimal places amounts are paid."""

_USUAL: Final = 2
_MEANT: Final[Mapping[str, str]] = {"RMB": "CNY", "CNH": "CNY", "NTD": "TWD", "UKP": "GBP"}
"""Codes that people write and that are none, and what they mean."""

_UNKNOWN: Final = Words("`{code}` is not a currency in use by ISO 4217", "“{code}”不是 ISO 4217 现行货币代码")
_INSTEAD: Final = Words(
    "`{code}` is not a code of ISO 4217; write `{meant}`", "“{code}”不是 ISO 4217 货币代码，应为 {meant}"
)


def unlisted(code: str) -> Words | None:
    """Why a code is not that of a currency in use; None where it is."""
    if code in MINOR_UNITS:
        return None
    texts, meant = (_INSTEAD, _MEANT[code]) if code in _MEANT else (_UNKNOWN, "")
    return Words(*(text.format(code=code, meant=meant) for text in (texts.en, texts.zh)))


def minor_unit(code: str) -> Decimal:
    """The smallest amount that is paid in a currency, to which amounts are rounded: 0.01 CNY, 1 JPY, 0.001 KWD.

    A code that is in no list, such as one of old records, is taken for one with hundredths.
    """
    return Decimal(1).scaleb(-MINOR_UNITS.get(code, _USUAL))
