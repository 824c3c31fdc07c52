"""Open items of imported sales invoices: off by default, one of each new invoice, what is prepaid counts as paid."""

from pathlib import Path
from typing import Any

import pytest
from cii_files import DUE, HOME, document, line, party, totals, write
from conftest import Run, connected
from import_case import load

INVOICES = "invoice_number,account,invoice_date,due_date,currency,net_amount,vat_amount,total_amount,status\n"
ACCOUNTS = "account,name,payment_condition\nA1,Alpha,30\nA2,Beta,\n"
CONDITIONS = "payment_condition,description,days\n30,30 days,30\n"
ONE = INVOICES + "F-1,A1,2026-03-02,2026-04-01,EUR,100.00,21.00,121.00,\n"
ON = ("--open-items",)


def items(database: Path) -> list[tuple[Any, ...]]:
    with connected(database) as db:
        return db.execute(
            "SELECT a.code, i.invoice_number, i.invoice_date, i.due_date, i.currency, i.amount, i.open_amount, i.base_amount"
            " FROM outstanding_item AS i JOIN account AS a ON a.id = i.account_id ORDER BY 1, 2"
        ).fetchall()


@pytest.fixture
def home(segcli: Run, database: Path) -> Path:
    """Return a database with two accounts, the first with a payment condition of 30 days."""
    assert segcli("init", "--currency", "EUR", "--name", HOME[0]).status == 0
    load(segcli, conditions=CONDITIONS, accounts=ACCOUNTS)
    return database


def test_it_is_off_and_named(segcli: Run, home: Path) -> None:
    found = segcli("import", write(ONE, "i.csv"), "-f", "json")
    assert found.rows[0]["notes"] == "1 invoice without an open item: --open-items makes open items of new invoices"
    assert items(home) == []


def test_a_new_invoice_becomes_one(segcli: Run, home: Path) -> None:
    found = segcli("import", write(ONE, "i.csv"), *ON, "-f", "json")
    assert found.rows[0]["notes"] == "1 open item made of these invoices"
    assert items(home) == [("A1", "F-1", "2026-03-02", "2026-04-01", "EUR", 12100, 12100, 12100)]
    assert segcli("check").status == 0
    shown = segcli("show", "outstanding-items", "--as-of", "2026-03-10", "-f", "json").rows
    assert [(row["invoice_number"], row["open"]) for row in shown] == [("F-1", 121.0)]


def test_the_setting_does_the_same(segcli: Run, home: Path) -> None:
    Path("config.yaml").write_text("imports:\n  open_items: yes\n")
    assert segcli("import", write(ONE, "i.csv"), "--config", "config.yaml").status == 0
    assert len(items(home)) == 1
    Path("config.yaml").write_text("imports:\n  open_items: maybe\n")
    wrong = segcli("import", "i.csv", "--config", "config.yaml")
    assert "imports.open_items: 'maybe' is none of yes, no" in wrong.err


def test_twice_is_once_and_invoices_that_were_here_stay(segcli: Run, home: Path) -> None:
    load(segcli, i=ONE)
    again = segcli("import", "i.csv", *ON, "--again", "-f", "json")
    assert "open item" not in again.out
    two = segcli("import", write(ONE + "F-2,A2,2026-03-03,2026-04-02,EUR,10.00,2.10,12.10,\n", "two.csv"), *ON)
    assert two.status == 0
    assert [row[1] for row in items(home)] == ["F-2"]
    assert segcli("import", "two.csv", *ON, "--again").status == 0
    assert [row[1] for row in items(home)] == ["F-2"]


def test_an_item_of_that_account_and_number_stays(segcli: Run, home: Path) -> None:
    """One term of two is there; that of another account does not count."""
    load(
        segcli,
        r="account,invoice_number,invoice_date,term,amount\nA1,F-1,2026-03-02,2,60.50\nA2,F-1,2026-03-02,1,5.00\n",
    )
    load(segcli, *ON, i=ONE)
    assert [(row[0], row[5]) for row in items(home)] == [("A1", 6050), ("A2", 500)]


def test_drafts_orders_and_invoices_of_nothing_are_none(segcli: Run, home: Path) -> None:
    rows = "F-1,A1,2026-03-02,,EUR,100.00,21.00,121.00,open\nF-2,A1,2026-03-02,,EUR,0.00,0.00,0.00,\n"
    load(segcli, *ON, i=INVOICES + rows)
    assert items(home) == []


def test_purchases_are_none(segcli: Run, home: Path) -> None:
    rows = "supplier_invoice_number,supplier,invoice_date,total_amount\nF-1,A1,2026-03-02,121.00\n"
    found = segcli("import", write(rows, "p.csv"), "--as", "purchase-invoice", *ON, "-f", "json")
    assert found.status == 0
    assert items(home) == []


def test_due_dates_follow_from_the_payment_condition(segcli: Run, home: Path) -> None:
    """A1 pays in 30 days: 2 March + 30 = 1 April; A2 has no condition; a credit note has no due date."""
    rows = "F-1,A1,2026-03-02,,EUR,,,121.00,\nF-2,A2,2026-03-02,,EUR,,,50.00,\nF-3,A1,2026-03-02,,EUR,,,-20.00,\n"
    load(segcli, *ON, i=INVOICES + rows)
    assert [(row[1], row[3], row[6]) for row in items(home)] == [
        ("F-1", "2026-04-01", 12100),
        ("F-3", None, -2000),
        ("F-2", None, 5000),
    ]


