"""Statements as an action: what is refused, what is told, what is written, and what the log says."""

from pathlib import Path

import pytest
from conftest import APPLY, APPLY_SELECTED, Run, connected, fingerprint, is_sound
from letter_case import texts
from statement_case import CONFIG, filled, preview, printed

from segcli.base import placing


def names(folder: str = "statements-2026-06-30") -> list[str]:
    return sorted(path.name for path in Path("out", folder).iterdir())


def test_each_statement_is_a_pdf_and_where_it_can_be_a_draft(segcli: Run, empty: Path) -> None:
    filled(segcli)
    assert printed(segcli, "--period", "2026-06") == ""
    assert names() == ["C-USD.eml", "C-USD.pdf", "C.eml", "C.pdf", "D.pdf", "E.eml", "E.pdf"]


def test_merged_letters_are_those_that_are_posted(segcli: Run, empty: Path) -> None:
    filled(segcli)
    printed(segcli, "--period", "2026-06", "--merged")
    assert names() == ["C-USD.eml", "C.eml", "E.eml", "statements.pdf"]
    (page,) = texts(Path("out/statements-2026-06-30/statements.pdf").read_bytes())
    assert "Afnemer" in page
    Path("config.yaml").write_text(f"{CONFIG}statements: {{action: letter}}\n")
    printed(segcli, "--period", "2026-06", "--merged")
    assert names("statements-2026-06-30-2") == ["statements.pdf"]
    assert len(texts(Path("out/statements-2026-06-30-2/statements.pdf").read_bytes())) == 4


def test_without_an_email_address_it_is_reported_where_the_configuration_says_so(segcli: Run, empty: Path) -> None:
    filled(segcli, f"{CONFIG}statements: {{without_email: report}}\n")
    told = printed(segcli, "--period", "2026-06", status=5)
    assert told.splitlines()[0] == "segcli: account D (EUR): no e-mail address"
    assert "1 of 4 statements could not be printed" in told
    assert names() == ["C-USD.eml", "C-USD.pdf", "C.eml", "C.pdf", "E.eml", "E.pdf"]
    rows = preview(segcli, "--period", "2026-06")
    assert [(row["account"], row["sent_by"], row["reason"]) for row in rows if row["reason"]] == [
        ("D", None, "no e-mail address")
    ]


def test_a_letter_without_an_address_is_told_once(segcli: Run, empty: Path) -> None:
    filled(segcli)
    rows = "account,name,country,email\nH,Homeless,NL,not an address\n"
    assert segcli("import", "--as", "account", "-", stdin=rows).status == 0
    Path("i.csv").write_text(
        "account,invoice_number,invoice_date,currency,amount\nH,X,2026-06-02,USD,1\nH,Y,2026-06-02,EUR,1\n"
    )
    assert segcli("import", "i.csv").status == 0
    told = printed(segcli, "--period", "2026-06")
    assert told.splitlines() == ["account H: the statement has no address"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no accounts named"),
        (("--all", "--open-items", "--from", "2026-06-01"), "no effect with --open-items"),
        (
            ("--all", "--from", "2026-06-01", "--as-of", "2026-05-31"),
            "begins on 2026-06-01, after its end on 2026-05-31",
        ),
        (("--all", "--buckets", "30,20"), "does not rise"),
        (("--all", "--period", "2026-06", "--to", "2026-06-30"), "exclude each other"),
    ],
)
def test_wrong_usage(segcli: Run, empty: Path, words: tuple[str, ...], said: str) -> None:
    filled(segcli)
    before = fingerprint(empty)
    done = segcli("--config", "config.yaml", "run", "print-statements", *words, "--apply", "--yes", "--folder", "out")
    assert (done.status, done.out, said in done.err) == (2, "", True), done.err
    assert fingerprint(empty) == before
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("statements: {action: phone}", "statements.action: 'phone' is none of email, letter"),
        ("statements: {without_email: no}", "statements.without_email"),
        ("statements: {words: {en: {subject: '{total}'}}}", "statements.words.en.subject: there is no field {total}"),
        ("statements: {words: {en: {sent: x}}}", "there is no setting 'sent'"),
        ("statements: {levels: 1}", "there is no setting 'levels'"),
    ],
)
def test_a_wrong_setting_is_told_before_the_first_letter(segcli: Run, empty: Path, more: str, said: str) -> None:
    filled(segcli, f"{CONFIG}{more}\n")
    before = fingerprint(empty)
    done = segcli("--config", "config.yaml", "run", "print-statements", "--folder", "out", *APPLY)
    assert (done.status, said in done.err) == (1, True), done.err
    assert fingerprint(empty) == before


