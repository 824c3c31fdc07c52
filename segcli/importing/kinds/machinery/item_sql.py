"""The SQL of each property of an outstanding item, shared by the staging table and the first load."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# The staged rows `s`, each with its stored item `t`.
JOINED = "{stage} AS s JOIN outstanding_item AS t ON t.account_id = s.account_id AND t.item_key = s.item_key"
_HOME = "(SELECT currency FROM administration)"


@dataclass(frozen=True, slots=True)
class Given:
    """The fields that a file carries, each with its SQL, and the SQL of the account's id."""

    fields: Mapping[str, str]
    account_id: str

    @classmethod
    def staged(cls, fields: Iterable[str], row: str = "s") -> "Given":
        """Return the fields of staged rows, each in the column of its name. `row` is the name of a row in the query."""
        return cls({name: f"{row}.{name}" for name in fields}, f"{row}.account_id")

    def _first(self, *names: str) -> str:
        """Return the SQL of the first of these fields that is not NULL."""
        return f"coalesce({', '.join([*(self.fields[name] for name in names if name in self.fields), 'NULL'])})"

    def _or_null(self, name: str) -> str:
        return self.fields.get(name, "NULL")

    @property
    def currency(self) -> str:
        """Return the SQL of the currency; the default is the administration's."""
        return f"coalesce({self._or_null('currency')}, {_HOME})"

    @property
    def amount(self) -> str:
        """Return the SQL of the amount: as given, else paid + open, else open."""
        if "allocated" in self.fields and "open" in self.fields:
            both = f"{self.fields['allocated']} + {self.fields['open']}"
            return f"coalesce({self._or_null('amount')}, {both}, {self.fields['open']})"
        return self._first("amount", "open")

    @property
    def disagree(self) -> str:
        """Return the SQL condition that amount, paid and open contradict each other; '' if one of them is missing."""
        if not {"amount", "allocated", "open"} <= self.fields.keys():
            return ""
        return f"{self.fields['amount']} - {self.fields['allocated']} <> {self.fields['open']}"

    @property
    def is_revaluation(self) -> str:
        """Return the SQL condition that only the amount in the administration's currency is not 0; '' without that field."""
        if "base_amount" not in self.fields:
            return ""
        return f"({self.amount} = 0 AND {self.fields['base_amount']} <> 0)"

    @property
    def invoice_date(self) -> str:
        """Return the SQL of the invoice date; the default is the due date."""
        return self._first("invoice_date", "due_date")

    @property
    def base_amount(self) -> str:
        """Return the SQL of the amount in the administration's currency: the amount itself if that is the item's currency."""
        base = self._or_null("base_amount")
        if "currency" not in self.fields:
            return self.amount
        return f"CASE WHEN {self.currency} = {_HOME} THEN {self.amount} ELSE {base} END"

    @property
    def due_date(self) -> str:
        """Return the SQL of the due date: as given, else by the payment condition of the row or of the account."""
        by_condition = (
            f"(SELECT date({self.invoice_date}, '+' || c.days || ' days') FROM account AS a JOIN payment_condition AS c"
            f" ON c.code = coalesce({self._or_null('payment_condition')}, a.payment_condition) WHERE a.id = {self.account_id})"
        )
        return f"coalesce({self._or_null('due_date')}, CASE WHEN {self.amount} > 0 THEN {by_condition} END)"

    @property
    def term(self) -> str:
        """Return the SQL of the term's ordinal, 1 by default."""
        return f"coalesce({self._or_null('term')}, 1)"

    @property
    def entry(self) -> str:
        """Return the SQL that identifies the booking: the entry number, or journal/entry/line."""
        if "entry_number" not in self.fields or "line_number" not in self.fields:
            return self._or_null("entry_number")
        entry, line = self.fields["entry_number"], self.fields["line_number"]
        journal = f"coalesce({self._or_null('journal')} || '/', '')"
        return f"CASE WHEN {line} IS NULL THEN {entry} ELSE {journal} || {entry} || '/' || {line} END"

    def key(self, amount: str, term: str) -> str:
        """Return the SQL of the identity key across files; NULL if only the content identifies the item.

        An invoice is identified by number and term. A negative item with an entry number is identified by the
        entry, because a receipt carries the number of the invoice it was meant for.
        """
        number, entry = self._or_null("invoice_number"), self.entry
        return f"""CASE WHEN {amount} < 0 AND {entry} IS NOT NULL THEN 'entry ' || {entry}
                        WHEN {number} IS NOT NULL THEN 'invoice ' || {number} || ' ' || {term}
                        WHEN {entry} IS NOT NULL THEN 'entry ' || {entry}
                        ELSE 'id ' || {self._or_null("external_id")} END"""

    def paid(self, amount: str) -> str:
        """Return the SQL of the paid amount, NULL if the file does not state it."""
        rest = f"{amount} - {self.fields['open']}" if "open" in self.fields else "NULL"
        return f"coalesce({self._or_null('allocated')}, {rest})"


def base_of(part: str, amount: str, base_amount: str) -> str:
    """Return the SQL of a part of an item in the administration's currency, at the item's own rate."""
    return f"CASE WHEN {base_amount} = {amount} THEN {part} ELSE share({base_amount}, {part}, {amount}) END"
