"""`segcli cluster`: suggest segments: clusters of accounts by metrics (k-means)."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from segcli.base.errors import EmptyError, UsageError
from segcli.base.text import counted, is_whole
from segcli.discover.clusters import clustering
from segcli.discover.clusters import model_file as cluster_file
from segcli.discover.clusters.clustering import Laid
from segcli.domain.segments import clusters
from segcli.domain.segments.clusters import Fit, Model
from segcli.domain.table import Chart, Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.parameters import of_section
from segcli.output import destinations, wanted
from segcli.query import lookup, request_flags, selection
from segcli.query.expressions.fields import bare
from segcli.query.names import Names
from segcli.scores.studies import DIGITS
from segcli.storage import exchange

HELP = """Suggest segments: clusters of accounts by metrics (k-means).

Needs segcli[discover]. Metrics are those of --where: amounts count in units of the administration's currency, dates as days before
the as-of day. A metric with a skewness above 1 enters as log(1 + x); each enters as its z-score. Accounts without one of the
metrics are left out and counted. Without --k, the k of 2 to 10 with the highest silhouette on a sample of 5,000 accounts is
taken; --curve shows all. Accounts enter in the order of their code: the same accounts and --seed give the same clusters, on one
version and platform. Cluster 1 has the highest first metric.

One row per cluster: accounts, the mean of each metric, the mean distance to the centre (in standard deviations) and the mean
silhouette of the sample (-1 to 1; below 0.25 there is no structure). --explain adds the shortest expression that selects the
accounts of the cluster, with its precision and recall on held-out accounts.

Nothing is stored. Give the clusters names, and store the names with tag:

    segcli cluster --members --k 3 --into class8 --names 1=GOLD,2=SILVER -o clusters.csv
    segcli tag --from clusters.csv --dry-run

--save writes the centres to a file. --assign FILE places accounts, also new ones, at these centres; it does not need scikit-learn. Use
--assign in cron jobs: a new fit has other borders each day.

