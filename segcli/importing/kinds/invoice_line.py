"""Lines of sales invoices: item, quantity, price, discount, VAT and cost."""

from collections.abc import Sequence

from segcli.importing.kinds.machinery import invoice_lines
from segcli.importing.kinds.machinery.kind_definition import Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage


def merge(stage: Stage) -> Counts:
    """Upsert the staged lines."""
    return invoice_lines.merge_lines(stage, "sales")


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else '': a line needs its invoice and an amount."""
    if not {"invoice_number", "invoice_id"} & set(fields):
        return "invoice_number"
    return "" if {"net_amount", "unit_price"} & set(fields) else "unit_price"


KIND = Kind(
    "invoice_line", "invoice lines", invoice_lines.LINE, merge, rank=6, also=("sales_invoice_line",), check=check
)
