"""The source documents of a SAF-T file: products, sales and purchase invoices, payments; the others are counted."""

from collections import Counter
from collections.abc import Iterator

from segcli.base.text import counted
from segcli.importing.readers import Block, Source
from segcli.importing.readers.parts import saft_invoices as saft
from segcli.importing.readers.parts.saft_invoices import CREDIT, DEBIT
from segcli.importing.readers.parts.saft_rows import Record
from segcli.importing.readers.parts.spool import Spool
from segcli.importing.readers.parts.values import UnreadableError
from segcli.importing.readers.parts.xml import Node

# Elements that are not imported, with their section.
LEFT_OUT = {
    "workdocument": "WorkingDocuments", "stockmovement": "MovementOfGoods", "assettransaction": "AssetTransactions",
    "physicalstockentry": "PhysicalStock", "asset": "Assets",
}  # fmt: skip
_CANCELLED, _BILLED = "A", "F"
_SALES, _PURCHASES = "salesinvoices", "purchaseinvoices"


class Documents:
    """The source documents of one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.currency = ""  # set when the header is known
        self.items = Spool(source, "item", saft.ITEM)
        self.products: set[str] = set()
        self.sold: dict[str, tuple[int, str | None]] = {}  # products of lines -> place and description
        self.heads = {kind: Spool(source, kind, saft.HEAD) for kind in ("invoice", "purchase_invoice")}
        self.lines = {kind: Spool(source, f"{kind}_line", saft.LINE) for kind in self.heads}
        self.payments = Spool(source, "payment", saft.PAYMENT)
        self.cancelled: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.foreign: Counter[str] = Counter()
        self.takes = {
            "product": self._product,
            "invoice": self._invoice,
            "payment": self._payment,
            **dict.fromkeys(LEFT_OUT, self._count),
        }

    def _count(self, node: Node) -> None:
        section = LEFT_OUT[node.key]
        if node.parent == section.lower():
            self.left_out[section] += 1

    def _product(self, node: Node) -> None:
        code = node.get("ProductCode")
        if node.parent in {"masterfiles", "products"} and code and code not in self.products:
            self.products.add(code)
            self.items.add(node.line, saft.product(node))

    def _invoice(self, node: Node) -> None:
        if node.parent not in {_SALES, _PURCHASES}:
            return
        kind, plus = ("invoice", CREDIT) if node.parent == _SALES else ("purchase_invoice", DEBIT)
        letter = saft.status(node)
        if letter in {_CANCELLED, _BILLED}:  # an earlier file may have it as a normal one
            self.cancelled["invoice" if letter == _CANCELLED else "invoice that another one bills"] += 1
            head = {**saft.identity(node, plus), "status": "cancelled"}
            self.heads[kind].add(node.line, head)
            self._pay_at_once(node, head)
            return
        every = saft.lines(node)
        try:
            head, nets = saft.head(node, plus, self.currency)
            found = zip(every, nets, saft.numbers(every), strict=True)
            records = [(one.line, saft.line(one, amount, at)) for one, amount, at in found]
        except UnreadableError as error:
            self.heads[kind].reject(node.line, error)  # its lines would be rejected because they have no head
            return
        self.heads[kind].add(node.line, head)
        common = {
            "invoice_number": head["invoice_number"],
            "supplier": head["account"] if kind == "purchase_invoice" else None,
        }
        for place, record in records if head["invoice_number"] else ():
            self.lines[kind].add(place, {**common, **record})
            if record["item"]:
                self.sold.setdefault(record["item"], (place, record["description"]))
        self._note_currency(node)
        self._pay_at_once(node, head)

    def _pay_at_once(self, node: Node, head: Record) -> None:
        if record := saft.paid_at_once(node, head):
            self.payments.add(node.line, record)

    def _note_currency(self, node: Node) -> None:
        code = (node.get("DocumentTotals/Currency/CurrencyCode") or "").upper()
        if code and code != self.currency:
            self.foreign[code] += 1

    def _payment(self, node: Node) -> None:
        if node.parent != "payments":
            return
        if not saft.is_ours(node):
            self.left_out["Payments to suppliers"] += 1
        elif not saft.names_one_each(node):
            self.left_out["Payments with a line that names no invoice or several"] += 1
        else:
            self._pay(node)

    def _pay(self, node: Node) -> None:
        is_cancelled = saft.status(node) == _CANCELLED  # an earlier file may have it as a normal one
        if is_cancelled:
            self.cancelled["payment"] += 1
        try:
            for record in saft.payments(node, self.currency):
                self.payments.add(node.line, {**record, "amount": "0"} if is_cancelled else record)
        except UnreadableError as error:
            self.payments.reject(node.line, error)

    def blocks(self) -> Iterator[Block]:
        """Yield the non-empty blocks, items first, and report what is not imported."""
        for code, (place, text) in self.sold.items():
            if code not in self.products:
                self.items.add(place, {"item": code, "description": text or code})
        if self.items:
            yield self.items.block()
        for kind, heads in self.heads.items():
            if heads:
                for name in ("invoice_number", "account", "invoice_date"):  # an empty field is reported in its row
                    heads.fills(name)
                yield heads.block()
            if self.lines[kind]:
                yield self.lines[kind].block()
        if self.payments:
            for name in ("account", "invoice_number", "entry_number", "payment_date", "amount"):
                self.payments.fills(name)
            yield self.payments.block()._replace(only_known=True)

    def tell(self) -> None:
        """Report what is not imported, and what is cancelled."""
        if self.left_out:
            some = ", ".join(f"{name} {count:,}" for name, count in self.left_out.items())
            self.source.leave_out(f"not taken: {some}")
        for what, count in self.cancelled.items():
            words = what if "bills" in what else f"cancelled {what}"
            self.source.warn(f"{counted(count, words)} not taken")
        for code, count in self.foreign.items():
            self.source.warn(
                f"{counted(count, 'invoice')} in {code}: taken in {self.currency}, as the file states the amounts"
            )
