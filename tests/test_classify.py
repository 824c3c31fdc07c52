"""Labels and values, tagging, history, undo: every change is kept, and can be taken back as far as it stands."""

from pathlib import Path

import pytest
from conftest import Result, Run, connected, fingerprint, steps_of

from segcli.base.errors import GuardError, UsageError
from segcli.classify import reclassify
from segcli.domain import catalogue
from segcli.importing.kinds.machinery.stage import Stage
from segcli.query import lookup
from segcli.undo import classes as undoing


@pytest.fixture
def small(segcli: Run, empty: Path) -> Path:
    """Return a database with five accounts and two labelled fields."""
    Path("a.csv").write_text(
        "account,name,country\n" + "".join(f"{n},Name {n},{'NL' if n < 4 else 'BE'}\n" for n in range(1, 6))
    )
    assert segcli("import", "a.csv").status == 0
    Path("c.yaml").write_text(
        "labels:\n  1:\n    label: Region\n    values:\n      - {code: N, description: North}\n      - {code: S, description: South}\n"
        "  3:\n    label: Value\n    values: [A, B, '10', '2']\n"
    )
    assert segcli("classification", "import", "c.yaml").status == 0
    return empty


def classes(segcli: Run, field: int = 1) -> dict[str, str | None]:
    rows = segcli("show", "account-search", "--columns", f"account,class{field}", "-f", "json").rows
    return {row["account"]: row[f"class{field}"] for row in rows}


# -------------------------------------------------------------------------------------------- classification
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


def test_setting_what_is_there_changes_nothing(segcli: Run, small: Path) -> None:
    before = fingerprint(small)
    for words in (
        ("label", "1", "Region"), ("label", "region", "Region"), ("value", "add", "1", "N", "North"), ("value", "add", "1", "n"),
        ("value", "rename", "1", "N", "North"), ("import", "c.yaml"),
    ):  # fmt: skip
        assert segcli("classification", *words).status == 0
    assert fingerprint(small) == before


def test_export_and_import_are_one(segcli: Run, small: Path) -> None:
    segcli("classification", "value", "retire", "3", "B")
    for name in ("c2.yaml", "c2.csv"):
        assert segcli("classification", "export", "-o", name).status == 0
        before = fingerprint(small)
        assert segcli("classification", "import", name).status == 0
        assert fingerprint(small) == before
    Path("other.csv").write_text(Path("c2.csv").read_text().replace("North", "The north"))
    assert segcli("classification", "import", "other.csv").status == 0
    assert "The north" in segcli("classification", "list", "-f", "tsv").out


def test_a_label_alone_goes_out_and_comes_in(segcli: Run, small: Path) -> None:
    Path("alone.yaml").write_text("labels:\n  5: Channel\n")
    assert segcli("classification", "import", "alone.yaml").status == 0
    for name in ("c2.yaml", "c2.csv"):
        assert segcli("classification", "export", "-o", name).status == 0
    assert Path("c2.csv").read_text().splitlines()[-1] == "5,Channel,,,,"
    before = fingerprint(small)
    for words in (("classification", "import", "c2.csv"), ("classification", "import", "c2.yaml")):
        assert segcli(*words).status == 0
    assert fingerprint(small) == before


def test_labels_of_a_file_are_counted(segcli: Run, small: Path) -> None:
    Path("l.csv").write_text("field,label\n1,Area\n3,Value\n5,Channel\n")
    done = segcli("import", "l.csv", "--dry-run", "-f", "json")
    assert [(row["added"], row["changed"], row["unchanged"], row["changed_fields"]) for row in done.rows] == [
        (1, 1, 1, {"label": 1})
    ]
    assert segcli("import", "l.csv").status == 0
    with connected(small) as db:
        found = db.execute("SELECT field, label FROM classification_label ORDER BY field").fetchall()
    assert found == [(1, "Area"), (3, "Value"), (5, "Channel")]


def test_a_word_that_is_no_value_among_many_has_its_nearest_named(segcli: Run, small: Path) -> None:
    towns = ("Delft", "Gouda", "Leiden", "Gent", "Brugge", "Aalst", "Breda", "Zwolle", "Delfzijl")
    for number, town in enumerate(towns):
        assert segcli("classification", "value", "add", "4", f"T{number}", town).status == 0
    before = fingerprint(small)
    done = segcli("tag", "1", "--set", "class4=Leidn")
    assert (done.status, "did you mean T2 (Leiden)?" in done.err) == (2, True), done.err
    assert fingerprint(small) == before


