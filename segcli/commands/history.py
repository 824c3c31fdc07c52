"""`segcli history`: show every classification change of accounts: who, when, from what, in which run."""

from segcli.base.errors import UsageError
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup
from segcli.query.class_changes import table


def run(session: Session, values: Values) -> None:
    """List the classification changes of accounts, oldest first."""
    with session.connect() as db:
        names = lookup.names(db)
        for code in values["accounts"]:
            if not names.has_account(code):
                near = names.near_accounts(code)
                raise UsageError(
                    f"there is no account '{code}'",
                    f"near it: {', '.join(near)}" if near else "search: segcli show account-search WORDS",
                )
        wanted.write(table(db, names.catalogue, values["accounts"]), wanted.Output.read(values, session.config))


COMMAND = Command(
    "Show every classification change of accounts: who, when, from what, in which run.\n\nOldest first. Values that an"
    " account was imported with belong to the run that added it. A run that was undone appears twice: once for the run and"
    " once for its undo.",
    run,
    (
        Parameter(
            "accounts", (), "Account codes.", metavar="ACCOUNT", is_many=True, is_required=True, completes="account"
        ),
        *options.named(options.FORM),
    ),
    ("segcli history 000017", "segcli history 000017 000018 -f csv"),
)
