"""An action's job and result: a plan, one transaction, and what follows the commit."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segcli.base.errors import Problem, UsageError
from segcli.interface.command import Session
from segcli.query import compose, lookup, selection
from segcli.query.compose import Request


@dataclass(frozen=True, slots=True)
class Result:
    """The result of an action in the open transaction."""

    count: int  # of changes; with 0 the transaction is rolled back
    summary: str  # '12 reminders: 8 letters, 3 e-mails, 1 call'
    finish: Callable[[], str] = field(default=lambda: "")  # called after the commit; returns a message
    undo: str = "undo with: segcli undo {run}"  # how to undo it, or that it is final
    lacking: tuple[Problem, ...] = ()  # done only in part


@dataclass(frozen=True, slots=True)
class Job:
    """One request to an action."""

    db: sqlite3.Connection
    request: Request
    session: Session
    values: Mapping[str, Any]
    hidden: list[Path] = field(default_factory=list)  # folders written but not yet published
    warnings: list[str] = field(default_factory=list)  # warnings to give after the commit
    kept: dict[str, Any] = field(default_factory=dict)  # what `check` read from files, for later steps

    def refuse_far_ahead(self, most: int) -> None:
        """Raise UsageError if --as-of is too many days ahead, because a mistyped year cannot be undone."""
        ahead = (self.request.as_of - self.session.today).days
        if ahead > most:
            raise UsageError(f"--as-of {self.request.as_of} lies {ahead} days ahead", f"{most} is the most")

    def select(self, sql: str, values: Mapping[str, object]) -> sqlite3.Cursor:
        """Run a query on `selection`, the selected accounts."""
        names = lookup.names(self.db, self.request.as_of, self.request.values)
        clause = selection.compile_filters(self.request.filters, names)
        text, bound = compose.over_selection(clause, sql)
        return self.db.execute(text, {**bound, **values})
