"""Days: the same in every zone and through summer time, each in one bucket, and none made by a slip in a year."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import battery
import pytest
from conftest import APPLY, Run, fingerprint
from two_accounts import items, load

from segcli.base import dates


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Let this process live in another time zone until the test ends."""

    def to(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield to
    monkeypatch.undo()
    time.tzset()


ZONES = ("UTC", "Europe/Amsterdam", "Pacific/Kiritimati")


@pytest.mark.repeats
def test_every_zone_gives_the_same_answer_for_the_same_day(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No SEGCLI_TODAY here: what is compared goes by --as-of, and by the machine's clock nowhere."""
    monkeypatch.delenv("SEGCLI_TODAY")
    timeless = (
        "config",
        "log",
        "history",
        "completion",
        "classification",
        "price",
        "matrix",
        "selection",
        "list",
        "where",
        "check",
    )
    lines = [[*words, "--as-of", "2026-06-30"] for words in battery.reading() if words[0] not in (*timeless, "rules")]
    lines = [words for words in lines if "--period" not in words]
    report = [["report", str(battery.EXAMPLES / "report.yaml"), "--folder", "reports", "--as-of", "2026-06-30"]]
    found = {}
    for zone in ZONES:
        done = battery.child([*lines, *report], TZ=zone)
        assert done.returncode == 0, done.stderr.decode()
        files = {
            str(path): path.read_bytes()
            for path in (*Path().glob("out.*"), *Path("reports").rglob("*"))
            if path.is_file()
        }
        assert set(battery.statuses(done.stdout).values()) == {0}, done.stderr.decode()
        assert len(files) > 12
        found[zone] = (done.stdout, done.stderr, files)
    assert found["UTC"] == found["Europe/Amsterdam"] == found["Pacific/Kiritimati"]


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-12-31T23:30:00+00:00", "UTC", "2026-12-31"),
        ("2026-12-31T23:30:00+00:00", "Europe/Amsterdam", "2027-01-01"),
        ("2026-12-31T10:30:00+00:00", "Pacific/Kiritimati", "2027-01-01"),
        ("2027-01-01T07:30:00+00:00", "America/Los_Angeles", "2026-12-31"),
        ("2026-03-29T00:59:59+00:00", "Europe/Amsterdam", "2026-03-29"),  # the last second before summer time
        ("2026-10-24T22:00:00+00:00", "Europe/Amsterdam", "2026-10-25"),  # midnight of the day of 25 hours
    ],
)
def test_today_is_the_machines_own_day(  # noqa: PLR0913 - a table of cases
    segcli: Run,
    empty: Path,
    monkeypatch: pytest.MonkeyPatch,
    move: Callable[[str], None],
    moment: str,
    zone: str,
    day: str,
) -> None:
    class Clock(date):
        @classmethod
        def today(cls) -> "Clock":
            return cls.fromtimestamp(datetime.fromisoformat(moment).timestamp())

    load(segcli, items("A,1,2026-01-01,2026-01-01,EUR,1.00"))
    monkeypatch.setattr(dates, "date", Clock)
    monkeypatch.delenv("SEGCLI_TODAY")
    move(zone)
    assert str(dates.today()) == day
    (row,) = segcli("show", "outstanding-items", "-f", "json").rows
    assert row["days_overdue"] == (date.fromisoformat(day) - date(2026, 1, 1)).days
    monkeypatch.setenv("SEGCLI_TODAY", "2026-02-28")
    assert str(dates.today()) == "2026-02-28"


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/Los_Angeles", "Australia/Lord_Howe"])
def test_days_are_whole_through_summer_time(segcli: Run, empty: Path, move: Callable[[str], None], zone: str) -> None:
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(0, 730, 7)]
    load(segcli, items(*(f"A,{n},2025-01-01,{day},EUR,1.00" for n, day in enumerate(days))))
    move(zone)
    found = segcli("show", "outstanding-items", "--as-of", "2026-12-31", "-f", "json").rows
    last = date(2026, 12, 31).toordinal()
    assert {row["due_date"]: row["days_overdue"] for row in found} == {str(day): last - day.toordinal() for day in days}


@pytest.mark.parametrize("as_of", ["2024-02-29", "2024-03-01", "2026-03-31", "2026-10-26"])
def test_every_day_is_in_one_bucket(segcli: Run, empty: Path, as_of: str) -> None:
    """Over leap days, months' ends and the clock's changes; the edges 0/1, 30/31, 60/61 and 90/91 by days counted here."""
    day = date.fromisoformat(as_of)
    load(segcli, items(*(f"A,{n},2020-01-01,{day - timedelta(days=n)},EUR,{2 ** (n % 40)}.00" for n in range(130))))
    (row,) = segcli("show", "debtor-ageing", "--as-of", as_of, "-f", "json").rows
    wanted: Counter[str] = Counter()
    for n in range(130):
        name = (
            "not_due"
            if n < 1
            else "days_1_30"
            if n < 31
            else "days_31_60"
            if n < 61
            else "days_61_90"
            if n < 91
            else "days_over_90"
        )
        wanted[name] += 2 ** (n % 40)
    assert {name: row[name] for name in wanted} == dict(wanted)
    assert row["outstanding"] == sum(wanted.values())


def test_an_end_before_the_start_is_refused(segcli: Run, empty: Path) -> None:
    load(segcli)
    for text, place in (
        ("subscription,account,start_date,end_date\nS,A,2026-02-01,2026-01-31\n", "sub.csv:2"),
        ("subscription,account,start_date\nS,A,2026-02-30\n", "2026-02-28"),
        ("subscription,account,start_date\nS,A,2025-02-29\n", "2025-02-28"),
    ):
        Path("sub.csv").write_text(text)
        before = fingerprint(empty)
        done = segcli("import", "sub.csv")
        assert (done.status, place in done.err) == (1, True), done.err
        assert fingerprint(empty) == before
    assert segcli("show", "sales-analysis", "--from", "2026-02-01", "--to", "2026-01-31").status == 2


@pytest.mark.parametrize(
    ("action", "most"),
    [
        ("generate-subscription-invoices", 366),
        ("print-invoices", 60),
        ("print-reminders", 60),
        ("print-statements", 60),
    ],
)
def test_a_slip_in_the_year_makes_nothing(segcli: Run, example: Path, action: str, most: int) -> None:
    """Today is 2026-06-30. What is dated too far ahead would be in the books for good."""
    before = fingerprint(example)
    words = (*APPLY, *(() if action.startswith("generate") else ("--folder", "out")))
    far = date(2026, 6, 30) + timedelta(days=most + 1)
    for day in (str(far), "2062-06-30", "2999-12-31"):
        done = segcli("run", action, "--as-of", day, *words)
        assert (done.status, done.out) == (2, "")
        assert f"{most} is the most" in done.err
    assert fingerprint(example) == before
    assert segcli("run", action, "--as-of", str(far), "--limit", "1").status == 0  # to look at is free
    assert segcli("run", action, "--as-of", str(far - timedelta(days=1)), "--apply", "--dry-run", "--yes").status == 0
