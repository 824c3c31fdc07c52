"""What the lists of persons have in common: a company or a person as the account, the person as its contact, consent."""

from collections.abc import Mapping

from segcli.importing.layouts.parts.layout import Part, Row, Test, Value, either, filled, first, joined, reference

_NO = frozenset({"no", "false", "0", "nee", "nein"})
_YES = frozenset({"yes", "true", "1", "ja"})
_AGREED = _YES | {"subscribed"}
_GONE = frozenset({
    "unsubscribed", "non-marketing contact", "no consent", "non-subscribed", "nonsubscribed", "cleaned", "bounced", "archived",
})  # fmt: skip
_REFUSED = _NO | _GONE


def named(company: str, persons: str = "firstname middlename lastname", other: str = "emailaddress email") -> Value:
    """Return the name of an account: its company, else the person's, else an e-mail address."""
    return either(first(company), joined(persons), first(other))


def identified(
    program: str, company: Value | str, *others: Value | str, persons: str = "firstname middlename lastname"
) -> Value:
    """Return the reference of an account: its company, else the first filled of others, else the person's name."""
    parts = [first(other) if isinstance(other, str) else other for other in (company, *others)]
    return reference(program, either(*parts, joined(persons)))


def strictest(*values: Value) -> Value:
    """Return 1 if one of these says that a person is excluded from mailings, else the first that says something."""
    headings = tuple(name for value in values for name in value.headings)

    def make(row: Row) -> str:
        answers = [value.make(row) for value in values]
        return "1" if "1" in answers else next(filter(None, answers), "")

    return Value(headings, make)


def _answer(heading: str, refused: frozenset[str], agreed: frozenset[str]) -> Value:
    def make(row: Row) -> str:
        word = row[heading].lower()
        return "1" if word in refused else "0" if word in agreed else ""

    return Value((heading,), make)


def excluded(headings: str) -> Value:
    """Return 1 for a person who said no to mailings below one of the headings, 0 for one who said yes; '' if nothing is known."""
    return strictest(*(_answer(heading, _REFUSED, _AGREED) for heading in headings.split()))


def opted_out(headings: str) -> Value:
    """Return 1 for a person who has opted out of mailings, 0 for one who has not; '' where nothing is known."""
    return strictest(*(_answer(heading, _YES | _GONE, _NO | {"subscribed"}) for heading in headings.split()))


def consent(headings: str, said: str = "consent") -> Value:
    """Return the basis of mailings to a person who said yes and nowhere no, or what else is to be said of it."""
    answer = excluded(headings)
    return Value(answer.headings, lambda row: said if answer.make(row) == "0" else "")


def contact(account: Value, fields: Mapping[str, Value | str], when: Test | None = None) -> Part:
    """Return the part of the person: a contact of the account."""
    names: dict[str, Value | str] = {"first_name": "firstname", "middle_name": "middlename", "last_name": "lastname"}
    return Part(
        "contact",
        {"account": account, **names, **fields},
        when=when or filled("firstname lastname emailaddress email"),
        by_reference=True,
    )
