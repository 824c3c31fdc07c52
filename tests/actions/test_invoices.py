"""Processing invoices: numbers without a gap or a double, sums by the stated rule, and nothing by halves."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, APPLY_SELECTED, Once, Run, connected, fingerprint, is_sound

from segcli.base import placing
from segcli.domain.sales import series
from segcli.domain.sales.plan import Head, Line, Planned, VatCode, plan
from segcli.output import outbox

CONFIG = "letters: {name: Ours BV, iban: NL91 ABNA 0417 1643 00, email: us@us.example}\n"
RUN = ("--config", "config.yaml", "run", "print-invoices", "--folder", "out")


def _open_invoices(segcli: Run) -> None:
    Path("config.yaml").write_text(CONFIG)
    Path("c.csv").write_text("payment_condition,description,days\n14,Two weeks,14\n")
    Path("a.csv").write_text(
        "account,name,address,email,payment_condition,invoice_by,is_blocked\nA,Ann,Kade 1,a@a.example,14,email,0\n"
        "B,Bob & Co,,,,,0\nX,Blocked,,,,,1\n"
    )
    Path("h.csv").write_text(
        "external_id,account,invoice_date,description,currency,status\ni1,A,2026-05-01,Tea,EUR,open\ni2,B,2026-05-02,Milk,EUR,open\n"
        "i3,X,2026-05-02,No,EUR,open\ni4,B,2026-05-03,Back,EUR,open\ni5,B,2026-05-03,Later,EUR,draft\n"
    )
    Path("l.csv").write_text(
        "invoice_id,line,description,quantity,unit_price,discount_percent,vat_percent\n"
        "i1,1,Tea,1,33.33,0,21\ni1,2,Tea,1,33.33,0,21\ni1,3,Tea,1,33.33,0,21\ni2,1,Milk,3,19.97,10,9\ni3,1,x,1,1,0,21\n"
        "i4,1,Milk,-1,19.97,0,9\ni5,1,x,1,1,0,21\n"
    )
    for name in "cahl":
        assert segcli("import", f"{name}.csv").status == 0


@pytest.fixture
def open_invoices(once: Once, empty: Path) -> Path:
    once(_open_invoices)
    return empty


def history(segcli: Run) -> dict[str, tuple[Any, ...]]:
    names = "description,status,invoice_number,invoice_date,due_date,net_amount,vat_amount,total_amount"
    rows = segcli("show", "invoice-history", "--columns", names, "-f", "json").rows
    return {row.pop("description"): tuple(row.values()) for row in rows}


def test_processing(segcli: Run, open_invoices: Path) -> None:
    preview = segcli(*RUN, "-f", "json").rows
    assert [(row["description"], row["total_amount"], row["reason"]) for row in preview] == [
        ("Tea", 120.99, None), ("Milk", 58.77, None), ("Back", -21.77, None), ("No", None, "the account is blocked"),
    ]  # fmt: skip
    assert not Path("out").exists()
    for _ in range(2):
        assert segcli(*RUN, *APPLY).status == 0
        assert history(segcli) == {
            "Tea": ("processed", "26000001", "2026-06-30", "2026-07-14", 99.99, 21, 120.99),  # 20.9979
            "Milk": ("processed", "26000002", "2026-06-30", "2026-07-30", 53.92, 4.85, 58.77),  # 53.919; 4.8528
            "Back": ("processed", "26000003", "2026-06-30", None, -19.97, -1.8, -21.77),  # 1.7973
            "No": ("open", None, "2026-05-02", None, 1, 0.21, 1.21),
            "Later": ("draft", None, "2026-05-03", None, 1, 0.21, 1.21),
        }
    (folder,) = Path("out").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == [
        "26000001.eml",
        "26000001.pdf",
        "26000002.pdf",
        "26000003.pdf",
    ]
    items = segcli("show", "outstanding-items", "-f", "json").rows
    assert [(row["invoice_number"], row["due_date"], row["open"]) for row in items] == [
        ("26000001", "2026-07-14", 120.99), ("26000002", "2026-07-30", 58.77), ("26000003", None, -21.77),
    ]  # fmt: skip
    assert sum(row["revenue"] for row in segcli("show", "sales-analysis", "-f", "json").rows) == 133.94
    assert segcli("check").status == 0
    assert is_sound(open_invoices)


def test_entries_where_a_journal_is_configured(segcli: Run, open_invoices: Path) -> None:
    Path("config.yaml").write_text(f"{CONFIG}invoices: {{journal: '70'}}\n")
    Path("g.csv").write_text("gl_account,description,subledger\n1300,Debtors,debtors\n")
    assert segcli("import", "g.csv").status == 0
    assert segcli(*RUN, *APPLY).status == 0
    rows = segcli("show", "transaction-search", "--entry", "26000001", "-f", "json").rows
    assert [(row["gl_account"], row["debit"], row["credit"]) for row in rows] == [
        ("1300", 120.99, None), ("8000", None, 99.99), ("1500", None, 21),
    ]  # fmt: skip
    done = segcli("show", "debtor-ageing", "-f", "md")
    assert ("difference 0.00" in done.out, done.err) == (True, "")
    assert segcli("check").status == 0


def test_what_cannot_be_booked_is_told(segcli: Run, open_invoices: Path) -> None:
    Path("config.yaml").write_text(f"{CONFIG}invoices: {{journal: '70'}}\n")
    Path("h.csv").write_text(
        "external_id,account,invoice_date,description,currency,status\nusd,A,2026-05-04,Abroad,USD,open\n"
    )
    Path("l.csv").write_text("invoice_id,line,description,quantity,unit_price,vat_percent\nusd,1,Tea,1,10,0\n")
    for name in "hl":
        assert segcli("import", f"{name}.csv").status == 0
    done = segcli(*RUN, *APPLY)
    assert done.status == 5
    assert "not booked in journal 70: no rate of USD is known" in done.err
    items = segcli("show", "outstanding-items", "--account", "A", "-f", "json").rows
    assert {row["currency"]: row["open"] for row in items} == {"EUR": 120.99, "USD": 10}
    assert segcli("check").status == 0


def test_numbers_go_on_where_the_series_stands(segcli: Run, open_invoices: Path) -> None:
    Path("old.csv").write_text(
        "invoice_number,account,invoice_date,net_amount,vat_amount\n26000041,A,2026-06-29,10,0\n99,A,2026-06-29,10,0\n"
    )
    assert segcli("import", "old.csv").status == 0
    assert segcli(*RUN, *APPLY_SELECTED, "--account", "B").status == 0
    assert segcli(*RUN, *APPLY).status == 0
    found = history(segcli)
    assert [found[name][1] for name in ("Milk", "Back", "Tea")] == ["26000042", "26000043", "26000044"]
    before = fingerprint(open_invoices)
    done = segcli(*RUN, *APPLY, "--as-of", "2026-06-29")
    assert (done.status, "none can be dated 2026-06-29" in done.err) == (1, True)
    done = segcli("undo", segcli("log", "-f", "json").rows[0]["run"], "--yes")
    assert (done.status, "final" in done.err) == (1, True)
    assert fingerprint(open_invoices) == before


def test_two_at_once_give_each_invoice_one_number(segcli: Run, open_invoices: Path) -> None:
    command = [sys.executable, "-m", "segcli", *RUN, *APPLY]
    running = [subprocess.Popen(command, env=os.environ, stderr=subprocess.PIPE) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    numbers = sorted(values[1] for values in history(segcli).values() if values[1])
    assert numbers == ["26000001", "26000002", "26000003"]
    assert len([path for path in Path("out").iterdir() if path.name.startswith("invoices-")]) == 1


def test_cut_off_it_has_happened_or_not(segcli: Run, open_invoices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    before = fingerprint(open_invoices)
    with monkeypatch.context() as patched:
        patched.setattr(placing, "sync", die)
        assert segcli(*RUN, *APPLY).status == 130
    assert fingerprint(open_invoices) == before
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "publish", die)
        assert segcli(*RUN, *APPLY).status == 130
    assert segcli(*RUN, *APPLY).status == 0
    assert [path.name for path in Path("out").iterdir()] == ["invoices-2026-06-30"]
    assert history(segcli)["Tea"][1] == "26000001"


def test_drafts_and_copies_change_nothing(segcli: Run, open_invoices: Path) -> None:
    before = fingerprint(open_invoices)
    assert segcli(*RUN, "--draft").status == 0
    assert fingerprint(open_invoices) == before
    assert segcli(*RUN, *APPLY).status == 0
    before = fingerprint(open_invoices)
    for _ in range(2):
        assert segcli(*RUN, "--reprint", "26000001,26000003").status == 0
    assert fingerprint(open_invoices) == before
    copies = [sorted(path.iterdir()) for path in sorted(Path("out").glob("copies-*"))]
    assert [[path.name for path in paths] for paths in copies] == [["26000001.pdf", "26000003.pdf"]] * 2
    assert copies[0][0].read_bytes() == copies[1][0].read_bytes()
    assert segcli(*RUN, "--reprint", "26000009").status == 2
    assert segcli(*RUN, "--draft", "--merged", "--account", "X").status == 0  # blocked: there is nothing to print
    (drafts,) = Path("out").glob("drafts-*-2")
    assert list(drafts.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--draft", "--reprint", "26000001"), "--draft and --reprint exclude each other"),
        (("--draft", *APPLY), "--draft and --reprint print without processing"),
        (("--reprint", "26000001", *APPLY_SELECTED), "leave --apply out"),
    ],
)
def test_what_is_printed_is_not_processed(segcli: Run, open_invoices: Path, words: tuple[str, ...], said: str) -> None:
    before = fingerprint(open_invoices)
    done = segcli(*RUN, *words)
    assert (done.status, done.out, said in done.err) == (2, "", True)
    assert (fingerprint(open_invoices), Path("out").exists()) == (before, False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("invoices: {number: 'F'}", "no form of a number"),
        ("invoices: {nmber: x}", "there is no setting 'nmber'"),
        ("invoices: {payment_days: x}", "whole number"),
        ("invoices: {gl_accounts: {x: 1}}", "there is no setting 'x'"),
        ("invoices: {words: {en: {x: y}}}", "there is no setting 'x'"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_refused(segcli: Run, open_invoices: Path, text: str, words: str) -> None:
    Path("config.yaml").write_text(f"{CONFIG}{text}\n")
    before = fingerprint(open_invoices)
    done = segcli(*RUN, *APPLY)
    assert (done.status, words in done.err, done.out) == (1, True, "")
    assert fingerprint(open_invoices) == before


def test_series() -> None:
    assert series.prefix_of("{yy}{n:6}", 2026) == ("26", 6)
    assert series.prefix_of("F{yyyy}-{n:4}", 2026) == ("F2026-", 4)
    numbers = series.following("260009", "26", 4)
    assert [next(numbers), next(numbers)] == ["260010", "260011"]
    with pytest.raises(Exception, match="is full"):
        next(series.following("2699", "26", 2))


def head(**given: Any) -> Head:
    return Head(
        **{"id": 1, "currency": "EUR", "net": 0, "vat": 0, "total": 0, "is_summed": 1, "is_blocked": 0, **given}
    )


def why(planned: Planned) -> str:
    return planned.why.text if planned.why else ""


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([], "it has no lines"),
        ([Line(1, 1, 10_000, "9", None)], "line 1 has no VAT rate, nor a VAT code that is known"),
        ([Line(1, 1, 1_000_000, "2", None)], ""),
    ],
)
def test_what_cannot_be_processed(lines: list[Line], wanted: str) -> None:
    assert why(plan(head(), lines, {"2": VatCode("21", "S")})) == wanted


def test_vat_that_the_lines_bring_stands() -> None:
    # Two lines of 0.02 at 21 %: each has no VAT when rounded alone, together they have 0.01.
    lines = [Line(n, n, 20_000, None, "21") for n in (1, 2)]
    assert plan(head(), lines, {}).vat == 1
    assert plan(head(), [line._replace(vat=0) for line in lines], {}).vat == 0
    summed = head(is_summed=0, net=4, vat=1, total=5)
    assert why(plan(summed, lines, {})) == ""
    contradicted = plan(summed._replace(total=6), lines, {})
    assert why(contradicted) == "its head says 0.06, its lines and their VAT add up to 0.05"


def test_the_example_has_open_invoices(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        count = db.execute("SELECT count(*) FROM invoice WHERE status = 'open'").fetchone()[0]
    rows = segcli("run", "print-invoices", "-f", "json").rows
    assert len(rows) == count > 0
    assert [row["reason"] for row in rows] == [None] * count


def test_thousands_of_numbers_in_one_flag(segcli: Run, example: Path) -> None:
    numbers = ",".join(f"25{number:06d}" for number in range(1, 401))
    expected = segcli("show", "invoice-history", "--invoice", "25000001..25000400", "-f", "csv").out
    for many in (numbers, f"{numbers},{numbers.lower()},prefix:none-such", ",".join([numbers] * 20)):
        assert segcli("show", "invoice-history", "--invoice", many, "-f", "csv").out == expected
    assert len(expected.splitlines()) > 300
    rest = segcli("show", "invoice-history", "--invoice", f"not:{numbers}", "-f", "csv").out
    whole = segcli("show", "invoice-history", "-f", "csv").out
    assert len(rest.splitlines()) + len(expected.splitlines()) == len(whole.splitlines()) + 1


def test_a_usual_rate_for_lines_that_bring_none(segcli: Run, open_invoices: Path) -> None:
    Path("h.csv").write_text(
        "external_id,account,invoice_date,description,status\nbare,A,2026-05-04,Bare,open\ncode,B,2026-05-04,Code,open\n"
    )
    Path("l.csv").write_text(
        "invoice_id,line,description,quantity,unit_price,vat_code\nbare,1,Tea,1,10,\ncode,1,Tea,1,10,9X\n"
    )
    for name in "hl":
        assert segcli("import", f"{name}.csv").status == 0

    def planned() -> dict[str, tuple[Any, Any]]:
        rows = segcli("--config", "config.yaml", "run", "print-invoices", "-f", "json").rows
        return {
            row["description"]: (row["total_amount"], row["reason"])
            for row in rows
            if row["description"] in {"Bare", "Code"}
        }

    unknown = "line 1 has no VAT rate, nor a VAT code that is known"
    assert planned() == {"Bare": (None, unknown), "Code": (None, unknown)}
    Path("config.yaml").write_text(f"{CONFIG}invoices: {{vat_percent: 21}}\n")
    assert planned() == {"Bare": (12.1, None), "Code": (None, unknown)}  # a code that is not known stays a mistake
    assert segcli(*RUN, "--draft").status == 0
    from pypdf import PdfReader

    texts = [
        "".join(page.extract_text() for page in PdfReader(path).pages) for path in Path("out").glob("drafts*/*.pdf")
    ]
    assert [("12.10" in text, "VAT 21%" in text) for text in texts if "Bare" in text] == [(True, True)]  # as it will be
    done = segcli(*RUN, *APPLY)
    assert (done.status, "(account B): line 1 has no VAT rate" in done.err) == (5, True)
    assert history(segcli)["Bare"][-3:] == (10, 2.1, 12.1)
    Path("config.yaml").write_text(f"{CONFIG}invoices: {{vat_percent: much}}\n")
    assert segcli(*RUN).status == 1
