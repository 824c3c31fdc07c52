"""Write the example administration: the same bytes every time, from a fixed seed.

Run `python examples/generate.py [FOLDER]`; without a folder it renews examples/administration.
"""

import csv
import itertools
import random
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import names
from activities import Requests
from ledger import Books, exchange_rates
from prices import Prices
from subscriptions import Subscriptions

SEED = 20260630
STORY_BEGINS, STORY_ENDS = date(2025, 1, 1), date(2026, 6, 30)
PAYMENTS_END = date(2026, 7, 17)  # payments that the story does not know yet
ACCOUNTS = 300
INVOICES = 1220
RATES = {"EUR": 100, "USD": 110, "GBP": 85, "JPY": 150}  # minor units for a euro
BUYING = {"A": 9, "B": 3, "USD": 3, "GBP": 3, "JPY": 7}  # how often a customer buys, by its value or currency; else 1
DELAYS = {  # days between the due date and the payment, by payment behaviour
    "1": (-14, -10, -7, -3), "2": (-3, -1, 0, 0, 1, 3), "3": (6, 14, 25, 40, 66), "10": (-60,), "": (-5, 0, 2, 8, 30),
}  # fmt: skip
FOLDER = Path(__file__).parent / "administration"
Row = dict[str, Any]


class Line(NamedTuple):
    """An invoice line in minor units; the quantity in halves, since hours are sold by the half."""

    item: Row
    halves: int
    price: int
    cost: int
    discount: int
    vat_percent: int

    @property
    def net(self) -> int:
        """Return the amount without VAT."""
        return half_up(self.halves * self.price * (100 - self.discount), 200)

    @property
    def vat(self) -> int:
        """Return the VAT of this line, rounded half up."""
        return half_up(self.net * self.vat_percent, 100)


@dataclass
class Term:
    """An outstanding item: what is still to be paid of a term of an invoice, and from when on it can be."""

    account: Row
    number: str
    term: int
    day: date
    due: date
    left: int
    payable_from: date


@dataclass
class Invoice:
    """An invoice or a credit note; `credited` is the invoice that a credit note reverses."""

    number: str
    day: date
    account: Row
    lines: list[Line]
    description: str
    credited: "Invoice | None" = None
    terms: list[Term] = field(default_factory=list)
    is_credited: bool = False

    @property
    def total(self) -> int:
        """Return the amount with VAT."""
        return sum(line.net + line.vat for line in self.lines)


