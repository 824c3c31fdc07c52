"""`segcli check`: check the database: its integrity, its references, and that its figures agree."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from segcli.base import file_modes
from segcli.base.errors import SegcliError
from segcli.base.money import to_human
from segcli.base.text import counted
from segcli.domain.prices import circles
from segcli.domain.table import Column, Table
from segcli.importing import search_texts
from segcli.importing.kinds.machinery.invoice_lines import worth
from segcli.interface import options, progress
from segcli.interface.command import Command, Session, Values
from segcli.interface.parameters import flag
from segcli.output import wanted
from segcli.query import lookup, saved_selections
from segcli.storage import (
    database,
    database_file,
    doubles,
    duplicates,
    exchange,
    hidden_letters,
    openings,
    schema,
    soundness,
    summaries,
    writeahead,
)

_MUCH = 1 << 30  # bytes of the write-ahead log
_MANY = 100  # findings of a check that are read
_EVERY = 1000  # the user corrects names one by one
_LEFT_OUT = "not checked"
COLUMNS = (Column("check"), Column("result"), Column("detail"))


class Check(NamedTuple):
    """A check and what it found; nothing found means it passed."""

    name: str
    find: Callable[[sqlite3.Connection], list[str]]
    otherwise: str = "failed"  # warning: the data was imported like this, and figures are still right
    shown: int = 5  # shown per check
    repair: str = ""  # the flag of this command that repairs it
    is_slow: bool = False  # left out by --quick


def _query(sql: str, text: str) -> Callable[[sqlite3.Connection], list[str]]:
    """Return a check that passes if a query returns no rows."""
    return lambda db: [text.format(*row) for row in db.execute(f"{sql} LIMIT {_MANY}")]


def _circles(db: sqlite3.Connection) -> list[str]:
    """Find price lists that are based on each other; each circle is reported once."""
    bases: dict[str, set[str]] = {}
    for code, base in db.execute(circles.BASES):
        bases.setdefault(code, set()).add(base)
    found = (circles.circle(bases, code) for code in reversed(bases))  # starting at its first code
    return [circles.words(way) for way in {frozenset(way): way for way in found if way}.values()]


def _openings(db: sqlite3.Connection) -> list[str]:
    """Find opening balances that differ from the closing balance before them."""
    currency = lookup.currency(db)
    return [found.words(currency) for found in openings.differences(db)]


# Earlier versions of segcli spread payments over terms in order of import. Those payments have no term in their key: they
# belong to an entry, or are an allocation whose amount is followed by two blanks.
_OUT_OF_ORDER = """WITH spread AS (
  SELECT i.id, i.account_id, i.invoice_number, coalesce(i.due_date, i.invoice_date) AS due, i.term, l.allocation_date AS day
    FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id
   WHERE l.is_stated = 1 AND l.amount * i.amount > 0 AND i.invoice_number IS NOT NULL AND (l.allocation_key GLOB 'entry *'
      OR (l.allocation_key GLOB '????-??-?? *' AND substr(ltrim(substr(l.allocation_key, 12), '-0123456789'), 1, 2) = '  ')))
