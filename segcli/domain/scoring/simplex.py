"""Minimizes a function by the simplex method of Nelder and Mead (1965): no derivatives, guaranteed to end. Pure.

It finds the neighbourhood of the optimum from a distant start; `newton` takes the last steps more efficiently.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Point = tuple[float, ...]
Function = Callable[[Point], float]


@dataclass(frozen=True, slots=True)
class Lowest:
    """The best point, its value, the number of evaluations, and whether the simplex became small enough."""

    point: Point
    value: float
    asked: int
    is_converged: bool


def lowest(
    function: Function, start: Sequence[float], step: float = 0.5, tolerance: float = 1e-6, most: int = 1000
) -> Lowest:
    """Minimize the function from a start. It may return infinity to exclude a point."""
    corners = [tuple(v + step * (i == at) for i, v in enumerate(start)) for at in range(-1, len(start))]
    simplex = sorted((function(corner), corner) for corner in corners)
    asked = len(simplex)
    while asked < most and _size(simplex) > tolerance:
        asked += _turn(function, simplex)
        simplex.sort()
    return Lowest(simplex[0][1], simplex[0][0], asked, _size(simplex) <= tolerance)


def _size(simplex: list[tuple[float, Point]]) -> float:
    """Return the largest distance between corners along any axis."""
    columns: list[tuple[float, ...]] = list(zip(*(point for _, point in simplex), strict=True))
    return max(max(column) - min(column) for column in columns)


def _turn(function: Function, simplex: list[tuple[float, Point]]) -> int:
    """Replace the worst corner by a better one, or shrink all towards the best; return the number of evaluations."""
    worst_value, worst = simplex[-1]
    middle = [sum(column) / (len(simplex) - 1) for column in zip(*(point for _, point in simplex[:-1]), strict=True)]

    def beyond(times: float) -> tuple[float, Point]:
        point = tuple(m + times * (m - w) for m, w in zip(middle, worst, strict=True))
        return function(point), point

    mirrored = beyond(1.0)
    if mirrored[0] < simplex[0][0]:
        simplex[-1] = min(mirrored, beyond(2.0))
        return 2
    if mirrored[0] < simplex[-2][0]:
        simplex[-1] = mirrored
        return 1
    drawn = beyond(0.5 if mirrored[0] < worst_value else -0.5)
    if drawn[0] < min(mirrored[0], worst_value):
        simplex[-1] = drawn
        return 2
    best = simplex[0][1]
    shrunk = (tuple((p + b) / 2 for p, b in zip(point, best, strict=True)) for _, point in simplex[1:])
    simplex[1:] = [(function(point), point) for point in shrunk]
    return 1 + len(simplex)
