"""Completion offers what the database knows, in the time of a key press, in real shells."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run

from segcli import commands, completion

OFFERS = {
    ("sh",): ["show"], ("show", "debtor"): ["debtor-ageing", "debtor-balance"], ("show", "debtor-ageing", "--class1", ""): ["N", "E", "S", "W", "X", "none", "any", "not:"],
    ("show", "debtor-ageing", "--class1", "N,"): ["N,N", "N,E", "N,S", "N,W", "N,X", "N,none", "N,any", "N,not:"], ("show", "debtor-ageing", "--class1=n"): ["--class1=N", "--class1=none", "--class1=not:"],
    ("tag", "00001"): ["000011", "000012", "000013", "000014", "000016", "000017", "000018", "000019"], ("tag", "1", "--set", "Region="): ["Region=N", "Region=E", "Region=S", "Region=W", "Region=X"],
    ("show", "debtor-ageing", "-f", "js"): ["json", "jsonl"], ("classification", "value", "retire", "Campaign", "s"): ["SPRING"], ("import", "--as", "cl"): ["classification_label", "classification_value"],
    ("price", "000017", "THE00"): ["THE001", "THE002", "THE003", "THE004", "THE005"], ("run", "link-price-list", "r"): ["RETAIL"],
    ("help", "exit"): ["exit-status"], ("help", "cla"): ["classifications", "classification"], ("show", "debtor-ageing", "--columns", "name,cit"): ["name,city"],
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

    def replies(*words: str) -> str:
        line = f'COMP_WORDS=(segcli {" ".join(words)}); COMP_CWORD={len(words)}; _segcli; echo "${{COMPREPLY[@]}}"'
        text = f'PATH="{tmp_path}:$PATH"\n{script}\n{line}'
        return subprocess.run(["bash"], input=text, capture_output=True, text=True, check=True).stdout.strip()

    assert replies("show", "debtor-b") == "debtor-balance"
    assert replies("show", "debtor-ageing", "--class1", "=", "n") == "N none not:"  # as bash splits --class1=n
    assert replies("tag", "1", "--set", "Region", "=", "N") == "N"


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not here")
def test_fish_completes(segcli: Run, example: object, tmp_path: Path) -> None:
    (tmp_path / "segcli").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m segcli "$@"\n')
    (tmp_path / "segcli").chmod(0o755)
    (tmp_path / "segcli.fish").write_text(segcli("completion", "fish").out)
    test = f"set -x PATH {tmp_path} $PATH; source {tmp_path}/segcli.fish; complete -C 'segcli show debtor-b'"
    done = subprocess.run(["fish", "-c", test], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("debtor-balance")
