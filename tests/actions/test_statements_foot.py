"""The foot of letters names the sender's registration numbers, as invoices do, in the language of the letter."""

from pathlib import Path

import pytest
from conftest import APPLY, Run
from letter_case import texts

OWN = (
    "--name",
    "Ours",
    "--phone",
    "020 555 01 23",
    "--vat-number",
    "NL001234567B01",
    "--chamber-of-commerce",
    "01234567",
)


def foot(segcli: Run, language: str, config: str = "") -> str:
    """Return the text of a reminder to an account with this language."""
    Path("accounts.csv").write_text(f"account,name,address,language\nC,Client,Street 1,{language}\n")
    Path("items.csv").write_text(
        "account,invoice_number,invoice_date,due_date,currency,amount\nC,1,2026-01-01,2026-01-31,EUR,100\n"
    )
    Path("config.yaml").write_text(f"reminders: {{levels: [{{action: letter, days: 1}}]}}\n{config}")
    assert segcli("administration", "set", *OWN).status == 0
    assert segcli("import", "accounts.csv", "items.csv").status == 0
    done = segcli(
        "run", "print-reminders", "--config", "config.yaml", "--as-of", "2026-06-30", "--folder", "out", *APPLY
    )
    assert done.status == 0, done.err
    (page,) = texts(Path("out/reminders-2026-06-30/C.pdf").read_bytes())
    return page


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", ("Chamber of Commerce", "VAT number")),
        ("nl", ("KvK", "Btw-nummer")),
        ("de", ("Handelsregister", "USt-IdNr.")),
    ],
)
def test_the_numbers_have_labels_in_the_language_of_the_letter(
    segcli: Run, empty: Path, language: str, labels: tuple[str, str]
) -> None:
    page = foot(segcli, language)
    assert f"{labels[0]} 01234567 · {labels[1]} NL001234567B01" in page
    assert "020 555 01 23" in page


def test_details_of_the_configuration_do_not_drop_the_numbers(segcli: Run, empty: Path) -> None:
    page = foot(segcli, "en", "letters: {details: [Call us]}\n")
    assert ("Call us" in page, "020 555" in page) == (True, False)
    assert "Chamber of Commerce 01234567 · VAT number NL001234567B01" in page


@pytest.mark.parametrize("written", ["NL001234567B01", "VAT NL 0012.34.567.B01"])
def test_a_number_that_the_details_state_is_not_repeated(segcli: Run, empty: Path, written: str) -> None:
    page = foot(segcli, "en", f"letters: {{details: ['{written}', 'C.o.C. 01234567']}}\n")
    assert page.count("01234567") == 1 + page.count("NL001234567B01")
    assert page.count("VAT") == 1  # the bare number gets its label, the labelled one stays as it is
    assert "C.o.C. 01234567" in page


def test_the_labels_are_those_of_invoices(segcli: Run, empty: Path) -> None:
    page = foot(segcli, "nl", "invoices: {words: {nl: {vat_number: BTW}}}\n")
    assert "BTW NL001234567B01" in page


@pytest.mark.repeats
def test_subscriptions_have_the_same_foot(segcli: Run, example: Path) -> None:
    done = segcli("run", "print-subscriptions", "--merged", "--folder", "out", *APPLY)
    assert done.status in {0, 5}, done.err
    pages = texts(Path("out/subscriptions-2026-06-30/subscriptions.pdf").read_bytes())
    assert "Btw-nummer NL000000000B01" in "".join(pages)
    assert all("NL000000000B01" in page for page in pages)
