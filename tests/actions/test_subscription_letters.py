"""Subscriptions on paper: letters, and the mark that they were printed."""

from pathlib import Path

import pytest
from conftest import APPLY, APPLY_SELECTED, Run, connected, fingerprint
from subscription_case import more

PRINT = ("--config", "config.yaml", "run", "print-subscriptions", "--folder", "out")


def pages(path: Path) -> list[str]:
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(path).pages]


def test_letters_and_marks(segcli: Run, subscriptions: Path) -> None:
    Path("config.yaml").write_text("letters: {name: Ours BV}\n")
    more(segcli, "S9,B,M,2026-06-01,,,")  # it has no lines
    preview = segcli(*PRINT, "--unprinted", "-f", "json").rows
    assert [(row["subscription"], row["reason"]) for row in preview] == [
        ("S1", None), ("S3", None), ("S2", None), ("S9", "it has no lines"),
    ]  # fmt: skip
    assert not Path("out").exists()
    done = segcli(*PRINT, "--unprinted", *APPLY)
    assert (done.status, "subscription S9: it has no lines" in done.err) == (5, True)
    (folder,) = Path("out").iterdir()
    assert folder.name == "subscriptions-2026-06-30"
    assert sorted(path.name for path in folder.iterdir()) == ["S1.pdf", "S2.pdf", "S3.pdf"]
    covering, confirmation = pages(folder / "S2.pdf")
    assert "Your subscription S2" in covering
    for text in (
        "Confirmation of subscription S2",
        "Quarterly",
        "30 November 2025",
        "10 July 2026",
        "in arrears",
        "19.99",
        "53.97",
    ):
        assert text in confirmation
    again = segcli(*PRINT, "--unprinted", *APPLY)
    assert again.status == 5
    assert len(list(Path("out").iterdir())) == 1  # twice is once
    with connected(subscriptions) as db:
        assert db.execute("SELECT subscription_number, printed_date FROM subscription ORDER BY 1").fetchall() == [
            ("S1", "2026-06-30"), ("S2", "2026-06-30"), ("S3", "2026-06-30"), ("S9", None),
        ]  # fmt: skip
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("undo", run, "--yes").status == 0
    assert len(segcli(*PRINT, "--unprinted", "-f", "json").rows) == 4


def test_one_part_merged_and_in_dutch(segcli: Run, subscriptions: Path) -> None:
    Path("a.csv").write_text("account,name,language\nA,Ann,nl-NL\n")
    assert segcli("import", "a.csv").status == 0
    Path("config.yaml").write_text(
        "letters: {name: Ours}\nsubscriptions: {words: {nl: {confirmation_end: 'Per {frequency}!'}}}\n"
    )
    assert segcli(*PRINT, "--account", "A", "--only", "confirmation", "--merged", *APPLY_SELECTED).status == 0
    (path,) = Path("out").glob("*/*.pdf")
    found = pages(path)
    assert path.name == "subscriptions.pdf"
    assert ["Bevestiging van abonnement S1" in found[0], "Bevestiging van abonnement S3" in found[1]] == [True, True]
    assert "Per per maand!" in found[0]


@pytest.mark.parametrize("text", ["covering_text: 'Dear {nobody}'", "nothing: x", "total: '{frequency'", "page: ''"])
def test_texts_are_checked_before_anything_is_printed(segcli: Run, subscriptions: Path, text: str) -> None:
    Path("config.yaml").write_text(f"letters: {{name: Ours}}\nsubscriptions: {{words: {{en: {{{text}}}}}}}\n")
    before = fingerprint(subscriptions)
    done = segcli(*PRINT, *APPLY)
    assert (done.status, done.out) == (1, "")
    assert "subscriptions.words.en" in done.err
    assert fingerprint(subscriptions) == before
    assert segcli("--config", "config.yaml", "run", "print-subscriptions", *APPLY).status == 2  # no folder


def test_a_number_that_is_no_file_name(segcli: Run, subscriptions: Path) -> None:
    Path("config.yaml").write_text("letters: {name: Ours}\n")
    for number in ("../x", "./x", "x"):
        more(segcli, f"{number},A,M,2026-06-01,,,", f"{number},1,,a,1,1,,,,0,21")
    assert segcli(*PRINT, *APPLY).status == 0
    (folder,) = Path("out").iterdir()
    assert {path.name for path in folder.glob("x*")} == {"x.pdf", "x-2.pdf", "x-3.pdf"}
