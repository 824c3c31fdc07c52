"""Conditions and what they bind, asked of SQLite itself; expressions read word by word; what the selection flags mean."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from segcli.base.errors import UsageError
from segcli.base.text import fold
from segcli.domain.catalogue import Catalogue, Value, Values, parse_values
from segcli.domain.clause import (
    EVERYTHING,
    FEW,
    Clause,
    both,
    either,
    literal,
    named,
    plain_words,
    text_atom,
    text_values,
)
from segcli.query.expressions.lexer import Reader, Token
from segcli.query.names import Names
from segcli.query.selection import Filters, compile_filters, read, search_clause

WORDS = ("a", "B", "b c", "a*b", "a[1]", "no", "North", "c", "any", None)


@pytest.fixture(name="rows", scope="module")
def _rows() -> Iterator[Callable[[Clause], list[str | None]]]:
    """Return what answers a condition on `t.x` with the words that it holds for."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE t (x TEXT)")
        db.executemany("INSERT INTO t VALUES (?)", [(word,) for word in WORDS])
        yield lambda clause: [x for (x,) in db.execute(f"SELECT x FROM t WHERE {clause.sql}", clause.values)]


Rows = Callable[[Clause], list[str | None]]
EVERY = list(WORDS)
SOME = [word for word in WORDS if word is not None]


# ------------------------------------------------------------------------------------------------ clauses
def test_one_and_the_other() -> None:
    one, other = Clause("x > ?", (1,)), Clause("y = 2 OR y = ?", (3,))
    assert both(()) is both((EVERYTHING, EVERYTHING)) is either(()) is EVERYTHING
    assert Clause("TRUE", ()) == EVERYTHING
    assert both((EVERYTHING, one)) == Clause("(x > ?)", (1,))
    assert both((one, EVERYTHING, other)) == Clause("(x > ?) AND (y = 2 OR y = ?)", (1, 3))
    assert either((one,)) is one
    assert either((one, other)) == Clause("(x > ?) OR (y = 2 OR y = ?)", (1, 3))
    assert other.negated() == Clause("NOT (y = 2 OR y = ?)", (3,))


def test_question_marks_get_names_in_their_order() -> None:
    assert named(Clause("a = ? AND b IN (?, ?)", (1, "x", None)), "p") == (
        "a = :p_0 AND b IN (:p_1, :p_2)",
        {"p_0": 1, "p_1": "x", "p_2": None},
    )
    assert named(EVERYTHING, "p") == ("TRUE", {})
    with pytest.raises(ValueError, match="zip"):
        named(Clause("a = ?", (1, 2)), "p")
    with pytest.raises(ValueError, match="zip"):
        named(Clause("a = ? OR a = ?", (1,)), "p")


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("A", ["a"]), ("b C", ["b c"]), ("d", []), ("none", [None]), ("NONE", [None]), ("any", SOME), ("Any", SOME),
        ("prefix:NO", ["no", "North"]), ("Prefix: n", ["no", "North"]), ("prefix:a*", ["a*b"]), ("prefix:a[", ["a[1]"]),
        ("N*", ["no", "North"]), ("?", ["a", "B", "c"]), ("[ab]", ["a", "B"]), ("a[*]b", ["a*b"]), ("*", SOME),
        ("a..b", ["a", "B", "a*b", "a[1]", "any"]), ("B .. C", ["B", "b c", "c"]), ("no..north", ["no", "North"]),
        ("a..b..c", ["a", "B", "b c", "a*b", "a[1]", "any"]),
    ],
)  # fmt: skip
def test_words_of_values(rows: Rows, word: str, found: list[str | None]) -> None:
    clause = text_atom("t.x", word)
    assert rows(clause) == found
    assert rows(clause.negated()) == [x for x in EVERY if x not in found]  # two-valued where it is empty


