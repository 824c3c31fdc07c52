"""Reads subscriptions from the database with their frequency, roles and lines."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

from segcli.domain.prices.numbers import exact
from segcli.domain.subscriptions.periods import Rhythm
from segcli.domain.subscriptions.subscription import Line, Subscription
from segcli.domain.subscriptions.terms import FREQUENCY, FREQUENCY_COUNT, LAST_DAY, TIMING
from segcli.domain.units import MILLIONTHS
from segcli.query import translations

_READ = f"""
SELECT s.id, s.subscription_number, s.account_id, s.ordered_by_id, s.deliver_to_id, a.code AS account, s.description,
       s.subscription_type, t.id AS type_id, {FREQUENCY} AS frequency, {FREQUENCY_COUNT} AS frequency_count, {TIMING} AS timing,
       coalesce(t.proration, 'days') AS proration, coalesce(t.is_calendar, 0) AS is_calendar,
       coalesce(t.invoice_per, 'subscription') AS invoice_per, s.invoice_day, s.start_date, {LAST_DAY} AS last_date, s.currency,
       s.payment_condition, s.your_reference, s.is_blocked, a.is_blocked AS is_account_blocked,
       l.id AS line_id, l.line_number, l.item_id, m.code AS item, coalesce(l.description, {{item_text}}, m.description) AS line_description,
       l.quantity, coalesce(l.unit, m.unit) AS unit, l.unit_price, l.discount_percent, l.vat_code,
       coalesce(l.vat_percent, v.percent) AS vat_percent,
       coalesce(l.start_date, s.start_date) AS line_start, l.end_date AS line_end, l.is_once, l.is_automatic_price,
       l.is_never_revised, l.invoiced_to_date
  FROM {{source}} JOIN subscription AS s ON s.{{role}} = x.id JOIN account AS a ON a.id = s.account_id
  JOIN account AS r ON r.id = s.{{reader}}
  LEFT JOIN subscription_type AS t ON t.code = s.subscription_type
  LEFT JOIN subscription_line AS l ON l.subscription_id = s.id
  LEFT JOIN item AS m ON m.id = l.item_id LEFT JOIN vat_code AS v ON v.code = l.vat_code
 WHERE {{condition}}
 ORDER BY length(a.code), a.code, length(s.subscription_number), s.subscription_number, s.id, l.line_number"""
Ask = Callable[[str, Mapping[str, object]], sqlite3.Cursor]


def read(
    ask: Ask, role: str, condition: str, values: Mapping[str, object], reader: str = "account_id"
) -> Iterator[Subscription]:
    """Yield the subscriptions of the selected accounts, by account and number.

    `ask` runs a query on `selection`; `role` is the column that links a subscription to an account; `condition` filters
    `s`, the subscription, and `t`, its type. Items are described in the language of the account in the column `reader`.
    """
    text = translations.of_item("m", translations.language_of("r"))
    given = {"source": "chosen AS x", "role": role, "condition": condition, "reader": reader, "item_text": text}
    sql = f"chosen AS (SELECT id FROM selection) {_READ.format(**given)}"
    found = ask(sql, values)
    names = [column[0] for column in found.description]
    rows = (dict(zip(names, row, strict=True)) for row in found)
    for _, group in groupby(rows, key=lambda row: row["id"]):
        yield _subscription(list(group))


def _subscription(rows: list[dict[str, Any]]) -> Subscription:
    head = rows[0]
    rhythm = Rhythm(
        head["frequency"], head["frequency_count"], head["timing"], head["invoice_day"], bool(head["is_calendar"])
    )
    return Subscription(
        id=head["id"],
        number=head["subscription_number"],
        account_id=head["account_id"],
        account=head["account"],
        ordered_by_id=head["ordered_by_id"],
        deliver_to_id=head["deliver_to_id"],
        type=head["subscription_type"] or "",
        is_type_known=head["type_id"] is not None,
        rhythm=rhythm,
        proration=head["proration"],
        invoice_per=head["invoice_per"],
        start=date.fromisoformat(head["start_date"]),
        end=_day(head["last_date"]),
        currency=head["currency"],
        is_blocked=bool(head["is_blocked"]),
        is_account_blocked=bool(head["is_account_blocked"]),
        lines=tuple(_line(row) for row in rows if row["line_id"] is not None),
    )


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        id=row["line_id"],
        number=row["line_number"],
        item_id=row["item_id"],
        item=row["item"] or "",
        description=row["line_description"] or "",
        quantity=Fraction(row["quantity"], MILLIONTHS),
        unit=row["unit"] or "",
        unit_price=None if row["unit_price"] is None or row["is_automatic_price"] else exact(row["unit_price"]),
        discount_percent=exact(row["discount_percent"] or "0"),
        vat_code=row["vat_code"],
        vat_percent=row["vat_percent"],
        start=date.fromisoformat(row["line_start"]),
        end=_day(row["line_end"]),
        is_once=bool(row["is_once"]),
        is_automatic=bool(row["is_automatic_price"]),
        is_never_revised=bool(row["is_never_revised"]),
        invoiced_to=_day(row["invoiced_to_date"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
