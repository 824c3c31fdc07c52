"""Groups of marketing lists: drawn by account, kept, never written to if they are the holdout."""

import csv
import hashlib
import io
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint, select

SPLIT = ("--split", "45:45", "--holdout", "10", "--seed", "spring")


def bucket(seed: str, code: str) -> int:
    return int(hashlib.sha256(f"{seed}|{code}".encode()).hexdigest()[:8], 16) % 10_000


def expected(code: str, seed: str = "spring") -> str:
    """Return the group by another route: the first 1,000 buckets are held out, and two equal groups share the other 9,000."""
    number = bucket(seed, code)
    return "holdout" if number < 1_000 else "A" if number < 5_500 else "B"


def stored(database: Path, name: str = "spring") -> dict[str, str]:
    with connected(database) as db:
        return dict(
            db.execute(
                "SELECT a.code, g.group_name FROM marketing_list_account AS g JOIN account AS a ON a.id = g.account_id"
                " JOIN marketing_list AS m ON m.id = g.marketing_list_id WHERE m.name = ?",
                (name,),
            )
        )


def mailed(segcli: Run, *words: str) -> list[dict[str, str]]:
    done = segcli("show", "marketing-list", "-f", "csv", *words)
    assert done.status == 0, done.err
    return list(csv.DictReader(io.StringIO(done.out)))


def test_groups_are_those_of_the_hash_and_the_holdout_is_never_written_to(segcli: Run, example: Path) -> None:
    whole = {row["email"]: row["account"] for row in mailed(segcli, "--country", "NL")}
    assert segcli("list", "create", "spring", "--country", "NL", *SPLIT).status == 0
    groups = stored(example)
    assert groups == {code: expected(code) for code in groups}
    with connected(example) as db:
        accounts = db.execute(
            "SELECT count(DISTINCT a.id) FROM account AS a JOIN contact AS c ON c.account_id = a.id WHERE a.country = 'NL'"
        ).fetchone()[0]
    assert len(groups) == accounts
    rows = mailed(segcli, "--list", "spring")
    assert {row["email"]: row["account"] for row in rows} == {
        email: code for email, code in whole.items() if groups[code] != "holdout"
    }
    assert {row["account"]: row["test_group"] for row in rows} == {
        row["account"]: groups[row["account"]] for row in rows
    }
    assert {row["test_group"] for row in rows} == {"A", "B"}
    # The same seed, computed without a list, gives the same groups.
    free = mailed(segcli, "--country", "NL", *SPLIT)
    assert [(row["email"], row["test_group"]) for row in free] == [(row["email"], row["test_group"]) for row in rows]
    only = mailed(segcli, "--list", "spring", "--group", "A")
    assert [row["email"] for row in only] == [row["email"] for row in rows if row["test_group"] == "A"]
    for words in (("--where", "in list spring"), ("--list", "spring", "--where", "in list spring")):
        assert {row["email"] for row in mailed(segcli, *words)} == {row["email"] for row in rows}
    held = segcli("show", "account-search", "--inactive", "--where", 'in list "spring:holdout"', "-f", "json").rows
    assert {str(row["account"]) for row in held} == {code for code, group in groups.items() if group == "holdout"}
    for words in (
        ("--list", "spring", "--group", "C"),
        ("--list", "spring", "--group", "holdout"),
        ("--group", "A"),
        ("--list", "spring", "--split", "1:1", "--seed", "x"),
    ):
        assert segcli("show", "marketing-list", *words).status == 2, words


def test_sizes_are_shown(segcli: Run, example: Path) -> None:
    assert segcli("list", "create", "spring", "--country", "NL", *SPLIT).status == 0
    assert segcli("list", "create", "plain", "--country", "BE").status == 0
    groups = list(stored(example).values())
    counts = {name: groups.count(name) for name in ("A", "B", "holdout")}
    rows = {row["name"]: row for row in segcli("list", "list", "-f", "json").rows}
    assert rows["spring"]["groups"] == ", ".join(f"{name} {count}" for name, count in counts.items())
    assert not rows["plain"]["groups"]
    shown = segcli("list", "show", "spring", "-f", "json").rows
    assert {row["test_group"]: (row["share"], row["accounts"], row["left"]) for row in shown} == {
        name: (share, counts[name], 0) for name, share in (("A", 45), ("B", 45), ("holdout", 10))
    }
    assert sum(int(row["contacts"]) for row in shown) == rows["spring"]["contacts"]
    assert [row["test_group"] for row in segcli("list", "show", "plain", "-f", "json").rows] in ([None], [""])
    assert segcli("list", "show", "nope").status == 2


