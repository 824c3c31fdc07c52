"""Hostile cells: whatever stands in a text, it steers no terminal, runs in no spreadsheet, leaves no folder and comes back as it was."""

import email
import email.policy
import json
import re
import shutil
import sqlite3
import sys
import zipfile
from pathlib import Path

import fuzzing
import hostile
import pytest
from conftest import APPLY_SELECTED, Run, connected
from hostile import SENDER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from segcli.base import escaping
from segcli.cli import completion, main
from segcli.commands import root
from segcli.domain.table import Column, Table
from segcli.output.render import Style, renderer
from segcli.storage import sql_functions

PARTS = {
    "show",
    "score",
    "log",
    "history",
    "check",
    "run",
    "selection",
    "list",
    "classification",
    "config",
    "price",
    "where",
    "overlap",
    "profile",
}
WRITE = {
    "save",
    "delete",
    "create",
    "sync",
    "opt-out",
    "opt-in",
    "add",
    "rename",
    "retire",
    "merge",
    "import",
    "label",
    "export",
}
COMMANDS = [one for one in fuzzing.every_command() if one.words[0] in PARTS and one.words[-1] not in WRITE]


@pytest.fixture(scope="module")
def poisoned_once(_example: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    path = tmp_path_factory.mktemp("poisoned") / "poisoned.db"
    shutil.copy(_example, path)
    columns = hostile.poison(path)
    with connected(path) as db:
        sql_functions.register(db)
        db.execute("UPDATE account SET email = 'ok@example.org' WHERE id % 5 = 0")
        db.execute("UPDATE account SET invoice_by = 'email'")
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path, columns


@pytest.fixture
def poisoned(poisoned_once: tuple[Path, set[str]], database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the example administration with hostile text wherever a text may stand."""
    shutil.copy(poisoned_once[0], database)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    Path("config.yaml").write_text(SENDER)
    return database


def test_every_sort_of_text_is_hostile(poisoned_once: tuple[Path, set[str]]) -> None:
    """What follows proves nothing of a column that stayed harmless."""
    needed = {"account.code", "account.name", "account.city", "account.email", "contact.name", "contact.notes", "item.description", "invoice.invoice_number",
              "invoice.description", "invoice_line.description", "classification_label.label", "classification_value.description", "request.description",
              "request.notes", "subscription.description", "run.reason", "imported_file.name", "outstanding_item.invoice_number", "transaction_line.description"}  # fmt: skip
    assert needed <= poisoned_once[1]


# ------------------------------------------------------------------------------------------------ terminals
@pytest.mark.repeats
@pytest.mark.parametrize("declared", COMMANDS, ids=lambda declared: "-".join(declared.words))
def test_nothing_steers_a_terminal(poisoned: Path, declared: fuzzing.Declared) -> None:
    with connected(poisoned) as db:
        code = str(db.execute(f"SELECT code FROM account WHERE code LIKE '{hostile.STEERS}%'").fetchone()[0])
    terminal = hostile.Terminal()
    names = {parameter.name for parameter in declared.command.parameters}
    words = [code if word == "000017" else word for word in fuzzing.line(declared, [])]
    for more in (
        ["--color=never"],
        ["--color=always"],
        *([["-f", form] for form in ("csv", "jsonl", "md")] if "format" in names else []),
    ):
        status, seen = terminal.run([*declared.words, *more, *words[len(declared.words) :]])
        assert status in {0, 1, 2}, seen[-300:]
        assert hostile.steering(seen, has_color="--color=always" in more) == "", more


def test_what_looks_for_steering_finds_it() -> None:
    for text in (hostile.STEERS, hostile.HIDES, hostile.THEIRS, "\x1b[2J", "a\rb", "\u202e"):
        assert hostile.steering(f"x{text}y", has_color=True), repr(text)
    assert hostile.steering("\x1b[1mours\x1b[0m\ttab\n", has_color=True) == ""


def test_markup_is_shown_as_it_is(poisoned: Path) -> None:
    _, seen = hostile.Terminal().run(["show", "account-search", "--columns", "name"])
    assert f"{hostile.MARKUP}" in seen
    assert hostile.QUOTES in seen
    assert "two lines and  more" in seen  # a cell is one line


def test_completion_offers_a_line_for_a_word(poisoned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for current in ("", "x", "two", "\x1b"):
        completion.run(["show", "account-overview", "--account", current], root())
        for line in capsys.readouterr().out.splitlines():
            assert hostile.steering(line) == "", line
            with connected(poisoned) as db:
                assert db.execute("SELECT 1 FROM account WHERE code = ?", (line.split("\t")[0],)).fetchone(), line


def test_an_error_is_short_and_harmless(segcli: Run, example: Path) -> None:
    Path("long.csv").write_text("account,name,is_sales\n1,A," + hostile.STEERS + "x" * 3_000_000 + "\n")
    Path("wide.csv").write_text(
        ",".join(f"{hostile.STEERS}{n}{'y' * 100_000}" for n in range(12)) + "\n1,2,3,4,5,6,7,8,9,10,11,12\n"
    )
    for name in ("long.csv", "wide.csv"):
        done = segcli("import", name)
        assert (done.status, done.out) == (1, "")
        assert len(done.err) < 6_000
        assert hostile.steering(done.err) == ""


# ---------------------------------------------------------------------------------------------- round trips
_TEXT = st.one_of(
    st.sampled_from(hostile.TEXTS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12),
    st.text(alphabet="'=+-@\t\r\n\\x1b5c078_ #N/A\x1b\x9b\"|,;x", min_size=1, max_size=10),
).filter(lambda text: text.strip() == text and text != "")


@settings(
    max_examples=20 * fuzzing.POINTS,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    derandomize=True,
)
@given(_TEXT)
def test_marks_come_off_as_they_were_put_on(text: str) -> None:
    assert escaping.reread(escaping.written(text)) == text
    guarded = escaping.guarded(text)
    assert (guarded[1:] if escaping.GUARD.match(guarded) else guarded) == text
    assert hostile.CONTROLS.search(escaping.written(text)) is None
    assert not re.match(r"[=+\-@\t\r]", escaping.guarded(escaping.written(text)))


@pytest.mark.repeats
@pytest.mark.parametrize("form", ["csv", "tsv", "xlsx", "json", "jsonl"])
@settings(
    max_examples=max(2, fuzzing.POINTS // 4),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    derandomize=True,
)
@given(texts=st.lists(_TEXT, min_size=1, max_size=40))
def test_our_own_export_gives_the_original_back(segcli: Run, tmp_path: Path, form: str, texts: list[str]) -> None:
    columns = ("name", "city", "email", "address", "manager", "sector", "phone")
    rows = [tuple(texts[(number + at) % len(texts)] for at in range(len(columns))) for number in range(len(texts))]
    with (tmp_path / "in.jsonl").open("w") as file:
        for number, row in enumerate(rows):
            file.write(
                json.dumps(
                    {
                        "account": f"{number}{texts[number][:20]}".strip(),
                        "status": "C",
                        **dict(zip(columns, row, strict=True)),
                    }
                )
                + "\n"
            )
    for name, source in (("one", "in.jsonl"), ("two", f"out.{form}")):
        base = tmp_path / f"{name}.db"
        for path in tmp_path.glob(f"{name}.db*"):
            path.unlink()
        assert segcli("init", "-d", base).status == 0
        done = segcli("import", source, "-d", base, "--as", "account")
        assert (done.status, done.err) == (0, "")
        shown = ",".join(("account", "status", *columns))
        assert segcli("show", "account-search", "-d", base, "--columns", shown, "-o", f"out.{form}").status == 0
    select = f"SELECT code, {', '.join(columns)} FROM account ORDER BY id"
    found = {
        name: sqlite3.connect(tmp_path / f"{name}.db").execute(f"SELECT * FROM ({select}) ORDER BY 1").fetchall()
        for name in ("one", "two")
    }
    assert found["one"] == found["two"]
    assert sorted(row[1:] for row in found["one"]) == sorted(rows)  # and what came in is what was meant


def test_what_no_text_is_is_refused(segcli: Run, empty: Path) -> None:
    for escape in ("\\u0000", "\\ud800"):
        Path("a.json").write_text(f'[{{"account": "1", "name": "x{escape}y"}}]')
        done = segcli("import", "a.json")
        assert (done.status, "a.json:$[0]:name: 'x" in done.err, "Traceback" in done.err) == (1, True, False)
    Path("a.json").write_text('[{"account": "1", "name": "\\ud83d\\ude00"}]')  # two halves are a whole
    assert segcli("import", "a.json").status == 0


def test_rejects_are_guarded_and_come_back(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text('account,name,is_sales,city\n1,"=1+1",maybe,-5.00\n2,\x1b[2J,maybe,\'=2\n')
    assert segcli("import", "a.csv", "--on-error", "skip", "--rejects", "r.csv").status == 1
    text = Path("r.csv").read_text()
    assert ",'=1+1,maybe,-5.00\n" in text  # a number runs nothing
    assert ",\\x1b[2J,maybe,'=2\n" in text.replace("''=2", "'=2")
    Path("r.csv").write_text(text.replace("maybe", "yes"))
    assert segcli("import", "r.csv").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT name, city FROM account ORDER BY code").fetchall() == [
            ("=1+1", "-5.00"),
            ("\x1b[2J", "=2"),
        ]


def test_labels_and_values_come_back(segcli: Run, empty: Path, tmp_path: Path) -> None:
    for number, text in enumerate(hostile.TEXTS):
        assert segcli("classification", "value", "add", "1", f"V{number}", "--", text).status == 0
    for form in ("csv", "yaml"):
        assert segcli("classification", "export", "-o", f"c.{form}").status == 0
        other = tmp_path / f"{form}.db"
        assert segcli("init", "-d", other).status == 0
        assert segcli("classification", "import", f"c.{form}", "-d", other).status == 0
        select = "SELECT code, description FROM classification_value ORDER BY code"
        assert sqlite3.connect(other).execute(select).fetchall() == sqlite3.connect(empty).execute(select).fetchall()
        assert hostile.CONTROLS.search(segcli("classification", "export", "-f", form).out) is None


# ---------------------------------------------------------------------------------------- pages and workbooks
@pytest.mark.repeats
@pytest.mark.parametrize(
    "overview", ["account-search", "contact-overview", "invoice-history", "debtor-ageing", "request-search"]
)
def test_a_page_a_table_and_a_workbook_hold_no_more_than_text(segcli: Run, poisoned: Path, overview: str) -> None:
    chart = ("--chart",) if overview == "debtor-ageing" else ()
    page = hostile.Page()
    page.feed(segcli("show", overview, "-f", "html", *chart).out)
    assert not page.tags & {"img", "link", "iframe", "a", "b", "base", "form", "object"}
    assert hostile.PAGE in page.text
    marked = segcli("show", overview, "-f", "md").out
    bars = [
        len(re.findall(r"(?<!\\)\|", line.replace("\\\\", ""))) for line in marked.splitlines() if line.startswith("|")
    ]
    assert len(set(bars)) == 1
    assert "<script" not in marked
    assert segcli("show", overview, "-o", "a.xlsx").status == 0
    with zipfile.ZipFile("a.xlsx") as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
        assert all(
            "<f>" not in re.sub(r"<f>SU(BTOTAL|MIFS)\([^<]*</f>", "", sheet) and "hyperlink" not in sheet
            for sheet in sheets
        )
        assert not any("externalLink" in name or "hyperlinks" in name for name in book.namelist())


def test_a_calendar_has_no_line_of_theirs(segcli: Run, poisoned: Path) -> None:
    lines = segcli("show", "request-search", "-f", "ics").out.replace("\r\n ", "").splitlines()
    known = {"BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "UID", "DTSTAMP", "SUMMARY", "DESCRIPTION", "STATUS", "CATEGORIES", "CONTACT",
             "X-SEGCLI-ASSIGNEE", "DTSTART", "DTEND", "DUE", "COMPLETED"}  # fmt: skip
    assert {re.split("[:;]", line, maxsplit=1)[0] for line in lines} <= known


def test_numbers_stay_numbers(segcli: Run) -> None:
    import io

    table = Table(
        "T",
        (Column("a"), Column("b", "money"), Column("c", "integer"), Column("d", "decimal")),
        [("-5.00", -500, -5, -0.5)],
    )
    file = io.StringIO()
    renderer("csv")(table, file, Style())
    assert file.getvalue() == "a,b,c,d\n'-5.00,-5.00,-5,-0.5\n"


# --------------------------------------------------------------------------------------------------- letters
@pytest.mark.repeats
@pytest.mark.parametrize("action", ["print-invoices", "print-reminders", "print-statements", "print-subscriptions"])
def test_all_letters_are_written_in_their_folder_and_nothing_else_is_opened(
    segcli: Run, poisoned: Path, tmp_path: Path, action: str
) -> None:
    outside = (
        sorted(path.name for path in tmp_path.parent.iterdir()),
        sorted(path.name for path in tmp_path.iterdir() if path.name != "out"),
    )
    select = ("--where", "code contains 'c'") if action != "print-invoices" else ("--all",)
    watch = hostile.opened()
    seen = next(watch)
    done = segcli("--config", "config.yaml", "run", action, *APPLY_SELECTED, "--folder", "out", *select)
    next(watch)
    assert done.status == 0, done.err
    assert hostile.steering(done.err) == ""
    known = (
        str(Path(main.__file__).parent.parent.parent),
        sys.prefix,
        sys.base_prefix,
        str(tmp_path),
        "config.yaml",
        "out",
        "/dev/null",
    )
    strange = [
        text
        for text in seen
        if not any(part in text for part in known) and not re.fullmatch(r"open (\d+|None|/usr/share/fonts/.*)", text)
    ]
    assert strange == []
    left = {path.name for path in tmp_path.iterdir()} - {"out", "test.db.lock", "test.db-wal", "test.db-shm"}
    assert (sorted(path.name for path in tmp_path.parent.iterdir()), sorted(left)) == (
        outside[0],
        [n for n in outside[1] if n in left],
    )
    (folder,) = Path("out").iterdir()
    files = [path for path in folder.iterdir() if path.name != "reminders.csv"]
    assert all(path.is_file() and path.name.isprintable() and path.name[0] not in ".-" for path in files)
    assert len(files) > 5
    pdfs = [path for path in files if path.suffix == ".pdf"]
    text = "".join(page.extract_text() for path in pdfs[:12] for page in PdfReader(path).pages)
    assert "<b>[x]</b>" in text  # markup is no markup
    assert all("/Annots" not in page and "/AA" not in page for path in pdfs for page in PdfReader(path).pages)
    for path in files:
        if path.suffix == ".eml":
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            assert set(message.keys()) == {"From", "To", "Subject", "X-Unsent", "Content-Type", "MIME-Version"}
            assert message["To"] == "ok@example.org"
            assert all("/" not in str(part.get_filename()) for part in message.iter_attachments())
