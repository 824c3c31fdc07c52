"""`segcli cohort` on the example administration: each figure against plain SQL, and what the answer leaves out."""

import random
from datetime import date
from pathlib import Path

import pytest
from conftest import Run, connected

DAY = "2026-06-30"
MONTHS = {"month": 1, "quarter": 3, "year": 12}
IS_SALE = "i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= '{day}'"


def number(day: str, unit: str) -> int:
    return (int(day[:4]) * 12 + int(day[5:7]) - 1) // MONTHS[unit]


def name(day: str, by: str) -> str:
    return {"month": day[:7], "quarter": f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}", "year": day[:4]}[by]


def expected(
    database: Path, by: str, unit: str, day: str = DAY, where: str = "TRUE"
) -> dict[tuple[str, int], tuple[int, ...]]:
    """Return observed, active, repeated, turnover and cumulative by cohort and period: one small question per account and period.

    Written down a second time, as plainly as possible: the invoices of each account are walked one by one.
    """
    first_complete = number(
        str(date.fromordinal(date.fromisoformat(day).toordinal() + 1)), unit
    )  # the first one that is not
    found: dict[tuple[str, int], list[int]] = {}
    with connected(database) as db:
        accounts = db.execute(f"SELECT a.id, a.class1 FROM account AS a WHERE {where}").fetchall()
        codes = dict(db.execute("SELECT id, code FROM classification_value"))
        for account, value in accounts:
            invoices = db.execute(
                f"SELECT i.invoice_date, i.total_amount, i.base_revenue_amount FROM invoice AS i WHERE i.account_id = ? AND {IS_SALE.format(day=day)}",
                (account,),
            ).fetchall()
            days = sorted({at for at, total, _ in invoices if total >= 0})
            if not days:
                continue
            cohort = codes.get(value, "none") if by == "class1" else name(days[0], by)
            start = number(days[0], unit)
            for since in range(first_complete - start):
                cell = found.setdefault((cohort, since), [0, 0, 0, 0, 0])
                cell[0] += 1
                cell[1] += any(number(at, unit) == start + since for at in days)
                cell[2] += any(number(at, unit) <= start + since for at in days[1:])
                cell[3] += sum(net or 0 for at, _, net in invoices if number(at, unit) == start + since)
                cell[4] += sum(net or 0 for at, _, net in invoices if start <= number(at, unit) <= start + since)
    return {key: tuple(cell) for key, cell in found.items()}


def answer(segcli: Run, *words: str) -> dict[tuple[str, int], tuple[int, ...]]:
    """Return the same of the long table, with turnover rounded to cents."""
    done = segcli("cohort", "--long", "--periods", "40", "-f", "json", "--as-of", DAY, *words)
    assert done.status == 0, done.err
    return {
        (row["cohort"], row["period"]): (
            row["observed"], row["active"], row["repeated"], round(row["turnover"] * 100), round(row["cumulative"] * 100)
        )
        for row in done.rows
    }  # fmt: skip


