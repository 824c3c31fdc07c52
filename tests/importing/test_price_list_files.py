"""Price lists as files: tables, workbooks and Exact Online's answers, in whatever order."""

import json
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint
from price_case import HEAD, imported, price

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


@pytest.mark.repeats
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
    assert (skipped.status, "4 rows rejected" in skipped.err, fingerprint(prices) == before) == (1, True, True)
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
    assert segcli("import", "three.csv", "--on-error", "skip").status == 1
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
