"""The administration's own data: set, checked, shown, taken back, and used on letters and invoices."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint

from segcli.domain import registers
from segcli.settings import administration

SET = ("administration", "set")
WHOLE = (
    "--name", "Ours B.V.", "--address", "Kade 1", "--postcode", "1011 AB", "--city", "Amsterdam", "--country", "nl",
    "--vat-number", "NL 0012.34567.B01", "--chamber-of-commerce", "12345678", "--iban", "NL91 ABNA 0417 1643 00",
    "--bic", "abnanl2a", "--phone", "+31 20 555 01 23", "--email", "info@example.com", "--website", "www.example.com",
)  # fmt: skip
KEPT = {
    "name": "Ours B.V.", "address": "Kade 1", "postcode": "1011 AB", "city": "Amsterdam", "country": "NL",
    "vat_number": "NL001234567B01", "chamber_of_commerce": "12345678", "iban": "NL91ABNA0417164300", "bic": "ABNANL2A",
    "phone": "+31 20 555 01 23", "email": "info@example.com", "website": "www.example.com", "currency": "EUR",
}  # fmt: skip


def own(database: Path) -> dict[str, str | None]:
    with connected(database) as db:
        found = db.execute(f"SELECT {', '.join(administration.FIELDS)} FROM administration")
        return dict(zip(administration.FIELDS, found.fetchone(), strict=True))


def test_set_show_twice_and_back(segcli: Run, empty: Path) -> None:
    before = own(empty)
    rehearsed = fingerprint(empty)
    dry = segcli(*SET, *WHOLE, "--dry-run", "-f", "json")
    assert (dry.status, len(dry.rows), fingerprint(empty) == rehearsed) == (0, 12, True)
    done = segcli(*SET, *WHOLE, "-f", "json")
    assert done.status == 0, done.err
    assert {row["field"]: row["new_value"] for row in done.rows} == {k: v for k, v in KEPT.items() if k != "currency"}
    assert own(empty) == KEPT
    assert {row["field"]: row["value"] for row in segcli("administration", "show", "-f", "json").rows} == KEPT
    runs = len(segcli("log", "-f", "json").rows)
    again = segcli(*SET, *WHOLE)
    assert (again.status, again.out, again.err) == (0, "", "")
    assert len(segcli("log", "-f", "json").rows) == runs  # twice is once
    run = segcli("log", "--limit", "1", "-f", "json").rows[0]
    assert (run["command"], "iban none -> 'NL91ABNA0417164300'" in run["summary"]) == ("administration set", True)
    assert segcli("undo", run["run"], "--yes").status == 0
    assert own(empty) == before
    back = segcli("log", "--limit", "1", "-f", "json").rows[0]["run"]
    assert segcli("undo", back, "--yes").status == 0
    assert own(empty) == KEPT
    assert segcli("check").status == 0


def test_clearing_and_what_was_set_again_stays(segcli: Run, empty: Path) -> None:
    assert segcli(*SET, "--city", "Delft", "--phone", "015 123456").status == 0
    first = segcli("log", "--limit", "1", "-f", "json").rows[0]["run"]
    assert segcli(*SET, "--city", "Leiden", "--clear", "phone", "--clear", "phone").status == 0
    assert (own(empty)["city"], own(empty)["phone"]) == ("Leiden", None)
    refused = segcli("undo", first, "--yes")
    assert (refused.status, "its fields were set again" in refused.err) == (1, True)
    assert segcli(*SET, "--clear", "city", "--city", "Gouda").status == 2
    assert segcli(*SET).status == 2
    assert segcli(*SET, "--clear", "currency").status == 2
    assert own(empty)["city"] == "Leiden"


WRONG = (
    ("--iban", "NL91ABNA0417164301", "check digits do not fit"),
    ("--iban", "NL91ABNA04171643", "length or its characters are wrong"),
    ("--country", "Netherlands", "not a country of ISO 3166"),
    ("--country", "UK", "not a country of ISO 3166"),
    ("--currency", "EURO", "not a currency of ISO 4217"),
    ("--currency", "ABC", "not a currency of ISO 4217"),
    ("--vat-number", "NL1234567B01", "shape of a VAT number"),
    ("--vat-number", "001234567B01", "shape of a VAT number"),
    ("--bic", "ABN", "not a BIC"),
    ("--email", "info(at)example.com", "not an e-mail address"),
    ("--website", "example", "not a web address"),
    ("--phone", "none", "not a telephone number"),
    ("--city", "", "the value is empty"),
)


@pytest.mark.parametrize(("flag", "value", "reason"), WRONG)
def test_what_it_cannot_be_is_refused(segcli: Run, empty: Path, flag: str, value: str, reason: str) -> None:
    before = fingerprint(empty)
    refused = segcli(*SET, "--name", "Ours", flag, value)
    assert (refused.status, reason in refused.err) == (2, True), refused.err
    assert flag in refused.err
    assert fingerprint(empty) == before


@pytest.mark.parametrize(
    "number", ["NL001234567B01", "BE0123456789", "DE123456789", "FRXX123456789", "CHE123456789", "XI123456789"]
)
def test_vat_numbers_of_several_countries(number: str) -> None:
    assert registers.is_vat_number(number)
    assert not registers.is_vat_number(number + "Q" * 12)


def test_the_registers_are_whole() -> None:
    # 249 countries of ISO 3166-1; the funds and metals of ISO 4217 (XAU, CHE, ...) are not money that anybody keeps books in.
    assert len(registers.COUNTRIES) == 249
    assert {"EUR", "USD", "GBP", "JPY", "CHF"} < registers.CURRENCIES
    assert not registers.CURRENCIES & {"XAU", "XXX", "XTS", "DEM"}


def test_the_currency_changes_only_while_nothing_is_in_it(segcli: Run, empty: Path) -> None:
    assert segcli(*SET, "--currency", "usd").status == 0
    assert own(empty)["currency"] == "USD"
    Path("i.csv").write_text("account,name\nA,Ann\n")
    Path("o.csv").write_text("account,invoice_number,invoice_date,due_date,amount\nA,1,2026-05-01,2026-05-31,121\n")
    assert segcli("import", "i.csv", "o.csv").status == 0
    before = fingerprint(empty)
    refused = segcli(*SET, "--currency", "EUR")
    assert (refused.status, "1 outstanding items are kept in USD" in refused.err) == (2, True)
    run = next(row["run"] for row in segcli("log", "-f", "json").rows if row["command"] == "administration set")
    assert segcli("undo", run, "--yes").status == 2
    assert fingerprint(empty) == before


def test_the_relation_of_the_administration_itself_in_an_import(segcli: Run, empty: Path) -> None:
    text = "account,name,type,city,vat_number\n000000,Ours B.V.,D,Amsterdam,NL001234567B01\n"
    Path("own.csv").write_text(text)
    dry = segcli("import", "own.csv", "--dry-run", "-f", "json")
    assert dry.rows[0]["notes"] == "1 row of the administration itself, not an account; 3 fields of it would change"
    assert own(empty)["name"] == ""
    assert segcli("import", "own.csv").status == 0  # nothing else is in the file
    assert [own(empty)[name] for name in ("name", "city", "vat_number")] == ["Ours B.V.", "Amsterdam", "NL001234567B01"]
    with connected(empty) as db:
        assert db.execute("SELECT count(*) FROM account").fetchone() == (0,)
    run = segcli("log", "--limit", "1", "-f", "json").rows[0]["run"]
    assert segcli("undo", run, "--yes").status == 0
    assert [own(empty)[name] for name in ("name", "city", "vat_number")] == ["", None, None]
    assert segcli("import", "own.csv").status == 0
    # A later file goes before it; what was set by hand stays, and an empty cell says nothing.
    assert segcli(*SET, "--city", "Delft").status == 0
    Path("own.csv").write_text(
        text.replace("Amsterdam", "Utrecht").replace("Ours B.V.", "Ours N.V.").replace("NL001234567B01", "")
    )
    assert segcli("import", "own.csv").status == 0
    assert [own(empty)[name] for name in ("name", "city", "vat_number")] == ["Ours N.V.", "Delft", "NL001234567B01"]
    again = segcli("import", "own.csv", "--again", "--exit-code")
    assert again.status == 0
    # What was set by hand and taken back is the file's again.
    run = next(row["run"] for row in segcli("log", "-f", "json").rows if row["command"] == "administration set")
    assert segcli("undo", run, "--yes").status == 0
    assert segcli("import", "own.csv", "--again").status == 0
    assert own(empty)["city"] == "Utrecht"


def _invoiced(segcli: Run, *config: str) -> tuple[str, list[Path]]:
    done = segcli(*config, "run", "print-invoices", "--folder", "out", "--all", "--yes", "--apply")
    assert done.status in {0, 5}, done.err
    return done.err, sorted(Path("out").rglob("*.xml"))


def test_invoices_of_the_example_have_all_that_ubl_needs_of_the_seller(segcli: Run, example: Path) -> None:
    assert segcli(*SET, "--iban", "NL91ABNA0417164300", "--bic", "ABNANL2A").status == 0
    said, files = _invoiced(segcli)
    assert "administration" not in said
    assert "letters.iban" not in said
    assert len(files) == 7  # of the seven open invoices that can be processed
    texts = [element.text for element in ET.parse(files[0]).iter()]
    assert {"NL91ABNA0417164300", "Tulp & Zonen Handel B.V.", "NL000000000B01"} <= set(texts)


def test_all_that_ubl_needs_can_be_set(segcli: Run, example: Path) -> None:
    cleared = [
        word for field in KEPT if field not in {"name", "currency"} for word in ("--clear", field.replace("_", "-"))
    ]
    assert segcli(*SET, *cleared).status == 0
    assert segcli(*SET, *WHOLE).status == 0
    said, files = _invoiced(segcli)
    assert ("administration" in said, len(files)) == (False, 7)
    texts = {element.text for element in ET.parse(files[0]).iter()}
    assert {
        "NL91ABNA0417164300",
        "ABNANL2A",
        "Ours B.V.",
        "NL001234567B01",
        "12345678",
        "Kade 1",
        "1011 AB",
        "Amsterdam",
    } <= texts


def test_the_configuration_goes_before_it(segcli: Run, example: Path) -> None:
    assert segcli(*SET, "--iban", "NL91ABNA0417164300", "--bic", "ABNANL2A").status == 0
    Path("c.yaml").write_text("letters: {name: Other B.V., iban: BE68 5390 0754 7034}\n")
    shown = {
        row["field"]: row["in_configuration"]
        for row in segcli("--config", "c.yaml", "administration", "show", "-f", "json").rows
    }
    assert (shown["name"], shown["iban"], shown["bic"]) == ("Other B.V.", "BE68 5390 0754 7034", None)
    _, files = _invoiced(segcli, "--config", "c.yaml")
    texts = {element.text for element in ET.parse(files[0]).iter()}
    assert {"Other B.V.", "BE68539007547034"} <= texts
    assert not texts & {"NL91ABNA0417164300", "ABNANL2A"}  # the BIC is that of the other account


def test_without_a_bank_account_the_warning_says_what_to_do(segcli: Run, example: Path) -> None:
    said, files = _invoiced(segcli)
    assert files == []
    assert "segcli administration set --iban IBAN, or letters.iban in the configuration" in said
