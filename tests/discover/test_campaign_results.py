"""`list results` and `list power`: figures by another route, who counts, and what is told."""

import hashlib
import math
import statistics
from pathlib import Path

import pytest
from conftest import Run, connected
from support import hillstrom
from support.hillstrom import Arm

FROM = ("--from", "2026-04-01", "--to", "2026-06-30")


def by_metric(segcli: Run, *words: str) -> dict[tuple[str, str], dict[str, object]]:
    done = segcli("list", "results", *words, "-f", "json")
    assert done.status == 0, done.err
    return {(str(row["metric"]), str(row["test_group"])): row for row in done.rows}


@pytest.fixture
def drawn(segcli: Run, example: Path) -> Path:
    assert segcli("list", "create", "mailing", "--country", "NL", "--split", "45:45", "--holdout", "10").status == 0
    return example


def test_means_and_rates_are_those_of_plain_sql(segcli: Run, drawn: Path) -> None:
    found = by_metric(segcli, "mailing", *FROM, "--metric", "turnover,invoices > 0", "--metric", "invoices,requests")
    with connected(drawn) as db:
        groups = dict(db.execute("SELECT account_id, group_name FROM marketing_list_account"))
        money = dict(db.execute(
            "SELECT account_id, sum(base_revenue_amount) / 10000.0 FROM invoice WHERE kind = 'sales' AND status = 'processed'"
            " AND invoice_date BETWEEN '2026-04-01' AND '2026-06-30' GROUP BY 1"
        ))  # fmt: skip
        number = dict(db.execute(
            "SELECT account_id, count(*) FROM invoice WHERE kind = 'sales' AND status = 'processed' AND total_amount >= 0"
            " AND invoice_date BETWEEN '2026-04-01' AND '2026-06-30' GROUP BY 1"
        ))  # fmt: skip
        asked = dict(
            db.execute(
                "SELECT account_id, count(*) FROM request WHERE request_date BETWEEN '2026-04-01' AND '2026-06-30' GROUP BY 1"
            )
        )

    def values(source: dict[int, float], group: str) -> list[float]:
        return [source.get(account, 0) for account, name in groups.items() if name == group]

    for metric, source in (("invoices", number), ("requests", asked), ("turnover", money)):
        for group in ("A", "B"):
            ours, theirs = values(source, group), values(source, "holdout")
            row = found[metric, group]
            scale = 100 if metric == "turnover" else 1
            assert row["accounts"] == len(ours)
            assert row["value"] == pytest.approx(statistics.mean(ours) / scale, abs=0.006)
            assert row["control"] == pytest.approx(statistics.mean(theirs) / scale, abs=0.006)
            assert row["difference"] == pytest.approx(
                (statistics.mean(ours) - statistics.mean(theirs)) / scale, abs=0.006
            )
            # Half the interval is t times the standard error: between the normal quantile and that of 20 degrees of freedom.
            error = math.sqrt(statistics.variance(ours) / len(ours) + statistics.variance(theirs) / len(theirs)) / scale
            half = (float(str(row["high"])) - float(str(row["low"]))) / 2
            assert 1.96 * error < half < 2.09 * error
    for group in ("A", "B"):
        bought = [value > 0 for value in values(number, group)]
        assert found["invoices > 0", group]["value"] == pytest.approx(100 * sum(bought) / len(bought), abs=0.0001)
        assert found["invoices > 0", group]["measure"] == "rate, %"
    assert found["turnover", "A"]["measure"] == "mean, EUR"
    counts = [list(groups.values()).count(name) for name in ("A", "B", "holdout")]
    expected = [sum(counts) * share for share in (0.45, 0.45, 0.10)]
    chi_square = sum((n - e) ** 2 / e for n, e in zip(counts, expected, strict=True))
    ratio = found["sample ratio", "all"]
    assert (ratio["accounts"], ratio["value"]) == (sum(counts), pytest.approx(chi_square, abs=0.0001))
    assert ratio["p"] == pytest.approx(math.exp(-chi_square / 2), rel=1e-3)  # the tail of two degrees of freedom


