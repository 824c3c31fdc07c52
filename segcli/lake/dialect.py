"""How an engine spells the constructs of segcli's SQL that are not the same everywhere. Pure data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine spells what is not the same everywhere."""

    name: str
    parameter: Callable[[str], str]  # from the name of a parameter to its text
    nocase: Callable[[str], str]  # from a text to its text without the case of ASCII letters
    types: Mapping[str, str]
    functions: Mapping[str, str | Callable[..., str]] = field(
        default_factory=dict
    )  # name in small letters -> name in the engine, text with {0} {1} …, or a function that returns the text
    globs: Mapping[str, str] = field(
        default_factory=dict
    )  # how a text {0} is compared with a pattern {1}, by globs.KINDS
    schemas: Mapping[str, str] = field(default_factory=dict)  # SQLite's schemas main and temp -> the engine's
    divide: str = "/"  # of whole numbers
    materialized: bool = True  # takes AS [NOT] MATERIALIZED
    escapes: bool = False  # a backslash in a literal must be doubled
