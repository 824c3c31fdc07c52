"""Maximizes a smooth function by Newton's method, damped where the function is not concave (Levenberg-Marquardt). Pure.

It stops if a step promises no relevant gain or after a maximum number of steps. The result tells whether it converged, and
whether it lies at the border.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

Point = tuple[float, ...]
Matrix = list[list[float]]


class Place(NamedTuple):
    """The value of the function at a point, its gradient (slope) and its Hessian (curvature)."""

    height: float
    slope: list[float]
    curvature: Matrix


@dataclass(frozen=True, slots=True)
class Top:
    """The maximum found; `errors` are its standard errors, empty if the function is not concave there."""

    point: Point
    height: float
    steps: int
    is_converged: bool
    is_at_border: bool
    errors: tuple[float, ...]


STRIDE = 2.0  # the longest step in one direction
GAIN = 1e-7  # minimum expected gain of a step, in log-likelihood


def climb(surface: Callable[[Point], Place], start: Point, border: float, most: int = 60) -> Top:
    """Return the maximum of a log-likelihood within ±border in each direction."""
    point, here, damping, steps, is_flat = start, surface(start), 0.0, 0, False
    while steps < most and not is_flat and math.isfinite(damping):
        steps += 1
        step = _step(here, damping)
        is_flat = bool(step) and damping <= 1 and abs(sum(s * g for s, g in zip(step, here.slope, strict=True))) < GAIN
        to = tuple(min(border, max(-border, p + s)) for p, s in zip(point, step, strict=True)) if step else point
        there = surface(to) if to != point else here
        is_better = there.height > here.height
        if is_better:
            point, here = to, there
        damping = damping / 10 * (damping > 1e-3) if is_better else max(1e-2, damping * 10)  # noqa: PLR2004 - no damping below
        if damping > 1e12:  # noqa: PLR2004 - steps are negligible
            break
    is_at_border = any(abs(p) >= border * 0.999 for p in point)
    return Top(point, here.height, steps, is_flat and not is_at_border, is_at_border, _errors(here.curvature))


def _step(here: Place, damping: float) -> list[float]:
    """Return the next step; empty if the damped Hessian is not negative definite."""
    root = _root([[-v + damping * (i == j) for j, v in enumerate(row)] for i, row in enumerate(here.curvature)])
    if not root:
        return []
    step = _solved(root, here.slope)
    longest = max(map(abs, step))
    return [value * min(1.0, STRIDE / longest) for value in step] if longest else step


def _root(matrix: Matrix) -> Matrix:
    """Return the lower Cholesky factor of a matrix; empty if it is not positive definite."""
    found: Matrix = [[0.0] * len(matrix) for _ in matrix]
    for i, row in enumerate(matrix):
        for j in range(i + 1):
            rest = row[j] - sum(found[i][k] * found[j][k] for k in range(j))
            if i == j and not rest > 1e-12 * abs(row[i]):
                return []
            found[i][j] = math.sqrt(rest) if i == j else rest / found[j][j]
    return found


def _solved(root: Matrix, right: list[float]) -> list[float]:
    """Solve A x = right, given the Cholesky factor of A."""
    size = len(right)
    half: list[float] = []
    for i in range(size):
        half.append((right[i] - sum(root[i][k] * half[k] for k in range(i))) / root[i][i])
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (half[i] - sum(root[k][i] * found[k] for k in range(i + 1, size))) / root[i][i]
    return found


def _errors(curvature: Matrix) -> tuple[float, ...]:
    root = _root([[-value for value in row] for row in curvature])
    if not root:
        return ()
    size = len(root)
    units = ([float(i == j) for j in range(size)] for i in range(size))
    return tuple(math.sqrt(_solved(root, unit)[i]) for i, unit in enumerate(units))
