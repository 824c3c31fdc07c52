"""An administration of any size as CSV files that segcli imports: the same seed and scale give the same bytes.

    python tests/benchmarks/generate.py FOLDER [--scale 0.01]

Scale 1: 1,000,000 accounts of 8 classes (6 to 2,000 values of Zipf-like use), 500,000 contacts, 5,000,000 receivables of which
some 230,000 are open, 2,500,000 sales invoices of 4 lines, 50,000 purchase invoices, 1,000,000 transaction lines, 100,000
subscriptions and as many requests. No name, address or amount is anybody's.
"""

import argparse
import csv
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

DAY = date(2026, 6, 30)  # the day on which the benchmarks ask
SEED = 20260630
SIZES = (6, 12, 25, 60, 150, 400, 1000, 2000)  # values of class 1 to 8; the k-th is used 1/k as often as the first
FILLED = 0.95  # of the accounts have a value in a class
ITEMS, GROUPS, LINES = 2000, 40, 4
FIRST_DAY = DAY - timedelta(days=1095)
ADJECTIVES = ("Groot", "Nieuw", "Blauw", "Zuider", "Noorder", "Edel", "Vlug", "Stil", "Hoog", "Oud", "Köln", "Liège")
TRADES = ("handel", "bouw", "glas", "drukkerij", "bakkerij", "transport", "advies", "techniek", "tuinen", "textiel")
RARE = "Zirkoon"  # in the name of one account in 5,000
CITIES = ("Amsterdam", "Rotterdam", "Utrecht", "Köln", "Liège", "Gent", "London", "'s-Hertogenbosch")
COUNTRIES = ("NL", "NL", "NL", "DE", "BE", "BE", "GB", "NL")
ACCOUNT = ("account", "name", "status", "search_code", "is_blocked", "address", "postcode", "city", "country", "phone", "email",
           "website", "vat_number", "language", "manager", "sector", *(f"class{n}" for n in range(1, 9)))  # fmt: skip
_MASK = (1 << 64) - 1
_STRIDE = 0x9E3779B97F4A7C15


def count(full: int, scale: float) -> int:
    """Return how many there are of what the full size has so many of."""
    return max(1, round(full * scale))


def mixed(number: int) -> int:
    """Return 64 bits that look like chance and are the same for the same number."""
    bits = (number + SEED) * _STRIDE & _MASK
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    return bits ^ bits >> 27