def test_the_default_shows_who_bought_and_turnover(segcli: Run, drawn: Path) -> None:
    found = by_metric(segcli, "mailing", *FROM)
    assert [key for key in found if key[1] == "A"] == [("invoices > 0", "A"), ("turnover", "A")]
    other = by_metric(segcli, "mailing", *FROM, "--control", "a")
    assert [key[1] for key in other] == ["all", "B", "holdout", "B", "holdout"]
    assert other["turnover", "holdout"]["difference"] == pytest.approx(
        -float(str(found["turnover", "A"]["difference"])), abs=1e-9
    )
    wide, narrow = (by_metric(segcli, "mailing", *FROM, "--confidence", c)["turnover", "A"] for c in ("99%", "80"))
    assert float(str(wide["low"])) < float(str(narrow["low"])) < float(str(narrow["high"])) < float(str(wide["high"]))
    assert [wide[name] for name in ("value", "difference", "p")] == [
        narrow[name] for name in ("value", "difference", "p")
    ]


def test_a_window_of_its_own_and_conditions(segcli: Run, drawn: Path) -> None:
    """The window of a metric counts back from the last day; a condition may hold brackets, commas and quotes."""
    metrics = "turnover(91d),turnover,class1 in (N, S),name contains ',',over_limit"
    found = by_metric(segcli, "mailing", *FROM, "--metric", metrics)
    names = ("turnover(91d)", "turnover", "class1 in (N, S)", "name contains ','", "over_limit")
    assert list(dict.fromkeys(key[0] for key in found)) == ["sample ratio", *names]
    for group in ("A", "B"):
        assert found["turnover(91d)", group]["value"] == found["turnover", group]["value"]
    assert found["over_limit", "A"]["measure"] == "rate, %"


def test_who_counts(segcli: Run, empty: Path) -> None:
    """Accounts that left or opted out count, those that joined later do not, and a merge of two groups is left out: all are told."""
    groups = {str(code): _group(str(code)) for code in range(1000, 1120)}
    Path("a.csv").write_text("account,name,class1\n" + "".join(f"{code},N{code},X\n" for code in groups))
    Path("c.csv").write_text(
        "account,contact,name,email\n" + "".join(f"{code},1,C,c{code}@x.example\n" for code in groups)
    )
    bought = [code for code in groups if int(code) % 3 == 0]
    Path("i.csv").write_text(
        "invoice_number,account,invoice_date,net_amount\n" + "".join(f"{c},{c},2026-06-10,10\n" for c in bought)
    )
    for name in "aci":
        assert segcli("import", f"{name}.csv", "--create-missing").status == 0
    held = {name: [code for code in groups if groups[code] == name] for name in ("A", "holdout")}
    assert segcli("tag", *held["A"][:2], "--clear", "class1", "--yes").status == 0
    assert (
        segcli("list", "create", "l", "--class1", "X", "--split", "1:1", "--holdout", "20", "--seed", "s").status == 0
    )
    words = ("l", "--from", "2026-06-01", "--to", "2026-06-30", "--metric", "invoices > 0")
    first = by_metric(segcli, *words)
    assert first["invoices > 0", "A"]["accounts"] == len(held["A"]) - 2
    assert segcli("list", "opt-out", f"c{held['A'][2]}@x.example").status == 0
    assert segcli("tag", held["A"][3], "--clear", "class1", "--yes").status == 0
    assert segcli("list", "sync").status == 0
    left = segcli("list", "results", *words, "-f", "md")
    assert "1 account left the list since" in left.out
    assert by_metric(segcli, *words) == first
    with connected(empty) as db:  # as if the two joined on a later day
        db.execute("UPDATE marketing_list SET split_date = '2026-06-01'")
        db.execute("UPDATE marketing_list_account SET group_date = '2026-06-01'")
        db.commit()
    assert segcli("tag", *held["A"][:2], "--set", "class1=X", "--yes").status == 0
    assert segcli("list", "sync").status == 0
    joined = segcli("list", "results", *words)
    assert (joined.status, "left out: 2 accounts joined after the first day" in joined.err) == (0, True)
    assert by_metric(segcli, *words) == first
    assert segcli("list", "results", *words, "--strict").status == 1
    later = by_metric(segcli, "l", "--from", "2026-06-30", "--to", "2026-06-30", "--metric", "invoices > 0")
    assert later["invoices > 0", "A"]["accounts"] == len(held["A"])
    assert segcli("account", "merge", held["A"][5], held["holdout"][0]).status == 0
    assert segcli("account", "merge", held["A"][6], held["A"][7]).status == 0
    merged = segcli("list", "results", *words, "-f", "md")
    assert "1 account merged since" in merged.out
    assert "1 account merged of two groups" in merged.err
    found = by_metric(segcli, *words)
    assert found["sample ratio", "all"]["accounts"] == len(groups) - 2 - 3
    assert segcli("check").status == 0


