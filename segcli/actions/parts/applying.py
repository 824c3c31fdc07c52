"""Carries an action out: select, plan, check limits, ask, apply in one transaction, and report."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import ModuleType

from segcli.actions.parts import print_folder
from segcli.actions.parts.job import Job, Result
from segcli.base.errors import Problem, RejectedError, UsageError
from segcli.base.text import counted
from segcli.classify import reclassify
from segcli.domain.reasons import FAILED, Reason
from segcli.interface import confirm
from segcli.interface.command import Session, Values
from segcli.query import lookup, selection
from segcli.storage import database, exchange, runs

NAMING = ("invoice", "reprint", "subscription")  # filters that name records: they count as a selection
CONFIRMING = ("--apply", "--all", "--yes", "-y")


def check(session: Session, values: Values) -> None:
    """Raise UsageError for a bulk change without a selection or --all, or without --yes if there is no terminal."""
    must_say = not values["yes"] and not confirm.can_ask()
    yes = ("--yes",) if must_say else ()
    confirm.check_selected(
        is_selected=bool(selection.read(values) or any(values.get(name) for name in NAMING)),
        is_all=values["all"],
        hint=f"select them with flags, or add --all: {session.line('--all', *yes)}",
    )
    if must_say:
        raise UsageError(
            "a bulk change needs --yes off a terminal: nothing was changed",
            f"preview it ({session.line(without=CONFIRMING[:1])}), then add --yes: {session.line('--yes')}",
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of an action, and what it leaves out."""

    count: int
    selected: int
    excluded: tuple[str, ...]  # by a rule: number and reason
    failed: tuple[Problem, ...]

    def words(self, found: ModuleType) -> str:
        """Return what would be done: `3 of 5 invoices would be processed`."""
        return f"{self.count} of {counted(self.selected, found.UNIT)} would be {found.DONE}"


def apply(name: str, found: ModuleType, job: Job) -> tuple[Result, Plan]:
    """Carry out the plan in one transaction. If the database changed since the question, plan again first."""
    values, session = job.values, job.session
    published: list[str] = []
    plan, seen, is_asked = None, 0, False
    if not values["yes"]:
        seen = reclassify.state(job.db)
        with _one_moment(job):
            plan = _planned(found, job)
        is_asked = _ask(found, plan)
    with database.writing(job.db, session.database, f"run {name}", wait=session.config.wait) as transaction:
        transaction.on_rollback(partial(print_folder.discard, job))
        if plan is None or reclassify.state(job.db) != seen:
            plan = _planned(found, job)
        run_id = runs.start(job.db, f"run {name}", "manual", values["reason"])
        count(found, job, plan.count, with_failed=False)
        result: Result = found.apply(job, run_id)
        summary = result.summary + (f", {len(plan.failed)} could not be {found.DONE}" if plan.failed else "")
        runs.finish(job.db, run_id, summary)
        session.outcome.counts |= {"changed": result.count} if session.outcome.counts else {}
        session.outcome.is_final = "segcli undo" not in result.undo
        transaction.keep = bool(result.count)
        transaction.on_commit(lambda: published.append(result.finish()))
    for warning in dict.fromkeys(job.warnings):
        session.insist(warning)
    if not result.count:
        found.prepare(job)  # the rollback removed the plan
    session.note(summary + (f", run {run_id}; {result.undo.format(run=run_id)}" if result.count else ""))
    for line in filter(None, (*published, *(() if is_asked else plan.excluded))):
        session.note(line)
    return result, plan


def count(found: ModuleType, job: Job, done: int, *, with_failed: bool) -> None:
    """Count the changes and skipped records for --result. Failures are added by the error that reports them."""
    if not job.values["result"]:
        return
    sql = f"left_out AS ({found.LEFT_OUT}) SELECT what, cause IN ({_QUOTED}), reason FROM left_out"
    rows = job.select(sql, {"as_of": str(job.request.as_of)}).fetchall()
    failed = sum(is_failed for _, is_failed, _ in rows)
    noted = job.session.outcome
    noted.skipped = [(what, reason) for what, is_failed, reason in rows if with_failed or not is_failed]
    noted.counts = {"changed": done, "skipped": len(rows) - failed, "rejected": failed}


@contextmanager
def _one_moment(job: Job) -> Iterator[None]:
    """Read everything from one snapshot. No lock is taken, because only temporary tables are written."""
    job.db.execute("BEGIN")
    try:
        yield
    finally:
        if job.db.in_transaction:
            job.db.execute("COMMIT")


def _planned(found: ModuleType, job: Job) -> Plan:
    """Make the plan and check --max-changes. Unknown amounts in conditions on metrics are reported."""
    found.prepare(job)
    names = lookup.names(job.db, job.request.as_of)
    selection.compile_filters(job.request.filters, names)
    lacking = exchange.lacking(job.db, names.measures)
    if lacking and job.values["strict"]:
        raise exchange.refusal("conditions on metrics", lacking)
    job.warnings.extend(filter(None, (lacking,)))
    values = {"as_of": str(job.request.as_of)}
    failed = job.select(
        f"left_out AS ({found.LEFT_OUT}) SELECT what, reason FROM left_out WHERE cause IN ({_QUOTED})", values
    )
    problems = tuple(Problem("", None, what, None, reason) for what, reason in failed)
    plan = Plan(found.count(job), found.selected(job), tuple(_excluded(found, job)), problems)
    what = f"{counted(plan.selected, found.UNIT)} would be {found.DONE}"
    reclassify.guard(plan.count, plan.selected, job.values["max_changes"], what=what)
    return plan


_QUOTED = ", ".join(f"'{name}'" for name in FAILED)


def _excluded(found: ModuleType, job: Job) -> Iterator[str]:
    """Yield the number of exclusions per rule, for a terminal."""
    if not job.session.is_talking:
        return
    counts = f"SELECT cause, count(*) FROM left_out WHERE cause NOT IN ({_QUOTED}) GROUP BY 1 ORDER BY 2 DESC, 1"
    sql = f"left_out AS ({found.LEFT_OUT}) {counts}"
    for cause, number in job.select(sql, {"as_of": str(job.request.as_of)}):
        yield f"{number} skipped: {Reason[cause].brief}"


def _ask(found: ModuleType, plan: Plan) -> bool:
    """Show the counts and ask, unless there is nothing to do. Return whether it asked."""
    if not plan.count:
        return False
    unable = (f"{len(plan.failed)} could not be {found.DONE}",) if plan.failed else ()
    confirm.confirm((*plan.excluded, *unable), f"{plan.words(found)}. Go on?")
    return True


def report(name: str, found: ModuleType, job: Job, plan: Plan, result: Result) -> None:
    """Report each thing that could not be done, wholly or in part, with status 5."""
    if not plan.failed and not result.lacking:
        return
    parts = []
    if plan.failed:
        parts.append(f"{len(plan.failed)} of {counted(plan.selected, found.UNIT)} could not be {found.DONE}")
    if result.lacking:
        parts.append(f"{len(result.lacking)} of {result.count} {found.DONE} only in part")
    raise RejectedError(
        f"{name}: {', '.join(parts)}",
        f"see: {job.session.line(without=CONFIRMING)}",
        (*plan.failed, *result.lacking),
        names_all=True,
    )
