"""Purchase invoices: heads with the supplier and the supplier's number."""

from collections.abc import Sequence

from segcli.kinds import _invoice
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    Field("invoice_number", "code", "supplierinvoicenumber yourref invoicenumber factuurnummer"),
    Field(
        "account", "code", "supplier suppliercode supplierid leverancier leverancierscode crediteur", is_required=True
    ),
    *(field for field in _invoice.HEAD if field.name != "your_reference"),
)


def merge(stage: Stage) -> Counts:
    """Bring the staged invoices in."""
    return _invoice.merge_heads(stage, "purchase")


def check(fields: Sequence[str]) -> str:
    """Return why these fields are not enough: an invoice is known by its number or its id."""
    return "" if {"invoice_number", "external_id"} & set(fields) else "invoice_number"


KIND = Kind(
    "purchase_invoice",
    "purchase invoices",
    FIELDS,
    merge,
    rank=5,
    never="amount open bedrag quantity aantal qty",
    check=check,
)
