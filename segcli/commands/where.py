"""`segcli where`: explain --where expressions, and list the fields that they may use."""

from segcli.base.text import counted
from segcli.domain.catalogue import CLASSES
from segcli.domain.clause import quoted
from segcli.domain.scoring.columns import SCORES
from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup, request_flags
from segcli.query.expressions import metrics
from segcli.query.expressions.fields import AMOUNTS, DATES, FLAGS, TEXTS
from segcli.query.expressions.language import explained
from segcli.query.expressions.limits import OVER_LIMIT
from segcli.scores.studies import STUDIES
from segcli.storage import exchange

_COLUMNS = (Column("part"), Column("accounts", "integer"), Column("share", "percent"), Column("sql", heading="SQL"))
_KNOWN = (Column("name"), Column("type"), Column("window", "flag"), Column("text", heading="What it is"))
_OUTPUT = options.named(options.FORM)


_VALUES = {"country": "one of ISO 3166 or of the data", "currency": "one of ISO 4217 or of the data",
           "manager": "one of the data", "sector": "one of the data", "price_list": "the linked price list"}  # fmt: skip


def explain(session: Session, values: Values) -> None:
    """Show each part of an expression, then the whole, with the number of accounts that match."""
    day = request_flags.as_of(values, session.today)
    with session.connect() as db:
        names = lookup.names(db, day)
        parts = explained(values["expression"], names)
        lacking = exchange.lacking(db, names.measures)
        total = db.execute("SELECT count(*) FROM account").fetchone()[0]
        rows = []
        for text, clause, *_ in parts if len(parts) > 2 else parts[-1:]:  # noqa: PLR2004 - a single test is the whole
            kept = db.execute(f"SELECT count(*) FROM account AS a WHERE {clause.sql}", clause.values).fetchone()[0]
            sql = _filled(" ".join(clause.sql.split()), clause.values)
            rows.append((text, kept, round(100 * kept / total, 4) if total else None, sql))
        columns = _COLUMNS if values["sql"] else _COLUMNS[:-1]
        table = Table(
            "Where",
            columns,
            [row[: len(columns)] for row in rows],
            f"as of {day}, {counted(total, 'account')}",
            with_totals=False,
            lacking=lacking,
        )
        wanted.write(table, wanted.Output.read(values, session.config))
    exchange.report(session.insist, "where explain", lacking)


def _filled(sql: str, values: tuple[object, ...]) -> str:
    """Return a statement with its values inserted, for reading and experiments; segcli itself never runs it."""
    parts = sql.split("?")
    texts = (quoted(v) if isinstance(v, str) else str(v) for v in values)
    return "".join(f"{part}{text}" for part, text in zip(parts, (*texts, ""), strict=False))


def fields(session: Session, values: Values) -> None:
    """List the fields and metrics of an account for --where."""
    kinds = [(name, "text", 0, _VALUES.get(name, "")) for name in sorted(TEXTS)] + [
        (name, "yes or no", 0, "") for name in sorted(FLAGS)
    ]
    kinds += [(name, "date", 0, "") for name in DATES] + [("status", "A, S, P or C", 0, "")]
    kinds += [(name, "money", 0, "in the administration's currency; empty: no limit") for name in AMOUNTS]
    kinds += [(OVER_LIMIT, "yes or no", 0, "outstanding is more than credit_limit; no without a limit")]
    kinds += [(name, "class", 0, "also by its label; was, changed") for name in CLASSES]
    kinds += [(name, metric.kind, int(metric.has_window), metric.text) for name, metric in metrics.CATALOGUE.items()]
    kinds += [(name, score.kind, int(STUDIES[score.study].takes_window), score.text) for name, score in SCORES.items()]
    wanted.write(Table("Fields", _KNOWN, kinds, with_totals=False), wanted.Output.read(values, session.config))


COMMAND = group(
    "Explain --where expressions, and list the fields that they may use.\n\nA name is class1 to class8, a label, a field, a"
    " metric or a score, in this order. The prefix account. selects a field whose name is also a label: account.sector. A"
    " country, currency, manager, sector or price list that is neither in its official list nor in the data is an error; in a saved"
    " expression it is a warning, unless --strict makes it an error. segcli help filters has the grammar.",
    {
        "explain": Command(
            "Explain an expression.\n\nOne row per part, then one for the whole, with the number of accounts that match."
            " --sql adds the condition on the table account AS a.",
            explain,
            (
                Parameter("expression", (), "The expression.", metavar="EXPR", is_required=True),
                Parameter("sql", ("--sql",), "The SQL of each part.", kind="flag"),
                *options.named(("as_of",)), *_OUTPUT,
            ),
            ('segcli where explain "turnover(12m) > 10k and not class1 was N"', "segcli where explain 'Region is empty' --sql"),
        ),
        "fields": Command(
            "List the fields and metrics that an expression may use.\n\nShows the type of each, and whether it takes a"
            " window, such as turnover(12m).", fields, _OUTPUT, ("segcli where fields", "segcli where fields -f csv -o fields.csv"),
        ),
    },
)  # fmt: skip
