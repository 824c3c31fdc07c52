"""A label that is also the name of a field means its class; account. in front means the field; values that are nowhere are told."""

import json
from pathlib import Path

import pytest
from conftest import Run, connected

from segcli import commands
from segcli.cli import completion

RULES = """field: class3
rules:
  - {{id: one, set: A, when: "{}"}}
"""


def sql(path: Path, text: str) -> list[tuple[object, ...]]:
    with connected(path) as db:
        return db.execute(text).fetchall()


def count(segcli: Run, expression: str) -> int:
    done = segcli("show", "account-search", "--inactive", "--where", expression, "-f", "csv", "--columns", "account")
    assert done.status == 0, done.err
    return len(done.out.splitlines()) - 1


def rewrite(path: Path, name: str, flags: dict[str, list[str]], table: str = "selection") -> None:
    """Change what was saved by another route, as time does."""
    with connected(path) as db:
        assert db.execute(f"UPDATE {table} SET flags = ? WHERE name = ?", (json.dumps(flags), name)).rowcount == 1
        db.commit()


# --------------------------------------------------------------------------------------------- labels and fields
def test_the_label_wins_in_groups_and_expressions(segcli: Run, example: Path) -> None:
    by_class = segcli("show", "account-search", "--group-by", "class2", "-f", "csv").out
    for name in ("Sector", "sector", "SECTOR"):
        assert segcli("show", "account-search", "--group-by", name, "-f", "csv").out == by_class
    retail = sql(
        example, "SELECT count(*) FROM account JOIN classification_value v ON v.id = class2 WHERE v.code = 'RET'"
    )
    assert count(segcli, "Sector = RET") == count(segcli, "class2 = RET") == retail[0][0] > 0
    nothing = sql(example, "SELECT count(*) FROM account WHERE class2 IS NULL")[0][0]
    assert count(segcli, "Sector is empty") == count(segcli, "class2 is empty") == nothing
    assert segcli("tag", "000001", "--set", "Sector=RET").status == 0
    assert (
        segcli("show", "account-search", "--class", "Sector=RET", "--account", "000001", "--fail-if-empty").status == 0
    )


def test_account_in_front_names_the_field(segcli: Run, example: Path) -> None:
    held = sql(
        example, "SELECT sector, count(*) FROM account GROUP BY sector ORDER BY sector IS NULL, sector COLLATE NOCASE"
    )
    rows = segcli("show", "account-search", "--inactive", "--group-by", "account.sector", "-f", "json").rows
    assert [(row["sector"], row["accounts"]) for row in rows] == [tuple(row) for row in held if row[1]]
    for value, number in held:
        asked = f"account.sector = '{value}'" if value else "account.sector is empty"
        assert count(segcli, asked) == number
    both = segcli("show", "account-search", "--group-by", "Sector,account.sector", "-f", "csv").out
    assert both.startswith("class2,class2_name,sector,accounts\n")
    assert segcli("show", "sales-analysis", "--group-by", "Sector", "-f", "csv").out.startswith("class2,")
    assert segcli("show", "sales-analysis", "--group-by", "account.sector", "-f", "csv").out.startswith("sector,")


def test_columns_and_sort_take_the_column_first(segcli: Run, example: Path) -> None:
    done = segcli(
        "show",
        "account-search",
        "--inactive",
        "--columns",
        "account,sector,Region",
        "--sort",
        "Sector,account",
        "-f",
        "csv",
    )
    assert done.out.splitlines()[0] == "account,sector,class1"
    ordered = sql(
        example, "SELECT code FROM account ORDER BY sector COLLATE NOCASE, length(code), code COLLATE NOCASE, code"
    )
    assert [line.split(",")[0] for line in done.out.splitlines()[1:]] == [code for (code,) in ordered]
    own = segcli(
        "show",
        "account-search",
        "--inactive",
        "--columns",
        "account,account.sector",
        "--sort",
        "-account.sector,account",
        "-f",
        "csv",
    )
    falling = sql(
        example, "SELECT code FROM account ORDER BY sector COLLATE NOCASE DESC, length(code), code COLLATE NOCASE, code"
    )
    assert [line.split(",")[0] for line in own.out.splitlines()[1:]] == [code for (code,) in falling]


