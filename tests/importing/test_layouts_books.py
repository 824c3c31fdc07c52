"""Files of bookkeeping programs as they export them: Odoo, ERPNext, Xero, QuickBooks, Dolibarr, Zoho, Moneybird, SnelStart."""

from pathlib import Path

import pytest
from conftest import Run
from layout_files import assert_nothing_changes, table, write

ACCOUNTS = "SELECT name, city, country, vat_number FROM account ORDER BY name"
HEADS = "SELECT invoice_number, net_amount, vat_amount, total_amount, status FROM invoice ORDER BY invoice_number"
ITEMS = "SELECT invoice_number, amount, open_amount FROM outstanding_item ORDER BY invoice_number"

ODOO = {
    "by field": (
        "id,display_name,email,phone,user_id,city,country_id,category_id,vat,ref\n"
        "res_partner_1,Acme B.V.,i@example.com,030 1,Sam,Utrecht,Netherlands,,NL001234567B01,C1\n"
        'res_partner_2,"Acme B.V., Zoë Müller",z@example.com,,,,Netherlands,,,\n'
    ),
    "English": (
        "Display Name,Email,Phone,Activities,Salesperson,City,Country,Tax ID,Reference\n"
        "Acme B.V.,i@example.com,030 1,,Sam,Utrecht,Netherlands,NL001234567B01,C1\n"
        '"Acme B.V., Zoë Müller",z@example.com,,,,,Netherlands,,\n'
    ),
    "Dutch": (
        "Weergavenaam,E-mail,Telefoon,Activiteiten,Verkoper,Plaats,Land,Btw-nummer,Referentie\n"
        "Acme B.V.,i@example.com,030 1,,Sam,Utrecht,Nederland,NL001234567B01,C1\n"
        '"Acme B.V., Zoë Müller",z@example.com,,,,,Nederland,,\n'
    ),
    "German": (
        "Anzeigename,E-Mail,Telefon,Aktivitäten,Verkäufer,Stadt,Land,USt-IdNr.,Referenz\n"
        "Acme B.V.,i@example.com,030 1,,Sam,Utrecht,Niederlande,NL001234567B01,C1\n"
        '"Acme B.V., Zoë Müller",z@example.com,,,,,Niederlande,,\n'
    ),
    "template": (
        "Name*,Company Type*,Related Company,Email,Phone,City,Country,Tax ID,Tags,Reference\n"
        "Acme B.V.,Company,,i@example.com,030 1,Utrecht,Netherlands,NL001234567B01,,C1\n"
        "Zoë Müller,Person,Acme B.V.,z@example.com,,,Netherlands,,,\n"
    ),
}
ODOO_INVOICES = {
    "English": (
        "Number,Invoice Partner Display Name,Invoice/Bill Date,Due Date,Activities,Untaxed Amount Signed,Total Signed,"
        "Amount Due Signed,Payment Status,Status\n"
        "INV/1,Acme B.V.,2026-01-15,2026-02-14,,1000.0,1210.0,1210.0,Not Paid,Posted\n"
        "INV/2,Acme B.V.,2026-02-15,2026-03-17,,500.0,605.0,0.0,Paid,Posted\n"
        "RINV/1,Acme B.V.,2026-02-20,2026-02-20,,-100.0,-121.0,-121.0,Not Paid,Posted\n"
        "/,Acme B.V.,,,,10.0,12.1,12.1,Not Paid,Draft\n"
        "INV/3,Acme B.V.,2026-02-21,2026-02-21,,10.0,12.1,12.1,Not Paid,Draft\n"
        "INV/4,Acme B.V.,2026-02-21,2026-02-21,,10.0,12.1,0.0,Not Paid,Cancelled\n"
    ),
    "Dutch": (
        "Nummer,Factuur relatie weergavenaam,Factuurdatum,Vervaldatum,Activiteiten,Totaal excl. BTW,Totaal,Openstaand bedrag,"
        "Betaalstatus,Status\n"
        "INV/1,Acme B.V.,2026-01-15,2026-02-14,,1000.0,1210.0,1210.0,Niet betaald,Geboekt\n"
        "INV/2,Acme B.V.,2026-02-15,2026-03-17,,500.0,605.0,0.0,Betaald,Geboekt\n"
        "RINV/1,Acme B.V.,2026-02-20,2026-02-20,,-100.0,-121.0,-121.0,Niet betaald,Geboekt\n"
        "/,Acme B.V.,,,,10.0,12.1,12.1,Niet betaald,Concept\n"
        "INV/3,Acme B.V.,2026-02-21,2026-02-21,,10.0,12.1,12.1,Niet betaald,Concept\n"
        "INV/4,Acme B.V.,2026-02-21,2026-02-21,,10.0,12.1,0.0,Niet betaald,Geannuleerd\n"
    ),
}


