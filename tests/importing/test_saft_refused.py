"""SAF-T and its relatives that are not taken are refused by name; noise is refused in one sentence."""

from pathlib import Path

import pytest
from conftest import Run, fingerprint
from finance_files import SAFT_MASTER, elements, read, saft, saft_entry, saft_post
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_case import load
from test_saft_documents import audit, invoice, paid, payments, receipt, sales, sold

from segcli.base.errors import SegcliError
from segcli.importing import readers

REFUSED = {
    "Romania's SAF-T (D406)": saft(namespace="mfp:anaf:dgti:d406:declaratie:v1"),
    "Austria's SAF-T": saft(namespace="urn:OECD:StandardAuditFile-Tax:AT_1.01"),
    "Angola's SAF-T": saft(namespace="urn:OECD:StandardAuditFile-Tax:AO_1.01_01"),
    "Denmark's SAF-T": saft(namespace="urn:StandardAuditFile-Taxation-Financial:DK"),
    "Lithuania's SAF-T": saft(namespace="https://www.vmi.lt/cms/saf-t"),
    "Luxembourg's FAIA": saft(
        namespace="urn:OECD:StandardAuditFile-Taxation/2.00", more=elements(AuditFileCountry="LU")
    ),
    "Poland's JPK": '<?xml version="1.0"?>\n<tns:JPK xmlns:tns="http://jpk.mf.gov.pl/wzor/2022/02/17/02171/"><tns:Naglowek/></tns:JPK>',
    "Norway's SAF-T of a cash register": '<?xml version="1.0"?>\n<auditfile xmlns="urn:StandardAuditFile-Taxation-CashRegister:NO"><header/></auditfile>',
    "France's FEC": "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tDebit\tCredit\nVE\tVentes\t1\t20240101\t411\t1\t0\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_taken_is_named(segcli: Run, empty: Path, name: str) -> None:
    before = fingerprint(empty)
    done = load(segcli, status=1, **{"file.xml": REFUSED[name]})
    assert f"file.xml: {name} is not taken" in done.err
    assert "export the customers" in done.err or "SAF-T Financial" in done.err
    assert fingerprint(empty) == before


def test_a_country_without_a_form_of_its_own_is_read(tmp_path: Path) -> None:
    more = elements(AuditFileCountry="NL")
    assert read(tmp_path, saft(SAFT_MASTER, namespace="urn:OECD:StandardAuditFile-Taxation/2.00", more=more)).rows


WHOLE = [
    audit(
        sales(invoice("FT 1/1", sold("23.3938", Quantity="5"), "23.39", "5.38", "28.77"))
        + payments(receipt("RG 1/1", paid("FT 1/1", "23.39", rate="23"), "23.39", "28.77"))
    ),
    saft(
        SAFT_MASTER.replace("</AccountType>", "</AccountType><OpeningDebitBalance>5</OpeningDebitBalance>"),
        saft_entry(saft_post("1", "1500", "Debit", "1") + saft_post("2", "3000", "Credit", "1")),
        more=elements(StartDate="2024-01-01"),
    ),
]
PIECES = (
    b"",
    b"<",
    b">",
    b"-",
    b"0",
    b"9" * 40,
    b"1e30",
    b"nan",
    b"\0",
    b"\xff",
    b"</Line>",
    b"<Line>",
    b"<Invoice>",
    b"&amp;",
    b"FT",
)


@settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    whole=st.sampled_from(WHOLE),
    places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES)), min_size=1, max_size=5),
)
def test_noise(tmp_path: Path, whole: str, places: list[tuple[float, int, bytes]]) -> None:
    """Pieces of a good file are replaced: it is read, with or without bad rows, or refused in one sentence."""
    text = whole.encode()
    for share, length, piece in places:
        at = int(share * len(text))
        text = text[:at] + piece + text[at + length :]
    file = tmp_path / "noise.xml"
    file.write_bytes(text or b"x")
    try:
        for block in readers.read(readers.open_source(str(file))):
            for row in block.rows:
                assert row
    except SegcliError as error:
        assert error.message


_MOST = st.text(alphabet="0123456789.-eE+ ,NaInf", max_size=40)


@settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantity=_MOST, amount=_MOST, total=_MOST, rate=_MOST, number=_MOST)
def test_numbers_of_any_shape(tmp_path: Path, quantity: str, amount: str, total: str, rate: str, number: str) -> None:  # noqa: PLR0913
    line = sold(amount, number=number, Quantity=quantity)
    document = sales(invoice("FT 1/1", line, total, rate, total))
    file = tmp_path / "numbers.xml"
    file.write_text(
        audit(document + payments(receipt("RG", paid("FT 1/1", amount, rate=rate, discount=total), total, amount)))
    )
    for block in readers.read(readers.open_source(str(file))):
        assert list(block.rows)
