"""The linked price list as a field of expressions, rules and tables."""

from pathlib import Path

import pytest
from conftest import Run, connected
from rule_case import HEAD, found, written

LINKED = """SELECT a.code FROM account AS a LEFT JOIN price_list_link AS l ON l.account_id = a.id
  LEFT JOIN price_list AS p ON p.id = l.price_list_id WHERE """


@pytest.mark.parametrize(
    ("expression", "condition"),
    [
        ("price_list = RETAIL", "p.code = 'RETAIL'"),
        ("price_list = retail and country = NL", "p.code = 'RETAIL' AND a.country = 'NL'"),
        ("price_list != RETAIL", "p.code IS NOT 'RETAIL'"),
        ("price_list is empty", "p.code IS NULL"),
        ("price_list in (HORECA, 'EXPORT-USD')", "p.code IN ('HORECA', 'EXPORT-USD')"),
        ("account.price_list starts with ret", "p.code LIKE 'RET%'"),
    ],
)
def test_where(segcli: Run, example: Path, expression: str, condition: str) -> None:
    with connected(example) as db:
        wanted = {code for (code,) in db.execute(LINKED + condition)}
    assert wanted
    assert found(segcli, expression) == wanted


def test_an_unknown_one(segcli: Run, example: Path) -> None:
    done = segcli("show", "account-search", "--where", "price_list = RETIAL")
    assert (done.status, done.out) == (2, "")
    assert "there is no price list 'RETIAL'" in done.err
    assert "RETAIL" in done.err.splitlines()[-1]
    # A list without accounts is known.
    with connected(example) as db:
        db.execute("INSERT INTO price_list (code) VALUES ('NEW')")
        db.commit()
    assert found(segcli, "price_list = NEW") == set()
    # In a saved selection it is a warning, unless --strict is given.
    assert segcli("selection", "save", "new", "--where", "price_list = NEW").status == 0
    with connected(example) as db:
        db.execute("DELETE FROM price_list WHERE code = 'NEW'")
        db.commit()
    done = segcli("show", "account-search", "--selection", "new")
    assert (done.status, "there is no price list 'NEW'" in done.err) == (0, True)
    assert segcli("show", "account-search", "--selection", "new", "--strict").status == 2


def test_columns_and_groups(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        lists = dict(db.execute(LINKED.replace("a.code", "a.code, p.code") + "1"))
        counts = dict(db.execute("SELECT p.code, count(*) FROM price_list_link AS l JOIN price_list AS p ON p.id = l.price_list_id GROUP BY p.id"))  # fmt: skip
        revenue = dict(db.execute(
            "SELECT p.code, sum(i.revenue_amount) FROM invoice AS i LEFT JOIN price_list_link AS l ON l.account_id = i.ordered_by_id"
            " LEFT JOIN price_list AS p ON p.id = l.price_list_id WHERE i.kind = 'sales' AND i.status = 'processed' AND i.currency = 'EUR'"
            " GROUP BY p.id"
        ))  # fmt: skip
    rows = segcli("show", "debtor-ageing", "-f", "json", "--columns", "account,price_list,account.country").rows
    assert len(rows) > 20
    assert all(row["price_list"] == lists[row["account"]] for row in rows)
    assert any(row["price_list"] for row in rows)
    grouped = segcli("show", "account-search", "--inactive", "--group-by", "price_list", "-f", "json").rows
    assert {row["price_list"]: row["accounts"] for row in grouped} == {
        **counts,
        None: len(lists) - sum(counts.values()),
    }
    sold = segcli("show", "sales-analysis", "--group-by", "price_list", "-f", "json").rows
    amounts = {row["price_list"]: round(row["revenue"] * 100) for row in sold if row["currency"] == "EUR"}
    assert amounts == {code: round(amount / 10000) for code, amount in revenue.items()}


def test_rules(segcli: Run, example: Path) -> None:
    rules = """rules:
  - {id: shop, set: A, when: price_list = RETAIL, why: "list {price_list}"}
tests:
  - {given: {price_list: retail}, expect: A}
  - {given: {price_list: HORECA}, expect: keep}
  - {expect: keep}
"""
    written(HEAD + rules)
    assert segcli("rules", "check", "r.yaml").status == 0
    done = segcli("rules", "explain", "r.yaml", "000001")
    assert done.status == 0
    assert "HORECA" in done.out
    with connected(example) as db:
        others = [code for (code,) in db.execute(
            f"{LINKED}p.code = 'RETAIL' AND a.class3 IS NOT (SELECT id FROM classification_value WHERE field = 3 AND code = 'A')"
        )]  # fmt: skip
    planned = segcli("rules", "plan", "r.yaml", "-f", "json").rows
    assert sorted(row["account"] for row in planned) == sorted(others)
    assert {row["why"] for row in planned} == {"list RETAIL"}
    written(HEAD + rules + "  - {given: {price_list: NONE-SUCH}, expect: keep}\n")
    done = segcli("rules", "check", "r.yaml")
    assert (done.status, "there is no price list 'NONE-SUCH'" in done.err) == (1, True)
