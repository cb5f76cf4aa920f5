"""Rules of consent, without anything around them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_contracts.privacy.v1 import ConsentSource, ConsentStatus, ContactMeans, LawfulBasis, SubjectKind
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from customer_svc.consents.domain import ALLOWED, LIFE_CYCLE, REASONS, Consent, Standing, Statement, Verdict

NOW = datetime(2026, 5, 1, tzinfo=UTC)
P, G, W, X = ConsentStatus.PENDING, ConsentStatus.GIVEN, ConsentStatus.WITHDRAWN, ConsentStatus.EXPIRED


@pytest.mark.parametrize(
    ("action", "following"),
    [
        ("request", {P: P, G: G, W: P, X: P}),
        ("give", {P: G, G: G, W: G, X: G}),
        ("confirm", {P: G}),
        ("withdraw", {P: W, G: W, W: W, X: W}),
        ("expire", {P: X, G: X}),
    ],
)
def test_every_step_from_every_state(action: str, following: dict[ConsentStatus, ConsentStatus]) -> None:
    for status in ConsentStatus:
        if status in following:
            assert LIFE_CYCLE.after(status, action) is following[status]
        else:
            with pytest.raises(InvalidTransition):
                LIFE_CYCLE.after(status, action)


def test_the_last_word_of_a_person_counts() -> None:
    given = Statement(source=ConsentSource.PAPER, at=NOW, text_version=2, expires_at=NOW + timedelta(days=1))
    consent = Consent(
        id=new_id(),
        subject_kind=SubjectKind.CONTACT,
        subject_id=new_id(),
        purpose="news",
        channel=ContactMeans.SMS,
        source=ConsentSource.FORM,
        said_at=NOW,
    )

    first = consent.after("give", given)
    last = first.after("withdraw", Statement(source=ConsentSource.PHONE, at=NOW + timedelta(hours=1)))

    assert (first.status, first.text_version, first.expires_at) == (G, 2, NOW + timedelta(days=1))
    assert (last.status, last.source, last.text_version, last.expires_at) == (W, ConsentSource.PHONE, 2, None)


def standing(**values: Any) -> Standing:
    usual = {"known": True, "erased": False, "active": True, "covers_channel": True, "expires_at": None}
    return Standing(**(usual | {"basis": LawfulBasis.CONSENT, "status": G} | values))


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({}, Verdict.CONSENT),
        ({"expires_at": NOW + timedelta(seconds=1)}, Verdict.CONSENT),
        ({"expires_at": NOW}, Verdict.EXPIRED),
        ({"status": None}, Verdict.NO_CONSENT),
        ({"status": P}, Verdict.NOT_CONFIRMED),
        ({"status": W}, Verdict.WITHDRAWN),
        ({"status": X}, Verdict.EXPIRED),
        ({"basis": None, "known": False}, Verdict.UNKNOWN_PURPOSE),
        ({"erased": True, "known": False}, Verdict.ERASED),
        ({"known": False}, Verdict.UNKNOWN_SUBJECT),
        ({"active": False}, Verdict.PURPOSE_RETIRED),
        ({"covers_channel": False}, Verdict.OTHER_CHANNEL),
        ({"basis": LawfulBasis.LEGITIMATE_INTERESTS, "status": None}, Verdict.LAWFUL_BASIS),
        ({"basis": LawfulBasis.LEGITIMATE_INTERESTS, "status": W}, Verdict.WITHDRAWN),
        ({"basis": LawfulBasis.PUBLIC_INTEREST, "status": W}, Verdict.WITHDRAWN),
        ({"basis": LawfulBasis.CONTRACT, "status": W}, Verdict.LAWFUL_BASIS),
        ({"basis": LawfulBasis.LEGAL_OBLIGATION, "status": X}, Verdict.LAWFUL_BASIS),
        ({"basis": LawfulBasis.VITAL_INTERESTS, "status": W}, Verdict.LAWFUL_BASIS),
    ],
)
def test_whether_a_person_may_be_turned_to(values: dict[str, Any], verdict: Verdict) -> None:
    assert standing(**values).verdict(NOW) is verdict


def test_every_verdict_has_words_and_two_allow() -> None:
    assert REASONS.keys() == set(Verdict)
    assert {Verdict.CONSENT, Verdict.LAWFUL_BASIS} == ALLOWED
