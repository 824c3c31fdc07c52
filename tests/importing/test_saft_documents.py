"""SAF-T: products, invoices and payments of Portugal and of Norway's draft 2.0, from the file to the database."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected
from finance_files import Read, elements, read
from import_case import load

from segcli.importing import readers

PT = "urn:OECD:StandardAuditFile-Tax:PT_1.04_01"
NO = "urn:StandardAuditFile-Taxation-Financial:NO"
CUSTOMER = (
    f"<Customer>{elements(CustomerID='C1', AccountID='Desconhecido', CustomerTaxID='999999990', CompanyName='Loja')}"
    f"<BillingAddress>{elements(AddressDetail='Desconhecido', City='Porto', Country='PT')}</BillingAddress></Customer>"
)
PRODUCT = f"<Product>{elements(ProductType='P', ProductCode='P1', ProductGroup='Vinho', ProductDescription='Tinto')}</Product>"
HEAD = (
    "invoice_number",
    "account",
    "invoice_date",
    "due_date",
    "net_amount",
    "vat_amount",
    "total_amount",
    "original_number",
)
LINE = ("line_number", "item", "quantity", "unit_price", "net_amount", "vat_percent")


def audit(documents: str, master: str = CUSTOMER + PRODUCT, namespace: str = PT, currency: str = "CurrencyCode") -> str:
    """Return a file that has only source documents, in euros."""
    header = f"<Header>{elements(AuditFileVersion='1.04_01', FiscalYear='2026', **{currency: 'EUR'})}</Header>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<AuditFile xmlns="{namespace}">{header}<MasterFiles>{master}</MasterFiles>'
        f"<SourceDocuments>{documents}</SourceDocuments></AuditFile>"
    )


def sold(amount: str, side: str = "Credit", number: str = "1", more: str = "", **values: str) -> str:
    """Return a line of an invoice of Portugal."""
    about = {
        "ProductCode": "P1",
        "ProductDescription": "Tinto",
        "Quantity": "1",
        "UnitOfMeasure": "UN",
        "UnitPrice": "1",
    }
    tax = f"<Tax>{elements(TaxType='IVA', TaxCode='NOR', TaxPercentage='23')}</Tax>"
    return f"<Line>{elements(LineNumber=number, **{**about, **values})}{more}<{side}Amount>{amount}</{side}Amount>{tax}</Line>"


def invoice(  # noqa: PLR0913 - what an invoice states
    number: str, lines: str, net: str, tax: str, gross: str, kind: str = "FT", status: str = "N", more: str = ""
) -> str:
    """Return an invoice of Portugal."""
    head = elements(InvoiceNo=number, InvoiceDate="2026-01-05", InvoiceType=kind, CustomerID="C1")
    totals = f"<DocumentTotals>{elements(TaxPayable=tax, NetTotal=net, GrossTotal=gross)}{more}</DocumentTotals>"
    return f"<Invoice><DocumentStatus><InvoiceStatus>{status}</InvoiceStatus></DocumentStatus>{head}{lines}{totals}</Invoice>"


def sales(*invoices: str) -> str:
    return f"<SalesInvoices>{elements(NumberOfEntries=str(len(invoices)))}{''.join(invoices)}</SalesInvoices>"


def receipt(number: str, lines: str, net: str, gross: str, status: str = "N") -> str:
    """Return a payment of Portugal."""
    about = elements(PaymentRefNo=number, TransactionDate="2026-02-02", PaymentType="RG")
    state = f"<DocumentStatus><PaymentStatus>{status}</PaymentStatus></DocumentStatus>"
    how = f"<PaymentMethod>{elements(PaymentMechanism='TB', PaymentDate='2026-02-01')}</PaymentMethod>"
    totals = f"<DocumentTotals>{elements(NetTotal=net, GrossTotal=gross)}</DocumentTotals>"
    return f"<Payment>{about}{state}{how}<CustomerID>C1</CustomerID>{lines}{totals}</Payment>"


def paid(invoice_number: str, amount: str, side: str = "Credit", rate: str = "", discount: str = "") -> str:
    """Return a line of a payment of Portugal."""
    of = f"<SourceDocumentID>{elements(OriginatingON=invoice_number)}</SourceDocumentID>"
    tax = f"<Tax>{elements(TaxPercentage=rate)}</Tax>" if rate else ""
    less = elements(SettlementAmount=discount) if discount else ""
    return f"<Line>{of}{less}<{side}Amount>{amount}</{side}Amount>{tax}</Line>"


def payments(*receipts: str) -> str:
    return f"<Payments>{''.join(receipts)}</Payments>"


def told(tmp_path: Path, text: str) -> tuple[list[str], list[str]]:
    """Return what a reader says was left out, and its warnings."""
    (tmp_path / "file.xml").write_text(text)
    source = readers.open_source(str(tmp_path / "file.xml"))
    for block in readers.read(source):
        list(block.rows)
    return source.left_out, source.warnings


def sql(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with connected(path) as db:
        return db.execute(statement).fetchall()


def test_an_invoice_and_a_credit_note(tmp_path: Path) -> None:
    """The lines of a credit note are debits; its totals have no sign."""
    sale = invoice("FT 1/1", sold("23.3938", Quantity="5", UnitPrice="4.6788"), "23.39", "5.38", "28.77")
    reference = f"<References>{elements(Reference='FT 1/1', Reason='erro')}</References>"
    back = invoice("NC 1/1", sold("4.6788", "Debit", more=reference), "4.68", "1.08", "5.76", "NC")
    found = read(tmp_path, audit(sales(sale, back)))
    assert found.of("invoice", *HEAD) == [
        ("FT 1/1", "C1", "2026-01-05", None, "23.39", "5.38", "28.77", None),
        ("NC 1/1", "C1", "2026-01-05", None, "-4.68", "-1.08", "-5.76", "FT 1/1"),
    ]
    assert found.of("invoice_line", *LINE) == [
        ("1", "P1", "5", "4.6788", "23.3938", "23"), ("1", "P1", "-1", "1", "-4.6788", "23"),
    ]  # fmt: skip
    assert found.of("item", "item", "description", "item_group") == [("P1", "Tinto", "Vinho")]
    assert found.of("account", "account", "name", "address", "city", "vat_number") == [
        ("C1", "Loja", None, "Porto", None)
    ]


@pytest.mark.parametrize(
    ("kind", "side", "sign"), [("FS", "Credit", 1), ("FR", "Credit", 1), ("ND", "Credit", 1), ("NC", "Debit", -1)]
)
def test_every_type_of_document(segcli: Run, empty: Path, kind: str, side: str, sign: int) -> None:
    text = audit(sales(invoice(f"{kind} 1/1", sold("10.00", side), "10.00", "2.30", "12.30", kind)))
    for _ in range(2):
        load(segcli, "--again", **{"file.xml": text})
        assert sql(empty, "SELECT net_amount, vat_amount, total_amount, status FROM invoice") == [
            (sign * 1000, sign * 230, sign * 1230, "processed")
        ]
        assert sql(empty, "SELECT quantity, net_amount FROM invoice_line") == [(sign * 1_000_000, sign * 10_000_000)]


def test_a_line_with_the_other_sign(tmp_path: Path) -> None:
    """A debit line lowers an invoice; the sum of the lines is its sign."""
    lines = sold("10.00") + sold("4.00", "Debit", "2")
    found = read(tmp_path, audit(sales(invoice("FT 1/1", lines, "6.00", "1.38", "7.38"))))
    assert found.of("invoice", "net_amount", "total_amount") == [("6.00", "7.38")]
    assert found.of("invoice_line", "line_number", "quantity", "net_amount") == [("1", "1", "10"), ("2", "-1", "-4")]


def test_numbers_with_many_digits(segcli: Run, empty: Path) -> None:
    """Quantities are kept to millionths, prices to nine decimals; both come with more."""
    line = sold("33.33", Quantity="3.3333333333333333", UnitPrice=".9999000000000001")
    load(segcli, **{"file.xml": audit(sales(invoice("FT 1/1", line, "33.330000", "7.67", "41")))})
    assert sql(empty, "SELECT quantity, unit_price FROM invoice_line") == [(3_333_333, "0.9999")]
    assert sql(empty, "SELECT net_amount, total_amount FROM invoice") == [(3333, 4100)]


def test_sixteen_digits_before_the_point(segcli: Run, empty: Path) -> None:
    """The ledger keeps such a quantity as it is; an invoice's is too large to calculate with."""
    journal = "<GeneralLedgerEntries><Journal><JournalID>S</JournalID><Transaction>" + elements(
        TransactionID="1", TransactionDate="2026-01-05") + "".join(
        f"<Line>{elements(RecordID=side, AccountID='1', Quantity='4450600327289440.0')}<{side}Amount>1</{side}Amount></Line>"
        for side in ("Debit", "Credit")) + "</Transaction></Journal></GeneralLedgerEntries>"  # fmt: skip
    load(segcli, **{"file.xml": audit("").replace("<SourceDocuments>", journal + "<SourceDocuments>")})
    assert sql(empty, "SELECT DISTINCT quantity FROM transaction_line") == [("4450600327289440.0",)]
    text = audit(sales(invoice("FT 1/1", sold("1", Quantity="4450600327289440.0"), "1", "0", "1")))
    assert "this number is too large" in load(segcli, status=1, **{"file.xml": text}).err


