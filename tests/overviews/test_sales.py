"""Invoices and their analysis: sums by another route, Northwind's published figures, periods, roles, ABC and the rest."""

import csv
import json
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run, connected, fingerprint, is_sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLE = ROOT / "examples" / "administration"
PROFILES = """profiles:
  customers: {as: account, dates: iso, decimal: ".", map: {CustomerID: account, CompanyName: name, Region: state}}
  products: {as: item, decimal: ".", map: {ProductID: item, ProductName: description, CategoryID: item_group, UnitPrice: sales_price}}
  orders: {as: invoice, dates: iso, decimal: ".", map: {OrderID: invoice_number, CustomerID: account, OrderDate: invoice_date}}
  lines: {as: invoice_line, decimal: ".", map: {OrderID: invoice_number, ProductID: item, UnitPrice: unit_price, Quantity: quantity}}
"""


def table(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def analysis(segcli: Run, *words: object, name: str = "sales-analysis") -> list[dict[str, Any]]:
    done = segcli("show", name, "-f", "json", *words)
    assert done.status == 0, done.err
    return done.rows


def by_hand(*keys: str, start: str = "0", end: str = "9") -> dict[tuple[str, ...], tuple[Decimal, int]]:
    """Return revenue and number of invoices of the example by these keys, from its files."""
    accounts = {row["account"]: row for row in table("accounts")}
    groups = {row["item"]: row["item_group"] for row in table("items")}
    invoices = {row["invoice_number"]: row for row in table("invoices") if row["status"] == "processed"}
    revenue: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    seen: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for line in table("invoice_lines"):
        invoice = invoices.get(line["invoice_number"])
        if invoice is None or not start <= invoice["invoice_date"] <= end:
            continue
        known = {**accounts[invoice["account"]], "month": invoice["invoice_date"][:7], "item": line["item"],
                 "item_group": groups[line["item"]]}  # fmt: skip
        key = (*(known[name] for name in keys), invoice["currency"])
        revenue[key] += Decimal(line["net_amount"])
        seen[key].add(line["invoice_number"])
    return {key: (total, len(seen[key])) for key, total in revenue.items()}


@pytest.mark.parametrize(
    "keys",
    [("account",), ("class1",), ("item_group",), ("item",), ("month",), ("item_group", "class1"), ("country", "month"),
     ("manager", "item")],
)  # fmt: skip
@pytest.mark.parametrize("days", [(), ("2026-01-01", "2026-03-31"), ("2026-01-10", "2026-02-20")])
def test_any_dimension_is_what_the_files_say(
    segcli: Run, example: object, keys: tuple[str, ...], days: tuple[str, str]
) -> None:
    wanted = by_hand(*keys, **dict(zip(("start", "end"), days, strict=False)))
    words = ("--from", days[0], "--to", days[1]) if days else ()
    rows = analysis(segcli, "--group-by", ",".join(keys), *words)
    found = {
        (*(row[key] or "" for key in keys), row["currency"]): (Decimal(str(row["revenue"])), row["invoices"])
        for row in rows
    }
    if keys == ("month",):  # a month without invoices in a currency is there with 0
        found = {key: values for key, values in found.items() if key in wanted or any(values)}
    assert found == wanted
    assert all(
        list(row)[len(keys) + 1 : len(keys) + 6] == ["quantity", "revenue", "cost", "margin", "invoices"]
        for row in rows
    )


def northwind(segcli: Run, shared: Path) -> None:
    Path("nw.yaml").write_text(PROFILES)
    assert segcli("init", "--currency", "USD").status == 0
    for profile, file in (
        ("customers", "customers"),
        ("products", "products"),
        ("orders", "orders"),
        ("lines", "order_details"),
    ):
        done = segcli("--config", "nw.yaml", "import", "--profile", profile, shared / f"data/northwind/{file}.csv")
        assert done.status == 0, done.err


def test_northwinds_figures(segcli: Run, shared: Path, database: Path) -> None:
    northwind(segcli, shared)
    before = fingerprint(database)
    assert (
        segcli(
            "--config",
            "nw.yaml",
            "import",
            "--profile",
            "lines",
            "--again",
            shared / "data/northwind/order_details.csv",
        ).status
        == 0
    )
    assert fingerprint(database) == before
    rows = analysis(segcli, "--group-by", "account", "--abc")
    assert [row["revenue"] for row in rows if row["account"] == "QUICK"] == [110277.31]
    assert [sum(row["abc"] == letter for row in rows) for letter in "ABC"] == [34, 27, 28]
    assert analysis(segcli, "--group-by", "year,month", "--columns", "revenue", "--limit", "1")
    whole = segcli("show", "sales-analysis", "-f", "md").out
    assert "1,265,793.04" in whole  # what is rounded is the sum, not each line of it
    exact: dict[str, Decimal] = defaultdict(Decimal)
    with (shared / "data/northwind/orders.csv").open(encoding="utf-8") as file:
        customer = {row["OrderID"]: row["CustomerID"] for row in csv.DictReader(file)}
    with (shared / "data/northwind/order_details.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            exact[customer[row["OrderID"]]] += (
                Decimal(row["UnitPrice"]) * Decimal(row["Quantity"]) * (1 - Decimal(row["Discount"]))
            )
    cents = {code: amount.quantize(Decimal("0.01"), ROUND_HALF_UP) for code, amount in exact.items()}
    assert {row["account"]: Decimal(str(row["revenue"])) for row in rows} == cents
    groups = segcli("show", "sales-analysis", "--group-by", "class1", "-f", "md").out
    assert "1,265,793.04" in groups
    idle = segcli("show", "account-overview", "--columns", "account,last_invoice", "-f", "json").rows
    assert {row["account"] for row in idle if row["last_invoice"] is None} == {"FISSA", "PARIS", "Val2", "VALON"}


def test_exacts_invoices_match_their_own_totals(segcli: Run, empty: Path, shared: Path) -> None:
    file = shared / "data/exact/rest-sales-invoices.json"
    done = segcli("import", file)
    assert (done.status, "there is no such account" in done.err) == (1, True)
    for words in ((), ("--again",)):
        assert segcli("import", file, "--create-missing", *words).status == 0
        rows = segcli(
            "show",
            "invoice-history",
            "--columns",
            "order_number,status,net_amount,vat_amount,total_amount,name",
            "-f",
            "json",
        ).rows
        assert [tuple(row.values())[:5] for row in rows] == [
            ("1", "open", 7500, 1575, 9075),
            ("2", "open", 5250, 1102.5, 6352.5),
        ]
    lines = segcli("show", "invoice-history", "--lines", "-f", "json").rows
    assert [(row["quantity"], row["net_amount"]) for row in lines] == [(300, 7500), (70, 5250)]
    assert analysis(segcli) == []  # open invoices are no sales yet
    # Its account was known by its GUID only; the accounts' own import tells the code.
    Path("a.json").write_text(json.dumps([{"Code": "77", "Name": "ABC", "ID": "3734121e-1544-4b77-9ae2-7203e9bd6046",
                                           "__metadata": {"type": "Exact.Web.Api.Models.Account"}}]))  # fmt: skip
    assert segcli("import", "a.json").status == 0
    assert {row["account"] for row in segcli("show", "invoice-history", "-f", "json").rows} == {"77"}


def test_exacts_xml_invoices_and_items(segcli: Run, empty: object) -> None:
    accounts = '<Account code="7"><Name>Kaas</Name></Account><Account code="8"><Name>Melk</Name></Account>'
    items = (
        '<Item code="THEE"><Description>Thee</Description><ItemCategory code="T"/><Sales><Price><Currency code="EUR"/>'
        "<Value>5.95</Value></Price></Sales><Costs><Price><Value>3.1</Value></Price></Costs></Item>"
    )

    def sale(attributes: str, lines: str) -> str:
        return (
            f'<Invoice {attributes}><InvoiceDate>2026-05-01</InvoiceDate><Description>D</Description><OrderedBy code="8"/>'
            f'<InvoiceTo code="7"/><PaymentCondition code="30"/><ForeignAmount><Currency code="EUR"/></ForeignAmount>{lines}</Invoice>'
        )

    line = (
        '<InvoiceLine line="1"><Item code="THEE"/><Quantity>10</Quantity><UnitPrice><Currency code="EUR"/><Value>5.95</Value>'
        "<VATPercentage>0.21</VATPercentage></UnitPrice><DiscountPercentage>0.1</DiscountPercentage></InvoiceLine>"
    )
    processed = sale('invoicenumber="2601" ordernumber="1" status="50"', line)
    waiting = sale('ordernumber="2" status="20"', line.replace("10<", "2<"))
    plain = sale('ordernumber="3" status="20"', line.replace("<DiscountPercentage>0.1</DiscountPercentage>", ""))
    Path("e.xml").write_text(
        f'<?xml version="1.0"?><eExact><Accounts>{accounts}</Accounts><Items>{items}</Items><Invoices>{processed}{waiting}{plain}</Invoices></eExact>'
    )
    for words in ((), ("--again",)):
        done = segcli("import", "e.xml", *words)
        assert done.status == 0, done.err
        rows = segcli(
            "show",
            "invoice-history",
            "--columns",
            "order_number,invoice_number,status,ordered_by,net_amount,vat_amount",
            "-f",
            "json",
        ).rows
        # 10 x 5.95 less 10 % is 53.55, its VAT 11.2455; 2 x 5.95 less 10 % is 10.71, its VAT 2.2491;
        # 10 x 5.95 is 59.50, its VAT 12.495.
        assert sorted(map(str, (tuple(row.values()) for row in rows))) == sorted(map(str, [
            ("1", "2601", "processed", "8", 53.55, 11.25), ("2", None, "open", "8", 10.71, 2.25), ("3", None, "open", "8", 59.5, 12.5)]))  # fmt: skip
    assert [(row["account"], row["revenue"]) for row in analysis(segcli)] == [("8", 53.55)]


def invoice(segcli: Run, lines: list[str], currency: str = "EUR", head: str = "", status: int = 0) -> Any:
    Path("h.csv").write_text(
        f"invoice_number,account,invoice_date,currency{head.split('|', maxsplit=1)[0]}\n1,C,2026-05-01,{currency}{head.partition('|')[2]}\n"
    )
    Path("l.csv").write_text(
        "invoice_number,line,description,quantity,unit_price,discount_percent,vat_percent\n" + "\n".join(lines) + "\n"
    )
    Path("a.csv").write_text("account,name\nC,C\n")
    done = segcli("import", "a.csv", "h.csv", "l.csv", "--decimal", ".", "-f", "json")
    assert done.status == status, done.err
    return done


@pytest.mark.parametrize(
    ("lines", "currency", "wanted"),
    [
        (["1,1,a,1,33.33,0,21", "1,2,b,1,33.33,0,21", "1,3,c,1,33.33,0,21"], "EUR", (99.99, 21, 120.99)),  # 20.9979
        (["1,1,a,1,100,100,21"], "EUR", (0, 0, 0)),
        (["1,1,a,2,10,0,21", "1,2,b,-1,5,0,21"], "EUR", (15, 3.15, 18.15)),
        (["1,1,a,3,10,0,21", "1,2,b,1,10,0,9"], "EUR", (40, 7.2, 47.2)),
        (["1,1,a,3,335,0,10"], "JPY", (1005, 101, 1106)),  # 100.5 is rounded up
        (["1,1,a,1,1.005,0,10"], "KWD", (1.005, 0.101, 1.106)),
        (["1,1,a,-1,100,0,21"], "EUR", (-100, -21, -121)),
        (["1,1,a,3,19.97,10,0"], "EUR", (53.92, 0, 53.92)),  # 53.919
    ],
)
def test_net_and_vat_follow_from_the_lines(
    segcli: Run, empty: object, lines: list[str], currency: str, wanted: Any
) -> None:
    for _ in range(2):
        invoice(segcli, lines, currency)
        (row,) = segcli("show", "invoice-history", "--columns", "net_amount,vat_amount,total_amount", "-f", "json").rows
        assert tuple(row.values()) == wanted


def test_an_invoice_that_says_otherwise_than_its_lines_is_reported(segcli: Run, empty: object) -> None:
    done = invoice(segcli, ["1,1,a,1,100,0,21"], head=",net_amount,vat_amount|,99,21")
    assert "the sales invoice 1 is 99.00 EUR net, its lines add up to 100.00 EUR" in done.rows[2]["notes"]
    assert {row["result"] for row in segcli("check", "-f", "json").rows if row["check"] == "invoice lines"} == {
        "warning"
    }


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("9,1,a,1,1,0,21", "there is no such invoice"),
        ("1,1,a,x,1,0,21", "this is not a number"),
        ("1,1,a,1,,0,21", "no amount and no price"),
        ("1,1,a,999,999999999999999,0,21", "this number is too large"),
        ("1,1,a,999999999999999,0,0,21", "this number is too large"),
        ("1,1,a,1,1,0,21\n1,1,b,1,1,0,21", "duplicate of line 2"),
    ],
)
def test_lines_that_cannot_be(segcli: Run, empty: Path, line: str, words: str) -> None:
    done = invoice(segcli, [line], status=1)
    assert words in done.err
    assert is_sound(empty)
    assert segcli("show", "invoice-history", "--lines", "-f", "json").rows == []


