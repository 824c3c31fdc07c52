"""How a model is fitted: a rough start by the simplex, Newton's steps to the top, and the reasons to doubt what was found. Pure."""

import math
from collections.abc import Iterable, Iterator
from typing import Protocol

from segcli.domain.scoring.newton import Place, Point, Top, climb
from segcli.domain.scoring.simplex import lowest

BORDER = 12.0  # of the logarithms of parameters, which are parts of the longest time or the mean amount
FEW = 30  # accounts, below which a fit says little
LOOSE = 1.0  # a standard error of a parameter's logarithm above which it is as good as unknown


class Surface(Protocol):
    """A log-likelihood over the logarithms of its parameters."""

    def height(self, point: Point) -> float:
        """Return the log-likelihood."""

    def __call__(self, point: Point) -> Place:
        """Return the log-likelihood with its slope and curvature."""


def best(surface: Surface, rough: Surface, start: Point) -> tuple[Top, int]:
    """Return the top, and how many times either surface was asked. `rough` is the same of fewer, rounded data."""
    near = lowest(lambda point: _depth(rough, point), start, tolerance=1e-2, most=600)
    top = climb(surface, near.point, BORDER)
    return top, near.asked + top.steps


def _depth(surface: Surface, point: Point) -> float:
    """Return the negative log-likelihood, infinity beyond the border."""
    return math.inf if max(map(abs, point)) > BORDER else -surface.height(point)


def doubts(top: Top, returned: int, more: Iterable[str] = ()) -> Iterator[str]:
    """Yield the reasons not to trust a fit to so many accounts that bought again."""
    if returned < FEW:
        yield f"only {returned} bought again: fewer than {FEW} say little"
    if top.is_at_border:
        yield "a parameter grows or shrinks without end: the accounts are too much alike, or too far apart, for this model"
    elif not top.is_converged:
        yield "no best parameters were found"
    elif not top.errors or max(top.errors) > LOOSE:
        yield "the data leave a parameter as good as open: other values fit nearly as well"
    yield from more
