"""What a database holds: records by kind, the open amount, classifications, and the last import."""

from segcli.base.record import Record
from segcli.base.text import counted
from segcli.query.outstanding import outstanding
from segcli.storage.reader import Reader

_OPEN = f"""WITH selection AS NOT MATERIALIZED (SELECT a.id FROM account AS a), {outstanding()}
SELECT currency, sum(open), sum(CASE WHEN coalesce(due_date, invoice_date) < :as_of THEN open ELSE 0 END)
  FROM outstanding GROUP BY currency HAVING sum(open) <> 0 ORDER BY sum(open) DESC, currency"""
_COUNTS = """SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM contact),
       (SELECT count(*) FROM invoice WHERE kind = 'sales'), (SELECT count(*) FROM outstanding_item)"""
_ACTIVE = "is_blocked = 0 AND (end_date IS NULL OR end_date >= ?)"  # what account-search shows
_CLASSES = """SELECT l.field, l.label, (SELECT count(*) FROM classification_value AS v WHERE v.field = l.field AND v.is_retired = 0)
  FROM classification_label AS l ORDER BY l.field"""


class Holdings(Record):
    """What a database holds, as far as the first screen says it."""

    administration: str
    accounts: int
    contacts: int
    invoices: int
    items: int
    open: tuple[tuple[str, int, int], ...]  # currency, open, overdue
    classes: tuple[tuple[int, str, int, int], ...]  # field, label, values, active accounts without one
    last_import: str


def read(db: Reader, day: str) -> Holdings:
    """Return what the database holds at the end of a day."""
    name = db.execute("SELECT name FROM administration").fetchone()
    accounts, contacts, invoices, items = db.execute(_COUNTS).fetchone()
    classes = []
    for field, label, values in db.execute(_CLASSES).fetchall():
        sql = f"SELECT count(*) FROM account WHERE class{int(field)} IS NULL AND {_ACTIVE}"
        classes.append((field, label, values, db.execute(sql, (day,)).fetchone()[0]))
    return Holdings(
        name[0] if name else "",
        accounts,
        contacts,
        invoices,
        items,
        tuple(db.execute(_OPEN, {"as_of": day})) if items else (),
        tuple(classes),
        _last_import(db),
    )


def _last_import(db: Reader) -> str:
    """Return the moment of the last import and its file, or how many files it read; '' without an import."""
    found = db.execute(
        "SELECT id, batch_id, started_at, command FROM run WHERE source = 'import' ORDER BY id DESC LIMIT 1"
    )
    row = found.fetchone()
    if not row:
        return ""
    number, batch, moment, command = row
    (files,) = db.execute("SELECT count(*) FROM run WHERE batch_id = ? OR id = ?", (batch, number)).fetchone()
    more = f" and {counted(files - 1, 'more file')}" if files > 1 else ""
    return f"{moment[:10]} {moment[11:16]} UTC, {command.removeprefix('import ')}{more}"
