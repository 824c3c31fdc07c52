"""Questions to ask of several engines, the lake of a database, and the answers of an engine as plain rows."""

import math
import os
import shlex
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from segcli import overviews
from segcli.cli import main
from segcli.commands import score, show
from segcli.domain.scoring.columns import SCORES
from segcli.interface import fast_parser, options
from segcli.interface.command import Session
from segcli.lake import labels, manifest, sync, views
from segcli.lake.automatic_prices import Prices
from segcli.lake.duckdb_engine import DuckDb, files
from segcli.query import ask, request_flags
from segcli.query.columns import ACCOUNT_COLUMNS
from segcli.query.expressions.fields import own_names
from segcli.query.expressions.metrics import CATALOGUE
from segcli.settings import config
from segcli.storage import database, temporary_views
from segcli.storage.reader import Reader

DAY, BEFORE = "2026-06-30", "2026-03-31"
_OWN_PERIODS = {"sales-analysis", "purchase-analysis"}


def usual(class1: str) -> Iterator[str]:
    """Yield each overview plainly, grouped, of a class, of a condition, and of an earlier day."""
    for name in overviews.names():
        yield name
        yield f"{name} --group-by class1"
        yield f"{name} --class1 {class1}"
        yield f'{name} --where "turnover(12m) > 1k"'
        yield f"{name} --as-of {BEFORE}"


def every_column() -> Iterator[str]:
    """Yield all columns of each overview, all columns of an account, and what accounts can be grouped by."""
    for name in overviews.names():
        if name not in _OWN_PERIODS:
            yield f"{name} --columns {','.join(dict.fromkeys(_columns(name)))} --limit 60"
    plain = [column for column in ACCOUNT_COLUMNS if column.kind not in {"money", "flag"}]
    yield from (f"account-search --group-by {column.name} --sort -{column.name}" for column in plain)
    yield f"account-search --columns {','.join(column.name for column in ACCOUNT_COLUMNS)}"


def _columns(name: str) -> list[str]:
    module = overviews.module(name)
    asked = _asked(name, f"{name} --as-of {DAY}")[1]
    overview = ask.overview_of(module, asked)
    return [column.name for column in overview.columns]


def every_condition() -> Iterator[str]:
    """Yield a condition on each field, metric and score."""
    yield from (f'account-search --where "account.{name} is not empty"' for name in own_names())
    numbers = (n for n, metric in CATALOGUE.items() if metric.kind not in {"date", "period"})
    yield from (f'account-search --where "{name} > 0" --sort -account' for name in numbers)
    yield from (
        f'account-search --where "{n} is empty"' for n, metric in CATALOGUE.items() if metric.kind in {"date", "period"}
    )
    yield from (
        f'account-search --where "{name} is not empty"' for name in SCORES if name not in {"growth", "growth_class"}
    )


SPECIAL = """
account-search --where "turnover(12m) > 1.2 * turnover(24m, 12m)"
account-search --where "last_invoice > start_date or first_invoice(where amount > 100) = last_invoice"
account-search --where "outstanding > credit_limit or overdue >= 0.5 * outstanding"
account-search --where "not abc(6m) = abc(12m, 6m)"
account-search --where "average_order(12m) > average_order(24m, 12m) or average_order(where item_group = COFFEE) is empty"
account-search van utrecht
account-search bv
account-search --search "de v" --sort name
contact-search joost
contact-search "a b"
account-overview --inactive --sort -turnover,name
account-overview --columns account,name,city,class1,class1_name,class2,sector,turnover,outstanding,overdue --limit 50
account-overview --group-by country,class2 --sort -turnover
account-overview --columns account,credit_limit,over_limit --sort -over_limit
contact-overview --group-by why_not
marketing-list --split 90:10 --holdout 10 --seed spring --columns email,account,test_group,sharing
outstanding-items --base-currency --columns account,invoice_number,open,base_open,future,remaining,days_overdue
outstanding-items --overdue --sort -days_overdue
outstanding-items --sort -open --subtotal currency
debtor-ageing --base-currency
debtor-ageing --details --share
debtor-ageing --monthly --by invoice
debtor-ageing --group-by manager,class2 --limit 4
debtor-balance --base-currency
debtor-balance --ledger
debtor-balance --zero
debtor-balance --group-by manager
debtor-balance --period 2026Q1 --base-currency
transaction-search order --amount 100..5000
transaction-search --running --columns entry_date,entry_number,debit,credit,balance --limit 500
transaction-search --running --from 2026-02-01 --account 000001
transaction-search --class1 none --gl-account 1300..8000
invoice-history --lines --limit 2000
invoice-history --unpaid --columns invoice_number,open,ordered_by,deliver_to,is_credit_note
invoice-history --base-currency --group-by currency
invoice-history --state "not:draft" --invoice "prefix:2" --amount 100..
sales-analysis --group-by month,item_group,class1
sales-analysis --abc --columns account,revenue,cumulative,abc,share,margin_percent
sales-analysis --top 10
sales-analysis --group-by country --across quarter
sales-analysis --group-by item_group --across class1
sales-analysis --group-by item_group --period 2026Q1 --compare year
sales-analysis --group-by quarter,item --from 2026-01-05 --to 2026-03-20
sales-analysis --group-by week --period 2026Q1
sales-analysis --group-by month --base-currency --columns month,revenue,margin
sales-analysis --group-by item_group --across week --period 2026-02
sales-analysis --role invoice-to --group-by item --columns item,revenue,accounts,invoices
sales-analysis --group-by year
sales-analysis --group-by cohort_year,item_group --sort cohort_year,-revenue
sales-analysis --group-by country --across cohort_quarter
invoice-history --group-by cohort,currency --sort -cohort
debtor-ageing --columns account,cohort,cohort_quarter,cohort_year,outstanding --sort cohort,account
account-search --where "cohort between 2025-02 and 2025-06 and cohort_quarter != 2025Q2 or cohort_year > 2025"
account-search --where "cohort(where item_group = 'Koffie') = 2025-03" --group-by cohort
purchase-analysis --group-by quarter --item "prefix:K,not:*9"
subscription-search --movements
subscription-search --state "running,to renew" --group-by type
subscription-search --period 2026Q1 --item any
request-search --open --overdue
request-search --text order
request-search --contact any --date due --from 2026-01-01
account-search --where "abc = A"
account-search --where "name contains 'van' and outstanding > 10 and not (class1 is empty)"
account-search --where "turnover(24m where item_group = 'Koffie') > 500"
account-search --where "class1 changed since 2020-01-01 or class1 was N before 2026-01-01"
account-search --where "in list nobody or city in ('Gent','Köln')"
account-search --as-of-class 2026-03-31 --class1 N
account-overview --as-of-class 2026-03-31 --group-by class1
account-search --country NL,prefix:D --manager "not:M*,none"
account-search --city x --where "name ends with 'ö'"
account-search --account 000001,000017
account-search --class1 not:N,any --class3 A..B
"""


