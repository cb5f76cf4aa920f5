"""Reasons of a score in words."""

from functools import cache

from crm_platform.words import Words
from customer_svc.duplicates.matching.weights import Level

_FIELDS = {
    "name": Words("name", "名称"),
    "business": Words("line of business in the name", "名称中的行业"),
    "legal_form": Words("legal form", "组织形式"),
    "name_region": Words("place in the name", "名称中的行政区划"),
    "branch": Words("branch", "分支机构"),
    "numerals": Words("number in the name", "名称中的编号"),
    "given_name": Words("given name", "名"),
    "given_name_han": Words("given name", "名"),
    "family_name": Words("family name", "姓"),
    "family_name_han": Words("family name", "姓"),
    "birth_date": Words("date of birth", "出生日期"),
    "identifier": Words("registration number", "登记证号"),
    "email": Words("e-mail", "电子邮箱"),
    "phone": Words("phone", "电话"),
    "domain": Words("web domain", "网站域名"),
    "street": Words("street", "街道"),
    "number": Words("house number", "门牌号"),
    "locality": Words("city or district", "城市或区县"),
    "region": Words("province", "省份"),
    "postcode": Words("postal code", "邮政编码"),
}

_LEVELS = {
    Level.SAME: Words("Same {field}", "{field}相同"),
    Level.FORM: Words("Another form of the same {field}", "{field}为同一内容的另一写法"),
    Level.CLOSE: Words("Nearly the same {field}", "{field}相近"),
    Level.DIFFERENT: Words("Different {field}", "{field}不同"),
    Level.CONTRARY: Words("Two different holders by their {field}", "{field}表明属于不同主体"),
}

_OWN_WORDS = {("email", Level.FORM): Words("E-mail addresses of the same domain", "电子邮箱域名相同")}
"""Where what is found is not what the level says elsewhere."""


@cache
def words_of(field: str, level: Level) -> Words:
    """A reason as a sentence without its full stop, in both languages."""
    if (own := _OWN_WORDS.get((field, level))) is not None:
        return own
    name, template = _FIELDS[field.partition(".")[0]], _LEVELS[level]
    return Words(template.en.format(field=name.en), template.zh.format(field=name.zh))