def test_a_description_of_several_values_names_none_of_them(segcli: Run, small: Path) -> None:
    assert segcli("classification", "value", "add", "1", "NE", "north").status == 0
    before = fingerprint(small)
    for words in (("tag", "1", "--set", "Region=North"), ("classification", "value", "rename", "1", "North", "South")):
        done = segcli(*words)
        assert (done.status, done.out) == (2, "")
        assert "'North' is the description of several values" in done.err
        assert "say NE, N" in done.err  # in the order of lists
    assert fingerprint(small) == before


@pytest.mark.parametrize("code", ["none", "ANY", "a,b", "a:b", "a*", "a?", "a[b", " "])
def test_codes_that_would_need_escaping_are_refused(segcli: Run, small: Path, code: str) -> None:
    before = fingerprint(small)
    assert segcli("classification", "value", "add", "1", code, "x").status == 2
    assert fingerprint(small) == before


@pytest.mark.parametrize("words", [("label", "9", "x"), ("label", "2", "region"), ("label", "2", " "), ("value", "add", "1", "Q", "--position", "1.5"), ("value", "add", "1", "N", "Other"), ("value", "rename", "1", "N", "--code", "S"),
                                   ("value", "retire", "1", "X"), ("value", "merge", "1", "N", "N"), ("value", "merge", "1", "N", "X")])  # fmt: skip
def test_what_contradicts_is_refused(segcli: Run, small: Path, words: tuple[str, ...]) -> None:
    before = fingerprint(small)
    done = segcli("classification", *words)
    assert done.status == 2, done.err
    assert fingerprint(small) == before


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
def test_a_file_of_values_is_refused_whole(segcli: Run, small: Path, name: str, text: str, words: str) -> None:
    Path(name).write_text(text)
    before = fingerprint(small)
    done = segcli("classification", "import", name)
    assert (done.status in {1, 2}, words in done.err) == (True, True), done.err
    assert fingerprint(small) == before


def test_a_retired_value_stays_and_is_not_given(segcli: Run, small: Path) -> None:
    segcli("tag", "1", "--set", "class1=N")
    segcli("classification", "value", "retire", "1", "North")
    done = segcli("tag", "2", "--set", "Region=N")
    assert (done.status, "is retired" in done.err) == (2, True)
    assert classes(segcli)["1"] == "N"
    assert [r["account"] for r in segcli("show", "account-search", "--class1", "N", "-f", "json").rows] == ["1"]
    segcli("classification", "value", "retire", "1", "N", "--back")
    assert segcli("tag", "2", "--set", "Region=N").status == 0


def test_merge_moves_the_accounts_in_one_run_that_undo_takes_back(segcli: Run, small: Path) -> None:
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


# ------------------------------------------------------------------------------------------------------- tag
def test_one_many_by_selection_and_from_a_file(segcli: Run, small: Path) -> None:
    assert segcli("tag", "1", "--set", "class1=north", "--set", "Value=a").status == 0
    assert segcli("tag", "--country", "BE", "--set", "class1=S", "--yes").status == 0
    Path("t.csv").write_text("account,name,Region,class3\n1,x,,B\n2,x,N,10\n3,x,none,\n")
    assert segcli("tag", "--from", "t.csv", "--yes").status == 0
    assert classes(segcli) == {"1": "N", "2": "N", "3": None, "4": "S", "5": "S"}
    assert classes(segcli, 3) == {"1": "B", "2": "10", "3": None, "4": None, "5": None}
    before = fingerprint(small)
    assert segcli("tag", "--from", "t.csv", "--yes", "--exit-code").status == 0
    assert fingerprint(small) == before
    assert segcli("tag", "4", "--clear", "Region", "--exit-code").status == 4


