"""The plan of a subscription invoice run in temporary tables, and what --apply stores."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from segcli.actions.parts.job import Job
from segcli.actions.subscriptions import source
from segcli.domain import reasons
from segcli.domain.prices.numbers import words
from segcli.domain.reasons import Why
from segcli.domain.subscriptions import due_charges
from segcli.domain.subscriptions.due_charges import Charge, Unpriced
from segcli.domain.subscriptions.subscription import Line, Subscription
from segcli.domain.units import FINE
from segcli.interface import progress
from segcli.query import translations
from segcli.query.automatic_prices import Asked, Prices
from segcli.storage import exchange
from segcli.storage.invoice_totals import add_up
from segcli.storage.small_cache import small_cache

_TABLES = (
    "DROP TABLE IF EXISTS temp.subscription_plan",
    """CREATE TEMP TABLE subscription_plan (subscription_id INTEGER PRIMARY KEY, place INTEGER, cause TEXT, reason TEXT)""",
    "DROP TABLE IF EXISTS temp.subscription_charge",
    """CREATE TEMP TABLE subscription_charge (n INTEGER PRIMARY KEY, subscription_id INTEGER, line_id INTEGER, invoice_date TEXT,
         start_date TEXT, end_date TEXT, paid_to TEXT, unit_price TEXT, amount INTEGER, is_free INTEGER, per TEXT)""",
)
_BATCH = 1000


class Planned(NamedTuple):
    """The plan of one subscription: its charges, or why there are none."""

    charges: list[Charge]
    why: Why | None = None


def prepare(job: Job, role: str, condition: tuple[str, Mapping[str, object]], ahead: int = 0) -> None:
    """Plan what is due up to the request's day; with `ahead`, that many next periods, due or not.

    A subscription that cannot be invoiced is in the plan with the reason, and the others go on.
    """
    for sql in _TABLES:
        job.db.execute(sql)
    maker = _Maker(job.db, job.request.as_of, ahead)
    found = enumerate(source.read(job.select, role, *condition))
    with progress.bar(job.session, "subscriptions") as tick:
        while batch := list(islice(found, _BATCH)):
            _plan(job.db, maker, batch)
            tick(batch[-1][0] + 1)


def _plan(db: sqlite3.Connection, maker: "_Maker", batch: list[tuple[int, Subscription]]) -> None:
    """Put the plan of some subscriptions into the temporary tables."""
    planned = [(place, subscription, maker.planned(subscription)) for place, subscription in batch]
    db.executemany(
        "INSERT INTO temp.subscription_plan VALUES (?, ?, ?, ?)",
        [(s.id, place, *reasons.cells(made.why)) for place, s, made in planned if made.charges or made.why],
    )
    rows = (row for _, subscription, made in planned for row in _rows(subscription, made.charges))
    db.executemany("INSERT INTO temp.subscription_charge VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


class _Maker:
    """Makes the charges of subscriptions, one at a time."""

    def __init__(self, db: sqlite3.Connection, day: date, ahead: int) -> None:
        self._prices = Prices(db)
        self._day = day
        self._ahead = ahead

    def planned(self, subscription: Subscription) -> Planned:
        """Return the plan of a subscription. Exclusions by a rule take precedence over errors."""
        held, refused = due_charges.held(subscription), due_charges.refusal(subscription)
        if refused:
            return Planned([], held or refused)
        try:
            charges = due_charges.charges(subscription, self._day, self._price, self._ahead)
        except Unpriced as error:
            return Planned([], held or error.why)
        return Planned([], held if charges else None) if held else Planned(charges)

    def _price(self, subscription: Subscription, line: Line, day: date) -> Fraction:
        asked = Asked(subscription.ordered_by_id, line.item, line.unit, line.quantity, subscription.currency)
        found = self._prices.price(asked, str(day))
        if isinstance(found, Why):
            raise Unpriced(found.of_line(line.number))
        return found


def _rows(subscription: Subscription, charges: Iterable[Charge]) -> Iterator[tuple[object, ...]]:
    per = "" if subscription.invoice_per == "account" else subscription.number
    for charge in charges:
        days = (str(day) for day in (charge.invoice_date, charge.start, charge.end, charge.cost.end))
        cost = charge.cost
        yield (subscription.id, charge.line.id, *days, words(cost.unit_price), cost.amount, cost.is_free, per)


_NUMBERED = """CREATE TEMP TABLE subscription_invoice AS
SELECT c.n, (SELECT coalesce(max(id), 0) FROM invoice) + dense_rank() OVER (ORDER BY c.invoice_date, length(a.code), a.code,
         s.ordered_by_id, s.deliver_to_id, s.currency, coalesce(s.payment_condition, ''), length(c.per), c.per) AS invoice_id
  FROM temp.subscription_charge AS c JOIN subscription AS s ON s.id = c.subscription_id JOIN account AS a ON a.id = s.account_id
 WHERE c.is_free = 0"""
_INVOICES = """
INSERT INTO invoice (id, kind, account_id, ordered_by_id, deliver_to_id, invoice_date, status, currency, net_amount, vat_amount,
                     total_amount, is_summed, payment_condition, your_reference, order_number, description)
