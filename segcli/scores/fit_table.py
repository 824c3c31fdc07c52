"""The fit of the models behind lifetime as a table: parameters, their errors, and doubts."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from segcli.base.text import counted
from segcli.domain.table import Column, Table
from segcli.scores.facts import Facts
from segcli.scores.studies import Repeats, fits, repeats

_WEEK = 7


def table(facts: Facts, unit: int) -> Table:
    """Return the parameters of both models; `unit` is the number of minor units in a unit of the currency."""
    held = repeats(facts)
    buying, spending = fits(held)
    rows = [*_fitted("BG/NBD", buying, {"r": 1, "alpha": _WEEK, "a": 1, "b": 1}),
            ("BG/NBD", "log-likelihood", buying.log_likelihood + _in_weeks(held), None, ""),
            *_fitted("Gamma-Gamma", spending, {"p": 1, "q": 1, "v": unit}),
            *(("BG/NBD", "doubt", None, None, text) for text in buying.doubts),
            *(("Gamma-Gamma", "doubt", None, None, text) for text in spending.doubts)]  # fmt: skip
    columns = (Column("model"), Column("parameter"), Column("value", "decimal"), Column("error", "decimal", "Standard error"),
               Column("note"))  # fmt: skip
    accounts = f"{counted(buying.accounts, 'account')}, {buying.returned} bought again"
    return Table("Fit", columns, rows, f"as of {facts.day} · {accounts} · alpha in weeks", with_totals=False)


def _fitted(model: str, found: Any, units: Mapping[str, int]) -> list[tuple[Any, ...]]:  # noqa: ANN401 - a fit of either
    errors = found.errors or (None,) * len(units)
    return [
        (model, name, getattr(found, name) / unit, None if error is None else error * getattr(found, name) / unit, "")
        for (name, unit), error in zip(units.items(), errors, strict=True)
    ]


def _in_weeks(held: Iterable[Repeats]) -> float:
    """Return the difference between the log-likelihood of purchases per week and per day."""
    return sum(row[1] for row in held) * math.log(_WEEK)
