"""`segcli export classifications`: the files hold what the tables say, and come back without a change."""

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from conftest import ROOT, Result, Run, connected, fingerprint
from export_case import (
    ERPNEXT,
    GUID,
    ODOO,
    OWN,
    REST,
    XML,
    bring_back,
    change,
    codes,
    data,
    export,
    give_guids,
    moved,
    set_up,
)
from terminal import at_terminal

from segcli.interface.command import Session


@pytest.fixture
def tagged(segcli: Run, example: Path) -> Path:
    """Return the example after a few changes; `before.db` is the example before them."""
    change(segcli, example)
    return example


def test_exact_xml_holds_the_changed_classes(segcli: Run, tagged: Path, tmp_path: Path) -> None:
    done = export(segcli, *XML, "--output", "f.xml", status=5)
    root = ET.parse("f.xml").getroot()
    found = {
        (account.get("code", "").strip(), int(c.get("SequenceNumber", ""))): c.find("Property").get("code")  # type: ignore[union-attr]
        for account in root.iterfind("Accounts/Account")
        for c in account.iterfind("AccountClassifications/AccountClassification")
    }
    changed = {key: new for key, (_, new) in moved(tmp_path / "before.db", tagged).items() if new}
    assert changed.items() <= found.items()
    now = codes(tagged)
    assert all(now[account][n - 1] == code for (account, n), code in found.items())
    assert {n for _, n in found} == {1, 7}
    assert "000017:Campaign: eExact XML cannot remove a value" in done.err
    assert "4 accounts, 5 changes written; 1 change left out" in done.err
    first = root.find("Accounts/Account")
    assert first is not None
    assert (first.get("code"), first.findtext("Name"), first.get("ID")) == ("000001".rjust(18), "'t Gouden Hoen", None)
    assert [(d.text) for d in first.iter("Description")] == ["Region", "South", "Campaign", "Newcomers"]


