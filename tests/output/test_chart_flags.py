"""Charts of overviews: --chart draws what the table says."""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from conftest import Run, connected

from segcli import overviews


def figures(text: str) -> list[int]:
    """Return the values that stand at the end of the bars of the first picture, in cents."""
    first = text.split("\n\n", maxsplit=1)[0].splitlines()[1:]
    return [
        int(match[1].replace(",", "").replace(".", ""))
        for line in first
        if (match := re.search(r" (-?[\d,]+\.\d\d)$", line))
    ]


# From the command line


def test_overviews_that_take_the_flag_have_a_chart(segcli: Run, example: Path) -> None:
    taking = [name for name in overviews.names() if "chart" in overviews.declared(name).parameters]
    assert taking == ["debtor-ageing", "debtor-balance", "purchase-analysis", "sales-analysis", "subscription-search"]
    for name in taking:
        for more in ((), ("--group-by", "country")):
            done = segcli("show", name, "--chart", "-f", "html", *more)
            assert (done.status, done.out.count("<svg") >= 1) == (0, True)


def test_movements_of_subscriptions_as_bars(segcli: Run, example: Path) -> None:
    words = ("show", "subscription-search", "--movements", "--group-by", "class1")
    text = segcli(*words, "--chart", "-f", "plain").out
    with connected(example) as db:
        places = dict(db.execute("SELECT code, position FROM classification_value WHERE field = 1"))
    rows = [row for row in segcli(*words, "-f", "json").rows if row["currency"] == "EUR"]
    rows.sort(key=lambda row: (row["class1"] is None, places.get(row["class1"], 0)))  # as people see them
    for name in ("New", "Grown", "Shrunk", "Lost"):
        total = sum(round(100 * row[name.lower()]) for row in rows)
        assert f"{name} {total / 100:,.2f}" in text
    assert figures(text)[: len(rows)] == [
        sum(round(100 * row[n]) for n in ("new", "grown", "shrunk", "lost")) for row in rows
    ]


def test_abc_as_bars(segcli: Run, example: Path) -> None:
    text = segcli("score", "abc", "--chart", "-f", "plain").out
    rows = segcli("score", "abc", "-f", "json").rows
    for letter in "ABC":
        total = sum(round(100 * row["amount"]) for row in rows if row["abc"] == letter)
        assert f"{letter} {total / 100:,.2f}" in text
    assert segcli("score", "rfm", "--chart").status == 2


def test_the_bars_of_the_example_are_its_outstanding_items(segcli: Run, example: Path) -> None:
    text = segcli("show", "debtor-ageing", "--chart", "-f", "plain", "--as-of", "9999-12-31").out
    with connected(example) as db:
        sums = db.execute(
            "SELECT sum(open_amount) FROM outstanding_item WHERE currency = 'EUR' GROUP BY account_id"
        ).fetchall()
    lines = text.split("\n\n")[0].splitlines()
    shown = [
        float(match[1].replace(",", "")) for line in lines[1:22] if (match := re.search(r"(-?[\d,]+\.\d\d)$", line))
    ]
    assert len(shown) == 21
    assert round(sum(shown) * 100) == sum(n for (n,) in sums)


def test_revenue_by_month_is_that_of_the_invoices(segcli: Run, example: Path) -> None:
    text = segcli("show", "sales-analysis", "--group-by", "month", "--chart", "-f", "plain").out
    with connected(example) as db:
        rows = db.execute(
            """SELECT substr(i.invoice_date, 1, 7), sum(l.net_amount) FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id
                WHERE i.kind = 'sales' AND i.status = 'processed' AND i.currency = 'EUR' GROUP BY 1 ORDER BY 1"""
        ).fetchall()
    lines = text.split("\n\n")[0].splitlines()[1:]
    assert [line.split()[0] for line in lines] == [month for month, _ in rows]
    assert figures(text) == [(2 * amount + 10_000) // 20_000 for _, amount in rows]


def test_abc_has_its_classes_as_pieces(segcli: Run, example: Path) -> None:
    rows = segcli("show", "sales-analysis", "--group-by", "item", "--abc", "-f", "json").rows
    text = segcli("show", "sales-analysis", "--group-by", "item", "--abc", "--chart", "-f", "plain").out
    sums: dict[str, float] = defaultdict(float)
    for row in rows:
        if row["currency"] == "EUR":
            sums[row["abc"]] += row["revenue"]
    legend = text.split("\n\n")[0].splitlines()[-1]
    found = {name: float(value.replace(",", "")) for name, value in re.findall(r"\b([ABC]) ([\d,.]+)", legend)}
    assert found == pytest.approx(dict(sums), abs=0.01 * len(rows))


def test_a_matrix_is_a_bar_for_each_value_it_starts_from(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        count = db.execute("SELECT count(*) FROM account").fetchone()[0]
    done = segcli("matrix", "class1", "--from", "2000-01-01", "--chart", "-f", "plain")
    assert done.out.splitlines()[0] == "Matrix: accounts"
    assert re.fullmatch(rf"\(new\)  [░▒▓█▚┼]+  {count}", done.out.splitlines()[1])


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl", "xlsx", "vertical"])
def test_formats_without_a_chart_say_so(segcli: Run, example: Path, tmp_path: Path, form: str) -> None:
    for words in (("show", "debtor-ageing"), ("matrix", "class1", "--from", "2026-01-01")):
        done = segcli(*words, "--chart", "-f", form, "-o", tmp_path / "x")
        assert (done.status, done.out) == (2, "")
        assert f"--chart: {form} shows no chart" in done.err
    assert not (tmp_path / "x").exists()


def test_nothing_of_charts_is_read_where_none_is_asked_for(example: Path) -> None:
    code = (
        "import sys; from segcli.cli import main as cli; cli.run(['show', 'debtor-ageing', '-f', 'html', *sys.argv[1:]]);"
        "print(sorted(n for n in sys.modules if n in ('segcli.output.charts', 'reportlab', 'rich')), file=sys.stderr)"
    )
    for words, seen in (([], "[]"), (["--chart"], "['segcli.output.charts']")):
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        assert done.stderr.strip() == seen