SELECT i.invoice_id, 'sales', min(s.account_id), min(s.ordered_by_id), min(s.deliver_to_id), min(c.invoice_date), 'open',
       min(s.currency), 0, 0, 0, 1, min(s.payment_condition),
       CASE WHEN min(coalesce(s.your_reference, '')) = max(coalesce(s.your_reference, '')) THEN min(s.your_reference) END,
       CASE WHEN min(s.id) = max(s.id) THEN min(s.subscription_number) END,
       CASE WHEN min(s.id) = max(s.id) THEN min(coalesce(s.description, s.subscription_number)) END
  FROM temp.subscription_invoice AS i JOIN temp.subscription_charge AS c ON c.n = i.n
  JOIN subscription AS s ON s.id = c.subscription_id GROUP BY i.invoice_id ORDER BY i.invoice_id"""
_LINES = f"""
INSERT INTO invoice_line (invoice_id, line_number, item_id, description, quantity, unit, unit_price, discount_percent, net_amount,
                          vat_code, vat_percent, start_date, end_date)
SELECT i.invoice_id, row_number() OVER (PARTITION BY i.invoice_id ORDER BY c.n), l.item_id,
       coalesce(l.description, {translations.of_item("m", translations.language_of("a"))}, m.description, s.description),
       l.quantity, coalesce(l.unit, m.unit), c.unit_price, l.discount_percent, c.amount * :fine, l.vat_code,
       coalesce(l.vat_percent, v.percent),
       c.start_date, c.paid_to
  FROM temp.subscription_invoice AS i JOIN temp.subscription_charge AS c ON c.n = i.n
  JOIN subscription_line AS l ON l.id = c.line_id JOIN subscription AS s ON s.id = l.subscription_id
  JOIN account AS a ON a.id = s.account_id
  LEFT JOIN item AS m ON m.id = l.item_id LEFT JOIN vat_code AS v ON v.code = l.vat_code ORDER BY i.invoice_id, c.n"""
_PERIODS = """
INSERT INTO subscription_period (subscription_line_id, start_date, end_date, invoice_id, line_number, invoiced_before, run_id)
SELECT c.line_id, c.start_date, c.end_date, i.invoice_id, CASE WHEN i.n IS NOT NULL THEN row_number() OVER
         (PARTITION BY i.invoice_id ORDER BY c.n) END, lag(c.end_date, 1, l.invoiced_to_date) OVER
         (PARTITION BY c.line_id ORDER BY c.start_date), :run
  FROM temp.subscription_charge AS c JOIN subscription_line AS l ON l.id = c.line_id
  LEFT JOIN temp.subscription_invoice AS i ON i.n = c.n ORDER BY c.n"""
_INVOICED = """UPDATE subscription_line SET invoiced_to_date = p.last FROM (SELECT subscription_line_id, max(end_date) AS last
  FROM subscription_period WHERE run_id = ? GROUP BY 1) AS p WHERE p.subscription_line_id = subscription_line.id"""


def store(db: sqlite3.Connection, run_id: int) -> int:
    """Create the planned invoices as open invoices, and record each period as invoiced; return the number of invoices."""
    db.execute("DROP TABLE IF EXISTS temp.subscription_invoice")
    with small_cache(db):
        db.execute(_NUMBERED)
        db.execute("CREATE UNIQUE INDEX temp.subscription_invoice_n ON subscription_invoice (n)")
        made = db.execute(_INVOICES).rowcount
        db.execute(_LINES, {"fine": FINE})
        db.execute(_PERIODS, {"run": run_id})
        db.execute(_INVOICED, (run_id,))
    add_up(db, "SELECT invoice_id FROM temp.subscription_invoice")
    exchange.convert(db)
    return made


# What cannot be undone: processed invoices, and invoices followed by those of a later run.
_STANDING = """INSERT INTO temp.standing SELECT DISTINCT p.invoice_id FROM subscription_period AS p JOIN invoice AS i ON i.id = p.invoice_id
 WHERE p.run_id = :run AND (i.status = 'processed' OR EXISTS (SELECT 1 FROM subscription_period AS l WHERE
       l.subscription_line_id = p.subscription_line_id AND l.start_date > p.start_date AND l.run_id <> p.run_id))"""
# The periods before them stay as well, because a line's periods are undone from the last one back.
_BEFORE = """subscription_period AS p WHERE p.run_id = :run AND EXISTS (SELECT 1 FROM subscription_period AS l
   WHERE l.subscription_line_id = p.subscription_line_id AND l.start_date >= p.start_date AND (l.run_id <> p.run_id
         OR l.invoice_id IN (SELECT invoice_id FROM temp.standing)))"""
_TAKEN = f"""CREATE TEMP TABLE taken_back AS SELECT subscription_line_id AS line, start_date, invoiced_before, invoice_id
  FROM subscription_period WHERE run_id = :run