def test_totals_that_differ_by_their_rounding_and_by_more(segcli: Run, empty: Path) -> None:
    """Net 10.005 and tax 2.305 are rounded up, their total of 12.31 is not; a difference of one euro is an error."""
    near = invoice("FT 1/1", sold("10.005"), "10.005", "2.305", "12.31")
    load(segcli, **{"file.xml": audit(sales(near))})
    assert sql(empty, "SELECT net_amount, vat_amount, total_amount FROM invoice") == [(1001, 230, 1231)]
    far = invoice("FT 1/2", sold("10"), "10", "2.30", "13.30")
    done = load(segcli, status=1, **{"file.xml": audit(sales(far))})
    assert "net and VAT do not add up to the total" in done.err


def test_a_product_that_only_a_line_names(tmp_path: Path) -> None:
    line = sold("1", ProductCode="X", ProductDescription="Rolha") + sold("1", number="2")
    found = read(tmp_path, audit(sales(invoice("FT 1/1", line, "2", "0", "2"))))
    assert found.of("item", "item", "description") == [("P1", "Tinto"), ("X", "Rolha")]


def test_line_numbers_that_are_not_distinct_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, audit(sales(invoice("FT 1/1", sold("1") + sold("1"), "2", "0", "2"))))
    assert [number for (number,) in found.of("invoice_line", "line_number")] == ["1", "2"]


