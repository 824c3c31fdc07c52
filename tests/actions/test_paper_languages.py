"""Items and payment conditions in the account's language: on paper, in UBL, on subscriptions, and through import and undo."""

import io
import json
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import pytest
from conftest import APPLY, Run
from pypdf import PdfReader

OWN = "UPDATE administration SET address = 'Kade 1', postcode = '1011 AB', city = 'Amsterdam', country = 'NL', vat_number = 'NL001234567B01'"
RUN = ("--config", "config.yaml", "run", "print-invoices", "--folder", "out")
ITEMS = """item,description,unit,sales_price,description_nl,description_de,description_fr
T1,Green tea,piece,4.50,Groene thee,Grüner Tee,
T2,Advice,hour,95.00,Advies,Beratung,Conseil
T3,Rice,kg,2.10,,,
"""
CONDITIONS = """payment_condition,description,days,description_nl,description_de
30,Payable within 30 days,30,Te betalen binnen 30 dagen,Zahlbar innerhalb von 30 Tagen
"""
ACCOUNTS = """account,name,address,postcode,city,country,vat_number,language,payment_condition
D,Weiß,Weg 1,50667,Köln,NL,NL009876543B01,DE,30
N,Bakker,Straat 2,9000,Gent,NL,NL009876543B01,nl-BE,30
F,Pain,Rue 3,59000,Lille,NL,NL009876543B01,fr,30
X,Unknown,Road 4,1000 AA,Leeds,NL,NL009876543B01,,30
"""
# account -> the payment condition, and the descriptions of T1, T2 and T3; French has no texts for invoices, so its words are English
WANTED = {
    "D": ("Zahlbar innerhalb von 30 Tagen", "Grüner Tee", "Beratung", "Rice"),
    "N": ("Te betalen binnen 30 dagen", "Groene thee", "Advies", "Rice"),
    "F": ("Payable within 30 days", "Green tea", "Conseil", "Rice"),
    "X": ("Payable within 30 days", "Green tea", "Advice", "Rice"),
}
HEADS = "external_id,account,invoice_date,your_reference,currency,status\n"
LINES = "invoice_id,line,item,description,quantity,unit,unit_price,vat_percent\n"


@pytest.fixture
def shop(segcli: Run, empty: Path) -> Path:
    with closing(sqlite3.connect(empty)) as db:
        db.execute(OWN)
        db.commit()
    Path("config.yaml").write_text("letters: {name: Ours BV, iban: NL91 ABNA 0417 1643 00, email: us@us.example}\n")
    files = {"items": ITEMS, "conditions": CONDITIONS, "accounts": ACCOUNTS}
    files["heads"] = HEADS + "".join(f"i{code},{code},2026-05-01,PO 1,EUR,open\n" for code in WANTED)
    files["lines"] = LINES + "".join(
        f"i{code},1,T1,,3,,4.50,21\ni{code},2,T2,,1.5,,95,21\ni{code},3,T3,,2,bag,2.10,9\ni{code},4,T1,Special,1,,9,9\n"
        for code in WANTED
    )
    for name, text in files.items():
        Path(f"{name}.csv").write_text(text)
        assert segcli("import", f"{name}.csv").status == 0
    return empty


def texts(db: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as read:
        return sorted(row[1:] for row in read.execute(f"SELECT * FROM {table}"))


def test_paper_and_ubl_speak_the_language_of_the_account(segcli: Run, shop: Path) -> None:
    assert segcli(*RUN, *APPLY).status == 0
    with closing(sqlite3.connect(shop)) as db:
        sql = "SELECT a.code, i.invoice_number FROM invoice AS i JOIN account AS a ON a.id = i.account_id"
        numbers = dict(db.execute(sql).fetchall())
    (folder,) = Path("out").glob("invoices-*")
    for code, (terms, *items) in WANTED.items():
        pages = PdfReader(io.BytesIO((folder / f"{numbers[code]}.pdf").read_bytes())).pages
        words = " ".join(" ".join(page.extract_text() for page in pages).split())
        for text in (*terms.split(), *items, "Special", "piece", "hour", "bag"):
            assert text in words
        root = ET.parse(folder / f"{numbers[code]}.xml").getroot()
        assert [name.text for name in root.iterfind(".//{*}Item/{*}Name")] == [*items, "Special"]
        (note,) = root.iterfind(".//{*}PaymentTerms/{*}Note")
        assert note.text == terms
        units = [quantity.get("unitCode") for quantity in root.iterfind(".//{*}InvoicedQuantity")]
        assert units[:2] == ["H87", "HUR"]


def test_a_subscription_is_invoiced_in_the_language_of_the_account(segcli: Run, shop: Path) -> None:
    Path("types.csv").write_text("subscription_type,frequency,timing\nM,monthly,advance\n")
    Path("subs.csv").write_text(
        "subscription_number,account,subscription_type,start_date\n1,D,M,2026-06-01\n2,X,M,2026-06-01\n3,N,M,2026-06-01\n"
    )
    Path("rows.csv").write_text(
        "subscription,item,description,quantity,unit_price,is_once\n1,T2,,1,10,0\n2,T2,,1,10,0\n3,T2,Own words,1,10,0\n"
    )
    for name in ("types", "subs", "rows"):
        assert segcli("import", f"{name}.csv").status == 0
    assert segcli("run", "generate-subscription-invoices", "--as-of", "2026-06-01", *APPLY).status == 0
    with closing(sqlite3.connect(shop)) as db:
        found = db.execute(
            "SELECT a.code, l.description FROM invoice_line AS l JOIN invoice AS i ON i.id = l.invoice_id"
            " JOIN account AS a ON a.id = i.account_id WHERE l.start_date = '2026-06-01'"
        ).fetchall()
    assert dict(found) == {"D": "Beratung", "X": "Advice", "N": "Own words"}


def test_import_changes_removes_and_undoes_texts(segcli: Run, shop: Path) -> None:
    before = texts(shop, "item_text")
    assert sorted(row[1:] for row in before) == sorted(
        [("nl", "Groene thee"), ("nl", "Advies"), ("de", "Grüner Tee"), ("de", "Beratung"), ("fr", "Conseil")]
    )
    assert texts(shop, "payment_condition_text") == [
        (1, "de", "Zahlbar innerhalb von 30 Tagen"), (1, "nl", "Te betalen binnen 30 dagen"),
    ]  # fmt: skip
    Path("items.csv").write_text(ITEMS + "\n")  # a file that was imported already is not read again
    assert '"changed": 0, "unchanged": 3' in segcli("import", "items.csv", "--result", "json").out
    changed = (
        "item,description,description_nl,description_en\nT1,Green tea,Groene thee los,\nT2,Advice,,Counsel\nT3,Rice,,\n"
    )
    Path("items.csv").write_text(changed)
    done = segcli("import", "items.csv", "--result", "json")
    assert '"added": 0, "changed": 2, "unchanged": 1' in done.out
    after = texts(shop, "item_text")
    assert {row[1:] for row in after} == {("nl", "Groene thee los"), ("de", "Grüner Tee"), ("de", "Beratung"), ("fr", "Conseil"),
                                          ("en", "Counsel")}  # fmt: skip
    run = json.loads(done.out)["run"]
    assert segcli("undo", str(run), "--yes").status == 0
    assert texts(shop, "item_text") == before
