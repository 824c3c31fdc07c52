"""Classifications in bulk, each change with its history, against bare statements in the sqlite3 shell."""

import csv
from collections.abc import Iterator

import generate
from cases_import import asked, copied, imported, made
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, SQLITE, Ready, segcli

SHELL = "sqlite3 shell"
LIMIT = 2
FIELD = 3
SECTOR, VALUE = "Sector 1", "V0001"  # one account in nine
_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;\n"
_RUN = """INSERT INTO run (command, source, user_name, started_at) VALUES ('tag', 'manual', 'me', '2026-06-30T00:00:00Z');
INSERT INTO classification_change (run_id, account_id, field, old_value_id, new_value_id)"""
BY_FILE = f"""CREATE TEMP TABLE given (account TEXT, code TEXT);
.import --csv --skip 1 {{file}} given
BEGIN IMMEDIATE;
CREATE TEMP TABLE proposal AS SELECT a.id, a.class{FIELD} AS old, v.id AS new FROM given AS g JOIN account AS a ON a.code = g.account
  JOIN classification_value AS v ON v.field = {FIELD} AND v.code = g.code WHERE v.id IS NOT a.class{FIELD};
{_RUN} SELECT (SELECT max(id) FROM run), id, {FIELD}, old, new FROM proposal;
UPDATE account SET class{FIELD} = p.new FROM proposal AS p WHERE p.id = account.id;
COMMIT;
"""
BY_RULE = f"""BEGIN IMMEDIATE;
{_RUN} SELECT (SELECT max(id) FROM run), a.id, {FIELD}, a.class{FIELD}, v.id
  FROM account AS a, classification_value AS v WHERE v.field = {FIELD} AND v.code = '{VALUE}' AND a.sector = '{SECTOR}' AND v.id IS NOT a.class{FIELD};
UPDATE account SET class{FIELD} = (SELECT id FROM classification_value WHERE field = {FIELD} AND code = '{VALUE}')
 WHERE sector = '{SECTOR}' AND class{FIELD} IS NOT (SELECT id FROM classification_value WHERE field = {FIELD} AND code = '{VALUE}');
COMMIT;
"""
_RESULT = f"""SELECT code, class{FIELD}, 'now' FROM account UNION ALL SELECT 'changes', count(*), sum(account_id * (1 + new_value_id - coalesce(old_value_id, 0)))
  FROM classification_change"""
RULES = f"""version: 1
field: class{FIELD}
rules:
  - {{id: sector, set: {VALUE}, when: "sector = '{SECTOR}'"}}
"""
NAMES = ("reclassify by file", "reclassify by selection", "rules apply")


def cases(ready: Ready) -> Iterator[Case]:
    """Yield a file, a selection and a plan of rules."""
    folder = ready.folder
    loaded = made(folder / "accounts.db", imported(ready.files / "values.csv", ready.files / "accounts.csv"))
    here, there = folder / "ours.db", folder / "theirs.db"
    file, rules, plan = folder / "classes.csv", folder / "rules.yaml", folder / "plan.json"
    write_classes(ready, generate.count(100_000, ready.scale))
    rules.write_text(RULES)
    (folder / "by_file.sql").write_text(_PRAGMAS + BY_FILE.format(file=file))
    (folder / "by_rule.sql").write_text(_PRAGMAS + BY_RULE)
    shells = {name: Contestant((*SQLITE, "-bail", str(there)), folder / f"{name}.sql", copied(loaded, there), asked(there, _RESULT, folder))
              for name in ("by_file", "by_rule")}  # fmt: skip

    def ours(*words: str) -> Contestant:
        return Contestant(
            (SEGCLI, "-d", str(here), *words),
            before=copied(loaded, here),
            result=asked(here, _RESULT, folder),
            environ=ENVIRON,
        )

    def planned() -> None:
        copied(loaded, here)()
        plan.unlink(missing_ok=True)
        segcli(here, "rules", "plan", rules, "-o", plan)

    by_rules = Contestant(
        (SEGCLI, "-d", str(here), "rules", "apply", str(plan), "--yes"),
        before=planned,
        result=asked(here, _RESULT, folder),
        environ=ENVIRON,
    )
    yield _case("reclassify by file", ours("tag", "--from", str(file), "--yes"), shells["by_file"])
    yield _case(
        "reclassify by selection",
        ours("tag", "--sector", SECTOR, "--set", f"class{FIELD}={VALUE}", "--yes"),
        shells["by_rule"],
    )
    yield _case("rules apply", by_rules, shells["by_rule"])


def _case(name: str, ours: Contestant, theirs: Contestant) -> Case:
    return Case(name, {OURS: ours, SHELL: theirs}, {SHELL: LIMIT})


def write_classes(ready: Ready, number: int) -> None:
    """Write another value of a class for so many accounts."""
    column = generate.ACCOUNT.index(f"class{FIELD}")
    with (ready.files / "accounts.csv").open(newline="") as source:
        rows = csv.reader(source)
        next(rows)
        found = (
            (row[0], "V0002" if row[column] == VALUE else VALUE) for row, _ in zip(rows, range(number), strict=False)
        )
        generate.write(ready.folder / "classes.csv", ("account", f"class{FIELD}"), found)