"""
_flag = of_section("Clusters")
_FITTING = ("metrics", "k", "seed", "curve", "save")
CURVE = (Column("k", "integer", "Clusters"), Column("inertia", "decimal"), Column("silhouette", "decimal"))
EXPLAINED = (
    Column("expression"),
    Column("precision_held_out", "percent", "Precision held out"),
    Column("recall_held_out", "percent", "Recall held out"),
)
_DRAWN = Column("silhouette_1000", "integer", "Silhouette x 1000")


class _Found(NamedTuple):
    """The metrics, the centres, and their fit unless they come from a file."""

    laid: Laid
    model: Model
    fit: Fit | None


def run(session: Session, values: Values) -> int:
    """Fit or read the centres, place the accounts, and show the clusters, their members or the curve."""
    _check(values)
    output = wanted.Output.read(values, session.config)
    day = request_flags.days(values, session.today)[0]
    with session.connect() as db:
        names = lookup.names(db, day, values)
        found = _found(db, names, values)
        _report(session, db, found.laid, names, is_strict=bool(values["strict"]))
        table = _table(db, names, found, values)
        rows = wanted.write(table, output)
    if found.laid.words and output.form not in wanted.PEOPLE:  # their caption says it
        session.note(found.laid.words)
    if values["save"]:
        _save(session, values, names, found)
    if not rows and values["fail_if_empty"]:
        raise EmptyError("cluster: no account has all metrics")
    return 0


def _check(values: Values) -> None:
    """Raise UsageError for flags that do not go together."""
    if values["assign"]:
        for name in _FITTING:
            if values[name] is not None and values[name] is not False:
                raise UsageError(f"--{name} belongs to a fit, --assign has its centres", "leave one of them out")
    if values["curve"] and (values["k"] is not None or values["members"]):
        raise UsageError("--curve shows how k is chosen", "leave --k and --members out")
    if bool(values["into"]) != bool(values["names"]) or (values["into"] and not values["members"]):
        raise UsageError(
            "--into CLASS, --names and --members go together", "such as: --members --into class8 --names 1=GOLD"
        )
    if values["explain"] and (values["members"] or values["curve"]):
        raise UsageError("--explain describes clusters", "leave --members and --curve out")
    if values["chart"] and values["members"]:
        raise UsageError("--chart draws clusters, not members", "leave one of them out")
    if values["k"] is not None and values["k"] < 2:  # noqa: PLR2004
        raise UsageError(f"--k: {values['k']} is no number of clusters", "2 at least")
    if (values["seed"] or 0) > clusters.MOST_SEED:
        raise UsageError(f"--seed: {values['seed']} is too large", f"{clusters.MOST_SEED} at most")


def _found(db: sqlite3.Connection, names: Names, values: Values) -> _Found:
    clause = selection.compile_filters(selection.read(values), names)
    if values["assign"]:
        stored = cluster_file.read(Path(values["assign"]))
        if stored.currency != names.currency:
            raise UsageError(f"{values['assign']} is in {stored.currency}, the administration in {names.currency}")
        laid = clustering.lay(db, names, stored.metrics, clause)
        return _Found(laid, stored.model, None)
    given = values["metrics"]
    metrics = options.expressions((given,), "--metrics") if given else clustering.usual(names)
    laid = clustering.lay(db, names, metrics, clause)
    fit = clustering.fit(db, laid, values["k"], values["seed"] or 0)
    return _Found(laid, fit.model, fit)


def _report(session: Session, db: sqlite3.Connection, laid: Laid, names: Names, *, is_strict: bool) -> None:
    """Tell which accounts are left out because an amount is unknown."""
    lacking = exchange.lacking(db, names.measures)
    if laid.unknown and not lacking:
        lacking = laid.words
    exchange.report(session.insist, "cluster", lacking, is_strict=is_strict)


def _table(db: sqlite3.Connection, names: Names, found: _Found, values: Values) -> Table:
    if values["curve"] and found.fit:
        return _curve(found.fit, _about(found, names, values), is_drawn=values["chart"])
    clustering.place(db, found.laid, found.model)
    if values["members"]:
        return _members(db, names, found, values)
    scored = () if found.fit is None else (Column("silhouette", "decimal"),)
    own = tuple(
        Column(
            metric.name,
            "money" if metric.kind == "money" else "decimal",
            "days since " * (metric.kind == "date") + bare(metric.text),
        )
        for metric in found.laid.metrics
    )
    columns = (
        Column("cluster", "integer"), Column("accounts", "integer", total="sum"), Column("share", "percent"), *own,
        Column("distance", "decimal"), *scored, *(EXPLAINED if values["explain"] else ()),
    )  # fmt: skip
    if len({column.name for column in columns}) < len(columns):
        raise UsageError("--metrics: two of them would have the same column", "name different metrics")
    rows = clustering.summary(db, found.laid)
    if found.fit:
        known = found.fit.silhouettes
        rows = ((*row, None if row[0] not in known else round(known[row[0]], DIGITS)) for row in rows)
    if values["explain"]:
        rows = _explained(db, names, list(rows))
    chart = Chart(("accounts",), label=("cluster",)) if values["chart"] else None
    return Table("Clusters", columns, rows, _about(found, names, values), currency=names.currency, chart=chart)


def _explained(db: sqlite3.Connection, names: Names, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows, each with the expression that describes its cluster, if there is one."""
    found = clustering.described(db, names, [row[0] for row in rows])
    return ((*row, *found.get(row[0], (None, None, None))) for row in rows)


def _curve(fit: Fit, caption: str, *, is_drawn: bool) -> Table:
    rows: list[tuple[Any, ...]] = [
        (step.k, round(step.inertia, DIGITS), round(step.silhouette, DIGITS)) for step in fit.curve
    ]
    if not is_drawn:
        return Table("Curve", CURVE, rows, caption, with_totals=False)
    rows = [(*row, round(1000 * row[2])) for row in rows]
    chart = Chart((_DRAWN.name,), label=("k",))
    return Table("Curve", (*CURVE, _DRAWN), rows, caption, with_totals=False, chart=chart)


