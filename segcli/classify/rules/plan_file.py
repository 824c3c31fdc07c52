"""Plan files: the changes that rules would make, applied exactly as stored or refused.

A plan belongs to one state of one database: its fingerprint is a hash of the database's identity and of its last
run, and every command that changes data is a run. A plan is also refused if it or one of its rule files was edited.
"""

import hashlib
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from segcli import __version__
from segcli.base import bounded_read
from segcli.base.errors import GuardError, SegcliError
from segcli.classify.rules import keys
from segcli.classify.rules.file import RuleFile
from segcli.classify.rules.reasons import Change
from segcli.domain.catalogue import FIELDS, Catalogue
from segcli.settings.keys import Key, names
from segcli.settings.plain_yaml import MAXIMUM_BYTES as MOST_RULES

FORMAT = 1
MAXIMUM_BYTES = 200_000_000  # some 800,000 changes
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_NO_NAME = re.compile(
    "[\0\ud800-\udc7f\udd00-\udfff]"
)  # the bytes of a file's name that are not UTF-8 are \udc80 to \udcff
_CLASS = re.compile("class[1-8]")
_MOST = 2**63 - 1  # largest integer in the database
_WRONG = f"""SELECT a.code, p.field, p.old_value_id, p.now, p.new_value_id
  FROM (SELECT q.*, CASE q.field {" ".join(f"WHEN {n} THEN b.class{n}" for n in FIELDS)} END AS now
          FROM temp.proposal AS q JOIN account AS b ON b.id = q.account_id) AS p JOIN account AS a ON a.id = p.account_id
 WHERE p.old_value_id IS NOT p.now OR p.new_value_id IS p.now LIMIT 1"""
HINT = "make it anew: segcli rules plan"


class Plan(NamedTuple):
    """A plan read from a file."""

    path: str
    as_of: str
    fingerprint: str
    last_run: int
    files: Sequence[dict[str, str]]
    selected: int
    changes: Sequence[dict[str, Any]]


def fingerprint(db: sqlite3.Connection, run: int | None = None) -> tuple[str, int]:
    """Return a hash of the database's identity and last run, and that run's id. `run`: the state after that run."""
    schema = db.execute("PRAGMA user_version").fetchone()[0]
    salt = db.execute("SELECT mailing_salt FROM administration").fetchone()
    sql = "SELECT id, started_at, command FROM run WHERE id = coalesce(?, id) ORDER BY id DESC LIMIT 1"
    last = db.execute(sql, (run,)).fetchone() or (0, "", "")
    text = json.dumps([schema, *(salt or ()), *last])
    return hashlib.sha256(text.encode()).hexdigest(), last[0]


def text(
    db: sqlite3.Connection, files: Iterable[RuleFile], day: date, selected: int, changes: Iterable[Change]
) -> Iterable[str]:
    """Yield the lines of a plan file, one change per line."""
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
    """Return a plan. Raises SegcliError if the file is not a plan, GuardError if it was edited."""
    document = _document(path)
    rows = [json.dumps(row, ensure_ascii=False) for row in document["changes"]]
    head = {key: value for key, value in document.items() if key not in {"changes", "sha256"}}
    if _digest(head, rows) != document["sha256"]:
        raise GuardError(f"{path} was changed after it was made: nothing was changed", HINT)
    return Plan(str(path), document["as_of"], document["fingerprint"], document["last_run"], document["files"],
                document["selected"], document["changes"])  # fmt: skip


def _document(path: Path) -> dict[str, Any]:
    data = bounded_read.read(path, MAXIMUM_BYTES)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SegcliError(
            f"{path} is no plan", "it is neither YAML (.yaml, .yml) nor what segcli rules plan -o writes"
        ) from error
    if not isinstance(document, dict) or document.get("segcli_plan") != FORMAT:
        raise SegcliError(f"{path} is no plan that this segcli knows", HINT)
    for key in keys.PLAN:
        if key.is_needed and not isinstance(document.get(key.name), key.shape):
            raise SegcliError(f"{path} is no plan: '{key.name}' is missing or wrong", HINT)
    _check_values(path, document)
    for number, row in enumerate(document["files"]):
        if not _is_record(row, keys.PLAN_FILE, _NO_NAME):
            raise SegcliError(f"{path}: $.files[{number}] is not as segcli rules plan writes it", HINT)
    for number, row in enumerate(document["changes"]):
        if not _is_record(row, keys.CHANGE, _NO_TEXT) or not _CLASS.fullmatch(row["class"]):
            account = row.get("account") if isinstance(row, dict) else None
            whose = f" (account {account})" if isinstance(account, str) else ""
            raise SegcliError(f"{path}: $.changes[{number}]{whose} is not as segcli rules plan writes it", HINT)
    return document


def _check_values(path: Path, document: dict[str, Any]) -> None:
    """Raise SegcliError for a number out of range or an invalid date."""
    for key in ("last_run", "selected"):
        if not 0 <= document[key] <= _MOST:
            raise SegcliError(f"{path} is no plan: '{key}' is not a number from 0 to {_MOST}", HINT)
    try:
        date.fromisoformat(document["as_of"])
    except ValueError as error:
        raise SegcliError(f"{path} is no plan: 'as_of' is not a date", HINT) from error


def _is_record(row: object, declared: Sequence[Key], not_text: re.Pattern[str]) -> bool:
    """Tell whether a row has exactly these keys with text values; NUL and lone surrogates are not text."""
    if not isinstance(row, dict) or set(row) != set(names(declared)):
        return False
    return all(isinstance(text, str) and not not_text.search(text) for text in row.values())