FORMS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "f.xml": (XML, (), "eExact XML cannot remove"),
    "f.json": (REST, (), ""),
    "f.jsonl": (REST, (), ""),
    "odoo.csv": ((*ODOO, *OWN, "--key", "code"), ("--map", "ref=account", "--map", "x_region=class1", "--map", "x_campaign=class7"), ""),
    "erpnext.csv": ((*ERPNEXT, *OWN, "--values", "code", "--key", "code"), ("--map", "ID=account", "--map", "x_region=class1", "--map", "x_campaign=class7"),
                    "cannot empty a field"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_file_comes_back_without_a_change_and_brings_an_older_copy_up_to_date(
    segcli: Run, tagged: Path, tmp_path: Path, name: str
) -> None:
    words, mapping, left_out = FORMS[name]
    older, copy = tmp_path / "before.db", tmp_path / "copy.db"
    give_guids(tagged)
    give_guids(older)
    done = export(segcli, *words, "-o", name, status=5 if left_out else 0)
    assert left_out in done.err
    shutil.copy(tagged, copy)
    before = data(copy)
    bring_back(segcli, name, copy, *mapping)
    assert data(copy) == before
    bring_back(segcli, name, older, *mapping)
    # 000017 had its campaign taken away: where that cannot be said, our import reads a class that is not there as none.
    assert codes(older) == codes(tagged)
    bring_back(segcli, name, older, *mapping)
    assert codes(older) == codes(tagged)


def test_exact_rest_holds_a_request_per_account(segcli: Run, tagged: Path, tmp_path: Path) -> None:
    give_guids(tagged)
    export(segcli, *REST, "-o", "f.json")
    export(segcli, *REST, "-o", "f.jsonl")
    bodies = json.loads(Path("f.json").read_text(encoding="utf-8"))
    assert bodies == [json.loads(line) for line in Path("f.jsonl").read_text(encoding="utf-8").splitlines()]
    with connected(tagged) as db:
        wanted = {
            guid: (code, one, seven)
            for guid, code, one, seven in db.execute(
                """SELECT a.external_id, a.code, v.external_id, w.external_id FROM account AS a
                     LEFT JOIN classification_value AS v ON v.id = a.class1 LEFT JOIN classification_value AS w ON w.id = a.class7
                    WHERE a.code IN ('000001', '000002', '000017', '000081')"""
            )
        }
    assert {b["ID"]: (b["Code"].strip(), b["Classification1"], b["Classification7"]) for b in bodies} == wanted
    assert None in {seven for _, _, seven in wanted.values()}  # null takes the campaign of 000017 away
    for body in bodies:
        assert set(body) == {"__metadata", "ID", "Code", "Classification1", "Classification7"}
        assert body["__metadata"]["uri"] == f"crm/Accounts(guid'{body['ID']}')"


def test_what_has_no_guid_is_left_out_of_exact_rest_and_named(segcli: Run, tagged: Path) -> None:
    give_guids(tagged)
    set_up(
        tagged,
        "UPDATE account SET external_id = NULL WHERE code = '000001'",
        "UPDATE account SET external_id = 'K-2' WHERE code = '000002'",
        "UPDATE classification_value SET external_id = NULL WHERE field = 1 AND code = 'E'",
    )
    done = export(segcli, *REST, "-o", "f.json", status=5)
    for code in ("000001", "000002"):
        assert f"{code}:Region: " in done.err
    assert "000017:Region: 'E': the value E of class1 has no GUID of Exact Online; import crm/Acc" in done.err
    assert "export: nothing written; 6 changes left out" in done.err
    assert not Path("f.json").exists()


def test_only_classes_that_are_asked_for(segcli: Run, tagged: Path) -> None:
    done = export(segcli, *XML, "--field", "Campaign", status=5)
    assert 'SequenceNumber="7"' in done.out
    assert 'SequenceNumber="1"' not in done.out
    assert "000002" not in done.out


def test_an_account_of_another_program_is_not_made_in_exact(segcli: Run, tagged: Path) -> None:
    set_up(
        tagged,
        "INSERT INTO account_reference (account_id, reference) SELECT id, 'shopify:' || id FROM account WHERE code < '000003'",
        "INSERT INTO account_reference (account_id, reference) SELECT id, 'code:18' FROM account WHERE code = '000017'",
        f"UPDATE account SET external_id = '{GUID.format(2)}' WHERE code = '000002'",
        f"UPDATE account SET code = '{GUID.format(81)}' WHERE code = '000081'",
    )
    words = (*XML, "--field", "Region")
    done = export(segcli, *words, status=5)
    assert re.findall('code=" *(0[^"]+)"', done.out) == ["000002", "000017"]
    assert f'ID="{{{GUID.format(2)}}}"' in done.out
    assert "000001:Region: 'S': this account comes from shopify, and has no GUID of Exact Online" in done.err
    assert "this account has no code yet; import the accounts of Exact Online first" in done.err
    assert "000001" in export(segcli, *words, "--key", "code", status=5).out


def test_a_value_that_went_back_is_left_out(segcli: Run, tagged: Path) -> None:
    assert segcli("tag", "000002", "--set", f"Region={codes(Path('before.db'))['000002'][0]}").status == 0
    assert segcli("undo", "25", "--yes").status == 0
    done = export(segcli, *XML, status=5)
    assert re.findall('code=" *(0[^"]+)"', done.out) == ["000001"]


def test_what_an_import_changed_is_known_there(segcli: Run, tagged: Path) -> None:
    """The old value is the one that the import brought; a change after it is written, even one back to the first value."""
    Path("exact.csv").write_text("account,class2\n000001,IND\n000002,IND\n", encoding="utf-8")
    assert segcli("import", "exact.csv", "--overwrite-classes").status == 0
    assert 'SequenceNumber="2"' not in export(segcli, *XML, status=5).out
    first = codes(Path("before.db"))["000001"][1]
    assert segcli("tag", "000001", "--set", f"class2={first}").status == 0
    rows = export(segcli, *XML, "--dry-run", "--field", "class2").table
    assert rows[1:] == [["000001", "'t Gouden Hoen", "Sector", "IND", first, ""]]


def test_an_import_that_was_undone_does_not_count(segcli: Run, tagged: Path) -> None:
    Path("wrong.csv").write_text("account,class2\n000003,IND\n", encoding="utf-8")
    before = codes(tagged)
    assert segcli("import", "wrong.csv", "--run-file", "run").status == 0
    assert codes(tagged) != before
    assert segcli("undo", Path("run").read_text().strip(), "--yes").status == 0
    assert codes(tagged) == before
    assert "000003" not in export(segcli, *XML, status=5).out


def test_a_retired_value_is_not_given(segcli: Run, tagged: Path) -> None:
    assert segcli("classification", "value", "retire", "Region", "S").status == 0
    done = export(segcli, *XML, "-o", "f.xml", status=5)
    assert "000001:Region: 'S': this value is retired; give the account another value" in done.err
    assert "000001:Campaign: 'NEW': another change of this account cannot be written; see that change" in done.err
    assert "000001" not in Path("f.xml").read_text(encoding="utf-8")
    # It is the old value of a change and the value of a class that did not change: neither matters.
    assert segcli("tag", "000001", "--set", "Region=N").status == 0
    assert export(segcli, *XML, "--dry-run", since="29").table[1][3:] == ["S", "N", ""]


def test_characters_that_xml_cannot_hold(segcli: Run, tagged: Path) -> None:
    set_up(tagged, "UPDATE account SET name = 'A' || char(1) || 'B' WHERE code = '000002'",
           "UPDATE account SET name = '<Tom & \"Co\"> ]]> é' WHERE code = '000001'")  # fmt: skip
    done = export(segcli, *XML, "-o", "f.xml", status=5)
    assert "000002:Region: 'X': there is a character in it that XML cannot hold" in done.err
    names = [name.text for name in ET.parse("f.xml").getroot().iter("Name")]
    assert '<Tom & "Co"> ]]> é' in names
    assert len(names) == 3


def test_accounts_are_selected(segcli: Run, tagged: Path) -> None:
    found = export(segcli, *ERPNEXT, "--field", "Region=territory", "--class1", "E").out
    assert found == "ID,territory\n000017,East\n000081,East\n"
    assert segcli("export", "classifications", *XML, "--changed-since", "24", "--class1", "Q").status == 2


def test_the_period_starts_with_a_run_or_a_day(segcli: Run, tagged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (*ERPNEXT, "--field", "Region=territory")
    assert export(segcli, *words, since="26").out == "ID,territory\n000002,Abroad\n"
    monkeypatch.setenv("SEGCLI_TODAY", "2026-07-02")
    assert segcli("tag", "000003", "--set", "Region=X").status == 0
    assert export(segcli, *words, since="yesterday").out == "ID,territory\n000003,Abroad\n"
    assert export(segcli, *words, since="2026-07-02").out == "ID,territory\n000003,Abroad\n"
    assert len(export(segcli, *words, since="2026-06-30").out.splitlines()) == 6


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((*XML,), "say --changed-since RUN"),
        (("--changed-since", "24"), "in which format?"),
        (("--format", "csv", "--changed-since", "24"), "--format csv needs the program"),
        ((*ERPNEXT, "--changed-since", "24"), "erpnext: the fields of the classifications are missing"),
        ((*ERPNEXT, "--changed-since", "24", "--field", "category_id"), "'category_id' is not LABEL=FIELD"),
        ((*ODOO, "--changed-since", "24", "--field", "Region=x", "--field", "class1=y"), "for the second time"),
        ((*ODOO, "--changed-since", "24", "--field", "Region=x", "--field", "class2=x"), "for the second time"),
        ((*ODOO, "--changed-since", "24", "--field", "Regio=x"), "unknown classification 'Regio'"),
        ((*XML, "--changed-since", "24", "--field", "Region=x"), "'Region=x' is not a label"),
        ((*XML, "--changed-since", "24", "--profile", "odoo"), "--profile is for csv"),
        ((*XML, "--changed-since", "24", "--values", "code"), "--values is for csv"),
        ((*REST, "--changed-since", "24", "--key", "code"), "exact-rest knows accounts by their GUID only"),
        ((*XML, "--changed-since", "99"), "there is no run 99; the last run is 27"),
        ((*XML, "--changed-since", "1 June"), "'1 June' is not a date"),
        ((*XML, "--changed-since", "24", "--if-changed"), "--if-changed goes with --output FILE"),
        ((*XML, "--changed-since", "24", "--exit-code"), "--exit-code goes with --output FILE"),
    ],
)
def test_wrong_usage(segcli: Run, tagged: Path, words: tuple[str, ...], told: str) -> None:
    done = segcli("export", "classifications", *words)
    assert (done.status, done.out) == (2, "")
    assert told in done.err.replace("\n  ", "; ")


