"""`segcli contact`: people: what is held of one, and taking it away."""

import sqlite3

from segcli.classify.catalogue_edit import writing
from segcli.domain.table import Column, Table
from segcli.interface import confirm, options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.privacy import erasure
from segcli.storage import diagnosis, locking

COLUMNS = (Column("contact", "code"), Column("part"), Column("key", "code"), Column("field"), Column("value"))
_WHO = Parameter("who", (), "E-mail addresses, or ACCOUNT:CODE.", metavar="WHO", is_many=True, is_required=True)


def show(session: Session, values: Values) -> None:
    """Show everything that is held of people."""
    with session.connect() as db:
        people = [person for who in values["who"] for person in erasure.find(db, who)]
        rows = [(f"{p.account}:{p.code}", *row) for p in dict.fromkeys(people) for row in erasure.held(db, p)]
        table = Table("Held of a person", COLUMNS, rows, f"{len(set(people))} contacts", with_totals=False)
        wanted.write(table, wanted.Output.read(values, session.config))


def _found(db: sqlite3.Connection, values: Values) -> list[erasure.Person]:
    """Return the contacts that are asked for, each once, without those who are anonymised already."""
    asked = [who for who in values["who"] if not erasure.is_gone(db, who)]
    return list(dict.fromkeys(person for who in asked for person in erasure.find(db, who)))


def anonymise(session: Session, values: Values) -> None:
    """Take people's data away for good: contacts, searches, free text, history, free pages."""
    with session.connect(write=True) as db:
        people = _found(db, values)
        names = [f"{person.account}:{person.code} {person.name}" for person in people]
        if people and not values["yes"] and not values["dry_run"]:
            confirm.require(
                f"{len(people)} contacts would lose their data for good",
                "segcli contact show",
                names,
                f"Take away the data of {len(people)} contacts? This cannot be undone.",
            )
        with writing(session, db, "contact anonymise", values) as run:
            confirmed = {person.id for person in people}  # under the lock: what is held of them may have changed since
            people = [person for person in _found(db, values) if person.id in confirmed]
            for person in people:
                session.outcome.change(f"contact {person.account}:{person.code}", "data", "held", "anonymised")
            left = erasure.anonymise(db, people, run.id, str(session.today))
            run.note(
                f"{len(people)} contacts anonymised, and named no more in {left.texts} other texts" if people else ""
            )
        if values["dry_run"]:
            return
        with locking.lock(session.database.resolve(), "contact anonymise", session.config.wait):
            hindrance = erasure.clean(db)
            copies = diagnosis.copies(db, session.database)
    if hindrance:
        session.insist(f"{hindrance}: run this again, so that nothing is left in its free pages and log")
    for code in left.accounts:
        session.warn(
            f"account {code} had that address or number as its own: taken away there, too; change it where accounts come from"
        )
    if left.kept:
        session.insist(f"{left.kept} lines of invoices and the ledger still name them: bookkeeping is kept")
    if left.others:
        named = ", ".join(f"{table} ({count})" for table, count in left.others.items())
        session.insist(f"names and codes are not changed, and these still have theirs: {named}")
    for path in copies:
        session.insist(f"{path} still holds them: delete that backup when you can")


COMMAND = group(
    "People: what is held of one, and taking it away.",
    {
        "show": Command(
            "Show everything that is held of a person: a row for each field.\n\nFor who asks what you have of them. By e-mail"
            " address all contacts that have it are found.",
            show,
            (_WHO, *options.named(options.FORM)),
            ("segcli contact show info@t-gouden-hoen.example -f json", "segcli contact show 000001:1 -o request.json"),
        ),
        "anonymise": Command(
            "Take a person's data away for good.\n\nName, addresses, numbers, notes, lists, and the same in requests, subscriptions and"
            " the history, in any spelling; from the searches, free pages and the log of the database too. Their rows in later files"
            " are left out, by code, name, GUID or address (until list opt-in lets the address in again), and their address stays out"
            " of lists. Accounts, invoices and amounts stay as they are; where they are still named is told. It cannot be undone;"
            " backups and files that were written are not reached.",
            anonymise,
            (_WHO, *options.named(("yes",)), *options.BY_HAND),
            (
                "segcli contact anonymise info@t-gouden-hoen.example --dry-run",
                "segcli contact anonymise info@t-gouden-hoen.example --yes",
            ),
        ),
    },
)
