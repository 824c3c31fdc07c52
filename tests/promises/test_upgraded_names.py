"""Upgraded names: those that are one by the rule of today stay as they are, work by their exact spelling, and are told of."""

import json
from pathlib import Path

import older
import pytest
from conftest import Run, connected

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"
VALUES = ((2_000_901, "\u00e9"), (2_000_902, "\u00c9"), (2_000_903, COMPOSED), (2_000_904, DECOMPOSED))


_WITHOUT_KEYS = [version for version in older.VERSIONS if version < 6]  # 6 keeps the keys by which names are compared


@pytest.fixture(params=_WITHOUT_KEYS)
def old(request: pytest.FixtureRequest, example: Path, tmp_path: Path) -> Path:
    """Return a database of a released schema with two pairs of codes and one pair of labels that are one by their keys."""
    path = tmp_path / "old.db"
    older.downgraded(example, path, request.param)
    with connected(path) as db:
        db.create_function("fold", 1, str.lower, deterministic=True)
        for number, code in VALUES:
            db.execute("INSERT INTO classification_value (id, field, code) VALUES (?, 2, ?)", (number, code))
        for account, (number, _) in zip(("000001", "000002", "000003", "000004"), VALUES, strict=True):
            db.execute("UPDATE account SET class2 = ? WHERE code = ?", (number, account))
        for field, label in ((7, "Größe"), (8, "GRÖSSE")):
            db.execute(
                "INSERT INTO classification_label (field, label) VALUES (?1, ?2) ON CONFLICT (field) DO UPDATE SET label = ?2",
                (field, label),
            )
        db.commit()
    return path


def test_each_exact_spelling_finds_its_own(segcli: Run, old: Path) -> None:
    for account, (_, code) in zip(("000001", "000002", "000003", "000004"), VALUES, strict=True):
        done = segcli(
            "--database", old, "show", "account-search", "--class2", code, "-f", "csv", "--columns", "account"
        )
        assert (done.status, done.out.split()) == (0, ["account", account])
    for field, label in ((7, "Größe"), (8, "GRÖSSE")):
        done = segcli("--database", old, "show", "account-search", "--group-by", label, "-f", "csv")
        assert (done.status, done.out.split(",")[0]) == (0, f"class{field}")


def test_an_ambiguous_spelling_is_an_error_that_names_both(segcli: Run, old: Path) -> None:
    asked = (
        ("show", "account-search", "--class2", "e\u0301"),
        ("show", "account-search", "--where", 'class2 = "e\u0301"'),
        ("tag", "000005", "--set", "class2=e\u0301"),
        ("classification", "value", "retire", "2", "e\u0301"),
    )
    for words in asked:
        done = segcli("--database", old, *words)
        assert (done.status, "U+00E9" in done.err, "U+00C9" in done.err) == (2, True, True), done.err
    Path("a.csv").write_text("account,name,class2\nNEW,New,e\u0301\n", encoding="utf-8")
    done = segcli("--database", old, "import", "a.csv", "--create-missing")
    assert (done.status, "U+00C9" in done.err) == (1, True), done.err
    done = segcli("--database", old, "show", "account-search", "--group-by", "größe")
    assert (done.status, "'Größe'" in done.err, "'GRÖSSE'" in done.err) == (2, True, True)


def test_nothing_merges_and_check_tells(segcli: Run, old: Path) -> None:
    done = segcli("--database", old, "check", "-f", "json")
    assert done.status == 0
    row = next(row for row in done.rows if row["check"] == "equal names")
    assert row["result"] == "warning"
    assert all(word in row["detail"] for word in ("U+00E9", "U+00C9", "U+0301", "'GRÖSSE'", "class2 value"))
    with connected(old) as db:
        held = db.execute("SELECT id, code FROM classification_value WHERE id > 2000900 AND id < 2000910 ORDER BY id")
        assert tuple(held) == VALUES
        keys = db.execute("SELECT code_key FROM classification_value WHERE id > 2000900 AND id < 2000910 ORDER BY id")
        assert [key for (key,) in keys] == ["\u00e9", None, COMPOSED, None]


def test_no_third_one_comes_and_a_renamed_one_is_free(segcli: Run, old: Path) -> None:
    assert segcli("--database", old, "classification", "value", "add", "2", "e\u0301", "third").status == 2
    assert segcli("--database", old, "classification", "value", "rename", "2", "\u00c9", "--code", "E2").status == 0
    done = segcli(
        "--database", old, "show", "account-search", "--class2", "e\u0301", "-f", "csv", "--columns", "account"
    )
    assert done.out.split() == ["account", "000001"]


def test_what_is_exported_comes_in_again(segcli: Run, old: Path) -> None:
    """Each of two equal names keeps its own row: no file makes one of them."""
    assert segcli("--database", old, "classification", "export", "-o", "c.yaml").status == 0
    done = segcli("--database", old, "classification", "import", "c.yaml")
    assert done.status == 0, done.err
    done = segcli("--database", old, "classification", "list", "-f", "csv", "-o", "v.csv")
    done = segcli("--database", old, "import", "v.csv", "--as", "classification-value")
    assert done.status == 0, done.err
    with connected(old) as db:
        assert db.execute(
            "SELECT count(*) FROM classification_value WHERE id > 2000900 AND id < 2000910"
        ).fetchone() == (4,)


STORED = (
    ("kept", {"where": ["sector = RET"]}, "sector is class2"),
    ("best", {"class3": ["A..C"]}, "A..C is a range of codes: it has no Z9 (Beyond)"),
    ("gone", {"where": ["country = NLL"]}, "there is no country (ISO 3166) 'NLL'"),
    ("twice", {"class2": ["e\u0301"]}, "ambiguous"),
    ("plain", {"where": ["account.city = Delft and class2 = RET"]}, ""),
)


@pytest.mark.repeats
def test_what_was_stored_and_means_something_else_is_listed(segcli: Run, old: Path) -> None:
    """Nothing of what was saved changes; check says of each what is odd now."""
    with connected(old) as db:
        db.execute(
            "INSERT INTO classification_value (id, field, code, description) VALUES (3000901, 3, 'Z9', 'Beyond')"
        )
        label = "INSERT INTO classification_label (field, label) VALUES (2, 'Sector') ON CONFLICT (field) DO UPDATE SET label = 'Sector'"
        db.execute(label)
        db.executemany("INSERT INTO selection (name, flags) VALUES (?, ?)", [(n, json.dumps(f)) for n, f, _ in STORED])
        db.commit()
        before = db.execute("SELECT name, flags, description FROM selection ORDER BY id").fetchall()
    done = segcli("--database", old, "check", "-f", "json")
    assert done.status == 0
    row = next(row for row in done.rows if row["check"] == "saved expressions")
    told = row["detail"].split("; selection ")
    for name, _, what in STORED:
        about = [text for text in told if text.removeprefix("selection ").startswith((f"{name},", f"{name}:"))]
        assert [what in text for text in about] == [True] * bool(what), (name, told)
    with connected(old) as db:
        assert db.execute("SELECT name, flags, description FROM selection ORDER BY id").fetchall() == before
    done = segcli("--database", old, "show", "account-search", "--selection", "gone")
    assert (done.status, "there is no country" in done.err) == (0, True)
