"""Bank payments and outstanding items: what is matched for certain, what is only proposed, and that no order of files matters."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from bank_files import OWN, PAYER, Paid, camt, details, entry, message
from conftest import Run, connected, is_sound

from segcli.importing.kinds.machinery import bank_items, bank_work

ACCOUNTS = "account,name\nA,Ann\nB,Bob\n"
ITEMS = """account,invoice_number,invoice_date,due_date,amount,reference
A,2026001,2026-01-01,2026-01-31,100.00,
A,2026002,2026-01-02,2026-01-31,150.00,RF18539007547034
A,2026003,2026-01-03,2026-01-31,200.00,
B,2026004,2026-01-04,2026-03-31,90.00,+++090/9337/55493+++
B,C-17,2026-01-05,2026-03-31,-25.00,
"""


def take(segcli: Run, name: str, content: str, *words: str, status: int = 0) -> str:
    Path(name).write_text(content)
    done = segcli("import", name, *words)
    assert done.status == status, done.err
    return done.err


def begin(segcli: Run, items: str = ITEMS, accounts: str = ACCOUNTS) -> None:
    take(segcli, "a.csv", accounts)
    take(segcli, "r.csv", items)


def payments(segcli: Run, *words: str) -> list[tuple[Any, ...]]:
    """Return account, invoices and state of each payment."""
    return [
        (row["account"], row["invoices"], row["state"]) for row in segcli("payments", "list", "-f", "json", *words).rows
    ]


def opened(database: Path) -> dict[str, int]:
    """Return what is open of each item, and of each account's unallocated receipts as one."""
    with connected(database) as db:
        return dict(
            db.execute(
                "SELECT coalesce(i.invoice_number, a.code || ' receipts'), sum(i.open_amount) FROM outstanding_item AS i"
                " JOIN account AS a ON a.id = i.account_id GROUP BY 1"
            )
        )


def ageing(segcli: Run, *words: str) -> str:
    return segcli("show", "debtor-ageing", "-f", "csv", *words).out


CASES = {
    "number": (Paid("2026-02-01", 10000, "betaling 2026001"), ("A", "2026001", "matched")),
    "number with signs": (Paid("2026-02-01", 10000, "fact. 2026-001."), ("A", "2026001", "matched")),
    "number after a word": (Paid("2026-02-01", 10000, "factuurnr2026001"), ("A", "2026001", "matched")),
    "two numbers": (Paid("2026-02-01", 35000, "2026002 + 2026003"), ("A", "2026002, 2026003", "matched")),
    "a list of numbers": (Paid("2026-02-01", 35000, "2026002/2026003"), ("A", "2026002, 2026003", "matched")),
    "an invoice less a credit note": (Paid("2026-02-01", 6500, "2026004 -/- C-17"), ("B", "2026004, C-17", "matched")),
    "a refund": (Paid("2026-02-01", -2500, "refund C-17"), ("B", "C-17", "matched")),
    "a creditor reference": (Paid("2026-02-01", 15000, reference="RF18 5390 0754 7034"), ("A", "2026002", "matched")),
    "a Belgian reference in the text": (Paid("2026-02-01", 9000, "***090/9337/55493***"), ("B", "2026004", "matched")),
    "an end-to-end id": (Paid("2026-02-01", 20000, end_to_end="2026003"), ("A", "2026003", "matched")),
    "another amount": (Paid("2026-02-01", 4000, "2026001"), ("A", "2026001", "proposed")),
    "too much": (Paid("2026-02-01", 12000, "2026001"), ("A", "2026001", "proposed")),
    "a part of a number": (Paid("2026-02-01", 10000, "dossier 99-2026001-7"), ("A", "2026001", "proposed")),
    "within a longer number": (Paid("2026-02-01", 10000, "12026001 20260015"), (None, None, "unmatched")),
    "no number": (Paid("2026-02-01", 10000, "bedankt"), (None, None, "unmatched")),
    "paid by us": (Paid("2026-02-01", -10000, "2026001"), (None, None, "unmatched")),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_payment_matches(segcli: Run, empty: Path, database: Path, name: str) -> None:
    paid, expected = CASES[name]
    begin(segcli)
    take(segcli, "b.xml", camt(paid))
    found = payments(segcli)
    if name == "paid by us":  # who is paid is known by the number, but nothing is allocated
        found = [(None, *found[0][1:])]
    assert found == [expected]
    with connected(database) as db:
        allocated = db.execute("SELECT allocation_date, sum(amount) FROM allocation GROUP BY 1").fetchall()
    assert allocated == ([(paid.day, paid.amount)] if expected[2] == "matched" else [])
    assert is_sound(database)
    assert segcli("check", "--quick").status == 0


def test_what_waits_is_an_unallocated_receipt(segcli: Run, empty: Path, database: Path) -> None:
    begin(segcli)
    take(segcli, "b.xml", camt(Paid("2026-02-01", 4000, "2026001"), Paid("2026-02-02", 500, "?")))
    assert opened(database) == {
        "2026001": 10000,
        "2026002": 15000,
        "2026003": 20000,
        "2026004": 9000,
        "C-17": -2500,
        "A receipts": -4000,
    }


def test_the_items_of_an_account_are_read_without_all_that_are_named(segcli: Run, empty: Path, database: Path) -> None:
    """A list of all that payments name, made anew for each account, took time with the square of their number."""
    begin(segcli)
    with connected(database) as db:
        bank_work.collect(db)
        statements: list[str] = []
        db.set_trace_callback(statements.append)
        bank_items.Items(db).of_account(1)
        db.set_trace_callback(None)
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statements[-1]}")]
    assert any("bank_named_item" in line for line in plan)
    assert not any("LIST SUBQUERY" in line for line in plan)


