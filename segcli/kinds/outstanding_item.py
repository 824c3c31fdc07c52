"""Outstanding items: invoice terms, credit notes and unallocated receipts, with what is still open of them."""

from collections.abc import Sequence

from segcli.kinds import _merge
from segcli.kinds._account import resolve
from segcli.kinds._bulk import loading
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    Field("account", "code", "accountnumber customer customercode customerid custsupid debtor debtorcode "
          "relatie relatiecode relatienummer klant klantcode debiteur debiteurcode debiteurnummer", is_required=True, surely="accountcode"),
    Field("name", "text", "accountname customername naam klantnaam relatienaam debiteurnaam"),
    Field("invoice_number", "code", "invoicenumber invoice invoiceno invref factuurnummer factuur factuurnr"),
    Field("term", "integer", "termijn installment"),
    Field("journal", "code", "journalcode jrnid dagboek"),
    Field("entry_number", "code", "entrynumber boekstuknummer boekstuk entry"),
    Field("line_number", "code", "linenumber"),
    Field("invoice_date", "date", "invoicedate date factuurdatum datum documentdate invdt entrydate"),
    Field("due_date", "date", "duedate vervaldatum vervaldag invduedt"),
    Field("currency", "currency", "currencycode valuta"),
    Field("amount", "money", "amountfc bedrag factuurbedrag totalamount invoiceamount total"),
    Field("base_amount", "base_money", "amountdc basisbedrag"),
    Field("open", "money", "openamount outstanding openstaand openbedrag openstaandbedrag outstandingamount balance saldo"),
    Field("allocated", "money", "paid betaald allocatedamount paidamount"),
    Field("allocation_date", "date", "allocationdate paymentdate betaaldatum"),
    Field("description", "text", "omschrijving"),
    Field("reference", "text", "yourref uwreferentie referentie paymentreference betalingskenmerk"),
    Field("payment_condition", "code", "paymentconditioncode betalingsconditie"),
    Field("is_disputed", "flag", "disputed betwist"),
    Field("dispute_reason", "text", "disputereason dispute redenbetwisting"),
    Field("is_reminder_blocked", "flag", "reminderblocked geenaanmaning noreminder"),
    Field("external_id", "text", "externalid id guid hid"),
)  # fmt: skip


def check(fields: Sequence[str]) -> str:
    """Return why these fields are not enough: a day, an amount, and something to know the item by."""
    if not {"amount", "open"} & set(fields):
        return "amount"
    if not {"invoice_date", "due_date"} & set(fields):
        return "invoice_date"
    return "" if {"invoice_number", "due_date", "open", "allocated"} & set(fields) else "invoice_number"


def merge(stage: Stage) -> Counts:
    """Bring the staged items in, and allocate what the file says is paid already."""
    resolve(stage)
    _complete(stage)
    _number_terms(stage)
    _give_keys(stage)
    carried = {n: c for n, c in stage.targets.items() if n not in _COMPUTED}
    columns = {column: f"s.{name}" for name, column in carried.items()}
    columns |= {name: f"s.final_{name}" for name in _FINAL}
    columns |= {"account_id": "s.account_id", "item_key": "s.item_key"}
    target = _merge.Target(
        table="outstanding_item",
        match="t.account_id = s.account_id AND t.item_key = s.item_key",
        columns=columns,
        defaults={"open_amount": "s.final_amount", **_DEFAULTS},
        required=_REQUIRED,
        keys=("account_id", "item_key"),
    )
    with loading(stage, ("outstanding_item", "allocation")):
        counts = _with_open_amounts(stage, target)
        allocated = _allocate(stage)
    return counts._replace(others=allocated, notes=(f"{allocated} allocated",) if allocated else ())


_FINAL = ("currency", "amount", "base_amount", "invoice_date", "due_date", "term")
_COMPUTED = {"account", "name", "open", "allocated", "allocation_date", *_FINAL}
_DEFAULTS = {"is_disputed": "0", "is_reminder_blocked": "0"}
_REQUIRED = frozenset({*_DEFAULTS, "base_amount"})  # what is known is not taken back by a file that does not say


