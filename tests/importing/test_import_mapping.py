"""Imports: columns that are called otherwise, and labels that name a column."""

import json
from pathlib import Path

import pytest
from conftest import Run, fingerprint
from import_case import accounts, bring


def test_mapping_and_profile(segcli: Run, empty: object, tmp_path: Path) -> None:
    content = "Nr;Omschr;Plts\n1;A;Delft\n"
    assert bring(segcli, content).status == 1
    assert bring(segcli, content, "--map", "Nr=account", "--map", "Omschr=name", "--map", "Plts=city").status == 0
    (tmp_path / "c.yaml").write_text(
        "profiles:\n  mine:\n    as: accounts\n    map: {Nr: account, Omschr: name, Plts: city}\n"
    )
    done = bring(segcli, content.replace("Delft", "Gouda"), "--config", "c.yaml", "--profile", "mine")
    assert done.status == 0, done.err
    assert accounts(segcli) == [["1", "A", "Gouda"]]
    assert (
        "did you mean" in (err := segcli("import", "f.csv", "--config", "c.yaml", "--profile", "mien").err)
        or "there is: mine" in err
    )


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--map", "Nr"), 2, "--map: 'Nr' is not COLUMN=FIELD"),
        (("--map", "=account"), 2, "--map: '=account' is not COLUMN=FIELD"),
        (("--as", "account", "--map", "Nr=due_date"), 2, "--map: accounts have no field 'due_date'"),
        (("--map", "Nr=acount"), 2, "no kind of record has a field 'acount'\n  did you mean account"),
        (("--map", "Nr=account", "--map", "nm=name"), 2, "--map: there is no column 'nm'\n  there is: Nr, Nm, Omschr"),
        (("--as", "account", "--map", "Nr=account"), 1, "accounts need more than these columns: Nr, Nm, Omschr"),
        (
            ("--as", "account", "--map", "Nr=account", "--map", "Nm=name", "--map", "Omschr=name"),
            1,
            "'Nm' and 'Omschr' both name the name",
        ),
    ],
)
def test_mappings_that_cannot_be(segcli: Run, empty: Path, words: tuple[str, ...], status: int, said: str) -> None:
    before = fingerprint(empty)
    done = bring(segcli, "Nr,Nm,Omschr\n1,A,B\n", *words)
    assert (done.status, done.out, said in done.err) == (status, "", True), done.err
    assert fingerprint(empty) == before


def test_a_mapped_column_comes_before_one_that_is_called_so(segcli: Run, empty: object) -> None:
    assert bring(segcli, "Nr,account,name\n1,x,A\n", "--map", "Nr=account").status == 0
    assert (
        bring(segcli, "account,Nr,name,Memo\nx,2,B,C\n", "--map", "Nr=account", "--map", "name=", name="g.csv").status
        == 1
    )
    assert bring(segcli, "account,Nr,name,Nm\nx,2,B,C\n", "--map", "Nr=account", "--map", "name=ignore", "--map", "Nm=name",
                 name="g.csv").status == 0  # fmt: skip
    assert accounts(segcli, "account,name") == [["1", "A"], ["2", "C"]]


def test_a_label_names_a_column_but_not_one_that_is_a_field(segcli: Run, empty: object) -> None:
    for field, label in ((1, "Region"), (2, "Sector")):
        segcli("classification", "label", field, label)
        segcli("classification", "value", "add", field, "X")
    bring(segcli, "account,name,Region,Sector\n1,A,X,Retail\n")
    assert accounts(segcli, "account,class1,class2,sector") == [["1", "X", None, "Retail"]]
    bring(segcli, "account,name,Sector\n1,A,X\n", "--map", "Sector=class2", name="g.csv")
    assert accounts(segcli, "account,class2,sector") == [["1", "X", "Retail"]]
    Path("r.json").write_text(
        json.dumps([{"__metadata": {"type": "x.Account"}, "Code": "2", "Name": "B", "Language": "NL-BE"}])
    )
    segcli("classification", "label", 3, "Language")
    assert segcli("import", "r.json").status == 0
