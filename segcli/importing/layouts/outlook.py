"""Outlook contacts, as CSV: persons with a company; classic Outlook in English, Dutch or German, and the new Outlook."""

from segcli.importing.layouts.parts.layout import Layout, Part, Skip, filled, joined
from segcli.importing.layouts.parts.people import contact, identified, named

_P = "outlook"
_COMPANY = "company bedrijf firma"
_MAIL = "emailaddress emailadres emailadresse"
_PERSON = "firstname middlename lastname voornaam middelstenaam achternaam vorname weiterevornamen nachname"
_IS_KNOWN = filled(f"{_COMPANY} {_MAIL} {_PERSON}")
_ACCOUNT = identified(_P, _COMPANY, _MAIL, persons=_PERSON)
LAYOUTS = {
    "contacts": Layout(
        "Outlook contacts",
        (
            Part(
                "account",
                {
                    "references": _ACCOUNT,
                    "name": named(_COMPANY, _PERSON, _MAIL),
                    "address": joined("businessstreet businessstreet2 werkadresstraat strassegeschaftlich", ", "),
                    "city": "businesscity werkadresplaats ortgeschaftlich",
                    "state": "businessstate werkadresprovincie regiongeschaftlich",
                    "postcode": "businesspostalcode werkadrespostcode postleitzahlgeschaftlich",
                    "country": "businesscountry businesscountryregion werkadreslandregio landregiongeschaftlich",
                    "website": "webpage webpagina webseite",
                },
                once=_ACCOUNT,
                only_fills=True,
                when=_IS_KNOWN,
            ),
            contact(
                _ACCOUNT,
                {
                    "first_name": "firstname voornaam vorname",
                    "middle_name": "middlename middelstenaam weiterevornamen",
                    "last_name": "lastname achternaam nachname",
                    "job_title": "jobtitle functie position",
                    "email": _MAIL,
                    "phone": "businessphone telefoonopwerk telefongeschaftlich homephone",
                    "mobile": "mobilephone mobieletelefoon mobiltelefon",
                    "notes": "notes notities aantekeningen notizen",
                },
                filled(f"{_MAIL} {_PERSON}"),
            ),
        ),
        ignores="title suffix nickname emailtype emaildisplayname priority private sensitivity initials gender birthday anniversary "
        "titel achtervoegsel anrede emailtyp emailangezeigtername emailweergavenaam voorletters initialen geslacht geschlecht "
        "prioriteit prioritat prive privat vertraulichkeit gevoeligheid geburtstag jahrestag verjaardag geboortedatum trouwdag",
        ignores_like=r"\w*yomi",
        skips=(Skip(lambda row: not _IS_KNOWN(row), "contacts without a name, a company and an e-mail address"),),
    ),
}
