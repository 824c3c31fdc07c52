"""Link a price list to the selected accounts in place of their present one, or unlink it.

PRICE_LIST is the code of an imported price list. An account has at most one price list, so linking replaces. --unlink
removes this list from the selected accounts that have it; other lists stay. Without PRICE_LIST, the preview shows all
links. --details shows, for each account that changes, the items that it ordered in the twelve months up to --as-of with
their price on that day in the present and in the new list, at the quantity of the item's last invoice. Drafts do not
count. `segcli price` explains a price.
"""

import sqlite3
from collections import defaultdict
from fractions import Fraction

from segcli.actions.parts.job import Job, Result
from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.base.text import counted
from segcli.domain import reasons
from segcli.domain.prices.numbers import shown
from segcli.domain.reasons import Reason, Why
from segcli.domain.table import Column, Overview
from segcli.domain.units import MILLIONTHS
from segcli.query.compose import Request
from segcli.query.price_book import Book

AREA = "Invoices, sales, purchase, prices"
PARAMETERS = ("price_list", "unlink", "item_details")
EXAMPLES = (
    "segcli run link-price-list RETAIL --class2 RET",
    "segcli run link-price-list RETAIL --class2 RET --country NL --details",
    "segcli run link-price-list HORECA --account 000244 --apply --yes",
)
COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("price_list", "code", "Present list"),
    Column("becomes", "code"),
    Column("reason", heading="Skipped: reason"),
)
DETAILS = (
    Column("account", "code"),
    Column("name"),
    Column("item", "code"),
    Column("description"),
    Column("last_bought", "date"),
    Column("quantity", "decimal"),
    Column("price_list", "code", "Present list"),
    Column("currency_now", heading="Currency now"),
    Column("price_now", "decimal"),
    Column("becomes", "code"),
    Column("currency", heading="Currency then"),
    Column("price_then", "decimal"),
    Column("difference", "decimal"),
)
_LINKS = """SELECT s.id AS account_id, s.account, s.name, o.code AS price_list,
       CASE p.cause WHEN '' THEN coalesce(n.code, 'none') END AS becomes, nullif(p.reason, '') AS reason
  FROM selection AS s LEFT JOIN price_list_link AS l ON l.account_id = s.id
  LEFT JOIN price_list AS o ON o.id = l.price_list_id LEFT JOIN temp.price_plan AS p ON p.account_id = s.id
  LEFT JOIN price_list AS n ON n.id = p.new_id"""
UNIT, DONE = "account", "changed"
LEFT_OUT = """SELECT 'account ' || a.code AS what, p.cause, p.reason
  FROM temp.price_plan AS p JOIN account AS a ON a.id = p.account_id WHERE p.cause <> ''"""
_BOUGHT = """bought AS (
    SELECT p.account_id, i.code AS item, l.quantity, l.unit, v.invoice_date, rank() OVER (PARTITION BY p.account_id, l.item_id
           ORDER BY v.invoice_date DESC, v.id DESC) AS place
      FROM temp.price_plan AS p JOIN invoice AS v ON v.ordered_by_id = p.account_id
      JOIN invoice_line AS l ON l.invoice_id = v.id JOIN item AS i ON i.id = l.item_id
     WHERE p.cause = '' AND v.kind = 'sales' AND v.status <> 'draft' AND v.invoice_date > :start AND v.invoice_date <= :day)
SELECT account_id, item, quantity, unit, invoice_date FROM bought WHERE place = 1"""
_HEAD = "account_id, item, description, last_bought, quantity, price_list, currency_now, price_now, becomes, currency, price_then"


def overview(request: Request) -> Overview:
    """Return the preview: each account's present and new list; with --details, the items."""
    if request.values.get("item_details"):
        sql = (
            "SELECT s.account, s.name, d.* FROM temp.price_detail AS d CROSS JOIN selection AS s ON s.id = d.account_id"
        )
        caption = f"items bought in the twelve months up to {request.as_of}, priced on that day"
        return Overview(columns=DETAILS, sql=sql, sort=("account", "item"), counts="items", caption=caption)
    shown_ = "" if request.values.get("price_list") else " WHERE price_list IS NOT NULL"
    return Overview(columns=COLUMNS, sql=f"SELECT * FROM ({_LINKS}){shown_}", sort=("account",))


def check(job: Job) -> None:
    """Raise UsageError for an unknown price list, and for flags that need one."""
    values = job.values
    if not values["price_list"]:
        if values["apply"] or values["unlink"] or values["item_details"]:
            raise UsageError("which price list?", "name one, or see them: segcli run link-price-list")
        return
    Book(job.db).code(values["price_list"])


def prepare(job: Job) -> None:
    """Put the accounts that change or stay into a temporary table; with --details, the prices into another."""
    _empty_plan(job.db)
    if not job.values["price_list"]:
        return
    book = Book(job.db)
    number, _ = book.code(job.values["price_list"])
    new = None if job.values["unlink"] else number
    rows = job.select(
        """found AS (SELECT s.id, l.price_list_id AS old_id FROM selection AS s
              LEFT JOIN price_list_link AS l ON l.account_id = s.id) SELECT id, old_id FROM found""",
        {},
    ).fetchall()
    job.db.executemany(
        "INSERT INTO temp.price_plan VALUES (?, ?, ?, ?, ?)",
        [(account, old, new, *reasons.cells(_stays(old, new, number))) for account, old in rows],
    )
    if job.values["item_details"]:
        _details(job, book)


