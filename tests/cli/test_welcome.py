"""`segcli` alone on a terminal says what the database holds and what to do next; elsewhere it is the help."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import STORY_ENDS, Run, connected
from terminal import at_terminal

from segcli.cli import welcome
from segcli.interface.command import Session
from segcli.settings import config


def test_it_says_what_the_database_holds(segcli: Run, example: Path) -> None:
    status, shown = at_terminal()
    assert status == 0
    with connected(example) as db:
        for name, sql in {
            "Accounts": "SELECT count(*) FROM account",
            "Contacts": "SELECT count(*) FROM contact",
            "Invoices": "SELECT count(*) FROM invoice WHERE kind = 'sales'",
        }.items():
            assert re.search(rf"^  {name} +{db.execute(sql).fetchone()[0]:,}$", shown, re.MULTILINE), name
        labels = db.execute(
            "SELECT label, (SELECT count(*) FROM classification_value v WHERE v.field = l.field AND is_retired = 0) FROM classification_label l"
        ).fetchall()
    words = " ".join(shown.split())
    for label, values in labels:
        assert f"{label} ({values} values)" in words
    # By another route: the totals of debtor-ageing per currency.
    ageing = segcli(
        "show", "debtor-ageing", "--group-by", "currency", "-f", "csv", "--columns", "currency,outstanding"
    ).out
    for line in ageing.splitlines()[1:]:
        currency, amount = line.split(",")
        assert re.search(rf"{currency} +{Decimal(amount):,}, ", shown), currency
    assert "requests.csv and 21 more files" in words


def test_the_next_commands_are_true(segcli: Run, example: Path) -> None:
    assert example.exists()
    _, shown = at_terminal(COLUMNS="120")
    commands = re.findall(r"^  segcli (show \S.*?)  +", shown, re.MULTILINE)
    assert "show account-search --class1 none" in commands
    for command in commands:
        assert segcli(*command.split()).status == 0
    (said,) = re.findall(r"(\d+) accounts have no Region", shown)
    assert len(segcli("show", "account-search", "--class1", "none", "-f", "json").rows) == int(said)


def test_an_empty_database_is_led_to_its_first_import(empty: Path) -> None:
    status, shown = at_terminal(COLUMNS="90")
    assert (status, str(empty) in shown.replace("\n", "")) == (0, True)
    assert re.search(r"^  segcli import FILE\.\.\. +load accounts", shown, re.MULTILINE)
    assert "classification label 1 TEXT" in shown


@pytest.mark.parametrize("columns", ["40", "60", "80", "100", "200"])
def test_it_fits_the_terminal(example: Path, columns: str) -> None:
    assert example.exists()
    _, shown = at_terminal(COLUMNS=columns)
    body = shown.split("\n\n", 1)[1]  # the path of the database is as long as it is
    longest = max(body.splitlines(), key=len)
    assert len(longest) <= int(columns) or longest.strip().startswith("segcli ")


def test_without_a_database_or_a_terminal_it_is_the_help(segcli: Run, example: Path) -> None:
    help_text = segcli("--help").out
    assert segcli() == (0, help_text, "")
    example.unlink()
    status, shown = at_terminal()
    assert (status, shown.startswith("Usage: segcli ")) == (0, True)


def test_amounts_have_the_configured_decimal_sign(
    segcli: Run, example: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert example.exists()
    monkeypatch.setenv("SEGCLI_DECIMAL", ",")
    welcome.show(Session(config.load({}), {}, date.fromisoformat(STORY_ENDS)))
    shown = capfd.readouterr().out
    ageing = segcli("show", "debtor-ageing", "--group-by", "currency", "-f", "json").rows
    for row in ageing:
        amount = f"{Decimal(str(row['outstanding'])):,.{0 if row['currency'] == 'JPY' else 2}f}"
        assert f"{row['currency']} {amount.translate(str.maketrans(',.', '.,')):>10}".split()[1] in shown, row


def test_an_empty_one_says_what_is_missing(empty: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert empty.exists()
    welcome.show(Session(config.load({}), {}, date.fromisoformat(STORY_ENDS)))
    shown = capfd.readouterr().out
    assert [line.split() for line in shown.splitlines() if line.startswith("  Last")] == [
        ["Last", "import", "none", "yet"]
    ]
    assert "no labels yet" in shown
