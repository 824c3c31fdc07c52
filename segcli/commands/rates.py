"""`segcli rates`: exchange rates: import them and list them."""

from decimal import Decimal

from segcli.base.errors import EmptyError
from segcli.commands import import_
from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import request_flags

COLUMNS = (Column("currency"), Column("rate_date", "date", "Date"), Column("rate", "decimal", "For one unit"))
_LAST = """SELECT e.currency, e.rate_date, e.rate FROM exchange_rate AS e WHERE e.rate_date =
             (SELECT max(r.rate_date) FROM exchange_rate AS r WHERE r.currency = e.currency AND r.rate_date <= ?)
            ORDER BY e.currency"""
_BETWEEN = """SELECT currency, rate_date, rate FROM exchange_rate WHERE rate_date BETWEEN ? AND ?
               ORDER BY currency, rate_date"""
_LEFT_OUT = frozenset({"as", "create_missing", "overwrite_classes"})


def load(session: Session, values: Values) -> int:
    """Import files of rates, and calculate the amounts that depend on them."""
    return import_.run(session, {**values, **dict.fromkeys(_LEFT_OUT), "as": "exchange_rate"})


def show(session: Session, values: Values) -> int:
    """List the last rate of each currency, or all of a period."""
    as_of, start, end = request_flags.days(values, session.today)
    chosen = {currency.upper() for currency in values["in_currency"]}
    with session.connect() as db:
        if start or end:
            found = db.execute(_BETWEEN, (str(start or "0000"), str(end or "9999")))
            caption = ""
        else:
            found, caption = db.execute(_LAST, (str(as_of),)), f"the last on or before {as_of}"
        rows = [(name, day, Decimal(rate)) for name, day, rate in found if not chosen or name in chosen]
        own = db.execute("SELECT currency FROM administration").fetchone()[0]
        words = " · ".join(filter(None, (f"for one {own}", caption)))
        wanted.write(
            Table("Exchange rates", COLUMNS, rows, words, with_totals=False), wanted.Output.read(values, session.config)
        )
    if not rows and values["fail_if_empty"]:
        raise EmptyError("rates list: nothing was found")
    return 0


COMMAND = group(
    "Exchange rates: import them and list them.",
    {
        "import": Command(
            "Import exchange rates: a date, a currency and how much of it one unit of the administration's currency costs.\n\n"
            "The reference rates of the European Central Bank come in as they are published: eurofxref.csv, eurofxref-hist.csv, and"
            " the long and wide CSV of its data portal. For an administration in another currency than the euro, rates are"
            " calculated through the file's own rate of that currency.\n"
            "Documents that state no amount in the administration's currency get one from the last rate on or before their own"
            " date. It is calculated again when a rate changes. The same file again changes nothing.",
            load,
            tuple(p for p in import_.PARAMETERS if p.name not in _LEFT_OUT),
            ("segcli rates import eurofxref-hist.csv", "segcli rates import koersen.csv --map Koers=rate --dry-run"),
        ),
        "list": Command(
            "List the exchange rates.\n\nThe last rate of each currency on or before the as-of date; with --from, --to or --period all"
            " rates of these days. A rate is how much of the currency one unit of the administration's currency costs.",
            show,
            (
                Parameter("in_currency", ("--currency",), "These currencies only.", metavar="CODE", is_many=True),
                *options.named((*options.FORM, "as_of", "from", "to", "period", "if_changed", "fail_if_empty")),
            ),
            ("segcli rates list", "segcli rates list --currency USD --period 2026Q1 -f csv"),
        ),
    },
)