def test_a_dry_run_shows_from_and_to_and_changes_nothing(segcli: Run, small: Path) -> None:
    segcli("tag", "1", "--set", "class1=N")
    before = fingerprint(small)
    done = segcli("tag", "--all", "--set", "class1=S", "--dry-run", "-f", "json", "--exit-code")
    assert done.status == 4
    assert [(r["account"], r["from"], r["to"]) for r in done.rows] == [
        ("1", "N", "S"),
        ("2", None, "S"),
        ("3", None, "S"),
        ("4", None, "S"),
        ("5", None, "S"),
    ]
    assert fingerprint(small) == before


REFUSED = {
    "nothing to do": (("1",), 2, "nothing to do"),
    "no accounts": (("--set", "class1=N"), 2, "no accounts named"),
    "nobody to ask": (("--all", "--set", "class1=N"), 2, "--yes"),
    "both": (("1", "--all", "--set", "class1=N"), 2, "contradict"),
    "an unknown account": (("99", "--set", "class1=N"), 2, "no account '99'"),
    "an unknown value": (("1", "--set", "class1=Nort"), 2, "N (North)"),
    "an unknown label": (("1", "--set", "Regio=N"), 2, "Region"),
    "a 9th class": (("1", "--set", "class9=N"), 2, "class1 to class8"),
    "an empty value": (("1", "--set", "class1="), 2, "has no value"),
    "an empty selection": (("--class1", "", "--set", "class1=N", "--yes"), 2, "empty"),
    "no sign": (("1", "--set", "class1"), 2, "--set: 'class1' is not LABEL=CODE"),
    "a file and an account": (("1", "--from", "t.csv"), 2, "--from brings its own accounts and values"),
    "a file and a selection": (("--country", "NL", "--from", "t.csv"), 2, "--from brings its own accounts and values"),
    "a file and a value": (("--from", "t.csv", "--clear", "class1"), 2, "--from brings its own accounts and values"),
    "two values": (("1", "--set", "class1=N", "--set", "Region=S"), 2, "two values"),
    "too many": (("--all", "--yes", "--set", "class1=N", "--max-changes", "4"), 6, "5 of 5 accounts"),
    "too large a share": (("--all", "--yes", "--set", "class1=N", "--max-changes", "99%"), 6, "--max-changes 99%"),
    "no guard": (("--all", "--yes", "--set", "class1=N", "--max-changes", "few"), 2, "neither a number"),
}


@pytest.mark.parametrize(("words", "status", "text"), REFUSED.values(), ids=REFUSED)
def test_tag_refuses(segcli: Run, small: Path, words: tuple[str, ...], status: int, text: str) -> None:
    before = fingerprint(small)
    done = segcli("tag", *words)
    assert (done.status, done.out) == (status, ""), done.err
    assert text in done.err
    assert fingerprint(small) == before


FILES = {
    "an unknown value": ("account,Region\n1,Nort\n2,N\n", 1, "t.csv:2:Region: 'Nort'"),
    "an unknown account": ("account,Region\n1,N\n77,N\n", 1, "t.csv:3:account: '77'"),
    "a double account": ("account,Region\n1,N\n2,S\n1,S\n", 1, "duplicate of line 2"),
    "no class column": ("account,name\n1,A\n", 1, "there is no classification in it"),
    "no account column": ("code2,Region\n1,N\n", 1, "no column names the account"),
    "an unknown label": ("account,Regio\n1,N\n", 1, "t.csv: unknown classification 'Regio'"),
    "a ragged row": ("account,Region\n1,N,x\n", 1, "expected 2 fields, found 3"),
    "two columns for one class": ("account,Region,class1\n1,N,N\n", 1, "same classification"),
}


@pytest.mark.parametrize(("content", "status", "text"), FILES.values(), ids=FILES)
def test_tag_refuses_a_file_whole(segcli: Run, small: Path, content: str, status: int, text: str) -> None:
    Path("t.csv").write_text(content)
    before = fingerprint(small)
    done = segcli("tag", "--from", "t.csv", "--yes")
    assert (done.status, done.out) == (status, ""), done.err
    assert text in done.err
    assert fingerprint(small) == before


# ------------------------------------------------------------------------------------------- history and undo
def last_run(segcli: Run) -> int:
    return int(segcli("log", "--limit", "1", "-f", "json").rows[0]["run"])


def undo(segcli: Run, run: int, *words: str) -> Result:
    return segcli("undo", run, *words, "--yes")


