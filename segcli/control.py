"""The control line: what the debtors' ledger accounts say against what the outstanding items add up to."""

import sqlite3
from typing import NamedTuple

from segcli import query
from segcli.clause import Clause
from segcli.money import to_human
from segcli.overview import Overview

_HAS_LEDGER = """SELECT EXISTS (SELECT 1 FROM gl_account AS g JOIN transaction_line AS t ON t.gl_account_id = g.id
                                 WHERE g.subledger = 'debtors')"""


class Control(NamedTuple):
    """Both figures in the smallest unit of the administration's currency, and how many items lack theirs."""

    gl_accounts: str
    ledger: int
    items: int
    unknown: int

    def words(self, currency: str, decimal: str) -> str:
        """Return the line for people."""
        amounts = [to_human(n, currency, decimal) for n in (self.ledger, self.items, self.ledger - self.items)]
        missing = f"; {self.unknown} items have no amount in {currency}" if self.unknown else ""
        return f"ledger {self.gl_accounts}: {{}}, items: {{}}, difference {{}} {currency}{missing}".format(*amounts)

    @property
    def is_right(self) -> bool:
        """Tell whether the two agree."""
        return self.ledger == self.items and not self.unknown


def look(db: sqlite3.Connection, overview: Overview, clause: Clause) -> Control | None:
    """Return the two figures of the selected accounts; None where there is no ledger to compare with."""
    if not overview.control or not db.execute(_HAS_LEDGER).fetchone()[0]:
        return None
    sql, values = query.over_selection(clause, overview.control)
    return Control(*db.execute(sql, {**values, **overview.values}).fetchone())
