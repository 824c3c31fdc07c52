"""Accounts that owe, a policy, and the reminders that follow."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from conftest import APPLY, Run

DAY = date(2026, 6, 30)
FIRST = "reminders: {tolerance: 0, interval: 1, levels: [%s]}\nletters: {name: Ours}\n"
LEVEL = "{action: letter, start: due date, days: %s, fee: %s, interest: %s}"


def policy(*levels: str, more: str = "") -> None:
    Path("config.yaml").write_text(FIRST % ", ".join(levels) + more)


def level(days: int = 0, fee: object = 0, interest: object = 0) -> str:
    return LEVEL % (days, fee, interest)


def owing(segcli: Run, rows: Iterable[str], accounts: str = "", columns: str = "") -> None:
    """Import items: account, number, days overdue, currency, amount."""
    Path("accounts.csv").write_text(f"account,name,email,is_blocked\n{accounts or 'C,Client,c@c.example,0'}\n")
    lines = []
    for row in rows:
        account, number, days, currency, amount, *rest = row.split(",")
        due = DAY - timedelta(days=int(days))
        lines.append(",".join((account, number, str(due - timedelta(days=30)), str(due), currency, amount, *rest)))
    head = f"account,invoice_number,invoice_date,due_date,currency,amount{columns}"
    Path("items.csv").write_text("\n".join([head, *lines]) + "\n")
    done = segcli("import", "accounts.csv", "items.csv")
    assert done.status == 0, done.err


def remind(segcli: Run, *words: object, day: date = DAY) -> list[dict[str, Any]]:
    done = segcli("run", "print-reminders", "--config", "config.yaml", "--as-of", day, "-f", "json", *words)
    assert done.status == 0, done.err
    return done.rows


def send(segcli: Run, *words: object, day: date = DAY) -> list[dict[str, Any]]:
    return remind(segcli, *APPLY, "--folder", "out", *words, day=day)


def money(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("open", "fee", "interest", "total"))
