"""Worked cases that others have published, with their figures; and published formulas on figures of our own."""

from decimal import Decimal

import pytest

from project_svc.earned_value.indicators import Amounts, Forecast
from project_svc.earned_value.package import Report
from project_svc_tests.earned_value.building import PERIOD, by_periods, package, project, rounded, these


def amounts(**fields: int) -> Amounts:
    return Amounts(**{name: Decimal(value) for name, value in fields.items()})


def test_an_exercise_that_is_set_in_many_courses() -> None:
    """A one-year project of $120,000 with PV 23,000, EV 20,000 and AC 25,000.

    As solved in public course work (TIM-500, cost homework): CV -5,000, SV -3,000, CPI 80 %, SPI 86.96 %, EAC 150,000,
    which is 30,000 too much.
    """
    found = amounts(bac=120_000, pv=23_000, ev=20_000, ac=25_000)

    assert these(found.cv, found.sv) == (-5_000, -3_000)
    assert (rounded(found.cpi), rounded(found.spi, 4)) == (0.80, 0.8696)
    assert (rounded(found.eac()), rounded(found.vac())) == (150_000, -30_000)


def test_the_formulas_of_anbari() -> None:
    """F. T. Anbari, *Earned Value Project Management Method and Extensions*, Project Management Journal 34(4), 2003.

    The case is told as his, but no copy was at hand to compare it with; the figures follow from his formulas: of
    $100,000 half was to be done, 40 % are, $60,000 are spent.
    """
    found = amounts(bac=100_000, pv=50_000, ev=40_000, ac=60_000)

    assert these(found.cv, found.sv) == (-20_000, -10_000)
    assert (rounded(found.cpi), rounded(found.spi)) == (0.67, 0.80)
    assert (rounded(found.eac()), rounded(found.etc()), rounded(found.vac())) == (150_000, 90_000, -50_000)
    assert rounded(found.eac(Forecast.ATYPICAL)) == 120_000
    assert (rounded(found.tcpi_bac), rounded(found.tcpi_eac)) == (1.50, 0.67)
    assert (rounded(found.percent_complete), rounded(found.percent_spent)) == (40, 60)


def test_damnjanovic_and_reinschmidt_data_analytics_for_project_risk() -> None:
    """The example of `evm` in the R package PRA, after I. Damnjanovic, K. Reinschmidt, Springer, 2020.

    BAC 100,000, planned 10, 20, 40, 70, 100 %; after the third period 35 % are done for 36,000.
    """
    found = by_periods([10_000, 20_000, 40_000, 70_000, 100_000], [10_000, 20_000, 35_000], [9_000, 18_000, 36_000])
    third = found.amounts(3 * PERIOD)

    assert third == amounts(bac=100_000, pv=40_000, ev=35_000, ac=36_000)
    assert these(third.sv, third.cv) == (-5_000, -1_000)
    assert (rounded(third.spi, 3), rounded(third.cpi, 4)) == (0.875, 0.9722)
    assert rounded(third.eac()) == 102_857.14
    assert rounded(third.eac(Forecast.ATYPICAL)) == 101_000
    assert rounded(third.eac(Forecast.COMBINED)) == 112_408.16


