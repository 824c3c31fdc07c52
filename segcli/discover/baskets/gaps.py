"""Gaps: what accounts do not buy although similar accounts buy it, or although they buy what goes with it.

Similar accounts are the other selected ones that bought in the window, of the same value of the class if there is one. Two facts
make a gap: a share of the similar accounts that buys it, and a pair rule (if one is on an invoice, then the other is) whose first
part the account buys. The tables are those of `baskets.py`.
"""

import sqlite3
from typing import NamedTuple

from segcli.discover.baskets import pairs as baskets
from segcli.domain.clause import Clause, in_order
from segcli.domain.table import Column
from segcli.storage.temporary_tables import create

SIMILAR = 5  # similar accounts without which a share says nothing
COLUMNS = (
    Column("account", "code"), Column("name"), Column("missing", "code"), Column("missing_name"), Column("share", "percent"),
    Column("buyers", "integer"), Column("similar", "integer", "Similar accounts"), Column("because", "code"),
    Column("because_name"), Column("confidence", "percent"), Column("lift", "decimal"),
)  # fmt: skip
KEEPS = ("account", "name", "missing", "share", "because", "confidence")  # on a narrow terminal
ORDER = "max(coalesce(share, 0), coalesce(confidence, 0)) DESC, coalesce(share, 0) DESC"
_RULE = f"""
SELECT x.per, x.one AS because, x.other AS part, round(100.0 * x.invoices / a.invoices, {baskets.DIGITS}) AS confidence,
       round(1.0 * x.invoices * s.invoices / (a.invoices * b.invoices), {baskets.DIGITS}) AS lift
  FROM (SELECT per, one, other, invoices FROM temp.basket_pair UNION ALL SELECT per, other, one, invoices FROM temp.basket_pair) AS x
  JOIN temp.basket_part AS a ON a.per = x.per AND a.part = x.one JOIN temp.basket_part AS b ON b.per = x.per AND b.part = x.other
  JOIN temp.basket_size AS s ON s.per = x.per
 WHERE 100.0 * x.invoices >= ? * a.invoices AND x.invoices * s.invoices > a.invoices * b.invoices"""
# The rule with the highest confidence for each account and part.
_IMPLIED = """
SELECT account_id, part, because, confidence, lift FROM (
  SELECT u.account_id, r.part, r.because, r.confidence, r.lift, row_number() OVER (
           PARTITION BY u.account_id, r.part ORDER BY r.confidence DESC, r.lift DESC, r.because) AS place
    FROM temp.gap_rule AS r JOIN temp.bought AS u ON u.part = r.because AND u.per = r.per
   WHERE u.account_id IN (SELECT id FROM temp.gap_account)
     AND NOT EXISTS (SELECT 1 FROM temp.bought AS b WHERE b.part = r.part AND b.account_id = u.account_id))
 WHERE place = 1"""
_USUAL = f"""
SELECT m.account_id, o.part FROM temp.gap_owned AS o JOIN temp.gap_size AS n ON n.per = o.per JOIN temp.gap_member AS m ON m.per = o.per
 WHERE n.accounts > {SIMILAR} AND 100.0 * o.accounts >= ? * (n.accounts - 1) AND m.account_id IN (SELECT id FROM temp.gap_account)
   AND NOT EXISTS (SELECT 1 FROM temp.bought AS b WHERE b.part = o.part AND b.account_id = m.account_id)"""
