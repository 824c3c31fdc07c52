"""Net, VAT and total of the invoices whose amounts follow from their lines."""

import sqlite3
from fractions import Fraction

from segcli.money import half_up
from segcli.summaries import FINE, whole


def add_up(db: sqlite3.Connection, invoices: str) -> None:
    """Make net, VAT and total of the invoices whose ids a query yields, where these follow from their lines.

    Net is the sum of the lines, VAT per rate what its lines add up to, each rounded half up once.
    """
    db.create_function("tax", 2, tax, deterministic=True)
    db.create_function("whole", 1, whole, deterministic=True)
    db.execute(
        f"""UPDATE invoice SET net_amount = x.net, vat_amount = x.vat, total_amount = x.net + x.vat FROM (
              SELECT invoice_id, whole(sum(net)) AS net, sum(vat) AS vat FROM (
                SELECT invoice_id, sum(net_amount) AS net, coalesce(sum(vat_amount), tax(sum(net_amount), vat_percent)) AS vat
                  FROM invoice_line WHERE invoice_id IN ({invoices}) GROUP BY invoice_id, vat_percent) GROUP BY invoice_id) AS x
             WHERE x.invoice_id = invoice.id AND invoice.is_summed = 1"""
    )


def tax(net: int, percent: str | None) -> int:
    """Return the VAT on an amount in fine parts, in the smallest unit, rounded half up."""
    share = Fraction(net) * Fraction(percent or 0) / (100 * FINE)
    return half_up(share.numerator, share.denominator)
