"""The names that selections and expressions use: what a database knows, as callbacks, and the settings of one request. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from segcli.base.errors import UsageError
from segcli.base.record import Record, made
from segcli.base.windows import Window
from segcli.domain.catalogue import Catalogue
from segcli.domain.clause import Clause

if TYPE_CHECKING:
    from segcli.domain.scoring.columns import Score
    from segcli.query.expressions.metric_sql import Call

FLAG = "--where"


def _unset(name: str, _names: "Names") -> Clause:
    raise UsageError(f"there is no selection '{name}' here")


class Names(Record):
    """The names, settings and callbacks that compiling needs from a database."""

    catalogue: Catalogue
    has_account: Callable[[str], bool] = lambda _: True
    has_text: Callable[[str, str], bool] = lambda _column, _value: True
    saved: Callable[[str], Mapping[str, Any]] = lambda _name: {}
    near_accounts: Callable[[str], Sequence[str]] = lambda _code: ()
    has_list: Callable[[str], bool] = lambda _name: True
    list_name: Callable[[str], str] = lambda name: name.strip()  # in its stored spelling
    currency: str = "EUR"  # the administration's, used for amounts in --where
    day: date = date.max  # the as-of day; windows and relative days count from it
    span: Window | None = None  # of the metrics that name no window; None: everything up to the day
    is_past: bool = False  # the as-of day is before today: hold uses the classes of that day
    seen: tuple[str, ...] = ()  # the saved selections being compiled, to detect a cycle
    origin: str = FLAG  # the place of the expression, for error messages
    may_read_input: bool = True  # allows `in @-`, for an expression on the command line only
    measured: Callable[["Call"], Clause] | None = None  # the SQL of a metric, if not a correlated subquery
    measures: set[str] = made(default_factory=set)  # the metrics used in expressions; filled by compiling
    # (set, value) -> None for a known value, else a hint.
    unknown: Callable[[str, str], str | None] = lambda _set, _value: None
    is_stored: bool = False  # the expression was saved: an unknown value is a warning
    is_strict: bool = False  # unknown values in saved expressions are errors too
    warn: Callable[[str], None] = lambda _text: None
    shadow: Callable[[str], None] = lambda _text: None  # gets a message if a label hides a field
    # The condition of a saved selection, for `in selection NAME`. The module selection, which is above this one, sets it.
    saved_clause: Callable[[str, "Names"], Clause] = _unset
    scored: Callable[["Score", tuple[str, ...]], str] = lambda _score, _words: "NULL"  # the SQL of a score

    @property
    def may_read(self) -> bool:
        """Tell whether `in @-` may read standard input."""
        return self.may_read_input and not self.is_stored and self.origin == FLAG
