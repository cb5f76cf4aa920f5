"""What holds of any content, any key and any place."""

import os
from typing import Any
from uuid import UUID

import orjson
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.sealing import BrokenSeal, from_text, place, seal, to_text, unseal
from crm_platform.ids import new_id
from crm_platform.sealing import Sealed
from crm_platform.sealing.index import BlindIndex
from crm_platform.sealing.keyring import KeyRing
from crm_platform.sealing.members import SealedPart, splice
from crm_platform.sealing.vault import Vault
from platform_tests.sealing.people import Person, people

KEY = AESGCM(bytes(range(32)))
PARTS = st.lists(st.one_of(st.text(), st.uuids(), st.integers(), st.binary()), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def spelled(part: Any) -> bytes:
    if isinstance(part, UUID):
        return part.bytes
    return part if isinstance(part, bytes) else str(part).encode()


@given(st.binary(), PARTS)
def test_what_is_sealed_opens_in_its_place(content: bytes, parts: list[Any]) -> None:
    where = place(*parts)

    assert unseal(KEY, from_text(to_text(seal(KEY, content, where))), where) == content


@given(st.binary(max_size=64), st.data())
def test_and_not_once_a_bit_is_turned_or_a_byte_is_gone(content: bytes, data: st.DataObject) -> None:
    sealed = seal(KEY, content, b"here")
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    turned = bytearray(sealed)
    turned[bit // 8] ^= 1 << bit % 8

    for changed in (bytes(turned), sealed[: bit // 8], sealed + b"\0"):
        with pytest.raises(BrokenSeal):
            unseal(KEY, changed, b"here")
    with pytest.raises(BrokenSeal):
        unseal(KEY, sealed, b"there")
    with pytest.raises(BrokenSeal):
        unseal(AESGCM(bytes(32)), sealed, b"here")


@given(PARTS, PARTS)
def test_two_places_are_spelled_alike_only_where_all_their_parts_are(one: list[Any], two: list[Any]) -> None:
    assert (place(*one) == place(*two)) == (list(map(spelled, one)) == list(map(spelled, two)))


@given(st.dictionaries(st.text(), JSON, max_size=4), st.dictionaries(st.text(), JSON, max_size=4))
def test_two_objects_are_spliced_into_one(shown: dict[str, Any], sealed: dict[str, Any]) -> None:
    disjoint = {name: value for name, value in sealed.items() if name not in shown}

    assert orjson.loads(splice(orjson.dumps(shown), orjson.dumps(disjoint))) == shown | disjoint


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_comes_back_from_the_members_of_a_state(phone: str, emails: list[str]) -> None:
    part = SealedPart(Sealed(members=("phone", "emails", "address")), table=people, state=Person)
    person = Person(id=new_id(), name="n", phone=phone, emails=tuple(emails))

    assert orjson.loads(part.content(person)) == {"phone": phone, "emails": emails, "address": None}
    assert orjson.loads(part.content(person, ["emails"])) == {"emails": emails}
    assert orjson.loads(part.empty) == {"phone": None, "emails": [], "address": None}


def test_keys_of_subjects_are_bound_to_them() -> None:
    ring, tenant, subject = KeyRing([bytes(32)]), new_id(), new_id()
    secret, wrapped = ring.new_key(tenant, subject)

    assert ring.unwrap(tenant, subject, ring.active, wrapped) == secret
    for other in ((new_id(), subject), (tenant, new_id())):
        with pytest.raises(BrokenSeal):
            ring.unwrap(*other, ring.active, wrapped)


def test_a_key_at_hand_is_not_given_to_another_subject_and_leaves_in_its_turn() -> None:
    vault = Vault(KeyRing([bytes(32)]), BlindIndex(bytes(32)), size=2)
    tenant = new_id()
    first = vault.new_key(tenant, new_id())
    active = vault.keys.active
    assert vault.cipher(tenant, first.subject_id, active, first.wrapped) is first.cipher
    with pytest.raises(BrokenSeal):
        vault.cipher(tenant, new_id(), active, first.wrapped)

    for _ in range(2):
        vault.new_key(tenant, new_id())

    again = vault.cipher(tenant, first.subject_id, active, first.wrapped)
    assert again is not first.cipher
    assert unseal(again, seal(first.cipher, b"x", b""), b"") == b"x"


@given(st.text(), st.text())
def test_the_blind_index_tells_values_tenants_and_kinds_apart(one: str, two: str) -> None:
    index, tenant = BlindIndex(bytes(range(32))), UUID(int=7)

    assert (index.key(tenant, "phone", one) == index.key(tenant, "phone", two)) == (one == two)
    assert index.key(tenant, "phone", one) == BlindIndex(bytes(range(32))).key(tenant, "phone", one)
    others = {index.key(UUID(int=8), "phone", one), index.key(tenant, "email", one)}
    others.add(BlindIndex(os.urandom(32)).key(tenant, "phone", one))
    assert index.key(tenant, "phone", one) not in others


@pytest.mark.parametrize(
    ("sealed", "problem"),
    [
        (Sealed(members=("nothing",)), "no member nothing"),
        (Sealed(members=("name",)), "name needs a default; name has a column in the clear"),
        (Sealed(members=("city_code",)), "city_code has a column in the clear"),
        (Sealed(members=("phone",), subject="other"), "no column other"),
        (Sealed(members=("phone",), when="closed"), "no column phone; no column closed; no member closed"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(sealed: Sealed, problem: str) -> None:
    with pytest.raises(TypeError, match=f"people: cannot seal: .*{problem}"):
        SealedPart(sealed, table=people, state=Person)
