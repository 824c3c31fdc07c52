"""Transaction lines: the entries of the ledger; an entry that does not balance is rejected as a whole."""

from collections.abc import Sequence

from segcli.base import money
from segcli.base.text import counted
from segcli.importing.kinds.machinery import opening_items, upsert
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.storage import openings

FIELDS = (
    Field("journal", "code", "journalcode jrnid dagboek dagboekcode", is_required=True, about="Code of the journal"),
    Field("financial_year", "integer", "financialyear fiscalyear finyear boekjaar jaar",
          about="Financial year; without it the year of the entry's first date"),
    Field("period", "integer", "financialperiod finperiod periodnumber periode boekperiode",
          about="Period of the financial year, 0 to 999; usually the month"),
    Field("entry_number", "code", "entrynumber entry boekstuk boekstuknummer trnr transactionnumber", is_required=True,
          about="Number of the entry, unique within its journal and year"),
    Field("line_number", "code", "linenumber line regel regelnummer trlinenr",
          about="Number of the line; without it the order of the file"),
    Field("entry_date", "date", "entrydate date datum boekdatum transactiondate trdt effdate", is_required=True,
          about="Date of the line"),
    Field("gl_account", "code", "glaccountcode glaccountnumber grootboekrekening grootboek rekening accid ledgeraccount",
          is_required=True, about="Number of the ledger account"),
    Field("account", "code", "accountnumber customer customercode custsupid debtor debtorcode relatie relatiecode "
          "klant klantcode", surely="accountcode", about="Number of the customer or supplier"),
    Field("description", "text", "omschrijving desc", about="Description of the line"),
    Field("invoice_number", "code", "invoicenumber invoice invref factuurnummer factuur",
          about="Number of the invoice"),
    Field("due_date", "date", "duedate vervaldatum invduedt", about="Date on which the invoice is to be paid"),
    Field("reference", "text", "yourref uwreferentie referentie paymentreference betalingskenmerk docref",
          about="Reference of the customer or of the payment"),
    Field("debit", "base_money", "debet debitamount",
          about="Amount on the debit side, in the administration's currency"),
    Field("credit", "base_money", "creditamount", about="Amount on the credit side, in the administration's currency"),
    Field("amount", "base_money", "amountdc bedrag",
          about="Debit less credit, instead of debit and credit; an entry adds up to 0"),
    Field("currency", "currency", "currencycode valuta", about="Currency of the foreign amount as an ISO code"),
    Field("foreign_amount", "money", "amountfc foreignamount valutabedrag",
          about="Debit less credit in the foreign currency"),
    Field("vat_code", "code", "vatcode btwcode vatid", about="VAT code of the line"),
    Field("quantity", "decimal", "aantal qnty", about="Quantity, for statistics"),
    Field("type", "entry_type", "entrytype transactiontype boekingsoort",
          about="sales, purchase, cash, bank, general, opening or other"),
    Field("gl_account_description", "text", "glaccountdescription grootboekomschrijving",
          about="Description of the ledger account, used when it is new"),
    Field("journal_description", "text", "journaldescription dagboekomschrijving",
          about="Description of the journal, used when it is new"),
    Field("external_id", "text", "externalid id guid", about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip
_OF_LINE = (
    "entry_date",
    "description",
    "invoice_number",
    "due_date",
    "reference",
    "vat_code",
    "quantity",
    "external_id",
)


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else '': a line needs an amount, or debit and credit."""
    return "" if "amount" in fields or {"debit", "credit"} <= set(fields) else "amount"


def merge(stage: Stage) -> Counts:
    """Upsert the staged lines by entry. An entry in the file replaces the stored entry.

    The opening balance of a later year is the closing balance of the year before it: it adds nothing to the ledger.
    """
    resolve(stage)
    _complete(stage)
    _number_lines(stage)
    _refuse_unbalanced(stage)
    notes = (*_add_missing(stage, "journal", "journals"), *_add_missing(stage, "gl_account", "ledger accounts"))
    headed = _merge_entries(stage)
    stage.index("entry_id", "final_line")
    _take_openings(stage)
    counts = _merge_lines(stage)
    gone = stage.execute(
        f"""DELETE FROM transaction_line WHERE entry_id IN (SELECT entry_id FROM {{stage}}) AND NOT EXISTS
             (SELECT 1 FROM {{stage}} AS s WHERE s.entry_id = transaction_line.entry_id
                 AND s.final_line = transaction_line.line_number) AND NOT {openings.is_added()}"""
    ).rowcount
    settled = openings.settle(stage.db) + opening_items.supersede(stage.db)
    _tell_differences(stage)
    if gone:
        notes = (*notes, f"{counted(gone, 'line')} {stage.verb('removed', 'would be removed')}: no longer in the entry")
    return counts._replace(notes=notes, others=gone + headed + settled)


def _complete(stage: Stage) -> None:
    """Compute amount, year and entry key; a foreign amount only for a foreign currency."""
    # Without TEXT affinity, SQLite could not use an index on these columns in comparisons.
    types = {"final_line": "TEXT", "final_currency": "TEXT"}
    for name in ("final_amount", "final_year", "final_line", "entry_id", "final_currency", "final_foreign"):
        stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN {name} {types.get(name, 'INTEGER')}")
    debit, credit = (name if stage.has(name) else "NULL" for name in ("debit", "credit"))
    amount = "amount" if stage.has("amount") else "NULL"
    given = f"CASE WHEN coalesce({debit}, {credit}) IS NULL THEN {amount} ELSE coalesce({debit}, 0) - coalesce({credit}, 0) END"
    year = "financial_year" if stage.has("financial_year") else "NULL"
    stage.execute(f"UPDATE {{stage}} SET final_amount = {given}, final_year = {year}")
    _date_years(stage)
    stage.reject(
        f"SELECT n, place, NULL FROM {stage.table} WHERE final_amount IS NULL",
        "amount" if stage.has("amount") else "debit",
        "this is empty",
    )
    if stage.has("currency") and stage.has("foreign_amount"):
        stage.execute(
            "UPDATE {stage} SET final_currency = currency, final_foreign = foreign_amount"
            " WHERE currency <> ? AND foreign_amount IS NOT NULL",
            stage.options.currency,
        )


def _date_years(stage: Stage) -> None:
    """Derive a missing financial year from the entry's first date."""
    if stage.is_any("final_year IS NULL"):
        stage.execute(
            """UPDATE {stage} SET final_year = r.year FROM (SELECT n AS row, CAST(substr(min(entry_date) OVER
                 (PARTITION BY journal, entry_number), 1, 4) AS INTEGER) AS year FROM {stage}) AS r
                WHERE r.row = n AND final_year IS NULL"""
        )
    stage.reject(
        f"SELECT n, place, final_year FROM {stage.table} WHERE final_year NOT BETWEEN 1900 AND 9999",
        "financial_year",
        "this is not a year",
    )


def _number_lines(stage: Stage) -> None:
    """Number lines within an entry; exact repeats count as duplicates."""
    number = "line_number" if stage.has("line_number") else "NULL"
    if stage.has("line_number"):
        key = ("journal", "final_year", "entry_number", "line_number")
        if not stage.is_any("line_number IS NULL") and not stage.is_repeated(key):  # the usual case
            stage.execute("UPDATE {stage} SET final_line = line_number")
            return
        every = ", ".join(f"coalesce({name}, '')" for name in stage.fields)
        stage.reject(
            f"""SELECT n, place, line_number, first FROM (SELECT n, place, line_number, first_value(place) OVER w AS first,
                  row_number() OVER w AS occurrence FROM {stage.table}
                  WINDOW w AS (PARTITION BY {every} ORDER BY n)) WHERE occurrence > 1 AND line_number IS NOT NULL""",
            "line_number",
            "exact duplicate of line {0}",
        )
    stage.execute(
        f"""UPDATE {{stage}} SET final_line = r.line FROM (
              SELECT n AS row, CASE WHEN number IS NULL THEN place_in WHEN occurrence > 1 THEN number || '/' || occurrence
                     ELSE number END AS line
                FROM (SELECT n, {number} AS number, CAST(row_number() OVER (PARTITION BY journal, final_year, entry_number
                        ORDER BY n) AS TEXT) AS place_in, row_number() OVER (PARTITION BY journal, final_year, entry_number,
                        {number} ORDER BY n) AS occurrence FROM {{stage}})) AS r WHERE r.row = n"""
    )
    upsert.refuse_mixed_numbers(stage, ("journal", "final_year", "entry_number"), "entry")


def _refuse_unbalanced(stage: Stage) -> None:
    """Reject every line of an entry whose debit and credit differ, with the difference."""
    entry_key = "journal, final_year, entry_number"
    sums = "sum(max(final_amount, 0)) AS debit, sum(max(-final_amount, 0)) AS credit, sum(final_amount) AS difference"
    stage.execute("DROP TABLE IF EXISTS temp.unbalanced")
    stage.execute(
        f"CREATE TEMP TABLE unbalanced AS SELECT {entry_key}, {sums} FROM {{stage}} GROUP BY {entry_key} HAVING difference <> 0"
    )
    wrong = stage.execute(
        """SELECT s.n, s.place, s.entry_number, s.journal, x.debit, x.credit, x.difference FROM temp.unbalanced AS x JOIN {stage} AS s
             ON s.journal IS x.journal AND s.final_year IS x.final_year AND s.entry_number IS x.entry_number ORDER BY s.n"""
    ).fetchall()
    currency = stage.options.currency
    for _, place, entry, journal, debit, credit, difference in wrong:
        amounts = [money.to_text(amount, currency) for amount in (debit, credit, difference)]
        stage.refuse(
            place,
            "entry_number",
            entry,
            "entry {} of journal {} does not balance: debit {}, credit {}, difference {}".format(
                entry, journal, *amounts
            ),
            "was it cut at the end of a page, or is a line of it wrong?",
        )
    stage.db.executemany(f"DELETE FROM {stage.table} WHERE n = ?", ((row[0],) for row in wrong))
    stage.rejected += len(wrong)


def _add_missing(stage: Stage, table: str, title: str) -> tuple[str, ...]:
    """Insert the unknown journals and ledger accounts that lines refer to."""
    text = f"coalesce(max({table}_description), '')" if stage.has(f"{table}_description") else "''"
    added = stage.execute(
        f"INSERT INTO {table} (code, description) SELECT {table}, {text} FROM {{stage}} WHERE {table} NOT IN"
        f" (SELECT code FROM {table}) GROUP BY {table}"
    ).rowcount
    return (f"{added} {title} {stage.verb('added', 'would be added')}",) if added else ()


def _merge_entries(stage: Stage) -> int:
    """Upsert the entries and set their ids in the stage; return the number of changed entries."""
    kind = "s.type" if stage.has("type") else "NULL"
    period = "s.period" if stage.has("period") else "NULL"
    changed = stage.execute(
        f"""UPDATE entry SET period = coalesce(x.period, entry.period), type = coalesce(x.type, entry.type) FROM (
              SELECT j.id AS journal_id, s.final_year, s.entry_number, max({period}) AS period, max({kind}) AS type
                FROM {{stage}} AS s JOIN journal AS j ON j.code = s.journal GROUP BY 1, 2, 3) AS x
             WHERE x.journal_id = entry.journal_id AND x.final_year = entry.financial_year
               AND x.entry_number = entry.entry_number
               AND (coalesce(x.period, entry.period) IS NOT entry.period OR coalesce(x.type, entry.type) IS NOT entry.type)"""
    ).rowcount
    stage.execute(
        f"""INSERT INTO entry (journal_id, financial_year, entry_number, period, type)
            SELECT j.id, s.final_year, s.entry_number, max({period}), coalesce(max({kind}), j.type)
              FROM {{stage}} AS s JOIN journal AS j ON j.code = s.journal
             GROUP BY j.id, s.final_year, s.entry_number ORDER BY min(s.n) ON CONFLICT DO NOTHING"""
    )
    stage.execute(
        """UPDATE {stage} SET entry_id = e.id FROM journal AS j, entry AS e WHERE j.code = journal AND e.journal_id = j.id
              AND e.financial_year = final_year AND e.entry_number = {stage}.entry_number""".replace(
            "{stage}.entry_number", f"{stage.table.removeprefix('temp.')}.entry_number"
        )
    )
    return changed


def _take_openings(stage: Stage) -> None:
    """Mark the lines of opening balances; a stored line whose stated amount is unchanged keeps its derived amount."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN opening_amount INTEGER")
    stage.execute(
        f"""UPDATE {{stage}} SET opening_amount = final_amount WHERE n IN (SELECT t.n FROM {stage.table} AS t
              JOIN entry AS e ON e.id = t.entry_id JOIN journal AS j ON j.id = e.journal_id WHERE {openings.IS_OPENING})"""
    )
    is_any = (
        "EXISTS (SELECT 1 FROM {stage} WHERE opening_amount IS NOT NULL)"
        " OR EXISTS (SELECT 1 FROM transaction_line WHERE opening_amount IS NOT NULL)"
    )
    if not stage.execute(f"SELECT {is_any}").fetchone()[0]:
        return
    stored = "transaction_line AS t WHERE t.entry_id = s.entry_id AND t.line_number = s.final_line"
    # A line that becomes an opening balance line, or stops being one, is a new line, because its amount has another meaning.
    stage.execute(
        f"""DELETE FROM transaction_line WHERE id IN (SELECT t.id FROM {{stage}} AS s JOIN {stored.replace("WHERE", "ON")}
              AND (t.opening_amount IS NULL) <> (s.opening_amount IS NULL))"""
    )
    name = stage.table.removeprefix("temp.")
    same = f"SELECT t.amount FROM {stored.replace('s.', f'{name}.')} AND t.opening_amount = {name}.opening_amount"
    stage.execute(
        f"UPDATE {{stage}} SET final_amount = coalesce(({same}), final_amount) WHERE opening_amount IS NOT NULL"
    )


def _tell_differences(stage: Stage) -> None:
    """Warn about opening balances that differ from the closing balance before them, if the file contains either."""
    years = {year for (year,) in stage.execute("SELECT DISTINCT final_year FROM {stage}")}
    for found in openings.differences(stage.db):
        if {found.year, found.year - 1} & years:
            stage.warnings.append(found.words(stage.options.currency))
    for year in openings.gaps(stage.db):
        if year in years:
            stage.warnings.append(
                f"the year before {year} is not here: its opening balance is taken for the entries between; import that year too"
            )


def _merge_lines(stage: Stage) -> Counts:
    columns = {name: f"s.{name}" for name in _OF_LINE if stage.has(name)}
    columns |= {"entry_id": "s.entry_id", "line_number": "s.final_line", "amount": "s.final_amount"}
    columns |= {"gl_account_id": "(SELECT g.id FROM gl_account AS g WHERE g.code = s.gl_account)"}
    columns |= {"account_id": "s.account_id"} if stage.has("account") else {}
    columns |= {"currency": "s.final_currency", "foreign_amount": "s.final_foreign"}
    columns |= {"opening_amount": "s.opening_amount"}
    match = "t.entry_id = s.entry_id AND t.line_number = s.final_line"
    return upsert.upsert(stage, upsert.Target("transaction_line", match, columns, keys=("entry_id", "line_number")))


KIND = Kind(
    "transaction_line",
    "transaction lines",
    FIELDS,
    merge,
    rank=6,
    also=("transaction", "transactions"),
    check=check,
)
