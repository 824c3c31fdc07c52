"""Baskets: pairs by support, confidence and lift, and gaps; against figures worked out by hand and by sets in Python."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected
from support import published

from segcli.interface.command import Session

# Six invoices. Tea twice on I1 counts once; a line of -1 does not count; I6 is a credit note, S1 has no item, O1 is open.
INVOICES = """invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount
I1,2026-01-10,A,processed,EUR,60,0,60
I2,2026-02-10,A,processed,EUR,35,0,35
I3,2026-03-10,B,processed,EUR,10,0,10
I4,2026-04-10,B,processed,EUR,40,0,40
I5,2026-05-10,C,processed,EUR,45,0,45
S1,2026-05-11,C,processed,EUR,5,0,5
I6,2026-06-10,B,processed,EUR,-40,0,-40
O1,2026-06-11,A,open,EUR,5,0,5
"""
LINES = """invoice_number,line,item,description,quantity,net_amount
I1,1,TEA,,1,10
I1,2,TEA,,2,20
I1,3,POT,,1,30
I2,1,TEA,,1,10
I2,2,POT,,1,30
I2,3,CUP,,-1,-5
I3,1,TEA,,1,10
I4,1,POT,,1,30
I4,2,CUP,,2,10
I5,1,TEA,,1,10
I5,2,POT,,1,30
I5,3,CUP,,1,5
S1,1,,Advice,1,5
I6,1,TEA,,-1,-10
I6,2,POT,,-1,-30
O1,1,CUP,,1,5
"""
ACCOUNTS = "account,name,class1\nA,Ann,N\nB,Ben,N\nC,Col,S\nD,Dan,S\n"


@pytest.fixture
def shop(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEGCLI_TODAY", "2026-06-30")
    Path("items.csv").write_text("item,description,item_group\nTEA,Tea,Drinks\nPOT,Pot,\nCUP,Cup,Ware\n")
    Path("accounts.csv").write_text(ACCOUNTS)
    Path("invoices.csv").write_text(INVOICES)
    Path("lines.csv").write_text(LINES)
    done = segcli("import", "items.csv", "accounts.csv", "invoices.csv", "lines.csv", "--create-missing")
    assert done.status == 0, done.err
    return empty


def figures(segcli: Run, *words: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    names = ("invoices", "one_invoices", "other_invoices", "support", "confidence", "confidence_back", "lift")
    rows = segcli("basket", "-f", "json", *words).rows
    return {(row["one"], row["other"]): tuple(row[name] for name in names) for row in rows}


def test_pairs_worked_out_by_hand(segcli: Run, shop: Path) -> None:
    # Of 5 invoices tea is on I1 I2 I3 I5, the pot on I1 I2 I4 I5, the cup on I4 I5.
    assert figures(segcli, "--least", "1") == {
        ("POT", "TEA"): (3, 4, 4, 60, 75, 75, 0.9375),  # 3 x 5 / (4 x 4)
        ("CUP", "POT"): (2, 2, 4, 40, 100, 50, 1.25),
        ("CUP", "TEA"): (1, 2, 4, 20, 50, 25, 0.625),
    }
    assert list(figures(segcli, "--least", "1")) == [("CUP", "POT"), ("POT", "TEA"), ("CUP", "TEA")]  # by lift
    assert list(figures(segcli, "--least", "1", "--sort", "-support", "--limit", "2")) == [
        ("POT", "TEA"),
        ("CUP", "POT"),
    ]
    assert set(figures(segcli)) == {("POT", "TEA"), ("CUP", "POT")}  # two invoices at least
    assert set(figures(segcli, "--least", "3")) == {("POT", "TEA")}


def test_what_is_left_out_is_told(segcli: Run, shop: Path) -> None:
    told = segcli("basket", "-f", "table").out.splitlines()[-1]
    assert told == (
        "until 2026-06-30 · 5 invoices · left out: 1 line without an item, 1 line with a quantity of zero or less, 1 invoice with none of them"
    )
    told = segcli("basket", "--by", "group", "-f", "table").out.splitlines()[-1]
    assert "5 invoices · left out: 1 line without an item, 4 lines whose item has no group, 1 line with" in told


def test_window_selection_and_value(segcli: Run, shop: Path) -> None:
    assert figures(segcli, "--least", "1", "--to", "2026-01-31") == {("POT", "TEA"): (1, 1, 1, 100, 100, 100, 1)}
    assert figures(segcli, "--least", "1", "--period", "2026Q1")["POT", "TEA"][:3] == (2, 2, 3)
    assert figures(segcli, "--least", "1", "--window", "3m")["POT", "TEA"][:3] == (1, 2, 1)  # I4 and I5
    assert figures(segcli, "--least", "1", "--account", "B") == {("CUP", "POT"): (1, 1, 1, 50, 100, 100, 2)}
    rows = segcli("basket", "--per", "class1", "--least", "1", "--sort", "value", "-f", "json").rows
    assert [(r["value"], r["one"], r["other"], r["invoices"], r["lift"]) for r in rows] == [
        ("N", "CUP", "POT", 1, 1.3333), ("N", "POT", "TEA", 2, 0.8889),  # of 4 invoices: 1 x 4 / (1 x 3), 2 x 4 / (3 x 3)
        ("S", "CUP", "POT", 1, 1), ("S", "CUP", "TEA", 1, 1), ("S", "POT", "TEA", 1, 1),
    ]  # fmt: skip


def test_gaps_worked_out_by_hand(segcli: Run, shop: Path) -> None:
    # Three accounts: too few for a share. The cup is what Ann lacks; tea and pot imply it with 1/3 and 2/4 (lift 0.625, 1.25).
    rows = segcli("basket", "--gap", "--least", "1", "-f", "json").rows
    names = ("account", "missing", "share", "buyers", "similar", "because", "confidence", "lift")
    assert [tuple(row[name] for name in names) for row in rows] == [("A", "CUP", 100, 2, 2, "POT", 50, 1.25)]
    assert segcli("basket", "--gap", "--least", "1", "--confidence", "51", "-f", "json").rows == []
    assert segcli("basket", "--gap", "--least", "1", "--for", "B", "-f", "json").rows == []
    assert "1 selected account bought nothing" in segcli("basket", "--gap", "-f", "table").out  # Dan


def bought(db: Path, per: str) -> Iterator[tuple[str, dict[int, set[str]], dict[int, set[str]]]]:
    """Yield per value the item groups of each invoice and of each account, read with plain SQL."""
    with connected(db) as plain:
        rows = plain.execute(
            f"""SELECT coalesce(v.code, 'none'), i.id, i.account_id, t.item_group FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id
                  JOIN item AS t ON t.id = l.item_id JOIN account AS a ON a.id = i.account_id
                  LEFT JOIN classification_value AS v ON v.id = a.{per}
                 WHERE i.kind = 'sales' AND i.status = 'processed' AND i.total_amount >= 0 AND l.quantity > 0"""
        ).fetchall()
    for value in {row[0] for row in rows}:
        baskets, accounts = defaultdict(set), defaultdict(set)
        for _, invoice, account, group in (row for row in rows if row[0] == value):
            baskets[invoice].add(group)
            accounts[account].add(group)
        yield value, baskets, accounts


def test_the_example_by_sets_in_python(segcli: Run, example: Path) -> None:
    rows = segcli("basket", "--by", "group", "--per", "class1", "-f", "json").rows
    shown = {(r["value"], *sorted((r["one"], r["other"]))): (r["invoices"], r["support"], r["lift"]) for r in rows}
    expected = {}
    for value, baskets, _ in bought(example, "class1"):
        alone = Counter(group for basket in baskets.values() for group in basket)
        both = Counter(pair for basket in baskets.values() for pair in combinations(sorted(basket), 2))
        for (one, other), n in both.items():
            if n >= 2:
                lift = n * len(baskets) / (alone[one] * alone[other])
                expected[value, one, other] = (n, round(100 * n / len(baskets), 4), round(lift, 4))
    assert shown == expected
    assert len(shown) > 100


def test_gaps_of_the_example_by_sets_in_python(segcli: Run, example: Path) -> None:
    rows = segcli(
        "basket", "--gap", "--by", "group", "--per", "class1", "--share", "70", "--confidence", "30", "-f", "json"
    ).rows
    with connected(example) as db:
        codes = dict(db.execute("SELECT id, code FROM account"))
    shown = {(r["account"], r["missing"]): (r["share"], r["confidence"], r["lift"]) for r in rows}
    expected = {}
    for _, baskets, accounts in bought(example, "class1"):
        alone = Counter(group for basket in baskets.values() for group in basket)
        both = Counter(pair for basket in baskets.values() for pair in combinations(sorted(basket), 2))
        both.update({(other, one): n for (one, other), n in dict(both).items()})
        rules = {
            pair: n
            for pair, n in both.items()
            if n >= 2 and 100 * n >= 30 * alone[pair[0]] and n * len(baskets) > alone[pair[0]] * alone[pair[1]]
        }
        owners = Counter(group for groups in accounts.values() for group in groups)
        for account, groups in accounts.items():
            for group in owners.keys() - groups:
                because = [(n / alone[one], n * len(baskets) / (alone[one] * alone[other])) for (one, other), n in rules.items()
                           if one in groups and other == group]  # fmt: skip
                share = 100 * owners[group] / (len(accounts) - 1)
                if because or (len(accounts) > 5 and share >= 70):
                    best = max(because, default=None)
                    expected[codes[account], group] = (
                        round(share, 4),
                        *((round(100 * best[0], 4), round(best[1], 4)) if best else (None, None)),
                    )
    assert shown == expected
    assert sum(confidence is not None for _, confidence, _ in shown.values()) > 5
    strongest = [max(r["share"] or 0, r["confidence"] or 0) for r in rows]
    assert strongest == sorted(strongest, reverse=True)
    one = rows[0]["account"]
    only = segcli(
        "basket",
        "--gap",
        "--by",
        "group",
        "--per",
        "class1",
        "--share",
        "70",
        "--confidence",
        "30",
        "--for",
        one,
        "-f",
        "json",
    ).rows
    assert only == [row for row in rows if row["account"] == one]


def test_no_result_depends_on_ids_or_on_other_accounts(segcli: Run, shop: Path) -> None:
    before = segcli("basket", "--least", "1", "--per", "class1", "--class1", "N", "-f", "csv").out
    with connected(shop) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("UPDATE invoice_line SET item_id = 100 - item_id")
        db.execute("UPDATE item SET id = 100 - id")
        db.execute(
            "UPDATE invoice SET total_amount = 1, net_amount = 1, vat_amount = 0 WHERE account_id = (SELECT id FROM account WHERE code = 'C')"
        )
        db.commit()
    assert segcli("basket", "--least", "1", "--per", "class1", "--class1", "N", "-f", "csv").out == before
    assert before.count("\n") == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--share", "60"), "--share goes with --gap"),
        (("--for", "A"), "--for goes with --gap"),
        (("--gap", "--share", "0"), "no percentage above 0"),
        (("--gap", "--confidence", "x"), "no list of numbers"),
        (("--gap", "--for", "AA"), "there is no account 'AA'"),
        (("--gap", "--for", "A", "--class1", "S"), "account 'A' is not selected"),
        (("--window", "3m", "--from", "2026-01-01"), "exclude each other"),
        (("--window", "3x"), "'3x' is no window"),
        (("--sort", "lfit"), "there is no column 'lfit'"),
        (("--per", "Regio"), "unknown classification 'Regio'"),
    ],
)
def test_wrong_words_are_refused(segcli: Run, shop: Path, words: tuple[str, ...], told: str) -> None:
    done = segcli("basket", *words)
    assert (done.status, told in done.err) == (2, True), done.err


def test_nothing_found(segcli: Run, empty: Path) -> None:
    assert segcli("basket", "-f", "json").rows == []
    assert segcli("basket", "--fail-if-empty").status == 3


def test_an_empty_answer_says_what_finds_more(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert example.exists()
    assert segcli("basket", "--gap").err == ""  # a script has asked for it so
    monkeypatch.setattr(Session, "is_talking", True)
    assert "a lower --share or --confidence, --by group" in segcli("basket", "--gap").err
    assert "a lower --least, --by group" in segcli("basket", "--least", "9999").err
    assert "finds more" not in segcli("basket", "--gap", "--by", "group").err


def test_complete_journey_in_january(segcli: Run, empty: Path) -> None:
    """12,687 baskets of January 2017. The figures come from pandas: sets of products per basket, and itertools.combinations."""
    folder = published.folder("COMPLETEJOURNEY_FOLDER")
    parquet = pytest.importorskip("pyarrow.parquet")
    products = parquet.read_table(folder / "products.parquet", columns=["product_id", "department"]).to_pydict()
    table = parquet.read_table(folder / "transactions.parquet")
    names = ("household_id", "transaction_timestamp", "basket_id", "product_id", "quantity", "sales_value")
    with Path("sales.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("customer", "date", "order number", "item", "quantity", "amount"))
        for household, day, basket, product, quantity, value in zip(
            *(table[name].to_pylist() for name in names), strict=True
        ):
            if str(day) < "2017-02-01":
                writer.writerow((household, str(day)[:10], basket, product, int(quantity), f"{value:.2f}"))
    with Path("items.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("item", "description", "item_group"))
        writer.writerows((number, number, group or "") for number, group in zip(*products.values(), strict=True))
    assert segcli("import", "items.csv").status == 0
    done = segcli("import", "sales.csv", "--as", "sale", "--create-missing")
    assert done.status == 0, done.err
    words = ("basket", "--as-of", "2017-01-31", "-f", "json")
    for by, count, expected in (
        ("group", 92, [({"SEAFOOD", "SEAFOOD-PCKGD"}, 34, 0.268, 6.3908), ({"NUTRITION", "SEAFOOD"}, 39, 0.3074, 3.9345)]),
        ("item", 842, [({"863664", "922318"}, 13, 0.1025, 398.3841), ({"5578494", "5584645"}, 13, 0.1025, 258.5125)]),
    ):  # fmt: skip
        rows = segcli(*words, "--by", by).rows
        assert len(rows) == count
        assert [({r["one"], r["other"]}, r["invoices"], r["support"], r["lift"]) for r in rows[:2]] == expected
