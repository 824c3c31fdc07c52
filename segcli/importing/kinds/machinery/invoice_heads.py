"""Heads of sales and purchase invoices, identified by external id or by number."""

from segcli.base.text import counted
from segcli.importing.kinds.machinery import external_ids, upsert
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.bulk import is_empty
from segcli.importing.kinds.machinery.kind_definition import Field
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.storage import summaries

HEAD = (
    Field("invoice_date", "date", "invoicedate factuurdatum date datum orderdate", is_required=True,
          about="Date of the invoice"),
    Field("due_date", "date", "duedate vervaldatum",
          about="Date on which the invoice is to be paid; else by the payment condition"),
    Field("status", "invoice_status", "statusdescription", about="draft, open or processed"),
    Field("currency", "currency", "currencycode valuta",
          about="Currency of the invoice as an ISO code; without it the administration's"),
    Field("net_amount", "money", "netamount net netto nettobedrag exclusief bedragexclbtw bedragexcl totaalexclbtw "
        "totaalexcl amountexcltax untaxedamount subtotal nettobetrag montantht",
          about="Total without VAT, in the invoice's currency"),
    Field("vat_amount", "money", "vatamountfc vatamount vat btwbedrag btw",
          about="Total VAT, in the invoice's currency"),
    Field("total_amount", "money", "amountfc totalamount total totaal totaalbedrag inclusief bedraginclbtw bedragincl "
        "totaalinclbtw totaalincl grandtotal bruttobetrag montantttc",
          about="Total with VAT, in the invoice's currency; negative for a credit note"),
    Field("base_net_amount", "base_money", "amountdcexclvat netamountdc basenetamount basisnetto",
          about="Total without VAT, in the administration's currency"),
    Field("base_total_amount", "base_money", "amountdc totalamountdc basetotalamount basistotaal",
          about="Total with VAT, in the administration's currency"),
    Field("journal", "code", "journalcode dagboek", about="Code of the journal in which it is booked"),
    Field("payment_condition", "code", "paymentconditioncode betalingsconditie", about="Code of the payment condition"),
    Field("order_number", "code", "ordernumber ordernummer", about="Number of the order that is invoiced"),
    Field("your_reference", "text", "yourref uwreferentie",
          about="Reference of the customer, such as a purchase order"),
    Field("original_number", "code", "originalnumber creditnotefor",
          about="Number of the invoice that a credit note corrects"),
    Field("description", "text", "omschrijving", about="Description of the invoice"),
    Field("external_id", "text", "invoiceid externalid id guid",
          about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip

_SHOWN_NUMBERS = 5


def merge_heads(stage: Stage, kind: str) -> Counts:
    """Upsert the staged invoices, identified by external id or by number; remove those that were cancelled."""
    if kind == "sales" and stage.has("status") and stage.has("account"):  # a cancelled one is known by its number
        stage.execute("UPDATE {stage} SET account = NULL WHERE status = 'cancelled'")
    resolve(stage)
    for role in ("ordered_by", "deliver_to"):
        resolve(stage, role)
    _refuse_unidentified(stage, kind)
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_id INTEGER")
    _identify(stage, kind)
    _refuse_number_of_another(stage, kind)
    gone = _take_back_cancelled(stage)
    _complete_amounts(stage)
    is_first = is_empty(stage, "invoice")
    before = "SELECT id FROM temp.differing"
    counts = upsert.upsert(stage, _target(stage, kind), lambda: summaries.touch(stage.db, before))
    if not is_first or stage.has("settled_amount"):  # open_items.py needs the ids of the new invoices
        _identify(stage, kind)
    if is_first:
        summaries.refresh_all(stage.db)
    else:
        _forget_own_rate(stage)
        summaries.touch(stage.db, upsert.written(stage, "final_id", counts))
        summaries.refresh(stage.db)
    removed = (f"{counted(gone, 'cancelled invoice')} {stage.verb('removed', 'would be removed')}",) if gone else ()
    return counts._replace(others=counts.others + gone, notes=(*counts.notes, *removed, *_without_vat(stage)))


def _without_vat(stage: Stage) -> tuple[str, ...]:
    """Return the note of invoices with a total alone: it counts as their net amount."""
    if not stage.has("total_amount"):
        return ()
    others = " AND ".join(f"{name} IS NULL" for name in ("net_amount", "vat_amount") if stage.has(name)) or "1"
    sql = f"SELECT count(*) FROM {stage.table} WHERE total_amount <> 0 AND {others}"
    (found,) = stage.execute(sql).fetchone()
    verb = "has" if found == 1 else "have"
    return (
        (f"{counted(found, 'invoice')} {verb} only a total: VAT is 0, and the total the net amount",) if found else ()
    )


def _take_back_cancelled(stage: Stage) -> int:
    """Remove the invoices whose row says that they were cancelled, and their rows; return the number of removed invoices.

    An invoice that was numbered here stays, and is told: it needs a credit note. So does one of a subscription: its periods
    would be invoiced again.
    """
    if not stage.has("status"):
        return 0
    cancelled = f"SELECT final_id FROM {stage.table} WHERE status = 'cancelled'"
    summaries.touch(stage.db, cancelled)
    own = (
        "processed_run_id IS NOT NULL"
        " OR id IN (SELECT invoice_id FROM subscription_period WHERE invoice_id IS NOT NULL)"
    )
    kept = stage.execute(
        f"SELECT invoice_number FROM invoice WHERE id IN ({cancelled}) AND ({own}) ORDER BY id"
    ).fetchall()
    if kept:
        numbers = ", ".join(str(number) for (number,) in kept[:_SHOWN_NUMBERS])
        stage.warnings.append(
            f"{counted(len(kept), 'cancelled invoice')} made here and kept ({numbers}): credit them, if they are wrong"
        )
    gone = stage.execute(f"DELETE FROM invoice WHERE id IN ({cancelled}) AND NOT ({own})").rowcount
    stage.execute("DELETE FROM {stage} WHERE status = 'cancelled'")
    return gone


def _refuse_unidentified(stage: Stage, kind: str) -> None:
    """Reject rows with neither a number nor an id, and those that share one with an earlier row."""
    key = ("account_id", "coalesce(invoice_number, n)") if kind == "purchase" else ("coalesce(invoice_number, n)",)
    if stage.has("invoice_number"):
        upsert.refuse_duplicates(stage, key, "invoice_number")
    external_ids.refuse_repeated(stage)
    empty = " AND ".join(f"{name} IS NULL" for name in ("invoice_number", "external_id") if stage.has(name)) or "1"
    stage.reject(
        f"SELECT n, place, NULL FROM {stage.table} WHERE {empty}",
        "invoice_number",
        "this is empty",
        "an invoice is known by its number or its id",
    )


def _identify(stage: Stage, kind: str) -> None:
    """Set final_id to the id of the invoice if it exists: that of its external id, else that of its number."""
    row = stage.table.removeprefix("temp.")
    ways = (
        [f"(SELECT t.id FROM invoice AS t WHERE t.external_id = {row}.external_id)"] if stage.has("external_id") else []
    )
    ways += [_of_number(kind, row)] if stage.has("invoice_number") else []
    stage.execute(f"UPDATE {{stage}} SET final_id = coalesce({', '.join(ways)}, NULL)")


def _of_number(kind: str, row: str) -> str:
    """Return the SQL of the id of the invoice that has the number of a row; suppliers may share a number."""
    same = f" AND t.account_id = {row}.account_id" if kind == "purchase" else ""
    return f"(SELECT t.id FROM invoice AS t WHERE t.kind = '{kind}' AND t.invoice_number = {row}.invoice_number{same})"


def _refuse_number_of_another(stage: Stage, kind: str) -> None:
    """Reject rows whose external id is that of one invoice, and whose number is that of another."""
    if stage.has("invoice_number") and stage.has("external_id"):
        stage.reject(
            f"SELECT s.n, s.place, s.invoice_number FROM {stage.table} AS s WHERE s.final_id <> {_of_number(kind, 's')}",
            "invoice_number",
            "another invoice has this number",
            "this one is known by its id; keep its number, or leave the id out",
        )


def _forget_own_rate(stage: Stage) -> None:
    """Clear the rate 1 of invoices that a file has moved to a foreign currency."""
    moved = f"id IN (SELECT final_id FROM {stage.table}) AND exchange_rate = '1' AND currency <> ?"
    currency = stage.options.currency
    summaries.touch(stage.db, f"SELECT id FROM invoice WHERE {moved}", currency)
    stage.execute(f"UPDATE invoice SET exchange_rate = NULL, is_rate_stated = 0 WHERE {moved}", currency)


def _complete_amounts(stage: Stage) -> None:
    """Derive the missing one of net, VAT and total; without net and total they follow from the lines."""
    for name in ("final_currency", "final_net", "final_vat", "final_summed", "final_rate"):
        stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN {name}")
    net, vat, total, currency = (
        name if stage.has(name) else "NULL" for name in ("net_amount", "vat_amount", "total_amount", "currency")
    )
    stage.execute(
        f"""UPDATE {{stage}} SET final_currency = coalesce({currency}, ?),
              final_net = coalesce({net}, {total} - coalesce({vat}, 0)),
              final_vat = coalesce({vat}, {total} - {net}, 0), final_summed = coalesce({net}, {total}) IS NULL""",
        stage.options.currency,
    )
    stage.execute(f"UPDATE {{stage}} SET final_rate = {_rate(stage)}", stage.options.currency)
    if stage.has("net_amount") and stage.has("total_amount"):
        stage.reject(
            f"SELECT n, place, NULL FROM {stage.table} WHERE final_net + final_vat <> {total}",
            "total_amount",
            "net and VAT do not add up to the total",
        )


def _rate(stage: Stage) -> str:
    """Return the SQL of the exchange rate that a row states, as a fraction of its two amounts, or NULL."""
    stated = ["WHEN final_currency = ? THEN '1'"]
    for base, amount in (("base_net_amount", "final_net"), ("base_total_amount", "final_net + final_vat")):
        if stage.has(base):
            stated.append(f"WHEN {base} <> 0 AND {amount} <> 0 THEN ({amount}) || '/' || {base}")
    return f"CASE {' '.join(stated)} END"


def _target(stage: Stage, kind: str) -> upsert.Target:
    computed = {"account", "name", "ordered_by", "deliver_to", "currency", "net_amount", "vat_amount", "total_amount",
                "base_net_amount", "base_total_amount", "settled_amount"}  # fmt: skip
    columns = {c: f"s.{n}" for n, c in stage.targets.items() if n not in computed}
    # If a later file has no sums, the sums of an invoice that already has lines are kept.
    for name, sql in (
        ("net_amount", "s.final_net"),
        ("vat_amount", "s.final_vat"),
        ("total_amount", "s.final_net + s.final_vat"),
    ):
        columns[name] = f"CASE WHEN s.final_summed THEN NULL ELSE {sql} END"
    roles = {f"{role}_id": f"coalesce(s.{role}_id, s.account_id)" for role in ("ordered_by", "deliver_to")}
    columns |= {
        "account_id": "s.account_id",
        **roles,
        "currency": "s.final_currency",
        "is_summed": "s.final_summed",
        "exchange_rate": "s.final_rate",
        "is_rate_stated": "iif(s.final_rate IS NULL, NULL, 1)",
    }
    number = "s.invoice_number" if stage.has("invoice_number") else "NULL"
    stated = "s.status" if stage.has("status") else "NULL"
    status = f"coalesce({stated}, CASE WHEN {number} IS NULL THEN 'open' ELSE 'processed' END)"
    # `refresh` would find it, too, but lengthening a row takes longer than inserting it.
    revenue = summaries.without_lines(status, "s.final_summed", "s.final_net")
    zeros = dict.fromkeys(("net_amount", "vat_amount", "total_amount"), "0")
    return upsert.Target(
        "invoice",
        "t.id = s.final_id",
        {**columns, "status": status},
        defaults={
            **zeros,
            "kind": f"'{kind}'",
            "is_rate_stated": "0",
            "revenue_amount": revenue,
            "base_revenue_amount": f"iif(s.final_rate IS '1', {revenue}, NULL)",
        },
        required=frozenset({*zeros, "exchange_rate", "is_rate_stated"}),  # a known rate is kept if the file states none
        keys=("kind",),
    )
