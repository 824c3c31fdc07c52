"""`segcli rules`: classify by rules: check, plan, apply and explain rule files, and measure drift."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from segcli.base import dates
from segcli.base.errors import CHANGED, SegcliError, UsageError, in_file
from segcli.base.text import counted
from segcli.classify import reclassify
from segcli.classify.rules import explaining, file, plan_file, reasons, replan
from segcli.classify.rules.suggest import SUGGEST
from segcli.classify.rules.work import Told, Work, accounts, matrix, odd, prepare, refuse
from segcli.classify.rules.work import stats as stats_of
from segcli.discover import drift_flags
from segcli.domain.catalogue import FIELDS, Catalogue
from segcli.domain.table import Cell, Column, Table
from segcli.interface import changes, engine, options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import destinations, wanted
from segcli.query import lookup
from segcli.storage import database, exchange

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


def _day(session: Session, values: Values) -> date:
    return dates.day_of(values["as_of"], session.today, "--as-of") if values["as_of"] else session.today


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
        work = prepare(db, values["files"], _day(session, values), told=told)
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


def _report_lacking(session: Session, work: Work, *, is_strict: bool) -> None:
    """Report unknown amounts: metrics of such accounts are empty, so rules on them do not match."""
    exchange.report(session.insist, "rules", exchange.lacking(work.db, work.names.measures), is_strict=is_strict)


def plan(session: Session, values: Values) -> int:
    """Show what would change, and store it as a plan."""
    with engine.reading(session, values) as facts:
        db = engine.database_of(facts)
        work = prepare(db, values["files"], _day(session, values), is_strict=values["strict"], facts=facts)
        _report_lacking(session, work, is_strict=values["strict"])
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


def apply(session: Session, values: Values) -> int:
    """Apply a plan, or rule files, in one transaction and one run."""
    paths = values["files"]
    is_plan = len(paths) == 1 and not paths[0].lower().endswith((".yaml", ".yml"))
    if values["backfill"] is not None:
        return _backfill(session, values, is_plan=is_plan)
    if is_plan and values["as_of"]:
        raise UsageError(
            "a plan has its day: --as-of goes with rule files", "segcli rules plan FILE --as-of DATE -o PLAN"
        )
    with session.connect(write=True) as db:
        if is_plan:
            return _carry_out(session, values, db, plan_file.read(Path(paths[0])))
        work = prepare(db, paths, _day(session, values), is_strict=values["strict"])
        _report_lacking(session, work, is_strict=values["strict"])
        refuse(work, values["max_changes"])
        _ask(values, db, work)
        return _carry_out(session, values, db, work)


def _backfill(session: Session, values: Values, *, is_plan: bool) -> int:
    """Store the classes that the rules give for the ends of the months before the as-of day, and for that day."""
    if is_plan:
        raise UsageError("--backfill needs rule files, not a plan", "segcli rules apply FILE.yaml --backfill 12")
    if values["max_changes"]:
        raise UsageError("--max-changes limits changes of accounts; --backfill changes none", "leave --max-changes out")
    from segcli.classify.rules import backfill, backfill_store
    from segcli.interface import confirm, progress

    over = backfill.days(values["backfill"], _day(session, values))
    with session.connect(write=True) as db, progress.bar(session, "backfill", "days") as tick:
        work = backfill.computed(db, values["files"], over, tick, is_strict=values["strict"])
        _report_lacking(session, work, is_strict=values["strict"])
        told, is_new = backfill_store.summary(db, work, over), not backfill_store.is_stored(db, work, over)
        if is_new and not (values["yes"] or values["dry_run"]):
            confirm.require(f"{told} would be stored", "--dry-run", [told], "Store them? No account changes.")
        if is_new and not values["dry_run"]:
            with database.writing(db, session.database, "rules apply", wait=session.config.wait):
                if plan_file.fingerprint(db)[0] != work.fingerprint:  # another command changed the database
                    work = backfill.computed(db, values["files"], over, tick, is_strict=values["strict"])
                run_id = backfill_store.record(db, work, over, values["reason"])
        for line in backfill_store.doubts(db, over):
            session.insist(f"rules apply: {line}")
        table = backfill_store.table(db, work.names.catalogue, told)
        changes.write_table(session, values, table, is_shown=bool(values["dry_run"]))
    if is_new:
        session.outcome.count(changes=int(told.split()[0]))
        session.note(
            f"{told} would be stored" if values["dry_run"] else f"{told}, run {run_id}; undo with: segcli undo {run_id}"
        )
    else:
        session.note("nothing to change: these classes are stored already")
    return CHANGED if values["exit_code"] and is_new else 0


def _ask(values: Values, db: sqlite3.Connection, work: Work) -> None:
    """Ask before rules change accounts; without a terminal, --yes is required. A plan was reviewed already."""
    count = reclassify.count(db)
    if values["yes"] or values["dry_run"] or not count:
        return
    reclassify.ask(db, work.names.catalogue, count, work.selected, "segcli rules plan")


def _carry_out(session: Session, values: Values, db: sqlite3.Connection, source: "plan_file.Plan | Work") -> int:
    """Write the planned changes under the lock if nothing changed since they were planned."""
    with database.writing(db, session.database, "rules apply", wait=session.config.wait) as transaction:
        catalogue = lookup.catalogue(db)
        if isinstance(source, plan_file.Plan):
            if plan_file.is_as_planned(db, source):
                plan_file.propose(db, source, catalogue)
                reclassify.guard(reclassify.count(db), source.selected, values["max_changes"])
            else:
                work = replan.again(db, source, values["max_changes"], is_strict=values["strict"])
                _report_lacking(session, work, is_strict=values["strict"])
            name, day = Path(source.path).name, source.as_of
        else:
            if plan_file.fingerprint(db)[0] != source.fingerprint:  # another command changed the database: plan again
                source = prepare(db, [found.path for found in source.files], source.day)
                refuse(source, values["max_changes"])
            name, day = ", ".join(Path(found.path).name for found in source.files), str(source.day)
        lines, count = reclassify.transitions(db, catalogue), reclassify.count(db)
        session.outcome.count(**reclassify.counts(db))
        table = None
        if values["format"] or values["output"]:  # read now, because a dry run discards the proposal
            shown = reclassify.table(db, catalogue)
            table = replace(shown, rows=list(shown.rows))
        written = reclassify.carry_out(db, catalogue, f"rules apply {name}", "rule", values["reason"] or f"as of {day}")
        transaction.keep = bool(count) and not values["dry_run"]
    for line in lines:
        session.note(line)
    if values["dry_run"] or not count:
        session.note(f"{counted(count, 'account')} would change" if count else "nothing to change")
    else:
        session.note(written.told(count))
    if table:
        changes.write_table(session, values, table)
    return CHANGED if values["exit_code"] and count else 0


def explain(session: Session, values: Values) -> None:
    """Explain, per account, which rules match, test by test, and the result."""
    paths = tuple(word for word in values["words"] if word.lower().endswith((".yaml", ".yml")))
    codes = tuple(word for word in values["words"] if word not in paths)
    if not paths or not codes:
        raise UsageError("name rule files and accounts", "segcli rules explain rules.yaml 000017")
    with session.connect() as db:
        work = prepare(db, paths, _day(session, values))
        columns = (Column("account", "code"), *explaining.COLUMNS)
        rows = [(code, *row) for code in codes for row in explaining.rows(work, lookup.account_id(db, code))]
        table = Table("Explained", columns, rows, f"as of {work.day}", with_totals=False)
        wanted.write(table, wanted.Output.read(values, session.config))


def stats(session: Session, values: Values) -> None:
    """Show how often each rule matches and wins, or the transitions between values."""
    with session.connect() as db:
        work = prepare(db, values["files"], _day(session, values))
        if values["matrix"]:
            table = Table("Rules", MATRIX, matrix(work), f"as of {work.day}")
        else:
            table = Table("Rules", STATS, stats_of(work), f"as of {work.day}", whole=partial(accounts, work))
        table = replace(table, with_totals=not values["no_totals"])
        wanted.write(table, wanted.Output.read(values, session.config))


def drift(session: Session, values: Values) -> int:
    """Show how the shares of classes and metrics moved between two days."""
    from segcli.discover import drift_report

    return drift_report.run(session, values, lambda catalogue: _fields(catalogue, values["words"]))


def _fields(catalogue: Catalogue, words: Iterable[str]) -> list[int]:
    """Return the classes that are named, or that rule files give; without words, all that have a label."""
    return list(dict.fromkeys(_field(catalogue, word) for word in words)) or sorted(catalogue.labels)


def _field(catalogue: Catalogue, word: str) -> int:
    if not word.lower().endswith((".yaml", ".yml")):
        return catalogue.field(word)
    node = file.read(Path(word)).field
    with in_file(node.place):
        return catalogue.field(node.text)


_FILES = Parameter("files", (), "Rule files.", metavar="FILE", is_many=True, is_required=True, completes="file")
_OUTPUT = options.named(("format", "output", "no_header", "as_of"))
_PLAN = Parameter("plan", ("--output", "-o"), "Write the plan to a file, for rules apply.", metavar="PLAN", section="Output",
                  completes="file", is_written=True)  # fmt: skip
_BACKFILL = Parameter("backfill", ("--backfill",), "Only store the classes of this many months back, for matrix.", kind="integer",
                      metavar="MONTHS")  # fmt: skip

COMMAND = group(
    "Classify by rules: check, plan, apply and explain rule files, and measure drift.",
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
        "apply": Command(
            "Apply a plan, or plan and apply rule files in one step.\n\nThis is one transaction and one run, which undo"
            " reverses. Rule files ask first; off a terminal they need --yes. If other runs followed a plan, it is computed"
            " again; if the changes differ, they are listed and nothing is changed. A plan can be applied only once.\n\n"
            "--backfill 12 changes no account: it stores, apart from the history, the classes that the rules give for the ends of the"
            " 12 months before the as-of day and for that day. matrix --backfilled shows them. A rule's hold looks at the class of"
            " the month before.",
            apply,
            (Parameter("files", (), "A plan, or rule files.", metavar="FILE", is_many=True, is_required=True, completes="file"),
             *options.named(("strict", "as_of", "yes", "dry_run", "max_changes", "exit_code", "format", "output", "no_header")),
             *options.RECORDED, _BACKFILL),
            ("segcli rules apply plan.json", "segcli rules apply rules.yaml --yes --max-changes 10%",
             "segcli rules apply rules.yaml --backfill 12 --yes"),
        ),
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
        "drift": Command(drift_flags.HELP, drift, drift_flags.PARAMETERS, drift_flags.EXAMPLES),
        "suggest": SUGGEST,
    },
)  # fmt: skip
