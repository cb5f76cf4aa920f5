"""Until when a decision has to be there, where silence is acceptance."""

from datetime import date, timedelta

from crm_contracts.delivery.v1 import DeemedAcceptance
from project_svc.acceptance.errors import UnknownCountry
from project_svc.scheduling.calendars.public import Region, UnknownRegionError
from project_svc.scheduling.calendars.rules import Rules


def check_country(rule: DeemedAcceptance | None) -> None:
    """Refuse a rule whose working days nobody knows.

    Raises:
        UnknownCountry: The public holidays of its country are not known.
    """
    if rule is not None:
        _calendar(rule.country)


def last_day_to_decide(rule: DeemedAcceptance, submitted_on: date) -> date:
    """The working day by whose end a decision has to be there; the day of the submission does not count.

    Raises:
        UnknownCountry: The public holidays of its country are not known.
    """
    calendar, day, left = _calendar(rule.country), submitted_on, rule.working_days
    while left:
        day += timedelta(days=1)
        left -= bool(calendar.spans(day))
    return day


def _calendar(country: str) -> Rules:
    try:
        return Rules(region=Region(country))
    except UnknownRegionError:
        raise UnknownCountry(country=country) from None