def cents(found: dict[tuple[str, int], tuple[int, ...]]) -> dict[tuple[str, int], tuple[int, ...]]:
    return {
        key: (*cell[:3], *((abs(n) + 5000) // 10_000 * (1 if n >= 0 else -1) for n in cell[3:]))
        for key, cell in found.items()
    }


@pytest.mark.parametrize(
    ("by", "unit"),
    [("month", "month"), ("quarter", "quarter"), ("year", "month"), ("quarter", "month"), ("month", "quarter"), ("class1", "month"),
     ("class1", "quarter")],
)  # fmt: skip
def test_every_figure_against_a_walk_over_the_invoices(segcli: Run, example: Path, by: str, unit: str) -> None:
    wanted = cents(expected(example, by, unit))
    assert len(wanted) > 10
    assert answer(segcli, "--by", by, "--period", unit) == wanted


def test_the_middle_of_a_month(segcli: Run, example: Path) -> None:
    """June is not complete on 15 June: no figure of it is shown, also not as a drop."""
    wanted = cents(expected(example, "month", "month", "2026-06-15"))
    assert max(number(f"{cohort}-01", "month") + since for cohort, since in wanted) == number("2026-05-01", "month")
    done = segcli("cohort", "--periods", "40", "--as-of", "2026-06-15", "--long", "-f", "json")
    assert {(row["cohort"], row["period"]): row["active"] for row in done.rows} == {
        key: cell[1] for key, cell in wanted.items()
    }
    wide = segcli("cohort", "--as-of", "2026-06-15", "-f", "json").rows
    assert [row["cohort"] for row in wide][-1] == "2026-06"  # the cohort is there, its periods are empty
    assert all(value is None for key, value in wide[-1].items() if key.startswith("period_"))
    assert wide[-2]["period_0"] == 100
    assert wide[-2]["period_1"] is None


def test_wide_and_long_have_the_same_figures(segcli: Run, example: Path) -> None:
    columns = {"retention": "retention", "accounts": "active", "repeat": "repeat_rate", "turnover": "turnover", "cumulative": "cumulative",
               "value": "value"}  # fmt: skip
    rows = segcli("cohort", "--long", "-f", "json").rows
    assert {row["period"] for row in rows} == set(range(13))
    for figure, column in columns.items():
        wide = segcli("cohort", "--figure", figure, "-f", "json").rows
        cells = {
            (row["cohort"], k): row[f"period_{k}"] for row in wide for k in range(13) if row[f"period_{k}"] is not None
        }
        assert cells == {(row["cohort"], row["period"]): row[column] for row in rows}, figure
    assert all(abs(row["cumulative"] / row["observed"] - row["value"]) < 0.0101 for row in rows)


def test_turnover_adds_up_to_the_revenue_of_all_accounts(segcli: Run, example: Path) -> None:
    """The last cumulative turnover of each cohort: the example has no credit note before a first purchase."""
    with connected(example) as db:
        sql = f"SELECT sum(i.base_revenue_amount) FROM invoice AS i WHERE {IS_SALE.format(day=DAY)}"
        whole = db.execute(sql).fetchone()[0]
    rows = segcli("cohort", "--long", "--periods", "40", "-f", "json").rows
    last = {row["cohort"]: row["cumulative"] for row in rows}  # rows are in the order of the periods
    assert round(sum(last.values()), 2) == pytest.approx(whole / 1e6, abs=0.005 * len(last))


def test_selections_and_days(segcli: Run, example: Path) -> None:
    wanted = cents(expected(example, "month", "month", where="a.country = 'NL'"))
    assert answer(segcli, "--country", "NL") == wanted
    some = {key: cell for key, cell in wanted.items() if "2025-03" <= key[0] <= "2025-05"}
    assert some
    assert answer(segcli, "--country", "NL", "--from", "2025-03-01", "--to", "2025-05-31") == some
    assert answer(segcli, "--country", "NL", "--where", "cohort between 2025-03 and 2025-05") == some


def test_classes_by_label_and_of_a_day(segcli: Run, example: Path) -> None:
    by_label = segcli("cohort", "--by", "Region", "-f", "json").rows
    assert by_label == segcli("cohort", "--by", "class1", "-f", "json").rows
    assert [row["cohort"] for row in by_label] == ["N", "E", "S", "W", "X", "none"]
    assert by_label[0]["cohort_name"] == "North"
    before = segcli("cohort", "--by", "class1", "--long", "-f", "json").rows
    with connected(example) as db:
        code = db.execute(
            "SELECT a.code FROM account AS a JOIN classification_value AS v ON v.id = a.class1 AND v.code = 'N'"
            " JOIN invoice AS i ON i.account_id = a.id WHERE i.kind = 'sales' AND i.status = 'processed' AND i.total_amount > 0"
        ).fetchone()[0]
        assert segcli("tag", code, "--set", "class1=S").status == 0
        # The runs of the example, and this one, happened today; the day before the accounts did not exist.
        db.execute("UPDATE run SET started_at = '2026-01-01T00:00:00Z' WHERE id < (SELECT max(id) FROM run)")
        db.execute("UPDATE run SET started_at = '2026-06-29T00:00:00Z' WHERE id = (SELECT max(id) FROM run)")
        db.commit()
    now = segcli("cohort", "--by", "class1", "--long", "-f", "json").rows
    assert now != before
    assert segcli("cohort", "--by", "class1", "--long", "-f", "json", "--as-of-class", "2026-06-28").rows == before


def test_calculated_classes(segcli: Run, example: Path) -> None:
    """Classes calculated for a day, of which the last run counts: all accounts in the Netherlands are N, the others have none."""
    with connected(example) as db:
        run, value = db.execute(
            "SELECT max(r.id), (SELECT id FROM classification_value WHERE field = 1 AND code = 'N') FROM run AS r"
        ).fetchone()
        earlier = db.execute("SELECT min(id) FROM run").fetchone()[0]
        db.execute("INSERT INTO class_backfill (id, run_id, field, class_date) VALUES (7, ?, 1, '2026-03-31'), (8, ?, 1, '2026-03-31')",
                   (earlier, run))  # fmt: skip
        db.execute("INSERT INTO class_backfill_value SELECT 8, id, ? FROM account WHERE country = 'NL'", (value,))
        db.commit()
    found = segcli("cohort", "--by", "class1", "--backfilled", "2026-03-31", "--long", "-f", "json")
    rows = {(row["cohort"], row["period"]): (row["accounts"], row["active"], row["turnover"]) for row in found.rows}
    for code, country in (("N", ("--country", "NL")), ("none", ("--country", "not:NL"))):
        wanted = segcli("cohort", "--by", "class1", "--long", "-f", "json", *country).rows
        sizes = {row["cohort"]: row["accounts"] for row in wanted}
        assert rows[code, 0][:2] == (sum(sizes.values()),) * 2
        turnover = sum(row["turnover"] for row in wanted if row["period"] == 1)
        assert rows[code, 1][2] == pytest.approx(turnover, abs=0.03)
    assert len({cohort for cohort, _ in rows}) == 2
    for words, told in (
        (("--by", "class1", "--backfilled", "2026-02-28"), "no classes of Region were calculated for 2026-02-28"),
        (("--backfilled", "2026-03-31"), "--backfilled gives the day of calculated classes"),
        (("--by", "class2", "--backfilled", "2026-03-31"), "rules apply FILE --backfill MONTHS"),
    ):
        done = segcli("cohort", *words)
        assert (done.status, told in done.err) == (2, True), done.err


def test_rows_in_another_order_and_accounts_outside_the_selection(segcli: Run, example: Path) -> None:
    before = {
        form: segcli("cohort", *form, "--where", "not code = 'NEW1'").out
        for form in ((), ("--long",), ("--by", "class1"))
    }
    with connected(example) as db:
        columns = ", ".join(row[1] for row in db.execute("PRAGMA table_info(invoice)") if row[1] != "id")
        ids = [row[0] for row in db.execute("SELECT id FROM invoice")]
        mixed = random.Random(3).sample(ids, len(ids))
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute(f"CREATE TEMP TABLE old AS SELECT id, {columns} FROM invoice")
        db.execute("CREATE TEMP TABLE moved (id INTEGER PRIMARY KEY, was INTEGER)")
        db.executemany("INSERT INTO moved VALUES (?, ?)", [(new, was) for new, was in zip(ids, mixed, strict=True)])
        db.execute("DELETE FROM invoice")
        db.execute(
            f"INSERT INTO invoice (id, {columns}) SELECT m.id, {columns} FROM moved AS m JOIN old AS o ON o.id = m.was"
        )
        db.execute("INSERT INTO account (code, name) VALUES ('NEW1', 'New')")
        made = db.execute("SELECT max(id) FROM account").fetchone()[0]
        db.execute("UPDATE invoice SET account_id = account_id")
        db.execute(
            "INSERT INTO invoice (account_id, ordered_by_id, deliver_to_id, invoice_number, invoice_date, currency, net_amount, vat_amount,"
            " total_amount, revenue_amount, base_revenue_amount, exchange_rate, is_rate_stated) VALUES"
            " (?, ?, ?, 'NEW-1', '2025-05-05', 'EUR', 100, 0, 100, 1000000, 1000000, '1', 1)",
            (made, made, made),
        )
        db.commit()
    for form, was in before.items():
        assert segcli("cohort", *form, "--where", "not code = 'NEW1'").out == was
    assert segcli("cohort", "--long").out != before["--long",]


@pytest.fixture
def few(segcli: Run, empty: Path) -> Path:
    """Return a database of three accounts: a credit note before the first purchase, only a credit note, an amount without a rate."""
    Path("i.csv").write_text(
        "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
        "1,2026-01-10,A,processed,EUR,-10,0,-10\n2,2026-03-05,A,processed,EUR,100,0,100\n3,2026-03-05,A,processed,EUR,50,0,50\n"
        "4,2026-03-01,A,processed,EUR,-5,0,-5\n5,2026-02-01,B,processed,EUR,-7,0,-7\n6,2026-02-02,C,processed,EUR,30,0,30\n"
        "7,2026-04-02,C,processed,XYZ,20,0,20\n8,2026-04-09,A,processed,EUR,0,0,0\n"
    )
    assert segcli("import", "i.csv", "--create-missing").status == 0
    return empty


def test_what_is_left_out_is_said(segcli: Run, few: Path) -> None:
    done = segcli("cohort", "--long", "--as-of", "2026-04-30", "-f", "csv")
    assert done.status == 0
    assert done.out.splitlines() == [
        "cohort,accounts,period,observed,active,retention,repeated,repeat_rate,turnover,cumulative,value",
        "2026-02,1,0,1,1,100,0,0,30.00,30.00,30.00",
        "2026-02,1,1,1,0,0,0,0,0.00,30.00,30.00",
        "2026-02,1,2,1,1,100,1,100,0.00,30.00,30.00",  # 20 XYZ are not known in euros; the purchase counts
        "2026-03,1,0,1,1,100,0,0,145.00,145.00,145.00",  # two invoices on one day, and the credit note of that month
        "2026-03,1,1,1,1,100,1,100,0.00,145.00,145.00",  # an invoice of 0 is a purchase
    ]
    assert "left out: 2 credit notes before the first purchase, -17.00 EUR" in done.err
    assert "no exchange rate is known: 1 invoice of 1 account, XYZ 20.00" in done.err
    assert segcli("cohort", "--as-of", "2026-04-30", "--strict", "-f", "csv").err == ""  # retention has no amounts
    strict = segcli("cohort", "--as-of", "2026-04-30", "--strict", "--figure", "cumulative")
    assert (strict.status, strict.out, "XYZ 20.00" in strict.err) == (1, "", True)
    # Before there is an amount without a rate, nothing is said of it.
    earlier = segcli("cohort", "--as-of", "2026-03-31", "--strict", "--figure", "turnover", "-f", "json")
    assert earlier.status == 0
    assert [(row["cohort"], row["period_0"]) for row in earlier.rows] == [("2026-02", 30), ("2026-03", 145)]


def test_accounts_that_may_have_bought_before_the_data(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        (start,) = db.execute(
            f"SELECT min(i.invoice_date) FROM invoice AS i WHERE {IS_SALE.format(day=DAY)}"
        ).fetchone()
    size = expected(example, "month", "month")[start[:7], 0][0]
    told = f"data start on {start}: {size} accounts may have bought before"
    assert told in segcli("cohort", "-f", "plain").out
    assert "may have bought before" not in segcli("cohort", "-f", "plain", "--from", "2025-03-01").out
    assert "empty: the period is not complete" in segcli("cohort", "-f", "plain").out


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (
            ("--by", "week"),
            2,
            "--by: unknown classification 'week'\n  write month, quarter, year or a class; there is: Region",
        ),
        (("--by", "class9"), 2, "class9"),
        (("--period", "week"), 2, "--period: 'week' is none of month, quarter, year"),
        (("--figure", "x"), 2, "--figure: 'x' is none of retention"),
        (("--periods", "-1"), 2, "--periods"),
        (("--long", "--chart", "-f", "plain"), 2, "--long has all figures and no chart"),
        (("--chart", "-f", "csv"), 2, "--chart: csv shows no chart"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), 2, "--from 2026-02-01 lies after"),
        (("--account", "000001", "--where", "cohort is empty", "--fail-if-empty"), 3, "nothing was found"),
    ],
)
def test_mistakes(segcli: Run, example: Path, words: tuple[str, ...], status: int, told: str) -> None:
    done = segcli("cohort", *words)
    assert (done.status, told in done.err) == (status, True), done.err