def _members(db: sqlite3.Connection, names: Names, found: _Found, values: Values) -> Table:
    given = _names(values["names"], len(found.model.centres)) if values["names"] else None
    last: tuple[Column, ...] = (Column("cluster", "integer"), Column("distance", "decimal"))
    if given is not None:
        number = names.catalogue.field(values["into"])
        for code in given.values():
            names.catalogue.assignable(number, code)
        last = (Column(f"class{number}", "code"),)
    rows = clustering.members(db, given)
    columns = (Column("account", "code"), Column("name"), *last)
    return Table("Members", columns, rows, _about(found, names, values), with_totals=False)


def _names(text: str, count: int) -> Mapping[int, str]:
    """Return the names of --names. Raise UsageError for a cluster that there is not."""
    found: dict[int, str] = {}
    for part in options.names(text, "--names"):
        number, sign, name = (word.strip() for word in part.partition("="))
        if not sign or not name or not is_whole(number) or not 1 <= int(number) <= count:
            raise UsageError(f"--names: '{part}' is not NUMBER=CODE", f"the clusters are 1 to {count}")
        if int(number) in found:
            raise UsageError(f"--names: cluster {number} is named twice")
        found[int(number)] = name
    return found


def _about(found: _Found, names: Names, values: Values) -> str:
    """Return the caption: the day, how k was chosen, how metrics enter, and what is left out."""
    parts = [f"as of {names.day}"]
    if found.fit is None:
        parts.append(f"centres of {Path(values['assign']).name}")
    else:
        parts.append(f"seed {values['seed'] or 0}")
        if found.fit.curve:
            tried = ", ".join(f"{step.k}: {step.silhouette:.3f}" for step in found.fit.curve)
            parts.append(f"{len(found.model.centres)} clusters by silhouette ({tried})")
        parts.append(f"inertia {found.fit.inertia:.4f}")
        parts += [] if found.fit.silhouette is None else [f"silhouette {found.fit.silhouette:.4f}"]
    logged = [metric.text for metric, scale in zip(found.laid.metrics, found.model.scales, strict=True) if scale.is_log]
    parts += [f"log: {', '.join(logged)}"] if logged else []
    return " · ".join(filter(None, (*parts, found.laid.words)))


def _save(session: Session, values: Values, names: Names, found: _Found) -> None:
    import sklearn

    from segcli import __version__

    path = Path(values["save"])
    about = {
        "segcli": __version__, "scikit_learn": sklearn.__version__, "as_of": str(names.day), "currency": names.currency,
        "selection": selection.read(values).words(names.catalogue.labels), "accounts": found.laid.accounts,
        "seed": values["seed"] or 0, "inertia": found.fit.inertia if found.fit else None,
    }  # fmt: skip
    destinations.write_text(
        path, cluster_file.text(tuple(metric.text for metric in found.laid.metrics), found.model, about)
    )
    session.note(f"{counted(len(found.model.centres), 'centre')} written to {path}")


COMMAND = Command(
    HELP,
    run,
    (
        _flag("metrics", "Metrics or numeric fields: turnover,invoices,last_invoice (default).", "METRICS"),
        _flag("k", "The number of clusters; without it, by silhouette.", "N", kind="integer"),
        _flag("seed", "The seed of the starts and of the sample (0).", "N", kind="integer"),
        _flag("curve", "Inertia and silhouette of the sample for each k.", kind="flag"),
        _flag("members", "One row per account: cluster and distance to its centre.", kind="flag"),
        _flag("explain", "The shortest expression for --where that selects each cluster.", kind="flag"),
        _flag("into", "--members: a column for this class instead, as tag --from reads it.", "CLASS", completes="class"),
        _flag("names", "--into: the value for each cluster; clusters without one get an empty cell.", "N=CODE,…"),
        _flag("save", "Write the centres and scaling to this file.", "FILE", completes="file", is_written=True),
        _flag("assign", "Place accounts at the centres of this file.", "FILE", completes="file"),
        *options.named(("as_of",)),
        *options.SELECTION,
        *options.STRICT,
        *options.named((*options.FORM, "if_changed", "fail_if_empty", "no_totals", "chart")),
    ),
    (
        "segcli cluster --k 3 --explain",
        "segcli cluster --metrics 'turnover(12m),invoices(12m),last_invoice' --curve",
        "segcli cluster --members --k 3 --into class8 --names 1=GOLD,2=SILVER -f csv",
        "segcli cluster --k 3 --save model.json",
    ),
)  # fmt: skip