@pytest.mark.parametrize("contacts", ODOO.values(), ids=ODOO)
@pytest.mark.parametrize("invoices", ODOO_INVOICES.values(), ids=ODOO_INVOICES)
@pytest.mark.parametrize("is_first", [True, False])
def test_odoo(segcli: Run, empty: Path, contacts: str, invoices: str, is_first: bool) -> None:
    write(contacts=contacts, invoices=invoices)
    names = ["contacts.csv", "invoices.csv"] if is_first else ["invoices.csv", "contacts.csv"]
    said = ""
    for name in names:
        done = segcli("import", name)
        assert done.status == 0, done.err
        said += done.err
    assert said == "invoices.csv: 2 rows left out: drafts\ninvoices.csv: 1 row left out: cancelled invoices\n"
    assert table(empty, ACCOUNTS) == [("Acme B.V.", "Utrecht", "NL", "NL001234567B01")]
    assert table(empty, "SELECT name, email FROM contact") == [("Zoë Müller", "z@example.com")]
    assert table(empty, HEADS) == [
        ("INV/1", 100000, 21000, 121000, "processed"),
        ("INV/2", 50000, 10500, 60500, "processed"),
        ("RINV/1", -10000, -2100, -12100, "processed"),
    ]
    assert table(empty, ITEMS) == [("INV/1", 121000, 121000), ("INV/2", 60500, 0), ("RINV/1", -12100, -12100)]
    assert_nothing_changes(segcli, empty, *names)


def test_odoo_amounts_are_in_the_currency_that_they_are_in(segcli: Run, empty: Path) -> None:
    write(
        i="Number,Invoice Partner Display Name,Invoice/Bill Date,Due Date,Untaxed Amount in Currency Signed,Total in Currency Signed,"
        "Total Signed,Currency,Status\nINV/1,Acme,2026-01-15,2026-02-14,100.0,121.0,110.0,USD,Posted\n",
        j="Number,Invoice Partner Display Name,Invoice/Bill Date,Due Date,Untaxed Amount Signed,Total Signed,Currency,Status\n"
        "INV/2,Acme,2026-01-15,2026-02-14,90.0,110.0,USD,Posted\n",
        rates="currency,rate_date,rate\nUSD,2026-01-01,1.1\n",
    )
    assert segcli("import", "rates.csv", "i.csv", "j.csv").status == 0
    assert table(empty, "SELECT invoice_number, currency, net_amount, total_amount FROM invoice ORDER BY 1") == [
        ("INV/1", "USD", 10000, 12100),
        ("INV/2", "EUR", 9000, 11000),
    ]


@pytest.mark.parametrize(
    "header",
    ["Date,Journal Entry,Account,Partner,Label,Debit,Credit,Matching", "Datum,Boeking,Rekening,Relatie,Omschrijving,Debet,Credit,Afletteren"],
)  # fmt: skip
def test_odoo_journal_items(segcli: Run, empty: Path, header: str) -> None:
    write(
        j=f"{header}\n2026-01-15,INV/1,400000 Sales,Acme,Work,0.0,100.0,\n2026-01-15,INV/1,451000 VAT,Acme,21 %,0.0,21.0,\n"
        "2026-01-15,INV/1,121000 Debtors,Acme,INV/1,121.0,0.0,\n"
    )
    assert segcli("import", "j.csv").status == 0
    assert table(empty, "SELECT code, description FROM gl_account ORDER BY code") == [
        ("121000", "Debtors"),
        ("400000", "Sales"),
        ("451000", "VAT"),
    ]
    assert table(empty, "SELECT sum(amount), count(*), count(account_id) FROM transaction_line") == [(0, 3, 3)]
    assert_nothing_changes(segcli, empty, "j.csv")


