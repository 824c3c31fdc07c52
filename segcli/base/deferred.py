"""Functions and regular expressions that are made on first use, so that a command starts without making them."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, TypeVarTuple, cast

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


def on_first_call(make: Callable[[], Callable[[*Given], Result]]) -> Callable[[*Given], Result]:
    """Return a function that calls the one that `make` returns. `make` runs once, at the first call."""
    made = cache(make)

    def call(*given: *Given) -> Result:
        return made()(*given)

    return call


class _Pattern:
    """A regular expression that is compiled when one of its methods is first asked for; from then on it has the method itself."""

    def __init__(self, text: str, flags: int) -> None:
        self._given = text, flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - of re.Pattern
        if name.startswith("__"):  # asked of any object, such as by copy
            raise AttributeError(name)
        found = getattr(re.compile(*self._given), name)
        setattr(self, name, found)
        return found


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression for a module that every command imports: compiling its 25 takes a twentieth of a short command."""
    return cast("re.Pattern[str]", _Pattern(text, flags))