def test_invoices_and_lines_that_were_exported_come_in_again(segcli: Run, example: Path, tmp_path: Path) -> None:
    wanted = analysis(segcli, "--group-by", "item,month", "--columns", "item,month,currency,quantity,revenue,invoices")
    Path("items.csv").write_text((EXAMPLE / "items.csv").read_text(encoding="utf-8"), encoding="utf-8")
    assert segcli("show", "account-search", "--inactive", "-o", "accounts.csv").status == 0
    assert segcli("show", "invoice-history", "-o", "invoices.xlsx").status == 0
    assert (
        segcli("show", "invoice-history", "--lines", "-o", "lines.xlsx").status == 0
    )  # headings for people: Discount %
    other = ("--database", str(tmp_path / "other.db"))
    assert segcli("init", *other).status == 0
    done = segcli("import", "accounts.csv", "items.csv", "invoices.xlsx", "lines.xlsx", *other)
    assert done.status == 0, done.err
    assert (
        analysis(
            segcli, "--group-by", "item,month", "--columns", "item,month,currency,quantity,revenue,invoices", *other
        )
        == wanted
    )


def test_roles(segcli: Run, empty: object) -> None:
    Path("a.csv").write_text("account,name\nO,Orders\nI,Invoiced\nD,Delivered\n")
    Path("h.csv").write_text(
        "invoice_number,account,ordered_by,deliver_to,invoice_date,net_amount,vat_amount\n1,I,O,D,2026-05-01,10,0\n"
    )
    Path("l.csv").write_text("invoice_number,quantity,unit_price\n1,1,10\n")
    assert segcli("import", "a.csv", "h.csv", "l.csv").status == 0
    found = {
        role: [row["account"] for row in analysis(segcli, *role)]
        for role in ((), ("--role", "invoice-to"), ("--role", "deliver-to"))
    }
    assert found == {(): ["O"], ("--role", "invoice-to"): ["I"], ("--role", "deliver-to"): ["D"]}
    assert [row["account"] for row in segcli("show", "invoice-history", "-f", "json").rows] == ["I"]
    assert len(segcli("show", "invoice-history", "--role", "ordered-by", "--account", "O", "-f", "json").rows) == 1