EXCEPT SELECT subscription_line_id, start_date, invoiced_before, invoice_id FROM {_BEFORE}"""


def take_back(db: sqlite3.Connection, run_id: int) -> tuple[int, int]:
    """Delete the open invoices of a run with their periods; return how many were deleted and how many stay.

    An invoice stays if it is processed, if a later run continued from it, or if it precedes one that stays.
    """
    values = {"run": run_id}
    for name in ("standing", "taken_back"):
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    db.execute("CREATE TEMP TABLE standing (invoice_id INTEGER PRIMARY KEY)")
    found = db.execute(_STANDING, values).rowcount
    while found:
        found = db.execute(
            f"INSERT OR IGNORE INTO temp.standing SELECT p.invoice_id FROM {_BEFORE} AND p.invoice_id IS NOT NULL",
            values,
        ).rowcount
    db.execute(_TAKEN, values)
    db.execute(
        "DELETE FROM subscription_period WHERE (subscription_line_id, start_date) IN (SELECT line, start_date FROM temp.taken_back)"
    )
    db.execute(
        "UPDATE subscription_line SET invoiced_to_date = b.invoiced_before FROM"
        " (SELECT line, invoiced_before, min(start_date) FROM temp.taken_back GROUP BY line) AS b"  # of the row with min()
        " WHERE b.line = subscription_line.id"
    )
    done = db.execute("DELETE FROM invoice WHERE id IN (SELECT invoice_id FROM temp.taken_back)").rowcount
    return done, int(db.execute("SELECT count(*) FROM temp.standing").fetchone()[0])
