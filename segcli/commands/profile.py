"""`segcli profile`: compare a segment with everyone, another selection or the rest, and show what distinguishes it."""

import sqlite3
from dataclasses import replace
from datetime import date
from itertools import islice

from segcli.base.errors import EmptyError, UsageError
from segcli.base.text import counted
from segcli.discover import bands, metric_flags
from segcli.discover.explaining import flags as explain_flags
from segcli.discover.profiles import dimensions
from segcli.discover.profiles import tables as profiling
from segcli.discover.profiles.two_groups import EVERYONE, REST, Compared, compare
from segcli.domain.segments.shares import Tally
from segcli.domain.table import Chart, Table, Whole
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.parameters import of_section
from segcli.output import wanted
from segcli.query import lookup, request_flags, selection
from segcli.storage import exchange

HELP = f"""Compare a segment with everyone, another selection or the rest, and show what distinguishes it.

One row per value of each dimension: the labelled classes, country, manager, sector, status, the item groups bought, and
metrics in bands. The bands are the quarters of the base; equal values are in one band, and zero, none and unknown have
bands of their own. index is the share of the selection per 100 of the base's share. z is the difference of the shares in
standard errors; beyond 2 or -2 it is seldom chance. The rows with the largest z come first.

The default metrics are {", ".join(metric_flags.USUAL).format(*["12m"] * 9)}.
--figures shows the mean and the quartiles of the metrics instead. --explain shows the shortest expressions for --where that select
these accounts, with their precision and recall on held-out accounts; --explain --when prints the best one for a rule file.
docs/segments.md defines the figures.

"""
SECTION = "This profile"
_flag = of_section(SECTION)
MEASURES = ("turnover({})", "last_invoice", "margin({})", "days_to_pay({})")
CHART = Chart(("index",), "bar", ("dimension", "value", "value_name"), adds_up=False)


def run(session: Session, values: Values) -> None:
    """Compare the selected accounts with the base."""
    output = wanted.Output.read(values, session.config)
    if values["explain"]:
        _check(values, session.today)
        from segcli.discover.profiles import explanation as explaining

        explaining.run(session, values, output)
        return
    with session.connect() as db:
        found, whole = table(db, session, values)
        if found.lacking:
            session.insist(f"profile: {found.lacking}")
        wanted.write(found, output)
    if found.warning:
        session.warn(f"profile: {found.warning}")
    if values["fail_if_empty"] and not whole.selection:
        raise EmptyError("profile: no account is selected")


def table(db: sqlite3.Connection, session: Session, values: Values) -> tuple[Table, Tally]:
    """Return the profile or its figures, and how many accounts are compared. Raises UsageError for contradictory flags."""
    _check(values, session.today)
    day = request_flags.as_of(values, session.today)
    names = lookup.names(db, day, values)
    usual = metric_flags.usual(_words(values), MEASURES if values["figures"] else metric_flags.USUAL)
    metrics = metric_flags.read(values["metrics"], usual)
    every = dimensions.every(names.catalogue, metrics)
    if values["figures"]:
        wished = [dimension for dimension in every if dimension.is_metric]
    else:
        wished = dimensions.chosen(every, options.expressions(values["dimension"], "--dimension"))
    filters = selection.read(values)
    texts = dimensions.features_of(wished, _words(values))
    compared = compare(db, names, filters, values["against"] or EVERYONE, texts)
    whole = compared.whole
    lacking = exchange.lacking(db, names.measures)
    if lacking and values["strict"]:
        raise exchange.refusal("profile", lacking)
    found = _figures(compared) if values["figures"] else _profile(session, values, compared, wished, whole)
    parts = (f"as of {day}", *_sizes(values, whole), filters.words(names.catalogue.labels), found.caption)
    shown = replace(found, caption=" · ".join(filter(None, parts)), lacking=lacking, warning=_warning(whole), as_of=str(day),
                    with_totals=False)  # fmt: skip
    return shown, whole


def _words(values: Values) -> str:
    return values["window"] or metric_flags.WINDOW


