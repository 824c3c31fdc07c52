"""`segcli show -o FILE` on a terminal says what was written; elsewhere it is silent."""

from pathlib import Path

from conftest import Run
from terminal import at_terminal


def test_a_terminal_sees_the_file_and_its_rows(segcli: Run, example: Path, tmp_path: Path) -> None:
    path = tmp_path / "belgium.csv"
    words = ("show", "account-search", "--country", "BE", "-o", str(path), "--if-changed")
    status, shown = at_terminal("--database", str(example), *words)
    rows = len(path.read_text(encoding="utf-8").splitlines()) - 1
    assert (status, shown.strip()) == (0, f"{path}: {rows} rows")
    assert at_terminal("--database", str(example), *words)[1].strip() == f"{path}: {rows} rows, unchanged"
    assert at_terminal("--database", str(example), "--quiet", *words)[1] == ""


def test_without_a_terminal_it_is_silent(segcli: Run, example: Path, tmp_path: Path) -> None:
    done = segcli("show", "account-search", "--country", "BE", "-o", str(tmp_path / "belgium.csv"))
    assert (done.status, done.out, done.err) == (0, "", "")
