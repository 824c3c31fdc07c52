"""Dashboards of a report: figures as SQL has them, comparisons, errors with their place, and files all or nothing."""

import email
import textwrap
from collections.abc import Callable
from email.policy import default
from pathlib import Path

import pytest
from conftest import ROOT, Run, connected
from dashboards import Page, one, read

from segcli.base import dates
from segcli.manual import topics
from segcli.reports import file, keys
from segcli.settings.keys import names

EXAMPLES = ROOT / "examples"
REVENUE = """SELECT i.currency, sum(l.net_amount) FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id
  WHERE i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date BETWEEN ? AND ? GROUP BY 1 ORDER BY 1"""
RUNNING = """SELECT count(*) FROM subscription AS s WHERE start_date <= :last
  AND coalesce(min(cancellation_date, end_date), cancellation_date, end_date, :last) >= :last"""
DEBTORS = """SELECT DISTINCT account_id, currency FROM outstanding_item AS o WHERE invoice_date <= '2026-06-30'
  AND amount <> (SELECT coalesce(sum(a.amount), 0) FROM allocation AS a
    WHERE a.item_id = o.id AND a.allocation_date <= '2026-06-30')"""
OPEN = """SELECT currency, sum(amount - (SELECT coalesce(sum(a.amount), 0) FROM allocation AS a
    WHERE a.item_id = o.id AND a.allocation_date <= :day)) FROM outstanding_item AS o
  WHERE invoice_date <= :day GROUP BY 1 ORDER BY 1"""


def numbers(words: list[str]) -> list[int]:
    """Return amounts in their smallest units."""
    return [int("".join(sign for sign in word if sign.isdigit() or sign == "-")) for word in words]


