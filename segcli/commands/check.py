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
from segcli.importing.kinds.machinery.line_amounts import worth
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
    figure_checks,
    hidden_letters,
    openings,
    schema,
    soundness,
    summaries,
    writeahead,
)

_MUCH = 1 << 30  # bytes of the write-ahead log
_EVERY = 1000  # the user corrects names one by one
_LEFT_OUT = "not checked"
COLUMNS = (Column("check"), Column("result"), Column("detail"))


class Check(NamedTuple):
    """A check and what it found; nothing found means it passed."""

    name: str
    find: figure_checks.Finder
    otherwise: str = "failed"  # warning: the data was imported like this, and figures are still right
    shown: int = 5  # shown per check
    repair: str = ""  # the flag of this command that repairs it
    is_slow: bool = False  # left out by --quick


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


CHECKS = (
    Check("foreign keys", soundness.foreign_keys, is_slow=True),
    Check("schema", schema.wrong),
    Check("open amounts", figure_checks.open_amounts),
    Check("allocations", figure_checks.allocations, "warning"),
    Check("payments by date", figure_checks.payments_by_date, "warning"),
    Check("entries", figure_checks.entries),
    Check("opening balances", _openings, "warning"),
    Check("payments", figure_checks.allocation_copies),
    Check("base amounts", figure_checks.base_amounts, "warning", is_slow=True),
    Check("summaries", summaries.wrong, is_slow=True),
    Check("exchange rates", exchange.wrong),
    Check("invoice lines", summaries.differing, "warning", is_slow=True),
    Check("invoice VAT", figure_checks.invoice_vat, "warning", is_slow=True),
    Check("reminders", figure_checks.reminders),
    Check("subscriptions", figure_checks.subscriptions),
    Check("subscription prices", figure_checks.subscription_prices),
    Check("history", figure_checks.class_history),
    Check("search", search_texts.wrong, repair="--repair-search", is_slow=True),
    Check("main contacts", figure_checks.main_contacts, "warning"),
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
        db.execute("PRAGMA cache_size=-20000")  # also of each sort; what does not fit is written to temporary files
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
