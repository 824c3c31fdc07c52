"""Periods without invoices: the rows and the columns of 0 for the weeks, months, quarters or years in between."""

from collections.abc import Iterable, Sequence
from datetime import date

from segcli.base import dates
from segcli.output.charts.steps import following
from segcli.overviews.parts.analysis_sql import PERIODS
from segcli.overviews.parts.ranking import MEASURES

# The first day of a period, from its label {x}.
_FIRST = {
    "week": "date(date(substr({x}, 1, 4) || '-01-04', '-6 days', 'weekday 1'),"
    " '+' || (CAST(substr({x}, 6) AS INTEGER) * 7 - 7) || ' days')",
    "month": "{x} || '-01'",
    "quarter": "substr({x}, 1, 4) || '-' || printf('%02d', CAST(substr({x}, 6) AS INTEGER) * 3 - 2) || '-01'",
    "year": "{x} || '-01-01'",
}


def filled(unit: str, sql: str, more: Iterable[str]) -> str:
    """Return the rows by one period, with a row of 0 for each period without invoices, per currency of the rows.

    It binds :stated_start and :stated_end: the days of the stated period; NULL: from the first or to the last row.
    `more` are further columns of amounts.
    """
    label = PERIODS[unit].format(m="substr(day, 1, 7)", d="day")
    amounts = ", ".join(
        f"CASE WHEN n.currency IS NULL THEN 0 ELSE n.{name} END AS {name}" for name in (*MEASURES, *more)
    )
    first, last = (_FIRST[unit].format(x=f"{edge}({unit})") for edge in ("min", "max"))
    return f"""WITH RECURSIVE n AS MATERIALIZED ({sql}),
  days (day, last) AS (
    SELECT coalesce(:stated_start, {first}), coalesce(:stated_end, {last}) FROM n HAVING count(*) > 0
    UNION ALL SELECT date(day, '+1 day'), last FROM days WHERE day < last)
SELECT n.account_id, p.label AS {unit}, c.currency, {amounts}
  FROM (SELECT DISTINCT {label} AS label FROM days) AS p CROSS JOIN (SELECT DISTINCT currency FROM n) AS c
  LEFT JOIN n ON n.{unit} = p.label AND n.currency = c.currency"""


def labels(unit: str, found: Sequence[str], start: date | None, end: date | None, most: int) -> list[str]:
    """Return the labels of all periods from the first to the last one found, or of the stated days; at most one over `most`."""
    first = _label(unit, start) if start else found[0] if found else ""
    last = _label(unit, end) if end else found[-1] if found else ""
    every: list[str] = []
    while first and first <= last and len(every) <= most:
        every.append(first)
        first = following(first)
    return every


def _label(unit: str, day: date) -> str:
    if unit == "week":
        return dates.week_name(day)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    number = (day.month - 1) // months + 1
    return {"month": f"{day:%Y-%m}", "quarter": f"{day:%Y}Q{number}", "year": f"{day:%Y}"}[unit]