SELECT DISTINCT a.code, x.invoice_number FROM spread AS x JOIN spread AS y ON y.account_id = x.account_id
   AND y.invoice_number = x.invoice_number AND (y.due, y.term) > (x.due, x.term) AND y.day < x.day
  JOIN account AS a ON a.id = x.account_id ORDER BY 1, 2"""
_OUT_OF_ORDER_TEXT = (
    "invoice {1} of account {0}: its payments are not spread over its terms by date; import them once more with --again"
)

CHECKS = (
    Check("foreign keys", soundness.foreign_keys, is_slow=True),
    Check("schema", schema.wrong),
    Check(
        "open amounts",
        _query(
            """SELECT i.id, a.code, money(i.open_amount, i.currency), money(i.amount - x.paid, i.currency) FROM outstanding_item AS i
                 JOIN account AS a ON a.id = i.account_id JOIN (SELECT o.id, coalesce(sum(l.amount), 0) AS paid FROM outstanding_item AS o
                 LEFT JOIN allocation AS l ON l.item_id = o.id GROUP BY o.id) AS x ON x.id = i.id
                WHERE i.open_amount <> i.amount - x.paid""",
            "item {0} of account {1} says {2} is open, its allocations leave {3}",
        ),
    ),
    Check(
        "allocations",
        _query(
            """SELECT i.id, a.code FROM outstanding_item AS i JOIN account AS a ON a.id = i.account_id
                WHERE i.open_amount <> 0 AND (i.open_amount > 0) <> (i.amount > 0)""",
            "item {0} of account {1} has more allocated than it amounts to",
        ),
        "warning",
    ),
    Check("payments by date", _query(_OUT_OF_ORDER, _OUT_OF_ORDER_TEXT), "warning"),
    Check(
        "entries",
        _query(
            """SELECT j.code, e.financial_year, e.entry_number,
                      money(sum(coalesce(t.opening_amount, t.amount)), (SELECT currency FROM administration)) FROM entry AS e
                 JOIN journal AS j ON j.id = e.journal_id JOIN transaction_line AS t ON t.entry_id = e.id
                GROUP BY e.id HAVING sum(coalesce(t.opening_amount, t.amount)) <> 0""",
            "entry {0}/{1}/{2} does not balance: {3}",
        ),
    ),
    Check("opening balances", _openings, "warning"),
    Check(
        "payments",
        _query(
            """SELECT i.id, iif(l.is_advance <> (l.allocation_date < i.invoice_date), 'is or is not before its invoice, against its mark',
                      'has another account or currency than the item') FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id
                WHERE (l.is_advance, l.account_id, l.currency) IS NOT (l.allocation_date < i.invoice_date, i.account_id, i.currency)""",
            "an allocation of item {0} {1}",
        ),
    ),
    Check(
        "base amounts",
        _query(
            """SELECT i.id FROM outstanding_item AS i, administration AS o WHERE i.currency = o.currency AND (i.base_amount <> i.amount
                OR EXISTS (SELECT 1 FROM allocation AS l WHERE l.item_id = i.id AND l.base_amount <> l.amount))""",
            "item {0} is in our own currency, and its base amount or that of an allocation is another",
        ),
        "warning",
        is_slow=True,
    ),
    Check("summaries", summaries.wrong, is_slow=True),
    Check("exchange rates", exchange.wrong),
    Check("invoice lines", summaries.differing, "warning", is_slow=True),
    Check(
        "invoice VAT",
        _query(
            """SELECT i.kind, i.invoice_number, money(i.vat_amount, i.currency), money(sum(l.vat_amount), i.currency) FROM invoice AS i
                 JOIN invoice_line AS l ON l.invoice_id = i.id
                GROUP BY i.id HAVING count(l.vat_amount) = count(*) AND i.vat_amount <> sum(l.vat_amount)""",
            "the {0} invoice {1} has {2} of VAT, its lines add up to {3}",
        ),
        "warning",
        is_slow=True,
    ),
    Check(
        "reminders",
        _query(
            """SELECT r.id, a.code FROM reminder AS r JOIN account AS a ON a.id = r.account_id
                 JOIN reminder_line AS l ON l.reminder_id = r.id GROUP BY r.id
               HAVING r.open_amount <> sum(l.open_amount) OR r.interest_amount <> sum(l.interest_amount)""",
            "reminder {0} of account {1} is not the sum of its lines",
        ),
    ),
    Check(
        "subscriptions",
        _query(
            """SELECT s.subscription_number, l.line_number, p.start_date FROM subscription_period AS p
                 JOIN subscription_line AS l ON l.id = p.subscription_line_id JOIN subscription AS s ON s.id = l.subscription_id
                WHERE coalesce(l.invoiced_to_date, '') < p.end_date OR EXISTS (SELECT 1 FROM subscription_period AS o
                      WHERE o.subscription_line_id = p.subscription_line_id AND o.start_date > p.start_date AND o.start_date <= p.end_date)
                   OR p.invoice_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM invoice_line AS i WHERE i.invoice_id = p.invoice_id)""",
            "the period of subscription {0}, line {1}, from {2} on is not what was invoiced of it",
        ),
    ),
    Check(
        "subscription prices",
        _query(
            """SELECT s.subscription_number, l.line_number FROM subscription_line AS l JOIN subscription AS s ON s.id = l.subscription_id
                WHERE l.period_amount IS NOT worth(
                      (l.quantity / 1000000) || '.' || substr(CAST(abs(l.quantity) % 1000000 + 1000000 AS TEXT), 2),
                      l.unit_price, l.discount_percent, s.currency) AND l.quantity >= 0""",
            "line {1} of subscription {0} does not cost what its quantity and price say",
        ),
    ),
    Check(
        "history",
        _query(
            "SELECT a.code, c.field FROM classification_change AS c JOIN account AS a ON a.id = c.account_id"
            " WHERE c.id = (SELECT max(l.id) FROM classification_change AS l WHERE l.account_id = c.account_id AND l.field = c.field)"
            " AND c.new_value_id IS NOT CASE c.field "
            + " ".join(f"WHEN {n} THEN a.class{n}" for n in range(1, 9))
            + " END",
            "account {0}: class{1} is not what its history says",
        ),
    ),
    Check("search", search_texts.wrong, repair="--repair-search", is_slow=True),
    Check(
        "main contacts",
        _query(
            "SELECT a.code, count(*) FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE c.is_main_contact = 1"
            " GROUP BY a.id HAVING count(*) > 1",
            "account {0} has {1} main contacts",
        ),
        "warning",
    ),
    Check("price lists", _circles, "warning"),
    Check("hidden letters", hidden_letters.found, "warning"),
    Check("duplicates", duplicates.found, "warning", is_slow=True),
    Check("equal names", doubles.found, "warning", _EVERY),
    Check("saved expressions", saved_selections.found, "warning", _EVERY),
)


def run(session: Session, values: Values) -> None:
    """Run every check, or the fast ones only; return status 1 if one fails."""
    if values["repair_search"]:
        _repair_search(session)
    with session.connect() as db:
        db.create_function("worth", 4, worth, deterministic=True)
        db.create_function(
            "money", 2, lambda amount, currency: f"{to_human(amount, currency)} {currency}", deterministic=True
        )
        with progress.bar(session, "check", "checks") as tick:
            rows = [*_file(session), *_checks(db, tick, is_quick=values["quick"])]
        table = Table("Check", COLUMNS, rows, with_totals=False)
        wanted.write(table, wanted.Output.read(values, session.config))
    left_out = [name for name, result, _ in rows if result == _LEFT_OUT]
    if left_out:
        session.insist(f"not checked: {', '.join(left_out)}; segcli check without --quick checks them")
    failed = [name for name, result, _ in rows if result == "failed"]
    if failed:
        repairs = [check.repair for check in CHECKS if check.name in failed and check.repair]
        is_all = len(repairs) == len(failed)
        hint = f"run: segcli check {' '.join(repairs)}" if is_all else "restore a backup, or report it"
        raise SegcliError(f"{counted(len(failed), 'check')} failed", hint)


def _repair_search(session: Session) -> None:
    """Make the search texts again where another program changed the fields that they are made of."""
    with session.connect(write=True) as db:
        with database.writing(db, session.database, "check --repair-search", wait=session.config.wait):
            count = search_texts.repair(db)
        session.note(f"{counted(count, 'search text')} out of date, made again")


def _checks(db: sqlite3.Connection, tick: Callable[[int], None], *, is_quick: bool) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the result and the findings of each check. `tick` is called with the number of checks begun."""
    integrity = Check("integrity", partial(soundness.integrity, tick=lambda: tick(1)), is_slow=True)
    for place, check in enumerate((integrity, *CHECKS), 1):
        watch = partial(tick, place)
        watch()
        db.set_progress_handler(watch, database_file.INTERRUPT_EVERY)
        if is_quick and check.is_slow:
            yield check.name, _LEFT_OUT, "--quick leaves it out"
        else:
            yield _checked(db, check)


