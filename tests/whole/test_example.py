"""The example administration: made from its script to the byte, and consistent in itself."""

import csv
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import groupby
from pathlib import Path

from conftest import ROOT

EXAMPLES = ROOT / "examples"
FOLDER = EXAMPLES / "administration"
STORY_ENDS = date(2026, 6, 30)
CLASSES = [f"class{field}" for field in range(1, 9)]
Key = tuple[str, str, str]


@cache
def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def item_of(row: dict[str, str]) -> Key:
    return row["account"], row["invoice_number"], row["term"]


def rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1) if currency == "JPY" else Decimal("0.01"), ROUND_HALF_UP)


def sums(name: str, key: str, amount: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows(name):
        found[row[key]] += Decimal(row[amount])
    return found


def values() -> dict[str, dict[str, bool]]:
    """Return the codes of each class and whether they are retired."""
    found: dict[str, dict[str, bool]] = {}
    for line in (FOLDER / "classification.yaml").read_text(encoding="utf-8").splitlines():
        if label := re.fullmatch(r"  (\d):", line):
            found[f"class{label[1]}"] = {}
        elif value := re.search(r'\{code: "([^"]+)", ', line):
            found[list(found)[-1]][value[1]] = "is_retired: true" in line
    return found


def test_the_script_makes_the_files_to_the_byte(tmp_path: Path) -> None:
    for name, seed in (("once", "0"), ("twice", "1")):
        subprocess.run(
            [sys.executable, "-B", str(EXAMPLES / "generate.py"), str(tmp_path / name)],
            check=True,
            env={"PYTHONHASHSEED": seed},
        )
        made = {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        assert made == {path.name: path.read_bytes() for path in FOLDER.iterdir()}


def test_the_files_are_plain_and_small() -> None:
    files = [path for path in EXAMPLES.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 1_250_000
    for path in files:
        content = path.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content
        assert content.endswith(b"\n")
        content.decode("utf-8")


def test_the_readme_counts_right() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (\w+)\.csv \| ([\d,]+) \|", text, re.MULTILINE)
    counts = {name: int(count.replace(",", "")) for name, count in table}
    assert counts == {path.stem: len(rows(path.stem)) for path in FOLDER.glob("*.csv")}


def test_lines_are_priced_and_add_up_to_their_invoice() -> None:
    invoices = {row["invoice_number"]: row for row in rows("invoices")}
    items = {row["item"] for row in rows("items")}
    for number, lines in groupby(rows("invoice_lines"), lambda row: row["invoice_number"]):
        invoice = invoices.pop(number)
        net = vat = Decimal(0)
        for order, line in enumerate(lines, 1):
            assert line["line"] == str(order)
            assert line["item"] in items
            price = Decimal(line["quantity"]) * Decimal(line["unit_price"])
            price = rounded(price * (100 - Decimal(line["discount_percent"])) / 100, invoice["currency"])
            assert Decimal(line["net_amount"]) == price
            tax = rounded(price * Decimal(line["vat_percent"]) / 100, invoice["currency"])
            assert Decimal(line["vat_amount"]) == tax
            assert line["quantity"].startswith("-") == invoice["description"].startswith("Credit")
            net += price
            vat += tax
        assert (net, vat) == (Decimal(invoice["net_amount"]), Decimal(invoice["vat_amount"]))
        assert net + vat == Decimal(invoice["total_amount"])
    assert not invoices


def test_terms_add_up_to_their_invoice() -> None:
    terms = sums("receivables", "invoice_number", "amount")
    assert terms.pop("") < 0
    processed = [row for row in rows("invoices") if row["status"] == "processed"]
    assert terms == {row["invoice_number"]: Decimal(row["total_amount"]) for row in processed}
    assert max(row["term"] for row in rows("receivables")) == "3"
    numbered = [row for row in rows("receivables") if row["invoice_number"]]
    assert len({item_of(row) for row in numbered}) == len(numbered)
    for row in rows("receivables"):
        assert bool(row["invoice_number"]) != bool(row["entry_number"])
        assert row["invoice_number"] or row["amount"].startswith("-")


def test_a_term_is_its_invoices() -> None:
    same = ("account", "invoice_date", "currency")
    invoices = {row["invoice_number"]: [row[name] for name in same] for row in rows("invoices")}
    accounts = {row["account"]: row for row in rows("accounts")}
    for row in rows("receivables"):
        assert row["currency"] == accounts[row["account"]]["currency"]
        if row["invoice_number"]:
            assert [row[name] for name in same] == invoices[row["invoice_number"]]
    for row in rows("invoices"):
        ends = accounts[row["account"]]["end_date"] or "9999"
        assert accounts[row["account"]]["start_date"] <= row["invoice_date"] <= ends


def test_nothing_is_allocated_beyond_its_item() -> None:
    items = {item_of(row): row for row in rows("receivables") if row["invoice_number"]}
    paid: dict[Key, Decimal] = defaultdict(Decimal)
    for row in rows("allocations"):
        item = items[item_of(row)]
        assert row["currency"] == item["currency"]
        assert row["allocation_date"] >= item["invoice_date"]
        assert Decimal(row["amount"]) * Decimal(item["amount"]) > 0
        paid[item_of(row)] += Decimal(row["amount"])
    for key, amount in paid.items():
        assert abs(amount) <= abs(Decimal(items[key]["amount"]))


def test_what_is_set_off_is_set_off_on_both_sides() -> None:
    both = Counter(
        (row["account"], row["allocation_date"], Decimal(row["amount"]))
        for row in rows("allocations")
        if row["reference"].startswith("Set off")
    )
    assert both
    assert all(both[account, day, -amount] == count for (account, day, amount), count in both.items())


def test_the_story_ends_with_open_items_in_every_bucket() -> None:
    opened = {item_of(row) if row["invoice_number"] else row["entry_number"]: row for row in rows("receivables")}
    left = {key: Decimal(row["amount"]) for key, row in opened.items()}
    for row in rows("allocations"):
        if date.fromisoformat(row["allocation_date"]) <= STORY_ENDS:
            left[item_of(row)] -= Decimal(row["amount"])
    found = [opened[key] for key, amount in left.items() if amount]
    ages = [(STORY_ENDS - date.fromisoformat(row["due_date"] or row["invoice_date"])).days for row in found]
    assert 200 <= len(found) <= 300
    assert set(Counter(max(0, min(4, -(-age // 30))) for age in ages)) == {0, 1, 2, 3, 4}
    assert any(date.fromisoformat(row["allocation_date"]) > STORY_ENDS for row in rows("allocations"))
    assert {row["currency"] for row in found} == {"EUR", "USD", "GBP", "JPY"}


def test_every_class_is_used_and_some_accounts_have_none() -> None:
    given = {name: {row[name] for row in rows("accounts")} - {""} for name in CLASSES}
    known = values()
    assert list(known) == CLASSES
    retired = [code for codes in known.values() for code, is_retired in codes.items() if is_retired]
    assert len(retired) == 1
    unused = [code for name in CLASSES for code in known[name].keys() - given[name]]
    assert sorted(unused) == sorted(["IDLE", *retired])
    assert all(given[name] <= known[name].keys() for name in CLASSES)
    counts = Counter(sum(bool(row[name]) for name in CLASSES) for row in rows("accounts"))
    assert 30 <= counts[0] <= 50
    assert sum(counts[count] for count in range(1, 8)) > 100


def test_accounts_are_of_all_kinds() -> None:
    accounts = rows("accounts")
    assert len({row["account"] for row in accounts}) == len(accounts) == 300
    assert {row["status"] for row in accounts} == set("ASPC")
    for name in ("is_supplier", "is_blocked", "is_mailing_excluded"):
        assert {row[name] for row in accounts} == {"0", "1"}
    for name in ("email", "end_date", "manager"):
        assert {bool(row[name]) for row in accounts} == {True, False}
    text = "\n".join(row["name"] for row in accounts)
    assert all(mark in text for mark in "',\"&éłñתخ社")
    assert all(row["email"].endswith(".example") for row in accounts if row["email"])


def test_there_is_one_main_contact() -> None:
    contacts, accounts = rows("contacts"), {row["account"] for row in rows("accounts")}
    mains = Counter(row["account"] for row in contacts if row["is_main_contact"] == "1")
    assert set(mains.values()) == {1}
    assert mains.keys() == {row["account"] for row in contacts}
    assert mains.keys() < accounts
    assert len({(row["account"], row["contact"]) for row in contacts}) == len(contacts)
    addresses = Counter(row["email"] for row in contacts)
    assert addresses[""]
    assert max(count for address, count in addresses.items() if address) > 1
    assert any(not re.fullmatch(r"[^@ ]+@[^@ ]+[^.]", address) for address in addresses if address)


def test_invoice_numbers_are_gap_free_and_in_order_of_date() -> None:
    for year, invoices in groupby(rows("invoices"), lambda row: row["invoice_date"][:4]):
        made = list(invoices)
        first = int(year[2:]) * 1_000_000 + 1
        assert [int(row["invoice_number"]) for row in made] == list(range(first, first + len(made)))
        assert [row["invoice_date"] for row in made] == sorted(row["invoice_date"] for row in made)


def cents(text: str) -> int:
    return int(text.replace(".", "")) if text else 0


def test_every_entry_balances_and_names_what_there_is() -> None:
    lines = rows("transactions")
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in lines:
        sums[row["journal"], row["entry_number"]] += cents(row["debit"]) - cents(row["credit"])
        assert bool(row["debit"]) != bool(row["credit"])
        assert (row["financial_year"], int(row["period"])) == (row["entry_date"][:4], int(row["entry_date"][5:7]))
    assert set(sums.values()) == {0}
    for column, name in (("gl_account", "gl_accounts"), ("journal", "journals")):
        assert {row[column] for row in lines} <= {row[column] for row in rows(name)}
    assert {row["account"] for row in lines} - {""} <= {row["account"] for row in rows("accounts")}


def test_the_debtors_account_is_what_the_items_add_up_to_on_every_day() -> None:
    debtors = [row for row in rows("transactions") if row["gl_account"] == "1300"]
    # day, account, what the ledger has more than the items
    movements = [(r["entry_date"], r["account"], cents(r["debit"]) - cents(r["credit"])) for r in debtors]
    left: dict[Key, list[int]] = {}
    for row in rows("receivables"):
        amount = cents(row["base_amount"] or row["amount"])
        movements.append((row["invoice_date"], row["account"], -amount))
        if row["invoice_number"]:
            left[item_of(row)] = [cents(row["amount"]), amount]
    for row in rows("allocations"):
        amount = cents(row["base_amount"] or row["amount"])
        movements.append((row["allocation_date"], row["account"], amount))
        item = left[item_of(row)]
        item[0] -= cents(row["amount"])
        item[1] -= amount
        if not item[0]:  # paid: what is left in euros is the exchange difference, and leaves with the payment
            movements.append((row["allocation_date"], row["account"], item[1]))
    differences: dict[str, int] = defaultdict(int)
    for _, day in groupby(sorted(movements), lambda movement: movement[0]):
        for _, account, amount in day:
            differences[account] += amount
        assert not any(differences.values())


def test_revenue_and_vat_are_those_of_the_processed_invoices() -> None:
    booked: dict[str, int] = defaultdict(int)
    for row in rows("transactions"):
        if row["journal"] == "70" and row["gl_account"] != "1300" and not row["currency"]:
            booked[row["gl_account"][:2]] += cents(row["credit"]) - cents(row["debit"])
    invoices = [row for row in rows("invoices") if row["status"] == "processed" and row["currency"] == "EUR"]
    foreign = {row["invoice_number"] for row in rows("invoices") if row["currency"] != "EUR"}
    for row in rows("transactions"):  # revenue of foreign invoices is in euros: another figure than theirs
        if row["journal"] == "70" and row["gl_account"] != "1300" and row["invoice_number"] in foreign:
            booked[row["gl_account"][:2]] -= cents(row["credit"]) - cents(row["debit"])
    assert booked["80"] == sum(cents(row["net_amount"]) for row in invoices)
    assert booked["15"] == sum(cents(row["vat_amount"]) for row in invoices)
