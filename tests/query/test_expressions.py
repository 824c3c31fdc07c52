"""How expressions are read: what binds to what, what stands where, and errors that point at the word. Without commands."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from segcli.base.errors import UsageError
from segcli.base.text import fold
from segcli.base.windows import Window
from segcli.domain.catalogue import Catalogue, Value
from segcli.domain.clause import Clause
from segcli.domain.scoring.columns import Score
from segcli.query import selection
from segcli.query.expressions.fields import Field
from segcli.query.expressions.language import MOST_VALUES, Part, compile_expression, explained, operand
from segcli.query.expressions.metric_sql import Call
from segcli.query.names import Names

CATALOGUE = Catalogue(
    [(1, "Region")], lambda field: [Value(7, 1, "N", "North"), Value(5, 1, "S", "South")] if field == 1 else []
)
DAY = date(2026, 6, 30)
ACCOUNTS = (  # code, name, country, city, class1, status, blocked, start date
    ("1", "Jansen", "NL", "Delft", 7, "C", 0, "2026-06-01"), ("2", "Peeters", "BE", None, 5, "C", 1, "2026-04-01"),
    ("3", "Müller 100%", "DE", "Bonn", None, "A", 0, None), ("4", "jan b_c", "NL", "Gent", 7, "P", 0, "2020-06-30"),
)  # fmt: skip


def scored(score: Score, words: tuple[str, ...]) -> str:
    if words == ("bad",):
        raise ValueError("no such window")
    return f"'{'/'.join((score.study, score.column, *words))}'"


NAMES = Names(
    CATALOGUE,
    saved=lambda name: {"class1": ["N"]} if name == "north" else {"selection": ["loop"]},
    saved_clause=selection.saved_clause,
    has_list=lambda name: name == "few",
    day=DAY,
    scored=scored,
)


@pytest.fixture(name="found", scope="module")
def _found() -> Iterator[Callable[[str], str]]:
    """Return what answers an expression with the codes of the accounts."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.create_function("fold", 1, lambda word: None if word is None else fold(word))
        db.execute(
            "CREATE TABLE account (id INTEGER PRIMARY KEY, code, name, country, city, class1, status, is_blocked, start_date)"
        )
        db.executemany(
            "INSERT INTO account (code, name, country, city, class1, status, is_blocked, start_date) VALUES (?,?,?,?,?,?,?,?)",
            ACCOUNTS,
        )

        def found(text: str) -> str:
            sql, values = compile_expression(text, NAMES)
            return " ".join(
                code for (code,) in db.execute(f"SELECT a.code FROM account AS a WHERE {sql} ORDER BY 1", values)
            )

        yield found


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # what binds to what: not before and, and before or
        ("country = BE or country = NL and class1 = N", "1 2 4"), ("(country = BE or country = NL) and status = C", "1 2"), ("country = NL and status = C or country = DE", "1 3"),
        ("not country = NL and status = C", "2"), ("not (country = NL and status = C)", "2 3 4"), ("not not country = NL", "1 4"), ("NOT country = NL AND NOT status = A OR code = 4", "2 4"),
        ("country = NL or country = BE or country = DE", "1 2 3 4"), ("status = C and country = NL and class1 = N", "1"), ("((code = 1))", "1"),
        # comparisons
        ("code = 1", "1"), ("code != 1", "2 3 4"), ("code <> 1", "2 3 4"), ("code < 2", "1"), ("code <= 2", "1 2"), ("code > 3", "4"), ("code >= 3", "3 4"), ("name = JANSEN", "1"),
        ("name = 'muller 100%'", "3"), ("city != Delft", "2 3 4"), ("not city = Delft", "2 3 4"), ("code between 2 and 3", "2 3"), ("code not between 2 and 3", "1 4"),
        ("not code between 2 and 3 and country = NL", "1 4"), ("name contains jan", "1 4"), ("name not contains jan", "2 3"), ("name starts with 'JAN '", "4"), ("name ends with '0%'", "3"),
        ("name contains '_'", "4"), ("name not ends with n", "2 3 4"), ("city is empty", "2"), ("city IS NOT EMPTY", "1 3 4"), ("not city is empty", "1 3 4"), ("city in (DELFT, 'gent')", "1 4"),
        ("city not in (delft)", "2 3 4"), ("code in (4)", "4"), ("blocked = yes", "2"), ("blocked != true", "1 3 4"), ("status in (A, prospect)", "3 4"), ("status != customer", "3 4"),
        # classes
        ("class1 = n", "1 4"), ("Region = South", "2"), ("region = none", "3"), ("class1 != N", "2 3"), ("class1 in (N, none)", "1 3 4"), ("class1 not in (N, S)", "3"), ("class1 is empty", "3"),
        ("Region = 'None'", "3"), ("Region != 'none'", "1 2 4"), ("Region = any", "1 2 4"),
        # days
        ("start_date = 2026-06-01", "1"), ("start_date >= 90d ago", "1 2"), ("start_date > 90d ago", "1"), ("start_date > 3m AGO", "1 2"), ("start_date <= START of quarter", "2 4"), ("start_date = start of month", "1"),
        ("start_date < start of year", "4"), ("start_date between 6Y ago and start of quarter", "2 4"), ("start_date < today", "1 2 4"), ("start_date is empty", "3"),
        # sets
        ("*", "1 2 3 4"), ("not *", ""), ("* and code = 1", "1"), ("in selection north", "1 4"), ("in segment north and code = 1", "1"), ("not in selection 'north'", "2 3"),
        # scores stand for a column
        ("abc = 'abc/abc'", "1 2 3 4"), ("ABC(12m) = 'ABC/abc/12M'", "1 2 3 4"), ("rfm_segment(24m, 12m) = 'rfm/segment/24m/12m'", "1 2 3 4"), ("abc() = x", ""),
    ],
)  # fmt: skip
def test_expressions_say_what_they_mean(found: Callable[[str], str], text: str, codes: str) -> None:
    assert found(text) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("class1 in ({})", "1 2 4"), ("class1 in ({}, none)", "1 2 3 4"), ("class1 not in ({})", "3"), ("class1 in (N, none{many})", "1 3 4"),
        ("status in (C{many_c}, A)", "1 2 3"), ("blocked in (no{many_no})", "1 3 4"), ("blocked in (no{many_no}, yes)", "1 2 3 4"),
    ],
)  # fmt: skip
def test_more_values_than_have_a_condition_each(found: Callable[[str], str], text: str, codes: str) -> None:
    many = {f"many{name}": f", {word}" * 60 for name, word in (("", "N"), ("_c", "C"), ("_no", "no"))}
    assert found(text.format("N, S" + ", South" * 60, **many)) == codes


