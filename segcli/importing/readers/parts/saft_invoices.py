"""Mapping of SAF-T's source documents to records: invoices with their lines, products, and payments.

The OECD states an amount by a side (CreditAmount, DebitInvoiceLineAmount) or with a DebitCreditIndicator. A sale is a
credit, a purchase a debit; `plus` is the side that counts as positive. Portugal's totals have no side, also those of a
credit note: its lines tell the sign. All amounts are in the currency of the file.
"""

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from segcli.base.money import exponent
from segcli.importing.readers.parts.saft_rows import Record, named
from segcli.importing.readers.parts.values import UnreadableError, date, decimal, negated, number
from segcli.importing.readers.parts.xml import Node

ITEM = ("item", "description", "item_group", "unit")
HEAD = (
    "invoice_number", "account", "invoice_date", "due_date", "status", "net_amount", "vat_amount", "total_amount",
    "order_number", "original_number",
)  # fmt: skip
LINE = (
    "invoice_number", "supplier", "line_number", "item", "description", "quantity", "unit", "unit_price", "net_amount",
    "vat_percent",
)  # fmt: skip
PAYMENT = (
    "account", "invoice_number", "entry_number", "line_number", "payment_date", "amount", "description", "reference",
)  # fmt: skip
CREDIT, DEBIT = "credit", "debit"
_PAID = {"fr", "vd", "tv"}  # Portugal: invoice and receipt at once, and sales for cash
_CREDIT_NOTES = {"nc", "re", "td", "dv", "credit note", "creditnote", "kreditnota"}
_MOST_NUMBER = 15  # digits of a line number
_MOST_ROUNDING = 2  # minor units by which net, tax and gross may differ
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)


def status(node: Node) -> str:
    """Return the letter of a document's status: A is cancelled, F billed by another invoice, N normal."""
    return (node.get("DocumentStatus/InvoiceStatus", "DocumentStatus/PaymentStatus", "InvoiceStatus") or "").upper()


def product(node: Node) -> Record:
    """Return an item."""
    code = node.get("ProductCode")
    return {
        "item": code,
        "description": node.get("ProductDescription", "Description") or code,
        "item_group": node.get("ProductGroup"),
        "unit": node.get("UOMBase", "UOMStandard"),
    }


def head(node: Node, plus: str, currency: str) -> tuple[Record, list[Decimal]]:
    """Return the head of an invoice, and the net amounts of its lines. Raises UnreadableError."""
    nets = [net(line, plus) for line in lines(node)]
    with localcontext(_EXACT):
        total = sum(nets, Decimal(0))
    is_credit = total < 0 or (not total and (node.get("InvoiceType") or "").lower() in _CREDIT_NOTES)
    sign = -1 if is_credit else 1
    totals = node.find("DocumentTotals") or node
    amounts = [_rounded(_total(totals, name, plus, sign), currency) for name in ("NetTotal", "GrossTotal")]
    tax = _rounded(_times(_number(totals, "TaxPayable", "vat_amount"), sign), currency)
    terms = date(node.get("PaymentDueDate", "DocumentTotals/Settlement/PaymentTerms"))
    every = list(lines(node))
    return {
        **identity(node, plus),
        "due_date": terms if terms and _is_day(terms) else None,
        "net_amount": _text(amounts[0]),
        "vat_amount": None if _is_near(amounts, tax, currency) else _text(tax),
        "total_amount": _text(amounts[1]),
        "order_number": _first(every, "OrderReferences/OriginatingON"),
        "original_number": _first(every, "References/Reference", "References/CreditNote/Reference"),
    }, nets


def identity(node: Node, plus: str) -> Record:
    """Return the number, account and date that identify an invoice."""
    party = ("CustomerID", "CustomerInfo/CustomerID") if plus == CREDIT else ("SupplierID", "SupplierInfo/SupplierID")
    return {
        "invoice_number": node.get("InvoiceNo"),
        "account": named(node.get(*party)),
        "invoice_date": date(node.get("InvoiceDate")),
    }


