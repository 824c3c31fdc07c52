"""The history of accounts' classifications: each change with its time, user, old and new value, and run."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from segcli.domain.catalogue import Catalogue
from segcli.domain.clause import Clause, in_order
from segcli.domain.table import Column, Row, Table
from segcli.storage.reader import Reader

COLUMNS = (
    Column("account", "code"),
    Column("changed_at", "code", "When"),
    Column("class"),
    Column("label"),
    Column("from", "code"),
    Column("to", "code"),
    Column("source"),
    Column("run", "integer"),
    Column("command"),
    Column("reason"),
    Column("user_name", heading="Who"),
)
_KEEPS = ("account", "changed_at", "label", "from", "to")
# Initial values are not stored as changes. The initial value of a class is the old value of its first change, else its
# present value. It dates from the run that added the account.
_ADDED = " UNION ALL ".join(
    f"""SELECT a.id, a.code, {n}, NULL, coalesce((SELECT c.old_value_id FROM classification_change AS c
          WHERE c.account_id = a.id AND c.field = {n} ORDER BY c.id LIMIT 1),
          CASE WHEN NOT EXISTS (SELECT 1 FROM classification_change AS c WHERE c.account_id = a.id AND c.field = {n})
               THEN a.class{n} END), a.added_run_id, 0
         FROM account AS a JOIN wanted AS w ON w.id = a.id WHERE a.added_run_id {{in_recent}}"""
    for n in range(1, 9)
)
SQL = f"""WITH wanted(id) AS (SELECT a.id FROM account AS a WHERE {{condition}}),
recent(id) AS (SELECT id FROM run WHERE started_at >= ?),
event(account_id, account, field, old_id, new_id, run_id, change_id) AS (
  {_ADDED}
  UNION ALL
  SELECT c.account_id, a.code, c.field, c.old_value_id, c.new_value_id, c.run_id, c.id
    FROM classification_change AS c JOIN account AS a ON a.id = c.account_id JOIN wanted AS w ON w.id = a.id
   WHERE c.run_id {{in_recent}})
SELECT e.account, r.started_at, 'class' || e.field, e.field, o.code, n.code, r.source, r.id, r.command, r.reason, r.user_name
  FROM event AS e JOIN run AS r ON r.id = e.run_id
  LEFT JOIN classification_value AS o ON o.id = e.old_id LEFT JOIN classification_value AS n ON n.id = e.new_id
 WHERE e.old_id IS NOT e.new_id
 ORDER BY {in_order("e.account")}, r.id, e.change_id, e.field"""


def table(db: Reader, catalogue: Catalogue, accounts: Clause, since: str = "", caption: str = "") -> Table:
    """Return the changes of the accounts' classifications since a day ('': all), oldest first per account.

    `accounts` is a condition on `account AS a`, the day an ISO date.
    """
    recent = (
        "IN (SELECT id FROM recent)" if since else "IS NOT NULL"
    )  # so that few accounts are read by their own index
    rows = db.execute(SQL.format(condition=accounts.sql, in_recent=recent), (*accounts.values, since))
    return Table("History", COLUMNS, _labelled(rows, catalogue.label), caption=caption, with_totals=False, keeps=_KEEPS)


def _labelled(rows: Iterable[Sequence[Any]], label: Callable[[int], str]) -> Iterator[Row]:
    for account, when, class_, field, *rest in rows:
        yield (account, when, class_, label(field), *rest)
