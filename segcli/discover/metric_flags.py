"""The flag --metrics of a profile and of drift, and the metrics without it. Pure."""

from collections.abc import Iterable

from segcli.interface.options import expressions

USUAL = ("turnover({})", "invoices({})", "margin({})", "last_invoice", "days_to_pay({})", "outstanding", "overdue")
WINDOW = "12m"
_NONE = "none"


def usual(words: str = WINDOW, metrics: Iterable[str] = USUAL) -> tuple[str, ...]:
    """Return metrics over a window such as 12m; no label hides them."""
    return tuple(f"account.{text.format(words)}" for text in metrics)


def read(words: Iterable[str], usual: Iterable[str]) -> tuple[str, ...]:
    """Return the metrics of --metrics: the usual ones without it, no metric for `none`."""
    found = tuple(dict.fromkeys(expressions(words, "--metrics")))
    return tuple(usual) if not found else () if found == (_NONE,) else found
