"""Reminders: what else is open: credits, later payments, and the letters that list them."""

import csv
import email
import email.policy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, Run, connected
from reminder_case import DAY, level, money, owing, policy, remind, send


def reasons(rows: list[dict[str, Any]]) -> dict[str, str | None]:
    return {row["account"]: row["reason"] for row in rows}


def test_who_is_in_credit_is_not_reminded(segcli: Run, empty: Path) -> None:
    """A1 owes -50.00, A2 0.50 and A3 0.90, at a tolerance of 1.00; A4 owes 1.01, which is above it."""
    owing(
        segcli,
        ["A1,1,60,EUR,100", "A1,C1,46,EUR,-150", "A2,2,60,EUR,100", "A2,C2,46,EUR,-99.50", "A3,3,60,EUR,0.90",
         "A4,4,60,EUR,100", "A4,C4,46,EUR,-98.99"],
        "A1,A1,,0\nA2,A2,,0\nA3,A3,,0\nA4,A4,,0",
    )  # fmt: skip
    Path("config.yaml").write_text("letters: {name: Ours}\nreminders: {tolerance: 1.00}\n")
    less = "100.00 overdue less {} of open credits and receipts is at or under the tolerance"
    assert reasons(remind(segcli)) == {
        "A1": less.format("150.00"), "A2": less.format("99.50"), "A3": "0.90 is at or under the tolerance", "A4": None,
    }  # fmt: skip
    assert [(row["account"], row["to_pay"]) for row in send(segcli) if not row["reason"]] == [("A4", 1.01)]
    assert sorted(path.name for path in Path("out").glob("*/*")) == ["A4.pdf", "reminders.csv"]
    with connected(empty) as db:
        stored = db.execute("SELECT open_amount, also_open_amount, credit_amount FROM reminder").fetchall()
    assert stored == [(10000, 0, -9899)]


def test_credits_count_in_their_own_currency_and_against_all_that_is_overdue(segcli: Run, empty: object) -> None:
    owing(
        segcli,
        ["C,1,10,EUR,100,", "C,2,10,USD,-500,",  # another currency covers nothing
         "D,3,10,EUR,100,", "D,4,1,EUR,80,", "D,5,1,EUR,-150,",  # 30 of 180 is left; 80 has not come to its level
         "E,6,10,EUR,100,", "E,7,-5,EUR,300,", "E,8,1,EUR,-100,",  # what is not due yet does not count
         "F,9,10,EUR,100,1", "F,10,10,EUR,100,", "F,11,1,EUR,-120,"],  # nor what is disputed
        "C,C,,0\nD,D,,0\nE,E,,0\nF,F,,0",
        ",is_disputed",
    )  # fmt: skip
    policy(level(5))
    rows = remind(segcli)
    covered = "100.00 overdue less {} of open credits and receipts is at or under the tolerance"
    assert [(row["account"], row["reason"]) for row in rows] == [
        ("C", None), ("D", None), ("E", covered.format("100.00")), ("F", covered.format("120.00")), ("F", "disputed"),
    ]  # fmt: skip
    amounts = ("open", "also_open", "unallocated", "total", "to_pay")
    assert [tuple(row[name] for name in amounts) for row in rows[:2]] == [
        (100, None, None, 100, 100), (100, 80, -150, 100, 30),  # never more than the balance
    ]  # fmt: skip


def test_what_was_paid_since_the_day_is_not_reminded(segcli: Run, empty: object) -> None:
    owing(segcli, ["A,1,60,EUR,100", "B,2,60,EUR,100", "D,3,60,EUR,100"], "A,A,,0\nB,B,,0\nD,D,,0")
    later = DAY + timedelta(days=1)
    Path("p.csv").write_text(
        f"account,invoice_number,allocation_date,amount\nA,1,{later},100\nB,2,{later},60\nD,3,{DAY},10\n"
    )
    assert segcli("import", "p.csv").status == 0
    policy(level(0))
    found = [(row["account"], row["open"], row["reason"]) for row in remind(segcli)]
    # On the day A owed 100, and B 100, of which 60 was paid since.
    assert found == [("A", 100, f"paid since {later}"), ("B", 40, None), ("D", 90, None)]
    assert [row["account"] for row in remind(segcli, day=later)] == ["B", "D"]


def test_a_credit_set_off_since_the_day_does_not_count_twice(segcli: Run, empty: object) -> None:
    """100 less a credit of 60, which was set off the day after: 40 is left, not -20."""
    owing(segcli, ["A,1,60,EUR,100", "A,C,60,EUR,-60"], "A,A,,0")
    later = DAY + timedelta(days=1)
    Path("p.csv").write_text(f"account,invoice_number,allocation_date,amount\nA,1,{later},60\nA,C,{later},-60\n")
    assert segcli("import", "p.csv").status == 0
    policy(level(0))
    (row,) = remind(segcli)
    assert (row["open"], row["unallocated"], row["to_pay"], row["reason"]) == (40, None, 40, None)


