"""Periods of subscriptions and what they cost: against dateutil's rrule, by hand, and the cases of other systems."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import islice, pairwise

import pytest
from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, WEEKLY, YEARLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from segcli.domain.subscriptions.periods import MONTHS, Period, Rhythm, days, periods
from segcli.domain.subscriptions.proration import Piece, costs

DAY = timedelta(days=1)


def on(text: str) -> date:
    return date.fromisoformat(text)


def first(rhythm: Rhythm, start: str, count: int = 4, end: str = "", after: str = "") -> list[str]:
    found = periods(rhythm, on(start), on(end) if end else None, on(after) if after else None)
    return [f"{period.start}..{period.end}" for period in islice(found, count)]


@pytest.mark.parametrize("day", [28, 29, 30, 31])
@pytest.mark.parametrize(
    ("frequency", "months"), [("monthly", 1), ("quarterly", 3), ("half-yearly", 6), ("yearly", 12)]
)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_months_step_from_the_anchor_as_rrule_has_it(day: int, frequency: str, months: int, count: int) -> None:
    start = date(2023, 1, day)
    # rrule leaves out months that are too short; the last of the days up to the anchor is the clamped one
    rule = rrule(MONTHLY, start, interval=months * count, bymonthday=range(28, day + 1), bysetpos=-1, count=40)
    found = list(islice(periods(Rhythm(frequency, count), start, None), 40))
    assert [period.start for period in found] == [day.date() for day in rule]
    assert all(period.share == 1 for period in found)


def test_weeks_over_the_end_of_years_as_rrule_has_it() -> None:
    for count in (1, 2, 13):
        rule = rrule(WEEKLY, on("2024-12-26"), interval=count, count=60)
        found = islice(periods(Rhythm("weekly", count), on("2024-12-26"), None), 60)
        assert [period.start for period in found] == [day.date() for day in rule]
    monday = next(iter(periods(Rhythm("weekly", is_calendar=True), on("2026-01-01"), None)))
    assert (monday.start, monday.end, monday.full_start) == (on("2026-01-01"), on("2026-01-04"), on("2025-12-29"))


def test_leap_day_every_year() -> None:
    rule = rrule(YEARLY, on("2024-02-29"), bymonth=2, bymonthday=(28, 29), bysetpos=-1, count=9)
    found = islice(periods(Rhythm("yearly"), on("2024-02-29"), None), 9)
    assert [period.start for period in found] == [day.date() for day in rule]


# peer cases: what their systems do, or what their users wanted, by hand
def test_subd_04_and_26_in_arrears() -> None:
    found = list(periods(Rhythm("monthly", timing="arrears"), on("2018-01-01"), on("2018-03-15")))
    assert [str(p.invoice_date("arrears")) for p in found] == ["2018-02-01", "2018-03-01", "2018-03-16"]
    assert [str(p.end) for p in found] == ["2018-01-31", "2018-02-28", "2018-03-15"]
    (stopped,) = periods(Rhythm("yearly", timing="arrears"), on("2019-01-01"), on("2019-05-31"))
    assert str(stopped.invoice_date("arrears")) == "2019-06-01"


def test_subd_05_and_06_in_advance() -> None:
    found = list(periods(Rhythm("monthly"), on("2018-01-01"), on("2018-03-15")))
    assert [str(p.invoice_date("advance")) for p in found] == ["2018-01-01", "2018-02-01", "2018-03-01"]
    leap = [str(p.end) for p in periods(Rhythm("monthly"), on("2024-01-01"), on("2024-04-01"))]
    assert leap == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-01"]


def test_subd_11_and_12_no_drift() -> None:
    starts = [text[:10] for text in first(Rhythm("quarterly"), "2023-11-30", 3)]
    assert starts == ["2023-11-30", "2024-02-29", "2024-05-30"]  # as wanted there, not as observed
    assert [text[:10] for text in first(Rhythm("yearly"), "2024-02-29", 5)][-1] == "2028-02-29"
    assert [text[5:10] for text in first(Rhythm("monthly"), "2023-01-31")] == ["01-31", "02-28", "03-31", "04-30"]
    assert first(Rhythm("monthly"), "2025-08-31", 1, after="2025-09-29")[0][:10] == "2025-09-30"
    assert first(Rhythm("monthly"), "2025-08-31", 2, after="2025-09-29")[1][:10] == "2025-10-31"


def test_subd_14_on_the_last_of_the_month() -> None:
    starts = [text[:10] for text in first(Rhythm("monthly", day=31), "2016-01-31", 3)]
    assert starts == ["2016-01-31", "2016-02-29", "2016-03-31"]


def test_subd_16_by_calendar() -> None:
    assert first(Rhythm("quarterly", is_calendar=True), "2018-01-15", 9, "2018-07-15") == [
        "2018-01-15..2018-03-31", "2018-04-01..2018-06-30", "2018-07-01..2018-07-15",
    ]  # fmt: skip
    assert first(Rhythm("quarterly"), "2018-01-15", 1) == ["2018-01-15..2018-04-14"]
    assert first(Rhythm("half-yearly", is_calendar=True), "2018-03-15", 2) == [
        "2018-03-15..2018-06-30",
        "2018-07-01..2018-12-31",
    ]


def test_subd_17_after_a_trial() -> None:
    assert first(Rhythm("monthly"), "2018-02-15", 1) == ["2018-02-15..2018-03-14"]  # the trial ended on 14 February


def test_subd_23_nothing_after_the_end() -> None:
    found = first(Rhythm("monthly"), "2025-04-30", 9, "2025-07-31")
    assert found[-1] == "2025-07-30..2025-07-31"
    assert list(periods(Rhythm("monthly"), on("2025-04-30"), on("2025-07-31"), after=on("2025-07-31"))) == []
    assert list(periods(Rhythm("monthly"), on("2025-04-30"), on("2025-03-31"))) == []


def test_an_invoice_day_breaks_the_first_period() -> None:
    found = list(islice(periods(Rhythm("monthly", day=20), on("2018-01-05"), None), 2))
    assert (found[0].start, found[0].end, found[0].share) == (on("2018-01-05"), on("2018-01-19"), Fraction(15, 31))
    assert (found[1].start, found[1].end) == (on("2018-01-20"), on("2018-02-19"))


def test_what_was_invoiced_to_the_middle_of_a_period_goes_on_with_its_rest() -> None:
    assert first(Rhythm("monthly"), "2018-01-05", 2, after="2018-01-31") == [
        "2018-02-01..2018-02-04",
        "2018-02-05..2018-03-04",
    ]


def test_the_calendar_ends() -> None:
    assert len(list(periods(Rhythm("yearly"), on("9997-02-01"), None))) == 2
    assert len(list(periods(Rhythm("weekly"), on("9999-12-20"), None))) == 1


RHYTHMS = st.builds(
    Rhythm, st.sampled_from(["weekly", *MONTHS]), st.integers(1, 14), st.just("advance"),
    st.one_of(st.none(), st.integers(1, 31)), st.booleans(),
)  # fmt: skip
DATES = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@given(RHYTHMS, DATES, st.integers(0, 4000), st.integers(-10, 4000))
def test_periods_tile_the_time(rhythm: Rhythm, start: date, length: int, invoiced: int) -> None:
    end = start + timedelta(days=length)
    found = list(periods(rhythm, start, end))
    assert (found[0].start, found[-1].end) == (start, end)
    for one, two in pairwise(found):
        assert one.end + DAY == two.start
        assert one.full_end + DAY == two.full_start
    assert all(p.full_start <= p.start <= p.end <= p.full_end for p in found)
    after = start + timedelta(days=invoiced)
    rest = list(periods(rhythm, start, end, after))
    expected = [Period(max(p.start, after + DAY), p.end, p.full_start, p.full_end) for p in found if p.end > after]
    assert rest == expected


@given(st.integers(1, 31), st.integers(0, 600), DATES)
def test_a_month_later_is_relativedelta_from_the_anchor(day: int, months: int, start: date) -> None:
    anchor = start.replace(day=1)
    (found,) = islice(
        periods(Rhythm("monthly", day=day), anchor, None, anchor + relativedelta(months=months, day=day) - DAY), 1
    )
    assert found.start == found.full_start == anchor + relativedelta(months=months, day=day)


# the rows of PRO-01: what is invoiced, the whole period it is a part of, and the factor that other system's test has
PRO_01 = [
    ("2018-01-05", "2018-02-04", "2018-01-05", "2018-02-04", "1"), ("2018-02-01", "2018-02-28", "2018-02-01", "2018-02-28", "1"),
    ("2018-02-01", "2018-02-25", "2018-02-01", "2018-02-28", "25/28"), ("2018-01-05", "2018-01-31", "2018-01-01", "2018-01-31", "27/31"),
    ("2018-02-01", "2018-02-14", "2018-02-01", "2018-02-28", "14/28"), ("2018-02-15", "2018-02-28", "2018-02-01", "2018-02-28", "14/28"),
    ("2018-01-31", "2018-01-31", "2018-01-01", "2018-01-31", "1/31"), ("2018-01-31", "2018-02-28", "2018-02-01", "2018-02-28", "29/28"),
    ("2018-03-15", "2018-04-30", "2018-04-01", "2018-04-30", "47/30"), ("2018-03-15", "2018-04-29", "2018-03-30", "2018-04-29", "46/31"),
    ("2018-03-15", "2018-05-29", "2018-04-30", "2018-05-29", "76/30"), ("2018-04-16", "2018-04-30", "2018-04-01", "2018-04-30", "15/30"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "end", "full_start", "full_end", "factor"), PRO_01)
def test_pro_01_by_days_of_the_whole_period(start: str, end: str, full_start: str, full_end: str, factor: str) -> None:
    assert Period(on(start), on(end), on(full_start), on(full_end)).share == Fraction(factor)


@pytest.mark.parametrize(
    ("rhythm", "start", "end", "after", "expected"),
    [
        (Rhythm("monthly"), "2018-01-05", "", "", "1"),
        (Rhythm("monthly", day=1), "2018-01-05", "", "2018-01-31", "1"),
        (Rhythm("monthly", day=1), "2017-01-05", "2018-02-25", "2018-01-31", "25/28"),
        (Rhythm("monthly", day=1), "2018-01-05", "", "", "27/31"),
        (Rhythm("monthly", day=1), "2018-02-01", "2018-02-14", "", "14/28"),
        (Rhythm("monthly", day=1), "2018-02-15", "", "", "14/28"),
        (Rhythm("monthly", day=1), "2017-02-15", "", "2018-01-30", "1/31"),
        (Rhythm("monthly", day=1), "2018-04-16", "", "", "15/30"),
    ],
)
def test_pro_01_where_our_periods_are_theirs(rhythm: Rhythm, start: str, end: str, after: str, expected: str) -> None:
    found = next(periods(rhythm, on(start), on(end) if end else None, on(after) if after else None))
    assert found.share == Fraction(expected)


def piece(start: str, end: str, price: str, quantity: str = "1", discount: str = "0") -> Piece:
    return Piece(on(start), on(end), Fraction(quantity), Fraction(price), Fraction(discount))


JULY = Period(on("2026-07-01"), on("2026-07-31"), on("2026-07-01"), on("2026-07-31"))


def test_pro_02_cancelled_on_the_first_day() -> None:
    broken = Period(JULY.start, JULY.start, JULY.start, JULY.end)
    asked = [piece("2026-07-01", "2026-07-01", "900")]
    assert [costs(broken, asked, rule, 2)[0].amount for rule in ("days", "full", "zero")] == [2903, 90000, 0]


def test_pro_04_a_whole_period_costs_its_whole_price() -> None:
    quarter = Period(on("2020-10-01"), on("2020-12-31"), on("2020-10-01"), on("2020-12-31"))
    (cost,) = costs(quarter, [piece("2020-10-01", "2020-12-31", "1099000")], "days", 2)
    assert (cost.amount, cost.unit_price) == (109900000, 1099000)


@pytest.mark.parametrize(
    ("day", "amounts"), [("2026-07-01", [6200]), ("2026-07-16", [1500, 3200]), ("2026-07-31", [3000, 200])]
)
def test_a_price_change_on_the_first_a_middle_and_the_last_day(day: str, amounts: list[int]) -> None:
    # 31.00 before and 62.00 after: 1.00 and 2.00 a day
    before = [] if day == "2026-07-01" else [piece("2026-07-01", str(on(day) - DAY), "31")]
    pieces = [*before, piece(day, "2026-07-31", "62")]
    assert [cost.amount for cost in costs(JULY, pieces, "days", 2)] == amounts
    for rule in ("zero", "full"):  # the price of the first day counts for all of it, once
        found = costs(JULY, pieces, rule, 2)
        assert [cost.amount for cost in found] == [3100 if before else 6200, *[0] * len(before)]
        assert [cost.is_free for cost in found] == [False, *[True] * len(before)]


def test_a_broken_period_costs_nothing_or_all() -> None:
    half = Period(on("2026-07-10"), JULY.end, JULY.start, JULY.end)
    asked = [piece("2026-07-10", "2026-07-31", "31", "2", "10")]
    assert [costs(half, asked, rule, 2)[0].amount for rule in ("days", "zero", "full")] == [3960, 0, 5580]


def test_currencies_of_no_and_of_three_decimals() -> None:
    asked = [piece("2026-07-01", "2026-07-10", "1000")]
    broken = Period(JULY.start, on("2026-07-10"), JULY.start, JULY.end)
    assert costs(broken, asked, "days", 0)[0].amount == 323  # 322.58 yen
    assert costs(broken, asked, "days", 3)[0].amount == 322581  # 322.58064 dinar


@given(st.integers(1, 30), st.integers(1, 10**7), st.integers(1, 999), st.integers(0, 3))
def test_pieces_at_one_price_add_up_to_the_whole(cut: int, price: int, quantity: int, exponent: int) -> None:
    asked = Fraction(price, 1000)
    first_end = JULY.start + timedelta(days=cut - 1)
    whole = costs(JULY, [Piece(JULY.start, JULY.end, Fraction(quantity), asked)], "days", exponent)
    parts = [
        Piece(JULY.start, first_end, Fraction(quantity), asked),
        Piece(first_end + DAY, JULY.end, Fraction(quantity), asked),
    ]
    assert sum(cost.amount for cost in costs(JULY, parts, "days", exponent)) == whole[0].amount


def test_days_count_both_ends() -> None:
    assert (days(JULY.start, JULY.end), days(JULY.start, JULY.start)) == (31, 1)


def test_small_pieces_do_not_pay_back() -> None:
    # 31 pieces of 0.516 cents: each rounded up by itself would leave 16 - 30 cents for the last one.
    pieces = [piece(f"2026-07-{day:02}", f"2026-07-{day:02}", "0.16") for day in range(1, 32)]
    amounts = [cost.amount for cost in costs(JULY, pieces, "days", 2)]
    assert sum(amounts) == 16
    assert set(amounts) == {0, 1}


def test_invoiced_up_to_the_end_of_the_calendar() -> None:
    assert first(Rhythm("monthly"), "2026-01-01", after="9999-12-31") == []
    assert first(Rhythm("monthly"), "2026-01-01", end="2026-03-31", after="2026-03-31") == []
