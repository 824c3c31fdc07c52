"""Days, periods and windows: what is typed, at the ends of months, years and centuries, and what is refused."""

from datetime import date

import pytest

from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.base.windows import Window, before, window

TUESDAY = date(2026, 3, 31)


def on(text: str) -> date:
    return date.fromisoformat(text)


def refused(text: str, *what: str) -> tuple[str, str]:
    with pytest.raises(UsageError) as caught:
        dates.parse(text, *what)
    return caught.value.message, caught.value.hint


def test_today_is_what_the_environment_says_or_the_clock() -> None:
    assert dates.today({"SEGCLI_TODAY": "2024-02-29"}) == date(2024, 2, 29)
    early = date.today()  # noqa: DTZ011 - the clock of this machine
    assert early <= dates.today({"SEGCLI_TODAY": ""}) <= dates.today({}) <= date.today()  # noqa: DTZ011
    with pytest.raises(UsageError, match=r"^SEGCLI_TODAY: 'soon' is not a date$"):
        dates.today({"SEGCLI_TODAY": "soon"})


@pytest.mark.parametrize("text", ["1900-01-01", "2000-02-29", "2024-02-29", "9999-12-31"])
def test_days_that_are(text: str) -> None:
    assert dates.parse(text) == on(text)


@pytest.mark.parametrize("text", ["", "31-03-2026", "2026-3-31", "20260331", "2026-03-31T00:00", " 2026-03-31", "2026-03-31\n",
                                  "2026-W14-2", "\u0662026-03-31", "today"])  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert refused(text, "--as-of") == (f"--as-of: '{text}' is not a date", "write it as 2026-03-31")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2026-02-29", "the last day of that month is 2026-02-28"),
        ("1900-02-29", "the last day of that month is 1900-02-28"),
        ("2024-02-30", "the last day of that month is 2024-02-29"),
        ("2026-01-00", "the last day of that month is 2026-01-31"),
        ("2026-12-32", "the last day of that month is 2026-12-31"),
        ("2026-13-01", "months run from 01 to 12"),
        ("2026-00-01", "months run from 01 to 12"),
    ],
)
def test_days_that_do_not_exist(text: str, hint: str) -> None:
    assert refused(text, "--as-of") == (f"--as-of: '{text}' does not exist", hint)


@pytest.mark.parametrize("text", ["1899-12-31", "0026-03-31", "0000-05-05", "0026-13-01"])
def test_days_of_long_ago_are_years_of_two_digits(text: str) -> None:
    hint = "write the year with four digits"
    assert refused(text, "due_date") == (f"due_date: '{text}' lies before 1900", hint)
    assert refused(text) == (f"date: '{text}' lies before 1900", hint)


@pytest.mark.parametrize(
    ("text", "day"),
    [("today", "2026-03-31"), ("Yesterday", "2026-03-30"), ("TOMORROW", "2026-04-01"), ("2024-02-29", "2024-02-29")],
)
def test_days_in_words(text: str, day: str) -> None:
    assert dates.day_of(text, TUESDAY) == on(day)


def test_a_word_that_is_no_day_says_what_for() -> None:
    with pytest.raises(UsageError, match=r"^--to: 'now' is not a date$"):
        dates.day_of("now", TUESDAY, "--to")
    with pytest.raises(UsageError, match=r"^date: 'now' is not a date$"):
        dates.day_of("now", TUESDAY)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-15", 1, "2026-02-15"), ("2026-12-15", 1, "2027-01-15"), ("2026-01-15", -1, "2025-12-15"), ("2026-06-15", 0, "2026-06-15"),
        ("2026-06-30", 6, "2026-12-30"), ("2026-06-15", -6, "2025-12-15"), ("2026-01-31", 25, "2028-02-29"), ("2024-02-29", 12, "2025-02-28"),
        ("2026-03-29", -1, "2026-02-28"), ("2026-05-31", 6, "2026-11-30"),
    ],
)  # fmt: skip
def test_months_on(day: str, months: int, then: str) -> None:
    assert dates.add_months(on(day), months) == on(then)


def test_each_month_has_its_end() -> None:
    ends = [dates.month_end(date(2023, month, 15)).day for month in range(1, 13)]
    assert ends == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert dates.month_end(date(2024, 2, 29)) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1900", "1900-01-01", "1900-12-31"), ("2026-Q2", "2026-04-01", "2026-06-30"), ("2026h1", "2026-01-01", "2026-06-30"),
        ("2026-H2", "2026-07-01", "2026-12-31"), ("2026-01", "2026-01-01", "2026-01-31"), ("2026-12", "2026-12-01", "2026-12-31"),
        ("Today", "2026-03-31", "2026-03-31"), ("this month", "2026-03-01", "2026-03-31"), ("this_year", "2026-01-01", "2026-12-31"),
        ("THISQUARTER", "2026-01-01", "2026-03-31"), ("ytd", "2026-01-01", "2026-03-31"), ("last_month", "2026-02-01", "2026-02-28"),
        ("Last-Month", "2026-02-01", "2026-02-28"), ("yesterday", "2026-03-30", "2026-03-30"), ("lastyear", "2025-01-01", "2025-12-31"),
    ],
)  # fmt: skip
def test_periods(text: str, first: str, last: str) -> None:
    assert dates.period(text, TUESDAY) == (on(first), on(last))


