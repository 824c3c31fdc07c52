"""`segcli init`: create the database."""

import sqlite3

from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.storage import database, places

EXAMPLE_FILES = (
    "classification.yaml",
    "payment_conditions.csv",
    "exchange_rates.csv",
    "accounts.csv",
    "contacts.csv",
    "items.csv",
    "invoices.csv",
    "invoice_lines.csv",
    "purchase_invoices.csv",
    "purchase_invoice_lines.csv",
    "receivables.csv",
    "allocations.csv",
    "gl_accounts.csv",
    "journals.csv",
    "transactions.csv",
    "entry_templates.csv",
    "entry_template_links.csv",
    "price_lists.csv",
    "price_list_links.csv",
    "subscription_types.csv",
    "subscriptions.csv",
    "subscription_lines.csv",
    "requests.csv",
)
EXAMPLE_DAY = "2026-06-30"
EXAMPLE_OWN = {
    "name": "Tulp & Zonen Handel B.V.",
    "address": "Theekade 1",
    "postcode": "3011 AA",
    "city": "Rotterdam",
    "country": "NL",
    "phone": "019-555 0000",
    "email": "administratie@tulp-en-zonen.example",
    "website": "https://tulp-en-zonen.example",
    "vat_number": "NL000000000B01",
    "chamber_of_commerce": "00000000",
}

PARAMETERS = (
    Parameter("example", ("--example",), "Fill it with the example administration.", kind="flag"),
    Parameter("currency", ("--currency",), "The administration's currency (default: EUR).", metavar="CODE"),
    Parameter("name", ("--name",), "The administration's name.", metavar="TEXT"),
)


def run(session: Session, values: Values) -> None:
    """Create the database; an existing file is never changed."""
    from segcli.importing.kinds.machinery.conversion import to_currency

    try:
        currency = to_currency(values["currency"] or "EUR")
    except ValueError as error:
        from segcli.base.errors import UsageError

        raise UsageError(f"--currency: '{values['currency']}': {error.args[0]}", error.args[1]) from error
    with database.create(session.database) as db:
        db.execute("INSERT INTO administration (id, name, currency) VALUES (1, '', ?)", (currency,))
        own = EXAMPLE_OWN if values["example"] else {}
        for column, value in {**own, "name": values["name"] or own.get("name", "")}.items():
            db.execute(f"UPDATE administration SET {column} = ?", (value,))
        if values["example"]:
            _fill(session, db)
    if values["example"]:
        session.note(f"{session.database} holds the example administration; its story ends on {EXAMPLE_DAY}.")
        session.note(f"Try: segcli show debtor-ageing --as-of {EXAMPLE_DAY} --group-by class1")
    else:
        session.note(f"{session.database} is ready. Next: segcli import FILE…")


def _fill(session: Session, db: sqlite3.Connection) -> None:
    """Import the example files as a user would."""
    from segcli.commands import classification
    from segcli.importing import readers
    from segcli.importing.loading import Loader
    from segcli.importing.wishes import Wishes

    folder = places.resource("example")
    loader = Loader(db, session.database, Wishes(), EXAMPLE_DAY, session.config.wait)
    for name in EXAMPLE_FILES:
        if name.endswith(".yaml"):
            classification.import_file(session, db, folder / name, {})
        else:
            loader.load(readers.open_source(str(folder / name)))


COMMAND = Command(
    "Create the database.\n\nNo other command creates one. An existing file is not changed.",
    run,
    PARAMETERS,
    ("segcli init", "segcli --database demo.db init --example"),
)
