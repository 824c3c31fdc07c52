"""Fits a model: a rough start by the simplex method, Newton steps to the maximum, and doubts about the result. Pure."""

import math
from collections.abc import Iterable, Iterator
from typing import Protocol

from segcli.base.text import counted
from segcli.domain.scoring.newton import Place, Point, Top, climb
from segcli.domain.scoring.simplex import lowest

BORDER = 12.0  # limit of log parameters, which are relative to the longest time or the mean amount
FEW = 30  # accounts; a fit to fewer is unreliable
LOOSE = 1.0  # a parameter is practically undetermined if the standard error of its logarithm is larger


class Surface(Protocol):
    """A log-likelihood as a function of log parameters."""

    def height(self, point: Point) -> float:
        """Return the log-likelihood."""

    def __call__(self, point: Point) -> Place:
        """Return the log-likelihood with its gradient and Hessian."""


def best(surface: Surface, rough: Surface, start: Point) -> tuple[Top, int]:
    """Return the maximum and the number of evaluations. `rough` is the surface of rounded, and so fewer, data."""
    near = lowest(lambda point: _depth(rough, point), start, tolerance=1e-2, most=600)
    top = climb(surface, near.point, BORDER)
    return top, near.asked + top.steps


def _depth(surface: Surface, point: Point) -> float:
    """Return the negative log-likelihood; infinity beyond the border."""
    return math.inf if max(map(abs, point)) > BORDER else -surface.height(point)


def doubts(top: Top, returned: int, more: Iterable[str] = ()) -> Iterator[str]:
    """Yield the reasons not to trust a fit; `returned` is the number of accounts that bought again."""
    if returned < FEW:
        yield f"only {counted(returned, 'account')} bought again; estimates from fewer than {FEW} are unreliable"
    if top.is_at_border:
        yield "the model did not converge; estimates are unreliable: the accounts are too similar or too different"
    elif not top.is_converged:
        yield "the model did not converge; estimates are unreliable"
    elif not top.errors or max(top.errors) > LOOSE:
        yield "the data hardly determine a parameter; estimates are unreliable"
    yield from more
