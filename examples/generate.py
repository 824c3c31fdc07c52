"""Write the example administration: the same bytes every time, from a fixed seed. Run it to renew examples/administration.

python examples/generate.py [FOLDER]
"""

import csv
import random
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import names

SEED = 20260630
STORY_ENDS = date(2026, 6, 30)
ACCOUNTS = 300
INVOICES = 900
VAT = {"NL": 21}  # per cent; none across the border
FOLDER = Path(__file__).parent / "administration"
Row = dict[str, Any]


class Administration:
    """Everything that is written, made in one order from one source of chance."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.accounts = [self.account(number) for number in range(1, ACCOUNTS + 1)]
        self.contacts = [contact for account in self.accounts for contact in self.people(account)]
        self.items = [self.item(number, *item) for number, item in enumerate(names.ITEMS, 1)]
        self.invoices: list[Row] = []
        self.lines: list[Row] = []
        self.receivables: list[Row] = []
        self.allocations: list[Row] = []
        self.sell()
        self.receive_unallocated()

    # ------------------------------------------------------------------------------------------ accounts
    def account(self, number: int) -> Row:
        """Return an account; every seventh lives abroad."""
        pick = self.random
        is_foreign = number % 7 == 0
        if is_foreign:
            country, language, city, name = names.FOREIGN[number // 7 % len(names.FOREIGN)]
            postcode, state = str(pick.randint(10000, 99999)), ""
        else:
            country, language = "NL", "nl"
            name = names.DUTCH[number % len(names.DUTCH)]
            city, first, state = names.CITIES[number % len(names.CITIES)]
            postcode = f"{first} {chr(65 + number % 26)}{chr(65 + number % 23)}"
        if number > len(names.DUTCH):
            name = f"{name} {city}" if number % 2 else f"{name} {number}"
        code = f"{number:06d}" if number % 5 else f"{country}{number:03d}"
        slug = "".join(c for c in name.lower() if c.isascii() and c.isalnum())[:20] or f"account{number}"
        is_supplier = number % 11 == 0
        status = "A" if number % 33 == 0 else "P" if number % 13 == 0 else "S" if number % 17 == 0 else "C"
        row: Row = {
            "account": code, "name": name, "status": status, "search_code": slug[:8].upper(),
            "is_sales": int(status != "A"), "is_supplier": int(is_supplier), "is_blocked": int(number % 61 == 0),
            "is_mailing_excluded": int(number % 23 == 0), "start_date": date(2019 + number % 6, 1 + number % 12, 1 + number % 28),
            "end_date": date(2026, 3, 31) if number % 71 == 0 else "", "address": f"{names.STREETS[number % 7]} {number % 190 + 1}",
            "postcode": postcode, "city": city, "state": state, "country": country,
            "phone": f"0{10 + number % 80}-555 {number:04d}" if country == "NL" else f"+00 555 {number:06d}",
            "email": f"info@{slug}.example" if number % 9 else "", "website": f"www.{slug}.example" if number % 4 else "",
            "vat_number": f"{country}{number:09d}B01" if country == "NL" else "",
            "chamber_of_commerce": f"{90000000 + number}" if country == "NL" else "", "language": language,
            "manager": names.MANAGERS[number % 4] if number % 10 else "", "sector": names.SECTORS[number % 5],
            "currency": {"GB": "GBP", "US": "USD", "JP": "JPY"}.get(country, "EUR"),
        }  # fmt: skip
        return row | self.classes(number, row)

    def classes(self, number: int, row: Row) -> Row:
        """Return the eight classifications of an account: none at all for every eighth, some of them for most."""
        found = {f"class{field}": "" for field in names.CLASSES}
        if number % 8 == 3:  # noqa: PLR2004 - a pattern
            return found
        for field, (_, values) in names.CLASSES.items():
            codes = [code for code, _ in values if (field, code) not in names.UNUSED]
            if field < 4 or self.random.random() < 0.7:  # noqa: PLR2004 - the first three are kept well
                found[f"class{field}"] = codes[self.random.randrange(len(codes))]
        if row["country"] != "NL":
            found["class1"] = "X"
        elif found["class1"] == "X":
            found["class1"] = "W"
        found["class3"] = "A" if number % 10 == 1 else "B" if number % 10 in {2, 4, 6} else "C"
        return found

    def people(self, account: Row) -> Iterable[Row]:
        """Yield the contacts of an account: none to four, the first the main one."""
        for number in range(1, self.random.choice((0, 1, 1, 1, 2, 2, 4)) + 1):
            first = self.random.choice(names.FIRST)
            middle, last = self.random.choice(names.LAST)
            plain = "".join(c for c in f"{first}.{last}".lower() if c.isascii() and (c.isalnum() or c == "."))
            domain = account["email"].partition("@")[2] or "nowhere.example"
            chance = self.random.random()
            email = (
                f"{plain}@{domain}"
                if chance < 0.8
                else account["email"]
                if chance < 0.9
                else f"{plain}.{domain}"
                if chance < 0.93
                else ""
            )  # noqa: PLR2004
            yield {
                "account": account["account"], "contact": number, "first_name": first, "middle_name": middle, "last_name": last,
                "job_title": self.random.choice(names.JOBS), "email": email, "phone": account["phone"],
                "mobile": f"06-5550{self.random.randint(1000, 9999)}", "is_main_contact": int(number == 1),
                "is_mailing_excluded": int(self.random.random() < 0.08), "language": account["language"],  # noqa: PLR2004
                "notes": self.random.choice(("", "", "", "prefers the telephone", "met at the trade fair")),
            }  # fmt: skip

    # ------------------------------------------------------------------------------- items and invoices
    def item(self, number: int, group: str, description: str) -> Row:
        """Return an item; it costs 55 to 75 % of its price."""
        price = self.random.randint(3, 90) * 100 - 5
        cost = price * self.random.randint(55, 75) // 100
        unit = "hour" if group == "Dienst" else "piece"
        return {"item": f"{group[:3].upper()}{number:03d}", "description": description, "item_group": group, "unit": unit,
                "sales_price": money(price), "cost_price": money(cost), "currency": "EUR"}  # fmt: skip

    def sell(self) -> None:
        """Make invoices from January 2025 to June 2026: customers of value A buy most."""
        buyers = [a for a in self.accounts if a["is_sales"] and a["status"] == "C"]
        weights = [{"A": 9, "B": 3}.get(a["class3"], 1) for a in buyers]
        days = sorted(self.random.randrange((STORY_ENDS - date(2025, 1, 1)).days + 1) for _ in range(INVOICES))
        numbers = {2025: 25000000, 2026: 26000000}
        for day in (date(2025, 1, 1) + timedelta(days=offset) for offset in days):
            numbers[day.year] += 1
            account = self.random.choices(buyers, weights)[0]
            is_credit = self.random.random() < 0.03  # noqa: PLR2004 - one in thirty
            self.invoice(str(numbers[day.year]), day, account, -1 if is_credit else 1)

    def invoice(self, number: str, day: date, account: Row, sign: int) -> None:
        """Make an invoice with its lines, its outstanding items and what is paid of them."""
        currency = account["currency"]
        rate = VAT.get(account["country"], 0)
        net = vat = 0
        for line in range(1, self.random.randint(1, 6) + 1):
            item = self.random.choice(self.items)
            quantity = sign * self.random.choice((1, 1, 2, 3, 5, 10, 24))
            price = int(item["sales_price"].replace(".", ""))
            price = price * 3 // 2 if currency == "JPY" else price  # a JPY price has no decimals
            discount = self.random.choice((0, 0, 0, 5, 10))
            line_net = half_up(quantity * price * (100 - discount), 100)
            line_vat = half_up(line_net * rate, 100)
            net, vat = net + line_net, vat + line_vat
            cost = quantity * int(item["cost_price"].replace(".", ""))
            self.lines.append({
                "invoice_number": number, "line": line, "item": item["item"], "description": item["description"],
                "quantity": quantity, "unit_price": money(price, currency), "discount_percent": discount,
                "net_amount": money(line_net, currency), "vat_percent": rate, "vat_amount": money(line_vat, currency),
                "cost_amount": money(cost, currency),
            })  # fmt: skip
        due = day + timedelta(days=self.random.choice((14, 30, 30, 60)))
        is_last = day > STORY_ENDS - timedelta(days=4)
        status = self.random.choice(("draft", "open")) if is_last and sign > 0 else "processed"
        self.invoices.append({
            "invoice_number": number, "invoice_date": day, "due_date": due, "account": account["account"], "status": status,
            "currency": currency, "net_amount": money(net, currency), "vat_amount": money(vat, currency),
            "total_amount": money(net + vat, currency), "description": "Credit note" if sign < 0 else "Delivery",
        })  # fmt: skip
        if status == "processed":
            self.terms(number, day, due, account, net + vat)

    def terms(self, number: str, day: date, due: date, account: Row, total: int) -> None:
        """Make the outstanding items of an invoice: now and then in three terms."""
        shares = [total // 3, total // 3, total - 2 * (total // 3)] if self.random.random() < 0.03 else [total]  # noqa: PLR2004
        for term, amount in enumerate(shares, 1):
            term_due = due + timedelta(days=30 * (term - 1))
            self.receivables.append({
                "account": account["account"], "invoice_number": number, "term": term, "invoice_date": day, "due_date": term_due,
                "currency": account["currency"], "amount": money(amount, account["currency"]), "description": f"Invoice {number}",
                "entry_number": "",
            })  # fmt: skip
            self.pay(number, term, term_due, account, amount)

    def pay(self, number: str, term: int, due: date, account: Row, amount: int) -> None:
        """Pay an item: most of them whole, some in parts, some late, some not at all."""
        chance = self.random.random()
        age = (STORY_ENDS - due).days
        if chance > (0.93 if age > 90 else 0.75):  # noqa: PLR2004 - not paid yet
            return
        day = due + timedelta(days=self.random.choice((-10, -3, 0, 2, 9, 25, 48)))
        if day > STORY_ENDS + timedelta(days=20):
            return
        parts = [amount // 2, amount - amount // 2] if chance < 0.08 else [amount // 3] if chance < 0.12 else [amount]  # noqa: PLR2004
        for index, part in enumerate(parts):
            self.allocations.append({
                "account": account["account"], "invoice_number": number, "term": term,
                "allocation_date": day + timedelta(days=14 * index), "currency": account["currency"],
                "amount": money(part, account["currency"]), "reference": f"Bank {len(self.allocations) + 1}",
            })  # fmt: skip

    def receive_unallocated(self) -> None:
        """Make receipts that nobody has allocated yet."""
        for number, account in enumerate(a for a in self.accounts if a["class5"] == "3"):
            if number % 4 == 0:
                day = STORY_ENDS - timedelta(days=5 + 3 * number)
                amount = money(-self.random.randint(1000, 90000), account["currency"])
                self.receivables.append({
                    "account": account["account"], "invoice_number": "", "term": "", "invoice_date": day, "due_date": "",
                    "currency": account["currency"], "amount": amount, "description": "Receipt",
                    "entry_number": f"20/26200{number:03d}",
                })  # fmt: skip


def money(minor: int, currency: str = "EUR") -> str:
    """Return an amount as text, with the currency's decimals."""
    if currency == "JPY":
        return str(minor)
    return f"{'-' * (minor < 0)}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def half_up(numerator: int, denominator: int) -> int:
    """Return the quotient rounded half away from zero."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def classification() -> str:
    """Return the labels and values as YAML."""
    text = "labels:\n"
    for field, (label, values) in names.CLASSES.items():
        text += f"  {field}:\n    label: {label}\n    values:\n"
        for position, (code, description) in enumerate(values, 1):
            text += f'      - {{code: "{code}", description: "{description}", position: "{position}"}}\n'
    return text


def main(folder: Path) -> None:
    """Write all files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Administration()
    (folder / "classification.yaml").write_text(classification(), encoding="utf-8")
    for name, rows in (("accounts", made.accounts), ("contacts", made.contacts), ("items", made.items),
                       ("invoices", made.invoices), ("invoice_lines", made.lines), ("receivables", made.receivables),
                       ("allocations", made.allocations)):  # fmt: skip
        write(folder / f"{name}.csv", rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
