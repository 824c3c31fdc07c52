"""CAMT and MT940: every version and form gives the same payments; what is wrong is told with its line, and nothing hangs."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bank_files import OWN, PAYER, Paid, camt, details, entry, message
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from segcli.base.errors import SegcliError
from segcli.importing import readers
from segcli.importing.readers import BadRow, Source
from segcli.importing.readers.parts import bank, bank_details


def read(path: Path, content: str | bytes) -> tuple[Source, list[dict[str, str]], list[BadRow]]:
    """Return the source, the filled cells of its payments, and the bad rows."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = readers.open_source(str(path))
    (block,) = readers.read(source)
    assert block.kind == "bank_payment"
    rows = list(block.rows)
    good = [
        {name: cell for name, cell in zip(block.header, row[1], strict=True) if cell not in (None, "0")}
        for row in rows
        if not isinstance(row, BadRow)
    ]
    return source, good, [row for row in rows if isinstance(row, BadRow)]


PAYMENTS = (
    Paid("2026-02-01", 12345, "Invoice 1", PAYER, "A1", end_to_end="E1"),
    Paid("2026-02-02", -5, "Fee &amp; costs", "", "A2"),
    Paid("2026-02-03", 700, "", PAYER, "A3", reference="RF18539007547034"),
)


@pytest.mark.parametrize("version", [2, 3, 4, 6, 8, 10, 12])
@pytest.mark.parametrize("kind", ["053", "054"])
def test_every_version_of_camt(tmp_path: Path, version: int, kind: str) -> None:
    content = camt(*PAYMENTS, version=version, kind=kind)
    _, rows, bad = read(tmp_path / "b.xml", content)
    common = {"own_iban": OWN, "currency": "EUR", "source": f"camt.{kind}"}
    assert not bad
    assert rows == [
        {**common, "payment_date": "2026-02-01", "amount": "123.45", "counter_iban": PAYER, "counter_name": "Payer", "description": "Invoice 1",
         "end_to_end_id": "E1", "bank_id": "A1", "entry_id": "A1"},
        {**common, "payment_date": "2026-02-02", "amount": "-0.05", "counter_name": "Payer", "description": "Fee & costs", "bank_id": "A2",
         "entry_id": "A2"},
        {**common, "payment_date": "2026-02-03", "amount": "7.00", "counter_iban": PAYER, "counter_name": "Payer",
         "reference": "RF18539007547034", "bank_id": "A3", "entry_id": "A3"},
    ]  # fmt: skip
    tree = etree.fromstring(content.encode())
    signed = [
        Decimal(node.findtext("{*}Amt")) * (-1 if node.findtext("{*}CdtDbtInd") == "DBIT" else 1)
        for node in tree.iter("{*}Ntry")
    ]
    assert sum(Decimal(row["amount"]) for row in rows) == sum(signed)


def test_a_batch_becomes_its_payments(tmp_path: Path) -> None:
    parts = [Paid("2026-02-01", 1000 * n, f"text {n}", PAYER, end_to_end=f"E{n}") for n in (1, 2, 3)]
    whole = Paid("2026-02-01", 6000)
    _, rows, _ = read(tmp_path / "b.xml", message([entry(whole, [details(paid) for paid in parts], "X")]))
    assert [(row["amount"], row["description"], row["bank_id"]) for row in rows] == [
        (f"{n}0.00", f"text {n}", f"X/E{n}/1") for n in (1, 2, 3)
    ]
    source, rows, _ = read(
        tmp_path / "c.xml", message([entry(Paid("2026-02-01", 6001), [details(paid) for paid in parts], "X")])
    )
    assert [row["amount"] for row in rows] == ["60.01"]
    assert "do not add up" in source.warnings[0]


def test_entries_that_are_not_booked_are_left_out(tmp_path: Path) -> None:
    paid = PAYMENTS[0]
    content = message([entry(paid, [details(paid)], "A", status="PDNG"), entry(paid, [details(paid)], "B")])
    source, rows, _ = read(tmp_path / "b.xml", content)
    assert [row["bank_id"] for row in rows] == ["B"]
    assert source.left_out == ["1 entries with status PDNG are not booked yet, and left out"]


def test_balances_that_do_not_agree_are_told(tmp_path: Path) -> None:
    def balance(code: str, amount: str) -> str:
        return f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"

    inside = [entry(PAYMENTS[0], [details(PAYMENTS[0])], "A")]
    right, _, _ = read(
        tmp_path / "b.xml", message(inside, balances=balance("OPBD", "1.00") + balance("CLBD", "124.45"))
    )
    wrong, _, _ = read(
        tmp_path / "c.xml", message(inside, balances=balance("PRCD", "1.00") + balance("CLBD", "125.00"))
    )
    assert right.warnings == []
    assert "add up to 123.45, its balances differ by 124.00" in wrong.warnings[0]


