"""Functions that are made on first use, because making them costs an import or a query."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar, TypeVarTuple

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


def on_first_call(make: Callable[[], Callable[[*Given], Result]]) -> Callable[[*Given], Result]:
    """Return a function that calls the one that `make` returns. `make` runs once, at the first call."""
    made = cache(make)

    def call(*given: *Given) -> Result:
        return made()(*given)

    return call
