"""Class values in tables for people come in the order of their position in lists; machine formats keep the order of codes."""

import re
from pathlib import Path

import pytest
from conftest import Run, connected

PLACES = {"X": 1, "W": 2, "S": 3, "N": 4, "E": 5}


@pytest.fixture
def placed(example: Path) -> Path:
    """Return the example with the regions in an order that is not that of their codes."""
    with connected(example) as db:
        for code, position in PLACES.items():
            db.execute("UPDATE classification_value SET position = ? WHERE field = 1 AND code = ?", (position, code))
        db.commit()
    return example


def first_words(text: str, found: set[str]) -> list[str]:
    return [line.split()[0] for line in text.splitlines() if line.split()[:1] and line.split()[0] in found]


@pytest.mark.parametrize(
    "words",
    [("show", "debtor-ageing", "--group-by", "class1,currency"), ("show", "account-search", "--group-by", "Region"),
     ("show", "invoice-history", "--group-by", "class1")],
)  # fmt: skip
def test_groups(segcli: Run, placed: Path, words: tuple[str, ...]) -> None:
    assert placed.exists()
    people = list(dict.fromkeys(first_words(segcli(*words, "-f", "plain").out, set(PLACES))))
    assert people == sorted(PLACES, key=PLACES.__getitem__)
    machine = list(dict.fromkeys(row["class1"] for row in segcli(*words, "-f", "json").rows if row["class1"]))
    assert machine == sorted(PLACES)


@pytest.mark.parametrize("sign", ["", "-"])
def test_rows(segcli: Run, placed: Path, sign: str) -> None:
    words = (
        "show",
        "account-search",
        "--inactive",
        "--columns",
        "class1,account",
        "--class1",
        "any",
        "--sort",
        f"{sign}class1",
    )
    people = first_words(segcli(*words, "-f", "plain").out, set(PLACES))
    places = [PLACES[code] for code in people]
    assert places == sorted(places, reverse=bool(sign))
    with connected(placed) as db:
        assert len(people) == db.execute("SELECT count(*) FROM account WHERE class1 IS NOT NULL").fetchone()[0]
    machine = [row["class1"] for row in segcli(*words, "-f", "json").rows]
    assert machine == sorted(machine, reverse=bool(sign))


def test_columns_of_an_analysis(segcli: Run, placed: Path) -> None:
    assert placed.exists()
    words = ("show", "sales-analysis", "--group-by", "year", "--across", "class1")
    head = segcli(*words, "-f", "plain").out.splitlines()[0]
    found = [word for word in re.split(r" {2,}", head) if word in PLACES]
    assert found == sorted(found, key=PLACES.__getitem__)
    assert len(found) > 2
    machine = segcli(*words, "-f", "csv").out.splitlines()[0].split(",")
    codes = [name.rpartition("_")[2].upper() for name in machine if name.rpartition("_")[2].upper() in PLACES]
    assert codes == sorted(codes)


def test_a_report_for_people(segcli: Run, placed: Path) -> None:
    assert placed.exists()
    files = (f"- file: a.{form}\n  parts:\n  - show: account-search --group-by class1\n" for form in ("md", "csv"))
    Path("r.yaml").write_text(f"files:\n{''.join(files)}")
    done = segcli("report", "r.yaml", "--folder", "out")
    assert done.status == 0, done.err
    lines = Path("out/a.md").read_text(encoding="utf-8").splitlines()
    people = [cell for line in lines if (cell := line.split("|")[1].strip() if "|" in line else "") in PLACES]
    machine = [line.split(",")[0] for line in Path("out/a.csv").read_text(encoding="utf-8").splitlines()]
    assert people == sorted(PLACES, key=PLACES.__getitem__)
    assert [code for code in machine if code in PLACES] == sorted(PLACES)
