"""The columns that a request may name: an overview's own, the fields of the account, and its classes. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date

from segcli.base.errors import UsageError
from segcli.base.record import replace
from segcli.domain.catalogue import CLASSES, Catalogue, nearest
from segcli.domain.clause import named
from segcli.domain.table import Column, Kind, Overview
from segcli.query.expressions import fields, first_purchases, limits

CLASS_NAMES = tuple(f"{name}_name" for name in CLASSES)
# The account columns that every overview can show, sort and group by.
ACCOUNT_COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("status"),
    Column("search_code"),
    Column("address"),
    Column("city"),
    Column("postcode"),
    Column("state"),
    Column("country"),
    Column("email", heading="E-mail"),
    Column("phone"),
    Column("language"),
    Column("manager"),
    Column("sector"),
    Column("vat_number", heading="VAT number"),
    Column("chamber_of_commerce"),
    Column("price_list", "code"),
    Column("credit_limit", "money", is_base=True),
    Column("over_limit", "flag"),
    Column("cohort"),
    Column("cohort_quarter"),
    Column("cohort_year"),
    *(Column(name, "code") for name in CLASSES),
    *(Column(name) for name in CLASS_NAMES),
)
OF_ACCOUNT = {column.name: column for column in ACCOUNT_COLUMNS}
ADMINISTRATION = Column("administration", "code")  # with several administrations: the key of the account's
ACCOUNT_NAMES = frozenset(OF_ACCOUNT)
# Columns that mean the account's own field in every overview.
_ALIKE = frozenset(
    {"account", "name", "search_code", "city", "postcode", "state", "country", "manager", "sector", "price_list"}
)
_KINDS: Mapping[str, Kind] = {
    "code": "code",
    "account": "code",
    **dict.fromkeys(fields.FLAGS, "flag"),
    **dict.fromkeys(fields.DATES, "date"),
}


def _key(name: str) -> str:
    return name.strip().lower().replace("-", "_")


class Known:
    """The columns that a request may name: the overview's own, then the account's."""

    def __init__(self, overview: Overview, catalogue: Catalogue, day: date, *, several: bool = False) -> None:
        self.overview = overview
        self._outer = {**OF_ACCOUNT, ADMINISTRATION.name: ADMINISTRATION} if several else OF_ACCOUNT
        self._day = day  # the as-of day
        self._catalogue = catalogue
        self._own = {c.name: c for c in overview.columns if overview.is_grouped or c.name not in CLASSES}
        self.values: dict[str, object] = {}  # that expressions bind
        self._fields: dict[str, str] = {}  # for each account.NAME requested: column name -> field

    def column(self, name: str, flag: str) -> Column:
        """Return the column of this name or label. The UsageError for an unknown name suggests the nearest."""
        if fields.is_own(name):
            return self._of_account(name, flag)
        columns = {**self._outer, **self._own}
        label = (
            self._labelled(name, columns)
            if flag in {"--group-by", "--subtotal"} and _key(name) not in CLASSES
            else None
        )
        found = label or self._find(name, columns)
        if not found:
            raise UsageError(f"{flag}: there is no column '{name}'", nearest(_key(name), (*self._own, *self._outer)))
        return found

    def _of_account(self, name: str, flag: str) -> Column:
        """Return the column of account.NAME: the account's field, even if the overview has a column of that name."""
        plain = _key(fields.bare(name))
        if plain in self._own and self._is_same(plain):
            return self._own[plain]
        if plain in OF_ACCOUNT and plain not in self._own:
            return OF_ACCOUNT[plain]
        found = fields.of_account(plain) if plain != "code" else None  # the column of the code is named account
        if not found:
            known = [f"{fields.OWN}{known}" for known in fields.own_names() if known != "code"]
            raise UsageError(f"{flag}: there is no field '{name}'", nearest(name, known))
        column = f"account_{plain}" if plain in self._own else plain
        self._fields[column] = plain
        known_as = OF_ACCOUNT.get(plain, Column(plain, _KINDS.get(plain, "text")))
        return replace(
            known_as, name=column, heading=f"Account {known_as.title.lower()}" if column != plain else known_as.heading
        )

    def _is_same(self, name: str) -> bool:
        """Tell whether the overview's own column of a name is the account's field of that name."""
        is_of_accounts = not self.overview.counts and name != "currency"  # each row is one account
        return self.overview.is_grouped or is_of_accounts or name in _ALIKE

    def among(self, name: str, columns: Mapping[str, Column], flag: str) -> Column:
        """Return the column of this name or label from `columns`. The UsageError for an unknown name suggests the nearest."""
        found = self._find(name, columns)
        if not found:
            raise UsageError(f"{flag}: '{name}' is not among the columns of the groups", nearest(_key(name), columns))
        return found

    def _find(self, name: str, columns: Mapping[str, Column]) -> Column | None:
        if fields.is_own(name):
            plain = _key(fields.bare(name))
            return columns.get(f"account_{plain}") or columns.get(plain)
        return columns.get(_key(name)) or self._labelled(name, columns)

    def _labelled(self, name: str, columns: Mapping[str, Column]) -> Column | None:
        """Return the class column of a label; None if it is not a label."""
        return columns.get(f"class{self._catalogue.labelled(name)}")

    @property
    def currency(self) -> str:
        """Return the SQL of a row's currency, '' if all amounts are in the administration's currency."""
        return "o.currency" if "currency" in {column.name for column in self.overview.columns} else ""

    def outside(self, columns: Iterable[Column]) -> frozenset[str]:
        """Return the names of the columns that are not the overview's own."""
        return frozenset(column.name for column in columns if column.name not in self._own)

    def is_used(self, column: Column) -> bool:
        """Tell whether a column is in use; a class is in use if it has a label."""
        return column.name not in CLASSES or int(column.name[5]) in self._catalogue.labels

    def expression(self, column: Column) -> str:
        """Return the SQL that yields the column's cells."""
        if column.name in self._fields:
            return fields.sql(self._fields[column.name], "s")
        if column.name in self._own:
            return f"o.{column.name}"
        return self._computed(column) or fields.sql(column.name, "s")

    def _computed(self, column: Column) -> str:
        """Return the SQL of an account's column that is no field of the table account; '' for a field."""
        if column.name == limits.OVER_LIMIT:
            sql, values = named(limits.over_limit(self._day, row="s"), column.name)
            self.values |= values
            return sql
        if column.name in first_purchases.COHORTS:
            self.values |= first_purchases.values(self._day)
            return first_purchases.of(column.name)
        if column.name in CLASSES:
            return f"v{column.name[5:]}.code"
        if column.name in CLASS_NAMES:
            return f"v{column.name[5]}.description"
        return ""