@pytest.mark.parametrize(
    ("now", "this", "before"), [("2026-01-01", "2026-01-01", "2025-10-01"), ("2026-04-01", "2026-04-01", "2026-01-01"),
                                ("2026-06-30", "2026-04-01", "2026-01-01"), ("2026-12-31", "2026-10-01", "2026-07-01")])  # fmt: skip
def test_the_quarter_of_a_day_and_the_one_before(now: str, this: str, before: str) -> None:
    assert dates.period("thisquarter", on(now))[0] == on(this)
    assert dates.period("lastquarter", on(now))[0] == on(before)


@pytest.mark.parametrize("text", ["1899", "2026-00", "2026-13", "2026Q0", "2026H3", "x2026", "2026-03-31", "nextweek"])
def test_what_is_no_period_says_what_is(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        dates.period(text, TUESDAY)
    assert caught.value.message == f"--period: '{text}' is no period"
    assert caught.value.hint == (
        "write 2026, 2026Q1, 2026H1, 2026-03, 2026W05 or one of today, yesterday, thisweek, lastweek, thismonth,"
        " lastmonth, thisquarter, lastquarter, thisyear, lastyear, ytd"
    )


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("2026-01-01", "2026-12-31", "2026"), ("2026-07-01", "2026-12-31", "2026H2"), ("2026-04-01", "2026-06-30", "2026Q2"),
        ("2024-02-01", "2024-02-29", "2024-02"), ("2024-02-01", "2024-02-28", "2024-02-01_2024-02-28"), ("2026-02-02", "2026-02-28", "2026-02-02_2026-02-28"),
        ("2026-01-01", "2026-02-28", "2026-01-01_2026-02-28"), ("2025-01-01", "2026-12-31", "2025-01-01_2026-12-31"),
        ("2026-04-01", "2026-09-30", "2026-04-01_2026-09-30"), ("2025-12-01", "2026-02-28", "2025-12-01_2026-02-28"), ("2026-05-05", "2026-05-05", "2026-05-05"),
    ],
)  # fmt: skip
def test_names_of_periods(first: str, last: str, name: str) -> None:
    assert dates.name(on(first), on(last)) == name


def test_periods_in_words() -> None:
    first, last = date(2026, 1, 1), date(2026, 3, 31)
    assert dates.words(first, last, "always") == "2026-01-01 to 2026-03-31"
    assert dates.words(first, None, "always") == "from 2026-01-01"
    assert dates.words(None, last, "always") == "up to 2026-03-31"
    assert dates.words(None, None, "always") == "always"


# ------------------------------------------------------------------------------------------------ windows
@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ((), "0000", "2026-03-31"), (("90d",), "2025-12-31", "2026-03-31"), (("4W",), "2026-03-03", "2026-03-31"), (("1m",), "2026-02-28", "2026-03-31"),
        (("12M",), "2025-03-31", "2026-03-31"), (("2q",), "2025-09-30", "2026-03-31"), (("3y",), "2023-03-31", "2026-03-31"),
        (("1d",), "2026-03-30", "2026-03-31"), (("30d", "0d"), "2026-03-01", "2026-03-31"), (("9999d",), "1998-11-14", "2026-03-31"),
        (("YTD",), "2025-12-31", "2026-03-31"), (("Last_Year",), "2024-12-31", "2025-12-31"),
        (("24m", "12M"), "2024-03-31", "2025-03-31"), (("1Y", "90d"), "2025-03-31", "2025-12-31"), (("2d", "1d"), "2026-03-29", "2026-03-30"),
    ],
)  # fmt: skip
def test_windows(words: tuple[str, ...], first: str, last: str) -> None:
    assert window(words, TUESDAY) == Window(first, last)


@pytest.mark.parametrize("word", ["0d", "0W", "0m", "00q", "0y"])
def test_a_window_of_no_days_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=rf"^'{word.lower()}' holds no day: write 1d for 2026-03-31 alone$"):
        window((word,), TUESDAY)
    assert window((word,), TUESDAY, may_be_empty=True) == Window("2026-03-31", "2026-03-31")


@pytest.mark.parametrize(
    "words", [("12m", "24m"), ("12m", "1y"), ("ytd", "1m"), ("YTD", "1m"), ("5y", "last_year"), ("LAST_YEAR", "1m")]
)
def test_two_times_of_which_the_first_is_not_the_longer(words: tuple[str, str]) -> None:
    with pytest.raises(
        ValueError,
        match=rf"^'{words[0].lower()}, {words[1].lower()}' is no window: write the longer time first, as in 24m, 12m$",
    ):
        window(words, TUESDAY)


@pytest.mark.parametrize("word", ["", "12", "m", "12x", "12345d", "-1d", "1.5m", "12m ", "x12m", "\u0661m", "lastyear"])
def test_what_is_no_window(word: str) -> None:
    with pytest.raises(ValueError, match=rf"^'{word}' is no window: write 90d, 4w, 12m, 2q, 3y, ytd or last_year$"):
        window((word,), TUESDAY)


def test_so_long_before() -> None:
    assert [str(before(date(2024, 5, 31), 1, unit)) for unit in "dwmqy"] == [
        "2024-05-30", "2024-05-24", "2024-04-30", "2024-02-29", "2023-05-31",
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "unit"), [(9999, "y"), (9999, "q"), (2027, "y")])
def test_before_the_calendar(number: int, unit: str) -> None:
    with pytest.raises(ValueError, match=rf"^{number}{unit} before 2026-03-31 is no day of the calendar$"):
        before(TUESDAY, number, unit)
    assert before(TUESDAY, 2025, "y") == date(1, 3, 31)
