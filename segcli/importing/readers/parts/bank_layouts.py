"""The CSV exports of banks: the headings that each bank documents, and the fields that they hold. Pure.

Headings are compared as letters and digits only, folded. Where a bank has them in several languages, all are named.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from segcli.base.text import fold


@lru_cache(1024)
def key(heading: str) -> str:
    """Return the comparison key of a heading: letters and digits only, no case, no accents."""
    return "".join(c for c in fold(heading) if c.isascii() and c.isalnum())


@dataclass(frozen=True, slots=True)
class Layout:
    """One export of one bank. Each value is a list of headings; the first heading that the file has is used."""

    name: str
    marks: tuple[str, ...]  # headings that together identify it; `a|b` where languages differ
    day: str
    amount: str
    own: str = ""  # our bank account; empty if it stands above the table
    currency: str = ""
    name_of: str = ""  # the other party
    payer: str = ""  # the other party of a receipt, where payer and payee have columns of their own
    account: str = ""  # its bank account
    texts: tuple[str, ...] = ()  # all of them, joined
    reference: str = ""
    end_to_end: str = ""
    bank_id: str = ""
    side: str = ""  # a column that says whether the amount is paid
    paid: frozenset[str] = frozenset()  # its words for paid
    debit: str = ""  # amounts in two columns
    credit: str = ""
    status: str = ""
    pending: frozenset[str] = frozenset()  # of the status: not booked, left out
    refused: str = ""  # a column that says why the bank refused it
    is_parsed: bool = False  # the text has labelled parts: IBAN, Naam, Omschrijving
    decimal: str = ","
    notes: tuple[str, ...] = ()  # the text, where there is no other

    def fits(self, keys: AbstractSet[str]) -> bool:
        """Tell whether a table has the headings that identify this export."""
        return all(any(key(one) in keys for one in mark.split("|")) for mark in self.marks)


_PAID = frozenset({"af", "debit", "debet", "d", "soll", "s", "db"})

LAYOUTS = (
    Layout(
        "ing", ("Datum|Date", "Naam / Omschrijving|Name / Description", "Af Bij|Debit/credit", "Bedrag (EUR)|Amount (EUR)"),
        day="Datum|Date", amount="Bedrag (EUR)|Amount (EUR)", own="Rekening|Account", name_of="Naam / Omschrijving|Name / Description",
        account="Tegenrekening|Counterparty", texts=("Mededelingen|Notifications",), side="Af Bij|Debit/credit", paid=_PAID, is_parsed=True,
    ),
    Layout(
        "rabobank", ("IBAN/BBAN", "Volgnr", "Bedrag", "Tegenrekening IBAN/BBAN", "Naam tegenpartij"),
        day="Datum", amount="Bedrag", own="IBAN/BBAN", currency="Munt", name_of="Naam tegenpartij", account="Tegenrekening IBAN/BBAN",
        texts=("Omschrijving-1", "Omschrijving-2", "Omschrijving-3"), reference="Betalingskenmerk", end_to_end="Transactiereferentie",
        bank_id="Volgnr",
    ),
    Layout(
        "abnamro", ("accountNumber", "mutationcode", "transactiondate", "endsaldo", "amount", "description"),
        day="transactiondate", amount="amount", own="accountNumber", currency="mutationcode", texts=("description",), is_parsed=True,
    ),
    Layout(
        "bunq", ("Date|Datum", "Interest Date|Rentedatum", "Amount|Bedrag", "Account|Rekening",
                 "Counterparty|Tegenrekening", "Description|Omschrijving"),
        day="Date|Datum", amount="Amount|Bedrag", own="Account|Rekening", name_of="Name|Naam", account="Counterparty|Tegenrekening",
        texts=("Description|Omschrijving",), decimal=".",
    ),
    Layout(
        "triodos", ("Boekdatum", "Rekeningnummer", "Bedrag", "Debet/Credit", "Tegenrekening", "Omschrijving"),
        day="Boekdatum", amount="Bedrag", own="Rekeningnummer", name_of="Naam tegenrekening", account="Tegenrekening",
        texts=("Omschrijving",), side="Debet/Credit", paid=_PAID,
    ),
    Layout(
        "kbc", ("Rekeningnummer|Numéro de compte|Account number", "Rubrieknaam|Nom de la rubrique|Heading",
                "Afschriftnummer|Numéro de l'extrait|Statement number", "Datum|Date", "Bedrag|Montant|Amount"),
        day="Datum|Date", amount="Bedrag|Montant|Amount", own="Rekeningnummer|Numéro de compte|Account number",
        currency="Munt|Devise|Currency",
        name_of="Naam tegenpartij|Nom contrepartie|Nom de la contrepartie|Name counterparty|Counterparty name|Counterparty's name",
        account="rekeningnummer tegenpartij|Rekening tegenpartij|numéro de compte contrepartie|counterparty account number"
                "|Counterparty's account number|Account number counterparty",
        texts=("Vrije mededeling|Communication libre|Free-format reference|Free-format communication",),
        reference="gestructureerde mededeling|communication structurée|Structured reference|standard-format reference",
        notes=("Omschrijving|Description",),
    ),
    Layout(
        "bnpparibasfortis", ("Volgnummer|Nº de séquence|N° de séquence|Sequence number", "Uitvoeringsdatum|Date d'exécution|Execution date",
                             "Bedrag|Montant|Amount", "Valuta rekening|Devise du compte|Account currency|Currency"),
        day="Uitvoeringsdatum|Date d'exécution|Execution date", amount="Bedrag|Montant|Amount",
        own="Rekeningnummer|Numéro de compte|Account number", currency="Valuta rekening|Devise du compte|Account currency|Currency",
        name_of="Naam van de tegenpartij|Nom de la contrepartie|Counterparty name", account="Tegenpartij|Contrepartie|Counterparty",
        texts=("Mededeling|Communication|Message",), notes=("Details|Détails",),
        bank_id="Volgnummer|Nº de séquence|N° de séquence|Sequence number", refused="Reden van weigering|Motif du refus|Reason for refusal",
    ),
    Layout(
        "belfius", ("Rekening|Compte|Account", "Boekingsdatum|Date de comptabilisation", "Transactienummer|Numéro de transaction",
                    "Bedrag|Montant", "Mededelingen|Communications"),
        day="Boekingsdatum|Date de comptabilisation", amount="Bedrag|Montant", own="Rekening|Compte|Account", currency="Devies|Devise",
        name_of="Naam tegenpartij bevat|Naam tegenpartij|Nom contrepartie contient|Nom contrepartie",
        account="Rekening tegenpartij|Compte contrepartie", texts=("Mededelingen|Communications",), notes=("Transactie|Transaction",),
    ),
    Layout(
        "sparkasse", ("Auftragskonto", "Buchungstag", "Verwendungszweck",
                      "Beguenstigter/Zahlungspflichtiger|Begünstigter/Zahlungspflichtiger", "Betrag"),
        day="Buchungstag", amount="Betrag", own="Auftragskonto", currency="Waehrung|Währung",
        name_of="Beguenstigter/Zahlungspflichtiger|Begünstigter/Zahlungspflichtiger", account="Kontonummer/IBAN|Kontonummer",
        texts=("Verwendungszweck",), end_to_end="Kundenreferenz (End-to-End)", status="Info", pending=frozenset({"umsatzvorgemerkt"}),
        is_parsed=True, notes=("Buchungstext",),
    ),
    Layout(
        "volksbank", ("IBAN Auftragskonto", "Buchungstag", "Name Zahlungsbeteiligter", "IBAN Zahlungsbeteiligter", "Betrag"),
        day="Buchungstag", amount="Betrag", own="IBAN Auftragskonto", currency="Waehrung|Währung", name_of="Name Zahlungsbeteiligter",
        account="IBAN Zahlungsbeteiligter", texts=("Verwendungszweck",), is_parsed=True, notes=("Buchungstext",),
    ),
    Layout(
        "deutschebank", ("Buchungstag", "Wert", "Umsatzart", "Begünstigter / Auftraggeber", "Verwendungszweck", "Soll", "Haben"),
        day="Buchungstag", amount="Betrag", debit="Soll", credit="Haben", currency="Währung", name_of="Begünstigter / Auftraggeber",
        account="IBAN / Kontonummer|IBAN", texts=("Verwendungszweck",), end_to_end="Kundenreferenz", notes=("Umsatzart",),
    ),
    Layout(
        "ing-de", ("Buchung", "Auftraggeber/Empfänger", "Buchungstext", "Verwendungszweck", "Betrag"),
        day="Buchung", amount="Betrag", currency="Währung", name_of="Auftraggeber/Empfänger", texts=("Verwendungszweck",),
        notes=("Buchungstext",),
    ),
    Layout(
        "commerzbank", ("Buchungstag", "Wertstellung", "Umsatzart", "Buchungstext", "Betrag", "IBAN Kontoinhaber|IBAN Auftraggeberkonto"),
        day="Buchungstag", amount="Betrag", own="IBAN Kontoinhaber|IBAN Auftraggeberkonto", currency="Währung", texts=("Buchungstext",),
        notes=("Umsatzart",),
    ),
    Layout(
        "dkb", ("Buchungsdatum", "Wertstellung", "Zahlungspflichtige*r", "Zahlungsempfänger*in", "Verwendungszweck", "Betrag (€)|Betrag"),
        day="Buchungsdatum", amount="Betrag (€)|Betrag", name_of="Zahlungsempfänger*in", payer="Zahlungspflichtige*r", account="IBAN",
        texts=("Verwendungszweck",), end_to_end="Kundenreferenz", status="Status", pending=frozenset({"vorgemerkt"}),
    ),
    Layout(
        "dkb", ("Buchungstag", "Wertstellung", "Auftraggeber / Begünstigter", "Verwendungszweck", "Betrag (EUR)"),
        day="Buchungstag", amount="Betrag (EUR)", name_of="Auftraggeber / Begünstigter", account="Kontonummer", texts=("Verwendungszweck",),
        end_to_end="Kundenreferenz", notes=("Buchungstext",),
    ),
)  # fmt: skip
# Exports without headings: the headings that their columns would have.
ABN_TAB = (
    "accountNumber",
    "mutationcode",
    "transactiondate",
    "startsaldo",
    "endsaldo",
    "valuedate",
    "amount",
    "description",
)
TRIODOS = (
    "Boekdatum",
    "Rekeningnummer",
    "Bedrag",
    "Debet/Credit",
    "Naam tegenrekening",
    "Tegenrekening",
    "Code",
    "Omschrijving",
    "Saldo",
)


def find(headings: Sequence[str]) -> Layout | None:
    """Return the export that has these headings."""
    keys = {key(heading) for heading in headings}
    return next((layout for layout in LAYOUTS if layout.fits(keys)), None)
