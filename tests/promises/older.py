"""Databases of released schemas, filled from the example administration, and what an upgrade must make of them by plain SQL."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

SCHEMAS = Path(__file__).parents[1] / "schemas"
VERSIONS = sorted(int(path.stem) for path in SCHEMAS.glob("*.sql"))
_OWN = "name NOT LIKE 'sqlite%' AND name NOT GLOB '*_search' AND name NOT GLOB '*_search_*'"


def columns(db: sqlite3.Connection, schema: str = "main") -> dict[str, dict[str, str | None]]:
    """Return the tables, their columns and what each column is where nobody says so."""
    names = [name for (name,) in db.execute(f"SELECT name FROM {schema}.sqlite_schema WHERE type = 'table' AND {_OWN}")]
    return {name: {r[1]: r[4] for r in db.execute(f"PRAGMA {schema}.table_info({name})")} for name in names}


def plain(path: Path) -> sqlite3.Connection:
    """Return a connection that has the one function which the oldest schemas name."""
    db = sqlite3.connect(path, isolation_level=None)
    db.create_function("fold", 1, str.lower, deterministic=True)
    return db


def _without_triggers(db: sqlite3.Connection) -> Iterator[str]:
    for name, sql in db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
        yield sql


_MADE: dict[int, bytes] = {}


def downgraded(example: Path, path: Path, version: int) -> None:
    """Make a database of an older schema that holds as much of the example as it can."""
    if version not in _MADE:
        downgrade(example, path, version)
        _MADE[version] = path.read_bytes()
    path.write_bytes(_MADE[version])
    path.chmod(0o600)


def downgrade(example: Path, path: Path, version: int) -> None:
    with closing(plain(path)) as db:
        db.executescript((SCHEMAS / f"{version}.sql").read_text(encoding="utf-8"))
        db.execute("ATTACH ? AS full", (str(example),))
        triggers = list(_without_triggers(db))
        new = columns(db, "full")
        db.execute("BEGIN")
        for table, old in columns(db).items():
            shared = ", ".join(name for name in old if name in new[table])
            kind = " WHERE kind = 'sales'" if table == "invoice" and "kind" not in old else ""  # it knew no other
            db.execute(f"INSERT INTO {table} ({shared}) SELECT {shared} FROM full.{table}{kind}")
        for name in ("account", "contact"):
            db.execute(f"INSERT INTO {name}_search ({name}_search) VALUES ('rebuild')")
        for sql in triggers:
            db.execute(sql)
        db.execute("COMMIT")
        db.execute("DETACH full")
        db.execute("PRAGMA journal_mode=WAL")


def expected(example: Path, path: Path, version: int) -> None:
    """Make the present database that has what the older one can know: the rest empty, or as the rules of the upgrade say."""
    shutil.copy(example, path)
    with closing(plain(path)) as db, closing(plain(Path(":memory:"))) as fresh:
        fresh.executescript((SCHEMAS / f"{version}.sql").read_text(encoding="utf-8"))
        old, triggers = columns(fresh), list(_without_triggers(db))
        for table in columns(db).keys() - old.keys():
            db.execute(f"DELETE FROM {table}")
        for table, new in columns(db).items():
            if table not in old:
                continue
            if table == "invoice" and "kind" not in old[table]:
                db.execute("DELETE FROM invoice WHERE kind <> 'sales'")
            for name, value in new.items():
                if name not in old[table] and name not in {"mailing_salt", "identity"}:
                    db.execute(f"UPDATE {table} SET {name} = {_known(table, name) or value or 'NULL'}")
        if "invoice_summary" not in old:
            db.execute(_SUMMARY_OF_HEADS)
        for sql in triggers:
            db.execute(sql)


# What an invoice brings: its lines, or its own net where the older schema had no lines. Those that were bought have no cost.
_LINES = (
    "coalesce((SELECT sum(l.net_amount) FROM invoice_line AS l WHERE l.invoice_id = invoice.id), net_amount * 10000)"
)
_SUMMARY_OF_HEADS = """INSERT INTO invoice_summary SELECT kind, account_id, substr(invoice_date, 1, 7), 0, currency, 0, sum(net_amount) * 10000, 0,
  sum(net_amount) * 10000, sum(net_amount <> 0), iif(currency = 'EUR', sum(net_amount) * 10000, 0), 0,
  iif(currency = 'EUR', sum(net_amount) * 10000, 0), iif(currency = 'EUR', 0, count(*)), count(*), count(*), count(*)
  FROM invoice WHERE status = 'processed' GROUP BY 1, 2, 3, currency"""
_SUMMARY = {
    "uncosted_amount": "iif(kind = 'purchase', net_amount, 0)",
    "uncosted_lines": "iif(kind = 'purchase', {lines}, 0)",
    "base_net_amount": "iif(currency = 'EUR', net_amount, 0)",
    "base_cost_amount": "iif(currency = 'EUR', cost_amount, 0)",
    "base_uncosted_amount": "iif(currency = 'EUR' AND kind = 'purchase', net_amount, 0)",
    "unconverted_lines": "iif(currency = 'EUR', 0, {lines})",
}
_OF_SUMMARY = """(SELECT count(*) FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id WHERE i.status = 'processed' AND i.kind =
  invoice_summary.kind AND i.ordered_by_id = invoice_summary.account_id AND substr(i.invoice_date, 1, 7) = invoice_summary.month
  AND coalesce(l.item_id, 0) = invoice_summary.item_id AND i.currency = invoice_summary.currency)"""


def _known(table: str, column: str) -> str:
    """Return what the upgrade fills in, in SQL of our own."""
    if table == "invoice_summary" and column in _SUMMARY:
        return _SUMMARY[column].format(lines=_OF_SUMMARY)
    return {
        ("classification_label", "label_key"): "lower(label)",
        ("classification_value", "code_key"): "lower(code)",
        ("selection", "name_key"): "lower(name)",
        ("marketing_list", "name_key"): "lower(name)",
        ("invoice", "ordered_by_id"): "account_id",
        ("invoice", "deliver_to_id"): "account_id",
        ("outstanding_item", "base_amount"): "iif(currency = 'EUR', amount, NULL)",
        (
            "allocation",
            "base_amount",
        ): "(SELECT iif(i.currency = 'EUR', allocation.amount, NULL) FROM outstanding_item i WHERE i.id = item_id)",
        (
            "allocation",
            "is_advance",
        ): "(SELECT allocation_date < i.invoice_date FROM outstanding_item i WHERE i.id = item_id)",
        ("allocation", "account_id"): "(SELECT i.account_id FROM outstanding_item i WHERE i.id = item_id)",
        ("allocation", "currency"): "(SELECT i.currency FROM outstanding_item i WHERE i.id = item_id)",
        ("allocation", "is_base_stated"): "base_amount IS NOT NULL AND base_amount <> amount",
        ("invoice", "exchange_rate"): "iif(currency = 'EUR', '1', NULL)",
        ("invoice", "is_rate_stated"): "currency = 'EUR'",
        ("invoice", "revenue_amount"): f"iif(status = 'processed', {_LINES}, 0)",
        ("invoice", "base_revenue_amount"): f"iif(status = 'processed', iif(currency = 'EUR', {_LINES}, NULL), 0)",
    }.get((table, column), "")
