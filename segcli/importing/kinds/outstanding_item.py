"""Outstanding items: invoice terms, credit notes and unallocated receipts, with their open amounts."""

from collections.abc import Sequence

from segcli.base.text import counted
from segcli.importing.kinds.machinery import (
    bank_booking,
    bank_statements,
    item_figures,
    opening_items,
    receipts,
    stated_payments,
    upsert,
)
from segcli.importing.kinds.machinery.account_headings import CUSTOMER, NAME
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.bulk import loading
from segcli.importing.kinds.machinery.first_items import FIRST_LOAD
from segcli.importing.kinds.machinery.item_sql import JOINED, Given, base_of
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("account", "code", CUSTOMER, is_required=True, surely="accountcode",
          about="Number of the account"),
    Field("name", "text", NAME,
          about="Name of the account, to compare or to create it with"),
    Field("invoice_number", "code", "invoicenumber invoice invoiceno invref factuurnummer factuur factuurnr",
          about="Number of the invoice"),
    Field("term", "integer", "termijn installment", about="Number of the invoice's term, counted from 1"),
    Field("journal", "code", "journalcode jrnid dagboek", about="Code of the journal of the entry"),
    Field("entry_number", "code", "entrynumber boekstuknummer boekstuk entry",
          about="Number of the entry in the ledger"),
    Field("line_number", "code", "linenumber", about="Number of the line in that entry"),
    Field("invoice_date", "date", "invoicedate date factuurdatum datum documentdate invdt entrydate",
          about="Date of the invoice; without it the due date"),
    Field("due_date", "date", "duedate vervaldatum vervaldag invduedt faelligkeitsdatum falligkeit dateecheance datedecheance echeance",
          about="Date on which it is to be paid; else by the payment condition"),
    Field("currency", "currency", "currencycode valuta",
          about="Currency of the item as an ISO code; without it the administration's"),
    Field("amount", "money", "amountfc bedrag factuurbedrag totalamount invoiceamount total totaalinclbtw totaalincl "
        "bedraginclbtw rechnungsbetrag montantttc",
          about="Amount of the item; negative for a credit note or a receipt"),
    Field("base_amount", "base_money", "amountdc basisbedrag",
          about="Amount of the item in the administration's currency"),
    Field("open", "money", "openamount outstanding openstaand openbedrag openstaandbedrag outstandingamount balance saldo",
          about="What is still to be paid, in the item's currency"),
    Field("allocated", "money", "paid betaald allocatedamount paidamount",
          about="What was paid, in the item's currency"),
    Field("allocation_date", "date", "allocationdate paymentdate betaaldatum", about="Date of the last payment"),
    Field("description", "text", "omschrijving", about="Description of the item"),
    Field("reference", "text", "yourref uwreferentie referentie paymentreference betalingskenmerk",
          about="Reference of the customer or of the payment"),
    Field("payment_condition", "code", "paymentconditioncode betalingsconditie", about="Code of the payment condition"),
    Field("is_disputed", "flag", "disputed betwist", about="Whether the customer disputes it"),
    Field("dispute_reason", "text", "disputereason dispute redenbetwisting", about="Why the customer disputes it"),
    Field("is_reminder_blocked", "flag", "reminderblocked geenaanmaning noreminder",
          about="Whether no reminder is sent for it"),
    Field("external_id", "text", "externalid id guid hid", about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else '': an item needs a date, an amount and an identification."""
    if not {"amount", "open"} & set(fields):
        return "amount"
    if not {"invoice_date", "due_date"} & set(fields):
        return "invoice_date"
    return "" if {"invoice_number", "due_date", "open", "allocated"} & set(fields) else "invoice_number"


def merge(stage: Stage) -> Counts:
    """Upsert the staged items, and allocate the paid amounts that the file states."""
    resolve(stage)
    _complete(stage)
    _number_terms(stage)
    opening_items.name_years(stage)
    _give_keys(stage)
    opening_items.tell_years_apart(stage)
    known = opening_items.drop_known(stage)
    _adopt(stage)
    _keep_due_dates(stage)
    carried = {n: c for n, c in stage.targets.items() if n not in _COMPUTED}
    columns = {column: f"s.{name}" for name, column in carried.items()}
    columns |= {name: f"s.final_{name}" for name in _FINAL}
    columns |= {"account_id": "s.account_id", "item_key": "s.item_key"}
    columns |= {"is_base_derived": "iif(s.final_base_amount IS NULL, NULL, 0)"}  # the file's amount is not derived
    target = upsert.Target(
        table="outstanding_item",
        match="t.account_id = s.account_id AND t.item_key = s.item_key",
        columns=columns,
        defaults={"open_amount": "s.final_amount", **_DEFAULTS},
        required=_REQUIRED,
        keys=("account_id", "item_key"),
    )
    notes = bank_statements.take_off(stage)
    with loading(stage, ("outstanding_item", "allocation")):
        counts = _with_open_amounts(stage, target)
        allocated = _allocate(stage)
    _lay_payments_again(stage, counts)
    noted = bank_statements.note(stage)
    if allocated:
        notes = (f"{counted(allocated, 'payment')} {stage.verb('matched', 'would be matched')}", *notes)
    return counts._replace(unchanged=counts.unchanged + known, others=allocated + noted, notes=notes)


_FINAL = ("currency", "amount", "base_amount", "invoice_date", "due_date", "term")
_COMPUTED = {"account", "name", "open", "allocated", "allocation_date", *_FINAL}
_DEFAULTS = {"is_disputed": "0", "is_reminder_blocked": "0", "is_base_derived": "0"}
_REQUIRED = frozenset({*_DEFAULTS, "base_amount", "due_date"})  # a blank cell does not clear them


def _with_open_amounts(stage: Stage, target: upsert.Target) -> Counts:
    """Upsert the items; a changed amount changes the open amount too."""
    stage.execute("DROP TABLE IF EXISTS temp.before")
    stage.execute(f"CREATE TEMP TABLE before AS SELECT t.id, t.amount FROM {JOINED} WHERE t.amount <> s.final_amount")
    counts = upsert.upsert(stage, target)
    stage.execute(
        "UPDATE outstanding_item SET open_amount = open_amount + outstanding_item.amount - b.amount"
        " FROM temp.before AS b WHERE b.id = outstanding_item.id"
    )
    return counts


def _lay_payments_again(stage: Stage, counts: Counts) -> None:
    """Reallocate payments of invoices whose terms changed in amount, date or number."""
    if not stage.execute("SELECT EXISTS (SELECT 1 FROM allocation WHERE is_stated = 0)").fetchone()[0]:
        return
    found = stage.execute(
        f"""SELECT DISTINCT t.account_id, t.invoice_number, t.currency FROM {JOINED}
            WHERE t.invoice_number IS NOT NULL AND s.n IN ({upsert.written(stage, "n", counts)})
              AND EXISTS (SELECT 1 FROM outstanding_item AS o JOIN allocation AS l ON l.item_id = o.id
                           WHERE o.account_id = t.account_id AND o.invoice_number = t.invoice_number AND l.is_stated = 0)"""
    ).fetchall()
    for account, number, currency in found:
        receipts.lay_again(stage, account, number, currency)


def _given(stage: Stage) -> Given:
    """Return the fields that the file carries, as SQL over the stage."""
    return Given.staged(stage.fields, stage.table.removeprefix("temp."))


def _complete(stage: Stage) -> None:
    """Add the final_* columns with defaults for missing currency, dates and amounts; reject rows without date or amount.

    A missing amount is paid + open, or open alone; paid alone does not determine it (see item_sql.Given).
    """
    given = _given(stage)
    final = {name: getattr(given, name) for name in ("currency", "amount", "base_amount", "invoice_date", "due_date")}
    for name in final:
        stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN final_{name}")
    stage.execute(f"UPDATE {{stage}} SET {', '.join(f'final_{name} = {sql}' for name, sql in final.items())}")
    for name, others in (("amount", ("amount", "open")), ("invoice_date", ("invoice_date", "due_date"))):
        column = next(other for other in others if stage.has(other))
        stage.reject(f"SELECT n, place, NULL FROM {stage.table} WHERE final_{name} IS NULL", column, "this is empty")
    item_figures.refuse(stage, given)


def _number_terms(stage: Stage) -> None:
    """Number an invoice's terms by due date if the file does not; an equal due date is a duplicate."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_term INTEGER NOT NULL DEFAULT 1")
    if stage.has("term"):
        stage.reject(f"SELECT n, place, term FROM {stage.table} WHERE term < 1", "term", "terms are counted from 1")
        stage.execute("UPDATE {stage} SET final_term = coalesce(term, 1)")
    elif stage.has("invoice_number"):
        is_term = f"invoice_number IS NOT NULL AND NOT (final_amount < 0 AND {_given(stage).entry} IS NOT NULL)"
        stage.execute(
            """UPDATE {stage} SET final_term = r.rank FROM (SELECT n AS row, dense_rank() OVER
                 (PARTITION BY account_id, invoice_number ORDER BY coalesce(final_due_date, '')) AS rank FROM {stage}
                  WHERE {is_term} AND (account_id, invoice_number) IN
                    (SELECT account_id, invoice_number FROM {stage} WHERE {is_term} GROUP BY 1, 2 HAVING count(*) > 1)) AS r
                WHERE r.row = {stage}.n AND r.rank > 1""".replace("{is_term}", is_term).replace("{stage}.n", "n")
        )


def _give_keys(stage: Stage) -> None:
    """Set each item's identity key (see Given.key), else its content plus an ordinal among equal rows."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN item_key TEXT")
    words = "||".join(f"coalesce({name}, '')" for name in ("description", "reference") if stage.has(name)) or "''"
    stage.execute(f"UPDATE {{stage}} SET item_key = {_given(stage).key('final_amount', 'final_term')}")
    column = "invoice_number" if stage.has("invoice_number") else "account"
    upsert.refuse_duplicates(stage, ("account_id", "coalesce(item_key, n)"), column)
    stage.execute(
        f"""UPDATE {{stage}} SET item_key = 'row ' || r.content || ' ' || r.occurrence FROM (
              SELECT n AS row, content, row_number() OVER (PARTITION BY account_id, content ORDER BY n) AS occurrence
                FROM (SELECT *, final_invoice_date || ' ' || final_currency || ' ' || final_amount || ' ' || {words} AS content
                        FROM {{stage}} WHERE item_key IS NULL)) AS r WHERE r.row = n"""
    )


def _adopt(stage: Stage) -> None:
    """Give the item of a credit note that was made from its invoice (importing/open_items.py) the key of its booking.

    Such an item has no entry number yet; the file's row has one and is the same credit: account, number and amount.
    """
    if not (stage.has("invoice_number") and stage.has("entry_number")):
        return
    stage.execute(
        """UPDATE outstanding_item SET item_key = s.item_key FROM {stage} AS s
            WHERE outstanding_item.account_id = s.account_id AND outstanding_item.invoice_number = s.invoice_number
              AND outstanding_item.item_key = 'invoice ' || s.invoice_number || ' 1' AND outstanding_item.entry_number IS NULL
              AND s.final_amount < 0 AND outstanding_item.amount = s.final_amount AND outstanding_item.currency = s.final_currency
              AND NOT EXISTS (SELECT 1 FROM outstanding_item AS o WHERE o.account_id = s.account_id AND o.item_key = s.item_key)"""
    )


def _keep_due_dates(stage: Stage) -> None:
    """Keep an item's due date if the file has none: its payment condition was applied at the first import."""
    is_given = "due_date IS NOT NULL" if stage.has("due_date") else "0"
    stage.execute(
        f"""UPDATE {{stage}} SET final_due_date = NULL WHERE NOT ({is_given}) AND final_due_date IS NOT NULL AND EXISTS
            (SELECT 1 FROM outstanding_item AS t WHERE t.account_id = {{stage}}.account_id AND t.item_key = {{stage}}.item_key
                AND t.due_date IS NOT NULL)""".replace("{stage}.", stage.table.removeprefix("temp.") + ".")
    )


def _allocate(stage: Stage) -> int:
    """Allocate paid amounts beyond those already allocated; return the number of items.

    The date of the allocation is the file's allocation date. Without one it is today for an existing item, and the
    invoice date for a new item, so that the item's open amount is as in the file on every day from then on.
    """
    if not bank_statements.states_paid(stage):
        return 0
    stated_payments.absorb(stage)
    paid = Given.staged(stage.fields).paid("s.final_amount")
    given = "s.allocation_date" if stage.has("allocation_date") else "NULL"
    is_new = "t.open_amount = t.amount AND NOT EXISTS (SELECT 1 FROM allocation AS x WHERE x.item_id = t.id)"
    day = f"coalesce({given}, CASE WHEN {is_new} THEN t.invoice_date ELSE ? END)"
    of_bank = f" + {bank_statements.BANK_PAID}" if bank_booking.any_payment(stage.db) else ""
    part = f"({paid} - (t.amount - t.open_amount){of_bank})"
    stated_payments.tell_beyond(stage, part, bank_statements.last_day(stage))
    found = stage.execute(
        f"""INSERT INTO allocation (item_id, account_id, currency, allocation_key, allocation_date, amount, base_amount)
            SELECT t.id, t.account_id, t.currency, 'imported ' || {day}, {day}, {part}, {base_of(part, "t.amount", "t.base_amount")}
              FROM {JOINED}
             WHERE {paid} IS NOT NULL AND {part} <> 0
            ON CONFLICT (item_id, allocation_key) DO UPDATE SET amount = amount + excluded.amount,
              base_amount = base_amount + excluded.base_amount""",
        *((stage.options.today,) * 2),
    ).rowcount
    return max(found, 0)


KIND = Kind(
    "outstanding_item",
    "outstanding items",
    FIELDS,
    merge,
    rank=4,
    also=("receivable", "receivables"),
    first_load=FIRST_LOAD,
    check=check,
)
