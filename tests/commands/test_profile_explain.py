"""profile --explain and cluster --explain: the expressions select what they say, and fit into a rule file."""

from pathlib import Path

import pytest
from conftest import Run, select


def shown(segcli: Run, *words: str) -> list[dict[str, object]]:
    return segcli("profile", *words, "--explain", "-f", "json").rows


@pytest.mark.parametrize(
    "words", [("--class3", "A"), ("--where", "lifecycle = lost"), ("--country", "BE"), ("--class1", "N")]
)
def test_each_expression_selects_what_its_row_counts(segcli: Run, example: Path, words: tuple[str, ...]) -> None:
    def accounts(*flags: str) -> set[object]:
        return {row["account"] for row in segcli("show", "account-search", "--inactive", *flags, "-f", "json").rows}

    chosen = accounts(*words)
    rows = shown(segcli, *words)
    assert rows
    for row in rows:
        found = accounts("--where", str(row["expression"]))
        assert len(found) == row["accounts"]
        assert row["lift"] == pytest.approx(len(found & chosen) / len(found) / (len(chosen) / 300), abs=0.006)
    assert segcli("profile", *words, "--explain", "--limit", "1", "-f", "json").rows == rows[:1]


def test_the_base_is_what_the_selection_is_told_from(segcli: Run, example: Path) -> None:
    rows = shown(segcli, "--class3", "A", "--against", "country = 'NL'")
    assert rows != shown(segcli, "--class3", "A")
    assert all("country" not in str(row["expression"]) for row in rows)
    assert shown(segcli, "--class3", "A", "--against", "rest") == shown(segcli, "--class3", "A")


def test_when_goes_into_a_rule_file(segcli: Run, example: Path) -> None:
    when = segcli("profile", "--class3", "A", "--explain", "--when").out
    assert when.startswith("when: ")
    Path("r.yaml").write_text(
        f"version: 1\nfield: class8\nrules:\n  - id: like-a\n    set: TOP\n    {when}", encoding="utf-8"
    )
    segcli("classification", "label", "8", "Like A")
    segcli("classification", "value", "add", "8", "TOP", "Top")
    done = segcli("rules", "plan", "r.yaml", "-f", "json")
    (first, *_) = shown(segcli, "--class3", "A")
    assert done.status == 0, done.err
    assert len(done.rows) == first["accounts"]


def test_a_field_can_be_kept_out_or_asked_for(segcli: Run, example: Path) -> None:
    plain = shown(segcli, "--class3", "A")
    without = shown(segcli, "--class3", "A", "--without", "invoices")
    assert any("invoices" in str(row["expression"]) for row in plain)
    assert not any(str(row["expression"]).startswith("invoices >=") for row in without)
    depth = shown(segcli, "--class3", "A", "--depth", "1")
    assert all(" and " not in str(row["expression"]) for row in depth)


def test_where_nothing_can_be_explained_it_says_so(segcli: Run, example: Path) -> None:
    done = segcli("profile", "--explain", "-f", "csv")
    assert (done.status, done.out.count("\n")) == (0, 1)
    assert "every account of the base is selected" in done.err
    done = segcli("profile", "--where", "name = nobody", "--explain", "-f", "csv", "--fail-if-empty")
    assert done.status == 3
    assert "no account is selected" in done.err
    (code,) = select(example, "SELECT code FROM account ORDER BY id LIMIT 1")[0]
    done = segcli("profile", "--account", code, "--explain", "--when")
    assert (done.status, done.out) == (0, "")
    assert "no short expression tells the 1 account from the others" in done.err


@pytest.mark.parametrize(
    "words", [("--figures",), ("--dimension", "country"), ("--chart",), ("--depth", "4"), ("--depth", "0"), ("--with", "nothing"),
              ("--when", "-f", "csv")]
)  # fmt: skip
def test_flags_that_do_not_go_together(segcli: Run, example: Path, words: tuple[str, ...]) -> None:
    done = segcli("profile", "--class3", "A", "--explain", *words)
    assert (done.status, done.out) == (2, "")


@pytest.mark.parametrize("words", [("--when",), ("--depth", "2"), ("--with", "country")])
def test_flags_of_an_explanation(segcli: Run, example: Path, words: tuple[str, ...]) -> None:
    done = segcli("profile", "--class3", "A", *words)
    assert done.status == 2
    assert "goes with --explain" in done.err


def test_a_cluster_is_described_by_what_selects_it(segcli: Run, example: Path) -> None:
    pytest.importorskip("sklearn")
    rows = segcli("cluster", "--k", "3", "--explain", "-f", "json").rows
    members = segcli("cluster", "--k", "3", "--members", "-f", "json").rows
    everyone = {row["account"] for row in members}
    for row in rows:
        inside = {one["account"] for one in members if one["cluster"] == row["cluster"]}
        found = segcli("show", "account-search", "--inactive", "--where", str(row["expression"]), "-f", "json").rows
        hits = {one["account"] for one in found} & everyone
        assert len(hits & inside) / len(hits) > 0.7  # precision; by chance it is the share of the cluster, 0.2 to 0.5
        assert len(hits & inside) / len(inside) > 0.7
    assert segcli("cluster", "--k", "3", "--explain", "--members").status == 2
