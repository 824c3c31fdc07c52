"""Bank payments: the receipts and payments of a bank statement, which are matched to outstanding items."""

import hashlib
from collections.abc import Mapping

from segcli.importing.kinds.machinery import bank_booking, erased
from segcli.importing.kinds.machinery.kind_definition import Field, Kind, of_record
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field(
        "own_iban",
        "code",
        "owniban ownaccount",
        is_required=True,
        about="The administration's own bank account",
    ),
    Field(
        "payment_date",
        "date",
        "paymentdate bookingdate boekdatum",
        is_required=True,
        about="Day on which the bank booked the payment",
    ),
    Field(
        "currency",
        "currency",
        "currencycode valuta",
        about="Currency of the amount as an ISO code; without it the administration's",
    ),
    Field("amount", "money", "bedrag betrag", is_required=True, about="Amount received, negative if it was paid out"),
    Field("counter_iban", "code", "counteriban tegenrekening", about="Bank account of the other side"),
    Field("counter_name", "text", "countername", about="Name of the other side, as the bank gives it"),
    Field(
        "description",
        "text",
        "omschrijving verwendungszweck",
        about="Text of the payment, in which invoice numbers are looked for",
    ),
    Field(
        "reference",
        "text",
        "paymentreference betalingskenmerk",
        about="Structured payment reference, such as RF18539007547034",
    ),
    Field("end_to_end_id", "text", "endtoendid", about="End-to-end id that the payer gave"),
    Field(
        "bank_id",
        "code",
        "bankid",
        about="The bank's own id of the payment; without it a repeated payment is found by its content",
    ),
    Field("entry_id", "code", "entryid", about="The bank's id of the entry that the payment is part of"),
    Field("is_batch", "flag", "isbatch", about="Whether this is the total of a batch whose payments follow"),
    Field("is_reversal", "flag", "isreversal", about="Whether it reverses an earlier payment"),
    Field("source", "text", "format", about="Format of the statement that it comes from"),
)
_STORED = ("counter_iban", "counter_name", "description", "reference", "end_to_end_id", "entry_id")
_CONTENT = ("own_iban", "payment_date", "currency", "amount", *_STORED[:5])


def content(record: Mapping[str, object]) -> str:
    """Return a digest of what a payment says, without differences of case and blanks."""
    words = (" ".join(str(record.get(name) or "").upper().split()) for name in _CONTENT)
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:32]


def merge(stage: Stage) -> Counts:
    """Add the payments that are not stored yet; a stored payment never changes.

    A payment is identified by our bank account, its date and amount, and the bank's own id; without an id by its content and an
    ordinal among equal payments. A payment that another format stated before is identified by account, date and amount.
    """
    _complete(stage)
    total = stage.count()
    _identify(stage)
    _leave_out_known(stage)
    _replace_totals(stage)
    notes = _forget_anonymous(stage)
    columns = (
        "payment_key",
        "source",
        "own_iban",
        "payment_date",
        "currency",
        "amount",
        "is_batch",
        "is_reversal",
        *_STORED,
    )
    values = ", ".join(
        f"final_{name}" if name in _FINAL else name if stage.has(name) or name == "payment_key" else "NULL"
        for name in columns
    )
    added = stage.execute(
        f"INSERT INTO bank_payment ({', '.join(columns)}) SELECT {values} FROM {{stage}} WHERE is_new = 1 ORDER BY n"
    ).rowcount
    return Counts(added, 0, total - added, notes=notes)


_FINAL = ("source", "currency", "is_batch", "is_reversal", "own_iban", "counter_iban")


def _complete(stage: Stage) -> None:
    """Add the final_* columns, with defaults, and reject payments of nothing."""
    plain = "upper(replace(replace({0}, ' ', ''), char(160), ''))"
    final = {
        "own_iban": plain.format("own_iban"),
        "counter_iban": plain.format("counter_iban") if stage.has("counter_iban") else "NULL",
        "currency": f"coalesce({'currency' if stage.has('currency') else 'NULL'}, (SELECT a.currency FROM administration AS a))",
        "source": "coalesce(source, 'list')" if stage.has("source") else "'list'",
        "is_batch": "coalesce(is_batch, 0)" if stage.has("is_batch") else "0",
        "is_reversal": "coalesce(is_reversal, 0)" if stage.has("is_reversal") else "0",
    }  # fmt: skip
    for name in final:
        stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN final_{name}")
    stage.execute("ALTER TABLE {stage} ADD COLUMN payment_key TEXT")
    stage.execute("ALTER TABLE {stage} ADD COLUMN is_new INTEGER NOT NULL DEFAULT 1")
    stage.execute(f"UPDATE {{stage}} SET {', '.join(f'final_{name} = {sql}' for name, sql in final.items())}")
    stage.reject(f"SELECT n, place, '0' FROM {stage.table} WHERE amount = 0", "amount", "there is nothing to pay")


