"""Reminders: who is due for which, fee and interest to the cent, the worked cases of other systems, and nothing twice."""

import csv
import email
import email.policy
import errno
import fcntl
import os
import stat
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, Run, connected, fingerprint, is_sound

from segcli.actions.reminders import staging
from segcli.base import scratch
from segcli.base.errors import SegcliError
from segcli.output import outbox

DAY = date(2026, 6, 30)
FIRST = "reminders: {tolerance: 0, interval: 1, levels: [%s]}\nletters: {name: Ours}\n"
LEVEL = "{action: letter, start: due date, days: %s, fee: %s, interest: %s}"


def policy(*levels: str, more: str = "") -> None:
    Path("config.yaml").write_text(FIRST % ", ".join(levels) + more)


def level(days: int = 0, fee: object = 0, interest: object = 0) -> str:
    return LEVEL % (days, fee, interest)


def owing(segcli: Run, rows: Iterable[str], accounts: str = "", columns: str = "") -> None:
    """Import items: account, number, days overdue, currency, amount."""
    Path("accounts.csv").write_text(f"account,name,email,is_blocked\n{accounts or 'C,Client,c@c.example,0'}\n")
    lines = []
    for row in rows:
        account, number, days, currency, amount, *rest = row.split(",")
        due = DAY - timedelta(days=int(days))
        lines.append(",".join((account, number, str(due - timedelta(days=30)), str(due), currency, amount, *rest)))
    head = f"account,invoice_number,invoice_date,due_date,currency,amount{columns}"
    Path("items.csv").write_text("\n".join([head, *lines]) + "\n")
    done = segcli("import", "accounts.csv", "items.csv")
    assert done.status == 0, done.err


def remind(segcli: Run, *words: object, day: date = DAY) -> list[dict[str, Any]]:
    done = segcli("run", "print-reminders", "--config", "config.yaml", "--as-of", day, "-f", "json", *words)
    assert done.status == 0, done.err
    return done.rows


def send(segcli: Run, *words: object, day: date = DAY) -> list[dict[str, Any]]:
    return remind(segcli, *APPLY, "--folder", "out", *words, day=day)


def money(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("open", "fee", "interest", "total"))


@pytest.mark.parametrize(
    ("items", "terms", "wanted"),
    [
        (["C,1,20,EUR,100"], (0, 0), (100, 0, 0, 100)),  # DUN-01
        (["C,1,15,EUR,100"], (10, 10), (100, 10, 0.41, 110.41)),  # DUN-02
        (["C,1,15,EUR,100", "C,2,30,EUR,300"], (10, 10), (400, 10, 2.88, 412.88)),  # DUN-03: one fee, interest per item
        (["C,1,365,EUR,100"], (0, 8), (100, 0, 8, 108)),  # a whole year: 8 per cent
        (["C,1,10,JPY,10000"], ("15%", 0), (10000, 1500, 0, 11500)),  # no decimals
        (["C,1,10,KWD,1.00"], ("33.3%", 0), (1, 0.333, 0, 1.333)),  # three of them
        (["C,1,10,EUR,0.01"], ("50%", 0), (0.01, 0.01, 0, 0.02)),  # half a cent is rounded up
    ],
)
def test_fee_and_interest(segcli: Run, empty: object, items: list[str], terms: Any, wanted: Any) -> None:
    owing(segcli, items)
    policy(level(5, *terms))
    assert [money(row) for row in remind(segcli)] == [wanted]


def test_dun_04_05_only_what_is_due_and_open_is_reminded_of(segcli: Run, empty: object) -> None:
    owing(segcli, ["C,1,1,EUR,50", "C,1,-4,EUR,50"])  # two terms, the second one in four days
    policy(level(0))
    assert [(row["items"], row["open"]) for row in send(segcli)] == [(1, 50)]
    # Paid, or set off by a credit note: nothing to remind of. Taken back: it is open again, and has its level.
    paid = "account,invoice_number,allocation_date,amount\n"
    Path("p.csv").write_text(f"{paid}C,1,{DAY},50\n")
    assert segcli("import", "p.csv").status == 0
    tomorrow = DAY + timedelta(days=1)
    assert remind(segcli, day=tomorrow) == []
    Path("q.csv").write_text(f"{paid}C,1,{tomorrow},-50\n")
    assert segcli("import", "q.csv").status == 0
    rows = segcli("show", "outstanding-items", "--as-of", tomorrow, "-f", "json").rows
    assert [(row["open"], row["reminder_level"]) for row in rows] == [(50, 1), (50, None)]