ERP = {
    "customers": "ID,Customer Name,Customer Type,Customer Group,Territory,Disabled,Tax ID,Default Currency,Email Id,Mobile No\n"
    "C-1,Acme,Company,Retail,Netherlands,0,NL001234567B01,EUR,i@example.com,\nC-2,Zoë,Individual,Individual,Germany,1,,,z@example.com,\n",
    "ar": "Posting Date,Party Type,Party,Customer Name,Receivable Account,Voucher Type,Voucher No,Due Date,Customer LPO,Invoiced Amount,"
    "Paid Amount,Credit Note,Outstanding Amount,Age (Days),0-15,16-45,46-Above,Currency,Territory\n"
    "15-01-2026,Customer,C-1,Acme,Debtors,Sales Invoice,SI-1,14-02-2026,PO 7,1210.00,0.00,0.00,1210.00,100,0.00,0.00,1210.00,EUR,\n"
    "15-02-2026,Customer,C-2,Zoë,Debtors,Sales Invoice,SI-2,17-03-2026,,605.00,100.00,0.00,505.00,70,0.00,505.00,0.00,EUR,\n"
    "16-02-2026,Customer,C-2,Zoë,Debtors,Payment Entry,PE-1,16-02-2026,,0.00,50.00,0.00,-50.00,70,0.00,0.00,-50.00,EUR,\n"
    "Total,,,,,,,,,1815.00,150.00,0.00,1665.00,,0.00,505.00,1160.00,,\n",
    "gl": "Posting Date,Account,Debit (EUR),Credit (EUR),Balance (EUR),Voucher Type,Voucher No,Against Account,Party Type,Party,Remarks\n"
    ",'Opening',0,0,0,,,,,,\n"
    "15-01-2026,Debtors - A,1210.00,0.00,1210.00,Sales Invoice,SI-1,Sales - A,Customer,C-1,\n"
    "15-01-2026,Sales - A,0.00,1000.00,210.00,Sales Invoice,SI-1,C-1,,,\n"
    "15-01-2026,VAT - A,0.00,210.00,0.00,Sales Invoice,SI-1,C-1,,,\n"
    ",'Total',1210.00,1210.00,0.00,,,,,,\n,'Closing (Opening + Total)',1210.00,1210.00,0.00,,,,,,\n",
}


@pytest.mark.parametrize("names", [("customers", "ar", "gl"), ("gl", "ar", "customers"), ("ar", "customers", "gl")])
def test_erpnext(segcli: Run, empty: Path, names: tuple[str, ...]) -> None:
    write(**ERP)
    said = ""
    for name in names:
        done = segcli("import", f"{name}.csv")
        assert done.status == 0, done.err
        said += done.err
    assert "customers.csv: not read: Customer Group, Territory;" in said
    assert "gl.csv: 2 rows left out: rows of opening, total and closing" in said
    assert "ar.csv: not read" not in said
    assert table(empty, "SELECT code, name, is_blocked FROM account ORDER BY code") == [
        ("C-1", "Acme", 0),
        ("C-2", "Zoë", 1),
    ]
    assert table(empty, ITEMS) == [("PE-1", -5000, -5000), ("SI-1", 121000, 121000), ("SI-2", 60500, 50500)]
    assert table(empty, "SELECT reference FROM outstanding_item WHERE invoice_number = 'SI-1'") == [("PO 7",)]
    assert table(empty, "SELECT sum(amount), sum(abs(amount)) FROM transaction_line") == [(0, 242000)]
    assert_nothing_changes(segcli, empty, *(f"{name}.csv" for name in names))


