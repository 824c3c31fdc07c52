"""Labels and values: set, imported, merged and retired."""

from pathlib import Path

import pytest
from class_case import classes
from conftest import Run, connected, fingerprint

from segcli.domain import catalogue
from segcli.importing.kinds.machinery.stage import Stage
from segcli.query import lookup


def test_a_file_of_classifications_takes_the_flags_of_import(segcli: Run, example: Path) -> None:
    code = segcli("classification", "list", "-f", "json")
    assert code.status == 0
    Path("c.csv").write_bytes("Klant|class3|naam\n000001|B|Café\n".encode("cp1252"))
    refused = segcli("tag", "--from", "c.csv", "--yes")
    assert refused.status == 1
    done = segcli("tag", "--from", "c.csv", "--yes", "--encoding", "cp1252", "--delimiter", "|", "--dates", "dmy")
    assert done.status == 0, done.err
    with connected(example) as db:
        found = db.execute(
            "SELECT v.code FROM account AS a JOIN classification_value AS v ON v.id = a.class3 WHERE a.code = '000001'"
        )
        assert found.fetchall() == [("B",)]
    assert segcli("tag", "000001", "--set", "class3=A", "--encoding", "cp1252").status == 2
    assert segcli("tag", "--from", "c.csv", "--encoding", "cp1525").status in {1, 2}
    assert "--apply" not in segcli("tag", "--help").out


def test_setting_what_is_there_changes_nothing(segcli: Run, classified: Path) -> None:
    before = fingerprint(classified)
    for words in (
        ("label", "1", "Region"), ("label", "region", "Region"), ("value", "add", "1", "N", "North"), ("value", "add", "1", "n"),
        ("value", "rename", "1", "N", "North"), ("import", "c.yaml"),
    ):  # fmt: skip
        assert segcli("classification", *words).status == 0
    assert fingerprint(classified) == before


def test_export_and_import_are_one(segcli: Run, classified: Path) -> None:
    segcli("classification", "value", "retire", "3", "B")
    for name in ("c2.yaml", "c2.csv"):
        assert segcli("classification", "export", "-o", name).status == 0
        before = fingerprint(classified)
        assert segcli("classification", "import", name).status == 0
        assert fingerprint(classified) == before
    Path("other.csv").write_text(Path("c2.csv").read_text().replace("North", "The north"))
    assert segcli("classification", "import", "other.csv").status == 0
    assert "The north" in segcli("classification", "list", "-f", "tsv").out


def test_a_label_alone_goes_out_and_comes_in(segcli: Run, classified: Path) -> None:
    Path("alone.yaml").write_text("labels:\n  5: Channel\n")
    assert segcli("classification", "import", "alone.yaml").status == 0
    for name in ("c2.yaml", "c2.csv"):
        assert segcli("classification", "export", "-o", name).status == 0
    assert Path("c2.csv").read_text().splitlines()[-1] == "5,Channel,,,,"
    before = fingerprint(classified)
    for words in (("classification", "import", "c2.csv"), ("classification", "import", "c2.yaml")):
        assert segcli(*words).status == 0
    assert fingerprint(classified) == before


def test_labels_of_a_file_are_counted(segcli: Run, classified: Path) -> None:
    Path("l.csv").write_text("field,label\n1,Area\n3,Value\n5,Channel\n")
    done = segcli("import", "l.csv", "--dry-run", "-f", "json")
    assert [(row["added"], row["changed"], row["unchanged"], row["changed_fields"]) for row in done.rows] == [
        (1, 1, 1, {"label": 1})
    ]
    assert segcli("import", "l.csv").status == 0
    with connected(classified) as db:
        found = db.execute("SELECT field, label FROM classification_label ORDER BY field").fetchall()
    assert found == [(1, "Area"), (3, "Value"), (5, "Channel")]


def test_a_word_that_is_no_value_among_many_has_its_nearest_named(segcli: Run, classified: Path) -> None:
    towns = ("Delft", "Gouda", "Leiden", "Gent", "Brugge", "Aalst", "Breda", "Zwolle", "Delfzijl")
    for number, town in enumerate(towns):
        assert segcli("classification", "value", "add", "4", f"T{number}", town).status == 0
    before = fingerprint(classified)
    done = segcli("tag", "1", "--set", "class4=Leidn")
    assert (done.status, "did you mean T2 (Leiden)?" in done.err) == (2, True), done.err
    assert fingerprint(classified) == before


