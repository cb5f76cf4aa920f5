"""Judging pairs: hard cases in Chinese and English, and the laws that every score keeps."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_svc.duplicates.matching.profile import Entry, profile
from customer_svc.duplicates.matching.scoring import Match, Verdict, compare, match_of
from customer_svc.duplicates.matching.weights import Frequencies, Level, Model

LIKELY, POSSIBLE, UNLIKELY = Verdict.LIKELY, Verdict.POSSIBLE, Verdict.UNLIKELY

HUAWEI = Entry(name="华为技术有限公司")
CODE, OTHER_CODE = "91350100M000100Y43", "91110000600037341L"


def judged(left: Entry, right: Entry, model: Model | None = None) -> Match:
    return compare(profile(left), profile(right), model or Model())


def person(name: str, **fields: object) -> Entry:
    return Entry(name=name, is_person=True, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("上海关系信息技术有限公司", "关系信息技术（上海）有限责任公司", LIKELY),
        ("上海關係信息技術有限公司", "上海市关系信息技术有限公司", LIKELY),
        ("深圳市腾讯计算机系统有限公司", "腾讯计算机系统", LIKELY),
        ("华为技术有限公司", "华为技术有限公司上海分公司", UNLIKELY),
        ("华为技术有限公司北京分公司", "华为技术有限公司上海分公司", UNLIKELY),
        ("上海宏达贸易有限公司", "北京鼎盛贸易有限公司", UNLIKELY),
        ("上海宏达国际贸易有限公司", "上海安达国际贸易有限公司", UNLIKELY),
        ("上海银行", "北京银行", UNLIKELY),
        ("阿里巴巴（中国）有限公司", "阿里巴巴", POSSIBLE),
        ("Siemens AG", "SIEMENS Aktiengesellschaft", POSSIBLE),
        ("Siemens Energy AG", "SIEMENS Energy Aktiengesellschaft", LIKELY),
        ("Guan Xi Software Ltd", "Guanxi Software Limited", POSSIBLE),
        ("Huawei Technologies Co., Ltd.", "华为技术有限公司", UNLIKELY),
        ("Matanga Logistics BV", "Matangra Logistics B.V.", POSSIBLE),
        ("Kingsway Property Fund II LP", "Kingsway Property Fund III LP", UNLIKELY),
        ("H. Roosendaal Beheer B.V.", "S. Roosendaal Beheer B.V.", POSSIBLE),
        ("Agilent Technologies Inc", "AGILENT TECH INC", LIKELY),
        ("Hewlett-Packard Company", "HEWLETT PACKARD CORP", LIKELY),
        ("阿里巴巴网络技术有限公司", "阿里巴巴网路技术有限公司", POSSIBLE),
        ("阿里巴巴网络技术有限公司", "阿里巴巴影业有限公司", UNLIKELY),
        ("华东师范大学", "华南师范大学", UNLIKELY),
        ("上海第一百货商店", "上海第二百货商店", UNLIKELY),
        ("Asto Advies B.V.", "Matanga Advies B.V.", UNLIKELY),
        ("Dutch Investments B.V.", "Dutch Holdings B.V.", UNLIKELY),
    ],
)
def test_names_of_companies(left: str, right: str, verdict: Verdict) -> None:
    found = judged(Entry(name=left), Entry(name=right))

    assert found.verdict is verdict, found


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        (person("张伟", phones=("13800138000",)), person("張偉", phones=("+86 138 0013 8000",)), LIKELY),
        (person("张伟", phones=("13800138000",)), person("张炜", phones=("13800138000",)), LIKELY),
        (person("张伟"), person("张伟"), UNLIKELY),
        (person("张伟", birth_date=date(1980, 5, 1)), person("张伟", birth_date=date(1980, 5, 1)), LIKELY),
        (
            Entry(is_person=True, family_name="王", given_name="小明", phones=("13800138000",)),
            Entry(is_person=True, family_name="小明", given_name="王", phones=("13800138000",)),
            LIKELY,
        ),
        (person("Zhang Wei", emails=("z@x.org",)), person("张伟", emails=("z@x.org",)), LIKELY),
        (person("王芳", phones=("13800138000",)), person("张伟", phones=("13800138000",)), UNLIKELY),
        (person("Bill Gates", emails=("b@x.org",)), person("William Gates", emails=("b@x.org",)), LIKELY),
        (
            person("Jane Smith", street="1 High St", postcode="2065", locality="Sydney", country="AU"),
            person("John Smith", street="1 High Street", postcode="2065", locality="Sydney", country="AU"),
            UNLIKELY,
        ),
        (
            person("Smith Jane", birth_date=date(1980, 5, 1)),
            person("Jane Smith", birth_date=date(1980, 1, 5)),
            POSSIBLE,
        ),
        (
            person("Jane Smith", identifiers={"id": "11010519491231002X"}),
            person("Jane Smith", identifiers={"id": "110105194912310038"}),
            UNLIKELY,
        ),
    ],
)
def test_people(left: Entry, right: Entry, verdict: Verdict) -> None:
    found = judged(left, right)

    assert found.verdict is verdict, found


def test_the_same_code_outweighs_another_name() -> None:
    left = replace(HUAWEI, identifiers={"uscc": CODE})

    assert judged(left, replace(left, name="Huawei Technologies Co., Ltd.")).verdict is LIKELY


def test_sites_of_one_company_are_worth_a_look_and_no_more_however_long_its_name_is() -> None:
    name = "Kingsway Meridian Property Maintenance Association of Lower Canterbury"
    one = Entry(name=name, phones=("021-68881234",), street="12 High St", locality="London", postcode="N1 1AA")
    other = Entry(name=name, phones=("010-88881234",), street="7 Station Rd", locality="Leeds", postcode="LS1 4DY")

    assert judged(one, other).verdict is POSSIBLE
    assert judged(one, replace(other, phones=one.phones)).verdict is LIKELY


def test_a_company_is_known_by_each_of_its_names() -> None:
    both = replace(HUAWEI, other_names=("Huawei Technologies Co., Ltd.", "华为"))

    assert judged(both, Entry(name="Huawei Technologies Limited")).verdict is LIKELY
    assert judged(both, HUAWEI).verdict is judged(HUAWEI, HUAWEI).verdict
    assert judged(both, Entry(name="Hisense Technologies Limited")).verdict is UNLIKELY


def test_two_valid_codes_are_two_companies_whatever_else_agrees() -> None:
    left = replace(HUAWEI, identifiers={"uscc": CODE}, phones=("021-68881234",), website="huawei.com")

    found = judged(left, replace(left, identifiers={"uscc": OTHER_CODE}))

    assert found.verdict is UNLIKELY
    assert found.reasons[0].field == "identifier.uscc"
    assert found.reasons[0].level is Level.CONTRARY
    assert found.reasons[0].text.en == "Two different holders by their registration number"
    assert found.reasons[0].text.zh == "登记证号表明属于不同主体"


def test_reasons_name_each_field_that_both_have_and_add_up_to_the_score() -> None:
    left = replace(HUAWEI, phones=("021-68881234",), emails=("info@huawei.com",))
    right = Entry(name="华为技术有限公司", phones=("021-68881234",), website="www.huawei.com")

    found = judged(left, right)

    assert {(one.field, one.level) for one in found.reasons} == {
        ("name", Level.SAME),
        ("business", Level.SAME),
        ("legal_form", Level.SAME),
        ("phone", Level.SAME),
        ("domain", Level.SAME),
    }
    odds = 1e-5 / (1 - 1e-5) * 2 ** sum(one.bits for one in found.reasons)
    assert found.score == pytest.approx(odds / (1 + odds))


def test_colleagues_addresses_are_said_to_be_of_one_domain() -> None:
    left, right = (replace(HUAWEI, emails=(address,)) for address in ("info@huawei.com", "sales.emea@huawei.com"))

    (found,) = [one for one in judged(left, right).reasons if one.field == "email"]

    assert found.level is Level.FORM
    assert found.text.en == "E-mail addresses of the same domain"
    assert found.text.zh == "电子邮箱域名相同"


def test_thresholds_are_the_callers() -> None:
    pair = Entry(name="Matanga Logistics BV"), Entry(name="Matangra Logistics B.V.")

    assert judged(*pair, Model(possible=0.999, likely=0.9999)).verdict is UNLIKELY
    assert judged(*pair, Model(possible=0.1, likely=0.2)).verdict is LIKELY


def test_the_same_words_say_less_in_a_larger_base_and_where_they_are_frequent() -> None:
    pair = Entry(name="Matanga"), Entry(name="Matanga")
    small, large = (judged(*pair, Model().sized(records)) for records in (1_000, 1_000_000))
    frequent = judged(*pair, replace(Model(), frequencies=Frequencies(words={"matanga": 0.01})))

    assert large.score < small.score
    assert frequent.score < judged(*pair).score


_TEXT = st.text("ab张伟王 技术", max_size=8)
_ENTRIES = st.builds(
    Entry,
    name=_TEXT.map(lambda text: text + "x"),
    is_person=st.booleans(),
    phones=st.lists(st.sampled_from(["13800138000", "13800138001", "021-68881234"]), max_size=2).map(tuple),
    emails=st.lists(st.sampled_from(["a@guanxi.cn", "b@guanxi.cn", "a@qq.com"]), max_size=2).map(tuple),
    street=_TEXT,
    postcode=st.sampled_from(["", "200000", "200001"]),
    birth_date=st.none() | st.dates(date(1980, 1, 1), date(1980, 3, 1)),
    identifiers=st.sampled_from([{}, {"uscc": CODE}, {"uscc": OTHER_CODE}]),
)


@settings(max_examples=150, deadline=None)
@given(_ENTRIES, _ENTRIES)
def test_the_order_of_a_pair_does_not_matter(left: Entry, right: Entry) -> None:
    one, other = judged(left, right), judged(right, left)

    assert one.score == pytest.approx(other.score)
    assert {(reason.field, reason.level) for reason in one.reasons} == {
        (reason.field, reason.level) for reason in other.reasons
    }


@settings(max_examples=150, deadline=None)
@given(_ENTRIES, _ENTRIES)
def test_only_pairs_that_are_unlikely_have_no_match(left: Entry, right: Entry) -> None:
    judged_alike = judged(left, right)

    assert match_of(profile(left), profile(right)) == (None if judged_alike.verdict is UNLIKELY else judged_alike)


@settings(max_examples=150, deadline=None)
@given(_ENTRIES)
def test_no_field_speaks_against_the_record_itself(entry: Entry) -> None:
    assert all(reason.bits >= 0 and reason.level is Level.SAME for reason in judged(entry, entry).reasons)


@settings(max_examples=150, deadline=None)
@given(_ENTRIES, _ENTRIES)
def test_what_only_one_side_has_is_neutral(left: Entry, right: Entry) -> None:
    left = replace(left, phones=())

    assert judged(left, replace(right, phones=())).score == judged(left, replace(right, phones=("13900139000",))).score


@settings(max_examples=150, deadline=None)
@given(_ENTRIES, _ENTRIES)
def test_a_field_that_agrees_never_lowers_the_score(left: Entry, right: Entry) -> None:
    bare = judged(replace(left, phones=()), replace(right, phones=()))
    agreed = judged(replace(left, phones=("13900139000",)), replace(right, phones=("13900139000",)))
    differing = judged(replace(left, phones=("13900139000",)), replace(right, phones=("021-68881234",)))

    rounding = 1e-9
    assert differing.score <= agreed.score + rounding
    # People who share a phone share the family name anyway: it says less from then on.
    assert agreed.score >= bare.score - rounding or left.is_person
