"""Actions report what they did: a bulk change needs a selection or --all and --yes; what was left out is named, by kind."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, APPLY_SELECTED, Once, Run, connected, fingerprint
from terminal import at_terminal

from segcli import actions
from segcli.actions.parts import applying
from segcli.domain.reasons import FAILED, Reason

DAY = "2026-06-30"
CONFIG = """letters: {name: Ours BV, iban: NL91ABNA0417164300}
invoices: {ubl: no}
reminders: {without_email: report, interval: 1, levels: [{action: email, start: due date, days: 7}]}
statements: {without_email: report}
"""
FILES = {
    "a": "account,name,email,is_blocked\nA,Ann,ann@a.example,0\nB,Bob,,0\nX,Blocked,x@x.example,1\n",
    "t": "item,description,sales_price\nTEA,Tea,2.00\nNIX,Without a price,\n",
    "i": "invoice_number,account,invoice_date,status\nD1,A,2026-06-01,open\nD2,B,2026-06-02,open\nD3,X,2026-06-03,open\n",
    "il": (
        "invoice_number,line,description,quantity,unit_price,vat_percent\n"
        "D1,1,no rate,1,10.00,\nD2,1,right,1,10.00,21\nD3,1,right,1,10.00,21\n"
    ),
    "r": (
        "account,invoice_number,invoice_date,due_date,currency,amount\n"
        "A,1,2026-05-01,2026-06-01,EUR,50.00\nB,2,2026-05-01,2026-06-01,EUR,60.00\nX,3,2026-05-01,2026-06-01,EUR,70.00\n"
    ),
    "y": "subscription_type,description,frequency,timing\nM,Monthly,monthly,advance\n",
    "s": "subscription,account,type,start_date\nS1,A,M,2026-06-01\nS2,B,M,2026-06-01\nS3,X,M,2026-06-01\nS4,A,M,2026-06-01\n",
    "sl": (
        "subscription,line,item,description,quantity,unit_price,is_automatic_price\n"
        "S1,1,TEA,Tea,1,3.00,0\nS2,1,NIX,,1,,1\nS3,1,TEA,Tea,1,3.00,0\nS1,2,NIX,Nix,1,4.00,0\n"
    ),
    "p": "price_list,description,currency\nRETAIL,Retail,EUR\n",
    "e": "entry_template,description,journal,line,gl_account,weight\nRENT,Rent,60,1,4100,1\n",
}
PRICES = ("--from-item", "--from", "2026-08-01")
# Of each action: its words, what it could not do, and the flags that leave out nothing but what a rule excludes.
LEFT: dict[str, tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]] = {
    "print-invoices": (
        ("--folder", "out"),
        {"invoice D1 (account A)": "line 1 has no VAT rate, nor a VAT code that is known"},
        ("--account", "B", "--account", "X"),
    ),
    "print-reminders": (
        ("--folder", "out"),
        {"account B (EUR)": "no e-mail address"},
        ("--account", "A", "--account", "X"),
    ),
    "print-statements": (
        ("--folder", "out"),
        {"account B (EUR)": "no e-mail address"},
        ("--account", "A", "--account", "X"),
    ),
    "generate-subscription-invoices": (
        (),
        {"subscription S4": "it has no lines", "subscription S2": "line 1: item NIX has no price on 2026-06-01"},
        ("--subscription", "S1,S3"),
    ),
    "update-subscription-prices": (
        PRICES,
        {"subscription S1, line 2": "item NIX has no sales price in EUR"},
        ("--subscription", "S2,S3"),
    ),
    "print-subscriptions": (
        ("--folder", "out"),
        {"subscription S4": "it has no lines"},
        ("--subscription", "S1,S2,S3"),
    ),
    # Where a link stands already a rule excludes the account; nothing can fail.
    "link-entry-template": (("RENT",), {}, ("--account", "A", "--account", "B")),
    "link-price-list": (("RETAIL",), {}, ("--account", "A", "--account", "B")),
}


def _books(segcli: Run) -> None:
    Path("config.yaml").write_text(CONFIG)
    for name, content in FILES.items():
        Path(f"{name}.csv").write_text(content)
        done = segcli("import", f"{name}.csv")
        assert done.status == 0, done.err
    for words in (("link-entry-template", "RENT"), ("link-price-list", "RETAIL")):
        assert segcli("run", *words, "--account", "A", *APPLY_SELECTED).status == 0


@pytest.fixture
def books(once: Once, empty: Path) -> Path:
    """Return a database with what each action can do, cannot do and must not do."""
    once(_books)
    return empty


def act(segcli: Run, name: str, *words: str) -> Any:
    return segcli("--config", "config.yaml", "run", name, *words)


def test_every_action_is_tried() -> None:
    assert set(LEFT) == set(actions.names())


@pytest.mark.parametrize("name", LEFT)
def test_what_could_not_be_done_is_named_and_ends_with_5(segcli: Run, books: Path, name: str) -> None:
    words, failed, _ = LEFT[name]
    done = act(segcli, name, *words, *APPLY)
    assert (done.status, done.out) == (5 if failed else 0, "")
    told = [line.removeprefix("segcli: ").strip() for line in done.err.splitlines()]
    assert [line for line in told if line.split(": ")[0] in failed] == [
        f"{what}: {why}" for what, why in failed.items()
    ]
    assert any("could not be" in line for line in told) == bool(failed)
    with connected(books) as db:  # the rest is done
        assert db.execute("SELECT count(*) FROM run WHERE command = ?", (f"run {name}",)).fetchone()[0] >= 1


@pytest.mark.parametrize("name", LEFT)
def test_what_a_rule_excludes_is_no_failure(segcli: Run, books: Path, name: str) -> None:
    words, _, selected = LEFT[name]
    preview = act(segcli, name, *words, *selected, "-f", "json")
    if name not in {"print-statements", "print-subscriptions"}:  # which have no rule that excludes
        assert [row["reason"] for row in preview.rows if row["reason"]]
    done = act(segcli, name, *words, *selected, *APPLY_SELECTED)
    assert (done.status, done.out) == (0, "")
    assert "could not be" not in done.err


def test_an_invoice_without_a_vat_rate_stays_open_and_is_named_each_time(segcli: Run, books: Path) -> None:
    done = act(segcli, "print-invoices", "--folder", "out", "--as-of", DAY, *APPLY)
    assert done.err.splitlines()[-3:] == [
        "segcli: invoice D1 (account A): line 1 has no VAT rate, nor a VAT code that is known",
        "  print-invoices: 1 of 3 invoices could not be processed",
        f"  see: segcli --config config.yaml run print-invoices --folder out --as-of {DAY}",
    ]
    with connected(books) as db:
        assert db.execute("SELECT status FROM invoice WHERE invoice_number = 'D1'").fetchall() == [("open",)]
        assert db.execute("SELECT count(*) FROM invoice WHERE status = 'processed'").fetchone() == (1,)
    # Nothing else is left to do: the same is told again, and nothing is stored.
    before = fingerprint(books)
    again = act(segcli, "print-invoices", "--folder", "out", "--as-of", DAY, *APPLY)
    assert (again.status, again.err) == (5, "\n".join(done.err.splitlines()[-3:]).replace("1 of 3", "1 of 2") + "\n")
    assert fingerprint(books) == before


def test_all_that_could_not_be_done_is_named_however_many(segcli: Run, books: Path) -> None:
    numbers = [f"N{n:04}" for n in range(1100)]
    Path("i.csv").write_text(
        "invoice_number,account,invoice_date,status\n" + "".join(f"{n},A,2026-06-01,open\n" for n in numbers)
    )
    assert segcli("import", "i.csv").status == 0
    done = act(segcli, "print-invoices", "--folder", "out", *APPLY)
    assert done.status == 5
    assert [
        line.split()[-7] for line in done.err.splitlines() if line.endswith("(account A): it has no lines")
    ] == numbers
    as_json = act(segcli, "print-invoices", "--folder", "out", *APPLY, "--errors", "json")
    assert as_json.err.count('"reason": "it has no lines"') == 1100
    assert as_json.err.count("\n") == 1


def test_a_rule_goes_before_what_is_wrong(segcli: Run, books: Path) -> None:
    Path("s.csv").write_text(
        "subscription,account,type,start_date,is_blocked\nS4,A,M,2026-06-01,1\nS2,B,M,2026-06-01,1\n"
    )
    assert segcli("import", "s.csv").status == 0
    found = act(segcli, "generate-subscription-invoices", "-f", "json").rows
    assert {row["subscription"]: row["reason"] for row in found} == {
        "S1": None, "S2": "the subscription is blocked", "S3": "the account is blocked", "S4": "the subscription is blocked",
    }  # fmt: skip
    assert act(segcli, "generate-subscription-invoices", *APPLY).status == 0


def test_each_reason_has_one_kind_and_its_own_words() -> None:
    texts = [reason.value.text for reason in Reason]
    assert len(set(texts)) == len(texts) == len(Reason.__members__)
    assert {Reason.NO_VAT_RATE.name, Reason.NO_EMAIL.name, Reason.NO_PRICE.name} <= set(FAILED)
    assert not {Reason.DISPUTED.name, Reason.TOLERANCE.name, Reason.NEVER_REVISED.name} & set(FAILED)
    assert not [reason for reason in Reason if not reason.is_failed and "{" in reason.brief]


# ------------------------------------------------------------------------------------- a bulk change
@pytest.mark.parametrize("name", LEFT)
def test_a_bulk_change_needs_a_selection_or_all_and_yes(segcli: Run, books: Path, name: str) -> None:
    words = LEFT[name][0]
    before = fingerprint(books)
    for more in ((), ("--yes",), ("--all",), ("--account", "A"), ("--all", "--yes", "--account", "A")):
        done = act(segcli, name, *words, "--apply", *more)
        assert (done.status, done.out) == (2, ""), more
    assert (fingerprint(books), Path("out").exists()) == (before, False)
    assert act(segcli, name, *words, *APPLY_SELECTED, "--account", "A", "--dry-run").status == 0
    assert fingerprint(books) == before


@pytest.mark.parametrize(
    ("words", "is_selected"),
    [
        (("generate-subscription-invoices", "--subscription", "S1"), True),
        (("generate-subscription-invoices", "--never-invoiced"), False),
        (("generate-subscription-invoices", "--as-of", DAY), False),
        (("update-subscription-prices", *PRICES, "--subscription", "S1"), True),
        (("update-subscription-prices", *PRICES, "--item", "TEA"), False),
        (("print-subscriptions", "--folder", "out", "--subscription", "S1"), True),
        (("print-subscriptions", "--folder", "out", "--unprinted"), False),
        (("print-reminders", "--folder", "out", "--level", "1"), False),
    ],
)
def test_filters_that_name_records_are_a_selection(
    segcli: Run, books: Path, words: tuple[str, ...], is_selected: bool
) -> None:
    done = act(segcli, *words, "--apply", "--yes")
    assert (done.status in {0, 5}, "no accounts named" in done.err) == (is_selected, not is_selected)


def test_the_error_completes_the_line_for_the_shell(segcli: Run, books: Path) -> None:
    before = fingerprint(books)
    words = (
        "--config",
        "config.yaml",
        "run",
        "print-invoices",
        "--folder",
        "my letters",
        "--reason",
        "it's time",
        "--apply",
    )
    said = segcli(*words).err.splitlines()[-1]
    line = said.partition("or add --all: ")[2]
    assert line.endswith("--apply --all --yes")
    assert fingerprint(books) == before
    script = f'segcli() {{ {sys.executable} -m segcli "$@"; }}\n{line}'
    done = subprocess.run(["bash", "-c", script], env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 5, done.stderr
    with connected(books) as db:
        assert db.execute("SELECT reason FROM run ORDER BY id DESC LIMIT 1").fetchone() == ("it's time",)
    assert Path("my letters").is_dir()


def test_the_error_leaves_positions_behind_the_flags(segcli: Run, books: Path) -> None:
    done = segcli("run", "link-price-list", "--apply", "--account", "B", "--", "RETAIL")
    assert done.status == 2
    assert "segcli run link-price-list --apply --account B --yes -- RETAIL" in done.err


@pytest.mark.parametrize(("limit", "status"), [("0", 6), ("1", 0), ("33%", 6), ("34%", 0), ("100%", 0)])
def test_a_limit_counts_what_the_action_changes(segcli: Run, books: Path, limit: str, status: int) -> None:
    before = fingerprint(books)  # B gets the list, of A, B and X; X is left out here
    done = act(
        segcli, "link-price-list", "RETAIL", "--account", "A", "--account", "B", *APPLY_SELECTED, "--max-changes", limit
    )
    wanted = 6 if limit in {"0", "33%", "34%"} else 0  # 1 of 2 accounts: a half
    assert (done.status, fingerprint(books) == before) == (wanted, wanted == 6)
    assert ("1 of 2 accounts would be changed" in done.err) == (wanted == 6)


# ------------------------------------------------------------------------------------- on a terminal
QUESTION = (
    "1 skipped: the account is blocked\n1 could not be processed\n1 of 3 invoices would be processed. Go on? [y/N] "
)
INVOICES = ("--config", "config.yaml", "run", "print-invoices", "--folder", "out", "--all", "--apply")


def test_a_terminal_shows_the_counts_and_asks(books: Path) -> None:
    before = fingerprint(books)
    assert at_terminal(*INVOICES, answer=b"n\n") == (2, f"{QUESTION}n\nsegcli: nothing was changed\n")
    assert fingerprint(books) == before
    status, shown = at_terminal(*INVOICES, answer=b"y\n")
    assert (status, shown.startswith(f"{QUESTION}y\n")) == (5, True)
    assert "1 invoice processed: D2, 1 could not be processed, run " in shown
    assert "this is final: correct a mistake by a credit note" in shown
    assert "undo" not in shown


def test_with_yes_a_terminal_is_told_what_was_skipped(books: Path) -> None:
    status, shown = at_terminal(*INVOICES, "--yes")
    assert status == 5
    assert "1 skipped: the account is blocked\n" in shown
    assert "Go on?" not in shown


def test_where_nothing_is_left_to_do_nothing_is_asked(books: Path) -> None:
    status, shown = at_terminal(
        "--config", "config.yaml", "run", "print-invoices", "--folder", "out", "--account", "X", "--apply"
    )
    assert (status, shown) == (0, "no invoices can be processed\n1 skipped: the account is blocked\n")


def test_what_changed_while_it_asked_counts(segcli: Run, books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the question and the lock another command blocks the account."""

    def answer(*_: object) -> None:
        with connected(books) as db:
            db.execute("UPDATE account SET is_blocked = 1 WHERE code = 'B'")
            db.commit()

    monkeypatch.setattr(applying.confirm, "can_ask", lambda: True)
    monkeypatch.setattr(applying.confirm, "confirm", answer)
    assert act(segcli, "print-invoices", "--folder", "out", "--all", "--apply").status == 5
    with connected(books) as db:
        assert db.execute("SELECT count(*) FROM invoice WHERE status = 'processed'").fetchone() == (0,)


# ------------------------------------------------------------------------------------- what undo really does
@pytest.mark.repeats
@pytest.mark.parametrize("name", LEFT)
def test_an_undo_that_is_offered_takes_the_run_back(segcli: Run, books: Path, name: str) -> None:
    words, _, selected = LEFT[name]
    status, shown = at_terminal("--config", "config.yaml", "run", name, *words, *selected, "--apply", "--yes")
    assert status == 0
    run = segcli("log", "-f", "json").rows[0]["run"]
    is_offered = f"segcli undo {run}" in shown
    assert is_offered == (name not in {"print-invoices", "print-statements"}), shown
    assert (segcli("undo", run, "--yes").status == 0) == is_offered


def test_a_second_print_has_nothing_to_undo(segcli: Run, books: Path) -> None:
    words = (
        "--config",
        "config.yaml",
        "run",
        "print-subscriptions",
        "--folder",
        "out",
        "--account",
        "B",
        *APPLY_SELECTED,
    )
    assert segcli(*words).status == 0
    status, shown = at_terminal(*words)
    assert (status, "there is nothing to undo: all were printed before" in shown) == (0, True)
