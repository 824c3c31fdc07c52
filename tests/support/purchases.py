"""Purchase histories made from rows of (account, day), for the tests of scores."""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from segcli.domain.scoring.histories import History

Id = TypeVar("Id")


def histories_of(rows: Iterable[tuple[Id, date]], day: date) -> list[History[Id]]:
    """Return the history of each account up to a day."""
    found: dict[Id, set[date]] = {}
    for account, bought in rows:
        if bought <= day:
            found.setdefault(account, set()).add(bought)
    return [History(account, tuple(sorted(days))) for account, days in found.items()]
