"""`segcli rules`: classify by rules: suggest, check, plan, apply and explain rule files, and measure drift."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from segcli.base.errors import CHANGED, SegcliError, UsageError
from segcli.base.text import counted
from segcli.classify import reclassify
from segcli.classify.rules import explaining, plan_file, reasons
from segcli.classify.rules.apply import APPLY
from segcli.classify.rules.drift import DRIFT
from segcli.classify.rules.suggestions.command import SUGGEST
from segcli.classify.rules.work import Told, accounts, matrix, odd, prepare, refuse, report_lacking
from segcli.classify.rules.work import stats as stats_of
from segcli.domain.catalogue import FIELDS, Catalogue
from segcli.domain.table import Cell, Column, Table
from segcli.interface import engine, options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import destinations, wanted
from segcli.query import lookup, request_flags

PLANNED = (*reclassify.COLUMNS, Column("rule"), Column("why"))
FOUND = (Column("place"), Column("rule"), Column("finding"))
STATS = (
    Column("class", heading="Class"), Column("rule"), Column("set", "code"), Column("hits", "integer", total="sum"),
    Column("wins", "integer", total="sum"), Column("changes", "integer", total="sum"),
    Column("share", "percent", "% of the scope", total="sum"),
)  # fmt: skip
MATRIX = (
    Column("class", heading="Class"),
    Column("from", "code"),
    Column("to", "code"),
    Column("accounts", "integer", total="sum"),
)


def _rows(found: Iterable[reasons.Change], catalogue: Catalogue) -> Iterator[tuple[Cell, ...]]:
    """Yield the changes as rows of the plan table."""
    named = {field: {value.code: value.description for value in catalogue.values(field)} for field in FIELDS}
    labels = {field: (f"class{field}", catalogue.label(field)) for field in FIELDS}
    for c in found:
        names = named[c.field]
        yield (
            c.account,
            c.name,
            *labels[c.field],
            c.old or None,
            names.get(c.old),
            c.new or None,
            names.get(c.new),
            c.rule or None,
            c.why,
        )


def check(session: Session, values: Values) -> None:
    """Report errors and warnings about rule files."""
    with session.connect() as db:
        told = Told()
        work = prepare(db, values["files"], request_flags.as_of(values, session.today), told=told)
        failed = [(f.place, "", f"failed: expected {f.expected}, the rules give {f.found}") for f in work.failures()]
        strange = [finding for found in work.sets for finding in odd(work, found)]
        strange += [_placed(text) for text in dict.fromkeys((*told.unknown, *told.labels))]
        if failed or strange or values["format"]:
            table = Table("Rules", FOUND, [*failed, *strange], f"as of {work.day}", with_totals=False)
            wanted.write(table, wanted.Output.read(values, session.config))
    rules, tests = sum(len(f.rules) for f in work.files), sum(len(f.tests) for f in work.files)
    session.note(
        f"{counted(rules, 'rule')}, {counted(tests, 'test')}, {len(failed)} failed, {counted(len(strange), 'warning')}"
    )
    if failed:
        raise SegcliError(f"{len(failed)} of {counted(tests, 'test')} failed")
    if told.unknown:
        raise SegcliError(told.unknown[0], "an expression compares with an unknown value")


def _placed(text: str) -> tuple[str, str, str]:
    """Return a finding from a message that starts with its place."""
    place, _, what = text.partition(": ")
    return place, "", what


def plan(session: Session, values: Values) -> int:
    """Show what would change, and store it as a plan."""
    with engine.reading(session, values) as facts:
        db = engine.database_of(facts)
        work = prepare(
            db, values["files"], request_flags.as_of(values, session.today), is_strict=values["strict"], facts=facts
        )
        report_lacking(session, work, is_strict=values["strict"])
        refuse(work, values["max_changes"])
        count = reclassify.count(db)
        found = list(work.changes()) if values["plan"] else work.changes()
        if values["plan"]:
            destinations.write_lines(
                Path(values["plan"]), plan_file.text(db, work.files, work.day, work.selected, found)
            )
        caption = f"as of {work.day} · {count} of {counted(work.selected, 'account')} would change"
        table = Table(
            "Plan",
            PLANNED,
            _rows(found, work.names.catalogue),
            caption,
            with_totals=False,
            keeps=("label", "from", "to", "rule"),
        )
        if not values["plan"] or values["format"]:
            wanted.write(table, wanted.Output.read(values, session.config))
        for line in (*reclassify.transitions(db, work.names.catalogue), caption):
            session.note(line)
    return CHANGED if values["exit_code"] and count else 0


def explain(session: Session, values: Values) -> None:
    """Explain, per account, which rules match, test by test, and the result."""
    paths = tuple(word for word in values["words"] if word.lower().endswith((".yaml", ".yml")))
    codes = tuple(word for word in values["words"] if word not in paths)
    if not paths or not codes:
        raise UsageError("name rule files and accounts", "segcli rules explain rules.yaml 000017")
    with session.connect() as db:
        accounts = {code: lookup.account_id(db, code) for code in codes}
        work = prepare(db, paths, request_flags.as_of(values, session.today), only=accounts.values())
        columns = (Column("account", "code"), *explaining.COLUMNS)
        rows = [(code, *row) for code, account in accounts.items() for row in explaining.rows(work, account)]
        table = Table("Explained", columns, rows, f"as of {work.day}", with_totals=False)
        wanted.write(table, wanted.Output.read(values, session.config))


def stats(session: Session, values: Values) -> None:
    """Show how often each rule matches and wins, or the transitions between values."""
    with session.connect() as db:
        work = prepare(db, values["files"], request_flags.as_of(values, session.today))
        if values["matrix"]:
            table = Table("Rules", MATRIX, matrix(work), f"as of {work.day}")
        else:
            table = Table("Rules", STATS, stats_of(work), f"as of {work.day}", whole=partial(accounts, work))
        table = replace(table, with_totals=not values["no_totals"])
        wanted.write(table, wanted.Output.read(values, session.config))


_FILES = Parameter("files", (), "Rule files.", metavar="FILE", is_many=True, is_required=True, completes="file")
_OUTPUT = options.named(("format", "output", "no_header", "as_of"))
_PLAN = Parameter("plan", ("--output", "-o"), "Write the plan to a file, for rules apply.", metavar="PLAN", section="Output",
                  completes="file", is_written=True)  # fmt: skip
COMMAND = group(
    "Classify by rules: suggest, check, plan, apply and explain rule files, and measure drift.",
    {
        "check": Command(
            "Check rule files: their names, their own tests, and rules that never match, never win or expire.\n\nPrints"
            " nothing if all is well. A failed test ends with status 1; a warning does not.",
            check, (_FILES, *_OUTPUT), ("segcli rules check rules.yaml", "segcli rules check rules.yaml value.yaml -f json"),
        ),
        "plan": Command(
            "Show what rules would change, account by account, with the rule and its reason.\n\nThe first rule that matches"
            " gives the value; values set by hand are kept unless the file says otherwise. -o writes the plan to a file and"
            " prints nothing, unless -f asks for the table. rules apply applies exactly that plan, or refuses if the data"
            " changed since.",
            plan,
            (_FILES, _PLAN, *options.named(("format", "no_header", "strict", "as_of", "max_changes", "exit_code")), *engine.ENGINE),
            ("segcli rules plan rules.yaml -o plan.json", "segcli rules plan value.yaml sector.yaml --as-of 2026-06-30 -f json"),
        ),
        "apply": APPLY,
        "explain": Command(
            "Explain for each account which rules match, test by test with its values, and the result.\n\nThe first rule that"
            " matches wins. A rule that matches only because the account has its value already says because of hold. A value set"
            " by hand stays, and the result says so.", explain,
            (Parameter("words", (), "Rule files (.yaml) and account codes.", metavar="FILE|ACCOUNT", is_many=True, is_required=True,
                       completes="account"), *_OUTPUT),
            ("segcli rules explain rules.yaml 000017", "segcli rules explain rules.yaml value.yaml 000017 000018 -f json"),
        ),
        "stats": Command(
            "Show how often each rule matches, wins and changes a value.\n\nhits are the accounts for which a rule holds, wins"
            " those for which it is the first that holds, changes those whose value it changes. The totals count accounts, each"
            " once: one that several rules hit, or that files of two classes change, is one account. --matrix shows the number of"
            " accounts per old and new value.", stats,
            (_FILES, Parameter("matrix", ("--matrix",), "Show transitions between values instead.", kind="flag"), *_OUTPUT,
             *options.named(("no_totals",))),
            ("segcli rules stats rules.yaml", "segcli rules stats rules.yaml --matrix -f csv"),
        ),
        "drift": DRIFT,
        "suggest": SUGGEST,
    },
)  # fmt: skip
