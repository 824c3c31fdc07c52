"""Rules made SQL: conditions and what they bind, the order of files, guards at their limits, and values in tests. Without commands."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from segcli.base.errors import GuardError, SegcliError
from segcli.classify.rules import deciding, guards
from segcli.classify.rules.compiled import Collector, RuleSet, compile_files
from segcli.classify.rules.file import RuleFile, read
from segcli.classify.rules.values import given, shown
from segcli.domain.catalogue import Catalogue, Value
from segcli.domain.clause import EVERYTHING
from segcli.query.expressions.fields import Field
from segcli.query.names import Names
from segcli.settings.plain_yaml import Node

DAY = date(2026, 6, 30)
VALUES = {3: ("A", "B", "C"), 4: ("X", "Y"), 5: ("P",)}
CATALOGUE = Catalogue(
    [(3, "Value"), (4, "Other"), (5, "Third")],
    lambda field: [Value(field * 10 + n, field, code, f"{code}-text") for n, code in enumerate(VALUES.get(field, ()))],
)
NAMES = Names(CATALOGUE, day=DAY)
HEAD = "field: class3\n"
RULE = "rules:\n  - {id: a, set: A, when: country = NL}\n"


def compiled(tmp_path: Path, *texts: str, names: Names = NAMES) -> tuple[list[RuleSet], Collector]:
    files: list[RuleFile] = []
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text)
        files.append(read(path))
    collector = Collector()
    return compile_files(files, names, collector), collector


def one(tmp_path: Path, text: str) -> RuleSet:
    (found,), _ = compiled(tmp_path, text)
    return found


# ------------------------------------------------------------------------------------------------- values
@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("money", 1230, "12.30"), ("money", -5, "-0.05"), ("number", 12.5, "12.5"), ("number", 3.0, "3"), ("number", 3, "3"), ("flag", 1, "yes"), ("flag", 0, "no"),
        ("text", "ab", "ab"), ("date", "2026-01-31", "2026-01-31"), ("class", 31, "B"), ("class", 99, "99"), ("money", None, "none"), ("class", None, "none"),
    ],
)  # fmt: skip
def test_values_as_people_read_them(kind: str, value: str | float | None, words: str) -> None:
    assert shown(Field("class3", "x", kind), value, NAMES) == words


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("money", "12.5", 1250), ("money", "-3", -300), ("money", "1.5K", 150000), ("money", "2m", 200_000_000), ("number", "2.5k", 2500.0), ("number", "-1", -1.0),
        ("class", "b", 31), ("class", "C-text", 32), ("class", "None", None), ("date", "yesterday", "2026-06-29"), ("date", "2024-02-29", "2024-02-29"),
        ("status", "Prospect", "P"), ("status", "C", "C"), ("flag", "Yes", 1), ("flag", "no", 0), ("text", "Ann", "Ann"), ("text", "None", "None"),
    ],
)  # fmt: skip
def test_values_as_a_test_gives_them(kind: str, text: str, value: str | float | None) -> None:
    found = given(Field("class3", "x", kind), Node(text, "r.yaml", 7, 3), NAMES)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text"),
    [("money", "much"), ("money", "1.005"), ("money", "1e9"), ("money", "k"), ("money", "1_000"), ("money", "999999999999999m"), ("money", "NaN"), ("number", "1e999999999"),
     ("number", "Infinity"), ("number", "10kk"), ("status", "X"), ("flag", "maybe")],
)  # fmt: skip
def test_values_that_are_none(kind: str, text: str) -> None:
    with pytest.raises(SegcliError) as caught:
        given(Field("class3", "x", kind), Node(text, "r.yaml", 7, 3), NAMES)
    assert (caught.value.message, caught.value.hint) == (
        f"r.yaml:7:3: '{text}' is no value of class3", f"it is a {kind}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "said", "hint"),
    [("class", "Q", "r.yaml:7:3: unknown value 'Q' for Value (class3)", "there is: A (A-text), B (B-text), C (C-text)"),
     ("date", "soon", "r.yaml:7:3: date: 'soon' is not a date", "write it as 2026-03-31")],
)  # fmt: skip
def test_names_that_are_not_there(kind: str, text: str, said: str, hint: str) -> None:
    with pytest.raises(SegcliError) as caught:
        given(Field("class3", "x", kind), Node(text, "r.yaml", 7, 3), NAMES)
    assert (caught.value.message, caught.value.hint, caught.value.status) == (said, hint, 1)


def test_yen_have_no_cents() -> None:
    yen = Names(CATALOGUE, day=DAY, currency="JPY")
    field = Field("turnover", "x", "money")
    assert given(field, Node("250", "r", 1, 1), yen) == 250
    assert shown(field, 250, yen) == "250"


# ----------------------------------------------------------------------------------------------- compiled
def test_a_set_of_rules(tmp_path: Path) -> None:
    found = one(tmp_path, HEAD + """scope: status = customer
