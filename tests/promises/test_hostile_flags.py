"""Hostile flags: no word that is typed, set or configured makes a traceback, an error of SQL, or a part of a statement.

PROMISE_POINTS (12) says how much is tried; every command and parameter is taken from what the commands declare.
"""

import random
import re
import shutil
import sqlite3
from pathlib import Path
from typing import NamedTuple

import fuzzing
import hostile
import pytest
from conftest import Result, Run, fingerprint
from fuzzing import MARK, NASTY, POINTS, STATUSES, Declared
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcli.interface import options
from segcli.settings import config

COMMANDS = list(fuzzing.every_command())
_READING = {
    "show",
    "score",
    "log",
    "history",
    "check",
    "where",
    "cohort",
    "matrix",
    "overlap",
    "profile",
    "price",
    "help",
    "completion",
    "report",
    "config",
}
_OF_SQL = re.compile(
    r"Traceback|sqlite3|no such (column|table|function)|syntax error|unrecognized token|ambiguous column|parser stack|near \""
)
_ELSEWHERE = {
    "database",
    "config",
    "output",
    "rejects",
    "folder",
}  # what these name may be made or missing: they have tests of their own
_SHARED = {*options.SELECTION, *options.OUTPUT, *options.TIME, *options.COMMON, *options.WRITING}
QUICK = settings(
    max_examples=POINTS, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, derandomize=True
)


class World(NamedTuple):
    """A database that is as it was before every run, segcli, and the statements that were seen."""

    segcli: Run
    path: Path
    whole: Path
    statements: fuzzing.Statements

    def run(self, declared: Declared, words: list[str]) -> Result:
        """Run a line that may be refused, and see that it was refused well."""
        self.statements.seen.clear()
        done = self.segcli(*words)  # an exception is a traceback, and fails the test
        assert done.status in STATUSES, words
        assert not _OF_SQL.search(done.err), (words, done.err)
        assert hostile.steering(done.err) == "", words
        assert hostile.CONTROLS.search(done.out) is None, words
        assert done.status not in {1, 2} or done.err, words
        if done.status not in {0, 4, 5} or declared.words[0] in _READING:
            self.unchanged(words)
        else:
            self.renew()
        return done

    def unchanged(self, words: list[str]) -> None:
        """Fail where the database is not as it was."""
        log = Path(f"{self.path}-wal")
        if self.path.read_bytes() != self.whole.read_bytes() or (log.exists() and log.stat().st_size):
            assert fingerprint(self.path) == fingerprint(self.whole), words
            self.renew()

    def renew(self) -> None:
        """Put the database back as it was."""
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()
        shutil.copy(self.whole, self.path)