def _group(code: str) -> str:
    number = int(hashlib.sha256(f"s|{code}".encode()).hexdigest()[:8], 16) % 10_000
    return "holdout" if number < 2_000 else "A" if number < 6_000 else "B"


def test_unknown_amounts_are_left_out(segcli: Run, drawn: Path) -> None:
    with connected(drawn) as db:
        code = db.execute(
            "SELECT a.code FROM account AS a JOIN marketing_list_account AS g ON g.account_id = a.id WHERE g.group_name = 'A'"
        ).fetchone()[0]
    Path("i.csv").write_text(f"invoice_number,account,invoice_date,net_amount,currency\nX1,{code},2026-06-10,10,SEK\n")
    assert segcli("import", "i.csv").status == 0
    before = by_metric(segcli, "mailing", *FROM, "--metric", "invoices")["invoices", "A"]["accounts"]
    done = segcli("list", "results", "mailing", *FROM, "--metric", "turnover", "-f", "json")
    assert done.rows[1]["accounts"] == int(str(before)) - 1
    assert "1 account with an unknown turnover" in done.err
    assert "1 invoice of 1 account, SEK" in done.err
    assert segcli("list", "results", "mailing", *FROM, "--strict").status == 1
    power = segcli("list", "power", "mailing", "--metric", "turnover")
    assert "1 account with an unknown turnover" in power.err
    assert segcli("list", "power", "mailing", "--metric", "turnover", "--strict").status == 1


def test_a_skewed_sample_is_warned_of(segcli: Run, drawn: Path) -> None:
    assert "do not fit" not in segcli("list", "results", "mailing", *FROM).err
    with connected(drawn) as db:  # as a mailer that loses bounced addresses of group B would
        db.execute("DELETE FROM marketing_list_account WHERE group_name = 'B' AND account_id % 2 = 0")
        db.commit()
    done = segcli("list", "results", "mailing", *FROM, "-f", "json")
    assert "the group sizes do not fit the split" in done.err
    assert float(str(done.rows[0]["p"])) < 0.01


@pytest.mark.parametrize("words", [
    ("mailing",), ("nope", *FROM), ("mailing", *FROM, "--metric", "country"), ("mailing", *FROM, "--metric", "turnover,"),
    ("mailing", *FROM, "--metric", "turnovr"), ("mailing", *FROM, "--metric", "turnover >"), ("mailing", *FROM, "--control", "Z"),
    ("mailing", *FROM, "--confidence", "9"), ("mailing", *FROM, "--confidence", "x"), ("mailing", "--from", "2027-01-01"),
    ("plain", *FROM), ("two", *FROM),
])  # fmt: skip
def test_what_results_refuse(segcli: Run, drawn: Path, words: tuple[str, ...]) -> None:
    assert segcli("list", "create", "plain", "--country", "BE").status == 0
    assert segcli("list", "create", "two", "--country", "BE", "--split", "1:1").status == 0
    done = segcli("list", "results", *words)
    assert (done.status, done.out) == (2, "")
    assert segcli("list", "results", "two", *FROM, "--control", "B").status == 0


def test_power_of_a_rate_and_a_mean(segcli: Run, drawn: Path) -> None:
    """From plain SQL and the formulas of the manual, with the quantiles 1.959964 and 0.841621."""
    with connected(drawn) as db:
        rows = db.execute(
            "SELECT a.id, (SELECT count(*) FROM invoice AS i WHERE i.account_id = a.id AND kind = 'sales' AND i.status = 'processed'"
            " AND total_amount >= 0 AND invoice_date > '2026-04-01' AND invoice_date <= '2026-06-30') FROM account AS a WHERE country = 'NL'"
        ).fetchall()
    numbers = [number for _, number in rows]
    rate, mean, deviation = (
        sum(n > 0 for n in numbers) / len(numbers),
        statistics.mean(numbers),
        statistics.stdev(numbers),
    )
    other = rate * 1.2
    middle = (rate + other) / 2
    for_rate = (
        1.959964 * math.sqrt(2 * middle * (1 - middle)) + 0.841621 * math.sqrt(rate * (1 - rate) + other * (1 - other))
    ) ** 2 / (other - rate) ** 2
    for_mean = (1.959964 + 0.841621) ** 2 * deviation**2 * 2 / (mean * 0.2) ** 2
    words = ("--country", "NL", "--metric", "invoices > 0,invoices", "--uplift", "20%", "--window", "90d", "-f", "json")
    found = segcli("list", "power", *words).rows
    assert [row["needed"] for row in found] == [math.ceil(for_rate), math.ceil(for_mean)]
    assert [row["control_needed"] for row in found] == [math.ceil(for_rate), math.ceil(for_mean)]
    assert found[0]["value"] == pytest.approx(100 * rate, abs=0.0001)
    assert found[1]["deviation"] == pytest.approx(deviation, abs=0.0001)
    assert {(row["accounts"], row["control_accounts"]) for row in found} == {(round(len(rows) / 2),) * 2}
    half = round(len(rows) / 2)
    detectable = (1.959964 + 0.841621) * deviation * math.sqrt(2 / half) / mean
    assert found[1]["detectable"] == pytest.approx(100 * detectable, rel=1e-3)


