"""Imports of Exact's exports: GUIDs, eExact XML and REST answers."""

import json
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint
from import_case import accounts, bring

from segcli.importing.readers.parts import xml

NAME_ID, VALUE_ID, ACCOUNT_ID = (f"00000000-0000-0000-0000-00000000000{n}" for n in range(3))
REST = {
    "names": [{"__metadata": {"type": "Exact.Web.Api.Models.AccountClassificationName"}, "ID": NAME_ID, "SequenceNumber": 3, "Description": "Tier"}],
    "values": [{"__metadata": {"type": "Exact.Web.Api.Models.AccountClassification"}, "ID": VALUE_ID, "AccountClassificationName": NAME_ID, "Code": "A", "Description": "Top"}],
    "accounts": [{"__metadata": {"type": "Exact.Web.Api.Models.Account"}, "ID": ACCOUNT_ID, "Code": "                 7", "Name": "X", "Status": "C", "Classification3": VALUE_ID}],
    "contacts": [{"__metadata": {"type": "Exact.Web.Api.Models.Contact"}, "ID": NAME_ID, "Account": ACCOUNT_ID, "FullName": "Eva Smit", "Email": "eva@x.example"}],
}  # fmt: skip


@pytest.mark.parametrize(
    "order",
    [
        ("names", "values", "accounts", "contacts"),
        ("accounts", "contacts", "names", "values"),
        ("accounts", "names", "values", "contacts"),
    ],
)
def test_guids_are_resolved_in_whatever_order_the_files_come(
    segcli: Run, empty: object, order: tuple[str, ...]
) -> None:
    for name in order:
        Path(f"{name}.json").write_text(json.dumps({"d": {"results": REST[name]}}))
        done = segcli("import", f"{name}.json")
        assert done.status == 0, done.err
    assert accounts(segcli, "account,class3,class3_name") == [["7", "A", "Top"]]
    assert segcli("show", "contact-search", "eva", "-f", "json").rows[0]["account"] == "7"
    listed = segcli("classification", "list", "-f", "json").rows
    assert [(row["class"], row["label"], row["code"], row["accounts"]) for row in listed] == [
        ("class3", "Tier", "A", 1)
    ]


EEXACT = """<?xml version="1.0"?><eExact><Accounts><Account code="                12" status="C" ID="{{AB-1}}">
<Name>Kaas &amp; Co</Name><Phone>010</Phone><IsSupplier>0</IsSupplier>
<Contact default="1" number="5"><LastName>Jansen</LastName><FirstName>An</FirstName><Email>an@x.example</Email>
<IsMailingExcluded>1</IsMailingExcluded></Contact>
<Address type="VIS" default="1"><Contact number="5"/><AddressLine1>Dam 1</AddressLine1><PostalCode>1011</PostalCode><City>Amsterdam</City><Country code="NL"/></Address>
<AccountClassifications><AccountClassification SequenceNumber="2"><Description>Tier</Description><Property code="G">
<Description>Gold</Description></Property></AccountClassification></AccountClassifications></Account></Accounts>
<ARs><AR><Account code="12"/><OutstandingItems><OutstandingItem number="77"><InvoiceDate>2024-01-31</InvoiceDate>
<DueDate>2024-02-28</DueDate><Currency code="EUR"/><InvoiceAmtFC>20</InvoiceAmtFC><OutstandingAmtFC>12.5</OutstandingAmtFC>
<InvoiceAmtDC>20</InvoiceAmtDC><OutstandingAmtDC>12.5</OutstandingAmtDC></OutstandingItem></OutstandingItems></AR></ARs>
<Invoices><Invoice><OrderedBy><Account code="99"/></OrderedBy></Invoice></Invoices></eExact>"""


def test_eexact_xml(segcli: Run, empty: object) -> None:
    done = bring(segcli, EEXACT, name="e.xml")
    assert done.status == 0, done.err
    assert accounts(segcli, "account,name,city,country,class2,class2_name") == [
        ["12", "Kaas & Co", "Amsterdam", "NL", "G", "Gold"]
    ]
    contact = segcli("show", "contact-overview", "-f", "json").rows[0]
    assert (contact["name"], contact["why_not"]) == ("An Jansen", "contact excluded")
    assert segcli("classification", "list", "-f", "json").rows[0]["label"] == "Tier"
    item = segcli("show", "outstanding-items", "-f", "json").rows[0]
    assert (item["invoice_number"], item["amount"], item["open"], item["due_date"]) == ("77", 20, 12.5, "2024-02-28")