def special() -> list[str]:
    """Return questions with flags of their own."""
    return [line for line in SPECIAL.strip().splitlines() if "--city" not in line and "in list" not in line]


def fill(path: Path, *commands: Sequence[str]) -> None:
    """Run commands on a database of its own, as of the day on which the example ends."""
    before = {name: os.environ.get(name) for name in ("SEGCLI_DATABASE", "SEGCLI_TODAY")}
    os.environ.update(SEGCLI_DATABASE=str(path), SEGCLI_TODAY=DAY)
    try:
        for words in commands:
            assert main.run(list(words)) == 0
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Answer(NamedTuple):
    """An answer as it can be compared: its columns, its rows, its caption and its totals."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    caption: str
    sums: object


def _asked(name: str, line: str) -> tuple[Any, Any]:
    found = fast_parser.understand(show.COMMAND, shlex.split(line))
    assert found is not None
    values = options.check(found.command.every_parameter, dict(found.raw))  # type: ignore[union-attr]
    session = Session(config.load({}, {}), values, date.fromisoformat(DAY))
    return overviews.module(name), request_flags.request(values, session)


def answer(db: Reader, line: str) -> Answer:
    """Return the answer of an engine to the words after `segcli show`."""
    name = line.split(maxsplit=1)[0]
    module, asked = _asked(name, line)
    ask.stand(db, asked)
    table = ask.table(db, module, name, asked)
    rows = [tuple(map(_plain, row)) for row in table.rows]
    whole = table.whole() if table.whole else None
    temporary_views.lift(db)
    return Answer([column.name for column in table.columns], rows, table.caption, whole)


def statement(db: Reader, line: str) -> tuple[str, Any]:
    """Return the statement that answers the words after `segcli show`, and its values."""
    name = line.split(maxsplit=1)[0]
    module, asked = _asked(name, line)
    ask.stand(db, asked)
    found = ask.statement(db, module, name, asked)
    temporary_views.lift(db)
    return found.sql, found.values


def _plain(cell: Any) -> Any:
    """Round doubles to twelve digits: engines add them up in different orders."""
    return float(f"{cell:.12g}") if isinstance(cell, float) and math.isfinite(cell) else cell


def synced(path: Path, folder: Path, key: str | None = None) -> manifest.Lake:
    """Return the lake of a database."""
    sync.sync(folder, path, key or path.stem, wait=10, tick=lambda _: None)
    return manifest.read(folder)


def _opened(path: Path) -> AbstractContextManager[sqlite3.Connection]:
    return closing(database.connect(path))


def over(lake: manifest.Lake, folder: Path, db: sqlite3.Connection | None = None) -> DuckDb:
    """Return DuckDB over all administrations of a lake; automatic prices are those of `db`, or of their databases."""
    chosen = lake.administrations
    tables = views.views(chosen, files, labels.matched(chosen), several=len(chosen) > 1)
    places = {one.number: partial(_opened, Path(one.database)) for one in chosen}
    prices = Prices({0: lambda: nullcontext(db)} if db else places)
    keys = [one.key for one in chosen] if len(chosen) > 1 else []
    return DuckDb(tables, prices, folder, database=db, administrations=keys)


@contextmanager
def engines(path: Path, folder: Path) -> Iterator[tuple[sqlite3.Connection, DuckDb]]:
    """Yield a connection to a database, and one to its lake."""
    lake = synced(path, folder)
    with closing(database.connect(path)) as db:
        db.execute("BEGIN")
        with closing(over(lake, folder, db)) as duck:
            yield db, duck


def scored(db: Reader, name: str) -> list[tuple[Any, ...]]:
    """Return the rows of a score, of which doubles are rounded."""
    from segcli.commands.score import COMMAND, table

    window = " --window 6m" if name == "growth" else ""
    found = fast_parser.understand(COMMAND, shlex.split(f"{name} --as-of {DAY}{window}"))
    assert found is not None
    values = options.check(found.command.every_parameter, dict(found.raw))  # type: ignore[union-attr]
    session = Session(config.load({}, {}), values, date.fromisoformat(DAY))
    return [tuple(map(_plain, row)) for row in table(db, name, request_flags.request(values, session), values).rows]


SCORED = tuple(name for name in score.STUDIES if name != "bands")
