"""The score columns available in --where and rules, with type and description. Pure data."""

from collections.abc import Mapping
from itertools import product
from typing import NamedTuple


class Score(NamedTuple):
    """A score column: its study, type and description, and the default for accounts without a row.

    `models` are the fitted models that it depends on; a doubt about another one does not concern it. `values` are all values
    of a text, () if the configuration decides them.
    """

    study: str
    column: str
    kind: str  # text, number, money or date
    text: str
    default: str = ""
    models: tuple[str, ...] = ("",)
    values: tuple[str, ...] = ()


# Written out here, so that --where does not import the studies.
_RISKS = ("active", "at risk", "lost")
_GROWTH = ("new", "returned", "lost", "small", "too recent", "decline", "growth", "stable", "no value")
_LIFECYCLE = ("new", "active", "sleeping", "returned", "lost")

SCORES: Mapping[str, Score] = {
    "abc": Score(
        "abc",
        "abc",
        "text",
        "A, B, C or 'no value', by turnover among all accounts; (12m) unless said",
        "no value",
        values=("A", "B", "C", "no value"),
    ),
    "recency_score": Score(
        "rfm",
        "recency",
        "number",
        "1 to 5: bought within 30, 90, 180, 365 days, or longer ago; also (rank), (12m, r)",
    ),
    "frequency_score": Score(
        "rfm", "frequency", "number", "1 to 5: at least 10, 5, 3, 2 invoices, or fewer; also (rank), (12m, r)"
    ),
    "monetary_score": Score(
        "rfm", "monetary", "number", "1 to 5: a turnover of at least 50k, 10k, 2k, 500, or less; also (rank), (12m, r)"
    ),
    "rfm": Score(
        "rfm",
        "rfm",
        "text",
        "the three scores: '545'; (12m, rank): limits by rank, (12m, r): those of R",
        values=tuple(map("".join, product("12345", repeat=3))),
    ),
    "rfm_segment": Score(
        "rfm", "segment", "text", "champions, loyal, new, at risk, …: the first that fits; also (rank), (12m, r)"
    ),
    "growth": Score("growth", "growth", "number", "per cent more than in the window before; (12m) unless said"),
    "growth_class": Score(
        "growth",
        "growth_class",
        "text",
        "new, returned, lost, decline, stable, growth, …",
        "no value",
        values=_GROWTH,
    ),
    "lifecycle": Score("lifecycle", "lifecycle", "text", "new, active, sleeping, returned or lost", values=_LIFECYCLE),
    "churn": Score("churn", "churn", "text", "active, at risk or lost, by days of silence: 180, 365", values=_RISKS),
    "churn_by_rhythm": Score(
        "churn", "churn_by_rhythm", "text", "the same by the account's own rhythm: 2, 3 of its gaps", values=_RISKS
    ),
    "days_silent": Score("churn", "days_silent", "number", "days since it bought last"),
    "alive": Score(
        "lifetime", "alive", "number", "per cent: how probable it is that it still buys (BG/NBD)", models=("BG/NBD",)
    ),
    "expected_purchases": Score(
        "lifetime", "expected_purchases", "number", "purchases to expect in the next 12 months", models=("BG/NBD",)
    ),
    "lifetime_value": Score(
        "lifetime", "lifetime_value", "money", "what these are worth, at 1 % a month (Gamma-Gamma)"
    ),
    "next_order": Score(
        "churn",
        "next_order",
        "date",
        "expected by its own rhythm: the last purchase and its mean gap; needs three purchase days",
    ),
    "next_order_model": Score(
        "lifetime",
        "next_order_model",
        "date",
        "expected by BG/NBD: the day on which one more purchase is expected; empty after 5 years",
        models=("BG/NBD",),
    ),
    "usual_gap": Score("churn", "usual_gap", "number", "days between its purchases, or what is usual for others"),
}
# The metrics that each study is calculated from.
INPUTS: Mapping[str, tuple[str, ...]] = {
    "abc": ("turnover",),
    "rfm": ("last_invoice", "invoices", "turnover"),
    "growth": ("turnover",),
    "lifecycle": ("first_invoice", "last_invoice"),
    "churn": ("last_invoice", "invoices"),
    "lifetime": ("first_invoice", "last_invoice", "invoices", "turnover"),
}