def test_values_of_a_file(found: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    path.write_text("\ufeff 1 \n\n4\r\n9", encoding="utf-8")
    assert found(f"code in @{path}") == "1 4"
    assert found(f"code not in @{path} and country = BE") == "2"
    path.write_text("none\nN\n")
    assert found(f"class1 in @{path}") == "1 3 4"
    for count, taken in ((MOST_VALUES, True), (MOST_VALUES + 1, False), (0, False)):
        path.write_text("4\n" * count)
        if taken:
            assert found(f"code in @{path}") == "4"
            continue
        with pytest.raises(UsageError) as caught:
            found(f"code in @{path}")
        assert caught.value.message == f"--where: {path} has {count} values"
        assert caught.value.hint.endswith("        ^ 1 to 10,000 are taken")
    path.write_text("N\nX\n")
    with pytest.raises(UsageError) as caught:
        found(f"class1 in @{path}")
    assert caught.value.hint.startswith(f"class1 in @{path}\n          ^")
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match=f"{path} is not UTF-8$"):
        found(f"code in @{path}")
    with pytest.raises(UsageError, match=f"{tmp_path} cannot be read: Is a directory$"):
        found(f"code in @{tmp_path}")


# ------------------------------------------------------------------------------------------------ what stands where
def test_tests_as_they_stand_there() -> None:
    text = " not ( country = NL or  name contains 'x y' ) and turnover(12m where amount > 5 and not date < 90d ago) >= 5k and * "
    *tests, whole = explained(text, NAMES)
    assert [part.text for part in tests] == [
        "country = NL", "name contains 'x y'", "turnover(12m where amount > 5 and not date < 90d ago) >= 5k", "*",
    ]  # fmt: skip
    assert [part.field.name if part.field else None for part in tests] == ["country", "name", "turnover", None]
    assert (whole.text, whole.field) == (text.strip(), None)
    assert whole.clause == compile_expression(text, NAMES)
    assert tests[0] == Part(
        "country = NL",
        Clause("a.country IS NOT NULL AND fold(a.country) = ?", ("nl",)),
        Field("country", "a.country", "text"),
    )
    *inside, _ = explained("in selection north and in list few or code = 1", NAMES)
    assert [(part.text, part.field and part.field.name) for part in inside] == [
        ("in selection north", None),
        ("in list few", None),
        ("code = 1", "code"),
    ]