def test_without_changes_nothing_is_written(segcli: Run, tagged: Path) -> None:
    Path("f.xml").write_text("before", encoding="utf-8")
    words = (*XML, "--class1", "W", "-o", "f.xml")
    done = export(segcli, *words)
    assert (done.out, done.err) == ("", "")
    assert Path("f.xml").read_text(encoding="utf-8") == "before"
    assert "export: no changes since run 24" in export(segcli, *words, "--fail-if-empty", status=3).err


def test_a_file_is_replaced_as_a_whole_or_not_at_all(segcli: Run, tagged: Path, tmp_path: Path) -> None:
    words = (*ERPNEXT, "--field", "Region=territory", "-o", "out/f.csv")
    done = segcli("export", "classifications", *words, "--changed-since", "24")
    assert done.status == 1
    assert "its folder does not exist" in done.err
    (tmp_path / "out").mkdir()
    export(segcli, *words, "--exit-code", status=4)
    export(segcli, *words, "--exit-code", "--if-changed")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["f.csv"]
    before = fingerprint(tagged)
    for place in (str(tagged), "/dev/full", "out"):
        assert segcli("export", "classifications", *words[:-1], place, "--changed-since", "24").status in {1, 2}, place
    assert fingerprint(tagged) == before


def test_dry_run_shows_the_changes_and_writes_nothing(segcli: Run, tagged: Path, tmp_path: Path) -> None:
    done = export(segcli, *XML, "--dry-run", "-o", "f.xml", status=5)
    head, *rows = done.table
    assert head == ["account", "name", "label", "from", "to", "left_out"]
    labels = {1: "Region", 7: "Campaign"}
    wanted = {
        (a, labels[n], old or "", new or "") for (a, n), (old, new) in moved(tmp_path / "before.db", tagged).items()
    }
    assert {(row[0], row[2], row[3], row[4]) for row in rows} == wanted
    assert [row[5] for row in rows if row[5]] == ["eExact XML cannot remove a value"]
    assert not Path("f.xml").exists()
    words = (*ERPNEXT, "--field", "Region=territory", "-n", "--exit-code")
    export(segcli, *words, status=4)
    export(segcli, *words, "--class1", "W")


