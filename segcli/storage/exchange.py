"""Base amounts, in the administration's currency: stated by files, else converted at exchange rates and stored with the document.

Every writer calls `convert` at the end of its transaction. Overviews, metrics and scores all read the stored base amount, so
they cannot differ. A document without a rate has no base amount: `missing` reports it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping

from segcli.base.errors import SegcliError
from segcli.base.money import to_human
from segcli.base.record import Record
from segcli.base.text import counted
from segcli.domain.clause import EVERYTHING, Clause, named
from segcli.storage.reader import Reader

OWN = "(SELECT currency FROM administration)"
# The last rate of a currency on or before a day; {currency} and {day} are SQL.
RATE = """(SELECT r.rate FROM exchange_rate AS r WHERE r.currency = {currency} AND r.rate_date <= {day}
            ORDER BY r.rate_date DESC LIMIT 1)"""


def in_base(amount: str, currency: str, day: str) -> str:
    """Return the SQL of an amount converted at the rate of a day: NULL without a rate, unchanged in the base currency."""
    rate = RATE.format(currency=currency, day=day)
    return f"CASE WHEN {currency} = {OWN} THEN {amount} ELSE in_base({amount}, {currency}, {rate}, {OWN}) END"


_FOREIGN = "({0}.base_amount IS NOT {0}.amount OR {0}.is_base_derived = 1)"  # same expression as in the partial indexes
_ITEMS = f"""
UPDATE outstanding_item SET base_amount = x.base, is_base_derived = x.base IS NOT NULL FROM (
  SELECT i.id, in_base(i.amount, i.currency, {RATE.format(currency="i.currency", day="i.invoice_date")}, {OWN}) AS base
    FROM outstanding_item AS i WHERE {_FOREIGN.format("i")} AND (i.base_amount IS NULL OR i.is_base_derived = 1)) AS x
 WHERE x.id = outstanding_item.id AND x.base IS NOT outstanding_item.base_amount"""
# A payment without a stated base amount takes its item's rate; the exchange difference is then zero.
_ALLOCATIONS = """
UPDATE allocation SET base_amount = x.base FROM (
  SELECT l.id, share(i.base_amount, l.amount, i.amount) AS base
    FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id
   WHERE l.base_amount IS NOT l.amount AND l.is_base_stated = 0 AND (l.base_amount IS NULL OR i.is_base_derived = 1)) AS x
 WHERE x.id = allocation.id AND x.base IS NOT allocation.base_amount"""
_INVOICE_RATE = f"""
  SELECT i.id, CASE WHEN i.currency = {OWN} THEN '1' ELSE {RATE.format(currency="i.currency", day="i.invoice_date")} END AS rate,
         i.currency = {OWN} AS is_own FROM invoice AS i WHERE i.is_rate_stated = 0"""
_CHANGED = (
    f"SELECT x.id FROM ({_INVOICE_RATE}) AS x JOIN invoice AS i ON i.id = x.id WHERE x.rate IS NOT i.exchange_rate"
)
_INVOICES = f"""
UPDATE invoice SET exchange_rate = x.rate, is_rate_stated = x.is_own FROM ({_INVOICE_RATE}) AS x
 WHERE x.id = invoice.id AND x.rate IS NOT invoice.exchange_rate"""


def convert(db: sqlite3.Connection) -> int:
    """Set the base amount of each document that states none, at the rate of its date, in the open transaction.

    Earlier conversions are recalculated, since a rate may have changed. Returns how many documents changed.
    """
    from segcli.storage import table_versions

    changed = table_versions.execute(db, _ITEMS)
    table_versions.execute(db, _ALLOCATIONS)
    invoices = [row[0] for row in db.execute(_CHANGED)]
    if invoices:
        from segcli.storage import summaries

        db.execute("CREATE TEMP TABLE converted AS " + _CHANGED)
        db.execute(_INVOICES)
        summaries.touch(db, "SELECT id FROM temp.converted")
        summaries.refresh(db)
        db.execute("DROP TABLE temp.converted")
    return changed + len(invoices)


class Missing(Record):
    """Documents in one currency without a base amount: number, accounts and sum."""

    what: str  # items, invoices, subscriptions
    currency: str
    rows: int
    accounts: int
    amount: int | None  # in minor units; None where there is no single sum

    def words(self, decimal: str = ".") -> str:
        """Describe what is missing: 2 items of 1 account, USD 5,000.00."""
        documents = counted(self.rows, self.what.removesuffix("s"))
        accounts = counted(self.accounts, "account")
        amount = "" if self.amount is None else f" {to_human(self.amount, self.currency, decimal)}"
        return f"{documents} of {accounts}, {self.currency}{amount}"


# Documents without a base amount, by kind: rows of account_id, currency and amount.
SOURCES: Mapping[str, str] = {
    "items": f"""SELECT i.account_id, i.currency, i.open_amount AS amount FROM outstanding_item AS i
                 WHERE {_FOREIGN.format("i")} AND i.base_amount IS NULL""",
    "invoices": """SELECT i.account_id, i.currency, i.net_amount AS amount FROM invoice AS i
                    WHERE i.is_rate_stated = 0 AND i.exchange_rate IS NULL AND i.kind = 'sales' AND i.status = 'processed'""",
    "purchases": """SELECT i.account_id, i.currency, i.net_amount AS amount FROM invoice AS i
                     WHERE i.is_rate_stated = 0 AND i.exchange_rate IS NULL AND i.kind = 'purchase' AND i.status = 'processed'""",
    "subscriptions": f"""SELECT s.account_id, s.currency, NULL AS amount FROM subscription AS s WHERE s.currency <> {OWN}
                          AND NOT EXISTS (SELECT 1 FROM exchange_rate AS r WHERE r.currency = s.currency)""",
}


_OF_METRICS = {"turnover": "invoices", "average_order": "invoices", "margin": "invoices", "purchases": "purchases",
               "outstanding": "items", "overdue": "items", "recurring": "subscriptions"}  # fmt: skip


def sources(metrics: Iterable[str]) -> list[str]:
    """Return the SOURCES that the metrics sum."""
    return [_OF_METRICS[name] for name in metrics if name in _OF_METRICS]


def is_complete(db: Reader) -> bool:
    """Tell whether every document has a base amount. Only documents in other currencies are read."""
    sql = " UNION ALL ".join(f"SELECT 1 FROM ({source} LIMIT 1)" for source in SOURCES.values())
    return db.execute(sql).fetchone() is None


def missing(db: Reader, sources: Iterable[str], among: Clause = EVERYTHING) -> list[Missing]:
    """Return the documents of these sources without a base amount, for the accounts that match a condition."""
    condition, values = named(among, "among")
    chosen = "TRUE" if among == EVERYTHING else f"x.account_id IN (SELECT a.id FROM account AS a WHERE {condition})"
    found = []
    for name in dict.fromkeys(sources):
        sql = f"""SELECT currency, count(*), count(DISTINCT account_id), sum(amount) FROM ({SOURCES[name]}) AS x
                   WHERE {chosen} GROUP BY currency ORDER BY currency"""
        found += [Missing(name, *row) for row in db.execute(sql, values if chosen != "TRUE" else {})]
    return found


def lacking(db: Reader, metrics: Iterable[str]) -> str:
    """Describe in one sentence the missing base amounts that leave metrics empty; '' if none are missing."""
    wanted = sources(metrics)
    return told(missing(db, wanted)) if wanted and not is_complete(db) else ""


def refusal(what: str, lacking: str) -> SegcliError:
    """Return the error of --strict for missing exchange rates."""
    return SegcliError(f"{what}: {lacking}", "import the rates: segcli rates import FILE")


def report(tell: Callable[[str], None], what: str, lacking: str, *, is_strict: bool = False) -> None:
    """Report missing exchange rates, if any; with --strict they are a SegcliError."""
    if lacking and is_strict:
        raise refusal(what, lacking)
    if lacking:
        tell(f"{what}: {lacking}")


def told(found: Iterable[Missing], decimal: str = ".") -> str:
    """Describe in one sentence what is left out without an exchange rate; '' if nothing is."""
    parts = [one.words(decimal) for one in found]
    return f"left out, since no exchange rate is known: {'; '.join(parts)}" if parts else ""


def wrong(db: Reader) -> list[str]:
    """Describe the documents whose base amount does not match the rate of their date."""
    item = f"""SELECT a.code, coalesce(i.invoice_number, i.item_key) FROM outstanding_item AS i JOIN account AS a ON a.id = i.account_id
               WHERE {_FOREIGN.format("i")} AND i.is_base_derived = 1 AND i.base_amount IS NOT
                     in_base(i.amount, i.currency, {RATE.format(currency="i.currency", day="i.invoice_date")}, {OWN}) LIMIT 100"""
    invoice = f"""SELECT a.code, i.invoice_number FROM ({_CHANGED}) AS x JOIN invoice AS i ON i.id = x.id
                    JOIN account AS a ON a.id = i.account_id LIMIT 100"""
    return [
        f"{what} {number} of account {code} is not converted at the rate of its date"
        for what, sql in (("item", item), ("invoice", invoice))
        for code, number in db.execute(sql)
    ]
