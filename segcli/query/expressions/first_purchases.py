"""The cohort of each account as a column: the month, quarter or year of its first purchase, in one pass over their invoices. Pure."""

from collections.abc import Iterable
from datetime import date

from segcli.domain.clause import named, quoted
from segcli.query.expressions.periods import PERIODS

COHORTS = {
    "cohort": "month",
    "cohort_quarter": "quarter",
    "cohort_year": "year",
}  # columns and metrics: the period of each
_TABLE = "first_purchase"
_SELECTED = "AND {account} IN (SELECT k.id FROM selection AS k)"
_DAY = "cohort_day"


def _purchases(among: str) -> str:
    """Return the statement of the first purchase of each account until a day, as account_id and c0; `among` limits the accounts."""
    from segcli.query.expressions import metric_sql, metrics  # here: few commands ask for cohorts

    day = date.max  # the text of the statement is the same for each day
    call = metric_sql.call("first_invoice", (), day)
    account = metrics.SOURCES[call.source].account
    sql, bound = named(metric_sql.among(call, day, among.format(account=account)), _DAY)
    for name in bound:  # all are the day
        sql = sql.replace(f":{name}", f":{_DAY}")
    return sql


def values(day: date) -> dict[str, str]:
    """Return the values that `join` binds, for the first purchases until a day."""
    return {_DAY: str(day)}


def join(account: str, used: Iterable[str]) -> str:
    """Return the join of the first purchases of the selection to rows whose account_id is the SQL `account`.

    Return '' if none of the used columns is a cohort.
    """
    if not set(COHORTS).intersection(used):
        return ""
    return f"\n  LEFT JOIN ({_purchases(_SELECTED)}) AS {_TABLE} ON {_TABLE}.account_id = {account}"


def of(name: str) -> str:
    """Return the SQL of a cohort column, from the join."""
    return f"({PERIODS[COHORTS[name]].format(m=f'{_TABLE}.c0')})"


def every(name: str, day: date) -> str:
    """Return the statement of the values that a cohort column has for any account on a day."""
    rows = _purchases("").replace(f":{_DAY}", quoted(str(day)))
    return f"SELECT DISTINCT {of(name)} FROM ({rows}) AS {_TABLE} WHERE {_TABLE}.c0 IS NOT NULL"