def test_terms_and_another_currency(tmp_path: Path) -> None:
    terms = f"<Settlement>{elements(SettlementAmount='1.00', PaymentTerms='2026-02-04')}</Settlement>"
    foreign = f"<Currency>{elements(CurrencyCode='USD', CurrencyAmount='13.53')}</Currency>"
    text = audit(sales(invoice("FT 1/1", sold("10"), "10", "2.30", "12.30", more=terms + foreign)))
    assert read(tmp_path, text).of("invoice", "due_date", "total_amount") == [("2026-02-04", "12.30")]
    assert told(tmp_path, text) == ([], ["1 invoice in USD: taken in EUR, as the file states the amounts"])


def test_a_cancelled_invoice_is_taken_back(segcli: Run, empty: Path) -> None:
    """Twice the same; undo brings the invoice back."""
    two = [invoice(f"FT 1/{n}", sold("10"), "10", "2.30", "12.30") for n in (1, 2)]
    load(segcli, **{"a.xml": audit(sales(*two))})
    cancelled = two[1].replace("<InvoiceStatus>N", "<InvoiceStatus>A")
    for _ in range(2):
        done = load(segcli, "--again", **{"b.xml": audit(sales(two[0], cancelled))})
        assert "1 cancelled invoice not taken" in done.err
        assert sql(empty, "SELECT invoice_number FROM invoice") == [("FT 1/1",)]
        assert sql(empty, "SELECT count(*), sum(net_amount) FROM invoice_line") == [(1, 10_000_000)]
        assert segcli("check").status == 0  # the summaries of the sales too
    assert segcli("undo", "2", "--yes").status == 0
    assert sql(empty, "SELECT invoice_number FROM invoice ORDER BY 1") == [("FT 1/1",), ("FT 1/2",)]
    assert sql(empty, "SELECT count(*) FROM invoice_line") == [(2,)]


