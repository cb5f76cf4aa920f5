"""The fields of a customer that a column can be mapped to, and how files call them."""

from collections.abc import Mapping
from functools import partial

from crm_contracts.customer.v1 import CustomerGrade, CustomerKind, CustomerSize, IdentityDocumentKind
from crm_platform.mapping.targets import Target, TargetKind
from crm_platform.words import Words
from customer_svc.values.countries import country_of
from customer_svc.values.refused import Refused
from customer_svc.values.registration import parse_document, parse_uscc

_KINDS: Mapping[str, Words] = {
    CustomerKind.COMPANY: Words("company", "企业"),
    CustomerKind.PERSON: Words("person", "个人"),
}
_GRADES: Mapping[str, Words] = {grade: Words(grade.value, f"{grade.value}级") for grade in CustomerGrade}
_SIZES: Mapping[str, Words] = {
    CustomerSize.MICRO: Words("micro", "微型"),
    CustomerSize.SMALL: Words("small", "小型"),
    CustomerSize.MEDIUM: Words("medium", "中型"),
    CustomerSize.LARGE: Words("large", "大型"),
}


def _is_uscc(text: str) -> bool:
    try:
        parse_uscc(text)
    except Refused:
        return False
    return True


def _is_resident_id(text: str) -> bool:
    try:
        parse_document(IdentityDocumentKind.RESIDENT_ID, text)
    except Refused:
        return False
    return True


def _field(name: str, en: str, zh: str, synonyms: str = "", kind: TargetKind = TargetKind.TEXT) -> Target:
    return Target(name=name, labels=Words(en, zh), synonyms=_listed(synonyms), kind=kind)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_several = partial(Target, many=True)
_I, _M = TargetKind.INTEGER, TargetKind.MONEY

