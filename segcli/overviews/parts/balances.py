"""The SQL of opening balances, debits and credits of accounts from their outstanding items and what is allocated to these."""

from segcli.storage.exchange import OWN

# Debit and credit of a movement: dated :start or later; what is earlier is the opening.
_SPLIT = """sum(CASE WHEN {date} < :start THEN {amount} ELSE 0 END) AS opening,
         sum(CASE WHEN {date} >= :start AND {amount} > 0 THEN {amount} ELSE 0 END) AS debit,
         sum(CASE WHEN {date} >= :start AND {amount} < 0 THEN -{amount} ELSE 0 END) AS credit, 0 AS outstanding,
         {unconverted} AS unconverted"""


def split(date_column: str, amount: str, *, counts: bool = False) -> str:
    """Return the sums of movements of a date and an amount; `counts` says that one without an amount is an item left out."""
    unconverted = f"sum(CASE WHEN {amount} IS NULL THEN 1 ELSE 0 END)" if counts else "0"
    return _SPLIT.format(date=date_column, amount=amount, unconverted=unconverted)


def items(*, in_base: bool = False) -> str:
    """Return what was invoiced and what was allocated, each added up per account before the two are joined.

    An allocation has the account and the currency of its item, so the items of the allocations are not read.
    """
    prefix, invoiced, allocated, groups = "", "i.currency", "l.currency", "1, 2"
    if in_base:  # one currency: the indexes are in the order of the groups without it
        prefix, invoiced, allocated, groups = "base_", OWN, OWN, "1"
    return f"""
  SELECT i.account_id, {invoiced} AS currency, {split("i.invoice_date", f"i.{prefix}amount", counts=True)}
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id
   WHERE i.invoice_date <= :end GROUP BY {groups}
  UNION ALL
  SELECT l.account_id, {allocated}, {split("l.allocation_date", f"(-l.{prefix}amount)")}
    FROM selection AS s JOIN allocation AS l ON l.account_id = s.id
   WHERE l.allocation_date <= :end GROUP BY {groups}{_DIFFERENCES if in_base else ""}"""


# The exchange difference of an item that is paid in full: on the day of its last payment, or of its invoice if that is later.
_DIFFERENCES = f"""
  UNION ALL
  SELECT account_id, {OWN}, {split("day", "amount")} FROM (
    SELECT i.account_id, CASE WHEN p.day > i.invoice_date THEN p.day ELSE i.invoice_date END AS day,
           p.base_amount - i.base_amount AS amount
      FROM (SELECT l.item_id, max(l.allocation_date) AS day, sum(l.amount) AS amount, sum(l.base_amount) AS base_amount
              FROM selection AS s JOIN allocation AS l ON l.account_id = s.id
             WHERE l.currency <> {OWN} AND l.allocation_date <= :end GROUP BY l.item_id) AS p
      JOIN outstanding_item AS i ON i.id = p.item_id
     WHERE p.amount = i.amount AND i.invoice_date <= :end)
   GROUP BY account_id"""
