"""What is written for other programs is what their readers find: any text, by the parsers of the standard library."""

import csv
import io
import json
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from segcli.domain.catalogue import Value
from segcli.domain.reclassification import Move, Reclassified
from segcli.output.writing_back.eexact import ExactXml
from segcli.output.writing_back.partner_csv import PROGRAMS, Layout, PartnerCsv
from segcli.output.writing_back.rest_bodies import ExactRest
from segcli.output.writing_back.target import sort_out

GUID = "00000000-0000-4000-8000-000000000001"
TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


def account(code: str, name: str, label: str, value: Value, *references: str) -> Reclassified:
    return Reclassified(code, name, GUID, references, (Move(3, label, None, value),), {3: value})


@given(TEXT, TEXT, TEXT, TEXT, TEXT)
def test_exact_xml_holds_the_text_or_refuses_it(code: str, name: str, label: str, word: str, description: str) -> None:
    target = ExactXml({3: label}, by_code=False)
    found = sort_out(target, account(code, name, label, Value(3000001, 3, word, description)))
    texts = (name, label, word, description)
    if found.written is None:
        is_control = any(ord(c) < 32 or ord(c) in {0xFFFE, 0xFFFF} for c in "".join((code, *texts)))
        assert is_control
        return
    root = ET.fromstring("".join(target.lines([found.written])).encode())
    one = root.find("Accounts/Account/AccountClassifications/AccountClassification")
    assert one is not None
    assert (root.findtext("Accounts/Account/Name"), one.findtext("Description")) == (name, label)
    value = one.find("Property")
    assert value is not None
    assert (value.get("code"), value.findtext("Description"), one.get("SequenceNumber")) == (word, description, "3")
    told = root.find("Accounts/Account")
    assert told is not None
    assert (told.get("code") or "").strip() == code.strip()


@given(TEXT, st.booleans())
def test_exact_rest_is_json_for_any_code(code: str, as_lines: bool) -> None:
    target = ExactRest([3, 4], {3000001: GUID}, as_lines=as_lines)
    text = "".join(target.lines([account(code, "x", "y", Value(3000001, 3, "A", ""))] * 2))
    bodies = [json.loads(line) for line in text.split("\n")[:-1]] if as_lines else json.loads(text)
    assert [body["Code"].strip() for body in bodies] == [code.strip()] * 2
    assert [(body["Classification3"], body["Classification4"]) for body in bodies] == [(GUID, None)] * 2


@given(TEXT, TEXT, st.booleans())
def test_csv_holds_any_text(known: str, description: str, has_codes: bool) -> None:
    value = Value(3000001, 3, "A", description)
    target = PartnerCsv(PROGRAMS["odoo"], Layout({3: "x_tier"}, has_codes=has_codes), "", {3: "Tier"})
    found = sort_out(target, account("1", "x", "Tier", value, f"odoo:{known}"))
    assert found.written is not None
    text = "".join(target.lines([found.written]))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["id", "x_tier"],
        [known, "A" if has_codes else description],
    ]
