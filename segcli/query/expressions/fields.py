"""The account fields that --where and rules can use: names, columns and types. Pure."""

from segcli.base.record import Record
from segcli.domain.catalogue import CLASSES, Catalogue

TEXTS = {
    "account": "code", "code": "code", "name": "name", "search_code": "search_code", "city": "city", "postcode": "postcode",
    "state": "state", "country": "country", "email": "email", "phone": "phone", "website": "website",
    "language": "language", "manager": "manager", "sector": "sector", "currency": "currency", "vat_number": "vat_number",
    "chamber_of_commerce": "chamber_of_commerce", "remarks": "remarks", "address": "address", "price_list": "price_list",
}  # fmt: skip
# Fields that another table holds; {row} is the alias of the account.
_ELSEWHERE = {
    "price_list": "(SELECT p.code FROM price_list_link AS k JOIN price_list AS p ON p.id = k.price_list_id WHERE k.account_id = {row}.id)",
}  # fmt: skip
FLAGS = {
    "blocked": "is_blocked", "is_blocked": "is_blocked", "is_sales": "is_sales", "is_supplier": "is_supplier",
    "is_mailing_excluded": "is_mailing_excluded", "mailing_excluded": "is_mailing_excluded",
}  # fmt: skip
DATES = ("start_date", "end_date")
AMOUNTS = ("credit_limit",)  # in the administration's currency
_KINDS = {
    **dict.fromkeys(CLASSES, "class"), "status": "status", **dict.fromkeys(DATES, "date"), **dict.fromkeys(FLAGS, "flag"),
    **dict.fromkeys(TEXTS, "text"), **dict.fromkeys(AMOUNTS, "money"),
}  # fmt: skip


class Field(Record):
    """An operand of a comparison: its name, SQL, type and bound values."""

    name: str
    column: str
    kind: str  # text, date, period, flag, status, class, money or number
    values: tuple[object, ...] = ()


OWN = "account."  # prefix that selects the field even if a label has the same name


def is_own(name: str) -> bool:
    """Tell whether a name has the account. prefix, such as account.sector."""
    return name.lower().startswith(OWN)


def bare(name: str) -> str:
    """Return the name of a field without the account. prefix."""
    return name[len(OWN) :] if is_own(name) else name


def of_account(name: str) -> Field | None:
    """Return the field of an account of this name, None where there is none."""
    plain = name.lower().replace("-", "_")
    kind = _KINDS.get(plain)
    return Field(plain, sql(plain), kind) if kind else None


def sql(name: str, row: str = "a") -> str:
    """Return the SQL of an account's field; `row` is the alias of the account."""
    if name in _ELSEWHERE:
        return _ELSEWHERE[name].format(row=row)
    return f"{row}.{TEXTS.get(name) or FLAGS.get(name) or name}"


def of_class(name: str, catalogue: Catalogue) -> Field | None:
    """Return the class field of a name such as class3 or of a label, else None. Raise UsageError for an ambiguous label."""
    plain = name.lower()
    number = int(plain[5]) if plain in CLASSES else catalogue.labelled(name)
    return Field(f"class{number}", f"a.class{number}", "class") if number else None


def find(name: str, catalogue: Catalogue) -> Field | None:
    """Return the field of a name. The order is: class3, label, account field. None for an unknown name."""
    return of_account(bare(name)) if is_own(name) else of_class(name, catalogue) or of_account(name)


def own_names() -> tuple[str, ...]:
    """Return the names of all fields of an account."""
    return (*TEXTS, *FLAGS, *DATES, *AMOUNTS, "status", *CLASSES)


def names(catalogue: Catalogue) -> tuple[str, ...]:
    """Return all field names and labels."""
    return (*own_names(), *catalogue.labels.values())
