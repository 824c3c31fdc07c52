"""`--engine auto`: the lake where it is current and the question is large enough to gain from it, else SQLite."""

import sqlite3
from importlib.util import find_spec

from segcli.base.errors import SegcliError
from segcli.interface.command import Session
from segcli.interface.engine import Question
from segcli.lake import current, manifest
from segcli.query import lookup, selection

# Below this number of selected accounts SQLite has answered before DuckDB has planned its work.
FEW = 30_000
_SAMPLE = 1_000  # accounts that tell how many a selection selects
# The share of the accounts from which the lake is faster: DuckDB reads whole tables, SQLite only what is selected. Measured with 300,000
# accounts (docs/speed.md). For all other questions SQLite is at least as fast.
_FROM = {
    "account-overview": 0.15,
    "debtor-balance": 0.25,
    "invoice-history": 0.25,
    "marketing-list": 0.4,
    "sales-analysis": 0.25,
}


def against(session: Session, db: sqlite3.Connection, question: Question | None) -> str:
    """Say why SQLite answers; '' if the lake does."""
    folder = session.config.lake
    if folder is None:
        return "no lake is configured"
    if question is None or question.name not in _FROM:
        return "it is as fast"
    accounts = db.execute("SELECT count(*) FROM account").fetchone()[0]
    if accounts < FEW:
        return f"{accounts:,} accounts are few"
    return _lacking(session, db) or _small(db, question, accounts)


def has_duckdb() -> bool:
    """Tell whether the package duckdb is installed."""
    return find_spec("duckdb") is not None


def _lacking(session: Session, db: sqlite3.Connection) -> str:
    """Say why the lake cannot answer; '' if it can."""
    if not has_duckdb():
        return "DuckDB is not installed"
    try:
        current.of_session(session, manifest.read(current.folder_of(session)), db)
    except SegcliError as error:
        return error.message
    return ""


def _small(db: sqlite3.Connection, question: Question, accounts: int) -> str:
    """Say that a question selects few accounts; '' if it selects many. A sample of the accounts tells."""
    if question.values.get("code"):
        return "it asks for single accounts"
    filters = selection.read(question.values)
    if not filters:
        return ""
    clause = selection.compile_filters(filters, lookup.names(db))
    (last,) = db.execute("SELECT max(id) FROM account").fetchone()
    ids = range(1, last + 1, max(1, last // _SAMPLE))
    sql = f"SELECT count(*) FROM account AS a WHERE a.id IN ({', '.join(map(str, ids))})"
    sampled = db.execute(sql).fetchone()[0]
    selected = db.execute(f"{sql} AND ({clause.sql})", clause.values).fetchone()[0]
    if selected * accounts < max(_FROM[question.name] * accounts, FEW) * sampled:
        return f"it selects about {accounts * selected // max(1, sampled):,} of {accounts:,} accounts"
    return ""
