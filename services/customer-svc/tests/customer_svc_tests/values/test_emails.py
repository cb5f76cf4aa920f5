import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_svc.values.emails import email_key, parse_address
from customer_svc.values.refused import Refused
from customer_svc_tests.width import wide


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Li.Lei@Example.COM ", "Li.Lei@example.com"),
        (wide("li@example.com"), "li@example.com"),
        ("李雷@例子.中国", "李雷@例子.中国"),
        ("o'brien+crm@sub.example.co.uk", "o'brien+crm@sub.example.co.uk"),
    ],
)
def test_addresses_are_kept_as_they_are_written_to(text: str, address: str) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "nobody", "a@", "@b.cn", "a@b", "a b@c.cn", "a@b..cn", ".a@b.cn", "a@-b.cn", "a@b.cn,c@d.cn", "a@localhost"],
)
def test_what_is_no_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_address(text)

    assert refused.value.code == "invalid_email"
    assert refused.value.words.zh == "不是有效的电子邮箱地址"


LETTERS = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789", min_size=1, max_size=20)


@given(LETTERS, LETTERS)
def test_case_and_width_do_not_count_when_addresses_are_compared(local: str, domain: str) -> None:
    plain = parse_address(f"{local}@{domain}.example")
    typed = parse_address(wide(f"{local.upper()}@{domain}.example"))

    assert email_key(plain) == email_key(typed) == email_key(plain.upper())
    assert parse_address(plain) == plain
