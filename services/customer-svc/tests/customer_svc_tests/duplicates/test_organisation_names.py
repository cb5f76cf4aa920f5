"""Names of companies, taken apart."""

import pytest

from customer_svc.duplicates.matching.organisation import OrganisationName, parse_organisation


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "上海市关系信息技术有限公司",
            {"core": ("关系",), "generic": ("信息技术",), "form": "有限公司", "region": "上海"},
        ),
        ("關係資訊科技有限公司", {"core": ("关系资讯",), "generic": ("科技",), "form": "有限公司"}),
        ("腾讯科技（深圳）有限公司", {"core": ("腾讯",), "generic": ("科技",), "form": "有限公司", "region": "深圳"}),
        (
            "广东省深圳市华为技术有限公司",
            {"core": ("华为",), "generic": ("技术",), "form": "有限公司", "region": "深圳"},
        ),
        ("上海银行", {"core": ("上海银行",)}),
        ("华为", {"core": ("华为",)}),
        ("Sony 索尼（中国）有限公司", {"core": ("sony", "索尼"), "form": "有限公司"}),
        ("ＡＢＣ　Ｃｏｎｓｕｌｔｉｎｇ　Ｌｔｄ．", {"core": ("abc",), "generic": ("consulting",), "form": "ltd"}),  # noqa: RUF001 - full-width on purpose
        ("Müller & Söhne GmbH & Co. KG", {"core": ("muller", "sohne"), "form": "gmbh co kg"}),
        ("Acme Trading Pty Ltd", {"core": ("acme",), "generic": ("trading",), "form": "pty ltd"}),
        ("Alstom S.A.", {"core": ("alstom",), "form": "sa"}),
        ("S.A. Alstom", {"core": ("alstom",), "form": "sa"}),
        ("The Coca-Cola Company", {"core": ("coca", "cola"), "form": "company"}),
        ("Group Holding", {"core": ("group", "holding")}),
        ("Kingsway Fund II LP", {"core": ("kingsway", "ii"), "generic": ("fund",), "form": "lp", "numerals": {"ii"}}),
        ("Ltd", {"core": ("ltd",)}),
    ],
)
def test_takes_names_apart(name: str, parts: dict[str, object]) -> None:
    if "numerals" in parts:
        parts = parts | {"numerals": frozenset(parts["numerals"])}  # type: ignore[call-overload]

    assert parse_organisation(name) == OrganisationName(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "branch"),
    [
        ("华为技术有限公司上海分公司", "上海分公司"),
        ("招商银行股份有限公司深圳南山支行", "深圳南山支行"),
        ("某某贸易有限公司第三分公司", "第三分公司"),
        ("Deutsche Bank AG Branch", "branch"),
        ("华为技术有限公司", ""),
    ],
)
def test_knows_branches(name: str, branch: str) -> None:
    assert parse_organisation(name).branch == branch


@pytest.mark.parametrize("name", ["", "...", "，。"])
def test_a_name_without_letters_has_no_core(name: str) -> None:
    assert parse_organisation(name).core == ()