def test_compared_with_the_year_before(segcli: Run, example: object) -> None:
    rows = {row["country"]: row for row in analysis(segcli, "--group-by", "country", "--period", "2026Q1", "--compare", "year")
            if row["currency"] == "EUR"}  # fmt: skip
    now, before = (by_hand("country", start=f"{y}-01-01", end=f"{y}-03-31") for y in (2026, 2025))
    for (country, currency), (total, _) in before.items():
        if currency == "EUR":
            row = rows[country]
            revenue = now.get((country, currency), (Decimal(0), 0))[0]
            assert Decimal(str(row["revenue_before"])) == total
            assert Decimal(str(row["change"])) == revenue - total
    assert segcli("show", "sales-analysis", "--compare", "year").status == 2
    assert segcli("show", "sales-analysis", "--compare", "year", "--period", "2026", "--group-by", "month").status == 2


@pytest.mark.parametrize(
    ("days", "start", "end"),
    [
        (("--period", "2026Q1"), "2025-10-01", "2025-12-31"),
        (("--period", "2026-03"), "2026-02-01", "2026-02-28"),
        (("--from", "2026-02-01", "--to", "2026-03-31"), "2025-12-01", "2026-01-31"),
        (("--from", "2026-02-10", "--to", "2026-02-19"), "2026-01-31", "2026-02-09"),  # ten days
        (("--from", "2026-02-01", "--to", "2026-02-27"), "2026-01-05", "2026-01-31"),
    ],
)
def test_compared_with_the_period_before(
    segcli: Run, example: object, days: tuple[str, ...], start: str, end: str
) -> None:
    words = ("--group-by", "country", *days, "--compare", "previous")
    rows = {(row["country"], row["currency"]): row["revenue_before"] for row in analysis(segcli, *words)}
    wanted = {key: float(total) for key, (total, _) in by_hand("country", start=start, end=end).items()}
    assert {key: value for key, value in rows.items() if value} == {key: v for key, v in wanted.items() if v}
    assert f"against {start} to {end}" in segcli("show", "sales-analysis", *words, "-f", "md").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--group-by", "item", "--across", "item"), "--across item: --group-by has it already"),
        (("--across", "class1", "--compare", "year", "--period", "2026"), "--across and --compare exclude each other"),
        (("--top", "3", "--across", "class1"), "--top goes neither with --abc nor with --across"),
        (("--top", "3", "--abc"), "--top goes neither with --abc nor with --across"),
    ],
)
def test_what_does_not_go_together(segcli: Run, example: object, words: tuple[str, ...], said: str) -> None:
    done = segcli("show", "sales-analysis", *words)
    assert (done.status, done.out, said in done.err) == (2, "", True), done.err