def _is_near(amounts: list[Decimal | None], tax: Decimal | None, currency: str) -> bool:
    """Tell whether the three totals differ by rounding only; the tax is then the difference of the other two."""
    net_total, gross = amounts
    if tax is None or net_total is None or gross is None:
        return False
    return 0 < abs(net_total + tax - gross) <= _MOST_ROUNDING * Decimal(1).scaleb(-exponent(currency))


def lines(node: Node) -> list[Node]:
    """Return the lines of a document."""
    return [child for child in node.children if child.key == "line"]


def line(node: Node, amount: Decimal, at: int) -> Record:
    """Return a line with its net amount and its place, counted from 1."""
    quantity = _number(node, "Quantity", "quantity")
    quantity = Decimal(1) if quantity is None else quantity
    price = number(node.get("UnitPrice", "UnitPrice/Amount"), "unit_price")
    percent = node.get("Tax/TaxPercentage", "TaxInformation/TaxPercentage")
    return {
        "line_number": str(at),
        "item": node.get("ProductCode"),
        "description": node.get("ProductDescription", "Description"),
        "quantity": decimal(f"{-quantity if amount < 0 else quantity:f}"),
        "unit": node.get("UnitOfMeasure", "InvoiceUOM"),
        "unit_price": decimal(price),
        "net_amount": decimal(f"{amount:f}"),
        "vat_percent": decimal(number(percent, "vat_percent")),
    }


def numbers(every: list[Node]) -> list[int]:
    """Return the line numbers: the file's if all are whole and distinct, else 1, 2, 3 …."""
    found = [node.get("LineNumber") or "" for node in every]
    if all(text.isascii() and text.isdigit() and len(text) <= _MOST_NUMBER for text in found):
        stated = [int(text) for text in found]
        if len(set(stated)) == len(stated):
            return stated
    return list(range(1, len(every) + 1))


def net(node: Node, plus: str) -> Decimal:
    """Return the net amount of a line, with its allowances and shipping costs, positive on the side `plus`."""
    with localcontext(_EXACT):
        own = _sided(node, plus, "InvoiceLineAmount", "net_amount")
        own = _sided(node, plus, "Amount", "net_amount") if own is None else own
        if own is None:
            raise UnreadableError(
                "net_amount", None, "this line has no amount", "CreditAmount or DebitAmount states it"
            )
        more = [_sided(node, plus, "ShippingCostsAmount", "net_amount", is_sided=True)]
        more += [
            _sided(child, plus, "AllowanceChargeAmount", "net_amount", is_sided=True)
            for child in node.children
            if child.key == "allowancecharge"
        ]
        return own + sum((value for value in more if value is not None), Decimal(0))


def payments(node: Node, currency: str) -> list[Record]:
    """Return one record for each invoice that a payment names, negative for a receipt. Raises UnreadableError.

    Portugal's lines are without tax in some programs and with tax in others: the document's total decides. A settlement
    discount settles the invoice too.
    """
    paid: dict[tuple[str | None, str], Decimal] = {}
    every = lines(node)
    with localcontext(_EXACT):
        amounts = [_sided(one, CREDIT, "PaymentLineAmount", "amount") for one in every]
        amounts = [
            _sided(one, CREDIT, "Amount", "amount") if v is None else v for one, v in zip(every, amounts, strict=True)
        ]
        known = [Decimal(0) if value is None else value for value in amounts]
        gross = _with_tax(node, every, known)
        for one, amount in zip(every, gross, strict=True):
            discount = _number(one, "SettlementAmount", "amount")
            discount = (
                discount if discount is not None else _sided(one, CREDIT, "SettlementAmount", "amount", is_sided=True)
            )
            key = (named(one.get("CustomerID")) or named(node.get("CustomerID")), _invoice(one))
            less = (discount or Decimal(0)) * (-1 if amount < 0 else 1)
            paid[key] = paid.get(key, Decimal(0)) + amount + less
    day = node.find("PaymentMethod/PaymentDate")
    common = {
        "entry_number": node.get("PaymentRefNo"),
        "payment_date": date((day.text.strip() if day else None) or node.get("TransactionDate")),
        "description": node.get("Description"),
        "reference": node.get("PaymentRefNo"),
    }
    return [
        {
            **common,
            "account": account,
            "invoice_number": invoice,
            "line_number": str(at),
            "amount": _text(_rounded(-amount, currency)),
        }
        for at, ((account, invoice), amount) in enumerate(paid.items(), 1)
        if amount
    ]


