"""Reminders: who is due for which, fee and interest to the cent, and the worked cases of other systems."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, Run, fingerprint
from reminder_case import DAY, level, money, owing, policy, remind, send


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
