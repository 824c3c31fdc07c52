"""The ledger of the example administration: entries that follow from its invoices, receivables and allocations."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

Row = dict[str, Any]

DEBTORS, BANK, DIFFERENCES, HIGH, LOW = "1300", "1100", "4900", "1500", "1510"
CHART = (
    ("0300", "Inventory of the shop", "B"), ("0900", "Equity", "B"), (BANK, "Bank", "B"), (DEBTORS, "Debtors", "B"),
    (HIGH, "VAT payable, high rate", "B"), (LOW, "VAT payable, low rate", "B"), ("1520", "VAT receivable", "B"),
    ("1600", "Creditors", "B"), ("3000", "Stock", "B"), ("4000", "Salaries", "P"), ("4100", "Rent", "P"),
    ("4200", "Telephone and internet", "P"), ("4300", "Cleaning", "P"), ("4400", "Depreciation", "P"),
    (DIFFERENCES, "Exchange differences", "P"),
)  # fmt: skip
JOURNALS = (
    ("00", "Opening balance", "opening"), ("20", "Bank", "bank"), ("60", "Purchase", "purchase"), ("70", "Sales", "sales"),
    ("90", "General", "general"),
)  # fmt: skip
CONDITIONS = (
    ("14", "Payable within 14 days", 14),
    ("30", "Payable within 30 days", 30),
    ("60", "Payable within 60 days", 60),
)
TEMPLATES = (
    ("RENT", "Rent of an office", 0, (("4100", "2", "Rent", "", 100), ("1520", "", "VAT", "", 21))),
    ("PHONE", "Telephone", 0, (("4200", "2", "Subscription", "25.00", ""), ("4210", "2", "Calls", "", 1))),
    ("CLEAN", "Cleaning", 0, (("4300", "2", "Cleaning", "", 1),)),
    ("SPLIT", "Half shop, half office", 0, (("4100", "2", "Shop", "", 1), ("4300", "2", "Office", "", 1))),
    ("OLD", "No longer used", 1, (("4000", "", "Salaries", "", 1),)),
)
RATES = {"USD": 110, "GBP": 85, "JPY": 150}  # cents, pence or yen for a euro; they move a little every month
DISPUTES = ("wrong quantity", "damaged", "price not as agreed", "ordered once, delivered twice")


def _rate(currency: str, day: date) -> int:
    """Return how many cents, pence or yen a hundred euros cost in the month of a day."""
    return RATES[currency] * 100 + RATES[currency] * ((day.year * 12 + day.month) * 7 % 9 - 4)


def exchange_rates() -> list[dict[str, str]]:
    """Return the rate of each currency on the first of each month, as ECB has them: what one euro costs."""
    rows = []
    for month in range(24):
        day = date(2025 + month // 12, month % 12 + 1, 1)
        for currency in sorted(RATES):
            decimals = 2 if currency == "JPY" else 4
            whole, part = divmod(_rate(currency, day), 10**decimals)
            rows.append({"rate_date": str(day), "currency": currency, "rate": f"{whole}.{part:0{decimals}}"})
    return rows


def base(minor: int, currency: str, day: date) -> int:
    """Return an amount in cents of a euro at the rate of the month, rounded half up."""
    if currency == "EUR":
        return minor
    rate = _rate(currency, day)
    return (1 if minor >= 0 else -1) * ((2 * abs(minor) * 10_000 + rate) // (2 * rate))


def minor_of(text: str) -> int:
    """Return the smallest units of an amount as the files have it."""
    return int(text.replace(".", ""))


def euros(cents: int) -> str:
    """Return cents as text."""
    return f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02d}"


class Ledger:
    """Books entries, each numbered within its journal and year."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._numbers: dict[tuple[str, int], int] = defaultdict(int)

    def enter(self, journal: str, day: date, lines: Iterable[Mapping[str, Any]]) -> None:
        """Book an entry; its lines give gl_account and cents, and what else there is to say."""
        self._numbers[journal, day.year] += 1
        entry = f"{day.year % 100}{journal}{self._numbers[journal, day.year]:04d}"
        for number, line in enumerate([line for line in lines if line["cents"]], 1):
            cents = line["cents"]
            self.rows.append({
                "journal": journal, "financial_year": day.year, "period": day.month, "entry_number": entry,
                "line_number": number, "entry_date": day, "gl_account": line["gl_account"],
                "account": line.get("account", ""), "description": line["description"],
                "invoice_number": line.get("invoice_number", ""), "due_date": line.get("due_date", ""),
                "currency": line.get("currency", ""), "foreign_amount": line.get("foreign_amount", ""),
                "debit": euros(cents) if cents > 0 else "", "credit": euros(-cents) if cents < 0 else "",
            })  # fmt: skip


