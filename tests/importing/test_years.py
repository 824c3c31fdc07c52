"""Audit files of several years: the opening balance of a later year is the closing balance of the year before it."""

from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected
from finance_files import XAF_32, XAF_40, elements
from import_case import load

LEDGER = (("0500", "B"), ("1100", "B"), ("1300", "B"), ("8000", "P"))
RELATIONS = "".join(
    f"<customerSupplier>{elements(custSupID=code, custSupName=name, custSupTp='C')}</customerSupplier>"
    for code, name in (("D1", "Kaas"), ("D2", "Brood"))
)


def post(number: int, account: str, amount: int, more: str = "") -> str:
    """Return a line of an amount in cents, debit positive."""
    about = elements(nr=str(number), accID=account, docRef="x", amnt=money(amount), amntTp="D" if amount >= 0 else "C")
    return about + more


def money(amount: int) -> str:
    return f"{abs(amount) // 100}.{abs(amount) % 100:02}"


class Year:
    """An audit file of a year, or of a part of it: what it opens with, its sales and its receipts."""

    def __init__(
        self, year: int, opening: Mapping[str, int] | None = None, start: str = "", version: str = XAF_32
    ) -> None:
        self.year, self.opening, self.version = year, dict(opening or {}), version
        self.start = start or f"{year}-01-01"
        self.open_items: list[tuple[str, str, int]] = []
        self.entries: dict[str, list[str]] = {"V": [], "B": []}
        self.sub: list[str] = []

    def opens(self, party: str, invoice: str, amount: int) -> "Year":
        """Add an open item of the opening balance."""
        self.open_items.append((party, invoice, amount))
        return self

    def sale(self, party: str, invoice: str, amount: int, day: str) -> "Year":
        """Add an invoice."""
        return self._enter("V", party, invoice, amount, day, "8000")

    def receipt(self, party: str, invoice: str, amount: int, day: str) -> "Year":
        """Add a receipt, of an invoice or of none."""
        return self._enter("B", party, invoice, -amount, day, "1100")

    def _enter(self, journal: str, party: str, invoice: str, amount: int, day: str, other: str) -> "Year":  # noqa: PLR0913 - a booking
        number = str(len(self.entries[journal]) + 1)  # each year begins at 1
        who = elements(effDate=day, custSupID=party) + (elements(invRef=invoice) if invoice else "")
        lines = f"<trLine>{post(1, '1300', amount, who)}</trLine><trLine>{post(2, other, -amount, elements(effDate=day))}</trLine>"
        about = elements(nr=number, periodNumber=str(int(day[5:7])), trDt=day)
        self.entries[journal].append(f"<transaction>{about}{lines}</transaction>")
        kind = "I" if journal == "V" else "P"
        place = elements(
            nr="1", jrnID=journal, trNr=number, trLineNr="1", amnt=money(amount), amntTp="D" if amount >= 0 else "C"
        )
        self.sub.append(
            f"<sbLine>{place}{elements(custSupID=party, invRef=invoice or '0', invDt=day, mutTp=kind)}</sbLine>"
        )
        return self

    @property
    def text(self) -> str:
        """Return the file."""
        opening = ""
        if self.opening:
            at = {account: number for number, account in enumerate(self.opening, 1)}
            opening = "".join(
                f"<obLine>{post(at[account], account, amount)}</obLine>" for account, amount in self.opening.items()
            )
            items = "".join(
                "<obSbLine>" + elements(nr=str(n), obLineNr=str(at.get("1300", 1)), amnt=money(amount), amntTp="D" if amount >= 0 else "C",
                custSupID=party, invRef=invoice or "0", invDt=f"{self.year - 1}-12-01", mutTp="I") + "</obSbLine>"
                for n, (party, invoice, amount) in enumerate(self.open_items, 1)
            )  # fmt: skip
            sub = f"<obSubledgers><obSubledger><sbType>CU</sbType>{items}</obSubledger></obSubledgers>" if items else ""
            opening = f"<openingBalance>{elements(opBalDate=self.start)}{opening}{sub}</openingBalance>"
        ledger = "".join(
            f"<ledgerAccount>{elements(accID=a, accDesc=a, accTp=kind)}</ledgerAccount>" for a, kind in LEDGER
        )
        journals = "".join(
            f"<journal>{elements(jrnID=code, desc=code, jrnTp='S' if code == 'V' else 'B')}{''.join(entries)}</journal>"
            for code, entries in self.entries.items() if entries
        )  # fmt: skip
        sub = f"<subledgers><subledger><sbType>CU</sbType>{''.join(self.sub)}</subledger></subledgers>"
        head = elements(fiscalYear=str(self.year), startDate=self.start, endDate=f"{self.year}-12-31", curCode="EUR")
        return (
            f'<?xml version="1.0"?><auditfile xmlns="{self.version}"><header>{head}</header><company><companyName>Wij</companyName>'
            f"<customersSuppliers>{RELATIONS}</customersSuppliers><generalLedger>{ledger}</generalLedger>{opening}"
            f"<transactions>{journals}{sub}</transactions></company></auditfile>"
        )


