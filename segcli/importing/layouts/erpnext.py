"""ERPNext: customers, the report Accounts Receivable, and the report General Ledger."""

from segcli.importing.layouts.parts.layout import (
    Layout,
    Part,
    Row,
    Skip,
    Value,
    either,
    filled,
    first,
    made,
    number,
    words,
)

_YES = {"1": "1", "yes": "1", "0": "0", "no": "0"}
# The headings Debit, Credit and Balance end with the currency of the company.
_CURRENCIES = (
    "eur", "usd", "gbp", "chf", "sek", "nok", "dkk", "isk", "pln", "czk", "huf", "ron", "bgn", "try", "inr", "aed", "sar", "qar", "kwd",
    "omr", "bhd", "egp", "ngn", "kes", "zar", "cad", "aud", "nzd", "sgd", "hkd", "jpy", "cny", "brl", "mxn", "clp", "cop", "pen", "idr",
    "myr", "thb", "vnd", "php", "krw", "pkr", "lkr", "bdt", "ils",
)  # fmt: skip
_PARTY = "customer party"


def _side(name: str) -> Value:
    return first(" ".join([name, *(f"{name}{code}" for code in _CURRENCIES)]))


def _item_amount(row: Row) -> str:
    """Return the invoiced amount; what is left of a payment, which has none."""
    return row["outstandingamount"] if number(row["invoicedamount"] or "0") == 0 else row["invoicedamount"]


def _is_no_voucher(row: Row) -> bool:
    return not row["voucherno"]


LAYOUTS = {
    "customers": Layout(
        "ERPNext customers",
        (
            Part(
                "account",
                {
                    "account": "id",
                    "name": "customername",
                    "is_blocked": words("disabled", _YES, "0"),
                    "vat_number": "taxid",
                    "currency": "defaultcurrency billingcurrency",
                    "email": "emailid",
                    "phone": "mobileno phone",
                    "website": "website",
                    "sector": "industry",
                    "manager": "accountmanager",
                    "language": "printlanguage",
                    "remarks": "customerdetails",
                },
            ),
        ),
        ignores="customertype series namingseries image",
    ),
    "receivables": Layout(
        "ERPNext Accounts Receivable",
        (
            Part("account", {"account": _PARTY, "name": f"customername {_PARTY}"}, once=first(_PARTY), only_fills=True),
            Part(
                "outstanding_item",
                {
                    "account": _PARTY,
                    "invoice_number": "voucherno",
                    "invoice_date": "postingdate",
                    "due_date": "duedate",
                    "currency": "currency",
                    "amount": made("invoicedamount outstandingamount", _item_amount),
                    "open": "outstandingamount",
                    "reference": "customerlpo pono",
                },
            ),
        ),
        ignores="partytype receivableaccount debtorsaccount vouchertype paidamount creditnote age agedays customerprimarycontact "
        "customercontact totalamountdue",
        ignores_like=r"\d{1,6}(above)?|range\d",
        skips=(
            Skip(_is_no_voucher, "rows without a voucher"),
            Skip(lambda row: row["partytype"].lower() in {"supplier", "employee", "shareholder"}, "other parties"),
        ),
    ),
    "ledger": Layout(
        "ERPNext General Ledger",
        (
            Part("gl_account", {"gl_account": "account", "description": "account"}, once=first("account")),
            Part(
                "account",
                {
                    "account": "party",
                    "name": "partyname party",
                    "is_supplier": words("partytype", {"supplier": "1"}, "0"),
                    "is_sales": words("partytype", {"supplier": "0"}, "1"),
                },
                when=filled("party"),
                once=first("party"),
                only_fills=True,
                needs="party",
            ),
            Part(
                "transaction_line",
                {
                    "journal": "vouchertype",
                    "entry_number": "voucherno",
                    "entry_date": "postingdate",
                    "gl_account": "account",
                    "account": "party",
                    "debit": _side("debit"),
                    "credit": _side("credit"),
                    "description": either(first("remarks"), first("againstaccount")),
                },
            ),
        ),
        ignores="balance vouchersubtype againstvouchertype currency glentry refdate",
        ignores_like=r"balance[a-z]{3}",
        skips=(Skip(_is_no_voucher, "rows of opening, total and closing"),),
    ),
}
