"""Plans the processing of an open invoice: its amounts per VAT rate, or why it cannot be processed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from segcli.base.money import half_up, to_text
from segcli.domain.reasons import Reason, Why
from segcli.domain.units import whole


class Line(NamedTuple):
    """A line of an open invoice; `net` is in FINE parts of a minor unit."""

    id: int
    number: int
    net: int
    vat_code: str | None
    vat_percent: str | None
    vat: int | None = None  # in minor units, if stated with the line


class VatCode(NamedTuple):
    """A VAT code: its rate and its category (UNCL5305)."""

    percent: str
    category: str


@dataclass(frozen=True, slots=True)
class Rate:
    """The VAT of one rate; base and VAT are in minor units."""

    percent: str
    category: str
    base: int
    vat: int


class Head(NamedTuple):
    """The head of an open invoice, with its stated amounts in minor units."""

    id: int
    currency: str
    net: int
    vat: int
    total: int
    is_summed: int
    is_blocked: int  # the account is blocked


@dataclass(frozen=True, slots=True)
class Planned:
    """An invoice as it would be processed, or the reason why it cannot."""

    head: Head
    rates: tuple[Rate, ...] = ()
    lines: Mapping[int, tuple[int, Rate]] | None = None  # by line id: rounded net and rate
    why: Why | None = None

    @property
    def net(self) -> int:
        """Return the net amount."""
        return sum(rate.base for rate in self.rates)

    @property
    def vat(self) -> int:
        """Return the VAT amount."""
        return sum(rate.vat for rate in self.rates)


def plan(head: Head, lines: Sequence[Line], codes: Mapping[str, VatCode], usual: str = "") -> Planned:
    """Plan an invoice: each line is rounded half up, and the VAT of each rate is rounded half up once.

    If every line of a rate states its own VAT, the VAT of the rate is their sum, so totals from a file are preserved.
    `usual` is the rate, in per cent, of lines without a rate and without a VAT code; '' refuses such lines.
    """
    empty = Planned(head)
    if head.is_blocked:
        return replace(empty, why=Reason.ACCOUNT_BLOCKED.why())
    if not lines:
        return replace(empty, why=Reason.NO_LINES.why())
    found: dict[int, tuple[int, Rate]] = {}
    given: dict[Rate, list[int | None]] = {}
    for line in lines:
        known = codes.get((line.vat_code or "").strip())
        percent = line.vat_percent if line.vat_percent is not None else known.percent if known else None
        percent = usual or None if percent is None and not line.vat_code else percent
        if percent is None:
            return replace(empty, why=Reason.NO_VAT_RATE.why(line=line.number))
        category = known.category if known else "S" if Fraction(percent) else "Z"
        rate = Rate(f"{float(Fraction(percent)):g}", category, 0, 0)
        found[line.id] = (whole(line.net), rate)
        given.setdefault(rate, []).append(line.vat)
    planned = replace(empty, rates=tuple(_rates(found.values(), given)), lines=found)
    return replace(planned, why=_difference(head, planned))


def _rates(lines: Iterable[tuple[int, Rate]], given: Mapping[Rate, list[int | None]]) -> list[Rate]:
    """Return the rates with their base and VAT, highest first."""
    sums: dict[Rate, int] = {}
    for net, rate in lines:
        sums[rate] = sums.get(rate, 0) + net
    full = [replace(rate, base=base, vat=vat_of(base, rate.percent, given[rate])) for rate, base in sums.items()]
    return sorted(full, key=lambda rate: (-Fraction(rate.percent), rate.category))


def vat_of(base: int, percent: str, given: Sequence[int | None]) -> int:
    """Return the VAT of a rate: the sum of the stated VAT if all lines state it, else calculated from the base."""
    if None not in given:
        return sum(vat or 0 for vat in given)
    share = base * Fraction(percent) / 100
    return half_up(share.numerator, share.denominator)


def _difference(head: Head, planned: Planned) -> Why | None:
    """Return the difference between head and lines; None if they agree or the head states no amounts."""
    total = planned.net + planned.vat
    if head.is_summed or (head.net, head.total) == (planned.net, total):
        return None
    return Reason.SUMS_DIFFER.why(head=to_text(head.total, head.currency), lines=to_text(total, head.currency))
