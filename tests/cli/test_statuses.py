"""What a script goes by: exit statuses, errors and warnings as JSON, files that stay, and what -q silences."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Once, Run, connected

from segcli.base import errors

VALUES = "field,code,description\n1,N,North\n1,S,South\n"
ACCOUNTS = "account,name,class1\n1,A,N\n2,B,S\n"
REPORT = "files:\n- {file: a.csv, show: account-search}\n- {file: b.csv, show: debtor-ageing}\n"


def _small(segcli: Run) -> None:
    Path("v.csv").write_text(VALUES)
    Path("a.csv").write_text(ACCOUNTS)
    assert segcli("import", "v.csv", "a.csv").status == 0
    assert segcli("classification", "label", "1", "Region").status == 0


@pytest.fixture
def small(once: Once, empty: Path) -> Path:
    once(_small)
    return empty


# --------------------------------------------------------------------------------- 1 is a file, 2 the command line
RULES = "version: 1\nfield: {}\nrules:\n- {{id: one, set: {}, when: '{}'}}\n"
FILES = {
    "an unknown value": (("tag", "--from", "f.csv", "--yes"), "account,Region\n1,West\n", "West"),
    "an unknown label": (("tag", "--from", "f.csv", "--yes"), "account,Zone\n1,N\n", "Zone"),
    "an unknown account": (("tag", "--from", "f.csv", "--yes"), "account,Region\n9,N\n", "'9'"),
    "an imported value": (("import", "f.csv"), "account,name,class1\n3,C,West\n", "West"),
    "a class that there is not": (("import", "f.csv"), "account,name,class9\n3,C,N\n", "class 9"),
    "a classification": (("classification", "import", "f.csv"), "field,code,description\n9,N,North\n", "'9'"),
    "a code": (("classification", "import", "f.csv"), "field,code,description\n1,any,Any\n", "'any'"),
    "a rule's label": (("rules", "plan", "f.yaml"), RULES.format("Zone", "N", "country = NL"), "Zone"),
    "a rule's value": (("rules", "plan", "f.yaml"), RULES.format("Region", "West", "country = NL"), "West"),
    "a rule's condition": (("rules", "plan", "f.yaml"), RULES.format("Region", "N", "colour = blue"), "colour"),
    "a report's overview": (("report", "f.yaml"), "files: [{file: r.csv, show: nothing}]\n", "nothing"),
    "a report's value": (("report", "f.yaml"), "files: [{file: r.csv, show: account-search --class1 West}]\n", "West"),
    "a report's day": (("report", "f.yaml"), "as_of: soon\nfiles: [{file: r.csv, show: account-search}]\n", "soon"),
    "a setting's name": (("--config", "f.yaml", "show", "account-search"), "wiat: 3\n", "wiat"),
    "a setting's value": (("--config", "f.yaml", "show", "account-search"), "wait: soon\n", "soon"),
}


@pytest.mark.parametrize(("words", "content", "said"), FILES.values(), ids=FILES)
def test_what_is_wrong_in_a_file_is_1(
    segcli: Run, small: Path, words: tuple[str, ...], content: str, said: str
) -> None:
    name = next(word for word in words if word.startswith("f."))
    Path(name).write_text(content)
    done = segcli(*words, "--errors", "json")
    assert (done.status, done.out) == (1, ""), done.err
    told = json.loads(done.err)
    assert (told["error"], told["status"]) == ("failure", 1)
    assert said in str(told)


LINES = {
    "a value": ("show", "account-search", "--class1", "West"),
    "a label": ("tag", "1", "--set", "Zone=N"),
    "an account": ("tag", "9", "--set", "Region=N"),
    "a day": ("report", "r.yaml", "--as-of", "soon"),
    "a period that the report needs": ("report", "p.yaml"),
    "a setting of the environment": ("--color", "blue", "show", "account-search"),
    "a file of configuration that is not there": ("--config", "none.yaml", "show", "account-search"),
    "an exit code for no file": ("show", "account-search", "--exit-code"),
    "a touch of every file": ("show", "account-search", "-o", "x.csv", "--touch"),
}


@pytest.mark.parametrize("words", LINES.values(), ids=LINES)
def test_what_is_wrong_on_the_command_line_is_2(segcli: Run, small: Path, words: tuple[str, ...]) -> None:
    Path("r.yaml").write_text(REPORT)
    Path("p.yaml").write_text("files: [{file: 'a-{period}.csv', show: account-search}]\n")
    done = segcli(*words, "--errors", "json")
    assert (done.status, json.loads(done.err)["error"]) == (2, "usage")


def test_the_topic_names_what_is_printed(segcli: Run, empty: Path) -> None:
    """Statuses, kinds and keys of the manual are those of the code."""
    text = segcli("help", "exit-status").out
    listed = dict(re.findall(r"^    (\d+) +([a-z]+)  ", text, re.MULTILINE))
    kinds = [errors.SegcliError, *errors.SegcliError.__subclasses__()]
    assert listed == {str(kind.status): kind.kind for kind in kinds}
    told = json.loads(segcli("show", "nothing", "--errors", "json").err)
    first, second = text.split("A warning has these keys")
    assert re.findall(r"^    ([a-z]+)  ", first.split("An error has")[1], re.MULTILINE) == list(told)
    Path("a.csv").write_text("account,name\n,A\n")
    problem = json.loads(segcli("import", "a.csv", "--errors", "json").err)["problems"][0]
    assert f"in a file: {', '.join(problem)}\n" in text
    assert re.findall(r"^    ([a-z]+) {3,}", second, re.MULTILINE) == ["warning", "status", "message", "hint"]


# ------------------------------------------------------------------------------------------- files that stay
def test_exit_code_tells_whether_a_file_was_written(segcli: Run, small: Path) -> None:
    words = ("show", "account-search", "-o", "x.csv", "--if-changed", "--exit-code")
    assert [segcli(*words).status for _ in range(2)] == [4, 0]
    segcli("tag", "1", "--set", "Region=S")
    assert [segcli(*words, "--columns", "account,class1").status for _ in range(2)] == [4, 0]
    assert segcli("show", "account-search", "-o", "x.csv").status == 0
    assert segcli(*words, "--manifest").status == 4
    assert segcli("show", "account-overview", "1", "-f", "vertical", "-o", "c.txt", "--exit-code").status == 4


def test_a_report_tells_whether_a_file_was_written(segcli: Run, small: Path) -> None:
    Path("r.yaml").write_text(REPORT)
    words = ("report", "r.yaml", "--folder", "out", "--if-changed")
    assert segcli(*words, "--dry-run", "--exit-code").status == 4
    assert [segcli(*words, "--exit-code").status for _ in range(2)] == [4, 0]
    assert segcli(*words, "--dry-run", "--exit-code").status == 0
    Path("out/b.csv").unlink()
    assert segcli(*words).status == 0  # only where it is asked for
    assert segcli("report", "r.yaml", "--folder", "out", "--exit-code").status == 4  # written again


def test_touch_gives_a_file_that_stays_the_present_time(segcli: Run, small: Path) -> None:
    Path("r.yaml").write_text(REPORT)
    words = ("show", "account-search", "-o", "x.csv", "--if-changed")
    report = ("report", "r.yaml", "--folder", "out", "--if-changed")
    assert (segcli(*words).status, segcli(*report).status) == (0, 0)
    files = [Path("x.csv"), Path("out/a.csv"), Path("out/b.csv")]
    for path in files:
        os.utime(path, (1000, 1000))
    Path("out/b.csv").write_text("other")
    os.utime("out/b.csv", (1000, 1000))
    assert (segcli(*words).status, segcli(*report).status) == (0, 0)
    assert [path.stat().st_mtime > 1000 for path in files] == [False, False, True]
    touched = [segcli(*words, "--touch", "--exit-code").status, segcli(*report, "--touch", "--exit-code").status]
    assert touched == [0, 0]
    assert all(path.stat().st_mtime > 1000 for path in files)
    assert segcli("report", "r.yaml", "--folder", "out", "--touch").status == 2


# ------------------------------------------------------------------------------------------------- warnings
@pytest.fixture
def differing(example: Path) -> Path:
    """Return the example with an item of 1.00 that the ledger does not know."""
    with connected(example) as db:
        db.execute(
            "INSERT INTO outstanding_item (account_id, item_key, invoice_number, invoice_date, due_date, currency, amount,"
            " base_amount, open_amount) SELECT id, 'own', 'own', '2026-01-01', '2026-02-01', 'EUR', 100, 100, 100"
            " FROM account ORDER BY code LIMIT 1"
        )
        db.commit()
    return example


def warnings(err: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in err.splitlines()]


def test_quiet_silences_a_warning(segcli: Run, differing: Path) -> None:
    words = ("show", "outstanding-items")
    loud = segcli(*words)
    assert (loud.status, "difference" in loud.err) == (0, True)
    assert segcli(*words, "-q").err == ""
    told = warnings(segcli(*words, "--errors", "json").err)
    assert [(one["warning"], one["status"]) for one in told] == [("difference", 0)]
    assert told[0]["message"] == loud.err.strip()
    assert list(told[0]) == ["warning", "status", "message", "hint"]


def test_quiet_does_not_silence_what_a_figure_lacks(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        db.execute(
            "INSERT INTO outstanding_item (account_id, item_key, invoice_number, invoice_date, due_date, currency, amount,"
            " open_amount) SELECT id, 'own', 'own', '2026-01-01', '2026-02-01', 'NOK', 100, 100"
            " FROM account ORDER BY code LIMIT 1"
        )
        db.commit()
    words = ("show", "account-search", "--where", "outstanding > 0")
    quiet = segcli(*words, "-q")
    assert (quiet.status, "no exchange rate is known" in quiet.err, "NOK" in quiet.err) == (0, True, True)
    told = warnings(segcli(*words, "-q", "--errors", "json").err)
    assert [one["warning"] for one in told] == ["partial"]


def test_a_saved_expression_is_a_notice(segcli: Run, small: Path) -> None:
    Path("r.yaml").write_text("files: [{file: a.csv, show: account-search --where 'country = QQ'}]\n")
    words = ("report", "r.yaml", "--folder", "out")
    assert "there is no country" in segcli(*words).err
    assert segcli(*words, "--quiet").err == ""
    assert [one["warning"] for one in warnings(segcli(*words, "--errors=json").err)] == ["notice"]


@pytest.mark.parametrize(("setting", "status", "is_told"), [("warn", 0, True), ("fail", 1, True), ("ignore", 0, False)])
def test_a_report_and_a_known_difference(
    segcli: Run, differing: Path, setting: str, status: int, is_told: bool
) -> None:
    Path("c.yaml").write_text(f"on_difference: {setting}\n")
    Path("r.yaml").write_text("files: [{file: a.csv, show: outstanding-items}]\n")
    done = segcli("--config", "c.yaml", "report", "r.yaml", "--folder", "out")
    assert (done.status, "difference" in done.err, Path("out/a.csv").exists()) == (status, is_told, status == 0)
    quiet = segcli("--config", "c.yaml", "report", "r.yaml", "--folder", "out", "-q")
    assert (quiet.status, bool(quiet.err)) == (status, status == 1)
