"""Selections, lists and reports that name a file of values work from any folder; --freeze keeps the values instead."""

import json
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint

from segcli.base.errors import SegcliError
from segcli.query.expressions import stored, value_file
from segcli.query.expressions.lexer import quoted, value_files


def flags(database: Path, table: str, name: str) -> dict[str, list[str]]:
    with connected(database) as db:
        found: dict[str, list[str]] = json.loads(
            db.execute(f"SELECT flags FROM {table} WHERE name = ?", (name,)).fetchone()[0]
        )
    return found


def codes(segcli: Run, *words: str) -> list[str]:
    done = segcli(*words, "-f", "json")
    assert done.status == 0, done.err
    return [str(row["account"]) for row in done.rows]


@pytest.fixture
def folder(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a space in its name, in which a file of codes is and the command runs."""
    assert example.exists()
    place = tmp_path / "in here"
    place.mkdir()
    (place / "codes.txt").write_text("000001\n000002\n")
    monkeypatch.chdir(place)
    return place


def test_a_selection_works_from_another_folder(
    segcli: Run, example: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert segcli("selection", "save", "two", "--where", "account in @codes.txt and country = NL").status == 0
    assert flags(example, "selection", "two") == {"where": [f"account in @'{folder}/codes.txt' and country = NL"]}
    assert segcli("list", "create", "l", "--where", "account not in @codes.txt", "--country", "NL").status == 0
    assert flags(example, "marketing_list", "l")["where"] == [f"account not in @'{folder}/codes.txt'"]
    before = fingerprint(example)
    assert segcli("selection", "save", "two", "--where", "account in @codes.txt and country = NL").status == 0
    assert fingerprint(example) == before
    monkeypatch.chdir("/")
    assert codes(segcli, "selection", "show", "two") == ["000001", "000002"]
    assert codes(segcli, "show", "account-search", "--selection", "two", "--inactive") == ["000001", "000002"]
    assert segcli("list", "sync").status == 0
    (folder / "codes.txt").write_text("000002\n")
    assert codes(segcli, "selection", "show", "two") == ["000002"]  # the file is read each time
    (folder / "codes.txt").unlink()
    for words in (("selection", "show", "two"), ("show", "account-search", "--selection", "two"), ("list", "sync")):
        done = segcli(*words)
        place = "list l, --where" if words[0] == "list" else "selection two, --where"
        assert (done.status, done.err.startswith(f"segcli: {place}: {folder}/codes.txt cannot be read")) == (2, True), (
            done.err
        )
    assert f"{folder}/codes.txt cannot be read" in segcli("check", "-f", "csv").out


def test_frozen_values_need_no_file(segcli: Run, example: Path, folder: Path) -> None:
    assert (
        segcli("selection", "save", "two", "--where", "account in @codes.txt or account = 000003", "--freeze").status
        == 0
    )
    assert flags(example, "selection", "two") == {"where": ["account in ('000001', '000002') or account = 000003"]}
    assert segcli("list", "create", "l", "--where", "account in @codes.txt", "--freeze").status == 0
    assert flags(example, "marketing_list", "l") == {"where": ["account in ('000001', '000002')"]}
    done = segcli("selection", "save", "piped", "--where", "account in @-", "--freeze", stdin="000003\n000001\n")
    assert done.status == 0
    (folder / "codes.txt").unlink()
    assert codes(segcli, "selection", "show", "two") == ["000001", "000002", "000003"]
    assert codes(segcli, "selection", "show", "piped") == ["000001", "000003"]
    assert segcli("list", "sync").status == 0
    refused = segcli("selection", "save", "piped", "--where", "account in @-", stdin="000003\n")
    assert (refused.status, "@- is for the command line" in refused.err) == (2, True)
    for text in ("", "\n"):
        (folder / "codes.txt").write_text(text)
        assert segcli("selection", "save", "x", "--where", "account in @codes.txt", "--freeze").status == 1
    (folder / "codes.txt").write_text("".join(f"{n}\n" for n in range(value_file.MOST_VALUES + 1)))
    refused = segcli("selection", "save", "x", "--where", "account in @codes.txt", "--freeze")
    assert (refused.status, "1 to 10,000 are taken" in refused.err) == (1, True)
    assert segcli("selection", "save", "x", "--where", "account in @nope.txt", "--freeze").status == 1


def test_a_report_reads_files_beside_it(segcli: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "r.yaml").write_text(
        "files:\n  - {file: a.csv, show: account-search --inactive --columns account --where 'account in @codes.txt'}\n"
    )
    monkeypatch.chdir("/")
    assert segcli("report", folder / "r.yaml").status == 0
    assert (folder / "a.csv").read_text().split() == ["account", "000001", "000002"]
    (folder / "codes.txt").unlink()
    done = segcli("report", folder / "r.yaml")
    assert done.status != 0
    assert f"{folder}/codes.txt cannot be read" in done.err


def test_quoted_names(segcli: Run, folder: Path) -> None:
    Path("it's.txt").write_text("000003\n")
    for text in ('account in @"it\'s.txt"', "account in @'it''s.txt'"):
        assert codes(segcli, "show", "account-search", "--inactive", "--where", text) == ["000003"]
    assert segcli("selection", "save", "one", "--where", 'account in @"it\'s.txt"').status == 0
    assert codes(segcli, "selection", "show", "one") == ["000003"]
    assert folder.exists()


@pytest.mark.parametrize(("text", "names"), [
    ("account in @a.txt", ["a.txt"]), ("account IN @- and not city in @'b c'", ["-", "b c"]), ("name = '@a' and name = 'in @b'", []),
    ("name = @a", []), ("city = in and name = '@x'", []), ("", []), ("a in ('@b')", []),
])  # fmt: skip
def test_where_files_are_named(text: str, names: list[str]) -> None:
    found = list(value_files(text))
    assert [name for _, _, name in found] == names
    assert all(text[start] == "@" and end > start for start, end, _ in found)


def test_what_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("it's\nb\n")
    asked = {"where": ("x in @a.txt and y in @/b.txt", "z = 1"), "country": ("NL",)}
    kept = stored.kept(asked, tmp_path)
    assert kept.flags == {"where": (f"x in @{tmp_path}/a.txt and y in @/b.txt", "z = 1"), "country": ("NL",)}
    assert kept.told == (f"in @a.txt is kept as {tmp_path}/a.txt",)
    assert stored.kept(kept.flags, Path("/")).flags == kept.flags
    assert stored.kept({"where": ("x in @a.txt",)}, tmp_path, freeze=True).flags == {"where": ("x in ('it''s', 'b')",)}
    assert stored.kept({"country": ("NL",)}, tmp_path) == ({"country": ("NL",)}, ())
    assert quoted("it's") == "'it''s'"
    with pytest.raises(SegcliError):
        stored.kept({"where": ("x in @b.txt",)}, tmp_path, freeze=True)
