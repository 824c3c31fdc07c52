"""UBL invoices and credit notes: sold or bought, whose they are, and lines that add up to their heads."""

from pathlib import Path

import pytest
from conftest import Run, connected, select
from ubl_files import BOUGHT, HOME, SIMPLE, SOLD, charge, document, item, line, money, party, taxed, totals, write

UNKNOWN = ("Iemand Anders", "DE999999999", "")


HEADS = (
    "SELECT kind, a.code, invoice_number, invoice_date, i.currency, net_amount, vat_amount, total_amount"
    " FROM invoice AS i JOIN account AS a ON a.id = account_id WHERE invoice_number GLOB 'F-*' ORDER BY 3"
)
LINES = (
    "SELECT line_number, l.description, quantity / 1000000.0, l.unit, unit_price, discount_percent, l.net_amount / 1000000.0,"
    " vat_percent FROM invoice_line AS l JOIN invoice AS i ON i.id = invoice_id WHERE invoice_number GLOB 'F-*' ORDER BY 1"
)


def adds_up(database: Path) -> bool:
    """Tell whether each head is what its lines, calculated from quantity, price and discount, make to the cent."""
    sql = (
        "SELECT net_amount, (SELECT sum(round(l.quantity * l.unit_price * (100 - coalesce(l.discount_percent, 0)) / 1e6 * 1.0))"
        " FROM invoice_line AS l WHERE l.invoice_id = i.id) FROM invoice AS i WHERE invoice_number GLOB 'F-*'"
    )
    found = select(database, sql)
    return bool(found) and all(net == made for net, made in found)


def test_a_sales_invoice_of_a_new_account_with_our_code(segcli: Run, example: Path) -> None:
    about = {"DueDate": "2026-04-01", "Note": "Levering maart", "BuyerReference": "Afd. 7"}
    order = "<cac:OrderReference><cbc:ID>PO-9</cbc:ID></cac:OrderReference>"
    found = segcli("import", write(document(order + SOLD + SIMPLE, about=about)))
    assert (found.status, found.err) == (0, "")
    assert select(example, HEADS) == [("sales", "K1", "F-1", "2026-03-02", "EUR", 10000, 2100, 12100)]
    assert select(example, LINES) == [(1, "Tarwebloem", 4.0, "KGM", "25", None, 100.0, "21")]
    assert select(
        example,
        "SELECT due_date, order_number, your_reference, description FROM invoice WHERE invoice_number = 'F-1'",
    ) == [("2026-04-01", "PO-9", "Afd. 7", "Levering maart")]
    assert select(
        example,
        "SELECT name, address, postcode, city, country, phone, email, vat_number, chamber_of_commerce, is_sales,"
        " is_supplier FROM account WHERE code = 'K1'",
    ) == [
        ("Bakkerij De Korenaar", "Molenweg 7", "2611 AB", "Delft", "NL", "015-555 0001", "info@korenaar.example",
         "NL123456789B01", "12345678", 1, 0),
    ]  # fmt: skip
    shown = segcli("show", "invoice-history", "--account", "K1", "-f", "json").rows
    assert [(row["invoice_number"], row["total_amount"]) for row in shown] == [("F-1", 121.0)]


def test_a_purchase_invoice_is_known_by_its_customer(segcli: Run, example: Path) -> None:
    assert segcli("import", write(document(BOUGHT + SIMPLE))).status == 0
    assert select(example, HEADS) == [("purchase", "S1", "F-1", "2026-03-02", "EUR", 10000, 2100, 12100)]
    assert select(example, "SELECT is_sales, is_supplier, status FROM account WHERE code = 'S1'") == [(0, 1, "A")]
    shown = segcli("show", "purchase-analysis", "--account", "S1", "--period", "2026-03", "-f", "json").rows
    assert [row["revenue"] for row in shown] == [100.0]


@pytest.mark.parametrize(
    "home",
    [("Anders", "nl000000000b01", ""), ("Anders", "", "0000 0000"), ("TULP & ZONEN HANDEL BV", "", "")],
    ids=["VAT number", "chamber of commerce", "name"],
)
def test_what_tells_the_administration(segcli: Run, example: Path, home: tuple[str, str, str]) -> None:
    segcli("import", write(document(party("Supplier", home) + party("Customer", code="K1") + SIMPLE)))
    assert [row[0] for row in select(example, HEADS)] == ["sales"]


