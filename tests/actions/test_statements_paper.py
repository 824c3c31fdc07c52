"""Statements on paper and by e-mail: what they list, in which language, over pages, and that the lines add up to the balance."""

import email
import email.policy
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import APPLY, Run, connected
from hypothesis import given
from hypothesis import strategies as st
from letter_case import LETTER, flat, pdf, rows, texts
from statement_case import CONFIG, filled, preview, printed

from segcli.actions.statements import source
from segcli.actions.statements.source import Movement
from segcli.actions.statements.span import Span
from segcli.base.dates import parse
from segcli.output.documents.letter import Carried, Strip

JUNE = Path("out/statements-2026-06-30")


def pages(name: str, folder: Path = JUNE) -> list[str]:
    return texts((folder / f"{name}.pdf").read_bytes())


def body(name: str) -> str:
    """Return the text of an e-mail draft."""
    message = email.message_from_bytes((JUNE / f"{name}.eml").read_bytes(), policy=email.policy.default)
    part = message.get_body()
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_the_lines_with_the_balance_after_each(segcli: Run, empty: Path) -> None:
    filled(segcli)
    printed(segcli, "--period", "2026-06")
    (page,) = pages("C")
    lines = [
        "Balance on 31 May 2026 40.00",
        "5 June 2026 Invoice F-2 250.50 290.50",
        "10 June 2026 Credit note CR-1 50.00 240.50",
        "12 June 2026 Payment of F-1 40.00 200.50",
        "15 June 2026 Set off: F-2, CR-1 50.00 50.00 200.50",
        "20 June 2026 Payment 30.00 170.50",
        "Debit 300.50",
        "Credit 170.00",
        "Balance on 30 June 2026 (EUR) 170.50",
        "Not due 1 to 30 31 to 60 61 to 90 Over 90 Total (EUR)",
        "200.50 -30.00 0.00 0.00 0.00 170.50",
        "Payments go to IBAN NL91 ABNA 0417 1643 00 in the name of Ours, reference C.",
    ]
    places = [flat(page).find(flat(line)) for line in lines]
    assert -1 not in places
    assert places == sorted(places)


def test_open_items_with_their_due_dates(segcli: Run, empty: Path) -> None:
    filled(segcli)
    printed(segcli, "--open-items", "--as-of", "2026-06-30")
    (page,) = pages("C")
    for line in (
        "Open items on 30 June 2026", "Payment 20 June 2026 -30.00 -30.00",
        "Invoice F-2 5 June 2026 5 July 2026 250.50 200.50", "Total open (EUR) 170.50",
    ):  # fmt: skip
        assert flat(line) in flat(page)
    assert ("F-1" in page, "CR-1" in page, "31 May" in page) == (False, False, False)
    (page,) = pages("C-USD")
    assert flat("Invoice U-1 1 April 2026 1 May 2026 60 10.00 10.00") in flat(page)  # 30 days of May and 30 of June


def test_a_payment_in_advance_is_a_payment_until_the_day_of_its_invoice(segcli: Run, empty: Path) -> None:
    filled(segcli)
    Path("i.csv").write_text(
        "account,invoice_number,invoice_date,due_date,currency,amount\nN,F-9,2026-07-10,2026-08-10,EUR,80\n"
    )
    Path("p.csv").write_text("account,invoice_number,allocation_date,amount\nN,F-9,2026-06-25,80\n")
    assert segcli("import", "i.csv", "p.csv").status == 0
    printed(segcli, "--open-items", "--as-of", "2026-06-30")
    assert flat("Payment of F-9 25 June 2026 -80.00 -80.00") in flat(pages("N")[0])
    (row,) = preview(segcli, "--period", "2026-06", "--account", "N")
    assert (row["opening"], row["debit"], row["credit"], row["closing"]) == (0, 0, 80, -80)
    (row,) = preview(segcli, "--period", "2026-07", "--account", "N")
    assert (row["opening"], row["debit"], row["credit"], row["closing"]) == (-80, 80, 0, 0)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("D", ("30 juni 2026", "Rekeningoverzicht van 1 juni 2026 tot en met 30 juni 2026", "Saldo per 31 mei 2026 75,25", "Niet vervallen")),
        ("E", ("30. Juni 2026", "Kontoauszug vom 1. Juni 2026 bis zum 30. Juni 2026", "Rechnung F-4 12,34 12,34", "Über 90")),
    ],
)  # fmt: skip
def test_each_account_reads_its_own_language(segcli: Run, empty: Path, name: str, wanted: tuple[str, ...]) -> None:
    filled(segcli)
    printed(segcli, "--period", "2026-06")
    text = flat("".join(pages(name)))
    assert [line for line in wanted if flat(line) not in text] == []