@pytest.mark.parametrize(
    ("text", "metric", "window", "source", "where"),
    [
        ("turnover", "turnover", ("0000", "2026-06-30"), "invoice", None), ("Turnover( 12m )", "turnover", ("2025-06-30", "2026-06-30"), "invoice", None),
        ("turnover(24m, 12m)", "turnover", ("2024-06-30", "2025-06-30"), "invoice", None), ("mrr", "recurring", ("0000", "2026-06-30"), "subscription", None),
        ("turnover(1y where amount > 5)", "turnover", ("2025-06-30", "2026-06-30"), "invoice", Clause("(coalesce(f.amount > ?, FALSE))", (500,))),
        ("turnover(where item-group = COFFEE)", "turnover", ("0000", "2026-06-30"), "invoice_line", Clause("(f.item_group IS NOT NULL AND fold(f.item_group) = ?)", ("coffee",))),
        ("turnover(24m, 12m where NUMBER is empty)", "turnover", ("2024-06-30", "2025-06-30"), "invoice", Clause("(f.number IS NULL)")),
        ("overdue(30d where disputed = no)", "overdue", ("2026-05-31", "2026-06-30"), "term", Clause("(f.disputed = ?)", (0,))), ("invoices()", "invoices", ("0000", "2026-06-30"), "invoice", None),
    ],
)  # fmt: skip
def test_metrics_with_windows_and_conditions(
    text: str, metric: str, window: tuple[str, str], source: str, where: Clause | None
) -> None:
    asked: list[Call] = []

    def measured(call: Any) -> Clause:
        asked.append(call)
        return Clause("m", (1,))

    names = Names(CATALOGUE, day=DAY, measured=measured)
    assert operand(text, names) == Field(metric, "m", {"invoices": "number"}.get(metric, "money"), (1,))
    assert asked == [Call(metric, Window(*window), where, source)]


def test_what_a_condition_names_is_of_its_own_metric() -> None:
    """The lines that one metric needs are not read for the next one."""
    asked: list[Call] = []
    names = Names(CATALOGUE, day=DAY, measured=lambda call: asked.append(call) or Clause("m"))
    compile_expression("turnover(where item = X) > turnover and turnover > 1".replace("> turnover ", "> 1 "), names)
    assert [call.source for call in asked] == ["invoice_line", "invoice"]


def test_operands() -> None:
    assert operand("Region", NAMES) == Field("class1", "a.class1", "class")
    assert operand("Rfm_Segment(12m)", NAMES) == Field("rfm_segment", "'rfm/segment/12m'", "text")
    assert operand("days_silent", NAMES).kind == "number"
    assert operand("recurring", NAMES).values.count("2026-06-30") == operand("recurring", NAMES).column.count("?") > 0


