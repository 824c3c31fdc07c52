"""Scores as columns: each study's result is stored in a temporary table that overviews and conditions read.

A study needs many accounts to score one. `segcli score` shows whole studies over the selected accounts. --where and rules
use single columns of a study (SCORES), over all accounts and with the default limits;
those of RFM are in the configuration.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from segcli.base.windows import window
from segcli.domain.scoring.columns import Score
from segcli.domain.table import Column
from segcli.interface import notices
from segcli.storage.reader import Reader

if TYPE_CHECKING:
    from segcli.scores.facts import Rows
    from segcli.scores.studies import Study


_Key = tuple[str, str, tuple[str, ...], str]  # study, set of its columns ('' for all), window, method
USUAL = {"any": True, "months": 12, "rate": 0.01}
_TYPES = {"money": "INTEGER", "integer": "INTEGER", "percent": "REAL", "decimal": "REAL"}


def keep(db: Reader, name: str, columns: Iterable[Column], rows: "Rows", unknown: Iterable[int] = ()) -> None:
    """Store rows in a temporary table of this name: account_id and the columns, all empty for `unknown` accounts.

    `unknown` is read last, because reading the rows fills it.
    """
    held = tuple(columns)
    declared = ", ".join(f"{column.name} {_TYPES.get(column.kind, 'TEXT')}" for column in held)
    db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    db.execute(f"CREATE TEMP TABLE {name} (account_id INTEGER PRIMARY KEY, {declared})")
    db.executemany(f"INSERT INTO temp.{name} SELECT {', '.join('?' * (len(held) + 1))}", rows)
    db.executemany(f"INSERT OR IGNORE INTO temp.{name} (account_id) SELECT ?", ((account,) for account in unknown))


class Scorer:
    """Scores as of a day. Each set of columns is computed once over the facts, when one of them is first requested; `db` holds it."""

    def __init__(self, db: Reader, facts: Reader, day: date) -> None:
        from segcli.scores.facts import Facts

        self._db = db
        self._facts = Facts(facts, day, options=USUAL)
        self._done: dict[_Key, str] = {}
        self._doubts: dict[str, list[str]] = {}  # by table

    def __call__(self, score: Score, words: tuple[str, ...]) -> str:
        """Return the SQL expression of a score of `account AS a`. Raise ValueError for an invalid window or method.

        Warn, once, of what makes the score doubtful.
        """
        from segcli.scores import set_scores
        from segcli.scores.studies import STUDIES

        study = STUDIES[score.study]
        method = next((word.lower() for word in words[-1:] if word.lower() in study.methods), "")
        windows = words[:-1] if method else words
        if windows and not study.takes_window:
            raise ValueError(f"{score.study} takes no window")
        key = score.study, set_scores.set_of(score.study, score.column), windows or study.window, method
        name = self._done.get(key) or self._do(study, key)
        for doubt in self._doubts[name]:
            if doubt.startswith(score.models):
                notices.once(f"{score.column}: {doubt}")
        found = f"(SELECT k.{score.column} FROM temp.{name} AS k WHERE k.account_id = a.id)"
        if not score.default:
            return found
        has_row = f"EXISTS (SELECT 1 FROM temp.{name} AS k WHERE k.account_id = a.id)"  # an unknown score stays NULL
        return f"CASE WHEN {has_row} THEN {found} ELSE '{score.default}' END"

    def _do(self, study: "Study", key: _Key) -> str:
        from segcli.scores import set_scores

        name, part, words, method = key
        options = {**self._facts.options, **({"method": method} if method else {})}
        facts = replace(self._facts, words=words, options=options, unknown=[], doubts=[], notes=[])
        try:
            window(words, facts.day)  # validates the window first, so that its words are safe in a table name
        except ValueError as error:
            if not study.methods:
                raise
            raise ValueError(f"{error}; a method is {', '.join(study.methods)}") from error
        table = "_".join(("score", part or name, *words, *filter(None, (method,)), facts.day.strftime("%Y%m%d")))
        if part:
            set_scores.store(self._db, part, table, facts)
        else:
            keep(self._db, table, study.columns, study.rows(facts), facts.unknown)
        self._done[key], self._doubts[table] = table, list(dict.fromkeys(facts.doubts))
        return table