def test_credit_notes_are_what_is_below_nothing(segcli: Run, example: object) -> None:
    rows = segcli("show", "invoice-history", "--credit-notes", "--columns", "invoice_number", "-f", "json").rows
    assert {row["invoice_number"] for row in rows} == {
        row["invoice_number"]
        for row in table("invoices")
        if row["total_amount"].startswith("-") and row["invoice_number"]
    }
    assert rows


def test_the_largest_and_the_rest_are_the_whole(segcli: Run, example: object) -> None:
    whole, top = analysis(segcli), analysis(segcli, "--top", "3")
    for currency in {row["currency"] for row in whole}:
        parts = [row for row in top if row["currency"] == currency]
        assert round(sum(row["revenue"] for row in parts), 2) == round(
            sum(r["revenue"] for r in whole if r["currency"] == currency), 2
        )
        assert len(parts) <= 4
        assert all(row["account"] != "(the rest)" for row in parts[:-1])


def test_across_and_down_are_the_same(segcli: Run, example: object) -> None:
    rows = analysis(segcli, "--group-by", "item_group", "--across", "class1")
    for row in rows:
        assert round(sum(value for name, value in row.items() if name.startswith("revenue_")), 2) == row["revenue"]
    assert segcli("show", "sales-analysis", "--across", "account").status == 2  # three hundred columns
    assert segcli("show", "sales-analysis", "--across", "nonsense").status == 2


