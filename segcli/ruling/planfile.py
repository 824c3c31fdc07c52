"""Plans: what rules would change, kept in a file that is applied exactly as it is, or refused.

A plan fits the database that it was made of, as it was then: its fingerprint is made of who that database is and of its last run.
Every command that changes anything is a run. A plan that was edited, or whose rule files were, is refused as well.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from segcli import __version__
from segcli.classification import Catalogue
from segcli.errors import GuardError, SegcliError
from segcli.readers.yaml import MAXIMUM_BYTES as MOST_RULES
from segcli.ruling.file import RuleFile
from segcli.ruling.reasons import Change

FORMAT = 1
MAXIMUM_BYTES = 1_000_000_000
_HINT = "make it anew: segcli rules plan"


class Plan(NamedTuple):
    """A plan as it was read."""

    path: str
    as_of: str
    fingerprint: str
    last_run: int
    files: Sequence[dict[str, str]]
    selected: int
    changes: Sequence[dict[str, Any]]


def fingerprint(db: sqlite3.Connection) -> tuple[str, int]:
    """Return what the database is and the number of its last run, as a hash, and that number."""
    schema = db.execute("PRAGMA user_version").fetchone()[0]
    salt = db.execute("SELECT mailing_salt FROM administration").fetchone()
    last = db.execute("SELECT id, started_at, command FROM run ORDER BY id DESC LIMIT 1").fetchone() or (0, "", "")
    text = json.dumps([schema, *(salt or ()), *last])
    return hashlib.sha256(text.encode()).hexdigest(), last[0]


def text(
    db: sqlite3.Connection, files: Iterable[RuleFile], day: date, selected: int, changes: Iterable[Change]
) -> Iterable[str]:
    """Yield the lines of a plan's file, a change on each."""
    mark, last = fingerprint(db)
    rows = [json.dumps(_row(change), ensure_ascii=False) for change in changes]
    head = {
        "segcli_plan": FORMAT, "made_by": f"segcli {__version__}", "as_of": str(day), "fingerprint": mark, "last_run": last,
        "files": [{"path": str(Path(file.path).absolute()), "sha256": hashlib.sha256(file.data).hexdigest()} for file in files],
        "selected": selected,
    }  # fmt: skip
    yield "{" + ",\n ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items())
    yield f',\n "sha256": "{_digest(head, rows)}",\n "changes": [\n'
    yield ",\n".join(rows)
    yield "\n]}\n"


def _row(change: Change) -> dict[str, str]:
    return {"account": change.account, "class": f"class{change.field}", "from": change.old, "to": change.new, "rule": change.rule,
            "why": change.why}  # fmt: skip


def _digest(head: dict[str, Any], rows: Iterable[str]) -> str:
    return hashlib.sha256(
        "\n".join((json.dumps(head, sort_keys=True), *rows)).encode("utf-8", "backslashreplace")
    ).hexdigest()


def read(path: Path) -> Plan:
    """Return a plan. A SegcliError where the file is none, a GuardError where it is not as it was made."""
    document = _document(path)
    rows = [json.dumps(row, ensure_ascii=False) for row in document["changes"]]
    head = {key: value for key, value in document.items() if key not in {"changes", "sha256"}}
    if _digest(head, rows) != document["sha256"]:
        raise GuardError(f"{path} was changed after it was made: nothing was changed", _HINT)
    return Plan(str(path), document["as_of"], document["fingerprint"], document["last_run"], document["files"],
                document["selected"], document["changes"])  # fmt: skip


def _document(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_BYTES + 1)
        document = json.loads(data) if len(data) <= MAXIMUM_BYTES else None
    except OSError as error:
        raise SegcliError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SegcliError(
            f"{path} is no plan", "it is neither YAML (.yaml, .yml) nor what segcli rules plan -o writes"
        ) from error
    if not isinstance(document, dict) or document.get("segcli_plan") != FORMAT:
        raise SegcliError(f"{path} is no plan that this segcli knows", _HINT)
    kinds = {
        "as_of": str,
        "fingerprint": str,
        "last_run": int,
        "files": list,
        "selected": int,
        "sha256": str,
        "changes": list,
    }
    for key, kind in kinds.items():
        if not isinstance(document.get(key), kind):
            raise SegcliError(f"{path} is no plan: '{key}' is missing or wrong", _HINT)
    return document


def refuse_unfit(db: sqlite3.Connection, plan: Plan) -> None:
    """Raise a GuardError where the database or a rule file is not as it was when the plan was made."""
    mark, last = fingerprint(db)
    if mark != plan.fingerprint:
        newer = db.execute("SELECT id, command FROM run WHERE id > ? ORDER BY id LIMIT 1", (plan.last_run,)).fetchone()
        what = "it is of another database, or of another state of it"
        if newer and last > plan.last_run:
            what = f"run {newer[0]} ({newer[1]}) came after it"
        raise GuardError(f"{plan.path} no longer fits the database: {what}; nothing was changed", _HINT)
    for file in plan.files:
        path = Path(file["path"])
        if (
            path.exists()
            and path.stat().st_size <= MOST_RULES
            and hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]
        ):
            raise GuardError(f"{path} was changed after the plan was made: nothing was changed", _HINT)


def propose(db: sqlite3.Connection, plan: Plan, catalogue: Catalogue) -> None:
    """Put the plan's changes into the proposal."""
    from segcli import changes

    changes.create_proposal(db)
    db.executemany(
        "INSERT INTO temp.proposal (account_id, field, old_value_id, new_value_id) SELECT id, ?, ?, ? FROM account WHERE code = ?",
        (_bound(row, catalogue) for row in plan.changes),
    )


def _bound(row: dict[str, Any], catalogue: Catalogue) -> tuple[int, int | None, int | None, str]:
    """Return a change as the database has it: its field, both values and the account's code."""
    field = catalogue.field(row["class"])
    old, new = (catalogue.find(field, row[key])[0].id if row[key] else None for key in ("from", "to"))
    return field, old, new, row["account"]
