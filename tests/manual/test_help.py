"""Help: every command says what it does and by which rule, and its examples do what they say on the example administration."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from command_tree import COMMANDS
from conftest import ROOT, Result, Run

from segcli import actions, commands, overviews
from segcli.interface.command import first_line
from segcli.manual import man, reference, topics
from segcli.output import destinations

# What stands before the examples of a command, where the example administration alone does not do.
BEFORE: dict[str, tuple[str, ...]] = {
    "backup": ("segcli --database demo.db init --example",),
    "check": ("segcli backup segcli-2026-06-30.db",),
    "classification import": ("segcli classification export -o values.csv",),
    "lake drop": (
        "segcli lake sync lake",
        "segcli --database north.db init --example",
        "segcli --database north.db lake sync lake",
    ),
    "lake status": ("segcli lake sync lake",),
    "lake sync": ("segcli --database north.db init --example",),
    "list results": ("segcli list create mailing --country NL --split 45:45 --holdout 10",),
    "list power": ("segcli list create mailing --country NL --split 45:45 --holdout 10",),
    "list show": ("segcli list create spring --class7 SPRING",),
    "list delete": ("segcli list create fair --country BE",),
    "list sync": ("segcli list create spring --class7 SPRING",),
    "list opt-in": ("segcli list opt-out info@t-gouden-hoen.example",),
    "overlap": (
        "segcli selection save north --class1 N",
        "segcli selection save large --class3 A",
        "segcli list create spring --class7 SPRING",
    ),
    "request assign": ("segcli request add 'One'", "segcli request add 'Two'"),
    "request close": ("segcli request add 'One'", "segcli request add 'Two'"),
    "request reopen": ("segcli request add 'One'", "segcli request add 'Two'", "segcli request close R-1 R-2"),
    "rules apply": ("segcli rules plan rules.yaml -o plan.json",),
    "selection delete": ("segcli selection save key-north --class1 N", "segcli selection save asleep --class1 S"),
    "selection show": ("segcli selection save key-north --class1 N",),
    "send": ("segcli run print-reminders --all --folder letters --apply --yes",),
    "undo": ("segcli tag 000001 --clear class1",),
}
ADMINISTRATION = ROOT / "examples" / "administration"
RULE = "version: 1\nfield: class2\nrules:\n  - {id: rest, set: RET, when: '*'}\n"
FILES = {
    "accounts.csv": (ADMINISTRATION / "accounts.csv").read_text(encoding="utf-8"),
    "receivables.csv": (ADMINISTRATION / "receivables.csv").read_text(encoding="utf-8"),
    "klanten.csv": "Klantnr,Naam\n000001,Een\n",
    "export.csv": "account,name\n000001,One\n",
    "classes.csv": "account,class1\n000001,N\n",
    "eurofxref-hist.csv": "Date,USD,JPY,\n2026-06-30,1.08,160.10,\n",
    "koersen.csv": "Datum,Valuta,Koers\n2026-06-30,USD,1.08\n",
    "prices.csv": "subscription,line,price\nAB0001,1,12.50\n",
    "addresses.txt": "info@t-gouden-hoen.example\n",
    "rules.yaml": (ROOT / "examples" / "customer-value.yaml").read_text(encoding="utf-8"),
    "value.yaml": RULE,
    "sector.yaml": RULE.replace("class2", "class4").replace("RET", "SHOP"),
}


@pytest.fixture
def folder(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which examples can be tried. What they send goes nowhere."""
    monkeypatch.setenv("SEGCLI_SENDMAIL", "true")
    assert example.exists()
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copy(ROOT / "config.example.yaml", tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def tried(segcli: Run, line: str) -> Result:
    """Run a line as a shell would: what it reads from a file, it gets; what it writes to one, is looked at here."""
    words, stdin = shlex.split(line), b""
    assert words.pop(0) == "segcli"
    for sign in (">", ">>", "<"):
        if sign in words:
            at = words.index(sign)
            stdin = Path(words[at + 1]).read_bytes() if sign == "<" else stdin
            del words[at : at + 2]
    return segcli(*words, stdin=stdin)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_by_which_rule(name: str) -> None:
    first, *rules = COMMANDS[name].help.strip().split("\n\n")
    assert "\n" not in first
    assert first.endswith(".")
    assert rules
    assert len(COMMANDS[name].examples) >= 2
    assert all(name in line for line in COMMANDS[name].examples)


@pytest.mark.repeats
@pytest.mark.parametrize("name", COMMANDS)
def test_its_examples_do_what_they_say(segcli: Run, folder: Path, name: str) -> None:
    if name == "init":
        (folder / "test.db").unlink()
    for line in BEFORE.get(name, ()):
        assert tried(segcli, line).status == 0, line
    for line in COMMANDS[name].examples:
        done = tried(segcli, line)
        assert done.status == 0, f"{line}\n{done.err}"
        assert done.out or not is_read(name, line), line


def is_read(name: str, line: str) -> bool:
    """Tell whether a command answers on standard output."""
    return (
        name.split(maxsplit=1)[0]
        in {"show", "score", "log", "history", "price", "where", "matrix", "overlap", "basket", "cohort"}
        and " -o " not in line
    )


@pytest.mark.repeats
@pytest.mark.parametrize("topic", topics.names())
def test_what_a_topic_shows_works(segcli: Run, folder: Path, topic: str) -> None:
    assert folder.exists()
    shown = segcli("help", topic).out
    # Scripts, which begin with a comment, are run as a whole: test_automation.
    blocks = [block for block in shown.split("\n\n") if not block.startswith("    #")]
    lines = [line.strip() for block in blocks for line in block.splitlines() if line.startswith("    segcli ")]
    assert lines
    for line in lines:
        done = tried(segcli, "segcli tag 000001 --clear class1" if line.startswith("segcli undo 23") else line)
        assert done.status == 0, f"{line}\n{done.err}"
    for name in re.findall("segcli help ([a-z-]+)", shown):
        assert name in topics.names()


def test_topics_are_listed_and_are_no_commands(segcli: Run) -> None:
    listed = segcli("help").out
    for name in topics.names():
        assert f"  {name} " in listed
        assert commands.root().find(name) is None
        first, rest = topics.text(name).split("\n", 1)
        assert first.endswith(".")
        assert rest.startswith("\n")


def test_the_filters_topic_has_the_whole_grammar() -> None:
    text = topics.text("filters")
    for word in ("between", "contains", "starts with", "during", "since", "last_year", "expression ="):
        assert word in text


def test_statuses_and_formats_come_from_the_code() -> None:
    from segcli.base import errors
    from segcli.output import render

    text = topics.text("exit-status")
    for kind in (errors.SegcliError, *errors.SegcliError.__subclasses__()):
        assert re.search(rf"^    {kind.status} ", text, re.MULTILINE)
    for name in render.FORMATS:
        assert re.search(rf"^    {name} ", topics.text("formats"), re.MULTILINE)


def test_a_topic_is_as_wide_as_the_terminal() -> None:
    shown = topics.wrapped(topics.text("automation"), 60)
    assert max(len(line) for line in shown.splitlines() if not line.startswith(" ")) <= 60
    assert "    segcli run print-reminders --all --apply --yes --folder letters\n" in shown


def test_a_command_is_a_topic_too(segcli: Run) -> None:
    assert segcli("help", "show", "debtor-ageing").out == segcli("show", "debtor-ageing", "--help").out
    assert segcli("help", "rules").out == segcli("rules", "--help").out
    wrong = segcli("help", "filter")
    assert (wrong.status, "did you mean filters" in wrong.err) == (2, True)


def test_the_reference_is_true(segcli: Run, tmp_path: Path) -> None:
    """Where this fails: segcli help --reference docs/commands.md."""
    assert segcli("help", "--reference", "now.md").status == 0
    assert (tmp_path / "now.md").read_text(encoding="utf-8") == (ROOT / "docs" / "commands.md").read_text(
        encoding="utf-8"
    )


def test_the_reference_has_every_option() -> None:
    text = reference.text(commands.root())
    for name, command in COMMANDS.items():
        (section,) = re.findall(rf"^## segcli {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        shared = text.split("\n## segcli ", 1)[0]
        for parameter in command.every_parameter:
            word = (
                parameter.flags[0] if parameter.flags else (parameter.metavar or parameter.name.upper()).split("|")[0]
            )
            assert word in section + shared, (name, word)
    for target in re.findall(r"\]\(#([a-z0-9-]+)\)", text):
        assert f"\n## {target.replace('-', ' ')}\n" in text.replace("-", " ")


def test_man_pages_are_sound(tmp_path: Path) -> None:
    pages = dict(man.files(commands.root()))
    assert {f"segcli-{name.replace(' ', '-')}.1" for name in COMMANDS} | {
        f"segcli-{name}.7" for name in topics.names()
    } == set(pages) - {"segcli.1"}
    for text in pages.values():
        requests = {line.split(" ", 1)[0] for line in text.splitlines() if line.startswith((".", "'"))}
        assert requests <= {".TH", ".SH", ".SS", ".PP", ".TP", ".nf", ".fi", ".ad"}
        assert set(re.findall(r"\\(.)", text)) <= set("-&efB(") | {"f"}
    if not shutil.which("groff"):
        pytest.skip("groff is not here")
    for name, text in pages.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["groff", "-man", "-ww", "-z", "-Kutf8", *pages], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["show", "run"])
def test_a_group_alone_lists_what_there_is_by_area(segcli: Run, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    group = {"show": overviews, "run": actions}[name]
    plain = segcli(name)
    assert (plain.status, plain.err) == (0, "")
    for one in group.names():
        declared = group.declared(one)
        assert re.search(rf"^  {one} +{re.escape(first_line(declared.help))}$", plain.out, re.MULTILINE)
        assert plain.out.index(f"{declared.area}\n") < plain.out.index(f"  {one} ")
    monkeypatch.setattr(destinations, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    narrow = segcli(name).out
    assert max(map(len, narrow.splitlines())) <= 60
    assert narrow.split() == plain.out.split()


@pytest.mark.parametrize("words", [(), ("classification",), ("classification", "value")])
def test_a_group_of_commands_alone_is_its_help(segcli: Run, words: tuple[str, ...]) -> None:
    alone = segcli(*words)
    assert (alone.status, alone.err) == (0, "")
    assert alone.out == segcli(*words, "--help").out
    assert "Commands:\n" in alone.out