def test_foreign_invoices_have_their_base_amount(segcli: Run, home: Path) -> None:
    """110.00 USD stated as 100.00 EUR; and without a statement 220.00 USD at 1.10."""
    head = "invoice_number,account,invoice_date,currency,total_amount,base_total_amount\n"
    load(segcli, *ON, i=head + "F-1,A1,2026-03-02,USD,110.00,100.00\nF-2,A1,2026-03-02,USD,220.00,\n")
    assert [row[7] for row in items(home)] == [10000, None]
    Path("rates.csv").write_text("currency,date,rate\nUSD,2026-03-01,1.10\n")
    assert segcli("rates", "import", "rates.csv").status == 0
    assert [row[7] for row in items(home)] == [10000, 20000]


def paid(more: str, due: str, *, code: str = "380") -> str:
    return document(
        party("Seller", HOME) + party("Buyer", ("Alpha", "", "")), line("1", "4", "25", "100.00", item=""),
        DUE + totals("100.00", "19.00", "119.00", more=more, due=due), about={"TypeCode": code},
    )  # fmt: skip


PREPAID = "<ram:TotalPrepaidAmount>{}</ram:TotalPrepaidAmount>"
ROUNDED = "<ram:RoundingAmount>{}</ram:RoundingAmount>"


@pytest.mark.parametrize(("more", "due", "code", "items_open"), [
    (PREPAID.format("50.00"), "69.00", "380", [6900]),
    (PREPAID.format("119.00"), "0.00", "380", [0]),
    (PREPAID.format("150.00"), "-31.00", "380", [-3100, 0]),  # what is paid too much is a receipt
    (ROUNDED.format("-0.02"), "118.98", "380", [11898]),
    (ROUNDED.format("0.01"), "119.01", "380", [11901]),
    (ROUNDED.format("0.01") + PREPAID.format("50.00"), "69.01", "380", [6901]),
    (PREPAID.format("19.00"), "100.00", "381", [-10000]),
], ids=["part", "whole", "too much", "rounded down", "rounded up", "both", "credit note"])  # fmt: skip
def test_what_is_open_is_what_the_document_asks_to_pay(  # noqa: PLR0913 - the columns of the table
    segcli: Run, home: Path, more: str, due: str, code: str, items_open: list[int]
) -> None:
    found = segcli("import", write(paid(more, due, code=code)), "--as", "invoice", *ON)
    assert found.status == 0, found.err
    assert sorted(row[6] for row in items(home)) == items_open
    sign = -1 if code == "381" else 1
    assert sum(items_open) == sign * round(float(due) * 100)
    assert segcli("check").status == 0


def test_receivables_before_or_after_give_the_same(segcli: Run, home: Path, tmp_path: Path) -> None:
    """A credit note comes with its booking, an invoice in two terms, and one is paid in part."""
    rows = "F-2,A1,2026-03-02,2026-04-01,EUR,,,200.00,\nF-3,A1,2026-03-02,,EUR,,,-20.00,\n"
    invoices = ONE + rows
    receivables = (
        "account,invoice_number,entry_number,invoice_date,due_date,amount,open\n"
        "A1,F-1,E1,2026-03-02,2026-04-01,121.00,21.00\nA1,F-2,E2,2026-03-02,2026-04-01,100.00,100.00\n"
        "A1,F-2,E2,2026-03-02,2026-05-01,100.00,100.00\nA1,F-3,E3,2026-03-02,,-20.00,-20.00\n"
    )
    start = home.read_bytes()
    load(segcli, *ON, i=invoices)
    load(segcli, r=receivables)
    after = items(home)
    for file in home.parent.glob("test.db*"):
        file.unlink()
    home.write_bytes(start)
    load(segcli, r=receivables)
    load(segcli, *ON, i=invoices)
    assert items(home) == after
    assert sorted(row[6] for row in after) == [-2000, 2100, 10000, 10000]


def test_amounts_may_follow_from_lines(segcli: Run, home: Path) -> None:
    lines = "invoice_number,line_number,quantity,unit_price,net_amount,vat_percent\nF-1,1,4,25,100.00,21\n"
    heads = "invoice_number,account,invoice_date,due_date\nF-1,A1,2026-03-02,2026-04-01\n"
    load(segcli, *ON, i=heads)
    assert items(home) == []  # it is worth nothing yet, and is here already when its lines come
    load(segcli, *ON, l=lines)
    assert items(home) == []


def test_it_is_undone(segcli: Run, home: Path) -> None:
    found = segcli("import", write(paid(PREPAID.format("50.00"), "69.00")), "--as", "invoice", *ON)
    assert found.status == 0
    assert len(items(home)) == 1
    assert segcli("undo", segcli("log", "-f", "json").rows[0]["run"], "--yes").status == 0
    with connected(home) as db:
        for table in ("outstanding_item", "allocation", "invoice"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_a_dry_run_says_what_would_be(segcli: Run, home: Path) -> None:
    found = segcli("import", write(ONE, "i.csv"), *ON, "--dry-run", "-f", "json")
    assert found.rows[0]["notes"] == "1 open item would be made of these invoices"
    assert items(home) == []
