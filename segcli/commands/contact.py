"""`segcli contact`: show or anonymise what is stored about a person."""

import sqlite3

from segcli.base.text import counted
from segcli.classify.catalogue_edit import writing
from segcli.domain.table import Column, Table
from segcli.interface import confirm, options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.privacy import erasure, held_data
from segcli.storage import diagnosis, locking

COLUMNS = (Column("contact", "code"), Column("part"), Column("key", "code"), Column("field"), Column("value"))
_WHO = Parameter("who", (), "E-mail addresses, or ACCOUNT:CODE.", metavar="WHO", is_many=True, is_required=True)


def show(session: Session, values: Values) -> None:
    """Show everything that is stored about people."""
    with session.connect() as db:
        people = [person for who in values["who"] for person in held_data.find(db, who)]
        rows = [(f"{p.account}:{p.code}", *row) for p in dict.fromkeys(people) for row in held_data.held(db, p)]
        table = Table("Stored about a person", COLUMNS, rows, counted(len(set(people)), "contact"), with_totals=False)
        wanted.write(table, wanted.Output.read(values, session.config))


def _found(db: sqlite3.Connection, values: Values) -> list[held_data.Person]:
    """Return the requested contacts, each once, without those that are already anonymised."""
    asked = [who for who in values["who"] if not held_data.is_gone(db, who)]
    return list(dict.fromkeys(person for who in asked for person in held_data.find(db, who)))


def anonymise(session: Session, values: Values) -> None:
    """Permanently remove people's data: contacts, search indexes, free text, history and free pages."""
    with session.connect(write=True) as db:
        people = _found(db, values)
        names = [f"{person.account}:{person.code} {person.name}" for person in people]
        if people and not values["yes"] and not values["dry_run"]:
            confirm.require(
                f"the data of {counted(len(people), 'contact')} would be removed permanently",
                "segcli contact show",
                names,
                f"Remove the data of {counted(len(people), 'contact')}? This cannot be undone.",
            )
        with writing(session, db, "contact anonymise", values) as run:
            confirmed = {person.id for person in people}  # under the lock: their data may have changed since
            people = [person for person in _found(db, values) if person.id in confirmed]
            for person in people:
                session.outcome.change(f"contact {person.account}:{person.code}", "data", "held", "anonymised")
            left = erasure.anonymise(db, people, run.id, str(session.today))
            run.note(
                f"{counted(len(people), 'contact')} anonymised, and removed from {counted(left.texts, 'other text')}"
                if people
                else ""
            )
        if values["dry_run"]:
            return
        with locking.lock(session.database.resolve(), "contact anonymise", session.config.wait):
            hindrance = erasure.clean(db)
            copies = diagnosis.copies(db, session.database)
        lake = _lake(session, db)
    if hindrance:
        session.insist(f"{hindrance}: run this command again to remove the data from free pages and the log")
    for code in left.accounts:
        session.warn(
            f"account {code} had that address or number as its own: removed there too; also change it in the source of your accounts"
        )
    if left.kept:
        lines = f"{counted(left.kept, 'line')} of invoices and the ledger still {'names' if left.kept == 1 else 'name'} them"
        session.insist(f"{lines}: bookkeeping records are kept")
    if left.others:
        named = ", ".join(f"{table} ({count})" for table, count in left.others.items())
        session.insist(f"names and codes are not changed; these still contain them: {named}")
    for path in copies:
        session.insist(f"{path} still contains the data: delete that backup when you can")
    if lake:
        session.insist(lake)


def _lake(session: Session, db: sqlite3.Connection) -> str:
    """Say whether the configured lake still contains the data; '' without a lake."""
    if session.config.lake is None:
        return ""
    from segcli.lake import status

    return status.remnant(session.config.lake, db)


COMMAND = group(
    "Show or anonymise what is stored about a person.",
    {
        "show": Command(
            "Show everything stored about a person: one row per field.\n\nAnswers data-subject access requests (GDPR). An"
            " e-mail address finds all contacts that have it.",
            show,
            (_WHO, *options.named(options.FORM)),
            ("segcli contact show info@t-gouden-hoen.example -f json", "segcli contact show 000001:1 -o request.json"),
        ),
        "anonymise": Command(
            "Permanently remove a person's data.\n\nRemoves name, addresses, numbers, notes and list memberships, and"
            " mentions of these in requests, subscriptions and the history, in any spelling, also from search indexes, free"
            " pages and the write-ahead log of the database. Later imports skip the person's rows, recognised by code, name,"
            " GUID or address (until list opt-in allows the address again), and the address stays out of lists. Accounts,"
            " invoices and amounts are kept; where they still name the person is reported. It cannot be undone. Backups and"
            " written files are not changed; the next lake sync removes the data from the lake.",
            anonymise,
            (_WHO, *options.named(("yes",)), *options.BY_HAND),
            (
                "segcli contact anonymise info@t-gouden-hoen.example --dry-run",
                "segcli contact anonymise info@t-gouden-hoen.example --yes",
            ),
        ),
    },
)
