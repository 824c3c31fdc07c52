"""A plan applied after other runs: recomputed, and applied only if it still gives the same changes."""

import sqlite3
from collections.abc import Iterator
from datetime import date

from segcli.base.errors import GuardError, Problem
from segcli.classify.rules import plan_file
from segcli.classify.rules.plan_file import Plan
from segcli.classify.rules.work import Work, prepare, refuse

Moves = dict[tuple[str, str], tuple[str, str]]  # account and class: value before and after, '' for none


def again(db: sqlite3.Connection, plan: Plan, max_changes: str | None, *, is_strict: bool) -> Work:
    """Recompute the plan in the open transaction; the changes are in the proposal.

    Raises GuardError, with the differences, if they differ from the plan's, or if a guard of the rules refuses
    them.
    """
    plan_file.refuse_missing_files(plan)
    work = prepare(db, [file["path"] for file in plan.files], date.fromisoformat(plan.as_of), is_strict=is_strict)
    refuse(work, max_changes)
    planned: Moves = {(row["account"], row["class"]): (row["from"], row["to"]) for row in plan.changes}
    now: Moves = {(c.account, f"class{c.field}"): (c.old, c.new) for c in work.changes()}
    if planned == now and len(planned) == len(plan.changes):
        return work
    problems = tuple(_differences(planned, now))
    counts = (f"{sum(p.column == name for p in problems)} {name}" for name in ("added", "gone", "different"))
    raise GuardError(
        f"{plan.path} no longer fits: computed again, it gives other changes ({', '.join(counts)}); nothing was changed",
        plan_file.HINT,
        tuple(problem._replace(column="") for problem in problems),
    )


def _differences(planned: Moves, now: Moves) -> Iterator[Problem]:
    """Yield a problem for each change that only the plan or only the rules have."""
    for key in sorted({*planned, *now}):
        before, after = planned.get(key), now.get(key)
        if before == after:
            continue
        where = "account {}, {}".format(*key)
        if before is None:
            yield Problem(where, None, "added", None, f"added: {_move(after)} is not in the plan")
        elif after is None:
            yield Problem(
                where, None, "gone", None, f"gone: {_move(before)} is in the plan, the rules no longer give it"
            )
        else:
            yield Problem(
                where, None, "different", None, f"different: {_move(after)}, and the plan has {_move(before)}"
            )


def _move(values: tuple[str, str] | None) -> str:
    old, new = values or ("", "")
    return f"{old or 'no value'} -> {new or 'no value'}"
