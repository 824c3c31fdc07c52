"""Link an entry template to the selected accounts, make it their main template, or unlink it.

TEMPLATE is the code of an imported entry template (journal, ledger accounts, VAT codes, fixed amounts or weights).
Without --main it is linked beside other templates. With --main it becomes the main template, and the account's former
main template stays linked. --unlink removes the link. Without TEMPLATE, the preview shows all links. --spread shows the
entry that the template makes of an amount. A blocked template can only be unlinked. Accounts that already have this
link are skipped.
"""

import sqlite3
from typing import Any

from segcli.actions.parts.job import Job, Result
from segcli.base import money
from segcli.base.errors import SegcliError, UsageError
from segcli.base.text import counted
from segcli.domain import reasons
from segcli.domain.catalogue import nearest
from segcli.domain.reasons import Reason
from segcli.domain.table import Column, Overview
from segcli.query import lookup
from segcli.query.compose import Request

AREA = "Finance"
PARAMETERS = ("template", "main", "unlink", "spread")
EXAMPLES = (
    "segcli run link-entry-template RENT --account 000244",
    "segcli run link-entry-template RENT --class2 RET --main --apply --yes",
)
COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("main", "code", "Main template"),
    Column("templates", heading="Linked"),
    Column("change", heading="Becomes"),
    Column("reason", heading="Skipped: reason"),
)
ENTRY = (
    Column("line", "integer"),
    Column("gl_account", "code", "Ledger account"),
    Column("description"),
    Column("vat_code", "code", "VAT code"),
    Column("currency"),
    Column("debit", "money", total="sum"),
    Column("credit", "money", total="sum"),
)
_LINKS = """SELECT s.id AS account_id, s.account, s.name,
       (SELECT t.code FROM entry_template_link AS l JOIN entry_template AS t ON t.id = l.entry_template_id
         WHERE l.account_id = s.id AND l.is_main = 1) AS main,
       (SELECT group_concat(t.code, ', ') FROM (SELECT t.code FROM entry_template_link AS l JOIN entry_template AS t
          ON t.id = l.entry_template_id WHERE l.account_id = s.id ORDER BY t.code) AS t) AS templates,
       p.new_link AS change, nullif(p.reason, '') AS reason
  FROM selection AS s LEFT JOIN temp.link_plan AS p ON p.account_id = s.id"""
UNIT, DONE = "account", "changed"
LEFT_OUT = """SELECT 'account ' || a.code AS what, p.cause, p.reason
  FROM temp.link_plan AS p JOIN account AS a ON a.id = p.account_id WHERE p.cause <> ''"""
_OLD = """CASE WHEN l.is_main IS NULL THEN 'none' WHEN l.is_main = 1 THEN 'main' ELSE 'linked' END"""


def overview(request: Request) -> Overview:
    """Return the preview: each account's current and new link to the template; with --spread, the entry."""
    if request.values.get("spread"):
        return Overview(columns=ENTRY, sql="SELECT * FROM temp.link_entry", sort=("line",))
    shown = "" if request.values.get("template") else " WHERE templates IS NOT NULL"
    return Overview(columns=COLUMNS, sql=f"SELECT * FROM ({_LINKS}){shown}", sort=("account",))


def check(job: Job) -> None:
    """Raise UsageError for an unknown or blocked template, and for flags that exclude each other."""
    values = job.values
    if values["main"] and values["unlink"]:
        raise UsageError("--main and --unlink contradict each other")
    if not values["template"]:
        if values["apply"] or values["main"] or values["unlink"] or values["spread"]:
            raise UsageError("which entry template?", "name one, or see them: segcli run link-entry-template")
        return
    template = _template(job)
    if template["is_blocked"] and not values["unlink"]:
        raise SegcliError(f"the entry template {template['code']} is blocked", "it can be unlinked only: --unlink")


def _template(job: Job) -> dict[str, Any]:
    code = job.values["template"]
    found = job.db.execute("SELECT id, code, journal, currency, is_blocked FROM entry_template WHERE code = ?", (code,))
    row = found.fetchone()
    if not row:
        known = [r[0] for r in job.db.execute("SELECT code FROM entry_template ORDER BY code")]
        hint = nearest(code, known) or "import some: segcli import --as entry_template FILE"
        raise UsageError(f"there is no entry template '{code}'", hint)
    return dict(zip((column[0] for column in found.description), row, strict=True))


def prepare(job: Job) -> None:
    """Put the links that change or stay into a temporary table, and the entry of --spread into another."""
    job.db.execute("DROP TABLE IF EXISTS temp.link_plan")
    job.db.execute(
        "CREATE TEMP TABLE link_plan (account_id INTEGER PRIMARY KEY, template_id, old_link, new_link, cause TEXT, reason TEXT)"
    )
    if not job.values["template"]:
        return
    template = _template(job)
    new = "none" if job.values["unlink"] else "main" if job.values["main"] else None
    rows = job.select(
        f"""found AS (SELECT s.id, {_OLD} AS old_link FROM selection AS s LEFT JOIN entry_template_link AS l
              ON l.account_id = s.id AND l.entry_template_id = :template)
            SELECT id, :template, old_link, coalesce(:new, CASE old_link WHEN 'none' THEN 'linked' ELSE old_link END) AS new_link
              FROM found""",
        {"template": template["id"], "new": new},
    ).fetchall()
    stays = {link: reasons.cells(reason.why()) for link, reason in _STAYS.items()}
    job.db.executemany(
        "INSERT INTO temp.link_plan VALUES (?, ?, ?, ?, ?, ?)",
        [
            (account, number, old, *((None, *stays[old]) if old == to else (to, "", "")))
            for account, number, old, to in rows
        ],
    )
    if job.values["spread"]:
        _spread(job, template)