def test_a_terminal_sees_the_changes_before_the_file_is_written(segcli: Run, tagged: Path) -> None:
    words = (
        "export",
        "classifications",
        *ERPNEXT,
        "--field",
        "Region=territory",
        "--changed-since",
        "24",
        "-o",
        "f.csv",
    )
    status, shown = at_terminal("--database", str(tagged), *words)
    assert status == 0
    assert re.search("000017.*Region.*N.*E", shown)
    assert shown.rstrip().endswith("f.csv: 4 accounts, 4 changes")
    assert at_terminal("--database", str(tagged), "--quiet", *words) == (0, "")
    tags = (*words[:2], *ODOO, "--key", "code", *words[-4:])
    assert "replaces all tags of these records" in at_terminal("--database", str(tagged), *tags)[1]
    status, shown = at_terminal("--database", str(tagged), *words, "--class1", "W")
    assert (status, shown.strip()) == (0, "no changes since run 24: nothing was written")


def test_a_terminal_sees_the_first_of_many_changes(segcli: Run, example: Path) -> None:
    assert segcli("tag", "--all", "--set", "Region=X", "--yes").status == 0
    words = ("export", "classifications", *XML, "--changed-since", "24", "--field", "Region", "-o", "f.xml")
    status, shown = at_terminal("--database", str(example), *words)
    assert status == 0
    assert shown.count(" X ") == 50
    assert "the first 50 changes; --dry-run shows all" in shown
    changed = [code for code, values in codes(example).items() if values[0] == "X"]
    assert f"{len(ET.parse('f.xml').getroot().findall('Accounts/Account'))} accounts" in shown
    assert len(changed) >= 250


def test_changes_are_shown_on_standard_error(segcli: Run, tagged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output may be the file."""
    monkeypatch.setattr(Session, "is_talking", True)
    done = export(segcli, *ODOO, "--key", "code", "--field", "Region=x")
    assert done.out.startswith("ref,x\n000001,South\n")
    assert re.search("000001.*Region.*W.*S", done.err)
    done = export(segcli, *ODOO, "--key", "code", "-o", "f.csv")
    assert done.err.endswith(
        "f.csv: 4 accounts, 6 changes\nthe import replaces all tags of these records with those of the file\n"
    )
    assert export(segcli, *XML, "--class1", "W").err == "no changes since run 24: nothing was written\n"
    monkeypatch.setattr("segcli.commands.export._SHOWN", 2)
    assert "the first 2 changes; --dry-run shows all" in export(segcli, *ODOO, "--key", "code").err


def test_what_is_left_out_is_counted_beyond_what_is_named(
    segcli: Run, tagged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segcli.commands.export.MOST_PROBLEMS", 2)
    done = export(segcli, *REST, status=5)
    assert done.err.count("has no GUID") == 2
    assert "nothing written; 6 changes left out" in done.err


def test_an_empty_database_has_no_changes(segcli: Run, empty: Path) -> None:
    export(segcli, *XML, since="2026-01-01")
    assert "there are no runs yet" in segcli("export", "classifications", *XML, "--changed-since", "1").err


def test_the_example_in_the_documents_runs(segcli: Run, example: Path, tried: Callable[[str], Result]) -> None:
    text = (ROOT / "docs/neighbours.md").read_text(encoding="utf-8")
    block = re.search(r"## Writing back.*?```sh\n(.*?)```", text, re.DOTALL)
    assert block
    lines = block[1].splitlines()
    assert len(lines) > 4
    shown = [tried(line) for line in lines]
    assert [done.status for done in shown] == [0] * len(lines)
    assert [row[1:4] for row in shown[-1].table[1:]] == [
        [kind, "0", "0"] for kind in ("classification labels", "classification values", "accounts")
    ]
    assert {"classes.xml", "tags.csv", "territory.csv"} <= {path.name for path in Path().iterdir()}


@pytest.fixture
def tried(segcli: Run) -> Callable[[str], Result]:
    """Return what runs a line of a document, with what `$(cat run)` stands for."""

    def run(line: str) -> Result:
        words = shlex.split(line, comments=True)
        return segcli(*(Path("run").read_text().strip() if word == "$(cat run)" else word for word in words[1:]))

    return run
