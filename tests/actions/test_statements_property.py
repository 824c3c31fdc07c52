"""Opening balance + movements = closing balance, for every account and currency of random administrations, by plain arithmetic."""

import random
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import Run, connected
from statement_case import CONFIG, preview

from segcli.actions.statements import source
from segcli.actions.statements.span import Span

BUCKETS = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90")
FIRST, DAYS = date(2026, 1, 1), 120
CURRENCIES = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


class Item(NamedTuple):
    """An invoice, or where its amount is negative a credit note or receipt."""

    account: int
    currency: str
    day: date
    amount: int


class Change(NamedTuple):
    """What changes a balance."""

    key: tuple[str, str]  # account, currency
    day: date
    amount: int


def items(chance: random.Random) -> list[Item]:
    signs = (1, 1, 1, -1)
    return [
        Item(
            chance.randint(1, 6),
            chance.choice(list(CURRENCIES)),
            a_day(chance),
            chance.choice(signs) * chance.randint(1, 10**6),
        )
        for _ in range(150)
    ]


def a_day(chance: random.Random) -> date:
    return FIRST + timedelta(chance.randrange(DAYS))


def fill(db: sqlite3.Connection, chance: random.Random) -> Iterator[Change]:
    """Fill the tables, and yield what changes a balance: payments also before the invoice, back, in parts and by sets."""
    db.executemany(
        "INSERT INTO account (id, code, name) VALUES (?, ?, ?)", [(n, f"A{n}", f"N{n}") for n in range(1, 7)]
    )
    made = items(chance)
    for number, item in enumerate(made, 1):
        name = f"F{number // 2}" if chance.random() < 0.8 else None  # two of a number are terms of one invoice
        db.execute(
            "INSERT INTO outstanding_item (id, account_id, item_key, invoice_number, invoice_date, due_date, currency, amount,"
            " open_amount) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, item.account, f"k{number}", name, str(item.day), str(item.day + timedelta(30)), item.currency,
             item.amount, item.amount),
        )  # fmt: skip
        yield Change((f"A{item.account}", item.currency), item.day, item.amount)
    for number in range(250):
        at = chance.randrange(len(made))
        item, day, part = made[at], a_day(chance), chance.randint(-(10**5), 10**5)
        other = chance.choice((None, None, chance.randrange(len(made)) + 1))
        done = db.execute(
            "INSERT OR IGNORE INTO allocation (item_id, allocation_key, allocation_date, amount, counter_item_id)"
            " VALUES (?, ?, ?, ?, ?)",
            (at + 1, f"a{number // 4}", str(day), part, other),
        ).rowcount
        if done:
            yield Change((f"A{item.account}", item.currency), day, -part)
    db.commit()


def minor(row: dict[str, Any], names: tuple[str, ...]) -> list[int]:
    return [int(row[name].replace(".", "")) for name in names]


@pytest.mark.parametrize("seed", range(6))
def test_opening_and_movements_are_the_closing(segcli: Run, empty: Path, seed: int) -> None:
    chance = random.Random(seed)
    with connected(empty) as db:
        changes = list(fill(db, chance))
    Path("config.yaml").write_text(CONFIG)
    start, end = sorted((a_day(chance), a_day(chance)))
    keys = {change.key for change in changes if change.day <= end}
    shown = preview(segcli, "--from", start, "--to", end, "--amounts", "text")
    rows = {(row["account"], row["currency"]): minor(row, ("opening", "debit", "credit", "closing")) for row in shown}
    assert all(sum(minor(row, BUCKETS)) == minor(row, ("closing",))[0] for row in shown)
    assert set(rows) <= keys
    with connected(empty) as db:
        for key in keys:
            own = [change for change in changes if change.key == key and change.day <= end]
            within = [change.amount for change in own if change.day >= start]
            before = sum(change.amount for change in own if change.day < start)
            debit, credit = (
                sum(amount for amount in within if amount > 0),
                -sum(amount for amount in within if amount < 0),
            )
            wanted = [before, debit, credit, before + debit - credit]
            assert rows.get(key, [0, 0, 0, 0]) == wanted
            lines = source.movements(db, int(key[0][1:]), key[1], Span(start, end))
            assert [sum(line.debit for line in lines), sum(line.credit for line in lines)] == [debit, credit]
            assert before + sum(line.debit - line.credit for line in lines) == wanted[3]
            days = [line.day for line in lines]
            assert days == sorted(days)
    assert len(rows) > 10
