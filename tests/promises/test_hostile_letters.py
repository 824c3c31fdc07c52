"""Hostile names in letters, their headers and their file names; and folders that lead elsewhere."""

import email
import email.policy
import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import hostile
import pytest
from conftest import APPLY, Run
from hostile import SENDER

from segcli.storage import database_file


def test_a_draft_has_the_headers_that_it_was_given() -> None:
    from segcli.output.documents.draft import Attached, draft

    for text in hostile.TEXTS:
        data = draft(
            [text.replace("\0", "")] if text.count("@") == 1 and "\n" not in text else ["a@example.org"],
            text,
            text,
            [Attached(f"{text}.pdf", b"1")],
            mark="1",
        )
        message = email.message_from_bytes(data, policy=email.policy.default)
        assert set(message.keys()) == {"To", "Subject", "X-Unsent", "Content-Type", "MIME-Version"}, repr(text)
        assert b"\x1b" not in data


@pytest.mark.parametrize(
    "address",
    ["a@", "@b", "a@[1", "a@b\nBcc: x@y.example", "a@b.example, c@d.example", "x y@z.example", "\x1b@x.example", ""],
)
def test_what_is_no_address_gets_a_letter(address: str) -> None:
    from segcli.domain import email_addresses

    assert email_addresses.address(address) is None
    assert email_addresses.address("jürgen@exämple.example") == "jürgen@exämple.example"


def _invoice(number: str) -> str:
    return f"{number},2026-06-01,2026-06-30,C,open,EUR,100.00,21.00,121.00\n"


def test_numbers_that_give_the_same_name_give_two_files(segcli: Run, empty: Path) -> None:
    numbers = [
        "2024/1",
        "2024-1",
        "2024\\1",
        "../../x",
        "..",
        "-rf",
        "a" * 300,
        "/etc/passwd",
        "x\ty",
        ".hidden",
        "~root",
    ]
    Path("a.csv").write_text('account,name,country\nC,"' + hostile.PAGE + '",NL\n')
    heads = "invoice_number,invoice_date,due_date,account,status,currency,net_amount,vat_amount,total_amount\n"
    Path("i.csv").write_text(heads + "".join(_invoice(f'"{number}"') for number in numbers))
    lines = "".join(f'"{number}",1,Work,1,100.00,100.00,21,21.00\n' for number in numbers)
    Path("l.csv").write_text(
        "invoice_number,line,description,quantity,unit_price,net_amount,vat_percent,vat_amount\n" + lines
    )
    Path("config.yaml").write_text(SENDER)
    for name in ("a.csv", "i.csv", "l.csv"):
        assert segcli("import", name, "--create-missing").status == 0
    done = segcli("--config", "config.yaml", "run", "print-invoices", *APPLY, "--folder", "out")
    assert done.status == 0, done.err
    (folder,) = Path("out").iterdir()
    names = sorted(path.name for path in folder.iterdir())
    assert len([name for name in names if name.endswith(".pdf")]) == len(numbers)
    assert {
        "2024-1.pdf",
        "2024-1-2.pdf",
        "2024-1-3.pdf",
        "_.pdf",
        "rf.pdf",
        "etc-passwd.pdf",
        "hidden.pdf",
        "root.pdf",
        "x.pdf",
    } <= set(names)
    assert [path for path in Path().rglob("*.pdf") if path.parent != folder] == []


def test_an_electronic_invoice_holds_text_as_text(segcli: Run) -> None:
    from segcli.actions.invoices import ubl_tree

    for text in hostile.TEXTS:
        top = ET.Element("x")
        ubl_tree.add(top, "y", text)
        found = ET.fromstring(ET.tostring(top)).find("y")
        assert found is not None
        assert found.text == ubl_tree.clean(text).replace("\r\n", "\n").replace("\r", "\n") or "\r" in text
        assert len(found) == 0


@pytest.mark.parametrize(
    "name",
    [
        "../x.csv",
        "/tmp/x.csv",
        "~/x.csv",
        ".x.csv",
        "a/../../x.csv",
        "x{nosuch}.csv",
        "{as_of.__class__}.csv",
        "{as_of!r}.csv",
        '"a\\u202eb.csv"',
    ],
)
def test_a_report_writes_in_its_folder(segcli: Run, example: Path, name: str) -> None:
    Path("r.yaml").write_text(
        f"folder: out\nfiles:\n  - {{file: {json.dumps(name) if name[0] != chr(34) else name}, show: account-search}}\n"
    )
    done = segcli("report", "r.yaml")
    assert (done.status in {1, 2}, "r.yaml:" in done.err, done.out) == (True, True, "")
    assert not Path("out").exists()


def test_links_are_not_followed(segcli: Run, example: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (away / "victim.csv").write_text("precious")
    Path("out").mkdir()
    Path("out/sub").symlink_to(away)
    Path("out/a.csv").symlink_to(away / "victim.csv")
    Path("r.yaml").write_text("folder: out\nfiles:\n  - {file: sub/victim.csv, show: account-search}\n")
    done = segcli("report", "r.yaml")
    assert (done.status, "is a link" in done.err) == (1, True)
    Path("r.yaml").write_text("folder: out\nfiles:\n  - {file: a.csv, show: account-search}\n")
    assert segcli("report", "r.yaml").status == 0
    Path("b.csv").symlink_to(away / "victim.csv")
    assert segcli("import", "r.yaml", "--rejects", "b.csv").status != 0
    assert [(path.name, path.read_text()) for path in away.iterdir()] == [("victim.csv", "precious")]
    assert not Path("out/a.csv").is_symlink()
    assert os.path.islink("out/sub")
    assert database_file.VERSION
