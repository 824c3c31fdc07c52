"""Names that files give."""

from pathlib import Path

from segcli.base.named_files import stems


def test_the_files_of_an_ending_that_begin_with_a_small_letter(tmp_path: Path) -> None:
    for name in ("beta.py", "alpha.py", "_hidden.py", ".dot.py", "Capital.py", "other.txt", "é.py", "two.dots.py"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert stems(tmp_path) == ("alpha", "beta", "two.dots")
    assert stems(tmp_path, ".txt") == ("other",)