def test_companies_that_share_a_vat_number_differ_by_registration(segcli: Run, example: Path) -> None:
    sister = ("Tulp Transport B.V.", HOME[1], "11111111")
    segcli("import", write(document(party("Supplier", sister, code="S2") + party("Customer", HOME) + SIMPLE)))
    assert [row[:2] for row in select(example, HEADS)] == [("purchase", "S2")]


@pytest.mark.parametrize(("supplier", "words"), [(UNKNOWN, "neither company is"), (HOME, "both companies are")])
def test_what_cannot_be_told_is_asked(segcli: Run, example: Path, supplier: tuple[str, str, str], words: str) -> None:
    customer = HOME if supplier == HOME else UNKNOWN
    file = write(document(party("Supplier", supplier, code="S1") + party("Customer", customer, code="K1") + SIMPLE))
    found = segcli("import", file)
    assert found.status == 1
    assert f"invoice.xml:3:account: {words} this administration by VAT number, chamber of commerce or name" in found.err
    assert "--as invoice (sold) or --as purchase-invoice (bought)" in found.err
    assert select(example, HEADS) == []
    assert segcli("import", file, "--as", "purchase-invoice").status == 0
    assert [row[:2] for row in select(example, HEADS)] == [("purchase", "S1")]


def test_another_kind_is_wrong_usage(segcli: Run, example: Path) -> None:
    found = segcli("import", write(document(SOLD + SIMPLE)), "--as", "contact")
    assert found.status == 2
    assert "use --as invoice or --as purchase-invoice" in found.err


@pytest.mark.parametrize(
    "buyer",
    [("X", "NL 1234.56.789 B01", ""), ("X", "", "1234 5678"), ("BAKKERIJ DE KORENAAR", "", "")],
    ids=["VAT number", "chamber of commerce", "name"],
)
def test_a_known_account_is_found_and_filled_but_not_overwritten(
    segcli: Run, example: Path, buyer: tuple[str, str, str]
) -> None:
    csv = (
        "code,name,vat,kvk,city,email\nB77,Bakkerij de Korenaar,NL123456789B01,12345678,Gouda,eigen@korenaar.example\n"
    )
    segcli("import", write(csv, "accounts.csv"))
    file = write(document(party("Supplier", HOME) + party("Customer", buyer) + SIMPLE))
    assert segcli("import", file).status == 0
    assert [row[1] for row in select(example, HEADS)] == ["B77"]
    assert select(example, "SELECT name, address, city, email, phone FROM account WHERE code = 'B77'") == [
        (
            "Bakkerij de Korenaar",
            None,
            "Gouda",
            "eigen@korenaar.example",
            "015-555 0001",
        )  # its address as a whole or not
    ]
    before = select(example, "SELECT * FROM account ORDER BY id")
    again = segcli("import", file, "--again", "-f", "json").rows
    assert [(row["kind"], row["added"], row["changed"]) for row in again] == [
        ("invoices", 0, 0),
        ("invoice lines", 0, 0),
    ]
    assert select(example, "SELECT * FROM account ORDER BY id") == before


def test_a_stranger_needs_create_missing_and_is_then_known(segcli: Run, example: Path) -> None:
    body = party("Supplier", UNKNOWN) + party("Customer", HOME) + SIMPLE
    file = write(document(body))
    found = segcli("import", file)
    assert found.status == 1
    assert (
        "account: 'DE999999999 Iemand Anders': there is no such account; import the accounts first, or use" in found.err
    )
    assert segcli("import", file, "--create-missing").status == 0
    assert segcli("import", write(document(body, number="F-2"), "second.xml")).status == 0
    assert [row[:3] for row in select(example, HEADS)] == [
        ("purchase", "DE999999999", "F-1"), ("purchase", "DE999999999", "F-2"),
    ]  # fmt: skip


