"""Descriptions of a selection: each expression, put back into --where, selects the accounts that were counted."""

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from segcli.base.errors import UsageError
from segcli.cli import wiring
from segcli.discover.explaining import describing, learning, wording
from segcli.discover.explaining.learning import Wanted
from segcli.domain.clause import EVERYTHING, Clause
from segcli.domain.scoring.columns import INPUTS, SCORES
from segcli.query import lookup, selection
from segcli.query.expressions.metrics import CATALOGUE
from segcli.query.names import Names
from segcli.settings import plain_yaml
from segcli.storage import database
from segcli.storage.sql_functions import bucket

DAY = date(2026, 6, 30)
NAMED = [column.name for column in describing.COLUMNS]
SELECTIONS = (
    {"class1": ["N"]}, {"class3": ["A"]}, {"class3": ["none"]}, {"country": ["NL"]}, {"status": ["P"]}, {"sector": ["any"]},
    {"where": ["overdue > 0"]}, {"where": ["is_supplier = yes"]}, {"where": ["turnover(12m) >= 1k and country = NL"]},
    {"where": ["last_invoice < 180d ago"]}, {"where": ["days_to_pay < 20"]}, {"where": ["first_invoice is empty"]},
    {"where": ["Region = N or subscriptions > 0"]}, {"where": ["manager is empty"]},
)  # fmt: skip
wiring.connect()


def _opened(path: Path) -> tuple[sqlite3.Connection, Names]:
    db = database.connect(path)
    return db, lookup.names(db, DAY)


def _codes(db: sqlite3.Connection, clause: Clause) -> set[str]:
    return {code for (code,) in db.execute(f"SELECT a.code FROM account AS a WHERE {clause.sql}", clause.values)}


def _clause(names: Names, flags: dict[str, list[str]]) -> Clause:
    return selection.compile_filters(selection.read(flags), names)


@pytest.mark.repeats
@pytest.mark.parametrize("flags", SELECTIONS, ids=str)
@pytest.mark.parametrize("base", [{}, {"where": ["country = NL"]}], ids=str)
def test_an_expression_selects_what_was_counted(
    example: Path, flags: dict[str, list[str]], base: dict[str, list[str]]
) -> None:
    db, names = _opened(example)
    with closing(db):
        selected, among = _clause(names, flags), _clause(names, base) if base else EVERYTHING
        found = describing.describe(db, names, selected, among)
        wanted = _codes(db, selected)
        universe = wanted | _codes(db, among)
        held = {code for code in universe if bucket("held out", code) >= 7000}
        assert found.about == f"learnt from {len(universe - held)} of {len(universe)} accounts, {len(held)} held out"
        for cells in found.rows:
            row = dict(zip(NAMED, cells, strict=True))
            matched = _codes(db, _clause(lookup.names(db, DAY), {"where": [str(row["expression"])]})) & universe
            assert row["accounts"] == len(matched), row["expression"]
            assert row["held_out"] == len(matched & held)
            for part, suffix in ((universe - held, ""), (held, "_held_out")):
                right = len(matched & wanted & part)
                for name, whole in (("precision", matched & part), ("recall", wanted & part)):
                    expected = round(100 * right / len(whole), 1) if whole else None
                    assert row[name + suffix] == expected, (row["expression"], name)
            share = len(wanted) / len(universe)
            assert row["lift"] == round(len(matched & wanted) / len(matched) / share, 2)


def test_the_fields_of_the_selection_are_left_out_unless_asked_for(example: Path) -> None:
    db, names = _opened(example)
    with closing(db):
        selected = _clause(names, {"where": ["overdue > 0"], "country": ["NL", "DE"]})
        found = describing.describe(db, names, selected)
        assert found.left_out == "left out, because the selection is defined by them: country, overdue"
        assert not [row for row in found.rows if "overdue" in str(row[0]) or "country" in str(row[0])]
        again = describing.describe(db, names, selected, wanted=Wanted(with_=("overdue", "country")))
        best = dict(zip(NAMED, again.rows[0], strict=True))
        # Without the fields of the selection it is described in part; with them, exactly.
        assert (best["precision"], best["recall"]) == (100.0, 100.0)
        assert "overdue > 0" in str(best["expression"])
        assert again.left_out == ""


