"""Scores computed set by set are those that the studies compute account by account."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from segcli.domain.scoring import churn, lifecycle
from segcli.domain.scoring.columns import SCORES
from segcli.domain.scoring.histories import History
from segcli.scores import set_scores
from segcli.scores.facts import Facts
from segcli.scores.score_columns import USUAL, Scorer
from segcli.scores.studies import STUDIES
from segcli.storage import database

DAY = date(2026, 6, 30)
SETS = [(name, score) for name, score in SCORES.items() if set_scores.set_of(score.study, score.column)]
WORDS = {
    "abc": ((), ("180d",), ("24m", "12m")),
    "rfm": ((), ("12m",), ("rank",), ("12m", "rank"), ("r",), ("30d", "r")),
}


@pytest.fixture
def bought(segcli: Run, empty: Path) -> Path:
    """300 accounts with up to 12 invoices, credit notes and amounts without an exchange rate among them; some never bought."""
    rnd = random.Random(27)
    Path("a.csv").write_text("account,name\n" + "".join(f"{n},x\n" for n in range(300)))
    rows = []
    for account in range(290):
        step = rnd.choice((1, 7, 30, 120, 400))
        day = DAY - timedelta(rnd.randrange(800))
        for _ in range(rnd.randrange(1, 13)):
            currency = "USD" if rnd.random() < 0.01 else "EUR"
            amount = f"{rnd.choice((-1, 1, 1, 1, 1, 1, 1)) * rnd.randrange(1, 10 ** rnd.randrange(3, 8)) / 100:.2f}"
            rows.append(f"{len(rows)},{account},{min(day, DAY + timedelta(9))},{amount},{currency}")
            day += timedelta(rnd.choice((0, step, rnd.randrange(2 * step))))
    Path("i.csv").write_text("invoice,account,date,net,currency\n" + "\n".join(rows) + "\n")
    assert segcli("import", "a.csv", "i.csv").status == 0
    return empty


@pytest.mark.parametrize("day", [DAY, date(2025, 12, 31), date(2020, 1, 1)])
def test_a_set_has_what_its_study_has(bought: Path, day: date) -> None:
    with database.connect(bought) as db:
        scorer, lacking = Scorer(db, db, day), set()
        for name, score in SETS:
            study = STUDIES[score.study]
            for words in WORDS.get(score.study, ((),)):
                method = words[-1] if words and words[-1] in study.methods else ""
                windows = words[: len(words) - bool(method)] or study.window
                facts = Facts(db, day, windows, options={**USUAL, **({"method": method} if method else {})})
                at = [column.name for column in study.columns].index(score.column) + 1
                wanted = {row[0]: row[at] for row in study.rows(facts)}
                wanted |= dict.fromkeys(facts.unknown)
                lacking |= {score.study} if facts.unknown else set()
                sql = scorer(score, words)
                found = dict(db.execute(f"SELECT a.id, {sql} FROM account AS a").fetchall())
                default = score.default or None
                assert found == {id_: wanted.get(id_, default) for id_ in found}, (name, words)
                assert day.year == 2020 or len(set(wanted.values())) > 2 or not wanted, (name, words)
    assert lacking == (set() if day.year == 2020 else set(WORDS))  # amounts in dollars


def histories() -> Iterator[list[int]]:
    """Yield days before DAY at which an account bought, ascending in time, around the limits of 90, 180 and 365 days."""
    near = [0, 1, 88, 89, 90, 91, 179, 180, 181, 269, 270, 271, 364, 365, 366, 545]
    rnd = random.Random(27)
    for _ in range(3000):
        yield sorted(rnd.sample(near, rnd.randrange(1, 6)), reverse=True)


def test_lifecycle_and_churn_are_the_same_in_python_and_in_sql(bought: Path) -> None:
    with database.connect(bought) as db:
        for ago in histories():
            days = tuple(DAY - timedelta(number) for number in ago)
            ((_, wanted),) = lifecycle.lifecycle([History(1, days)], DAY)
            before = min((number for number in ago if number >= 90), default=None)
            entered = max((number for number in ago if number < 90), default=None)
            gap = "NULL" if before is None or entered is None else str(before - entered)
            values: tuple[Any, ...] = db.execute(
                f"SELECT {lifecycle.sql(str(ago[-1]), str(ago[0]), gap)}, {churn.by_days_sql(str(ago[-1]))}"
            ).fetchone()
            (risk,) = churn.churn([History(1, days)], DAY, None)
            assert tuple(values) == (wanted, risk.by_days), ago


def test_nobody_bought(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\nA,x\n")
    assert segcli("import", "a.csv").status == 0
    for text in ("rfm(rank) is empty", "churn_by_rhythm is empty", "lifecycle is empty", "abc = 'no value'"):
        rows = segcli("show", "account-search", "--where", text, "-f", "json").rows
        assert [row["account"] for row in rows] == ["A"], text