def test_a_bank_account_is_learned_and_used(segcli: Run, empty: Path, database: Path) -> None:
    begin(segcli)
    first = Paid("2026-02-01", 10000, "2026001", PAYER)
    amount, rest = Paid("2026-02-02", 15000, "?", PAYER), Paid("2026-02-03", 777, "?", PAYER)
    take(segcli, "b1.xml", camt(amount._replace(id="x"), rest._replace(id="y")))
    assert payments(segcli) == [(None, None, "unmatched")] * 2
    take(segcli, "b2.xml", camt(first))
    assert payments(segcli) == [("A", "2026001", "matched"), ("A", "2026002", "proposed"), ("A", None, "unmatched")]
    assert opened(database)["A receipts"] == -15777
    with connected(database) as db:
        assert db.execute("SELECT iban FROM account_iban").fetchall() == [(PAYER,)]


def test_a_bank_account_of_an_accounts_file(segcli: Run, empty: Path, database: Path) -> None:
    take(segcli, "b.xml", camt(Paid("2026-02-02", 777, "?", PAYER)))
    take(segcli, "a.csv", f"account,name,iban\nA,Ann,nl20 ingb 0001 2345 67\nB,Bob,{OWN}\n")
    assert payments(segcli) == [("A", None, "unmatched")]
    assert opened(database) == {"A receipts": -777}
    with connected(database) as db:
        before = db.total_changes, db.execute("SELECT count(*) FROM account_iban").fetchone()
    take(segcli, "a.csv", f"account,name,iban\nA,Ann,{PAYER}\nB,Bob,{OWN}\n")
    with connected(database) as db:
        assert db.execute("SELECT count(*) FROM account_iban").fetchone() == before[1] == (2,)
    wrong = take(segcli, "w.csv", "account,name,iban\nA,Ann,NL20INGB0001234568\n", status=1)
    assert "w.csv:2:iban: 'NL20INGB0001234568'" in wrong
    assert "check digits" in wrong


def test_one_number_of_two_accounts(segcli: Run, empty: Path) -> None:
    items = "account,invoice_number,invoice_date,amount\nA,1234,2026-01-01,10.00\nB,1234,2026-01-01,10.00\n"
    begin(segcli, items, f"account,name,iban\nA,Ann,\nB,Bob,{PAYER}\n")
    take(segcli, "b.xml", camt(Paid("2026-02-01", 1000, "1234"), Paid("2026-02-02", 1000, "1234", PAYER)))
    assert payments(segcli) == [("A", "1234", "proposed"), ("B", "1234", "matched")]


def test_terms_of_an_invoice(segcli: Run, empty: Path, database: Path) -> None:
    items = "account,invoice_number,term,invoice_date,due_date,amount\nA,1234,1,2026-01-01,2026-01-31,10.00\nA,1234,2,2026-01-01,2026-02-28,20.00\n"
    begin(segcli, items)
    take(segcli, "b.xml", camt(Paid("2026-02-01", 1000, "1234"), Paid("2026-02-02", 2000, "1234")))
    assert payments(segcli) == [("A", "1234", "matched")] * 2
    assert opened(database) == {"1234": 0}


