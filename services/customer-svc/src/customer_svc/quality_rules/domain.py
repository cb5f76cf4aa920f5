"""A rule of data quality, and the ready-made ones."""

from typing import Any

from crm_contracts.base import Bilingual
from crm_contracts.quality.v1 import Severity
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("data quality rule", "数据质量规则")

MAX_RULES = 200
"""Rules of one company; every change of a customer is held against all of them."""

_JUDGING = ("expression", "applies_to", "weight", "enabled")
"""Members on which scores depend."""


class QualityRule(AggregateState):
    """What has to be true of a customer's data."""

    code: str
    label: Bilingual
    message: Bilingual
    expression: str
    applies_to: str | None = None
    member: str | None = None
    weight: int = 10
    severity: Severity = Severity.WARNING
    enabled: bool = True


def judges_otherwise(changed: Any) -> bool:
    """Whether a change of these members (of an event) makes other scores."""
    return any(name in changed for name in _JUDGING)


def _rule(
    code: str, label: tuple[str, str], expression: str, message: tuple[str, str], **values: Any
) -> dict[str, Any]:
    return {
        "code": code,
        "label": Bilingual(en=label[0], zh=label[1]),
        "message": Bilingual(en=message[0], zh=message[1]),
        "expression": expression,
        **values,
    }


READY_MADE: tuple[dict[str, Any], ...] = (
    _rule(
        "phone_valid",
        ("A phone number that can be dialled", "有可拨打的电话"),
        "contact.valid_phones > 0",
        (
            "Enter a phone number, with the country code if it is abroad.",
            "请补充可拨打的电话号码，境外号码请加国家代码。",
        ),
        member="phones",
        weight=15,
        severity=Severity.ERROR,
    ),
    _rule(
        "email_valid",
        ("A valid e-mail address", "有有效的电子邮箱"),
        "contact.valid_emails > 0",
        ("Enter an e-mail address.", "请补充电子邮箱地址。"),
        member="emails",
    ),
    _rule(
        "address_complete",
        ("A complete address", "地址完整"),
        "contact.complete_addresses > 0",
        (
            "Complete an address: country, province (in China), city or district, and street.",
            "请补全地址：国家或地区、省份（中国境内）、城市或区县、街道门牌。",
        ),
        member="addresses",
    ),
    _rule(
        "registration_present",
        ("A company's registration number", "企业有登记号"),
        "has(registration_id)",
        (
            "Enter the unified social credit code, or the number of another register.",
            "请补充统一社会信用代码或其他登记号。",
        ),
        applies_to="kind == 'company'",
        member="registration_id",
        weight=15,
        severity=Severity.ERROR,
    ),
    _rule(
        "registration_valid",
        ("Registration numbers with right check digits", "登记号校验位正确"),
        "contact.invalid_registrations == 0",
        ("Correct the registration number: its check digit is another.", "登记号校验位不符，请核对更正。"),
        applies_to="has(registration_id)",
        member="registrations",
        severity=Severity.ERROR,
    ),
    _rule(
        "name_meaningful",
        ("A name that says who it is", "名称有实际含义"),
        "size(name) >= 2 && !(name in ['测试', '无', '暂无', '未知', 'test', 'Test', 'TEST', 'unknown', 'N/A', 'n/a'])",
        ("Enter the real name.", "请填写真实名称。"),
        member="name",
        severity=Severity.ERROR,
    ),
    _rule(
        "not_duplicate",
        ("No other customer with the same phone, e-mail or company name", "没有电话、邮箱或企业名称相同的其他客户"),
        "!contact.shared",
        ("Look for the other customer, and merge the two.", "请查找相同的客户并合并。"),
        member="name",
        weight=15,
        severity=Severity.ERROR,
    ),
    _rule(
        "owner_set",
        ("Somebody is responsible", "有负责人"),
        "has(owner_id) || has(team_id)",
        ("Claim the customer, or give it to somebody.", "请认领或分配该客户。"),
        member="owner_id",
    ),
    _rule(
        "followed_up",
        ("Followed up within 90 days", "90 天内有跟进"),
        "now() - facts.last_communication_at < duration('2160h')",
        ("Get in touch, and record it.", "请联系客户并记录跟进。"),
        applies_to="status in ['prospect', 'active']",
    ),
    _rule(
        "industry_set",
        ("A company's industry", "企业有所属行业"),
        "has(industry)",
        ("Enter the industry.", "请补充所属行业。"),
        applies_to="kind == 'company'",
        member="industry",
        weight=5,
        severity=Severity.INFO,
    ),
    _rule(
        "source_set",
        ("Where we met", "有客户来源"),
        "has(source)",
        ("Enter where we met.", "请补充客户来源。"),
        member="source",
        weight=5,
        severity=Severity.INFO,
    ),
    _rule(
        "grade_set",
        ("An active customer's grade", "活跃客户有等级"),
        "has(grade)",
        ("Grade the customer.", "请评定客户等级。"),
        applies_to="status == 'active'",
        member="grade",
        weight=5,
        severity=Severity.INFO,
    ),
)
"""Rules that a company can take over, and change."""