def test_larson_and_gray_status_report_of_period_12() -> None:
    """E. W. Larson, C. F. Gray, *Project Management: The Managerial Process*, an exercise of chapter 13.

    In hundreds of dollars. Tasks 1 to 4 are finished, 5 and 6 half done, 7 and 8 not begun.
    """
    rows = [
        # budget, percent, planned by now, actual
        (8, 100, 8, 10),
        (40, 100, 40, 50),
        (30, 100, 30, 40),
        (20, 100, 20, 40),
        (40, 50, 20, 30),
        (60, 50, 40, 40),
        (20, 0, 0, 0),
        (30, 0, 0, 0),
    ]
    tasks = [amounts(bac=bac, pv=pv, ev=bac * percent // 100, ac=ac) for bac, percent, pv, ac in rows]
    whole = sum(tasks, Amounts())

    assert [these(task.cv, task.sv) for task in tasks[:6]] == [
        (-2, 0),
        (-10, 0),
        (-10, 0),
        (-20, 0),
        (-10, 0),
        (-10, -10),
    ]
    assert whole == amounts(bac=248, pv=158, ev=148, ac=210)
    assert these(whole.cv, whole.sv) == (-62, -10)
    assert (rounded(whole.spi), rounded(whole.cpi), rounded(whole.percent_complete, 0)) == (0.94, 0.70, 60)
    assert (rounded(whole.eac(), 0), rounded(whole.vac(), 0)) == (352, -104)


LATE_PLANNED = [105, 200, 515, 845, 1175, 1475, 1805, 2135, 2435, 2665, 2760, 2823]
LATE_EARNED = [95, 180, 470, 770, 1065, 1315, 1610, 1900, 2150, 2275, 2425, 2555, 2695, 2770, 2823]
LATE = by_periods(LATE_PLANNED, LATE_EARNED)


@pytest.mark.parametrize(
    ("month", "sv", "spi", "sv_t", "spi_t"),
    [
        (1, -10, 0.905, -0.095, 0.905),
        (2, -20, 0.900, -0.211, 0.895),
        (3, -45, 0.913, -0.143, 0.952),
        (4, -75, 0.911, -0.227, 0.943),
        (5, -110, 0.906, -0.333, 0.933),
        (6, -160, 0.892, -0.533, 0.911),
        (7, -195, 0.892, -0.591, 0.916),
        (8, -235, 0.890, -0.712, 0.911),
        (9, -285, 0.883, -0.950, 0.894),
        (10, -390, 0.854, -1.533, 0.847),
        (15, 0, 1.000, -3.000, 0.800),
    ],
)
def test_a_project_that_ends_late_stays_late_by_the_formulas_of_lipke(
    month: int, sv: int, spi: float, sv_t: float, spi_t: float
) -> None:
    """W. Lipke, *Schedule is Different*, The Measurable News, March 2003: SV(t) = ES - AT, SPI(t) = ES / AT.

    The figures of the late project are told as its, but no copy was at hand to compare them with. It is planned for 12
    months and ends in month 15: by then SV is 0 and SPI 1, as if it had been in time; SV(t) and SPI(t) say how late.
    """
    money, time = LATE.amounts(month * PERIOD), LATE.timing(month * PERIOD)
    assert time is not None

    assert these(round(money.sv, 6), rounded(money.spi, 3)) == (sv, spi)
    assert rounded(time.sv, 6) == pytest.approx(sv_t * PERIOD, abs=6)
    assert rounded(time.spi, 6) == pytest.approx(spi_t, abs=0.0006)


def test_lipke_forecast_of_the_duration() -> None:
    """IEAC(t) = PD / SPI(t): after ten of twelve months, at 0.847, it takes 14.17 months."""
    time = LATE.timing(10 * PERIOD)
    assert time is not None

    assert time.pd == 12 * PERIOD
    assert rounded(time.ieac, 0) == pytest.approx(14.173 * PERIOD, abs=10)
    assert rounded(time.ieac_atypical, 0) == pytest.approx(13.533 * PERIOD, abs=10)
    assert time.finish(time.ieac) == pytest.approx(14.173 * PERIOD, abs=10)


def test_schedule_adherence_is_less_than_one_where_work_is_done_out_of_order() -> None:
    """The p-factor of Lipke: of two tasks, one after the other, half of each is done by the end of the first."""
    half = [Report(PERIOD, Decimal(50))]
    both = project(
        package("a", 0, PERIOD, variable=Decimal(10), reports=half),
        package("b", PERIOD, 2 * PERIOD, variable=Decimal(10), reports=half),
    )
    time = both.timing(PERIOD)
    assert time is not None

    assert these(time.es, rounded(time.adherence)) == (PERIOD, 0.5)
