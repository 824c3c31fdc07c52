"""Reminders: letters and drafts, nothing twice, and taken back."""

import csv
import email
import email.policy
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import APPLY, Run, connected, fingerprint, is_sound
from reminder_case import DAY, level, owing, policy, remind, send

from segcli.actions.reminders import staging
from segcli.base import placing
from segcli.output import outbox


@pytest.mark.repeats
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


@pytest.mark.repeats
def test_a_run_that_was_cut_off_has_happened_or_not(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    words = ("run", "print-reminders", *APPLY, "--folder", "out", "--merged")
    before = fingerprint(example)
    with monkeypatch.context() as patched:
        patched.setattr(placing, "sync", die)  # before the commit: it has not happened
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