def test_a_language_of_the_configuration(segcli: Run, empty: Path) -> None:
    words = (
        "{account: Compte, our_date: a, invoice: a, invoice_date: a, due_date: a, days: a, amount: a, open: a, sum: a, fee: a, \
interest: a, subtotal: a, total: a, also_open: a, credit: a, balance: a, balance_after_credits: a, payment: a, page: a, \
months: janvier février mars avril mai juin juillet août septembre octobre novembre décembre}"
    )
    letter = "default: {subject: a, opening: a, closing: a}"
    filled(segcli, CONFIG + f"""
reminders: {{texts: {{fr: {{decimal: ",", date: "{{day}} {{month}} {{year}}", {letter}, words: {words}}}}}}}
statements: {{words: {{fr: {{balance_on: "Solde au {{day}}"}}}}}}
""")  # fmt: skip
    assert segcli("import", "--as", "account", "-", stdin="account,name,language\nD,Client,fr\n").status == 0
    printed(segcli, "--period", "2026-06")
    (page,) = pages("D")
    # What has no French word is English.
    assert flat("Solde au 31 mai 2026 75,25") in flat(page)
    assert flat("Not due 1 to 30") in flat(page)


def test_the_draft_has_the_figures_and_the_statement(segcli: Run, empty: Path) -> None:
    filled(segcli)
    printed(segcli, "--period", "2026-06")
    message = email.message_from_bytes((JUNE / "C.eml").read_bytes(), policy=email.policy.default)
    assert (message["To"], message["X-Unsent"]) == ("c@c.example", "1")
    assert message["Subject"] == "Statement of account from 1 June 2026 to 30 June 2026 (C)"
    assert [part.get_filename() for part in message.iter_attachments()] == ["C.pdf"]
    (attached,) = message.iter_attachments()
    assert attached.get_payload(decode=True) == (JUNE / "C.pdf").read_bytes()
    figures = "Balance on 31 May 2026: 40.00\nDebit: 300.50\nCredit: 170.00\nBalance on 30 June 2026 (EUR): 170.50"
    assert figures in body("C")
    assert "The statement is attached." in body("C")


@pytest.mark.parametrize("words", [("--period", "2026-06"), ("--open-items", "--as-of", "2026-06-30")])
def test_the_balance_is_carried_forward_at_a_page_break(segcli: Run, empty: Path, words: tuple[str, ...]) -> None:
    filled(segcli)
    rows = [f"D,G-{n:03},2026-06-{n % 28 + 1:02},2026-07-31,EUR,1.00\n" for n in range(90)]
    Path("i.csv").write_text("account,invoice_number,invoice_date,due_date,currency,amount\n" + "".join(rows))
    assert segcli("import", "i.csv").status == 0
    printed(segcli, *words)
    found = [page for page in pages("D") if "Omschrijving" in page]  # the closing may stand on a page of its own
    assert len(found) > 2
    seen: set[str] = set()
    for before, after in pairwise(found):
        seen |= set(re.findall(r"G-\d{3}", before))
        # 75.25 is from before June: its line comes first in both kinds.
        carried = f"Transport{75 + len(seen)},25"
        assert (flat(before).count(carried), flat(after).count(carried)) == (1, 1)
    assert "Transport165,25" not in flat(found[-1])


@pytest.mark.repeats
def test_the_closing_stands_with_the_ageing() -> None:
    counts = set()
    for count in range(4, 24):
        carried, strip = Carried("Carried", ("1.00",) * (count + 1)), Strip("Ages", (("Not due", "1.00"),))
        found = texts(pdf(replace(LETTER, rows=rows(count), carried=carried, strip=strip)))
        (last,) = (page for page in found if "Yours faithfully" in page)
        assert "Ages" in last
        counts.add(len(found))
    assert counts == {1, 2}


def test_many_buckets_stand_below_each_other(segcli: Run, empty: Path) -> None:
    filled(segcli)
    printed(segcli, "--period", "2026-06", "--buckets", ",".join(str(10 * n) for n in range(1, 25)))
    text = flat("".join(pages("D")))
    assert flat("101 t/m 110 0,00 111 t/m 120 75,25 121 t/m 130 0,00") in text  # 3 March to 30 June: 119 days


