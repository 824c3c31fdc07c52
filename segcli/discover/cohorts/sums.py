"""Cohorts from the invoices: one statement that sums purchases and turnover by cohort, first period and periods since.

A purchase is a processed sales invoice that is no credit note, as for the metrics first_invoice and invoices. Turnover is
revenue without VAT less credit notes, in the administration's currency, in FINE parts of the minor unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from segcli.domain.clause import EVERYTHING, Clause, named, number_where
from segcli.domain.segments.cohorts import Cell, Unit
from segcli.query.expressions.periods import PERIODS
from segcli.storage import exchange
from segcli.storage.exchange import Missing
from segcli.storage.reader import Reader

_NUMBERS: Mapping[Unit, str] = {
    "month": "CAST(substr({d}, 1, 4) AS INTEGER) * 12 + CAST(substr({d}, 6, 2) AS INTEGER) - 1",
    "quarter": "CAST(substr({d}, 1, 4) AS INTEGER) * 4 + (CAST(substr({d}, 6, 2) AS INTEGER) - 1) / 3",
    "year": "CAST(substr({d}, 1, 4) AS INTEGER)",
}
_INVOICES = "invoice AS i WHERE i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= :day"
_PURCHASE = "CASE WHEN i.total_amount >= 0 THEN i.invoice_date END"
# One row per account and period, then the first purchase of each account and the period of its second day with a purchase.
_SUMS = """
WITH bought AS MATERIALIZED (
  SELECT i.account_id, {number} AS period, min({purchase}) AS first_day, max({purchase}) AS last_day,
         sum(i.base_revenue_amount) AS net, count(*) AS documents, count(i.base_revenue_amount) AS known
    FROM {invoices}{among} GROUP BY i.account_id, {number}),
first_purchase AS MATERIALIZED (
  SELECT b.account_id, min(b.first_day) AS day, min(CASE WHEN b.first_day IS NOT NULL THEN b.period END) AS period
    FROM bought AS b GROUP BY b.account_id),
second_purchase AS MATERIALIZED (
  SELECT b.account_id, min(f.day) AS day, min(f.period) AS start, min(CASE WHEN b.last_day > f.day THEN b.period END) AS period
    FROM first_purchase AS f JOIN bought AS b ON b.account_id = f.account_id GROUP BY b.account_id)
SELECT {cohort} AS cohort, s.start, b.period - s.start AS since, count(b.first_day) AS active, {again} AS again,
       coalesce(sum(b.net), 0) AS turnover, sum(b.documents) AS documents, sum(b.documents) - sum(b.known) AS unknown
  FROM bought AS b JOIN second_purchase AS s ON s.account_id = b.account_id{account}
 WHERE s.day IS NULL OR s.day >= :start AND s.day <= :end
 GROUP BY {cohort}, s.start, b.period - s.start
 ORDER BY cohort IS NULL, cohort, s.start, since"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which accounts, until which day, by which cohorts and periods."""

    day: date
    by: Unit | int  # the unit of the first purchase, or the number of a class
    unit: Unit
    among: Clause = EVERYTHING
    start: date | None = None  # of the first purchases
    end: date | None = None
    backfill: int | None = None  # the id of the calculated classes to use in place of the stored ones


class Found(NamedTuple):
    """The sums, and what they leave out."""

    cells: Sequence[Cell]
    selected: int  # accounts
    data_start: date | None  # the day of the first invoice of any account
    early: tuple[int, int]  # credit notes before the first purchase, and their turnover
    unknown: str  # invoices without an exchange rate, in words


def read(db: Reader, asked: Asked) -> Found:
    """Return the sums by cohort, first period and periods since."""
    among, values = _among(asked)
    values |= {"day": str(asked.day), "start": str(asked.start or "0000"), "end": str(asked.end or "9999")}
    rows = [tuple(row) for row in db.execute(_statement(asked, among), values)]
    early = [row for row in rows if row[1] is None or row[2] < 0]
    known = [row for row in rows if row[1] is not None]
    first = db.execute(f"SELECT min(i.invoice_date) FROM {_INVOICES}", {"day": str(asked.day)}).fetchone()[0]
    sql, bound = named(asked.among, "among")
    return Found(
        cells=[Cell(*row[:6]) for row in known],
        selected=db.execute(f"SELECT count(*) FROM account AS a WHERE {sql}", bound).fetchone()[0],
        data_start=date.fromisoformat(first) if first else None,
        early=(sum(row[6] for row in early), sum(row[5] for row in early)),
        unknown=_unknown(db, among, values) if any(row[7] for row in rows) else "",
    )


def _among(asked: Asked) -> tuple[str, dict[str, object]]:
    if asked.among == EVERYTHING:
        return "", {}
    sql, values = named(asked.among, "among")
    return f" AND i.account_id IN (SELECT a.id FROM account AS a WHERE {sql})", values


def _statement(asked: Asked, among: str) -> str:
    cohort, account = _cohort(asked)
    return _SUMS.format(
        number=_NUMBERS[asked.unit].format(d="i.invoice_date"),
        purchase=_PURCHASE,
        invoices=_INVOICES,
        among=among,
        cohort=cohort,
        again=number_where("b.period = s.period"),
        account=account,
    )


def _cohort(asked: Asked) -> tuple[str, str]:
    """Return the SQL of the cohort of an account, and the join that it needs."""
    if not isinstance(asked.by, int):
        return f"({PERIODS[asked.by].format(m='s.day')})", ""
    if asked.backfill is None:
        return f"c.class{asked.by:d}", " JOIN account AS c ON c.id = b.account_id"
    calculated = f"v.account_id = b.account_id AND v.class_backfill_id = {asked.backfill:d}"
    return "v.value_id", f" LEFT JOIN class_backfill_value AS v ON {calculated}"


def _unknown(db: Reader, among: str, values: Mapping[str, object]) -> str:
    """Describe the invoices whose amount is unknown, because no exchange rate is known."""
    sql = f"""SELECT i.currency, count(*), count(DISTINCT i.account_id), sum(i.net_amount) FROM {_INVOICES}{among}
               AND i.base_revenue_amount IS NULL GROUP BY i.currency ORDER BY i.currency"""
    bound = {name: value for name, value in values.items() if name not in {"start", "end"}}
    return exchange.told(Missing("invoices", *row) for row in db.execute(sql, bound))
