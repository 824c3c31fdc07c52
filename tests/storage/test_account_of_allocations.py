"""An allocation holds the account and the currency of its item, whoever writes it; balances are added up by these."""

import random
import sqlite3
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Run, connected

_DIFFERS = """SELECT count(*) FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id
 WHERE l.account_id IS NOT i.account_id OR l.currency IS NOT i.currency OR l.is_advance <> (l.allocation_date < i.invoice_date)"""
_PAID = "(SELECT item_id FROM allocation ORDER BY id LIMIT 1)"
_UNPAID = f"(SELECT id FROM outstanding_item WHERE account_id <> (SELECT account_id FROM outstanding_item WHERE id = {_PAID}) LIMIT 1)"
# What other programs and versions may do, none of which says the account or the currency.
WRITES = {
    "a payment": f"INSERT INTO allocation (item_id, allocation_key, allocation_date, amount) VALUES ({_UNPAID}, 'x', '2026-01-01', 1)",
    "an early payment": f"INSERT INTO allocation (item_id, allocation_key, allocation_date, amount) VALUES ({_UNPAID}, 'x', '1990-01-01', 1)",
    "an item of another account": f"UPDATE outstanding_item SET account_id = (SELECT max(id) FROM account) WHERE id = {_PAID}",
    "an item in another currency": f"UPDATE outstanding_item SET currency = 'CAD' WHERE id = {_PAID}",
    "an item of a later day": f"UPDATE outstanding_item SET invoice_date = '2099-01-01' WHERE id = {_PAID}",
    "a payment of another item": f"UPDATE allocation SET item_id = {_UNPAID} WHERE id = (SELECT min(id) FROM allocation)",
    "a payment of another day": "UPDATE allocation SET allocation_date = '1990-01-01' WHERE id = (SELECT min(id) FROM allocation)",
}


def _without_triggers(db: sqlite3.Connection, write: str) -> int:
    """Return how many allocations a write leaves with another account or currency than their item if no trigger is there."""
    db.execute("SAVEPOINT bare")
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    db.execute(write)
    found = db.execute(_DIFFERS).fetchone()[0]
    db.execute("ROLLBACK TO bare")
    return int(found)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_the_triggers_keep_them(segcli: Run, example: Path, write: str) -> None:
    with connected(example) as db:
        assert db.execute(_DIFFERS).fetchone() == (0,)
        assert _without_triggers(db, write) > 0
        assert db.execute(write).rowcount == 1
        db.commit()
        assert db.execute(_DIFFERS).fetchone() == (0,)
    checked = {row["check"]: row["result"] for row in segcli("check", "-f", "json").rows}
    assert (checked["payments"], checked["open amounts"]) == ("ok", "ok")


@pytest.mark.parametrize(
    "change", ["account_id = account_id + 1", "currency = 'CAD'", "account_id = NULL", "is_advance = 1"]
)
def test_check_tells_where_they_differ(segcli: Run, example: Path, change: str) -> None:
    with connected(example) as db:
        (item,) = db.execute("SELECT item_id FROM allocation WHERE is_advance = 0").fetchone()
        db.execute(f"UPDATE allocation SET {change} WHERE item_id = ?", (item,))
        db.commit()
    done = segcli("check", "-f", "json")
    assert done.status == 1
    failed = {row["check"]: row["detail"] for row in done.rows if row["result"] == "failed"}
    assert set(failed) == {"payments"}
    why = "before its invoice" if "is_advance" in change else "another account or currency"
    assert f"an allocation of item {item} " in failed["payments"]
    assert why in failed["payments"]


# The same by another route: every movement as a row, and the account and currency of a payment those of its item. In the
# administration's currency, an item paid in full has its exchange difference on the day of the last payment.
_MOVEMENTS = """
  SELECT account_id, currency, invoice_date AS day, amount FROM outstanding_item
  UNION ALL SELECT i.account_id, i.currency, l.allocation_date, -l.amount FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id"""
_IN_BASE = """
  SELECT account_id, 'EUR' AS currency, invoice_date AS day, base_amount AS amount FROM outstanding_item
  UNION ALL SELECT i.account_id, 'EUR', l.allocation_date, -l.base_amount FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id
  UNION ALL SELECT i.account_id, 'EUR', max(i.invoice_date, p.day), p.paid - i.base_amount
    FROM outstanding_item AS i JOIN (SELECT item_id, max(allocation_date) AS day, sum(amount) AS amount, sum(base_amount) AS paid
      FROM allocation WHERE allocation_date <= :end GROUP BY item_id) AS p ON p.item_id = i.id
   WHERE i.currency <> 'EUR' AND p.amount = i.amount"""
_SUMS = """SELECT a.code, m.currency, sum(iif(day < :start, amount, 0)), sum(iif(day >= :start AND amount > 0, amount, 0)),
         -sum(iif(day >= :start AND amount < 0, amount, 0)) FROM ({}) AS m JOIN account AS a ON a.id = m.account_id
   WHERE day <= :end AND amount IS NOT NULL GROUP BY 1, 2"""


def _by_rows(example: Path, movements: str, start: date, end: date) -> Iterable[tuple[object, ...]]:
    with connected(example) as db:
        for code, currency, *sums in db.execute(_SUMS.format(movements), {"start": str(start), "end": str(end)}):
            if any(sums):
                yield code, currency, *(amount if currency == "JPY" else round(amount / 100, 2) for amount in sums)


@pytest.mark.parametrize(("flags", "movements"), [((), _MOVEMENTS), (("--base-currency",), _IN_BASE)])
def test_balances_are_the_sums_of_the_movements(
    segcli: Run, example: Path, flags: tuple[str, ...], movements: str
) -> None:
    Path("rates.csv").write_text(
        "rate_date,currency,rate\n2024-01-01,USD,1.25\n2024-01-01,GBP,0.8\n2024-01-01,JPY,160\n"
    )
    assert segcli("import", "rates.csv").status == 0
    with connected(example) as db:
        stated = "UPDATE allocation SET base_amount = base_amount + 7 * (1 + id % 3), is_base_stated = 1 WHERE currency <> 'EUR'"
        assert db.execute(stated).rowcount > 20
        db.commit()
    rng = random.Random(25)
    for _ in range(8):
        end = date(2025, 7, 1) + timedelta(days=rng.randrange(365))
        start = end - timedelta(days=rng.randrange(400))
        done = segcli("show", "debtor-balance", *flags, "--from", start, "--to", end, "-f", "json")
        columns = ("account", "currency", "opening", "debit", "credit")
        shown = [
            tuple(row[name] for name in columns) for row in done.rows if row["opening"] or row["debit"] or row["credit"]
        ]
        assert len(shown) > 20
        assert sorted(shown) == sorted(_by_rows(example, movements, start, end)), (start, end)
