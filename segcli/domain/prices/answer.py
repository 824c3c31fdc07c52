"""Selects the price line: from the account's own list, then the standard lists, then the item's sales price.

Within a list the order of precedence is:

- special offers before basic prices;
- a line for the item, then for its group (nearest first), then for everything;
- the largest quantity break that is reached;
- the period that starts last, then the one that ends first;
- the lowest price, so that the order of rows never matters.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from segcli.domain.prices.circles import words as words_of_circle
from segcli.domain.prices.formula import Step, steps
from segcli.domain.prices.lists import Find, Line, PriceList, Question
from segcli.domain.prices.numbers import words

_RANKS = ("its list comes first", "a special offer wins", "a line that says more about the item wins",
          "a larger break wins", "a later period wins", "a shorter period wins", "a lower price wins")  # fmt: skip
_LAST = "9999-12-31"
_MOST_LISTS = 100  # in a chain of base lists


class Verdict(NamedTuple):
    """The outcome of a line: '' for the winner, else why it lost."""

    line: Line
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The price in the item's own unit (None without a price) and how it was derived."""

    price: Fraction | None
    currency: str
    line: Line | None = None  # None if the item's sales price applies, or no price
    steps: tuple[Step, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    circle: str = ""  # why there is no price, if the winning line leads back to its own list


class _Circle(str):
    """Why a line has no price: its list is based on itself through other lists."""

    __slots__ = ()


class _Candidate(NamedTuple):
    """A matching line with its rank and price."""

    rank: tuple[Any, ...]
    line: Line
    currency: str
    steps: tuple[Step, ...]
    circle: str = ""


def answer(asked: Question, lists: Sequence[PriceList], find: Find, seen: tuple[str, ...] = ()) -> Answer:
    """Answer a price question from these lists: the account's own and the standard ones.

    `find` returns the base list of a line. `seen` is the chain of lists being evaluated: if a list occurs in it again and
    that line wins, there is no price.
    """
    candidates, verdicts = [], []
    for price_list in lists:
        for line in price_list.lines:
            reason = _unfit(asked, line)
            steps_or_reason = reason or _priced(asked, price_list, line, find, (*seen, price_list.code))
            if isinstance(steps_or_reason, _Circle):
                rank = _rank(asked, price_list, line, Fraction(0))
                candidates.append(_Candidate(rank, line, price_list.currency, (), steps_or_reason))
            elif isinstance(steps_or_reason, str):
                verdicts.append(Verdict(line, steps_or_reason))
            else:
                rank = _rank(asked, price_list, line, steps_or_reason[-1].value / line.factor)
                candidates.append(_Candidate(rank, line, price_list.currency, steps_or_reason))
    candidates.sort(key=lambda candidate: candidate.rank)
    verdicts.sort(key=lambda verdict: (verdict.line.price_list, verdict.line.words()))
    return _won(candidates, verdicts) if candidates else _standard(asked, verdicts)


def _won(candidates: Sequence[_Candidate], verdicts: Iterable[Verdict]) -> Answer:
    best = candidates[0]
    lost = [Verdict(other.line, other.circle or _why(best, other)) for other in candidates[1:]]
    if best.circle:
        return Answer(None, best.currency, None, (), (Verdict(best.line, best.circle), *lost, *verdicts), best.circle)
    price = best.steps[-1].value / best.line.factor
    return Answer(price, best.currency, best.line, best.steps, (Verdict(best.line, ""), *lost, *verdicts))


def _why(best: _Candidate, other: _Candidate) -> str:
    """Return the first criterion by which `best` ranks before `other`."""
    pairs = zip(_RANKS, best.rank, other.rank, strict=False)
    return next((reason for reason, one, two in pairs if one != two), "it gives the same price")


def _standard(asked: Question, verdicts: Iterable[Verdict]) -> Answer:
    price, currency = asked.item.sales_price, asked.item.currency
    made = () if price is None else (Step("sales price", f"of item {asked.item.code}", price),)
    return Answer(price, currency, None, made, tuple(verdicts))


def _unfit(asked: Question, line: Line) -> str:
    """Return why a line does not match the question; '' if it does."""
    if line.item and line.item != asked.item.code:
        return "it is for another item"
    if line.item_group and line.item_group not in asked.item.groups:
        return "it is for another item group"
    if line.start and asked.day < line.start:
        return f"its period begins on {line.start}"
    if line.end and asked.day > line.end:
        return f"its period ended on {line.end}"
    if abs(asked.quantity) < line.minimum * line.factor:
        unit = line.unit or asked.item.unit
        return f"its break begins at {words(line.minimum)} {unit}".rstrip()
    return ""


def _rank(asked: Question, price_list: PriceList, line: Line, price: Fraction) -> tuple[Any, ...]:
    """Return the rank of a matching line, in the order of _RANKS: the smallest wins."""
    groups = asked.item.groups
    depth = 0 if line.item else groups.index(line.item_group) + 1 if line.item_group else len(groups) + 1
    begins = tuple(-int(part) for part in (line.start or "0-0-0").split("-"))
    rest = (line.end or _LAST, price, line.price_list, line.words())
    return (price_list.is_standard, not line.is_offer, depth, -line.minimum * line.factor, begins, *rest)


def _priced(
    asked: Question, price_list: PriceList, line: Line, find: Find, seen: tuple[str, ...]
) -> tuple[Step, ...] | str:
    """Return the calculation steps of the line's price, or why it has no price."""
    base = None if line.new_price is not None else _base(asked, price_list, line, find, seen)
    if isinstance(base, str):
        return base
    made = tuple(steps(line, base))
    return made if made[-1].value >= 0 else f"it comes to less than nothing ({words(made[-1].value)})"


def _base(asked: Question, price_list: PriceList, line: Line, find: Find, seen: tuple[str, ...]) -> Step | str:
    """Return the price that a discount starts from (list currency, per unit of the line), or the reason that it is missing."""
    if line.base_price is not None:
        return Step("base price", "of the line", line.base_price)
    if line.base == "list":
        return _other_list(asked, price_list, line, find, seen)
    name = f"{line.base} price"
    price = asked.item.cost_price if line.base == "cost" else asked.item.sales_price
    if price is None:
        return f"the item has no {name}"
    return _converted(
        Step(name, f"of item {asked.item.code}", price * line.factor), asked.item.currency, price_list, asked
    )


def _other_list(asked: Question, price_list: PriceList, line: Line, find: Find, seen: tuple[str, ...]) -> Step | str:
    other = find(line.base_list)
    if other is None:
        return f"there is no {line.base_list}"
    if other.code in seen:
        return _Circle(words_of_circle((*seen[seen.index(other.code) :], other.code)))
    if len(seen) > _MOST_LISTS:
        return _Circle(f"more than {_MOST_LISTS} price lists start from each other")
    found = answer(asked, [other], find, seen)
    if found.circle:
        return _Circle(found.circle)
    if found.price is None:
        return f"price list {line.base_list} gives no price"
    step = Step("base price", f"by price list {line.base_list}", found.price * line.factor)
    return _converted(step, found.currency, price_list, asked)


def _converted(step: Step, currency: str, price_list: PriceList, asked: Question) -> Step | str:
    """Convert the base to the list's currency at the list's own rate, the only rate allowed."""
    if currency == price_list.currency:
        return step
    if price_list.rate is None or currency != asked.home:
        return f"{step.name} in {currency}, and the list has no rate to {price_list.currency} from it"
    text = f"{step.text}, {words(step.value)} {currency} at {words(price_list.rate)}"
    return Step(step.name, text, step.value * price_list.rate)
