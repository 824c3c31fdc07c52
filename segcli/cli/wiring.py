"""What lower rooms call without importing it: registered at start-up, loaded at the first call."""

import sqlite3
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from segcli.query import lookup
from segcli.storage import sql_functions

if TYPE_CHECKING:
    from segcli.domain.scoring.columns import Score


def connect() -> None:
    """Register automatic prices for SQL, and scores for expressions."""
    sql_functions.provide("automatic_amount", 2, _automatic_amount)
    lookup.provide_scores(_scorer)


def _automatic_amount(db: sqlite3.Connection) -> Callable[[int, str], int | None]:
    made: list[Callable[[int, str], int | None]] = []

    def amount(line: int, day: str) -> int | None:
        if not made:
            from segcli.query.automatic_prices import amounts

            made.append(amounts(db))
        return made[0](line, day)

    return amount


def _scorer(db: sqlite3.Connection, day: date) -> Callable[["Score", tuple[str, ...]], str]:
    from segcli.scores.score_columns import Scorer

    return Scorer(db, day)