def test_a_person_and_an_address_of_e_mail_make_an_account(segcli: Run, example: Path) -> None:
    """A party may have no company's name, and Peppol's scheme EM is a mail address."""
    person = "<cac:Person><cbc:FirstName>Jan</cbc:FirstName><cbc:FamilyName>Jansen</cbc:FamilyName></cac:Person>"
    mail = '<cbc:EndpointID schemeID="EM">jan@jansen.example</cbc:EndpointID>'
    buyer = (
        party("Customer", ("", "", ""), code="K1", more=mail + person)
        .replace("<cbc:ElectronicMail>info@korenaar.example</cbc:ElectronicMail>", "")
    )  # fmt: skip
    assert segcli("import", write(document(party("Supplier", HOME) + buyer + SIMPLE))).status == 0
    assert select(example, "SELECT name, email FROM account WHERE code = 'K1'") == [
        ("Jan Jansen", "jan@jansen.example")
    ]


def test_a_company_with_a_name_only_is_not_another_of_that_name(segcli: Run, example: Path) -> None:
    nobody = ("Jan Jansen", "", "")
    body = party("Supplier", HOME) + party("Customer", nobody) + SIMPLE
    for number in ("F-1", "F-2"):
        assert segcli("import", write(document(body, number=number)), "--create-missing").status == 0
    assert [row[1] for row in select(example, HEADS)] == ["Jan Jansen", "Jan Jansen"]
    elsewhere = document(body.replace("2611 AB", "9999 ZZ"), number="F-3")
    found = segcli("import", write(elsewhere), "--create-missing")
    assert "account Jan Jansen is another company; add the account of this one first" in found.err
    assert len(select(example, HEADS)) == 2


def test_a_number_that_several_accounts_have_is_not_guessed(segcli: Run, example: Path) -> None:
    csv = "code,name,vat\nA1,Filiaal Noord,DE999999999\nA2,Filiaal Zuid,DE999999999\n"
    segcli("import", write(csv, "accounts.csv"))
    found = segcli("import", write(document(party("Supplier", UNKNOWN) + party("Customer", HOME) + SIMPLE)))
    assert "this company may be any of the accounts A1, A2" in found.err
    named = ("filiaal zuid", "DE999999999", "")
    assert segcli("import", write(document(party("Supplier", named) + party("Customer", HOME) + SIMPLE))).status == 0
    assert [row[1] for row in select(example, HEADS)] == ["A2"]


def test_a_number_of_ours_counts_with_the_name_of_its_account_only(segcli: Run, example: Path) -> None:
    segcli("import", write("code,name\nJ1,Jan Jansen\nJ2,Jan Jansen\n", "accounts.csv"))
    known_as = "<cac:PartyIdentification><cbc:ID>J2</cbc:ID></cac:PartyIdentification>"
    for name, status, found in (("Jan Jansen", 0, ["J2"]), ("Piet Pietersen", 1, ["J2"])):
        buyer = party("Customer", (name, "", ""), more=known_as)
        done = segcli("import", write(document(party("Supplier", HOME) + buyer + SIMPLE, number=f"F-{name[:1]}")))
        assert (done.status, [row[1] for row in select(example, HEADS)]) == (status, found), done.err


def test_prices_discounts_and_charges_make_the_net(segcli: Run, example: Path) -> None:
    lines = (
        line("1", "10", "120", "12.00", base="100")  # 120 for 100
        + line("2", "4", "25", "90.00", more=charge("10.00"))  # 10 of 100
        + line("3", "3", "9.99", "28.97", more=charge("1.00"))  # 1 of 29.97: 3.34 % makes 28.969
        + line("4", "2", "50", "105.00", more=charge("5.00", is_charge=True))
        + charge("6.00", reason="Staffel", tax=taxed("TaxCategory"))
        + charge("15.00", is_charge=True, reason="Vracht", tax=taxed("TaxCategory"))
    )
    # 12 + 90 + 28.97 + 105 - 6 + 15 = 244.97; 21 % of it is 51.44
    assert segcli("import", write(document(SOLD + totals("244.97", "51.44", "296.41") + lines))).err == ""
    assert select(example, LINES) == [
        (1, "Tarwebloem", 10.0, "KGM", "1.2", None, 12.0, "21"),
        (2, "Tarwebloem", 4.0, "KGM", "25", "10", 90.0, "21"),
        (3, "Tarwebloem", 3.0, "KGM", "9.99", "3.34", 28.97, "21"),
        (4, "Tarwebloem", 2.0, "KGM", "52.5", None, 105.0, "21"),
        (5, "Staffel", 1.0, None, "-6.00", None, -6.0, "21"),
        (6, "Vracht", 1.0, None, "15.00", None, 15.0, "21"),
    ]
    assert adds_up(example)


