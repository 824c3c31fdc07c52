"""The command lines of `list results` and `list power`: from flags to a table, and what is told beside it."""

from segcli.base.errors import SegcliError, UsageError
from segcli.discover.campaigns import groups, measuring, members, needed
from segcli.discover.campaigns import results as comparison
from segcli.domain.campaigns import split
from segcli.domain.clause import EVERYTHING, Clause
from segcli.domain.table import Table
from segcli.interface import options
from segcli.interface.command import Session, Values
from segcli.output import wanted
from segcli.query import lookup, request_flags, selection

_CONFIDENCE, _LEAST, _MOST = "95", 50.0, 99.9999
_UPLIFT, _WINDOW = "10%", "90d"
_PERCENT = 100


def results(session: Session, values: Values) -> None:
    """Compare the groups of a list with its holdout, from one day to another."""
    first, last = request_flags.two_days(values, session.today)
    texts, confidence = _metrics(values), _confidence(values["confidence"] or _CONFIDENCE)
    output = wanted.Output.read(values, session.config)
    with session.connect() as db:
        found = members.find(db, values["name"])
        control = comparison.control_of(comparison.split_of(found), values["control"])
        asked = comparison.Asked(first, last, control, confidence)
        names = lookup.names(db, last, values)
        table = comparison.table(db, found, names, texts or measuring.usual(names), asked)
        _write(session, values, f"list results {found.name}", output, table)


def power(session: Session, values: Values) -> None:
    """Calculate how many accounts a test of a list or a selection needs."""
    flags = {name: values[name] for name in selection.FLAGS if values.get(name)}
    if sum(map(bool, (values["name"], flags, values["all"]))) != 1:
        raise UsageError("which accounts?", "name a list, or select accounts with flags, or add --all")
    day = request_flags.as_of(values, session.today)
    uplift, texts = needed.uplift(values["uplift"] or _UPLIFT), _metrics(values)
    asked = split.read(values["split"], values["holdout"])
    is_asked = bool(asked.shares or asked.holdout)
    output = wanted.Output.read(values, session.config)
    with session.connect() as db:
        names, among, sizes = lookup.names(db, day, values), EVERYTHING, {}
        if values["name"]:
            found = members.find(db, values["name"])
            if found.split and is_asked:
                raise UsageError(f"list '{found.name}' has groups of its own", "leave --split and --holdout out")
            asked = split.stored(found.split) if found.split else asked
            sizes = {name: count for name, count, _, _ in groups.sizes(db, found.id)}
            among = Clause(comparison.TAKING_PART if found.split else comparison.ON_LIST, (found.id,))
        elif flags:
            among = selection.compile_filters(selection.read(flags), names)
        drawn = asked if asked.shares or asked.holdout else needed.DEFAULT
        control = comparison.control_of(drawn, values["control"])
        test = needed.Test(uplift, values["window"] or _WINDOW, drawn.groups, control, sizes)
        table = needed.table(db, names, texts or measuring.usual(names), test, among)
        _write(session, values, "list power", output, table)


def _write(session: Session, values: Values, what: str, output: wanted.Output, found: Table) -> None:
    if found.lacking and values["strict"]:
        raise SegcliError(
            f"{what}: {found.lacking}", "import the rates: segcli rates import FILE; or leave the metric out"
        )
    wanted.write(found, output)
    if found.lacking:
        session.insist(f"{what}: {found.lacking}")
    if found.warning:
        session.warn(f"{what}: {found.warning}")


def _metrics(values: Values) -> list[str]:
    return list(dict.fromkeys(options.expressions(values["metric"] or (), "--metric")))


def _confidence(text: str) -> float:
    """Return the confidence as a part of 1."""
    try:
        number = float(text.strip().removesuffix("%"))
    except ValueError:
        number = 0.0
    if not _LEAST <= number <= _MOST:
        raise UsageError(f"--confidence: '{text}' is no percentage from 50 to {_MOST}", "write 95")
    return number / _PERCENT