def test_no_invoices(segcli: Run, empty: Path) -> None:
    done = segcli("cohort", "--chart", "-f", "plain")
    assert (done.status, done.err) == (0, "")
    assert segcli("cohort", "-f", "json").rows == []


def test_the_average_is_for_people(segcli: Run, example: Path) -> None:
    assert "(average)" not in segcli("cohort", "-f", "csv").out
    assert "(average)" not in segcli("cohort", "-f", "plain", "--no-totals").out
    lines = segcli("cohort", "--by", "quarter", "-f", "plain").out.splitlines()
    row = next(line for line in lines if line.startswith("(average)"))
    wanted = expected(example, "quarter", "quarter")
    second = [cell for (_, since), cell in wanted.items() if since == 1]
    share = 100 * sum(cell[1] for cell in second) / sum(cell[0] for cell in second)
    assert row.split()[4] == f"{share:.2f}"


def test_the_lake_gives_the_same_answer(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb")
    monkeypatch.setenv("SEGCLI_LAKE_FOLDER", "lake")
    assert segcli("lake", "sync").status == 0
    lines = (
        ("--long",),
        ("--by", "class1", "--figure", "value"),
        ("--by", "quarter", "--period", "month", "--country", "NL"),
    )
    for words in lines:
        ours, theirs = (segcli("cohort", *words, "-f", "csv", "--engine", engine) for engine in ("sqlite", "lake"))
        assert (theirs.status, theirs.err) == (0, "")
        assert theirs.out == ours.out
        assert theirs.out.count("\n") > 5
