"""SAF-T: ledger accounts, customers and suppliers, their analysis as classifications, and journal lines, by country."""

from pathlib import Path

import pytest
from finance_files import SAFT_MASTER, elements, read, saft, saft_account, saft_entry, saft_party, saft_post, xaf

from segcli.base.errors import SegcliError
from segcli.importing import readers

NAMESPACES = {
    "NO": "urn:StandardAuditFile-Taxation-Financial:NO",
    "PT": "urn:OECD:StandardAuditFile-Tax:PT_1.04_01",
    "": "urn:OECD:StandardAuditFile-Taxation/2.00",  # of no stated country
}


def analysis(*pairs: tuple[str, str]) -> str:
    return (
        "<PartyInfo>"
        + "".join(f"<Analysis>{elements(AnalysisType=a, AnalysisID=b)}</Analysis>" for a, b in pairs)
        + "</PartyInfo>"
    )


@pytest.mark.parametrize("country", NAMESPACES)
def test_a_sale(tmp_path: Path, country: str) -> None:
    sale = saft_post("1", "1500", "Debit", "125.00").replace(
        "</AccountID>", "</AccountID><CustomerID>10</CustomerID><ReferenceNumber>77</ReferenceNumber>"
    )
    found = read(
        tmp_path, saft(SAFT_MASTER, saft_entry(sale + saft_post("2", "3000", "Credit", "125")), NAMESPACES[country])
    )
    assert found.of("gl_account", "gl_account", "description", "subledger") == [
        ("1500", "Konto 1500", "debtors"), ("2400", "Konto 2400", "creditors"), ("3000", "Konto 3000", None),
    ]  # fmt: skip
    assert found.of("account", "account", "name", "is_sales", "is_supplier") == [
        ("10", "Kunde", "1", "0"),
        ("20", "Lev", "0", "1"),
    ]
    assert found.of("journal", "journal", "description", "type") == [("S", "Salg", "sales")]
    names = (
        "journal",
        "financial_year",
        "period",
        "entry_number",
        "line_number",
        "entry_date",
        "gl_account",
        "account",
        "invoice_number",
        "amount",
        "type",
    )
    assert found.of("transaction_line", *names) == [
        ("S", "2024", "3", "9", "1", "2024-03-01", "1500", "10", "77", "125.00", "sales"),
        ("S", "2024", "3", "9", "2", "2024-03-01", "3000", None, None, "-125", "sales"),
    ]


def test_addresses_and_contacts(tmp_path: Path) -> None:
    post_box = f"<Address>{elements(StreetName='Postboks 1', City='Oslo', AddressType='PostalAddress')}</Address>"
    street = f"<Address>{elements(StreetName='Veien', Number='2', City='Bergen', PostalCode='5003', Country='NO', AddressType='StreetAddress')}</Address>"
    contact = f"<Contact>{elements(Telephone='1', Email='a@b.no')}</Contact><TaxRegistration>{elements(TaxRegistrationNumber='9MVA')}</TaxRegistration>"
    customers = f"<Customers>{saft_party('Customer', '10', 'Kunde', '1500', post_box + street + contact)}</Customers>"
    assert read(tmp_path, saft(customers)).of(
        "account", "address", "city", "postcode", "country", "phone", "email", "vat_number"
    ) == [("Veien 2", "Bergen", "5003", "NO", "1", "a@b.no", "9MVA")]


def test_portugal(tmp_path: Path) -> None:
    """Customers stand in MasterFiles itself, lines by side with bare amounts, and the entry names the customer."""
    billing = f"<BillingAddress>{elements(AddressDetail='Rua 1', City='Porto', PostalCode='4000', Country='PT')}</BillingAddress>"
    customer = f"<Customer>{elements(CustomerID='C1', AccountID='211', CustomerTaxID='5', CompanyName='Cliente')}{billing}</Customer>"
    nobody = f"<Customer>{elements(CustomerID='C2', AccountID='Desconhecido', CompanyName='Outro')}</Customer>"
    debit = f"<DebitLine>{elements(RecordID='1', AccountID='211', DebitAmount='12.30')}</DebitLine>"
    credit = f"<CreditLine>{elements(RecordID='2', AccountID='71', CreditAmount='12.30')}</CreditLine>"
    head = elements(TransactionID="2024-03-01 1 5", Period="3", TransactionDate="2024-03-01", CustomerID="C1")
    journal = (
        f"<Journal><JournalID>1</JournalID><Transaction>{head}<Lines>{debit}{credit}</Lines></Transaction></Journal>"
    )
    text = saft(
        f"<GeneralLedgerAccounts>{saft_account('211')}{saft_account('71')}</GeneralLedgerAccounts>{customer}{nobody}",
        journal,
        NAMESPACES["PT"],
        "<FiscalYear>2024</FiscalYear>",
    )
    found = read(tmp_path, text)
    assert found.of("account", "account", "name", "address", "city", "vat_number") == [
        ("C1", "Cliente", "Rua 1", "Porto", "5"),
        ("C2", "Outro", None, None, None),
    ]
    assert found.of("gl_account", "gl_account", "subledger") == [("211", "debtors"), ("71", None)]
    assert found.of("transaction_line", "financial_year", "account", "amount") == [
        ("2024", "C1", "12.30"),
        ("2024", None, "-12.30"),
    ]
    assert "type" not in found.headers["journal"]


