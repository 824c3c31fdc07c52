"""Outstanding items, ageing and balance: held against plain Python, worked cases and generated administrations."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import ROOT, Run, fingerprint
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_case import load

EXAMPLE = ROOT / "examples" / "administration"
DAY = date(2026, 6, 30)


def cents(text: str, currency: str) -> int:
    return int(text) if currency == "JPY" else round(float(text) * 100)


def by_hand(day: date) -> dict[tuple[str, str], dict[str, int]]:
    """Return the ageing of the example from its files: another route than SQL."""
    paid: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in csv.DictReader((EXAMPLE / "allocations.csv").open(encoding="utf-8")):
        if date.fromisoformat(row["allocation_date"]) <= day:
            paid[row["account"], row["invoice_number"], row["term"]] += cents(row["amount"], row["currency"])
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in csv.DictReader((EXAMPLE / "receivables.csv").open(encoding="utf-8")):
        if date.fromisoformat(row["invoice_date"]) > day:
            continue
        open_ = cents(row["amount"], row["currency"])
        open_ -= paid.pop((row["account"], row["invoice_number"], row["term"]), 0) if row["invoice_number"] else 0
        if not open_:
            continue
        age = (day - date.fromisoformat(row["due_date"] or row["invoice_date"])).days
        bucket = ("not_due" if age <= 0 else "days_1_30" if age <= 30 else "days_31_60" if age <= 60
                  else "days_61_90" if age <= 90 else "days_over_90")  # fmt: skip
        cell = found.setdefault((row["account"], row["currency"]), defaultdict(int))
        cell[bucket] += open_
        cell["outstanding"] += open_
    return found


@pytest.mark.parametrize("day", ["2025-03-31", "2025-12-31", "2026-06-30", "2026-07-31"])
def test_ageing_is_what_the_files_say(segcli: Run, example: object, day: str) -> None:
    wanted = by_hand(date.fromisoformat(day))
    rows = segcli("show", "debtor-ageing", "--as-of", day, "-f", "json").rows
    assert {(row["account"], row["currency"]) for row in rows} == set(wanted)
    for row in rows:
        buckets = {key: value for key, value in row.items() if key not in {"account", "name", "currency"}}
        hand = wanted[row["account"], row["currency"]]
        assert {key: cents(str(value), row["currency"]) for key, value in buckets.items()} == {
            key: hand[key] for key in buckets
        }


def receivables(segcli: Run, rows: Iterable[str], *more: str) -> None:
    head = "account,invoice_number,invoice_date,due_date,currency,amount"
    load(segcli, "--create-missing", *more, receivables="\n".join([head, *rows]) + "\n")


def ageing(segcli: Run, *words: str) -> dict[str, float]:
    rows = segcli("show", "debtor-ageing", "-f", "json", *words).rows
    assert len(rows) == 1
    return {key: value for key, value in rows[0].items() if key not in {"account", "name", "currency"}}


def test_age_03_the_bucket_1_30_holds_day_30(segcli: Run, empty: object) -> None:
    # AGE-03: OCA's partner statement puts day 30 into the next bucket, against its own label. Ours holds it.
    ages = (-1, 0, 1, 29, 30, 31, 60, 61, 90, 91, 120, 121)
    receivables(segcli, [f"C,{age},2023-01-01,{DAY - timedelta(days=age)},EUR,100" for age in ages])
    assert ageing(segcli, "--buckets", "30,60,90,120") == {
        "outstanding": 1200, "not_due": 200, "days_1_30": 300, "days_31_60": 200, "days_61_90": 200, "days_91_120": 200,
        "days_over_120": 100,
    }  # fmt: skip


def test_age_05_and_its_days_past_due(segcli: Run, empty: object) -> None:
    due = ("2018-01-15", "2017-12-15", "2017-11-15", "2017-10-15", "2017-09-15", "2017-08-15")
    amounts = (500, 1000, 2000, 4000, 8000, 160000)
    receivables(segcli, [f"C,{n},2017-07-01,{d},EUR,{a}" for n, (d, a) in enumerate(zip(due, amounts, strict=True), 1)])
    assert ageing(segcli, "--as-of", "2017-12-31", "--buckets", "30,60,90,120") == {
        "outstanding": 175500, "not_due": 500, "days_1_30": 1000, "days_31_60": 2000, "days_61_90": 4000, "days_91_120": 8000,
        "days_over_120": 160000,
    }  # fmt: skip
    items = segcli("show", "outstanding-items", "--as-of", "2017-12-31", "--sort", "invoice_number", "-f", "json").rows
    assert [row["days_overdue"] for row in items] == [-15, 16, 46, 77, 107, 138]


def test_age_06_months_are_calendar_months(segcli: Run, empty: object) -> None:
    due = ("2024-05-30", "2024-05-01", "2024-04-30", "2024-03-31", "2024-02-29", "2024-01-31")
    receivables(segcli, [f"C,{n},2023-01-01,{d},EUR,{10**n}" for n, d in enumerate(due)])
    assert ageing(segcli, "--as-of", "2024-05-31", "--monthly") == {
        "outstanding": 111111, "not_due": 0, "month_2024_05": 11, "month_2024_04": 100, "month_2024_03": 1000,
        "month_2024_02": 10000, "older": 100000,
    }  # fmt: skip


@pytest.mark.parametrize(
    "bad", ["0", "-1", "30,30", "60,30", "x", "", "30,,60", "1e3", "100000", ",".join(map(str, range(1, 26)))]
)
def test_age_07_buckets_that_cannot_be(segcli: Run, empty: object, bad: str) -> None:
    assert segcli("show", "debtor-ageing", "--buckets", bad).status == 2


def allocate(segcli: Run, rows: Iterable[str]) -> None:
    Path("allocations.csv").write_text("account,invoice_number,allocation_date,amount\n" + "\n".join(rows) + "\n")
    done = segcli("import", "allocations.csv")
    assert done.status == 0, done.err


def test_age_14_open_on_three_days(segcli: Run, empty: object) -> None:
    receivables(segcli, ["C,1,2024-01-10,2024-02-10,EUR,100"])
    allocate(segcli, ["C,1,2024-02-05,40", "C,1,2024-03-05,60"])
    found = [
        segcli("show", "outstanding-items", "--as-of", day, "-f", "json").rows
        for day in ("2024-01-31", "2024-02-29", "2024-03-31")
    ]
    assert [[row["open"] for row in rows] for rows in found] == [[100], [60], []]
    assert found[1][0]["allocated"] == 40


def test_ar_05_a_payment_goes_to_the_oldest_term(segcli: Run, empty: object) -> None:
    receivables(
        segcli,
        ["C,1,2024-01-01,2024-02-01,EUR,60", "C,1,2024-01-01,2024-03-01,EUR,100", "C,1,2024-01-01,2024-04-01,EUR,40"],
    )
    allocate(segcli, ["C,1,2024-01-15,40"])
    rows = segcli("show", "outstanding-items", "--columns", "term,amount,allocated,open", "-f", "json").rows
    assert [(r["term"], r["amount"], r["allocated"], r["open"]) for r in rows] == [
        (1, 60, 40, 20),
        (2, 100, 0, 100),
        (3, 40, 0, 40),
    ]
    # AR-06: 100 more closes the first term, and 80 of it goes to the second.
    allocate(segcli, ["C,1,2024-01-15,40", "C,1,2024-01-20,100"])
    rows = segcli("show", "outstanding-items", "-f", "json").rows
    assert [row["open"] for row in rows] == [20, 40]


def test_ar_07_08_12_credit_notes_and_receipts_are_items_of_their_own(segcli: Run, empty: object) -> None:
    receivables(
        segcli,
        [
            "C,1,2024-01-01,2024-02-01,EUR,100",
            "C,2,2024-01-05,,EUR,-100",
            "C,,2024-01-06,,EUR,-1000",
            "C,3,2024-01-07,,EUR,0.01",
        ],
    )
    allocate(segcli, ["C,1,2024-01-15,40"])
    rows = segcli("show", "outstanding-items", "-f", "json").rows
    assert [(r["invoice_number"], r["open"]) for r in rows] == [("1", 60), ("2", -100), (None, -1000), ("3", 0.01)]


def test_ar_09_a_later_payment_is_not_deducted(segcli: Run, empty: object) -> None:
    receivables(segcli, ["C,1,2026-06-30,2026-07-30,EUR,100"])
    allocate(segcli, ["C,1,2026-07-01,100"])
    assert segcli("show", "outstanding-items", "-f", "json").rows[0]["open"] == 100
    assert segcli("show", "outstanding-items", "--as-of", "2026-07-01", "-f", "json").rows == []


def test_ar_10_more_than_is_open_becomes_a_receipt(segcli: Run, empty: object) -> None:
    # AR-10: the invoice takes 100 of 110. ERPNext shows the other 10 before they are paid; here they come on their day.
    receivables(segcli, ["C,1,2024-01-01,2024-02-01,EUR,100"])
    lines = ["C,1,2024-02-01,60", "C,1,2024-02-02,50"]
    for _ in range(2):  # twice is once
        allocate(segcli, lines)
        names = "invoice_number,open,future,remaining"
        before = segcli("show", "outstanding-items", "--as-of", "2024-02-01", "--columns", names, "-f", "json").rows
        assert [(row["open"], row["future"], row["remaining"]) for row in before] == [(40, 40, 0)]
        rows = segcli("show", "outstanding-items", "-f", "json").rows
        assert [(row["invoice_number"], row["invoice_date"], row["open"]) for row in rows] == [
            (None, "2024-02-02", -10)
        ]


def test_taking_back_more_than_was_allocated_is_refused_whole(segcli: Run, empty: object) -> None:
    receivables(segcli, ["C,1,2024-01-01,2024-02-01,EUR,100"])
    Path("a.csv").write_text("account,invoice_number,allocation_date,amount\nC,1,2024-02-01,60\nC,1,2024-02-02,-70\n")
    done = segcli("import", "a.csv")
    assert done.status == 1
    assert "a.csv:3:amount" in done.err
    assert segcli("show", "outstanding-items", "-f", "json").rows[0]["open"] == 100


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("C,2,2024-02-01,EUR,1", "invoice_number: '2': this account has no such item; import the receivables first"),
        ("C,1,2024-02-01,USD,1", "currency: 'USD': this item is in EUR"),
        ("C,1,2024-02-01,EUR,0", "amount: '0': there is nothing to allocate"),
    ],
)
def test_what_cannot_be_allocated_is_said_and_keeps_no_other(segcli: Run, empty: Path, row: str, said: str) -> None:
    receivables(segcli, ["C,1,2024-01-01,2024-02-01,EUR,100"])
    Path("a.csv").write_text(f"account,invoice_number,allocation_date,currency,amount\nC,1,2024-02-01,EUR,60\n{row}\n")
    before = fingerprint(empty)
    done = segcli("import", "a.csv")
    assert (done.status, f"a.csv:3:{said}" in done.err) == (1, True), done.err
    assert fingerprint(empty) == before
    assert segcli("import", "a.csv", "--on-error", "skip").status == 5
    assert segcli("show", "outstanding-items", "-f", "json").rows[0]["open"] == 40


def test_a_payment_before_its_invoice_stands_open_as_a_receipt(segcli: Run, empty: object) -> None:
    receivables(segcli, ["C,1,2024-02-01,2024-03-01,EUR,100"])
    allocate(segcli, ["C,1,2024-01-15,40"])
    found = {}
    for day in ("2024-01-14", "2024-01-15", "2024-02-01"):
        rows = segcli("show", "outstanding-items", "--as-of", day, "-f", "json").rows
        found[day] = [(row["amount"], row["allocated"], row["open"]) for row in rows]
    assert found == {"2024-01-14": [], "2024-01-15": [(0, 40, -40)], "2024-02-01": [(100, 40, 60)]}


Item = tuple[int, int, int, int, list[tuple[int, int]]]
ITEMS = st.lists(
    st.tuples(
        st.integers(0, 3),  # account
        st.integers(-400, 30),  # invoice date, days from the day
        st.integers(-30, 90),  # term in days
        st.integers(-(10**7), 10**7).filter(bool),
        st.lists(
            st.tuples(st.integers(-60, 500), st.integers(1, 130)), max_size=3
        ),  # days later, per cent of what is open
    ),
    max_size=12,
)


@pytest.mark.repeats
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    items=ITEMS,
    currencies=st.lists(st.sampled_from(["EUR", "USD"]), min_size=12, max_size=12),
    days=st.tuples(st.integers(-420, 520), st.integers(0, 300)),
)
def test_ageing_and_balance_are_one(
    segcli: Run, database: Path, items: list[Item], currencies: list[str], days: tuple[int, int]
) -> None:
    for path in database.parent.glob("test.db*"):
        path.unlink()
    assert segcli("init").status == 0
    lines, payments, movements = [], [], []
    for number, ((account, start, term, amount, paid), currency) in enumerate(zip(items, currencies, strict=False)):
        day = DAY + timedelta(days=start)
        key = (f"C{account}", currency)
        lines.append(f"C{account},{number},{day},{day + timedelta(days=term)},{currency},{amount / 100:.2f}")
        movements.append((key, day, amount))
        left = amount
        for later, percent in paid:
            part = left * percent // 100 if left > 0 else -(-left * percent // 100)
            if part and left * amount > 0:  # once more than all is paid, nothing more is
                left -= part
                payments.append(f"C{account},{number},{day + timedelta(days=later)},{part / 100:.2f}")
                movements.append((key, day + timedelta(days=later), -part))
    if lines:
        receivables(segcli, lines)
    if payments:
        allocate(segcli, payments)
    first, last = DAY + timedelta(days=days[0]), DAY + timedelta(days=days[0] + days[1])
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    for key, day, amount in movements:
        wanted[key] += amount if day <= last else 0
    ages = segcli("show", "debtor-ageing", "--as-of", last, "-f", "json").rows
    for row in ages:
        buckets = sum(round(value * 100) for name, value in row.items() if name.startswith(("not_due", "days")))
        assert buckets == round(row["outstanding"] * 100) == wanted[row["account"], row["currency"]]
    assert sum(round(row["outstanding"] * 100) for row in ages) == sum(wanted.values())
    items_open = segcli("show", "outstanding-items", "--as-of", last, "-f", "json").rows
    assert sum(round(row["open"] * 100) for row in items_open) == sum(wanted.values())
    balance = segcli("show", "debtor-balance", "--from", first, "--to", last, "-f", "json").rows
    for row in balance:
        opening, debit, credit, closing = (round(row[name] * 100) for name in ("opening", "debit", "credit", "closing"))
        assert opening + debit - credit == closing == wanted[row["account"], row["currency"]]
    assert json.loads(segcli("check", "-f", "json").out)[0]["result"] in {"ok", "warning"}
    assert segcli("check").status == 0


def test_an_account_without_opening_movement_or_closing_is_left_out_of_the_balance(
    segcli: Run, empty: Path, tmp_path: Path
) -> None:
    (tmp_path / "accounts.csv").write_text("account,name\n1,Paid\n2,Owing\n3,Never\n")
    items = "account,invoice_number,invoice_date,due_date,amount\n1,A,2025-01-10,2025-02-09,100\n2,B,2025-01-10,2025-02-09,100\n"
    (tmp_path / "receivables.csv").write_text(items)
    paid = "account,invoice_number,allocation_date,amount\n1,A,2025-03-01,100\n2,B,2025-03-01,40\n"
    (tmp_path / "allocations.csv").write_text(paid)
    for name in ("accounts", "receivables", "allocations"):
        assert segcli("import", tmp_path / f"{name}.csv").status == 0
    balance = ("show", "debtor-balance", "--period", "2026", "-f", "json")
    # what account 1 was invoiced and paid lies before the year: 100 - 100 = 0; account 2 begins with 100 - 40 = 60
    assert [(row["account"], row["opening"], row["closing"]) for row in segcli(*balance).rows] == [("2", 60, 60)]
    assert [row["account"] for row in segcli(*balance, "--zero").rows] == ["1", "2"]


@pytest.mark.parametrize(
    "words",
    [
        ("account-overview",),
        ("debtor-ageing", "--base-currency"),
        ("debtor-ageing",),
        ("debtor-ageing", "--group-by", "class1"),
    ],
)
def test_the_index_of_open_items_has_all_that_is_read_of_them(
    segcli: Run, example: Path, words: tuple[str, ...]
) -> None:
    """Another index would be of all items, and lead to the row of each that is paid."""
    plan = segcli("show", *words, "--class1", "any", "--explain").out
    assert "SEARCH i USING COVERING INDEX outstanding_item_open (account_id=?)" in plan
