"""Derived columns of an analysis: a dimension as columns, ABC classes, and the largest rows with a remainder."""

import re
from collections.abc import Sequence

from segcli.base.errors import UsageError
from segcli.base.text import fold
from segcli.domain.table import Column
from segcli.domain.units import FINE
from segcli.query.compose import Request

MEASURES = ("quantity", "revenue", "cost", "margin", "invoices", "accounts", "uncosted", "unconverted")


def across(rows: Sequence[str], name: str, sql: str, found: Sequence[str]) -> tuple[str, tuple[Column, ...]]:
    """Return the rows with one revenue column per value of a dimension (bound as x0, x1, …) and one without a value."""
    keys = ", ".join((*rows, "currency"))
    names = [f"revenue_{re.sub('[^a-z0-9]+', '_', fold(value)).strip('_') or at}" for at, value in enumerate(found)]
    names = [f"{column}_{at}" if names.index(column) < at else column for at, column in enumerate(names)]
    parts = [f"sum(CASE WHEN {name} = :x{at} THEN revenue ELSE 0 END) AS {column}" for at, column in enumerate(names)]
    parts.append(f"sum(CASE WHEN {name} IS NULL THEN revenue ELSE 0 END) AS revenue_without")
    columns = [Column(c, "money", value, total="sum", parts=FINE) for c, value in zip(names, found, strict=True)]
    columns.append(Column("revenue_without", "money", "(none)", total="sum", parts=FINE))
    summed = ", ".join(f"sum({m}) AS {m}" for m in MEASURES)
    return (
        f"SELECT min(account_id) AS account_id, {keys}, {summed}, {', '.join(parts)} FROM ({sql}) GROUP BY {keys}",
        tuple(columns),
    )


def ranked(request: Request, rows: Sequence[str], sql: str, has_before: bool) -> tuple[str, tuple[Column, ...]]:  # noqa: FBT001 - whether there is
    """Return the rows with their share, their ABC class if asked, and with `top` the remainder as one row."""
    order = f"PARTITION BY currency ORDER BY revenue DESC, {', '.join(rows)}"
    more: tuple[Column, ...] = ()
    letters = ""
    if request.values.get("abc"):
        from segcli.domain.scoring import abc

        more = (Column("cumulative", "percent"), Column("abc", heading="ABC"))
        letters = f""", 1e2 * sum(revenue) OVER ({order} ROWS UNBOUNDED PRECEDING) / nullif(sum(revenue) OVER
       (PARTITION BY currency), 0) AS cumulative,
       {abc.sql("revenue", "currency")} AS abc"""
    # A window over all rows costs as much as sorting them, so the share is computed only if shown.
    share = "1e2 * revenue / nullif(sum(revenue) OVER (PARTITION BY currency), 0)" if request.names("share") else "NULL"
    top = request.values.get("top")
    if top is not None and (more or request.values.get("across")):
        raise UsageError("--top goes neither with --abc nor with --across", "use --limit to see the first rows only")
    if top is not None:
        sql = _top(rows, sql, int(top), has_before=has_before)
    return (
        f"""SELECT *, 1e2 * margin / nullif(cost + margin, 0) AS margin_percent,
       {share} AS share{letters}
  FROM ({sql if top is not None else f"SELECT *, 0 AS is_rest FROM ({sql})"})""",
        more,
    )


def _top(rows: Sequence[str], sql: str, count: int, *, has_before: bool) -> str:
    """Return the largest rows per currency, and one row for the remainder."""
    order = f"PARTITION BY currency ORDER BY revenue DESC, {', '.join(rows)}"
    named_rows = ", ".join(
        f"min(CASE WHEN place <= {count} THEN {name} {'ELSE ' + REST if at == 0 else ''} END) AS {name}"
        for at, name in enumerate(rows)
    )
    before = """, sum(revenue_before) AS revenue_before, sum(change) AS change,
       1e2 * sum(change) / nullif(abs(sum(revenue_before)), 0) AS change_percent"""
    return f"""SELECT min(CASE WHEN place <= {count} THEN account_id END) AS account_id, {named_rows}, currency,
       {", ".join(f"sum({m}) AS {m}" for m in MEASURES)},
       max(CASE WHEN place > {count} THEN 1 ELSE 0 END) AS is_rest{before if has_before else ""}
  FROM (SELECT *, row_number() OVER ({order}) AS place FROM ({sql}))
 GROUP BY currency, CASE WHEN place <= {count} THEN place ELSE {count} + 1 END"""


REST = "'(the rest)'"
