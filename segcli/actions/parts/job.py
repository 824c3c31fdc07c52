"""What an action does beyond its preview: a plan, one transaction, and what follows when that is committed."""

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
    """What an action did in the open transaction."""

    count: int  # of what was done; 0: nothing is kept
    summary: str  # '12 reminders: 8 letters, 3 e-mails, 1 call'
    finish: Callable[[], str] = field(default=lambda: "")  # after the commit; returns what to tell
    undo: str = "undo with: segcli undo {run}"  # how it is taken back, or that it is final
    lacking: tuple[Problem, ...] = ()  # what was done but for a part of it


@dataclass(frozen=True, slots=True)
class Job:
    """One request to an action."""

    db: sqlite3.Connection
    request: Request
    session: Session
    values: Mapping[str, Any]
    hidden: list[Path] = field(default_factory=list)  # folders that are written and have no name yet
    told: list[str] = field(default_factory=list)  # warnings, said after the commit
    kept: dict[str, Any] = field(default_factory=dict)  # what `check` read from files, for what comes after it

    def refuse_far_ahead(self, most: int) -> None:
        """Raise UsageError where --as-of lies more days ahead: a slip in the year would be in the books for good."""
        ahead = (self.request.as_of - self.session.today).days
        if ahead > most:
            raise UsageError(f"--as-of {self.request.as_of} lies {ahead} days ahead", f"{most} is the most")

    def select(self, sql: str, values: Mapping[str, Any]) -> sqlite3.Cursor:
        """Run a statement that reads from `selection`: the selected accounts."""
        names = lookup.names(self.db, self.request.as_of, self.request.values)
        clause = selection.compile_filters(self.request.filters, names)
        text, bound = compose.over_selection(clause, sql)
        return self.db.execute(text, {**bound, **values})
