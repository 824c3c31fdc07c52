"""`tag --from` with --on-error skip: the rows that are wrong are left out, kept, corrected and used again."""

import csv
from pathlib import Path

import pytest
from conftest import Run, connected

FILE = "account,Region,class2\n000001,S,\n000032,QQ,none\n999999,N,\n000184,S,\n000184,N,\n000185\n"


def regions(database: Path) -> dict[str, str]:
    sql = "SELECT a.code, v.code FROM account AS a LEFT JOIN classification_value AS v ON v.id = a.class1"
    with connected(database) as db:
        return dict(db.execute(f"{sql} WHERE a.code IN ('000001', '000032', '000184', '000185')").fetchall())


def sector(database: Path) -> int | None:
    with connected(database) as db:
        found: int | None = db.execute("SELECT class2 FROM account WHERE code = '000032'").fetchone()[0]
    return found


def test_one_wrong_row_rejects_the_file(segcli: Run, example: Path) -> None:
    Path("c.csv").write_text(FILE)
    before = regions(example)
    done = segcli("tag", "--from", "c.csv", "--yes")
    assert (done.status, "c.csv: 4 rows rejected, nothing was changed" in done.err) == (1, True)
    assert "--on-error skip --rejects FILE" in done.err
    assert regions(example) == before


def test_wrong_rows_are_left_out_and_used_again(segcli: Run, example: Path) -> None:
    Path("c.csv").write_text(FILE)
    before, old = regions(example), sector(example)
    assert old is not None
    words = ("tag", "--from", "c.csv", "--yes", "--on-error", "skip", "--rejects", "r.csv")
    done = segcli(*words, "--dry-run", "--exit-code")
    assert (done.status, "4 rows would be rejected, the rest would be used" in done.err) == (5, True)
    assert regions(example) == before
    Path("r.csv").unlink()
    done = segcli(*words)
    assert (done.status, "4 rows rejected, the rest was used" in done.err, "they are in r.csv" in done.err) == (
        5,
        True,
        True,
    )
    assert regions(example) == before | {"000001": "S", "000184": "S"}
    rows = list(csv.reader(Path("r.csv").read_text().splitlines()))
    assert rows[0] == ["rejected_line", "rejected_because", "account", "Region", "class2"]
    assert [row[0] for row in rows[1:]] == ["3", "4", "6", "7"]
    assert sector(example) == old  # a row with one wrong value is left out as a whole
    kept = ["account,Region,class2,rejected_line,rejected_because", "000032,N,AGR,3,why"]
    Path("r.csv").write_text("\n".join(kept) + "\n")
    assert segcli("tag", "--from", "r.csv", "--yes").status == 0
    assert regions(example)["000032"] == "N"


@pytest.mark.parametrize(
    "words",
    [
        ("000001", "--set", "class1=N", "--on-error", "skip"),
        ("000001", "--set", "class1=N", "--rejects", "r.csv"),
        ("--from", "c.csv", "--yes", "--rejects", "r.csv"),
        ("--from", "c.csv", "--yes", "--on-error", "stop", "--rejects", "r.csv"),
        ("--from", "c.csv", "--yes", "--on-error", "skip", "--rejects", "c.csv"),
    ],
)
def test_flags_that_do_not_go_together(segcli: Run, example: Path, words: tuple[str, ...]) -> None:
    Path("c.csv").write_text(FILE)
    before = regions(example)
    assert segcli("tag", *words).status == 2
    assert (regions(example), Path("c.csv").read_text(), Path("r.csv").exists()) == (before, FILE, False)


def test_a_rejects_file_that_cannot_be_written_says_what_was_done(segcli: Run, example: Path) -> None:
    Path("c.csv").write_text(FILE)
    done = segcli("tag", "--from", "c.csv", "--yes", "--on-error", "skip", "--rejects", "missing/r.csv")
    assert (done.status, "the rest was used" in done.err) == (1, True)
    assert regions(example)["000001"] == "S"
