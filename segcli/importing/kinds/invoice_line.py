"""Lines of sales invoices: item, quantity, price, discount, VAT and cost."""

from segcli.importing.kinds.machinery import invoice_lines
from segcli.importing.kinds.machinery.first_lines import FIRST_LOAD
from segcli.importing.kinds.machinery.kind_definition import Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage


def merge(stage: Stage) -> Counts:
    """Upsert the staged lines."""
    return invoice_lines.merge_lines(stage, "sales")


KIND = Kind(
    "invoice_line",
    "invoice lines",
    invoice_lines.LINE,
    merge,
    rank=6,
    also=("sales_invoice_line",),
    check=invoice_lines.check,
    first_load=FIRST_LOAD,
)
