"""Payments over the terms of an invoice: by date, the oldest term first, whatever the order in which they come in."""

from itertools import permutations
from pathlib import Path

import pytest
from conftest import Run, connected
from hypothesis import given
from hypothesis import strategies as st
from import_case import load

from segcli.importing.kinds.machinery.laying import Fixed, Receipt, Term, lay

TERMS = """account,invoice_number,term,invoice_date,due_date,currency,amount
A1,100,1,2026-01-01,2026-01-31,EUR,100.00
A1,100,2,2026-01-01,2026-02-28,EUR,40.00
A1,100,3,2026-01-01,2026-03-31,EUR,60.00
"""
HEAD = "account,invoice_number,allocation_date,currency,amount,reference\n"
ENTRIES = "account,invoice_number,journal,entry_number,payment_date,currency,amount\n"
STAND = """SELECT coalesce(o.term, 0), l.allocation_date, l.amount, l.base_amount FROM allocation AS l
            JOIN outstanding_item AS o ON o.id = l.item_id ORDER BY 1, 2, 3"""
LEFT = "SELECT invoice_date, amount, open_amount, base_amount FROM outstanding_item WHERE amount < 0 ORDER BY 1"


def imported(segcli: Run, name: str, content: str, *words: str, status: int = 0) -> str:
    return load(segcli, *words, status=status, **{name: content}).err


def stand(database: Path, sql: str = STAND) -> list[tuple[object, ...]]:
    with connected(database) as db:
        return db.execute(sql).fetchall()


def anew(segcli: Run, database: Path, terms: str = TERMS) -> None:
    for path in database.parent.glob("test.db*"):
        path.unlink()
    assert segcli("init").status == 0
    imported(segcli, "a", "account,name\nA1,Alpha\n")
    imported(segcli, "r", terms)


def is_right(segcli: Run) -> bool:
    return segcli("check").status == 0


@pytest.mark.repeats
@pytest.mark.parametrize("order", list(permutations(("feb", "mar", "apr"))))
def test_the_order_of_files_changes_nothing(segcli: Run, database: Path, order: tuple[str, ...]) -> None:
    """100 + 40 + 60 is paid by 50 in February, 10 in March and 130 in April: worked out by hand."""
    files = {
        "feb": f"{HEAD}A1,100,2026-02-15,EUR,50.00,CASH1\n",
        "mar": f"{HEAD}A1,100,2026-03-15,EUR,10.00,CASH2\n",
        "apr": f"{HEAD}A1,100,2026-04-01,EUR,130.00,BANK1\n",
    }
    anew(segcli, database)
    for name in order:
        imported(segcli, name, files[name])
    row = segcli("show", "debtor-ageing", "--as-of", "2026-02-20", "-f", "json").rows[0]
    assert (row["outstanding"], row["not_due"], row["days_1_30"]) == (150, 100, 50)
    assert [one[:3] for one in stand(database)] == [
        (1, "2026-02-15", 5000), (1, "2026-03-15", 1000), (1, "2026-04-01", 4000), (2, "2026-04-01", 4000),
        (3, "2026-04-01", 5000),
    ]  # fmt: skip
    assert is_right(segcli)
    assert segcli("import", *(f"{name}.csv" for name in files), "--again").status == 0
    assert len(stand(database)) == 5


@pytest.mark.parametrize("order", list(permutations(("feb", "mar", "apr"))))
def test_what_is_left_over_is_the_latest(segcli: Run, database: Path, order: tuple[str, ...]) -> None:
    """Of 200, 150 is paid in February, 20 in March and 60 in April: 30 of April are left over."""
    files = {name: f"{ENTRIES}A1,100,BNK,{name},{day},EUR,-{amount}.00\n"
             for name, day, amount in (("feb", "2026-02-15", 150), ("mar", "2026-03-15", 20), ("apr", "2026-04-01", 60))}  # fmt: skip
    anew(segcli, database)
    for name in order:
        imported(segcli, name, files[name])
    assert [one[:3] for one in stand(database)] == [
        (1, "2026-02-15", 10000), (2, "2026-02-15", 4000), (3, "2026-02-15", 1000), (3, "2026-03-15", 2000),
        (3, "2026-04-01", 3000),
    ]  # fmt: skip
    assert stand(database, LEFT) == [("2026-04-01", -3000, -3000, -3000)]
    assert is_right(segcli)