XERO_CONTACTS = (
    "*ContactName,AccountNumber,EmailAddress,FirstName,LastName,POAddressLine1,POCity,POCountry,PhoneNumber,TaxNumber,"
    "Person1FirstName,Person1LastName,Person1Email,TrackingName1\n"
    "Marlow,MAR1,g@example.com,Gavin,Marlow,12 Builder St,Parramatta,Australia,02 9000 1111,48902337115,Ann,Lee,l@example.com,\n"
)
XERO = (
    "ContactName,EmailAddress,InvoiceNumber,Reference,InvoiceDate,DueDate,Total,TaxTotal,InvoiceAmountPaid,InvoiceAmountDue,"
    "InventoryItemCode,Description,Quantity,UnitAmount,Discount,LineAmount,AccountCode,TaxType,TaxAmount,Currency,Type,Sent,Status\n"
    'Marlow,g@example.com,I-1,P1,31/01/2026,14/02/2026,"1,210.00",210.00,210.00,"1,000.00",W,Work,2,400.00,,800.00,200,GST,168.00,EUR,'
    "Sales invoice,Sent,Awaiting Payment\n"
    'Marlow,g@example.com,I-1,P1,31/01/2026,14/02/2026,"1,210.00",210.00,210.00,"1,000.00",,Travel,1,200.00,,200.00,200,GST,42.00,EUR,'
    "Sales invoice,Sent,Awaiting Payment\n"
    "Marlow,g@example.com,I-2,,01/02/2026,15/02/2026,121.00,21.00,121.00,0.00,W,Work,1,121.00,,121.00,200,GST,21.00,EUR,"
    "Sales invoice,Sent,Paid\n"
    "Marlow,g@example.com,CN-1,,02/02/2026,,12.10,2.10,0.00,12.10,W,Work,1,10.00,,10.00,200,GST,2.10,EUR,Sales credit note,,Approved\n"
    "Marlow,g@example.com,I-3,,03/02/2026,,12.10,2.10,0.00,12.10,,Work,1,10.00,,10.00,200,GST,2.10,EUR,Sales invoice,,Draft\n"
    "Marlow,g@example.com,I-4,,03/02/2026,,12.10,2.10,0.00,12.10,,Work,1,10.00,,10.00,200,GST,2.10,EUR,Sales invoice,,Voided\n"
    "Marlow,g@example.com,B-1,,03/02/2026,,12.10,2.10,0.00,12.10,,Work,1,10.00,,10.00,200,GST,2.10,EUR,Bill,,Paid\n"
)


@pytest.mark.parametrize("names", [("contacts.csv", "invoices.csv"), ("invoices.csv", "contacts.csv")])
def test_xero(segcli: Run, empty: Path, names: tuple[str, str]) -> None:
    write(contacts=XERO_CONTACTS, invoices=XERO)
    said = "".join(segcli("import", name).err for name in names)
    assert sorted(said.splitlines()) == [
        "invoices.csv: 1 row left out: bills of suppliers",
        "invoices.csv: 1 row left out: drafts",
        "invoices.csv: 1 row left out: voided invoices",
    ]
    assert table(empty, "SELECT name, city, country FROM account") == [("Marlow", "Parramatta", "AU")]
    assert table(empty, "SELECT name, email FROM contact ORDER BY name") == [
        ("Ann Lee", "l@example.com"),
        ("Gavin Marlow", "g@example.com"),
    ]
    assert table(empty, HEADS) == [  # I-2 has its tax inside: 121.00 less 21.00
        ("CN-1", -1000, -210, -1210, "processed"),
        ("I-1", 100000, 21000, 121000, "processed"),
        ("I-2", 10000, 2100, 12100, "processed"),
    ]
    assert table(empty, ITEMS) == [("CN-1", -1210, -1210), ("I-1", 121000, 100000), ("I-2", 12100, 0)]
    assert table(empty, "SELECT invoice_date FROM invoice WHERE invoice_number = 'I-1'") == [("2026-01-31",)]
    assert segcli("check").status == 0
    assert_nothing_changes(segcli, empty, *names)