def test_the_lines_of_the_example_add_up(segcli: Run, example: Path) -> None:
    Path("config.yaml").write_text(CONFIG)
    for start, end in (("2026-06-01", "2026-06-30"), ("2025-03-05", "2026-02-11")):
        rows = preview(segcli, "--from", start, "--to", end, "--amounts", "text")
        with connected(example) as db:
            ids = dict(db.execute("SELECT code, id FROM account"))
            for row in rows:
                found = source.movements(db, ids[row["account"]], row["currency"], Span(parse(start), parse(end)))
                sums = [sum(one.debit for one in found), sum(one.credit for one in found)]
                assert sums == [int(row[name].replace(".", "")) for name in ("debit", "credit")]
                opening, closing = (int(row[name].replace(".", "")) for name in ("opening", "closing"))
                assert opening + sums[0] - sums[1] == closing
                assert [one.day for one in found] == sorted(one.day for one in found)
                assert all(start <= one.day <= end for one in found)


@given(
    st.lists(
        st.tuples(st.sampled_from(["use", "payment", "invoice", "receipt"]), st.integers(1, 4), st.booleans()),
        max_size=9,
    )
)
def test_setting_off_changes_no_sum(of_day: list[tuple[str, int, bool]]) -> None:
    day = [
        Movement("2026-06-01", kind, (f"{n}",), amount * is_debit, amount * (not is_debit))
        for n, (kind, amount, is_debit) in enumerate(of_day)
    ]
    found = source.set_off(day)
    for at in (3, 4):  # debit and credit
        assert sum(one[at] for one in found) == sum(one[at] for one in day)
    assert sorted(number or "" for one in found for number in one.numbers) == sorted(f"{n}" for n in range(len(day)))
    sets = [one for one in found if one.kind == "set_off"]
    assert all(one.debit == one.credit for one in sets)
    left = [one for one in found if one.kind == "use" and one.debit]
    paid = [one.credit for one in found if one.kind == "payment" and one.credit]
    assert not {one.debit for one in left} & set(paid)


def test_one_credit_against_several_invoices_is_one_set(segcli: Run, empty: Path) -> None:
    filled(segcli)
    Path("i.csv").write_text(
        "account,invoice_number,invoice_date,due_date,currency,amount\n"
        "E,A,2026-06-01,2026-06-30,EUR,60\nE,B,2026-06-01,2026-06-30,EUR,40\nE,CN,2026-06-02,,EUR,-100\nE,BACK,2026-06-02,,EUR,-7\n"
    )
    Path("p.csv").write_text(
        "account,invoice_number,allocation_date,amount\n"
        "E,A,2026-06-03,60\nE,B,2026-06-03,40\nE,CN,2026-06-03,-100\nE,BACK,2026-06-04,-7\n"
    )
    assert segcli("import", "i.csv", "p.csv").status == 0
    printed(segcli, "--period", "2026-06")
    (page,) = pages("E")
    assert flat("3. Juni 2026 Verrechnet: A, B, CN 100,00 100,00 -7,00") in flat(page)
    assert flat("4. Juni 2026 Rückzahlung zu BACK 7,00 0,00") in flat(page)


def test_a_matched_set_is_one_line(segcli: Run, empty: Path) -> None:
    filled(segcli)
    Path("m.csv").write_text("account,match,entry_number,match_date\nC,M1,2,2026-06-25\nC,M1,4,2026-06-25\n")
    assert segcli("import", "m.csv", "--as", "match").status == 0
    printed(segcli, "--period", "2026-06")
    assert flat("25 June 2026 Set off: F-2, Payment 30.00 30.00 170.50") in flat(pages("C")[0])


def test_nothing_is_asked_where_nothing_is_owed(segcli: Run, empty: Path) -> None:
    filled(segcli)
    Path("i.csv").write_text("account,invoice_number,invoice_date,currency,amount\nE,CN,2026-06-02,EUR,-100\n")
    assert segcli("import", "i.csv").status == 0
    done = segcli(
        "--config", "config.yaml", "run", "print-statements", "--period", "2026-06", "--folder", "out", *APPLY
    )
    assert done.status == 0
    assert "NL91" not in flat(pages("E")[0])
    assert "NL91" in flat(pages("C")[0])