def test_dun_05_a_credit_note_of_its_own_resolves_nothing(segcli: Run, empty: object) -> None:
    # ERPNext reminds all the same; here the account owes nothing, and gets no reminder. The item stays open.
    owing(segcli, ["C,1,10,EUR,100", "C,2,1,EUR,-100"])
    policy(level(0))
    reason = "100.00 overdue less 100.00 of open credits and receipts is at or under the tolerance"
    assert [(row["open"], row["unallocated"], row["reason"]) for row in remind(segcli)] == [(100, -100, reason)]


def test_dun_07_13_one_level_after_the_other_and_none_twice(segcli: Run, empty: object) -> None:
    owing(segcli, ["C,1,365,EUR,500"])
    policy(level(5), level(20), level(40))
    for _ in range(2):  # DUN-13: the level does not rise until a reminder was sent
        assert [row["level"] for row in remind(segcli)] == [1]
    days = [DAY + timedelta(days=n) for n in range(4)]
    for number, day in enumerate(days[:3], 1):
        assert [row["level"] for row in send(segcli, day=day)] == [number]
    # DUN-10: after the last one it is final.
    assert [(row["level"], row["reason"]) for row in remind(segcli, day=days[3])] == [(3, "all 3 levels were sent")]


def test_dun_07_one_currency_on_a_reminder(segcli: Run, empty: object) -> None:
    # ERPNext refuses a reminder of two currencies; here they are two reminders.
    owing(segcli, ["C,1,10,EUR,100", "C,2,10,USD,30"])
    policy(level(0))
    assert [(row["currency"], row["open"]) for row in remind(segcli)] == [("EUR", 100), ("USD", 30)]


@pytest.mark.parametrize(("days", "levels"), [(4, []), (5, [1]), (30, [1])])
def test_dun_08_on_the_day_itself(segcli: Run, empty: object, days: int, levels: list[int]) -> None:
    owing(segcli, [f"C,1,{days},EUR,100", f"C,2,{days},EUR,100"])
    Path("p.csv").write_text(f"account,invoice_number,allocation_date,amount\nC,2,{DAY},100\n")
    assert segcli("import", "p.csv").status == 0
    policy(level(5), level(20), level(40))
    assert [row["level"] for row in remind(segcli)] == levels
    assert all(row["items"] == 1 for row in remind(segcli))


def test_by_age_skips_to_the_level_that_its_age_asks_for(segcli: Run, empty: object) -> None:
    owing(segcli, ["A,1,30,EUR,100", "B,2,41,EUR,100"], "A,A,,0\nB,B,,0")
    policy(level(5), level(20), level(40))
    assert [row["level"] for row in remind(segcli, "--mode", "age")] == [2, 3]
    assert [row["level"] for row in send(segcli, "--mode", "age")] == [2, 3]
    later = DAY + timedelta(days=20)
    assert [(row["level"], row["reason"]) for row in remind(segcli, "--mode", "age", day=later)] == [
        (3, None),
        (3, "all 3 levels were sent"),
    ]


def test_dun_11_a_percentage_is_of_what_is_open(segcli: Run, empty: object) -> None:
    # 10 fixed, then 15 % of the line, not of the line and the first fee: 25 together, as Tryton's receivable says.
    owing(segcli, ["C,1,10,EUR,100"])
    policy(level(5, 10), level(10, "15 %"))
    first, second = send(segcli), send(segcli, day=DAY + timedelta(days=1))
    assert (money(first[0]), money(second[0])) == ((100, 10, 0, 110), (100, 15, 0, 115))


def test_dun_15_tolerance_and_a_letter_instead_of_an_email(segcli: Run, empty: object) -> None:
    # OCA reminds of exactly the tolerance; here it is at or under it, and so left alone.
    owing(segcli, ["A,1,9,EUR,0.05", "B,2,9,EUR,0.10", "D,3,9,EUR,50"], "A,A,a@a.example,0\nB,B,b@b.example,0\nD,D,,0")
    levels = "[{action: email, start: due date, days: 0}]"
    Path("config.yaml").write_text(f"reminders: {{tolerance: 0.10, levels: {levels}}}\nletters: {{name: Ours}}\n")
    assert [(row["account"], row["action"], row["reason"]) for row in remind(segcli)] == [
        ("A", "email", "0.05 is at or under the tolerance"),
        ("B", "email", "0.10 is at or under the tolerance"),
        ("D", "letter", None),
    ]
    Path("config.yaml").write_text(f"reminders: {{tolerance: 0, without_email: report, levels: {levels}}}\n")
    assert [row["reason"] for row in remind(segcli)] == [None, None, "no e-mail address"]


