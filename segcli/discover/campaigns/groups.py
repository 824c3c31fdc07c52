"""The groups of a marketing list: each account gets one when it comes on the list, and keeps it when it leaves."""

import sqlite3
from typing import Any

from segcli.base import dates
from segcli.domain.campaigns import split
from segcli.query import list_groups
from segcli.storage.reader import Reader

# The accounts that have a contact on the list, and how many.
PRESENT = """SELECT c.account_id, count(*) AS contacts FROM marketing_list_member AS k JOIN contact AS c ON c.id = k.contact_id
   WHERE k.marketing_list_id = :list GROUP BY c.account_id"""
_NEW = f"""SELECT a.id, a.code FROM ({PRESENT}) AS p JOIN account AS a ON a.id = p.account_id
   WHERE a.id NOT IN (SELECT g.account_id FROM marketing_list_account AS g WHERE g.marketing_list_id = :list)"""


def draw(db: sqlite3.Connection, number: int, wanted: split.Split, seed: str) -> None:
    """Store how the accounts of a list are divided."""
    db.execute(
        "UPDATE marketing_list SET split = ?, seed = ?, split_date = ? WHERE id = ?",
        (wanted.text, seed, str(dates.today()), number),
    )


def assign(db: sqlite3.Connection, run_id: int, number: int) -> None:
    """Give a group to each account on the list that has none; nothing for a list without groups."""
    found = db.execute(
        "SELECT split, seed FROM marketing_list WHERE id = ? AND split IS NOT NULL", (number,)
    ).fetchone()
    if not found:
        return
    group = list_groups.of_bucket(split.stored(found[0]).groups, "bucket(:seed, n.code)")
    db.execute(
        f"""INSERT INTO marketing_list_account (marketing_list_id, account_id, account_code, group_name, group_date, run_id)
            SELECT :list, n.id, n.code, {group}, :day, :run FROM ({_NEW}) AS n""",
        {"list": number, "seed": found[1], "day": str(dates.today()), "run": run_id},
    )


def forget(db: sqlite3.Connection, run_id: int) -> None:
    """Remove the groups that a run gave, of accounts that its undo took from the list."""
    for (number,) in db.execute(
        "SELECT DISTINCT marketing_list_id FROM marketing_list_account WHERE run_id = ?", (run_id,)
    ).fetchall():
        db.execute(
            f"""DELETE FROM marketing_list_account WHERE marketing_list_id = :list AND run_id = :run
                   AND account_id NOT IN (SELECT account_id FROM ({PRESENT}))""",
            {"list": number, "run": run_id},
        )


def sizes(db: Reader, number: int) -> list[tuple[str, int, int, int]]:
    """Return each group with its accounts, its contacts now on the list, and its accounts without one."""
    found: list[Any] = db.execute(
        f"""WITH present AS MATERIALIZED ({PRESENT})
            SELECT group_name, count(*), sum(contacts), sum(contacts = 0) FROM (
              SELECT DISTINCT g.group_name, g.account_id, coalesce(p.contacts, 0) AS contacts
                FROM marketing_list_account AS g LEFT JOIN present AS p ON p.account_id = g.account_id WHERE g.marketing_list_id = :list)
             GROUP BY group_name""",
        {"list": number},
    ).fetchall()
    return found


def words(db: Reader, number: int) -> str:
    """Return the groups of a list with their sizes: A 45, B 45, holdout 10 accounts; '' without groups."""
    found = sorted((name == split.HOLDOUT, name, count) for name, count, _, _ in sizes(db, number))
    return ", ".join(f"{name} {count}" for _, name, count in found)
