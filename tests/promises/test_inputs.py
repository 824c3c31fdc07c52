"""What is read is never written: each command that writes a file refuses every file that it reads, and every segcli database.

By any path, by a link and by a hard link; with status 2, and with every byte as it was.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import trials
from conftest import Once, Run, connected

from segcli.base import file_guard
from segcli.cli import main
from segcli.commands import root
from segcli.interface.command import Command, Group
from segcli.interface.options import Parameter

CONFIG = "config.yaml"
OTHER = "other.db"
# What a command needs to get as far as its file; the file to write comes after it.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "account": ("A",),
    "account-overview": ("A",),
    "contact show": ("A:1",),
    "matrix": ("class1", "--from", "2026-01-01"),
    "overlap": ("north", "south"),
    "price": ("A", "TEA"),
    "cluster": ("--metrics", "contacts,requests", "--k", "2"),
    "export classifications": ("-f", "exact-xml", "--changed-since", "2000-01-01"),
    "score bands": ("--limits", "10"),
    "selection show": ("north",),
    "where explain": ("class1 = N",),
    "tag": ("A", "--set", "class1=S", "--dry-run"),
    "rules plan": ("rules.yaml",),
    "rules check": ("rules.yaml", "-f", "csv"),
    "rules stats": ("rules.yaml",),
    "rules suggest": ("class8",),
    "rules explain": ("rules.yaml", "A"),
    "rules drift": ("rules.yaml", "--from", "2026-01-01"),
    "import": ("bad.csv", "--on-error", "skip"),
    "report": ("report.yaml",),
    "history": ("A",),
    "classification label": ("1", "Area"),
    "classification value add": ("1", "X"),
    "classification value rename": ("1", "N", "Nord"),
    "classification value retire": ("1", "N"),
    "classification value merge": ("1", "N", "S"),
    "classification import": ("classes.yaml",),
    "rules apply": ("rules.yaml", "--yes"),
    "list create": ("spring", "--all"),
    "list show": ("spring",),
    "list results": ("test", "--from", "2026-01-01"),
    "list power": ("spring",),
    "list delete": ("spring",),
    "list opt-out": ("a@example.org",),
    "list opt-in": ("a@example.org",),
    "subscription add": ("A", "--description", "Support", "--price", "1"),
    "subscription change": ("1", "--reference", "ours"),
    "subscription cancel": ("1",),
    "request add": ("Call",),
    "request assign": ("R-1", "--nobody"),
    "request close": ("R-1",),
    "request reopen": ("R-1",),
    "administration set": ("--city", "Delft"),
    "contact anonymise": ("A:1",),
    "selection save": ("east", "--class1", "N"),
    "selection delete": ("north",),
    "undo": ("1",),
    "backup": ("copy.db",),
    "lake status": ("lake",),
    "send": ("letter.eml", "--yes"),
    "rates import": ("rates.csv", "--on-error", "skip"),
    "run update-subscription-prices": ("--prices", "prices.csv", "--from", "2027-01-01", "--on-error", "skip"),
}
READS = {"rules plan": "rules.yaml", "rules check": "rules.yaml", "rules stats": "rules.yaml",
         "rules explain": "rules.yaml", "rules drift": "rules.yaml", "rules apply": "rules.yaml", "classification import": "classes.yaml", "import": "bad.csv",
         "report": "report.yaml", "send": "letter.eml", "rates import": "rates.csv", "run update-subscription-prices": "prices.csv"}  # fmt: skip


def commands(node: Command | Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    if isinstance(node, Command):
        yield path, node
        return
    for name in node.names():
        found = node.find(name)
        assert found
        yield from commands(found, (*path, name))


WRITING = [
    pytest.param(path, parameter, id=f"{' '.join(path)} {parameter.flags[0] if parameter.flags else parameter.name}")
    for path, command in commands(root())
    for parameter in command.parameters
    if parameter.is_written
]


def words_of(path: tuple[str, ...], parameter: Parameter, target: str) -> list[str]:
    needs = (NEEDS.get(" ".join(path)) or NEEDS.get(path[-1], ())) if parameter.flags else ()
    output = "-f" in needs or parameter.name != "output"
    return ["--config", CONFIG, *path, *needs, *(() if output else ("-f", "csv")), *parameter.flags[:1], target]


def _folder(segcli: Run) -> None:
    trials.write_files(Path())
    Path("rates.csv").write_text("date,currency,rate\n2026-01-01,USD,1.1\n2026-01-01,USD,x\n")
    Path("letter.eml").write_text("To: a@example.com\nSubject: S\n\nText\n")
    Path("prices.csv").write_text("subscription,line,price\nNOBODY,1,x\n")
    for words in (("init",), ("classification", "import", "classes.yaml"), ("import", "conditions.csv", "accounts.csv"),
                  ("import", "contacts.csv"), ("import", "items.csv"), ("selection", "save", "north", "--class1", "N"),
                  ("selection", "save", "south", "--class1", "S")):  # fmt: skip
        assert segcli(*words).status == 0
    with connected(Path("test.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy("test.db", OTHER)
    Path("x").mkdir()


@pytest.fixture
def folder(tmp_path: Path, once: Once, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with an administration, another one, and what commands read."""
    monkeypatch.setenv("SEGCLI_SENDMAIL", "true")
    once(_folder)
    return tmp_path


