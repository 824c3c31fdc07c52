"""An upgrade of a database of an earlier schema, against the shell that copies the same tables into a database of the present one.

The shell makes the tables, copies each with INSERT … SELECT of the columns that both have, and builds indexes, triggers and search indexes
afterwards. It keeps no copy of the old file, and fills in none of what the upgrade derives.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cases_import import asked, copied, made
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, SQLITE, Ready

sys.path.insert(0, str(Path(__file__).parents[1] / "promises"))

import older

SHELL = "sqlite3 shell"
LIMIT = 2.0
OLDEST = 5  # the first with invoice lines and subscriptions
_RESULT = """SELECT 'account', count(*), sum(class1), 0 FROM account UNION ALL SELECT 'contact', count(*), sum(account_id), 0 FROM contact
UNION ALL SELECT 'invoice', count(*), sum(net_amount), sum(total_amount) FROM invoice
UNION ALL SELECT 'line', count(*), sum(net_amount), sum(quantity) FROM invoice_line
UNION ALL SELECT 'item', count(*), sum(amount), sum(open_amount) FROM outstanding_item
UNION ALL SELECT 'allocation', count(*), sum(amount), sum(item_id) FROM allocation
UNION ALL SELECT 'entry', count(*), sum(amount), sum(entry_id) FROM transaction_line
UNION ALL SELECT 'subscription', count(*), sum(period_amount), 0 FROM subscription_line
UNION ALL SELECT 'run', count(*), 0, 0 FROM run"""
_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;\n"
NAMES = (
    "upgrade from schema 9",
    "upgrade from schema 5",
)  # what cases() yields, so that run.py prepares no more than is asked for


def script(present: Path, old: Path) -> str:
    """Return the shell's statements."""
    with closing(sqlite3.connect(present)) as new, closing(sqlite3.connect(old)) as before:
        tables, earlier = older.columns(new), older.columns(before)
        needed = {
            name: [
                row[1] for row in new.execute(f"PRAGMA table_info({name})") if row[3] and row[4] is None and not row[5]
            ]
            for name in tables
        }
        sql = "SELECT name, type, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB '*_search_*' ORDER BY rowid"
        made_by = {(kind, name): text for name, kind, text in new.execute(sql)}
    parts = [_PRAGMAS, f"ATTACH '{old}' AS old; BEGIN IMMEDIATE;\n"]
    parts += [f"{text};\n" for (kind, name), text in made_by.items() if kind == "table" and name in tables]
    for name in sorted(tables.keys() & earlier.keys()):
        shared = [column for column in earlier[name] if column in tables[name]]
        missing = [column for column in needed[name] if column not in shared]
        parts.append(
            f"INSERT INTO main.{name} ({', '.join(shared + missing)}) SELECT {', '.join(shared + ['0' for _ in missing])} FROM old.{name};\n"
        )
    parts += [f"{text};\n" for (kind, _), text in made_by.items() if kind == "index"]
    for table in ("account", "contact"):
        parts.append(
            f"{made_by['table', f'{table}_search']};\nINSERT INTO {table}_search ({table}_search) VALUES ('rebuild');\n"
        )
    parts += [f"{text};\n" for (kind, _), text in made_by.items() if kind == "trigger"]
    return "".join([*parts, "COMMIT;\n"])


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the upgrade from the schema before and from an old one."""
    for version in (older.VERSIONS[-1], OLDEST):
        yield _case(ready, version)


def _case(ready: Ready, version: int) -> Case:
    folder = ready.folder
    source = made(folder / f"schema{version}.db", lambda to: older.downgrade(ready.database, to, version))
    here, there, given = folder / "upgraded.db", folder / "theirs.db", folder / f"schema{version}.sql"
    given.write_text(script(ready.database, source))

    def before() -> None:
        copied(source, here)()
        for backup in folder.glob(f"{here.name}.schema*"):
            backup.unlink()

    ours = Contestant(
        (SEGCLI, "-d", str(here), "log", "--limit", "1"),
        before=before,
        result=asked(here, _RESULT, folder),
        environ=ENVIRON,
    )
    theirs = Contestant((*SQLITE, "-bail", str(there)), given, copied(None, there), asked(there, _RESULT, folder))
    return Case(f"upgrade from schema {version}", {OURS: ours, SHELL: theirs}, {SHELL: LIMIT}, frozenset({SHELL}))
