"""`segcli rules apply`: apply a plan, or rule files; with --backfill, only store what rules give for earlier days."""

import sqlite3
from dataclasses import replace
from pathlib import Path

from segcli.base.errors import CHANGED, UsageError
from segcli.base.text import counted
from segcli.classify import reclassify
from segcli.classify.rules import plan_file, replan
from segcli.classify.rules.work import Work, prepare, refuse, report_lacking
from segcli.interface import changes, options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.query import lookup, request_flags
from segcli.storage import database


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
        work = prepare(db, paths, request_flags.as_of(values, session.today), is_strict=values["strict"])
        report_lacking(session, work, is_strict=values["strict"])
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

    over = backfill.days(values["backfill"], request_flags.as_of(values, session.today))
    with session.connect(write=True) as db, progress.bar(session, "backfill", "days") as tick:
        work = backfill.computed(db, values["files"], over, tick, is_strict=values["strict"])
        report_lacking(session, work, is_strict=values["strict"])
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
                report_lacking(session, work, is_strict=values["strict"])
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


_BACKFILL = Parameter("backfill", ("--backfill",), "Only store the classes of this many months back, for matrix.", kind="integer",
                      metavar="MONTHS")  # fmt: skip

APPLY = Command(
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
)  # fmt: skip
