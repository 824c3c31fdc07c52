"""Reports: what is wrong in a report's file, with its place."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run
from report_case import REPORT, content

# What is wrong in a report file

WRONG = (
    ("", 1, "is empty"),
    ("title: x\n", 1, "r.yaml:1:1: 'files' is missing"),
    ("files: []\n", 1, "there is no file"),
    ("file: []\n", 1, "there is: title, folder"),
    ("files:\n- {show: account-search}\n", 1, "r.yaml:2:3: 'file' is missing"),
    ("files:\n- {file: a.csv}\n", 1, "r.yaml:2:3: one of show, score, segment, run"),
    ("files:\n- {file: a.csv, show: account-search, score: abc}\n", 1, "one of show, score, segment, run"),
    ("files:\n- {file: a.csv, parts: []}\n", 1, "r.yaml:2:24: there is no part"),
    ("files:\n- {file: a.csv, show: x, parts: [{show: account-search}]}\n", 1, "in them"),
    ("files:\n- {file: a.csv, show: 'account-search \"'}\n", 1, "a quote is not closed"),
    ("files:\n- {file: a.doc, show: account-search}\n", 1, "r.yaml:2:10: the ending of a.doc"),
    ("files:\n- {file: a.csv, parts: [{show: account-search}, {show: account-search}]}\n", 1, "csv holds one table"),
    ("files:\n- {file: ../a.csv, show: account-search}\n", 1, "r.yaml:2:10: '../a.csv' is no name"),
    ("files:\n- {file: /tmp/a.csv, show: account-search}\n", 1, "is no name"),
    ("files:\n- {file: .a.csv, show: account-search}\n", 1, "is no name"),
    ("files:\n- {file: 'a-{day}.csv', show: account-search}\n", 1, "r.yaml:2:10: there is no field {day}"),
    ("files:\n- {file: 'a-{as_of.year}.csv', show: account-search}\n", 1, "there is no field {as_of.year}"),
    ("files:\n- {file: 'a-{period}.csv', show: account-search}\n", 2, "{period} of 'a-{period}.csv' has no value"),
    ("files:\n- {file: a.csv, show: account-search}\n- {file: A.CSV, show: account-search}\n", 1, "two files"),
    ("files:\n- {file: a.csv, show: account-searches}\n", 1, "r.yaml:2:23: 'show account-searches' is not known"),
    ("files:\n- {file: a.csv, show: account-search --nothing}\n", 1, "r.yaml:2:23: "),
    ("files:\n- {file: a.csv, show: account-search --limit x}\n", 1, "--limit"),
    ("files:\n- {file: a.xlsx, parts: [{show: account-search --no-header}, {show: account-search}]}\n", 1, "r.yaml:2:33: --no-header is for a file of one table"),
    (f"files:\n- {{file: {'x' * 300}.csv, show: account-search}}\n", 1, "File name too long"),
    ("files:\n- {file: a.csv, show: account-search -f json}\n", 1, "--format is not allowed in a part"),
    ("files:\n- {file: a.csv, run: print-reminders --apply}\n", 1, "--apply is not allowed in a part"),
    ("files:\n- {file: a.csv, show: account-search --help}\n", 1, "segcli show account-search --help"),
    ("files:\n- {file: a.csv, show: debtor-ageing --chart}\n", 1, "r.yaml:2:23: --chart: csv shows no chart"),
    ("files:\n- {file: a.csv, show: account-search --where 'nonsense = 1'}\n", 1, "r.yaml:2:23: "),
    ("as_of: soon\nfiles:\n- {file: a.csv, show: account-search}\n", 1, "soon"),
    ("files:\n- {file: a.csv, show: account-search}\nmail: {to: x, subject: y, draft: z.eml}\n", 1, "r.yaml:3:12: 'x' is no e-mail"),
    ("files:\n- {file: a.csv, show: account-search}\nmail: {to: a@b.c, subject: y}\n", 1, "goes nowhere"),
    ("files:\n- {file: a.csv, show: account-search}\nmail: {to: a@b.c, subject: y, send: perhaps}\n", 1, "'perhaps' is none of yes, no"),
    ("files:\n- {file: a.csv, show: account-search}\nmail: {to: a@b.c, subject: y, draft: z.eml, attach: [b.csv]}\n", 1, "there is no file 'b.csv'"),
    ("files:\n- {file: a.csv, show: account-search}\nmail: {to: a@b.c, subject: y, draft: a.csv}\n", 1, "two files"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "status", "words"), WRONG)
def test_what_is_wrong_is_told_with_its_place(
    segcli: Run, write_report: Callable[[str], Path], text: str, status: int, words: str
) -> None:
    found = segcli("report", write_report(text), "--folder", "out")
    assert (found.status, found.out) == (status, "")
    assert words in found.err
    assert not Path("out").exists() or content(Path("out")) == {}


def test_without_a_database_there_are_no_files(segcli: Run, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(REPORT)
    found = segcli("report", "r.yaml", "--folder", "out")
    assert found.status != 0
    assert "init --example" in found.err
    assert not Path("out").exists() or content(Path("out")) == {}
