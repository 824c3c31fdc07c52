"""The requests of the example administration: what there is to do, complaints, appointments and notes."""

import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
SEED = 20260702
COUNT = 80
LAST = date(2026, 6, 30)
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "task": (
        "Call about the order",
        "Send the new price list",
        "Check the delivery address",
        "Visit before the summer",
    ),
    "service": ("Coffee machine leaks", "Grinder makes a noise", "No steam"),
    "complaint": ("Cheese arrived too warm", "Wrong invoice", "Two boxes missing"),
    "event": ("Fair in Ghent", "Tasting", "Yearly talk"),
    "note": ("Wants to buy more tea", "Moves in autumn", "New owner"),
}
PEOPLE = ("Pieter Post", "Anna de Boer", "Mehmet Yılmaz")
_EVERY = ("task", "task", "task", "service", "complaint", "event", "note")


class Requests:
    """What accounts asked for, and what is to be done for them."""

    def __init__(self, accounts: Iterable[Row], contacts: Iterable[Row]) -> None:
        self.random = random.Random(SEED)
        self.accounts = [row["account"] for row in accounts]
        self.contacts: dict[str, str] = {}
        for row in contacts:
            self.contacts.setdefault(row["account"], row["contact"])

    def files(self) -> dict[str, list[Row]]:
        """Return the rows of the file."""
        return {"requests": [self.request(number) for number in range(1, COUNT + 1)]}

    def request(self, number: int) -> Row:
        """Return a request; every sixteenth is of no account."""
        kind = _EVERY[number % len(_EVERY)]
        account = "" if number % 16 == 0 else self.accounts[number * 11 % len(self.accounts)]
        came_in = LAST - timedelta(days=self.random.randrange(200))
        status = self.status(number, kind)
        is_closed = status in {"realised", "rejected", "void"}
        due = came_in + timedelta(days=self.random.choice((3, 7, 14, 30)))
        begins = came_in + timedelta(days=21) if kind == "event" else ""
        return {
            "request": f"R-{number}", "type": kind, "status": status, "account": account,
            "contact": self.contacts.get(account, "") if number % 3 == 0 else "",
            "description": self.random.choice(SUBJECTS[kind]),
            "notes": "Said so on the phone; wants an answer." if number % 5 == 0 else "",
            "assignee": PEOPLE[number % 3] if number % 4 else "", "request_date": came_in, "start_date": begins,
            "start_time": "14:30" if begins and number % 2 else "", "end_date": begins,
            "end_time": "16:00" if begins and number % 2 else "", "due_date": due if kind in {"task", "service", "complaint"} else "",
            "closed_date": min(due, LAST) if is_closed else "",
        }  # fmt: skip

    def status(self, number: int, kind: str) -> str:
        """Return how far it is: most of it is done."""
        if kind == "note":
            return "processed"
        return ("realised", "open", "realised", "approved", "realised", "open", "rejected", "draft")[number % 8]
