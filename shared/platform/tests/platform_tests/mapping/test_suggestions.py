"""Columns find their fields by their names and by their values."""

# ruff: noqa: RUF001 - other widths are a part of this

from crm_platform.mapping.evidence import is_phone, share
from crm_platform.mapping.suggest import Reason, Source, suggestions
from crm_platform.mapping.targets import Target, TargetKind
from crm_platform.words import Words

NAME = Target(name="name", labels=Words("Name", "名称"), synonyms=("company", "account", "公司名称", "姓名"))
PHONE = Target(
    name="phones",
    labels=Words("Phone", "电话"),
    synonyms=("mobile", "tel", "手机", "联系电话"),
    kind=TargetKind.PHONE,
    many=True,
)
EMAIL = Target(name="email", labels=Words("E-mail", "电子邮箱"), synonyms=("邮箱",), kind=TargetKind.EMAIL)
EMPLOYEES = Target(name="employees", labels=Words("Employees", "员工人数"), kind=TargetKind.INTEGER)
REVENUE = Target(name="revenue", labels=Words("Annual revenue", "年营业额"), kind=TargetKind.MONEY)
FOUNDED = Target(name="founded_on", labels=Words("Founded on", "成立日期"), kind=TargetKind.DATE)
GRADE = Target(
    name="grade",
    labels=Words("Grade", "等级"),
    kind=TargetKind.CHOICE,
    choices={one: Words(one, one) for one in "ABCD"},
)
CODE = Target(
    name="custom.code",
    labels=Words("Member code", "会员编码"),
    matches=lambda text: text.startswith("MC-") and len(text) == 8,
)
TARGETS = (NAME, PHONE, EMAIL, EMPLOYEES, REVENUE, FOUNDED, GRADE, CODE)


def found(*sources: Source) -> list[tuple[str | None, float, Reason]]:
    return [(one.target, one.confidence, one.reason) for one in suggestions(sources, TARGETS)]


def test_names_in_both_languages_whatever_is_written_beside_them() -> None:
    names = ("公司名称", "ＴＥＬ", "*E-Mail：", "employees (people)", "成立日期【必填】", "Founded_On")
    assert found(*map(Source, names)) == [
        ("name", 1.0, Reason.SAME_NAME),
        ("phones", 1.0, Reason.SAME_NAME),
        ("email", 1.0, Reason.SAME_NAME),
        ("employees", 1.0, Reason.SAME_NAME),
        ("founded_on", 1.0, Reason.SAME_NAME),
        (None, 0.0, Reason.NONE),
    ]


def test_longer_and_misspelt_names() -> None:
    assert found(
        Source("客户等级", ["A", "b"]), Source("Employes"), Source("E-Mail Address", ["a@b.cn"]), Source("名称来源")
    ) == [
        ("grade", 0.72, Reason.PART_OF_NAME),
        ("employees", 0.85, Reason.SIMILAR_NAME),
        ("email", 0.7, Reason.PART_OF_NAME),
        (None, 0.0, Reason.NONE),
    ]


def test_values_speak_where_names_do_not() -> None:
    assert found(
        Source("C", ["a@b.cn", "c@d.com", None]), Source("D", ["MC-12345"]), Source("E", ["+86 21 6666 8888"])
    ) == [
        ("email", 0.6, Reason.VALUES),
        ("custom.code", 0.6, Reason.VALUES),
        ("phones", 0.6, Reason.VALUES),
    ]


def test_values_speak_against_a_name() -> None:
    (one, two) = suggestions([Source("电话", ["a@b.cn", "c@d.cn"]), Source("备注", ["x"])], TARGETS)
    assert (one.target, one.confidence) == ("email", 0.6)
    assert one.because == Words("the values look like it; 100 % of the values fit", "数据与该字段相符；100% 的数据相符")
    assert (two.target, two.because) == (None, Words("no field fits", "没有合适的字段"))


def test_a_field_is_given_once_unless_it_takes_many() -> None:
    assert [target for target, *_ in found(Source("公司名称"), Source("姓名"), Source("手机"), Source("联系电话"))] == [
        *("name", None, "phones", "phones")
    ]


def test_shares_of_values_that_fit() -> None:
    assert share(["5", "1,000", "x", None, " - "], EMPLOYEES) == 2 / 3
    assert share(["1.2万元", "$5", "x", "y"], REVENUE) == 0.5
    assert share([], EMPLOYEES) is None
    assert share(["x"], NAME) is None


def test_what_looks_like_a_telephone_number() -> None:
    numbers = [
        "13800138000",
        "+86 138 0013 8000",
        "021-6666 8888",
        "(0)30 1234567",
        "021-66668888转801",
        "４００-８２０-８８２０",
    ]
    others = [
        "2024-03-05",
        "20240305",
        "12345678",
        "5",
        "1,234",
        "a@b.cn",
        "上海",
        "110101199003070015",
        "3.14159265",
        "0.2604309",
    ]
    assert [is_phone(one) for one in numbers + others] == [True] * len(numbers) + [False] * len(others)
