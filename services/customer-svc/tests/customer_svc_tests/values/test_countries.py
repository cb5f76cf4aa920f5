import pytest

from customer_svc.values.countries import country_of


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(("DE", "DE"), ("de", "DE"), ("Germany", "DE"), ("GERMANY", "DE"), ("Deutschland", "DE"), ("德国", "DE")),
        *(("USA", "US"), ("U.S.A.", "US"), ("United States", "US"), ("美国", "US"), ("UK", "GB"), ("Ireland", "IE")),
        *(
            ("中国", "CN"),
            ("中华人民共和国", "CN"),
            ("香港", "HK"),
            ("臺灣", "TW"),
            (" 新加坡　", "SG"),
            ("Czech Republic", "CZ"),
        ),
    ],
)
def test_countries_are_known_by_their_names(written: str, code: str) -> None:
    assert country_of(written) == code


@pytest.mark.parametrize("written", ["", "XX", "Narnia", "上海", "Berlin", "12"])
def test_what_is_no_country(written: str) -> None:
    assert country_of(written) is None
