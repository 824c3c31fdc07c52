"""Lines of purchase invoices: item, quantity, price, discount and VAT."""

from segcli.importing.kinds.machinery import invoice_lines
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("supplier", "code", "suppliercode supplierid leverancier leverancierscode crediteur",
          about="Number of the supplier"),
    Field("invoice_number", "code", "supplierinvoicenumber invoicenumber factuurnummer", is_required=True,
          about="Number of the invoice, as the supplier gave it"),
    *invoice_lines.LINE[1:],
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Upsert the staged lines. Invoices of different suppliers with the same number are told apart by supplier."""
    return invoice_lines.merge_lines(stage, "purchase")


KIND = Kind("purchase_invoice_line", "purchase invoice lines", FIELDS, merge, rank=7, check=invoice_lines.check)
