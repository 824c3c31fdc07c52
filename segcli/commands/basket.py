"""`segcli basket`: find items that are bought together, and what accounts do not buy yet."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from segcli.base.errors import EmptyError, UsageError
from segcli.base.text import counted
from segcli.base.windows import Window
from segcli.discover.baskets import gaps
from segcli.discover.baskets import pairs as baskets
from segcli.domain.catalogue import nearest
from segcli.domain.clause import EVERYTHING, Clause, any_of, both
from segcli.domain.table import Column, Row, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.parameters import of_section
from segcli.output import wanted
from segcli.query import lookup, request_flags, selection
from segcli.query.names import Names
from segcli.scores.flags import numbers
from segcli.storage import exchange

HELP = """Find items that are bought together, and what accounts do not buy yet.

One row per pair of items, or of item groups, that are on the same invoices. Support is the share of the invoices with both;
'other if one' (confidence) is the share of the invoices with one that have the other, too; lift is how many times as often
they are together as they would be by chance. An item counts once per invoice. The invoices are processed sales invoices of the
selected accounts; credit notes, lines without an item and lines with a quantity of zero or less are left out. All invoices up to
--as-of count unless --window, --period or --from and --to say otherwise.

--gap lists what selected accounts did not buy in the window although --share of the similar accounts bought it, or although
they bought what goes with it: a pair with a lift above 1 and --confidence. Similar accounts are the other selected accounts
that bought in the window, with --per those of the same value. A share needs at least 5 of them. The strongest evidence comes first.

