"""Completion of --columns, --sort, --group-by and --class LABEL=: what is offered is what the command takes."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import Run, connected

from segcli import commands, overviews
from segcli.cli import completion


def offered(*words: str) -> list[str]:
    return [word for word, _ in completion.offers(list(words), commands.root())]


@pytest.mark.parametrize("name", overviews.names())
def test_each_column_of_an_overview_is_offered(segcli: Run, example: Path, name: str) -> None:
    assert example.exists()
    head = segcli("show", name, "-f", "csv", "--limit", "1").out.splitlines()[0].split(",")
    assert set(head) <= set(offered("show", name, "--columns", ""))
    assert set(head) <= set(offered("show", name, "--sort", ""))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("show", "debtor-ageing", "--sort", "-outst"), ["-outstanding"]),
        (("show", "debtor-ageing", "--sort", "account,-outst"), ["account,-outstanding"]),
        (("show", "debtor-ageing", "--sort=-outst"), ["--sort=-outstanding"]),
        (("show", "debtor-ageing", "--group-by", "outst"), []),
        (("show", "debtor-ageing", "--group-by", "custom"), ["Customer value"]),
        (("show", "debtor-ageing", "--details", "--columns", "invoice_n"), ["invoice_number"]),
        (("show", "debtor-ageing", "--buckets", "14", "--columns", "days_"), ["days_1_14", "days_over_14"]),
        (("run", "print-invoices", "--columns", "total"), ["total_amount"]),
        (("show", "account-search", "--class", "Region=N,S"), ["Region=N,S"]),
        (("show", "account-search", "--class", "Nothing="), None),
    ],
)
def test_offers(example: Path, words: Sequence[str], wanted: list[str] | None) -> None:
    assert example.exists()
    if wanted is None:  # no label: no offer, and no message at a key press
        completion.run(words, commands.root())
    else:
        assert offered(*words) == wanted


def test_the_values_of_a_label(example: Path) -> None:
    with connected(example) as db:
        sql = "SELECT code FROM classification_value WHERE field = 1 ORDER BY position, code"
        codes = [code for (code,) in db.execute(sql)]
    assert offered("tag", "--class", "Region=") == [f"Region={word}" for word in (*codes, "none", "any", "not:")]


def test_columns_need_no_database(database: Path) -> None:
    assert not database.exists()
    assert offered("show", "debtor-ageing", "--columns", "outst") == ["outstanding"]


def test_what_is_offered_is_taken(segcli: Run, example: Path) -> None:
    assert example.exists()
    for word in offered("show", "debtor-balance", "--group-by", ""):
        done = segcli("show", "debtor-balance", "--group-by", word, "-f", "csv")
        assert done.status == 0, f"{word}: {done.err}"
