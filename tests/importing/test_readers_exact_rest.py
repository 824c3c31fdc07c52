"""The finances in Exact Online's REST answers, and the codes that they use."""

import json
from pathlib import Path
from typing import Any

import pytest
from finance_files import Read, read, read_file

from segcli.importing.readers.parts import exact_codes as codes


def rest(folder: Path, kind: str, *records: dict[str, Any]) -> Read:
    listed = [{"__metadata": {"type": f"Exact.Web.Api.Models.{kind}"}, **record} for record in records]
    return read(folder, json.dumps({"d": {"results": listed}}), "rest.json")


def test_real_rest_answers(shared: Path) -> None:
    found = read_file(shared / "data" / "exact" / "rest-gl-accounts.json")
    assert found.of("gl_account", "gl_account", "description", "type", "subledger", "is_blocked") == [
        ("4406", "Test", "P", None, "0"), ("1300", "Debiteuren", "B", "debtors", "0"),
    ]  # fmt: skip


def test_rest_journals_and_conditions(tmp_path: Path) -> None:
    found = rest(tmp_path, "Journal", {"Code": " 20", "Description": "Bank", "Type": 12, "Currency": "EUR"})
    assert found.headers["journal"] == ("journal", "description", "type")
    assert found.of("journal", "journal", "type") == [("20", "bank")]
    found = rest(
        tmp_path,
        "PaymentCondition",
        {"Code": "30", "Description": "30 dagen", "PaymentDays": 30, "PaymentEndOfMonths": 0},
    )
    assert found.of("payment_condition", "payment_condition", "description", "days") == [("30", "30 dagen", "30")]


def test_rest_transaction_lines(tmp_path: Path) -> None:
    common = {
        "JournalCode": "70",
        "FinancialYear": 2024,
        "FinancialPeriod": 1,
        "EntryNumber": 24700001,
        "Date": "/Date(1706659200000)/",
        "Type": 20,
        "Account": "guid",
    }
    found = rest(
        tmp_path, "TransactionLine",
        {**common, "ID": "a", "LineNumber": 0, "GLAccountCode": " 1300", "GLAccount": "g", "AccountCode": "      7", "AmountDC": 90.5, "AmountFC": 100, "Currency": "USD", "ExchangeRate": 0.905, "InvoiceNumber": 2401, "DueDate": "/Date(1709164800000)/", "YourRef": "PO", "VATCode": None},
        {**common, "ID": "b", "LineNumber": 1, "GLAccountCode": "8000", "AmountDC": -90.5, "AmountFC": -90.5, "Currency": "EUR", "ExchangeRate": 1, "InvoiceNumber": 0, "VATCode": "2  ", "Quantity": 3},
        {**common, "ID": "c", "LineNumber": 1, "GLAccountCode": "8000", "AmountDC": 0, "AmountFC": 0, "Currency": "EUR", "ExchangeRate": 1, "Type": 10},
    )  # fmt: skip
    names = (
        "journal",
        "financial_year",
        "period",
        "entry_number",
        "line_number",
        "entry_date",
        "gl_account",
        "account",
        "amount",
        "type",
    )
    assert found.of("transaction_line", *names) == [
        ("70", "2024", "1", "24700001", "0", "2024-01-31", "1300", "7", "90.5", "sales"),
        ("70", "2024", "1", "24700001", "1", "2024-01-31", "8000", "guid", "-90.5", "sales"),
        ("70", "2024", "1", "24700001", "1.2", "2024-01-31", "8000", "guid", "0", "opening"),
    ]
    assert found.of("transaction_line", "currency", "foreign_amount", "invoice_number", "due_date", "reference", "vat_code", "quantity", "external_id") == [
        ("USD", "100", "2401", "2024-02-29", "PO", None, None, "a"), (None, None, None, None, None, "2", "3", "b"), (None, None, None, None, None, None, None, "c"),
    ]  # fmt: skip


