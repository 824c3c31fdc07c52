"""Registers functions that lower packages call without importing them; they are imported on first use."""

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
    from segcli.query.automatic_prices import Prices

    return Prices(db).amount


def _scorer(db: sqlite3.Connection, day: date) -> Callable[["Score", tuple[str, ...]], str]:
    from segcli.scores.score_columns import Scorer

    return Scorer(db, day)
