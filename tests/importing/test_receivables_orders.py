"""A list of receivables and audit files of the same debts: whatever comes first, each debt and each payment counts once."""

from itertools import permutations
from pathlib import Path

import pytest
from conftest import Run, connected
from import_case import load
from test_ledger_receivables import FIRST, SECOND, items
from test_years import Year

HEAD = "account,invoice_number,invoice_date,amount,open\n"
LIST = HEAD + "D1,F1,2024-12-01,121,100\n"


def years(paid: int, day: str = "2025-01-20") -> dict[str, str]:
    """Return two years: F1 of 121.00, and the next year in which so many cents of it are paid."""
    first = Year(2024).sale("D1", "F1", 12100, "2024-12-01")
    second = Year(2025, {"1300": 12100, "0500": -12100}).opens("D1", "F1", 12100).receipt("D1", "F1", paid, day)
    return {"2024.xaf": first.text, "2025.xaf": second.text}


def stored(path: Path) -> list[list[tuple[object, ...]]]:
    with connected(path) as db:
        return [
            sorted(map(tuple, db.execute(sql)))
            for sql in (
                "SELECT item_key, amount, open_amount FROM outstanding_item WHERE open_amount <> 0",
                """SELECT i.item_key, l.allocation_key, l.allocation_date, l.amount
                     FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id""",
            )
        ]


def in_every_order(
    segcli: Run, empty: Path, texts: dict[str, str], wanted: list[tuple[str, str, int]], *, is_alike: bool = True
) -> set[str]:
    """Import these files in every order, each twice, and take all back; return what was told in each order.

    `is_alike`: the payments are the same in every order, too.
    """
    fresh = empty.read_bytes()
    found, told = [], set()
    for order in permutations(texts):
        for left in empty.parent.glob("test.db*"):
            left.unlink()
        empty.write_bytes(fresh)
        said = ""
        for words in ((), ("--again",)):
            for at, name in enumerate(order, 1):
                said += load(segcli, "--create-missing", *words, **{name: texts[name]}).err
                assert at < len(order) or items(segcli) == wanted, (order, words)
        found.append(stored(empty))
        told.add("told" if "its open amounts stand" in said else "")
        assert segcli("check").status == 0, order
        with connected(empty) as db:
            runs = [run for (run,) in db.execute("SELECT id FROM run WHERE batch_id IS NOT NULL ORDER BY id DESC")]
        for run in runs:
            done = segcli("undo", run, "--yes", "-f", "json")
            assert (done.status, done.out) == (0, ""), (order, run)
        assert stored(empty) == [[], []], order
    for one in found[1:]:
        assert not is_alike or one == found[0]
    return told


@pytest.mark.repeats
def test_a_payment_takes_the_place_of_what_the_list_states(segcli: Run, empty: Path) -> None:
    """121.00 - 21.00, by the list and by the payment: 100.00 is open."""
    assert in_every_order(segcli, empty, {"list.csv": LIST, **years(2100)}, [("D1", "F1", 100)]) == {""}


@pytest.mark.repeats
def test_a_smaller_payment_leaves_the_rest_of_what_the_list_states(segcli: Run, empty: Path) -> None:
    assert in_every_order(segcli, empty, {"list.csv": LIST, **years(1100)}, [("D1", "F1", 100)]) == {""}


@pytest.mark.repeats
def test_a_larger_payment_after_the_last_day_of_the_list_is_told(segcli: Run, empty: Path) -> None:
    """Nobody knows whether the list is older than the payment of 50.00: its 100.00 stands, with a warning."""
    assert in_every_order(segcli, empty, {"list.csv": LIST, **years(5000)}, [("D1", "F1", 100)]) == {"told"}


@pytest.mark.repeats
def test_nothing_paid_according_to_the_list(segcli: Run, empty: Path) -> None:
    text = HEAD + "D1,F1,2024-12-01,121,121\nD1,F2,2025-02-01,10,10\n"
    wanted = [("D1", "F1", 121), ("D1", "F2", 10)]
    assert in_every_order(segcli, empty, {"list.csv": text, **years(2100)}, wanted) == {""}


