"""What `check` finds in the summaries of sales and the revenue of invoices: each figure that is not what the lines add up to."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from segcli.storage import database, figure_checks, summaries

_LINE = """INSERT INTO invoice_line (invoice_id, line_number, item_id, quantity, net_amount, cost_amount)
  SELECT l.invoice_id, {number}, {item}, l.quantity, {net}, {cost} FROM invoice_line AS l JOIN invoice AS i ON i.id = l.invoice_id
   WHERE i.status = 'processed' GROUP BY l.invoice_id LIMIT 40"""
# Lines that few invoices have: the same item twice, an item of the same group, no item, no cost, nothing at all.
_RARE = (
    _LINE.format(number=901, item="l.item_id", net="l.net_amount", cost="NULL"),
    _LINE.format(number=902, item="(SELECT min(id) FROM item)", net="-l.net_amount", cost="7"),
    _LINE.format(number=903, item="(SELECT max(id) FROM item)", net="10000", cost="NULL"),
    _LINE.format(number=904, item="NULL", net="0", cost="NULL"),
    _LINE.format(number=905, item="NULL", net="20000", cost="l.cost_amount"),
    "UPDATE item SET item_group = NULL WHERE id % 5 = 0",
    "UPDATE invoice SET exchange_rate = NULL WHERE id % 7 = 0",
    "UPDATE invoice SET exchange_rate = '1.25' WHERE id % 11 = 0",
)


def _written(path: Path, *statements: str) -> sqlite3.Connection:
    db = database.connect(path, write=True)
    for sql in statements:
        db.execute(sql)
    return db


def _refreshed(path: Path) -> sqlite3.Connection:
    """Return a database with rare lines, and the summaries that follow from them."""
    db = _written(path, *_RARE)
    summaries.touch(db, "SELECT id FROM invoice")
    summaries.refresh(db)
    return db


def test_what_a_refresh_stores_is_right(example: Path) -> None:
    with closing(_refreshed(example)) as db:
        assert db.execute("SELECT count(*) FROM invoice_summary WHERE uncosted_lines > 0").fetchone()[0] > 10
        with summaries._invoiced(db, "invoice AS i", "i.id"):
            assert summaries._are_all_right(db)  # the fast way
            assert {plain for (plain,) in db.execute("SELECT is_plain FROM temp.invoiced")} == {0, 1}
        assert summaries._wrong_summaries(db) == summaries.wrong(db) == []  # the plain way


FIGURES = ("quantity", "net_amount", "cost_amount", "uncosted_amount", "uncosted_lines", "base_net_amount", "base_cost_amount",
           "base_uncosted_amount", "unconverted_lines", "invoices", "group_invoices", "all_invoices")  # fmt: skip
_KEY = "(account_id, kind, month, item_id, currency)"
_CHOSEN = f"{_KEY} = (SELECT account_id, kind, month, item_id, currency FROM invoice_summary LIMIT 1 OFFSET 100)"
_COLUMNS = ", ".join(("account_id", "kind", "month", "item_id", "currency", *FIGURES))
DAMAGES = {
    **{name: f"UPDATE invoice_summary SET {name} = {name} + 1 WHERE {_CHOSEN}" for name in FIGURES},
    "one is missing": f"DELETE FROM invoice_summary WHERE {_CHOSEN}",
    "one too many": f"INSERT INTO invoice_summary ({_COLUMNS}) SELECT {_COLUMNS.replace('item_id', '999999', 1)}"
    f" FROM invoice_summary WHERE {_CHOSEN}",
    "another item": f"UPDATE invoice_summary SET item_id = 999999 WHERE {_CHOSEN}",
}


@pytest.mark.repeats
@pytest.mark.parametrize("damage", DAMAGES)
def test_each_figure_that_is_wrong_is_named(example: Path, damage: str) -> None:
    with closing(_written(example)) as db:
        code, kind, month = db.execute(
            "SELECT (SELECT a.code FROM account AS a WHERE a.id = account_id), kind, month FROM invoice_summary"
            f" WHERE {_CHOSEN}"
        ).fetchone()
        assert summaries.wrong(db) == []
        db.execute(DAMAGES[damage])
        assert summaries.wrong(db) == [f"account {code}: the {kind} summary of {month} is not what its lines add up to"]


@pytest.mark.parametrize("column", ["revenue_amount", "base_revenue_amount"])
def test_each_revenue_that_is_wrong_is_named(example: Path, column: str) -> None:
    """Also that of an invoice without lines; an invoice that is not processed has none to check."""
    with closing(_written(example)) as db:
        chosen = [
            db.execute(
                "SELECT id, kind, invoice_number FROM invoice AS i WHERE status = 'processed' AND"
                f" {there} EXISTS (SELECT 1 FROM invoice_line AS l WHERE l.invoice_id = i.id) ORDER BY id LIMIT 1"
            ).fetchone()
            for there in ("", "NOT")
        ]
        found = [row for row in chosen if row]
        for number, *_ in found:
            db.execute(f"UPDATE invoice SET {column} = {column} + 1 WHERE id = ?", (number,))
        db.execute(f"UPDATE invoice SET {column} = 5 WHERE status <> 'processed'")
        assert summaries.wrong(db) == [
            f"the revenue of {kind} invoice {number} is not what its lines add up to"
            for _, kind, number in sorted(found)
        ]
        assert found


def test_a_base_amount_in_our_own_currency_that_is_another_is_named(example: Path) -> None:
    with closing(_written(example)) as db:
        items = [
            number
            for (number,) in db.execute(
                "SELECT i.id FROM outstanding_item AS i WHERE i.currency = 'EUR' AND i.base_amount IS NOT NULL"
                " AND EXISTS (SELECT 1 FROM allocation AS l WHERE l.item_id = i.id AND l.base_amount IS NOT NULL) ORDER BY id LIMIT 2"
            )
        ]
        db.execute("UPDATE outstanding_item SET base_amount = base_amount + 1 WHERE id = ?", (items[0],))
        db.execute("UPDATE allocation SET base_amount = base_amount + 1 WHERE item_id = ?", (items[1],))
        assert sorted(figure_checks.base_amounts(db)) == sorted(
            f"item {number} is in our own currency, and its base amount or that of an allocation is another"
            for number in items
        )
