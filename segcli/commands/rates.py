"""`segcli rates`: import and list exchange rates."""

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
    """Import exchange rates and recalculate the amounts that depend on them."""
    return import_.run(session, {**values, **dict.fromkeys(_LEFT_OUT), "as": "exchange_rate"})


def show(session: Session, values: Values) -> int:
    """List the latest rate of each currency, or all rates of a period."""
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
    "Import and list exchange rates.",
    {
        "import": Command(
            "Import exchange rates: date, currency, and the amount of it for one unit of the administration's"
            " currency.\n\nThe European Central Bank's files are read as published: eurofxref.csv, eurofxref-hist.csv, and"
            " the long and wide CSV of its data portal. If the administration's currency is not the euro, rates are"
            " calculated through the file's rate of that currency.\nDocuments without an amount in the administration's"
            " currency are converted at the last rate on or before their date, and again when a rate changes. Importing the"
            " same file again changes nothing.",
            load,
            tuple(p for p in import_.PARAMETERS if p.name not in _LEFT_OUT),
            ("segcli rates import eurofxref-hist.csv", "segcli rates import koersen.csv --map Koers=rate --dry-run"),
        ),
        "list": Command(
            "List the exchange rates.\n\nBy default the last rate of each currency on or before the as-of date; with --from,"
            " --to or --period all rates of these days. A rate is the amount of the currency for one unit of the"
            " administration's currency.",
            show,
            (
                Parameter("in_currency", ("--currency",), "Only these currencies.", metavar="CODE", is_many=True),
                *options.named((*options.FORM, "as_of", "from", "to", "period", "if_changed", "fail_if_empty")),
            ),
            ("segcli rates list", "segcli rates list --currency USD --period 2026Q1 -f csv"),
        ),
    },
)