def test_undo_and_undo_of_undo(segcli: Run, small: Path) -> None:
    segcli("tag", "--all", "--yes", "--set", "class1=N", "--reason", "first")
    first = last_run(segcli)
    assert undo(segcli, first).status == 0
    assert set(classes(segcli).values()) == {None}
    refused = undo(segcli, first)
    assert (refused.status, f"to redo it: segcli undo {last_run(segcli)}" in refused.err) == (1, True)
    assert undo(segcli, last_run(segcli)).status == 0
    assert set(classes(segcli).values()) == {"N"}
    history = segcli("history", "1", "-f", "json").rows
    assert [(r["from"], r["to"], r["source"], r["reason"]) for r in history] == [
        (None, "N", "manual", "first"),
        ("N", None, "undo", None),
        (None, "N", "undo", None),
    ]


def test_undo_inverts_only_what_still_stands(segcli: Run, small: Path) -> None:
    segcli("tag", "1", "2", "3", "--yes", "--set", "class1=N")
    first = last_run(segcli)
    segcli("tag", "2", "--set", "class1=S")
    done = undo(segcli, first)
    assert done.status == 0
    assert [(row[0], row[3], row[4]) for row in done.table[1:]] == [("2", "N", "S")]
    assert "1 classification changed again" in done.err
    assert classes(segcli) == {"1": None, "2": "S", "3": None, "4": None, "5": None}


@pytest.mark.parametrize(("run", "status"), [("99", 2), ("x", 2), ("2", 1)])
def test_undo_refuses_what_it_cannot(segcli: Run, small: Path, run: str, status: int) -> None:
    before = fingerprint(small)
    assert segcli("undo", run, "--yes").status == status
    assert fingerprint(small) == before


def test_undo_says_what_to_do_about_an_import_without_before_images(segcli: Run, small: Path) -> None:
    before = fingerprint(small)
    Path("a.csv").write_text("code,name\n99,New\n")
    assert segcli("import", "a.csv").status == 0
    number = segcli("log", "-f", "json").rows[0]["run"]
    with connected(small) as db:  # as an older segcli leaves it
        db.execute("UPDATE run SET batch_id = NULL, wrote = NULL WHERE id = ?", (number,))
        db.execute("DELETE FROM import_added")
        db.commit()
    after = fingerprint(small)
    done = segcli("undo", number, "--yes")
    assert (done.status, done.out) == (1, "")
    assert done.err == (
        f"segcli: run {number} (import a.csv) has no changes that can be undone\n"
        "  it has no before-images: it is older than undo.keep, or was made by an older segcli; import a corrected file,"
        " or restore a backup\n"
    )
    assert before != after == fingerprint(small)


def test_undo_of_many_changes_takes_so_many_steps(segcli: Run, empty: Path) -> None:
    """Four times the changes take about four times the steps of SQLite: looked up for each change, it were sixteen."""
    steps = []
    for count in (500, 2000):
        with connected(empty) as db:
            db.executescript(
                "DELETE FROM classification_change; DELETE FROM account; DELETE FROM run;"
                "INSERT INTO run (id, started_at, command, source, user_name) VALUES (1, '2026-06-30T12:00:00Z', 'tag', 'manual', 'x');"
                "INSERT OR IGNORE INTO classification_label (field, label) VALUES (1, 'Region');"
                "INSERT OR IGNORE INTO classification_value (id, field, code) VALUES (1000001, 1, 'N')"
            )
            db.executemany(
                "INSERT INTO account (id, code, name, class1) VALUES (?, ?, 'x', 1000001)",
                ((n, f"{n}") for n in range(1, count + 1)),
            )
            db.execute(
                "INSERT INTO classification_change (run_id, account_id, field, new_value_id) SELECT 1, id, 1, 1000001 FROM account"
            )
            conflicts: list[object] = []
            steps.append(steps_of(db, lambda db=db, found=conflicts: found.extend(undoing.propose(db, 1))))  # type: ignore[misc]
            assert (conflicts, reclassify.count(db)) == ([], count)
    assert steps[1] < 6 * steps[0], steps