def test_a_line_without_a_price_or_with_one_to_the_cent(segcli: Run, example: Path) -> None:
    """The net stands: without a price it makes one, and a discount that makes it is found where the amounts allow a cent."""
    lines = (
        line("1", "4", "25", "100.00").replace(money("PriceAmount", "25"), "")
        + line("2", "0", "25", "0.00").replace(money("PriceAmount", "25"), "")
        + line("3", "1", "100", "90.02", more=charge("10.00"))  # 9.98 % makes it
    )
    # 100 + 90.02 = 190.02; 21 % of it is 39.90
    assert segcli("import", write(document(SOLD + totals("190.02", "39.90", "229.92") + lines))).err == ""
    assert [row[2:7] for row in select(example, LINES)] == [
        (4.0, "KGM", "25", None, 100.0), (0.0, "KGM", None, None, 0.0), (1.0, "KGM", "100", "9.98", 90.02),
    ]  # fmt: skip


def test_a_discount_too_small_for_its_decimals_is_left_to_the_net(segcli: Run, example: Path) -> None:
    price = "12345678901.34"  # one cent of it is 0.00000000008 %
    lines = line("1", "1", price, "12345678901.33", more=charge("0.01"))
    body = totals("12345678901.33", "2592592569.28", "14938271470.61") + lines
    assert segcli("import", write(document(SOLD + body))).status == 0
    assert [row[4:7] for row in select(example, LINES)] == [(price, None, 12345678901.33)]


def test_a_credit_note_comes_in_negative(segcli: Run, example: Path) -> None:
    reference = "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>F-0</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>"
    due = "<cac:PaymentMeans><cbc:PaymentDueDate>2026-03-30</cbc:PaymentDueDate></cac:PaymentMeans>"
    body = totals("94.00", "19.74", "113.74") + line("1", "4", "25", "100.00", is_credit=True) + charge("6.00")
    assert segcli("import", write(document(reference + SOLD + due + body, is_credit=True))).status == 0
    assert select(example, HEADS) == [("sales", "K1", "F-1", "2026-03-02", "EUR", -9400, -1974, -11374)]
    assert [(row[2], row[4], row[6]) for row in select(example, LINES)] == [(-4.0, "25", -100.0), (-1.0, "-6.00", 6.0)]
    assert select(example, "SELECT original_number, due_date FROM invoice WHERE invoice_number = 'F-1'") == [
        ("F-0", "2026-03-30")
    ]
    assert adds_up(example)


@pytest.mark.parametrize(("quantity", "net", "kept"), [("4", "100.00", -10000), ("-4", "-100.00", -10000)])
def test_an_invoice_of_a_credit_type_or_sum_is_one(
    segcli: Run, example: Path, quantity: str, net: str, kept: int
) -> None:
    sign = "-" if net.startswith("-") else ""
    body = totals(net, f"{sign}21.00", f"{sign}121.00") + line("1", quantity, "25", net)
    segcli("import", write(document(SOLD + body, about={"InvoiceTypeCode": "381"})))
    assert [row[5] for row in select(example, HEADS)] == [kept]


def test_categories_without_vat_keep_their_reason(segcli: Run, example: Path) -> None:
    shift = taxed("ClassifiedTaxCategory", "0.00", "AE")
    reason = "<cac:TaxCategory><cbc:ID>AE</cbc:ID><cbc:Percent>0</cbc:Percent><cbc:TaxExemptionReason>Btw verlegd</cbc:TaxExemptionReason></cac:TaxCategory>"
    total = totals("100.00", "0.00", "100.00").replace(
        "</cac:TaxTotal>", f"<cac:TaxSubtotal>{reason}</cac:TaxSubtotal></cac:TaxTotal>"
    )
    body = SOLD + total + line("1", "4", "25", "100.00", tax=shift)
    segcli("import", write(document(body)))
    sql = (
        "SELECT v.code, v.category, v.description, l.vat_percent FROM invoice_line AS l JOIN vat_code AS v ON v.code = l.vat_code"
        " JOIN invoice AS i ON i.id = invoice_id WHERE invoice_number GLOB 'F-*'"
    )
    assert select(example, sql) == [("AE0", "AE", "Btw verlegd", "0")]
    segcli("import", write(document(body, number="F-2")))
    assert select(example, "SELECT count(*) FROM vat_code WHERE category = 'AE'") == [(1,)]


