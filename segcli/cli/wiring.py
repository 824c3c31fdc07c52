"""Registers functions that lower packages call without importing them; they are imported on first use."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING

from segcli.interface import engine
from segcli.query import lookup
from segcli.storage import sql_functions

if TYPE_CHECKING:
    from segcli.domain.scoring.columns import Score
    from segcli.interface.command import Session
    from segcli.storage.reader import Reader


def connect() -> None:
    """Register automatic prices for SQL, scores for expressions, and the lake."""
    sql_functions.provide("automatic_amount", 2, _automatic_amount)
    lookup.provide_scores(_scorer)
    engine.provide(_lake)


def _lake(
    session: "Session", wanted: engine.Wanted, question: engine.Question | None
) -> AbstractContextManager[engine.Opened]:
    from segcli.lake import opening

    return opening.opened(session, wanted, question)


def _automatic_amount(db: sqlite3.Connection) -> Callable[[int, str], int | None]:
    from segcli.query.automatic_prices import Prices

    return Prices(db).amount


def _scorer(db: "Reader", facts: "Reader", day: date) -> Callable[["Score", tuple[str, ...]], str]:
    from segcli.scores.score_columns import Scorer

    return Scorer(db, facts, day)