class Books:
    """All that the ledger adds to the files of the administration."""

    def __init__(self, made: Any) -> None:  # noqa: ANN401 - generate.Administration
        self.made = made
        self.ledger = Ledger()
        self.groups = {row["item"]: row["item_group"] for row in made.items}
        names = sorted({group for group in self.groups.values() if group})
        self.revenue = {group: f"{8000 + 10 * number}" for number, group in enumerate(names)}
        self._mark_items()
        self._value()
        self._open()
        self._sell()
        self._receive()
        self._spend()

    def _mark_items(self) -> None:
        """Dispute some items, keep some from being reminded of, and give each account its payment condition."""
        for number, row in enumerate(self.made.receivables):
            is_disputed = number % 97 == 5 and row["invoice_number"] != ""
            row["is_disputed"] = 1 if is_disputed else ""
            row["dispute_reason"] = DISPUTES[number % len(DISPUTES)] if is_disputed else ""
            row["is_reminder_blocked"] = 1 if number % 211 == 7 else ""
        for account in self.made.accounts:
            account["payment_condition"] = ("14", "30", "30", "30", "60")[int(account["account"][-3:]) % 5]

    def _value(self) -> None:
        """Give receivables and allocations their amounts in euros; a set-off has the same on both sides."""
        self.left: dict[tuple[str, str, Any], list[int]] = {}
        for row in self.made.receivables:
            minor, currency = minor_of(row["amount"]), row["currency"]
            cents = base(minor, currency, row["invoice_date"])
            row["base_amount"] = euros(cents) if currency != "EUR" else ""
            self.left[row["account"], row["invoice_number"] or row["entry_number"], row["term"]] = [minor, cents]
        for row in self.made.allocations:
            cents = base(minor_of(row["amount"]), row["currency"], row["allocation_date"])
            row["base_amount"] = euros(cents) if row["currency"] != "EUR" else ""

    def _open(self) -> None:
        lines = ((BANK, 4_000_000), ("0300", 2_500_000), ("3000", 6_000_000), ("0900", -12_500_000))
        opening = [{"gl_account": gl, "cents": cents, "description": "Opening balance"} for gl, cents in lines]
        self.ledger.enter("00", date(2025, 1, 1), opening)

    def _sell(self) -> None:
        """Book every processed invoice: its terms on debtors, its lines on revenue by group, its VAT by rate."""
        terms, lines = defaultdict(list), defaultdict(list)
        for row in self.made.receivables:
            terms[row["invoice_number"]].append(row)
        for row in self.made.lines:
            lines[row["invoice_number"]].append(row)
        for invoice in self.made.invoices:
            number, day = invoice["invoice_number"], invoice["invoice_date"]
            if invoice["status"] != "processed":
                continue
            owed = [self._line(row, DEBTORS, row["due_date"]) for row in terms[number]]
            sold: dict[str, int] = defaultdict(int)
            for row in lines[number]:
                sold[self.revenue[self.groups[row["item"]]]] -= base(
                    minor_of(row["net_amount"]), invoice["currency"], day
                )
                vat = HIGH if row["vat_percent"] == 21 else LOW  # noqa: PLR2004 - per cent
                sold[vat] -= base(minor_of(row["vat_amount"]), invoice["currency"], day)
            first = next(gl for gl in sold if gl >= "8000")
            sold[first] -= sum(line["cents"] for line in owed) + sum(sold.values())  # what rounding leaves
            text = invoice["description"]
            booked = [{"gl_account": gl, "cents": cents, "description": text, "account": invoice["account"],
                       "invoice_number": number} for gl, cents in sorted(sold.items())]  # fmt: skip
            self.ledger.enter("70", day, [*owed, *booked])

    def _line(self, row: Row, gl_account: str, due: Any = "") -> Row:  # noqa: ANN401 - a day, or nothing
        """Return the line of an outstanding item."""
        is_foreign = row["currency"] != "EUR"
        return {
            "gl_account": gl_account, "cents": minor_of(row["base_amount"] or row["amount"]), "account": row["account"],
            "description": row["description"], "invoice_number": row["invoice_number"], "due_date": due,
            "currency": row["currency"] if is_foreign else "", "foreign_amount": row["amount"] if is_foreign else "",
        }  # fmt: skip

    def _receive(self) -> None:
        """Book payments and receipts in the bank, and what the rates leave of an item when it is paid."""
        receipts = [(row["invoice_date"], row) for row in self.made.receivables if not row["invoice_number"]]
        payments = [(row["allocation_date"], row) for row in self.made.allocations]
        for day, row in sorted([*receipts, *payments], key=lambda pair: pair[0]):
            text = row.get("reference") or row["description"]
            cents = minor_of(row["base_amount"] or row["amount"]) * (-1 if "allocation_date" in row else 1)
            if not text.startswith("Set off"):
                sides = ((BANK, -cents), (DEBTORS, cents))
                self.ledger.enter("20", day, [self._side(row, gl, part, text) for gl, part in sides])
            if "allocation_date" in row:
                self._settle(row, day)

    def _side(self, row: Row, gl_account: str, cents: int, text: str) -> Row:
        return {"gl_account": gl_account, "cents": cents, "account": row["account"], "description": text,
                "invoice_number": row["invoice_number"]}  # fmt: skip

    def _settle(self, row: Row, day: date) -> None:
        """Book the exchange difference off with an item's last payment."""
        left = self.left[row["account"], row["invoice_number"], row["term"]]
        left[0] -= minor_of(row["amount"])
        left[1] -= minor_of(row["base_amount"] or row["amount"])
        if left[0] == 0 and left[1]:
            sides = ((DIFFERENCES, left[1]), (DEBTORS, -left[1]))
            self.ledger.enter("90", day, [self._side(row, gl, part, "Exchange difference") for gl, part in sides])
            left[1] = 0

    def _spend(self) -> None:
        """Book what an office costs each month; the rent comes from a supplier."""
        supplier = next(row["account"] for row in self.made.accounts if row["is_supplier"])
        for month in range(18):
            day = date(2025 + month // 12, month % 12 + 1, 25)
            rent = ((("4100", 180_000), ("1520", 37_800), ("1600", -217_800)), supplier, "Rent", "60")
            paid = ((("1600", 217_800), (BANK, -217_800)), supplier, "Rent", "20")
            pay = ((("4000", 950_000), (BANK, -950_000)), "", "Salaries", "20")
            wear = ((("4400", 41_000), ("0300", -41_000)), "", "Depreciation", "90")
            for sides, account, text, journal in (rent, paid, pay, wear):
                lines = [
                    {"gl_account": gl, "cents": cents, "description": text, "account": account} for gl, cents in sides
                ]
                self.ledger.enter(journal, day, lines)

    def _purchases(self) -> tuple[list[Row], list[Row]]:
        """Return the invoices of what an office buys, and their lines."""
        suppliers = [row["account"] for row in self.made.accounts if row["is_supplier"]]
        invoices, lines = [], []
        for month in range(18):
            for number, (text, cents) in enumerate((("Rent", 180_000), ("Coffee beans", 640_000 + 9_000 * month))):
                day = date(2025 + month // 12, month % 12 + 1, 25 - 9 * number)
                code = f"{'RB'[number]}{day:%y%m}"
                supplier = suppliers[0] if number == 0 else suppliers[1 + month % 4]
                vat = cents * 21 // 100
                invoices.append({"supplier": supplier, "supplier_invoice_number": code, "invoice_date": day, "currency": "EUR",
                                 "net_amount": euros(cents), "vat_amount": euros(vat), "total_amount": euros(cents + vat),
                                 "description": text})  # fmt: skip
                item = (
                    "" if number == 0 else next(row["item"] for row in self.made.items if row["item_group"] == "Koffie")
                )
                lines.append({"supplier": supplier, "supplier_invoice_number": code, "line": 1, "item": item, "description": text,
                              "quantity": 1 + 399 * number, "net_amount": euros(cents), "vat_percent": 21})  # fmt: skip
        return invoices, lines

    def files(self) -> dict[str, list[Row]]:
        """Return the files that the ledger adds."""
        chart = [*CHART, *((gl, f"Revenue {group}", "P") for group, gl in self.revenue.items())]
        sides = {DEBTORS: "debtors", "1600": "creditors"}
        suppliers = [row["account"] for row in self.made.accounts if row["is_supplier"]][:12]
        purchases, purchase_lines = self._purchases()
        return {
            "purchase_invoices": purchases,
            "purchase_invoice_lines": purchase_lines,
            "gl_accounts": [
                {"gl_account": gl, "description": text, "type": kind, "subledger": sides.get(gl, "")}
                for gl, text, kind in sorted(chart)
            ],
            "journals": [dict(zip(("journal", "description", "type"), row, strict=True)) for row in JOURNALS],
            "payment_conditions": [
                dict(zip(("payment_condition", "description", "days"), row, strict=True)) for row in CONDITIONS
            ],
            "transactions": self.ledger.rows,
            "entry_templates": list(self._templates()),
            "entry_template_links": [
                {"entry_template": TEMPLATES[number % 4][0], "account": account, "is_main": int(number % 3 > 0)}
                for number, account in enumerate(suppliers)
            ],
        }

    def _templates(self) -> Iterator[Row]:
        for code, text, is_blocked, lines in TEMPLATES:
            head = {"entry_template": code, "description": text, "journal": "60", "is_blocked": is_blocked}
            for number, line in enumerate(lines, 1):
                names = ("gl_account", "vat_code", "line_description", "amount", "weight")
                yield {**head, "line_number": number, **dict(zip(names, line, strict=True))}