"""
_flag = of_section("Baskets")
SHARE = 50
_MOST = 100


_MORE_GAPS = "nothing was found; a lower --share or --confidence, --by group or a longer window finds more"
_MORE_PAIRS = "nothing was found; a lower --least, --by group or a longer window finds more"


class _Answer(NamedTuple):
    """The rows, the heading of the class if they are per value, and what was counted and left out."""

    rows: Iterable[Row]
    label: str
    told: str


def run(session: Session, values: Values) -> int:
    """Count the pairs, or find the gaps, and show them."""
    _refuse_idle(values)
    columns = _columns(values)
    order = _order(values, columns)
    days = _window(values, session)
    output = wanted.Output.read(values, session.config)
    with session.connect() as db:
        names = lookup.names(db, request_flags.days(values, session.today)[0], values)
        among = selection.compile_filters(selection.read(values), names)
        lacking = exchange.lacking(db, names.measures)
        exchange.report(session.insist, "basket", lacking, is_strict=bool(values["strict"]))
        found = _answer(db, names, baskets.Asked(days, among), values, order)
        headed = (Column("value", "code", found.label), *columns[1:]) if found.label else columns
        rows = (row[0 if found.label else len(baskets.PER) :][: len(columns)] for row in found.rows)
        count = wanted.write(_table(values, headed, rows, f"{_since(days)} · {found.told}"), output)
    if output.form not in wanted.PEOPLE:  # their caption says it
        session.note(found.told)
    if not count:
        session.note(_MORE_GAPS if values["gap"] else _MORE_PAIRS)
    if not count and values["fail_if_empty"]:
        raise EmptyError("basket: nothing was found")
    return 0


def _answer(db: sqlite3.Connection, names: Names, asked: baskets.Asked, values: Values, order: str) -> _Answer:
    per = names.catalogue.field(values["per"]) if values["per"] else 0
    asked = asked._replace(by=values["by"] or baskets.ITEM, per=per, least=values["least"])
    whose = _whose(db, names, asked, values["for"])
    told = baskets.lay(db, asked, names.catalogue).words
    label = names.catalogue.label(per) if per else ""
    if not values["gap"]:
        baskets.count_pairs(db)
        return _Answer(baskets.pairs(db, order, values["limit"]), label, told)
    idle = gaps.lay(db, gaps.Wanted(whose, _percent(values, "share"), _percent(values, "confidence")))
    told += f" · {counted(idle, 'selected account')} bought nothing" if idle else ""
    return _Answer(gaps.found(db, order, values["limit"]), label, told)


def _table(values: Values, columns: tuple[Column, ...], rows: Iterable[Row], caption: str) -> Table:
    if values["gap"]:
        return Table("Gaps", columns, rows, caption, with_totals=False, keeps=("value", *gaps.KEEPS))
    return Table("Baskets", columns, rows, caption, with_totals=False, keeps=("value", *baskets.KEEPS))


def _refuse_idle(values: Values) -> None:
    """Raise UsageError for a flag of --gap without it."""
    for name in ("for", "share", "confidence"):
        if values[name] and not values["gap"]:
            raise UsageError(f"--{name} goes with --gap", "add --gap, or leave it out")


def _columns(values: Values) -> tuple[Column, ...]:
    own = gaps.COLUMNS if values["gap"] else baskets.COLUMNS
    return (*baskets.PER, *own) if values["per"] else own


def _order(values: Values, columns: tuple[Column, ...]) -> str:
    """Return the terms of --sort. Raise UsageError for an unknown column."""
    known = [column.name for column in columns]
    asked = options.names(values["sort"], "--sort")
    for name in asked:
        if name.removeprefix("-") not in known:
            raise UsageError(f"--sort: there is no column '{name.removeprefix('-')}'", nearest(name, known))
    usual = () if values["gap"] else ("-lift", "-invoices")
    return baskets.order_of(columns, tuple(dict.fromkeys((*asked, *usual))))


def _window(values: Values, session: Session) -> Window:
    """Return the window of --window, or from the first to the last day of the period."""
    day, start, end = request_flags.days(values, session.today)
    if not values["window"]:
        return baskets.between(start, min(end or day, day))
    if start or end:
        raise UsageError("--window and --period, --from or --to exclude each other", "leave one of them out")
    return request_flags.window(values["window"], day)


def _since(days: Window) -> str:
    return f"until {days.day}" if days.first == "0000" else f"after {days.first}, until {days.day}"


def _whose(db: sqlite3.Connection, names: Names, asked: baskets.Asked, codes: tuple[str, ...]) -> Clause:
    """Return whose gaps are listed. Raise UsageError for an account that is not there, or not selected."""
    for code in codes:
        if not names.has_account(code):
            near = names.near_accounts(code)
            raise UsageError(f"--for: there is no account '{code}'", f"near it: {', '.join(near)}" if near else "")
        one = both((asked.among, any_of("a.code", (code,))))
        if not db.execute(f"SELECT 1 FROM account AS a WHERE {one.sql}", one.values).fetchone():
            raise UsageError(f"--for: account '{code}' is not selected", "it is compared with the selected accounts")
    return both((asked.among, any_of("a.code", codes) if codes else EVERYTHING))


def _percent(values: Values, name: str) -> float:
    if values[name] is None:
        return SHARE
    found = numbers(values[name], f"--{name}")
    if len(found) != 1 or not 0 < found[0] <= _MOST:
        raise UsageError(f"--{name}: '{values[name]}' is no percentage above 0, up to 100")
    return float(found[0])


COMMAND = Command(
    HELP,
    run,
    (
        _flag("by", "Pairs of items (default), or of item groups.", "item|group", choices=(baskets.ITEM, baskets.GROUP)),
        _flag("per", "Per value of a class: class1 or its label.", "CLASS", completes="class"),
        _flag("least", "Only pairs on at least N invoices (default: one in 1,000, at least 2).", "N", kind="integer"),
        _flag("gap", "What accounts do not buy although similar accounts do.", kind="flag"),
        _flag("for", "--gap: list these accounts only; the selected ones stay those to compare with.", "ACCOUNT", is_many=True,
                   completes="account"),
        _flag("share", "--gap: what at least so many percent of the similar accounts bought (50).", "PERCENT"),
        _flag("confidence", "--gap: pairs with at least this confidence (50).", "PERCENT"),
        _flag("window", "The last 90d, 12m, 1y, ytd, last_year; 24m,12m is the year before the last.", "WINDOW"),
        *options.named(("as_of", "from", "to", "period")),
        *options.SELECTION,
        *options.STRICT,
        _flag("sort", "Sort by columns; -NAME sorts descending. Default: -lift,-invoices.", "NAMES"),
        *options.named(("limit", *options.FORM, "if_changed", "fail_if_empty")),
    ),
    (
        "segcli basket --limit 20",
        "segcli basket --by group --per class1 --window 12m -f csv",
        "segcli basket --gap --by group --per class1 --window 12m --limit 20",
        "segcli basket --gap --country NL --for 000017",
    ),
)  # fmt: skip