otherwise: b
rules:
  - {id: big, set: A, when: "turnover(12m) > 5", hold: turnover(12m) > 2, why: "has {turnover(12m)}, {country}!"}
  - {id: gone, set: clear, when: "*", until: 2026-06-29}
  - {id: last, set: none, when: "*", until: 2026-06-30}
""")  # fmt: skip
    big, gone, last = found.rules
    assert (found.field, found.otherwise, found.otherwise_code) == (3, (31,), "B")
    assert found.scope == ("(a.status = ?)", ("C",))
    assert big.condition.values == (500, 30, 200)
    with closing(sqlite3.connect(":memory:")) as db:  # above 5.00, or A and above 2.00
        for turnover, class3, holds in (
            (501, None, 1),
            (500, 31, 0),
            (500, 30, 1),
            (201, 30, 1),
            (200, 30, 0),
            (None, 30, 0),
            (None, None, 0),
        ):
            row = "(SELECT ? AS class3) AS a, (SELECT ? AS c0) AS m_invoice"
            bound = (*big.condition.values, class3, turnover)
            assert db.execute(f"SELECT {big.condition.sql} FROM {row}", bound).fetchone() == (holds,), (
                turnover,
                class3,
            )
    assert [(part.text, part.clause.values) for part in big.parts] == [
        ("turnover(12m) > 5", (500,)),
        ("turnover(12m) > 2", (200,)),
    ]
    assert (big.words, [field.name for field in big.operands]) == (("has ", ", ", "!"), ["turnover", "country"])
    assert (big.value_id, big.code, big.is_expired) == (30, "A", False)
    assert (gone.value_id, gone.code, gone.is_expired, gone.condition) == (None, "", True, ("0", ()))
    assert (gone.words, gone.operands) == (("rule gone",), ())
    assert (last.value_id, last.is_expired, last.condition) == (None, False, ("(1 = 1)", ()))
    assert [clause.values for clause in found.clauses] == [("C",), (500, 30, 200), (), ()]


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ('["status != A", "status != S"]', "CP"), ('["*"]', "ACPS"), ('{all: ["status != A", "status != S"]}', "CP"), ('{any: ["status = A", "status = C"]}', "AC"),
        ('{none: ["status = A", "status = P"]}', "CS"), ('{none: ["status = A"], any: ["status = A", "status = P"], all: ["status != C"]}', "P"),
        ('{any: ["status = A", "status = P"], none: ["status = A", "status = C"]}', "P"), ('["not status = A", {any: ["status = A", ["status = P", "*"]]}]', "P"),
        ('"status = A or status = P and status = C"', "A"),
    ],
)  # fmt: skip
def test_parts_of_a_condition(tmp_path: Path, when: str, holds: str) -> None:
    (rule,) = one(tmp_path, HEAD + f"rules:\n  - {{id: a, set: A, when: {when}}}\n").rules
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE account (status TEXT)")
        db.executemany("INSERT INTO account VALUES (?)", "ACPS")
        rows = db.execute(f"SELECT a.status FROM account AS a WHERE {rule.condition.sql}", rule.condition.values)
        assert "".join(status for (status,) in rows) == holds


def test_what_is_not_said(tmp_path: Path) -> None:
    found = one(tmp_path, HEAD + RULE)
    assert (found.scope, found.otherwise, found.otherwise_code) == (EVERYTHING, (), "")
    assert one(tmp_path, HEAD + "otherwise: keep\n" + RULE).otherwise == ()
    cleared = one(tmp_path, HEAD + "otherwise: clear\n" + RULE)
    assert (cleared.otherwise, cleared.otherwise_code) == ((None,), "")
    assert one(tmp_path, "field: Other\nrules:\n  - {id: x, set: y-TEXT, when: '*'}\n").rules[0].code == "Y"


def test_each_metric_has_one_column(tmp_path: Path) -> None:
    text = (
        HEAD
        + """rules:
  - {id: a, set: A, when: turnover(12m) > 1 and invoices(3m) = 0 and contacts > 1}
  - {id: b, set: B, when: turnover(12m) > 1 or turnover(24m) > 1 or invoices(where amount > 5) > 1}
