"""First load of sales invoice lines into an empty table: rows go straight in, or nothing is kept."""

from collections.abc import Iterable

from segcli.importing.kinds.machinery import invoice_lines, line_amounts
from segcli.importing.kinds.machinery.bulk import clean, is_empty, without
from segcli.importing.kinds.machinery.kind_definition import FirstLoad
from segcli.importing.kinds.machinery.stage import Counts, Row, Stage
from segcli.storage import summaries
from segcli.storage.invoice_totals import add_up

_NUMBERED = frozenset({"invoice_number", "line_number"})
_READ = _NUMBERED | {"item", "description", "quantity", "unit", "unit_price", "discount_percent", "net_amount", "cost_amount",
                     "vat_code", "vat_percent", "vat_amount"}  # fmt: skip
_PLAIN = ("description", "unit", "unit_price", "discount_percent", "vat_code", "vat_percent")
_EVERY = "SELECT DISTINCT invoice_id FROM invoice_line"


def _fits(stage: Stage) -> bool:
    return _NUMBERED <= set(stage.fields) <= _READ and is_empty(stage, "invoice_line")


def _load(stage: Stage, rows: Iterable[Row]) -> Counts:
    """Fill the table, build its index, and update the totals derived from lines.

    The schema rejects rows that are not plain: unknown invoice or item, no number, no amount and no price, a line that comes
    twice, a number that is too large.
    """
    line_amounts.register(stage.db)
    with without(stage, ("invoice_line",), ("index",)):
        added = stage.db.executemany(_statement(stage), clean(stage, rows)).rowcount
    add_up(stage.db, _EVERY)
    summaries.refresh_all(stage.db)
    return Counts(added=added, notes=invoice_lines.differing(stage, _EVERY))


def _statement(stage: Stage) -> str:
    """Return the SQL that inserts a row's line.

    ?1 is the row number, which becomes the line's id, as it does when rows pass through a stage. ?2 is not read: SQLite needs as
    many parameters as are bound.
    """
    fields = {name: f"?{at}" for at, name in enumerate(stage.fields, 3)}
    given = {field.name: fields.get(field.name, "NULL") for field in invoice_lines.LINE}
    columns = {name: fields[name] for name in _PLAIN if name in fields}
    columns |= {
        "id": "?1",
        "invoice_id": "i.id",
        "line_number": f"CASE WHEN {given['item']} IS NULL OR m.id IS NOT NULL THEN {given['line_number']} END",
        "item_id": "m.id",
        "quantity": line_amounts.quantity(given),
        "net_amount": line_amounts.net(given),
    }
    columns |= {name: line_amounts.stated(given, name) for name in line_amounts.STATED if name in fields}
    return f"""INSERT INTO invoice_line ({", ".join(columns)}) SELECT {", ".join(columns.values())}
         FROM (SELECT ?{len(fields) + 2}, ?2) LEFT JOIN invoice AS i ON i.kind = 'sales' AND i.invoice_number = {given["invoice_number"]}
         LEFT JOIN item AS m ON m.code = {given["item"]}"""


FIRST_LOAD = FirstLoad(_fits, _load, looks_up=True)
