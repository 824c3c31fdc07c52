"""A profile of the example administration: every figure by plain SQL or arithmetic of its own."""

import math
import re
from collections import Counter
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

import pytest
from conftest import Run, connected

WITHIN = (
    "i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date > '2025-06-30' AND i.invoice_date <= '2026-06-30'"
)
TURNOVER = f"""SELECT a.id, (SELECT coalesce(sum(i.base_revenue_amount), 0) FROM invoice AS i WHERE i.account_id = a.id AND {WITHIN})
               FROM account AS a"""


def profile(segcli: Run, *words: str) -> dict[tuple[str, str], dict[str, Any]]:
    rows = segcli("profile", "-f", "json", *words).rows
    found = {(row["dimension"], row["value"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def accounts(path: Path, condition: str = "1") -> set[int]:
    with connected(path) as db:
        return {row[0] for row in db.execute(f"SELECT a.id FROM account AS a WHERE {condition}")}


def expected(inside: set[int], base: set[int], having: set[int]) -> tuple[int, float, int, float, float, float]:
    """Return what a row must show, for a selection within the base: z by the rest, in another form."""
    count, of_base = len(inside & having), len(base & having)
    share, base_share = count / len(inside), of_base / len(base)
    rest = len(base) - len(inside)
    error = math.sqrt(base_share * (1 - base_share) * (1 / len(inside) + 1 / rest))
    z = (share - (of_base - count) / rest) / error
    return count, round(100 * share, 4), of_base, round(100 * base_share, 4), round(100 * share / base_share, 2), z


def shown(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("accounts", "share", "base_accounts", "base_share", "index", "z"))


def test_classes_and_fields_against_everyone(segcli: Run, example: Path) -> None:
    found = profile(segcli, "--class1", "N")
    everyone = accounts(example)
    with connected(example) as db:
        north = {
            r[0]
            for r in db.execute(
                "SELECT a.id FROM account AS a JOIN classification_value AS v ON v.id = a.class1 WHERE v.code = 'N'"
            )
        }
        values: dict[tuple[str, str], set[int]] = {}
        for field in range(1, 9):
            sql = f"SELECT a.id, coalesce(v.code, 'none') FROM account AS a LEFT JOIN classification_value AS v ON v.id = a.class{field}"
            for account, code in db.execute(sql):
                values.setdefault((f"class{field}", code), set()).add(account)
        for name in ("country", "manager", "sector", "status"):
            for account, code in db.execute(f"SELECT id, coalesce({name}, 'none') FROM account"):
                values.setdefault((name, code), set()).add(account)
    fields = {
        key: row
        for key, row in found.items()
        if key[0].startswith("class") or key[0] in {"country", "manager", "sector", "status"}
    }
    assert fields.keys() == values.keys()
    for key, having in values.items():
        if len(having) == len(everyone):
            assert shown(fields[key])[-2:] == (100, None)
            continue
        assert shown(fields[key]) == pytest.approx(expected(north, everyone, having), abs=6e-5), key
    assert found["class1", "N"]["value_name"] == "North"
    assert found["class1", "N"]["label"] == "Region"
    assert found["status", "C"]["value_name"] == "customer"
    for name in ("class1", "country", "turnover(12m)", "days_to_pay(12m)"):  # nothing disappears
        assert sum(row["accounts"] for key, row in found.items() if key[0] == name) == len(north)
        assert sum(row["base_accounts"] for key, row in found.items() if key[0] == name) == len(everyone)


def test_item_groups_count_an_account_once(segcli: Run, example: Path) -> None:
    found = {key[1]: row for key, row in profile(segcli, "--class1", "N", "--dimension", "item_group").items()}
    everyone = accounts(example)
    groups: dict[str, set[int]] = {}
    with connected(example) as db:
        north = {
            r[0]
            for r in db.execute(
                "SELECT a.id FROM account AS a JOIN classification_value AS v ON v.id = a.class1 WHERE v.code = 'N'"
            )
        }
        sql = f"""SELECT i.account_id, coalesce(t.item_group, '(no group)') FROM invoice AS i LEFT JOIN invoice_line AS l ON l.invoice_id = i.id
                  LEFT JOIN item AS t ON t.id = l.item_id WHERE {WITHIN} AND i.total_amount >= 0"""
        for account, group in db.execute(sql):
            groups.setdefault(group, set()).add(account)
    groups["none"] = everyone - set().union(*groups.values())
    assert found.keys() == groups.keys()
    for group, having in groups.items():
        assert shown(found[group]) == pytest.approx(expected(north, everyone, having), abs=6e-5), group


def test_bands_are_quarters_of_the_base(segcli: Run, example: Path) -> None:
    found = profile(segcli, "--country", "BE", "--dimension", "turnover,last_invoice")
    with connected(example) as db:
        amounts = {account: round(fine / 10_000) for account, fine in db.execute(TURNOVER)}
        days = dict(db.execute("""SELECT i.account_id, julianday('2026-06-30') - julianday(max(i.invoice_date)) FROM invoice AS i WHERE i.kind = 'sales'
                                  AND i.status = 'processed' AND i.total_amount >= 0 AND i.invoice_date <= '2026-06-30' GROUP BY 1"""))  # fmt: skip
    belgian = accounts(example, "a.country = 'BE'")
    for name, values, nothing in (("turnover(12m)", amounts, "zero"), ("days since last_invoice", days, "none")):
        held = sorted(value for value in values.values() if value or nothing == "none")
        ends = [held[math.ceil(len(held) * part / 4) - 1] for part in (1, 2, 3)]
        cells: Counter[str] = Counter()
        chosen: Counter[str] = Counter()
        for account in accounts(example):
            value = values.get(account)
            cell = (
                nothing
                if value is None or (nothing == "zero" and not value)
                else f"Q{1 + sum(value > end for end in ends)}"
            )
            cells[cell] += 1
            chosen[cell] += account in belgian
        assert {key[1]: row["base_accounts"] for key, row in found.items() if key[0] == name} == dict(cells)
        assert {key[1]: row["accounts"] for key, row in found.items() if key[0] == name} == {
            cell: chosen[cell] for cell in cells
        }
    assert re.fullmatch(r"over [\d.]+ to [\d.]+ EUR", found["turnover(12m)", "Q2"]["value_name"])


def test_the_rest_another_selection_and_an_expression(segcli: Run, example: Path) -> None:
    dutch, belgian = accounts(example, "a.country = 'NL'"), accounts(example, "a.country = 'BE'")
    rest = accounts(example) - belgian
    row = profile(segcli, "--country", "BE", "--against", "rest")["status", "C"]
    customers = accounts(example, "a.status = 'C'")
    assert (row["accounts"], row["base_accounts"]) == (len(belgian & customers), len(rest & customers))
    against_all = profile(segcli, "--country", "BE")["status", "C"]
    assert row["z"] == against_all["z"]  # the same question
    assert segcli("selection", "save", "dutch", "--country", "NL").status == 0
    by_name = profile(segcli, "--country", "BE", "--against", "Dutch")
    assert by_name == profile(segcli, "--country", "BE", "--against", "country = NL")
    assert by_name["status", "C"]["base_accounts"] == len(dutch & customers)
    only = by_name["country", "BE"]
    assert (only["base_accounts"], only["index"]) == (0, None)  # the base lacks it
    assert only["z"] == pytest.approx(math.sqrt(len(belgian) + len(dutch)), abs=1e-4)  # phi = 1: z squared is n
    assert by_name["country", "NL"]["index"] == 0


def test_what_distinguishes_most_comes_first(segcli: Run, example: Path) -> None:
    rows = segcli("profile", "--class3", "A", "-f", "json").rows
    sizes = [-1 if row["z"] is None else abs(row["z"]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert (rows[0]["dimension"], rows[0]["value"]) == ("class3", "A")
    assert segcli("profile", "--class3", "A", "-f", "json", "--limit", "5").rows == rows[:5]


def test_rare_values_are_left_out_and_counted(segcli: Run, example: Path) -> None:
    every = segcli("profile", "--class3", "A", "-f", "json").rows
    kept = segcli("profile", "--class3", "A", "-f", "json", "--least", "20").rows
    assert kept == [row for row in every if row["base_accounts"] >= 20]
    assert 0 < len(kept) < len(every)
    done = segcli("profile", "--class3", "A", "--least", "20", "-f", "table")
    assert f"{len(every) - len(kept)} values of fewer than 20 accounts left out" in done.out


def test_figures_of_the_selection_and_the_base(segcli: Run, example: Path) -> None:
    rows = segcli("profile", "--country", "BE", "--against", "rest", "--figures", "-f", "json").rows
    found = {(row["measure"], row["figure"]): (row["selection"], row["base"]) for row in rows}
    with connected(example) as db:
        amounts = {account: round(fine / 10_000) / 100 for account, fine in db.execute(TURNOVER)}
    belgian = accounts(example, "a.country = 'BE'")
    sides = [[amounts[a] for a in belgian], [amounts[a] for a in accounts(example) - belgian]]
    for side, values in enumerate(sides):
        assert found["turnover(12m)", "accounts"][side] == len(values)
        assert found["turnover(12m)", "mean"][side] == pytest.approx(mean(values), abs=6e-5)
        quarters = [found["turnover(12m)", figure][side] for figure in ("25 %", "median", "75 %")]
        assert quarters == pytest.approx(quantiles(values, method="inclusive"), abs=1e-9)
    assert [row["measure"] for row in rows[::6]] == [
        "turnover(12m)",
        "days since last_invoice",
        "margin(12m)",
        "days_to_pay(12m)",
    ]
    for side, size in enumerate(map(len, sides)):
        for measure, empty in (
            ("days since last_invoice", "none"),
            ("margin(12m)", "unknown"),
            ("days_to_pay(12m)", "none"),
        ):
            assert found[measure, "accounts"][side] + found[measure, empty][side] == size


def test_other_metrics_and_windows(segcli: Run, example: Path) -> None:
    found = profile(segcli, "--class1", "N", "--metrics", "blocked, turnover(24m, 12m),Region", "--metrics", "abc")
    assert {key[0] for key in found} >= {"blocked", "turnover(24m, 12m)", "abc", "class1"}
    assert "turnover(12m)" not in {key[0] for key in found}
    assert sum(row["accounts"] for key, row in found.items() if key[0] == "abc") == sum(
        row["accounts"] for key, row in found.items() if key[0] == "country")  # fmt: skip
    assert "turnover(6m)" in {key[0] for key in profile(segcli, "--class1", "N", "--window", "6m")}
    assert {
        key[0] for key in profile(segcli, "--class1", "N", "--metrics", "none", "--dimension", "Region,status")
    } == {"class1", "status"}


def test_an_empty_or_a_whole_selection_is_said(segcli: Run, example: Path) -> None:
    done = segcli("profile", "--where", "name = 'nobody'", "-f", "json")
    assert (done.status, done.rows) == (0, [])
    assert "no account is selected" in done.err
    assert segcli("profile", "--where", "name = 'nobody'", "--fail-if-empty").status == 3
    done = segcli("profile", "-f", "json")
    assert "the same accounts" in done.err
    assert {(row["index"], row["z"]) for row in done.rows} == {(100, None)}
    done = segcli("profile", "--against", "rest", "-f", "json")
    assert "the base has no accounts" in done.err
    assert {(row["base_share"], row["index"], row["z"]) for row in done.rows} == {(None, None, None)}
    figures = segcli("profile", "--where", "name = 'nobody'", "--figures", "-f", "json")
    assert {row["selection"] for row in figures.rows if row["figure"] in {"mean", "median"}} == {None}


@pytest.mark.parametrize(("words", "says"), [
    (("--against", "nobody"), "there is no selection 'nobody'"), (("--against", "country ="), "a value is missing"),
    (("--dimension", "regio"), "no dimension 'regio'"), (("--dimension", "country,,status"), "an empty name"),
    (("--metrics", "turnovr(12m)"), "--metrics: there is no such field"), (("--window", "12x"), "--window: '12x' is no window"),
    (("--metrics", "city", "--figures"), "city has no mean"), (("--figures", "--least", "5"), "--least is for the values"),
    (("--where", "nonsense = 1"), "--where: there is no such field"),
])  # fmt: skip
def test_wrong_words_are_refused(segcli: Run, example: Path, words: tuple[str, ...], says: str) -> None:
    done = segcli("profile", *words)
    assert (done.status, done.out) == (2, "")
    assert says in done.err


def test_unknown_amounts_are_a_band_and_are_said(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        (code,) = db.execute("SELECT a.code FROM account AS a JOIN invoice AS i ON i.account_id = a.id WHERE a.country = 'BE' AND "
                             f"{WITHIN} ORDER BY a.code LIMIT 1").fetchone()  # fmt: skip
    Path("foreign.csv").write_text(
        "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
        f"X1,2026-06-01,{code},processed,NOK,100,0,100\n"
    )
    assert segcli("import", "foreign.csv").status in {0, 5}
    done = segcli("profile", "--country", "BE", "-f", "json")
    assert "no exchange rate is known: 1 invoice of 1 account, NOK 100.00" in done.err
    unknown = next(row for row in done.rows if (row["dimension"], row["value"]) == ("turnover(12m)", "unknown"))
    assert (unknown["accounts"], unknown["base_accounts"]) == (1, 1)
    assert segcli("profile", "--country", "BE", "--strict").status == 1


def test_an_average_of_nothing_is_no_unknown_amount(segcli: Run, example: Path) -> None:
    """Accounts without an invoice have no average order, and no amount that is unknown."""
    with connected(example) as db:
        idle = db.execute(
            "SELECT count(*) FROM account WHERE id NOT IN (SELECT account_id FROM invoice WHERE kind = 'sales'"
            " AND status = 'processed' AND total_amount >= 0 AND invoice_date <= '2026-06-30')"
        ).fetchone()[0]
    rows = segcli("profile", "--figures", "--metrics", "average_order,turnover", "-f", "json").rows
    shown = {(row["measure"], row["figure"]): row["base"] for row in rows}
    assert shown["average_order", "none or unknown"] == idle > 0
    assert shown["turnover", "unknown"] == 0
    assert segcli("list", "power", "--all", "--metric", "average_order", "--strict").status == 0
    done = segcli("cluster", "--k", "2", "--metrics", "average_order,invoices", "--strict", "-q", "-f", "csv")
    assert (done.status, done.err) == (0, "") or "scikit-learn" in done.err


def figures(segcli: Run) -> list[tuple[Any, ...]]:
    """Return all figures of a profile, without the names of the values."""
    rows = segcli("profile", "--class3", "A", "--against", "country in (NL, BE)", "-f", "json").rows
    return sorted((row["dimension"], *(-1e9 if cell is None else cell for cell in shown(row))) for row in rows)


def test_order_of_rows_other_accounts_and_names_change_no_figure(segcli: Run, example: Path) -> None:
    before = figures(segcli)
    assert len(before) > 50
    assert segcli("classification", "value", "rename", "2", "RET", "Zzz", "--code", "ZZZ").status == 0
    with connected(example) as db:  # the same lines under other ids, in the opposite order, and other names
        db.execute("UPDATE invoice_line SET id = -id")
        db.execute("UPDATE item SET item_group = 'Z' || item_group || ' x'")
        db.execute("UPDATE account SET manager = char(90 - unicode(manager) % 20) || manager")
        db.commit()
    Path("more.csv").write_text("account,name,country,class1\nZZ1,Other,FR,S\nZZ2,Other,FR,S\n")
    assert segcli("import", "more.csv").status == 0
    assert figures(segcli) == before
