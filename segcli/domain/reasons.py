"""The reasons why an action skips something: either a rule excludes it or it could not be done. Pure.

Exclusions by a rule are listed in the preview and leave status 0. Failures are always printed on stderr and the run ends with
status 5.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class _Rule(NamedTuple):
    """An exclusion by the configuration, the data or the flags."""

    text: str
    brief: str = ""  # the text without fields, for counts


class _Failure(NamedTuple):
    """Something that should have been done but could not."""

    text: str


class Reason(Enum):
    """A reason; `why` fills in the fields of its text."""

    # Excluded by a rule
    ACCOUNT_BLOCKED = _Rule("the account is blocked")
    DISPUTED = _Rule("disputed")
    ITEM_BLOCKED = _Rule("no reminders for this item")
    ALL_LEVELS_SENT = _Rule("all {levels} levels were sent", "all levels were sent")
    WITHIN_INTERVAL = _Rule("reminded on {day}, less than {interval} days ago", "reminded within the interval")
    PAID_SINCE = _Rule("paid since {day}", "paid since the reference date")
    TOLERANCE = _Rule("{open} is at or under the tolerance", "at or under the tolerance")
    COVERED_BY_CREDITS = _Rule(
        "{overdue} overdue less {credits} of open credits and receipts is at or under the tolerance",
        "open credits and receipts cover it",
    )
    SUBSCRIPTION_BLOCKED = _Rule("the subscription is blocked")
    LINE_ENDED = _Rule("it ended on {day}", "it has ended")
    SUBSCRIPTION_ENDS = _Rule("the subscription ends on {day}", "the subscription ends before")
    INVOICED_ONCE = _Rule("it is invoiced once")
    AUTOMATIC_PRICE = _Rule("its price is automatic")
    NEVER_REVISED = _Rule("it is never revised")
    ALREADY_REVISED = _Rule("already revised from {day}", "already revised from that day")
    LINE_BEGINS = _Rule("it begins on {day}", "it begins on that day or later")
    PRICE_FOLLOWS = _Rule("another price follows on {day}", "another price follows")
    PRICE_UNCHANGED = _Rule("the price stays the same")
    NOT_IN_FILE = _Rule("the file has no price for it")
    LINKED_ALREADY = _Rule("already linked")
    MAIN_ALREADY = _Rule("already its main template")
    NOT_LINKED = _Rule("not linked")
    OTHER_PRICE_LIST = _Rule("it has another price list")
    # Could not be done
    NO_EMAIL = _Failure("no e-mail address")
    NO_EXCHANGE_RATE = _Failure("the rate of {currency} is not known: no fee can be worked out")
    NO_LINES = _Failure("it has no lines")
    NO_VAT_RATE = _Failure("line {line} has no VAT rate, nor a VAT code that is known")
    SUMS_DIFFER = _Failure("its head says {head}, its lines and their VAT add up to {lines}")
    NO_SUBSCRIPTION_TYPE = _Failure("there is no subscription type {code}")
    AUTOMATIC_WITHOUT_ITEM = _Failure("an automatic price needs an item")
    NOT_SOLD_BY_UNIT = _Failure("item {item} is not sold by '{unit}'")
    NO_PRICE = _Failure("item {item} has no price on {day}{because}")
    PRICED_IN_OTHER_CURRENCY = _Failure("item {item} is priced in {currency} on {day}, not in {wanted}")
    NO_ITEM = _Failure("it has no item")
    NO_SALES_PRICE = _Failure("item {item} has no sales price in {currency}")
    OTHER_UNIT = _Failure("item {item} is priced {priced}, the line {sold}")
    NEGATIVE_PRICE = _Failure("the price would be below nothing")

    @property
    def is_failed(self) -> bool:
        """Tell whether it is a failure rather than an exclusion by a rule."""
        return isinstance(self.value, _Failure)

    @property
    def brief(self) -> str:
        """Return the text without its fields."""
        rule: _Rule | _Failure = self.value
        return (rule.brief if isinstance(rule, _Rule) else "") or rule.text

    def why(self, **fields: object) -> "Why":
        """Return the reason with the fields of its text filled in."""
        text: str = self.value.text
        return Why(self, text.format(**fields))


@dataclass(frozen=True, slots=True)
class Why:
    """The reason, in words, why one thing is skipped."""

    reason: Reason
    text: str

    def of_line(self, number: int) -> "Why":
        """Return the same reason for one line."""
        return Why(self.reason, f"line {number}: {self.text}")


def cells(why: Why | None) -> tuple[str, str]:
    """Return the cells of a plan's table: the name of the reason and the text, both '' without a reason."""
    return (why.reason.name, why.text) if why else ("", "")


FAILED = tuple(reason.name for reason in Reason if reason.is_failed)