"""
    )
    _, collector = compiled(tmp_path, text)
    assert list(collector.calls.values()) == [
        "m_invoice.c0",
        "m_invoice.c1",
        "m_contact.c0",
        "m_invoice.c2",
        "m_invoice.c3",
    ]
    assert collector.sources == ("invoice", "contact")
    assert collector.joins == (
        " LEFT JOIN temp.m_invoice AS m_invoice ON m_invoice.account_id = a.id"
        " LEFT JOIN temp.m_contact AS m_contact ON m_contact.account_id = a.id"
    )


def rules(field: int, value: str, *tests: str, more: str = "") -> str:
    lines = "".join(f'  - {{id: r{n}, set: {value}, when: "{test}"}}\n' for n, test in enumerate(tests))
    return f"field: class{field}\n{more}rules:\n{lines}"


def test_a_set_comes_after_those_that_it_looks_at(tmp_path: Path) -> None:
    texts = (rules(3, "A", "class4 = X", "class3 = A"), rules(4, "X", "class5 = P"), rules(5, "P", "*"))
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        found, _ = compiled(tmp_path, *(texts[n] for n in order))
        assert [one.field for one in found] == [5, 4, 3]
    assert [one.reads for one in found] == [frozenset(), {5}, {3, 4}]
    found, _ = compiled(tmp_path, rules(5, "P", "*"), rules(3, "A", "*"))
    assert [one.field for one in found] == [3, 5]  # by number where nothing says otherwise


def test_circles_and_doubles(tmp_path: Path) -> None:
    with pytest.raises(SegcliError) as caught:
        compiled(tmp_path, rules(3, "A", "class4 = X"), rules(4, "X", "class3 = A"))
    first, last = (f"class{n} ({tmp_path}/{n - 3}.yaml)" for n in (3, 4))
    circle = "the rules look at each other's classes in a circle: "
    assert caught.value.message in {f"{circle}{first} -> {last} -> {first}", f"{circle}{last} -> {first} -> {last}"}
    assert caught.value.hint == "let one of them ask something else"
    with pytest.raises(SegcliError) as caught:
        compiled(tmp_path, rules(3, "A", "*"), rules(4, "X", "*"), rules(3, "B", "*"))
    assert caught.value.message == f"{tmp_path}/2.yaml:1:8: {tmp_path}/0.yaml has rules for class3 already"
    assert caught.value.hint == "one file holds all rules of a classification"


def test_what_looks_at_its_own_class_wavers_but_for_hold(tmp_path: Path) -> None:
    held = HEAD + "rules:\n  - {id: a, set: A, when: country = NL, hold: country = BE}\n"
    assert one(tmp_path, held).reads == {3}
    assert not one(tmp_path, held).is_wavering
    assert one(tmp_path, held.replace("country = BE", "class3 = B")).is_wavering
    assert one(tmp_path, rules(3, "A", "class3 = B")).is_wavering
    assert one(tmp_path, rules(3, "A", "*", more="scope: class3 is empty\n")).is_wavering
    assert not one(tmp_path, rules(3, "A", "class4 = X")).is_wavering


WRONG = {
    "field: Valeu\n" + RULE: "0.yaml:1:8: unknown classification 'Valeu'", HEAD + "otherwise: Q\n" + RULE: "0.yaml:2:12: unknown value 'Q' for Value (class3)",
    HEAD + "guards: {max_share: {Q: 1%}}\n" + RULE: "0.yaml:2:25: unknown value 'Q'",
    HEAD + "scope: nam = x\n" + RULE: "0.yaml:2:8: there is no such field", HEAD + "rules:\n  - {id: a, set: Q, when: '*'}": "0.yaml:3:18: unknown value 'Q'",
    HEAD + "rules:\n  - {id: a, set: A, when: []}": "0.yaml:3:27: the list is empty", HEAD + "rules:\n  - {id: a, set: A, when: {}}": "0.yaml:3:27: there is no condition",
    HEAD + "rules:\n  - {id: a, set: A, when: {some: ['*']}}": "0.yaml:3:34: 'some' is not understood here",
    HEAD + "rules:\n  - {id: a, set: A, when: {any: []}}": "0.yaml:3:33: 'any' is not understood here",
    HEAD + "rules:\n  - {id: a, set: A, when: '*', hold: nam = x}": "0.yaml:3:38: there is no such field",
    HEAD + "rules:\n  - {id: a, set: A, when: '*', why: '{nam}'}": "0.yaml:3:37: there is no such field",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_errors_say_where(tmp_path: Path, text: str) -> None:
    with pytest.raises(SegcliError) as caught:
        compiled(tmp_path, text)
    assert WRONG[text] in caught.value.message
    assert caught.value.hint


PARTS = "write {all: [...], any: [...], none: [...]}"


@pytest.mark.parametrize(
    ("when", "hint"), [("[]", 'an expression that always holds is "*"'), ("{}", PARTS), ("{some: ['*']}", PARTS)]
)
def test_hints_say_what_to_write(tmp_path: Path, when: str, hint: str) -> None:
    with pytest.raises(SegcliError) as caught:
        compiled(tmp_path, HEAD + f"rules:\n  - {{id: a, set: A, when: {when}}}\n")
    assert caught.value.hint == hint


# ------------------------------------------------------------------------------------------------- guards
@pytest.fixture(name="db")
def _db() -> Iterator[sqlite3.Connection]:
    """Return a database in memory with what guards and decisions look at: 10 accounts, the first three of which are A."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript("""
            CREATE TABLE account (id INTEGER PRIMARY KEY, country TEXT, class3 INTEGER, class4 INTEGER);
            CREATE TABLE run (id INTEGER PRIMARY KEY, source TEXT, started_at TEXT);
            CREATE TABLE classification_change (id INTEGER PRIMARY KEY, run_id, account_id, field, old_value_id, new_value_id);
            CREATE TABLE invoice (kind, invoice_date); CREATE TABLE outstanding_item (invoice_date);
            CREATE TABLE allocation (allocation_date); CREATE TABLE subscription (start_date); CREATE TABLE request (request_date);
            INSERT INTO run VALUES (1, 'manual', '2026-06-01T00:00:00Z'), (2, 'undo', '2026-06-02T00:00:00Z'), (3, 'rule', '2026-06-03T00:00:00Z');
        """)
        db.create_function("fold", 1, lambda text: None if text is None else text.lower())
        db.executemany(
            "INSERT INTO account VALUES (?, ?, ?, NULL)",
            [(n, "NL" if n < 6 else "BE", 30 if n < 4 else None) for n in range(1, 11)],
        )
        yield db


NEWEST = {
    "invoice": "INSERT INTO invoice VALUES ('sales', '{day}'), ('sales', '2020-01-01'), ('purchase', '2026-06-30')",
    "purchase_invoice": "INSERT INTO invoice VALUES ('purchase', '{day}'), ('sales', '2026-06-30')",
    "outstanding_item": "INSERT INTO outstanding_item VALUES ('{day}'), ('2020-01-01')", "payment": "INSERT INTO allocation VALUES ('{day}')",
    "subscription": "INSERT INTO subscription VALUES ('{day}')", "request": "INSERT INTO request VALUES ('{day}')",
    "import": "INSERT INTO run VALUES (9, 'import', '{day}T09:00:00Z'), (10, 'manual', '2026-06-30T09:00:00Z')",
}  # fmt: skip


@pytest.mark.parametrize("name", NEWEST)
def test_data_of_the_last_seven_days(db: sqlite3.Connection, tmp_path: Path, name: str) -> None:
    """(D - 7 days, D] holds 24 June and not 23 June."""
    path = tmp_path / "r.yaml"
    path.write_text(HEAD + f"windows_need: {{{name}: 7d}}\n" + RULE)
    file = read(path)
    with pytest.raises(GuardError) as caught:
        guards.refuse_stale(db, [file], DAY)
    words = name.replace("_", " ")
    needed = f"and the rules need one of the last 7d before {DAY}: nothing was changed"
    at = f"{path}:2:{len('windows_need: {') + len(name) + 3}: "
    assert caught.value.message == f"{at}there is no {words}, {needed}"
    assert caught.value.hint == "has an import failed? See: segcli log"
    db.execute("SAVEPOINT fresh")
    db.execute(NEWEST[name].format(day="2026-06-23"))
    with pytest.raises(GuardError) as caught:
        guards.refuse_stale(db, [file], DAY)
    assert caught.value.message == f"{at}the newest {words} is of 2026-06-23, {needed}"
    db.execute("ROLLBACK TO fresh")
    db.execute(NEWEST[name].format(day="2026-06-24"))
    guards.refuse_stale(db, [file], DAY)


def test_data_of_later_do_not_count(db: sqlite3.Connection, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    for name, kind in (
        ("invoice", "'sales', "),
        ("purchase_invoice", "'purchase', "),
        ("outstanding_item", ""),
        ("payment", ""),
        ("subscription", ""),
        ("request", ""),
    ):
        path.write_text(HEAD + f"windows_need: {{{name}: 7d}}\n" + RULE)
        table = {"purchase_invoice": "invoice", "payment": "allocation"}.get(name, name)
        db.execute(f"INSERT INTO {table} VALUES ({kind}'2026-07-01')")
        with pytest.raises(GuardError, match=f"there is no {name.replace('_', ' ')}"):
            guards.refuse_stale(db, [read(path)], DAY)


@pytest.mark.parametrize(
    ("need", "said", "hint"),
    [("{invoices: 7d}", "2:26: 'invoices' is nothing that can be needed", "there is: invoice, purchase_invoice"), ("{invoice: often}", "2:25: 'often' is no window", "")],
)  # fmt: skip
def test_what_cannot_be_needed(db: sqlite3.Connection, tmp_path: Path, need: str, said: str, hint: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(HEAD + f"windows_need: {need}\n" + RULE)
    with pytest.raises(SegcliError) as caught:
        guards.refuse_stale(db, [read(path)], DAY)
    assert said in caught.value.message
    assert hint in caught.value.hint


def decided(db: sqlite3.Connection, tmp_path: Path, *texts: str) -> list[RuleSet]:
    sets, collector = compiled(tmp_path, *texts)
    deciding.decide(db, sets, collector, NAMES)
    return sets


DUTCH = "keep: []\nrules:\n  - {id: a, set: B, when: country = NL}\n"  # 5 of 10 change: three from A, two from none


@pytest.mark.parametrize(
    ("said", "given", "refused"),
    [
        ("max_changes: 4", None, "5 of 10 accounts would change, more than max_changes of {path} 4: nothing was changed"), ("max_changes: 5", None, ""),
        ("max_changes: 49.9%", None, "5 of 10 accounts would change, more than max_changes of {path} 49.9%: nothing was changed"), ("max_changes: 50%", None, ""),
        ("max_changes: 4", "5", ""), ("max_changes: 5", "40%", "5 of 10 accounts would change, more than --max-changes 40%: nothing was changed"),
        ("max_share: {{B: 4}}", None, "{path}:2:25: 5 of 10 accounts would have B, more than 4: nothing was changed"), ("max_share: {{B: 5}}", None, ""),
        ("max_share: {{B: 49.999%}}", None, "{path}:2:25: 5 of 10 accounts would have B, more than 49.999%: nothing was changed"), ("max_share: {{B: 50%}}", None, ""),
        ("max_share: {{A: 0, C: 0}}", None, ""),
    ],
)  # fmt: skip
def test_guards_at_their_limits(
    db: sqlite3.Connection, tmp_path: Path, said: str, given: str | None, refused: str
) -> None:
    sets = decided(db, tmp_path, HEAD + f"guards: {{{said.format()}}}\n" + DUTCH)
    if not refused:
        guards.refuse_many(db, sets, CATALOGUE, given)
        return
    with pytest.raises(GuardError) as caught:
        guards.refuse_many(db, sets, CATALOGUE, given)
    assert caught.value.message == refused.format(path=tmp_path / "0.yaml")
    assert caught.value.hint.startswith("look at them")


def test_what_is_decided_is_counted(db: sqlite3.Connection, tmp_path: Path) -> None:
    """Accounts 1 to 5 are Dutch, 1 to 3 have A: by hand what each rule comes to, and who goes where."""
    text = (
        HEAD
        + """keep: []
