"""The plan of a price update in a temporary table, what --apply stores, and its undo."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from segcli.actions.parts.job import Job
from segcli.actions.subscriptions import source
from segcli.base.money import half_up
from segcli.domain import reasons
from segcli.domain.prices.numbers import words
from segcli.domain.reasons import Reason, Why
from segcli.domain.subscriptions.amounts import period_amount
from segcli.domain.subscriptions.revision import Rounding, is_history, skipped
from segcli.domain.subscriptions.subscription import Line, Subscription

_TABLES = (
    "DROP TABLE IF EXISTS temp.revision",
    """CREATE TEMP TABLE revision (line_id INTEGER PRIMARY KEY, subscription_id INTEGER, old_price TEXT, new_price TEXT,
         old_amount INTEGER, new_amount INTEGER, counts_from TEXT, cause TEXT, reason TEXT, change TEXT, change_percent TEXT)""",
)
_CELLS = 11  # of a row
New = Callable[[Subscription, Line], Fraction | Why]  # the new price before rounding, or why there is none


@dataclass(frozen=True, slots=True)
class Rule:
    """The day and the way of a price change, and the lines it applies to."""

    day: date
    new: New | None  # None: only show the present prices
    rounding: Rounding
    is_calculated: bool  # the new price is calculated from the old one, not stated by a file or an item
    has_item: Callable[[str], bool]


def prepare(job: Job, role: str, condition: tuple[str, Mapping[str, object]], rule: Rule) -> None:
    """Plan the new price of each line of the selected subscriptions, or the reason that it stays."""
    for sql in _TABLES:
        job.db.execute(sql)
    rows = (
        _row(subscription, line, rule)
        for subscription in source.read(job.select, role, *condition)
        for line in subscription.lines
        if rule.has_item(line.item)
    )
    job.db.executemany(f"INSERT INTO temp.revision VALUES ({', '.join('?' * _CELLS)})", filter(None, rows))


def _row(subscription: Subscription, line: Line, rule: Rule) -> tuple[object, ...] | None:
    if is_history(subscription, line, rule.day):
        return None
    old, price = line.unit_price, skipped(subscription, line, rule.day) or _price(subscription, line, rule)
    now = None if old is None else _worth(line, old, subscription.currency)
    head = (line.id, subscription.id, None if old is None else words(old))
    if not isinstance(price, Fraction):
        return (*head, None, now, None, None, *reasons.cells(price), None, None)
    counts_from = max(rule.day, line.invoiced_to + timedelta(days=1) if line.invoiced_to else rule.day)
    worth = _worth(line, price, subscription.currency)
    return (*head, words(price), now, worth, str(counts_from), "", "", *_change(old, price))


def _change(old: Fraction | None, price: Fraction) -> tuple[str | None, str | None]:
    """Return the difference and the change in per cent with two decimals, half up; no percentage of a price of 0."""
    if old is None:
        return None, None
    more = price - old
    if not old:
        return words(more), None
    hundredths = half_up(more.numerator * old.denominator * 10_000, more.denominator * abs(old.numerator))
    return words(more), words(Fraction(hundredths, 100))


def _price(subscription: Subscription, line: Line, rule: Rule) -> Fraction | Why | None:
    """Return the new price, or why there is none; None if only present prices are shown."""
    found = rule.new(subscription, line) if rule.new else None
    if not isinstance(found, Fraction):
        return found
    old = line.unit_price or Fraction(0)
    is_calculated = rule.is_calculated
    price = rule.rounding.calculated(found, old, subscription.currency) if is_calculated else rule.rounding.apply(found)
    if price < 0:
        return Reason.NEGATIVE_PRICE.why()
    return Reason.PRICE_UNCHANGED.why() if price == line.unit_price else price


def _worth(line: Line, price: Fraction, currency: str) -> int:
    return period_amount(line.quantity, price, line.discount_percent, currency)


_NUMBERED = """CREATE TEMP TABLE revised AS
SELECT r.line_id, r.new_price, r.new_amount, (SELECT coalesce(max(id), 0) FROM subscription_line) + row_number() OVER (ORDER BY r.line_id)
         AS new_id, (SELECT max(m.line_number) FROM subscription_line AS m WHERE m.subscription_id = l.subscription_id)
         + row_number() OVER (PARTITION BY l.subscription_id ORDER BY l.line_number) AS new_number
  FROM temp.revision AS r JOIN subscription_line AS l ON l.id = r.line_id WHERE r.new_price IS NOT NULL"""
_FOLLOW = """
INSERT INTO subscription_line (id, subscription_id, line_number, item_id, description, quantity, unit, unit_price, discount_percent,
                               period_amount, vat_code, vat_percent, start_date, end_date, invoiced_to_date)
