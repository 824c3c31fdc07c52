"""The SQL of opening balances, debits and credits of accounts from their outstanding items and what is allocated to these."""

from segcli.storage.exchange import OWN

# Debit and credit of a movement: dated :start or later; what is earlier is the opening.
_SPLIT = """sum(CASE WHEN {date} < :start THEN {amount} ELSE 0 END) AS opening,
         sum(CASE WHEN {date} >= :start AND {amount} > 0 THEN {amount} ELSE 0 END) AS debit,
         sum(CASE WHEN {date} >= :start AND {amount} < 0 THEN -{amount} ELSE 0 END) AS credit, 0 AS outstanding,
         sum({amount} IS NULL AND {counts}) AS unconverted"""


def split(date_column: str, amount: str, *, counts: bool = False) -> str:
    """Return the sums of movements of a date and an amount; `counts` says that one without an amount is an item left out."""
    return _SPLIT.format(date=date_column, amount=amount, counts=int(counts))


def items(*, in_base: bool = False) -> str:
    """Return what was invoiced and what was allocated, each added up per account before the two are joined."""
    prefix, currency = ("base_", OWN) if in_base else ("", "i.currency")
    differences = f"""
  UNION ALL
  SELECT account_id, {OWN}, {split("day", "amount")} FROM (
    SELECT i.account_id, max(max(l.allocation_date), i.invoice_date) AS day, sum(l.base_amount) - i.base_amount AS amount
      FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id JOIN allocation AS l ON l.item_id = i.id
     WHERE i.currency <> {OWN} AND i.invoice_date <= :end AND l.allocation_date <= :end
     GROUP BY i.id HAVING sum(l.amount) = i.amount)
   GROUP BY account_id"""
    return f"""
  SELECT i.account_id, {currency} AS currency, {split("i.invoice_date", f"i.{prefix}amount", counts=True)}
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id
   WHERE i.invoice_date <= :end GROUP BY 1, 2
  UNION ALL
  SELECT i.account_id, {currency}, {split("l.allocation_date", f"(-l.{prefix}amount)")}
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id JOIN allocation AS l ON l.item_id = i.id
   WHERE l.allocation_date <= :end GROUP BY 1, 2{differences if in_base else ""}"""
