"""The flag over_limit of an account: what it owes is more than its credit limit. Pure."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from segcli.domain.clause import Clause

if TYPE_CHECKING:
    from segcli.query.expressions.metric_sql import Call

OVER_LIMIT = "over_limit"
OWED = "outstanding"  # the metric that the limit is compared with


def over_limit(day: date, measured: Callable[["Call"], Clause] | None = None, row: str = "a") -> Clause:
    """Return the flag of the account with the alias `row`: 0 without a limit, NULL if a debt has no exchange rate."""
    from segcli.query.expressions import metric_sql

    call = metric_sql.call(OWED, (), day)
    owed = measured(call) if measured else metric_sql.correlated(call, day, row)
    limit = f"{row}.credit_limit"
    return Clause(
        f"CASE WHEN {limit} IS NOT NULL THEN {owed.sql} > {limit} WHEN {row}.id IS NOT NULL THEN FALSE END", owed.values
    )
