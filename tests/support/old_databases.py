"""Databases of the schemas of released versions."""

import sqlite3
from pathlib import Path

from conftest import ROOT

SCHEMAS = ROOT / "tests" / "schemas"


def older(path: Path, version: int) -> None:
    """Make a database of an older version, with something in each of its tables that a user fills."""
    db = sqlite3.connect(path)
    db.create_function("fold", 1, str.lower, deterministic=True)
    db.executescript((SCHEMAS / f"{version}.sql").read_text(encoding="utf-8"))
    db.executescript("""
        INSERT INTO administration (id, name, currency) VALUES (1, 'Ours', 'EUR');
        INSERT INTO classification_label (field, label) VALUES (1, 'Region');
        INSERT INTO classification_value (id, field, code, description) VALUES (1000001, 1, 'N', 'North');
        INSERT INTO account (code, name, class1, search_text) VALUES ('1', 'Jansen', 1000001, '1' || char(10) || 'jansen');
        INSERT INTO contact (account_id, code, name, search_text) VALUES (1, '1', 'Piet', 'piet');
        INSERT INTO outstanding_item (account_id, item_key, invoice_number, invoice_date, currency, amount, open_amount)
          VALUES (1, 'invoice 7 1', '7', '2026-01-05', 'EUR', 10000, 10000), (1, 'invoice 8 1', '8', '2026-01-05', 'USD', 500, 500);
        INSERT INTO allocation (item_id, allocation_key, allocation_date, amount) VALUES
          (1, 'a', '2026-01-01', 1000), (1, 'b', '2026-02-01', 2000), (2, 'c', '2026-02-01', 100);
        PRAGMA journal_mode = WAL;
    """)
    if version > 1:  # what the step from 1 to 2 makes
        db.executescript("""
            UPDATE outstanding_item SET base_amount = amount WHERE currency = 'EUR';
            UPDATE allocation SET base_amount = amount, is_advance = allocation_date < '2026-01-05' WHERE item_id = 1;
        """)
    db.close()