def test_what_names_its_term_stays_and_others_make_room(segcli: Run, database: Path) -> None:
    """February's 120 pay terms 1 and 2; then a file says that 30 of March belong to term 1."""
    anew(segcli, database)
    imported(segcli, "feb", f"{HEAD}A1,100,2026-02-15,EUR,120.00,CASH1\n")
    assert [one[:3] for one in stand(database)] == [(1, "2026-02-15", 10000), (2, "2026-02-15", 2000)]
    imported(segcli, "mar", "account,invoice_number,term,allocation_date,amount\nA1,100,1,2026-03-01,30.00\n")
    expected = [(1, "2026-02-15", 7000), (1, "2026-03-01", 3000), (2, "2026-02-15", 4000), (3, "2026-02-15", 1000)]
    assert [one[:3] for one in stand(database)] == expected
    imported(segcli, "jan", f"{HEAD}A1,100,2026-01-15,EUR,10.00,CASH0\n")
    assert [one[:3] for one in stand(database)] == [
        (1, "2026-01-15", 1000), (1, "2026-02-15", 6000), (1, "2026-03-01", 3000), (2, "2026-02-15", 4000),
        (3, "2026-02-15", 2000),
    ]  # fmt: skip
    assert is_right(segcli)


def test_what_takes_back_takes_from_what_was_there(segcli: Run, database: Path) -> None:
    """100 of February are taken back in March and paid again in April: term 1 all the time."""
    files = (f"{HEAD}A1,100,2026-02-15,EUR,100.00,a\n", f"{HEAD}A1,100,2026-04-15,EUR,100.00,c\n",
             f"{HEAD}A1,100,2026-03-15,EUR,-100.00,b\n")  # fmt: skip
    anew(segcli, database)
    for name, content in zip("acb", files, strict=True):
        imported(segcli, name, content)
    assert [one[:3] for one in stand(database)] == [
        (1, "2026-02-15", 10000),
        (1, "2026-03-15", -10000),
        (1, "2026-04-15", 10000),
    ]
    told = imported(segcli, "d", f"{HEAD}A1,100,2026-05-15,EUR,-100.01,d\n", status=1)
    assert "this reverses more than was paid" in told
    assert len(stand(database)) == 3


def test_what_names_its_term_is_taken_back_from_it(segcli: Run, database: Path) -> None:
    """In one file: 50 without a term and 30 for term 1, of which 80 are taken back."""
    anew(segcli, database)
    head = "account,invoice_number,term,allocation_date,amount\n"
    imported(segcli, "one", f"{head}A1,100,1,2026-02-20,-80.00\nA1,100,1,2026-02-10,30.00\nA1,100,,2026-02-05,50.00\n")
    assert [one[:3] for one in stand(database)] == [
        (1, "2026-02-05", 5000),
        (1, "2026-02-10", 3000),
        (1, "2026-02-20", -8000),
    ]
    told = imported(segcli, "two", f"{head}A1,100,1,2026-02-21,-0.01\n", status=1)
    assert "this reverses more than was paid" in told
    assert is_right(segcli)


@pytest.mark.parametrize("order", ["fa", "af"])
def test_the_base_amount_of_a_payment_is_spread_with_it(segcli: Run, database: Path, order: str) -> None:
    """In dollars: 100 at 0.90, 40 at 0.90 and 60 at 0.90. 50 come in for 44.44, 110 for 99.99 (0.909 each)."""
    anew(
        segcli,
        database,
        TERMS.replace("EUR", "USD").replace("amount\n", "amount,base_amount\n").replace(".00\n", ".00,90\n"),
    )
    head = "account,invoice_number,allocation_date,currency,amount,base_amount,reference\n"
    files = {"f": f"{head}A1,100,2026-02-15,USD,50.00,44.44,F\n", "a": f"{head}A1,100,2026-04-01,USD,110.00,99.99,A\n"}
    for name in order:
        imported(segcli, name, files[name])
    # 9999 * 50 / 110 = 4545; 9999 * 90 / 110 = 8181, less 4545 is 3636; the rest is 1818
    assert stand(database) == [
        (1, "2026-02-15", 5000, 4444), (1, "2026-04-01", 5000, 4545), (2, "2026-04-01", 4000, 3636), (3, "2026-04-01", 2000, 1818),
    ]  # fmt: skip


def test_terms_of_another_amount_or_day_move_payments(segcli: Run, database: Path) -> None:
    """Term 1 becomes 80; then it becomes due last."""
    anew(segcli, database)
    imported(segcli, "feb", f"{HEAD}A1,100,2026-02-15,EUR,110.00,CASH1\n")
    imported(segcli, "r2", TERMS.replace("EUR,100.00", "EUR,80.00"))
    assert [one[:3] for one in stand(database)] == [(1, "2026-02-15", 8000), (2, "2026-02-15", 3000)]
    imported(segcli, "r3", TERMS.replace("EUR,100.00", "EUR,80.00").replace("2026-01-31", "2026-05-31"))
    assert [one[:3] for one in stand(database)] == [
        (1, "2026-02-15", 1000),
        (2, "2026-02-15", 4000),
        (3, "2026-02-15", 6000),
    ]
    assert is_right(segcli)


