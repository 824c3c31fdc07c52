"""What a run changed, in numbers: `128 invoices`. From its summary, else from the changes that are stored with it. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

# The changes that commands store, by what they are; `r` is the run.
STORED: Mapping[str, str] = {
    "classifications": "SELECT count(*) FROM classification_change AS c WHERE c.run_id = r.id",
    "contacts": "SELECT count(*) FROM marketing_list_change AS c WHERE c.run_id = r.id",
    "requests": "SELECT count(DISTINCT c.request_id) FROM request_change AS c WHERE c.run_id = r.id",
    "subscriptions": "SELECT count(*) FROM subscription_change AS c WHERE c.run_id = r.id",
    "price list links": "SELECT count(*) FROM price_list_link_change AS c WHERE c.run_id = r.id",
    "entry template links": "SELECT count(*) FROM entry_template_link_change AS c WHERE c.run_id = r.id",
    "fields": "SELECT count(*) FROM administration_change AS c WHERE c.run_id = r.id",
}
_IMPORTED = re.compile(r"(?:([^:]+): )?(\d+) added, (\d+) changed(?: \([^)]*\))?, \d+ unchanged(?:, \d+ rejected)?")
_CATALOGUE = re.compile(r"(\d+) (label|added|changed)")
_COUNTED = re.compile(r"(\d+) (price lists|[a-z]+)")
_UNDONE = re.compile(r"(\d+) (?:removed|values restored|brought back)")
# What a command changes one of, if its summary and its changes count nothing.
_ONE = {"classification label": "labels", "classification value": "values", "selection": "selections", "list": "lists",
        "request": "requests", "subscription": "subscriptions", "contact": "contacts"}  # fmt: skip


class Changed(NamedTuple):
    """How many records a run changed, and in words: `300 accounts, 414 contacts`."""

    records: int
    words: str


def changed(command: str, source: str, summary: str, stored: Mapping[str, int]) -> Changed:
    """Return what a run changed; `stored` counts the changes that are stored with it, by the keys of STORED."""
    counts: dict[str, int] = {}
    for number, noun in _counted(command, source, summary, stored):
        counts[noun] = counts.get(noun, 0) + number
    words = (f"{number} {noun if number != 1 else _singular(noun)}" for noun, number in counts.items() if number)
    return Changed(sum(counts.values()), ", ".join(words))


def _counted(command: str, source: str, summary: str, stored: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    """Yield numbers with what they are numbers of."""
    if source == "import":
        yield from _imported(summary)
    elif command.startswith("classification import"):
        for number, what in _CATALOGUE.findall(summary.rpartition(": ")[2]):
            yield int(number), "labels" if what == "label" else "values"
    elif summary.startswith("import of run"):
        yield sum(int(number) for number in _UNDONE.findall(summary)), "records"
    elif match := _COUNTED.match(summary):
        yield int(match[1]), _plural(match[2])
    elif any(stored.values()):
        yield from ((number, noun) for noun, number in stored.items() if number)
    elif summary:
        yield 1, next((noun for name, noun in _ONE.items() if command.startswith(name)), "records")


def _imported(summary: str) -> Iterator[tuple[int, str]]:
    for block in summary.split("; "):
        match = _IMPORTED.fullmatch(block)
        if match:
            yield int(match[2]) + int(match[3]), match[1] or "records"


def _plural(noun: str) -> str:
    """Return the plural of a noun of ours, which may be a plural already: accounts, addresses."""
    if noun.endswith("ss"):
        return f"{noun}es"
    return noun if noun.endswith("s") else f"{noun}s"


def _singular(noun: str) -> str:
    """Return the singular of a plural noun of ours: account, currency, address."""
    for ending, one in (("sses", "ss"), ("ies", "y"), ("s", "")):
        if noun.endswith(ending):
            return noun.removesuffix(ending) + one
    return noun