def test_what_took_back_an_action_is_not_taken_back(segcli: Run, small: Path) -> None:
    assert segcli("request", "add", "Call", "--account", "1").status == 0
    number = int(segcli("log", "-f", "json").rows[0]["run"])
    assert segcli("undo", number, "--yes").status == 0
    before = fingerprint(small)
    done = segcli("undo", number + 1, "--yes")
    assert done.status == 1
    assert done.err == (
        f"segcli: run {number + 1} (undo {number}) has no changes that can be undone\n"
        "  to make its changes again, run the original command\n"
    )
    assert segcli("undo", number, "--yes").err == f"segcli: run {number} was undone by run {number + 1}\n"
    assert fingerprint(small) == before


def test_every_change_is_a_row_with_its_source_and_run(segcli: Run, small: Path) -> None:
    segcli("tag", "1", "--set", "class1=N")
    Path("t.csv").write_text("account,Region\n1,S\n")
    segcli("tag", "--from", "t.csv", "--yes")
    with connected(small) as db:
        rows = db.execute(
            "SELECT r.source, o.code, n.code FROM classification_change c JOIN run r ON r.id = c.run_id"
            " LEFT JOIN classification_value o ON o.id = c.old_value_id JOIN classification_value n ON n.id = c.new_value_id ORDER BY c.id"
        ).fetchall()
    assert rows == [("manual", None, "N"), ("csv", "N", "S")]
    assert segcli("history", "99").status == 2


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


# ------------------------------------------------------------------------------------------------- selection
SELECT = {
    ("--class1", "N"): "1 2", ("--class1", "north"): "1 2", ("--class1", "N,S"): "1 2 3", ("--class1", "N", "--class1", "S"): "1 2 3",
    ("--class1", "none"): "4 5", ("--class1", "any"): "1 2 3", ("--class1", "not:N"): "3 4 5", ("--class1", "not:N,none"): "3",
    ("--class1", "any", "--class1", "not:S"): "1 2", ("--class1", "prefix:no"): "1 2", ("--class1", "'N'".strip("'")): "1 2",
    ("--class1", "no*"): "1 2", ("--class1", "?"): "1 2 3", ("--class", "Region=S"): "3", ("--class", "class3=10"): "2",
    ("--class3", "2..10"): "2 3", ("--class3", "A..B"): "1", ("--class1", "N", "--class3", "A"): "1", ("--class1", "not:any"): "4 5",
    ("--country", "be"): "4 5", ("--country", "not:NL"): "4 5", ("--status", "customer"): "1 2 3 4 5", ("--status", "P"): "",
    ("--account", "1", "--account", "4"): "1 4", ("--search", "name 3"): "3", ("--manager", "none"): "1 2 3 4 5",
    ("--where", "class1 = N and not class3 = A"): "2", ("--where", "Region != N"): "3 4 5", ("--where", "country in (BE, DE)"): "4 5",
    ("--where", "not (Region is empty or name contains '1')"): "2 3", ("--where", "account between 2 and 3"): "2 3",
    ("--where", "name = 'NÁME 3'"): "3", ("--where", "name starts with 'name' and name ends with '5'"): "5", ("--where", "blocked = false and status = C"): "1 2 3 4 5",
}  # fmt: skip


@pytest.fixture
def tagged(segcli: Run, small: Path) -> Path:
    """Return the small database with some classes given."""
    Path("t.csv").write_text("account,Region,Value\n1,N,A\n2,N,10\n3,S,2\n")
    assert segcli("tag", "--from", "t.csv", "--yes").status == 0
    return small


@pytest.mark.parametrize(("flags", "wanted"), SELECT.items(), ids=[" ".join(flags) for flags in SELECT])
def test_selection(segcli: Run, tagged: Path, flags: tuple[str, ...], wanted: str) -> None:
    done = segcli("show", "account-search", *flags, "-f", "json")
    assert done.status == 0, done.err
    assert " ".join(row["account"] for row in done.rows) == wanted