scope: country = NL
otherwise: clear
rules:
  - {id: a, set: A, when: class3 = A and class4 is empty, until: 2026-06-29}
  - {id: b, set: C, when: class3 is empty}
  - {id: c, set: B, when: country = NL and class3 is empty}
"""
    )
    (found,) = decided(db, tmp_path, text)
    assert (deciding.scope(db, found), deciding.changed(db, found)) == (5, 5)
    assert [(rule and rule.rule.id, *counts) for rule, counts in deciding.counts(db, found)] == [
        ("a", 0, 0, 0), ("b", 2, 2, 2), ("c", 2, 0, 0), (None, 3, 3, 3),
    ]  # fmt: skip
    assert deciding.pairs(db, found) == [(None, 32, 2), (30, None, 3)]
    assert deciding.shares(db, found) == {32: 2, None: 3}
    (kept,) = decided(db, tmp_path, text.replace("otherwise: clear", "otherwise: keep"))
    assert [tuple(counts) for _, counts in deciding.counts(db, kept)][-1] == (3, 3, 0)
    assert deciding.shares(db, kept) == {30: 3, 32: 2}
    (given,) = decided(db, tmp_path, text.replace("otherwise: clear", "otherwise: B"))
    assert deciding.shares(db, given) == {31: 3, 32: 2}


def test_a_scope_without_accounts(db: sqlite3.Connection, tmp_path: Path) -> None:
    (found,) = decided(db, tmp_path, HEAD + "scope: country = DE\n" + RULE)
    assert [tuple(counts) for _, counts in deciding.counts(db, found)] == [(0, 0, 0), (0, 0, 0)]
    assert (deciding.pairs(db, found), deciding.scope(db, found), deciding.changed(db, found)) == ([], 0, 0)


def test_a_later_set_sees_what_an_earlier_one_gives(db: sqlite3.Connection, tmp_path: Path) -> None:
    first = HEAD + "keep: []\notherwise: clear\nrules:\n  - {id: a, set: B, when: country = BE}\n"
    last = "field: class4\nrules:\n  - {id: x, set: X, when: class3 = B}\n  - {id: y, set: Y, when: class3 = A}\n"
    sets = decided(db, tmp_path, last, first)
    assert [found.field for found in sets] == [3, 4]
    assert deciding.pairs(db, sets[1]) == [(None, None, 5), (None, 40, 5)]  # nobody has A any more
    assert db.execute("SELECT count(*) FROM account WHERE class3 = 30").fetchone() == (3,)  # which nobody else sees


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ("[]", ""),
        ("[manual]", "1"),
        ("[rule]", "3"),
        ("[import]", "2 4 5"),
        ("[manual, import, rule, csv]", "1 2 3 4 5"),
    ],
)
def test_what_is_kept_is_what_gave_the_present_value(
    db: sqlite3.Connection, tmp_path: Path, keep: str, kept: str
) -> None:
    """1 had A by hand, and undo gave it back; 2 had another value by hand before; 3 has it from rules; 4 and 5 came in."""
    db.executemany(
        "INSERT INTO classification_change (run_id, account_id, field, old_value_id, new_value_id) VALUES (?, ?, ?, ?, ?)",
        [(1, 1, 3, None, 30), (3, 1, 3, 30, 32), (2, 1, 3, 32, 30), (1, 2, 3, None, 32), (1, 2, 4, None, 30), (1, 3, 3, None, 30), (1, 3, 3, 30, 32), (3, 3, 3, 32, 30)],
    )  # fmt: skip
    (found,) = decided(db, tmp_path, HEAD + DUTCH.replace("[]", keep))
    moved = {n for (n,) in db.execute("SELECT account_id FROM temp.proposal WHERE field = ?", (found.field,))}
    assert " ".join(str(n) for n in sorted({1, 2, 3, 4, 5} - moved)) == kept
