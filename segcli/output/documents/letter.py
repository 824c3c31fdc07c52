"""What a letter says, with nothing about how it is drawn. Pure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Party:
    """A name and the lines of its address, without the name."""

    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """What is asked for: minor units of a currency, to whom, and the reference that comes back with it."""

    amount: int
    currency: str
    iban: str
    bic: str
    name: str
    reference: str


@dataclass(frozen=True, slots=True)
class LetterColumn:
    """One column of the table: `share` is its part of the width, against the other columns' shares."""

    heading: str
    align: Align = "left"
    share: float = 1.0


Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A second table below the totals, with the columns of the first one."""

    heading: str
    rows: tuple[Texts, ...]
    totals: tuple[tuple[str, str], ...]  # label, amount; the last one is the one that counts


@dataclass(frozen=True, slots=True)
class Carried:
    """What a table carries forward where it goes on over pages: the sum before each row, and that after the last."""

    word: str
    amounts: Texts


@dataclass(frozen=True, slots=True)
class Strip:
    """Amounts side by side under their labels, below the totals."""

    heading: str
    figures: tuple[tuple[str, str], ...]  # label, amount


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, from the sender's name to the last line; every text is plain text and is shown as it stands.

    A line end in a paragraph starts a new line, elsewhere it is a blank. A row may have fewer cells than there are
    columns. `page_words` may hold {page} and {pages}, counted in this letter.
    """

    sender: Party
    sender_details: tuple[str, ...]  # telephone, e-mail, VAT number, chamber of commerce, IBAN: the foot of each page
    recipient: Party
    place_and_date: str
    subject: str
    details: tuple[tuple[str, str], ...]  # label, value: our reference, account
    opening: tuple[str, ...]
    columns: tuple[LetterColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[tuple[str, str], ...]  # label, amount; the last one is the one that counts
    closing: tuple[str, ...]
    payment: Payment | None
    payment_words: tuple[str, ...]
    language: str
    logo: Path | None
    page_words: str = "Page {page} of {pages}"
    also: Block | None = None
    carried: Carried | None = None
    strip: Strip | None = None

    def __post_init__(self) -> None:
        """Refuse a row that has more cells than there are columns: a cell would get lost."""
        if any(len(row) > len(self.columns) for row in (*self.rows, *(self.also.rows if self.also else ()))):
            raise ValueError("a row has more cells than the table has columns")
