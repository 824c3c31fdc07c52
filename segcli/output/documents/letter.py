"""The contents of a letter, without its layout. Pure."""

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
    """A requested payment: the amount in minor units, its currency, the payee and the payment reference."""

    amount: int
    currency: str
    iban: str
    bic: str
    name: str
    reference: str


@dataclass(frozen=True, slots=True)
class LetterColumn:
    """One column of the table; its width is `share` divided by the sum of all shares."""

    heading: str
    align: Align = "left"
    share: float = 1.0


Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A second table below the totals, with its own heading and totals, and the same columns as the first."""

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
    """One letter. All texts are plain text, without markup.

    A line end starts a new line in a paragraph; elsewhere it counts as a blank. A row may have fewer cells than there
    are columns. `page_words` may contain {page} and {pages}, which count the pages of this letter.
    """

    sender: Party
    sender_details: tuple[str, ...]  # foot of each page: telephone, e-mail, VAT number, chamber of commerce, IBAN
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
        """Raise ValueError if a row has more cells than there are columns."""
        if any(len(row) > len(self.columns) for row in (*self.rows, *(self.also.rows if self.also else ()))):
            raise ValueError("a row has more cells than the table has columns")