def paid_at_once(node: Node, head: Record) -> Record | None:
    """Return the payment of an invoice that is its own receipt; its entry has the number of the invoice. None for others."""
    amount, number_ = head.get("total_amount"), head["invoice_number"]
    if (node.get("InvoiceType") or "").lower() not in _PAID or not number_:
        return None
    known = {name: head[name] for name in ("account", "invoice_number")}
    return {**known, "entry_number": number_, "payment_date": head["invoice_date"], "amount": negated(amount or "0")}


def is_ours(node: Node) -> bool:
    """Tell whether a payment is of a customer, not to a supplier."""
    return any(named(one.get("CustomerID")) for one in (node, *lines(node)))


def names_one_each(node: Node) -> bool:
    """Tell whether each line of a payment names one invoice."""
    return all(
        len({child.get("OriginatingON", "") for child in one.children if child.key == "sourcedocumentid"} - {None}) == 1
        for one in lines(node)
    )


def _invoice(node: Node) -> str:
    return node.get("SourceDocumentID/OriginatingON", "SourceDocumentID") or ""


def _with_tax(node: Node, every: list[Node], amounts: list[Decimal]) -> list[Decimal]:
    """Return the amounts with tax: as stated, or each with its tax if they add up to the document's net total."""
    stated, whole = _number(node, "DocumentTotals/GrossTotal", "amount"), abs(sum(amounts, Decimal(0)))
    if stated is None or stated == whole or whole != _number(node, "DocumentTotals/NetTotal", "amount"):
        return amounts
    rates = [_number(one, "Tax/TaxPercentage", "vat_percent") or Decimal(0) for one in every]
    found = [
        (amount * (100 + rate) / 100).quantize(Decimal("0.01")) for amount, rate in zip(amounts, rates, strict=True)
    ]
    rest = stated - abs(sum(found, Decimal(0)))
    last = max(range(len(found)), key=lambda at: abs(found[at]))
    found[last] += rest if found[last] > 0 else -rest  # the rounding, or a tax that no line states
    return found


def _sided(node: Node, plus: str, name: str, column: str, *, is_sided: bool = False) -> Decimal | None:
    """Return an amount by its side, or with the indicator of its side; None if it is not there."""
    credit, debit = (_number(node, f"{side}{name}", column) for side in (CREDIT, DEBIT))
    if credit is not None or debit is not None:
        found = (credit or Decimal(0)) - (debit or Decimal(0))
        return found if plus == CREDIT else -found
    plain = None if is_sided or name == "Amount" else _number(node, name, column)
    if plain is None:
        return None
    side = (node.get("DebitCreditIndicator") or plus[0]).upper()
    return plain if side[:1] == plus[0].upper() else -plain


def _total(totals: Node, name: str, plus: str, sign: int) -> Decimal | None:
    found = _sided(totals, plus, name, "total_amount" if name == "GrossTotal" else "net_amount", is_sided=True)
    return found if found is not None else _times(_number(totals, name, "total_amount"), sign)


def _number(node: Node, path: str, column: str) -> Decimal | None:
    text = number(node.get(path, f"{path}/Amount"), column)
    return None if text is None else Decimal(text)


def _times(value: Decimal | None, sign: int) -> Decimal | None:
    return None if value is None else value * sign


def _rounded(value: Decimal | None, currency: str) -> Decimal | None:
    """Return an amount in whole minor units, rounded half up."""
    with localcontext(_EXACT):
        return None if value is None else value.quantize(Decimal(1).scaleb(-exponent(currency)))


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value + 0:f}"


def _first(every: list[Node], *paths: str) -> str | None:
    return next((text for node in every if (text := node.get(*paths))), None)


def _is_day(text: str) -> bool:
    return len(text) == len("2024-01-31") and text[4] == text[7] == "-" and text.replace("-", "").isdigit()