def test_parties_and_transactions_elsewhere_are_references(tmp_path: Path) -> None:
    """Those of documents: a customer of MasterFiles is an account, a transaction of a journal is an entry."""
    documents = f"<SourceDocuments><Invoice>{saft_party('Customer', '99', 'Elders', '1500')}<Transaction>{saft_post('1', '1500', 'Debit', '7')}</Transaction></Invoice></SourceDocuments>"
    text = saft(
        SAFT_MASTER, saft_entry(saft_post("1", "1500", "Debit", "125") + saft_post("2", "3000", "Credit", "125"))
    )
    found = read(tmp_path, text.replace("</n1:AuditFile>", f"{documents}</n1:AuditFile>"))
    assert found.of("account", "account") == [("10",), ("20",)]
    assert found.of("transaction_line", "amount") == [("125",), ("-125",)]


def test_a_structure_of_the_company(tmp_path: Path) -> None:
    """In OECD 2.0 a company's data may stand in a structure of their own; some programs write 0 for nobody."""
    customer = f"<Customers><Customer><CompanyStructure>{elements(RegistrationNumber='RO1', Name='Client')}</CompanyStructure>{elements(CustomerID='R1', AccountID='4111')}</Customer></Customers>"
    ledger = f"<GeneralLedgerAccounts>{saft_account('4111', 'Activ')}{saft_account('704', 'Pasiv')}{saft_account('5', 'Bifunctional')}</GeneralLedgerAccounts>"
    lines = saft_post("1", "4111", "Debit", "10", name="TransactionLine").replace(
        "</AccountID>", "</AccountID><CustomerID>R1</CustomerID><SupplierID>0</SupplierID>"
    )
    lines += saft_post("2", "704", "Credit", "10", name="TransactionLine").replace(
        "</AccountID>", "</AccountID><CustomerID>0</CustomerID><SupplierID>0</SupplierID>"
    )
    found = read(tmp_path, saft(ledger + customer, saft_entry(lines), NAMESPACES[""]))
    assert found.of("account", "account", "name", "chamber_of_commerce") == [("R1", "Client", "RO1")]
    assert found.of("gl_account", "gl_account", "type") == [("4111", "B"), ("704", "B"), ("5", None)]
    assert found.of("transaction_line", "account", "amount") == [("R1", "10"), (None, "-10")]


def test_foreign_currency_and_both_sides(tmp_path: Path) -> None:
    euro = elements(CurrencyCode="EUR", CurrencyAmount="10")
    own = elements(CurrencyCode="NOK", CurrencyAmount="7")
    both = "<Line><RecordID>3</RecordID><AccountID>3000</AccountID><DebitAmount><Amount>5</Amount></DebitAmount><CreditAmount><Amount>8.5</Amount></CreditAmount></Line>"
    zero = "<Line><RecordID>4</RecordID><AccountID>3000</AccountID><DebitAmount><Amount>0.00</Amount></DebitAmount><CreditAmount><Amount>2</Amount></CreditAmount></Line>"
    found = read(
        tmp_path,
        saft(
            SAFT_MASTER,
            saft_entry(
                saft_post("1", "1500", "Credit", "115", euro) + saft_post("2", "3000", "Debit", "7", own) + both + zero
            ),
        ),
    )
    assert found.of("transaction_line", "amount", "currency", "foreign_amount") == [
        ("-115", "EUR", "-10"), ("7", None, None), ("-3.5", None, None), ("-2", None, None),
    ]  # fmt: skip


