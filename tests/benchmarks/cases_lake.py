"""The lake: large questions against DuckDB on its own file and against SQLite, the choice of `auto`, and a sync after a small change."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import cases_overviews
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, Ready, closed, segcli
from questions import BALANCE_BY_CLASS, LINES_CUBE, QUESTIONS, SALES_BY_GROUP, Question

DUCK, SQLITE, LAKE, FULL = "DuckDB", "segcli on SQLite", "segcli on the lake", "a first sync"
BY_HAND, BY_LIST, BY_CHOICE, BY_SYNC = 1.3, 0.8, 1.2, 0.25
LARGE = (
    Question("sales-analysis", "", LINES_CUBE, ("--group-by", "month,item_group,class2")),
    Question("sales-analysis", "", SALES_BY_GROUP, ("--group-by", "item_group")),
    Question("debtor-balance", "", BALANCE_BY_CLASS, ("--group-by", "class1")),
)
LISTS = ("account-overview", "invoice-history", "debtor-balance")
SYNC = "lake sync, one account in a thousand changed"
NAMES = (*(f"{q.name} by {q.words[1]}, the lake, everything" for q in LARGE), *(f"{name}, the lake, everything" for name in LISTS),
         *(f"{q.name}, auto, 10.0%" for q in QUESTIONS), SYNC)  # fmt: skip


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the questions over everything, the 14 overviews at 10 % through `auto`, and the syncs."""
    if not ready.duck:
        return
    lake = made(ready)
    for question in LARGE:
        name = f"{question.name} by {question.words[1]}, the lake, everything"
        contestants = {OURS: ours(ready, lake, "lake", question), DUCK: by_hand(ready, question.duck)}
        yield Case(name, contestants, {DUCK: BY_HAND})
    for question in QUESTIONS:
        if question.name in LISTS:
            contestants = {
                OURS: ours(ready, lake, "lake", question),
                DUCK: by_hand(ready, question.duck or question.sql),
                SQLITE: ours(ready, lake, "sqlite", question),
            }
            yield Case(f"{question.name}, the lake, everything", contestants, {DUCK: BY_HAND, SQLITE: BY_LIST})
    field, code = cases_overviews.filtered(ready, 0.1)
    for question in QUESTIONS:
        words = (f"--class{field}", code)
        engines = {OURS: "auto", SQLITE: "sqlite", LAKE: "lake"}
        asked = {name: ours(ready, lake, engine, question, words) for name, engine in engines.items()}
        yield Case(f"{question.name}, auto, 10.0%", asked, {SQLITE: BY_CHOICE, LAKE: BY_CHOICE})
    yield sync(ready)


def made(ready: Ready) -> Path:
    """Return the lake of the administration."""
    lake = ready.folder / "lake"
    segcli(ready.database, "lake", "sync", lake)
    return lake


def ours(ready: Ready, lake: Path, engine: str, question: Question, words: tuple[str, ...] = ()) -> Contestant:
    """Return segcli with an engine."""
    command = (
        SEGCLI,
        "-d",
        str(ready.database),
        "show",
        question.name,
        *words,
        *question.words,
        "-f",
        "csv",
        "--engine",
        engine,
    )
    return Contestant(command, environ={**ENVIRON, "SEGCLI_LAKE_FOLDER": str(lake)})


def by_hand(ready: Ready, sql: str) -> Contestant:
    """Return DuckDB with SQL written by hand, over everything."""
    return Contestant((*ready.duck_command, "-readonly", str(ready.duck), sql.replace("{keep}", "1 = 1")))


def sync(ready: Ready) -> Case:
    """Return the sync after one account in a thousand got another class, against a first sync."""
    changed, lake, fresh = ready.folder / "synced.db", ready.folder / "synced", ready.folder / "fresh"
    shutil.copy(ready.database, changed)
    segcli(changed, "lake", "sync", lake)
    codes = ready.folder / "thousandth.csv"
    number = 0

    def reclassify() -> None:
        nonlocal number
        number += 1
        with sqlite3.connect(changed) as db:
            (value,) = db.execute(
                "SELECT code FROM classification_value WHERE field = 1 LIMIT 1 OFFSET ?", (number % 2,)
            ).fetchone()
            rows = db.execute("SELECT code FROM account WHERE id % 1000 = 0").fetchall()
        codes.write_text("account,class1\n" + "".join(f"{code},{value}\n" for (code,) in rows))
        segcli(changed, "tag", "--from", codes, "--yes")
        closed(changed)

    def remove() -> None:
        shutil.rmtree(fresh, ignore_errors=True)

    command = (SEGCLI, "-d", str(changed), "lake", "sync")
    contestants = {
        OURS: Contestant((*command, str(lake)), before=reclassify, environ=ENVIRON),
        FULL: Contestant((*command, str(fresh)), before=remove, environ=ENVIRON),
    }
    return Case(SYNC, contestants, {FULL: BY_SYNC}, is_compared=False)
