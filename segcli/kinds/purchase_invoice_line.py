"""Lines of purchase invoices: item, quantity, price, discount and VAT."""

from segcli.kinds import _invoice_line, invoice_line
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    Field("supplier", "code", "suppliercode supplierid leverancier leverancierscode crediteur"),
    Field("invoice_number", "code", "supplierinvoicenumber invoicenumber factuurnummer", is_required=True),
    *_invoice_line.LINE[1:],
)


def merge(stage: Stage) -> Counts:
    """Bring the staged lines in. Where two suppliers have the same number, the supplier tells them apart."""
    return _invoice_line.merge_lines(stage, "purchase")


KIND = Kind("purchase_invoice_line", "purchase invoice lines", FIELDS, merge, rank=7, check=invoice_line.check)
