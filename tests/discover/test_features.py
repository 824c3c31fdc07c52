"""Features of accounts: each column equals what the same expression selects with --where, and plain SQL."""

from datetime import date
from pathlib import Path

import pytest
from conftest import connected

from segcli.base.errors import UsageError
from segcli.discover import features
from segcli.domain.clause import Clause
from segcli.query import lookup
from segcli.storage import database

DAY = date(2026, 6, 30)


def test_features_are_fields_classes_metrics_and_scores(example: Path) -> None:
    db = database.connect(example)
    names = lookup.names(db, DAY)
    found = features.lay(
        db,
        names,
        ("country", "class1", "turnover(12m)", "invoices", "abc"),
        flags={"is_dutch": Clause("a.country = ?", ("NL",))},
    )
    assert [(f.text, f.kind, f.column) for f in found] == [
        ("country", "text", "f0"), ("class1", "class", "f1"), ("turnover(12m)", "money", "f2"), ("invoices", "number", "f3"),
        ("abc", "text", "f4"),
    ]  # fmt: skip
    rows = db.execute("SELECT * FROM temp.feature ORDER BY account_id").fetchall()
    with connected(example) as plain:
        accounts = plain.execute(
            """SELECT a.id, a.country, a.class1, coalesce(a.country, '') = 'NL', (SELECT count(*) FROM invoice AS i WHERE i.account_id = a.id
               AND i.kind = 'sales' AND i.status = 'processed' AND i.total_amount >= 0 AND i.invoice_date <= '2026-06-30')
               FROM account AS a ORDER BY a.id"""
        ).fetchall()
    assert [(r[0], r[1], r[2], r[6] or 0, r[4]) for r in rows] == accounts
    turnover = names.catalogue and dict(db.execute("SELECT account_id, f2 FROM temp.feature"))
    sql = """SELECT account_id, sum(base_revenue_amount) FROM invoice WHERE kind = 'sales' AND status = 'processed'
             AND invoice_date > '2025-06-30' AND invoice_date <= '2026-06-30' GROUP BY 1"""
    for account, fine in db.execute(sql):
        assert abs(turnover[account] - fine / 10_000) <= 0.5
    db.close()


def test_only_the_accounts_asked_for(example: Path) -> None:
    db = database.connect(example)
    features.lay(db, lookup.names(db, DAY), ("name",), Clause("a.country = ?", ("BE",)), table="belgian")
    count = db.execute("SELECT count(*) FROM temp.belgian").fetchone()[0]
    assert count == db.execute("SELECT count(*) FROM account WHERE country = 'BE'").fetchone()[0] > 0
    db.close()


def test_an_unknown_feature_is_an_error(example: Path) -> None:
    db = database.connect(example)
    with pytest.raises(UsageError, match="no such field"):
        features.lay(db, lookup.names(db, DAY), ("turnovr(12m)",))
    db.close()
