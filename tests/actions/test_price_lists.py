"""Price lists: how they come in, what `price` answers, and linking them, twice and back."""

import csv
import io
import itertools
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import APPLY, APPLY_SELECTED, ROOT, Run, connected, fingerprint

from segcli.query.price_book import Book

HEAD = "price_list,currency,period_type,start_date,end_date,item,item_group,minimum_quantity,new_price,discount,rounding,surcharge\n"
LISTS = (
    "RETAIL,EUR,basic,2026-01-01,2026-12-31,,Tea,0,,5,,\n"
    "RETAIL,EUR,basic,2026-01-01,2026-12-31,,Tea,10,,10,1,-0.01\n"
    "RETAIL,EUR,offer,2026-06-01,2026-06-30,T2,,0,1.2345,,,\n"
    "HOTELS,USD,basic,,,T1,,1,0.0125,,,\n"
)
EXACT = [
    {"__metadata": {"type": "Exact.Web.Api.Models.Sales.SalesPriceList"}, "ID": "l-1", "Code": "EX", "Currency": "EUR",
     "Description": "Klanten", "Entity": 1, "Type": 1},
    {"__metadata": {"type": "Exact.Web.Api.Models.Sales.SalesPriceListPeriod"}, "ID": "p-1", "PriceList": "l-1",
     "StartDate": "/Date(1767225600000)/", "EndDate": None, "Type": 1},
    {"__metadata": {"type": "Exact.Web.Api.Models.Sales.SalesPriceListPeriod"}, "ID": "p-2", "PriceList": "l-1",
     "StartDate": "/Date(1780272000000)/", "EndDate": "/Date(1782777600000)/", "Type": 2},
    {"__metadata": {"type": "Exact.Web.Api.Models.Sales.SalesPriceListVolumeDiscount"}, "ID": "v-1", "PriceListPeriod": "p-1",
     "Item": "i-1", "ItemCode": "T1", "Quantity": 1.0, "EntryMethod": 1, "Discount": 0.07000000000000001, "NewPrice": 18.5,
     "BasePrice": None, "BasePriceAmount": 19.97, "NumberOfItemsPerUnit": 1.0, "Unit": "kg"},
    {"__metadata": {"type": "Exact.Web.Api.Models.Sales.SalesPriceListVolumeDiscount"}, "ID": "v-2", "PriceListPeriod": "p-2",
     "ItemCode": "T1", "Quantity": 2, "EntryMethod": 2, "Discount": 0.5, "NewPrice": 9.125, "NumberOfItemsPerUnit": 1, "Unit": "kg"},
    {"__metadata": {"type": "Exact.Web.Api.Models.Sales.SalesPriceListVolumeDiscount"}, "ID": "v-3", "PriceListPeriod": "p-1",
     "ItemCode": "T2", "Quantity": 1, "EntryMethod": 1, "Discount": 0.25, "BasePrice": "b-1", "BasePriceAmount": 8},
    {"__metadata": {"type": "Exact.Web.Api.Models.Sales.SalesPriceListVolumeDiscount"}, "ID": "v-4", "PriceListPeriod": "p-1",
     "ItemGroupCode": "Tea", "Quantity": 1, "EntryMethod": 1, "Discount": 0.1},
    {"__metadata": {"type": "Exact.Web.Api.Models.Sales.SalesPriceListLinkedAccount"}, "ID": "a-1", "Code": "                 A",
     "Name": "A", "PriceList": "l-1"},
]  # fmt: skip


@pytest.fixture
def prices(segcli: Run, empty: Path) -> Path:
    Path("items.csv").write_text(
        "item,description,item_group,unit,sales_price,cost_price\nT1,One,Tea,kg,19.97,10.00\nT2,Two,Tea,piece,20.00,\nT3,Three,,piece,,\n"
    )
    Path("units.csv").write_text("item,unit,factor\nT1,g,0.001\nT2,dozen,12\n")
    Path("accounts.csv").write_text("account,name,country\nA,A,NL\nB,B,NL\nC,C,BE\n")
    Path("lists.csv").write_text(HEAD + LISTS)
    Path("links.csv").write_text("price_list,account\nRETAIL,A\nhotels,C\n")
    done = segcli("import", "links.csv", "lists.csv", "units.csv", "items.csv", "accounts.csv")
    assert done.status == 0, done.err
    return empty


