"""`segcli history`: show every change of classifications: who, when, from what, in which run."""

from dataclasses import replace

from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import class_changes, lookup, selection


def run(session: Session, values: Values) -> None:
    """List the changes of the classifications of the accounts that are named or selected."""
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
    "Show every change of classifications: who, when, from what, in which run.\n\nOf the accounts that are named, or of those that the"
    " selection flags find now: --class1 N --since 2026-01-01 shows what changed since then on accounts that have N today. The oldest"
    " first, account by account. What an account was added with comes from the run that added it. A run that was undone is there"
    " twice: as it came and as it went. Days are those of UTC, as the times are.",
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