def three() -> dict[str, Year]:
    """Return three years: F1 of 121.00 is paid in parts of 50, 21 and 10; F2 of 60 stays open; 5.00 came in for no invoice."""
    first = Year(2023).sale("D1", "F1", 12100, "2023-11-05").receipt("D1", "F1", 5000, "2023-12-20")
    first.receipt("D2", "", 500, "2023-12-21")
    # Closing 2023: 1300 is 121 - 50 - 5 = 66, 1100 is 55, the result of 121 goes to 0500.
    second = Year(2024, {"1300": 6600, "1100": 5500, "0500": -12100})
    second.opens("D1", "F1", 7100).opens("D2", "", -500).receipt("D1", "F1", 2100, "2024-02-01").sale(
        "D2", "F2", 6000, "2024-03-01"
    )
    # Closing 2024: 1300 is 66 - 21 + 60 = 105, 1100 is 76, 0500 is -121 - 60.
    third = Year(2025, {"1300": 10500, "1100": 7600, "0500": -18100})
    third.opens("D1", "F1", 5000).opens("D2", "", -500).opens("D2", "F2", 6000).receipt("D1", "F1", 1000, "2025-01-20")
    return {"a.xaf": first, "b.xaf": second, "c.xaf": third}


def bring(segcli: Run, names: Sequence[str], years: Mapping[str, Year]) -> list[str]:
    return [load(segcli, "--again", **{name: years[name].text}).err for name in names]


def found(segcli: Run, as_of: str = "2026-01-01") -> tuple[str, list[tuple[Any, ...]]]:
    """Return the control line, and the open items."""
    line = segcli("show", "debtor-ageing", "-f", "md", "--as-of", as_of).out.strip().splitlines()[-1]
    rows = segcli("show", "outstanding-items", "-f", "json", "--as-of", as_of).rows
    items = sorted((row["account"], row["invoice_number"] or "", row["open"]) for row in rows)
    return line[line.index("ledger") :], items


@pytest.mark.repeats
@pytest.mark.parametrize("order", list(permutations(("a.xaf", "b.xaf", "c.xaf"))))
def test_three_years_in_any_order(segcli: Run, empty: Path, order: tuple[str, ...]) -> None:
    told = bring(segcli, order, three())
    assert "closing balance" not in "".join(told)
    assert not "".join(told) or order != ("a.xaf", "b.xaf", "c.xaf")
    wanted = (
        "ledger 1300: 95.00, items: 95.00, difference 0.00 EUR",
        [("D1", "F1", 40), ("D2", "", -5), ("D2", "F2", 60)],
    )
    assert found(segcli) == wanted
    bring(segcli, order, three())
    assert found(segcli) == wanted
    # The ledger at the end of each year, by hand: 66, 105.
    assert "ledger 1300: 66.00, items: 66.00" in found(segcli, "2023-12-31")[0]
    assert "ledger 1300: 105.00, items: 105.00" in found(segcli, "2024-12-31")[0]
    assert segcli("check").status == 0


@pytest.mark.parametrize("order", [("b.xaf", "c.xaf"), ("c.xaf", "b.xaf")])
def test_the_first_opening_balance_counts(segcli: Run, empty: Path, order: tuple[str, ...]) -> None:
    bring(segcli, order, three())
    assert found(segcli) == (
        "ledger 1300: 95.00, items: 95.00, difference 0.00 EUR",
        [("D1", "F1", 40), ("D2", "", -5), ("D2", "F2", 60)],
    )


def test_importing_again_changes_nothing(segcli: Run, empty: Path) -> None:
    years = three()
    bring(segcli, list(years), years)
    with connected(empty) as db:
        before = db.execute("SELECT max(id) FROM run").fetchone()
    bring(segcli, list(years), years)
    bring(segcli, ["b.xaf"], years)
    with connected(empty) as db:
        assert db.execute("SELECT max(id) FROM run").fetchone() == before


@pytest.mark.parametrize("order", [("a.xaf", "c.xaf"), ("c.xaf", "a.xaf")])
def test_after_a_missing_year_the_ledger_follows_the_opening_balance(
    segcli: Run, empty: Path, order: tuple[str, ...]
) -> None:
    told = "".join(bring(segcli, order, three()))
    assert "the year before 2025 is not here" in told or order[0] == "c.xaf"
    assert "ledger 1300: 95.00" in found(segcli)[0]
    assert "ledger 1300: 66.00" in found(segcli, "2024-12-31")[0]
    bring(segcli, ["b.xaf"], three())
    assert found(segcli)[0] == "ledger 1300: 95.00, items: 95.00, difference 0.00 EUR"
    assert "ledger 1300: 105.00, items: 105.00" in found(segcli, "2024-12-31")[0]
    assert segcli("check").status == 0