def test_a_score_is_left_out_with_what_it_is_calculated_from(example: Path) -> None:
    db, names = _opened(example)
    with closing(db):
        selected = _clause(names, {"where": ["rfm_segment = champions or abc(6m) = A"]})
        found = describing.describe(db, names, selected)
    assert found.left_out == "left out, because the selection is defined by them: invoices, last_invoice, turnover"
    for row in found.rows:
        assert not re.search(r"invoices|last_invoice|turnover", str(row[0])), row[0]
    assert {score.study for score in SCORES.values()} == set(INPUTS)
    assert {name for inputs in INPUTS.values() for name in inputs} <= set(CATALOGUE)


def test_without_leaves_a_feature_out(example: Path) -> None:
    db, names = _opened(example)
    with closing(db):
        selected = _clause(names, {"where": ["overdue > 0"]})
        first = describing.describe(db, names, selected).rows[0][0]
        assert first == "outstanding > 0"
        found = describing.describe(db, names, selected, wanted=Wanted(without=("outstanding", "invoices(12m)")))
        texts = " ".join(str(row[0]) for row in found.rows)
        assert found.rows
        assert "outstanding" not in texts
        assert "invoices(12m)" not in texts
        with pytest.raises(UsageError, match="--without"):
            describing.describe(db, names, selected, wanted=Wanted(without=("outstandng",)))


def test_a_sample_is_searched_and_all_accounts_are_counted(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "SAMPLE", 120)
    db, names = _opened(example)
    with closing(db):
        selected = _clause(names, {"where": ["outstanding > 0"]})
        found = describing.describe(db, names, selected)
        assert found.about == "learnt from 120 of 300 accounts, 84 held out"
        best = dict(zip(NAMED, found.rows[0], strict=True))
        assert best["accounts"] == len(_codes(db, _clause(names, {"where": [str(best["expression"])]})))


def test_a_selection_of_everyone_or_of_nobody_has_no_description(example: Path) -> None:
    db, names = _opened(example)
    with closing(db):
        assert describing.describe(db, names, Clause("TRUE")).rows == ()
        assert describing.describe(db, names, Clause("FALSE")).rows == ()


@pytest.mark.repeats
def test_the_lines_for_a_rule_file_say_the_same(example: Path) -> None:
    db, names = _opened(example)
    with closing(db):
        for flags in SELECTIONS[:5]:
            found = describing.describe(db, names, _clause(names, flags))
            for row, lines in zip(found.rows, found.whens, strict=True):
                top = plain_yaml.tree("\n".join(lines).encode(), "x")
                assert top
                node = top.mapping()["when"]
                read = (
                    node.text
                    if isinstance(node.value, str)
                    else " or ".join(p.text for p in node.mapping()["any"].listed)
                )
                assert read == row[0]


@pytest.mark.parametrize(
    ("value", "parts", "text"),
    [
        (5_000_000, 100, "50k"), (4_950_000, 100, "49500"), (120_000_000, 100, "1.2m"), (4_987_321, 100, "49873.21"),
        (-250, 100, "-2.5"), (5, 100, "0.05"), (12, 1, "12"), (0.3, 1, "0.3"), (0, 100, "0"), (100_000, 1, "100k"),
    ],
)  # fmt: skip
def test_numbers_are_short(value: float, parts: int, text: str) -> None:
    from segcli.query.expressions.comparison import number

    assert wording.number(value, parts) == text
    assert float(number(text) or 0) == pytest.approx(value / parts)


@pytest.mark.parametrize("text", ["NL", "O'Brien", "two words", "and", "none", "12a", "a,b", "", 'say "x"', "É(1)"])
def test_words_are_read_back(text: str, example: Path) -> None:
    db, names = _opened(example)
    with closing(db):
        from segcli.query.expressions import language

        clause = language.compile_expression(f"remarks = {wording.word(text)}", replace(names, measures=set()))
        from segcli.base.text import fold

        assert clause.values == (fold(text),)
