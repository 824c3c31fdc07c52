"""What goes beside the PDF: UBL, or the reason why there is none."""

import email
import sqlite3
import xml.etree.ElementTree as ET
from email.policy import default
from pathlib import Path

import pytest
from conftest import APPLY, Run
from ubl_case import check_order, values

OWN = "UPDATE administration SET address = 'Kade 1', postcode = '1011 AB', city = 'Amsterdam', country = 'NL', vat_number = 'NL001234567B01'"
RUN = ("--config", "config.yaml", "run", "print-invoices", "--folder", "out")


@pytest.fixture
def to_print(segcli: Run, empty: Path) -> Path:
    with sqlite3.connect(empty) as db:
        db.execute(OWN)
    Path("config.yaml").write_text("letters: {name: Ours BV, iban: NL91 ABNA 0417 1643 00, email: us@us.example}\n")
    Path("a.csv").write_text(
        "account,name,address,postcode,city,country,email,vat_number,invoice_by\n"
        "A,Ann,Kade 1,1011 AB,Amsterdam,NL,a@a.example,NL009876543B01,email\nB,Bob,,,,,,,\n"
    )
    Path("h.csv").write_text(
        "external_id,account,invoice_date,your_reference,currency,status\ni1,A,2026-05-01,PO 1,EUR,open\n"
        "i2,B,2026-05-02,PO 2,EUR,open\ni3,A,2026-05-03,,EUR,open\n"
    )
    Path("l.csv").write_text(
        "invoice_id,line,description,quantity,unit_price,vat_percent\ni1,1,Tea,3,33.33,21\ni2,1,Tea,1,1,21\ni3,1,Tea,1,1,21\n"
    )
    for name in "ahl":
        assert segcli("import", f"{name}.csv").status == 0
    return empty


def names(pattern: str) -> list[str]:
    (folder,) = Path("out").glob(pattern)
    return sorted(path.name for path in folder.iterdir())


def test_beside_the_pdf(segcli: Run, to_print: Path) -> None:
    assert segcli(*RUN, "--draft").status == 0
    assert not [name for name in names("drafts-*") if name.endswith(".xml")]
    done = segcli(*RUN, *APPLY)
    assert done.status == 0
    assert names("invoices-*") == [
        "26000001.eml",
        "26000001.pdf",
        "26000001.xml",
        "26000002.pdf",
        "26000003.eml",
        "26000003.pdf",
    ]
    assert "26000003: it has no reference of the buyer's" in done.err
    assert "26000002: account B: country is none" in done.err
    (folder,) = Path("out").glob("invoices-*")
    data = (folder / "26000001.xml").read_bytes()
    root = ET.fromstring(data)
    check_order(root)
    assert values(root, "LegalMonetaryTotal/PayableAmount") == ["120.99"]  # 99.99 and 20.9979
    message = email.message_from_bytes((folder / "26000001.eml").read_bytes(), policy=default)
    attached = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert list(attached) == ["26000001.pdf", "26000001.xml"]
    assert attached["26000001.xml"] == data
    assert segcli(*RUN, "--reprint", "26000001", "--merged").status == 0
    assert names("copies-*") == ["26000001.xml", "invoices.pdf"]
    (copies,) = Path("out").glob("copies-*")
    assert (copies / "26000001.xml").read_bytes() == data


def test_none_is_wanted(segcli: Run, to_print: Path) -> None:
    config = Path("config.yaml").read_text()
    Path("config.yaml").write_text(config + "invoices: {ubl: perhaps}\n")
    done = segcli(*RUN, *APPLY)
    assert (done.status, "invoices.ubl" in done.err, Path("out").exists()) == (1, True, False)
    Path("config.yaml").write_text(config + "invoices: {ubl: no}\n")
    done = segcli(*RUN, *APPLY)
    assert (done.status, "UBL" in done.err) == (0, False)
    assert not [name for name in names("invoices-*") if name.endswith(".xml")]
