"""One account, its history, the runs, an expression explained, baskets and completion, against statements in the sqlite3 shell."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import generate
from cases_import import copied, imported, made
from cases_overviews import shell
from measure import COMPARED, OURS, Case, Contestant, picked
from prepare import ENVIRON, SEGCLI, SQLITE, Ready, segcli
from questions import QUESTIONS

SHELL = "sqlite3 shell"
LIMIT = 2
ACCOUNT = "0000018"
RUNS = 100_000
OFFERED = 200  # words at most
CLASS = len(generate.SIZES)  # the class with the most values
_SALES = "kind = 'sales' AND status = 'processed' AND invoice_date <= '2026-06-30'"
_LARGE = f"""a.id IN (SELECT account_id FROM invoice WHERE {_SALES} AND invoice_date > '2025-06-30'
  GROUP BY account_id HAVING sum(base_revenue_amount) > 1000000000)"""
_FIRST = "coalesce(a.class1 = (SELECT id FROM classification_value WHERE field = 1 AND code = 'V0001'), 0)"
EXPLAINED = f"""WITH h AS (SELECT {_LARGE} AS large, {_FIRST} AS first, a.country = 'NL' AS dutch FROM account AS a)
SELECT sum(large) FROM h UNION ALL SELECT sum(first) FROM h UNION ALL SELECT sum(dutch) FROM h
UNION ALL SELECT sum(large AND NOT first AND dutch) FROM h"""
_FIRST_VALUE = """SELECT a.id, a.code, r.started_at, 'class{n}' AS class, NULL AS old, v.code AS new, r.id AS run FROM account AS a
  JOIN run AS r ON r.command = 'import accounts.csv' LEFT JOIN
  (SELECT account_id, old_value_id, min(id) FROM classification_change WHERE field = {n} GROUP BY 1) AS x ON x.account_id = a.id
  JOIN classification_value AS v ON v.id = iif(x.account_id IS NULL, a.class{n}, x.old_value_id)"""
HISTORY = f"""WITH h AS ({" UNION ALL ".join(_FIRST_VALUE.format(n=n) for n in range(1, 9))}
  UNION ALL SELECT a.id, a.code, r.started_at, 'class' || x.field, o.code, n.code, r.id FROM classification_change AS x
  JOIN account AS a ON a.id = x.account_id JOIN run AS r ON r.id = x.run_id
  LEFT JOIN classification_value AS o ON o.id = x.old_value_id LEFT JOIN classification_value AS n ON n.id = x.new_value_id)
SELECT h.code, h.started_at, h.class, h.old, h.new, h.run FROM h JOIN account AS a ON a.id = h.id WHERE {{}} ORDER BY h.code, h.run"""
LOG = "SELECT id, started_at, command, source, summary, reason, user_name FROM run ORDER BY id DESC"
BASKETS = """WITH b AS MATERIALIZED (SELECT DISTINCT i.id, t.item_group AS g FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id JOIN item AS t ON t.id = l.item_id
  WHERE i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= '2026-06-30' AND i.invoice_date > '2025-06-30' AND i.total_amount >= 0 AND l.quantity > 0),