def price(segcli: Run, *words: object) -> tuple[float | None, float | None, str | None]:
    done = segcli("price", "-f", "json", *words)
    assert done.status == 0, done.err
    (row,) = done.rows
    return row["price"], row["amount"], row["price_list"]


def imported(segcli: Run, text: str, *words: str, name: str = "more.csv") -> int:
    Path(name).write_text(text)
    return segcli("import", name, *words).status


def lists(segcli: Run) -> dict[str, str | None]:
    return {row["account"]: row["price_list"] for row in segcli("run", "link-price-list", "-f", "json").rows}


# ------------------------------------------------------------------------------------------------- price
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


# ------------------------------------------------------------------------------------------------- import
def test_importing_again_changes_nothing(segcli: Run, prices: Path) -> None:
    before = fingerprint(prices)
    for name in ("lists.csv", "links.csv", "units.csv", "items.csv"):
        assert segcli("import", name, "--again", "--exit-code").status == 0
    assert fingerprint(prices) == before


def test_the_lines_of_the_file_are_those_of_the_list(segcli: Run, prices: Path) -> None:
    rows = segcli("import", "lists.csv", "--again", "--dry-run", "-f", "json").rows
    assert [(row["added"], row["changed"], row["unchanged"]) for row in rows] == [(0, 0, 2)]
    assert imported(segcli, HEAD + "retail,EUR,basic,2026-01-01,2026-12-31,,Tea,0,,6.00,,\n") == 0
    assert price(segcli, "A", "T1", "10") == (18.7718, 187.72, "RETAIL")
    assert price(segcli, "C", "T1", "1")[2] == "HOTELS"
    assert imported(segcli, "price_list,description\nRETAIL,Shops\n", name="heads.csv") == 0
    assert price(segcli, "A", "T1", "10")[0] == 18.7718, "a file of heads leaves the lines alone"
    with connected(prices) as db:
        assert db.execute("SELECT count(*) FROM price_list_period").fetchone() == (2,)
        assert db.execute("SELECT description FROM price_list WHERE code = 'RETAIL'").fetchone() == ("Shops",)


def test_dutch_headers_and_decimal_commas(segcli: Run, prices: Path) -> None:
    text = "Prijslijst;Omschrijving;Valuta;Soort;Startdatum;Einddatum;Artikelcode;Vanaf aantal;Nieuwe prijs;Korting\n"
    text += "WINKEL;Winkels;EUR;Basis;01-02-2026;31-12-2026;T1;1;12,3456;\nWINKEL;;;Aanbieding;01-06-2026;30-06-2026;T2;1;;12,5\n"
    assert imported(segcli, text) == 0
    assert imported(segcli, "Prijslijst;Relatiecode\nWINKEL;B\n", name="koppeling.csv") == 0
    assert price(segcli, "B", "T1") == (12.3456, 12.35, "WINKEL")
    assert price(segcli, "B", "T2") == (17.5, 17.5, "WINKEL")


