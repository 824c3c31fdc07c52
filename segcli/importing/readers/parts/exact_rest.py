"""Mapping of Exact Online's REST records to segcli's fields, as described in its API reference."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from segcli.importing.readers.parts import exact_codes as codes
from segcli.importing.readers.parts import exact_prices, exact_requests, exact_subscriptions
from segcli.importing.readers.parts.values import like, negated

# The last part of __metadata.type -> segcli's kind.
KINDS = {
    "Account": "account",
    "Contact": "contact",
    "AccountClassificationName": "classification_label",
    "AccountClassification": "classification_value",
    "ReceivablesList": "outstanding_item",
    "Receivable": "outstanding_item",
    "GLAccount": "gl_account",
    "Journal": "journal",
    "PaymentCondition": "payment_condition",
    "Item": "item",
    "SalesInvoice": "invoice",
    "SalesInvoiceLine": "invoice_line",
    "PurchaseInvoice": "purchase_invoice",
    "PurchaseInvoiceLine": "purchase_invoice_line",
    "TransactionLine": "transaction_line",
    **exact_prices.KINDS,
    **exact_subscriptions.KINDS,
    **exact_requests.KINDS,
}
# Keys that hold nested records.
NESTED = ("SalesInvoiceLines", "PurchaseInvoiceLines", "InvoiceLines", exact_subscriptions.NESTED)
Cells = Mapping[str, str | None]  # key of a record -> value as canonical text
Words = dict[str, str | None]
_SALES = {"20", "21", "22"}  # TransactionType: sales entry, credit note, returned invoice


def _picked(cells: Cells, names: Mapping[str, str]) -> Words:
    """Return the fields, each with the first non-empty of its keys."""
    return {
        name: next((text.strip() for key in keys.split() if (text := cells.get(key)) and text.strip()), None)
        for name, keys in names.items()
    }


def _gl_account(cells: Cells) -> Words:
    names = {"gl_account": "Code", "description": "Description", "is_blocked": "IsBlocked", "external_id": "ID"}
    kind = cells.get("Type")
    return {
        **_picked(cells, names),
        "type": codes.account_type(cells.get("BalanceType"), kind),
        "subledger": codes.subledger(kind),
    }


def _journal(cells: Cells) -> Words:
    found = _picked(cells, {"journal": "Code", "description": "Description"})
    return {**found, "type": codes.journal_type(cells.get("Type"))}


def _payment_condition(cells: Cells) -> Words:
    names = {"payment_condition": "Code", "description": "Description", "days": "PaymentDays"}
    return _picked(cells, names)


_LINE = {
    "journal": "JournalCode",
    "financial_year": "FinancialYear",
    "period": "FinancialPeriod",
    "entry_number": "EntryNumber",
    "line_number": "LineNumber",
    "entry_date": "Date",
    "gl_account": "GLAccountCode GLAccount",
    "account": "AccountCode Account",
    "description": "Description",
    "invoice_number": "InvoiceNumber",
    "due_date": "DueDate",
    "reference": "YourRef",
    "amount": "AmountDC",
    "vat_code": "VATCode",
    "quantity": "Quantity",
    "external_id": "ID",
}


def _transaction_line(cells: Cells) -> Words:
    found = _picked(cells, _LINE)
    found["invoice_number"] = codes.invoice_number(found["invoice_number"])
    found["type"] = codes.entry_type(cells.get("Type"))
    if _is_foreign(cells, "ExchangeRate"):
        found |= _picked(cells, {"currency": "Currency", "foreign_amount": "AmountFC"})
    return found


_ITEM = {
    "account": "AccountCode AccountId Account",
    "name": "AccountName",
    "invoice_number": "InvoiceNumber",
    "journal": "JournalCode Journal",
    "entry_number": "EntryNumber",
    "invoice_date": "InvoiceDate EntryDate",
    "due_date": "DueDate",
    "currency": "CurrencyCode Currency",
    "description": "Description",
    "reference": "YourRef",
    "external_id": "HID ID",
}


def _item(cells: Cells) -> Words:
    found = _picked(cells, _ITEM)
    found["invoice_number"] = codes.invoice_number(found["invoice_number"])
    return found


def _receivables_list(cells: Cells) -> Words:
    """Return a row of the receivables list. Its amount is the open amount, in-transit amounts included."""
    amount = cells.get("Amount")
    return {**_item(cells), "amount": amount, "open": amount}


def _receivable(cells: Cells) -> Words:
    """Return a payment term. Its sign is that of the cash flow: an amount to receive is negative (cashflow/Receivables).

    A fully paid term has nothing open. A partly paid term was split, so its own amount is open.
    """
    amount = _owed(cells, cells.get("AmountFC") or cells.get("AmountDC"))
    is_paid = cells.get("IsFullyPaid")
    found = {**_item(cells), "amount": amount, "payment_condition": cells.get("PaymentCondition")}
    if is_paid is not None:
        found["open"] = "0" if is_paid == "1" else amount
    if cells.get("AmountFC") and _is_foreign(cells, "RateFC"):
        found["base_amount"] = _owed(cells, cells.get("AmountDC"))
    return found


_INVOICE = {
    "invoice_number": "InvoiceNumber", "invoice_date": "InvoiceDate OrderDate", "due_date": "DueDate", "status": "Status",
    "currency": "Currency", "total_amount": "AmountFC", "vat_amount": "VATAmountFC", "journal": "Journal",
    "payment_condition": "PaymentCondition", "order_number": "OrderNumber", "description": "Description",
    "external_id": "InvoiceID ID",
}  # fmt: skip
_INVOICE_LINE = {
    "invoice_id": "InvoiceID", "line_number": "LineNumber", "item": "ItemCode Item", "description": "ItemDescription Description",
    "quantity": "Quantity", "unit": "UnitCode Unit", "unit_price": "UnitPrice NetPrice", "net_amount": "AmountFC Amount",
    "vat_code": "VATCode", "vat_amount": "VATAmountFC VATAmount",
}  # fmt: skip


def _sales_invoice(cells: Cells) -> Words:
    roles = {
        "account": "InvoiceTo",
        "ordered_by": "OrderedBy",
        "deliver_to": "DeliverTo",
        "name": "InvoiceToName",
        "your_reference": "YourRef",
    }
    return _whole(_picked(cells, {**roles, **_INVOICE}))


def _purchase_invoice(cells: Cells) -> Words:
    names = {
        **_INVOICE,
        "account": "Supplier",
        "invoice_number": "YourRef InvoiceNumber",
        "total_amount": "Amount AmountFC",
        "vat_amount": "VATAmount VATAmountFC",
    }
    return _whole(_picked(cells, names))


def _whole(found: Words) -> Words:
    found["invoice_number"] = codes.invoice_number(found["invoice_number"])
    return found


def _invoice_line(cells: Cells) -> Words:
    """Return an invoice line; Exact's discounts and rates are fractions."""
    found = _picked(cells, _INVOICE_LINE)
    for name, key in (("discount_percent", "Discount"), ("vat_percent", "VATPercentage")):
        text = cells.get(key)
        found[name] = f"{(Decimal(text) * 100).normalize():f}" if text else None
    return found


