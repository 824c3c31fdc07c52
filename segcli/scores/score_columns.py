"""Scores as columns: a study's answer goes into a temporary table, which overviews and conditions read.

A study looks at many accounts before it can say what one has. `segcli score` shows whole studies over the selected accounts;
--where and rules take single columns of them (SCORES), over all accounts and with the usual limits.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from segcli.base.windows import window
from segcli.domain.scoring.columns import Score
from segcli.domain.table import Column

if TYPE_CHECKING:
    from segcli.scores.studies import Rows, Study


USUAL = {"any": True, "months": 12, "rate": 0.01}
_TYPES = {"money": "INTEGER", "integer": "INTEGER", "percent": "REAL", "decimal": "REAL"}


def keep(
    db: sqlite3.Connection, name: str, columns: Iterable[Column], rows: "Rows", unknown: Iterable[int] = ()
) -> None:
    """Put rows into a temporary table of this name: account_id and the columns, all empty for `unknown` accounts.

    `unknown` is read after the rows, which find out.
    """
    held = tuple(columns)
    declared = ", ".join(f"{column.name} {_TYPES.get(column.kind, 'TEXT')}" for column in held)
    db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    db.execute(f"CREATE TEMP TABLE {name} (account_id INTEGER PRIMARY KEY, {declared})")
    db.executemany(f"INSERT INTO temp.{name} VALUES ({', '.join('?' * (len(held) + 1))})", rows)
    db.executemany(f"INSERT OR IGNORE INTO temp.{name} (account_id) VALUES (?)", ((account,) for account in unknown))


class Scorer:
    """What scores are as of a day: each study is done once, when one of its columns is asked for."""

    def __init__(self, db: sqlite3.Connection, day: date) -> None:
        from segcli.scores.studies import Facts

        self._facts = Facts(db, day, options=USUAL)
        self._done: dict[tuple[str, tuple[str, ...]], str] = {}

    def __call__(self, score: Score, words: tuple[str, ...]) -> str:
        """Return a score of `account AS a` as an expression. A wrong window is a ValueError."""
        from segcli.scores.studies import STUDIES

        study = STUDIES[score.study]
        if words and not study.takes_window:
            raise ValueError(f"{score.study} takes no window")
        words = words or study.window
        name = self._done.get((score.study, words)) or self._do(score.study, study, words)
        found = f"(SELECT k.{score.column} FROM temp.{name} AS k WHERE k.account_id = a.id)"
        if not score.default:
            return found
        has_row = f"EXISTS (SELECT 1 FROM temp.{name} AS k WHERE k.account_id = a.id)"  # an unknown score is no default
        return f"CASE WHEN {has_row} THEN {found} ELSE '{score.default}' END"

    def _do(self, key: str, study: "Study", words: tuple[str, ...]) -> str:
        facts = replace(self._facts, words=words, unknown=[])
        window(words, facts.day)  # a wrong one is refused before anything is read: words are plain from here on
        name = "_".join(("score", key, *words, facts.day.strftime("%Y%m%d")))
        keep(facts.db, name, study.columns, study.rows(facts), facts.unknown)
        self._done[key, words] = name
        return name
