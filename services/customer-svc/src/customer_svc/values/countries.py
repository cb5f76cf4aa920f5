"""Countries by the names that people write: codes, and names in English, Chinese, and languages of their own."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from customer_svc.values.country_names import country_names
from customer_svc.values.names import name_key
from customer_svc.values.phones import REGIONS

_LANGUAGES: Final = ("en", "zh", "zh_Hant", "de", "fr", "es", "it", "pt", "ru", "ja", "ko")
_ALSO: Final[Mapping[str, str]] = {
    "US": "USA, U.S.A., U.S., United States of America, America, 美利坚合众国",
    "GB": "UK, U.K., Great Britain, Britain, England, Scotland, Wales, Northern Ireland, GBR, 英格兰",
    "CN": "PRC, P.R. China, Mainland China, People's Republic of China, CHN, 中国大陆, 中华人民共和国, 大陆, 内地",
    "HK": "Hong Kong, Hong Kong SAR, HKG, 香港, 中国香港",
    "MO": "Macau, Macao, Macao SAR, MAC, 澳门, 中国澳门",
    "TW": "Taiwan, TWN, 台湾, 臺灣, 中国台湾",
    "KR": "Korea, South Korea, Republic of Korea, KOR, 韩国, 南韩",
    "KP": "North Korea, 朝鲜",
    "RU": "Russia, Russian Federation, RUS, 俄国, 俄罗斯联邦",
    "CZ": "Czech Republic, Czechia, CZE, 捷克共和国",
    "NL": "Holland, The Netherlands, NLD, 荷兰",
    "AE": "UAE, U.A.E., 阿联酋",
    "VN": "Viet Nam, Vietnam, VNM",
    "IR": "Iran",
    "SY": "Syria",
    "LA": "Laos",
    "BO": "Bolivia",
    "VE": "Venezuela",
    "TZ": "Tanzania",
    "MD": "Moldova",
    "TR": "Turkey, Türkiye, TUR",
    "IE": "Republic of Ireland, IRL",
    "DE": "DEU, GER",
    "FR": "FRA",
    "JP": "JPN",
    "IT": "ITA",
    "ES": "ESP",
    "BR": "BRA",
    "CA": "CAN",
    "AU": "AUS",
    "IN": "IND",
    "MX": "MEX",
    "CH": "CHE",
    "AT": "AUT",
    "SE": "SWE",
    "PL": "POL",
    "SG": "SGP",
    "MY": "MYS",
    "TH": "THA",
}


def country_of(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country that is named; None for what names none.

    Names are those of Unicode's CLDR, as libphonenumber carries them, and what else people write often.
    """
    code = text.strip().upper()
    return code if code in REGIONS else _names().get(_key(text))


@cache
def _names() -> dict[str, str]:
    return {_key(name): code for code, name in _listed() if code in REGIONS}


def _listed() -> Iterator[tuple[str, str]]:
    for code, names in country_names().items():
        # A language that writes a name as another one does refers to that: `*en`.
        found = (names[language] for language in _LANGUAGES if language in names)
        yield from ((code, names[name[1:]] if name.startswith("*") else name) for name in found)
    for code, names_of in _ALSO.items():
        yield from ((code, name) for name in names_of.split(", "))


def _key(text: str) -> str:
    return name_key(text).replace(".", "").replace("'", "").replace("&", "and")
