"""What `price` answers: the price of an account, to every digit, and why."""

import csv
import io
import itertools
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import ROOT, Run, connected, fingerprint
from price_case import imported, price

from segcli.query.price_book import Book


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("A", "T1"), (18.9715, 18.97, "RETAIL")),
        (("A", "T1", "10"), (17.99, 179.9, "RETAIL")),  # PL-10
        (("A", "T1", "9.999"), (18.9715, 189.7, "RETAIL")),
        (
            ("A", "T1", "10000", "--unit", "g"),
            (0.01799, 179.9, "RETAIL"),
        ),  # PL-01: Tryton gives 17.99 per kg; ours is per unit asked
        (("A", "T1", "--", "-10"), (17.99, -179.9, "RETAIL")),
        (("A", "T2", "3"), (1.2345, 3.7, "RETAIL")),
        (("A", "T2", "1", "--on", "2026-07-01"), (19, 19, "RETAIL")),
        (
            ("A", "T2", "1", "--unit", "DOZEN", "--on", "2026-07-01"),
            (215.88, 215.88, "RETAIL"),
        ),  # 12 reach the break at 10
        (("A", "T2", "1", "--on", "2027-01-01"), (20, 20, None)),
        (("B", "T1"), (19.97, 19.97, None)),
        (("C", "T1", "1000"), (0.0125, 12.5, "HOTELS")),
        (("C", "T1", "0.5"), (19.97, 9.99, None)),
        (("B", "T3"), (None, None, None)),
    ],
)
def test_what_an_account_pays(segcli: Run, prices: Path, words: tuple[str, ...], expected: object) -> None:
    before = fingerprint(prices)
    assert price(segcli, *words) == expected
    assert fingerprint(prices) == before


def test_no_price_is_empty_in_every_format(segcli: Run, prices: Path) -> None:
    (row,) = segcli("price", "B", "T3", "-f", "json").rows
    assert (row["price"], row["amount"], row["currency"]) == (None, None, None)
    for form in ("csv", "tsv"):
        text = segcli("price", "B", "T3", "-f", form).out
        (cells,) = csv.DictReader(io.StringIO(text), delimiter="," if form == "csv" else "\t")
        assert (cells["price"], cells["amount"]) == ("", "")
    assert segcli("price", "B", "T3", "--fail-if-empty").status == 3
    why = segcli("price", "B", "T3", "--why", "-f", "json").rows
    assert why[-1] == {"what": "price", "price_list": None, "text": "none", "currency": None, "price": None}


def test_every_format_has_the_exact_price(segcli: Run, prices: Path) -> None:
    for form in ("csv", "tsv", "json", "jsonl", "plain", "table", "md", "html", "vertical"):
        for words in (("A", "T1"), ("A", "T1", "--why")):
            assert "18.9715" in segcli("price", *words, "-f", form).out, form
    assert segcli("price", "A", "T1", "-o", "p.xlsx").status == 0
    from python_calamine import load_workbook

    (row,) = load_workbook("p.xlsx").get_sheet_by_index(0).to_python()[1:]
    assert row[6:8] == [18.9715, 18.97]


def test_all_digits_are_kept(segcli: Run, prices: Path) -> None:
    assert imported(segcli, "price_list,item,new_price\nLONG,T1,123456789012345.123456789\n") == 0
    assert imported(segcli, "price_list,account\nLONG,B\n", name="l.csv") == 0
    assert '"price": 123456789012345.123456789,' in segcli("price", "B", "T1", "-f", "json").out
    assert "\t123456789012345.123456789\t123456789012345.12\t" in segcli("price", "B", "T1").out


def test_why(segcli: Run, prices: Path) -> None:
    rows = segcli("price", "A", "T1", "10", "--why", "-f", "json").rows
    assert [(row["what"], row["price"]) for row in rows if row["price"] is not None] == [
        ("sales price", 19.97), ("discount", 17.973), ("rounding", 18), ("surcharge", 17.99), ("price", 17.99),
    ]  # fmt: skip
    assert [row["text"] for row in rows if row["what"] == "lost"] == [
        "basic 2026-01-01..2026-12-31, group Tea: less 5 %: a larger break wins"
    ]
    lost = [row["text"] for row in segcli("price", "A", "T2", "1", "--on", "2026-07-01", "--why", "-f", "json").rows]
    assert any(text.endswith("its period ended on 2026-06-30") for text in lost)
    assert any(text.endswith("its break begins at 10 piece") for text in lost)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("AA", "T1"), "there is: A, B, C"),
        (("A", "T9"), "there is: T1, T2, T3"),
        (("A", "T1", "x"), "write it as"),
        (("A", "T1", "1e3"), "write it as"),
        (("A", "T1", "1", "--on", "2026-02-30"), "2026-02-28"),
        (("A", "T1", "1", "--unit", "box"), "kg, g"),
        (("A",), ""),
    ],
)
def test_wrong_usage(segcli: Run, prices: Path, words: tuple[str, ...], hint: str) -> None:
    done = segcli("price", *words)
    assert (done.status, done.out) == (2, "")
    assert hint in done.err