def test_a_left_over_that_was_set_off_stays(segcli: Run, database: Path) -> None:
    """April leaves 60 over, which a match sets off against invoice 200; an earlier payment does not take that away."""
    anew(segcli, database)
    imported(segcli, "apr", f"{ENTRIES}A1,100,BNK,7,2026-04-01,EUR,-260.00\n")
    imported(
        segcli,
        "r2",
        "account,invoice_number,entry_number,invoice_date,currency,amount\nA1,200,9,2026-04-02,EUR,60.00\n",
    )
    imported(segcli, "m", "account,match,entry_number\nA1,M,7\nA1,M,9\n", "--as", "match")
    assert stand(database, LEFT) == [("2026-04-01", -6000, 0, -6000)]
    imported(segcli, "feb", f"{ENTRIES}A1,100,BNK,6,2026-02-01,EUR,-20.00\n")
    with connected(database) as db:
        rows = db.execute("SELECT sum(amount), sum(open_amount) FROM outstanding_item WHERE amount < 0").fetchone()
    assert rows == (-8000, -2000)
    assert is_right(segcli)


def test_a_set_off_of_a_whole_invoice_is_spread_by_date(segcli: Run, database: Path) -> None:
    """A credit note of 50 is set off in April against the invoice; 60 of February come in later."""
    terms = TERMS.replace("invoice_date", "entry_number,invoice_date").replace(",2026-01-01", ",E1,2026-01-01")
    anew(segcli, database, terms + "A1,C1,1,E2,2026-03-01,,EUR,-50.00\n")
    imported(
        segcli, "m", "account,match,entry_number,match_date\nA1,M,E1,2026-04-01\nA1,M,E2,2026-04-01\n", "--as", "match"
    )
    imported(segcli, "feb", f"{HEAD}A1,100,2026-02-15,EUR,60.00,CASH1\n")
    assert [one[:3] for one in stand(database) if isinstance(one[2], int) and one[2] > 0] == [
        (1, "2026-02-15", 6000), (1, "2026-04-01", 4000), (2, "2026-04-01", 1000),
    ]  # fmt: skip
    imported(segcli, "mar", f"{HEAD}A1,100,2026-03-15,EUR,200.00,CASH2\n")  # 90 more than is open
    assert stand(database, LEFT) == [("2026-03-01", -5000, 0, -5000), ("2026-03-15", -11000, -11000, -11000)]
    assert is_right(segcli)


DAYS = st.integers(1, 9).map("2026-01-0{}".format)


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.lists(st.tuples(DAYS, st.integers(-6, 12).filter(bool)), max_size=7),
    st.lists(st.tuples(st.integers(0, 3), DAYS, st.integers(1, 4)), max_size=2),
    st.randoms(use_true_random=False),
)
def test_laying_by_date(
    amounts: list[int], paid: list[tuple[str, int]], named: list[tuple[int, str, int]], order: object
) -> None:
    terms = [Term(n, amount) for n, amount in enumerate(amounts, 1)]
    room = {term.id: term.amount for term in terms}
    fixed = []
    for at, day, amount in named:
        term = at % len(terms) + 1
        if amount <= room[term]:
            fixed.append(Fixed(term, day, amount))
            room[term] -= amount
    receipts = [Receipt(str(n), day, amount) for n, (day, amount) in enumerate(paid)]
    found = lay(terms, fixed, receipts)
    mixed = receipts[:]
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert lay(terms, fixed, mixed) == found
    for receipt in receipts:
        laid = found[receipt.key]
        assert sum(laid.parts.values()) + laid.left == receipt.amount
        assert all(part * receipt.amount > 0 for part in laid.parts.values())
    for term in terms:
        held = sum(laid.parts.get(term.id, 0) for laid in found.values()) + sum(
            f.amount for f in fixed if f.term == term.id
        )
        assert 0 <= held <= term.amount
    if all(receipt.amount > 0 for receipt in receipts):
        # Nothing is left over while a term has room, and no term is paid while an older one has room from that day on.
        free = sum(amounts) - sum(f.amount for f in fixed)
        assert sum(laid.left for laid in found.values()) == max(sum(r.amount for r in receipts) - free, 0)
        for day in sorted({receipt.day for receipt in receipts}):
            known = lay(terms, fixed, [receipt for receipt in receipts if receipt.day <= day])
            assert {
                key: laid for key, laid in found.items() if key in known
            } == known  # what comes later changes nothing