QBO = (
    "Name,Company name,Street Address,City,State,Country,Zip,Phone,Email,Customer type,Attachments,Open balance\n"
    'Zoë,Acme,Dorpsstraat 1,Utrecht,,NL,1234 AB,030 123,z@example.com,,0,"1,210.00"\n'
)
QBO_FLAT = (
    "Date,Transaction type,Num,Customer full name,Due date,Amount,Open balance\n"
    '01/31/2026,Invoice,1001,Zoë,02/28/2026,"1,210.00","1,000.00"\n02/01/2026,Credit Memo,1002,Zoë,02/01/2026,-121.00,-121.00\n'
)
QBO_GROUPED = (
    "Acme Books\nOpen Invoices\n\n,Date,Transaction type,Num,Term,Due date,Open balance\n"
    'Zoë,,,,,,\n,01/31/2026,Invoice,1001,Net 30,02/28/2026,"1,000.00"\n,02/01/2026,Credit Memo,1002,,02/01/2026,-121.00\n'
    "Total for Zoë,,,,,,$879.00\nTOTAL,,,,,,$879.00\n"
)


@pytest.mark.parametrize("report", [QBO_FLAT, QBO_GROUPED], ids=["flat", "grouped"])
@pytest.mark.parametrize("names", [("customers.csv", "open.csv"), ("open.csv", "customers.csv")])
def test_quickbooks(segcli: Run, empty: Path, report: str, names: tuple[str, str]) -> None:
    write(customers=QBO, open=report)
    for name in names:
        done = segcli("import", name)
        assert done.status == 0, done.err
    assert table(empty, "SELECT count(*) FROM account") == [(1,)]
    amount = 121000 if report is QBO_FLAT else 100000
    assert table(empty, ITEMS) == [("1001", amount, 100000), ("1002", -12100, -12100)]
    assert table(empty, "SELECT due_date FROM outstanding_item ORDER BY 1") == [("2026-02-01",), ("2026-02-28",)]
    assert_nothing_changes(segcli, empty, *names)


DOLIBARR = {
    "English": "Third-party ID,Third-party name,Alias name,Status,Customer,Vendor,Customer code,Vendor code,Address,Zip Code,City,Country code,"
    "VAT ID,Prof. Id 1\n1,Acme,ACM,1,1,0,CU-1,,Dorpsstraat 1,1234 AB,Utrecht,NL,NL001234567B01,12345678\n",
    "Dutch": "Bedrijfs ID,Bedrijfsnaam,Klant code,Leverancier code,Adres,Postcode,Plaats,Landcode,BTW-nummer,KVK nummer\n"
    "1,Acme,CU-1,,Dorpsstraat 1,1234 AB,Utrecht,NL,NL001234567B01,12345678\n",
}
DOLIBARR_INVOICES = (
    "Invoice id,Ref.,Customer ref,Type,Invoice date,Date due,Total excl. tax,Total tax,Total incl. tax,Status,Company id,Company name,"
    "Customer code\n"
    "1,FA-1,,0,2026-01-15,2026-02-14,1000.00000000,210.00000000,1210.00000000,1,1,Acme,CU-1\n"
    "2,(PROV2),,0,2026-01-15,2026-02-14,1.00000000,0.21000000,1.21000000,0,1,Acme,CU-1\n"
    "3,FA-3,,0,2026-01-15,2026-02-14,1.00000000,0.21000000,1.21000000,3,1,Acme,CU-1\n"
)


@pytest.mark.parametrize("parties", DOLIBARR.values(), ids=DOLIBARR)
@pytest.mark.parametrize("names", [("parties.csv", "invoices.csv"), ("invoices.csv", "parties.csv")])
def test_dolibarr(segcli: Run, empty: Path, parties: str, names: tuple[str, str]) -> None:
    write(parties=parties, invoices=DOLIBARR_INVOICES)
    said = "".join(segcli("import", name).err for name in names)
    assert said == "invoices.csv: 1 row left out: drafts\ninvoices.csv: 1 row left out: abandoned invoices\n"
    assert table(empty, "SELECT code, name, city, chamber_of_commerce FROM account") == [
        ("CU-1", "Acme", "Utrecht", "12345678")
    ]
    assert table(empty, HEADS) == [("FA-1", 100000, 21000, 121000, "processed")]
    assert_nothing_changes(segcli, empty, *names)