def test_dun_17_a_fixed_fee_in_another_currency(segcli: Run, empty: object) -> None:
    # 5.00 euros at 0.654 euros to the dollar: 7.645.
    owing(segcli, ["C,1,9,USD,1000,654.00", "D,2,9,EUR,10,", "E,3,9,USD,10,"], "C,C,,0\nD,D,,0\nE,E,,0", ",base_amount")
    policy(level(0, "5.00"))
    rows = remind(segcli)
    assert [(row["account"], row["fee"]) for row in rows] == [("C", 7.65), ("D", 5), ("E", None)]
    assert rows[2]["reason"] == "the rate of USD is not known: no fee can be worked out"
    policy(level(0, "0"))
    assert [row["fee"] for row in remind(segcli)] == [0, 0, 0]


def test_who_is_left_alone_and_why(segcli: Run, empty: object) -> None:
    owing(
        segcli,
        ["A,1,9,EUR,10,,", "B,2,9,EUR,10,1,", "D,3,9,EUR,10,,1", "D,4,9,EUR,20,,", "E,5,0,EUR,10,,"],
        "A,A,,1\nB,B,,0\nD,D,,0\nE,E,,0",
        ",is_disputed,is_reminder_blocked",
    )
    policy(level(0))
    assert [(row["account"], row["open"], row["reason"]) for row in remind(segcli)] == [
        ("A", 10, "the account is blocked"),
        ("B", 10, "disputed"),
        ("D", 20, None),
        ("D", 10, "no reminders for this item"),
    ]