def _with_open_amounts(stage: Stage, target: _merge.Target) -> Counts:
    """Upsert the items; where an amount changes, what is open changes with it."""
    stage.execute("DROP TABLE IF EXISTS temp.before")
    stage.execute(
        "CREATE TEMP TABLE before AS SELECT t.id, t.amount FROM {stage} AS s JOIN outstanding_item AS t"
        " ON t.account_id = s.account_id AND t.item_key = s.item_key WHERE t.amount <> s.final_amount"
    )
    counts = _merge.upsert(stage, target)
    stage.execute(
        "UPDATE outstanding_item SET open_amount = open_amount + outstanding_item.amount - b.amount"
        " FROM temp.before AS b WHERE b.id = outstanding_item.id"
    )
    return counts


def _complete(stage: Stage) -> None:
    """Fill in what a file may leave out: the currency, the day, and the amount where only what is open is given."""
    for name in ("currency", "amount", "invoice_date"):
        stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN final_{name}")
    currency = "currency" if stage.has("currency") else "NULL"
    amount = [name for name in ("amount", "open") if stage.has(name)]
    day = [name for name in ("invoice_date", "due_date") if stage.has(name)]
    stage.execute(
        f"UPDATE {{stage}} SET final_currency = coalesce({currency}, ?),"
        f" final_amount = coalesce({', '.join(amount)}, NULL), final_invoice_date = coalesce({', '.join(day)}, NULL)",
        stage.options.currency,
    )
    for name, column in (("amount", amount[0]), ("invoice_date", day[0])):
        stage.reject(f"SELECT n, place, NULL FROM {stage.table} WHERE final_{name} IS NULL", column, "this is empty")
    _complete_base(stage)
    _complete_due_date(stage)


def _complete_base(stage: Stage) -> None:
    """Work out the amount in the administration's currency: the same where that is the item's own."""
    base = "base_amount" if stage.has("base_amount") else "NULL"
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_base_amount")
    stage.execute(
        f"UPDATE {{stage}} SET final_base_amount = CASE WHEN final_currency = ? THEN final_amount ELSE {base} END",
        stage.options.currency,
    )


def _complete_due_date(stage: Stage) -> None:
    """Let an invoice without a due date be due as its payment condition says, or that of its account."""
    due = "due_date" if stage.has("due_date") else "NULL"
    condition = "s.payment_condition" if stage.has("payment_condition") else "NULL"
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_due_date")
    stage.execute(f"UPDATE {{stage}} SET final_due_date = {due}")
    stage.execute(
        f"""UPDATE {{stage}} SET final_due_date = r.due FROM (
              SELECT s.n AS row, date(s.final_invoice_date, '+' || c.days || ' days') AS due FROM {{stage}} AS s
                JOIN account AS a ON a.id = s.account_id
                JOIN payment_condition AS c ON c.code = coalesce({condition}, a.payment_condition)
               WHERE s.final_due_date IS NULL AND s.final_amount > 0) AS r WHERE r.row = n"""
    )