w AS (SELECT count(DISTINCT id) AS whole FROM b), s AS (SELECT g, count(*) AS n FROM b GROUP BY g),
p AS (SELECT x.g AS one, y.g AS other, count(*) AS n FROM b AS x JOIN b AS y ON y.id = x.id AND y.g > x.g GROUP BY 1, 2)
SELECT p.one, p.other, p.n, s.n, u.n, round(p.n * 1.0 * whole / s.n / u.n, 4) FROM p JOIN s ON s.g = p.one JOIN s AS u ON u.g = p.other, w
 WHERE p.n >= max(2, (whole + 999) / 1000)"""
NAMES = (
    "account, as CSV",
    "account, the card",
    "history of one account",
    "history of a country",
    "log of all runs",
    "log of ten runs",
    "where explain",
    "basket by group",
    "completion of a class of 2,000 values",
)  # what cases() yields, so that run.py prepares no more than is asked for


def cases(ready: Ready) -> Iterator[Case]:
    """Yield a card, the history of one account and of a tenth, the runs, an expression, baskets and completion."""
    overview = next(question for question in QUESTIONS if question.name == "account-overview")
    one = f"a.code = '{ACCOUNT}'"
    card = shell(ready, overview.sql.replace("{keep}", one))
    yield _case("account, as CSV", ready, ("account", ACCOUNT), card)
    text = Contestant((SEGCLI, "-d", str(ready.database), "account", ACCOUNT, "-f", "table"), environ=ENVIRON)
    yield Case("account, the card", {OURS: text, SHELL: card}, {SHELL: LIMIT}, frozenset({SHELL}), is_compared=False)
    yield from _history(ready)
    yield from _log(ready)
    expression = "turnover(12m) > 1k and not class1 = V0001 and country = NL"
    yield _case("where explain", ready, ("where", "explain", expression), shell(ready, EXPLAINED), ("accounts",))
    baskets = ("one", "other", "invoices", "one_invoices", "other_invoices", "lift")
    yield _case(
        "basket by group", ready, ("basket", "--by", "group", "--window", "12m"), shell(ready, BASKETS), baskets
    )
    yield _completion(ready)


def _case(name: str, ready: Ready, words: tuple[str, ...], theirs: Contestant, columns: tuple[str, ...] = ()) -> Case:
    """Return a case of which only some columns are compared, where they are named."""
    ours = Contestant(
        (SEGCLI, "-d", str(ready.database), *words, "-f", "csv"),
        result=picked(ready.folder, *columns) if columns else None,
        environ=ENVIRON,
    )
    return Case(name, {OURS: ours, SHELL: theirs}, {SHELL: LIMIT}, frozenset({SHELL}))


def _history(ready: Ready) -> Iterator[Case]:
    """Yield the history of one account and of the accounts of a country, two classes of all having been changed twice."""
    files = ready.files
    accounts = made(ready.folder / "accounts.db", imported(files / "values.csv", files / "accounts.csv"))

    def twice(to: Path) -> None:
        copied(accounts, to)()
        for code in ("V0002", "V0003"):
            segcli(to, "tag", "--all", "--set", f"class3={code}", "--set", f"class4={code}", "--yes")

    changed = made(ready.folder / "changed_twice.db", twice)
    columns = ("account", "changed_at", "class", "from", "to", "run")
    for name, words, keep in (
        ("history of one account", (ACCOUNT,), f"a.code = '{ACCOUNT}'"),
        ("history of a country", ("--country", "DE"), "a.country = 'DE'"),
    ):
        ours = (SEGCLI, "-d", str(changed), "history", *words, "-f", "csv")
        theirs = (*SQLITE, "-readonly", "-csv", "-header", str(changed), HISTORY.format(keep))
        contestants = {
            OURS: Contestant(ours, result=picked(ready.folder, *columns), environ=ENVIRON),
            SHELL: Contestant(theirs),
        }
        yield Case(name, contestants, {SHELL: LIMIT}, frozenset({SHELL}))


def _log(ready: Ready) -> Iterator[Case]:
    """Yield the log of many runs, and of the last ten of them."""
    many = ready.folder / "runs.db"
    runs = generate.count(RUNS, ready.scale)
    if not many.exists():
        fresh = ready.folder / "filling-runs.db"
        fresh.unlink(missing_ok=True)
        segcli(fresh, "init")
        with closing(sqlite3.connect(fresh)) as db:
            db.executemany(
                "INSERT INTO run (command, source, reason, summary, user_name, started_at) VALUES ('tag', 'manual', ?, '0 changes', 'me', ?)",
                ((f"reason {n}", f"2026-06-{n * 28 // runs + 1:02d}T{n % 24:02d}:00:00Z") for n in range(runs)),
            )
            db.commit()
        fresh.rename(many)
    columns = ("run", "started_at", "command", "source", "summary", "reason", "user_name")
    for name, words, sql in (("log of all runs", (), LOG), ("log of ten runs", ("--limit", "10"), f"{LOG} LIMIT 10")):
        ours = Contestant(
            (SEGCLI, "-d", str(many), "log", *words, "-f", "csv"),
            result=picked(ready.folder, *columns),
            environ=ENVIRON,
        )
        theirs = Contestant((*SQLITE, "-readonly", "-csv", "-header", str(many), sql))
        yield Case(name, {OURS: ours, SHELL: theirs}, {SHELL: LIMIT}, frozenset({SHELL}))


def _completion(ready: Ready) -> Case:
    """Return the completion of the class with the most values."""

    def words() -> Iterator[Sequence[str]]:
        with (ready.folder / COMPARED).open(encoding="utf-8") as file:
            yield from (line.rstrip("\n").split("\t")[:1] for line in file)

    ours = Contestant(
        (SEGCLI, "__complete", "show", "account-search", f"--class{CLASS}", ""),
        result=words,
        environ={**ENVIRON, "SEGCLI_DATABASE": str(ready.database)},
    )
    theirs = shell(ready, f"SELECT code FROM classification_value WHERE field = {CLASS} ORDER BY code LIMIT {OFFERED}")
    return Case(
        "completion of a class of 2,000 values", {OURS: ours, SHELL: theirs}, {SHELL: LIMIT}, frozenset({SHELL})
    )
