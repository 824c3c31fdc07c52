"""CLF and UYW have four decimals: the upgrade converts every amount in them, by their own currency, and no other."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import older
import pytest
from conftest import Run, connected, fingerprint

HOME = "(SELECT currency FROM administration)"
# The currency of each column of amounts, in SQL of our own.
CURRENCIES = {
    "outstanding_item": {"amount": "currency", "open_amount": "currency", "base_amount": HOME},
    "allocation": {
        "amount": "(SELECT i.currency FROM outstanding_item i WHERE i.id = allocation.item_id)",
        "base_amount": HOME,
    },
    "transaction_line": {"amount": HOME, "foreign_amount": "currency"},
    "reminder": dict.fromkeys(("open_amount", "fee_amount", "interest_amount"), "currency"),
    "reminder_line": dict.fromkeys(
        ("open_amount", "interest_amount"), "(SELECT r.currency FROM reminder r WHERE r.id = reminder_line.reminder_id)"
    ),
    "entry_template_line": {
        "amount": f"ifnull((SELECT t.currency FROM entry_template t WHERE t.id = entry_template_line.entry_template_id), {HOME})"
    },
    "item": dict.fromkeys(("sales_price", "cost_price"), f"ifnull(currency, {HOME})"),
    "invoice": dict.fromkeys(("net_amount", "vat_amount", "total_amount"), "currency"),
    "invoice_line": dict.fromkeys(
        ("net_amount", "cost_amount", "vat_amount"),
        "(SELECT i.currency FROM invoice i WHERE i.id = invoice_line.invoice_id)",
    ),
    "invoice_summary": dict.fromkeys(("net_amount", "cost_amount"), "currency"),
    "subscription_line": {
        "period_amount": "(SELECT s.currency FROM subscription s WHERE s.id = subscription_line.subscription_id)"
    },
}
SHOWN = [("outstanding-items",), ("debtor-ageing",), ("debtor-balance", "--period", "2026"), ("invoice-history", "--lines"),
         ("sales-analysis",), ("transaction-search",), ("account-overview", "--columns", "account,turnover,outstanding,overdue")]  # fmt: skip


def made(example: Path, path: Path) -> None:
    """Make a database of schema 5 that has a reminder, too."""
    older.downgraded(example, path, 5)
    with closing(older.plain(path)) as db:
        db.execute(
            "INSERT INTO run (id, started_at, command, source, user_name) VALUES (998, '2026-06-30 10:00', 'x', 'manual', 'me')"
        )
        item, account = db.execute(
            "SELECT id, account_id FROM outstanding_item WHERE currency = 'EUR' AND open_amount > 9"
        ).fetchone()
        db.execute(
            "INSERT INTO reminder (id, run_id, account_id, reminder_date, level, action, language, currency, open_amount, fee_amount, interest_amount)"
            " VALUES (77, 998, ?, '2026-06-30', 1, 'letter', 'nl', 'EUR', 9, 8, 7)",
            (account,),
        )
        db.execute(
            "INSERT INTO reminder_line (reminder_id, item_id, level, open_amount, interest_amount) VALUES (77, ?, 1, 9, 7)",
            (item,),
        )


def renamed(path: Path, old: str, new: str) -> None:
    """Give what is in a currency another one, as if it had always been that."""
    with closing(older.plain(path)) as db:
        tables = [
            table
            for table, found in older.columns(db).items()
            if "currency" in found and not table.startswith(("account_s", "contact_s"))
        ]
        for table in tables:
            db.execute(f"UPDATE {table} SET currency = ? WHERE currency = ?", (new, old))


def amounts(path: Path, codes: tuple[str, ...]) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, the amounts in one of these currencies as they are with two decimals more."""
    with closing(older.plain(path)) as db:
        found = {}
        for table, known in older.columns(db).items():
            shown = [
                f"iif({CURRENCIES[table][name]} IN {codes}, {name} * 100, {name})"
                if name in CURRENCIES.get(table, {})
                else name
                for name in known
            ]
            found[table] = db.execute(f"SELECT {', '.join(shown)} FROM {table} ORDER BY 1, 2").fetchall()
        return found


def stored(path: Path, tables: dict[str, Any]) -> dict[str, list[tuple[Any, ...]]]:
    with closing(older.plain(path)) as db:
        with closing(older.plain(Path(":memory:"))) as fresh:
            fresh.executescript((older.SCHEMAS / "5.sql").read_text(encoding="utf-8"))
            names = older.columns(fresh)
        return {
            table: db.execute(f"SELECT {', '.join(names[table])} FROM {table} ORDER BY 1, 2").fetchall()
            for table in tables
        }