def test_an_account_that_is_nothing_after_the_gap(segcli: Run, empty: Path) -> None:
    """The opening balance does not name it: its balance went to nothing in the missing year."""
    later = Year(2025, {"1100": 17600, "0500": -17600})
    bring(segcli, ("a.xaf", "z.xaf"), {**three(), "z.xaf": later})
    assert "ledger 1300: 0.00" in found(segcli)[0]
    assert "ledger 1300: 66.00" in found(segcli, "2024-12-31")[0]
    assert segcli("check").status == 0
    bring(segcli, ["z.xaf"], {"z.xaf": later})
    assert "ledger 1300: 0.00" in found(segcli)[0]


@pytest.mark.parametrize("order", [("a.xaf", "b.xaf"), ("b.xaf", "a.xaf")])
def test_an_opening_balance_that_differs_is_told(segcli: Run, empty: Path, order: tuple[str, ...]) -> None:
    years = three()
    years["b.xaf"].opening = {"1300": 7500, "1100": 5500, "0500": -13000}
    told = bring(segcli, order, years)
    assert told[0] == ""
    assert "the opening balance of 2024 on ledger account 1300 is 75.00" in told[1]
    assert "the closing balance before it 66.00" in told[1]
    assert "on ledger account 0500 is -130.00" in told[1], "the result of -121.00 explains only a part"
    assert "1100" not in told[1]
    assert "ledger 1300: 105.00" in found(segcli)[0], "the closing balance counts"
    done = segcli("check", "-f", "json")
    assert [row["result"] for row in done.rows if row["check"] == "opening balances"] == ["warning"]
    # The final file of the earlier year makes it right.
    bring(segcli, ["b.xaf"], three())
    assert [r["result"] for r in segcli("check", "-f", "json").rows if r["check"] == "opening balances"] == ["ok"]


@pytest.mark.parametrize("order", list(permutations(("a.xaf", "h1.xaf", "h2.xaf"))))
def test_files_of_half_years(segcli: Run, empty: Path, order: tuple[str, ...]) -> None:
    first = Year(2024, {"1300": 6600, "1100": 5500, "0500": -12100}).opens("D1", "F1", 7100).opens("D2", "", -500)
    first.receipt("D1", "F1", 2100, "2024-02-01")
    second = (
        Year(2024, {"1300": 4500, "1100": 7600, "0500": -12100}, "2024-07-01")
        .opens("D1", "F1", 5000)
        .opens("D2", "", -500)
    )
    second.entries["V"] = [""]  # the numbers go on within the year
    second.sale("D2", "F2", 6000, "2024-08-01")
    bring(segcli, order, {"a.xaf": three()["a.xaf"], "h1.xaf": first, "h2.xaf": second})
    assert found(segcli) == (
        "ledger 1300: 105.00, items: 105.00, difference 0.00 EUR",
        [("D1", "F1", 50), ("D2", "", -5), ("D2", "F2", 60)],
    )
    assert "ledger 1300: 45.00, items: 45.00" in found(segcli, "2024-07-15")[0]


@pytest.mark.parametrize("order", list(permutations(("a.xaf", "b.xaf", "c.xaf"))))
def test_undo_of_any_year(segcli: Run, empty: Path, order: tuple[str, ...]) -> None:
    """The ledger is that of the files that are left, whichever is undone."""
    for gone in order:
        left = [name for name in order if name != gone]
        bring(segcli, order, three())
        with connected(empty) as db:
            run = db.execute("SELECT max(id) FROM run WHERE command = ?", (f"import {gone}",)).fetchone()[0]
        assert segcli("undo", run, "--yes").status == 0
        with connected(empty) as db:
            sql = "SELECT sum(t.amount) FROM transaction_line AS t JOIN gl_account AS g ON g.id = t.gl_account_id WHERE g.code = '1300'"
            balance = db.execute(sql).fetchone()[0]
        # Without the last year 105.00; otherwise what the last year closes at, also after a gap.
        assert balance == (9500 if "c.xaf" in left else 10500), (order, gone)
        segcli("undo", run + 1, "--yes")
        bring(segcli, order, three())


def test_a_database_of_an_earlier_version(segcli: Run, empty: Path) -> None:
    """What an earlier version added up is put right by the upgrade step."""
    from segcli.storage import migrations

    bring(segcli, ("a.xaf", "b.xaf", "c.xaf"), three())
    with connected(empty) as db:
        db.execute(
            "UPDATE transaction_line SET amount = opening_amount, opening_amount = NULL WHERE opening_amount IS NOT NULL"
        )
        db.commit()
        total = "SELECT sum(t.amount) FROM transaction_line AS t JOIN gl_account AS g ON g.id = t.gl_account_id WHERE g.code = '1300'"
        assert db.execute(total).fetchone()[0] == 9500 + 6600 + 10500
        migrations.STEPS[7](db)
        assert db.execute(total).fetchone()[0] == 9500


def test_version_4_without_a_subledger(segcli: Run, empty: Path) -> None:
    """Such a file does not state its debtors without RGS codes: no receivables are made up."""
    year = Year(2024, version=XAF_40).sale("D1", "F1", 12100, "2024-11-05")
    year.sub = []
    load(
        segcli,
        **{"a.xaf": year.text.replace("<subledgers><subledger><sbType>CU</sbType></subledger></subledgers>", "")},
    )
    assert segcli("show", "outstanding-items", "-f", "json").rows == []
