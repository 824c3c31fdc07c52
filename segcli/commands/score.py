"""`segcli score`: score accounts: ABC, RFM, growth, lifecycle, churn, lifetime value."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from segcli.base.errors import EmptyError, SegcliError, UsageError
from segcli.base.money import exponent
from segcli.base.text import counted
from segcli.domain.scoring.abc import LETTERS, WITHOUT
from segcli.domain.table import Chart, Column, Overview, Table
from segcli.interface import engine, options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.parameters import Parameter, of_section
from segcli.output import destinations, wanted
from segcli.query import ask, lookup, request_flags, selection
from segcli.query.compose import Request
from segcli.query.expressions.metrics import CATALOGUE
from segcli.scores import fit_table, flags, rfm_study
from segcli.scores.facts import Facts
from segcli.scores.flags import Options
from segcli.scores.studies import DIGITS, STUDIES
from segcli.storage import exchange
from segcli.storage.reader import Reader

Found = TypeVar("Found")
_flag = of_section("This score")
_PERCENT = 100
MONEY = tuple(name for name, metric in CATALOGUE.items() if metric.kind == "money" and not metric.per)  # what adds up


def show(name: str, session: Session, values: Values) -> int:
    """Calculate a score over the selected accounts and show it."""
    request = request_flags.request(values, session)
    output = wanted.Output.read(values, session.config)
    request = replace(request, for_people=output.form in wanted.PEOPLE)
    with engine.reading(session, values) as db:
        if values.get("show_limits") and not (values["format"] or values["output"]):
            facts = _facts(db, name, request, values, flags.rfm)
            destinations.write_stdout(_checked(lambda: rfm_study.as_yaml(facts)))
            return 0
        found = table(db, name, request, values)
        rows = wanted.write(found, output)
    if found.lacking:
        session.insist(f"score {name}: {found.lacking}")
    if found.warning:
        session.warn(f"score {name}: {found.warning}")
    if not rows and values["fail_if_empty"]:
        raise EmptyError(f"score {name}: nothing was found")
    return 0


def table(db: Reader, name: str, request: Request, values: Values) -> Table:
    """Return the table of a score. Raises UsageError for contradictory flags."""
    if name in _WHOLE:
        return _WHOLE[name](db, request, values)
    read, sort = _STUDIED[name]
    facts = _facts(db, name, request, values, read)
    if values.get("show_limits"):
        return _checked(lambda: rfm_study.as_table(facts, _caption(name, facts, values)))
    study = STUDIES[name]
    _keep(db, name, facts)
    overview = Overview(
        columns=(Column("account", "code"), Column("name"), *study.columns),
        sql="SELECT k.*, a.account, a.name FROM temp.score AS k JOIN selection AS a ON a.id = k.account_id",
        sort=(*sort, "account"),
        caption=_caption(name, facts, values),
        keeps=("name", name, study.columns[-1].name),
        chart=_CHART,
    )
    found = ask.table(db, cast("Any", SimpleNamespace(OVERVIEW=overview)), f"score-{name}", request)
    return replace(
        found,
        lacking="; ".join(filter(None, (found.lacking, _left_out(facts, values)))),
        warning="; ".join(filter(None, (found.warning, *facts.doubts))),
    )


def _left_out(facts: Facts, values: Values) -> str:
    """Return which accounts have no score because an amount is unknown; '' if all have one."""
    if not facts.unknown:
        return ""
    by = values.get("by") or "turnover"
    accounts = counted(len(facts.unknown), "account")
    lacking = exchange.told(exchange.missing(facts.db, exchange.sources([by]), facts.among))
    text = f"{accounts} not scored: {lacking or f'their {by} is not known'}"
    if values.get("strict"):
        raise SegcliError(text, "import the rates: segcli rates import FILE" if lacking else "import the costs")
    return text


def _facts(db: Reader, name: str, request: Request, values: Values, read: Options) -> Facts:
    """Return the input of the study: the selected accounts over the window, and its options."""
    among = selection.compile_filters(request.filters, lookup.names(db, request.as_of, request.values))
    words = tuple(part.strip() for part in (values.get("window") or "").split(",")) if values.get("window") else ()
    facts = Facts(db, request.as_of, words or STUDIES[name].window, among, read(values, lookup.currency(db)))
    _checked(lambda: facts.window)
    return facts


def _keep(db: Reader, name: str, facts: Facts) -> None:
    from segcli.scores.score_columns import keep

    study = STUDIES[name]
    _checked(lambda: keep(db, "score", study.columns, study.rows(facts), facts.unknown))


def _checked(work: Callable[[], Found]) -> Found:
    try:
        return work()
    except ValueError as error:
        raise UsageError(f"--window: {error}") from error


def _caption(name: str, facts: Facts, values: Values) -> str:
    study = STUDIES[name]
    parts = [f"as of {facts.day}"]
    parts += [f"window {', '.join(facts.words)}"] if study.takes_window and facts.words else []
    parts += [f"by {values['by']}"] if values.get("by") else []
    return " · ".join((*parts, *facts.notes))


def _fit(db: Reader, request: Request, values: Values) -> Table:
    """Return the parameters of the models behind lifetime, with the doubts about the fit."""
    facts = _facts(db, "lifetime", request, values, lambda _values, _currency: {})
    return replace(fit_table.table(facts, 10 ** exponent(lookup.currency(db))), lacking=_left_out(facts, values))


def _concentration(db: Reader, request: Request, values: Values) -> Table:
    """Return the share of the largest accounts in the total."""
    from segcli.domain.scoring.concentration import concentration

    facts = _facts(db, "abc", request, values, lambda _values, _currency: {})
    amounts = [amount for _, amount in _checked(lambda: list(facts.metrics((values["by"] or "turnover", facts.words))))]
    found = concentration(amounts)
    rows: list[tuple[Any, ...]] = [
        (f"top {percent} %", top.accounts, top.amount, round(_PERCENT * top.share, DIGITS))
        for percent, top in found.tops.items()
    ]
    rows.append(("all above zero", found.accounts, found.total, 100.0 if found.accounts else None))
    rows.append(("zero or less", found.left_out, sum(amounts) - found.total, None))
    gini = f"Gini {found.gini:.3f}" if found.gini is not None else "nothing above zero"
    columns: tuple[Column, ...] = (Column("part"), Column("accounts", "integer"), Column("amount", "money"),
                                   Column("share", "percent"))  # fmt: skip
    caption = f"{_caption('abc', facts, values)} · {gini}"
    lacking = _left_out(facts, values)
    if values["gini"]:
        columns, rows = (Column("gini", "decimal"),), [(found.gini,)]
    return Table(
        "Concentration", columns, rows, caption, with_totals=False, currency=lookup.currency(db), lacking=lacking
    )


_CHART = Chart(
    ("amount",), "bar", ("account", "name"), by="abc", order=(*LETTERS, WITHOUT), note="cumulative", line="cumulative"
)  # of abc, the only score with --chart
_WHOLE = {"fit": _fit, "concentration": _concentration}
_STUDIED: Mapping[str, tuple[Options, tuple[str, ...]]] = {
    "abc": (flags.abc, ("-amount",)),
    "rfm": (flags.rfm, ("-rfm",)),
    "bands": (flags.bands, ("-amount",)),
    "growth": (flags.growth, ("-growth",)),
    "lifecycle": (flags.days("new", "sleeping", "lost"), ("days_silent",)),
    "churn": (flags.days("at_risk_days", "lost_days"), ("-days_silent",)),
    "lifetime": (flags.lifetime, ("-lifetime_value",)),
}


_WINDOW = _flag("window", "90d, 12m, 1y, ytd, last_year; 24m,12m is the year before the last.", "WINDOW")
_BY = _flag("by", "What is added up: " + ", ".join(MONEY), "METRIC", choices=MONEY)
_SHARED = (*options.SELECTION, *options.STRICT, *options.OUTPUT, *options.named(("as_of",)), *engine.ENGINE)
_PLAIN = (
    *options.SELECTION,
    *options.STRICT,
    *options.named(("format", "output", "if_changed", "no_header", "fail_if_empty", "as_of")),
    *engine.ENGINE,
)


def _command(name: str, text: str, *own: Parameter, **rest: Any) -> Command:  # noqa: ANN401
    return Command(text, partial(show, name), (*own, *_SHARED), **rest)


COMMAND = group(
    "Score accounts: ABC, RFM, growth, lifecycle, churn, lifetime value.",
    {
        "abc": _command(
            "abc",
            "ABC: A are the largest accounts that make up 80 % of the total, B those up to 95 %, C the rest.\n\nThe account"
            " that crosses a limit gets the better class, equal amounts share a class, and accounts at or below zero have 'no"
            " value'. The total is that of the selected accounts. As a metric: --where \"abc(12m) = A\", among all accounts. --chart has"
            " the cumulative share beside each bar, and as a line over the bars in html and pdf (Pareto chart).",
            _WINDOW, _BY,
            _flag("limits", "Percentages of the total: 80,95.", "A,B"), *options.named(("chart",)),
            examples=("segcli score abc", "segcli score abc --by margin --group-by abc",
                      "segcli score abc --limits 70,90 --class1 N"),
        ),
        "rfm": _command(
            "rfm",
            "RFM: recency, frequency and monetary value, each scored from 1 to 5, and a segment.\n\nLimits are fixed by"
            " default, so that an account moves only if it changes itself. --method rank divides accounts by rank; equal"
            " values score the same. --method r is that of the R package rfm. The caption shows the limits in use;"
            " --show-limits prints them for the section rfm of the configuration, which also has the segments. In --where:"
            " recency_score, frequency_score, monetary_score, rfm, rfm_segment, with window and method: rfm_segment(12m, rank).",
            _WINDOW,
            _flag("method", "fixed, rank or r", "METHOD", choices=("fixed", "rank", "r")),
            _flag("recency", "Days: 30,90,180,365.", "LIMITS"), _flag("frequency", "Invoices: 2,3,5,10.", "LIMITS"),
            _flag("monetary", "Amounts: 500,2k,10k,50k.", "LIMITS"),
            _flag("show_limits", "Only the limits, for the configuration.", kind="flag"),
            examples=("segcli score rfm --group-by segment", "segcli score rfm --method rank --window 1y",
                      "segcli score rfm --method r --show-limits"),
        ),
        "bands": _command(
            "bands", "Bands of amounts between fixed limits; an amount at a limit is in the band above it.\n\nOf the turnover"
                     " without VAT in the window, unless --by says otherwise.", _WINDOW, _BY,
            _flag("limits", "Lower limits of the bands: 1k,10k,50k.", "LIMITS", is_required=True),
            examples=("segcli score bands --limits 1k,10k,50k --group-by range", "segcli score bands --limits 0,500 --by margin"),
        ),
        "growth": _command(
            "growth",
            "Growth: a window compared with the equal window before it.\n\nClasses: new, returned, lost, small, too recent,"
            " decline (20 % less or lower), growth (20 % more or higher), stable, no value. If the data start after the"
            " earlier window begins, the command refuses; --short accepts it.",
            _WINDOW,
            _flag("limits", "Percentages from which on it is decline and growth: --limits=-20,20.", "LOW,HIGH"),
            _flag("least", "Below this amount in both windows, the class is small.", "AMOUNT"),
            _flag("short", "Accept data that start after the earlier window begins.", "", kind="flag"),
            examples=("segcli score growth --window 6m --group-by growth_class", "segcli score growth --window 1q --least 500"),
        ),
        "lifecycle": _command(
            "lifecycle",
            "Lifecycle: new, active, sleeping, returned or lost, by the days on which an account bought.\n\nlost: nothing"
            " within 365 days; sleeping: nothing within 180; returned: a purchase within the last 90 days after a gap of 180;"
            " new: first purchase within 90. A credit note is not a purchase.",
            _flag("limits", "Days: 90,180,365.", "NEW,SLEEPING,LOST"),
            examples=("segcli score lifecycle --group-by lifecycle", "segcli score lifecycle --limits 30,90,180 --group-by class1"),
        ),
        "churn": _command(
            "churn",
            "Churn: at risk or lost, by days since the last purchase and by the account's own rhythm.\n\nDays decide by"
            " default (180, 365), because they predict repeat purchases better. The rhythm explains: it usually buys every 28"
            " days and has been silent for 70. An account is at risk after 2 gaps and lost after 3. The rhythm needs"
            " purchases on three days; with fewer, the gap is the 90th percentile of all gaps. next_order is the last"
            " purchase plus the account's own gap. A credit note is not a purchase.",
            _flag("limits", "Days: 180,365.", "AT_RISK,LOST"),
            examples=("segcli score churn --group-by churn", "segcli score churn --columns account,name,why --class1 N"),
        ),
        "lifetime": _command(
            "lifetime",
            "Lifetime value: the probability that an account still buys, its expected purchases and their value (BG/NBD,"
            " Gamma-Gamma).\n\nThe model is fitted to the purchase days of the selected accounts. It estimates turnover, not"
            " profit: on published data it predicted 12 % too few purchases. next_order_model is the day on which one more"
            " purchase is expected, if within five years. score fit shows the fit and its doubts.",
            _flag("months", "Months to look ahead (12).", "N", kind="integer"),
            _flag("rate", "Discount rate, percent per month (1).", "PERCENT"),
            examples=("segcli score lifetime --limit 20", "segcli score lifetime --months 6 --country NL"),
        ),
        "fit": Command(
            "The fit of lifetime: the parameters of both models, their errors, and doubts about the fit.\n\nMaximum"
            " likelihood over the purchase days of the selected accounts; alpha is in weeks. Each doubt is a row of its own.",
            partial(show, "fit"), _PLAIN,
            ("segcli score fit --as-of 2026-06-30", "segcli score fit --class1 N -f json"),
        ),
        "concentration": Command(
            "Concentration: the share of the top 1, 5, 10, 20 and 50 % of the accounts, and the Gini coefficient.\n\nOnly"
            " selected accounts with an amount above zero count. A Gini coefficient of 0 means equal amounts, 1 means that"
            " one account has everything.",
            partial(show, "concentration"),
            (_WINDOW, _BY, _flag("gini", "Only the Gini coefficient.", "", kind="flag"), *_PLAIN),
            ("segcli score concentration", "segcli score concentration --by margin"),
        ),
    },
)  # fmt: skip