WRONG = {
    ("--class1", "Nort"): "N (North)", ("--class1", "N,"): "empty", ("--class1", "not:"): "empty", ("--class1", "S..N"): "backwards",
    ("--class1", "X..Y"): "unknown value", ("--class1", "zz*"): "unknown value", ("--class2", "A"): "no values yet",
    ("--class", "Regio=N"): "Region", ("--class", "Region"): "LABEL=VALUES", ("--account", "%"): "no account '%'", ("--country", "FR"): "no account has 'FR'",
    ("--status", "X"): "is no status", ("--selection", "nope"): "no selection 'nope'", ("--where", "1=1"): "there is no such field",
    ("--where", "name = "): "a value is missing", ("--where", "name = x y"): "does not belong here", ("--where", "(name = x"): "closing bracket",
    ("--where", "class1 = Nort"): "unknown value", ("--where", "name = 'x"): "cannot be read", ("--class9", "N"): "--class1 to --class8",
    ("--search", ""): "empty",
}  # fmt: skip


@pytest.mark.parametrize(("flags", "text"), WRONG.items(), ids=[" ".join(flags) for flags in WRONG])
def test_what_is_not_there_is_an_error_and_never_an_empty_result(
    segcli: Run, tagged: Path, flags: tuple[str, ...], text: str
) -> None:
    done = segcli("show", "account-search", *flags)
    assert (done.status, done.out) == (2, "")
    assert text in done.err


def test_saved_selections(segcli: Run, tagged: Path) -> None:
    assert segcli("selection", "save", "north", "--class1", "N").status == 0
    assert segcli("selection", "save", "north-a", "--selection", "north", "--class3", "A").status == 0
    rows = segcli("show", "account-search", "--selection", "North-A", "-f", "json").rows
    assert [row["account"] for row in rows] == ["1"]
    assert [(r["name"], r["accounts"]) for r in segcli("selection", "list", "-f", "json").rows] == [
        ("north", 2),
        ("north-a", 1),
    ]
    assert segcli("selection", "save", "north", "--selection", "north-a").status == 2  # it would refer to itself
    assert segcli("selection", "delete", "north").status == 2  # north-a uses it
    assert segcli("selection", "delete", "north-a").status == 0
    assert segcli("classification", "value", "rename", "1", "N", "--code", "NN").status == 0
    rows = segcli("selection", "list", "-f", "json").rows  # what it names is gone: how many it has, nobody knows
    assert [(r["name"], r["accounts"], r["flags"]) for r in rows] == [("north", None, "--class1 N")]
    assert segcli("selection", "save", "x", "--class1", "Nort").status == 2
    assert segcli("selection", "save", "x").status == 2


def test_complement_law_of_where(segcli: Run, tagged: Path) -> None:
    for test in (
        "city = Delft",
        "city contains 'x'",
        "class1 = N",
        "start_date > 2020-01-01",
        "manager is empty",
        "name >= 'Name 3'",
    ):
        counts = [
            len(segcli("show", "account-search", "--where", text, "-f", "json").rows)
            for text in (test, f"not ({test})")
        ]
        assert sum(counts) == 5, test


@pytest.mark.parametrize(
    ("limit", "count", "whole", "refused"),
    [
        ("0.57%", 57, 10_000, False), ("0.57%", 58, 10_000, True), ("33.3%", 333, 1000, False), ("33.3%", 334, 1000, True), ("1.1%", 11, 1000, False),
        ("0%", 0, 10, False), ("0%", 1, 10, True), ("100%", 10, 10, False), ("5", 5, 10, False), ("5", 6, 10, True), ("0", 0, 0, False), ("5.%", 1, 20, False),
    ],
)  # fmt: skip
def test_limits_are_exact(limit: str, count: int, whole: int, refused: bool) -> None:
    if refused:
        with pytest.raises(
            GuardError,
            match=f"{count} of {whole} accounts would change, more than --max-changes {limit}: nothing was changed",
        ):
            reclassify.guard(count, whole, limit)
    else:
        reclassify.guard(count, whole, limit)


@pytest.mark.parametrize(("limit", "said"), [("", "neither"), ("%", "neither"), (".%", "neither"), ("5%%", "neither"), ("1.5", "neither"), ("nan%", "neither"),
                                             ("1e3%", "neither"), ("\u00b2%", "neither"), ("-1", "negative"), ("-5%", "negative")])  # fmt: skip
def test_limits_that_are_none(limit: str, said: str) -> None:
    with pytest.raises(UsageError, match=rf"^--max-changes: '{limit}' is {said}"):
        reclassify.guard(0, 10, limit)


def test_without_a_limit_all_may_change() -> None:
    reclassify.guard(10, 10, None)