def test_rest_transaction_lines_in_currencies_that_are_no_numbers(tmp_path: Path) -> None:
    """Whether a line is in another currency is told by what is no number, too; the amount is refused by whoever takes it."""
    common = {"JournalCode": "70", "EntryNumber": 1, "Currency": "USD", "AmountDC": "x"}
    found = rest(
        tmp_path,
        "TransactionLine",
        {**common, "LineNumber": 0, "AmountFC": "x"},
        {**common, "LineNumber": 1, "AmountFC": "y"},
    )
    assert found.of("transaction_line", "amount", "currency", "foreign_amount") == [
        ("x", None, None),
        ("x", "USD", "y"),
    ]


def test_rest_purchase_invoices_with_their_lines(tmp_path: Path) -> None:
    line = {
        "__metadata": {"type": "Exact.Web.Api.Models.PurchaseInvoiceLine"}, "InvoiceID": "p", "LineNumber": 1, "Item": "g",
        "Description": "Meel", "Quantity": 2, "Unit": "kg", "UnitPrice": 50, "Amount": 95, "VATCode": "5", "VATPercentage": 0.21,
        "VATAmount": 19.95, "Discount": 0.05,
    }  # fmt: skip
    invoice = {
        "ID": "p", "Supplier": "s", "YourRef": "F-77", "InvoiceNumber": 0, "InvoiceDate": "/Date(1706659200000)/",
        "DueDate": "/Date(1709164800000)/", "Currency": "EUR", "Amount": 114.95, "VATAmount": 19.95, "Journal": "60", "Status": 20,
        "PaymentCondition": "30", "Description": "Meel", "PurchaseInvoiceLines": {"results": [line]},
    }  # fmt: skip
    found = rest(tmp_path, "PurchaseInvoice", invoice, {**invoice, "ID": "q", "YourRef": None, "InvoiceNumber": 12, "PurchaseInvoiceLines": None})  # fmt: skip
    assert found.of("purchase_invoice", "external_id", "account", "invoice_number", "invoice_date", "due_date", "currency", "total_amount", "vat_amount", "journal") == [
        ("p", "s", "F-77", "2024-01-31", "2024-02-29", "EUR", "114.95", "19.95", "60"),
        ("q", "s", "12", "2024-01-31", "2024-02-29", "EUR", "114.95", "19.95", "60"),
    ]  # fmt: skip
    assert found.of("purchase_invoice_line", "invoice_id", "line_number", "item", "description", "quantity", "unit", "unit_price", "net_amount", "discount_percent", "vat_percent", "vat_code", "vat_amount") == [
        ("p", "1", "g", "Meel", "2", "kg", "50", "95", "5", "21", "5", "19.95"),
    ]  # fmt: skip


