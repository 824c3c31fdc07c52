"""Studies that score accounts by their invoices: the data each reads and the rows it returns.

The arithmetic is in segcli/domain/scoring.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from segcli.base.money import half_up
from segcli.base.text import is_whole
from segcli.base.windows import MONTHS
from segcli.domain.scoring.rfm_scheme import METHODS
from segcli.domain.table import Column
from segcli.domain.units import FINE
from segcli.scores import rfm_study
from segcli.scores.facts import Facts, Rows

if TYPE_CHECKING:
    from segcli.domain.scoring import bgnbd, gamma_gamma
    from segcli.domain.scoring.histories import History

Repeats = tuple[int, int, int, int, float]  # id, repeat days, days from first to last, first to now, mean amount
DIGITS = 4  # decimal places of shares, ratios and expectations


class Study(NamedTuple):
    """A study: its columns after account_id, the function that returns its rows, and its default window."""

    columns: tuple[Column, ...]
    rows: Callable[[Facts], Rows]
    window: tuple[str, ...] = ()  # the default
    takes_window: bool = True
    methods: tuple[str, ...] = ()  # names that may follow the window


def _abc(facts: Facts) -> Rows:
    """Yield amount, share, cumulative share and class; the cumulative share includes all equal amounts."""
    from segcli.domain.scoring import abc

    held = list(facts.metrics((facts.options.get("by") or "turnover", facts.words)))
    limits = abc.Limits(*facts.options["limits"]) if facts.options.get("limits") else abc.USUAL
    whole = sum(max(value, 0) for _, value in held)
    reached = _reached(value for _, value in held)
    for (account, value), (_, letter) in zip(held, abc.classes(held, limits), strict=True):
        parts = (max(value, 0), reached[value])
        yield account, value, *(round(100 * part / whole, DIGITS) if whole else None for part in parts), letter


def _reached(values: Iterable[int]) -> dict[int, int]:
    """Return the cumulative sum, largest first, per amount; negative amounts count as 0."""
    found, total = {}, 0
    for value, same in groupby(sorted(values, reverse=True)):
        total += max(value, 0) * sum(1 for _ in same)
        found[value] = total
    return found


def _bands(facts: Facts) -> Rows:
    from segcli.domain.scoring.bands import bands

    held = list(facts.metrics((facts.options.get("by") or "turnover", facts.words)))
    for (account, value), (_, number) in zip(held, bands(held, facts.options["limits"]), strict=True):
        yield account, value, number, facts.options["names"][number]


def _growth(facts: Facts) -> Rows:
    from segcli.domain.scoring import growth

    months = _months(facts.words)
    starts = facts.db.execute(
        "SELECT min(invoice_date) FROM invoice WHERE kind = 'sales' AND status = 'processed' AND invoice_date <= ?",
        (str(facts.day),),
    ).fetchone()[0]
    windows = growth.Windows.until(
        facts.day, months, date.fromisoformat(starts) if starts and not facts.options.get("any") else None
    )
    rule = growth.Rule(**facts.options.get("rule", {}))
    asked = (("turnover", (f"{months}m",)), ("turnover", (f"{2 * months}m", f"{months}m")), ("first_invoice", ()))
    held = [
        (account, now, before, date.fromisoformat(first) if first else None)
        for account, now, before, first in facts.metrics(*asked)
    ]
    for (account, now, before, _), grown in zip(held, growth.growth(held, windows, rule), strict=True):
        rate = None if grown.growth is None else round(float(100 * grown.growth), DIGITS)
        yield account, now, before, rate, grown.name


def _months(words: tuple[str, ...]) -> int:
    """Return the number of months of a window. Raise ValueError unless it is whole months."""
    unit = MONTHS.get(words[0][-1:].lower(), 0) if len(words) == 1 else 0
    if not unit or not is_whole(words[0][:-1]) or not int(words[0][:-1]):
        raise ValueError("growth compares months: write 12m, 1q or 1y")
    return int(words[0][:-1]) * unit


def _histories(facts: Facts) -> "list[History[int]]":
    from segcli.domain.scoring.histories import History

    return [History(account, tuple(day for day, _ in days)) for account, days in facts.days()]


def _lifecycle(facts: Facts) -> Rows:
    from segcli.domain.scoring.lifecycle import Rule, lifecycle

    held = _histories(facts)
    stages = lifecycle(held, facts.day, Rule(**facts.options.get("rule", {})))
    for history, (account, name) in zip(held, stages, strict=True):
        first, last = history.days[0], history.days[-1]
        yield account, str(first), str(last), (facts.day - last).days, name


def _churn(facts: Facts) -> Rows:
    from segcli.domain.scoring.churn import Rule, churn, usual_gap

    held = _histories(facts)
    risks = churn(held, facts.day, usual_gap(held), Rule(**facts.options.get("rule", {})))
    for history, found in zip(held, risks, strict=True):
        gap, ratio = (None if part is None else round(float(part), DIGITS) for part in (found.gap, found.ratio))
        order = None if found.next_order is None else str(found.next_order)
        yield (
            history.id,
            str(history.days[-1]),
            found.silent,
            gap,
            ratio,
            found.by_days,
            found.by_rhythm,
            order,
            found.why,
        )


def _lifetime(facts: Facts) -> Rows:
    """Fit both models to the purchase days, and yield the expected purchases and value of each account."""
    from segcli.domain.scoring import next_order
    from segcli.domain.scoring.lifetime import Terms, lifetimes

    held = repeats(facts)
    buying, spending = fits(held)
    facts.notes.append(
        f"BG/NBD r {buying.r:.4g}, alpha {buying.alpha / 7:.4g} weeks, a {buying.a:.4g}, b {buying.b:.4g}"
    )
    related = "" if spending.correlation is None else f", correlation of purchases and value {spending.correlation:.2f}"
    facts.notes.append(f"Gamma-Gamma p {spending.p:.4g}, q {spending.q:.4g}{related}")
    facts.doubts.extend(
        [
            *(f"BG/NBD: {text}" for text in buying.doubts),
            *(f"Gamma-Gamma: {text}" for text in spending.doubts),
        ]
    )
    terms = Terms(facts.options["months"], facts.options["rate"])
    next_day = next_order.by_model(buying)
    for found, (_, x, last, until, _mean) in zip(lifetimes(buying, spending, held, terms), held, strict=True):
        amounts = (
            None if value is None else half_up(*value.as_integer_ratio()) for value in (found.average, found.value)
        )
        days = next_day(x, last, until)
        order = None if days is None else str(facts.day + timedelta(days))
        yield (
            found.id,
            x,
            until - last,
            round(100 * found.alive, DIGITS),
            round(found.purchases, DIGITS),
            order,
            *amounts,
        )


# Purchases of a day in minor units of the base currency; NULL if an invoice of that day has no exchange rate.
_DAY_AMOUNT = f"CASE WHEN count(*) = count(i.base_revenue_amount) THEN share(sum(i.base_revenue_amount), 1, {FINE}) END"


def repeats(facts: Facts) -> list[Repeats]:
    """Return the model input of each account; accounts with an unknown amount go to `unknown`."""
    rows = []
    for account, days in facts.days(_DAY_AMOUNT):
        first, last = days[0][0], days[-1][0]
        amounts = [amount for _, amount in days[1:]]
        if None in amounts:
            facts.unknown.append(account)
            continue
        mean = sum(amounts) / len(amounts) if amounts else 0.0
        rows.append((account, len(amounts), (last - first).days, (facts.day - first).days, mean))
    return rows


def fits(held: list[Repeats]) -> "tuple[bgnbd.Fit, gamma_gamma.Fit]":
    """Return the fitted BG/NBD model (in days) and Gamma-Gamma model (in minor units)."""
    from segcli.domain.scoring import bgnbd, gamma_gamma

    buying = bgnbd.fit(bgnbd.counted(row[:4] for row in held))
    return buying, gamma_gamma.fit(*gamma_gamma.counted((row[0], row[1], row[4]) for row in held))


LETTER = Column("abc", heading="ABC")
STUDIES: Mapping[str, Study] = {
    "abc": Study(
        (Column("amount", "money", total="sum"), Column("share", "percent"), Column("cumulative", "percent"), LETTER),
        _abc, ("12m",),
    ),
    "rfm": Study(
        (Column("days", "integer"), Column("invoices", "integer", total="sum"), Column("turnover", "money", total="sum"),
         Column("recency", "integer"), Column("frequency", "integer"), Column("monetary", "integer"),
         Column("rfm", "code", heading="RFM"), Column("segment")),
        rfm_study.rows, methods=METHODS,
    ),
    "bands": Study(
        (Column("amount", "money", total="sum"), Column("band", "integer"), Column("range")), _bands, ("12m",)
    ),
    "growth": Study(
        (Column("turnover", "money", total="sum"), Column("turnover_before", "money", total="sum"),
         Column("growth", "percent"), Column("growth_class")),
        _growth, ("12m",),
    ),
    "lifecycle": Study(
        (Column("first_invoice", "date"), Column("last_invoice", "date"), Column("days_silent", "integer"), Column("lifecycle")),
        _lifecycle, takes_window=False,
    ),
    "churn": Study(
        (Column("last_invoice", "date"), Column("days_silent", "integer"), Column("usual_gap", "decimal"),
         Column("gap_ratio", "decimal"), Column("churn"), Column("churn_by_rhythm"),
         Column("next_order", "date", "Next order (own rhythm)"), Column("why")),
        _churn, takes_window=False,
    ),
    "lifetime": Study(
        (Column("repeat_purchases", "integer", total="sum"), Column("days_silent", "integer"), Column("alive", "percent"),
         Column("expected_purchases", "decimal", total="sum"), Column("next_order_model", "date", "Next order (BG/NBD)"),
         Column("average_value", "money"),
         Column("lifetime_value", "money", total="sum")),
        _lifetime, takes_window=False,
    ),
}  # fmt: skip
