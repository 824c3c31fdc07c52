"""The rows of sales and purchase analysis: from the summary or the lines, in each or in the administration's currency."""

from collections.abc import Iterable

from segcli.domain.clause import as_number
from segcli.domain.units import FINE
from segcli.storage.exchange import OWN
from segcli.storage.summaries import NET, in_base

# An amount is unknown if no line has a known cost, or no line has an exchange rate.
NO_COST = "sum(f.uncosted_lines) + sum(f.unconverted_lines) > 0 AND sum(f.net_amount) = sum(f.uncosted_amount) AND sum(f.cost_amount) = 0"
NO_REVENUE = "sum(f.unconverted_lines) > 0 AND sum(f.net_amount) = 0"
_BASE_NET, _BASE_COST = in_base(NET), in_base("l.cost_amount")
_UNCOSTED = f"CASE WHEN l.cost_amount IS NULL THEN {NET} ELSE 0 END"
_IS_UNCOSTED = f"l.cost_amount IS NULL AND {NET} <> 0"
_UNCOSTED_LINES = as_number(_IS_UNCOSTED)
# The SQL of each amount, in the summary and in the lines.
_AMOUNTS = {
    "currency": ("x.currency", "i.currency"),
    "net_amount": ("x.net_amount", NET),
    "cost_amount": ("x.cost_amount", "coalesce(l.cost_amount, 0)"),
    "uncosted_amount": ("x.uncosted_amount", _UNCOSTED),
    "uncosted_lines": ("x.uncosted_lines", _UNCOSTED_LINES),
    "unconverted_lines": ("0", "0"),
}
_BASE_AMOUNTS = {
    "currency": (OWN, OWN),
    "net_amount": ("x.base_net_amount", f"coalesce({_BASE_NET}, 0)"),
    "cost_amount": ("x.base_cost_amount", f"coalesce({_BASE_COST}, 0)"),
    "uncosted_amount": ("x.base_uncosted_amount", f"coalesce({in_base(_UNCOSTED)}, 0)"),
    "uncosted_lines": ("x.uncosted_lines", _UNCOSTED_LINES),
    "unconverted_lines": ("x.unconverted_lines", as_number(f"{_BASE_NET} IS NULL")),
}
# Whether a cost is unknown on any of the days. The summary tells which months need checking.
HAS_UNCOSTED = f"""SELECT 1 WHERE EXISTS (SELECT 1 FROM invoice_summary WHERE kind = :kind AND uncosted_lines > 0
                           AND month BETWEEN :first AND :last)
    AND EXISTS (SELECT 1 FROM invoice AS i LEFT JOIN invoice_line AS l ON l.invoice_id = i.id
                 WHERE i.kind = :kind AND i.status = 'processed' AND i.invoice_date BETWEEN :start AND :end
                   AND (l.id IS NOT NULL OR i.is_summed = 0) AND {_IS_UNCOSTED})"""
_SUMMARY = """SELECT x.account_id, x.month, x.item_id, x.quantity, x.invoices, x.group_invoices, x.all_invoices, {amounts}{of_account}
     FROM selection AS s JOIN invoice_summary AS x ON x.account_id = s.id
    WHERE x.kind = :kind AND x.month >= :{p}first AND x.month <= :{p}last"""
_LINES = """SELECT s.id AS account_id, substr(i.invoice_date, 1, 7) AS month, i.invoice_date AS day, l.item_id,
           coalesce(l.quantity, 0) AS quantity, i.id AS invoice_id, {amounts}{of_account}
      FROM selection AS s JOIN invoice AS i ON i.{role} = s.id LEFT JOIN invoice_line AS l ON l.invoice_id = i.id
     WHERE i.kind = :kind AND i.status = 'processed' AND i.invoice_date >= :{p}start AND i.invoice_date <= :{p}end
       AND (l.id IS NOT NULL OR i.is_summed = 0)"""


def from_summary(columns: str, *, prefix: str = "", in_base: bool = False) -> str:
    """Return the months of invoice_summary with these columns of the account; binds :kind, :first and :last."""
    return _SUMMARY.format(p=prefix, of_account=columns, amounts=_picked(0, in_base=in_base))


def from_lines(role: str, columns: str, *, prefix: str = "", in_base: bool = False) -> str:
    """Return the invoice lines of a role, and invoices without lines; binds :kind, :start and :end."""
    return _LINES.format(role=role, p=prefix, of_account=columns, amounts=_picked(1, in_base=in_base))


def _picked(source: int, *, in_base: bool) -> str:
    amounts = _BASE_AMOUNTS if in_base else _AMOUNTS
    return ", ".join(f"{sql[source]} AS {name}" for name, sql in amounts.items())


def unconverted(role: str, condition: str, prefixes: Iterable[str]) -> str:
    """Return the SQL of the invoices of these periods that have no amount in the administration's currency."""
    rows = " UNION ALL ".join(
        from_lines(role, f", i.exchange_rate, {NET} AS net", prefix=prefix) for prefix in prefixes
    )
    return f"""lacking AS (
  SELECT f.* FROM ({rows}) AS f LEFT JOIN item AS m ON m.id = f.item_id WHERE f.exchange_rate IS NULL AND {condition}
)
SELECT 'invoices', currency, count(DISTINCT invoice_id), count(DISTINCT account_id), share(sum(net), 1, {FINE})
  FROM lacking GROUP BY currency"""