def table(*entries: tuple[str, str, str, str]) -> str:
    names = ("AnalysisType", "AnalysisTypeDescription", "AnalysisID", "AnalysisIDDescription")
    return (
        "<AnalysisTypeTable>"
        + "".join(
            f"<AnalysisTypeTableEntry>{elements(**dict(zip(names, e, strict=True)))}</AnalysisTypeTableEntry>"
            for e in entries
        )
        + "</AnalysisTypeTable>"
    )


def test_analysis_of_customers_is_their_classification(tmp_path: Path) -> None:
    customers = saft_party("Customer", "10", "Kunde", "1500", analysis(("R", "N"))) + saft_party(
        "Customer", "11", "To", "1500", analysis(("K", "1"), ("R", "S"))
    )
    types = table(
        ("A", "Avdeling", "1", "Salg"),
        ("R", "Region", "N", "Nord"),
        ("R", "Region", "V", "Vest"),
        ("K", "Kjede", "1", "Uavhengig"),
    )
    found = read(tmp_path, saft(f"<Customers>{customers}</Customers>{types}"))
    assert found.of("classification_label", "field", "label") == [("1", "Region"), ("2", "Kjede")], (
        "departments are not the customers'"
    )
    assert found.of("classification_value", "field", "code", "description") == [
        ("1", "N", "Nord"),
        ("1", "V", "Vest"),
        ("1", "S", None),
        ("2", "1", "Uavhengig"),
    ]
    assert found.of("account", "account", "class1", "class2") == [("10", "N", None), ("11", "S", "1")]
    assert "analysis" not in found.headers["account"]


def test_no_more_than_eight_classifications(tmp_path: Path) -> None:
    pairs = [(f"T{n}", "x") for n in range(9)]
    (tmp_path / "file.xml").write_text(
        saft(f"<Customers>{saft_party('Customer', '10', 'K', '1500', analysis(*pairs))}</Customers>")
    )
    source = readers.open_source(str(tmp_path / "file.xml"))
    blocks = {block.kind: list(block.rows) for block in readers.read(source)}
    assert len(blocks["classification_label"]) == 8
    assert "T8" in source.left_out[0]


def test_who_is_both_and_a_number_of_two(tmp_path: Path) -> None:
    customers = saft_party("Customer", "10", "Begge", "1500") + saft_party("Customer", "11", "Kunde", "1500")
    suppliers = saft_party("Supplier", "10", "Begge", "2400") + saft_party("Supplier", "11", "En annen", "2400")
    (tmp_path / "file.xml").write_text(saft(f"<Customers>{customers}</Customers><Suppliers>{suppliers}</Suppliers>"))
    source = readers.open_source(str(tmp_path / "file.xml"))
    (block,) = (block for block in readers.read(source) if block.kind == "account")
    at = [block.header.index(name) for name in ("account", "name", "is_sales", "is_supplier")]
    assert [[row[1][n] for n in at] for row in block.rows] == [["10", "Begge", "1", "1"], ["11", "Kunde", "1", "0"]]
    assert "11" in source.left_out[0]


def test_the_first_version(tmp_path: Path) -> None:
    """Ledger accounts stand in MasterFiles by themselves, and amounts are bare."""
    ledger = f"<GeneralLedger>{elements(AccountID='211', AccountDescription='Clientes')}</GeneralLedger>"
    lines = f"<Line>{elements(RecordID='1', AccountID='211', CreditAmount='5.00')}</Line>"
    found = read(tmp_path, saft(ledger, saft_entry(lines), "urn:OECD:StandardAuditFile-Tax:PT_1.03_01"))
    assert found.of("gl_account", "gl_account", "description") == [("211", "Clientes")]
    assert found.of("transaction_line", "amount") == [("-5.00",)]


def test_a_dutch_audit_file_is_none(tmp_path: Path) -> None:
    assert "transaction_line" not in read(tmp_path, xaf("")).rows
    assert (
        read(tmp_path, saft(SAFT_MASTER, saft_entry(saft_post("1", "1500", "Debit", "x")))).bad[0].problem.column
        == "amount"
    )


def test_a_cut_file(tmp_path: Path) -> None:
    with pytest.raises(SegcliError, match=r"file.xml:2:\d+: this is not well-formed"):
        read(tmp_path, saft(SAFT_MASTER)[:-30])