def _stays(old: int | None, new: int | None, named: int) -> Why | None:
    """Return why an account keeps its price list; None if it changes."""
    if new is not None:
        return Reason.LINKED_ALREADY.why() if old == new else None
    if old is None:
        return Reason.NOT_LINKED.why()
    return None if old == named else Reason.OTHER_PRICE_LIST.why()


def _empty_plan(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE IF EXISTS temp.price_plan")
    db.execute(
        "CREATE TEMP TABLE price_plan (account_id INTEGER PRIMARY KEY, old_id INTEGER, new_id INTEGER, cause TEXT, reason TEXT)"
    )


def _details(job: Job, book: Book) -> None:
    """Fill the table of the items that were last bought by the accounts that change."""
    job.db.execute("DROP TABLE IF EXISTS temp.price_detail")
    job.db.execute(
        "CREATE TEMP TABLE price_detail (account_id INTEGER, item, description, last_bought, quantity NUMERIC, price_list,"
        " currency_now, price_now NUMERIC, becomes, currency, price_then NUMERIC, difference NUMERIC)"
    )
    day = job.request.as_of
    span = {"start": dates.add_months(day, -12).isoformat(), "day": day.isoformat()}
    codes = dict(job.db.execute("SELECT id, code FROM price_list").fetchall())
    plan = {
        account: (codes.get(old, ""), codes.get(new, ""))
        for account, old, new in job.db.execute(
            "SELECT account_id, old_id, new_id FROM temp.price_plan WHERE cause = ''"
        )
    }
    bought = job.db.execute(f"WITH {_BOUGHT}", span).fetchall()
    quantities: dict[tuple[int, str, str], Fraction] = defaultdict(Fraction)
    for account, code, quantity, unit, last in bought:  # add up the lines of one invoice
        factor = (book.known_factor(book.item(code), unit) if unit else None) or 1
        quantities[account, code, last] += Fraction(quantity, MILLIONTHS) * factor
    rows = [_compared(book, plan[key[0]], key, quantity, day.isoformat()) for key, quantity in quantities.items()]
    job.db.executemany(
        f"INSERT INTO temp.price_detail ({_HEAD}, difference) VALUES ({', '.join('?' * 12)})",
        rows,
    )


def _compared(
    book: Book, lists: tuple[str, str], key: tuple[int, str, str], quantity: Fraction, day: str
) -> tuple[int | str | None, ...]:
    """Return an item with its price in the present and in the new list."""
    account, code, last = key
    item = book.item(code)
    now, then = (book.answer(name, item, quantity, day) for name in lists)
    is_comparable = now.price is not None and then.price is not None and now.currency == then.currency
    difference = then.price - now.price if is_comparable and then.price is not None and now.price is not None else None
    return (
        account, code, item.description, last, _text(quantity), lists[0] or None, now.currency, _text(now.price),
        lists[1] or "none", then.currency, _text(then.price), _text(difference),
    )  # fmt: skip


def _text(value: Fraction | None) -> str | None:
    return None if value is None else f"{shown(value):f}"


def count(job: Job) -> int:
    """Return the number of accounts that change."""
    return int(job.db.execute("SELECT count(*) FROM temp.price_plan WHERE cause = ''").fetchone()[0])


def selected(job: Job) -> int:
    """Return the number of selected accounts."""
    return int(job.select("chosen AS (SELECT id FROM selection) SELECT count(*) FROM chosen", {}).fetchone()[0])


def apply(job: Job, run_id: int) -> Result:
    """Change the links, and record each change for undo."""
    changed = _carry_out(job.db, run_id)
    if not changed:
        return Result(0, "nothing to change")
    code = Book(job.db).code(job.values["price_list"])[1]
    verb = "unlinked from" if job.values["unlink"] else "linked to"
    return Result(changed, f"price list {code} {verb} {counted(changed, 'account')}")


def _carry_out(db: sqlite3.Connection, run_id: int) -> int:
    """Apply and record the plan; return the number of accounts changed."""
    db.execute(
        "DELETE FROM price_list_link WHERE account_id IN (SELECT account_id FROM temp.price_plan"
        " WHERE cause = '' AND new_id IS NULL)"
    )
    db.execute(
        "INSERT INTO price_list_link (account_id, price_list_id) SELECT account_id, new_id FROM temp.price_plan"
        " WHERE cause = '' AND new_id IS NOT NULL ON CONFLICT (account_id) DO UPDATE SET price_list_id = excluded.price_list_id"
    )
    return db.execute(
        "INSERT INTO price_list_link_change (run_id, account_id, old_price_list_id, new_price_list_id)"
        " SELECT ?, account_id, old_id, new_id FROM temp.price_plan WHERE cause = '' ORDER BY account_id",
        (run_id,),
    ).rowcount


def undo(db: sqlite3.Connection, run_id: int, by_run: int) -> str:
    """Reverse the changes of a run that still stand."""
    _empty_plan(db)
    db.execute(
        "INSERT INTO temp.price_plan SELECT c.account_id, c.new_price_list_id, c.old_price_list_id, '', ''"
        " FROM price_list_link_change AS c LEFT JOIN price_list_link AS l ON l.account_id = c.account_id"
        " WHERE c.run_id = ? AND l.price_list_id IS c.new_price_list_id",
        (run_id,),
    )
    noted = db.execute("SELECT count(*) FROM price_list_link_change WHERE run_id = ?", (run_id,)).fetchone()[0]
    done = _carry_out(db, by_run)
    kept = f", {noted - done} changed since stay" if done < noted else ""
    return f"{counted(done, 'price list')} of run {run_id} undone{kept}" if done else ""
