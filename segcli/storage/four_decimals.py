"""Upgrades amounts in CLF and UYW, which have four decimals (ISO 4217) but were stored with two."""

import sqlite3
from typing import NamedTuple

from segcli.base.errors import SegcliError
from segcli.base.money import MOST

_CODES = ("CLF", "UYW")
_TIMES = 100
_HOME = "(SELECT currency FROM administration)"


class _Amounts(NamedTuple):
    """Amount columns of a table, and the SQL of their currency."""

    table: str
    columns: tuple[str, ...]
    currency: str = "currency"


def _of(table: str, link: str) -> str:
    """Return the SQL of the currency of the parent row."""
    return f"(SELECT x.currency FROM {table} AS x WHERE x.id = {link})"


# Allocations come before items: a trigger deducts their changes from the open amount, which is recalculated afterwards.
_EVERY = (
    _Amounts("allocation", ("amount",), _of("outstanding_item", "item_id")),
    _Amounts("allocation", ("base_amount",), _HOME),
    _Amounts("outstanding_item", ("amount", "open_amount")),
    _Amounts("outstanding_item", ("base_amount",), _HOME),
    _Amounts("transaction_line", ("foreign_amount",)),
    _Amounts("transaction_line", ("amount",), _HOME),
    _Amounts("reminder_line", ("open_amount", "interest_amount"), _of("reminder", "reminder_id")),
    _Amounts("reminder", ("open_amount", "fee_amount", "interest_amount")),
    _Amounts("entry_template_line", ("amount",), f"coalesce({_of('entry_template', 'entry_template_id')}, {_HOME})"),
    _Amounts("item", ("sales_price", "cost_price"), f"coalesce(currency, {_HOME})"),
    _Amounts("invoice_line", ("net_amount", "cost_amount", "vat_amount"), _of("invoice", "invoice_id")),
    _Amounts("invoice", ("net_amount", "vat_amount", "total_amount")),
    _Amounts("invoice_summary", ("net_amount", "cost_amount")),
    _Amounts("subscription_line", ("period_amount",), _of("subscription", "subscription_id")),
)


def upgrade(db: sqlite3.Connection) -> None:
    """Multiply the stored amounts of these currencies by 100. SegcliError if one would become too large to store."""
    used = [amounts for amounts in _EVERY if _is_used(db, amounts)]
    for amounts in used:
        _refuse_large(db, amounts)
    for amounts in used:
        changes = ", ".join(f"{name} = {name} * {_TIMES}" for name in amounts.columns)
        db.execute(f"UPDATE {amounts.table} SET {changes} WHERE {_condition(amounts)}", _CODES)
    _open(db)
    _noted(db)


def _open(db: sqlite3.Connection) -> None:
    """Recalculate the open amount of the items."""
    db.execute(
        "UPDATE outstanding_item SET open_amount = amount - (SELECT coalesce(sum(l.amount), 0) FROM allocation AS l"
        " WHERE l.item_id = outstanding_item.id) WHERE currency IN (?, ?)",
        _CODES,
    )


def _noted(db: sqlite3.Connection) -> None:
    """Multiply the amounts recorded in changes of subscription lines, so that undo can match and restore them."""
    line = "(SELECT l.subscription_id FROM subscription_line AS l WHERE l.id = line_id)"
    for name in ("old_values", "new_values"):
        amount = f"json_extract({name}, '$.period_amount')"
        db.execute(
            f"UPDATE subscription_change SET {name} = json_set({name}, '$.period_amount', {amount} * {_TIMES})"
            f" WHERE {amount} IS NOT NULL AND {_of('subscription', f'coalesce(subscription_id, {line})')} IN (?, ?)",
            _CODES,
        )


def _condition(amounts: _Amounts) -> str:
    return f"{amounts.currency} IN (?, ?)"


def _is_used(db: sqlite3.Connection, amounts: _Amounts) -> bool:
    sql = f"SELECT EXISTS (SELECT 1 FROM {amounts.table} WHERE {_condition(amounts)})"
    return bool(db.execute(sql, _CODES).fetchone()[0])


def _refuse_large(db: sqlite3.Connection, amounts: _Amounts) -> None:
    most = MOST // _TIMES
    for name in amounts.columns:
        found = db.execute(
            f"SELECT {name}, {amounts.currency} FROM {amounts.table}"
            f" WHERE {_condition(amounts)} AND {name} NOT BETWEEN ? AND ? LIMIT 1",
            (*_CODES, -most, most),
        ).fetchone()
        if found:
            raise SegcliError(
                f"the upgrade was not done: {amounts.table}.{name} has {found[0]} of the smallest unit of {found[1]}, which has"
                f" four decimals (ISO 4217); 100 times as many are more than {MOST:,}",
                "no real amount is that large: correct it with the segcli that made the database, then upgrade",
            )