def test_a_workbook(segcli: Run, prices: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook("lists.xlsx")
    sheet = book.add_worksheet()
    for number, row in enumerate(
        [("price_list", "item", "minimum_quantity", "new_price"), ("X", "T1", 0, 1.25), ("X", "T1", 10, 0.0125)]
    ):
        sheet.write_row(number, 0, row)
    book.close()
    assert segcli("import", "lists.xlsx").status == 0
    assert imported(segcli, "price_list,account\nX,B\n") == 0
    assert price(segcli, "B", "T1", "10") == (0.0125, 0.13, "X")


@pytest.mark.parametrize(
    "row",
    [
        "X,EUR,basic,2017-04-20,2017-04-17,T1,,0,1,,,",  # PL-04
        "X,EUR,basic,,,T1,,0,1,,,\nX,EUR,basic,,,T1,,0.0,2,,,",  # PL-04
        "X,EUR,basic,,,T1,,0,1,,,\nX,USD,basic,,,T2,,0,2,,,",
        "X,EUR,basic,,,T1,Tea,0,1,,,",
        "X,EUR,basic,,,T9,,0,1,,,",
        "X,EUR,basic,,,,Coffee,0,1,,,",
        "X,EUR,basic,,,T1,,0,1,5,,",
        "X,EUR,basic,,,T1,,0,,,,",
        "X,EUR,basic,,,T1,,-1,1,,,",
        "X,EUR,basic,,,T1,,0,-1,,,",
        "X,EUR,basic,,,T1,,0,,100.01,,",
        "X,EUR,basic,,,T1,,0,,5,-1,",
        "X,EUR,sometimes,,,T1,,0,1,,,",
        "X,EUR,basic,,,T1,,0,1.1234567891,,,",
        ",EUR,basic,,,T1,,0,1,,,",
    ],
)
def test_lines_that_cannot_be(segcli: Run, prices: Path, row: str) -> None:
    before = fingerprint(prices)
    assert imported(segcli, f"{HEAD}{row}\n") == 1
    assert fingerprint(prices) == before


@pytest.mark.parametrize(
    "text",
    [
        "price_list,account\nNOPE,A\n",
        "price_list,account\nRETAIL,ZZ\n",
        "price_list,account\nRETAIL,A\nHOTELS,A\n",
        "price_list,base_price_list,discount\nX,NOPE,1\n",
        "price_list,rate,discount\nX,0,1\n",
        "price_list,base_price_list,discount\nX,x,1\n",
        "price_list,item,unit,new_price\nX,T1,box,1\n",
        "price_list,item_group,unit,new_price\nX,Tea,dozen,1\n",
        "item,unit,factor\nT1,box,0\n",
        "item,unit,factor\nT9,box,6\n",
        "item,unit,factor\nT1,box,6\nT1,BOX,7\n",
    ],
)
def test_what_is_refused_beside_lines(segcli: Run, prices: Path, text: str) -> None:
    before = fingerprint(prices)
    assert imported(segcli, text) == 1
    assert fingerprint(prices) == before


CIRCLE = "price_list,base_price_list,discount\n"


def test_lists_that_start_from_each_other_are_refused(segcli: Run, prices: Path) -> None:
    before = fingerprint(prices)
    Path("c.csv").write_text(f"{CIRCLE}A1,B1,5\nB1,C1,5\nC1,a1,5\nD1,A1,5\n")
    refused = segcli("import", "c.csv")
    assert (refused.status, fingerprint(prices) == before) == (1, True)
    assert "c.csv:2:base_price_list: 'B1': price lists start from each other: a1 -> b1 -> c1 -> a1" in refused.err
    assert "4 rows rejected" in refused.err
    skipped = segcli("import", "c.csv", "--on-error", "skip")
    # D1 starts from a list that is not there then.
    assert (skipped.status, "4 rows rejected" in skipped.err, fingerprint(prices) == before) == (5, True, True)
    assert "c.csv:5:base_price_list: 'A1': there is no such price list" in skipped.err


def test_no_file_closes_a_circle_that_another_one_began(segcli: Run, prices: Path) -> None:
    assert imported(segcli, f"{CIRCLE}C1,,5\nB1,C1,5\nA1,B1,5\n", name="one.csv") == 0
    before = fingerprint(prices)
    Path("two.csv").write_text(f"{CIRCLE}C1,A1,4\n")
    refused = segcli("import", "two.csv")
    assert (refused.status, fingerprint(prices) == before) == (1, True)
    assert "two.csv:2:base_price_list: 'A1': price lists start from each other: c1 -> a1 -> b1 -> c1" in refused.err
    # A file that turns the chain round closes none: the lists of the file have the lines of the file.
    assert imported(segcli, f"{CIRCLE}C1,B1,5\nB1,A1,5\nA1,,5\n", name="turned.csv") == 0
    # A list all of whose lines are rejected keeps those that it has, and they count.
    Path("three.csv").write_text(f"{CIRCLE}C1,B1,5\nA1,C1,3\n")
    assert segcli("import", "three.csv", "--on-error", "skip").status == 5
    assert "price lists" not in [row["check"] for row in segcli("check", "-f", "json").rows if row["result"] != "ok"]


def test_a_circle_of_an_older_database_has_no_price_and_is_listed(segcli: Run, prices: Path) -> None:
    assert imported(segcli, f"{CIRCLE}C1,,5\nB1,C1,5\nA1,B1,5\n", name="one.csv") == 0
    assert imported(segcli, "price_list,account\nA1,B\n", name="l.csv") == 0
    assert price(segcli, "B", "T2")[2] == "A1"
    with connected(prices) as db:
        ids = dict(db.execute("SELECT code, id FROM price_list"))
        db.execute(
            "UPDATE price_list_line SET base_price_list_id = ? WHERE price_list_period_id IN"
            " (SELECT id FROM price_list_period WHERE price_list_id = ?)",
            (ids["A1"], ids["C1"]),
        )
        db.commit()
    (row,) = segcli("price", "B", "T2", "-f", "json").rows
    assert (row["price"], row["amount"], row["price_list"]) == (None, None, None)
    circle = "price lists start from each other: A1 -> B1 -> C1 -> A1"
    assert circle in segcli("price", "B", "T2", "-f", "md").out
    why = segcli("price", "B", "T2", "--why", "-f", "json").rows
    assert [row["what"] for row in why if circle in row["text"]] == ["lost"]
    assert segcli("price", "B", "T2", "--fail-if-empty").status == 3
    found = segcli("check", "-f", "json")
    assert found.status == 0
    assert [(row["result"], row["detail"]) for row in found.rows if row["check"] == "price lists"] == [
        ("warning", circle)
    ]


def test_units_of_lines(segcli: Run, prices: Path) -> None:
    text = "price_list,item,minimum_quantity,unit,unit_factor,new_price\n"
    text += "UNITS,T2,0,Piece,,20\nUNITS,T2,1,dozen,,200\nUNITS,T2,1,box,100,1500\nUNITS,T1,0,,,5\nUNITS,T3,0,x,1,7\n"
    assert imported(segcli, text) == 0
    assert imported(segcli, "price_list,account\nUNITS,B\n", name="l.csv") == 0
    assert [price(segcli, "B", "T2", n)[:2] for n in (11, 12, 100)] == [(20, 220), (16.666666667, 200), (15, 1500)]
    assert price(segcli, "B", "T2", "1", "--unit", "dozen") == (200, 200, "UNITS")
    assert (price(segcli, "B", "T1")[0], price(segcli, "B", "T3")[0]) == (5, 7)
    before = fingerprint(prices)
    assert segcli("import", "more.csv", "--again", "--exit-code").status == 0
    assert fingerprint(prices) == before


def test_bases_rates_groups_and_a_standard_list(segcli: Run, prices: Path) -> None:
    assert (
        imported(segcli, "item_group,description,parent\nTea,Tea,Drinks\nDrinks,All drinks,\n", name="groups.csv") == 0
    )
    text = (
        "price_list,currency,rate,is_standard,item,item_group,base,base_price,base_price_list,discount,minimum_margin\n"
    )
    text += "TOP,EUR,,0,,,,,RETAIL,10,\nUSD,USD,1.1,0,,Drinks,,,,0,\nALL,,,1,T1,,cost,,,-20,5\nALL,,,1,T2,,,8,,25,\n"
    assert imported(segcli, text, name="x.csv") == 0
    assert price(segcli, "B", "T1") == (15, 15, "ALL"), "cost 10 + 20 % = 12, at least 10 + 5"
    assert price(segcli, "B", "T2") == (6, 6, "ALL")
    assert price(segcli, "A", "T1")[2] == "RETAIL", "one's own list comes before the standard one"
    assert imported(segcli, "price_list,account\nTOP,A\nUSD,B\n", name="y.csv") == 0
    assert price(segcli, "A", "T1") == (17.07435, 17.07, "TOP")
    assert price(segcli, "B", "T1") == (21.967, 21.97, "USD"), "Tea is a part of Drinks"


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_exact_online_in_whatever_order(segcli: Run, prices: Path, order: slice) -> None:
    Path("exact.json").write_text(json.dumps({"d": {"results": EXACT[order]}}))
    for _ in range(2):
        done = segcli("import", "exact.json", "--again")
        assert done.status == 0, done.err
    assert price(segcli, "A", "T1", "1") == (18.5721, 18.57, "EX")
    assert price(segcli, "A", "T1", "2") == (9.125, 18.25, "EX"), "a special offer, to its last day"
    assert price(segcli, "A", "T1", "2", "--on", "2026-07-01")[0] == 18.5721
    assert price(segcli, "A", "T2", "1") == (6, 6, "EX")
    before = fingerprint(prices)
    assert segcli("import", "exact.json", "--again", "--exit-code").status == 0
    assert fingerprint(prices) == before


def test_exact_online_in_files_of_their_own(segcli: Run, prices: Path) -> None:
    for number, record in enumerate(EXACT):
        Path(f"{9 - number}.json").write_text(json.dumps([record]))
    done = segcli("import", *(f"{n}.json" for n in range(2, 10)))
    assert done.status == 0, done.err
    assert price(segcli, "A", "T1", "1") == (18.5721, 18.57, "EX")
    changed = EXACT[3] | {"Discount": 0.1}
    assert imported(segcli, json.dumps([changed]), name="c.json") == 0
    assert price(segcli, "A", "T1", "1") == (17.973, 17.97, "EX")


@pytest.mark.parametrize(
    "record",
    [
        EXACT[1] | {"PriceList": "l-9"},
        EXACT[1] | {"ID": "p-9"},  # another period of the same dates
        EXACT[2] | {"EndDate": "/Date(0)/"},
        EXACT[3] | {"PriceListPeriod": "p-9"},
        EXACT[3] | {"ID": "v-9"},  # another line for the same
        EXACT[3] | {"ItemCode": "T9"},
        EXACT[7] | {"PriceList": "l-9"},
    ],
)
def test_exact_online_what_is_refused(segcli: Run, prices: Path, record: object) -> None:
    assert imported(segcli, json.dumps(EXACT), name="exact.json") == 0
    before = fingerprint(prices)
    assert imported(segcli, json.dumps([record]), name="bad.json") == 1
    assert fingerprint(prices) == before


def test_exact_online_gives_a_list_another_code(segcli: Run, prices: Path) -> None:
    assert imported(segcli, json.dumps(EXACT), name="exact.json") == 0
    renamed = EXACT[0] | {"Code": "EX2"}
    Path("r.json").write_text(json.dumps([renamed]))
    assert segcli("import", "r.json", "--exit-code").status == 4
    assert segcli("import", "r.json", "--exit-code", "--again").status == 0
    assert price(segcli, "A", "T1", "1") == (18.5721, 18.57, "EX2")
    before = fingerprint(prices)
    assert imported(segcli, json.dumps([renamed | {"Code": "RETAIL"}]), name="s.json") == 1
    assert (
        imported(segcli, json.dumps([renamed | {"Code": "N"}, renamed | {"Code": "n", "ID": "l-2"}]), name="t.json")
        == 1
    )
    assert (
        imported(
            segcli,
            json.dumps([renamed | {"ID": "l-3", "Code": "M"}, renamed | {"ID": "l-3", "Code": "O"}]),
            name="u.json",
        )
        == 1
    )
    assert fingerprint(prices) == before


def test_a_file_gives_way_to_exact_online(segcli: Run, prices: Path) -> None:
    text = "price_list,currency,start_date,item,minimum_quantity,unit,new_price\nEX,EUR,2026-01-01,T1,1,kg,1\n"
    assert imported(segcli, text, name="x.csv") == 0
    assert imported(segcli, json.dumps(EXACT), name="exact.json") == 0
    assert price(segcli, "A", "T1", "1") == (18.5721, 18.57, "EX")


# ------------------------------------------------------------------------------------------- link-price-list
def test_link_replace_unlink_and_back(segcli: Run, prices: Path) -> None:
    assert lists(segcli) == {"A": "RETAIL", "C": "HOTELS"}
    preview = segcli("run", "link-price-list", "retail", "-f", "json").rows
    assert [(r["account"], r["name"], r["price_list"], r["becomes"]) for r in preview] == [
        ("A", "A", "RETAIL", None), ("B", "B", None, "RETAIL"), ("C", "C", "HOTELS", "RETAIL"),
    ]  # fmt: skip
    assert segcli("run", "link-price-list", "retail", *APPLY).status == 0
    assert lists(segcli) == {"A": "RETAIL", "B": "RETAIL", "C": "RETAIL"}
    before = fingerprint(prices)
    assert segcli("run", "link-price-list", "retail", *APPLY, "--exit-code").status == 0
    assert fingerprint(prices) == before, "twice is once"
    first = segcli("log", "-f", "json").rows[0]["run"]
    unlinked = segcli("run", "link-price-list", "RETAIL", "--unlink", "--country", "NL", "-f", "json").rows
    assert [row["becomes"] for row in unlinked] == ["none", "none"]
    assert segcli("run", "link-price-list", "RETAIL", "--unlink", "--country", "NL", *APPLY_SELECTED).status == 0
    assert lists(segcli) == {"C": "RETAIL"}
    second = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("undo", second, "--yes").status == 0
    assert lists(segcli) == {"A": "RETAIL", "B": "RETAIL", "C": "RETAIL"}
    assert segcli("undo", first, "--yes").status == 0
    assert lists(segcli) == {"A": "RETAIL", "C": "HOTELS"}
    assert segcli("undo", segcli("log", "-f", "json").rows[0]["run"], "--yes").status == 0  # and back again
    assert lists(segcli) == {"A": "RETAIL", "B": "RETAIL", "C": "RETAIL"}
    assert segcli("check").status == 0


def test_undo_leaves_what_changed_since(segcli: Run, prices: Path) -> None:
    assert segcli("run", "link-price-list", "RETAIL", *APPLY).status == 0
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("run", "link-price-list", "HOTELS", "--account", "B", *APPLY_SELECTED).status == 0
    assert segcli("undo", run, "--yes").status == 0
    assert lists(segcli) == {"A": "RETAIL", "B": "HOTELS", "C": "HOTELS"}


def test_unlinking_leaves_other_lists(segcli: Run, prices: Path) -> None:
    assert segcli("run", "link-price-list", "HOTELS", "--unlink", *APPLY).status == 0
    assert lists(segcli) == {"A": "RETAIL"}


@pytest.mark.parametrize(
    ("words", "status", "hint"),
    [
        (("RETIAL",), 2, "RETAIL"),
        (("RETAIL", "--apply"), 2, "--all"),
        (APPLY, 2, "which price list"),
        (("--unlink",), 2, "which price list"),
        (("--details",), 2, "which price list"),
        (("RETAIL", *APPLY, "--max-changes", "1"), 6, "2 of 3 accounts"),
        (("RETAIL", "--account", "ZZ", *APPLY_SELECTED), 2, "ZZ"),
        (("RETAIL", *APPLY, "--dry-run", "--exit-code", "-o", "x.csv"), 4, ""),
    ],
)
def test_what_is_refused(segcli: Run, prices: Path, words: tuple[str, ...], status: int, hint: str) -> None:
    before = fingerprint(prices)
    done = segcli("run", "link-price-list", *words)
    assert (done.status, done.out) == (status, "")
    assert hint in done.err
    assert fingerprint(prices) == before


def test_details_show_nothing_before_there_are_lines(segcli: Run, prices: Path) -> None:
    done = segcli("run", "link-price-list", "RETAIL", "--details", "-f", "json")
    assert (done.status, done.rows) == (0, [])
    assert segcli("run", "link-price-list", "RETAIL", "--details", "--fail-if-empty").status == 3


def test_details_are_the_items_last_bought(segcli: Run, prices: Path) -> None:
    head = "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
    days = (
        ("B", "2026-05-01"),
        ("B", "2026-06-01"),
        ("B", "2025-06-30"),
        ("A", "2026-06-01"),
        ("B", "2026-07-01"),
        ("C", "2026-06-02"),
    )
    rows = (f"I{number},{day},{account},processed,EUR,0,0,0" for number, (account, day) in enumerate(days, 1))
    assert imported(segcli, head + "\n".join(rows) + "\nI7,2026-06-20,B,draft,EUR,0,0,0\n", name="invoices.csv") == 0
    bought = [(1, "T1", "1", ""), (2, "T1", "4", "kg"), (2, "T1", "6000", "G"), (1, "T3", "1", ""), (3, "T2", "1", ""), (4, "T1", "1", ""),
              (5, "T2", "1", ""), (6, "T1", "2", "bag"), (7, "T2", "1", "")]  # fmt: skip
    text = "".join(
        f"I{number},{at},{item},{quantity},{unit},0\n" for at, (number, item, quantity, unit) in enumerate(bought, 1)
    )
    done = imported(segcli, "invoice_number,line,item,quantity,unit,net_amount\n" + text, name="lines.csv")
    assert done == 0
    done = segcli("run", "link-price-list", "RETAIL", "--details", "-f", "json")
    assert done.status == 0, done.err
    columns = (
        "account",
        "item",
        "last_bought",
        "quantity",
        "price_list",
        "price_now",
        "becomes",
        "price_then",
        "difference",
    )
    assert [tuple(row[name] for name in columns) for row in done.rows] == [
        ("B", "T1", "2026-06-01", 10, None, 19.97, "RETAIL", 17.99, -1.98),
        ("B", "T3", "2026-05-01", 1, None, None, "RETAIL", None, None),
        ("C", "T1", "2026-06-02", 2, "HOTELS", 0.0125, "RETAIL", 18.9715, None),  # dollars and euros are not compared
    ]
    rows = segcli("run", "link-price-list", "RETAIL", "--details", "--group-by", "country", "-f", "json").rows
    assert sorted((row["country"], row["accounts"], row["items"]) for row in rows) == [("BE", 1, 1), ("NL", 1, 2)]
