"""`segcli history`: show every classification change of accounts: who, when, from what, in which run."""

from dataclasses import replace

from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import class_changes, lookup, selection


def run(session: Session, values: Values) -> None:
    """List the classification changes of the named or selected accounts, oldest first."""
    filters = selection.read(values)
    since = dates.day_of(values["since"], session.today, "--since") if values["since"] else None
    if not (values["accounts"] or filters or since):
        raise UsageError("whose history?", "name accounts, select them (--class1 N), or say --since DATE")
    if values["accounts"]:
        filters = replace(filters, codes=values["accounts"])
    with session.connect() as db:
        names = lookup.names(db, asked=values)
        clause = selection.compile_filters(filters, names)
        about = [filters.words(names.catalogue.labels) if not filters.codes else "", f"since {since}" if since else ""]
        caption = " · ".join(filter(None, about))
        table = class_changes.table(db, names.catalogue, clause, str(since or ""), caption)
        wanted.write(table, wanted.Output.read(values, session.config))


COMMAND = Command(
    "Show every classification change of accounts: who, when, from what, in which run.\n\nOldest first, account by account."
    " The accounts are named, or selected as they are now: --class1 N --since 2026-01-01 shows the changes since then on"
    " accounts that have N today. Values that an account was imported with belong to the run that added it. A run that was"
    " undone appears twice: once for the run and once for its undo. Days and times are in UTC.",
    run,
    (
        Parameter("accounts", (), "Account codes.", metavar="ACCOUNT", is_many=True, completes="account"),
        Parameter("since", ("--since",), "Changes of this day and later.", metavar="DATE"),
        *options.SELECTION,
        *options.STRICT,
        *options.named(options.FORM),
    ),
    ("segcli history 000017", "segcli history --class1 N --since 2026-01-01", "segcli history 000017 000018 -f csv"),
)