def is_as_planned(db: sqlite3.Connection, plan: Plan) -> bool:
    """Tell whether no run followed the plan.

    Raises GuardError if the plan belongs to another database, was applied already, or a rule file was edited.
    """
    is_last = fingerprint(db)[0] == plan.fingerprint
    if not is_last:
        _refuse_applied(db, plan)
        if fingerprint(db, plan.last_run)[0] != plan.fingerprint:
            what = "it is of another database, or of another state of it"
            raise GuardError(f"{plan.path} does not fit the database: {what}; nothing was changed", HINT)
    for file in plan.files:
        path = Path(file["path"])
        if path.is_file() and hashlib.sha256(bounded_read.read(path, MOST_RULES)).hexdigest() != file["sha256"]:
            raise GuardError(f"{path} was changed after the plan was made: nothing was changed", HINT)
    return is_last


def refuse_missing_files(plan: Plan) -> None:
    """Raise GuardError if a rule file is missing, because the plan cannot be recomputed."""
    for file in plan.files:
        if not Path(file["path"]).is_file():
            raise GuardError(
                f"{plan.path}: other runs came after it, and {file['path']} is not there to compute it again: nothing was changed",
                HINT,
            )


def _refuse_applied(db: sqlite3.Connection, plan: Plan) -> None:
    """Raise GuardError if a run after the plan made exactly its changes, whether undone since or not."""
    planned = {(row["account"], row["class"], row["from"], row["to"]) for row in plan.changes}
    runs = db.execute(
        "SELECT r.id, (SELECT max(u.id) FROM run AS u WHERE u.undoes_run_id = r.id) FROM run AS r"
        " WHERE r.id > ? AND r.source = 'rule' ORDER BY r.id",
        (plan.last_run,),
    )
    for run, undone_by in runs.fetchall():
        if planned and planned == _made_by(db, run):
            back = f" and undone by run {undone_by}" if undone_by else ""
            raise GuardError(
                f"{plan.path} was already applied, by run {run}{back}: nothing was changed",
                "make a new plan: segcli rules plan",
            )


def _made_by(db: sqlite3.Connection, run_id: int) -> set[tuple[str, ...]]:
    """Return a run's changes in the format of a plan."""
    return set(
        db.execute(
            """SELECT a.code, 'class' || c.field, coalesce(o.code, ''), coalesce(n.code, '')
                 FROM classification_change AS c JOIN account AS a ON a.id = c.account_id
                 LEFT JOIN classification_value AS o ON o.id = c.old_value_id
                 LEFT JOIN classification_value AS n ON n.id = c.new_value_id WHERE c.run_id = ?""",
            (run_id,),
        )
    )


def propose(db: sqlite3.Connection, plan: Plan, catalogue: Catalogue) -> None:
    """Fill the proposal with the plan's changes. Raises GuardError if an old value is not the current one."""
    from segcli.classify import reclassify

    reclassify.create_proposal(db)
    sql = "INSERT INTO temp.proposal (account_id, field, old_value_id, new_value_id) SELECT id, ?, ?, ? FROM account WHERE code = ?"
    bound = (_bound(plan, number, catalogue) for number in range(len(plan.changes)))
    try:
        count = db.executemany(sql, bound).rowcount
    except sqlite3.IntegrityError as error:
        seen = Counter((row["account"], catalogue.field(row["class"])) for row in plan.changes)
        (account, field), _ = seen.most_common(1)[0]
        raise _unfit(plan, account, field, catalogue, "is changed twice") from error
    if count < len(plan.changes):
        for row in plan.changes:
            if not db.execute("SELECT 1 FROM account WHERE code = ?", (row["account"],)).fetchone():
                raise _unfit(plan, row["account"], catalogue.field(row["class"]), catalogue, "is not in the database")
    wrong = db.execute(_WRONG).fetchone()
    if wrong:
        account, field, old, now, new = wrong
        codes = {value.id: f"'{value.code}'" for value in catalogue.values(field)} | {None: "no value"}
        reason = f"has {codes[now]} already" if now == new else f"has {codes[now]}, and the plan says {codes[old]}"
        raise _unfit(plan, account, field, catalogue, reason)


def _unfit(plan: Plan, account: str, field: int, catalogue: Catalogue, reason: str) -> GuardError:
    """Return the error for the plan's first change of an account and field."""
    known = ((row["account"], catalogue.field(row["class"])) for row in plan.changes)
    number = next(number for number, key in enumerate(known) if key == (account, field))
    where = f"{plan.path}: $.changes[{number}]: account {account}, class{field}"
    return GuardError(f"{where}: {reason}; nothing was changed", HINT)


def _bound(plan: Plan, number: int, catalogue: Catalogue) -> tuple[int, int | None, int | None, str]:
    """Return a change as database values: field, old and new value, and the account's code."""
    row = plan.changes[number]
    field = catalogue.field(row["class"])
    old, new = (_value_of(plan, number, field, row[key], catalogue) for key in ("from", "to"))
    return field, old, new, row["account"]


def _value_of(plan: Plan, number: int, field: int, code: str, catalogue: Catalogue) -> int | None:
    found = catalogue.find(field, code) if code else ()
    if code and not found:
        account = plan.changes[number]["account"]
        raise _unfit(plan, account, field, catalogue, f"the class has no value '{code}'")
    return found[0].id if found else None
