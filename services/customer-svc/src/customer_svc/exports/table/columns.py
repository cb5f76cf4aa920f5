"""The columns of an export, and what stands in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from crm_contracts.custom_field.v1 import FieldType
from crm_platform.custom_fields.domain import CustomField
from crm_platform.files.rows import Value
from crm_platform.files.writing import Column, Kind
from crm_platform.words import Words

SEPARATOR: Final = " | "
"""Between several values of one cell; no phone, e-mail address or tag is likely to hold it."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A column that can be chosen.

    Attributes:
        name: Its key; for fields that an import can set, that of the import.
        labels: Its header.
        needs: The member of a customer that it is made of.
        value: Makes a cell of that member, which is as the API shows it.
        kind: What it holds, for formats with types.
        named: Whether the member is the id of a person or team, in whose place stands by what imports know them.
    """

    name: str
    labels: Words
    needs: str
    value: Callable[[Any], Value] = lambda member: member
    kind: Kind = Kind.TEXT
    named: bool = False

    def column(self, language: str) -> Column:
        """The column, with its header in ``language``."""
        return Column(self.name, self.labels.into(language), self.kind)


def _listed(part: Callable[[Any], str]) -> Callable[[Any], Value]:
    return lambda members: SEPARATOR.join(map(part, members)) or None


def _money(member: Mapping[str, str] | None) -> Value:
    return None if member is None else f"{member['currency']} {member['amount']}"


def _phone(phone: Mapping[str, Any]) -> str:
    number = phone["number"] or phone["entered"]
    return f"{number};ext={phone['extension']}" if phone["number"] and phone["extension"] else str(number)


def _part(name: str) -> Callable[[Any], Value]:
    return lambda address: None if address is None else address[name]


def _moment(text: str | None) -> Value:
    return None if text is None else datetime.fromisoformat(text)


COLUMNS: Final[tuple[Exported, ...]] = (
    Exported("id", Words("Id", "系统编号"), "id"),
    Exported("name", Words("Name", "客户名称"), "name"),
    Exported("kind", Words("Kind", "客户类型"), "kind"),
    Exported("status", Words("Status", "客户状态"), "status"),
    Exported("name_latin", Words("Name in Latin letters", "英文名称"), "name_latin"),
    Exported("short_name", Words("Short name", "简称"), "short_name"),
    Exported("registration_id", Words("Registration number", "统一社会信用代码"), "registration_id"),
    Exported("phone", Words("Phone", "电话"), "phones", _listed(_phone)),
    Exported("email", Words("E-mail", "电子邮箱"), "emails", _listed(lambda email: str(email["address"]))),
    Exported("website", Words("Website", "网址"), "website"),
    Exported("country", Words("Country (ISO 3166-1)", "国家代码"), "address", _part("country")),
    Exported("province", Words("Province", "省份"), "address", _part("province")),
    Exported("city", Words("City", "城市"), "address", _part("city")),
    Exported("district", Words("District", "区县"), "address", _part("district")),
    Exported("street", Words("Street", "街道地址"), "address", _part("street")),
    Exported("postal_code", Words("Postal code", "邮政编码"), "address", _part("postal_code")),
    Exported("industry", Words("Industry", "行业"), "industry"),
    Exported("employees", Words("Employees", "员工人数"), "employees", kind=Kind.INTEGER),
    Exported("founded_year", Words("Year of foundation", "成立年份"), "founded_year", kind=Kind.INTEGER),
    Exported("annual_revenue", Words("Annual revenue", "年营业额"), "annual_revenue", _money),
    Exported("credit_limit", Words("Credit limit", "信用额度"), "credit_limit", _money),
    Exported(
        "payment_terms_days", Words("Payment terms (days)", "账期（天）"), "payment_terms_days", kind=Kind.INTEGER
    ),
    Exported("grade", Words("Grade", "客户等级"), "grade"),
    Exported("size", Words("Size", "企业规模"), "size"),
    Exported("source", Words("Source", "客户来源"), "source"),
    Exported("tags", Words("Tags", "标签"), "tags", _listed(str)),
    Exported(
        "external_refs",
        Words("Ids in other systems", "外部编号"),
        "external_refs",
        _listed(lambda ref: f"{ref['system']}:{ref['external_id']}"),
    ),
    Exported("owner", Words("Owner", "负责人"), "owner_id", named=True),
    Exported("team", Words("Team", "团队"), "team_id", named=True),
    Exported("owner_id", Words("Owner's id", "负责人ID"), "owner_id"),
    Exported("team_id", Words("Team's id", "团队ID"), "team_id"),
    Exported("created_at", Words("Created at", "创建时间"), "created_at", _moment, Kind.DATETIME),
    Exported("updated_at", Words("Changed at", "修改时间"), "updated_at", _moment, Kind.DATETIME),
)

BY_NAME: Final[Mapping[str, Exported]] = {one.name: one for one in COLUMNS}


def custom_column(field: CustomField) -> Exported:
    """The column of a custom field, by the name that it has in filters."""
    cell, kind = _CUSTOM.get(field.holds, (_custom_text, Kind.TEXT))
    words = Words(field.label.en, field.label.zh)
    return Exported(f"custom.{field.key}", words, "custom", lambda custom: _given(cell, custom.get(field.key)), kind)


def _given(cell: Callable[[Any], Value], value: Any) -> Value:
    return None if value is None else cell(value)


def _custom_text(value: Any) -> Value:
    return str(value)


_CUSTOM: Final[Mapping[FieldType, tuple[Callable[[Any], Value], Kind]]] = {
    FieldType.NUMBER: (lambda value: Decimal(repr(value)), Kind.DECIMAL),
    FieldType.MONEY: (_money, Kind.TEXT),
    FieldType.DATE: (date.fromisoformat, Kind.DATE),
    FieldType.BOOLEAN: (bool, Kind.BOOLEAN),
    FieldType.MULTI_CHOICE: (_listed(str), Kind.TEXT),
}


def record_of(shown: Mapping[str, Any], columns: Sequence[Exported], names: Mapping[str, str]) -> dict[str, Value]:
    """A row of the file; a member that is hidden from the caller, or is empty, gives an empty cell.

    Args:
        shown: The customer, as the API shows it.
        columns: What stands in the row.
        names: By what imports know people and teams; those without are written by their ids, which these know, too.
    """
    return {one.name: _cell(shown.get(one.needs), one, names) for one in columns}


def _cell(member: Any, column: Exported, names: Mapping[str, str]) -> Value:
    if member is None:
        return None
    return names.get(member, member) if column.named else column.value(member)
