"""`segcli account`: show the card of an account, by its code or by words of it."""

import sqlite3
from typing import TYPE_CHECKING, Any

from segcli.base.errors import UsageError
from segcli.base.text import counted
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter

if TYPE_CHECKING:
    from segcli.importing.account_merge import Merged

HELP = """Show the card of an account, by its code or by words of it.

A code, in upper or lower case, is that account alone, even if it is part of other codes and names. Several codes are several
cards. Other words are searched for as account-search does, in accounts that are blocked or ended too: one match is its card,
several matches are listed. The formats for machines get the rows of account-overview instead.
segcli account merge FROM INTO joins two accounts.
"""
_CARD, _LIST = "account-overview", "account-search"


def run(session: Session, values: Values) -> int:
    """Show the card of the account that the words name, or a list of the accounts that they may mean."""
    from segcli.commands import show
    from segcli.output import wanted

    text = " ".join(values["words"])
    with session.connect() as db:
        codes = _named(db, values["words"])
        found = codes or _found(db, text)
    if codes or len(found) == 1:
        return _shown(_CARD, session, values, {"code": tuple(found)})
    if wanted.Output.read(values, session.config).form not in show.CARD_FORMATS:
        return _shown(_CARD, session, values, {"search": text, "inactive": True})
    session.note(f"several accounts match; a code shows one: segcli account {found[0]}")
    return _shown(_LIST, session, values, {"text": values["words"], "inactive": True})


def _shown(name: str, session: Session, values: Values, more: dict[str, Any]) -> int:
    """Run an overview with the flags of this command and these values of its own."""
    from segcli import overviews
    from segcli.commands import show

    parameters = (*options.named(overviews.declared(name).parameters), *show.SHARED)
    return show.show(name, session, {**options.check(parameters, {}), **values, **more})


def _named(db: sqlite3.Connection, words: tuple[str, ...]) -> list[str]:
    """Return the code that all words form together, else the code of each word; nothing if a word is not a code."""
    for texts in ((" ".join(words),), words):
        found = [_code(db, text) for text in texts]
        if all(found):
            return list(dict.fromkeys(code for code in found if code))
    return []


def _code(db: sqlite3.Connection, text: str) -> str | None:
    """Return the code that equals a text, else the only code that differs from it in case."""
    wanted = text.strip()
    if db.execute("SELECT 1 FROM account WHERE code = ?", (wanted,)).fetchone():
        return wanted
    # No index: this reads all codes.
    rows = db.execute("SELECT code FROM account WHERE code = ? COLLATE NOCASE LIMIT 2", (wanted,)).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else None


def _found(db: sqlite3.Connection, text: str) -> list[str]:
    """Return the codes of the first accounts in which all words are found, two at most. None is a UsageError."""
    from segcli.query import lookup, selection

    clause = selection.search_clause("a.id", "account", text)
    sql = f"SELECT a.code FROM account AS a WHERE {clause.sql} ORDER BY a.name, a.code LIMIT 2"
    codes = [code for (code,) in db.execute(sql, clause.values)]
    if codes:
        return codes
    near = lookup.near_accounts(db, text.strip())
    hint = f"near it: {', '.join(near)}" if near else "name it by its code, or by part of its name, city or e-mail"
    raise UsageError(f"no account has '{text}'", hint)


MERGE_HELP = """Join two accounts: everything attached to FROM moves to INTO, and FROM is deleted.

Contacts, invoices, items, subscriptions, requests, price list links, reminders, references and bank accounts move. A contact
whose code INTO uses, too, gets the code FROM-CODE. Empty fields of INTO are filled; its own fields, classes and links stay, and
a message says which classes differ. FROM's code and GUID become references of INTO: later imports of FROM's rows go to INTO.
--dry-run shows what would move. segcli undo takes the merge back.
"""


def merge(session: Session, values: Values) -> int:
    """Merge two accounts in one run, and report what moved."""
    from segcli.importing import account_merge
    from segcli.interface import changes
    from segcli.query import lookup
    from segcli.storage import database, runs

    with session.connect(write=True) as db:
        goes, stays = _one(db, values["from"]), _one(db, values["into"])
        if goes == stays:
            raise UsageError(f"FROM and INTO are both account {goes}", "name two accounts")
        command, is_dry = f"account merge {goes} {stays}", bool(values["dry_run"])
        with database.writing(db, session.database, command, wait=session.config.wait) as transaction:
            run_id = runs.start(db, command, "manual", values["reason"])
            runs.join(db, run_id, run_id)
            numbers = (lookup.account_id(db, goes), lookup.account_id(db, stays))  # under the lock
            done = account_merge.merge(db, run_id, *numbers)
            runs.finish(db, run_id, f"{goes} into {stays}: {done.summary}")
            transaction.keep = not is_dry
    _tell(session, goes, stays, done)
    changes.write_table(session, values, changes.of(session.outcome, "Changes"), is_shown=is_dry)
    return 0


def _tell(session: Session, goes: str, stays: str, done: "Merged") -> None:
    """Report what was moved, filled and lost."""
    noted = session.outcome
    for table, count in done.moved.items():
        noted.change(counted(count, table.replace("_", " ")), "account", goes, stays)
    for old, new in done.renumbered:
        noted.change(f"{stays}:{new}", "contact", f"{goes}:{old}", f"{stays}:{new}")
    for name, (empty, value) in done.filled.items():
        noted.change(stays, name, empty, value)
    for reference in done.referred:
        noted.change(stays, "reference", None, reference)
    noted.count(accounts=1, changes=len(noted.changes))
    for text in done.stays:
        session.insist(f"{stays}: {text}")
    session.note(f"{goes} into {stays}: {done.summary}")


def _one(db: sqlite3.Connection, text: str) -> str:
    """Return the code of the account that a text names. None is a UsageError."""
    code = _code(db, text)
    if code is None:
        from segcli.query import lookup

        near = lookup.near_accounts(db, text.strip())
        raise UsageError(
            f"there is no account '{text}'", f"near it: {', '.join(near)}" if near else "name it by its code"
        )
    return code


MERGE = Command(
    MERGE_HELP,
    merge,
    (
        Parameter("from", (), "The account that is deleted.", metavar="FROM", is_required=True, completes="account"),
        Parameter("into", (), "The account that is kept.", metavar="INTO", is_required=True, completes="account"),
        *options.BY_HAND,
    ),
    (
        "segcli account merge 000018 000017 --dry-run",
        "segcli account merge 000018 000017 --reason 'same chamber number'",
    ),
)
COMMAND = Command(
    HELP,
    run,
    (
        Parameter(
            "words",
            (),
            "An account code, or words of its name, city, e-mail or phone.",
            metavar="CODE|WORDS",
            is_many=True,
            is_required=True,
            completes="account",
        ),
        *options.named(("as_of", *options.FORM)),
    ),
    ("segcli account 000017", "segcli account gouden hoen", "segcli account 000017 000018 -o cards.txt"),
    {"merge": MERGE},
)