def test_a_list_cancels_an_invoice_too(segcli: Run, empty: Path) -> None:
    """An invoice that is not here is not added; a second time changes nothing."""
    load(segcli, accounts="account,name\nC1,Loja\n")
    head = "invoice_number,account,invoice_date,net_amount,total_amount,status\n"
    one, two = "1,C1,2026-01-05,10.00,12.30,", "2,C1,2026-01-05,10.00,12.30,"
    load(segcli, "--as", "invoice", a=f"{head}{one}processed\n")
    for _ in range(2):
        load(segcli, "--as", "invoice", "--again", b=f"{head}{one}Cancelled\n{two}geannuleerd\n")
        assert sql(empty, "SELECT count(*) FROM invoice") == [(0,)]
    load(segcli, "--as", "invoice", c=f"{head}{one.replace('C1', 'NOBODY')}cancelled\n")  # its account does not matter


def test_what_another_invoice_bills_is_not_counted_twice(tmp_path: Path) -> None:
    text = audit(sales(invoice("FS 1/1", sold("10"), "10", "2.30", "12.30", "FS", "F")))
    assert read(tmp_path, text).of("invoice", "invoice_number", "status") == [("FS 1/1", "cancelled")]
    assert told(tmp_path, text)[1] == ["1 invoice that another one bills not taken"]


def test_what_is_not_taken_is_counted(tmp_path: Path) -> None:
    documents = "<WorkingDocuments>" + "<WorkDocument><Line/></WorkDocument>" * 3 + "</WorkingDocuments>"
    documents += "<MovementOfGoods><StockMovement/></MovementOfGoods>"
    documents += payments(receipt("RG 1/1", "<Line><CreditAmount>1</CreditAmount></Line>", "1", "1"))
    left_out, _ = told(tmp_path, audit(documents))
    assert left_out == [
        "not taken: WorkingDocuments 3, MovementOfGoods 1, Payments with a line that names no invoice or several 1"
    ]


def items(segcli: Run) -> None:
    load(
        segcli,
        items="account,name,invoice_number,invoice_date,amount\nC1,Loja,FT 1/1,2026-01-05,123\nC1,Loja,FT 1/2,2026-01-06,50\nC1,Loja,NC 1/1,2026-01-07,-20\n",
    )


def opened(path: Path) -> list[tuple[Any, ...]]:
    return sql(path, "SELECT invoice_number, open_amount FROM outstanding_item ORDER BY id")


@pytest.mark.parametrize(
    ("lines", "net", "gross", "expected"),
    [
        (paid("FT 1/1", "100", rate="23"), "100", "123", [0, 5000]),  # lines without tax
        (paid("FT 1/1", "123"), "100", "123", [0, 5000]),  # lines with tax
        (paid("FT 1/1", "60", rate="23") + paid("FT 1/2", "50", rate="0"), "110", "123.80", [4920, 0]),
        (paid("FT 1/1", "100", rate="23", discount="0"), "100", "122.99", [1, 5000]),  # rounded in the whole
        (paid("FT 1/1", "113", discount="10"), "113", "113", [0, 5000]),  # a discount settles too
        (paid("FT 1/1", "123") + paid("NC 1/1", "20", "Debit"), "103", "103", [0, 5000, 0]),  # set off
    ],
)  # fmt: skip
def test_a_payment_settles_what_it_names(  # noqa: PLR0913 - the case
    segcli: Run, empty: Path, lines: str, net: str, gross: str, expected: list[int]
) -> None:
    load(segcli, accounts="account,name\nC1,Loja\n")
    items(segcli)
    for _ in range(2):
        load(segcli, "--again", **{"file.xml": audit(payments(receipt("RG 1/1", lines, net, gross)))})
        assert [amount for _, amount in opened(empty)] == [*expected, -2000][:3]
    assert {day for (day,) in sql(empty, "SELECT allocation_date FROM allocation WHERE amount > 0")} == {"2026-02-01"}