def _number_terms(stage: Stage) -> None:
    """Number the terms of an invoice by due date where the file does not; the same due date twice is a double."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_term INTEGER NOT NULL DEFAULT 1")
    if stage.has("term"):
        stage.reject(f"SELECT n, place, term FROM {stage.table} WHERE term < 1", "term", "terms are counted from 1")
        stage.execute("UPDATE {stage} SET final_term = coalesce(term, 1)")
    elif stage.has("invoice_number"):
        is_term = f"invoice_number IS NOT NULL AND NOT (final_amount < 0 AND {_entry(stage)} IS NOT NULL)"
        stage.execute(
            """UPDATE {stage} SET final_term = r.rank FROM (SELECT n AS row, dense_rank() OVER
                 (PARTITION BY account_id, invoice_number ORDER BY coalesce(final_due_date, '')) AS rank FROM {stage}
                  WHERE {is_term} AND (account_id, invoice_number) IN
                    (SELECT account_id, invoice_number FROM {stage} WHERE {is_term} GROUP BY 1, 2 HAVING count(*) > 1)) AS r
                WHERE r.row = {stage}.n AND r.rank > 1""".replace("{is_term}", is_term).replace("{stage}.n", "n")
        )


def _entry(stage: Stage) -> str:
    """Return the SQL of what names the booking: the entry, or the line of an entry of a journal."""
    if not stage.has("entry_number"):
        return "NULL"
    if not stage.has("line_number"):
        return "entry_number"
    journal = "coalesce(journal || '/', '')" if stage.has("journal") else "''"
    return f"CASE WHEN line_number IS NULL THEN entry_number ELSE {journal} || entry_number || '/' || line_number END"


def _give_keys(stage: Stage) -> None:
    """Give each item what makes it the same in the next file.

    An invoice by its number and term; what is negative and has an entry of its own by that, since a receipt carries
    the number of the invoice it was meant for; what has neither by its content, and the how manieth it is of such.
    """
    stage.execute("ALTER TABLE {stage} ADD COLUMN item_key TEXT")
    number = "invoice_number" if stage.has("invoice_number") else "NULL"
    external = "external_id" if stage.has("external_id") else "NULL"
    words = "||".join(f"coalesce({name}, '')" for name in ("description", "reference") if stage.has(name)) or "''"
    stage.execute(
        f"""UPDATE {{stage}} SET item_key = CASE
              WHEN final_amount < 0 AND {_entry(stage)} IS NOT NULL THEN 'entry ' || {_entry(stage)}
              WHEN {number} IS NOT NULL THEN 'invoice ' || {number} || ' ' || final_term
              WHEN {_entry(stage)} IS NOT NULL THEN 'entry ' || {_entry(stage)}
              WHEN {external} IS NOT NULL THEN 'id ' || {external} END"""
    )
    column = "invoice_number" if stage.has("invoice_number") else "account"
    _merge.refuse_duplicates(stage, ("account_id", "coalesce(item_key, n)"), column, "this item")
    stage.execute(
        f"""UPDATE {{stage}} SET item_key = 'row ' || r.content || ' ' || r.occurrence FROM (
              SELECT n AS row, content, row_number() OVER (PARTITION BY account_id, content ORDER BY n) AS occurrence
                FROM (SELECT *, final_invoice_date || ' ' || final_currency || ' ' || final_amount || ' ' || {words} AS content
                        FROM {{stage}} WHERE item_key IS NULL)) AS r WHERE r.row = n"""
    )


def _allocate(stage: Stage) -> int:
    """Allocate what the file says is paid beyond what is known; return how many items that are.

    The day is the file's allocation date. Without one it is the invoice date for an item that is new, so that what
    the file calls open is open on every later day, and today for one that was there before.
    """
    if not stage.has("open") and not stage.has("allocated"):
        return 0
    paid = "s.allocated" if stage.has("allocated") else "NULL"
    if stage.has("open"):
        paid = f"coalesce({paid}, s.final_amount - s.open)"
    given = "s.allocation_date" if stage.has("allocation_date") else "NULL"
    is_new = "t.open_amount = t.amount AND NOT EXISTS (SELECT 1 FROM allocation AS x WHERE x.item_id = t.id)"
    day = f"coalesce({given}, CASE WHEN {is_new} THEN t.invoice_date ELSE ? END)"
    part = f"({paid} - (t.amount - t.open_amount))"
    at_its_rate = f"CAST(round(1.0 * t.base_amount * {part} / t.amount) AS INTEGER)"
    base = f"CASE WHEN t.base_amount = t.amount THEN {part} ELSE {at_its_rate} END"
    found = stage.execute(
        f"""INSERT INTO allocation (item_id, allocation_key, allocation_date, amount, base_amount)
            SELECT t.id, 'imported ' || {day}, {day}, {part}, {base}
              FROM {{stage}} AS s JOIN outstanding_item AS t ON t.account_id = s.account_id AND t.item_key = s.item_key
             WHERE {paid} IS NOT NULL AND {paid} <> t.amount - t.open_amount
            ON CONFLICT (item_id, allocation_key) DO UPDATE SET amount = amount + excluded.amount,
              base_amount = base_amount + excluded.base_amount""",
        *((stage.options.today,) * 2),
    ).rowcount
    return max(found, 0)


KIND = Kind(
    "outstanding_item", "outstanding items", FIELDS, merge, rank=4, also=("receivable", "receivables"), check=check
)
