"""The meaning of Exact Online's numeric codes, shared by REST and XML."""

# Journal.Type in the REST reference (financial/Journals); 16 is a payment service, 21 and 23 are for returned invoices.
_JOURNALS = {
    "10": "cash", "12": "bank", "16": "bank", "20": "sales", "21": "sales", "22": "purchase", "23": "purchase",
    "90": "general",
}  # fmt: skip
# TransactionLine.Type (financialtransaction/TransactionLines): entries, credit notes and returned invoices. Type cash
# flow occurs in cash and bank journals; the journal's type, if known, tells which.
_ENTRIES = {
    "10": "opening", "328": "opening", "20": "sales", "21": "sales", "22": "sales", "30": "purchase", "31": "purchase",
    "32": "purchase", "40": "bank",
}  # fmt: skip
_CASH_FLOW = "40"
_SUBLEDGERS = {"20": "debtors", "22": "creditors"}  # GLAccount.Type: accounts receivable, accounts payable
_PROFIT_AND_LOSS = range(110, 161)  # GLAccount.Type: revenue, costs, taxes and interest
_BALANCE_SHEET = (range(10, 61), range(100, 101))  # 90 (general) is either


def journal_type(code: str | None) -> str | None:
    """Return the type of a journal, None without a code."""
    return _JOURNALS.get(code, "other") if code else None


def entry_type(code: str | None, journal: str | None = None) -> str | None:
    """Return the type of an entry; for cash flow, the type of its journal."""
    if code == _CASH_FLOW and journal in {"cash", "bank"}:
        return journal
    return _ENTRIES.get(code, "other") if code else None


def subledger(code: str | None) -> str | None:
    """Return the subledger of a ledger account of this type."""
    return _SUBLEDGERS.get(code or "")


def account_type(balance: str | None, code: str | None = None) -> str | None:
    """Return B or P of a ledger account by its BalanceType (B, or W: winst en verlies), else by its type code."""
    found = {"B": "B", "W": "P", "P": "P"}.get((balance or "").strip().upper())
    if found or not code or not code.isascii() or not code.isdigit():
        return found
    if int(code) in _PROFIT_AND_LOSS:
        return "P"
    return "B" if any(int(code) in numbers for numbers in _BALANCE_SHEET) else None


def invoice_number(text: str | None) -> str | None:
    """Return an invoice number; Exact's 0 means none."""
    return None if text == "0" else text
