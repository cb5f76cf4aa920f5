from datetime import date, timedelta
from uuid import UUID

import pytest

from project_svc.known_contacts.domain import KnownContact

US, THEM = UUID(int=1), UUID(int=2)
TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("status", "last_day", "speaks"),
    [
        ("active", None, True),
        ("active", TODAY, True),
        ("active", TODAY - timedelta(days=1), False),
        ("left", None, False),
        ("deceased", None, False),
    ],
)
def test_whoever_is_there_today_speaks_for_the_customer(status: str, last_day: date | None, *, speaks: bool) -> None:
    known = KnownContact(UUID(int=9), "王芳", status, {US: last_day})

    assert known.speaks_for(US, TODAY) is speaks
    assert not known.speaks_for(THEM, TODAY)
