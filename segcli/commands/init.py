"""`segcli init`: make the database, empty or with the example administration."""

import sqlite3

from segcli import database
from segcli.command import Command, Session, Values
from segcli.options import Parameter

EXAMPLE_FILES = (
    "classification.yaml",
    "accounts.csv",
    "contacts.csv",
    "items.csv",
    "invoices.csv",
    "receivables.csv",
    "allocations.csv",
)
EXAMPLE_DAY = "2026-06-30"

PARAMETERS = (
    Parameter("example", ("--example",), "Fill it with the example administration.", kind="flag"),
    Parameter("currency", ("--currency",), "The administration's currency (default: EUR).", metavar="CODE"),
    Parameter("name", ("--name",), "The administration's name.", metavar="TEXT"),
)


def run(session: Session, values: Values) -> None:
    """Create the database; an existing one is never touched."""
    from segcli.kinds._convert import to_currency

    try:
        currency = to_currency(values["currency"] or "EUR")
    except ValueError as error:
        from segcli.errors import UsageError

        raise UsageError(f"--currency: '{values['currency']}': {error.args[0]}", error.args[1]) from error
    with database.create(session.database) as db:
        name = values["name"] or ("Tulp & Zonen Handel B.V." if values["example"] else "")
        db.execute("INSERT INTO administration (id, name, currency) VALUES (1, ?, ?)", (name, currency))
        if values["example"]:
            _fill(session, db)
    if values["example"]:
        session.note(f"{session.database} holds the example administration; its story ends on {EXAMPLE_DAY}.")
        session.note(f"Try: segcli show debtor-ageing --as-of {EXAMPLE_DAY} --group-by class1")
    else:
        session.note(f"{session.database} is ready. Next: segcli import FILE…")


def _fill(session: Session, db: sqlite3.Connection) -> None:
    """Import the files of the example, as a user would."""
    from segcli import readers
    from segcli.commands import classification
    from segcli.loading import Loader, Wishes

    folder = database.resource("example")
    loader = Loader(db, session.database, Wishes(), EXAMPLE_DAY, session.config.wait)
    for name in EXAMPLE_FILES:
        if name.endswith(".yaml"):
            classification.import_file(session, db, folder / name)
        else:
            loader.load(readers.open_source(str(folder / name)))


COMMAND = Command(
    "Create the database.\n\nNothing else creates one. An existing file is left alone.",
    run,
    PARAMETERS,
    ("segcli init", "segcli --database demo.db init --example"),
)
