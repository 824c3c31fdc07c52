"""Completion offers what the database knows, in the time of a key press, in real shells."""

import shlex
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from conftest import Run

from segcli import commands
from segcli.cli import completion, typed_line

OFFERS = {
    ("cohort", "--by", "mo"): ["month"],
    ("cohort", "--by", "Reg"): ["Region"],
    ("rules", "suggest", "Reg"): ["Region"],
    ("help", "seg"): ["segments"],
    ("show", "invoice-history", "--group-by", "cohort"): ["cohort", "cohort_quarter", "cohort_year"],
    ("sh",): ["show"], ("show", "debtor"): ["debtor-ageing", "debtor-balance"], ("show", "debtor-ageing", "--class1", ""): ["N", "E", "S", "W", "X", "none", "any", "not:"],
    ("show", "debtor-ageing", "--class1", "N,"): ["N,N", "N,E", "N,S", "N,W", "N,X", "N,none", "N,any", "N,not:"], ("show", "debtor-ageing", "--class1=n"): ["--class1=N", "--class1=none", "--class1=not:"],
    ("tag", "00001"): ["000011", "000012", "000013", "000014", "000016", "000017", "000018", "000019"], ("tag", "1", "--set", "Region="): ["Region=N", "Region=E", "Region=S", "Region=W", "Region=X"],
    ("show", "debtor-ageing", "-f", "js"): ["json", "jsonl"], ("classification", "value", "retire", "Campaign", "s"): ["SPRING"], ("import", "--as", "cl"): ["classification_label", "classification_value"],
    ("price", "000017", "THE00"): ["THE001", "THE002", "THE003", "THE004", "THE005"], ("run", "link-price-list", "r"): ["RETAIL"],
    ("help", "exit"): ["exit-status"], ("help", "fields", "acc"): ["account"], ("help", "cla"): ["classifications", "classification"], ("show", "debtor-ageing", "--columns", "name,cit"): ["name,city"],
    ("show", "debtor-ageing", "--group-by", "coun"): ["country"], ("show", "debtor-ageing", "--class3", "A", "--class1", "S"): ["S"],
    ("show", "debtor-ageing", "--class3=A", "--class1", "S"): ["S"],
    ("show", "debtor-ageing", "--class", "Reg"): ["Region="], ("import", ""): ["%files"], ("nonsense", ""): [], ("show", "debtor-ageing", "--cou"): ["--country"], ("completion", ""): ["bash", "zsh", "fish"],
}  # fmt: skip


@pytest.mark.parametrize(("words", "wanted"), OFFERS.items(), ids=[" ".join(words) for words in OFFERS])
def test_offers(example: object, words: tuple[str, ...], wanted: list[str]) -> None:
    assert [word for word, _ in completion.offers(list(words), commands.root())] == wanted


def test_offers_come_from_the_database_that_is_named(
    segcli: Run, example: object, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("a.csv").write_text("account,name\nO1,Ours\n")
    for words in (("init",), ("import", "a.csv")):
        assert segcli("--database", "other.db", *words).status == 0
    capfd.readouterr()
    for where in (["--database", "other.db"], ["--database=other.db"], ["-d", "other.db"]):
        completion.run([*where, "tag", "O"], commands.root())
        assert capfd.readouterr() == ("O1\tOurs\n", "")
    completion.run(["--database", "missing.db", "tag", "O"], commands.root())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_takes(segcli: Run, shell: str) -> None:
    script = segcli("completion", shell).out
    assert "segcli __complete" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not here")
def test_bash_completes(segcli: Run, example: object, tmp_path: Path) -> None:
    (tmp_path / "segcli").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m segcli "$@"\n')
    (tmp_path / "segcli").chmod(0o755)
    script = segcli("completion", "bash").out

    def replies(line: str) -> str:
        call = 'COMP_POINT=${#COMP_LINE}; _segcli; echo "${COMPREPLY[@]}"'
        text = f'PATH="{tmp_path}:$PATH"\n{script}\nCOMP_LINE={shlex.quote(line)}; {call}'
        return subprocess.run(["bash"], input=text, capture_output=True, text=True, check=True).stdout.strip()

    assert replies("segcli show debtor-b") == "debtor-balance"
    assert replies("segcli show debtor-ageing --class1=n") == "N none not:"  # bash replaces what is behind the =
    assert replies("segcli tag 1 --set Region=N") == "N"
    assert replies("segcli tag 1 --set Customer\\ value=B") == "B"
    assert replies("segcli tag 1 --set Customer\\ va") == " ".join(f"Customer\\ value={code}" for code in "ABC")
    assert replies('segcli tag 1 --set "Customer value=B') == "Customer value=B"
    assert replies('segcli tag $(touch made) --set "Customer value=B') == "Customer value=B"
    assert not Path("made").exists()  # what is typed is never run


@pytest.mark.parametrize(
    ("line", "words", "quote", "kept"),
    [
        ("segcli", [], "", 0),
        ("segcli ", [""], "", 0),
        ("segcli tag 1 ", ["tag", "1", ""], "", 0),
        ("segcli a\\ b", ["a b"], "", 0),
        ('segcli "a b', ["a b"], '"', 0),
        ("segcli 'a\\b", ["a\\b"], "'", 0),
        ('segcli "a\\"b" c=d', ['a"b', "c=d"], "", 2),
        ('segcli --set="a b=', ["--set=a b="], '"', 6),
        ("segcli '' x", ["", "x"], "", 0),
        ("segcli not:a", ["not:a"], "", 4),
        ("segcli a\\=b", ["a=b"], "", 0),
        ("segcli a\\", ["a"], "", 0),
    ],
)
def test_the_words_of_a_half_typed_line(line: str, words: list[str], quote: str, kept: int) -> None:
    found = typed_line.words(line)
    assert [word.text for word in found] == words
    if found:
        assert (found[-1].quote, found[-1].kept) == (quote, kept)


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not here")
def test_bash_reads_the_word_that_was_offered() -> None:
    signs = "ab \"'\\$`!*;&(){}[]~#<>|é"
    texts = ["".join(pair) for pair in product(signs, repeat=2)]
    for quote in ("", "'", '"'):
        put = [f"{quote}{typed_line.typed(typed_line.Word(quote=quote), text)}{quote}" for text in texts]
        assert [[word.text for word in typed_line.words(f"segcli {word}")] for word in put] == [
            [text] for text in texts
        ]
        program = "".join(f"printf '%s\\0' {word}\n" for word in put)
        done = subprocess.run(["bash"], input=program, capture_output=True, text=True, check=True)
        assert done.stdout.split("\0")[:-1] == texts


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not here")
def test_fish_completes(segcli: Run, example: object, tmp_path: Path) -> None:
    (tmp_path / "segcli").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m segcli "$@"\n')
    (tmp_path / "segcli").chmod(0o755)
    (tmp_path / "segcli.fish").write_text(segcli("completion", "fish").out)
    test = f"set -x PATH {tmp_path} $PATH; source {tmp_path}/segcli.fish; complete -C 'segcli show debtor-b'"
    done = subprocess.run(["fish", "-c", test], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("debtor-balance")
