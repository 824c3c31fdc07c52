"""The account card: master data, classes, figures, and the latest records of each kind."""

from collections.abc import Iterator
from types import ModuleType
from typing import IO, Any

from segcli import overviews
from segcli.base.record import replace
from segcli.domain.catalogue import CLASSES
from segcli.domain.clause import any_of
from segcli.domain.table import Card, Column, Part, Table
from segcli.output import destinations, headings, wanted
from segcli.query import ask, class_changes, lookup
from segcli.query.compose import Request
from segcli.storage.reader import Reader

ROWS = 5  # per part
_HISTORY = (
    Column("changed_at", "date", "When"),
    Column("label", heading="Class"),
    Column("from", "code"),
    Column("to", "code"),
    Column("command"),
)


def show(db: Reader, module: ModuleType, name: str, asked: Request, wanted: wanted.Output) -> int:
    """Draw the card of each requested account."""
    from segcli.output.render.parts import account_card

    codes = asked.values["code"]

    def draw(file: IO[str]) -> int:
        for at, code in enumerate(codes):
            one = replace(asked, filters=replace(asked.filters, codes=(code,), accounts=()))
            file.write("\n" if at else "")
            language = wanted.style.language
            who = headings.translated(_who(db, module, name, one), language)
            parts = [headings.translated(part, language) for part in _parts(db, module.CARD, one)]
            account_card.render(who, module.CARD, parts, file, wanted.style)
        return len(codes)

    fill = destinations.filler("table", draw)
    if wanted.path is None:
        destinations.to_stdout(fill)
    else:
        destinations.to_file(wanted.path, fill, wanted.how)
    return 0


def _who(db: Reader, module: ModuleType, name: str, asked: Request) -> Table:
    """Return the account as one row of labelled fields and the names of its class values."""
    card: Card = module.CARD
    labels = lookup.catalogue(db).labels
    names = [n for group in (("account", "name"), *card.lines, *card.blocks.values()) for n in group]
    known = [n for n in names if n not in CLASSES or int(n[5]) in labels]
    called = [f"{n}_name" for n in known if n in CLASSES]
    return ask.table(db, module, name, replace(asked, columns=(*known, *called), with_totals=False, subtotal=""))


def _parts(db: Reader, card: Card, asked: Request) -> Iterator[Table]:
    for part in card.parts:
        one = replace(asked, columns=part.columns, sort=part.sort, limit=ROWS + 1, with_totals=False, subtotal="")
        found = ask.table(db, overviews.module(part.overview), part.overview, one)
        rows = list(found.rows)
        if rows:
            yield _filled(replace(found, title=_title(part, rows, asked), rows=rows[:ROWS], caption=""))
    for table in (_changes(db, asked), _references(db, asked)):
        if table.rows:
            yield table


def _filled(table: Table) -> Table:
    """Return the table without the columns that are empty in every row, and without the hidden currency column."""
    rows = list(table.rows)
    empty = {at for at in range(len(table.columns)) if all(row[at] in {None, ""} for row in rows)}
    columns = tuple(column for at, column in enumerate(table.columns) if at not in empty)
    kept = [tuple(cell for at, cell in enumerate(row) if at not in empty) for row in rows]
    at = table.currency_at
    moved = None if at is None else at - sum(place < at for place in empty)
    return replace(table, columns=columns, rows=kept, currency_at=moved)


def _title(part: Part, rows: list[Any], asked: Request) -> str:
    all_of_them = f"segcli show {part.overview} --account {asked.filters.codes[0]}"
    return f"{part.title}: the first {ROWS}; all: {all_of_them}" if len(rows) > ROWS else part.title


def _references(db: Reader, asked: Request) -> Table:
    """Return what the account is called in other programs, and the codes of the accounts that were merged into it."""
    rows = db.execute(
        "SELECT r.reference FROM account_reference AS r JOIN account AS a ON a.id = r.account_id WHERE a.code = ?"
        " ORDER BY r.reference",
        (asked.filters.codes[0],),
    )
    return Table("References", (Column("reference"),), [tuple(row) for row in rows], with_totals=False)


def _changes(db: Reader, asked: Request) -> Table:
    """Return the latest changes of the account's classes, the newest first."""
    found = class_changes.table(db, lookup.catalogue(db), any_of("a.code", asked.filters.codes))
    names = [column.name for column in found.columns]
    rows = [dict(zip(names, row, strict=True)) for row in found.rows]
    latest = [{**row, "changed_at": str(row["changed_at"])[:10]} for row in reversed(rows[-ROWS:])]
    shown = [tuple(row[column.name] for column in _HISTORY) for row in latest]
    return Table("Changes of classifications", _HISTORY, shown, with_totals=False)
