"""The 14 overviews through segcli, through hand-written SQL in the sqlite3 shell, and through DuckDB."""

import sqlite3
from collections.abc import Iterable, Iterator

import generate
import prepare
from measure import OURS, Case, Contestant
from prepare import SEGCLI, Ready
from questions import QUESTIONS, UNFILTERED, Question

SQLITE, DUCK = "sqlite3 shell", "DuckDB"
BY_HAND, BY_DUCK = 1.3, 1.0
SHARES = (0.001, 0.1)
RARE = "account-search of a rare word"
NAMES = (
    *(f"{q.name}, {share:.1%}" for share in SHARES for q in QUESTIONS),
    *(f"{q.name}, everything" for q in UNFILTERED),
    RARE,
)


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the overviews with a filter that keeps 0.1 % and with one that keeps 10 %, and some without a filter."""
    for share in SHARES:
        field, code = filtered(ready, share)
        keep = f"a.class{field} = (SELECT id FROM classification_value WHERE field = {field} AND code = '{code}')"
        for question in QUESTIONS:
            yield case(ready, question, f"{question.name}, {share:.1%}", keep, (f"--class{field}", code))
    for question in UNFILTERED:
        yield case(ready, question, f"{question.name}, everything", "1 = 1", (), only_duck=True)
    yield search(ready)


def filtered(ready: Ready, share: float) -> tuple[int, str]:
    """Return the class and the value whose share of the accounts is nearest to the one that is asked for."""
    with sqlite3.connect(ready.database) as db:
        total = db.execute("SELECT count(*) FROM account").fetchone()[0]
        found = [
            (abs(number / total - share), field, code)
            for field in range(1, 9)
            for code, number in db.execute(
                f"SELECT v.code, count(*) FROM account AS a JOIN classification_value AS v ON v.id = a.class{field} GROUP BY a.class{field}"
            )
        ]
    return min(found)[1:]


def case(  # noqa: PLR0913 - a question, and of whom it is asked
    ready: Ready, question: Question, name: str, keep: str, words: Iterable[str], *, only_duck: bool = False
) -> Case:
    """Return the case of one question."""
    ours = (SEGCLI, "-d", str(ready.database), "show", question.name, *words, *question.words, "-f", "csv")
    contestants = {OURS: Contestant(ours, environ=prepare.ENVIRON)}
    limits = {}
    if not only_duck:
        contestants[SQLITE] = shell(ready, question.sql.replace("{keep}", keep))
        limits[SQLITE] = BY_HAND
    if ready.duck:
        sql = (question.duck or question.sql).replace("{keep}", keep)
        contestants[DUCK] = Contestant((*ready.duck_command, "-readonly", str(ready.duck), sql))
        limits[DUCK] = BY_DUCK
    return Case(name, contestants, limits, starts=frozenset({SQLITE}))


def shell(ready: Ready, sql: str) -> Contestant:
    """Return the sqlite3 shell with a question."""
    return Contestant((*prepare.SQLITE, "-readonly", "-csv", "-header", str(ready.database), sql))


def search(ready: Ready) -> Case:
    """Return the search of a rare word."""
    word = generate.RARE
    any_of = " OR ".join(
        f"a.{column} LIKE '%{word}%'"
        for column in ("code", "name", "search_code", "city", "email", "phone", "vat_number", "postcode", "website")
    )
    question = next(q for q in QUESTIONS if q.name == "account-search")
    ours = (SEGCLI, "-d", str(ready.database), "show", "account-search", word, "-f", "csv")
    contestants = {
        OURS: Contestant(ours, environ=prepare.ENVIRON),
        SQLITE: shell(ready, question.sql.replace("{keep}", f"({any_of})")),
    }
    return Case(RARE, contestants, {SQLITE: 0.05}, starts=frozenset({SQLITE}))
