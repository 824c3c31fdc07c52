"""What holds for every overview and for the preview of every action: a new one is tested the moment it exists."""

import csv
import io
import json
import shlex
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import APPLY, STORY_ENDS, Run, connected

from segcli import actions, overviews
from segcli.commands import show
from segcli.domain.table import Table
from segcli.interface import options
from segcli.interface.command import Session
from segcli.output import wanted
from segcli.query import ask, compose, lookup, request_flags, selection
from segcli.settings.config import load
from segcli.storage import database

OVERVIEWS = overviews.names()
GROUPS = {**dict.fromkeys(OVERVIEWS, ("show", overviews)), **dict.fromkeys(actions.names(), ("run", actions))}
NAMES = tuple(GROUPS)
MACHINE = ("csv", "tsv", "json", "jsonl")
PEOPLE = ("table", "plain", "md", "html", "vertical")
FIELDS = range(1, 9)


def shown(segcli: Run, name: str, *words: str) -> list[dict[str, object]]:
    done = segcli(GROUPS[name][0], name, *words, "-f", "json")
    assert done.status == 0, done.err
    return done.rows


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_does_and_its_examples_run(segcli: Run, example: object, name: str) -> None:
    said = GROUPS[name][1].declared(name)
    assert said.area in show.AREAS
    assert len(said.help) > 60
    assert len(said.examples) >= 2
    Path("prices.csv").write_text("subscription,line,price\nAB0001,1,12.50\n")  # which an example reads
    for line in said.examples:
        words = shlex.split(line)
        assert words[:2] == ["segcli", GROUPS[name][0]]
        assert segcli(*words[1:]).status == 0, line


@pytest.mark.parametrize("name", NAMES)
def test_every_format_shows_the_same_cells(segcli: Run, example: object, name: str) -> None:
    rows = shown(segcli, name)
    assert rows
    as_csv = list(csv.DictReader(io.StringIO(segcli(GROUPS[name][0], name, "-f", "csv").out)))
    as_tsv = list(csv.DictReader(io.StringIO(segcli(GROUPS[name][0], name, "-f", "tsv").out), delimiter="\t"))
    as_lines = [json.loads(line) for line in segcli(GROUPS[name][0], name, "-f", "jsonl").out.splitlines()]
    assert as_lines == rows
    assert len(as_csv) == len(as_tsv) == len(rows)
    for plain, tabbed, row in zip(as_csv, as_tsv, rows, strict=True):
        assert list(plain) == list(tabbed) == list(row)
        for key, value in row.items():
            text = plain[key][plain[key][:2] in {"'=", "'+", "'-", "'@"} :]  # the guard against formulas
            assert tabbed[key] == text
            if isinstance(value, bool):
                assert text == str(int(value))
            elif isinstance(value, int | float):
                assert float(text) == value
            else:
                assert text == (value or "")


@pytest.mark.repeats
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", PEOPLE)
def test_formats_for_people_show_every_row_once(segcli: Run, example: object, name: str, form: str) -> None:
    rows = shown(segcli, name, "--limit", "7")
    text = segcli(GROUPS[name][0], name, "--limit", "7", "-f", form).out
    assert "\x1b" not in text
    for row in rows:
        assert str(row.get("account") or "") in text


@pytest.mark.repeats
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("field", FIELDS)
def test_the_values_of_a_class_and_none_make_the_whole(segcli: Run, example: object, name: str, field: int) -> None:
    whole = shown(segcli, name, "--columns", f"account,class{field}")
    parts = [*shown(segcli, name, "--columns", "account", f"--class{field}", "any"),
             *shown(segcli, name, "--columns", "account", f"--class{field}", "none")]  # fmt: skip
    assert sorted(str(row["account"]) for row in parts) == sorted(str(row["account"]) for row in whole)
    codes = {row[f"class{field}"] for row in whole if row[f"class{field}"]}
    for code in codes:
        found = shown(segcli, name, "--columns", "account", f"--class{field}", str(code).lower())
        assert len(found) == sum(row[f"class{field}"] == code for row in whole)