def everything(folder: Path) -> dict[str, bytes | str]:
    """Return every file's bytes, and where every link leads; SQLite's shared memory is made anew by every reader."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path)] = str(path.readlink())
        elif (
            path.is_file()
            and not path.name.endswith(("-shm", ".lock"))
            and (path.stat().st_size or "-wal" not in path.name)
        ):
            found[str(path)] = path.read_bytes()
    return found


def spelled(name: str) -> Iterator[str]:
    """Yield a file's name, and others that lead to it."""
    yield name
    yield f"./x/../{name}"
    yield str(Path(name).absolute())
    link, hard = Path(f"link-{Path(name).name}"), Path(f"x/hard-{Path(name).name}")
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    yield str(link)
    if Path(name).exists():
        hard.unlink(missing_ok=True)
        os.link(name, hard)
        yield str(hard)


def refused(segcli: Run, folder: Path, words: list[str], target: str) -> None:
    before = everything(folder)
    done = segcli(*words)
    assert (done.status, done.out) == (2, ""), (words, done.err)
    assert f"{target.removeprefix('./')} is " in done.err
    assert "it is not written" in done.err
    assert everything(folder) == before, words


@pytest.mark.repeats
@pytest.mark.parametrize(("path", "parameter"), WRITING)
def test_what_is_read_or_a_database_is_never_written(
    segcli: Run, folder: Path, path: tuple[str, ...], parameter: Parameter
) -> None:
    for name in filter(None, ("test.db", OTHER, CONFIG, READS.get(" ".join(path)))):
        for target in spelled(name):
            refused(segcli, folder, words_of(path, parameter, target), target)
    for name in ("test.db-wal", "test.db-shm", "test.db-journal", "test.db.lock", f"{OTHER}-wal", f"{OTHER}-journal"):
        refused(segcli, folder, words_of(path, parameter, name), name)


FIRST = {
    ("lake", "status"): ("lake", "sync", "lake"),
    ("export", "classifications"): ("tag", "A", "--set", "class1=S", "--yes"),
    ("cluster",): ("request", "add", "Call", "--account", "B"),
    ("list", "show"): ("list", "create", "spring", "--all"),
    ("list", "results"): ("list", "create", "test", "--all", "--split", "1:1", "--holdout", "30"),
    ("list", "power"): ("list", "create", "spring", "--all", "--split", "1:1", "--holdout", "30"),
}  # what a command needs to be there
CHANGED_FIRST = {("import",), ("rates", "import"), ("administration", "set")}  # their file comes after the commit
NO_FILE = {"score fit", "score lifetime"}  # there is too little here for their models
# The run file is emptied before anything is read, and a table of changes comes after the commit: the command line alone protects.
BEFORE_READING = {
    (name, "run_file")
    for name in (
        "rules apply",
        "classification import",
        "import",
        "rates import",
        "send",
        "run update-subscription-prices",
    )
}
BY_DOOR = [
    param
    for param in WRITING
    if param.values[1].name not in {"folder", "man"}
    and " ".join(param.values[0]) not in NO_FILE
    and (" ".join(param.values[0]), param.values[1].name)
    not in {*BEFORE_READING, ("rules apply", "output"), ("tag", "rejects")}
]


@pytest.mark.repeats
@pytest.mark.parametrize(("path", "parameter"), BY_DOOR)
def test_the_door_itself_refuses_where_the_command_line_did_not(
    segcli: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...], parameter: Parameter
) -> None:
    monkeypatch.setattr(main, "_refuse_inputs", lambda *_: None)
    if path in FIRST:
        assert segcli(*FIRST[path]).status == 0
    for name in filter(None, (OTHER, READS.get(" ".join(path)))):
        for target in spelled(name):
            before = everything(folder)
            done = segcli(*words_of(path, parameter, target))
            assert done.status == 2, (path, done.err)
            assert f"{target.removeprefix('./')} is " in done.err
            own = (
                {str(folder / "test.db"), str(folder / "test.db-wal")} if path in CHANGED_FIRST else set()
            )  # rows are in by then
            assert {k: v for k, v in everything(folder).items() if k not in own} == {
                k: v for k, v in before.items() if k not in own
            }