FIELDS = {
    "website": "website",
    "currency": "currency",
    "is_blocked": "is_blocked",
    "start_date": "start_date",
    "remarks": "remarks",
}


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_can_be_a_column(segcli: Run, example: Path, name: str) -> None:
    done = segcli(
        "show", "account-search", "--inactive", "--columns", f"account.{name}", "--sort", "account", "-f", "jsonl"
    )
    assert done.status == 0, done.err
    cells = [next(iter(json.loads(line).values())) for line in done.out.splitlines()]
    wanted = sql(example, f"SELECT {FIELDS[name]} FROM account ORDER BY length(code), code COLLATE NOCASE, code")
    held = [None if cell is None else int(cell) if name == "is_blocked" else cell for cell in cells]
    assert held == [row[0] for row in wanted]


def test_a_column_of_the_overview_and_the_field_of_the_account(segcli: Run, example: Path) -> None:
    flags = ("--columns", "invoice_number,status,account.status", "--invoice", "25000001", "-f", "json")
    row = segcli("show", "invoice-history", *flags).rows[0]
    wanted = sql(
        example,
        "SELECT i.status, a.status FROM invoice i JOIN account a ON a.id = i.account_id WHERE invoice_number = '25000001'",
    )
    assert (row["status"], row["account_status"]) == wanted[0]


def test_a_label_that_is_a_metric(segcli: Run, example: Path) -> None:
    before = count(segcli, "turnover > 1k")
    assert segcli("classification", "label", "8", "Turnover").status == 0
    assert count(segcli, "account.turnover > 1k") == before
    assert count(segcli, "turnover(12m) > 1k") >= 0
    assert count(segcli, "Turnover is empty") == sql(example, "SELECT count(*) FROM account WHERE class8 IS NULL")[0][0]


@pytest.mark.parametrize("name", ["account.nope", "account.", "account.Region"])
def test_no_such_field(segcli: Run, example: Path, name: str) -> None:
    for flags in (("--group-by", name), ("--columns", name), ("--sort", name), ("--where", f"{name} = x")):
        assert segcli("show", "account-search", *flags).status == 2


def test_what_was_saved_and_means_a_label_now_is_listed(segcli: Run, example: Path) -> None:
    for words in (("selection", "save", "kept"), ("list", "create", "post")):
        assert segcli(*words, "--where", "Sector = RET").status == 0
    assert segcli("selection", "save", "plain", "--where", "account.sector = Retail and class2 = RET").status == 0
    assert segcli("selection", "save", "ranged", "--class2", "A..Z").status == 2  # no code of one letter
    row = next(row for row in segcli("check", "-f", "json").rows if row["check"] == "saved expressions")
    assert row["result"] == "warning"
    assert "selection kept" in row["detail"]
    assert "list post" in row["detail"]
    assert "plain" not in row["detail"]
    Path("r.yaml").write_text(RULES.format("Sector = RET"))
    done = segcli("rules", "check", "r.yaml", "-f", "json")
    assert any("account.sector is the field" in row["finding"] for row in done.rows)
    assert done.status == 0
    Path("p.yaml").write_text("files:\n  - {file: a.csv, show: account-search --group-by sector}\n")
    done = segcli("report", "p.yaml", "--folder", "out", "--dry-run")
    assert (done.status, "sector is class2" in done.err) == (0, True)
    assert segcli("report", "p.yaml", "--folder", "out").err == ""


def test_a_saved_range_that_had_descriptions_is_listed(segcli: Run, example: Path) -> None:
    assert segcli("classification", "value", "add", "3", "Q", "Beyond").status == 0
    assert segcli("selection", "save", "best", "--class3", "A..C").status == 0
    row = next(row for row in segcli("check", "-f", "json").rows if row["check"] == "saved expressions")
    assert "selection best: A..C is a range of codes: it has no Q (Beyond)" in row["detail"]