def test_what_is_wrong_in_an_entry_is_a_bad_row(segcli: Run, empty: Path) -> None:
    good = camt(*PAYMENTS)
    for what, content, told in (
        ("amount", good.replace(">123.45<", ">12x<", 1), "amount: '12x'"),
        ("date", good.replace("2026-02-01", "2026-02-31"), "2026-02-31"),
        ("no date", good.replace("<BookgDt><Dt>2026-02-01</Dt></BookgDt>", ""), "no booking date"),
        ("no account", good.replace(f"<IBAN>{OWN}</IBAN>", ""), "does not name its bank account"),
        ("cut off", good[:700], "not well-formed"),
        ("report", good.replace("camt.053", "camt.052"), "CAMT.052"),
    ):
        Path("b.xml").write_text(content)
        done = segcli("import", "b.xml")
        assert (what, done.status) == (what, 1)
        assert told in done.err, what
    Path("b.xml").write_text(good.replace(">123.45<", ">12x<", 1))
    assert segcli("import", "b.xml", "--on-error", "skip").status == 5
    assert len(segcli("payments", "list", "-f", "json").rows) == 2


MT940 = f"""{{1:F01INGBNL2ABXXX0000000000}}{{2:I940INGBNL2AXXXN}}{{4:
:20:P1
:25:{OWN}EUR
:28C:00001
:60F:C260131EUR100,00
:61:2602010201C123,45NTRFEREF//00000000001005
/TRCD/00100/
:86:/EREF/E2E-1//CNTP/{PAYER}/INGBNL2A/Payer BV///REMI/USTD//Factuur 20260
01 en meer/
:61:2602020202D0,05NTRFNONREF
:86:kosten
:62F:C260202EUR223,40
-}}
:20:P2
:25:20041133/123456
:28C:2/1
:60F:D251231EUR1,
:61:2512310102RC2,5NRTINONREF//BANK2
:86:109?00RUECKLASTSCHRIFT?20EREF+R-77?21SVWZ+Rechnung 2026002?30DEUTDEFF?31DE02120300000000202051?32Kunde
?33 GmbH
:61:2602290229C3,NTRFNONREF
:86:166?00GUTSCHRIFT?20SVWZ+ein langer Text geht we?21iter im naechsten Teil
:62F:D260301EUR0,5
"""


def test_mt940_of_two_banks(tmp_path: Path) -> None:
    source, rows, bad = read(tmp_path / "b.sta", MT940)
    assert not bad
    assert not source.warnings  # 100 + 123.45 - 0.05 = 223.40; -1 - 2.5 + 3 = -0.5
    german = bank.own_account("20041133/123456")
    assert german is not None
    assert len(german) == 22
    assert rows == [
        {"own_iban": OWN, "payment_date": "2026-02-01", "currency": "EUR", "amount": "123.45", "counter_iban": PAYER, "counter_name": "Payer BV",
         "description": "Factuur 2026001 en meer", "end_to_end_id": "E2E-1", "bank_id": "00000000001005", "source": "mt940"},
        {"own_iban": OWN, "payment_date": "2026-02-02", "currency": "EUR", "amount": "-0.05", "description": "kosten", "source": "mt940"},
        {"own_iban": german, "payment_date": "2026-01-02", "currency": "EUR", "amount": "-2.5", "counter_iban": "DE02120300000000202051",
         "counter_name": "Kunde GmbH", "description": "Rechnung 2026002", "end_to_end_id": "R-77", "bank_id": "BANK2", "is_reversal": "1",
         "source": "mt940"},
        {"own_iban": german, "payment_date": "2026-02-28", "currency": "EUR", "amount": "3", "description": "ein langer Text geht weiter im naechsten Teil",
         "source": "mt940"},
    ]  # fmt: skip


