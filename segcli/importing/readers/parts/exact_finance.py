"""Finance records in eExact XML: ledger accounts, journals, entries, receivables, matches, conditions, templates."""

import hashlib
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal

from segcli.importing.readers.parts import exact_codes as codes
from segcli.importing.readers.parts.spool import Spool
from segcli.importing.readers.parts.values import date, like, negated, number, unique
from segcli.importing.readers.parts.xml import Node

Record = dict[str, str | None]
_WIDE = Context(prec=100, rounding=ROUND_HALF_UP)  # enough digits for the exact sum of two numbers in a file
_RECEIVABLE = "20"  # ledger account type: accounts receivable
HEADERS = {
    "payment_condition": ("payment_condition", "description", "days"),
    "gl_account": ("gl_account", "description", "type", "subledger", "is_blocked", "external_id"),
    "journal": ("journal", "description", "type"),
    "transaction_line": (
        "journal", "financial_year", "period", "entry_number", "line_number", "entry_date", "gl_account", "account",
        "description", "invoice_number", "due_date", "reference", "amount", "currency", "foreign_amount", "vat_code",
        "quantity", "type", "external_id",
    ),
    "outstanding_item": (
        "account", "invoice_number", "invoice_date", "due_date", "currency", "amount", "base_amount", "open",
        "description", "reference", "external_id",
    ),
    "match": ("account", "match", "journal", "entry_number", "line_number", "amount", "match_date"),
    "entry_template": (
        "entry_template", "description", "journal", "currency", "is_blocked", "line_number", "gl_account", "vat_code",
        "line_description", "amount", "weight",
    ),
    "entry_template_link": ("entry_template", "account", "is_main"),
}  # fmt: skip
# Record element -> the topic that contains it.
TOPICS = {
    "paymentcondition": "paymentconditions",
    "glaccount": "glaccounts",
    "journal": "journals",
    "gltransaction": "gltransactions",
    "ar": "ars",
    "matchset": "matchsets",
    "entrytemplate": "entrytemplates",
    "entrytemplatelink": "entrytemplatelinks",
}


class Finance:
    """Converts finance elements and adds them to the spools of their kinds."""

    def __init__(self, spools: Mapping[str, Spool]) -> None:
        self.spools = spools
        self.journals: dict[str | None, str | None] = {}  # journal code -> its type
        self._seen: dict[int, int] = {}
        self._takers: dict[str, Callable[[Node], None]] = {
            "paymentcondition": lambda node: self._put("payment_condition", node, _payment_condition),
            "glaccount": lambda node: self._put("gl_account", node, _gl_account),
            "journal": self._journal,
            "gltransaction": self._transaction,
            "ar": self._receivables,
            "matchset": self._match_set,
            "entrytemplate": self._template,
            "entrytemplatelink": lambda node: self._put("entry_template_link", node, _template_link),
        }

    def take(self, node: Node) -> None:
        """Add one record element."""
        self._takers[node.key](node)

    def _put(self, kind: str, node: Node, make: Callable[[Node], Record]) -> None:
        self.spools[kind].take(node.line, lambda: make(node))

    def _journal(self, node: Node) -> None:
        record = _journal(node)
        self.journals[record["journal"]] = record["type"]
        self.spools["journal"].add(node.line, record)

    def _receivables(self, node: Node) -> None:
        account = node.get("Account@code")
        for item in node.all("OutstandingItem"):
            self._put("outstanding_item", item, lambda item: _item(item, account))

    def _match_set(self, node: Node) -> None:
        account = node.get("Account@code")
        if account and node.get("GLAccount@type") in {None, _RECEIVABLE}:
            lines = list(node.all("MatchLine"))
            code = _digest(lines)
            for line in lines:
                self._put("match", line, lambda line: _match_line(line, account, code))

    def _template(self, node: Node) -> None:
        head = _template(node)
        lines = list(node.all("EntryTemplateLine"))
        for line in lines:
            self._put("entry_template", line, lambda line: {**head, **_template_line(line)})
        if not lines:
            self.spools["entry_template"].add(node.line, head)

    def _transaction(self, node: Node) -> None:
        head = _entry(node)
        journal = codes.journal_type(node.get("Journal@type")) or self.journals.get(head["journal"])
        kind = node.get("TransactionType@number")
        for line in node.all("GLTransactionLine"):
            self._put("transaction_line", line, lambda line: self._line(line, head, kind, journal))

    def _line(self, node: Node, head: Record, kind: str | None, journal: str | None) -> Record:
        own = _line(node)
        record = {**head, **{name: text for name, text in own.items() if text is not None}}
        record["type"] = codes.entry_type(node.get("@type") or kind, journal)
        where = (record["journal"], record["financial_year"], record["entry_number"])
        record["line_number"] = unique(self._seen, record.get("line_number"), *where)
        match, control = node.get("MatchID"), node.get("GLAccount@type")
        if match and record.get("account") and control in {None, _RECEIVABLE}:
            self.spools["match"].add(node.line, {**record, "match": match, "match_date": record.get("entry_date")})
        return record


def _guid(node: Node) -> str | None:
    return (node.get("@ID", "@id") or "").strip("{}").lower() or None


def _payment_condition(node: Node) -> Record:
    return {
        "payment_condition": node.get("@code"),
        "description": node.get("Description"),
        "days": node.get("PaymentDays"),
    }


def _gl_account(node: Node) -> Record:
    kind = node.get("@type")
    return {
        "gl_account": node.get("@code"),
        "description": node.get("Description"),
        "type": codes.account_type(node.get("@balanceType"), kind),
        "subledger": codes.subledger(kind),
        "is_blocked": node.get("@blocked"),
        "external_id": _guid(node),
    }