def test_within_the_interval_nobody_is_reminded_again(segcli: Run, empty: object) -> None:
    owing(segcli, ["C,1,100,EUR,10"])
    Path("config.yaml").write_text(
        f"reminders: {{interval: 7, levels: [{level(0)}, {level(0)}]}}\nletters: {{name: Ours}}\n"
    )
    assert len(send(segcli)) == 1
    six, seven = DAY + timedelta(days=6), DAY + timedelta(days=7)
    assert [row["reason"] for row in remind(segcli, day=six)] == [f"reminded on {DAY}, less than 7 days ago"]
    assert [(row["level"], row["reason"]) for row in remind(segcli, day=seven)] == [(2, None)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reminders: {levels: []}", "one level at least"),
        ("reminders: {levels: [{fee: -5}]}", "negative"),
        ("reminders: {levels: [{fee: -5%}]}", "negative"),
        ("reminders: {levels: [{fee: [5]}]}", "level 1, fee: '['5']': this is not an amount"),
        ("reminders: {levels: [{}, fast]}", "reminders.levels, level 2: 'fast' is no level"),
        ("reminders: {levels: [{interest: 5 %}]}", "level 1, interest: '5 %' is no number"),
        ("reminders: {tolerance: 1/0}", "reminders.tolerance: '1/0' is no number"),
        ("reminders: {language: [en]}", "config.yaml: reminders.language is one text, no list"),
        ("letters: {iban: [NL91ABNA0417164300]}", "config.yaml: letters.iban is one text, no list"),
        ("letters: {name: {a: b}}", "config.yaml: letters.name is one text, no list"),
        ("reminders: {levels: [{fee: 1.005}]}", "decimals"),
        ("reminders: {levels: [{action: fax}]}", "none of letter, email, phone, none"),
        ("reminders: {levels: [{start: previous reminder}]}", "nothing comes before the first level"),
        ("reminders: {levels: [{dayz: 5}]}", "there is: action, start, days, fee, interest"),
        ("reminders: {levels: [{days: x}]}", "whole number"),
        ("reminders: {also_open: maybe}", "reminders.also_open: 'maybe' is none of yes, no"),
        ("reminders: {tolerance: -1}", "negative"),
        ("reminders: {interest: 5}", "there is no setting 'interest'"),
        ("reminders: {mode: both}", "none of step, age"),
        ("reminders: {texts: {en: {2: {subject: x, opening: x}}}}", "'closing' is missing"),
        ("reminders: {texts: {en: {2: {subject: x, opening: '{nme}', closing: x}}}}", "there is no field {nme}"),
        ("reminders: {texts: {en: {2: {subject: '{', opening: x, closing: x}}}}", "texts.en.2.subject"),
        ("reminders: {texts: {en: {2: {subject: '{name.x}', opening: x, closing: x}}}}", "{name.x}"),
        ("reminders: {texts: {en: {2: {subject: '{open:>9999999999}', opening: x, closing: x}}}}", "there is no field"),
        ("reminders: {texts: {fr: {default: {subject: x, opening: x, closing: x}}}}", "is missing"),
        ("reminders: {texts: [en]}", "this is a list of languages"),
        ("reminders: {texts: {en: [x]}}", "this is a list of levels"),
        ("reminders: {texts: {en: {defaults: {subject: x}}}}", "there is no level 'defaults'"),
        ("reminders: {texts: {en: {words: {months: Jan Feb}}}}", "these are 2 months, not 12"),
        ("reminders: {texts: {en: {words: {sum: ''}}}}", "'sum' is missing"),
        ("reminders: {texts: {en: {words: x}}}", "reminders.texts.en.words: this is a list of words"),
        ("reminders: {texts: {en: {words: {sum: [x]}}}}", "reminders.texts.en.words.sum: this is no text"),
        ("reminders: {texts: {en: {date: [x]}}}", "reminders.texts.en.date: this is no text"),
        ("reminders: {texts: {en: {1: x}}}", "level 1 has no text"),
        ("reminders: {language: xx}", "no texts in 'xx'"),
        ("letters: {iban: NL00ABNA0417164300}", "NL00"),
        ("letters: {logo: missing.png}", "there is no file"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_refused_before_anything(
    segcli: Run, example: Path, text: str, words: str
) -> None:
    Path("config.yaml").write_text(text + "\n")
    before = fingerprint(example)
    done = segcli("run", "print-reminders", "--config", "config.yaml", *APPLY, "--folder", "out")
    assert (done.status in {1, 2}, done.out) == (True, "")
    assert words in done.err
    assert fingerprint(example) == before
    assert not any(Path("out").iterdir()) if Path("out").exists() else True


def test_a_days_reminders_and_nothing_twice(segcli: Run, example: Path) -> None:
    preview = segcli("run", "print-reminders", "--fail-if-empty", "-f", "json").rows
    wanted = [row for row in preview if not row["reason"]]
    assert not Path("out").exists()
    for _ in range(2):
        assert segcli("run", "print-reminders", *APPLY, "--folder", "out").status == 0
    (folder,) = Path("out").iterdir()
    assert folder.name == "reminders-2026-06-30"
    names = sorted(path.name for path in folder.iterdir())
    endings = {"email": "eml", "letter": "pdf"}
    files = [
        f"{r['account']}{'' if r['currency'] == 'EUR' else '-' + r['currency']}.{endings[r['action']]}" for r in wanted
    ]
    assert names == sorted([*files, "reminders.csv"])
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    with (folder / "reminders.csv").open(encoding="utf-8", newline="") as file:
        merged = list(csv.DictReader(file))
    assert [(row["account"], float(row["total"])) for row in merged] == [(r["account"], r["total"]) for r in wanted]
    with connected(example) as db:
        assert db.execute("SELECT count(*) FROM reminder").fetchone()[0] == len(wanted)
        assert db.execute("SELECT count(*) FROM reminder_line").fetchone()[0] == sum(row["items"] for row in wanted)
    assert is_sound(example)


def test_a_draft_is_a_letter_in_a_mail(segcli: Run, empty: object) -> None:
    owing(segcli, ["C,INV-1,9,EUR,1234.50"], "C,Café Ünal <b>,ü@c.example,0\nD,Dee,d@d.example,0")
    owing(segcli, ["D,2,9,EUR,10"], "D,Dee,d@d.example,0")
    Path("config.yaml").write_text(
        "reminders: {levels: [{action: email, days: 0}], language: nl}\n"
        "letters: {name: Ours BV, email: us@us.example, iban: NL91 ABNA 0417 1643 00}\n"
    )
    send(segcli)
    (folder,) = Path("out").iterdir()
    message = email.message_from_bytes((folder / "C.eml").read_bytes(), policy=email.policy.default)
    assert (message["To"], message["From"], message["X-Unsent"]) == ("ü@c.example", "us@us.example", "1")
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "1.234,50" in text
    assert "NL91 ABNA 0417 1643 00" in text
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("C.pdf", "application/pdf")
    assert attached.get_content().startswith(b"%PDF-")


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize(
    ("language", "asked"),
    [("en", "by 10 July 2026"), ("nl", "uiterlijk op 10 juli 2026"), ("de", "bis zum 10. Juli 2026")],
)
def test_the_last_day_to_pay_is_the_same_in_every_language(
    segcli: Run, empty: object, language: str, asked: str, rank: int
) -> None:
    owing(segcli, ["C,INV-1,99,EUR,10"])
    levels = ", ".join(f"{{action: email, days: {0 if n < rank else 1000}}}" for n in range(3))
    Path("config.yaml").write_text(
        f"reminders: {{mode: age, pay_within: 10, levels: [{levels}], language: {language}}}\nletters: {{name: Ours}}\n"
    )
    send(segcli)
    (folder,) = Path("out").iterdir()
    message = email.message_from_bytes((folder / "C.eml").read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    assert asked in " ".join(body.get_content().split())


def test_more_reminders_than_are_stored_at_once(segcli: Run, empty: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_BATCH", 2)
    codes = [f"C{n}" for n in range(5)]
    owing(
        segcli,
        [f"{code},{n},10,EUR,{n + 1}" for n, code in enumerate(codes)],
        "\n".join(f"{code},{code},,0" for code in codes),
    )
    policy(level(0))
    assert [(row["account"], row["items"], row["open"]) for row in remind(segcli)] == [
        (code, 1, n + 1) for n, code in enumerate(codes)
    ]


def test_merged_letters_of_nobody_are_no_file(segcli: Run, empty: object) -> None:
    owing(segcli, ["C,1,10,EUR,10"])
    policy("{action: email, start: due date, days: 0}")
    send(segcli, "--merged")
    assert sorted(path.name for path in Path("out/reminders-2026-06-30").iterdir()) == ["C.eml", "reminders.csv"]


def test_without_a_name_nobody_writes(segcli: Run, empty: Path) -> None:
    owing(segcli, ["C,1,10,EUR,10"])
    Path("config.yaml").write_text("reminders: {tolerance: 0}\n")
    before = fingerprint(empty)
    done = segcli("run", "print-reminders", "--config", "config.yaml", "--as-of", DAY, *APPLY, "--folder", "out")
    assert done.status == 1
    assert done.err.splitlines() == [
        "segcli: nobody writes these letters: the administration has no name",
        "  segcli administration set --name NAME, or set letters.name in the configuration",
    ]
    assert fingerprint(empty) == before


def test_an_earlier_day_is_refused(segcli: Run, empty: Path) -> None:
    owing(segcli, ["C,1,100,EUR,10"])
    policy(level(0), level(0))
    send(segcli)
    before = fingerprint(empty)
    done = segcli("run", "print-reminders", "--config", "config.yaml", "--as-of", DAY - timedelta(days=1), *APPLY,
                  "--folder", "out")  # fmt: skip
    assert (done.status, f"the last reminders are of {DAY}" in done.err) == (1, True)
    assert fingerprint(empty) == before


@pytest.mark.parametrize(
    "words", [("--as-of", "2062-06-30"), ("--level", "4"), ("--level", "0"), ("--mode", "both"), ()]
)
def test_wrong_usage(segcli: Run, example: Path, words: tuple[str, ...]) -> None:
    before = fingerprint(example)
    folder = ("--folder", "out") if words else ()
    done = segcli("run", "print-reminders", *APPLY, *folder, *words)
    assert (done.status, done.out) == (2, "")
    assert fingerprint(example) == before


@pytest.mark.parametrize(
    ("code", "name"), [("../x", "x"), ("a/b", "a-b"), ("..", "_"), ("-x", "x"), ("a\\b", "a-b"), ("a" * 300, "a" * 120)]
)
def test_a_path_in_a_code_stays_in_the_folder(segcli: Run, empty: Path, code: str, name: str) -> None:
    owing(segcli, [f"{code},1,9,EUR,10"], f"{code},X,,0")
    policy(level(0))
    done = segcli("run", "print-reminders", "--config", "config.yaml", *APPLY, "--folder", "out")
    assert done.status == 0
    (folder,) = Path("out").iterdir()
    assert {path.name for path in folder.iterdir()} == {f"{name}.pdf", "reminders.csv"}


def test_a_folder_that_cannot_be_written_is_refused_before_the_first_letter(segcli: Run, example: Path) -> None:
    Path("file").write_text("")
    before = fingerprint(example)
    for folder in ("file", "file/x", "/proc/nowhere"):
        done = segcli("run", "print-reminders", *APPLY, "--folder", folder)
        assert (done.status, "cannot be written" in done.err) == (1, True)
    assert fingerprint(example) == before


def test_undo_forgets_the_reminders_the_last_ones_first(segcli: Run, empty: Path) -> None:
    owing(segcli, ["C,1,100,EUR,10"])
    policy(level(0), level(0))
    send(segcli)
    send(segcli, day=DAY + timedelta(days=1))
    runs = [row["run"] for row in segcli("log", "-f", "json").rows if row["command"] == "run print-reminders"]
    done = segcli("undo", runs[1], "--yes")
    assert (done.status, f"segcli undo {runs[0]}" in done.err) == (1, True)
    assert segcli("undo", runs[0], "--yes").status == 0
    assert segcli("undo", runs[1], "--yes").status == 0
    assert [row["level"] for row in remind(segcli)] == [1]
    assert segcli("undo", runs[1], "--yes").status == 1  # once is enough


def test_a_run_that_was_cut_off_has_happened_or_not(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    words = ("run", "print-reminders", *APPLY, "--folder", "out", "--merged")
    before = fingerprint(example)
    with monkeypatch.context() as patched:
        patched.setattr(scratch, "sync", die)  # before the commit: it has not happened
        assert segcli(*words).status == 130
    assert fingerprint(example) == before
    assert list(Path("out").iterdir()) == []
    Path("out/.reminders-2026-06-30.0123456789abcdef.new").mkdir()  # what a kill leaves, which lets nobody tidy up
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "publish", die)  # after it: it has, and the next run completes it
        assert segcli(*words).status == 130
    assert [path.name[0] for path in Path("out").iterdir()] == ["."]
    done = segcli(*words)
    assert (done.status, "cut off after its commit" in done.err) == (0, True)
    assert [path.name for path in Path("out").iterdir()] == ["reminders-2026-06-30"]
    assert Path("out/reminders-2026-06-30/reminders.pdf").stat().st_size > 1000


# ------------------------------------------------------------------------------------------------ what else is open
def reasons(rows: list[dict[str, Any]]) -> dict[str, str | None]:
    return {row["account"]: row["reason"] for row in rows}


def test_who_is_in_credit_is_not_reminded(segcli: Run, empty: Path) -> None:
    """A1 owes -50.00, A2 0.50 and A3 0.90, at a tolerance of 1.00; A4 owes 1.01, which is above it."""
    owing(
        segcli,
        ["A1,1,60,EUR,100", "A1,C1,46,EUR,-150", "A2,2,60,EUR,100", "A2,C2,46,EUR,-99.50", "A3,3,60,EUR,0.90",
         "A4,4,60,EUR,100", "A4,C4,46,EUR,-98.99"],
        "A1,A1,,0\nA2,A2,,0\nA3,A3,,0\nA4,A4,,0",
    )  # fmt: skip
    Path("config.yaml").write_text("letters: {name: Ours}\nreminders: {tolerance: 1.00}\n")
    less = "100.00 overdue less {} of open credits and receipts is at or under the tolerance"
    assert reasons(remind(segcli)) == {
        "A1": less.format("150.00"), "A2": less.format("99.50"), "A3": "0.90 is at or under the tolerance", "A4": None,
    }  # fmt: skip
    assert [(row["account"], row["to_pay"]) for row in send(segcli) if not row["reason"]] == [("A4", 1.01)]
    assert sorted(path.name for path in Path("out").glob("*/*")) == ["A4.pdf", "reminders.csv"]
    with connected(empty) as db:
        stored = db.execute("SELECT open_amount, also_open_amount, credit_amount FROM reminder").fetchall()
    assert stored == [(10000, 0, -9899)]


def test_credits_count_in_their_own_currency_and_against_all_that_is_overdue(segcli: Run, empty: object) -> None:
    owing(
        segcli,
        ["C,1,10,EUR,100,", "C,2,10,USD,-500,",  # another currency covers nothing
         "D,3,10,EUR,100,", "D,4,1,EUR,80,", "D,5,1,EUR,-150,",  # 30 of 180 is left; 80 has not come to its level
         "E,6,10,EUR,100,", "E,7,-5,EUR,300,", "E,8,1,EUR,-100,",  # what is not due yet does not count
         "F,9,10,EUR,100,1", "F,10,10,EUR,100,", "F,11,1,EUR,-120,"],  # nor what is disputed
        "C,C,,0\nD,D,,0\nE,E,,0\nF,F,,0",
        ",is_disputed",
    )  # fmt: skip
    policy(level(5))
    rows = remind(segcli)
    covered = "100.00 overdue less {} of open credits and receipts is at or under the tolerance"
    assert [(row["account"], row["reason"]) for row in rows] == [
        ("C", None), ("D", None), ("E", covered.format("100.00")), ("F", covered.format("120.00")), ("F", "disputed"),
    ]  # fmt: skip
    amounts = ("open", "also_open", "unallocated", "total", "to_pay")
    assert [tuple(row[name] for name in amounts) for row in rows[:2]] == [
        (100, None, None, 100, 100), (100, 80, -150, 100, 30),  # never more than the balance
    ]  # fmt: skip


def test_what_was_paid_since_the_day_is_not_reminded(segcli: Run, empty: object) -> None:
    owing(segcli, ["A,1,60,EUR,100", "B,2,60,EUR,100", "D,3,60,EUR,100"], "A,A,,0\nB,B,,0\nD,D,,0")
    later = DAY + timedelta(days=1)
    Path("p.csv").write_text(
        f"account,invoice_number,allocation_date,amount\nA,1,{later},100\nB,2,{later},60\nD,3,{DAY},10\n"
    )
    assert segcli("import", "p.csv").status == 0
    policy(level(0))
    found = [(row["account"], row["open"], row["reason"]) for row in remind(segcli)]
    # On the day A owed 100, and B 100, of which 60 was paid since.
    assert found == [("A", 100, f"paid since {later}"), ("B", 40, None), ("D", 90, None)]
    assert [row["account"] for row in remind(segcli, day=later)] == ["B", "D"]


def test_a_credit_set_off_since_the_day_does_not_count_twice(segcli: Run, empty: object) -> None:
    """100 less a credit of 60, which was set off the day after: 40 is left, not -20."""
    owing(segcli, ["A,1,60,EUR,100", "A,C,60,EUR,-60"], "A,A,,0")
    later = DAY + timedelta(days=1)
    Path("p.csv").write_text(f"account,invoice_number,allocation_date,amount\nA,1,{later},60\nA,C,{later},-60\n")
    assert segcli("import", "p.csv").status == 0
    policy(level(0))
    (row,) = remind(segcli)
    assert (row["open"], row["unallocated"], row["to_pay"], row["reason"]) == (40, None, 40, None)


def test_a_rule_goes_before_a_missing_address(segcli: Run, empty: object) -> None:
    owing(segcli, ["A,1,9,EUR,0.50", "B,2,9,EUR,50", "B,3,1,EUR,-50", "D,4,9,EUR,50"], "A,A,,0\nB,B,,0\nD,D,,0")
    Path("config.yaml").write_text(
        "letters: {name: Ours}\nreminders: {without_email: report, levels: [{action: email, days: 5}]}\n"
    )
    done = segcli("run", "print-reminders", "--config", "config.yaml", *APPLY, "--folder", "out")
    assert (done.status, done.err.splitlines()[0]) == (5, "segcli: account D (EUR): no e-mail address")
    assert done.err.count("account ") == 1


LETTERS = {
    "en": ("Also open on your account", "Balance after credits", "To be paid (EUR)", "Credit", "pay 1,685.73 EUR by"),
    "de": (
        "Weitere offene Posten",
        "Saldo nach Verrechnung",
        "Zu zahlen (EUR)",
        "Guthaben",
        "1.685,73 EUR bis zum 10. Juli 2026",
    ),
    "nl": (
        "Overige openstaande posten",
        "Saldo na verrekening",
        "Te betalen (EUR)",
        "Tegoed",
        "1.685,73 EUR uiterlijk",
    ),
}


@pytest.mark.parametrize("language", LETTERS)
def test_a_letter_lists_what_else_is_open(segcli: Run, empty: object, language: str) -> None:
    """1250.00 + 380.50 + 40.00 costs + 20.28 interest = 1690.78; with 99.95 more and 105.00 of credits 1685.73."""
    from pypdf import PdfReader

    rows = [
        "C,F1,60,EUR,1250.00",
        "C,F2,46,EUR,380.50",
        "C,F3,6,EUR,99.95",
        "C,F4,-24,EUR,500.00",
        "C,CN,29,EUR,-75.00",
        "C,,20,EUR,-30.00",
    ]
    owing(segcli, rows, "C,Client,,0")
    text = f"letters: {{name: Ours, iban: NL91ABNA0417164300}}\nreminders: {{language: {language}, levels: [{level(14, '40.00', 8)}]%s}}\n"
    Path("config.yaml").write_text(text % "")
    # 1250.00 at 8 % for 60 days is 16.438, 380.50 for 46 days 3.836: 16.44 and 3.84.
    assert [money(row) for row in send(segcli)] == [(1630.50, 40, 20.28, 1690.78)]
    (path,) = Path("out").glob("*/C.pdf")
    said = " ".join("".join(page.extract_text() for page in PdfReader(path).pages).split())
    sign = (lambda amount: amount) if language == "en" else (lambda amount: amount.translate(str.maketrans(",.", ".,")))
    for words in (*LETTERS[language], "F1", "F2", "F3", "CN", *map(sign, ("1,690.78", "99.95", "-75.00", "-30.00"))):
        assert words in said, words
    assert "F4" not in said  # it is not due yet
    assert said.count(sign("1,685.73")) == 4  # asked for, the balance, to be paid, and once more with the IBAN
    assert said.index(LETTERS[language][0]) < said.index("F3")
    with next(Path("out").glob("*/reminders.csv")).open(encoding="utf-8", newline="") as file:
        (merged,) = csv.DictReader(file)
    assert [merged[name] for name in ("total", "also_open", "credits", "to_pay")] == [
        "1690.78",
        "99.95",
        "-105.00",
        "1685.73",
    ]


def test_a_letter_of_its_items_alone(segcli: Run, empty: object) -> None:
    from pypdf import PdfReader

    owing(segcli, ["C,F1,60,EUR,100", "C,F3,6,EUR,99.95", "C,CN,29,EUR,-75"], "C,Client,,0")
    policy(level(14))
    Path("config.yaml").write_text(
        Path("config.yaml").read_text().replace("tolerance: 0", "tolerance: 0, also_open: no")
    )
    (row,) = send(segcli)
    assert (row["also_open"], row["unallocated"], row["to_pay"]) == (None, -75, 100)
    (path,) = Path("out").glob("*/C.pdf")
    said = "".join(page.extract_text() for page in PdfReader(path).pages)
    assert ["F1" in said, "F3" in said, "CN" in said, "Also open" in said] == [True, False, False, False]


def test_a_mail_lists_what_else_is_open(segcli: Run, empty: object) -> None:
    owing(segcli, ["C,F1,60,EUR,100", "C,CN,29,EUR,-75"])
    policy("{action: email, start: due date, days: 5}")
    send(segcli)
    message = email.message_from_bytes(next(Path("out").glob("*/C.eml")).read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert "Also open on your account" in said
    assert "Invoice: CN" in said
    assert "Balance after credits: 25.00\nTo be paid (EUR): 25.00" in said.replace("\r\n", "\n")


# --------------------------------------------------------------------------------------- the folder that appears whole
HIDDEN = ".letters.0123456789abcdef.new"


def test_what_is_no_hidden_folder_of_ours_stays(tmp_path: Path) -> None:
    """Another name, a file, a link, and one that somebody is writing to."""
    out = tmp_path / "out"
    names = (".letters.new", ".file.0123456789abcdef.new", ".link.0123456789abcdef.new", ".busy.0123456789abcdef.new")
    for name in (HIDDEN, names[0], names[3], "elsewhere"):
        (out / name).mkdir(parents=True)
    (out / names[1]).write_text("")
    (out / names[2]).symlink_to(out / "elsewhere")
    busy = os.open(out / names[3], os.O_RDONLY)
    fcntl.flock(busy, fcntl.LOCK_EX)
    assert outbox.recover(out, lambda _: False) == []
    assert {path.name for path in out.iterdir()} == {*names, "elsewhere"}
    os.close(busy)
    assert outbox.recover(out, lambda _: True) == [str(out / "busy")]


def test_what_cannot_be_printed_leaves_nothing(tmp_path: Path) -> None:
    def fill() -> None:
        with outbox.prepared(tmp_path, "letters") as hidden:
            (hidden / "half.pdf").write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(SegcliError, match="cannot take what was to be printed: the disk is full") as told:
        fill()
    assert told.value.hint == "nothing was printed or stored"
    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


def test_a_folder_that_cannot_get_its_name_waits_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with outbox.prepared(out, "letters") as hidden:
        (hidden / "a.pdf").write_bytes(b"a")

    def refuse(_path: Path, _target: Path) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        with pytest.raises(SegcliError, match="could not get its name: you may not write in its folder") as told:
            outbox.publish(hidden)
    assert told.value.hint == "the run is done and stored: the next one in that folder puts them in their place"
    assert outbox.recover(out, lambda name: name == hidden.name) == [str(out / "letters")]
    assert (out / "letters" / "a.pdf").read_bytes() == b"a"
