"""Lines of sales invoices: item, quantity, price, discount, VAT and cost."""

from collections.abc import Sequence

from segcli.kinds import _invoice_line
from segcli.kinds._kind import Kind
from segcli.kinds._stage import Counts, Stage


def merge(stage: Stage) -> Counts:
    """Bring the staged lines in."""
    return _invoice_line.merge_lines(stage, "sales")


def check(fields: Sequence[str]) -> str:
    """Return why these fields are not enough: the invoice, and what the line is worth."""
    if not {"invoice_number", "invoice_id"} & set(fields):
        return "invoice_number"
    return "" if {"net_amount", "unit_price"} & set(fields) else "unit_price"


KIND = Kind(
    "invoice_line", "invoice lines", _invoice_line.LINE, merge, rank=6, also=("sales_invoice_line",), check=check
)
