"""ERPNext: customers, the report Accounts Receivable, and the report General Ledger."""

from segcli.importing.layouts.parts.layout import Layout, Part, Row, either, filled, first, made, words

_YES = {"1": "1", "yes": "1", "0": "0", "no": "0"}


def _amount(row: Row, side: str) -> str:
    """Return a debit or credit amount; the heading ends with the currency of the company."""
    return next(filter(None, (row[f"{side}{code}"] for code in ("", "eur", "usd", "gbp"))), "")


LAYOUTS = (
    Layout(
        "ERPNext customers",
        "id customername customertype",
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
        ignores="customertype",
    ),
    Layout(
        "ERPNext Accounts Receivable",
        "customer voucherno outstandingamount",
        (
            Part(
                "account",
                {"account": "customer party", "name": "customername"},
                when=filled("voucherno"),
                once=first("customer party"),
            ),
            Part(
                "outstanding_item",
                {
                    "account": "customer party",
                    "invoice_number": "voucherno",
                    "invoice_date": "postingdate",
                    "due_date": "duedate",
                    "currency": "currency",
                    "amount": "invoicedamount",
                    "open": "outstandingamount",
                },
                when=filled("voucherno"),
            ),
        ),
        ignores="partytype receivableaccount vouchertype paidamount creditnote agedays 030 3160 6190 91120 120above 121above age "
        "range1 range2 range3 range4 range5 customerprimarycontact",
    ),
    Layout(
        "ERPNext General Ledger",
        "postingdate account voucherno againstaccount",
        (
            Part(
                "gl_account",
                {"gl_account": "account", "description": "account"},
                when=filled("voucherno"),
                once=first("account"),
            ),
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
            ),
            Part(
                "transaction_line",
                {
                    "journal": "vouchertype",
                    "entry_number": "voucherno",
                    "entry_date": "postingdate",
                    "gl_account": "account",
                    "account": "party",
                    "debit": made("debit debiteur debitusd debitgbp", lambda row: _amount(row, "debit")),
                    "credit": made("credit crediteur creditusd creditgbp", lambda row: _amount(row, "credit")),
                    "description": either(first("remarks"), first("againstaccount")),
                },
                when=filled("voucherno"),
            ),
        ),
        ignores="balance balanceeur balanceusd balancegbp vouchersubtype partytype project costcenter againstvouchertype currency glentry",
    ),
)
