"""`segcli account`: show the card of an account, by its code or by words of it."""

import sqlite3
from typing import Any

from segcli.base.errors import UsageError
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter

HELP = """Show the card of an account, by its code or by words of it.

A code, in upper or lower case, is that account alone, even if it is part of other codes and names. Several codes are several
cards. Other words are searched for as account-search does, in accounts that are blocked or ended too: one match is its card,
several matches are listed. The formats for machines get the rows of account-overview instead.
"""
_CARD, _LIST = "account-overview", "account-search"


def run(session: Session, values: Values) -> int:
    """Show the card of the account that the words name, or the list of those that they may mean."""
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
    """Return the code that the words are together, else the code of each word; nothing if one of them is no code."""
    for texts in ((" ".join(words),), words):
        found = [_code(db, text) for text in texts]
        if all(found):
            return list(dict.fromkeys(code for code in found if code))
    return []


def _code(db: sqlite3.Connection, text: str) -> str | None:
    """Return the code that a text is: as it is spelled, else the only one that differs in case."""
    rows = db.execute("SELECT code FROM account WHERE code = ?1 UNION ALL SELECT code FROM (SELECT code FROM account"
                      " WHERE code = ?1 COLLATE NOCASE AND code <> ?1 LIMIT 2)", (text.strip(),)).fetchall()  # fmt: skip
    codes = [code for (code,) in rows]
    return codes[0] if codes and (codes[0] == text.strip() or len(codes) == 1) else None


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
)
