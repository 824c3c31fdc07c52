"""Score columns computed set by set in SQL, for a million accounts: the rules and limits are those of segcli/domain/scoring.

A set is a part of a study with the columns that one statement gives; the columns of other studies are computed row by row.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain, product
from typing import NamedTuple

from segcli.domain.clause import Clause
from segcli.scores.facts import Facts
from segcli.storage.reader import Reader

_SALES = (
    "invoice AS i WHERE i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= ? AND i.total_amount >= 0"
)
_RFM = "recency INTEGER, frequency INTEGER, monetary INTEGER, rfm TEXT, segment TEXT"
_TABLES = ("set_amount", "set_cell", "set_days", "set_rhythm")  # of the functions below
_DIGITS = 4
_LAST_DAY = str(date.max)


class Set(NamedTuple):
    """A set: its study, its columns as they are declared, and the function that returns the statement of its rows.

    The statement is one of the facts' database, in which the function may leave temporary tables.
    """

    study: str
    columns: str
    rows: Callable[[Facts], Clause]


def set_of(study: str, column: str) -> str:
    """Return the name of the set that has a column of a study; '' if it is computed row by row."""
    sets = (name for name, one in SETS.items() if one.study == study and column in one.columns.replace(",", "").split())
    return next(sets, "")


def store(db: Reader, name: str, table: str, facts: Facts) -> None:
    """Store a set in a temporary table of `db`: account_id and the columns, NULL for an account with an unknown amount."""
    found = SETS[name]
    rows = found.rows(facts)
    _create(db, table, f"account_id INTEGER PRIMARY KEY, {found.columns}")
    if facts.db is db:
        db.execute(f"INSERT INTO temp.{table} {rows.sql}", rows.values)
    else:
        _insert(db, table, facts.db.execute(rows.sql, rows.values))
    for used in _TABLES:
        facts.db.execute(f"DROP TABLE IF EXISTS temp.{used}")


def _create(db: Reader, table: str, columns: str) -> None:
    db.execute(f"DROP TABLE IF EXISTS temp.{table}")
    db.execute(f"CREATE TEMP TABLE {table} ({columns})")


def _insert(db: Reader, table: str, rows: Iterable[Sequence[object]]) -> None:
    held = iter(rows)
    for first in held:
        db.executemany(f"INSERT INTO temp.{table} SELECT {', '.join('?' * len(first))}", chain((first,), held))


def _abc(facts: Facts) -> Clause:
    from segcli.domain.scoring import abc

    question = facts.question(("turnover", facts.words))
    _create(facts.db, "set_amount", "account_id INTEGER PRIMARY KEY, amount INTEGER")
    facts.db.execute(f"INSERT INTO temp.set_amount {question.sql}", question.values)
    limits = facts.db.execute(abc.limits_sql("temp.set_amount", "amount")).fetchone()
    return Clause(f"SELECT account_id, {abc.letter_sql('amount')} FROM temp.set_amount", tuple(limits))


def _rfm(facts: Facts) -> Clause:
    """Look up the few combinations of scores in a table, each with its text and segment."""
    from segcli.domain.scoring.rfm import Scored
    from segcli.scores import rfm_study

    scheme, limits = rfm_study.used(facts)
    facts.doubts.extend(scheme.doubts)
    cells = product(*(range(1, len(found) + 2) for found in (limits.recency, limits.frequency, limits.monetary)))
    _create(facts.db, "set_cell", f"cell INTEGER PRIMARY KEY, {_RFM}")
    rows = ((_cell(*cell), *cell, "".join(map(str, cell)), scheme.segment(Scored(0, *cell))) for cell in cells)
    _insert(facts.db, "set_cell", rows)
    question = facts.question(*rfm_study.asked(facts))
    days = "CAST(julianday(?) - julianday(v0) AS INTEGER)"
    bought = f"SELECT account_id, {days} AS days, v1 AS invoices, v2 AS turnover FROM ({question.sql}) AS q WHERE v1 > 0 OR v2 IS NULL"
    r, f, m = limits.sql("days", "invoices", "turnover")
    return Clause(
        f"""SELECT b.account_id, c.recency, c.frequency, c.monetary, c.rfm, c.segment FROM (
              SELECT account_id, {_CELL.format(r, f, m)} AS cell FROM ({bought}) AS s) AS b
              LEFT JOIN temp.set_cell AS c ON c.cell = b.cell""",
        (str(facts.day), *question.values),
    )


_CELL = "({0} * 10000 + {1} * 100 + {2})"


def _cell(recency: int, frequency: int, monetary: int) -> int:
    return recency * 10000 + frequency * 100 + monetary


def _lifecycle(facts: Facts) -> Clause:
    from segcli.domain.scoring import lifecycle

    edge = date.fromordinal(max(facts.day.toordinal() - lifecycle.USUAL.new, 1))  # the last day that is not new
    stage = lifecycle.sql(_between("?", "f.last_day"), _between("?", "f.first_day"), _between("f.entered", "f.before"))
    day = str(facts.day)
    return Clause(
        f"""SELECT f.account_id, {stage} FROM (
              SELECT i.account_id, min(i.invoice_date) AS first_day, max(i.invoice_date) AS last_day,
                     max(CASE WHEN i.invoice_date <= ? THEN i.invoice_date END) AS before,
                     min(CASE WHEN i.invoice_date > ? THEN i.invoice_date END) AS entered
                FROM {_SALES} GROUP BY i.account_id) AS f""",
        (*(day,) * stage.count("?"), str(edge), str(edge), day),
    )


def _between(later: str, earlier: str) -> str:
    """Return the SQL of the days from one day to another."""
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


def _silence(facts: Facts) -> Clause:
    from segcli.domain.scoring import churn

    return Clause(
        f"""SELECT f.account_id, f.silent, {churn.by_days_sql("f.silent")} FROM (
              SELECT i.account_id, {_between("?", "max(i.invoice_date)")} AS silent FROM {_SALES} GROUP BY i.account_id) AS f""",
        (str(facts.day), str(facts.day)),
    )


def _rhythm(facts: Facts) -> Clause:
    """Look up the rhythm of as many purchase days over as many days, of which there are few combinations."""
    from segcli.domain.scoring import churn

    db, day = facts.db, str(facts.day)
    least = churn.LEAST_DAYS
    days = f"SELECT i.account_id, i.invoice_date AS day FROM {_SALES} GROUP BY i.account_id, i.invoice_date"
    _create(
        db, "set_days", "account_id INTEGER PRIMARY KEY, last_day TEXT, silent INTEGER, bought INTEGER, span INTEGER"
    )
    db.execute(
        f"""INSERT INTO temp.set_days SELECT d.account_id, max(d.day), {_between("?", "max(d.day)")},
              CASE WHEN count(*) < {least} THEN 0 ELSE count(*) END,
              CASE WHEN count(*) < {least} THEN 0 ELSE {_between("max(d.day)", "min(d.day)")} END
              FROM ({days}) AS d GROUP BY d.account_id""",
        (day, day),
    )
    gap = f"{_between('d.day', 'lag(d.day) OVER (PARTITION BY d.account_id ORDER BY d.day)')} AS gap"
    counted = (
        f"SELECT g.gap, count(*) FROM (SELECT {gap} FROM ({days}) AS d) AS g WHERE g.gap IS NOT NULL GROUP BY g.gap"
    )
    usual = churn.usual_of(Counter(dict(tuple(row) for row in db.execute(counted, (day,)))))
    kept = "usual_gap REAL, at_risk_after INTEGER, lost_after INTEGER, next_in INTEGER, PRIMARY KEY (bought, span)"
    _create(db, "set_rhythm", f"bought INTEGER, span INTEGER, {kept}")
    pairs = db.execute("SELECT DISTINCT d.bought, d.span FROM temp.set_days AS d").fetchall()
    found = ((bought, span, churn.rhythm(bought, span, usual)) for bought, span in pairs)
    _insert(db, "set_rhythm", ((bought, span, round(float(r.gap), _DIGITS), *r[1:]) for bought, span, r in found if r))
    room = _between(f"'{_LAST_DAY}'", "d.last_day")
    return Clause(
        f"""SELECT d.account_id, r.usual_gap, CASE WHEN d.silent > r.lost_after THEN 'lost' WHEN d.silent > r.at_risk_after THEN 'at risk'
                   WHEN r.usual_gap IS NOT NULL THEN 'active' END,
                   CASE WHEN r.next_in <= {room} THEN date(d.last_day, '+' || r.next_in || ' days')
                        WHEN r.next_in IS NOT NULL THEN '{_LAST_DAY}' END
              FROM temp.set_days AS d LEFT JOIN temp.set_rhythm AS r ON r.bought = d.bought AND r.span = d.span""",
    )


SETS: Mapping[str, Set] = {
    "abc": Set("abc", "abc TEXT", _abc),
    "rfm": Set("rfm", _RFM, _rfm),
    "lifecycle": Set("lifecycle", "lifecycle TEXT", _lifecycle),
    "silence": Set("churn", "days_silent INTEGER, churn TEXT", _silence),
    "rhythm": Set("churn", "usual_gap REAL, churn_by_rhythm TEXT, next_order TEXT", _rhythm),
}
