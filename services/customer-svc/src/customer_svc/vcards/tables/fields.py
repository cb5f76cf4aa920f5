"""The fields of a contact that a column can hold, and how files call them."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from crm_contracts.contact.v1 import DecisionRole
from crm_contracts.imports.v1 import MatchRule
from crm_platform.mapping.targets import Target, TargetKind
from crm_platform.words import Words

_DECISION_ROLES: Final[Mapping[str, Words]] = {
    DecisionRole.DECISION_MAKER: Words("decision maker", "决策人"),
    DecisionRole.APPROVER: Words("approver", "审批人"),
    DecisionRole.INFLUENCER: Words("influencer", "影响者"),
    DecisionRole.CHAMPION: Words("champion", "支持者"),
    DecisionRole.USER: Words("user", "使用者"),
    DecisionRole.GATEKEEPER: Words("gatekeeper", "把关人"),
    DecisionRole.OPPONENT: Words("opponent", "反对者"),
    DecisionRole.OTHER: Words("other", "其他"),
}


def _field(name: str, en: str, zh: str, synonyms: str = "", kind: TargetKind = TargetKind.TEXT) -> Target:
    return Target(name=name, labels=Words(en, zh), synonyms=_listed(synonyms), kind=kind)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_several = partial(Target, many=True)

FIELDS: Final[tuple[Target, ...]] = (
    _field("name", "Name", "姓名", "联系人, 联系人姓名, 名称, contact, contact name, full name, person"),
    _field("family_name", "Family name", "姓", "姓氏, last name, surname, lastname"),
    _field("given_name", "Given name", "名", "名字, first name, forename, firstname"),
    _field("name_latin", "Name in Latin letters", "英文名", "英文姓名, 拼音, english name, latin name"),
    _field("nickname", "Nickname", "昵称", "nick name"),
    _field("external_id", "External id", "联系人编号", "编号, id, contact id, contact no, external id, uid"),
    _several(
        name="phone",
        labels=Words("Phone", "电话"),
        synonyms=_listed(
            "手机, 手机号, 手机号码, 联系电话, 电话号码, 座机, 办公电话, 移动电话, tel, telephone, mobile,"
            " mobile phone, phone number, cell, business phone, work phone, home phone"
        ),
        kind=TargetKind.PHONE,
    ),
    _several(
        name="email",
        labels=Words("E-mail", "电子邮箱"),
        synonyms=_listed("邮箱, 电子邮件, 邮件, email, mail, e-mail address, email address, work email"),
        kind=TargetKind.EMAIL,
    ),
    _field("wechat", "WeChat", "微信", "微信号, wechat id, weixin"),
    _field("title", "Title", "职务", "职位, 头衔, 岗位, job title, position"),
    _field("department", "Department", "部门", "所在部门, dept"),
    _field("role", "Role", "角色", "项目角色, contact role, role in project"),
    Target(
        name="decision_role",
        labels=Words("Decision role", "决策角色"),
        synonyms=_listed("采购角色, 决策影响, buying role, role in decision"),
        kind=TargetKind.CHOICE,
        choices=_DECISION_ROLES,
    ),
    _field(
        "primary",
        "Primary contact",
        "主要联系人",
        "是否主要联系人, 首要联系人, primary, is primary",
        TargetKind.BOOLEAN,
    ),
    _field(
        "customer_name", "Customer", "客户名称", "客户, 公司, 公司名称, 单位, 企业名称, company, account, account name"
    ),
    _field(
        "customer_external_id",
        "External id of the customer",
        "客户编号",
        "客户代码, 公司编号, customer id, customer no, account id, company id",
    ),
    _field(
        "customer_registration_id",
        "Registration number of the customer",
        "统一社会信用代码",
        "信用代码, 税号, 公司税号, 纳税人识别号, uscc, tax id, registration no",
    ),
    _field("birthday", "Birthday", "生日", "出生日期, 出生年月日, date of birth, birth date", TargetKind.DATE),
    _several(name="website", labels=Words("Website", "网址"), synonyms=_listed("网站, 主页, homepage, url, web")),
    _field("country", "Country", "国家/地区", "国家, 国别, country, nation"),
    _field("province", "Province", "省份", "省, 省/州, state, region"),
    _field("city", "City", "城市", "市, 所在城市, town"),
    _field("district", "District", "区县", "区, 县, county"),
    _field("street", "Street", "地址", "街道地址, 详细地址, 联系地址, 街道, address, street address"),
    _field("postal_code", "Postal code", "邮政编码", "邮编, zip, zip code, postcode"),
    _several(name="tags", labels=Words("Tags", "标签"), synonyms=_listed("标记, labels, categories, keywords")),
    _field("notes", "Notes", "备注", "说明, 描述, note, remark, remarks, comment, comments, description"),
)
"""Everything that a row can say of a contact."""

BY_NAME: Final[Mapping[str, Target]] = {one.name: one for one in FIELDS}

CUSTOMERS: Final[Mapping[str, MatchRule]] = {
    "customer_external_id": MatchRule.EXTERNAL_ID,
    "customer_registration_id": MatchRule.REGISTRATION_ID,
    "customer_name": MatchRule.NAME,
}
"""What names the customer at which somebody is; what counts first stands first."""