def test_a_reversal_takes_the_allocation_back(segcli: Run, empty: Path, database: Path) -> None:
    begin(segcli)
    paid = Paid("2026-02-01", 10000, "2026001", PAYER, end_to_end="E1")
    back = Paid("2026-02-05", -10000, "2026001", PAYER, end_to_end="E1", is_reversal=True)
    again = Paid("2026-02-09", 10000, "2026001", PAYER)
    take(segcli, "b1.xml", camt(paid))
    take(segcli, "b2.xml", camt(back._replace(id="r")))
    assert opened(database)["2026001"] == 10000
    assert payments(segcli) == [("A", "2026001", "reversed"), ("A", "2026001", "matched")]
    assert "A,Ann,EUR,350.00" in ageing(segcli, "--as-of", "2026-02-03")
    assert "A,Ann,EUR,450.00" in ageing(segcli, "--as-of", "2026-02-06")
    take(segcli, "b3.xml", camt(again._replace(id="again")))
    assert opened(database)["2026001"] == 0


def test_a_reversal_of_an_unallocated_receipt(segcli: Run, empty: Path, database: Path) -> None:
    begin(segcli, accounts=f"account,name,iban\nA,Ann,{PAYER}\nB,Bob,\n")
    paid, back = (
        Paid("2026-02-01", 777, "?", PAYER, id="p"),
        Paid("2026-02-05", -777, "?", PAYER, id="r", is_reversal=True),
    )
    for name, files in {
        "one": (camt(paid, back),),
        "two": (camt(paid), camt(back)),
        "back": (camt(back), camt(paid)),
    }.items():
        for at, content in enumerate(files):
            take(segcli, f"{name}{at}.xml", content)
        assert [state for *_, state in payments(segcli)] == ["reversed", "matched"]
        assert opened(database)["A receipts"] == 0
        for run in segcli("log", "-f", "json").rows[: len(files)]:
            assert segcli("undo", run["run"], "--yes").status == 0
        assert payments(segcli) == []


