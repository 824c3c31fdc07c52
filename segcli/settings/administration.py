"""The administration's own data (name, address, VAT number, bank account): validation, reading and recorded changes."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from segcli.base.errors import SegcliError, UsageError
from segcli.domain import bank_account, registers

FIELDS = (
    "name", "address", "postcode", "city", "country", "vat_number", "chamber_of_commerce", "iban", "bic", "phone", "email",
    "website", "currency",
)  # fmt: skip
KEPT = ("name", "currency")  # never NULL; the name may be '', the currency may not
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_WEBSITE = re.compile(r"(?:https?://)?[^\s/@]+\.[^\s/@]+(?:/\S*)?")
# Tables with amounts in the administration's currency, or in currencies that are converted to it.
_IN_CURRENCY = {
    "outstanding items": "outstanding_item", "invoices": "invoice", "ledger lines": "transaction_line",
    "subscriptions": "subscription", "price lists": "price_list", "entry templates": "entry_template",
    "credit limits": "account WHERE credit_limit IS NOT NULL",
    "items with a price": "item WHERE sales_price IS NOT NULL OR cost_price IS NOT NULL",
}  # fmt: skip


class Change(NamedTuple):
    """A changed field with its old and new value."""

    field: str
    old: str | None
    new: str | None


def _plain(text: str) -> str:
    return re.sub(r"[\s.\-]", "", text).upper()


def _country(text: str) -> str:
    if text.upper() not in registers.COUNTRIES:
        raise SegcliError(f"'{text}' is not a country of ISO 3166", "write its two letters, such as NL")
    return text.upper()


def _currency(text: str) -> str:
    if text.upper() not in registers.CURRENCIES:
        raise SegcliError(f"'{text}' is not a currency of ISO 4217", "write its three letters, such as EUR")
    return text.upper()


def _vat_number(text: str) -> str:
    if not registers.is_vat_number(_plain(text)):
        hint = "it begins with its country, such as NL001234567B01"
        raise SegcliError(f"'{text}' does not have the shape of a VAT number", hint)
    return _plain(text)


def _matching(pattern: re.Pattern[str], what: str, hint: str) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if not pattern.fullmatch(text):
            raise SegcliError(f"'{text}' is not {what}", hint)
        return text

    return checked


def _phone(text: str) -> str:
    if not re.fullmatch(r"[+(]?[0-9][0-9 ()/.\-]{3,30}", text, re.ASCII):
        raise SegcliError(f"'{text}' is not a telephone number", "write it as +31 20 555 01 23")
    return text


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "country": _country,
    "currency": _currency,
    "vat_number": _vat_number,
    "iban": bank_account.check_iban,
    "bic": lambda text: _matching(bank_account.BIC, "a BIC", "it has 8 or 11 characters, such as ABNANL2A")(
        _plain(text)
    ),
    "email": _matching(_EMAIL, "an e-mail address", "write it as info@example.com"),
    "website": _matching(_WEBSITE, "a web address", "write it as www.example.com"),
    "phone": _phone,
}


def checked(field: str, text: str) -> str:
    """Return the normalized value of a field. Raises UsageError if it is invalid."""
    value = " ".join(text.split())
    try:
        return _CHECKS[field](value) if field in _CHECKS else value
    except SegcliError as error:
        raise UsageError(f"--{field.replace('_', '-')}: {error.message}", error.hint) from error


def read(db: sqlite3.Connection) -> dict[str, str | None]:
    """Return name, address and other fields of the administration."""
    found = db.execute("SELECT * FROM administration")
    row = found.fetchone()
    return dict(zip((column[0] for column in found.description), row, strict=True))


def change(db: sqlite3.Connection, run_id: int | None, new: Mapping[str, str | None]) -> list[Change]:
    """Set fields and return the changes. Requires an open transaction.

    Changes are recorded with the run, so that undo can revert them. `run_id` None means an import: not recorded.
    """
    old = read(db)
    wanted = {field: "" if value is None and field == "name" else value for field, value in new.items()}
    changes = [Change(field, old[field], value) for field, value in wanted.items() if old[field] != value]
    if any(field == "currency" for field, *_ in changes):
        _refuse_in_use(db, str(old["currency"]))
    _write(db, run_id, changes)
    return changes


def _refuse_in_use(db: sqlite3.Connection, currency: str) -> None:
    for what, source in _IN_CURRENCY.items():
        (count,) = db.execute(f"SELECT count(*) FROM {source}").fetchone()
        if count:
            raise UsageError(
                f"--currency: {count} {what} are kept in {currency}, and would be in another",
                "one administration has one currency: segcli --database OTHER init --currency CODE",
            )


def _write(db: sqlite3.Connection, run_id: int | None, changes: Iterable[Change]) -> None:
    for field, old, new in changes:
        assert field in FIELDS  # noqa: S101 - interpolated into the statement
        db.execute(f"UPDATE administration SET {field} = ?", (new,))
        if run_id is not None:
            db.execute(
                "INSERT INTO administration_change (run_id, field, old_value, new_value) VALUES (?, ?, ?, ?)",
                (run_id, field, old, new),
            )


def by_hand(db: sqlite3.Connection) -> set[str]:
    """Return the fields last set by a command and not reverted; an import does not change these."""
    found = db.execute(
        """SELECT c.field FROM administration_change AS c JOIN run AS r ON r.id = c.run_id
            WHERE c.id = (SELECT max(l.id) FROM administration_change AS l WHERE l.field = c.field) AND r.source = 'manual'"""
    )
    return {field for (field,) in found}


def take_back(db: sqlite3.Connection, run_id: int, by_run: int) -> tuple[int, int]:
    """Revert the changes of a run whose new value is still current; return the numbers of reverted and remaining changes."""
    now = read(db)
    rows = db.execute(
        "SELECT field, old_value, new_value FROM administration_change WHERE run_id = ? ORDER BY id DESC", (run_id,)
    ).fetchall()
    back = [Change(field, new, old) for field, old, new in rows if now[field] == new]
    if any(one.field == "currency" for one in back):
        _refuse_in_use(db, str(now["currency"]))
    _write(db, by_run, back)
    return len(back), len(rows) - len(back)
