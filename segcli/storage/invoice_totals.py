"""Calculates net, VAT and total of invoices from their lines."""

import sqlite3
from fractions import Fraction
from functools import lru_cache

from segcli.base.money import half_up
from segcli.domain.units import whole_sql

_KEPT = 4096  # taxes: many invoices have the same amount


def add_up(db: sqlite3.Connection, invoices: str) -> None:
    """Set net, VAT and total of the summed invoices among the ids that the query `invoices` yields.

    Net is the sum of the lines, each rounded half up (EN 16931 BR-CO-10), as in print-invoices. VAT per rate is the sum of
    the VAT on its lines, or if the lines state none, calculated on their net sum and rounded half up once (BR-CO-17).
    """
    db.create_function("tax", 2, tax, deterministic=True)
    rounded = whole_sql("net_amount")
    db.execute(
        f"""UPDATE invoice SET net_amount = x.net, vat_amount = x.vat, total_amount = x.net + x.vat FROM (
              SELECT invoice_id, sum(net) AS net, sum(vat) AS vat FROM (
                SELECT invoice_id, sum({rounded}) AS net,
                       coalesce(sum(vat_amount), tax(sum({rounded}), vat_percent)) AS vat
                  FROM invoice_line WHERE invoice_id IN (SELECT id FROM invoice WHERE is_summed = 1 AND id IN ({invoices}))
                 GROUP BY invoice_id, vat_percent) GROUP BY invoice_id) AS x
             WHERE x.invoice_id = invoice.id"""
    )


@lru_cache(_KEPT)
def tax(net: int, percent: str | None) -> int:
    """Return the VAT on an amount, both in minor units, rounded half up."""
    share = Fraction(net) * Fraction(percent or 0) / 100
    return half_up(share.numerator, share.denominator)
