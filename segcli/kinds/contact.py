"""Contacts: the people of an account."""

from collections.abc import Mapping, Sequence
from typing import Any

from segcli.kinds import _merge
from segcli.kinds._account import resolve
from segcli.kinds._kind import Field, Kind, of_record
from segcli.kinds._stage import Counts, Stage
from segcli.text import fold

SEARCHED = ("name", "first_name", "last_name", "job_title", "email", "phone", "mobile", "notes")
FIELDS = (
    Field("account", "code", "accountnumber customer customercode customerid debtor relatie relatiecode "
          "relatienummer klant klantcode debiteurcode", is_required=True, surely="accountcode"),
    Field("contact", "code", "code contactcode contactnumber contactid contactpersoon contactnummer hid", "code"),
    Field("name", "text", "fullname contactname naam volledigenaam"),
    Field("first_name", "text", "firstname voornaam givenname"),
    Field("middle_name", "text", "middlename tussenvoegsel"),
    Field("last_name", "text", "lastname achternaam surname familyname"),
    Field("job_title", "text", "jobtitle jobtitledescription functie function contacttitle title"),
    Field("email", "text", "emailaddress emailadres mail businessemail"),
    Field("phone", "text", "telefoon businessphone telephone"),
    Field("mobile", "text", "mobiel businessmobile gsm"),
    Field("language", "text", "taal languagecode"),
    Field("is_main_contact", "flag", "ismaincontact maincontact hoofdcontact"),
    Field("is_mailing_excluded", "flag", "ismailingexcluded nomailing geenmailing"),
    Field("end_date", "date", "enddate einddatum"),
    Field("notes", "text", "marketingnotes opmerkingen notities"),
    Field("consent_basis", "consent_basis", "consentbasis basis grondslag"),
    Field("consent_source", "text", "consentsource basissource bron"),
    Field("consent_date", "date", "consentdate basisdate toestemmingsdatum"),
    Field("external_id", "text", "externalid id guid"),
)  # fmt: skip


def whole_name(record: Mapping[str, Any]) -> str | None:
    """Return the contact's name: as given, or put together; the e-mail address where there is no name."""
    parts = [record.get(name) for name in ("first_name", "middle_name", "last_name")]
    name = record.get("name") or " ".join(part for part in parts if part) or record.get("email")
    return str(name) if name else None


def search_text(record: Mapping[str, Any]) -> str:
    """Return what contact-search looks through, folded."""
    return fold("\n".join(str(record[name]) for name in SEARCHED if record.get(name)))


def check(fields: Sequence[str]) -> str:
    """Return why these fields are not enough."""
    return "" if {"name", "last_name", "first_name", "email"} & set(fields) else "name"


def merge(stage: Stage) -> Counts:
    """Bring the staged contacts in: known again by their GUID, else by their code, else by their name, in the account."""
    resolve(stage)
    stage.reject(
        f"SELECT n, place, account FROM {stage.table} WHERE whole_name IS NULL", "account", "the contact has no name"
    )
    key, match = _key(stage)
    _merge.refuse_duplicates(stage, ("account_id", key), "whole_name" if key == "whole_name" else key, "this contact")
    columns = {column: f"s.{name}" for name, column in stage.targets.items() if name != "account"}
    if not stage.has("contact"):
        columns.pop("code", None)
    numbered = """(SELECT count(*) FROM contact AS c WHERE c.account_id = s.account_id)
                  + row_number() OVER (PARTITION BY s.account_id ORDER BY s.n)"""
    columns |= {"account_id": "s.account_id", "name": "s.whole_name", "search_text": "s.search_text"}
    target = _merge.Target(
        table="contact",
        match=match,
        columns=columns,
        defaults={"code": f"CAST({numbered} AS TEXT)", "is_main_contact": "0", "is_mailing_excluded": "0"},
        required=frozenset({"is_main_contact", "is_mailing_excluded", "code"}),
        keys=("account_id", "code"),
    )
    return _merge.upsert(stage, target)


def _key(stage: Stage) -> tuple[str, str]:
    """Return the staged column and the condition by which a contact is known again."""
    if stage.has("external_id"):
        return "external_id", "t.external_id = s.external_id"
    if stage.has("contact"):
        return "contact", "t.account_id = s.account_id AND t.code = s.contact"
    return "whole_name", "t.account_id = s.account_id AND t.name = s.whole_name"


KIND = Kind(
    "contact",
    "contacts",
    FIELDS,
    merge,
    rank=3,
    derived={"whole_name": of_record(whole_name), "search_text": of_record(search_text)},
    check=check,
)