def test_a_description_of_several_values_names_none_of_them(segcli: Run, classified: Path) -> None:
    assert segcli("classification", "value", "add", "1", "NE", "north").status == 0
    before = fingerprint(classified)
    for words in (("tag", "1", "--set", "Region=North"), ("classification", "value", "rename", "1", "North", "South")):
        done = segcli(*words)
        assert (done.status, done.out) == (2, "")
        assert "'North' is the description of several values" in done.err
        assert "say NE, N" in done.err  # in the order of lists
    assert fingerprint(classified) == before


@pytest.mark.parametrize("code", ["none", "ANY", "a,b", "a:b", "a*", "a?", "a[b", " "])
def test_codes_that_would_need_escaping_are_refused(segcli: Run, classified: Path, code: str) -> None:
    before = fingerprint(classified)
    assert segcli("classification", "value", "add", "1", code, "x").status == 2
    assert fingerprint(classified) == before


@pytest.mark.parametrize("words", [("label", "9", "x"), ("label", "2", "region"), ("label", "2", " "), ("value", "add", "1", "Q", "--position", "1.5"), ("value", "add", "1", "N", "Other"), ("value", "rename", "1", "N", "--code", "S"),
                                   ("value", "retire", "1", "X"), ("value", "merge", "1", "N", "N"), ("value", "merge", "1", "N", "X")])  # fmt: skip
def test_what_contradicts_is_refused(segcli: Run, classified: Path, words: tuple[str, ...]) -> None:
    before = fingerprint(classified)
    done = segcli("classification", *words)
    assert done.status == 2, done.err
    assert fingerprint(classified) == before


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x.yaml", "values: [N]", "there are no labels in it"),
        ("x.yaml", "labels:\n  1: {label: Region, values: [{code: N, cod: x}]}", "'cod' is not known here"),
        ("x.yaml", "labels:\n  9: {label: Region}", "'9' is no classification"),
        ("x.csv", "a,b\n1,2\n", "the columns are a, b"),
        ("x.csv", "field,code\nx,N\n", "x.csv:2: 'x' is no classification"),
        ("x.csv", "field,code,position\n1,N,x\n", "x.csv:2"),
        ("x.csv", "field,code,is_retired\n1,N,maybe\n", "x.csv:2"),
        ("x.csv", "field,code\n1,A:B\n", "x.csv:2: 'A:B' cannot be a code"),
        ("x.csv", "field,code\n1,Q\n1,q\n", "x.csv:3: 'q' stands twice"),
        ("x.csv", "field,code\n1,Q,extra\n", "x.csv:2"),
        ("x.yaml", "labels:\n  6: ' '\n", "x.yaml:2:6: the label is empty"),
        ("x.yaml", "labels:\n  2: region\n", "x.yaml:2:6: class1 is called 'region' already"),
        ("x.csv", "field,label\n2,Channel\n4,VALUE\n", "x.csv:3: class3 is called 'VALUE' already"),
    ],
)
def test_a_file_of_values_is_refused_whole(segcli: Run, classified: Path, name: str, text: str, words: str) -> None:
    Path(name).write_text(text)
    before = fingerprint(classified)
    done = segcli("classification", "import", name)
    assert (done.status in {1, 2}, words in done.err) == (True, True), done.err
    assert fingerprint(classified) == before


def test_a_retired_value_stays_and_is_not_given(segcli: Run, classified: Path) -> None:
    segcli("tag", "1", "--set", "class1=N")
    segcli("classification", "value", "retire", "1", "North")
    done = segcli("tag", "2", "--set", "Region=N")
    assert (done.status, "is retired" in done.err) == (2, True)
    assert classes(segcli)["1"] == "N"
    assert [r["account"] for r in segcli("show", "account-search", "--class1", "N", "-f", "json").rows] == ["1"]
    segcli("classification", "value", "retire", "1", "N", "--back")
    assert segcli("tag", "2", "--set", "Region=N").status == 0