def test_contacts_of_eexact_xml_wherever_they_stand(segcli: Run, empty: object) -> None:
    """In an account, in a list of its own there, or as a topic, with their account."""
    inside = '<Contacts><Contact number="5"><LastName>Jansen</LastName></Contact></Contacts>'
    apart = '<Contact number="6"><Account code="   12"/><LastName>Smit</LastName></Contact>'
    text = f'<?xml version="1.0"?><eExact><Accounts><Account code="12"><Name>A</Name>{inside}</Account></Accounts><Contacts>{apart}</Contacts></eExact>'
    done = bring(segcli, text, name="e.xml")
    assert done.status == 0, done.err
    rows = segcli("show", "contact-overview", "--sort", "name", "-f", "json").rows
    assert [(row["account"], row["name"]) for row in rows] == [("12", "Jansen"), ("12", "Smit")]


def test_xml_in_an_encoding_that_is_said(segcli: Run, empty: object) -> None:
    text = EEXACT.replace("Kaas", "Łódź").encode("cp1250")
    assert bring(segcli, text, "--encoding", "cp1250", name="e.xml").status == 0
    assert accounts(segcli, "name") == [["Łódź & Co"]]


def test_a_record_of_xml_with_elements_without_end(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MOST_PARTS", 10)
    before = fingerprint(empty)
    done = bring(segcli, EEXACT, name="e.xml")
    assert (done.status, done.err) == (
        1,
        "segcli: e.xml:5: one record has more than 10 elements\n  is this file damaged?\n",
    )
    assert fingerprint(empty) == before


def test_receivables_of_exacts_rest_answers(segcli: Run, empty: object) -> None:
    bring(segcli, "account,name\n7,A\n", name="a.csv")
    listed = [
        {"__metadata": {"type": "Exact.Web.Api.Models.ReceivablesList"}, "HID": n, "AccountCode": "                 7", "AccountId": NAME_ID,
         "AccountName": "A", "Account": ACCOUNT_ID, "Amount": amount, "CurrencyCode": "EUR", "Description": "x", "DueDate": due,
         "InvoiceDate": "/Date(1706659200000)/", "InvoiceNumber": number, "EntryNumber": 24000000 + n, "YourRef": None}
        for n, (amount, due, number) in enumerate([(121.0, "/Date(1709164800000)/", 2401), (-50, None, 0)])
    ]  # fmt: skip
    Path("r.json").write_text(json.dumps({"d": listed}))
    done = segcli("import", "r.json")
    assert done.status == 0, done.err
    rows = segcli("show", "outstanding-items", "-f", "json").rows
    assert [(r["invoice_number"], r["invoice_date"], r["due_date"], r["open"]) for r in rows] == [
        (None, "2024-01-31", None, -50),
        ("2401", "2024-01-31", "2024-02-29", 121),
    ]


def test_days_of_json_that_are_milliseconds(segcli: Run, empty: Path) -> None:
    rows = [{"account": "1", "name": "A", "start_date": "/Date(1767225600000)/"}, {"account": "2", "name": "B", "start_date": "2026-01-02"},
            {"account": "3", "name": "C", "start_date": "/Date(soon)/"}]  # fmt: skip
    Path("a.json").write_text(json.dumps(rows[:2]))
    assert segcli("import", "a.json").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT start_date FROM account ORDER BY code").fetchall() == [
            ("2026-01-01",),
            ("2026-01-02",),
        ]
    Path("a.json").write_text(json.dumps(rows))
    done = segcli("import", "a.json")
    assert (done.status, "start_date: '/Date(soon)/': this is not a date" in done.err) == (1, True)


def test_all_accounts_of_a_file_that_names_their_type(segcli: Run, empty: object) -> None:
    done = bring(segcli, "account,name,type\n1,A,A\n", "-f", "json")
    assert [(row["added"], row["notes"]) for row in done.rows] == [(1, "")]


def test_contacts_of_which_only_some_have_a_guid(segcli: Run, empty: Path) -> None:
    """By GUID, else by code; two without one are no double of each other; codes that are given never clash with those that are not."""
    Path("c.csv").write_text("account,contact,name,external_id\nK1,3,Piet,g-1\nK1,7,Anna,\nK1,8,Jan,\n")
    assert segcli("import", "c.csv", "--create-missing").status == 0
    before = contacts(empty)
    for _ in range(2):
        assert segcli("import", "c.csv", "--again").status == 0
        assert contacts(empty) == before == [("3", "Piet", "g-1"), ("7", "Anna", None), ("8", "Jan", None)]
    Path("g.csv").write_text("account,contact,name,external_id\nK1,7,Anna,g-7\nK1,3,Pieter,g-1\n")
    assert segcli("import", "g.csv").status == 0
    assert contacts(empty) == [("3", "Pieter", "g-1"), ("7", "Anna", "g-7"), ("8", "Jan", None)]
    Path("n.csv").write_text("account,name\nK1,Eva\nK1,Jan\nK1,Kees\n")
    assert segcli("import", "n.csv", "--as", "contact").status == 0
    assert [code for code, *_ in contacts(empty)] == ["3", "7", "8", "9", "10"]


def contacts(database: Path) -> list[tuple[str, str, str | None]]:
    with connected(database) as db:
        return db.execute("SELECT code, name, external_id FROM contact ORDER BY id").fetchall()