def test_a_payment_of_an_unknown_item_waits_for_it(segcli: Run, empty: Path) -> None:
    text = audit(payments(receipt("RG 1/1", paid("FT 1/1", "123"), "123", "123")))
    done = load(segcli, status=5, **{"file.xml": text})
    assert "1 payment not taken: the invoices that they pay are not outstanding items here" in done.err
    assert opened(empty) == []
    items(segcli)
    load(segcli, "--again", **{"file.xml": text})
    assert opened(empty) == [("FT 1/1", 0), ("FT 1/2", 5000), ("NC 1/1", -2000)]


def test_an_invoice_that_is_its_own_receipt_is_paid(segcli: Run, empty: Path) -> None:
    """Without an outstanding item there is nothing to settle, and nothing to tell."""
    text = audit(sales(invoice("FT 1/1", sold("100"), "100", "23", "123", "FR")))
    assert load(segcli, **{"file.xml": text}).err == ""
    items(segcli)
    for _ in range(2):
        load(segcli, "--again", **{"file.xml": text})
        assert opened(empty)[:2] == [("FT 1/1", 0), ("FT 1/2", 5000)]
    load(segcli, **{"file.xml": text.replace("<InvoiceStatus>N", "<InvoiceStatus>A")})
    assert opened(empty)[:2] == [("FT 1/1", 12300), ("FT 1/2", 5000)]


def test_a_cancelled_payment_is_taken_back(segcli: Run, empty: Path) -> None:
    load(segcli, accounts="account,name\nC1,Loja\n")
    items(segcli)
    for status, left in (("N", 0), ("A", 12300), ("A", 12300)):
        text = audit(payments(receipt("RG 1/1", paid("FT 1/1", "123"), "123", "123", status)))
        load(segcli, "--again", **{"file.xml": text})
        assert opened(empty) == [("FT 1/1", left), ("FT 1/2", 5000), ("NC 1/1", -2000)]


def test_one_bad_invoice_is_one_rejection(segcli: Run, empty: Path) -> None:
    bad = invoice("FT 1/1", sold("1,5") + sold("2", number="2"), "3.5", "0", "3.5")
    good = invoice("FT 1/2", sold("2"), "2", "0", "2")
    done = load(segcli, "--on-error", "skip", status=5, **{"file.xml": audit(sales(bad, good))})
    assert done.err.count("file.xml:2") == 1
    assert "net_amount: '1,5': this is not a number" in done.err
    assert sql(empty, "SELECT invoice_number FROM invoice") == [("FT 1/2",)]


def norway(kind: str, party: str) -> str:
    """Return an invoice of the draft of 2.0: 10 of 2,200 less 3,000, with 1,000 for shipping, and 25 % VAT."""
    plus, minus = ("Credit", "Debit") if kind == "Sales" else ("Debit", "Credit")

    def amount(name: str, value: str) -> str:
        return f"<{name}><Amount>{value}</Amount></{name}>"

    line = elements(
        LineNumber="1",
        ProductCode="P1",
        ProductDescription="Vare",
        Quantity="10",
        InvoiceUOM="stk",
        UnitPrice="2200.00",
    )
    line += amount(f"{plus}InvoiceLineAmount", "22000.00") + amount(f"{plus}ShippingCostsAmount", "1000.00")
    line += f"<AllowanceCharge>{amount(f'{minus}AllowanceChargeAmount', '3000.00')}</AllowanceCharge>"
    line += f"<TaxInformation>{elements(TaxPercentage='25')}</TaxInformation>"
    totals = elements(**{f"{plus}NetTotal": "20000.00", f"{plus}GrossTotal": "25000.00"})
    head = elements(InvoiceNo="INV001", InvoiceDate="2026-10-20", InvoiceType="invoice", PaymentDueDate="2026-11-20")
    return f"<{kind}Invoices><Invoice>{head}{party}<Line>{line}</Line><DocumentTotals>{totals}</DocumentTotals></Invoice></{kind}Invoices>"