def test_members_keep_their_group_and_new_ones_get_theirs(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        codes = [row[0] for row in db.execute(
            "SELECT DISTINCT a.code FROM account AS a JOIN contact AS c ON c.account_id = a.id WHERE a.country = 'NL' ORDER BY 1 LIMIT 30"
        )]  # fmt: skip
    assert segcli("classification", "value", "add", "8", "LIST").status == 0
    assert segcli("tag", *codes[:20], "--set", "class8=LIST", "--yes").status == 0
    assert segcli("list", "create", "spring", "--class8", "LIST", *SPLIT).status == 0
    first = stored(example)
    assert segcli("tag", *codes[:5], "--clear", "class8", "--yes").status == 0
    assert segcli("tag", *codes[20:], "--set", "class8=LIST", "--yes").status == 0
    assert segcli("list", "sync", "spring").status == 0
    after = stored(example)
    assert {code: after[code] for code in first} == first  # those that left have their group, too
    assert set(codes[20:]) <= after.keys()
    assert after == {code: expected(code) for code in after}
    rows = segcli("list", "show", "spring", "-f", "json").rows
    assert sum(int(row["left"]) for row in rows) == 5
    before = fingerprint(example)
    assert segcli("list", "sync", "spring").status == 0
    assert fingerprint(example) == before
    runs = [row["run"] for row in segcli("log", "-f", "json").rows]
    assert segcli("undo", runs[0], "--yes").status == 0  # the five are back, the ten are gone
    assert stored(example) == first
    assert sum(int(row["left"]) for row in segcli("list", "show", "spring", "-f", "json").rows) == 0
    assert segcli("list", "delete", "spring", "--yes").status == 0
    assert stored(example) == {}


def test_an_address_of_the_holdout_is_not_written_to_by_another_account(segcli: Run, empty: Path) -> None:
    codes = [str(number) for number in range(1, 60)]
    held, free = (next(c for c in codes if (expected(c) == "holdout") is is_held) for is_held in (True, False))
    Path("a.csv").write_text("account,name\n" + "".join(f"{code},N{code}\n" for code in (held, free)))
    Path("c.csv").write_text(
        f"account,contact,name,email,is_main_contact\n{held},1,H,shared@x.example,0\n{free},1,F,SHARED@x.example,1\n{free},2,G,g@x.example,0\n"
    )
    for name in "ac":
        assert segcli("import", f"{name}.csv", "--create-missing").status == 0
    assert segcli("list", "create", "spring", "--all", *SPLIT).status == 0
    assert [row["email"] for row in mailed(segcli, "--list", "spring")] == ["g@x.example"]
    assert [row["email"] for row in mailed(segcli, *SPLIT)] == ["g@x.example"]


def test_a_merge_keeps_the_holdout_and_can_be_undone(segcli: Run, empty: Path) -> None:
    codes = [str(number) for number in range(1, 200)]
    by_group = {name: next(c for c in codes if expected(c) == name) for name in ("A", "B", "holdout")}
    Path("a.csv").write_text("account,name\n" + "".join(f"{code},N{code}\n" for code in by_group.values()))
    Path("c.csv").write_text(
        "account,contact,name,email\n" + "".join(f"{code},1,C{code},c{code}@x.example\n" for code in by_group.values())
    )
    for name in "ac":
        assert segcli("import", f"{name}.csv", "--create-missing").status == 0
    assert segcli("list", "create", "spring", "--all", *SPLIT).status == 0
    before = stored(empty)
    assert segcli("account", "merge", by_group["holdout"], by_group["A"]).status == 0
    assert [row["account"] for row in mailed(segcli, "--list", "spring")] == [by_group["B"]]
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("undo", run, "--yes").status == 0
    assert stored(empty) == before
    assert segcli("check").status == 0


@pytest.mark.parametrize("words", [("--split", "90"), ("--holdout", "100"), ("--seed", "x"), ("--split", "a:b")])
def test_a_wrong_split_is_refused(segcli: Run, example: Path, words: tuple[str, str]) -> None:
    before = fingerprint(example)
    assert segcli("list", "create", "spring", "--all", *words).status == 2
    assert fingerprint(example) == before


def test_the_lake_leaves_the_same_out(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("duckdb")
    monkeypatch.setenv("SEGCLI_LAKE_FOLDER", str(tmp_path / "lake"))
    assert segcli("list", "create", "spring", "--country", "NL", *SPLIT).status == 0
    groups = stored(example)
    for words in (("--list", "spring"), ("--list", "spring", "--group", "B"), ("--where", "in list spring")):
        ours, theirs = mailed(segcli, *words), mailed(segcli, *words, "--engine", "lake", "--sync")
        assert ours == theirs
        assert {groups[row["account"]] for row in theirs} <= {"A", "B"}
        assert theirs
    done = segcli("show", "marketing-list", "--list", "spring", "--group", "Z", "--engine", "lake")
    assert (done.status, "there is no group 'Z'" in done.err) == (2, True)


def test_what_is_held_of_a_person_names_the_group_and_erasure_keeps_the_account_drawn(
    segcli: Run, example: Path
) -> None:
    assert segcli("list", "create", "spring", "--country", "NL", *SPLIT).status == 0
    before = stored(example)
    row = mailed(segcli, "--list", "spring", "--columns", "email,account,contact")[0]
    who = f"{row['account']}:{row['contact']}"
    held = segcli("contact", "show", who, "-f", "json").rows
    assert [r["value"] for r in held if r["part"] == "list" and r["field"] == "group"] == [before[row["account"]]]
    assert segcli("contact", "anonymise", who, "--yes").status == 0
    assert stored(example) == before  # the account was drawn, and its purchases count
    assert row["email"] not in {r["email"] for r in mailed(segcli, "--list", "spring")}
    assert segcli("list", "sync").status == 0
    assert segcli("check").status == 0


def test_a_plain_list_beside_one_with_groups(segcli: Run, example: Path) -> None:
    """The holdout is left out even if a list without groups has it too; two lists with groups are refused."""
    assert segcli("list", "create", "spring", "--country", "NL", *SPLIT).status == 0
    assert segcli("list", "create", "plain", "--all").status == 0
    groups = stored(example)
    rows = mailed(segcli, "--list", "plain", "--list", "spring")
    assert "holdout" not in {groups.get(row["account"]) for row in rows}
    assert None in {groups.get(row["account"]) for row in rows}
    assert "holdout" in {groups.get(row["account"]) for row in mailed(segcli, "--list", "plain")}  # another campaign
    assert segcli("list", "create", "other", "--all", "--split", "1:1").status == 0
    done = segcli("show", "marketing-list", "--list", "spring", "--list", "other")
    assert (done.status, "two of the lists have groups of their own" in done.err) == (2, True)
    counts = segcli("show", "marketing-list", "--list", "spring", "--group-by", "test_group", "-f", "json").rows
    assert {str(row["test_group"]) for row in counts} == {"A", "B"}


def test_a_list_with_groups_is_deleted_only_when_that_is_meant(segcli: Run, example: Path) -> None:
    assert segcli("list", "create", "spring", "--class1", "N", "--split", "1:1", "--holdout", "10").status == 0
    done = segcli("list", "delete", "spring")
    assert done.status == 2
    assert "who was held out cannot be restored" in done.err
    assert "needs --yes" in done.err
    assert segcli("list", "delete", "spring", "--dry-run").status == 0
    assert select(example, "SELECT name FROM marketing_list") == [("spring",)]
    assert segcli("list", "delete", "spring", "--yes").status == 0
    assert select(example, "SELECT count(*) FROM marketing_list") == [(0,)]
    assert segcli("list", "create", "plain", "--class1", "N").status == 0
    assert segcli("list", "delete", "plain").status == 0
