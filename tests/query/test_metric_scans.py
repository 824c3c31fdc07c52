"""The scan of metrics: rows before all windows are not read, and no value depends on that."""

from datetime import date

from segcli.query.expressions import metric_sql

DAY = date(2026, 6, 30)


def calls(*asked: tuple[str, tuple[str, ...]]) -> list[metric_sql.Call]:
    return [metric_sql.call(name, words, DAY) for name, words in asked]


def test_a_scan_begins_with_the_earliest_window() -> None:
    margins = calls(("margin", ("12m",)), ("margin", ("24m", "12m")))
    ((_, scan),) = metric_sql.grouped(margins, DAY, within_windows=True).values()
    assert scan.sql.endswith("AS f WHERE f.date > ? GROUP BY f.account_id")
    assert scan.values[-1] == "2024-06-30"
    ((_, every),) = metric_sql.grouped(margins, DAY).values()
    assert "f.date > ? GROUP BY" not in every.sql


def test_an_open_window_reads_all_rows() -> None:
    for asked in (calls(("turnover", ("12m",)), ("last_invoice", ())), calls(("turnover", ("12m",)), ("turnover", ()))):
        ((_, scan),) = metric_sql.grouped(asked, DAY, within_windows=True).values()
        assert "f.date > ? GROUP BY" not in scan.sql
