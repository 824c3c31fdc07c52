"""Which party a document names: the administration itself, or which of its accounts.

A document such as a UBL invoice identifies companies by VAT number, chamber of commerce number, our code for them, or
name only. Its reader passes what it found as a `Company`; the answer comes from the database.
"""

import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from segcli.base.text import fold, plain
from segcli.query.selection import search_clause
from segcli.settings import administration

_COLUMNS = (
    "code", "name", "address", "postcode", "city", "state", "country", "phone", "email", "vat_number",
    "chamber_of_commerce",
)  # fmt: skip
_WORD = re.compile(r"\w{3,}")
Record = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Company:
    """A company in a document, with everything that identifies it."""

    line: int
    code: str | None  # our account code, if the document states it
    names: tuple[str, ...]
    vat_numbers: tuple[str, ...]
    chamber_numbers: tuple[str, ...]
    other_numbers: tuple[str, ...]  # identifiers of other parties
    record: Mapping[str, str | None]  # the fields of an account


class PartyMatching:
    """Matches the companies of documents to an administration and its accounts.

    `kind` is the value of --as, or ''; `must_create` is --create-missing.
    """

    def __init__(self, db: sqlite3.Connection, kind: str = "", *, must_create: bool = False) -> None:
        self.db, self.kind, self.must_create = db, kind, must_create

    def is_own(self, company: Company) -> tuple[bool, bool, bool]:
        """Tell whether VAT number, chamber of commerce number and name are the administration's."""
        home = administration.read(self.db)
        return (
            plain(home["vat_number"]) in _all(company.vat_numbers),
            plain(home["chamber_of_commerce"]) in _all(company.chamber_numbers),
            plain(home["name"]) in _all(company.names),
        )

    def accounts(self, company: Company) -> list[Record]:
        """Return the accounts that match a company: by our code for it, else by its numbers, else by its name.

        The list has several accounts if several have the number or name, and the name does not decide.
        """
        if company.code and (found := self._select("a.code = ?", (company.code,))):
            return found
        for column, numbers in (("vat_number", company.vat_numbers), ("chamber_of_commerce", company.chamber_numbers)):
            if found := self._having(column, numbers):
                named = [record for record in found if plain(record["name"]) in _all(company.names)]
                return named or found
        for number in company.other_numbers:  # other parties' numbers may equal our codes: the name must match too
            found = [r for r in self._select("a.code = ?", (number,)) if plain(r["name"]) in _all(company.names)]
            if found:
                return found
        return [record for record in self._having("name", company.names) if not _differ(record, company)]

    def vat_code(self, category: str, percent: str) -> str | None:
        """Return the VAT code of this category and rate; '' if ambiguous, None if there is none."""
        sql = "SELECT code FROM vat_code WHERE category = ? AND CAST(percent AS REAL) = CAST(? AS REAL)"
        found = [code for (code,) in self.db.execute(sql, (category, percent))]
        made = f"{category}{percent}"
        return made if made in found else found[0] if len(found) == 1 else "" if found else None

    def _having(self, column: str, texts: Iterable[str]) -> list[Record]:
        """Return the accounts with one of the texts in a column, ignoring case, accents and punctuation."""
        found: dict[str | None, Record] = {}
        for text in texts:
            clause = search_clause("a.id", "account", _words(text) if column == "name" else plain(text))
            for record in self._select(clause.sql, clause.values) if plain(text) else ():
                if plain(record[column]) == plain(text):
                    found[record["code"]] = record
        return list(found.values())

    def _select(self, condition: str, values: Iterable[object]) -> list[Record]:
        sql = f"SELECT {', '.join(_COLUMNS)} FROM account AS a WHERE {condition} ORDER BY a.code"
        return [dict(zip(_COLUMNS, row, strict=True)) for row in self.db.execute(sql, tuple(values))]


def _words(name: str) -> str:
    """Return the words of a name to search for, without short words and punctuation: B.V. may be written BV."""
    return " ".join(_WORD.findall(fold(name))) or name


def _all(texts: Iterable[str]) -> set[str]:
    """Return the normalised texts; an empty text matches nothing."""
    return {plain(text) for text in texts} - {""}


def _differ(record: Record, company: Company) -> bool:
    """Tell whether VAT number, chamber of commerce number or postcode differ; equal names then prove nothing."""
    stated = (
        (record["vat_number"], company.vat_numbers),
        (record["chamber_of_commerce"], company.chamber_numbers),
        (record["postcode"], [company.record.get("postcode") or ""]),
    )
    return any(plain(mine) and _all(theirs) and plain(mine) not in _all(theirs) for mine, theirs in stated)