def test_a_rule_goes_before_a_missing_address(segcli: Run, empty: object) -> None:
    owing(segcli, ["A,1,9,EUR,0.50", "B,2,9,EUR,50", "B,3,1,EUR,-50", "D,4,9,EUR,50"], "A,A,,0\nB,B,,0\nD,D,,0")
    Path("config.yaml").write_text(
        "letters: {name: Ours}\nreminders: {without_email: report, levels: [{action: email, days: 5}]}\n"
    )
    done = segcli("run", "print-reminders", "--config", "config.yaml", *APPLY, "--folder", "out")
    assert (done.status, done.err.splitlines()[0]) == (5, "segcli: account D (EUR): no e-mail address")
    assert done.err.count("account ") == 1


LETTERS = {
    "en": ("Also open on your account", "Balance after credits", "To be paid (EUR)", "Credit", "pay 1,685.73 EUR by"),
    "de": (
        "Weitere offene Posten",
        "Saldo nach Verrechnung",
        "Zu zahlen (EUR)",
        "Guthaben",
        "1.685,73 EUR bis zum 10. Juli 2026",
    ),
    "nl": (
        "Overige openstaande posten",
        "Saldo na verrekening",
        "Te betalen (EUR)",
        "Tegoed",
        "1.685,73 EUR uiterlijk",
    ),
}


@pytest.mark.parametrize("language", LETTERS)
def test_a_letter_lists_what_else_is_open(segcli: Run, empty: object, language: str) -> None:
    """1250.00 + 380.50 + 40.00 costs + 20.28 interest = 1690.78; with 99.95 more and 105.00 of credits 1685.73."""
    from pypdf import PdfReader

    rows = [
        "C,F1,60,EUR,1250.00",
        "C,F2,46,EUR,380.50",
        "C,F3,6,EUR,99.95",
        "C,F4,-24,EUR,500.00",
        "C,CN,29,EUR,-75.00",
        "C,,20,EUR,-30.00",
    ]
    owing(segcli, rows, "C,Client,,0")
    text = f"letters: {{name: Ours, iban: NL91ABNA0417164300}}\nreminders: {{language: {language}, levels: [{level(14, '40.00', 8)}]%s}}\n"
    Path("config.yaml").write_text(text % "")
    # 1250.00 at 8 % for 60 days is 16.438, 380.50 for 46 days 3.836: 16.44 and 3.84.
    assert [money(row) for row in send(segcli)] == [(1630.50, 40, 20.28, 1690.78)]
    (path,) = Path("out").glob("*/C.pdf")
    said = " ".join("".join(page.extract_text() for page in PdfReader(path).pages).split())
    sign = (lambda amount: amount) if language == "en" else (lambda amount: amount.translate(str.maketrans(",.", ".,")))
    for words in (*LETTERS[language], "F1", "F2", "F3", "CN", *map(sign, ("1,690.78", "99.95", "-75.00", "-30.00"))):
        assert words in said, words
    assert "F4" not in said  # it is not due yet
    assert said.count(sign("1,685.73")) == 4  # asked for, the balance, to be paid, and once more with the IBAN
    assert said.index(LETTERS[language][0]) < said.index("F3")
    with next(Path("out").glob("*/reminders.csv")).open(encoding="utf-8", newline="") as file:
        (merged,) = csv.DictReader(file)
    assert [merged[name] for name in ("total", "also_open", "credits", "to_pay")] == [
        "1690.78",
        "99.95",
        "-105.00",
        "1685.73",
    ]


def test_a_letter_of_its_items_alone(segcli: Run, empty: object) -> None:
    from pypdf import PdfReader

    owing(segcli, ["C,F1,60,EUR,100", "C,F3,6,EUR,99.95", "C,CN,29,EUR,-75"], "C,Client,,0")
    policy(level(14))
    Path("config.yaml").write_text(
        Path("config.yaml").read_text().replace("tolerance: 0", "tolerance: 0, also_open: no")
    )
    (row,) = send(segcli)
    assert (row["also_open"], row["unallocated"], row["to_pay"]) == (None, -75, 100)
    (path,) = Path("out").glob("*/C.pdf")
    said = "".join(page.extract_text() for page in PdfReader(path).pages)
    assert ["F1" in said, "F3" in said, "CN" in said, "Also open" in said] == [True, False, False, False]


def test_a_mail_lists_what_else_is_open(segcli: Run, empty: object) -> None:
    owing(segcli, ["C,F1,60,EUR,100", "C,CN,29,EUR,-75"])
    policy("{action: email, start: due date, days: 5}")
    send(segcli)
    message = email.message_from_bytes(next(Path("out").glob("*/C.eml")).read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert "Also open on your account" in said
    assert "Invoice: CN" in said
    assert "Balance after credits: 25.00\nTo be paid (EUR): 25.00" in said.replace("\r\n", "\n")