ZOHO = (
    "Contact ID,Contact Name,Company Name,Display Name,First Name,Last Name,Phone,Currency Code,EmailID,Billing Address,Billing City,"
    "Billing Country,Status\n9,Acme,Acme B.V.,Acme,Zoë,Müller,030 1,EUR,z@example.com,Dorpsstraat 1,Utrecht,Netherlands,Active\n"
)
ZOHO_INVOICES = (
    "Invoice Date,Invoice ID,Invoice Number,Invoice Status,Customer Name,Customer ID,Due Date,Currency Code,SubTotal,Total,Balance\n"
    "2026-01-15,1,I-1,Overdue,Acme,9,2026-02-14,EUR,1000.00,1210.00,605.00\n"
    "2026-01-15,1,I-1,Overdue,Acme,9,2026-02-14,EUR,1000.00,1210.00,605.00\n"
    "2026-01-16,2,I-2,Void,Acme,9,2026-02-14,EUR,1.00,1.21,1.21\n2026-01-16,3,I-3,Draft,Acme,9,2026-02-14,EUR,1.00,1.21,1.21\n"
)


@pytest.mark.parametrize("names", [("contacts.csv", "invoices.csv"), ("invoices.csv", "contacts.csv")])
def test_zoho_books(segcli: Run, empty: Path, names: tuple[str, str]) -> None:
    write(contacts=ZOHO, invoices=ZOHO_INVOICES)
    said = "".join(segcli("import", name).err for name in names)
    assert said == "invoices.csv: 1 row left out: void invoices\ninvoices.csv: 1 row left out: drafts\n"
    assert table(empty, "SELECT count(*) FROM account") == [(1,)]
    assert table(empty, HEADS) == [("I-1", 100000, 21000, 121000, "processed")]
    assert table(empty, ITEMS) == [("I-1", 121000, 60500)]
    assert_nothing_changes(segcli, empty, *names)


def test_moneybird(segcli: Run, empty: Path) -> None:
    write(
        m="Id,Bedrijfsnaam,Voornaam,Achternaam,Adres,Postcode,Plaats,Land,E-mail,Telefoon,Klantnummer,Btw-nummer,KvK-nummer,Bankrekening\n"
        "1,Acme,Zoë,Müller,Dorpsstraat 1,1234 AB,Utrecht,NL,i@example.com,030 1,1001,NL001234567B01,12345678,NL91ABNA0417164300\n"
        "2,,Piet,Puk,Kerkstraat 1,1234 AC,Utrecht,NL,p@example.com,,1002,,,\n"
    )
    done = segcli("import", "m.csv")
    assert (done.status, done.err) == (0, "")
    assert table(empty, "SELECT code, name FROM account ORDER BY code") == [("1001", "Acme"), ("1002", "Piet Puk")]
    assert table(empty, "SELECT name FROM contact ORDER BY 1") == [("Piet Puk",), ("Zoë Müller",)]
    assert table(empty, "SELECT iban FROM account_iban") == [("NL91ABNA0417164300",)]
    assert_nothing_changes(segcli, empty, "m.csv")


@pytest.mark.parametrize(
    "header",
    [
        "Relatiecode;Naam;Straat;Postcode;Plaats;Land;Telefoon;E-mail;Btw-nummer;KvK-nummer;Relatiesoort;Krediettermijn",
        (
            "FldRelatiecode;FldNaam;FldAdres;FldPostcode;FldPlaats;FldLand;FldTelefoon;FldEmail;FldBTWNummer;FldKvkNummer;FldRelatieSoort;"
            "FldKrediettermijn"
        ),
    ],
)
def test_snelstart(segcli: Run, empty: Path, header: str) -> None:
    write(
        s=f"{header}\n1;Acme;Dorpsstraat 1;1234 AB;Utrecht;Nederland;030 1;i@example.com;NL001234567B01;12345678;Klant;14\n"
        "2;Beta;Kerkstraat 1;1234 AC;Utrecht;België;;;;;Leverancier;14\n"
    )
    done = segcli("import", "s.csv")
    assert (done.status, done.err) == (0, "")
    assert table(empty, "SELECT code, name, country, is_sales, is_supplier FROM account ORDER BY code") == [
        ("1", "Acme", "NL", 1, 0),
        ("2", "Beta", "BE", 0, 1),
    ]
    assert_nothing_changes(segcli, empty, "s.csv")


