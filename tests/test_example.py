"""The example administration: made from its script, and consistent in itself."""

import csv
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "examples"


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / "administration" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def cents(text: str) -> int:
    return round(float(text) * 100)


def test_the_script_makes_the_files_to_the_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(FOLDER / "generate.py"), str(tmp_path / "made")], check=True)
    made = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    assert made == {path.name: path.read_bytes() for path in (FOLDER / "administration").iterdir()}


def test_lines_terms_and_payments_add_up() -> None:
    net, vat, terms, paid = (defaultdict(int) for _ in range(4))
    for line in rows("invoice_lines"):
        net[line["invoice_number"]] += cents(line["net_amount"])
        vat[line["invoice_number"]] += cents(line["vat_amount"])
    items = {(r["invoice_number"], r["term"]): cents(r["amount"]) for r in rows("receivables") if r["invoice_number"]}
    for (number, _), amount in items.items():
        terms[number] += amount
    for row in rows("allocations"):
        paid[row["invoice_number"], row["term"]] += cents(row["amount"])
    for invoice in rows("invoices"):
        number = invoice["invoice_number"]
        assert net[number] == cents(invoice["net_amount"])
        assert vat[number] == cents(invoice["vat_amount"])
        assert net[number] + vat[number] == cents(invoice["total_amount"])
        assert terms[number] == (cents(invoice["total_amount"]) if invoice["status"] == "processed" else 0)
    for key, amount in paid.items():
        assert abs(amount) <= abs(items[key])
        assert amount * items[key] >= 0


def test_every_class_is_used_and_some_accounts_have_none() -> None:
    accounts = rows("accounts")
    assert len(accounts) == 300
    for field in range(1, 9):
        assert len({account[f"class{field}"] for account in accounts}) >= 3
    assert sum(not any(account[f"class{n}"] for n in range(1, 9)) for account in accounts) >= 30
    mains = Counter(contact["account"] for contact in rows("contacts") if contact["is_main_contact"] == "1")
    assert set(mains.values()) == {1}
    assert set(mains) == {contact["account"] for contact in rows("contacts")}
    for year in ("25", "26"):
        numbers = [int(r["invoice_number"]) for r in rows("invoices") if r["invoice_number"].startswith(year)]
        assert numbers == list(range(int(f"{year}000001"), int(f"{year}000001") + len(numbers)))
