"""A decision list: rules of which the first that matches gives the class. Pure.

Source: sequential covering in several orders: from the rarest class to the most frequent one, as in RIPPER (W. W. Cohen, Fast effective
rule induction, ICML 1995), and by the most precise rule of any class, as in CN2 (P. Clark and T. Niblett, The CN2 induction algorithm,
Machine Learning 3 (1989)); both with each of the most frequent classes as the default, which has no rules. The criterion of a rule is
the m-estimate with m = 22.466, the best of those that F. Janssen and J. Fürnkranz compare (On the quest for optimal rule learning
heuristics, Machine Learning 78 (2010)). Each test of a rule is significant (`search`). Limits are then adjusted to the rules before and
after.

Of the orders, the shortest list is kept that is less than one standard error worse than the best; so is the number of rules, which is
chosen by cross-validation (L. Breiman et al., Classification and Regression Trees, 1984, section 3.4.3). The standard error is that of
the difference between two lists on the same accounts: the square root of the number of accounts for which only one of them is right.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import sqrt
from typing import NamedTuple

from segcli.domain.induction.refining import refined
from segcli.domain.induction.search import DEPTH, Conjunction, Goal, Search

M = 22.466
RULES = 8
DEFAULTS = 4  # classes that are tried as the default, the most frequent ones


Order = Callable[[Search, Sequence[int], int, int], Iterator["Rule"]]  # how classes take turns


class Rule(NamedTuple):
    """A condition, and the class that it gives: its index."""

    condition: Conjunction
    value: int


class DecisionList(NamedTuple):
    """Rules in order, and the class of the accounts that none matches."""

    rules: tuple[Rule, ...]
    default: int

    @property
    def length(self) -> int:
        """Return the number of tests and values to read."""
        return sum(test.length for rule in self.rules for test in rule.condition.tests) + len(self.rules)

    def parts(self, within: int) -> list[int]:
        """Return the accounts that each rule decides, then those that none does."""
        found = []
        for rule in self.rules:
            bits = Search.passing(rule.condition.tests, within)
            found.append(bits)
            within &= ~bits
        return [*found, within]

    def right(self, classes: Sequence[int], within: int) -> int:
        """Return the accounts that get their class."""
        given = [*(rule.value for rule in self.rules), self.default]
        found = 0
        for value, bits in zip(given, self.parts(within), strict=True):
            found |= bits & classes[value]
        return found


class Learned(NamedTuple):
    """A decision list, and the accuracy of lists of its length in the cross-validation; None if there is too little to divide."""

    decided: DecisionList
    cross_validated: float | None


def learn(  # noqa: PLR0913 - what is learnt from, and the limits of the list
    search: Search, classes: Sequence[int], folds: Sequence[int], within: int, most: int = RULES, depth: int = DEPTH
) -> Learned:
    """Return the decision list for the classes of the accounts `within`; `folds` divide them."""
    defaults = _ascending(classes, within)[::-1][:DEFAULTS]
    orders: list[Order] = [partial(order, default) for default in defaults for order in (_by_class, _by_rule)]
    made = [(_shortened(search, classes, within, depth, order), order) for order in orders]
    lists = [(path[min(most, len(path) - 1)], path, order) for path, order in made]
    best = max((found.right(classes, within) for found, _, _ in lists), key=int.bit_count)
    _, path, order = min(
        (one for one in lists if _is_as_good(one[0].right(classes, within), best)), key=lambda one: one[0].length
    )
    right = [0] * (most + 1)
    for fold in folds:
        other = _shortened(search, classes, within & ~fold, depth, order)
        for length in range(most + 1):
            right[length] |= other[min(length, len(other) - 1)].right(classes, within & fold)
    chosen = _fewest(right[: len(path)]) if folds else min(most, len(path) - 1)
    accuracy = right[chosen].bit_count() / within.bit_count() if folds and within else None
    return Learned(path[chosen], accuracy)


def _fewest(right: Sequence[int]) -> int:
    """Return the fewest rules that are not worse than the best number of rules by one standard error."""
    best = max(range(len(right)), key=lambda length: (right[length].bit_count(), -length))
    return next(length for length, found in enumerate(right) if _is_as_good(found, right[best]))


def _is_as_good(found: int, best: int) -> bool:
    """Tell whether a list that is right for some accounts is less than one standard error worse than one right for others."""
    lost, won = (best & ~found).bit_count(), (found & ~best).bit_count()
    return found == best or lost - won < sqrt(lost + won)


def _shortened(search: Search, classes: Sequence[int], within: int, depth: int, order: Order) -> list[DecisionList]:
    """Return the list of all rules, shortened rule by rule, by number of rules."""
    found = _with_default(tuple(order(search, classes, within, depth)), classes, within)
    path = [_adjusted(search, found, classes, within)]
    while found.rules:
        found = _shorter(found, classes, within)
        path.insert(0, _adjusted(search, found, classes, within))
    return path


def _adjusted(search: Search, found: DecisionList, classes: Sequence[int], within: int) -> DecisionList:
    """Return the list with limits that make it right more often, given the rules before and after each.

    Only the accounts count that the rule and the later ones decide differently, one of them rightly.
    """
    left, rules = within, list(found.rules)
    for at, rule in enumerate(found.rules):
        taken = classes[rule.value] & left
        passed_on = DecisionList(tuple(rules[at + 1 :]), found.default).right(classes, left)
        goal = Goal(taken ^ passed_on, taken & ~passed_on, lambda right, every: 2 * right - every)
        old = rule.condition._replace(bits=search.passing(rule.condition.tests, goal.within))
        new = refined(search, goal, old)
        if goal.of(new.bits) > goal.of(old.bits):
            rules[at] = rule._replace(condition=new._replace(bits=search.passing(new.tests, within)))
        left &= ~search.passing(rules[at].condition.tests, left)
    return _with_default(tuple(rules), classes, within)


def _shorter(found: DecisionList, classes: Sequence[int], within: int) -> DecisionList:
    """Return the list without the rule that contributes least; of equal ones, the last."""
    shorter = [
        _with_default(found.rules[:at] + found.rules[at + 1 :], classes, within) for at in range(len(found.rules))
    ]
    counts = [made.right(classes, within).bit_count() for made in shorter]
    return shorter[max(range(len(counts)), key=lambda at: (counts[at], at))]


def _with_default(rules: tuple[Rule, ...], classes: Sequence[int], within: int) -> DecisionList:
    """Return the list with the most frequent class of the accounts that no rule matches."""
    rest = DecisionList(rules, 0).parts(within)[-1]
    return DecisionList(rules, _ascending(classes, rest or within)[-1])


def _ascending(classes: Sequence[int], within: int) -> list[int]:
    """Return the classes by their number of accounts; their accounts order equal ones."""
    return sorted(range(len(classes)), key=lambda at: ((classes[at] & within).bit_count(), classes[at]))


def _by_class(default: int, search: Search, classes: Sequence[int], within: int, depth: int) -> Iterator[Rule]:
    left = within
    for value in _ascending(classes, within):
        while value != default and (classes[value] & left) and (found := _next(search, classes, value, left, depth)):
            yield found[1]
            left &= ~found[1].condition.bits


def _by_rule(default: int, search: Search, classes: Sequence[int], within: int, depth: int) -> Iterator[Rule]:
    left = within
    order = [value for value in _ascending(classes, within) if value != default]
    while left:
        found = [
            made for value in order if (classes[value] & left) and (made := _next(search, classes, value, left, depth))
        ]
        if not found:
            return
        _, rule = max(found, key=lambda made: (made[0], -order.index(made[1].value)))
        yield rule
        left &= ~rule.condition.bits


def _next(search: Search, classes: Sequence[int], value: int, left: int, depth: int) -> tuple[float, Rule] | None:
    """Return the best rule of a class with its precision, for which a selection of few accounts counts as less precise.

    None if another class is as frequent among the accounts that it selects.
    """
    wanted = classes[value] & left
    prior = wanted.bit_count() / left.bit_count()
    if prior in {0, 1}:
        return None
    goal = Goal(left, wanted, lambda right, every: (right + M * prior) / (every + M))
    best = search.best(goal, depth)
    if best is None:
        return None
    right = (best.bits & wanted).bit_count()
    others = max((best.bits & found).bit_count() for at, found in enumerate(classes) if at != value)
    precision = (right + 2 * prior) / (best.bits.bit_count() + 2)
    return ((precision - prior) / (1 - prior), Rule(best, value)) if right > others else None