def of_norway(tmp_path: Path) -> Read:
    parties = f"<Customers><Customer>{elements(Name='Kunde', CustomerID='10')}</Customer></Customers>"
    parties += f"<Suppliers><Supplier>{elements(Name='Lev', SupplierID='20')}</Supplier></Suppliers>"
    documents = norway("Sales", f"<CustomerInfo>{elements(CustomerID='10')}</CustomerInfo>")
    documents += norway("Purchase", f"<SupplierInfo>{elements(SupplierID='20')}</SupplierInfo>")
    return read(tmp_path, audit(documents, parties, NO, "DefaultCurrencyCode"))


def test_norways_draft_of_version_2(tmp_path: Path) -> None:
    found = of_norway(tmp_path)
    names = ("invoice_number", "account", "invoice_date", "due_date", "net_amount", "total_amount")
    for kind, account in (("invoice", "10"), ("purchase_invoice", "20")):
        assert found.of(kind, *names) == [("INV001", account, "2026-10-20", "2026-11-20", "20000.00", "25000.00")]
        (line,) = found.of(f"{kind}_line", "quantity", "unit", "unit_price", "net_amount", "vat_percent")
        assert line == ("10", "stk", "2200", "20000", "25")
    assert found.of("purchase_invoice_line", "supplier") == [("20",)]


def test_norways_payments_to_suppliers_are_counted(tmp_path: Path) -> None:
    line = (
        elements(SourceDocumentID="INV", SupplierID="20")
        + "<DebitPaymentLineAmount><Amount>8</Amount></DebitPaymentLineAmount>"
    )
    to_supplier = f"<Payment>{elements(PaymentRefNo='P1', TransactionDate='2026-01-05')}<Line>{line}</Line></Payment>"
    left_out, _ = told(tmp_path, audit(payments(to_supplier), "", NO, "DefaultCurrencyCode"))
    assert left_out == ["not taken: Payments to suppliers 1"]


def test_norways_receipts(tmp_path: Path) -> None:
    line = elements(SourceDocumentID="INV", CustomerID="10")
    line += "<CreditPaymentLineAmount><Amount>8</Amount></CreditPaymentLineAmount>"
    line += "<CreditSettlementAmount><Amount>2</Amount></CreditSettlementAmount>"
    receipt_ = f"<Payment>{elements(PaymentRefNo='P1', TransactionDate='2026-01-05')}<Line>{line}</Line></Payment>"
    found = read(tmp_path, audit(payments(receipt_), "", NO, "DefaultCurrencyCode"))
    assert found.of("payment", "account", "invoice_number", "entry_number", "payment_date", "amount") == [
        ("10", "INV", "P1", "2026-01-05", "-10.00")
    ]


def test_an_indicator_of_the_side(tmp_path: Path) -> None:
    """OECD 2.0: one amount, and whether it is a debit or a credit."""
    line = elements(LineNumber="1", Quantity="1", UnitPrice="5", DebitCreditIndicator="D")
    line += "<InvoiceLineAmount><Amount>5.00</Amount></InvoiceLineAmount>"
    totals = elements(NetTotal="5.00", GrossTotal="6.00")
    head = elements(InvoiceNo="K1", InvoiceDate="2026-01-05", CustomerID="C1")
    text = f"<SalesInvoices><Invoice>{head}<Line>{line}</Line><DocumentTotals>{totals}</DocumentTotals></Invoice></SalesInvoices>"
    found = read(tmp_path, audit(text, namespace="urn:OECD:StandardAuditFile-Taxation/2.00"))
    assert found.of("invoice", "net_amount", "total_amount") == [("-5.00", "-6.00")]
