"""Fisher's exact test, by which a rule keeps only the tests that it needs. Pure.

Source: R. A. Fisher, Statistical Methods for Research Workers, 5th edition, 1934, section 21.02.
"""

from math import exp, lgamma

LEVEL = 0.05  # of all tests together: each is held to a part of it (Bonferroni, see `search`)
_SMALLEST = 1e-12  # of the sum: later terms are left out


def fisher(inside: int, outside: int, inside_others: int, outside_others: int) -> float:
    """Return the probability that at least `inside` accounts of the class are selected if selecting were chance.

    The table: of the class, `inside` are selected and `outside` are not; of the others `inside_others` and `outside_others`.
    """
    of_class, others = inside + outside, inside_others + outside_others
    selected = inside + inside_others
    total = 0.0
    for count in range(inside, min(of_class, selected) + 1):
        term = exp(
            _choices(of_class, count) + _choices(others, selected - count) - _choices(of_class + others, selected)
        )
        total += term
        if term < total * _SMALLEST:
            break
    return min(total, 1.0)


def _choices(of: int, count: int) -> float:
    """Return the logarithm of the number of ways to choose `count` of `of`."""
    return lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)
