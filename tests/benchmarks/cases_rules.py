"""Thirty rules over eleven metrics: their plan and one account explained, against one statement each that reads the metrics once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from cases_overviews import shell
from generate import DAY
from measure import OURS, Case, Contestant, picked
from prepare import ENVIRON, SEGCLI, Ready

SHELL = "sqlite3 shell"
LIMIT = 3
FIELD, VALUES = 4, 8
ACCOUNT = "0000017"
NAMES = (
    "rules plan, 30 rules",
    "rules explain, one account",
)  # what cases() yields, so that run.py prepares no more than is asked for


class Test(NamedTuple):
    """A condition as a rule says it and as SQL over the metrics says it."""

    rule: str
    sql: str


def _turnover(days: int, least: int) -> Test:
    return Test(f"turnover({days}d) >= {least}", f"t{days} >= {least * 100}")


def _invoices(days: int, more_than: int) -> Test:
    return Test(f"invoices({days}d) > {more_than}", f"i{days} > {more_than}")


def _both(one: Test, other: Test) -> Test:
    return Test(f"{one.rule} and {other.rule}", f"{one.sql} AND {other.sql}")


def tests() -> list[Test]:
    """Return the conditions, from the narrowest to the widest."""
    pairs = (
        (365, 9000, 90, 4),
        (365, 6000, 90, 2),
        (180, 4000, 30, 1),
        (90, 2000, 30, 0),
        (30, 900, 30, 0),
        (730, 12000, 365, 8),
    )
    found = [_both(_turnover(days, least), _invoices(window, number)) for days, least, window, number in pairs]
    found += [_turnover(days, least) for days in (30, 90, 180, 365, 730) for least in (3000, 1200, 500)]
    found += [Test(f"last_invoice < {days}d ago", f"l < '{DAY - timedelta(days=days)}'") for days in (700, 500)]
    found += [
        Test("credits(365d) > 1", "c > 1"),
        Test("invoices(365d) = 0", "i365 = 0"),
        Test("invoices(180d) between 1 and 2", "i180 BETWEEN 1 AND 2"),
    ]
    countries = ((30, 0, "NL"), (90, 0, "BE"), (180, 1, "DE"), (365, 2, "GB"))
    return found + [
        _both(_invoices(days, number), Test(f"country = '{code}'", f"country = '{code}'"))
        for days, number, code in countries
    ]


TESTS = tests()


def value(at: int) -> str:
    """Return the code that a rule gives."""
    return f"V{at % VALUES + 1:04d}"


def rules() -> str:
    """Return the file of rules."""
    lines = (f'  - {{id: r{at}, set: {value(at)}, when: "{test.rule}"}}\n' for at, test in enumerate(TESTS))
    return f"version: 1\nfield: class{FIELD}\nrules:\n{''.join(lines)}"


def metrics(keep: str) -> str:
    """Return the metrics of accounts as a common table expression."""
    since = {days: DAY - timedelta(days=days) for days in (30, 90, 180, 365, 730)}
    turnover = ", ".join(
        f"coalesce(sum(CASE WHEN i.invoice_date > '{day}' THEN i.base_revenue_amount END), 0) / 10000 AS t{days}"
        for days, day in since.items()
    )
    invoices = ", ".join(
        f"count(CASE WHEN i.total_amount >= 0 AND i.invoice_date > '{since[days]}' THEN 1 END) AS i{days}"
        for days in (30, 90, 180, 365)
    )
    return f"""WITH m AS (SELECT a.id, a.code, a.name, a.country, a.class{FIELD}, {turnover}, {invoices},
  count(CASE WHEN i.total_amount < 0 AND i.invoice_date > '{since[365]}' THEN 1 END) AS c,
  max(CASE WHEN i.total_amount >= 0 THEN i.invoice_date END) AS l
  FROM account AS a LEFT JOIN invoice AS i ON i.account_id = a.id AND i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= '{DAY}'
 WHERE {keep} GROUP BY a.id)"""


def plan() -> str:
    """Return the statement that gives the changed accounts with their old and new values and the rule, in the order of their codes."""
    which = " ".join(f"WHEN {test.sql} THEN {at}" for at, test in enumerate(TESTS))
    gives = " ".join(f"WHEN {at} THEN '{value(at)}'" for at in range(len(TESTS)))
    return f"""{metrics("1 = 1")}, w AS (SELECT code, name, class{FIELD}, CASE {which} END AS rule FROM m),
n AS (SELECT w.code, w.name, v.code AS old, CASE w.rule {gives} END AS new, w.rule FROM w LEFT JOIN classification_value AS v ON v.id = w.class{FIELD})
SELECT code, name, old, new, 'r' || rule FROM n WHERE rule IS NOT NULL AND new IS NOT old ORDER BY length(code), code"""


def explained() -> str:
    """Return the statement that says of each rule whether it matches one account."""
    parts = " UNION ALL ".join(
        f"SELECT '{ACCOUNT}', 'r{at}', coalesce({test.sql}, 0) FROM m" for at, test in enumerate(TESTS)
    )
    of_one = f"a.code = '{ACCOUNT}'"
    return f"{metrics(of_one)} {parts}"


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the plan for all accounts and the explanation of one."""
    file = ready.folder / "thirty_rules.yaml"
    file.write_text(rules())
    command = (SEGCLI, "-d", str(ready.database), "rules")
    planned = Contestant(
        (*command, "plan", str(file), "-f", "csv"),
        result=picked(ready.folder, "account", "name", "from", "to", "rule"),
        environ=ENVIRON,
    )
    contestants = {OURS: planned, SHELL: shell(ready, plan())}
    yield Case("rules plan, 30 rules", contestants, {SHELL: LIMIT}, frozenset({SHELL}))

    def holds() -> Iterator[list[str]]:
        found = picked(ready.folder, "account", "rule", "part", "holds")()
        return ([account, rule, is_held] for account, rule, part, is_held in found if part == "the rule" and rule)

    one = Contestant((*command, "explain", str(file), ACCOUNT, "-f", "csv"), result=holds, environ=ENVIRON)
    contestants = {OURS: one, SHELL: shell(ready, explained())}
    yield Case("rules explain, one account", contestants, {SHELL: LIMIT}, frozenset({SHELL}))