@pytest.mark.parametrize(
    ("word", "said"), [("prefix:", "nothing follows prefix:"), ("..b", "two ends"), ("c..a", "backwards")]
)
def test_words_that_are_none(word: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        text_atom("t.x", word)


@pytest.mark.parametrize(("text", "glob"), [("plain X", "plain X"), ("a*b?c[d]", "a[*]b[?]c[[]d]")])
def test_a_text_as_a_glob_of_itself(text: str, glob: str) -> None:
    assert literal(text) == glob


@pytest.mark.parametrize(
    ("lists", "found"),
    [
        (["a,b c"], ["a", "b c"]), (["a", "NO"], ["a", "no"]), (["not:a,no"], ["B", "b c", "a*b", "a[1]", "North", "c", "any", None]),
        (["a,none"], ["a", None]), (["any", "not:a*,n*"], ["B", "b c", "c"]), (["a,B,c", "not:b", "not:C"], ["a"]), (["not:none"], SOME),
    ],
)  # fmt: skip
def test_lists_of_values(rows: Rows, lists: list[str], found: list[str | None]) -> None:
    assert rows(text_values("t.x", [parse_values(text, "--x") for text in lists])) == found


@pytest.mark.repeats
@pytest.mark.parametrize("count", [FEW - 1, FEW, FEW + 1, 40_000])
def test_many_words_are_bound_as_one(rows: Rows, count: int) -> None:
    """SQLite takes some 32,000 bound values and a depth of 1,000: a list of words from a file must not come near."""
    many = [f"w{n}" for n in range(count - 1)] + ["A"]
    clause = text_values("t.x", [Values(is_negated=False, words=tuple(many), text="")])
    assert rows(clause) == ["a"]
    assert len(clause.values) == (count if count <= FEW else 1)
    assert rows(text_values("t.x", [Values(is_negated=True, words=tuple(many), text="")])) == EVERY[1:]
    with_others = Values(is_negated=False, words=(*many, "none", "n*", "b..b"), text="")
    assert rows(text_values("t.x", [with_others])) == ["a", "B", "no", "North", None]
    assert rows(text_values("t.x", [Values(is_negated=False, words=(*many, "Any"), text="")])) == SOME


def test_words_that_must_be_there_to_the_letter() -> None:
    lists = [parse_values("a,None,b*,prefix:c,d..e,ANY", "--x"), parse_values("not:F g", "--x")]
    assert list(plain_words(lists)) == ["a", "F g"]


# ------------------------------------------------------------------------------------------------- tokens
def test_an_expression_word_by_word() -> None:
    text = ''' name<>'it''s'and (x>="a ""b""",é-1)'''
    assert Reader(text, "--where").tokens == [
        Token("word", "name", 1), Token("sign", "<>", 5), Token("text", "it's", 7), Token("word", "and", 14), Token("sign", "(", 18),
        Token("word", "x", 19), Token("sign", ">=", 20), Token("text", 'a "b"', 22), Token("sign", ",", 31), Token("word", "é-1", 32),
        Token("sign", ")", 35),
    ]  # fmt: skip
    assert Reader(" \n\t", "--where").tokens == []
    assert [token.text for token in Reader("a<b<=c!=d=e>f", "x").tokens] == [
        "a",
        "<",
        "b",
        "<=",
        "c",
        "!=",
        "d",
        "=",
        "e",
        ">",
        "f",
    ]
    assert [token.text for token in Reader("'' \"'\" '\"'", "x").tokens] == ["", "'", '"']


@pytest.mark.parametrize(("text", "at"), [("'a", 0), ("  'a", 2), ('a = "b', 4), ("a !b", 2), ("a  ! b", 3)])
def test_what_cannot_be_read_is_pointed_at(text: str, at: int) -> None:
    with pytest.raises(UsageError) as caught:
        Reader(text, "r.yaml:3:5")
    assert caught.value.message == "r.yaml:3:5: this cannot be read"
    assert caught.value.hint == f"{text}\n{' ' * at}^ is a quote missing?"


def test_tokens_are_taken_from_the_left() -> None:
    reader = Reader("Is Not 'empty' x", "--where")
    assert not reader.peek("is", "empty")
    assert not reader.peek("is", "not", "empty")  # a text is no word of the language
    assert reader.peek("is", "not")
    assert (reader.at, reader.place) == (0, 0)
    assert not reader.take("not")
    assert reader.take("is", "not")
    assert (reader.at, reader.place) == (2, 7)
    assert reader.next("a value") == Token("text", "empty", 7)
    assert not reader.peek("x", "y")
    assert reader.take("x")
    assert (reader.at, reader.place, len(reader.text)) == (4, 16, 16)
    assert not reader.peek("x")
    with pytest.raises(UsageError) as caught:
        reader.next("a value")
    assert (caught.value.message, caught.value.hint) == ("--where: a value is missing", f"{reader.text}\n{' ' * 16}^")


# ---------------------------------------------------------------------------------------------- selection
CATALOGUE = Catalogue(
    [(1, "Region"), (2, "Empty")],
    lambda field: [Value(7, 1, "N", "North"), Value(5, 1, "S", "South, far")] if field == 1 else [],
)
SAVED: Mapping[str, Mapping[str, Any]] = {"north": {"class1": ["N"]}, "loop": {"selection": ["north", "Loop"]}}
NAMES = Names(
    CATALOGUE,
    has_account=lambda code: code in {"1", "2"},
    has_text=lambda column, value: (column, value.upper()) in {("country", "NL"), ("manager", "NL")},
    saved=lambda name: SAVED[name.lower()],
    near_accounts=lambda code: ["12", "13"] if code == "11" else [],
)
ACCOUNTS = (  # code, class1, class2, status, country, manager, search text
    ("1", 7, None, "C", "NL", "Ann", "jansen delft 100%"), ("2", 5, None, "C", "be", None, "peeters gent ab"), ("3", None, None, "A", None, "NL", "jan ab*c"),
    ("4", 7, None, "P", "DE", "ann", "ab"), ("5", 5, None, "S", "nl", None, ""),
)  # fmt: skip


@pytest.fixture(name="chosen", scope="module")
def _chosen() -> Iterator[Callable[[Clause], str]]:
    """Return what answers a condition on `account AS a` with the codes of the accounts."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.create_function("fold", 1, lambda word: None if word is None else fold(word))
        db.execute(
            "CREATE TABLE account (id INTEGER PRIMARY KEY, code, class1, class2, status, country, manager, search_text)"
        )
        db.execute("CREATE VIRTUAL TABLE account_search USING fts5(search_text, tokenize = 'trigram')")
        db.executemany(
            "INSERT INTO account (code, class1, class2, status, country, manager, search_text) VALUES (?,?,?,?,?,?,?)",
            ACCOUNTS,
        )
        db.execute("INSERT INTO account_search (rowid, search_text) SELECT id, search_text FROM account")
        sql = "SELECT a.code FROM account AS a WHERE"
        yield lambda clause: " ".join(code for (code,) in db.execute(f"{sql} {clause.sql} ORDER BY 1", clause.values))


Chosen = Callable[[Clause], str]
FLAGS = {
    "nothing": ({}, "1 2 3 4 5"), "a code": ({"class1": ["n"]}, "1 4"), "two codes": ({"class1": ["N,S"]}, "1 2 4 5"), "twice": ({"class1": ["N", "S"]}, "1 2 4 5"),
    "a description with a comma": ({"class1": ["South, far"]}, "2 5"), "none": ({"class1": ["none"]}, "3"), "not": ({"class1": ["not:N"]}, "2 3 5"),
    "a value or none": ({"class1": ["N,none"]}, "1 3 4"), "neither": ({"class1": ["not:N,none"]}, "2 5"), "none of no values": ({"class2": ["none"]}, "1 2 3 4 5"),
    "any of no values": ({"class2": ["any"]}, ""), "not any of no values": ({"class2": ["not:any"]}, "1 2 3 4 5"), "by label": ({"class": ["region = N"]}, "1 4"),
    "number and label": ({"class1": ["N"], "class": ["Region=S"]}, "1 2 4 5"), "number and label less": ({"class1": ["N,S"], "class": ["Region=not:S"]}, "1 4"),
    "accounts": ({"account": [" 1", "2 "]}, "1 2"), "a status in words": ({"status": ["Customer,suspect"]}, "1 2 5"), "a status": ({"status": ["p"]}, "4"),
    "status none is A": ({"status": ["none"]}, "3"), "any status": ({"status": ["any"]}, "1 2 3 4 5"), "not a status": ({"status": ["not:C"]}, "3 4 5"),
    "a country": ({"country": ["NL"]}, "1 5"), "not a country": ({"country": ["not:nl"]}, "2 3 4"), "country and manager": ({"country": ["none"], "manager": ["nl"]}, "3"),
    "pattern": ({"country": ["?e,prefix:n"]}, "1 2 4 5"), "long and short words": ({"search": " JAN ab "}, "3"), "a long word": ({"search": "jans"}, "1"),
    "a short one": ({"search": "AB"}, "2 3 4"), "signs of globs": ({"search": "b*c"}, "3"), "per cent": ({"search": "00%"}, "1"), "three letters": ({"search": "ent"}, "2"),
    "saved": ({"selection": ["North"]}, "1 4"), "saved and more": ({"selection": ["north"], "country": ["any"], "account": ["1"]}, "1"),
    "by expression": ({"where": ["class1 = N", "country = DE"]}, "4"), "by saved expression": ({"where": ["in selection north"]}, "1 4"),
}  # fmt: skip


@pytest.mark.parametrize(("flags", "codes"), FLAGS.values(), ids=FLAGS)
def test_flags_select(chosen: Chosen, flags: Mapping[str, list[str] | str], codes: str) -> None:
    assert chosen(compile_filters(read(flags), NAMES)) == codes


WRONG = {
    "a value": ({"class1": ["Nort"]}, "unknown value 'Nort' for Region (class1)", "there is: N (North), S (South, far)"),
    "a value of a class without any": ({"class2": ["none,A"]}, "unknown value 'none' for Empty (class2)", "it has no values yet: segcli classification value add 2 CODE TEXT"),
    "a label": ({"class": ["Regio=N"]}, "unknown classification 'Regio'", "there is: Region, Empty"),
    "no label": ({"class": ["=N"]}, "--class: '=N' is not LABEL=VALUES", "write --class Region=N,S"),
    "no values": ({"class": ["Region"]}, "--class: 'Region' is not LABEL=VALUES", "write --class Region=N,S"),
    "an empty value": ({"class": ["Region="]}, "--class Region: '' holds an empty value", "an unset shell variable must not mean everything"),
    "an empty number": ({"class3": ["A,"]}, "--class3: 'A,' holds an empty value", "a comma stands at its end, or two together"),
    "an empty text": ({"manager": [""]}, "--manager: '' holds an empty value", "an unset shell variable must not mean everything"),
    "an account": ({"account": ["1", "11"]}, "--account: there is no account '11'", "near it: 12, 13"),
    "an account near none": ({"account": ["x"]}, "--account: there is no account 'x'", "search: segcli show account-search WORDS"),
    "a status": ({"status": ["C,q,x"]}, "--status: 'Q' is no status", "A none, S suspect, P prospect, C customer"),
    "a text": ({"country": ["NL,not*,FR"]}, "--country: no account has 'FR'", "see: segcli show account-search --group-by country"),
    "a text among others": ({"manager": ["none,BE"]}, "--manager: no account has 'BE'", "see: segcli show account-search --group-by manager"),
    "a loop": ({"selection": ["loop"]}, "--selection: 'Loop' refers to itself", "by way of loop"),
}  # fmt: skip


@pytest.mark.parametrize(("flags", "message", "hint"), WRONG.values(), ids=WRONG)
def test_flags_that_are_wrong(flags: Mapping[str, list[str]], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        compile_filters(read(flags), NAMES)
    assert caught.value.message == message
    assert caught.value.hint == hint


def test_a_selection_by_way_of_others_is_no_loop_twice() -> None:
    """One that stands in two others is asked twice; one that asks itself by way of an expression is refused."""
    compile_filters(read({"selection": ["north", "north"], "where": ["in selection north"]}), NAMES)
    with pytest.raises(UsageError, match="'NORTH' refers to itself") as caught:
        compile_filters(read({"where": ["in selection NORTH"]}), NAMES, ("other", "north"))
    assert "by way of other -> north" in caught.value.hint


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({}, ""), ({"class1": ["N,S"], "class2": ["not:A"]}, "Region = N,S · Empty = not:A"), ({"class4": ["any"], "class": ["Region= none "]}, "class4 = any · Region = none"),
        ({"country": ["NL"], "account": ["1", "2"], "search": " ab "}, "country = NL · account = 1, 2 · search = ab"),
        ({"selection": ["x"]}, "selection x"), ({"where": ["*"]}, "*"), ({"sector": ["any"]}, "sector = any"), ({"class": ["Region=a=b"]}, "Region = a=b"),
        ({"selection": ["north", "x"], "where": ["a = 1", "*"]}, "selection north · selection x · a = 1 · *"), ({"account": ["1"]}, "account = 1"), ({"search": "x"}, "search = x"),
    ],
)  # fmt: skip
def test_what_was_asked_in_words(flags: Mapping[str, Any], words: str) -> None:
    found = read(flags)
    assert found.words(CATALOGUE.labels) == words
    assert bool(found) == bool(words)


def test_flags_that_were_not_given_ask_for_nothing() -> None:
    empty: dict[str, Any] = {
        "class1": None,
        "class": None,
        "country": [],
        "account": None,
        "search": None,
        "selection": None,
        "where": None,
    }
    assert read(empty) == read({}) == Filters()
    assert compile_filters(Filters(), NAMES) is EVERYTHING


def test_search_reads_the_index_where_it_can() -> None:
    sql, values = search_clause("c.id", "contact", "Müller ab xyz")
    assert sql == (
        "(c.id IN (SELECT rowid FROM contact_search WHERE search_text GLOB ?)) AND (instr(c.search_text, ?) > 0)"
        " AND (c.id IN (SELECT rowid FROM contact_search WHERE search_text GLOB ?))"
    )
    assert values == ("*muller*", "ab", "*xyz*")


def test_names_let_pass_what_they_are_not_told() -> None:
    names = Names(CATALOGUE)
    assert compile_filters(read({"account": ["9"], "country": ["XX"]}), names).values == ("9", "XX")
    assert compile_filters(read({"selection": ["any"]}), names) is EVERYTHING
