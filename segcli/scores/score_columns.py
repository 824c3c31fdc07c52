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
from segcli.query.expressions import metric_sql
from segcli.storage.reader import Reader

if TYPE_CHECKING:
    from segcli.scores.facts import Facts, Rows
    from segcli.scores.studies import Study


_Key = tuple[str, tuple[str, ...], str]  # study, window, method
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


def keep_abc(db: Reader, name: str, facts: "Facts") -> None:
    """Store the ABC class of each account in a temporary table of this name, set by set, for a million accounts.

    The amounts are computed from the facts; an account with an unknown amount has no class.
    """
    from segcli.domain.scoring import abc

    call = metric_sql.call("turnover", facts.words, facts.day)
    ((_, scan),) = metric_sql.grouped([call], facts.day).values()
    sql = f"SELECT m.account_id, {metric_sql.column(call, 'm.c0')} FROM ({scan.sql}) AS m"
    db.execute("DROP TABLE IF EXISTS temp.score_amount")
    db.execute("CREATE TEMP TABLE score_amount (account_id INTEGER PRIMARY KEY, amount INTEGER)")
    if facts.db is db:
        db.execute(f"INSERT INTO temp.score_amount {sql}", scan.values)
    else:
        db.executemany("INSERT INTO temp.score_amount VALUES (?, ?)", facts.db.execute(sql, scan.values))
    limits = db.execute(abc.limits_sql("temp.score_amount", "amount")).fetchone()
    db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    db.execute(f"CREATE TEMP TABLE {name} (account_id INTEGER PRIMARY KEY, abc TEXT)")
    db.execute(f"INSERT INTO temp.{name} SELECT account_id, {abc.letter_sql('amount')} FROM temp.score_amount", limits)
    db.execute("DROP TABLE temp.score_amount")


class Scorer:
    """Scores as of a day. Each study runs once over the facts, when one of its columns is first requested; `db` holds its result."""

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
        from segcli.scores.studies import STUDIES

        study = STUDIES[score.study]
        method = next((word.lower() for word in words[-1:] if word.lower() in study.methods), "")
        windows = words[:-1] if method else words
        if windows and not study.takes_window:
            raise ValueError(f"{score.study} takes no window")
        key = score.study, windows or study.window, method
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
        name, words, method = key
        options = {**self._facts.options, **({"method": method} if method else {})}
        facts = replace(self._facts, words=words, options=options, unknown=[], doubts=[], notes=[])
        try:
            window(words, facts.day)  # validates the window first, so that its words are safe in a table name
        except ValueError as error:
            if not study.methods:
                raise
            raise ValueError(f"{error}; a method is {', '.join(study.methods)}") from error
        table = "_".join(("score", name, *words, *filter(None, (method,)), facts.day.strftime("%Y%m%d")))
        if name == "abc":
            keep_abc(self._db, table, facts)
        else:
            keep(self._db, table, study.columns, study.rows(facts), facts.unknown)
        self._done[key], self._doubts[table] = table, list(dict.fromkeys(facts.doubts))
        return table