def test_every_file_of_the_command_line_is_read_or_written() -> None:
    for path, command in commands(root()):
        for parameter in command.parameters:
            if parameter.metavar in {"FILE", "DIR", "PLAN"}:
                assert parameter.completes == "file", (path, parameter.name)
            if parameter.is_written:
                assert parameter.completes == "file", (path, parameter.name)


def test_the_logs_of_an_open_database_are_known_by_any_name(segcli: Run, folder: Path) -> None:
    with connected(Path("test.db")) as db, connected(Path(OTHER)) as other:
        for one in (db, other):
            one.execute("UPDATE account SET city = 'Elsewhere'")
            one.commit()
        for name in ("test.db-wal", "test.db-shm", f"{OTHER}-wal"):
            for target in spelled(name):
                refused(segcli, folder, ["show", "account-search", "-f", "csv", "-o", target], target)


@pytest.mark.parametrize("name", ["test.db", OTHER, "report.yaml"])
@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_report_replaces_nothing_that_it_reads(segcli: Run, folder: Path, name: str, link: object) -> None:
    assert callable(link)
    for part in ("files:\n- {file: a.csv, show: account-search}\n- {file: taken.csv, show: account-search}\n",
                 "files:\n- {file: a.csv, show: account-search}\nmail: {to: a@b.example, subject: S, draft: taken.csv}\n"):  # fmt: skip
        Path("report.yaml").write_text(part)
        Path("taken.csv").unlink(missing_ok=True)
        link(Path(name).absolute(), "taken.csv")
        refused(segcli, folder, ["report", "report.yaml"], "taken.csv")


@pytest.mark.parametrize("name", ["test.db", OTHER, CONFIG])
def test_a_manifest_and_the_rejects_of_another_kind_replace_nothing_that_is_read(
    segcli: Run, folder: Path, name: str
) -> None:
    for beside, words in (
        ("a.csv.manifest.json", ("show", "account-search", "-o", "a.csv", "--manifest")),
        ("mend-contact.csv", ("import", "bad.csv", "--on-error", "skip", "--rejects", "mend.csv")),
    ):
        os.link(name, beside)
        refused(segcli, folder, ["--config", CONFIG, *words], beside)


def test_an_action_that_could_not_write_its_table_does_nothing(segcli: Run, folder: Path) -> None:
    assert segcli("import", "items.csv", "lists.csv").status == 0
    action = ["run", "link-price-list", "SHOP", "--all", "--apply", "--yes"]
    refused(segcli, folder, [*action, "-f", "csv", "-o", "test.db"], "test.db")
    os.link("test.db", "out.csv.manifest.json")
    refused(segcli, folder, [*action, "-o", "out.csv", "--manifest"], "out.csv.manifest.json")


def test_standard_output_that_leads_to_the_database_is_refused(segcli: Run, folder: Path) -> None:
    number = os.open("test.db", os.O_WRONLY | os.O_APPEND)
    kept = os.dup(1)
    before = everything(folder)
    try:
        os.dup2(number, 1)
        status = main.run(["show", "account-search"])
    finally:
        os.dup2(kept, 1)
        os.close(number)
        os.close(kept)
    assert status == 2
    assert everything(folder) == before


def test_a_lock_that_holds_something_else_is_not_overwritten(segcli: Run, folder: Path) -> None:
    os.link(OTHER, "test.db.lock.new")
    Path("test.db.lock.new").replace("test.db.lock")
    before = Path(OTHER).read_bytes()
    done = segcli("tag", "A", "--set", "class1=S")
    assert done.status == 2
    assert "test.db.lock is there, and is no lock of segcli" in done.err
    assert Path(OTHER).read_bytes() == before


def test_a_new_database_does_not_take_the_name_of_another_ones_log(segcli: Run, folder: Path) -> None:
    Path("test.db-wal").unlink(missing_ok=True)
    for end in file_guard.BESIDE:
        name = f"{OTHER}{end}"
        assert segcli("--database", name, "init").status == 2
        assert not Path(name).exists()


def test_devices_and_other_files_are_written_as_ever(segcli: Run, folder: Path) -> None:
    for target in ("/dev/null", "new.csv", "accounts.csv"):
        assert segcli("show", "account-search", "-f", "csv", "-o", target).status == 0
    assert segcli("import", "/dev/null", "--on-error", "skip", "--rejects", "/dev/null").status == 1  # it is empty
