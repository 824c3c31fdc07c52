"""As of a day only what had happened by then counts: metrics, scores, rules and overviews."""

from pathlib import Path

import pytest
from conftest import Run
from import_case import load

HEADS = "invoice_number,account,invoice_date,net_amount\n"


def imported(segcli: Run, **files: str) -> None:
    """Import files of these contents in this order."""
    for name, content in files.items():
        load(segcli, **{name: content})


def codes(segcli: Run, where: str, day: str) -> set[str]:
    rows = segcli("show", "account-search", "-f", "json", "--where", where, "--as-of", day).rows
    return {row["account"] for row in rows}


@pytest.mark.usefixtures("empty")
def test_days_to_pay_knows_no_later_payment(segcli: Run) -> None:
    """A's invoice was paid on 2 March and, after a reversal, on 20 June; B's first after 31 March."""
    imported(
        segcli,
        a="account,name\nA,Alpha\nB,Beta\n",
        r="account,invoice_number,invoice_date,currency,amount\nA,1,2026-02-20,EUR,100\nB,2,2026-02-20,EUR,100\n",
        p="account,invoice_number,allocation_date,amount\nA,1,2026-03-02,100\nA,1,2026-06-01,-100\nA,1,2026-06-20,100\n"
        "B,2,2026-03-02,60\nB,2,2026-04-01,40\n",
    )
    for day, account, days in (
        ("2026-03-01", "A", None), ("2026-03-31", "A", 10), ("2026-06-10", "A", None), ("2026-06-30", "A", 120),
        ("2026-03-31", "B", None), ("2026-04-01", "B", 40),
    ):  # fmt: skip
        where = "days_to_pay is empty" if days is None else f"days_to_pay = {days}"
        assert account in codes(segcli, where, day), (day, account)


@pytest.mark.usefixtures("empty")
def test_a_request_that_was_closed_later_was_open(segcli: Run) -> None:
    imported(
        segcli,
        a="account,name\nA,Alpha\n",
        q="request_number,account,description,request_date,due_date,status,closed_date\n"
        "1,A,first,2026-02-01,2026-02-10,processed,2026-04-01\n2,A,second,2026-05-01,,open,\n",
    )
    for day, number, overdue in (
        ("2026-01-31", 0, []),
        ("2026-03-31", 1, ["1"]),
        ("2026-04-01", 0, []),
        ("2026-05-01", 1, []),
    ):
        assert codes(segcli, f"open_requests = {number}", day) == {"A"}, day
        rows = segcli("show", "account-overview", "-f", "json", "--as-of", day).rows
        assert rows[0]["open_requests"] == number, day
        rows = segcli("show", "request-search", "--overdue", "-f", "json", "--as-of", day).rows
        assert [row["request"] for row in rows] == overdue, day


@pytest.mark.usefixtures("empty")
def test_a_credit_note_is_not_a_purchase(segcli: Run) -> None:
    """The last invoice is of 2025-06-30, 365 days before; what came later is a credit note."""
    imported(
        segcli, a="account,name\nA,Alpha\n", i=f"{HEADS}1,A,2025-06-30,100\n2,A,2026-06-01,-20\n3,A,2025-07-01,1\n"
    )
    assert codes(segcli, "last_invoice = 2025-07-01 and first_invoice = 2025-06-30", "2026-06-30") == {"A"}
    assert segcli("show", "account-overview", "-f", "json").rows[0]["last_invoice"] == "2025-07-01"
    for study, column, value in (
        ("rfm", "days", 364),
        ("churn", "days_silent", 364),
        ("lifecycle", "days_silent", 364),
    ):
        rows = segcli("score", study, "-f", "json").rows
        assert [row[column] for row in rows] == [value], study


@pytest.mark.usefixtures("empty")
def test_a_study_does_not_see_who_bought_later(segcli: Run) -> None:
    imported(segcli, a="account,name\nA,Alpha\nB,Beta\n", i=f"{HEADS}1,A,2026-01-31,100\n2,B,2026-05-01,900\n")
    for study in ("abc", "rfm", "lifecycle", "churn"):
        rows = segcli("score", study, "-f", "json", "--as-of", "2026-03-31").rows
        assert [row["account"] for row in rows] == ["A"], study