def test_rest_items(tmp_path: Path) -> None:
    found = rest(
        tmp_path, "Item",
        {"ID": "a", "Code": "   MEEL", "Description": "Meel", "ItemGroup": "g", "ItemGroupCode": "BAK", "Unit": "kg", "StandardSalesPrice": 2.5, "CostPriceStandard": 1.25, "IsSalesItem": True},
        {"ID": "b", "Code": "GIST", "Description": "Gist", "ItemGroup": "g", "ItemGroupCode": None, "Unit": " ", "StandardSalesPrice": None},
    )  # fmt: skip
    assert found.of("item", "item", "description", "item_group", "unit", "sales_price", "cost_price", "external_id") == [
        ("MEEL", "Meel", "BAK", "kg", "2.5", "1.25", "a"), ("GIST", "Gist", "g", None, None, None, "b"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "date", ["/Date(99999999999999999)/", "/Date(-99999999999999)/", f"/Date({'9' * 5000})/", "/Date(soon)/"]
)
def test_dates_beyond_the_calendar_are_left_to_whoever_takes_them(tmp_path: Path, date: str) -> None:
    assert rest(tmp_path, "TransactionLine", {"JournalCode": "1", "Date": date}).of(
        "transaction_line", "entry_date"
    ) == [(date,)]


def test_rest_receivables_list(tmp_path: Path) -> None:
    record = {
        "HID": 5,
        "AccountCode": "  7",
        "AccountId": "g",
        "AccountName": "A",
        "Amount": 121.0,
        "AmountInTransit": 21,
        "CurrencyCode": "EUR",
        "InvoiceDate": "/Date(1706659200000)/",
        "InvoiceNumber": 0,
        "EntryNumber": 24700001,
        "JournalCode": "70",
    }
    found = rest(tmp_path, "ReceivablesList", record)
    assert found.of(
        "outstanding_item",
        "account",
        "name",
        "invoice_number",
        "journal",
        "entry_number",
        "invoice_date",
        "currency",
        "amount",
        "open",
        "external_id",
    ) == [("7", "A", None, "70", "24700001", "2024-01-31", "EUR", "121.0", "121.0", "5")]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        # An invoice of 121, of which this term is open: money to be received is negative.
        (
            {
                "AmountDC": -121.0,
                "AmountFC": -121.0,
                "RateFC": 1,
                "TransactionAmountDC": 121.0,
                "TransactionType": 20,
                "IsFullyPaid": False,
            },
            ("121.0", None, "121.0"),
        ),
        # Its sign is that of its entry, should Exact note it the other way.
        (
            {
                "AmountDC": 121.0,
                "AmountFC": 121.0,
                "TransactionAmountDC": 121.0,
                "TransactionType": 20,
                "IsFullyPaid": False,
            },
            ("121.0", None, "121.0"),
        ),
        (
            {"AmountDC": 50, "AmountFC": 50, "TransactionAmountDC": -50, "TransactionType": 21, "IsFullyPaid": True},
            ("-50", None, "0"),
        ),
        # A receipt of 100 dollars that is not allocated.
        (
            {
                "AmountDC": 90,
                "AmountFC": 100,
                "RateFC": 0.9,
                "TransactionAmountDC": 90,
                "TransactionType": 40,
                "IsFullyPaid": False,
            },
            ("-100", "-90", "-100"),
        ),
    ],
)
def test_rest_receivables(tmp_path: Path, record: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    found = rest(
        tmp_path,
        "Receivable",
        {"AccountCode": "7", "Currency": "USD", "PaymentCondition": "30", "Journal": "70", **record},
    )
    assert found.of("outstanding_item", "amount", "base_amount", "open") == [expected]
    assert found.of("outstanding_item", "account", "payment_condition", "journal", "currency") == [
        ("7", "30", "70", "USD")
    ]


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("10", "cash"),
        ("12", "bank"),
        ("16", "bank"),
        ("20", "sales"),
        ("21", "sales"),
        ("22", "purchase"),
        ("23", "purchase"),
        ("90", "general"),
        ("7", "other"),
        (None, None),
    ],
)
def test_journal_types(code: str | None, word: str | None) -> None:
    assert codes.journal_type(code) == word


@pytest.mark.parametrize(
    ("code", "journal", "word"),
    [
        ("10", None, "opening"),
        ("20", "bank", "sales"),
        ("21", None, "sales"),
        ("31", None, "purchase"),
        ("40", None, "bank"),
        ("40", "cash", "cash"),
        ("40", "sales", "bank"),
        ("90", None, "other"),
        (None, "cash", None),
    ],
)
def test_entry_types(code: str | None, journal: str | None, word: str | None) -> None:
    assert codes.entry_type(code, journal) == word


@pytest.mark.parametrize(
    ("balance", "code", "word"),
    [
        ("B", None, "B"),
        ("W", "20", "P"),
        (None, "20", "B"),
        (None, "110", "P"),
        (None, "160", "P"),
        (None, "90", None),
        (None, "x", None),
        (None, None, None),
    ],
)
def test_account_types(balance: str | None, code: str | None, word: str | None) -> None:
    assert codes.account_type(balance, code) == word
