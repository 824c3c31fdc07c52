"""Audit files, SAF-T, and Exact's XML and REST answers, from the file to the overviews."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, fingerprint
from finance_files import (
    SAFT_MASTER,
    XAF_32,
    XAF_40,
    eexact,
    elements,
    gl_line,
    gl_transaction,
    gl_value,
    journal,
    line,
    saft,
    saft_entry,
    saft_post,
    xaf,
)
from import_case import load

RELATIONS = "<customersSuppliers>" + "".join(
    f"<customerSupplier>{elements(custSupID=code, custSupName=name, custSupTp=kind)}</customerSupplier>"
    for code, name, kind in (("7", "Kaas", "C"), ("000000", "Wij", "O"))
) + "</customersSuppliers>"  # fmt: skip
LEDGER = "<generalLedger>" + "".join(
    f"<ledgerAccount>{elements(accID=code, accDesc=text, accTp=kind)}</ledgerAccount>"
    for code, text, kind in (("1300", "Debiteuren", "B"), ("8000", "Omzet", "P"), ("1100", "Bank", "B"))
) + "</generalLedger>"  # fmt: skip


def rows(segcli: Run, name: str, *words: str) -> list[dict[str, Any]]:
    done = segcli("show", name, "-f", "json", *words)
    assert (done.status, done.err) == (0, "")
    return done.rows


def sub_line(entry_: str, side: str, amount: str, kind: str, invoice: str) -> str:
    code, _, entry_number = entry_.partition("/")
    about = elements(nr="1", jrnID=code, trNr=entry_number, trLineNr="1", amnt=amount, amntTp=side, docRef="")
    paid = elements(custSupID="7", invRef=invoice, invDt="2024-01-30", invDueDt="2024-02-29", mutTp=kind)
    return f"<sbLine>{about}{paid}</sbLine>"


@pytest.mark.parametrize("namespace", [XAF_32, XAF_40])
def test_an_audit_file_with_all_that_it_may_hold(segcli: Run, empty: Path, namespace: str) -> None:
    sale = journal(line("1", "1300", "121.00", "D", "<custSupID>7</custSupID>") + line("2", "8000", "121.00", "C"))
    bank = journal(line("1", "1300", "150.00", "C", "<custSupID>7</custSupID>") + line("2", "1100", "150.00", "D"),
                   code="20", kind="B", entry="5")  # fmt: skip
    sub = "<subledgers><subledger><sbType>CU</sbType>" + sub_line("70/1", "D", "121.00", "I", "2401") + sub_line(
        "20/5", "C", "150.00", "P", "2401") + "</subledger></subledgers>"  # fmt: skip
    text = xaf(f"{RELATIONS}{LEDGER}<transactions>{sale}{bank}{sub}</transactions>", namespace)
    for _ in range(2):
        load(segcli, **{"file.xml": text})
        lines = rows(segcli, "transaction-search")
        assert sum(row["debit"] or 0 for row in lines) == sum(row["credit"] or 0 for row in lines) == 271
        # The receipt of 150 pays the invoice of 121; the rest is a receipt that is not allocated.
        assert [row["open"] for row in rows(segcli, "outstanding-items")] == [-29]
    done = segcli("show", "debtor-ageing", "-f", "md")
    assert "ledger 1300: -29.00, items: -29.00, difference 0.00 EUR" in done.out


def test_an_audit_file_of_another_currency_is_refused(segcli: Run, empty: Path) -> None:
    before = fingerprint(empty)
    sale = journal(line("1", "1300", "121.00", "D") + line("2", "8000", "121.00", "C"))
    text = xaf(f"{RELATIONS}{LEDGER}<transactions>{sale}</transactions>").replace("<curCode>EUR", "<curCode>USD")
    done = load(segcli, status=1, **{"file.xml": text})
    assert "is kept in USD, this administration in EUR" in done.err
    assert fingerprint(empty) == before


def test_saft_in_its_own_currency(segcli: Run) -> None:
    assert segcli("init", "--currency", "NOK").status == 0
    sale = saft_post("1", "1500", "Debit", "125.00").replace("</AccountID>", "</AccountID><CustomerID>10</CustomerID>")
    text = saft(SAFT_MASTER, saft_entry(sale + saft_post("2", "3000", "Credit", "125")))
    for _ in range(2):
        load(segcli, **{"file.xml": text})
    found = rows(segcli, "transaction-search", "--columns", "gl_account,account,debit,credit,subledger")
    assert [tuple(row.values()) for row in found] == [
        ("1500", "10", 125, None, "debtors"),
        ("3000", None, None, 125, None),
    ]
    (row,) = segcli("show", "debtor-balance", "--ledger", "--to", "2024-12-31", "-f", "json").rows
    # The file has no subledger: what the customer owes comes from the ledger.
    assert (row["account"], row["closing"], row["outstanding"], row["difference"]) == ("10", 125, 125, 0)


def test_an_entry_of_exact_that_does_not_balance_is_rejected_whole(segcli: Run, empty: Path) -> None:
    accounts = '<Account code="7"><Name>Kaas</Name></Account>'
    ledger = '<GLAccount code="1300" type="20" balanceType="B"/><GLAccount code="8000" type="110" balanceType="W"/>'
    good = gl_transaction(
        gl_line("0", "1300", gl_value("121"), '<Account code="7"/>') + gl_line("1", "8000", gl_value("-121"))
    )
    bad = gl_transaction(
        gl_line("0", "1300", gl_value("121")) + gl_line("1", "8000", gl_value("-120")), entry="24700002"
    )
    both = eexact(Accounts=accounts, GLAccounts=ledger, GLTransactions=good + bad)
    done = load(segcli, status=1, **{"file.xml": both})
    assert "entry 24700002 of journal 70 does not balance: debit 121.00, credit 120.00, difference 1.00" in done.err
    assert rows(segcli, "transaction-search") == []
    for _ in range(2):
        load(segcli, **{"file.xml": eexact(Accounts=accounts, GLAccounts=ledger, GLTransactions=good)})
        assert [row["debit"] for row in rows(segcli, "transaction-search")] == [121, None]


def test_rest_transaction_lines(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\n7,Kaas\n")
    assert segcli("import", "a.csv").status == 0
    common = {"__metadata": {"type": "Exact.Web.Api.Models.TransactionLine"}, "EntryNumber": 1, "JournalCode": "70",
              "JournalDescription": "Verkoop", "FinancialYear": 2024, "FinancialPeriod": 1, "Date": "/Date(1706659200000)/",
              "Type": 20, "Currency": "USD"}  # fmt: skip
    lines = [
        {**common, "LineNumber": 0, "GLAccountCode": "     1300", "AccountCode": "                 7", "AmountDC": 110,
         "AmountFC": 121},
        {**common, "LineNumber": 1, "GLAccountCode": "     8000", "AccountCode": None, "AmountDC": -110, "AmountFC": -121},
    ]  # fmt: skip
    for _ in range(2):
        load(segcli, **{"lines.json": json.dumps({"d": {"results": lines}})})
    found = rows(
        segcli, "transaction-search", "--columns", "entry_date,account,debit,credit,currency,foreign_amount,type"
    )
    assert [tuple(row.values()) for row in found] == [
        ("2024-01-31", "7", 110, None, "USD", 121, "sales"),
        ("2024-01-31", None, None, 110, "USD", -121, "sales"),
    ]


def test_the_real_audit_file_agrees_with_itself(segcli: Run, empty: Path, shared: Path) -> None:
    file = shared / "data/exact/auditfile-2016.xaf.xml"
    for words in ((), ("--again",)):
        assert segcli("import", file, *words).status == 0
    lines = rows(segcli, "transaction-search")
    assert len(lines) == 167
    assert (
        round(sum(row["debit"] or 0 for row in lines), 2)
        == round(sum(row["credit"] or 0 for row in lines), 2)
        == 999954.06
    )
    wanted = {"1": 8000, "22": 45922.37, "25": 23700, "29": 8000, "33": -391842.46, "34": 0, "36": 2000}
    ages = rows(segcli, "debtor-ageing", "--as-of", "2016-12-31")
    assert {row["account"]: row["outstanding"] for row in ages} == wanted
    balance = rows(segcli, "debtor-balance", "--ledger", "--period", "2016")
    assert {row["account"]: row["closing"] for row in balance} == wanted
    assert round(sum(row["debit"] for row in balance), 2) == 104122.37
    assert round(sum(row["credit"] for row in balance), 2) == 408342.46
    shown = segcli("show", "debtor-ageing", "--as-of", "2016-12-31", "-f", "md").out
    assert "ledger 1300: -304,220.09, items: -304,220.09, difference 0.00 EUR" in shown
