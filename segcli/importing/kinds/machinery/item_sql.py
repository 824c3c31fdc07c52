"""What an outstanding item comes to, as SQL over what a file gives of it: the same for a stage and for a first load."""

from collections.abc import Mapping
from dataclasses import dataclass

_HOME = "(SELECT currency FROM administration)"


@dataclass(frozen=True, slots=True)
class Given:
    """What a file gives: the SQL of each field that it carries, and of the id of the account."""

    fields: Mapping[str, str]
    account_id: str

    def _first(self, *names: str) -> str:
        """Return the SQL of the first of these fields that is not empty."""
        return f"coalesce({', '.join([*(self.fields[name] for name in names if name in self.fields), 'NULL'])})"

    def _or_null(self, name: str) -> str:
        return self.fields.get(name, "NULL")

    @property
    def currency(self) -> str:
        """Return the SQL of the currency: the administration's where a row names none."""
        return f"coalesce({self._or_null('currency')}, {_HOME})"

    @property
    def amount(self) -> str:
        """Return the SQL of the amount: as given, else what is paid and what is open, else what is open."""
        if "allocated" in self.fields and "open" in self.fields:
            both = f"{self.fields['allocated']} + {self.fields['open']}"
            return f"coalesce({self._or_null('amount')}, {both}, {self.fields['open']})"
        return self._first("amount", "open")

    @property
    def disagree(self) -> str:
        """Return the SQL that tells whether amount, paid and open contradict each other; '' where they cannot."""
        if not {"amount", "allocated", "open"} <= self.fields.keys():
            return ""
        return f"{self.fields['amount']} - {self.fields['allocated']} <> {self.fields['open']}"

    @property
    def is_revaluation(self) -> str:
        """Return the SQL that tells whether an item has an amount in the administration's currency alone; '' where it cannot."""
        if "base_amount" not in self.fields:
            return ""
        return f"({self.amount} = 0 AND {self.fields['base_amount']} <> 0)"

    @property
    def invoice_date(self) -> str:
        """Return the SQL of the day: that on which it is due where only that is given."""
        return self._first("invoice_date", "due_date")

    @property
    def base_amount(self) -> str:
        """Return the SQL of the amount in the administration's currency: the same where that is the item's own."""
        base = self._or_null("base_amount")
        if "currency" not in self.fields:
            return self.amount
        return f"CASE WHEN {self.currency} = {_HOME} THEN {self.amount} ELSE {base} END"

    @property
    def due_date(self) -> str:
        """Return the SQL of the day on which it is due: as given, else by its payment condition or its account's."""
        by_condition = (
            f"(SELECT date({self.invoice_date}, '+' || c.days || ' days') FROM account AS a JOIN payment_condition AS c"
            f" ON c.code = coalesce({self._or_null('payment_condition')}, a.payment_condition) WHERE a.id = {self.account_id})"
        )
        return f"coalesce({self._or_null('due_date')}, CASE WHEN {self.amount} > 0 THEN {by_condition} END)"

    @property
    def term(self) -> str:
        """Return the SQL of the term, as far as a row tells it."""
        return f"coalesce({self._or_null('term')}, 1)"

    @property
    def entry(self) -> str:
        """Return the SQL of what names the booking: the entry, or the line of an entry of a journal."""
        if "entry_number" not in self.fields or "line_number" not in self.fields:
            return self._or_null("entry_number")
        entry, line = self.fields["entry_number"], self.fields["line_number"]
        journal = f"coalesce({self._or_null('journal')} || '/', '')"
        return f"CASE WHEN {line} IS NULL THEN {entry} ELSE {journal} || {entry} || '/' || {line} END"

    def key(self, amount: str, term: str) -> str:
        """Return the SQL of what makes the item the same in the next file: NULL where only its content does.

        An invoice by its number and term; what is negative and has an entry of its own by that, since a receipt
        carries the number of the invoice it was meant for.
        """
        number, entry = self._or_null("invoice_number"), self.entry
        return f"""CASE WHEN {amount} < 0 AND {entry} IS NOT NULL THEN 'entry ' || {entry}
                        WHEN {number} IS NOT NULL THEN 'invoice ' || {number} || ' ' || {term}
                        WHEN {entry} IS NOT NULL THEN 'entry ' || {entry}
                        ELSE 'id ' || {self._or_null("external_id")} END"""

    def paid(self, amount: str) -> str:
        """Return the SQL of what is paid of it, NULL where the file does not say."""
        rest = f"{amount} - {self.fields['open']}" if "open" in self.fields else "NULL"
        return f"coalesce({self._or_null('allocated')}, {rest})"


def base_of(part: str, amount: str, base_amount: str) -> str:
    """Return the SQL of a part of an item in the administration's currency: at the item's own rate."""
    return f"CASE WHEN {base_amount} = {amount} THEN {part} ELSE share({base_amount}, {part}, {amount}) END"