SELECT r.new_id, l.subscription_id, r.new_number, l.item_id, l.description, l.quantity, l.unit, r.new_price, l.discount_percent,
       r.new_amount, l.vat_code, l.vat_percent, :day, l.end_date, CASE WHEN l.invoiced_to_date >= :day THEN l.invoiced_to_date END
  FROM temp.revised AS r JOIN subscription_line AS l ON l.id = r.line_id ORDER BY r.new_id"""
_NOTE = """INSERT INTO subscription_line_change (run_id, old_line_id, old_end_date, new_line_id)
SELECT :run, l.id, l.end_date, r.new_id FROM temp.revised AS r JOIN subscription_line AS l ON l.id = r.line_id ORDER BY r.new_id"""


def store(db: sqlite3.Connection, day: date, run_id: int) -> int:
    """End the old lines the day before, add the new lines, and record both; return how many."""
    db.execute("DROP TABLE IF EXISTS temp.revised")
    db.execute(_NUMBERED)
    made = db.execute(_FOLLOW, {"day": str(day)}).rowcount
    db.execute(_NOTE, {"run": run_id})
    db.execute(
        "UPDATE subscription_line SET end_date = ? WHERE id IN (SELECT line_id FROM temp.revised)",
        (str(day - timedelta(days=1)),),
    )
    return made


# Changes that still stand: the old line ends where the new one begins, and the new one was neither invoiced nor revised.
_STANDING = """SELECT c.id, c.old_line_id, c.old_end_date, c.new_line_id FROM subscription_line_change AS c
  JOIN subscription_line AS o ON o.id = c.old_line_id JOIN subscription_line AS n ON n.id = c.new_line_id
 WHERE c.run_id = ? AND date(o.end_date, '+1 day') = n.start_date AND n.end_date IS c.old_end_date
   AND NOT EXISTS (SELECT 1 FROM subscription_period AS p WHERE p.subscription_line_id = n.id)
   AND n.id NOT IN (SELECT l.old_line_id FROM subscription_line_change AS l WHERE l.new_line_id IS NOT NULL)"""
# Temporary indexes to find the change of each deleted line.
_INDEXES = {"line_change_old": "old_line_id", "line_change_new": "new_line_id"}


def take_back(db: sqlite3.Connection, run_id: int) -> tuple[int, int]:
    """Restore the old lines where the run's new lines still stand; return how many were restored and how many stay."""
    db.execute("DROP TABLE IF EXISTS temp.taken_back")
    db.execute(f"CREATE TEMP TABLE taken_back AS {_STANDING}", (run_id,))
    done = int(db.execute("SELECT count(*) FROM temp.taken_back").fetchone()[0])
    db.execute(
        "UPDATE subscription_line SET end_date = b.old_end_date FROM temp.taken_back AS b WHERE b.old_line_id = subscription_line.id"
    )
    db.execute(
        "UPDATE subscription_line_change SET new_line_id = NULL WHERE new_line_id IN (SELECT new_line_id FROM temp.taken_back)"
    )
    for name, column in _INDEXES.items():
        db.execute(f"CREATE INDEX {name} ON subscription_line_change ({column})")
    db.execute("DELETE FROM subscription_line WHERE id IN (SELECT new_line_id FROM temp.taken_back)")
    for name in _INDEXES:
        db.execute(f"DROP INDEX {name}")
    stay = db.execute(
        "SELECT count(*) FROM subscription_line_change WHERE run_id = ? AND new_line_id IS NOT NULL", (run_id,)
    ).fetchone()
    return done, int(stay[0])