DETAILS = {
    "ABN AMRO": (
        [f"/TRTP/SEPA OVERBOEKING/IBAN/{PAYER}/BIC/INGBNL2A/NAME/P. Payer/REMI/Fac", "t. 2026001/EREF/NOTPROVIDED"],
        (PAYER, "P. Payer", "Fact. 2026001", None, None),
    ),
    "Rabobank": (["/ORDP//NAME/Payer/REMI/2026001/ISDT/2026-02-01"], (None, "Payer", "2026001", None, None)),
    "ING, structured": (
        [f"/CNTP/{PAYER}/INGBNL2A/Payer///REMI/STRD/CUR/9001234567890123/"],
        (PAYER, "Payer", None, "9001234567890123", None),
    ),
    "ABN AMRO, in columns": (
        ["SEPA OVERBOEKING                 IBAN: " + PAYER + "        BIC: INGBNL2A                    NAAM: Payer",
         "OMSCHRIJVING: 2026001           KENMERK: E1"],
        (PAYER, "Payer", "2026001", None, "E1"),
    ),
    "free": (["something", "else"], (None, None, "something else", None, None)),
    "a payment reference": (
        ["GIRO 428428 KPN BETALINGSKENM.  0001234567891234"],
        (None, None, "GIRO 428428 KPN BETALINGSKENM. 0001234567891234", "0001234567891234", None),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DETAILS)
def test_the_details_of_86(name: str) -> None:
    lines, expected = DETAILS[name]
    found = bank_details.of_lines(lines)
    assert (
        tuple(
            found.get(field) for field in ("counter_iban", "counter_name", "description", "reference", "end_to_end_id")
        )
        == expected
    )


def test_wrong_mt940(segcli: Run, empty: Path) -> None:
    for content, told in (
        (MT940.replace("C123,45", "C123.45"), "b.sta:6"),
        (MT940.replace("2602010201", "2602310231"), "this day does not exist"),
        (MT940.replace(":60F:C260131EUR100,00", ":60F:nothing"), "b.sta:5: ':60F:nothing' is not a balance"),
        (MT940.replace(f":25:{OWN}EUR\n", ":25:\n"), "does not name its bank account"),
        (":20:X\n:25:NL1\n:28C:1\n:34F:EUR0\n:13D:2601010000+0100\n:61:2601010101C1,NTRF\n", "MT942"),
    ):
        Path("b.sta").write_text(content)
        done = segcli("import", "b.sta")
        assert done.status == 1, told
        assert told in done.err


def test_a_statement_twice_in_a_file_counts_once(tmp_path: Path) -> None:
    first = MT940.partition("-}\n")[0]
    assert len(read(tmp_path / "b.sta", first + "-}\n" + first)[1]) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("-10,7", "-10.7"), ("+5", "5"), ("2750.00", "2750.00"), ("1.234", "1234"),
     ("12,50-", "-12.50"), ("4.093,32 €", "4093.32"), ("-609.450.010,25", "-609450010.25")],
)  # fmt: skip
def test_amounts_of_banks(text: str, expected: str) -> None:
    assert bank.amount(text) == expected


@pytest.mark.parametrize("text", ["", "1,2,3", "1.23.4", "--1", "1-2", "x", "1,234,5.6.7"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        bank.amount(text)


def _seeds() -> list[bytes]:
    return [
        camt(*PAYMENTS).encode(),
        camt(*PAYMENTS, version=8).encode(),
        MT940.encode(),
        b'"Datum","Naam / Omschrijving","Rekening","Tegenrekening","Code","Af Bij","Bedrag (EUR)","Mutatiesoort","Mededelingen"\n"20260201","P","NL91ABNA0417164300","","OV","Bij","1,00","Overschrijving","Naam: P Omschrijving: 1 IBAN: NL20INGB0001234567"\n',
    ]


@settings(max_examples=300)
@given(data=st.data())
def test_mutated_files_raise_nothing_else(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    content = bytearray(data.draw(st.sampled_from(_seeds())))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        way = data.draw(st.sampled_from(("byte", "cut", "twice", "insert")))
        if way == "byte":
            content[at] = data.draw(st.integers(0, 255))
        elif way == "cut":
            del content[at : at + data.draw(st.integers(1, 40))]
        elif way == "twice":
            content[at:at] = content[at : at + 60]
        else:
            content[at:at] = data.draw(
                st.sampled_from(
                    (b"\r\n:61:", b"?20", b"/REMI/", b";", b'"', b"<Ntry>", b"\0", b"9" * 400, b",", "é".encode())
                )
            )
        if not content:
            return
    path = tmp_path_factory.mktemp("f") / "f"
    path.write_bytes(content)
    try:
        for block in readers.read(readers.open_source(str(path))):
            for row in block.rows:
                assert isinstance(row, BadRow) or len(row[1]) == len(block.header)
    except SegcliError as error:
        assert not re.search(r"Traceback|object at 0x", str(error))
