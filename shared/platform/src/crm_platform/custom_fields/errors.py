"""What can go wrong with definitions of custom fields."""

from crm_platform.errors import Conflict


class FieldInUse(Conflict):
    """A formula reads the field."""

    code = "custom_field_in_use"
    title, title_zh = "Field in use", "字段正在使用"
    en = "The formula `{formula}` reads this field: {message}. Change or retire the formula first."
    zh = "公式“{formula}”引用了该字段：{message}。请先修改或停用该公式。"


class TooManyFields(Conflict):
    """A resource has as many fields as there can be."""

    code = "too_many_custom_fields"
    title, title_zh = "Too many fields", "字段过多"
    en = "There can be at most {limit} {kind} fields; retired ones count."
    zh = "最多可有 {limit} 个（{kind}）字段，已停用的也计算在内。"


class FieldNotConvertible(Conflict):
    """The values of the field cannot get another type."""

    code = "custom_field_not_convertible"
    title, title_zh = "Not convertible", "不能转换类型"
    en = "A {kind} field keeps its type; define another field instead."
    zh = "{kind} 字段不能更改类型，请新建字段。"


class FieldNotActive(Conflict):
    """Retired fields are restored before anything else is done with them."""

    code = "custom_field_retired"
    title, title_zh = "Field retired", "字段已停用"
    en = "The field is retired; restore it first."
    zh = "该字段已停用，请先恢复。"


class FieldActive(Conflict):
    """Only retired fields are restored."""

    code = "custom_field_active"
    title, title_zh = "Field in use", "字段未停用"
    en = "The field is not retired."
    zh = "该字段未停用。"
