"""Three subscriptions of each sort, and what is planned and invoiced of them."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Once, Run, connected

GENERATE = ("run", "generate-subscription-invoices")
UPDATE = ("run", "update-subscription-prices")
TYPES = """subscription_type,description,frequency,timing,proration,invoice_per,notice_days
M,Monthly,monthly,advance,days,,
Q,Quarterly,quarterly,arrears,days,,60
A,Per account,monthly,advance,days,account,
"""
HEADS = """subscription,account,type,start_date,end_date,cancellation_date,invoice_day
S1,A,M,2026-01-31,,,
S2,B,Q,2025-11-30,2026-07-10,,
S3,A,M,2026-01-15,,2026-03-20,1
"""
LINES = """subscription,line_number,item,description,quantity,unit_price,discount_percent,start_date,end_date,is_once,vat_percent
S1,1,,Licence,1,10,,,,0,21
S2,1,TEA,,3,19.99,10,,,0,9
S3,1,,Service,1,31,,,,0,21
S3,2,,Start,1,100,,,,1,21
"""


def _subscriptions(segcli: Run) -> None:
    Path("a.csv").write_text("account,name,email,is_blocked\nA,Ann,a@a.example,0\nB,Bob,,0\nX,Blocked,,1\n")
    Path("i.csv").write_text("item,description,sales_price,unit\nTEA,Tea,25.00,box\n")
    Path("t.csv").write_text(TYPES)
    Path("h.csv").write_text(HEADS)
    Path("l.csv").write_text(LINES)
    for name in "aithl":
        done = segcli("import", f"{name}.csv")
        assert (done.status, done.err) == (0, "")


@pytest.fixture
def subscriptions(once: Once, empty: Path) -> Path:
    once(_subscriptions)
    return empty


def more(segcli: Run, heads: str = "", lines: str = "") -> None:
    """Bring in more subscriptions and lines."""
    for name, header, rows in (("more-h", HEADS.splitlines()[0], heads), ("more-l", LINES.splitlines()[0], lines)):
        if rows:
            Path(f"{name}.csv").write_text(f"{header}\n{rows}\n")
            done = segcli("import", f"{name}.csv")
            assert done.status == 0, done.err


def planned(segcli: Run, *words: str) -> list[tuple[Any, ...]]:
    names = "subscription,invoice_date,start_date,end_date,net_amount,reason"
    return [tuple(row.values()) for row in segcli(*GENERATE, "--columns", names, "-f", "json", *words).rows]


def invoices(database: Path) -> list[tuple[Any, ...]]:
    """Return every line of every invoice, without their ids."""
    with connected(database) as db:
        return db.execute(
            """SELECT i.invoice_date, a.code, i.net_amount, i.vat_amount, l.line_number, l.description, l.quantity, l.unit_price,
                      l.net_amount, l.start_date, l.end_date FROM invoice AS i JOIN account AS a ON a.id = i.account_id
                 JOIN invoice_line AS l ON l.invoice_id = i.id ORDER BY i.invoice_date, i.id, l.line_number"""
        ).fetchall()


def lines(database: Path, number: str) -> list[tuple[Any, ...]]:
    with connected(database) as db:
        return db.execute(
            "SELECT l.line_number, l.unit_price, l.start_date, l.end_date FROM subscription_line AS l JOIN subscription AS s"
            " ON s.id = l.subscription_id WHERE s.subscription_number = ? ORDER BY l.line_number", (number,),
        ).fetchall()  # fmt: skip


def found(segcli: Run, *words: str) -> list[tuple[Any, ...]]:
    names = "subscription,status,monthly_value,yearly_value"
    return [
        tuple(row.values())
        for row in segcli("show", "subscription-search", "-f", "json", "--columns", names, *words).rows
    ]