_STAYS = {"none": Reason.NOT_LINKED, "linked": Reason.LINKED_ALREADY, "main": Reason.MAIN_ALREADY}


def spread(amount: int, lines: list[tuple[int | None, int | None]]) -> list[int]:
    """Return each line's share of an amount: fixed amounts first, the rest by weight, exact to the cent.

    Shares are rounded half up cumulatively, so that they add up to the whole.
    """
    rest = amount - sum(fixed or 0 for fixed, _ in lines)
    weights = sum(weight or 0 for _, weight in lines)
    found, done, given = [], 0, 0
    for fixed, weight in lines:
        if fixed is None and weight:
            done += weight
            upto = money.half_up(rest * done, weights)
            found.append(upto - given)
            given = upto
        else:
            found.append(fixed or 0)
    return found


def _spread(job: Job, template: dict[str, Any]) -> None:
    """Fill the table of the entry: one row per template line, and a balancing one."""
    currency = template["currency"] or lookup.currency(job.db)
    try:
        amount = money.parse(job.values["spread"], currency)
    except ValueError as error:
        raise UsageError(f"--spread: '{job.values['spread']}': {error}") from error
    lines = job.db.execute(
        "SELECT line_number, gl_account, description, vat_code, amount, weight FROM entry_template_line"
        " WHERE entry_template_id = ? ORDER BY line_number",
        (template["id"],),
    ).fetchall()
    shares = spread(amount, [(line[4], line[5]) for line in lines])
    rows = [(number, gl, text, vat, share) for (number, gl, text, vat, *_), share in zip(lines, shares, strict=True)]
    rows.append((rows[-1][0] + 1, None, f"against journal {template['journal']}", None, -sum(shares)))
    job.db.execute("DROP TABLE IF EXISTS temp.link_entry")
    job.db.execute(
        "CREATE TEMP TABLE link_entry (account_id, line, gl_account, description, vat_code, currency, debit, credit)"
    )
    job.db.executemany(
        "INSERT INTO temp.link_entry VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
        [(*row[:4], currency, max(row[4], 0) or None, max(-row[4], 0) or None) for row in rows],
    )


def count(job: Job) -> int:
    """Return the number of accounts that change."""
    return int(job.db.execute("SELECT count(*) FROM temp.link_plan WHERE cause = ''").fetchone()[0])


def selected(job: Job) -> int:
    """Return the number of selected accounts."""
    return int(job.select("chosen AS (SELECT id FROM selection) SELECT count(*) FROM chosen", {}).fetchone()[0])


_SET = {
    "none": "DELETE FROM entry_template_link WHERE account_id = :account AND entry_template_id = :template",
    "linked": "INSERT INTO entry_template_link VALUES (:account, :template, 0) ON CONFLICT DO UPDATE SET is_main = 0",
    "main": "INSERT INTO entry_template_link VALUES (:account, :template, 1) ON CONFLICT DO UPDATE SET is_main = 1",
}


def apply(job: Job, run_id: int) -> Result:
    """Change the links, and record each change for undo."""
    changes = job.db.execute(
        "SELECT account_id, template_id, old_link, new_link FROM temp.link_plan WHERE cause = ''"
    ).fetchall()
    for account, template, old, new in changes:
        if new == "main":
            _demote(job.db, run_id, account)
        _change(job.db, run_id, account, template, (old, new))
    if not changes:
        return Result(0, "nothing to change")
    verb = (
        "unlinked from" if job.values["unlink"] else "made the main template of" if job.values["main"] else "linked to"
    )
    accounts = counted(len(changes), "account")
    return Result(len(changes), f"{_template(job)['code']} {verb} {accounts}")


def _demote(db: sqlite3.Connection, run_id: int, account: int) -> None:
    """Turn the account's main template into an ordinary link."""
    sql = "SELECT entry_template_id FROM entry_template_link WHERE account_id = ? AND is_main = 1"
    for (other,) in db.execute(sql, (account,)).fetchall():
        _change(db, run_id, account, other, ("main", "linked"))


def _change(db: sqlite3.Connection, run_id: int, account: int, template: int, links: tuple[str, str]) -> None:
    db.execute(_SET[links[1]], {"account": account, "template": template})
    db.execute(
        "INSERT INTO entry_template_link_change (run_id, account_id, entry_template_id, old_link, new_link)"
        " VALUES (?, ?, ?, ?, ?)",
        (run_id, account, template, *links),
    )


def undo(db: sqlite3.Connection, run_id: int, by_run: int) -> str:
    """Reverse the changes of a run that still stand, last first."""
    changes = db.execute(
        "SELECT account_id, entry_template_id, old_link, new_link FROM entry_template_link_change WHERE run_id = ?"
        " ORDER BY id DESC",
        (run_id,),
    ).fetchall()
    done = 0
    for account, template, old, new in changes:
        sql = f"SELECT {_OLD} FROM (SELECT 1) LEFT JOIN entry_template_link AS l ON l.account_id = ? AND l.entry_template_id = ?"
        if db.execute(sql, (account, template)).fetchone()[0] == new:
            if old == "main":
                _demote(db, by_run, account)
            _change(db, by_run, account, template, (new, old))
            done += 1
    kept = f", {len(changes) - done} changed since stay" if done < len(changes) else ""
    return f"{counted(done, 'link')} of run {run_id} undone{kept}" if done else ""