_GAPS = f"""
SELECT v.code AS value, v.name AS value_name, a.code AS account, a.name AS name, p.code AS missing, p.name AS missing_name,
       CASE WHEN n.accounts > 1 THEN round(100.0 * o.accounts / (n.accounts - 1), {baskets.DIGITS}) END AS share, o.accounts AS buyers,
       n.accounts - 1 AS similar, q.code AS because, q.name AS because_name, i.confidence, i.lift, p.id AS part
  FROM temp.gap AS g JOIN account AS a ON a.id = g.account_id JOIN temp.gap_member AS m ON m.account_id = g.account_id
  JOIN temp.part AS p ON p.id = g.part JOIN temp.gap_size AS n ON n.per = m.per JOIN temp.basket_value AS v ON v.per = m.per
  LEFT JOIN temp.gap_owned AS o ON o.per = m.per AND o.part = g.part
  LEFT JOIN temp.gap_implied AS i ON i.account_id = g.account_id AND i.part = g.part LEFT JOIN temp.part AS q ON q.id = i.because"""


class Wanted(NamedTuple):
    """The gaps that are listed: whose, and from which share of similar accounts and confidence of a rule on, in percent."""

    accounts: Clause
    share: float
    confidence: float


def lay(db: sqlite3.Connection, wanted: Wanted) -> int:
    """Find the gaps, after `baskets.lay`; return how many of the accounts bought nothing in the window and have none."""
    create(
        db, "bought", "part INTEGER, account_id INTEGER, per INTEGER, PRIMARY KEY (part, account_id)", "WITHOUT ROWID"
    )
    db.execute(
        """INSERT INTO temp.bought SELECT DISTINCT b.part, i.account_id, b.per FROM temp.basket AS b
             JOIN temp.basket_invoice AS i ON i.id = b.invoice_id ORDER BY b.part, i.account_id"""
    )
    create(db, "gap_member", "account_id INTEGER PRIMARY KEY, per INTEGER")
    db.execute("INSERT INTO temp.gap_member SELECT account_id, min(per) FROM temp.bought GROUP BY account_id")
    create(db, "gap_size", "per INTEGER PRIMARY KEY, accounts INTEGER")
    db.execute("INSERT INTO temp.gap_size SELECT per, count(*) FROM temp.gap_member GROUP BY per")
    create(db, "gap_owned", "per INTEGER, part INTEGER, accounts INTEGER, PRIMARY KEY (per, part)", "WITHOUT ROWID")
    db.execute("INSERT INTO temp.gap_owned SELECT per, part, count(*) FROM temp.bought GROUP BY per, part")
    create(db, "gap_account", "id INTEGER PRIMARY KEY")
    db.execute(
        f"INSERT INTO temp.gap_account SELECT a.id FROM account AS a WHERE {wanted.accounts.sql}",
        wanted.accounts.values,
    )
    baskets.count_pairs(db)
    create(db, "gap_rule", "per INTEGER, because INTEGER, part INTEGER, confidence REAL, lift REAL")
    db.execute(f"INSERT INTO temp.gap_rule {_RULE}", (wanted.confidence,))
    create(db, "gap_implied", "account_id INTEGER, part INTEGER, because INTEGER, confidence REAL, lift REAL,"
            " PRIMARY KEY (account_id, part)", "WITHOUT ROWID")  # fmt: skip
    db.execute(f"INSERT INTO temp.gap_implied {_IMPLIED}")
    create(db, "gap", "account_id INTEGER, part INTEGER, PRIMARY KEY (account_id, part)", "WITHOUT ROWID")
    db.execute(f"INSERT INTO temp.gap SELECT account_id, part FROM temp.gap_implied UNION {_USUAL}", (wanted.share,))
    idle = "SELECT count(*) FROM temp.gap_account WHERE id NOT IN (SELECT account_id FROM temp.gap_member)"
    return int(db.execute(idle).fetchone()[0])


def found(db: sqlite3.Connection, order: str, limit: int | None) -> sqlite3.Cursor:
    """Return the gaps; columns: baskets.PER and COLUMNS. The default order begins with the strongest evidence."""
    last = f"{in_order('account')}, part"
    sql = f"SELECT * FROM ({_GAPS}) ORDER BY {', '.join(filter(None, (order, ORDER, last)))} LIMIT ?"
    return db.execute(sql, (-1 if limit is None else limit,))
