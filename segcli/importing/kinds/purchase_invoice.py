"""Purchase invoices: heads with the supplier and the supplier's number."""

from collections.abc import Sequence

from segcli.importing.kinds.machinery import invoice_heads
from segcli.importing.kinds.machinery.account_headings import SUPPLIER
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("invoice_number", "code", "supplierinvoicenumber yourref invoicenumber factuurnummer",
          about="Number of the invoice, as the supplier gave it"),
    Field("account", "code", SUPPLIER, is_required=True,
          about="Number of the supplier"),
    *(field for field in invoice_heads.HEAD if field.name != "your_reference"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Upsert the staged invoices."""
    return invoice_heads.merge_heads(stage, "purchase")


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else '': an invoice is identified by its number or its id."""
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