@pytest.fixture
def world(segcli: Run, example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SEGCLI_WAIT", "1")
    (tmp_path / "usual.csv").write_text("account,class1\n000017,N\n")
    whole = tmp_path / "whole.db"
    shutil.copy(example, whole)
    return World(segcli, example, whole, fuzzing.watched(monkeypatch))


def _fuzzed(declared: Declared) -> list[fuzzing.Parameter]:
    return [p for p in declared.texts if p.name not in _ELSEWHERE]


@pytest.mark.repeats
@pytest.mark.parametrize("declared", COMMANDS, ids=lambda declared: "-".join(declared.words))
def test_nothing_typed_is_a_part_of_a_statement(world: World, declared: Declared) -> None:
    """Each flag once with a word that would show: bound it is not in the text of any statement."""
    for number, parameter in enumerate(_fuzzed(declared)):
        if parameter in _SHARED and POINTS < 100 and (number + COMMANDS.index(declared)) % 5:
            continue  # every fifth command has its turn with a flag that all have
        form = (f"{MARK}", f"x' OR {MARK} --", f'"{MARK}"', f"class1 = {MARK}", f"{MARK}=1", f"city = '{MARK}'")[
            number % 6
        ]
        world.run(declared, fuzzing.line(declared, [(parameter, form)]))
        assert not [sql for sql in world.statements.seen if MARK in sql], parameter.flags


@pytest.mark.repeats
@pytest.mark.parametrize("declared", COMMANDS, ids=lambda declared: "-".join(declared.words))
def test_nasty_words(world: World, declared: Declared) -> None:
    """Some flags of every command, alone and two together, with words from the list."""
    chance = random.Random("-".join(declared.words))
    for _ in range(max(2, POINTS // 3) if _fuzzed(declared) else 0):
        given_ = [
            (p, chance.choice(NASTY))
            for p in chance.sample(_fuzzed(declared), min(len(_fuzzed(declared)), chance.choice((1, 1, 2))))
        ]
        if "months" not in {p.name for p, _ in given_}:  # ten years ahead take seconds, not milliseconds
            world.run(declared, fuzzing.line(declared, given_))


_SHOWN = [one for one in COMMANDS if one.words[0] == "show" and any(p.name == "where" for p in one.texts)]


@QUICK
@given(
    declared=st.sampled_from(_SHOWN),
    name=st.sampled_from(
        ["where", "sort", "columns", "group_by", "search", "class1", "class", "country", "account", "selection"]
    ),
    word=st.one_of(
        st.text(min_size=1, max_size=30),
        st.lists(
            st.sampled_from((*NASTY[:40], "class1", "country", "=", "in", "(", ")", "and", "or", "not", "'x'")),
            max_size=8,
        ).map(" ".join),
    ),
)
def test_any_text_in_a_selection(world: World, declared: Declared, name: str, word: str) -> None:
    parameter = next(p for p in declared.texts if p.name == name)
    world.run(declared, fuzzing.line(declared, [(parameter, f"{MARK} {word}".replace("\0", ""))]))
    assert not [sql for sql in world.statements.seen if MARK in sql]


# ------------------------------------------------------------------------------------------------ names only
@pytest.mark.repeats
@pytest.mark.parametrize("flag", ["--sort", "--columns", "--group-by"])
@pytest.mark.parametrize("declared", _SHOWN, ids=lambda declared: declared.words[-1])
def test_only_names_that_exist(world: World, declared: Declared, flag: str) -> None:
    for word in (
        "code; drop table account",
        "(select 1)",
        '"nosuch"',
        "name desc",
        "account.code",
        "rowid",
        "1",
        "sqlite_version()",
        "nmae",
    ):
        done = world.segcli(*declared.words, flag, word)
        assert (done.status, done.out) == (2, ""), word
        assert f"'{word}'" in done.err or f"'{word.removeprefix('-').lower()}'" in done.err
        assert len(done.err.splitlines()) > 1, "nothing near is named"
    assert "name" in world.segcli(*declared.words, "--columns", "nmae").err


@pytest.mark.parametrize(
    "text",
    [
        "1=1",
        "1 = 1",
        "name",
        "nosuch = 1",
        "code = 'x'; drop table account",
        "(select 1) = 1",
        "name = 'x' --",
        "name || 'x' = 'y'",
    ],
)
def test_where_takes_no_sql(world: World, text: str) -> None:
    done = world.segcli("show", "account-search", "--where", text)
    assert (done.status, done.out, "--where" in done.err) == (2, "", True)


@pytest.mark.parametrize(
    "word", ["%", "_", "'; DROP TABLE account; --", "00001_", "0000%", "000017'", '000017"', "*", "?"]
)
def test_a_code_is_a_code(world: World, word: str) -> None:
    """Nothing in it is a pattern, but where VALUES take patterns."""
    assert world.segcli("show", "account-search", "--account", word).status == 2
    assert world.segcli("history", "--", word).status in {1, 2}
    world.unchanged([word])


@pytest.mark.repeats
@pytest.mark.parametrize(
    "text",
    [
        "(" * 400 + "*" + ")" * 400,
        "not " * 400 + "*",
        " or ".join(["country = 'NL'"] * 3000),
        " and ".join(["not country = 'NL'"] * 3000),
    ],
)
def test_an_expression_beyond_measure_is_refused(world: World, text: str) -> None:
    for words in (("show", "account-search"), ("run", "print-reminders"), ("score", "rfm")):
        done = world.segcli(*words, "--where", text)
        assert done.status in {1, 2}
        assert not _OF_SQL.search(done.err)
        assert len(done.err) < 6_000


def test_nested_as_people_write_it_is_not() -> None:
    from segcli.query.expressions.lexer import MOST_NESTED

    assert MOST_NESTED >= 10


def test_many_accounts_at_once(world: World) -> None:
    some = [f"--account={code}" for code in ("000001", "000002")] * 20_000
    done = world.segcli("show", "account-search", *some)
    assert (done.status, len(done.table)) == (0, 3)


@pytest.mark.parametrize(
    "words",
    [
        ("run", "print-invoices", "--period", "9999"), ("run", "generate-subscription-invoices", "--as-of", "9999-12-31"),
        ("run", "print-reminders", "--to", "9999-12-31"), ("score", "lifetime", "--months", "121"), ("show", "account-search", "--limit", "9" * 16),
        ("show", "marketing-list", "--split", f"1:{'9' * 5000}"), ("show", "marketing-list", "--holdout", "9" * 5000),
        ("classification", "value", "rename", "1", "N", "--position", "9" * 19), ("undo", "9" * 30), ("undo", "9" * 5000),
    ],
)  # fmt: skip
def test_a_number_beyond_measure_is_refused(world: World, words: tuple[str, ...]) -> None:
    done = world.segcli(*words)
    assert (done.status, done.out) == (2, "")
    assert len(done.err) < 6_000


# --------------------------------------------------------------------------------- environment, configuration
_HARD = [word for word in NASTY if "\n" not in word]


@pytest.mark.repeats
@pytest.mark.parametrize(
    "name",
    [
        *(config.PREFIX + key.upper() for key in config.SETTINGS if key != "database"),
        "SEGCLI_TODAY",
        "SEGCLI_CONFIG",
        "COLUMNS",
        "NO_COLOR",
        "TERM",
    ],
)
def test_the_environment(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = next(one for one in COMMANDS if one.words == ("show", "debtor-ageing"))
    for word in random.Random(name).sample(_HARD, min(len(_HARD), 2 * POINTS)):
        monkeypatch.setenv(name, word)
        world.run(declared, ["show", "debtor-ageing", "-f", "table", "--limit", "1"])


@pytest.mark.repeats
@pytest.mark.parametrize("key", [*(key for key in config.SETTINGS if key != "database"), *config.SECTIONS, "nosuch"])
def test_the_configuration(world: World, key: str) -> None:
    declared = next(one for one in COMMANDS if one.words == ("show", "debtor-ageing"))
    acting = next(one for one in COMMANDS if one.words == ("run", "print-reminders"))
    for word in random.Random(key).sample(NASTY, min(len(NASTY), POINTS)):
        quoted = "".join(f"\\U{ord(c):08x}" for c in word)
        Path("c.yaml").write_text(f'{key}: "{quoted}"\n' if len(word) % 2 else f'{key}: {{"{quoted}": "{quoted}"}}\n')
        world.run(declared, ["--config", "c.yaml", "show", "debtor-ageing", "--limit", "1"])
        world.run(acting, ["--config", "c.yaml", "run", "print-reminders", "--limit", "1"])


def test_what_is_no_number_is_no_setting(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, words in (
        ("SEGCLI_WAIT", ("²", "9" * 5000, "١٢", ".", "-1", "nan")),
        ("SEGCLI_BUCKETS", ("²", "1,²", "9" * 5000, ",")),
    ):
        for word in words:
            monkeypatch.setenv(name, word)
            assert segcli("show", "debtor-ageing").status == 2, word
        monkeypatch.delenv(name)


# ------------------------------------------------------------------------------------------ the test's own eyes
def test_every_command_is_walked() -> None:
    assert len(COMMANDS) > 60
    assert {parameter.name for one in COMMANDS for parameter in one.texts} >= {p.name for p in options.SELECTION}


def test_what_is_spliced_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    statements = fuzzing.watched(monkeypatch)
    db = sqlite3.connect(":memory:")
    db.execute("SELECT ?", (MARK,))
    assert not [sql for sql in statements.seen if MARK in sql]
    db.cursor().execute(f"SELECT '{MARK}'")
    assert [sql for sql in statements.seen if MARK in sql]
