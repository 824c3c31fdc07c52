"""Baskets: which items, or item groups, are on the same sales invoices; counted in SQL over temporary tables.

A basket is the set of items of one processed sales invoice: its lines with an item and a quantity above zero. A credit note is
no basket. `temp.basket` has a row per invoice and item; rare items leave it before pairs are counted, because no pair is on more
invoices than its rarer item (Agrawal and Srikant 1994).
"""

import sqlite3
from datetime import date
from typing import NamedTuple

from segcli.base.text import counted
from segcli.base.windows import Window
from segcli.domain.catalogue import Catalogue
from segcli.domain.clause import Clause, in_order, number_where
from segcli.domain.table import Column
from segcli.query.ordering import terms
from segcli.storage.temporary_tables import create

DIGITS = 4
LEAST = 2  # invoices of a pair at least
PART_OF_INVOICES = 1000  # a pair is on one of this many invoices at least
ITEM, GROUP = "item", "group"
PER = (Column("value", "code"), Column("value_name"))
COLUMNS = (
    Column("one", "code"), Column("one_name"), Column("other", "code"), Column("other_name"), Column("invoices", "integer"),
    Column("one_invoices", "integer", "Invoices with one"), Column("other_invoices", "integer", "Invoices with other"),
    Column("support", "percent"), Column("confidence", "percent", "Other if one"),
    Column("confidence_back", "percent", "One if other"), Column("lift", "decimal"),
)  # fmt: skip
KEEPS = ("one", "other", "invoices", "confidence", "lift")  # on a narrow terminal
_PARTS = {
    ITEM: f"SELECT code, description FROM item ORDER BY {in_order('code')}",
    GROUP: f"""SELECT t.code, coalesce(g.description, '') FROM (SELECT DISTINCT item_group AS code FROM item WHERE item_group <> '') AS t
                 LEFT JOIN item_group AS g ON g.code = t.code ORDER BY {in_order("t.code")}""",
}
_LINES = "temp.basket_invoice AS i CROSS JOIN invoice_line AS l ON l.invoice_id = i.id LEFT JOIN temp.part_of AS k ON k.item_id = l.item_id"
_PAIRS = f"""
SELECT v.code AS value, v.name AS value_name, p.code AS one, p.name AS one_name, q.code AS other, q.name AS other_name,
       x.invoices, a.invoices AS one_invoices, b.invoices AS other_invoices,
       round(100.0 * x.invoices / s.invoices, {DIGITS}) AS support,
       round(100.0 * x.invoices / a.invoices, {DIGITS}) AS confidence,
       round(100.0 * x.invoices / b.invoices, {DIGITS}) AS confidence_back,
       round(1.0 * x.invoices * s.invoices / (a.invoices * b.invoices), {DIGITS}) AS lift, v.place, p.id AS first, q.id AS second
  FROM temp.basket_pair AS x JOIN temp.basket_part AS a ON a.per = x.per AND a.part = x.one
  JOIN temp.basket_part AS b ON b.per = x.per AND b.part = x.other
  JOIN temp.part AS p ON p.id = x.one JOIN temp.part AS q ON q.id = x.other
  JOIN temp.basket_size AS s ON s.per = x.per JOIN temp.basket_value AS v ON v.per = x.per"""


class Asked(NamedTuple):
    """What is counted: the window, items or groups, the class whose values are counted separately (0: none), the accounts."""

    window: Window
    among: Clause
    by: str = ITEM
    per: int = 0
    least: int | None = None  # invoices of a pair; None: one in 1,000 of those of the value, at least 2


class Laid(NamedTuple):
    """What the temporary tables hold: baskets, and what is left out of them."""

    baskets: int
    other_invoices: int
    without_item: int
    without_group: int
    not_sold: int  # lines with a quantity of zero or less

    @property
    def words(self) -> str:
        """Describe the baskets and what is left out."""
        left = (
            (self.without_item, "line", "without an item"),
            (self.without_group, "line", "whose item has no group"),
            (self.not_sold, "line", "with a quantity of zero or less"),
            (self.other_invoices, "invoice", "with none of them"),
        )
        out = [f"{counted(number, noun)} {what}" for number, noun, what in left if number]
        return " · ".join([counted(self.baskets, "invoice"), *([f"left out: {', '.join(out)}"] if out else [])])


