"""Files of formats that are not taken are named for what they are, with what to do, and change nothing."""

from pathlib import Path

import pytest
from conftest import Run, fingerprint
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.importing.readers import unknown

FILES = {
    "xml": (
        '<?xml version="1.0"?><!-- note --><p:Order xmlns:q="urn:q" xmlns:p="urn:example:order"><p:a/></p:Order>',
        "XML that segcli does not take: its root element is <Order> of the namespace urn:example:order",
    ),
    "xml without a namespace": ("<root a='1'>\n</root>", "XML that segcli does not take: its root element is <root>"),
    "xml after a long comment": (f"<!--{'x' * 9000}--><late/>", "its root element is <late>"),
    "utf-16": ("<rows xmlns='urn:r'/>".encode("utf-16"), "its root element is <rows> of the namespace urn:r"),
    "only a declaration": ("<?xml version='1.0'?>", "XML without a root element"),
    "an old workbook as xml": (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        "a workbook as XML (Excel 2003)",
    ),
    "a web page": ("<html><body><table><tr><td>a</td></tr></table></body></html>", "a web page (HTML)"),
    "a table of one": ("\n <TABLE border=1><tr><td>1</td></tr></TABLE>", "a web page (HTML)"),
    "a page with a type": ("<!DOCTYPE html>\n<html></html>", "a web page (HTML)"),
    "a calendar": ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "an iCalendar file"),
    "a pdf": (b"%PDF-1.7\n%\xe2\xe3", "f.xls is a PDF that cannot be read"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "a PNG picture"),
    "a photo": (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG picture"),
    "a drawing": ("<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG picture"),
    "a database": (b"SQLite format 3\0" + b"\0" * 100, "an SQLite database"),
    "an sql dump": ("PRAGMA foreign_keys=OFF;\nBEGIN;", "an SQL dump"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"),
    "tar": (b"a.csv".ljust(257, b"\0") + b"ustar\x0000", "a tar archive"),
    "parquet": (b"PAR1\x15\0", "a Parquet file"),
    "a message": ("Received: from x\nSubject: y\n", "an e-mail message"),
    "an empty archive": (b"PK\5\6" + b"\0" * 18, "an empty archive"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_is_named_for_what_it_is(segcli: Run, empty: Path, case: str) -> None:
    content, said = FILES[case]
    Path("f.xls").write_bytes(content.encode() if isinstance(content, str) else content)
    before = fingerprint(empty)
    done = segcli("import", "f.xls")
    assert done.status == 1
    first, fix, *rest = done.err.splitlines()
    assert said in first
    assert first.startswith("segcli: f.xls is ")
    assert fix.strip()
    assert rest == []
    assert fingerprint(empty) == before


def test_one_bad_file_among_several_is_the_one_that_is_told(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\nC1,Acme\n")
    Path("b.pdf").write_bytes(b"%PDF-1.4\n")
    Path("c.csv").write_text("account,last_name\nC1,Berg\n")
    before = fingerprint(empty)
    done = segcli("import", "a.csv", "b.pdf", "c.csv")
    assert (done.status, done.err.splitlines()[0]) == (
        1,
        "segcli: b.pdf is a PDF that cannot be read: Stream has ended unexpectedly",
    )
    assert len(done.err.splitlines()) == 2
    assert fingerprint(empty) == before


@pytest.mark.parametrize(
    "content",
    ["account,name\n<b>,A\n", "<account>,name\n", "From,account,name\nx,1,A\n", "account;name\n1;<html>\n", "Bank\n"],
)
def test_tables_are_not_taken_for_something_else(content: str) -> None:
    assert unknown.recognises(content.encode()) == content.startswith("<")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"<", b"<?xml", b"<!--", b"<!DOCTYPE x [", b"\xff\xfe<", b"<a "]))
def test_any_bytes_are_recognised_or_not(tail: bytes, head: bytes) -> None:
    if unknown.recognises(head + tail):
        named = unknown._named(head + tail) or unknown._xml(head + tail)
        assert named.what
        assert named.fix