# ------------------------------------------------------------------------------------------------ errors
ERRORS = (
    ("", "the expression is empty", None, ""), ("  ", "the expression is empty", None, ""),
    ("code = 1 code", "this does not belong here", 9, "join tests with and / or"), ("(code = 1", "a closing bracket is missing", 9, ""), ("(code = 1 code", "a closing bracket is missing", 10, ""),
    ("code = 1)", "this does not belong here", 8, "join tests with and / or"), ("code = 1 and", "a field is missing", 12, ""), ("not", "a field is missing", 3, ""),
    ("= 1", "a field is missing before this", 0, ""), ("code", "a comparison is missing", 4, ""), ("code x 1", "this is no comparison", 5, "use = != < <= > >= in, between, contains, starts with, ends with or is empty"),
    ("code '=' 1", "this is no comparison", 5, "use = != < <= > >= in, between, contains, starts with, ends with or is empty"), ("code ( 1", "this is no comparison", 5, "use = != < <= > >= in, between, contains, starts with, ends with or is empty"),
    ("code =", "a value is missing", 6, ""), ("code = (", "a value is missing before this", 7, ""), ("code is x", "this is no comparison", 5, "use = != < <= > >= in, between, contains, starts with, ends with or is empty"),
    ("code between 1", "between needs and", 14, "write: between A and B"), ("code between 1 or 2", "between needs and", 15, "write: between A and B"), ("code between 1 and", "a value is missing", 18, ""),
    ("code contains", "a text is missing", 13, ""), ("blocked contains x", "blocked is not a text", 17, ""), ("code in 1", "in needs a list", 8, "write: in (A, B)"), ("code in", "in needs a list", 7, "write: in (A, B)"),
    ("code in (1", "the list is not closed", 10, ""), ("code in (1 2)", "the list is not closed", 11, ""), ("code in (1,", "a value is missing", 11, ""), ("code in (", "a value is missing", 9, ""), ("code in (1,)", "the list is not closed", 12, ""),
    ("code in '@x'", "in needs a list", 8, "write: in (A, B)"), ("code in @/no/such", "/no/such cannot be read: No such file or directory", 8, ""), ("in list", "the name of a list is missing", 7, ""),
    ("in list nope", "there is no list 'nope'", 8, "see: segcli list list"), ("in selection", "the name of a selection is missing", 12, ""), ("in segment loop", "--selection: 'loop' refers to itself", 11, "by way of loop"),
    ("start_date > soon", "date: 'soon' is not a date", 13, "write it as 2026-03-31; or write today, 90d ago, start of month"), ("start_date > start", "date: 'start' is not a date", 13, "write it as 2026-03-31; or write today, 90d ago, start of month"),
    ("start_date > start of", "month, quarter or year is missing", 21, ""), ("start_date > 'start' of", "date: 'start' is not a date", 13, "write it as 2026-03-31; or write today, 90d ago, start of month"),
    ("start_date > start of week", "date: 'start of week' is not a date", 13, "write it as 2026-03-31; or write today, 90d ago, start of month"),
    ("code = 1 ago", "this does not belong here", 9, "join tests with and / or"), ("name was x", "only classes have a history", 0, "name has none"), ("a.b = 1", "there is no such field", 0, None),
    ("code = 1 and name changed", "only classes have a history", 13, "name has none"), ("class1 was", "a value is missing", 10, ""), ("class1 was N during 2026-01-01 or", "during needs and", 31, "write: during A and B"),
    ("class1 was N during", "a value is missing", 19, ""), ("class1 was N before soon", "date: 'soon' is not a date", 20, "write it as 2026-03-31; or write today, 90d ago, start of month"),
    ("class1 changed from", "a value is missing", 19, ""), ("class1 changed since", "a value is missing", 20, ""), ("class1 < N", "a class has no order", 8, "use =, != or in"),
    ("turnover(12m > 1", "the window is not closed", 13, "write: turnover(12m) or turnover(12m where amount > 100)"), ("turnover(3m, 2m, 1m) > 1", "the window is not closed", 21, "write: turnover(12m) or turnover(12m where amount > 100)"),
    ("turnover(", "a window is missing", 9, ""), ("turnover(12m,", "a window is missing", 13, ""), ("turnover(12x) > 1", "'12x' is no window: write 90d, 4w, 12m, 2q, 3y, ytd or last_year", 0, ""), ("turnover(12m,) > 1", "the window is not closed", 15, "write: turnover(12m) or turnover(12m where amount > 100)"),
    ("turnover(12m where) > 1", "there is no such field inside this metric", 18, "it knows amount, currency, date, description, item, item_group, journal, number, quantity, reference"),
    ("requests(where name = x) > 1", "there is no such field inside this metric", 15, "it knows assignee, date, description, type"), ("abc(bad) = A", "no such window", 0, ""),
    ("turnover(where amount > x) > 1", "amount is a number", 24, "write 250, 12.50 or 10k"), ("abc(12m where amount > 1) = A", "the window is not closed", 8, "write: turnover(12m) or turnover(12m where amount > 100)"), ("'turnover' > 1", "there is no such field", 0, None), ("turnovr > 1", "there is no such field", 0, "did you mean turnover?"),
    ("turnover > x", "turnover is a number", 11, "write 250, 12.50 or 10k"), ("turnover > 1.005", "1.005 is no amount in EUR", 11, "it has too many decimals"), ("blocked = maybe", "blocked is true or false", 10, ""),
    ("status = X", "this is no status", 9, "A none, S suspect, P prospect, C customer"), ("status > C", "this is no status", 9, "A none, S suspect, P prospect, C customer"), ("blocked > yes", "blocked is true or false", 10, ""),
    ("turnover(where * ) > 1", "there is no such field inside this metric", 15, "it knows amount, currency, date, description, item, item_group, journal, number, quantity, reference"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "message", "at", "hint"), ERRORS, ids=[text or "nothing" for text, *_ in ERRORS])
def test_errors_point_at_the_word(text: str, message: str, at: int | None, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        compile_expression(text, NAMES)
    if hint is None:  # only where it stands
        assert caught.value.message.startswith(f"--where: {message}")
        assert caught.value.hint.startswith(f"{text}\n{' ' * (at or 0)}^")
        return
    assert caught.value.message == f"--where: {message}"
    assert caught.value.hint == ("" if at is None else f"{text}\n{' ' * at}^ {hint}".rstrip())


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [("country name", "this does not belong here", "country name\n        ^ name one field or metric"), ("", "a field or metric is missing", "\n^"), ("nam", "there is no such field", "nam\n^ did you mean name")],
)  # fmt: skip
def test_what_is_no_operand(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        operand(text, NAMES)
    assert caught.value.message == f"--where: {message}"
    assert caught.value.hint.startswith(hint)