STATED = """account,invoice_number,invoice_date,due_date,amount,open
A,2026001,2026-01-01,2026-01-31,100.00,0.00
A,2026002,2026-01-02,2026-01-31,150.00,150.00
A,2026003,2026-02-20,2026-03-31,200.00,200.00
B,2026004,2026-01-04,2026-03-31,90.00,60.00
"""
FILES = {
    "a.csv": ACCOUNTS,
    "r.csv": STATED,
    "b1.xml": camt(
        Paid("2026-02-01", 10000, "2026001", PAYER, "p1"),  # in the open amounts of the file
        Paid("2026-02-10", 3000, "2026004", "", "p2"),  # as a part
        Paid("2026-02-15", 500, "?", PAYER, "p3"),  # before the last date in the file: in its figures, too
    ),
    "b2.xml": camt(
        Paid("2026-03-01", 15000, "2026002", PAYER, "p4"),  # after it
        Paid("2026-03-02", 6000, "2026004", "", "p5"),
        Paid("2026-03-03", 700, "?", PAYER, "p6"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "order", [order for order in permutations(FILES) if order.index("a.csv") < order.index("r.csv")]
)
def test_every_order_of_files_gives_the_same(segcli: Run, empty: Path, database: Path, order: tuple[str, ...]) -> None:
    for name in order:
        take(segcli, name, FILES[name])
    # By hand: 2026001 is paid in the file, 2026002 and the rest of 2026004 by the bank, 2026003 is open, 7.00 is not allocated.
    assert opened(database) == {"2026001": 0, "2026002": 0, "2026003": 20000, "2026004": 0, "A receipts": -700}
    assert ageing(segcli).splitlines()[1:] == ["A,Ann,EUR,193.00,0.00,0.00,0.00,0.00,193.00"]
    assert [state for *_, state in payments(segcli)] == ["settled"] * 3 + ["matched"] * 2 + ["unmatched"]
    for name in order:
        take(segcli, name, FILES[name], "--again")
    assert opened(database)["A receipts"] == -700
    assert segcli("check").status == 0


def test_a_later_receivables_file_replaces_bank_allocations(segcli: Run, empty: Path, database: Path) -> None:
    first = "account,invoice_number,invoice_date,amount,open\nA,2026001,2026-01-01,100.00,100.00\nA,2026002,2026-01-02,150.00,150.00\n"
    later = "account,invoice_number,invoice_date,amount,open\nA,2026001,2026-01-01,100.00,0.00\nA,2026002,2026-01-02,150.00,150.00\nA,9,2026-03-31,5.00,5.00\n"
    bank = camt(Paid("2026-02-01", 10000, "2026001", PAYER), Paid("2026-02-02", 15000, "2026002", PAYER))
    expected = []
    for order in (("r1", "b", "r2"), ("r1", "r2", "b"), ("b", "r1", "r2")):
        for path in database.parent.glob("test.db*"):
            path.unlink()
        assert segcli("init").status == 0
        take(segcli, "a.csv", ACCOUNTS)
        notes = ""
        for name in order:
            Path(f"{name}.csv").write_text({"r1": first, "r2": later, "b": bank}[name])
            notes += str(segcli("import", f"{name}.csv", "-f", "json").rows[0]["notes"])
        assert ("2 bank payments replaced: the file says what is paid up to 2026-03-31" in notes) == (
            order != ("r1", "r2", "b")
        )
        expected.append((ageing(segcli), opened(database)))
    assert expected[0] == expected[1] == expected[2]
    assert expected[0][1] == {"2026001": 0, "2026002": 15000, "9": 500}  # the file of 31 March says that it is open


def test_payments_of_the_ledger_and_of_the_bank_count_once(segcli: Run, empty: Path, database: Path) -> None:
    ledger = "account,invoice_number,journal,entry_number,payment_date,amount\nA,2026001,20,26001,2026-02-02,-100.00\n"
    bank = camt(Paid("2026-02-01", 10000, "2026001", PAYER))
    for order in permutations(("r.csv", "b.xml", "p.csv")):
        for path in database.parent.glob("test.db*"):
            path.unlink()
        assert segcli("init").status == 0
        take(segcli, "a.csv", ACCOUNTS)
        for name in order:
            take(
                segcli,
                name,
                {"r.csv": ITEMS, "b.xml": bank, "p.csv": ledger}[name],
                *(("--as", "payment") if name == "p.csv" else ()),
            )
        assert opened(database)["2026001"] == 0
        assert "A receipts" not in opened(database)
        assert [state for *_, state in payments(segcli)] == ["settled"]


def test_undo_takes_a_bank_file_back(segcli: Run, empty: Path, database: Path) -> None:
    begin(segcli)

    def state() -> list[Any]:
        with connected(database) as db:
            return [
                db.execute(f"SELECT * FROM {name}").fetchall()
                for name in ("outstanding_item", "allocation", "account_iban", "bank_payment")
            ]

    before = state()
    take(segcli, "b.xml", FILES["b1.xml"])
    assert state() != before
    assert segcli("undo", "3", "--yes").status == 0
    assert state() == before
    take(segcli, "b.xml", FILES["b1.xml"])
    assert len(payments(segcli)) == 3


def test_undo_of_receivables_gives_the_payments_free(segcli: Run, empty: Path, database: Path) -> None:
    take(segcli, "a.csv", ACCOUNTS)
    take(segcli, "b.xml", FILES["b1.xml"])
    take(segcli, "r.csv", ITEMS)
    assert ("A", "2026001", "matched") in payments(segcli)
    assert segcli("undo", "3", "--yes").status == 0
    assert payments(segcli) == [(None, None, "unmatched")] * 3
    assert is_sound(database)


def test_overlapping_files_and_other_formats_add_nothing(segcli: Run, empty: Path, database: Path) -> None:
    one, two, three = (Paid(f"2026-02-0{n}", 1000 * n, f"text {n}", PAYER, f"id{n}") for n in (1, 2, 3))
    double = Paid("2026-02-03", 500, "same", PAYER)
    take(segcli, "b1.xml", camt(one, two))
    take(segcli, "b2.xml", camt(two, three, double, double))
    assert len(payments(segcli)) == 5
    statement = [f":20:X\n:25:{OWN}EUR\n:28C:1/1\n:60F:C260131EUR0,00"]
    statement += [
        f":61:{paid.day[2:].replace('-', '')}{paid.day[5:].replace('-', '')}C{paid.amount // 100},{paid.amount % 100:02d}NTRFNONREF"
        for paid in (one, two, three, double, double)
    ]
    take(segcli, "b.sta", "\n".join([*statement, ":62F:C260203EUR70,00", "-"]))
    assert len(payments(segcli)) == 5
    content = message([entry(paid, [details(paid)], "") for paid in (double, double, double)])
    take(segcli, "b3.xml", content)
    take(segcli, "b4.xml", content)
    with connected(database) as db:
        assert db.execute("SELECT count(*), sum(amount) FROM bank_payment WHERE amount = 500").fetchone() == (5, 2500)


def test_the_parts_of_a_batch_replace_its_total(segcli: Run, empty: Path, database: Path) -> None:
    begin(segcli)
    parts = (Paid("2026-02-01", 10000, "2026001"), Paid("2026-02-01", 15000, "2026002"))
    whole = Paid("2026-02-01", 25000)
    total = message([entry(whole, ["<Btch><NbOfTxs>2</NbOfTxs></Btch>"], "batch1")])
    detailed = message([entry(whole, [details(paid) for paid in parts], "batch1")], kind="054")
    for order in ((total, detailed), (detailed, total)):
        for at, content in enumerate(order):
            take(segcli, f"b{at}.xml", content)
        assert payments(segcli) == [("A", "2026001", "matched"), ("A", "2026002", "matched")]
        for run in segcli("log", "-f", "json").rows[:2]:
            segcli("undo", run["run"], "--yes")


def test_a_person_who_was_anonymised(segcli: Run, empty: Path, database: Path) -> None:
    begin(segcli)
    take(segcli, "c.csv", "account,contact,name,first_name,last_name\nA,1,Paula Peters,Paula,Peters\n")
    take(segcli, "b.xml", camt(Paid("2026-02-01", 10000, "2026001 van Paula Peters", PAYER, "p1", name="Paula Peters")))
    assert PAYER in segcli("contact", "show", "A:1").out or "Paula" in segcli("payments", "list").out
    assert segcli("contact", "anonymise", "A:1", "--yes").status == 0
    shown = segcli("payments", "list", "-f", "csv").out
    assert "Paula" not in shown
    assert "2026001" in shown
    take(segcli, "b2.xml", camt(Paid("2026-02-01", 10000, "2026001 van Paula Peters", PAYER, "p1", name="Paula Peters"),
                                Paid("2026-02-02", 15000, "2026002", PAYER, "p2", name="Paula Peters")))  # fmt: skip
    assert "Paula" not in segcli("payments", "list", "-f", "csv").out
    with connected(database) as db:
        assert not [line for line in db.iterdump() if "Peters" in line]
        assert db.execute("SELECT counter_iban FROM bank_payment").fetchall() == [(None,), (None,)]


def test_a_foreign_currency(segcli: Run, empty: Path, database: Path) -> None:
    take(segcli, "a.csv", ACCOUNTS)
    take(segcli, "x.csv", "currency,rate_date,rate\nUSD,2026-01-01,2\n")
    take(segcli, "r.csv", "account,invoice_number,invoice_date,currency,amount\nA,2026001,2026-01-01,USD,100.00\n")
    take(segcli, "b.xml", camt(Paid("2026-02-01", 10000, "2026001")).replace("'EUR'", "'USD'"))
    assert payments(segcli) == [("A", "2026001", "matched")]
    with connected(database) as db:
        assert db.execute("SELECT currency, amount, base_amount FROM allocation").fetchall() == [("USD", 10000, 5000)]


def test_a_payment_without_a_known_bank_account_is_proposed_by_name_and_amount(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\nD1,Tweede B.V.\nD2,Derde\nD3,Derde\n")
    Path("i.csv").write_text(
        "account,invoice_number,invoice_date,due_date,amount\nD1,2026003,2026-01-12,2026-02-11,242.00\n"
        "D2,2026004,2026-01-12,2026-02-11,50.00\nD3,2026005,2026-01-12,2026-02-11,50.00\n"
    )
    head = "Datum,Naam / Omschrijving,Rekening,Tegenrekening,Code,Af Bij,Bedrag (EUR),Mutatiesoort,Mededelingen\n"
    row = '"20260203","{}","NL20INGB0001234567","BE68539007547034","GT","Bij","{}","Overschrijving","{}"\n'
    Path("b.csv").write_text(head + row.format("TWEEDE BV", "242,00", "januari") + row.format("Derde", "50,00", "x"))
    assert segcli("import", "a.csv", "i.csv", "b.csv").status == 0
    found = segcli("payments", "list", "-f", "json").rows
    assert [(row["state"], row["account"], row["invoices"], row["reason"]) for row in found] == [
        ("proposed", "D1", "2026003", "name and amount"),
        ("unmatched", None, None, None),  # two accounts have this name
    ]