def test_hold_looks_at_the_classes_of_the_day(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A had GOLD on 31 March and not since; B has had it since May. Only A held it then."""
    for words in (("label", "1", "Rank"), ("value", "add", "1", "GOLD"), ("value", "add", "1", "TIN")):
        assert segcli("classification", *words).status == 0
    monkeypatch.setenv("SEGCLI_TODAY", "2026-01-10")
    imported(
        segcli, a="account,name,class1\nA,Alpha,GOLD\nB,Beta,\n", i=f"{HEADS}1,A,2026-01-05,50\n2,B,2026-01-05,50\n"
    )
    monkeypatch.setenv("SEGCLI_TODAY", "2026-05-10")
    assert segcli("tag", "A", "--set", "class1=TIN").status == 0
    assert segcli("tag", "B", "--set", "class1=GOLD").status == 0
    monkeypatch.setenv("SEGCLI_TODAY", "2026-06-30")
    Path("r.yaml").write_text(
        "field: Rank\notherwise: TIN\nkeep: []\nrules:\n  - {id: gold, set: GOLD, when: turnover > 100, hold: turnover > 40}\n"
    )
    plan = {day: {row["account"]: row["to"] for row in segcli("rules", "plan", "r.yaml", "-f", "json", "--as-of", day).rows}
            for day in ("2026-03-31", "2026-06-30")}  # fmt: skip
    assert plan == {"2026-03-31": {"A": "GOLD", "B": "TIN"}, "2026-06-30": {}}


@pytest.mark.usefixtures("empty")
def test_a_due_date_stays_when_the_payment_condition_changes(segcli: Run) -> None:
    """30 days after 2026-05-15 is 2026-06-14; 60 days after 2026-06-29 is 2026-08-28."""
    conditions = "payment_condition,description,days\n30,a,30\n60,b,60\n"
    head = "account,invoice_number,invoice_date,due_date,currency,amount\n"
    imported(
        segcli,
        pc=conditions,
        a="account,name,payment_condition\nA1,Alpha,30\n",
        r=f"{head}A1,100,2026-05-15,,EUR,10.00\n",
    )

    def due() -> list[str]:
        return [row["due_date"] for row in segcli("show", "outstanding-items", "-f", "json").rows]

    assert due() == ["2026-06-14"]
    imported(segcli, a="account,name,payment_condition\nA1,Alpha,60\n")
    assert due() == ["2026-06-14"]
    imported(segcli, r=f"{head}A1,100,2026-05-15,,EUR,10.00\nA1,101,2026-06-29,,EUR,20.00\n")
    assert due() == ["2026-06-14", "2026-08-28"]
    imported(segcli, pc=conditions.replace(",30\n", ",90\n"), again=f"{head}A1,100,2026-05-15,,EUR,11.00\n")
    assert due() == ["2026-06-14", "2026-08-28"]
    without = "account,invoice_number,invoice_date,currency,amount\nA1,100,2026-05-15,EUR,12.00\n"
    imported(segcli, other=without)  # a file that has no such column
    assert due() == ["2026-06-14", "2026-08-28"]
    imported(segcli, said=f"{head}A1,100,2026-05-15,2026-06-20,EUR,12.00\n")
    assert due() == ["2026-06-20", "2026-08-28"]


@pytest.mark.usefixtures("empty")
def test_an_invoice_is_as_it_was_on_the_day(segcli: Run) -> None:
    """Invoice 1 of 100 was paid in two parts; invoice 2 came after it was paid."""
    imported(
        segcli,
        a="account,name\nA,Alpha\n",
        i=f"{HEADS}1,A,2026-01-10,100\n2,A,2026-04-10,7\n",
        l="invoice_number,line,description,quantity,unit_price\n1,1,x,1,100\n2,1,x,1,7\n",
        r="account,invoice_number,invoice_date,currency,amount\nA,1,2026-01-10,EUR,100\n",
        p="account,invoice_number,allocation_date,amount\nA,1,2026-02-01,60\nA,1,2026-03-01,40\n",
    )
    for day, found in (("2026-02-15", [("1", 40, None)]), ("2026-03-31", [("1", 0, "2026-03-01")]),
                       ("2026-04-10", [("1", 0, "2026-03-01"), ("2", None, None)])):  # fmt: skip
        rows = segcli(
            "show", "invoice-history", "-f", "json", "--columns", "invoice_number,open,paid_date", "--as-of", day
        ).rows
        assert [tuple(row.values()) for row in rows] == found, day
    for day, revenue in (("2026-03-31", 100), ("2026-04-09", 100), ("2026-04-10", 107)):
        rows = segcli("show", "sales-analysis", "-f", "json", "--as-of", day).rows
        assert [row["revenue"] for row in rows] == [revenue], day