FIELDS: tuple[Target, ...] = (
    _field(
        "name",
        "Name",
        "客户名称",
        "客户, 公司名称, 公司, 企业名称, 单位名称, 名称, 姓名, 全称, customer, customer name, company, company name,"
        " account, account name, organisation, organization, full name, fn",
    ),
    Target(
        name="kind",
        labels=Words("Kind", "客户类型"),
        synonyms=_listed("类型, 客户性质, customer type, type"),
        kind=TargetKind.CHOICE,
        choices=_KINDS,
    ),
    _field(
        "external_id",
        "External id",
        "外部编号",
        "编号, 客户编号, 客户代码, 客户号, id, customer id, customer no, customer number, account id, code, uid",
    ),
    _field("given_name", "Given name", "名", "名字, first name, given name, forename, firstname, n.given"),
    _field("family_name", "Family name", "姓", "姓氏, last name, surname, family name, lastname, n.family"),
    _field("name_latin", "Name in Latin letters", "英文名称", "英文名, 外文名称, english name, latin name"),
    _field("short_name", "Short name", "简称", "公司简称, 客户简称, alias, short name, nickname"),
    Target(
        name="registration_id",
        labels=Words("Registration number", "统一社会信用代码"),
        synonyms=_listed(
            "信用代码, 社会信用代码, 税号, 纳税人识别号, 营业执照号, 注册号, uscc, tax id, vat,"
            " vat number, registration no"
        ),
        matches=_is_uscc,
    ),
    Target(
        name="identity_number",
        labels=Words("Identity card", "身份证号"),
        synonyms=_listed("身份证, 身份证号码, 居民身份证, 证件号码, id card, identity number, resident id"),
        matches=_is_resident_id,
    ),
    _several(
        name="phone",
        labels=Words("Phone", "电话"),
        synonyms=_listed(
            "手机, 手机号, 联系电话, 电话号码, 座机, 固定电话, 移动电话, 联系方式, tel, telephone, mobile,"
            " phone number, cell, tel.1.value, tel.2.value, tel.3.value"
        ),
        kind=TargetKind.PHONE,
    ),
    _several(
        name="email",
        labels=Words("E-mail", "电子邮箱"),
        synonyms=_listed("邮箱, 电子邮件, 邮件, email, mail, e-mail address, email.1.value, email.2.value"),
        kind=TargetKind.EMAIL,
    ),
    _field("website", "Website", "网址", "网站, 官网, 公司网址, homepage, url, web, url.1.value", TargetKind.URL),
    Target(
        name="country",
        labels=Words("Country", "国家/地区"),
        synonyms=_listed("国家, 国别, 国家代码, 所在国家, country, country code, nation, adr.1.country"),
        matches=lambda text: country_of(text) is not None,
    ),
    _field("province", "Province", "省份", "省, 省/州, 省市, state, region, adr.1.region"),
    _field("city", "City", "城市", "市, 所在城市, town, suburb, locality, adr.1.locality"),
    _field("district", "District", "区县", "区, 县, county"),
    _several(
        name="street",
        labels=Words("Street", "街道地址"),
        synonyms=_listed(
            "地址, 详细地址, 公司地址, 联系地址, 街道, 门牌号, address, address line 1, address line 2, address_1,"
            " address_2, street, street number, street_number, house number, adr.1.street"
        ),
    ),
    _field("postal_code", "Postal code", "邮政编码", "邮编, zip, zip code, postcode, post code, adr.1.code"),
    _field(
        "parent_external_id",
        "External id of the parent",
        "上级客户编号",
        "母公司编号, 上级编号, 总公司编号, parent id, parent external id, parent account id",
    ),
    _field(
        "parent_registration_id",
        "Registration number of the parent",
        "上级统一社会信用代码",
        "母公司信用代码, parent registration id",
    ),
    _field(
        "parent_name",
        "Name of the parent",
        "上级客户",
        "母公司, 上级公司, 上级单位, 总公司, 所属集团, 集团, parent, parent company, parent account, subsidiary of",
    ),
    _field(
        "owner",
        "Owner",
        "负责人",
        "客户负责人, 归属人, 所有人, 所属人, 销售, 销售员, 销售人员, 销售代表, 销售负责人, 业务员, 客户经理, 跟进人,"
        " 负责人邮箱, 负责人姓名, account owner, record owner, customer owner, account manager, sales rep,"
        " sales representative, salesperson, assigned to, owner email, owner name, owner_id",
    ),
    _field(
        "team",
        "Team",
        "团队",
        "所属团队, 负责团队, 销售团队, 销售部门, 归属部门, team name, sales team, owner team, account team, team_id",
    ),
    _field("industry", "Industry", "行业", "所属行业, 行业类别, sector, trade, branch"),
    _field("employees", "Employees", "员工人数", "员工数, 人数, 职工人数, headcount, staff, number of employees", _I),
    _field(
        "founded_year",
        "Year of foundation",
        "成立年份",
        "成立时间, 成立日期, 创立年份, 注册时间, founded, founded year, year established, established",
        TargetKind.YEAR,
    ),
    _field("annual_revenue", "Annual revenue", "年营业额", "年收入, 营业额, 年产值, revenue, turnover, sales", _M),
    _field("credit_limit", "Credit limit", "信用额度", "授信额度, credit", _M),
    _field("payment_terms_days", "Payment terms (days)", "账期（天）", "账期, 付款期限, payment terms", _I),
    Target(
        name="grade",
        labels=Words("Grade", "客户等级"),
        synonyms=_listed("等级, 级别, 客户级别, rating, class"),
        kind=TargetKind.CHOICE,
        choices=_GRADES,
    ),
    Target(
        name="size",
        labels=Words("Size", "企业规模"),
        synonyms=_listed("规模, 公司规模, company size"),
        kind=TargetKind.CHOICE,
        choices=_SIZES,
    ),
    _field("source", "Source", "客户来源", "来源, 渠道, 来源渠道, lead source, channel"),
    _several(
        name="tags", labels=Words("Tags", "标签"), synonyms=_listed("客户标签, 标记, labels, categories, keywords")
    ),
)
"""Everything that an import can set."""

BY_NAME: Mapping[str, Target] = {one.name: one for one in FIELDS}

CUSTOM = "custom."
"""With what the names of custom fields begin."""


def target_of(name: str) -> Target:
    """The field of this name; texts of custom ones become values once their definitions are looked at."""
    return Target(name=name, labels=Words(name, name)) if name.startswith(CUSTOM) else BY_NAME[name]
