"""What short rules are learnt from: features of accounts, a sample chosen by a hash, and counts of expressions on all accounts.

The accounts are divided by `bucket`, a hash of a fixed word and the account's code: 70 % are learnt from, 30 % are held out. More than
SAMPLE accounts are sampled, those with the lowest buckets first. Search sees the sample only; precision, recall and accuracy are counted by
SQL on all accounts.
"""

import re
import sqlite3
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from segcli.base.errors import UsageError
from segcli.base.text import counted, fold
from segcli.discover import features
from segcli.discover.explaining.wording import Operand, Wording, word
from segcli.discover.features import Feature
from segcli.domain.catalogue import CLASSES
from segcli.domain.clause import Clause
from segcli.domain.induction.candidates import Column
from segcli.domain.induction.search import DEPTH, Search
from segcli.domain.scoring.columns import INPUTS
from segcli.query.expressions import fields, language, metric_sql
from segcli.query.expressions.fields import Field
from segcli.query.expressions.metrics import CATALOGUE
from segcli.query.names import Names

SEED = "held out"  # of the hash that divides accounts
BUCKETS = 10_000
LEARNT = 7_000  # accounts in lower buckets are learnt from, the others are held out
SAMPLE = 20_000
TABLE = "learning"
OF_ACCOUNT = (
    "country", "sector", "manager", "status", "is_supplier", "blocked", "mailing_excluded", "language", "state",
)  # fmt: skip
METRICS = (
    "turnover(12m)", "turnover(24m, 12m)", "turnover", "invoices(12m)", "invoices(90d)", "invoices", "last_invoice", "first_invoice",
    "margin(12m)", "credits(12m)", "purchases(12m)", "outstanding", "overdue", "overdue(30d)", "days_to_pay(12m)", "subscriptions",
    "recurring", "contacts", "requests(12m)", "open_requests",
)  # fmt: skip
_COLUMN = re.compile(r"\ba\.(\w+)\b")
_STUDY = re.compile(r"\btemp\.score_([a-z]+)_")  # the study of a score in an expression


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which features are used besides or instead of the usual ones, and how long expressions may be."""

    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()  # names of fields that would be trivial; `with_` overrides
    depth: int = DEPTH  # tests of a conjunction
    others: int = 4  # further descriptions of a selection


def used(names: Names, clauses: Iterable[Clause]) -> frozenset[str]:
    """Return the names of the fields, classes and metrics that conditions compiled with `names` use.

    A score counts as what it is calculated from.
    """
    studies = {study for clause in clauses for study in _STUDY.findall(clause.sql)}
    of_scores = {name for study in studies for name in INPUTS[study]}
    columns = {column for clause in clauses for column in _COLUMN.findall(clause.sql)}
    of_account = {name for name in fields.own_names() if fields.sql(name).removeprefix("a.") in columns}
    return frozenset(of_account | of_scores | names.measures)


def texts(names: Names, wanted: Wanted) -> tuple[str, ...]:
    """Return the texts of the features. Raise UsageError for an unknown one."""
    plain = replace(names, measures=set())
    classes = [_class_text(number, names) for number in sorted(names.catalogue.labels)]
    usual = [features.own(text, names) for text in (*OF_ACCOUNT, *METRICS)] + classes
    held = {text: language.operand(text, plain) for text in (*usual, *wanted.with_)}
    without = {_identity(language.operand(text, replace(plain, origin="--without"))) for text in wanted.without}
    dropped = {name for name, _ in without if name not in CATALOGUE} | {
        text for text in wanted.without if text in CATALOGUE
    }
    asked = {_identity(language.operand(text, replace(plain, origin="--with"))) for text in wanted.with_}
    found: dict[object, str] = {}
    for text, field in held.items():
        is_out = field.name in dropped or _identity(field) in without
        if _identity(field) in asked or not (is_out or field.name in wanted.left_out):
            found.setdefault(_identity(field), text)
    return tuple(found.values())


def _identity(field: Field) -> tuple[str, object]:
    return field.name, (field.column, field.values)


def _class_text(number: int, names: Names) -> str:
    """Return the label of a class as an operand; class3 if the label does not name it."""
    text = word(names.catalogue.label(number))
    try:
        is_known = language.operand(text, names).name == f"class{number}"
    except UsageError:
        is_known = False
    return text if is_known else f"class{number}"


def lay(
    db: sqlite3.Connection, names: Names, asked: Sequence[str], among: Clause, flags: Mapping[str, Clause]
) -> tuple[Feature, ...]:
    """Create temp.learning: features.lay with the flags and `bucket`, which divides the accounts."""
    bucket = Clause("bucket(?, a.code)", (SEED,))
    return features.lay(db, names, asked, among, flags={**flags, "bucket": bucket}, table=TABLE)


def sample(
    db: sqlite3.Connection, found: Sequence[Feature], condition: str, most: int, also: str
) -> list[Sequence[object]]:
    """Return rows of the code, the features and `also`, of at most so many accounts to learn from, unordered."""
    columns = "".join(f", k.{feature.column}" for feature in found)
    return db.execute(
        f"SELECT a.code{columns}, k.bucket, {also} FROM temp.{TABLE} AS k JOIN account AS a ON a.id = k.account_id"
        f" WHERE k.bucket < ? AND ({condition}) ORDER BY k.bucket, a.code LIMIT ?",
        (LEARNT, most),
    ).fetchall()


def searching(
    names: Names, found: Sequence[Feature], rows: Sequence[Sequence[Hashable | None]]
) -> tuple[Search, Wording]:
    """Return the search over rows in the order of their codes, and the words for its tests."""
    operands, columns = [], []
    plain = replace(names, measures=set())
    for number, feature in enumerate(found, 1):
        field = language.operand(feature.text, plain)
        cells, spelled = _cells(field, [row[number] for row in rows], names)
        scale = {"money": "number", "number": "number", "date": "days"}.get(field.kind, "category")
        has_unknown = field.name in CATALOGUE and bool(CATALOGUE[field.name].lacks)
        columns.append(Column(cells, scale, has_unknown))  # type: ignore[arg-type]
        operands.append(Operand(feature.text, field.name, field.kind, spelled))
    return Search(columns, len(rows)), Wording(operands, names.currency, names.day)


def _cells(
    field: Field, values: Sequence[Hashable | None], names: Names
) -> tuple[list[Hashable | None], dict[Hashable, str]]:
    """Return the cells of a feature as tests compare them, and how values are written."""
    if field.kind == "date":
        return [None if value is None else (names.day - date.fromisoformat(str(value))).days for value in values], {}
    if field.kind == "class":
        return list(values), {value.id: value.code for value in names.catalogue.values(int(field.name[5]))}
    if field.kind != "text":
        return list(values), {}
    key: Callable[[str], str] = str if field.column == "a.code" else fold
    written: dict[Hashable, str] = {}
    for value in sorted({str(value) for value in values if value is not None}):
        written.setdefault(key(value), value)
    return [None if value is None else key(str(value)) for value in values], written


def compiled(names: Names, found: Sequence[Feature]) -> Names:
    """Return names with which an expression reads its metrics from the columns of temp.learning AS k."""
    columns: dict[metric_sql.Call, str] = {}
    for feature in found:
        calls: list[metric_sql.Call] = []

        def record(call: metric_sql.Call, calls: list[metric_sql.Call] = calls) -> Clause:
            calls.append(call)
            return Clause("NULL")

        name = language.operand(feature.text, replace(names, measured=record, measures=set())).name
        if name in CATALOGUE:
            columns[calls[0]] = feature.column

    def measured(call: metric_sql.Call) -> Clause:
        return Clause(f"k.{columns[call]}") if call in columns else metric_sql.correlated(call, names.day)

    return replace(names, measured=measured, measures=set())


def counts(db: sqlite3.Connection, names: Names, group: str, expressions: Sequence[str]) -> list[Sequence[int]]:
    """Return per group and part (0 learnt from, 1 held out) the number of accounts, and of those each expression selects.

    `group` is SQL on `temp.learning AS k` and `account AS a`; `names` are those of `compiled`.
    """
    clauses = [language.compile_expression(text, names) for text in expressions]
    columns = "".join(f", ({clause.sql}) AS e{number}" for number, clause in enumerate(clauses))
    sums = "".join(f", coalesce(sum(e{number}), 0)" for number in range(len(clauses)))
    return db.execute(
        f"SELECT part, found, count(*){sums} FROM (SELECT k.bucket >= ? AS part, {group} AS found{columns}"
        f" FROM temp.{TABLE} AS k JOIN account AS a ON a.id = k.account_id) GROUP BY 1, 2 ORDER BY 1, 2",
        (LEARNT, *(value for clause in clauses for value in clause.values)),
    ).fetchall()


def left_out(names: Names, wanted: Wanted) -> str:
    """Return which fields the description leaves out because the selection is defined by them; '' for none."""
    asked = {language.operand(text, replace(names, measures=set())).name for text in wanted.with_}
    found = sorted(wanted.left_out - asked)
    shown = [names.catalogue.label(int(name[5])) if name in CLASSES else name for name in found]
    return (
        f"left out, because the selection is defined by {'it' if len(shown) == 1 else 'them'}: {', '.join(shown)}"
        if shown
        else ""
    )


def told(learnt: int, total: int, held: int) -> str:
    """Return what was learnt from, in words."""
    return f"learnt from {learnt} of {counted(total, 'account')}, {held} held out"
