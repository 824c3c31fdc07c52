"""Generated administrations as files: what is dated in them up to a day, what comes later, and all the answers that they give."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from conftest import Run
from hypothesis import strategies as st

from segcli.base.errors import SegcliError
from segcli.domain.scoring.columns import SCORES
from segcli.query import lookup
from segcli.query.expressions.language import operand
from segcli.query.expressions.metrics import CATALOGUE
from segcli.storage import sql_functions

START = date(2025, 10, 1)
DAY = date(2026, 3, 31)
ACCOUNTS = ("A", "B", "C")
ALWAYS = {
    "01-accounts": "account,name,class1,is_blocked\nA,Alpha,N,0\nB,Beta,S,0\nC,Gamma,N,0\nD,Delta,,1\n",
    "02-contacts": "account,contact,last_name,email,consent_basis,consent_date\nA,1,One,one@a.example,,\nB,1,Two,two@b.example,consent,2026-01-01\n"
    "D,1,Three,TWO@b.example,,\n",
    "03-chart": "gl_account,description,type,subledger\n1300,Debtors,B,debtors\n8000,Revenue,P,\n1100,Bank,B,\n",
    "04-items": "item,description,item_group\nX,x,G\nY,y,H\n",
    "05-types": "subscription_type,description,frequency\nM,Monthly,monthly\n",
    "06-subscriptions": "subscription,account,type,start_date,end_date,item,quantity,unit_price\nS1,A,M,2025-11-01,,X,1,10\n"
    "S2,B,M,2025-11-01,2026-03-15,Y,2,7\n",
}
HEADS = {
    "10-invoices": "invoice_number,account,invoice_date,currency,net_amount,vat_amount,total_amount",
    "11-lines": "invoice_number,line,item,quantity,unit_price",
    "12-bought": "invoice_number,account,invoice_date,net_amount",
    "20-receivables": "account,invoice_number,term,invoice_date,due_date,currency,amount",
    "30-allocations": "account,invoice_number,term,allocation_date,amount,reference",
    "31-payments": "account,invoice_number,entry_number,payment_date,amount",
    "40-entries": "journal,entry_number,entry_date,gl_account,account,description,debit,credit",
    "50-requests": "request_number,account,description,request_date,due_date,status,closed_date",
}
KINDS = {"12-bought": "purchase_invoice", "31-payments": "payment"}


class Dated(NamedTuple):
    """A line of a file, and the day on which it came to be."""

    file: str
    day: date
    text: str


@dataclass
class Administration:
    """All lines, in the order in which they came to be."""

    lines: list[Dated] = field(default_factory=list)

    def add(self, file: str, day: date, *cells: object) -> None:
        """Add a line to a file."""
        self.lines.append(Dated(file, day, ",".join("" if cell is None else str(cell) for cell in cells)))

    def files(self, *, later: bool) -> dict[str, str]:
        """Return what is dated up to DAY, or what comes after it, as files by kind."""
        found: dict[str, list[str]] = {}
        for line in self.lines:
            if (line.day > DAY) == later:
                found.setdefault(line.file, []).append(line.text)
        return {name: "\n".join([HEADS[name], *found[name], ""]) for name in HEADS if name in found}


DAYS = st.integers(0, 330)
PAYMENT = st.tuples(st.integers(0, 150), st.integers(-8, 25).filter(bool), st.sampled_from("aape"))
INVOICE = st.tuples(
    st.sampled_from(ACCOUNTS), DAYS, st.lists(st.integers(1, 9), min_size=1, max_size=3), st.booleans(),
    st.lists(PAYMENT, max_size=4),
)  # fmt: skip


@st.composite
def administrations(draw: st.DrawFn, *, is_mixed: bool = True) -> Administration:
    """Draw an administration: invoices with terms and payments, purchases, entries and requests before and after DAY.

    Where it is mixed, an invoice may have payments that name a term and payments that name none. The others make room for a payment
    that names its term, also on days before it, so an administration that is compared over time is not mixed.
    """
    made = Administration()
    for number, drawn in enumerate(draw(st.lists(INVOICE, min_size=1, max_size=6)), 1):
        _invoice(made, number, *drawn, is_mixed)
    for number, (account, after, amount) in enumerate(
        draw(st.lists(st.tuples(st.sampled_from(ACCOUNTS), DAYS, st.integers(1, 9)), max_size=3))
    ):
        day = START + timedelta(days=after)
        made.add("12-bought", day, f"P{number}", account, day, amount)
        made.add("40-entries", day, 70, number, day, 1300, account, "x", amount, None)
        made.add("40-entries", day, 70, number, day, 8000, None, "x", None, amount)
    for number, (account, after, open_for) in enumerate(
        draw(st.lists(st.tuples(st.sampled_from(ACCOUNTS), DAYS, st.integers(0, 200)), max_size=3))
    ):
        day = START + timedelta(days=after)
        closed = day + timedelta(days=open_for)
        due = day + timedelta(days=10)
        if day <= DAY < closed or open_for > 150:
            made.add("50-requests", day, number, account, "call", day, due, "open", None)
        if open_for <= 150:
            made.add("50-requests", closed, number, account, "call", day, due, "processed", closed)
    return made


def _invoice(made: Administration, number: int, *drawn: Any) -> None:
    """Add an invoice with its terms and payments, or a credit note."""
    account, after, terms, is_credit, payments, is_mixed = drawn
    if not is_mixed and any(kind == "e" for _, _, kind in payments):
        payments = [payment for payment in payments if payment[2] == "e" and payment[1] > 0][:1]
    day, sign, total = START + timedelta(days=after), -1 if is_credit else 1, sum(terms)
    made.add("10-invoices", day, number, account, day, "EUR", sign * total, 0, sign * total)
    made.add("11-lines", day, number, 1, "X" if total % 2 else "Y", sign, total)
    if is_credit:
        made.add("20-receivables", day, account, number, 1, day, None, "EUR", -total)
        return
    for term, amount in enumerate(terms, 1):
        made.add("20-receivables", day, account, number, term, day, day + timedelta(days=30 * term), "EUR", amount)
    has_named = False
    for at, (wait, amount, kind) in enumerate(payments):
        paid = day + timedelta(days=wait)
        if kind == "e" and not has_named and amount > 0:  # it names its term, and fits there
            has_named = True
            made.add(
                "30-allocations", paid, account, number, len(terms), paid, min(amount, terms[-1]), f"t{number}-{at}"
            )
        elif kind == "p":
            made.add("31-payments", paid, account, number, f"{number}-{at}", paid, -amount)
        elif amount > 0:
            made.add("30-allocations", paid, account, number, None, paid, amount, f"r{number}-{at}")


OVERVIEWS: Mapping[str, tuple[str, ...]] = {
    "account-search": (),
    "contact-search": (),
    "account-overview": (),
    "contact-overview": (),
    "marketing-list": (),
    "transaction-search": (),
    # what is paid later is shown as such: future and remaining are about the days after
    "outstanding-items": ("--columns", "account,invoice_number,term,invoice_date,due_date,currency,amount,allocated,open,days_overdue,base_open"),
    "debtor-ageing": (),
    "debtor-balance": (),
    "invoice-history": ("--columns", "invoice_number,invoice_date,due_date,account,status,net_amount,open,paid_date"),
    "sales-analysis": ("--group-by", "account,month,item"),
    "purchase-analysis": (),
    "subscription-search": (),
    "request-search": ("--columns", "request,account,description,request_date,due_date,days_overdue"),
}  # fmt: skip
STUDIES = (("abc",), ("rfm",), ("growth", "--short"), ("lifecycle",), ("churn",))
METRICS = (
    *CATALOGUE,
    "turnover(6m)",
    "days_to_pay(3m)",
    "overdue(30d)",
    "invoices(6m, 3m)",
    "turnover(where item = X)",
)


def answers(segcli: Run, path: Path, days: Sequence[date]) -> dict[str, object]:
    """Return all answers as of these days: overviews, studies, metrics and scores."""
    found: dict[str, object] = {}
    for day in days:
        for name, words in OVERVIEWS.items():
            done = segcli("--database", path, "show", name, "--as-of", day, "-f", "tsv", *words)
            assert done.status == 0, (name, done.err)
            found[f"{name} {day}"] = sorted(done.out.splitlines())
        for name, *words in STUDIES:
            done = segcli("--database", path, "score", name, "--as-of", day, "-f", "tsv", *words)
            found[f"score {name} {day}"] = (done.status, sorted(done.out.splitlines()))
        found |= {f"{name} {day}": value for name, value in _values(path, day).items()}
    return found


def _values(path: Path, day: date) -> dict[str, object]:
    """Return the metrics and scores of all accounts as of a day."""
    found: dict[str, object] = {}
    with closing(sqlite3.connect(path)) as db:
        sql_functions.register(db)
        names = lookup.names(db, day)
        for text in (*METRICS, *SCORES):
            try:
                asked = operand(text, names)
                sql = f"SELECT a.code, {asked.column} FROM account AS a ORDER BY a.code"
                found[text] = db.execute(sql, asked.values).fetchall()
            except SegcliError as error:  # too few purchases for a fit
                found[text] = error.message
    return found


def bring_in(segcli: Run, path: Path, files: Mapping[str, str]) -> None:
    """Import files in the order in which they are given."""
    for name, content in files.items():
        file = path.parent / f"{name}.csv"
        file.write_text(content, encoding="utf-8")
        kind = ("--as", KINDS[name]) if name in KINDS else ("--create-missing",)
        done = segcli("--database", path, "import", file, *kind)
        assert done.status in {0, 5}, (name, content, done.err)


def begin(segcli: Run, path: Path) -> None:
    """Make a database with what is in every administration."""
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    assert segcli("--database", path, "init").status == 0
    bring_in(segcli, path, ALWAYS)