# --------------------------------------------------------------------------------------------- values that are nowhere
UNKNOWN = {
    "country = NLL": "NL", "country != NLL": "NL", "country in (BE, NLX)": "NLX", "account.country = Holland": "Holland",
    "currency = EURO": "EUR", "manager = 'Eva Smid'": "Eva Smit", "account.sector = Retial": "Retail",
    "requests(where type = tsak) > 0": "task", "contacts(where consent = yes) > 0": "consent", "turnover(where currency = EUX) > 0": "EUR",
    "status = X": "status", "class2 = XX": "RET",
}  # fmt: skip
KNOWN = ["country = zw", "country = NL", "currency = jpy", "manager = 'EVA SMÍT'", "not country in (NL, FJ)", "city = Nowhere",
         "name = Nobody", "requests(where type = TASK) > 0", "turnover(where currency = USD) > 0", "country < B"]  # fmt: skip


@pytest.mark.parametrize(("expression", "near"), UNKNOWN.items(), ids=list(UNKNOWN))
def test_a_value_that_is_nowhere_is_an_error(segcli: Run, example: Path, expression: str, near: str) -> None:
    for words in (
        ("show", "account-search"),
        ("tag", "--dry-run", "--set", "Region=N"),
        ("selection", "save", "x"),
        ("list", "create", "x"),
    ):
        done = segcli(*words, "--where", expression)
        assert (done.status, near in done.err) == (2, True), done.err


@pytest.mark.parametrize("expression", KNOWN)
def test_a_value_of_the_list_or_the_data_is_none(segcli: Run, example: Path, expression: str) -> None:
    done = segcli("show", "account-search", "--where", expression)
    assert (done.status, done.err) == (0, "")


def test_a_country_that_only_the_data_have(segcli: Run, example: Path) -> None:
    assert segcli("show", "account-search", "--where", "country = QQ").status == 2
    with connected(example) as db:
        db.execute("UPDATE account SET country = 'QQ' WHERE code = '000001'")
        db.commit()
    assert count(segcli, "country = qq") == 1


def test_what_was_saved_is_told_of_and_strict_refuses(segcli: Run, example: Path) -> None:
    assert segcli("selection", "save", "gone", "--where", "country = NL").status == 0
    rewrite(example, "gone", {"where": ["country = NLL"]})
    told = "selection gone, --where: there is no country (ISO 3166) 'NLL'; did you mean NL?\n"
    for words in (
        ("show", "account-search", "--selection", "gone"),
        ("show", "account-search", "--where", "in selection gone"),
        ("tag", "--selection", "gone", "--set", "Region=N", "--dry-run"),
        ("run", "print-reminders", "--selection", "gone", "--folder", "x"),
        ("selection", "show", "gone"),
    ):
        done = segcli(*words)
        assert (done.status, done.err) == (0, told), words
        if words[0] != "selection":
            assert segcli(*words, "--strict").status == 2
    row = next(row for row in segcli("check", "-f", "json").rows if row["check"] == "saved expressions")
    assert (row["result"], row["detail"]) == ("warning", told.strip())


def test_lists_reports_and_rules_are_told_of(segcli: Run, example: Path) -> None:
    assert segcli("list", "create", "post", "--where", "country = NL").status == 0
    rewrite(example, "post", {"where": ["country = NLL"]}, "marketing_list")
    done = segcli("list", "sync", "post")
    assert (done.status, "list post, --where: there is no country" in done.err) == (0, True)
    Path("p.yaml").write_text("files:\n  - {file: a.csv, show: account-search --where 'country = NLL'}\n")
    done = segcli("report", "p.yaml", "--folder", "out")
    assert (done.status, "p.yaml:2:25: --where: there is no country" in done.err, Path("out/a.csv").exists()) == (
        0,
        True,
        True,
    )
    assert segcli("report", "p.yaml", "--folder", "out", "--strict").status == 1
    Path("r.yaml").write_text(RULES.format("country = NLL"))
    done = segcli("rules", "plan", "r.yaml")
    assert (done.status, "r.yaml:3" in done.err, "there is no country" in done.err) == (0, True, True)
    assert segcli("rules", "plan", "r.yaml", "--strict").status == 1
    done = segcli("rules", "check", "r.yaml", "-f", "json")
    assert (done.status, "there is no country" in done.err) == (1, True)
    assert any("NLL" in row["finding"] for row in done.rows)


def test_completion_offers_the_fields(example: Path) -> None:
    def offered(current: str) -> list[str]:
        words = ["show", "account-search", "--group-by", current]
        return [word for word, _ in completion.offers(words, commands.root())]

    assert offered("account.se") == ["account.search_code", "account.sector"]
    assert offered("sec") == ["sector"]