@pytest.mark.parametrize(("category", "percent", "code", "kept"), [("E", "0", "E0", "0"), ("O", "", "O0", None)])
def test_a_category_without_vat_and_without_a_reason(  # noqa: PLR0913 - a case
    segcli: Run, example: Path, category: str, percent: str, code: str, kept: str | None
) -> None:
    tax = taxed("ClassifiedTaxCategory", percent, category)
    body = SOLD + totals("100.00", "0.00", "100.00") + line("1", "4", "25", "100.00", tax=tax)
    assert segcli("import", write(document(body))).status == 0
    sql = "SELECT code, description FROM vat_code WHERE category = ?"
    with connected(example) as db:
        assert db.execute(sql, (category,)).fetchall() == [(code, "")]
    assert [row[7] for row in select(example, LINES)] == [kept]


def test_what_is_paid_or_rounded_is_named_and_the_other_currency_left_out(segcli: Run, example: Path) -> None:
    more = money("PrepaidAmount", "20.00") + money("PayableRoundingAmount", "-0.01")
    foreign = f"<cac:TaxTotal>{money('TaxAmount', '240.00', 'SEK')}</cac:TaxTotal>"
    body = foreign + totals("100.00", "21.00", "121.00", more=more) + line("1", "4", "25", "100.00")
    found = segcli("import", write(document(SOLD + body, about={"TaxCurrencyCode": "SEK"})))
    assert "invoice.xml: 20.00 EUR is paid already" in found.err
    assert "invoice.xml: -0.01 EUR is for rounding" in found.err
    assert select(example, HEADS) == [("sales", "K1", "F-1", "2026-03-02", "EUR", 10000, 2100, 12100)]


def test_items_are_ours(segcli: Run, example: Path) -> None:
    both = item("X-999") + item("MEEL", "Buyers")
    segcli("import", write("itemcode,description\nMEEL,Meel\n", "items.csv"))
    body = totals("100.00", "21.00", "121.00") + line("1", "4", "25", "100.00", item=both)
    sold = segcli("import", write(document(SOLD + body)))
    assert "item: 'X-999': there is no such item; import the items first, or use --create-missing" in sold.err
    assert segcli("import", write(document(BOUGHT + body))).status == 0
    sql = (
        "SELECT i.code FROM invoice_line AS l JOIN item AS i ON i.id = l.item_id JOIN invoice AS h ON h.id = invoice_id"
    )
    assert select(example, f"{sql} WHERE h.invoice_number = 'F-1'") == [("MEEL",)]


def test_where_the_goods_go(segcli: Run, example: Path) -> None:
    segcli("import", write("code,name,postcode\nD5,Magazijn Oost,7000 AA\n", "accounts.csv"))

    def to(name: str) -> str:
        return f"<cac:Delivery><cac:DeliveryParty><cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName></cac:DeliveryParty></cac:Delivery>"

    assert segcli("import", write(document(SOLD + to("magazijn oost") + SIMPLE))).err == ""
    sql = "SELECT d.code FROM invoice AS i JOIN account AS d ON d.id = i.deliver_to_id WHERE invoice_number = 'F-1'"
    assert select(example, sql) == [("D5",)]
    found = segcli("import", write(document(SOLD + to("Nergens") + SIMPLE)))
    assert "goes to Nergens, which is no account: that is left out" in found.err
    assert select(example, sql) == [("K1",)]


def test_several_files_and_the_same_again(segcli: Run, example: Path) -> None:
    files = [write(document(SOLD + SIMPLE, number=f"F-{n}"), f"{n}.xml") for n in (1, 2)]
    assert segcli("import", *files).status == 0
    assert select(example, "SELECT count(*) FROM run WHERE command GLOB 'import [12].xml'") == [(2,)]
    assert segcli("import", *files, "--exit-code").status == 0
    again = segcli("import", *files, "--again", "--exit-code", "-f", "json")
    assert (again.status, {(row["added"], row["changed"]) for row in again.rows}) == (0, {(0, 0)})
