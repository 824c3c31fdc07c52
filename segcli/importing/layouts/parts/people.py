"""What the lists of persons have in common: a company or a person as the account, the person as its contact, consent."""

from collections.abc import Mapping

from segcli.importing.layouts.parts.layout import Part, Row, Test, Value, either, filled, first, joined, reference

_NO = frozenset({"no", "false", "0", "nee", "nein", "unsubscribed", "non-marketing contact", "no consent"})
_YES = frozenset({"yes", "true", "1", "ja", "subscribed"})


def named(company: str, persons: str = "firstname middlename lastname", other: str = "emailaddress email") -> Value:
    """Return the name of an account: its company, else the person's, else an e-mail address."""
    return either(first(company), joined(persons), first(other))


def identified(
    program: str, company: Value | str, *others: Value | str, persons: str = "firstname middlename lastname"
) -> Value:
    """Return the reference of an account: its company, else the first filled of others, else the person's name."""
    parts = [first(other) if isinstance(other, str) else other for other in (company, *others)]
    return reference(program, either(*parts, joined(persons)))


def excluded(headings: str) -> Value:
    """Return 1 for a person who said no to mailings, 0 for one who said yes; '' where nothing is known."""
    answer = first(headings)

    def make(row: Row) -> str:
        word = answer.make(row).lower()
        return "1" if word in _NO else "0" if word in _YES else ""

    return Value(answer.headings, make)


def opted_out(headings: str) -> Value:
    """Return 1 for a person who has opted out of mailings, 0 for one who has not; '' where nothing is known."""
    answer = first(headings)

    def make(row: Row) -> str:
        word = answer.make(row).lower()
        return "1" if word in _YES else "0" if word in _NO else ""

    return Value(answer.headings, make)


def consent(headings: str, said: str = "consent") -> Value:
    """Return the basis of mailings to a person who said yes, or what else is to be said of it."""
    answer = first(headings)
    return Value(answer.headings, lambda row: said if answer.make(row).lower() in _YES else "")


def contact(account: Value, fields: Mapping[str, Value | str], when: Test | None = None) -> Part:
    """Return the part of the person: a contact of the account."""
    names: dict[str, Value | str] = {"first_name": "firstname", "middle_name": "middlename", "last_name": "lastname"}
    return Part(
        "contact",
        {"account": account, **names, **fields},
        when=when or filled("firstname lastname emailaddress email"),
        by_reference=True,
    )
