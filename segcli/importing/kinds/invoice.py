"""Heads of sales invoices and credit notes: the ordering, invoiced and receiving accounts, dates and amounts."""

from collections.abc import Sequence

from segcli.importing.kinds.machinery import invoice_heads
from segcli.importing.kinds.machinery.account_headings import CUSTOMER, NAME
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("invoice_number", "code", "invoicenumber invoice factuurnummer factuur",
          about="Number of the invoice, unique; a draft may have none"),
    Field("account", "code", f"invoiceto {CUSTOMER}",
          is_required=True, surely="accountcode", about="Number of the account that pays the invoice"),
    Field("name", "text", f"invoicetoname {NAME}",
          about="Name of that account, to compare or to create it with"),
    Field("ordered_by", "code", "orderedby besteller",
          about="Number of the account that ordered; without it the payer"),
    Field("deliver_to", "code", "deliverto afleveradres",
          about="Number of the account that receives the goods; without it the orderer"),
    *invoice_heads.HEAD,
    Field("settled_amount", "money", about="Amount that was prepaid; used for its open item only"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Upsert the staged invoices."""
    return invoice_heads.merge_heads(stage, "sales")


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else '': an invoice is identified by its number or its id."""
    return "" if {"invoice_number", "external_id"} & set(fields) else "invoice_number"


KIND = Kind(
    "invoice",
    "invoices",
    FIELDS,
    merge,
    rank=4,
    also=("sales_invoice", "sales_invoices"),
    check=check,
    never="amount open bedrag quantity aantal qty",
)