def test_power_of_a_list_uses_its_groups(segcli: Run, drawn: Path) -> None:
    sizes = {row["test_group"]: row["accounts"] for row in segcli("list", "show", "mailing", "-f", "json").rows}
    rows = segcli("list", "power", "mailing", "--metric", "invoices", "-f", "json").rows
    assert [(row["test_group"], row["accounts"], row["control_accounts"]) for row in rows] == [
        (name, sizes[name], sizes["holdout"]) for name in ("A", "B")
    ]
    for row in rows:
        assert int(str(row["needed"])) == pytest.approx(4.5 * int(str(row["control_needed"])), abs=5)
    assert segcli("list", "create", "plain", "--country", "BE").status == 0
    plain = segcli("list", "power", "plain", "--split", "1:1:1", "--control", "C", "-f", "json").rows
    assert [row["test_group"] for row in plain] == ["A", "B", "A", "B"]
    nothing = segcli("list", "power", "--all", "--metric", "quantity(1d)", "--as-of", "2020-01-01", "-f", "json").rows
    assert [(row["value"], row["needed"], row["detectable"]) for row in nothing] == [(0, None, None)]
    for words in (("mailing", "--country", "NL"), (), ("mailing", "--split", "1:1"), ("--all", "--window", "9"), ("--all", "--uplift", "0"),
                  ("--all", "--uplift", "x"), ("--all", "--metric", "name"), ("nope",)):  # fmt: skip
        assert segcli("list", "power", *words).status == 2, words


@pytest.mark.repeats
def test_hillstrom(segcli: Run, empty: Path) -> None:
    """64,000 customers, in the groups that their codes get; figures of statsmodels and scipy (tests/domain/test_campaign_statistics.py)."""
    arms = {"A": hillstrom.MENS, "B": hillstrom.WOMENS, "C": hillstrom.NOBODY}
    codes = _codes({name: arm.customers for name, arm in arms.items()})
    with Path("a.csv").open("w") as a, Path("c.csv").open("w") as c, Path("i.csv").open("w") as i:
        a.write("account,name,class3\n")
        c.write("account,contact,name,email\n")
        i.write("invoice_number,account,invoice_date,net_amount\n")
        for name, arm in arms.items():
            _write(codes[name], arm, a, c, i)
    for name in "aci":
        assert segcli("import", f"{name}.csv", "--create-missing").status == 0
    assert segcli("list", "create", "test", "--all", "--split", "1:1:1", "--seed", "hillstrom").status == 0
    words = (
        "test",
        "--from",
        "2026-06-01",
        "--to",
        "2026-06-30",
        "--control",
        "C",
        "--metric",
        "class3 = VISITED,invoices > 0,turnover",
    )
    found = by_metric(segcli, *words)
    assert (found["sample ratio", "all"]["value"], found["sample ratio", "all"]["p"]) == (0.2025, 0.9037)
    shown = {
        key: tuple(row[name] for name in ("value", "control", "difference", "low", "high", "p"))
        for key, row in found.items()
    }
    assert shown["class3 = VISITED", "A"] == (18.2757, 10.6167, 7.659, 6.9953, 8.3227, 5.685e-112)
    assert shown["class3 = VISITED", "B"] == (15.14, 10.6167, 4.5233, 3.8894, 5.1574, 3.182e-44)
    assert shown["invoices > 0", "A"] == (1.2531, 0.5726, 0.6805, 0.5014, 0.8641, 1.523e-13)
    assert shown["invoices > 0", "B"] == (0.8837, 0.5726, 0.3111, 0.1502, 0.4745, 0.0001571)
    assert shown["turnover", "A"] == (1.4226, 0.6528, 0.7698, 0.4851, 1.0545, 1.164e-07)
    assert shown["turnover", "B"] == (1.0772, 0.6528, 0.4244, 0.169, 0.6799, 0.001129)