def _check(values: Values, today: date) -> None:
    """Raise UsageError for flags that exclude each other, or a wrong window."""
    for name in ("dimension", "least", "chart", "limit"):
        if values["figures"] and values[name]:
            raise UsageError(f"--{name} is for the values: leave --figures out")
    for name in ("dimension", "metrics", "window", "least", "figures", "chart"):
        if values["explain"] and values[name]:
            raise UsageError(f"--{name} is not for --explain", "leave one of the two out")
    for name in ("when", *explain_flags.NAMES):
        if values[name] and not values["explain"]:
            raise UsageError(f"--{name} goes with --explain")
    if values["window"] and values["metrics"] and values["figures"]:
        raise UsageError("--window is of the usual metrics; --metrics replaces them", "write the window of each metric")
    request_flags.window(_words(values), today)


def _profile(
    session: Session, values: Values, compared: Compared, wished: list[dimensions.Dimension], whole: Tally
) -> Table:
    least, limit = values["least"] or 0, values["limit"]
    found = dimensions.counted(compared, wished, _words(values)) if whole.selection else ()
    rows, hidden = profiling.profile(found, whole, least)
    told = ""
    if hidden:
        told = f"{counted(hidden, 'value')} of fewer than {counted(least, 'account')} left out"
        session.note(told)
    shown = list(islice(rows, limit)) if limit is not None else rows
    return Table("Profile", profiling.VALUES, shown, told, chart=CHART if values["chart"] else None,
                 keeps=("dimension", "value", "value_name", "share", "base_share", "index", "z"),
                 whole=lambda: Whole(len(shown), len(rows), {}))  # fmt: skip


def _figures(compared: Compared) -> Table:
    """Return the means and quartiles. Raise UsageError for a field that is no number."""
    texts = [feature.text for feature in compared.features if feature.kind not in bands.NUMERIC]
    if texts:
        raise UsageError(f"--metrics: {texts[0]} has no mean", "--figures takes amounts, numbers and dates")
    day, currency = compared.names.day, compared.names.currency
    measures = [bands.measure(feature, day, currency) for feature in compared.features]
    return Table("Figures", profiling.FIGURES, list(profiling.figures(compared, measures)))


def _sizes(values: Values, whole: Tally) -> tuple[str, str]:
    """Return in words how many accounts are compared, and with what."""
    against = values["against"] or EVERYONE
    words = {EVERYONE: "everyone", REST: "the rest"}.get(against.strip().lower(), against)
    return f"{counted(whole.selection, 'account')} selected", f"compared with {words}: {counted(whole.base, 'account')}"


def _warning(whole: Tally) -> str:
    """Return what makes a comparison empty; '' if nothing does."""
    if not whole.selection:
        return "no account is selected: there is nothing to compare"
    if not whole.base:
        return "the base has no accounts: there is no index and no z"
    if whole.selection == whole.base == whole.both:
        return "the selection and the base are the same accounts: every index is 100, and there is no z"
    return ""


COMMAND = Command(
    HELP,
    run,
    (
        *options.SELECTION,
        *options.named(("as_of",)),
        *options.STRICT,
        _flag("against", "The base: everyone (default), rest, a saved selection, or an expression.", "BASE",
                   completes="selection"),
        _flag("dimension", "Only these dimensions: class1, Region, country, item_group, turnover", "NAMES", is_many=True),
        _flag("metrics", "Instead of the usual metrics: fields and metrics of segcli where fields, or none.", "NAMES",
                   is_many=True),
        _flag("window", "The window of the usual metrics and of the item groups (12m).", "WINDOW"),
        _flag("least", "Leave out values of fewer accounts, in the selection and the base together.", "N", kind="integer"),
        _flag("figures", "Means and quartiles of turnover, recency, margin and days to pay instead.", "", kind="flag"),
        _flag("explain", "The shortest expressions for --where that select these accounts.", "", kind="flag"),
        _flag("when", "--explain: the best expression as when: of a rule file.", "", kind="flag"),
        *explain_flags.parameters(SECTION),
        *options.named((*options.FORM, "if_changed", "touch", "manifest", "limit", "chart", "fail_if_empty")),
    ),
    (
        "segcli profile --class3 A --limit 20",
        "segcli profile --country BE --against rest --dimension item_group,turnover --chart -f html -o belgium.html",
        'segcli profile --where "turnover(12m) > 5k" --against "status = C" --figures',
        "segcli profile --class3 A --explain",
    ),
)  # fmt: skip