def test_the_summary_follows_every_change(segcli: Run, example: Path) -> None:
    def proven() -> bool:
        return {row["result"] for row in segcli("check", "-f", "json").rows if row["check"] == "summaries"} == {"ok"}

    assert proven()
    Path("h.csv").write_text("invoice_number,account,invoice_date,status\n25000001,000017,2025-02-01,processed\n")
    assert segcli("import", "h.csv").status == 0
    assert proven()
    Path("l.csv").write_text("invoice_number,line,item,quantity,unit_price\n25000001,1,THE001,2,5\n")
    assert segcli("import", "l.csv").status == 0
    assert proven()
    (row,) = analysis(segcli, "--account", "000017", "--period", "2025-02", "--item", "THE001", "--group-by", "item")
    assert row["revenue"] >= 10
    Path("i.csv").write_text("item,description,item_group\nTHE001,Thee,Koffie\n")
    assert segcli("import", "i.csv").status == 0
    assert proven()
    with connected(example) as db:
        db.execute("UPDATE invoice_summary SET net_amount = net_amount + 1 WHERE month = '2026-01'")
        db.commit()
    assert not proven()


LINES = st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 10**6), st.integers(0, 100)), min_size=1, max_size=8)


@pytest.mark.repeats
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, vat=st.sampled_from(["", "21"]))
def test_lines_of_an_invoice_are_rounded_each_and_those_of_an_order_are_not(
    segcli: Run, database: Path, lines: Any, vat: str
) -> None:
    """EN 16931, BR-CO-10: the sum of an invoice is the sum of its rounded lines. An order states no VAT and stays exact."""
    for path in database.parent.glob("test.db*"):
        path.unlink()
    assert segcli("init").status == 0
    invoice(segcli, [f"1,{n},x,{q},{p / 1000:.3f},{d},{vat}" for n, (q, p, d) in enumerate(lines, 1)])
    cent = Decimal("0.01")
    exact = [Decimal(q) * Decimal(p) / 1000 * (100 - d) / 100 for q, p, d in lines]
    rounded = [amount.quantize(cent, ROUND_HALF_UP) for amount in exact]
    (row,) = analysis(segcli)
    assert Decimal(str(row["revenue"])) == (sum(rounded) if vat else sum(exact).quantize(cent, ROUND_HALF_UP))
    (head,) = segcli("show", "invoice-history", "-f", "json").rows
    assert Decimal(str(head["net_amount"])) == sum(rounded)