def _stock_item(cells: Cells) -> Words:
    names = {
        "item": "Code",
        "description": "Description",
        "item_group": "ItemGroupCode ItemGroup",
        "unit": "Unit",
        "sales_price": "StandardSalesPrice",
        "cost_price": "CostPriceStandard",
        "external_id": "ID",
    }
    return _picked(cells, names)


def _owed(cells: Cells, amount: str | None) -> str | None:
    """Return an amount as a receivable: with the sign of its sales entry, else the opposite sign of the cash flow."""
    total = cells.get("TransactionAmountDC")
    if cells.get("TransactionType") in _SALES and total and total.strip("-0."):
        return like(amount, total)
    return negated(amount) if amount else amount


def _is_foreign(cells: Cells, rate: str) -> bool:
    """Tell whether a record is in a foreign currency: its two amounts differ, or its rate is not 1."""
    pairs = ((cells.get("AmountDC"), cells.get("AmountFC")), (cells.get(rate), "1"))
    return any(one is not None and two is not None and not _is_same(one, two) for one, two in pairs)


def _is_same(one: str, two: str) -> bool:
    try:
        return Decimal(one) == Decimal(two)
    except InvalidOperation:
        return one == two


TRANSLATIONS: dict[str, Callable[[Cells], Words]] = {
    "GLAccount": _gl_account,
    "Journal": _journal,
    "PaymentCondition": _payment_condition,
    "TransactionLine": _transaction_line,
    "ReceivablesList": _receivables_list,
    "Receivable": _receivable,
    "Item": _stock_item,
    "SalesInvoice": _sales_invoice,
    "SalesInvoiceLine": _invoice_line,
    "PurchaseInvoice": _purchase_invoice,
    "PurchaseInvoiceLine": _invoice_line,
    **exact_requests.TRANSLATIONS,
    **exact_prices.TRANSLATIONS,
    **exact_subscriptions.TRANSLATIONS,
}