def _journal(node: Node) -> Record:
    kind = codes.journal_type(node.get("@type"))
    return {"journal": node.get("@code"), "description": node.get("Description"), "type": kind}


def _entry(node: Node) -> Record:
    """Return the fields of an entry that its lines inherit."""
    return {
        "journal": node.get("Journal@code"),
        "financial_year": node.get("FinYear@number"),
        "period": node.get("FinPeriod@number", "FinYear/FinPeriod@number"),
        "entry_number": node.get("@entry"),
        "entry_date": date(node.get("Date")),
        "description": node.get("Description"),
    }


def _line(node: Node) -> Record:
    """Return a line; it does not inherit the entry's account, because only some lines belong to it."""
    parts = (node.get("@line"), node.get("@offsetline"))
    amount, currency, foreign = _amounts(node)
    invoice = node.get(*(f"References/{part}InvoiceNumber" for part in ("", "Sales/", "Purchase/")))
    return {
        "financial_year": node.get("FinYear@number"),
        "period": node.get("FinPeriod@number", "FinYear/FinPeriod@number"),
        "line_number": ":".join(part for part in parts if part) or None,
        "entry_date": date(node.get("Date")),
        "gl_account": node.get("GLAccount@code"),
        "account": node.get("Account@code"),
        "description": node.get("Description"),
        "invoice_number": codes.invoice_number(invoice),
        "due_date": date(node.get("DueDate")),
        "reference": node.get("References/YourRef"),
        "amount": amount,
        "currency": currency,
        "foreign_amount": foreign,
        "vat_code": node.get("Amount/VAT@code", "ForeignAmount/VAT@code"),
        "quantity": number(node.get("Quantity"), "quantity"),
        "external_id": _guid(node),
    }


def _amounts(node: Node) -> tuple[str | None, str | None, str | None]:
    """Return the amount in the administration's currency and, if foreign, the currency and amount in it."""
    amount, foreign = _amount(node.find("Amount")), _amount(node.find("ForeignAmount"))
    rate = number(node.get("ForeignAmount/Rate"), "rate")
    if amount is None and foreign is not None:
        product = _WIDE.multiply(Decimal(foreign), Decimal(rate or "1"))
        amount = f"{product.quantize(Decimal('0.01'), context=_WIDE):f}"
    home, code = node.get("Amount/Currency@code"), node.get("ForeignAmount/Currency@code")
    is_foreign = code != home if home else rate is not None and Decimal(rate) != 1
    return (
        (amount, code, like(foreign, amount)) if code and foreign is not None and is_foreign else (amount, None, None)
    )


def _amount(node: Node | None) -> str | None:
    """Return an amount: its value, else debit less credit."""
    if node is None:
        return None
    if value := number(node.get("Value")):
        return value
    debit, credit = (number(node.get(name)) for name in ("Debit", "Credit"))
    if debit and credit:
        return f"{_WIDE.subtract(Decimal(debit), Decimal(credit)):f}"
    return debit or (negated(credit) if credit else None)


def _item(node: Node, account: str | None) -> Record:
    """Return an item: …FC is in its own currency, …DC in the administration's; equal amounts mean no foreign currency."""
    amount, base, left, left_base = (
        number(node.get(name), column)
        for name, column in (
            ("InvoiceAmtFC", "amount"),
            ("InvoiceAmtDC", "base_amount"),
            ("OutstandingAmtFC", "open"),
            ("OutstandingAmtDC", "open"),
        )
    )
    pairs = ((amount, base), (left, left_base))
    is_foreign = any(one and two and Decimal(one) != Decimal(two) for one, two in pairs)
    return {
        "account": node.get("Account@code") or account,
        "invoice_number": codes.invoice_number(node.get("@number", "InvoiceNumber")),
        "invoice_date": date(node.get("InvoiceDate")),
        "due_date": date(node.get("DueDate")),
        "currency": node.get("Currency@code", "Amount/Currency@code"),
        "amount": amount or base or number(node.get("Amount/Value")),
        "base_amount": base if is_foreign else None,
        "open": left or left_base,
        "description": node.get("Description"),
        "reference": node.get("YourRef"),
        "external_id": _guid(node),
    }


def _digest(lines: list[Node]) -> str:
    """Derive a code from the content of a set that has none. Equal sets get equal codes in every file."""
    said = sorted(" ".join(f"{name}={text}" for name, text in sorted(line.attributes.items())) for line in lines)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def _match_line(node: Node, account: str, code: str) -> Record:
    return {
        "account": account,
        "match": code,
        "journal": node.get("@journal"),
        "entry_number": node.get("@entry"),
        "amount": number(node.get("@amountdc")),
    }


def _template(node: Node) -> Record:
    return {
        "entry_template": node.get("@code"),
        "description": node.get("Description"),
        "journal": node.get("Journal@code"),
        "currency": node.get("Currency@code"),
        "is_blocked": node.get("Blocked"),
    }


def _template_line(node: Node) -> Record:
    """Return a line. AmountCalculation: 0 none, 1 fixed value, 2 relative weight."""
    how = node.get("AmountCalculation")
    return {
        "line_number": node.get("@LineNumber"),
        "gl_account": node.get("GLAccount@code"),
        "vat_code": node.get("VAT@code"),
        "line_description": node.get("Description"),
        "amount": number(node.get("Amount/Value")) if how == "1" else None,
        "weight": number(node.get("Weight"), "weight") if how == "2" else None,
    }


def _template_link(node: Node) -> Record:
    return {
        "entry_template": node.get("EntryTemplate@code"),
        "account": node.get("Account@code"),
        "is_main": node.get("@Main", "@main"),
    }
