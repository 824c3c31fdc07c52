"""Invoices and credit notes: their heads, with net, VAT and total."""

from segcli.kinds import _merge
from segcli.kinds._account import resolve
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    Field("invoice_number", "code", "invoicenumber factuurnummer", is_required=True),
    Field("account", "code", "customer customercode invoiceto debtor relatie relatiecode klant klantcode",
          is_required=True, surely="accountcode"),
    Field("invoice_date", "date", "invoicedate factuurdatum", is_required=True),
    Field("due_date", "date", "duedate vervaldatum"),
    Field("status", "text"),
    Field("currency", "currency", "currencycode valuta"),
    Field("net_amount", "money", "netamount netto nettobedrag exclusief", is_required=True),
    Field("vat_amount", "money", "vatamount btwbedrag btw", is_required=True),
    Field("total_amount", "money", "totalamount totaal totaalbedrag inclusief"),
    Field("description", "text", "omschrijving"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Bring the staged invoices in, by number."""
    resolve(stage)
    _merge.refuse_duplicates(stage, ("invoice_number",), "invoice_number", "this invoice")
    if stage.has("status"):
        stage.reject(
            f"SELECT n, place, status FROM {stage.table} WHERE lower(status) NOT IN ('draft', 'open', 'processed')",
            "status",
            "this is not a status of an invoice",
            "draft, open or processed",
        )
    if stage.has("total_amount"):
        stage.reject(
            f"SELECT n, place, NULL FROM {stage.table} WHERE net_amount + vat_amount <> total_amount",
            "total_amount",
            "net and VAT do not add up to the total",
        )
    columns = {column: f"s.{name}" for name, column in stage.targets.items() if name != "account"}
    columns |= {"account_id": "s.account_id", "total_amount": "s.net_amount + s.vat_amount"}
    columns["currency"] = (
        f"coalesce({'s.currency' if stage.has('currency') else 'NULL'}, '{_safe(stage.options.currency)}')"
    )
    if stage.has("status"):
        columns["status"] = "lower(s.status)"
    target = _merge.Target(
        "invoice",
        "t.invoice_number = s.invoice_number",
        columns,
        defaults={"status": "'processed'"},
        required=frozenset({"status"}),
        keys=("invoice_number",),
    )
    return _merge.upsert(stage, target)


def _safe(currency: str) -> str:
    """Return the code of a currency, which stands in SQL and so must be letters only."""
    if not (currency.isascii() and currency.isalpha()):
        raise ValueError(currency)
    return currency


KIND = Kind("invoice", "invoices", FIELDS, merge, rank=4)
