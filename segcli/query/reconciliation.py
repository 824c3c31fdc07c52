"""The control line: the debtors' ledger balance compared with the sum of the outstanding items."""

from segcli.base.money import to_human
from segcli.base.record import Record
from segcli.domain.clause import Clause
from segcli.domain.table import Overview
from segcli.query import compose
from segcli.storage.reader import Reader

_HAS_LEDGER = """SELECT EXISTS (SELECT 1 FROM gl_account AS g JOIN transaction_line AS t ON t.gl_account_id = g.id
                                 WHERE g.subledger = 'debtors')"""


class Control(Record):
    """Both figures in minor units of the administration's currency, and the explained part of a difference.

    An invoice numbered here without a journal has an item but no ledger entry. It explains its whole amount, even when
    paid, because the payment is in the ledger and has closed the item.
    """

    gl_accounts: str
    ledger: int
    items: int
    unknown: int  # items without an amount in that currency
    unbooked: int  # invoices numbered here that have no ledger entry
    unbooked_amount: int

    def words(self, currency: str, decimal: str) -> str:
        """Return the control line as text."""
        amounts = [to_human(n, currency, decimal) for n in (self.ledger, self.items, self.ledger - self.items)]
        missing = f"; {self.unknown} items have no amount in {currency}" if self.unknown else ""
        line = f"ledger {self.gl_accounts}: {{}}, items: {{}}, difference {{}} {currency}".format(*amounts)
        return f"{line}{self._explained(currency, decimal)}{missing}"

    def _explained(self, currency: str, decimal: str) -> str:
        """Return the text on the part of the difference that has a known reason."""
        if not self.unbooked:
            return ""
        known, rest = (to_human(n, currency, decimal) for n in (-self.unbooked_amount, self.unexplained))
        what = "1 invoice" if self.unbooked == 1 else f"{self.unbooked} invoices"
        unknown = f", {rest} has no known reason" if self.unexplained else ""
        return f": {known} is {what} numbered here without a ledger entry{unknown}"

    @property
    def unexplained(self) -> int:
        """Return the part of the difference that has no known reason."""
        return self.ledger - self.items + self.unbooked_amount

    @property
    def is_right(self) -> bool:
        """Tell whether both figures agree, apart from invoices known to be missing from the ledger."""
        return not self.unexplained and not self.unknown


def look(db: Reader, overview: Overview, clause: Clause) -> Control | None:
    """Return the two figures of the selected accounts; None if the overview has no control or there is no ledger."""
    if not overview.control or not db.execute(_HAS_LEDGER).fetchone()[0]:
        return None
    sql, values = compose.over_selection(clause, overview.control)
    return Control(*db.execute(sql, {**values, **overview.values}).fetchone())