def test_hostile_names(segcli: Run, prices: Path) -> None:
    evil = "\x1b]0;x\x07[/bold]"
    with connected(prices) as db:
        db.execute("UPDATE price_list SET code = ? WHERE code = 'RETAIL'", (evil,))
        db.execute("UPDATE item SET unit = ?, item_group = ?", (evil, evil))
        db.execute("UPDATE price_list_line SET item_group = ? WHERE item_group IS NOT NULL", (evil,))
        db.commit()
    for form in ("csv", "tsv", "json", "jsonl", "plain", "table", "md", "html", "vertical"):
        for words in (("price", "A", "T1", "--why"), ("price", "A", "T1"), ("run", "link-price-list")):
            done = segcli(*words, "-f", form)
            assert done.status == 0
            assert not {"\x1b", "\x07"} & set(done.out + done.err)
    done = segcli("price", "A", evil)
    assert done.status == 2
    assert not {"\x1b", "\x07"} & set(done.err)


Rows = list[dict[str, str]]


def fits(row: dict[str, str], item: dict[str, str], quantity: int, day: str) -> bool:
    is_for = row["item"] in {"", item["item"]} and row["item_group"] in {"", item["item_group"]}
    is_time = (row["start_date"] or day) <= day <= (row["end_date"] or day)
    return is_for and is_time and quantity >= int(row["minimum_quantity"] or 0)


def plain(lists: Rows, codes: tuple[str, ...], item: dict[str, str], quantity: int, day: str) -> Decimal:
    """Return the price by the first of these lists that has a line, by plain rules and in decimals."""
    sales = Decimal(item["sales_price"])
    if not codes:
        return sales
    rows = [row for row in lists if row["price_list"] == codes[0] and fits(row, item, quantity, day)]
    rows = [row for row in rows if row["period_type"] == "offer"] or rows
    rows = [row for row in rows if row["item"]] or [row for row in rows if row["item_group"]] or rows
    if not rows:
        return plain(lists, codes[1:], item, quantity, day)
    row = max(rows, key=lambda row: int(row["minimum_quantity"] or 0))
    if row["new_price"]:
        return Decimal(row["new_price"])
    if row["base_price_list"]:  # that list alone, else the sales price: no standard list in between
        sales = plain(lists, (row["base_price_list"],), item, quantity, day)
    base = Decimal(item["cost_price"]) * Decimal(row["rate"]) if row["base"] == "cost" else sales
    step = Decimal(row["rounding"] or "0.000000001")
    found = (base * (100 - Decimal(row["discount"] or 0)) / 100 / step).quantize(Decimal(1), "ROUND_HALF_UP") * step
    return max(found + Decimal(row["surcharge"] or 0), base + Decimal(row["minimum_margin"] or -(10**6)))


def test_the_example_by_another_route(segcli: Run, example: Path) -> None:
    """Work out every price of the files again; that the lists read backwards are the same ones, too."""
    folder = ROOT / "examples" / "administration"
    texts = {name: (folder / f"{name}.csv").read_text(encoding="utf-8") for name in ("items", "price_lists")}
    items, lists = (list(csv.DictReader(io.StringIO(text))) for text in texts.values())
    head, *lines = texts["price_lists"].splitlines()
    Path("backwards.csv").write_text("\n".join((head, *reversed(lines))) + "\n", encoding="utf-8")
    assert segcli("import", "backwards.csv", "--exit-code").status == 0
    days = ("2024-12-31", "2025-01-01", "2026-05-31", "2026-06-30")
    codes = sorted({row["price_list"] for row in lists})
    cases = list(itertools.product(codes, items, (1, 10, 24, 50, 99, 100), days))
    assert len(cases) == 6 * 40 * 6 * 4
    with connected(example) as db:
        book = Book(db)
        for code, item, quantity, day in cases:
            found = book.answer(code, book.item(item["item"]), Fraction(quantity), day).price
            wanted = plain(lists, tuple(dict.fromkeys((code, "STANDARD"))), item, quantity, day)
            assert found == Fraction(wanted), (code, item["item"], quantity, day)
