"""`segcli overlap`: show how saved selections and marketing lists overlap."""

import sqlite3
from itertools import combinations

from segcli.base.errors import UsageError
from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup, selection

HELP = """Show how saved selections and marketing lists overlap.

One row per region: the accounts in exactly these sets and in no other. The rows add up to all accounts in any set.
--pairs compares each pair: both counts, the overlap, and the Jaccard index (overlap divided by union). A list is
written list:NAME and stands for the accounts of its contacts.

"""
MOST = 6
REGIONS = (Column("sets"), Column("number", "integer", "Of them"), Column("accounts", "integer", total="sum"))
PAIRS = (
    Column("one"),
    Column("other"),
    Column("in_one", "integer"),
    Column("in_other", "integer"),
    Column("in_both", "integer"),
    Column("jaccard", "decimal", "Jaccard"),
)


def run(session: Session, values: Values) -> None:
    """Count the regions, or compare the pairs."""
    names = tuple(dict.fromkeys(values["names"]))
    if not 1 < len(names) <= MOST:
        raise UsageError(
            f"name two to {MOST} selections or lists", "segcli selection list and segcli list list say which there are"
        )
    with session.connect() as db:
        sets = {name: _members(db, name) for name in names}
        rows = _pairs(sets) if values["pairs"] else _regions(sets)
        table = Table("Overlap", PAIRS if values["pairs"] else REGIONS, rows, with_totals=not values["pairs"])
        wanted.write(table, wanted.Output.read(values, session.config))


def _members(db: sqlite3.Connection, name: str) -> frozenset[int]:
    known = lookup.names(db)
    if name.lower().startswith("list:"):
        text = name[5:].strip()
        if not known.has_list(text):
            raise UsageError(f"there is no list '{text}'", "see: segcli list list")
        sql = """SELECT DISTINCT c.account_id FROM marketing_list AS m JOIN marketing_list_member AS k ON k.marketing_list_id = m.id
                   JOIN contact AS c ON c.id = k.contact_id WHERE m.name = ? COLLATE BINARY"""
        return frozenset(row[0] for row in db.execute(sql, (known.list_name(text),)))
    clause = selection.saved_clause(name, known)
    return frozenset(row[0] for row in db.execute(f"SELECT a.id FROM account AS a WHERE {clause.sql}", clause.values))


def _regions(sets: dict[str, frozenset[int]]) -> list[tuple[str, int, int]]:
    """Return the non-empty regions, largest first."""
    counts: dict[tuple[str, ...], int] = {}
    for account in frozenset().union(*sets.values()):
        inside = tuple(name for name, members in sets.items() if account in members)
        counts[inside] = counts.get(inside, 0) + 1
    found = [(" & ".join(inside), len(inside), count) for inside, count in counts.items()]
    return sorted(found, key=lambda row: (-row[2], row[1], row[0]))


def _pairs(sets: dict[str, frozenset[int]]) -> list[tuple[str, str, int, int, int, float | None]]:
    rows = []
    for one, other in combinations(sets, 2):
        both, either = len(sets[one] & sets[other]), len(sets[one] | sets[other])
        rows.append((one, other, len(sets[one]), len(sets[other]), both, round(both / either, 6) if either else None))
    return rows


COMMAND = Command(
    HELP,
    run,
    (
        Parameter(
            "names",
            (),
            "Saved selections, or list:NAME.",
            metavar="NAME",
            is_many=True,
            is_required=True,
            completes="selection",
        ),
        Parameter("pairs", ("--pairs",), "Compare each pair.", kind="flag"),
        *options.named(("format", "output", "no_header", "no_totals")),
    ),
    ("segcli overlap north large list:spring", "segcli overlap north large --pairs"),
)
