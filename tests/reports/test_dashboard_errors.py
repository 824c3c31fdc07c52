"""What is wrong in a dashboard of a report file is told with its file, line and column, and nothing is written."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run
from dashboards import one

WRONG = (
    ("files:\n- {dashboard: d.html}\n", "r.yaml:2:3: a dashboard has tiles, parts or both"),
    ("files:\n- {dashboard: d.html, tiles: []}\n", "r.yaml:2:30: there is no tile"),
    ("files:\n- {dashboard: d.html, parts: []}\n", "r.yaml:2:30: there is no part"),
    ("files:\n- {dashboard: d.html, tile: []}\n", "r.yaml:2:29: 'tile' is not known here"),
    ("files:\n- {dashboard: d.html, file: a.csv, parts: []}\n", "'file' is not known here"),
    ("files:\n- {dashboard: d.csv, parts: [{show: debtor-ageing}]}\n", "r.yaml:2:15: a dashboard is a page, d.csv is none"),
    ("files:\n- {dashboard: ../d.html, parts: [{show: debtor-ageing}]}\n", "r.yaml:2:15: '../d.html' is no name of a file"),
    ("files:\n- {dashboard: d.html, title: '{day}', parts: [{show: debtor-ageing}]}\n", "there is no field {day}"),
    ("files:\n- {dashboard: d.html, parts: [{show: debtor-ageing --no-header}]}\n", "--no-header is not allowed in a dashboard"),
    ("files:\n- {dashboard: d.html, parts: [{show: debtor-ageing, sum: open}]}\n", "'sum' is not known here"),
    (one("show: debtor-ageing"), "r.yaml:4:5: one of count, sum is needed here"),
    (one("show: debtor-ageing", "count: a", "sum: outstanding"), "r.yaml:4:5: one of count, sum is needed here"),
    (one("count: rows"), "r.yaml:4:5: one of show, score is needed here"),
    (one("run: print-reminders", "count: rows"), "r.yaml:4:10: 'run' is not known here"),
    (one("show: debtor-ageing", "count: [a]"), "r.yaml:5:12: a text is expected here"),
    (one("show: debtor-ageing", "count: rows", "sun: x"), "r.yaml:6:10: 'sun' is not known here"),
    (one("show: debtor-age", "count: rows"), "r.yaml:4:11: 'show debtor-age' is not known"),
    (one("show: debtor-ageing --limit 5", "count: rows"), "r.yaml:4:11: --limit is not allowed in a tile"),
    (one("show: debtor-ageing --chart", "count: rows"), "r.yaml:4:11: --chart is not allowed in a tile"),
    (one("show: debtor-ageing -f json", "count: rows"), "--format is not allowed in a part"),
    (one("show: debtor-ageing", "sum: name"), "r.yaml:5:10: sum: debtor-ageing has no column 'name' to add up"),
    (one("show: outstanding-items", "sum: days_overdue"), "has no column 'days_overdue' to add up"),
    (one("show: account-search", "sum: name"), "use count"),
    (one("show: debtor-ageing", "count: rows", "compare: previous"), "r.yaml:6:14: compare: previous needs a period"),
    (one("show: debtor-ageing", "count: rows", "compare: soon"), "r.yaml:6:14: compare: 'soon' is not a day or a period"),
    (one("show: debtor-ageing", "count: rows", "compare: 2026-02-30"), "r.yaml:6:14: compare: '2026-02-30' does not exist"),
    (one("show: debtor-ageing", "count: rows", "compare: 2026-06-30"), "r.yaml:6:14: compare: 2026-06-30: 2026-06-30 is not before 2026-06-30"),
    (one("show: debtor-ageing", "count: rows", "compare: 2026"), "2026-12-31 is not before"),
    (one("show: debtor-ageing", "count: rows", "compare: ''"), "r.yaml:6:14: a text is expected here"),
    (one("score: growth --window 6m", "count: rows", "compare: 2025-07-31"), "r.yaml:6:14: compare: growth: the earlier window needs invoices from"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_is_wrong_is_told_with_its_place(
    segcli: Run, write_report: Callable[[str], Path], text: str, words: str
) -> None:
    found = segcli("report", write_report(text), "--folder", "out")
    assert (found.status, found.out) == (1, "")
    assert words in found.err
    assert not Path("out/d.html").exists()