def test_a_preview_and_a_dry_run_change_nothing(segcli: Run, empty: Path) -> None:
    filled(segcli)
    before = fingerprint(empty)
    assert preview(segcli, "--period", "2026-06") == preview(
        segcli, "--period", "2026-06", "--dry-run", "--apply", "--all"
    )
    assert fingerprint(empty) == before
    assert not Path("out").exists()


def test_the_run_is_in_the_log_and_has_nothing_to_undo(segcli: Run, empty: Path) -> None:
    filled(segcli)
    assert printed(segcli, "--period", "2026-06") == ""
    run = segcli("log", "-f", "json").rows[0]
    assert (run["command"], run["summary"]) == (
        "run print-statements", "4 statements of 2026-06-30: 1 letter, 3 e-mails",
    )  # fmt: skip
    done = segcli("undo", run["run"], "--yes")
    assert (done.status, "printed statements: nothing to undo" in done.err) == (1, True)


def test_the_same_statements_are_written_once(segcli: Run, empty: Path) -> None:
    filled(segcli)
    printed(segcli, "--period", "2026-06")
    before = fingerprint(empty)
    assert printed(segcli, "--period", "2026-06") == ""
    assert fingerprint(empty) == before
    assert [path.name for path in Path("out").iterdir()] == ["statements-2026-06-30"]
    # Others of the same day are written beside them, and then again not.
    for _ in range(2):
        done = segcli("--config", "config.yaml", "run", "print-statements", "--period", "2026-06", "--account", "C",
                      "--folder", "out", *APPLY_SELECTED)  # fmt: skip
        assert done.status == 0
        assert sorted(path.name for path in Path("out").iterdir()) == [
            "statements-2026-06-30",
            "statements-2026-06-30-2",
        ]
    assert names("statements-2026-06-30-2") == ["C-USD.eml", "C-USD.pdf", "C.eml", "C.pdf"]


def test_where_there_is_nothing_to_print_nothing_is_written(segcli: Run, empty: Path) -> None:
    filled(segcli)
    before = fingerprint(empty)
    assert printed(segcli, "--period", "2025-06") == ""
    assert fingerprint(empty) == before
    assert list(Path("out").iterdir()) == []


def test_a_run_that_was_cut_off_has_happened_or_not(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    filled(segcli)
    words = ("--config", "config.yaml", "run", "print-statements", "--period", "2026-06", "--folder", "out", *APPLY)
    before = fingerprint(empty)
    with monkeypatch.context() as patched:
        patched.setattr(placing, "sync", die)  # before the commit
        assert segcli(*words).status == 130
    assert fingerprint(empty) == before
    assert list(Path("out").iterdir()) == []
    assert segcli(*words).status == 0
    assert is_sound(empty)


def test_the_result_says_what_was_done(segcli: Run, empty: Path) -> None:
    import json

    filled(segcli, f"{CONFIG}statements: {{without_email: report}}\n")
    done = segcli("--config", "config.yaml", "run", "print-statements", "--period", "2026-06", "--folder", "out", *APPLY,
                  "--result", "json")  # fmt: skip
    found = json.loads(done.out)
    assert (done.status, found["counts"]) == (5, {"changed": 3, "skipped": 0, "rejected": 1})
    assert found["undo"] is None
    with connected(empty) as db:
        assert db.execute("SELECT count(*) FROM run WHERE command = 'run print-statements'").fetchone() == (1,)