def test_every_column_of_amounts_is_known_here() -> None:
    with closing(older.plain(Path(":memory:"))) as db:
        db.executescript((older.SCHEMAS / "5.sql").read_text(encoding="utf-8"))
        found = {
            (table, row[1])
            for table in older.columns(db)
            for row in db.execute(f"PRAGMA table_info({table})")
            if row[2] == "INTEGER" and re.search("amount$|price$", row[1]) and not row[1].startswith("is_")
        }
    assert found == {(table, name) for table, columns in CURRENCIES.items() for name in columns}


@pytest.mark.repeats
@pytest.mark.parametrize(("old", "new"), [("EUR", "UYW"), ("GBP", "CLF"), ("USD", "CLF")])
def test_the_upgrade_converts_them(segcli: Run, example: Path, tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "old.db"
    made(example, path)
    before = [segcli("--database", path, "show", *words, "-f", "json").rows for words in SHOWN]
    made(example, path)
    renamed(path, old, new)
    plain, wanted = amounts(path, ("none", "none")), amounts(path, ("CLF", "UYW"))
    assert wanted != plain
    if old == "EUR":  # every column has something that is converted
        assert {table for table in wanted if wanted[table] != plain[table]} == set(CURRENCIES)
    # What they show is the same number of whole units. (What recurs a month is rounded, and left out.)
    after = [segcli("--database", path, "show", *words, "-f", "json").rows for words in SHOWN]
    as_before = [[{k: old if v == new else v for k, v in row.items()} for row in rows] for rows in after]
    order = [sorted(rows, key=str) for rows in as_before]
    assert order == [sorted(rows, key=str) for rows in before]
    assert stored(path, wanted) == wanted
    assert segcli("--database", path, "check", "--repair-search").status == 0  # the name was changed by plain SQL


def test_changes_of_subscription_lines_can_be_undone_after_it(segcli: Run, example: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    older.downgraded(example, path, 5)
    renamed(path, "EUR", "UYW")
    with closing(older.plain(path)) as db:
        line, owner, amount = db.execute(
            "SELECT id, subscription_id, period_amount FROM subscription_line WHERE period_amount IS NOT NULL LIMIT 1"
        ).fetchone()
        db.execute(
            "INSERT INTO run (id, started_at, command, source, user_name) VALUES (999, '2026-06-30 10:00:00', 'subscription change', 'manual', 'me')"
        )
        db.execute(
            "INSERT INTO subscription_change (run_id, subscription_id, line_id, old_values, new_values) VALUES (999, ?, ?, ?, ?)",
            (owner, line, f'{{"period_amount": {amount - 7}}}', f'{{"period_amount": {amount}, "unit_price": "1"}}'),
        )
        db.execute("UPDATE subscription_line SET unit_price = '1' WHERE id = ?", (line,))
    assert segcli("--database", path, "undo", "999", "--yes").status == 0
    with connected(path) as new:
        found = new.execute("SELECT period_amount FROM subscription_line WHERE id = ?", (line,)).fetchone()
    assert found == (100 * (amount - 7),)


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_too_large_for_it_leaves_the_database_alone(
    segcli: Run, example: Path, tmp_path: Path, times: int
) -> None:
    path = tmp_path / "old.db"
    older.downgraded(example, path, 5)
    most = (2**63 - 1) // 100
    with closing(older.plain(path)) as db:
        account = db.execute("SELECT min(id) FROM account").fetchone()[0]
        db.execute(
            "INSERT INTO outstanding_item (account_id, item_key, invoice_date, currency, amount, open_amount)"
            " VALUES (?, 'x', '2026-01-01', 'CLF', ?1, ?1)".replace("?1", "?2"),
            (account, -most - times + 1),
        )
    before = fingerprint(path)
    done = segcli("--database", path, "show", "debtor-ageing", "-f", "json")
    if times == 1:
        assert done.status == 0
        return
    assert done.status == 1
    assert f"outstanding_item.amount has {-most - 1} of the smallest unit of CLF" in done.err
    assert fingerprint(path) == before
    with connected(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (5,)


def test_databases_without_them_are_not_touched(segcli: Run, example: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    older.downgraded(example, path, 5)
    before = amounts(path, ("none", "none"))
    assert segcli("--database", path, "show", "debtor-ageing").status == 0
    assert stored(path, before) == before