def sums(database: Path, sql: str, *given: object, by: int = 1) -> dict[str, int]:
    """Return the sum per currency of a query, each rounded half away from zero."""
    values = given[0] if given and isinstance(given[0], dict) else given
    with connected(database) as db:
        found = db.execute(sql, values).fetchall()
    return {code: (abs(n) * 2 + by) // (2 * by) * (1 if n >= 0 else -1) for code, n in found if n}


def check(tile: dict[str, list[str]], now: dict[str, int], before: dict[str, int]) -> None:
    """Compare a tile with the amounts of two days."""
    units = sorted({**now, **before})
    assert tile["dt"] == units
    assert numbers(tile["dd"][::2]) == [now.get(unit, 0) for unit in units]
    changes = [now.get(unit, 0) - before.get(unit, 0) for unit in units]
    words = [word.partition(" (")[0] for word in tile["dd"][1::2]]
    assert [0 if word == "no change" else numbers([word])[0] for word in words] == changes


def test_the_tiles_of_the_example_are_what_sql_finds(segcli: Run, example: Path) -> None:
    assert segcli("report", EXAMPLES / "dashboard.yaml", "--folder", "out") == (0, "", "")
    page = read(Path("out/dashboard-2026-05.html"))
    tiles = {tile["h2"][0]: tile for tile in page.tiles}
    may = sums(example, REVENUE, "2026-05-01", "2026-05-31", by=10000)
    check(tiles["Revenue"], may, sums(example, REVENUE, "2026-04-01", "2026-04-30", by=10000))
    check(tiles["Revenue, year on year"], may, sums(example, REVENUE, "2025-05-01", "2025-05-31", by=10000))
    check(tiles["Outstanding"], sums(example, OPEN, {"day": "2026-05-31"}), sums(example, OPEN, {"day": "2026-04-30"}))
    with connected(example) as db:
        (count,) = db.execute(RUNNING, {"last": "2026-05-31"}).fetchone()
    assert (tiles["Running subscriptions"]["dt"], tiles["Running subscriptions"]["dd"]) == (
        ["subscriptions"],
        [str(count)],
    )
    assert "compared with 2026-04-01 to 2026-04-30" in tiles["Revenue"]["p"]
    assert tiles["Overdue"]["p"] == ["as of 2026-05-31", "compared with 2025-12-31"]
    assert [element.given["href"] for element in page.named("a")][4:] == ["#t2", "#t2", "#t4"]
    assert len(page.named("section")) == 4


def test_the_tables_are_those_of_the_overviews(segcli: Run, write_report: Callable[[str], Path]) -> None:
    path = write_report(
        "files:\n- dashboard: d.html\n  parts:\n  - show: outstanding-items --overdue\n  - score: abc --limit 5\n"
    )
    assert segcli("report", path) == (0, "", "")
    expected = segcli("show", "outstanding-items", "--overdue", "-f", "csv").out.splitlines()[1:]
    page = read(Path("d.html"))
    assert len(page.rows) == len(expected) + 5
    assert [row[0] for row in page.rows[:-5]] == [line.split(",")[0] for line in expected]


@pytest.mark.parametrize(
    ("time", "compare", "now", "before"),
    [
        ("period: 2026Q1\n", "previous", ("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31")),
        ("period: 2026Q1\n", "year", ("2026-01-01", "2026-03-31"), ("2025-01-01", "2025-03-31")),
        ("period: 2026Q1\n", "2025-02", ("2026-01-01", "2026-03-31"), ("2025-02-01", "2025-02-28")),
        ("period: 2026Q1\n", "lastyear", ("2026-01-01", "2026-03-31"), ("2025-01-01", "2025-12-31")),
        ("period: 2026Q1\n", "2026-02-15", ("2026-01-01", "2026-03-31"), ("2026-01-01", "2026-02-15")),
        ("period: 2026\nas_of: 2026-05-31\n", "year", ("2026-01-01", "2026-05-31"), ("2025-01-01", "2025-05-31")),
        ("period: 2026-05\nas_of: 2026-05-10\n", "previous", ("2026-05-01", "2026-05-10"), ("2026-04-01", "2026-04-10")),
    ],
)  # fmt: skip
def test_revenue_against_an_earlier_period(  # noqa: PLR0913 - the fixtures and what is compared
    segcli: Run, write_report: Callable[[str], Path], example: Path, time: str, compare: str,
    now: tuple[str, str], before: tuple[str, str],
) -> None:  # fmt: skip
    path = write_report(one("show: sales-analysis", "sum: revenue", f"compare: {compare}", time=time))
    assert segcli("report", path) == (0, "", "")
    (tile,) = read(Path("d.html")).tiles
    check(tile, sums(example, REVENUE, *now, by=10000), sums(example, REVENUE, *before, by=10000))
    assert tile["p"] == [f"{now[0]} to {now[1]}", f"compared with {before[0]} to {before[1]}"]


@pytest.mark.parametrize(
    ("time", "flags", "compare", "now", "before"),
    [
        ("", "", "yesterday", "2026-06-30", "2026-06-29"),
        ("", "", "year", "2026-06-30", "2025-06-30"),
        ("as_of: 2026-02-28\n", "", "year", "2026-02-28", "2025-02-28"),
        ("as_of: 2026-05-31\n", "", "2026-01-31", "2026-05-31", "2026-01-31"),
        ("as_of: 2026-05-31\n", " --as-of 2026-04-30", "2026-03-31", "2026-04-30", "2026-03-31"),
        ("period: 2026Q1\n", "", "previous", "2026-03-31", "2025-12-31"),
    ],
)  # fmt: skip
def test_a_balance_against_an_earlier_day(  # noqa: PLR0913 - the fixtures and what is compared
    segcli: Run,
    write_report: Callable[[str], Path],
    example: Path,
    time: str,
    flags: str,
    compare: str,
    now: str,
    before: str,
) -> None:
    path = write_report(one(f"show: outstanding-items{flags}", "sum: open", f"compare: {compare}", time=time))
    assert segcli("report", path) == (0, "", "")
    (tile,) = read(Path("d.html")).tiles
    check(tile, sums(example, OPEN, {"day": now}), sums(example, OPEN, {"day": before}))
    assert tile["p"] == [f"as of {now}", f"compared with {before}"]


def test_days_and_periods_before() -> None:
    day = dates.parse
    for first, last, year, previous in (
        ("2024-02-01", "2024-02-29", ("2023-02-01", "2023-02-28"), ("2024-01-01", "2024-01-31")),
        ("2025-02-01", "2025-02-28", ("2024-02-01", "2024-02-29"), ("2025-01-01", "2025-01-31")),
        ("2026-01-01", "2026-12-31", ("2025-01-01", "2025-12-31"), ("2025-01-01", "2025-12-31")),
        ("2026-03-10", "2026-03-12", ("2025-03-10", "2025-03-12"), ("2026-03-07", "2026-03-09")),
    ):
        for how, expected in (("year", year), ("previous", previous)):
            assert tuple(map(str, dates.back(day(first), day(last), how))) == expected


def test_tiles_and_a_part_of_other_classes_stand_side_by_side(segcli: Run, write_report: Callable[[str], Path]) -> None:
    before = len(segcli("show", "account-search", "--class1", "X", "-f", "json").rows)
    assert segcli("tag", "000001", "--set", "class1=X").status == 0
    text = """
files:
- dashboard: d.html
  tiles:
  - {show: account-search --class1 X --as-of-class 2020-01-01, count: then}
  - {show: account-search --class1 X, count: now}
  parts:
  - show: account-search --class1 X
"""
    assert segcli("report", write_report(text)) == (0, "", "")
    page = read(Path("d.html"))
    assert [tile["dd"] for tile in page.tiles] == [["0"], [str(before + 1)]]
    assert len(page.rows) == before + 1


def test_a_tile_without_a_title_has_that_of_its_overview(
    segcli: Run, write_report: Callable[[str], Path], example: Path
) -> None:
    assert segcli("report", write_report(one("show: debtor-ageing", "count: debtors"))).status == 0
    (tile,) = read(Path("d.html")).tiles
    assert (tile["h2"], tile["dt"]) == (["Debtor ageing"], ["debtors"])
    with connected(example) as db:
        found = db.execute(DEBTORS).fetchall()
    assert tile["dd"] == [str(len(found))]


def test_what_a_figure_lacks_is_told_on_the_page_and_on_stderr_once(
    segcli: Run, write_report: Callable[[str], Path], example: Path
) -> None:
    with connected(example) as db:
        db.execute("DELETE FROM exchange_rate")
        db.execute("UPDATE outstanding_item SET base_amount = NULL WHERE currency = 'JPY'")
        db.commit()
    text = one("show: debtor-ageing --base-currency", "sum: outstanding", "compare: 2026-05-31")
    done = segcli("report", write_report(f"{text}  parts:\n  - show: debtor-ageing --base-currency\n"))
    assert done.status == 0
    (tile,) = read(Path("d.html")).tiles
    lacking = [line for line in tile["p"] if "JPY" in line]
    assert lacking
    assert done.err.count(f"d.html: debtor-ageing: {lacking[0]}") == 1
    assert tile["dt"] == ["EUR"]


def test_names_of_accounts_stay_text(segcli: Run, write_report: Callable[[str], Path]) -> None:
    names = ["<script>alert(1)</script>", '""" onload=""alert(1)"', "</table></style><img src=x>", "&lt;b&gt;"]
    Path("a.csv").write_text(
        "account,name\n" + "".join(f"X{n},{name}\n" for n, name in enumerate(names)), encoding="utf-8"
    )
    assert segcli("import", "a.csv").status == 0
    title = "<img src=x onerror=alert(1)> {as_of}"
    text = f"""
files:
- dashboard: d.html
  title: "{title}"
  tiles:
  - {{title: "{title}", show: account-search, count: "<b>"}}
  parts:
  - {{show: "account-search --account X0,X1,X2,X3", title: "{title}"}}
"""
    path = write_report(text)
    assert segcli("report", path) == (0, "", "")
    page = read(Path("d.html"))
    assert {row[1] for row in page.rows} == {names[0], '" onload="alert(1)', names[2], names[3]}
    assert page.tiles[0]["h2"] == [title.replace("{as_of}", "2026-06-30")]
    assert page.tiles[0]["dt"] == ["<b>"]
    assert not {element.name for element in page.elements} & {"img", "b", "iframe"}
    assert len(page.named("script")) == 1
    assert not any(name.startswith("on") for element in page.elements for name in element.given)


# With the other files: all or nothing, and the same twice

BOTH = "files:\n- {file: a.csv, show: account-search}\n- dashboard: sub/d-{as_of}.html\n  tiles:\n  - {show: outstanding-items, sum: open}\n"


def test_the_same_twice_is_the_same_bytes(segcli: Run, write_report: Callable[[str], Path]) -> None:
    path = write_report(BOTH)
    assert segcli("report", path, "--folder", "out") == (0, "", "")
    before = Path("out/sub/d-2026-06-30.html").stat()
    done = segcli("report", path, "--folder", "out", "--if-changed", "--verbose")
    assert done.table[1] == ["the same", "out/sub/d-2026-06-30.html", "4 rows"]
    assert Path("out/sub/d-2026-06-30.html").stat().st_ino == before.st_ino
    assert segcli("report", path, "--folder", "two").status == 0
    assert Path("out/sub/d-2026-06-30.html").read_bytes() == Path("two/sub/d-2026-06-30.html").read_bytes()


def test_a_tile_that_fails_leaves_all_old_files(segcli: Run, write_report: Callable[[str], Path]) -> None:
    assert segcli("report", write_report(BOTH), "--folder", "out").status == 0
    before = {path: path.read_bytes() for path in Path("out").rglob("*.*") if path.is_file()}
    assert segcli("tag", "000001", "--set", "class1=X").status == 0
    failed = segcli("report", write_report(BOTH.replace("sum: open", "sum: opened")), "--folder", "out")
    assert failed.status == 1
    assert "r.yaml:5:36: sum: outstanding-items has no column 'opened' to add up" in failed.err
    assert "there is: amount, allocated, open, future" in failed.err or "did you mean open" in failed.err
    assert {path: path.read_bytes() for path in Path("out").rglob("*.*") if path.is_file()} == before


def test_a_dashboard_of_nothing(segcli: Run, write_report: Callable[[str], Path]) -> None:
    text = one("show: outstanding-items --account 000001 --as-of 2020-01-01", "sum: open")
    assert segcli("report", write_report(text), "--folder", "out", "--fail-if-empty").status == 3
    assert not Path("out/d.html").exists()
    assert segcli("report", write_report(text), "--folder", "out").status == 0
    assert read(Path("out/d.html")).tiles[0]["dd"] == ["0.00"]
    part = segcli("report", write_report(text.replace("2020-01-01", "2020-01-01 --fail-if-empty")), "--folder", "two")
    assert (part.status, "r.yaml:4:11: nothing was found" in part.err) == (3, True)


def test_a_dashboard_goes_with_the_mail(segcli: Run, write_report: Callable[[str], Path]) -> None:
    mail = "mail: {to: a@example.com, subject: Look, attach: ['sub/d-{as_of}.html'], draft: m.eml}\n"
    assert segcli("report", write_report(BOTH + mail), "--folder", "out") == (0, "", "")
    message = email.message_from_bytes(Path("out/m.eml").read_bytes(), policy=default)
    (attached,) = message.iter_attachments()  # type: ignore[attr-defined]
    assert attached.get_content_type() == "text/html"
    content = attached.get_content()
    shown = content if isinstance(content, str) else content.decode()
    assert Page(shown).tiles == read(Path("out/sub/d-2026-06-30.html")).tiles


def test_the_help_topic_names_every_key_and_its_report_works(segcli: Run, example: Path) -> None:
    assert example.exists()
    text = topics.text("dashboards")
    for key in (*names(keys.DASHBOARD), *names(keys.TILE), *file.COMMANDS):
        assert key in text
    block = next(part for part in text.split("\n\n") if part.startswith("    period:"))
    Path("topic.yaml").write_text(textwrap.dedent(block), encoding="utf-8")
    assert segcli("report", "topic.yaml") == (0, "", "")
    assert [tile["h2"] for tile in read(Path("sales-2026-05.html")).tiles] == [
        ["Revenue"],
        ["Customers with overdue items"],
    ]
