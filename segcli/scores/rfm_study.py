"""RFM over the accounts of a database: the scores and segment of each, and the limits in use."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from segcli.base.money import exponent
from segcli.domain.table import Column, Table
from segcli.query import lookup
from segcli.query.combining import DOT
from segcli.scores.facts import Facts, Rows

if TYPE_CHECKING:
    from segcli.domain.scoring.rfm import Limits
    from segcli.domain.scoring.rfm_scheme import Scheme

Held = Sequence[tuple[int, int, int, int]]  # account, days since the last invoice, invoices, turnover


def rows(facts: Facts) -> Rows:
    """Score purchases within the window; accounts without an invoice in it are left out."""
    from segcli.domain.scoring import rfm

    scheme, held = scheme_of(facts), _held(facts)
    facts.doubts.extend(scheme.doubts)
    if not held:
        return
    found = _limits(facts, scheme, held)
    told = (f"{name} {', '.join(limits)}" for name, limits in written(facts, found).items())
    facts.notes.append(f"limits ({scheme.method}): {'; '.join(told)}")
    named: dict[tuple[int, int, int], tuple[str, str]] = {}  # the few combinations, each with its text and segment
    for row, scored in zip(held, rfm.scores(held, found), strict=True):
        scores = (scored.recency, scored.frequency, scored.monetary)
        if scores not in named:
            named[scores] = "".join(map(str, scores)), scheme.segment(scored)
        yield *row, *scores, *named[scores]


def as_table(facts: Facts, caption: str) -> Table:
    """Return the limits in use, a row per score. SegcliError if nobody bought."""
    scheme, found = _in_use(facts)
    units = {"recency": "days", "frequency": "invoices", "monetary": lookup.currency(facts.db)}
    rows = [(name, units[name], ", ".join(limits)) for name, limits in found.items()]
    columns = (Column("score", "code"), Column("unit", "code"), Column("limits"))
    return Table("RFM", columns, rows, DOT.join((caption, f"method {scheme.method}")), with_totals=False)


def as_yaml(facts: Facts) -> str:
    """Return the limits in use as the section rfm of the configuration. SegcliError if nobody bought."""
    scheme, found = _in_use(facts)
    period = f", window {', '.join(facts.words)}" if facts.words else ""
    lines = [f"# by the method {scheme.method}, as of {facts.day}{period}", "rfm:", "  method: fixed"]
    return "\n".join((*lines, *(f"  {name}: [{', '.join(limits)}]" for name, limits in found.items()))) + "\n"


def _in_use(facts: Facts) -> "tuple[Scheme, dict[str, list[str]]]":
    scheme = scheme_of(facts)
    return scheme, written(facts, _limits(facts, scheme, _held(facts)))


def scheme_of(facts: Facts) -> "Scheme":
    """Return the configured scheme, with the method and the limits of the command line."""
    from segcli.domain.scoring.rfm_scheme import FIXED, SCORED
    from segcli.settings import rfm_scheme

    found = rfm_scheme.current()
    given = {name: facts.options[name] for name in SCORED if facts.options.get(name)}
    method = facts.options.get("method") or (FIXED if given else found.method)
    return replace(found, method=method, **given)


def used(facts: Facts) -> "tuple[Scheme, Limits]":
    """Return the scheme and its limits; only a method that derives them from the accounts reads these."""
    from segcli.domain.scoring.rfm_scheme import FIXED

    scheme = scheme_of(facts)
    held = () if scheme.method == FIXED else _held(facts)
    return scheme, _limits(facts, scheme if held else replace(scheme, method=FIXED), held)


def asked(facts: Facts) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the metrics that are scored: the last invoice, and the invoices and turnover of the window."""
    return ("last_invoice", ()), ("invoices", facts.words), ("turnover", facts.words)


def _held(facts: Facts) -> Held:
    return [
        (account, (facts.day - date.fromisoformat(last)).days, invoices, turnover)
        for account, last, invoices, turnover in facts.metrics(*asked(facts))
        if invoices
    ]


def _limits(facts: Facts, scheme: "Scheme", held: Held) -> "Limits":
    return scheme.limits(held, _one(facts))


def _one(facts: Facts) -> int:
    return int(10 ** exponent(lookup.currency(facts.db)))


def written(facts: Facts, limits: "Limits") -> dict[str, list[str]]:
    """Return limits as text by score: exact decimals, amounts in units of the currency."""
    from segcli.domain.scoring.rfm_scheme import in_units

    return {name: [_text(limit) for limit in found] for name, found in in_units(limits, _one(facts)).items()}


def _text(limit: Fraction) -> str:
    """Return a limit as an exact decimal: all limits are whole multiples of 1/5 of a minor unit."""
    text = f"{Decimal(limit.numerator) / limit.denominator:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