def test_the_mobile_number_of_an_odoo_company_is_told(segcli: Run, empty: Path) -> None:
    write(
        o="id,display_name,email,phone,mobile\nres_partner_1,Acme,i@example.com,030 1,06 1\nres_partner_2,Beta,,,06 2\n"
    )
    done = segcli("import", "o.csv")
    assert "o.csv: not read: mobile" in done.err
    assert table(empty, "SELECT name, phone FROM account ORDER BY name") == [("Acme", "030 1"), ("Beta", "06 2")]


def test_odoo_with_the_headings_of_its_list(segcli: Run, empty: Path) -> None:
    write(
        i="Number,Invoice Partner Display Name,Invoice/Bill Date,Due Date,Tax Excluded,Total Signed,Amount Due,Status\n"
        "INV/1,Acme,2026-01-15,2026-02-14,1000.0,1210.0,605.0,Posted\nRINV/1,Acme,2026-02-20,2026-02-20,-100.0,-121.0,121.0,Posted\n"
    )
    done = segcli("import", "i.csv")
    assert (done.status, done.err) == (0, "")
    assert table(empty, HEADS) == [
        ("INV/1", 100000, 21000, 121000, "processed"),
        ("RINV/1", -10000, -2100, -12100, "processed"),
    ]
    assert table(empty, ITEMS) == [("INV/1", 121000, 60500), ("RINV/1", -12100, -12100)]
    assert_nothing_changes(segcli, empty, "i.csv")


def test_what_is_due_in_another_currency_than_the_total_is_not_taken(segcli: Run, empty: Path) -> None:
    write(
        i="Number,Invoice Partner Display Name,Invoice/Bill Date,Due Date,Untaxed Amount in Currency Signed,Total in Currency Signed,"
        "Total Signed,Amount Due,Currency,Status\nINV/1,Acme,2026-01-15,2026-02-14,100.0,121.0,110.0,121.0,USD,Posted\n",
        rates="currency,rate_date,rate\nUSD,2026-01-01,1.1\n",
    )
    assert segcli("import", "rates.csv").status == 0
    done = segcli("import", "i.csv")
    assert "not read: Amount Due" in done.err
    assert table(empty, "SELECT currency, net_amount, total_amount FROM invoice") == [("USD", 10000, 12100)]
    assert table(empty, ITEMS) == []


@pytest.mark.parametrize(("columns", "cells", "net"), [("Tax Signed,", "210.0,", 100000), ("", "", 121000)])
def test_an_invoice_with_a_total_alone_is_told(segcli: Run, empty: Path, columns: str, cells: str, net: int) -> None:
    write(
        i=f"Number,Invoice Partner Display Name,Invoice/Bill Date,{columns}Total Signed,Status\nINV/1,Acme,2026-01-15,{cells}1210.0,Posted\n"
    )
    done = segcli("import", "i.csv", "-f", "json")
    assert done.status == 0, done.err
    notes = [row["notes"] for row in done.rows if row["kind"] == "invoices"]
    assert [note.startswith("1 invoice has only a total: VAT is 0") for note in notes] == [not columns]
    assert table(empty, HEADS) == [("INV/1", net, 121000 - net, 121000, "processed")]