def _identify(stage: Stage) -> None:
    """Set the key of each payment.

    Banks repeat an id for different payments, so the key includes the ordinal of the content among payments with that id.
    """
    given = "nullif(bank_id, '')" if stage.has("bank_id") else "NULL"
    stage.execute(
        f"""UPDATE {{stage}} SET payment_key = r.key FROM (
              SELECT n AS row, own || ' ' || CASE WHEN id IS NULL THEN content || ' ' || equal ELSE id || ' ' || day || ' ' || amount
                     || iif(other > 1, ' #' || other, '') END AS key FROM (
                SELECT n, final_own_iban AS own, {given} AS id, payment_date AS day, amount, content,
                       row_number() OVER (PARTITION BY content, {given} IS NULL ORDER BY n) AS equal,
                       dense_rank() OVER (PARTITION BY final_own_iban, {given}, payment_date, amount ORDER BY content) AS other
                  FROM {{stage}})) AS r WHERE r.row = n"""
    )
    stage.index("payment_key")


def _leave_out_known(stage: Stage) -> None:
    """Mark the payments that are not new: stored already, repeated in the file, or imported from a file of another format."""
    name = stage.table.removeprefix("temp.")
    stage.execute(
        f"""UPDATE {{stage}} SET is_new = 0 WHERE EXISTS (SELECT 1 FROM bank_payment AS p WHERE p.payment_key = {name}.payment_key)
             OR n > (SELECT min(o.n) FROM {{stage}} AS o WHERE o.payment_key = {name}.payment_key)"""
    )
    apart = " AND (p.entry_id IS NULL OR s.entry_id IS NULL)" if stage.has("entry_id") else ""
    group = "{0}.final_own_iban = s.final_own_iban AND {0}.payment_date = s.payment_date AND {0}.amount = s.amount"
    stage.execute(
        f"""UPDATE {{stage}} SET is_new = 0 FROM (
             SELECT s.n AS row, row_number() OVER (PARTITION BY s.final_own_iban, s.payment_date, s.amount, s.final_currency ORDER BY s.n)
                    AS ordinal, (SELECT count(*) FROM bank_payment AS p WHERE p.own_iban = s.final_own_iban
                      AND p.payment_date = s.payment_date AND p.amount = s.amount AND p.currency = s.final_currency
                      AND p.source <> s.final_source{apart} AND NOT EXISTS (SELECT 1 FROM {{stage}} AS o
                       WHERE o.payment_key = p.payment_key AND {group.format("o")})) AS known
               FROM {{stage}} AS s WHERE s.is_new = 1) AS r
            WHERE r.row = n AND r.ordinal <= r.known"""
    )


def _replace_totals(stage: Stage) -> None:
    """Replace the total of an entry by its parts, whichever was imported first."""
    if not stage.has("entry_id"):
        return
    name = stage.table.removeprefix("temp.")
    same = f"p.own_iban = {name}.final_own_iban AND p.entry_id = {name}.entry_id"
    stage.execute(
        f"""UPDATE {{stage}} SET is_new = 0 WHERE is_new = 1 AND final_is_batch = 1 AND (
              EXISTS (SELECT 1 FROM bank_payment AS p WHERE {same} AND p.is_batch = 0) OR EXISTS
              (SELECT 1 FROM {{stage}} AS o WHERE o.final_own_iban = {name}.final_own_iban AND o.entry_id = {name}.entry_id
                  AND o.final_is_batch = 0))"""
    )
    totals = stage.execute(
        """SELECT p.id FROM bank_payment AS p WHERE p.is_batch = 1 AND p.entry_id IS NOT NULL AND EXISTS (SELECT 1 FROM {stage} AS s
            WHERE s.is_new = 1 AND s.final_is_batch = 0 AND s.final_own_iban = p.own_iban AND s.entry_id = p.entry_id)"""
    ).fetchall()
    bank_booking.remove(stage.db, [number for (number,) in totals])


def _forget_anonymous(stage: Stage) -> tuple[str, ...]:
    """Remove the payer from new payments of anonymised persons."""
    if not stage.has("counter_name") or not erased.is_any(stage):
        return ()
    gone = stage.execute(
        """SELECT s.n FROM {stage} AS s WHERE s.is_new = 1 AND s.counter_name IS NOT NULL AND EXISTS (SELECT 1 FROM anonymised AS x
            JOIN contact AS c ON c.id = x.contact_id
            WHERE x.key_hash = mail_hash('name|' || c.account_id || '|' || name_key(s.counter_name)))"""
    ).fetchall()
    empty = ", ".join(f"{name} = NULL" for name in ("counter_name", "description") if stage.has(name))
    stage.db.executemany(f"UPDATE {stage.table} SET {empty}, final_counter_iban = NULL WHERE n = ?", gone)
    if not gone:
        return ()
    return (
        f"{len(gone)} payments are of people who were anonymised here: name, account and text {stage.verb('were', 'would be')} left out",
    )


KIND = Kind("bank_payment", "bank payments", FIELDS, merge, rank=7, derived={"content": of_record(content)})