def _checked(db: sqlite3.Connection, check: Check) -> tuple[str, str, str]:
    try:
        found = check.find(db)
    except sqlite3.OperationalError as error:
        if not str(error).startswith("no such "):  # a missing table, column or index
            raise
        return check.name, "failed", f"not checked, because a part of the schema is missing: {error}"
    return check.name, check.otherwise if found else "ok", "; ".join(found[: check.shown])


def _file(session: Session) -> Iterator[tuple[str, str, str]]:
    """Check who else may read the file, and whether it has two names."""
    status = session.database.stat()
    wanted = file_modes.wanted_of_database()
    others = status.st_mode & 0o077 & ~wanted
    told = f"more people may read it than database.mode says: chmod {wanted:o} {session.database}" if others else ""
    yield "rights", "warning" if others else "ok", told
    if status.st_nlink > 1:
        yield "names", "warning", "the file has two names (hard links): a lock by one is not seen by the other"
    log = writeahead.size(session.database.resolve())
    if log > _MUCH:
        yield (
            "log",
            "warning",
            f"{log >> 20} MB of changes wait in {session.database}-wal: a program that reads since long keeps them there",
        )


COMMAND = Command(
    "Check the database: its integrity, its references, and that its figures agree.\n\nIt reads everything and changes"
    " nothing. A failed check ends with status 1. A warning is about imported data that does not affect figures.\n"
    "The check search fails if another program changed an account, a contact or a request: --search still finds it by its"
    " old fields. --repair-search first makes the search texts and their index again.\n"
    "--quick leaves out the checks that read the whole file or compare every invoice line, search text or amount. Their result"
    " is `not checked`, and a message names them.",
    run,
    (
        flag("quick", "--quick", "Leave out the slow checks, and name them.", "Options", kind="flag"),
        flag(
            "repair_search",
            "--repair-search",
            "First make the search texts and their index again.",
            "Options",
            kind="flag",
        ),
        *options.named(options.FORM),
    ),
    (
        "segcli check",
        "segcli check --database segcli-2026-06-30.db -f json",
        "segcli check --quick",
        "segcli check --repair-search",
    ),
)