def test_merge_moves_the_accounts_in_one_run_that_undo_takes_back(segcli: Run, classified: Path) -> None:
    segcli("tag", "1", "2", "--set", "class1=N", "--yes")
    segcli("tag", "3", "--set", "class1=S")
    assert segcli("classification", "value", "merge", "1", "N", "S").status == 0
    assert classes(segcli) == {"1": "S", "2": "S", "3": "S", "4": None, "5": None}
    assert segcli("tag", "4", "--set", "class1=N").status == 2  # merged away
    run = segcli("log", "--limit", "1", "-f", "json").rows[0]
    assert (run["command"], run["changes"]) == ("classification value merge", 2)
    assert segcli("undo", run["run"], "--yes").status == 0
    assert classes(segcli) == {"1": "N", "2": "N", "3": "S", "4": None, "5": None}
    assert segcli("tag", "4", "--set", "class1=N").status == 0


# ---------------------------------------------------------------------------------------- many values, many mistakes
@pytest.mark.parametrize("count", [3, 300])
def test_new_values_take_as_many_passes_as_there_are_classes(
    segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Not as many as there are values: with thousands of them, and as many accounts, that took minutes."""
    rows = "".join(f"{n},N{n},V{n % count},v{n % count}\n" for n in range(600))
    Path("a.csv").write_text(f"account,name,class1,class2\n{rows}")
    done: list[str] = []
    execute = Stage.execute
    monkeypatch.setattr(Stage, "execute", lambda *words: done.append(words[1]) or execute(*words))  # type: ignore[func-returns-value]
    assert segcli("import", "a.csv", "--create-missing").status == 0
    assert sum("class1" in sql for sql in done) < 12
    with connected(empty) as db:
        found = db.execute(
            "SELECT v.code, w.code, count(*) FROM account AS a JOIN classification_value AS v ON v.id = a.class1"
            " JOIN classification_value AS w ON w.id = a.class2 GROUP BY 1, 2"
        ).fetchall()
    assert sorted(found) == sorted((f"V{n}", f"v{n}", 600 // count) for n in range(count))


def test_a_new_value_in_two_spellings_is_one(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name,class1\n1,A,gold\n2,B,GOLD\n3,C,Gold\n4,D,a:b\n5,E,\n")
    done = segcli("import", "a.csv", "--create-missing", "--on-error", "skip")
    assert (done.status, "a.csv:5:class1: 'a:b': 'a:b' cannot be a code; a code holds no comma" in done.err) == (
        5,
        True,
    )
    assert "--create-missing" not in done.err
    rows = segcli("show", "account-search", "--columns", "account,class1", "-f", "json").rows
    assert [tuple(row.values()) for row in rows] == [("1", "gold"), ("2", "gold"), ("3", "gold"), ("5", None)]


def test_what_is_near_is_sought_for_as_many_mistakes_as_are_shown(
    segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look goes through all values or all accounts."""
    values = "".join(f"1,V{n:03},Value {n}\n" for n in range(40))
    Path("v.csv").write_text(f"field,code,description\n{values}")
    Path("a.csv").write_text("account,name\n" + "".join(f"{n},N{n}\n" for n in range(1200)))
    assert segcli("import", "v.csv", "a.csv").status == 0
    looks: list[str] = []
    near_value, near_account = catalogue.nearest, lookup.near_accounts
    monkeypatch.setattr(catalogue, "nearest", lambda word, *a, **b: looks.append(word) or near_value(word, *a, **b))
    monkeypatch.setattr(lookup, "near_accounts", lambda db, code: looks.append(code) or near_account(db, code))
    Path("t.csv").write_text("account,class1\n" + "".join(f"{n},W{n % 60:03}\n" for n in range(1200)))
    for words in (("tag", "--from", "t.csv", "--yes"), ("import", "t.csv")):
        looks.clear()
        done = segcli(*words)
        assert (done.status, len(looks)) == (1, 20)
        assert (
            "t.csv:2:class1: 'W000': unknown value 'W000' for Class 1 (class1); did you mean V000 (Value 0)" in done.err
        )
        assert "t.csv:21:class1: 'W019'" in done.err
        assert "\n  and many more\n  t.csv: 1200 rows rejected, nothing was " in done.err
    Path("t.csv").write_text("account,class1\n" + "".join(f"x{n},V001\n" for n in range(90)))
    looks.clear()
    done = segcli("tag", "--from", "t.csv", "--yes")
    assert (done.status, len(looks)) == (1, 20)
    assert "\n  and 70 more\n  t.csv: 90 rows rejected, nothing was changed\n" in done.err