def lay(db: sqlite3.Connection, asked: Asked, catalogue: Catalogue) -> Laid:
    """Create the temporary tables `basket`, `basket_part` and `basket_size`, and what they refer to."""
    _lay_parts(db, asked.by)
    _lay_values(db, asked.per, catalogue)
    per = f"coalesce(a.class{int(asked.per)}, 0)" if asked.per else "0"
    create(db, "basket_invoice", "id INTEGER PRIMARY KEY, account_id INTEGER, per INTEGER")
    db.execute(
        f"""INSERT INTO temp.basket_invoice SELECT i.id, i.account_id, {per} FROM invoice AS i JOIN account AS a ON a.id = i.account_id
             WHERE i.kind = 'sales' AND i.status = 'processed' AND i.total_amount >= 0 AND i.invoice_date > ? AND i.invoice_date <= ?
               AND {asked.among.sql} ORDER BY i.id""",
        (*asked.window, *asked.among.values),
    )
    create(
        db, "basket", "invoice_id INTEGER, part INTEGER, per INTEGER, PRIMARY KEY (invoice_id, part)", "WITHOUT ROWID"
    )
    db.execute(
        f"INSERT OR IGNORE INTO temp.basket SELECT i.id, k.part, i.per FROM {_LINES} WHERE l.quantity > 0 AND k.part IS NOT NULL"
    )
    create(db, "basket_part", "per INTEGER, part INTEGER, invoices INTEGER, PRIMARY KEY (per, part)", "WITHOUT ROWID")
    db.execute("INSERT INTO temp.basket_part SELECT per, part, count(*) FROM temp.basket GROUP BY per, part")
    create(db, "basket_size", "per INTEGER PRIMARY KEY, invoices INTEGER, least INTEGER")
    least = f"max({LEAST}, (count(DISTINCT invoice_id) + {PART_OF_INVOICES - 1}) / {PART_OF_INVOICES})"
    db.execute(
        f"INSERT INTO temp.basket_size SELECT per, count(DISTINCT invoice_id), coalesce(?, {least}) FROM temp.basket GROUP BY per",
        (asked.least,),
    )
    return _told(db)


def _lay_parts(db: sqlite3.Connection, by: str) -> None:
    """Number the items or groups in the order of their codes, so that no result depends on the ids of the database."""
    create(db, "part", "id INTEGER PRIMARY KEY, code TEXT UNIQUE, name TEXT")
    db.execute(f"INSERT INTO temp.part (code, name) {_PARTS[by]}")
    create(db, "part_of", "item_id INTEGER PRIMARY KEY, part INTEGER")
    code = "t.code" if by == ITEM else "t.item_group"
    db.execute(f"INSERT INTO temp.part_of SELECT t.id, p.id FROM item AS t LEFT JOIN temp.part AS p ON p.code = {code}")


def _lay_values(db: sqlite3.Connection, per: int, catalogue: Catalogue) -> None:
    """Number the values of the class in their order; accounts without a value come last, as `none`."""
    create(db, "basket_value", "per INTEGER PRIMARY KEY, place INTEGER, code TEXT, name TEXT")
    values = catalogue.values(per) if per else ()
    rows = [(value.id, place, value.code, value.description) for place, value in enumerate(values)]
    db.executemany("INSERT INTO temp.basket_value VALUES (?, ?, ?, ?)", [*rows, (0, len(rows), "none", "")])


def _told(db: sqlite3.Connection) -> Laid:
    conditions = (
        "l.item_id IS NULL",
        "l.item_id IS NOT NULL AND k.part IS NULL",
        "k.part IS NOT NULL AND l.quantity <= 0",
    )
    sums = ", ".join(f"coalesce({number_where(condition)}, 0)" for condition in conditions)
    baskets = db.execute("SELECT coalesce(sum(invoices), 0) FROM temp.basket_size").fetchone()[0]
    invoices = db.execute("SELECT count(*) FROM temp.basket_invoice").fetchone()[0]
    return Laid(baskets, invoices - baskets, *db.execute(f"SELECT {sums} FROM {_LINES}").fetchone())


def count_pairs(db: sqlite3.Connection) -> None:
    """Remove the rare items from `temp.basket` and count the pairs of the others into `temp.basket_pair`."""
    db.execute(
        """DELETE FROM temp.basket WHERE EXISTS (SELECT 1 FROM temp.basket_part AS p JOIN temp.basket_size AS s ON s.per = p.per
            WHERE p.per = basket.per AND p.part = basket.part AND p.invoices < s.least)"""
    )
    create(db, "basket_pair", "per INTEGER, one INTEGER, other INTEGER, invoices INTEGER, PRIMARY KEY (per, one, other)",
            "WITHOUT ROWID")  # fmt: skip
    db.execute(
        """INSERT INTO temp.basket_pair SELECT a.per, a.part, b.part, count(*) AS n FROM temp.basket AS a
             CROSS JOIN temp.basket AS b ON b.invoice_id = a.invoice_id AND b.part > a.part GROUP BY a.per, a.part, b.part
           HAVING n >= (SELECT s.least FROM temp.basket_size AS s WHERE s.per = a.per)"""
    )


def pairs(db: sqlite3.Connection, order: str, limit: int | None) -> sqlite3.Cursor:
    """Return the pairs with their figures, in this order; columns: PER, COLUMNS, and the places by which equal ones are sorted."""
    sql = f"SELECT * FROM ({_PAIRS}) ORDER BY {order}, place, first, second LIMIT ?"
    return db.execute(sql, (-1 if limit is None else limit,))


def order_of(columns: tuple[Column, ...], names: tuple[str, ...]) -> str:
    """Return the terms of ORDER BY for names of columns; `-` before a name sorts descending, empty cells come last."""
    by_name = {column.name: column for column in columns}
    found = []
    for name in names:
        plain, way = name.removeprefix("-"), " DESC" * name.startswith("-")
        found += [f"{plain} IS NULL", *(f"{term}{way}" for term in terms(by_name[plain], plain))]
    return ", ".join(found)


def between(first: date | None, last: date) -> Window:
    """Return the window from the first to the last day, both included."""
    from segcli.base.windows import ALWAYS, before

    return Window(str(before(first, 1, "d")) if first else ALWAYS, str(last))