def test_a_payment_after_the_import_of_the_list_counts(
    segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGCLI_TODAY", "2025-01-10")
    load(segcli, "--create-missing", list=LIST)
    monkeypatch.setenv("SEGCLI_TODAY", "2026-03-01")
    for name, text in years(5000).items():
        assert load(segcli, **{name: text}).err == ""
    assert items(segcli) == [("D1", "F1", 50)]


def test_a_payment_that_came_before_its_invoice(segcli: Run, empty: Path) -> None:
    """The year without its opening balance: the receipt names F1, which only the list has."""
    load(segcli, **{"2025.xaf": Year(2025).receipt("D1", "F1", 2100, "2025-01-20").text})
    assert items(segcli) == [("D1", "F1", -21)]
    load(segcli, list=LIST)
    assert items(segcli) == [("D1", "F1", 100)]
    with connected(empty) as db:
        assert db.execute("SELECT allocation_key, amount FROM allocation").fetchall() == [("entry B/1/1", 2100)]
    assert segcli("check").status == 0


@pytest.mark.repeats
def test_a_set_off_takes_the_place_of_what_the_list_states(segcli: Run, empty: Path) -> None:
    """A credit note of 21.00 was set off against F1: the list says that 100.00 of 121.00 is open."""
    head = "account,invoice_number,journal,entry_number,invoice_date,amount\n"
    texts = {
        "list.csv": LIST,
        "items.csv": head + "D1,F1,V,1,2024-12-01,121\nD1,C1,V,2,2025-01-20,-21\n",
    }
    sets = "account,match,journal,entry_number,match_date\nD1,7,V,1,2025-01-20\nD1,7,V,2,2025-01-20\n"
    for order in permutations(texts):
        with connected(empty) as db:
            assert db.execute("SELECT count(*) FROM outstanding_item").fetchone() == (0,)
        for name in order:
            load(segcli, "--create-missing", **{name: texts[name]})
        for _ in range(2):
            load(segcli, "--as", "match", "--again", **{"sets.csv": sets})
            assert items(segcli) == [("D1", "F1", 100)], order
        assert segcli("check").status == 0
        for run in (3, 2, 1):
            with connected(empty) as db:
                last = db.execute(
                    "SELECT max(id) FROM run WHERE batch_id IS NOT NULL AND id NOT IN"
                    " (SELECT undoes_run_id FROM run WHERE undoes_run_id IS NOT NULL)"
                ).fetchone()[0]
            assert segcli("undo", last, "--yes").status == 0, (order, run)


OPEN = HEAD + "D1,F1,2024-02-01,121,41\nD1,F0,2023-11-05,100,30\n"


@pytest.mark.repeats
def test_a_list_replaces_the_open_balances_of_the_ledger(segcli: Run, empty: Path) -> None:
    """D1 opens at 100 (F0) and buys F1 for 121; 50 + 30 are paid of F1, and 70 of F0. D2 has paid 15 for nothing."""
    text = OPEN + "D2,C1,2024-04-01,-15,-15\n"
    wanted = [("D1", "F0", 30), ("D1", "F1", 41), ("D2", "C1", -15)]
    texts = {"list.csv": text, "2024.xaf": FIRST, "2025.xaf": SECOND}
    assert in_every_order(segcli, empty, texts, wanted, is_alike=False) == {""}


def test_open_balances_that_stand_beside_a_list_are_told(segcli: Run, empty: Path) -> None:
    load(segcli, **{"2024.xaf": FIRST})
    done = load(segcli, "-f", "json", list=OPEN)
    assert "open balances of the ledger stand beside this list: 1 of -15.00 EUR (D2)" in done.err
    assert "1 open balance of the ledger replaced" in done.out
    assert items(segcli) == [("D1", "F0", 30), ("D1", "F1", 41), ("D2", "", -15)]
    assert segcli("check").status == 0
    again = load(segcli, "--again", **{"2024.xaf": FIRST})
    assert "outstanding items of another source are here" in again.err
    assert items(segcli) == [("D1", "F0", 30), ("D1", "F1", 41), ("D2", "", -15)]


def test_open_items_of_the_ledger_that_a_list_lacks_are_told(segcli: Run, empty: Path) -> None:
    load(segcli, **{"2024.xaf": FIRST})
    done = load(segcli, list=HEAD + "D1,F0,2023-11-05,100,30\n")
    assert (
        "open items of the ledger that are not in this list, of accounts that are: 1 of 71.00 EUR (D1 F1)" in done.err
    )
    done = load(segcli, list=HEAD + "D1,F0,2023-11-05,100,30\nD1,F1,2024-02-01,121,0\n")
    assert "not in this list" not in done.err
    assert ("D1", "F1", 71) not in items(segcli)


def test_open_balances_that_are_asked_for_are_told_beside_a_list(segcli: Run, empty: Path) -> None:
    load(segcli, "--create-missing", list=OPEN)
    done = load(segcli, "--receivables", "from-ledger", **{"2024.xaf": FIRST})
    assert "1 open balance of the ledger made beside outstanding items of another source" in done.err
    assert ("D1", "F1", 41) in items(segcli)


def test_a_dry_run_replaces_nothing(segcli: Run, empty: Path) -> None:
    load(segcli, **{"2024.xaf": FIRST})
    before = stored(empty)
    load(segcli, "--dry-run", list=OPEN)
    assert stored(empty) == before


def test_allocations_after_a_list_are_told(segcli: Run, empty: Path) -> None:
    """The list states 24.00 as paid; nobody can know whether the allocation of 24.00 is that payment: 100 - 24 - 24 is open."""
    Path("l.csv").write_text(
        "account,invoice_number,invoice_date,amount,open\n1,F1,2026-01-01,100.00,76.00\n1,F2,2026-01-01,50,50\n"
    )
    Path("a.csv").write_text("account,invoice_number,allocation_date,amount\n1,F1,2026-01-15,24.00\n")
    assert segcli("import", "l.csv", "--create-missing").err == ""
    told = segcli("import", "a.csv", "--as", "allocation")
    assert "a.csv: payments of 1 item come on top of what the receivables file of " in told.err
    assert "if it has these payments, they count twice; segcli undo takes them out" in told.err
    assert segcli("show", "debtor-ageing", "-f", "json").rows[0]["outstanding"] == 102  # 52 and 50
    assert segcli("import", "a.csv", "--as", "allocation", "--again").err == ""  # nothing is added
