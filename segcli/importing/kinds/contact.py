"""Contacts: the persons of an account."""

from collections.abc import Mapping, Sequence

from segcli.base.text import counted, folded
from segcli.importing.kinds.machinery import erased, references, upsert
from segcli.importing.kinds.machinery.account_headings import CUSTOMER
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.kind_definition import Field, Kind, of_record
from segcli.importing.kinds.machinery.stage import Counts, Stage

SEARCH = upsert.Search(("name", "first_name", "last_name", "job_title", "email", "phone", "mobile", "notes"), folded)
FIELDS = (
    Field("account", "code", CUSTOMER, is_required=True, surely="accountcode",
          about="Number of the account that the person belongs to"),
    Field("contact", "code", "code contactcode contactnumber contactid contactpersoon contactnummer hid", "code",
          about="Number of the contact, unique within the account"),
    Field("name", "text", "fullname contactname naam volledigenaam",
          about="Full name; without it, first, middle and last name are joined"),
    Field("first_name", "text", "firstname voornaam givenname", about="First name"),
    Field("middle_name", "text", "middlename tussenvoegsel", about="Prefix of the last name, such as van der"),
    Field("last_name", "text", "lastname achternaam surname familyname", about="Last name without its prefix"),
    Field("job_title", "text", "jobtitle jobtitledescription functie function contacttitle title",
          about="Job title or position"),
    Field("email", "text", "emailaddress emailadres mail businessemail", about="E-mail address"),
    Field("phone", "text", "telefoon businessphone telephone", about="Telephone number at work"),
    Field("mobile", "text", "mobiel businessmobile gsm", about="Mobile number"),
    Field("language", "text", "taal languagecode", about="Language of letters to the person, such as nl, en or de"),
    Field("is_main_contact", "flag", "ismaincontact maincontact hoofdcontact",
          about="Whether this is the account's main contact"),
    Field("is_mailing_excluded", "flag", "ismailingexcluded nomailing geenmailing unsubscribed emailoptout optout optedout "
        "optedoutofemail hasoptedoutofemail afgemeld uitgeschreven",
          about="Whether the person is left out of mailings"),
    Field("end_date", "date", "enddate einddatum", about="Last day of the person at this account"),
    Field("notes", "text", "marketingnotes opmerkingen notities", about="Free text"),
    Field("consent_basis", "consent_basis", "consentbasis basis grondslag",
          about="Legal basis of mailings: consent, customer or published"),
    Field("consent_source", "text", "consentsource basissource bron",
          about="Where the basis was recorded, such as a form or a fair"),
    Field("consent_date", "date", "consentdate basisdate toestemmingsdatum",
          about="Date on which the basis was recorded"),
    Field("external_id", "text", "externalid id guid", about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip


def whole_name(record: Mapping[str, object]) -> str | None:
    """Return the contact's full name: as given, else composed of its parts, else the e-mail address."""
    parts = [record.get(name) for name in ("first_name", "middle_name", "last_name")]
    name = record.get("name") or " ".join(str(part) for part in parts if part) or record.get("email")
    return str(name) if name else None


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else ''."""
    return "" if {"name", "last_name", "first_name", "email"} & set(fields) else "name"


def merge(stage: Stage) -> Counts:
    """Upsert the staged contacts, identified by GUID, else by code within the account, else by name within the account."""
    resolve(stage)
    _rename_merged(stage)
    gone = _leave_out(stage)
    stage.reject(
        f"SELECT n, place, account FROM {stage.table} WHERE whole_name IS NULL", "account", "the contact has no name"
    )
    key, shown, match = _key(stage)
    upsert.refuse_duplicates(stage, ("account_id", key), shown)
    columns = {column: f"s.{name}" for name, column in stage.targets.items() if name != "account"}
    if not stage.has("contact"):
        columns.pop("code", None)
    numbered = """(SELECT coalesce(max(CAST(c.code AS INTEGER)), 0) FROM contact AS c WHERE c.account_id = s.account_id)
                  + row_number() OVER (PARTITION BY s.account_id ORDER BY s.n)"""
    columns |= {"account_id": "s.account_id", "name": "s.whole_name"}
    target = upsert.Target(
        table="contact",
        match=match,
        columns=columns,
        defaults={"code": f"CAST({numbered} AS TEXT)", "is_main_contact": "0", "is_mailing_excluded": "0"},
        required=frozenset({"is_main_contact", "is_mailing_excluded", "code"}),
        keys=("account_id", "code"),
        search=SEARCH,
    )
    return upsert.upsert(stage, target)._replace(notes=gone)


def _rename_merged(stage: Stage) -> None:
    """Set the codes of contacts of a merged account whose codes the other account uses for other persons.

    segcli account merge renamed them to ACCOUNT-CODE. A new contact gets such a code, too, so that it is not taken for another person.
    """
    if not stage.has("contact") or not references.is_any_merged(stage):
        return
    merged = (
        "EXISTS (SELECT 1 FROM account_reference AS r WHERE r.account_id = s.account_id"
        f" AND r.reference = '{references.OF_CODE}' || s.account)"
    )
    person = "SELECT 1 FROM contact AS c WHERE c.account_id = s.account_id AND c.code ="
    stage.execute(
        f"UPDATE {{stage}} AS s SET contact = s.account || '-' || s.contact WHERE {merged}"
        f" AND (EXISTS ({person} s.account || '-' || s.contact)"
        f" OR EXISTS ({person} s.contact AND name_key(c.name) IS NOT name_key(s.whole_name)))"
    )
    if stage.has("is_main_contact"):  # the account has its own
        stage.execute(
            f"UPDATE {{stage}} AS s SET is_main_contact = 0 WHERE is_main_contact = 1 AND {merged} AND EXISTS"
            f" ({person.replace('c.code =', 'c.is_main_contact = 1')} AND c.code <> s.contact)"
        )


def _leave_out(stage: Stage) -> tuple[str, ...]:
    """Drop rows of anonymised persons, so that an import does not restore them."""
    if not erased.is_any(stage):
        return ()
    keys = [
        f"'name|' || s.account_id || '|' || coalesce({name}, '')" for name in ("s.whole_name", "name_key(s.whole_name)")
    ]
    keys += ["'code|' || s.account_id || '|' || coalesce(s.contact, '')"] if stage.has("contact") else []
    keys += ["'id|' || coalesce(s.external_id, '')"] if stage.has("external_id") else []
    known = " OR ".join(f"EXISTS (SELECT 1 FROM anonymised WHERE key_hash = mail_hash({key}))" for key in keys)
    known += f" OR {erased.address('s.email')}" if stage.has("email") else ""
    left = stage.execute(f"DELETE FROM {{stage}} WHERE n IN (SELECT s.n FROM {{stage}} AS s WHERE {known})").rowcount
    return (f"{counted(left, 'contact')} left out: anonymised here",) if left else ()


def _key(stage: Stage) -> tuple[str, str, str]:
    """Return the SQL of the key within the file, the column to report for duplicates, and the condition to find a contact.

    A contact is found by its GUID. If it has none, or the GUID is unknown, it is found by its code within the account, or
    by its name if the file has no codes.
    """
    plain = "contact" if stage.has("contact") else "whole_name"
    same = f"t.account_id = s.account_id AND t.{'code' if plain == 'contact' else 'name'} = s.{plain}"
    if not stage.has("external_id"):
        return plain, plain, same
    unknown = "NOT EXISTS (SELECT 1 FROM contact AS x WHERE x.external_id = s.external_id)"
    # Contacts of the same name with different GUIDs are different persons.
    free = "" if plain == "contact" else "AND t.external_id IS NULL"
    match = f"(t.external_id = s.external_id OR ({same} {free} AND {unknown}))"
    return f"coalesce(external_id, {plain})", "external_id", match


KIND = Kind(
    "contact",
    "contacts",
    FIELDS,
    merge,
    rank=3,
    derived={"whole_name": of_record(whole_name)},
    check=check,
)