@pytest.mark.parametrize("name", NAMES)
def test_groups_add_up_to_the_plain_rows(segcli: Run, example: object, name: str) -> None:
    plain = shown(segcli, name)
    groups = shown(segcli, name, "--group-by", "class1")
    module = GROUPS[name][1].module(name)
    overview = ask.overview_of(module, _request(session_values(name)))
    sums = [column.name for column in overview.columns if column.total == "sum" and not column.is_extra]
    for column in sums:
        assert round(sum(r[column] or 0 for r in groups), 2) == round(sum(r[column] or 0 for r in plain), 2)  # type: ignore[misc]
    if overview.counts:
        assert sum(int(r[overview.counts]) for r in groups) == len(plain)  # type: ignore[call-overload]


@pytest.mark.parametrize("name", NAMES)
def test_filters_commute_and_not_is_the_complement(segcli: Run, example: object, name: str) -> None:
    one = shown(segcli, name, "--class1", "N,S", "--class3", "not:C", "--country", "NL")
    other = shown(segcli, name, "--country", "nl", "--class3", "not:C", "--class1", "S", "--class1", "N")
    assert one == other
    whole, inside, outside = (
        {str(row["account"]) for row in shown(segcli, name, "--columns", "account", *words)}
        for words in ((), ("--class2", "RET,HOR"), ("--class2", "not:RET,HOR"))
    )
    assert inside | outside == whole
    assert not inside & outside


@pytest.mark.repeats
@pytest.mark.parametrize("name", NAMES)
def test_the_same_twice_is_the_same_to_the_byte(segcli: Run, example: object, name: str) -> None:
    for form in (*MACHINE, *PEOPLE):
        assert segcli(GROUPS[name][0], name, "-f", form).out == segcli(GROUPS[name][0], name, "-f", form).out
    for path in ("a.xlsx", "b.xlsx"):
        assert segcli(GROUPS[name][0], name, "-o", path).status == 0
    with open("a.xlsx", "rb") as a, open("b.xlsx", "rb") as b:
        assert a.read() == b.read()


def session_values(name: str) -> dict[str, object]:
    parameters = (*options.named(GROUPS[name][1].declared(name).parameters), *show.SHARED)
    return options.check(parameters, {})


def _request(values: dict[str, object], filters: selection.Filters | None = None) -> compose.Request:
    from datetime import date

    asked = request_flags.request(values, Session(load({}), {}, date.fromisoformat(STORY_ENDS)))
    from dataclasses import replace

    return replace(asked, filters=filters) if filters else asked


@pytest.mark.parametrize("name", OVERVIEWS)
@pytest.mark.parametrize("is_grouped", [False, True])
def test_a_filter_is_used_inside_and_the_selection_is_not_copied(example: object, name: str, is_grouped: bool) -> None:
    flags = {"class1": ["N"], **({"group_by": "class2"} if is_grouped else {})}
    values = options.check((*options.named(GROUPS[name][1].declared(name).parameters), *show.SHARED), flags)
    with closing(database.connect(example)) as db:  # type: ignore[arg-type]
        asked = _request(values)
        names = lookup.names(db)
        clause = selection.compile_filters(asked.filters, names)
        composed = compose.compose(ask.overview_of(GROUPS[name][1].module(name), asked), asked, clause, names.catalogue)
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {composed.sql}", composed.values)]
    text = "\n".join(plan)
    assert "MATERIALIZE selection" not in text
    assert "account_class1" in text, text
    for table in ("outstanding_item", "invoice", "contact", "subscription", "request"):
        scans = [line for line in plan if line.startswith("SCAN") and f"{table}" in line.split(" USING ")[0]]
        assert not scans, text