def test_no_label_hides_the_usual_metrics(segcli: Run, drawn: Path) -> None:
    plain = by_metric(segcli, "mailing", *FROM)
    for field, text in (("class5", "Turnover"), ("class6", "invoices")):
        assert segcli("classification", "label", field, text).status == 0
    hidden = by_metric(segcli, "mailing", *FROM)
    words = {"invoices > 0": "account.invoices > 0", "turnover": "account.turnover"}
    expected = {(words.get(m, m), g): row | {"metric": words.get(m, m)} for (m, g), row in plain.items()}
    assert hidden == expected
    assert segcli("list", "power", "mailing").status == 0


def test_power_of_a_rate_tells_what_it_leaves_out(segcli: Run, drawn: Path) -> None:
    asked = ("list", "power", "mailing", "--metric", "turnover > 500", "--window", "24m")
    assert segcli(*asked).err == ""
    with connected(drawn) as db:
        db.execute(
            "UPDATE invoice SET base_revenue_amount = NULL, exchange_rate = NULL, is_rate_stated = 0 WHERE id = (SELECT max(i.id) FROM"
            " invoice AS i JOIN marketing_list_account AS g ON g.account_id = i.account_id WHERE i.kind = 'sales' AND i.status = 'processed')"
        )
        db.commit()
    assert "no exchange rate is known: 1 invoice of 1 account" in segcli(*asked, "-q", "-f", "csv").err
    assert segcli(*asked, "--strict").status == 1


def test_power_of_a_stored_group_that_nobody_can_be_in(segcli: Run, drawn: Path) -> None:
    with connected(drawn) as db:
        db.execute("""UPDATE marketing_list SET split = '{"holdout": 10, "shares": [100000, 1, 1]}'""")
        db.commit()
    groups = {row["test_group"] for row in segcli("list", "power", "mailing", "-f", "json").rows}
    assert groups == {"A"}
    done = segcli("list", "power", "mailing", "--control", "C")
    assert (done.status, "group C has no accounts" in done.err) == (2, True)


def _codes(wanted: dict[str, int]) -> dict[str, list[str]]:
    """Return as many codes as wanted that belong to each of three equal groups."""
    found: dict[str, list[str]] = {name: [] for name in wanted}
    number = 0
    while any(len(found[name]) < count for name, count in wanted.items()):
        number += 1
        code = f"{number:06d}"
        bucket = int(hashlib.sha256(f"hillstrom|{code}".encode()).hexdigest()[:8], 16) % 10_000
        name = "A" if 3 * bucket < 10_000 else "B" if 3 * bucket < 20_000 else "C"
        if len(found[name]) < wanted[name]:
            found[name].append(code)
    return found


def _write(codes: list[str], arm: Arm, accounts, contacts, invoices) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - files
    amounts = list(arm.amounts)
    for place, code in enumerate(codes):
        accounts.write(f"{code},N{code},{'VISITED' if place < arm.visits else ''}\n")
        contacts.write(f"{code},1,C,c{code}@x.example\n")
        if place < len(amounts):
            invoices.write(f"{code},{code},2026-06-10,{amounts[place] / 100:.2f}\n")


def test_power_says_why_there_is_no_number_needed(segcli: Run, example: Path) -> None:
    assert example.exists()
    power = ("list", "power", "--metric", "invoices > 0,turnover", "--window", "60d", "--where")
    quiet = segcli(*power, "last_invoice < 60d ago", "-f", "json")
    assert [row["needed"] for row in quiet.rows] == [None, None]
    assert "list power: invoices > 0 is 0 in the window 60d: there is no number needed; take a longer" in quiet.err
    assert "turnover is 0 in the window 60d" in quiet.err
    bought = segcli(*power, "last_invoice >= 50d ago", "-f", "csv")  # each of them bought
    assert "invoices > 0 is the same for all accounts in the window 60d" in bought.err
    with connected(example) as db:
        count, every = db.execute(
            "SELECT count(DISTINCT account_id) FILTER (WHERE invoice_date > '2026-05-01'), count(DISTINCT account_id) FROM invoice"
            " WHERE kind = 'sales' AND status = 'processed' AND total_amount >= 0 AND invoice_date > '2026-03-31'"
        ).fetchone()
    assert count / every > 0.5
    most = segcli(*power, "last_invoice > 2026-03-31", "--uplift", "100%", "-f", "csv")
    assert f"invoices > 0 is {100 * count / every:.4g} %: an uplift of 100 % is above 100 %" in most.err