def accounts(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield the accounts."""
    total = count(1_000_000, scale)
    rnd = random.Random(SEED)
    chosen = [rnd.choices(["", *_codes(size)], cum_weights=_weights(size), k=total) for size in SIZES]
    for n, classes in enumerate(zip(*chosen, strict=True)):
        word = ADJECTIVES[n % 12] + TRADES[n // 12 % 10]
        rare = f" {RARE}" if n % 5000 == 77 % max(1, min(total, 5000)) else ""
        city = n % 8
        yield (f"{n:07d}", f"{word} {n}{rare} B.V.", "CCCP"[n % 4], f"{word[:6].upper()}{n}", int(n % 100 == 7), f"Straat {n % 997} {n % 90 + 1}",
               f"{1000 + n % 8999} AB", CITIES[city], COUNTRIES[city], f"020-{n:07d}", f"info@bedrijf{n}.example",
               f"www.bedrijf{n}.example", f"NL{n:09d}B01", "nl", f"Manager {n % 20}", f"Sector {n % 9}", *classes)  # fmt: skip


def _codes(size: int) -> list[str]:
    return [f"V{k:04d}" for k in range(1, size + 1)]


def _weights(size: int) -> list[float]:
    used = [1 / k for k in range(1, size + 1)]
    empty = sum(used) * (1 - FILLED) / FILLED
    return list(accumulate([empty, *used]))


def contacts(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield a contact for every other account, some with the address of another or none."""
    total = count(1_000_000, scale)
    for n in range(0, total, 2):
        shared = n - 2 if n % 40 == 6 else n
        email = "" if n % 50 == 4 else f"mail@bedrijf{shared}.example"
        yield (
            f"{n:07d}",
            1,
            f"Persoon {n}",
            ("Inkoper", "Directeur", "")[n % 3],
            email,
            f"06-{n:07d}",
            1,
            int(n % 60 == 2),
        )


def account_of(number: int, total: int) -> int:
    """Return the account of a receivable: some have many, most few."""
    return int(total * ((mixed(number) >> 11) / (1 << 53)) ** 1.5)


def lines_of(number: int) -> Iterator[tuple[int, int, int]]:
    """Yield the lines of an invoice: item, quantity, and price in cents."""
    bits = mixed(number * 7 + 3)
    for _ in range(LINES):
        item = bits % ITEMS
        yield item, bits // ITEMS % 9 + 1, price(item)
        bits = mixed(bits & 0xFFFFFFFFFF)


def price(item: int) -> int:
    """Return an item's price in cents."""
    return 295 + item * 37 % 9000


def cents(amount: int) -> str:
    """Return cents as a decimal number."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{amount // 100}.{amount % 100:02d}"


def sold(number: int, total: int) -> tuple[int, int, int]:
    """Return what an invoice comes to in cents: net, VAT and both. One in forty is a credit note."""
    net = sum(quantity * unit for _, quantity, unit in lines_of(number)) * sign_of(number)
    vat = (abs(net) * 21 + 50) // 100 * sign_of(number)
    return net, vat, net + vat


def sign_of(number: int) -> int:
    """Return -1 for a credit note, else 1."""
    return -1 if number % 40 == 11 else 1


def day_of(number: int, total: int) -> date:
    """Return the day of the n-th of so many: they rise over three years."""
    return FIRST_DAY + timedelta(days=1 + number * 1094 // total)


def receivables(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield the receivables; those of the last tenth are often open, the others rarely."""
    total, known = count(5_000_000, scale), count(1_000_000, scale)
    for n in range(total):
        day = day_of(n, total)
        due = day + timedelta(days=30)
        amount = sold(n, total)[2]
        is_open = mixed(n + 17) % 1000 < (360 if n >= total * 0.9 else 11)
        paid = min(due + timedelta(days=mixed(n + 5) % 20), DAY) if not is_open else ""
        yield (
            f"{account_of(n, known):07d}",
            n + 1,
            day,
            due,
            "EUR",
            cents(amount),
            cents(amount if is_open else 0),
            paid,
        )


def invoices(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield the sales invoices: those of the younger half of the receivables."""
    total, known = count(5_000_000, scale), count(1_000_000, scale)
    for n in range(total // 2, total):
        day = day_of(n, total)
        net, vat, whole = sold(n, total)
        yield (
            n + 1,
            day,
            day + timedelta(days=30),
            f"{account_of(n, known):07d}",
            "processed",
            "EUR",
            cents(net),
            cents(vat),
            cents(whole),
        )


def invoice_lines(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield the lines of the sales invoices."""
    total = count(5_000_000, scale)
    for n in range(total // 2, total):
        sign = sign_of(n)
        for at, (item, quantity, unit) in enumerate(lines_of(n), 1):
            yield (
                n + 1,
                at,
                f"I{item:04d}",
                sign * quantity,
                cents(unit),
                cents(sign * quantity * unit),
                cents(sign * quantity * (unit * 3 // 5)),
                21,
            )


def purchases(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield purchase invoices of one line each, from one account in twenty."""
    known = count(1_000_000, scale)
    total = count(50_000, scale)
    for n in range(total):
        net = 1000 + mixed(n + 99) % 90_000
        vat = (net * 21 + 50) // 100
        yield f"{n * 20 % known:07d}", f"P{n}", day_of(n, total), "EUR", cents(net), cents(vat), cents(net + vat)


def purchase_lines(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield the lines of the purchase invoices."""
    for n, row in enumerate(purchases(scale)):
        yield row[0], row[1], 1, f"I{n % ITEMS:04d}", 1, row[4], 21


def transactions(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield entries of two lines: the debtors, and the revenue, which has no account."""
    total, known = count(500_000, scale), count(1_000_000, scale)
    for n in range(total):
        day, amount = day_of(n, total), cents(500 + mixed(n + 7) % 100_000)
        head = (70, day.year, day.month, n + 1)
        yield *head, 1, day, 1300, f"{account_of(n, known):07d}", f"Order {n}", amount, ""
        yield *head, 2, day, 8000, "", f"Order {n}", "", amount


def subscriptions(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield the subscriptions; one in ten has ended, one in fifty begins later."""
    total, known = count(100_000, scale), count(1_000_000, scale)
    for n in range(total):
        start = DAY + timedelta(days=40) if n % 50 == 3 else day_of(n, total)
        end = DAY - timedelta(days=n % 300) if n % 10 == 1 and start < DAY - timedelta(days=301) else ""
        yield f"S{n:06d}", f"{account_of(n * 3, known):07d}", ("MONTH", "QUARTER", "YEAR")[n % 3], start, end


def subscription_lines(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield a line per subscription."""
    for n in range(count(100_000, scale)):
        yield f"S{n:06d}", f"I{n % ITEMS:04d}", n % 5 + 1, cents(price(n % ITEMS)), 21


def requests(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield the requests; one in four is open, with a day on which it is due."""
    total, known = count(100_000, scale), count(1_000_000, scale)
    for n in range(total):
        day, is_open = day_of(n, total), n % 4 == 0
        closed = "" if is_open else min(day + timedelta(days=n % 9), DAY)
        yield (f"Q{n:06d}", ("task", "service", "complaint")[n % 3], "open" if is_open else "realised", f"{account_of(n * 5, known):07d}",
               f"Vraag {n}", f"Medewerker {n % 12}", day, day + timedelta(days=14), closed)  # fmt: skip


def items(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield the items, in groups; as many at any scale."""
    for n in range(ITEMS):
        yield f"I{n:04d}", f"Artikel {n}", f"Groep {n % GROUPS:02d}", cents(price(n)), cents(price(n) * 3 // 5)


def values(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield the values of the eight classes."""
    for field, size in enumerate(SIZES, 1):
        yield from ((field, code, f"Waarde {code} van {field}") for code in _codes(size))


# The files in the order in which segcli takes them, with their headings.
FILES = {
    "values": (values, ("field", "code", "description")),
    "accounts": (accounts, ACCOUNT),
    "contacts": (contacts, ("account", "contact", "name", "job_title", "email", "mobile", "is_main_contact", "is_mailing_excluded")),
    "items": (items, ("item", "description", "item_group", "sales_price", "cost_price")),
    "receivables": (receivables, ("account", "invoice_number", "invoice_date", "due_date", "currency", "amount", "open", "allocation_date")),
    "invoices": (invoices, ("invoice_number", "invoice_date", "due_date", "account", "status", "currency", "net_amount", "vat_amount", "total_amount")),
    "invoice_lines": (invoice_lines, ("invoice_number", "line", "item", "quantity", "unit_price", "net_amount", "cost_amount", "vat_percent")),
    "purchases": (purchases, ("supplier", "supplier_invoice_number", "invoice_date", "currency", "net_amount", "vat_amount", "total_amount")),
    "purchase_lines": (purchase_lines, ("supplier", "supplier_invoice_number", "line", "item", "quantity", "net_amount", "vat_percent")),
    "gl_accounts": (lambda _: iter(((1300, "Debtors", "B"), (8000, "Revenue", "P"))), ("gl_account", "description", "type")),
    "journals": (lambda _: iter(((70, "Sales", "sales"),)), ("journal", "description", "type")),
    "transactions": (transactions, ("journal", "financial_year", "period", "entry_number", "line_number", "entry_date", "gl_account", "account", "description", "debit", "credit")),
    "subscription_types": (lambda _: iter((("MONTH", "monthly"), ("QUARTER", "quarterly"), ("YEAR", "yearly"))), ("subscription_type", "frequency")),
    "subscriptions": (subscriptions, ("subscription", "account", "subscription_type", "start_date", "end_date")),
    "subscription_lines": (subscription_lines, ("subscription", "item", "quantity", "unit_price", "vat_percent")),
    "requests": (requests, ("request", "type", "status", "account", "description", "assignee", "request_date", "due_date", "closed_date")),
}  # fmt: skip


def write(path: Path, header: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
    """Write one CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def generate(folder: Path, scale: float) -> None:
    """Write all files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (rows, header) in FILES.items():
        write(folder / f"{name}.csv", header, rows(scale))


def main() -> None:
    """Write the files that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=0.01)
    asked = parser.parse_args()
    generate(asked.folder, asked.scale)


if __name__ == "__main__":
    main()