TECHNICAL = {
    "ids of the export": (
        "id,name,is_company,parent_id/id,ref,email,phone,mobile,street,zip,city,country_id,vat\n"
        "res_partner_1,Acme B.V.,True,,C1,i@example.com,030 1,,Laan 1,1234 AB,Utrecht,Netherlands,NL001234567B01\n"
        "res_partner_2,Zoë Müller,False,res_partner_1,,z@example.com,,06 1,,,,,\n"
    ),
    "names of companies": (
        "id,name,is_company,parent_id,ref,email,phone,mobile,city,country_id,vat\n"
        "res_partner_1,Acme B.V.,True,,C1,i@example.com,030 1,,Utrecht,Netherlands,NL001234567B01\n"
        "res_partner_2,Zoë Müller,False,Acme B.V.,,z@example.com,,06 1,,,\n,,,,,,,06 9,,,\n"
    ),
}


@pytest.mark.parametrize("text", TECHNICAL.values(), ids=TECHNICAL)
def test_odoo_by_its_field_names(segcli: Run, empty: Path, text: str) -> None:
    write(o=text)
    done = segcli("import", "o.csv")
    assert done.status == 0, done.err
    assert ("1 row left out: contacts without a name" in done.err) is ("06 9" in text)
    assert table(empty, ACCOUNTS) == [("Acme B.V.", "Utrecht", "NL", "NL001234567B01")]
    assert table(empty, "SELECT code, phone FROM account") == [("C1", "030 1")]
    assert table(empty, "SELECT name, email, mobile FROM contact") == [("Zoë Müller", "z@example.com", "06 1")]
    sql = "SELECT reference FROM account_reference ORDER BY 1"
    assert table(empty, sql) == [("odoo:Acme B.V.",), ("odoo:res_partner_1",)]
    assert_nothing_changes(segcli, empty, "o.csv")


def test_what_quickbooks_customers_owe_is_told_and_a_customer_below_another_keeps_its_name(
    segcli: Run, empty: Path
) -> None:
    header = "Name,Company name,Street Address,City,Phone,Email,Open balance"
    write(q=f'{header}\nAcme,Acme,,,,,"1,210.00"\nAcme:Project X,Acme,,,,,0.00\n', z=f"{header}\nBeta,Beta,,,,,0.00\n")
    done = segcli("import", "q.csv")
    assert done.status == 0
    assert "q.csv: not read: Open balance" in done.err
    assert table(empty, "SELECT name FROM account ORDER BY name") == [("Acme",), ("Acme:Project X",)]
    assert table(empty, "SELECT count(*) FROM contact") == [(0,)]
    assert segcli("import", "z.csv").err == ""
    assert_nothing_changes(segcli, empty, "q.csv")


MONEYBIRD = (
    "Factuurnummer;Contact;Klantnummer;Factuurdatum;Vervaldatum;Status;Totaal excl. btw;Totaal incl. btw;Openstaand;Valuta\n"
    "2026-0001;Acme;1001;2026-01-15;2026-02-14;Verzonden;1000.00;1210.00;1210.00;EUR\n"
    "2026-0002;Acme;1001;2026-01-16;2026-02-14;Betaald;100.00;121.00;0.00;EUR\n"
    ";Acme;1001;2026-01-17;;Concept;10.00;12.10;12.10;EUR\n2026-0003;Beta;;2026-01-18;;Verzonden;10.00;12.10;12.10;EUR\n"
)


def test_a_list_of_moneybird_invoices_names_the_account_by_its_contact(segcli: Run, empty: Path) -> None:
    write(m=MONEYBIRD)
    done = segcli("import", "m.csv")
    assert done.status == 0, done.err
    assert sorted(done.err.splitlines()) == [
        "m.csv: 1 row left out: drafts",
        "m.csv: 1 row left out: invoices without a customer number",
    ]
    assert table(empty, "SELECT code, name FROM account") == [("1001", "Acme")]
    assert table(empty, HEADS) == [
        ("2026-0001", 100000, 21000, 121000, "processed"),
        ("2026-0002", 10000, 2100, 12100, "processed"),
    ]
    assert table(empty, ITEMS) == [("2026-0001", 121000, 121000), ("2026-0002", 12100, 0)]
    assert_nothing_changes(segcli, empty, "m.csv")