class Administration:
    """Everything that is written, made in one order from one source of chance."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.own_names = iter(names.OWN_NAMES)
        self.accounts = [self.account(number) for number in range(1, ACCOUNTS + 1)]
        self.contacts = [contact for account in self.accounts for contact in self.people(account)]
        self.items = [self.item(number, *item) for number, item in enumerate(names.ITEMS, 1)]
        self.sold: list[Invoice] = []
        self.invoices: list[Row] = []
        self.lines: list[Row] = []
        self.receivables: list[Row] = []
        self.allocations: list[Row] = []
        self.sell()
        self.collect()
        self.receive_unallocated()
        self.allocations.sort(key=lambda row: (row["allocation_date"], row["invoice_number"], row["term"]))

    def chance(self, probability: float) -> bool:
        """Return whether it happens this time."""
        return self.random.random() < probability

    # ------------------------------------------------------------------------------------------ accounts
    def account(self, number: int) -> Row:
        """Return an account; every seventh lives abroad."""
        place = self.foreign(number) if number % 7 == 0 else self.dutch(number)
        country, name = place["country"], place["name"]
        slug = slug_of(name) or f"account{number}"
        email = f"administratie@groep-{number % 3}.example" if (number - 5) % 29 == 0 else f"info@{slug}.example"
        is_sales = number % 33 != 0
        status = "P" if number % 13 == 0 else "S" if number % 17 == 0 else "C"
        row: Row = {
            "account": f"{number:06d}" if number % 5 else f"{country}{number:03d}", "name": name,
            "status": status if is_sales else "A", "search_code": slug.replace("-", "")[:8].upper(),
            "is_sales": int(is_sales), "is_supplier": int(number % 11 == 0), "is_blocked": int(number % 61 == 0),
            "is_mailing_excluded": int(number % 23 == 0),
            "start_date": date(2018 + number % 7, 1 + number % 12, 1 + number % 28),
            "end_date": date(2026, 3, 31) if number % 71 == 0 else "",
            "address": f"{names.STREETS[number % len(names.STREETS)]} {number % 190 + 1}",
            "postcode": place["postcode"], "city": place["city"], "state": place["state"], "country": country,
            "phone": names.PHONES.get(country, "+00 555 {:06d}").format(number), "email": email if number % 9 else "",
            "website": f"https://{slug}.example" if number % 4 else "",
            "vat_number": names.VAT_NUMBERS.get(country, "").format(number),
            "chamber_of_commerce": f"{number:08d}" if country == "NL" else "", "language": place["language"],
            "manager": names.MANAGERS[number % 4] if number % 10 else "", "sector": names.SECTORS[place["sector"]],
            "currency": names.CURRENCIES.get(country, "EUR"),
        }  # fmt: skip
        return row | self.classes(number, place)

    def dutch(self, number: int) -> Row:
        """Return name and place of a Dutch account; every fourth has a name of its own, while they last."""
        city, digits, state, region = names.CITIES[number % len(names.CITIES)]
        trade, sector = names.TRADES[number % len(names.TRADES)]
        surname = names.SURNAMES[number % len(names.SURNAMES)]
        name = f"{trade} {surname}{names.LEGAL_FORMS[number % len(names.LEGAL_FORMS)]}"
        if (number - 1) % 4 == 0:
            name, sector = next(self.own_names, (name, sector))
        postcode = f"{digits} {chr(65 + number % 26)}{chr(65 + number % 23)}"
        return {"country": "NL", "language": "nl", "postcode": postcode, "city": city, "state": state,
                "name": name, "sector": sector, "region": region}  # fmt: skip

    def foreign(self, number: int) -> Row:
        """Return name and place of an account abroad."""
        country, language, postcode, city, name = names.FOREIGN[number // 7 - 1]
        sector = list(names.SECTORS)[number % len(names.SECTORS)]
        return {"country": country, "language": language, "postcode": postcode, "city": city, "state": "",
                "name": name, "sector": sector, "region": "X"}  # fmt: skip

    def classes(self, number: int, place: Row) -> Row:
        """Return the eight classifications of an account: none at all for every eighth, only some for most."""
        given = dict.fromkeys((f"class{class_}" for class_ in names.CLASSES), "")
        if (number - 3) % 8 == 0:
            return given
        for class_, (_, values) in names.CLASSES.items():
            codes = [code for code, _ in values if (class_, code) not in names.UNUSED]
            if self.chance(0.65):
                given[f"class{class_}"] = self.random.choice(codes)
        language = place["language"].upper()
        given["class1"] = place["region"] if number % 20 else ""
        given["class2"] = place["sector"] if number % 6 else ""
        given["class3"] = {1: "A", 2: "B", 4: "B", 6: "B"}.get(number % 10, "C")
        given["class6"] = given["class6"] and (language if language in {"NL", "DE", "FR"} else "EN")
        return given

    def people(self, account: Row) -> Iterator[Row]:
        """Yield the contacts of an account: none to three, the first the main one."""
        for number in range(1, self.random.choice((0, 1, 1, 1, 1, 2, 2, 3)) + 1):
            middle, last = self.random.choice(names.LAST)
            first = self.random.choice(names.FIRST)
            if account["country"] in names.PEOPLE:
                (first, last), middle = self.random.choice(names.PEOPLE[account["country"]]), ""
            yield {
                "account": account["account"], "contact": number, "first_name": first, "middle_name": middle,
                "last_name": last, "job_title": self.random.choice(names.JOBS),
                "email": self.address(account, f"{first} {last}"),
                "phone": account["phone"] if self.chance(0.6) else "",
                "mobile": f"06-0000 {self.random.randint(1000, 9999)}" if self.chance(0.7) else "",
                "is_main_contact": int(number == 1), "is_mailing_excluded": int(self.chance(0.08)),
                "language": account["language"], "notes": self.random.choice(names.NOTES),
            }  # fmt: skip

    def address(self, account: Row, name: str) -> str:
        """Return the e-mail address of a contact: mostly its own, else the account's, a malformed one or none."""
        domain = account["email"].partition("@")[2] or "post.example"
        own = f"{slug_of(name).replace('-', '.') or 'post'}@{domain}"
        malformed = self.random.choice((own.replace("@", " at "), own.replace("@", "@@"), f"{own}.", own[:4]))
        return str(self.random.choices((own, account["email"], malformed, ""), (80, 8, 3, 9))[0])

    # ------------------------------------------------------------------------------- items and invoices
    def item(self, number: int, group: str, *rest: Any) -> Row:  # noqa: ANN401 - a row of names.ITEMS
        """Return an item."""
        description, unit, price, cost = rest
        return {"item": f"{group[:3].upper()}{number:03d}", "description": description, "item_group": group,
                "unit": unit, "sales_price": money(price, "EUR"), "cost_price": money(cost, "EUR"),
                "currency": "EUR"}  # fmt: skip

    def sell(self) -> None:
        """Make the invoices of the story, on working days, numbered without a gap; a few are credit notes."""
        days = [STORY_BEGINS + timedelta(days=offset) for offset in range((STORY_ENDS - STORY_BEGINS).days + 1)]
        days = [day for day in days if day.isoweekday() in range(1, 6)]
        growth = [5 if day.year > STORY_BEGINS.year else 3 for day in days]
        numbers = {year: itertools.count(year % 100 * 1_000_000 + 1) for year in (2025, 2026)}
        for order, day in enumerate(sorted(self.random.choices(days, growth, k=INVOICES)), 4001):
            number = str(next(numbers[day.year]))
            recent = [s for s in self.sold[-80:-10] if len(s.terms) == 1 and not s.is_credited and not s.credited]
            if recent and self.chance(0.035):
                self.bill(self.credit_note(number, day, self.random.choice(recent)))
            else:
                account = self.buyer(day)
                lines = [self.line(account) for _ in range(self.random.choice((1, 1, 1, 2, 2, 2, 3, 4)))]
                self.bill(Invoice(number, day, account, lines, f"Order {order}"))

    def buyer(self, day: date) -> Row:
        """Return a customer that is not ended on this day: those of value A buy most."""
        buyers = [a for a in self.accounts if a["status"] == "C" and (not a["end_date"] or day <= a["end_date"])]
        weights = [max(BUYING.get(a[name], 1) for name in ("class3", "currency")) for a in buyers]
        return self.random.choices(buyers, weights)[0]

    def line(self, account: Row) -> Line:
        """Return an invoice line at today's price in the customer's currency."""
        item = self.random.choice(self.items)
        cents = (int(item[name].replace(".", "")) for name in ("sales_price", "cost_price"))
        price, cost = (half_up(amount * RATES[account["currency"]], 100) for amount in cents)
        halves = 2 * self.random.choice((1, 1, 1, 2) if item["item_group"] == "Machines" else (2, 3, 6, 10, 12, 24, 48))
        if item["unit"] == "hour":
            halves = self.random.randint(1, 9)
        percent = 0 if account["country"] != "NL" else 9 if item["item_group"] in names.FOOD else 21
        return Line(item, halves, price, cost, self.random.choice((0, 0, 0, 5, 10)), percent)

    def credit_note(self, number: str, day: date, invoice: Invoice) -> Invoice:
        """Return a credit note for the last line of an invoice, whole or half of it."""
        invoice.is_credited = True
        line = invoice.lines[-1]
        back = line.halves // 4 * 2 if self.chance(0.5) else line.halves
        lines = [line._replace(halves=-(back or line.halves))]
        return Invoice(number, day, invoice.account, lines, f"Credit for {invoice.number}", credited=invoice)

    def bill(self, invoice: Invoice) -> None:
        """Write an invoice down with its lines and, unless it is not processed yet, its outstanding items."""
        account = invoice.account
        currency = account["currency"]
        due = invoice.day + timedelta(days=(14, 30, 30, 30, 60)[int(account["account"][-3:]) % 5])
        is_late = invoice.day > STORY_ENDS - timedelta(days=7)
        status = self.random.choice(("draft", "open", "processed")) if is_late else "processed"
        net, vat = sum(line.net for line in invoice.lines), sum(line.vat for line in invoice.lines)
        self.sold.append(invoice)
        self.invoices.append({
            "invoice_number": invoice.number, "invoice_date": invoice.day, "due_date": due,
            "account": account["account"], "status": status, "currency": currency,
            "net_amount": money(net, currency), "vat_amount": money(vat, currency),
            "total_amount": money(net + vat, currency), "description": invoice.description,
            "order_number": invoice.description.removeprefix("Order ") if invoice.description.startswith("Order ") else "",
        })  # fmt: skip
        for number, line in enumerate(invoice.lines, 1):
            self.lines.append({
                "invoice_number": invoice.number, "line": number, "item": line.item["item"],
                "description": line.item["description"], "quantity": f"{line.halves / 2:g}",
                "unit_price": money(line.price, currency), "discount_percent": line.discount,
                "net_amount": money(line.net, currency), "vat_percent": line.vat_percent,
                "vat_amount": money(line.vat, currency),
                "cost_amount": money(half_up(line.halves * line.cost, 2), currency),
            })  # fmt: skip
        if status == "processed":
            self.owe(invoice, due)

    def owe(self, invoice: Invoice, due: date) -> None:
        """Make the outstanding items of an invoice: now and then two or three terms, a month apart."""
        count = self.random.choice((2, 3)) if not invoice.credited and self.chance(0.03) else 1
        share = invoice.total // count
        for term in range(1, count + 1):
            amount = share if term < count else invoice.total - share * (count - 1)
            term_due = due + timedelta(days=30 * (term - 1))
            owed = Term(invoice.account, invoice.number, term, invoice.day, term_due, amount, invoice.day)
            invoice.terms.append(owed)
            self.receivables.append(receivable(owed, invoice.description))

    # ------------------------------------------------------------------------------------------- payments
    def collect(self) -> None:
        """Set credit notes off against their invoices, then let everybody pay what is left."""
        for invoice in self.sold:
            if invoice.credited and invoice.terms and self.chance(0.75):
                self.set_off(invoice.terms[0], invoice.credited.terms[0])
        for term in [term for invoice in self.sold for term in invoice.terms]:
            if term.left > 0:
                self.pay(term)
            elif term.left < 0 and self.chance(0.4):
                self.allocate(term, term.day + timedelta(days=21), term.left, "Refund")

    def set_off(self, credit: Term, term: Term) -> None:
        """Set a credit note off against its invoice, on the day of the credit note."""
        amount = min(-credit.left, term.left)
        term.payable_from = credit.day
        self.allocate(term, credit.day, amount, f"Set off {credit.number}")
        self.allocate(credit, credit.day, -amount, f"Set off {term.number}")

    def pay(self, term: Term) -> None:
        """Pay an item: most of them whole, some in parts, some late, some not at all."""
        day = term.due + timedelta(days=self.random.choice(DELAYS[term.account["class5"]]))
        day = max(day, term.payable_from)
        left = term.left
        ways = {
            (left,): 83,
            (left // 2, left - left // 2): 6,
            (left // 3, left // 3, left - 2 * (left // 3)): 2,
            (left // 3,): 2,
            (max(left - self.random.randint(5, 150), 0),): 1,  # short by what the bank charged
            (): 34 if term.due > STORY_ENDS - timedelta(days=100) else 5,  # not yet, or never
        }
        for index, part in enumerate(self.random.choices(list(ways), list(ways.values()))[0]):
            paid_on = day + timedelta(days=21 * index)
            if part and paid_on <= PAYMENTS_END:
                self.allocate(term, paid_on, part, f"BNK {paid_on:%y%j}")

    def allocate(self, term: Term, day: date, amount: int, reference: str) -> None:
        """Allocate an amount to an item."""
        term.left -= amount
        currency = term.account["currency"]
        self.allocations.append({
            "account": term.account["account"], "invoice_number": term.number, "term": term.term,
            "allocation_date": day, "currency": currency, "amount": money(amount, currency), "reference": reference,
        })  # fmt: skip

    def receive_unallocated(self) -> None:
        """Make receipts that nobody has allocated yet, from the customers of some old invoices."""
        receipts = self.random.sample([sold for sold in self.sold if sold.terms and sold.total > 0], 14)
        for number, invoice in enumerate(receipts, 1):
            day = STORY_ENDS - timedelta(days=9 * number - 5)
            amount = half_up(-invoice.total * self.random.choice((10, 30, 50)), 100)
            receipt = Term(invoice.account, "", 0, day, day, amount, day)
            words = self.random.choice(("Payment without reference", "Advance payment", "Paid twice?"))
            entry = {"term": "", "due_date": "", "entry_number": f"26200{number:03d}"}
            self.receivables.append(receivable(receipt, words) | entry)


def receivable(term: Term, description: str) -> Row:
    """Return the row of an outstanding item."""
    currency = term.account["currency"]
    return {"account": term.account["account"], "invoice_number": term.number, "term": term.term,
            "invoice_date": term.day, "due_date": term.due, "currency": currency,
            "amount": money(term.left, currency), "description": description, "entry_number": ""}  # fmt: skip


def slug_of(name: str) -> str:
    """Return a name as it stands in a domain: ASCII letters and figures with hyphens; '' for another script."""
    plain = name.lower().translate({ord("ß"): "ss", ord("ł"): "l", ord("œ"): "oe", ord("'"): "", ord("."): ""})
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in plain).split()
    return "-".join(words)[:36].strip("-")


def money(minor: int, currency: str) -> str:
    """Return an amount as text, with the currency's decimals."""
    if currency == "JPY":
        return str(minor)
    return f"{'-' * (minor < 0)}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def half_up(numerator: int, denominator: int) -> int:
    """Return the quotient rounded half up; that of a credit note is its invoice's with a minus."""
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
    for class_, (label, values) in names.CLASSES.items():
        text += f"  {class_}:\n    label: {label}\n    values:\n"
        for code, description in values:
            retired = ", is_retired: true" * ((class_, code) in names.RETIRED)
            text += f'      - {{code: "{code}", description: "{description}"{retired}}}\n'
    return text


def main(folder: Path) -> None:
    """Write all files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Administration()
    books = Books(made)
    (folder / "classification.yaml").write_text(classification(), encoding="utf-8", newline="\n")
    for name, rows in (("accounts", made.accounts), ("contacts", made.contacts), ("items", made.items),
                       ("invoices", made.invoices), ("invoice_lines", made.lines), ("receivables", made.receivables),
                       ("allocations", made.allocations), ("exchange_rates", exchange_rates()), *books.files().items(),
                       *Prices(made.accounts, made.items).files().items(),
                       *Subscriptions(made.accounts, made.items).files().items(),
                       *Requests(made.accounts, made.contacts).files().items()):  # fmt: skip
        write(folder / f"{name}.csv", rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