@pytest.mark.repeats
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("flag", ["--sort", "--columns", "--group-by"])
@pytest.mark.parametrize("bad", ["code; drop table account", "(select 1)", '"nosuch"', "1"])
def test_names_are_looked_up_and_never_spliced(segcli: Run, example: object, name: str, flag: str, bad: str) -> None:
    done = segcli(GROUPS[name][0], name, flag, bad)
    assert (done.status, done.out) == (2, "")
    assert "there is no column" in done.err


@pytest.mark.repeats
@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_reach_no_terminal(segcli: Run, example: object, name: str) -> None:
    evil = "\x1b]0;x\x07[/bold] :smile: <b>&\x9b31m"
    with connected(example) as db:  # type: ignore[arg-type]
        db.execute("UPDATE account SET name = ?", (evil,))
        db.execute("UPDATE contact SET name = ?", (evil,))
        db.commit()
    for form in (*MACHINE, *PEOPLE):
        out = segcli(
            GROUPS[name][0], name, "--sort", "-name", "--limit", "2", "-f", form, "--columns", "account,name"
        ).out
        assert not {"\x1b", "\x07", "\x9b"} & set(out)
        assert ":smile:" in out


def _by_class(segcli: Run, name: str, *words: str) -> list[dict[str, object]]:
    return shown(
        segcli, name, "--class1", "N,none", "--columns", "account,class1,class2,class3", "--as-of", STORY_ENDS, *words
    )


@pytest.mark.repeats
@pytest.mark.parametrize("name", NAMES)
def test_classes_as_they_stood(segcli: Run, example: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an overview said before accounts were classified anew, it says again with --as-of-class of that day."""
    before = _by_class(segcli, name)
    assert _by_class(segcli, name, "--as-of-class", STORY_ENDS) == before
    monkeypatch.setenv("SEGCLI_TODAY", "2026-07-10")
    for words in (("--class1", "N,S", "--set", "class1=X", "--clear", "class3"), ("--class1", "none", "--set", "class1=N"),
                  ("--class1", "X", "--set", "class1=S", "--set", "class2=RET")):  # fmt: skip
        assert segcli("tag", *words, "--yes").status == 0, words
    assert _by_class(segcli, name, "--as-of-class", STORY_ENDS) == before
    assert _by_class(segcli, name, "--as-of-class", "2026-07-09") == before
    assert before != _by_class(segcli, name)
    assert _by_class(segcli, name, "--as-of-class", "2026-07-10") == _by_class(segcli, name)
    assert {row["class1"] for row in _by_class(segcli, name, "--as-of-class", "2020-01-01")} <= {None}


@pytest.mark.parametrize("name", actions.names())
def test_nothing_is_done_to_accounts_as_they_stood(segcli: Run, example: object, name: str) -> None:
    done = segcli("run", name, "--as-of-class", "2026-01-01", *APPLY)
    assert (done.status, done.out) == (2, "")
    assert "leave one of them out" in done.err


@pytest.mark.parametrize("name", NAMES)
def test_what_a_narrow_terminal_keeps_is_there(
    segcli: Run, example: object, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Table] = []

    def watched(table: Table, *_rest: object) -> int:
        seen.append(replace(table, rows=list(table.rows)))
        return len(list(table.rows))

    monkeypatch.setattr(wanted, "write", watched)
    command, group = GROUPS[name]
    variants = [f"--{flag}" for flag in ("details", "lines", "movements") if flag in group.declared(name).parameters]
    for words in ((), *((variant,) for variant in variants)):
        assert segcli(command, name, *words).status == 0
    assert segcli(command, name, "--columns", "account").status == 0
    *tables, chosen = seen
    assert chosen.keeps == ()  # who names columns gets them
    for table in tables:
        names = {column.name for column in table.columns}
        assert len(names) <= 6 or len(names & set(table.keeps)) >= 2
    assert {n for t in tables for n in t.keeps} <= {column.name for t in tables for column in t.columns} | {"currency"}
