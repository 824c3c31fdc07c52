"""Credit limits and who is over them: in expressions, columns, rules and on the card, against plain SQL."""

from pathlib import Path

import pytest
from conftest import Run, connected
from rule_case import HEAD, found, written

# What an account owes in euros on a day: the base amounts of its items less the payments until then.
OWED = """SELECT coalesce(sum(o.base_amount - coalesce((SELECT sum(l.base_amount) FROM allocation AS l WHERE l.item_id = o.id
  AND l.allocation_date <= '{day}'), 0)), 0) FROM outstanding_item AS o WHERE o.account_id = a.id AND o.invoice_date <= '{day}'
  AND o.amount <> coalesce((SELECT sum(l.amount) FROM allocation AS l WHERE l.item_id = o.id AND l.allocation_date <= '{day}'), 0)"""
DAY = "2026-06-30"


@pytest.fixture
def limited(example: Path) -> Path:
    """Return the example with limits: of 1000 euros, and for some accounts exactly what they owe, or a cent less."""
    with connected(example) as db:
        db.execute("UPDATE account SET credit_limit = 100000 WHERE id % 3 = 0")
        owed = db.execute(f"SELECT a.id, ({OWED.format(day=DAY)}) AS owed FROM account AS a WHERE owed > 1").fetchall()
        assert len(owed) > 30
        for at, (account, amount) in enumerate(owed[:30]):
            db.execute("UPDATE account SET credit_limit = ? WHERE id = ?", (amount - at % 2, account))
        db.commit()
    return example


def over(database: Path, day: str) -> set[str]:
    with connected(database) as db:
        return {
            code
            for (code,) in db.execute(f"SELECT code FROM account AS a WHERE credit_limit < ({OWED.format(day=day)})")
        }


def test_where(segcli: Run, limited: Path) -> None:
    wanted = over(limited, DAY)
    assert len(wanted) >= 15  # those a cent below what they owe, and those above 1000
    assert found(segcli, "over_limit = yes") == wanted
    assert found(segcli, "account.over_limit = true and country = NL") == wanted & found(segcli, "country = NL")
    every = found(segcli, "*")
    assert found(segcli, "over_limit = no") == found(segcli, "not over_limit = yes") == every - wanted
    with connected(limited) as db:
        rich = {code for (code,) in db.execute("SELECT code FROM account WHERE credit_limit >= 100000")}
    assert found(segcli, "credit_limit >= 1k") == rich
    assert found(segcli, "credit_limit is not empty") > rich


def test_columns(segcli: Run, limited: Path) -> None:
    with connected(limited) as db:
        limits = dict(db.execute("SELECT code, credit_limit / 100.0 FROM account"))
    wanted = over(limited, DAY)
    for overview in ("account-search", "debtor-ageing", "account-overview", "outstanding-items"):
        rows = segcli("show", overview, "-f", "json", "--columns", "account,credit_limit,over_limit").rows
        assert len(rows) > 30, overview
        assert all(row["credit_limit"] == limits[row["account"]] for row in rows), overview
        assert {row["account"] for row in rows if row["over_limit"]} == wanted & {row["account"] for row in rows}, (
            overview
        )
    groups = segcli("show", "account-search", "--inactive", "--group-by", "over_limit", "-f", "json").rows
    assert {row["over_limit"]: row["accounts"] for row in groups} == {
        True: len(wanted),
        False: len(limits) - len(wanted),
    }
    # Another day has other debts.
    past = segcli(
        "show", "account-search", "--inactive", "-f", "json", "--columns", "account,over_limit", "--as-of", "2026-03-31"
    ).rows
    earlier = over(limited, "2026-03-31")
    assert {row["account"] for row in past if row["over_limit"]} == earlier
    assert earlier != wanted
    # A limit is in euros, also in a row of another currency.
    rows = segcli(
        "show",
        "debtor-ageing",
        "-f",
        "tsv",
        "--columns",
        "account,currency,credit_limit",
        "--where",
        "credit_limit = 1k",
    ).table
    assert {row[1] for row in rows[1:]} > {"EUR"}
    assert {row[2] for row in rows[1:]} == {"1000.00"}


def test_without_a_rate(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        account = db.execute("SELECT a.id FROM account AS a JOIN outstanding_item AS o ON o.account_id = a.id WHERE o.currency = 'USD'"
                             " AND o.open_amount > 0").fetchone()[0]  # fmt: skip
        code = db.execute("UPDATE account SET credit_limit = 1 WHERE id = ? RETURNING code", (account,)).fetchone()[0]
        db.execute("UPDATE outstanding_item SET base_amount = NULL WHERE account_id = ?", (account,))
        db.commit()
    done = segcli("show", "account-search", "-f", "json", "--columns", "over_limit", "--account", code)
    assert done.rows == [{"over_limit": None}]
    assert "USD" in done.err
    assert found(segcli, "over_limit is empty") == {code}
    assert code not in found(segcli, "over_limit = yes") | found(segcli, "over_limit = no")
    assert segcli("show", "account-search", "--where", "over_limit = yes", "--strict").status == 1


def test_rules(segcli: Run, limited: Path) -> None:
    rules = """rules:
  - {id: over, set: C, when: over_limit = yes, why: "owes {outstanding} of {credit_limit}"}
tests:
  - {given: {outstanding: 1000.01, credit_limit: 1k}, expect: C}
  - {given: {outstanding: 1000, credit_limit: 1k}, expect: keep}
  - {given: {outstanding: 1000}, expect: keep}
"""
    written(HEAD + rules)
    assert segcli("rules", "check", "r.yaml").status == 0
    with connected(limited) as db:
        has = {
            code
            for (code,) in db.execute(
                "SELECT a.code FROM account AS a JOIN classification_value AS v ON v.id = a.class3 WHERE v.code = 'C'"
            )
        }
    planned = segcli("rules", "plan", "r.yaml", "-f", "json").rows
    assert {row["account"] for row in planned} == over(limited, DAY) - has
    assert planned
    assert planned[0]["why"].startswith("owes ")
    written(HEAD + rules + "  - {given: {over_limit: yes}, expect: C}\n")
    done = segcli("rules", "check", "r.yaml")
    assert (done.status, "follows from outstanding and credit_limit" in done.err) == (1, True)


def test_card(segcli: Run, limited: Path) -> None:
    code = min(over(limited, DAY))
    with connected(limited) as db:
        limit = db.execute("SELECT credit_limit FROM account WHERE code = ?", (code,)).fetchone()[0]
        without = db.execute("SELECT code FROM account WHERE credit_limit IS NULL").fetchone()[0]
    lines = [line.split() for line in segcli("show", "account-overview", code, "-f", "table").out.splitlines()]
    assert ["Credit", "limit", f"{limit / 100:,.2f}"] in lines
    assert ["Over", "limit", "yes"] in lines
    assert "limit" not in segcli("show", "account-overview", without, "-f", "table").out
    assert segcli("show", "account-search", "--where", "over_limit > 3").status == 2
